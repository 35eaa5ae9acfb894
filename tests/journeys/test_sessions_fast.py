"""Sessions cut by time alone are the same whether events are moved or not."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desirepath.events.calendar import Calendar
from desirepath.journeys.batch import JourneyBatch
from desirepath.journeys.sessions import SessionRule, cut_sessions, session_numbers, split_sessions

JOURNEYS = st.lists(st.lists(st.integers(0, 60), max_size=12).map(sorted), max_size=6)


HOUR = 3_600_000_000


@given(journeys=JOURNEYS, gap=st.integers(0, 12), longest=st.integers(1, 40), midnight=st.booleans())
def test_split_is_cut(journeys: list[list[int]], gap: int, longest: int, midnight: bool) -> None:
    if midnight:  # hours, so that a log spans days
        journeys, gap, longest = [[hour * HOUR for hour in each] for each in journeys], gap * HOUR, longest * HOUR
    starts = np.concatenate(([0], np.cumsum([len(each) for each in journeys]))).astype(np.int64)
    time = np.array([moment for each in journeys for moment in each], dtype=np.int64)
    batch = JourneyBatch(np.arange(len(journeys)) * 3, starts, time, {"n": np.arange(len(time))})
    rule = SessionRule(gap=gap, longest=longest, midnight=midnight)
    number, closes = session_numbers(batch, rule)
    cut, _ = cut_sessions(batch, number, closes)
    found = split_sessions(batch, rule)
    assert found.starts.tolist() == cut.starts.tolist()
    assert found.owner.tolist() == cut.owner.tolist()
    assert found.open_until.tolist() == cut.open_until.tolist()
    assert found.time.tolist() == cut.time.tolist()
    assert found.columns["n"].tolist() == cut.columns["n"].tolist()  # type: ignore[union-attr]


@given(journeys=JOURNEYS, gap=st.integers(0, 12), zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]))
def test_midnight_on_the_wall_ends_sessions(journeys: list[list[int]], gap: int, zone: str) -> None:
    starts = np.concatenate(([0], np.cumsum([len(each) for each in journeys]))).astype(np.int64)
    time = np.array([hour * HOUR for each in journeys for hour in each], dtype=np.int64)
    batch = JourneyBatch(np.arange(len(journeys)), starts, time, {}, calendar=Calendar(zone))
    number, closes = session_numbers(batch, SessionRule(gap=gap * HOUR, midnight=True))
    place = 0
    for each in journeys:
        session, before, began = 0, -1000, -1000
        for hour in each:
            wall, wall_before = (dt.datetime.fromtimestamp(h * 3600, ZoneInfo(zone)) for h in (hour, max(before, 0)))
            if session == 0 or hour - before > gap or hour - began > 24 or wall.date() != wall_before.date():
                session, began = session + 1, hour
            assert number[place] == session
            tomorrow = dt.datetime.combine(wall.date() + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
            assert closes[place] <= tomorrow.timestamp() * 1_000_000
            before = hour
            place += 1
