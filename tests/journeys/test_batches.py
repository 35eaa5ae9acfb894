"""Cutting, keeping and numbering journeys, against a few lines of plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.journeys import sessions as cutting
from desirepath.journeys.batch import ALWAYS_OPEN, JourneyBatch, Matched
from desirepath.journeys.sessions import MINUTE, SessionRule, session_numbers

LENGTHS = st.lists(st.integers(0, 6), max_size=5)
GAPS = st.sampled_from([0, 1, 10 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1, 10 * 60 * MINUTE, 24 * 60 * MINUTE])
quick = settings(max_examples=200, deadline=None)


def cut_sessions(batch, rule, *, extends=None, given=None):
    number, closes = session_numbers(batch, rule, extends=extends, given=given)
    return cutting.cut_sessions(batch, number, closes)


@st.composite
def batches(draw: st.DrawFn) -> JourneyBatch:
    lengths = draw(LENGTHS)
    times: list[int] = []
    for length in lengths:
        now = draw(st.integers(0, 5))
        for _ in range(length):
            now += draw(GAPS)
            times.append(now)
    size = len(times)
    codes = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    return JourneyBatch(
        owner=np.arange(len(lengths), dtype=np.int64),
        starts=np.cumsum([0, *lengths]).astype(np.int64),
        time=np.array(times, dtype=np.int64),
        columns={
            "code": np.array(codes, dtype=np.int32),
            "match": Matched(np.array(codes, dtype=np.uint8), np.array([0, 1, 2, 3])),
            "place": np.arange(size),
        },
    )


def journeys(batch: JourneyBatch, column: str = "place") -> list[list[int]]:
    """Each journey's values of a column."""
    values: Any = batch.columns[column]
    return [values[low:high].tolist() for low, high in zip(batch.starts[:-1], batch.starts[1:], strict=True)]


@quick
@given(batch=batches(), data=st.data())
def test_keeping_events(batch: JourneyBatch, data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(batch.time), max_size=len(batch.time))), dtype=bool)
    kept = batch.keep_events(mask)
    assert journeys(kept) == [[place for place in journey if mask[place]] for journey in journeys(batch)]
    assert kept.owner.tolist() == batch.owner.tolist()
    places: Any = kept.columns["place"]
    assert kept.time.tolist() == batch.time[places].tolist()
    assert isinstance(kept.columns["match"], Matched)
    for k in range(2):
        assert kept.columns["match"].holds(k).tolist() == [
            bool((int(batch.columns["code"][place]) >> k) & 1) for place in places
        ]


@quick
@given(batch=batches(), data=st.data())
def test_keeping_journeys(batch: JourneyBatch, data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(batch), max_size=len(batch))), dtype=bool)
    kept = batch.keep_journeys(mask)
    assert journeys(kept) == [journey for journey, keep in zip(journeys(batch), mask, strict=True) if keep]
    assert kept.owner.tolist() == batch.owner[mask].tolist()


@quick
@given(batch=batches())
def test_cutting_by_a_key(batch: JourneyBatch) -> None:
    key: Any = batch.columns["code"]
    parts, came_from = batch.cut(key.astype(np.int64))
    expected: dict[tuple[int, int], list[int]] = {}
    for number, journey in enumerate(journeys(batch)):
        for place in journey:
            expected.setdefault((number, int(key[place])), []).append(place)
    found = {
        (origin, int(key[places[0]])): places
        for origin, places in zip(came_from.tolist(), journeys(parts), strict=True)
    }
    assert found == expected
    assert len(parts) == len(expected)
    assert parts.owner.tolist() == batch.owner[came_from].tolist()
    assert sorted(came_from.tolist()) == came_from.tolist()
    assert set(parts.open_until.tolist()) <= {ALWAYS_OPEN}


def plain_sessions(times: list[int], given_ids: list[int], rule: SessionRule) -> list[tuple[Any, ...]]:
    """Name the session of each event: by the id given, or by its number."""
    found: list[tuple[Any, ...]] = []
    number, began, latest = 0, 0, 0
    for time, own in zip(times, given_ids, strict=True):
        if own:
            found.append(("given", own))
            continue
        if number == 0 or time - latest > rule.gap or time - began > rule.longest:
            number, began = number + 1, time
        latest = time
        found.append(("cut", number))
    return found


@quick
@given(batch=batches(), with_ids=st.booleans())
def test_sessions_are_cut_as_written(batch: JourneyBatch, with_ids: bool) -> None:
    rule = SessionRule()
    ids: Any = (
        batch.columns["code"] * (batch.columns["code"] == 3) if with_ids else np.zeros(len(batch.time), dtype=np.int32)
    )
    sessions, came_from = cut_sessions(batch, rule, given=ids)
    expected: dict[tuple[Any, ...], list[int]] = {}
    for person, journey in enumerate(journeys(batch)):
        names = plain_sessions(batch.time[journey].tolist(), ids[journey].tolist(), rule)
        for place, name in zip(journey, names, strict=True):
            expected.setdefault((person, *name), []).append(place)
    assert sorted(journeys(sessions)) == sorted(expected.values())
    assert sum(map(len, journeys(sessions))) == len(batch.time)
    for places, until, origin in zip(journeys(sessions), sessions.open_until.tolist(), came_from.tolist(), strict=True):
        assert until == max(int(batch.time[place]) for place in places) + rule.gap
        assert batch.starts[origin] <= places[0] < batch.starts[origin + 1]


def one(*minutes: int) -> JourneyBatch:
    times = np.array([minute * MINUTE for minute in minutes], dtype=np.int64)
    return JourneyBatch(np.zeros(1, dtype=np.int64), np.array([0, len(times)], dtype=np.int64), times, {})


def numbers(batch: JourneyBatch, **options: Any) -> list[int]:
    return session_numbers(batch, SessionRule(), **options)[0].tolist()


def test_a_pause_of_30_minutes_is_still_the_session() -> None:
    assert numbers(one(0, 30, 60, 91)) == [1, 1, 1, 2]


def test_no_session_is_longer_than_24_hours() -> None:
    minutes = list(range(0, 24 * 60 + 40, 20))
    assert numbers(one(*minutes)) == [1] * 73 + [2]


def test_midnight_cuts_nothing() -> None:
    assert numbers(one(23 * 60 + 50, 24 * 60 + 10)) == [1, 1]


def test_what_is_no_part_of_a_visit_joins_the_open_one_and_opens_none() -> None:
    extends = np.array([False, True, False, True, False, False])
    assert numbers(one(0, 10, 39, 41, 50, 90), extends=extends) == [0, 1, 1, 2, 2, 0]
    sessions, _ = cut_sessions(one(0, 10, 39, 41, 50, 90), SessionRule(), extends=extends)
    assert np.diff(sessions.starts).tolist() == [2, 2]


def test_ids_of_the_source_are_the_persons_own() -> None:
    batch = JourneyBatch(
        np.arange(2, dtype=np.int64),
        np.array([0, 2, 4], dtype=np.int64),
        np.array([0, 10**12, 0, 5], dtype=np.int64),
        {},
    )
    sessions, came_from = cut_sessions(batch, SessionRule(), given=np.array([1, 1, 1, 0], dtype=np.int32))
    assert came_from.tolist() == [0, 1, 1]
    assert np.diff(sessions.starts).tolist() == [2, 1, 1]
