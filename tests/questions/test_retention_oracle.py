"""Retention equals a program written from its definition, for random logs, zones, weeks and all options mixed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import splits
from retention_oracle import began, number, retained

from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.journeys.ruler import ruler
from desirepath.population import Population
from desirepath.questions.retention import Retention
from desirepath.questions.retention_walk import AT_ONCE, NO_RETURN, Rows, When, follow_first, follow_straight
from desirepath.runner import run

HOUR = 3_600_000_000
SPRING = 1_774_656_000_000_000  # 2026-03-28, the day before clocks change in Europe
WIDTHS = {"24 hours": 24 * HOUR, "90 minutes": 90 * 60_000_000, "7 days": 168 * HOUR}
UNITS = {"24 hours": "day", "90 minutes": "day", "7 days": "week"}


@st.composite
def logs(draw: st.DrawFn) -> list[Happened]:
    """What a few people did within some weeks or months, often at the edges of hours and days."""
    stretch = draw(st.sampled_from([1, 1, 3]))
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 4), st.integers(0, 24 * 40), st.sampled_from([0, 0, 1, -1]), st.sampled_from("ab")
            ),
            max_size=24,
        )
    )
    return [
        Happened(f"p{person}", SPRING - 10 * 24 * HOUR + hour * stretch * HOUR + more, name, f"{n:05d}")
        for n, (person, hour, more, name) in enumerate(rows)
    ]


@settings(max_examples=700, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_it_equals_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs())
    every = data.draw(st.sampled_from(["day", "week", "month", *WIDTHS]))
    brackets = data.draw(st.sampled_from([[], [], ["0..1", "2..5"], ["1", "1..7"]]))
    mode = "on" if brackets else data.draw(st.sampled_from(["on", "on_or_after", "on_or_before", "streak"]))
    question = Retention(
        start=data.draw(st.sampled_from(["a", None])),
        returns=data.draw(st.sampled_from(["a", "b", None])),
        every=every,
        periods=data.draw(st.integers(1, 6)),
        mode=mode,
        brackets=brackets,
        cohorts=data.draw(st.sampled_from(["first", "every"])),
        rates=data.draw(st.sampled_from(["over", "over", "begun"])),
    )
    zone, week_start = (
        data.draw(st.sampled_from(["UTC", "Europe/Paris"])),
        data.draw(st.sampled_from(["monday", "sunday"])),
    )
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, SPRING + 5 * 24 * HOUR), last + 0]))
    period = data.draw(st.sampled_from([Period.everything(), Period(SPRING, SPRING + 9 * 24 * HOUR, "UTC")]))
    population = Population(period, cutoff=cutoff, calendar=Calendar(zone, week_start))
    tally: Any = run(question, population, MemoryEngine(log, data.draw(splits(log)) or [[]]), None).tally()

    journeys: dict[str, list[tuple[int, bool, bool]]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff:
            start = question.start is None or event.name == question.start
            back = question.returns is None or event.name == question.returns
            journeys.setdefault(event.person, []).append((event.time, start, back))
    singles = [(k, k) for k in range(question.periods + 1)]
    pairs = [tuple(int(part) for part in text.split("..")) for text in brackets]
    unit = UNITS.get(every, every)
    expected = retained(
        journeys,
        unit=unit,
        width=WIDTHS.get(every),
        brackets=[(pair[0], pair[-1]) for pair in pairs] or singles,
        mode=mode,
        every=question.cohorts == "every",
        zone=zone,
        week_start=week_start,
        period=(period.start, period.end),
        cutoff=cutoff,
        begun=question.rates == "begun",
    )
    names = {_label(cohort, unit, week_start): cells for cohort, cells in expected.items()}
    got = {
        tally.labels[c]: [
            [int(tally.started[c]), int(tally.closed[c, b]), int(tally.back[c, b])] for b in range(tally.back.shape[1])
        ]
        for c in np.flatnonzero(tally.started)
    }
    assert got == names


def _label(cohort: int, unit: str, week_start: str) -> str:
    date = began(cohort, unit, week_start)
    if unit == "week":
        year, week, _ = date.isocalendar()
        return f"{year:04d}-W{week:02d}" if week_start == "monday" else f"week of {date.isoformat()}"
    assert number(date, unit, week_start) == cohort
    return date.isoformat()[: 7 if unit == "month" else 10]


@pytest.mark.parametrize("beyond", [False, True])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris"])
@pytest.mark.parametrize("returns", ["any", "some"])
def test_many_events_at_once_are_as_good_as_one_by_one(returns: str, zone: str, beyond: bool) -> None:
    rng = np.random.default_rng(4)
    lengths = np.concatenate((rng.integers(0, 200, 60), [3_000, 1, 64, 65, 66, 128, 129, 1_024, 1_025, 0, 2]))
    starts = np.concatenate(([0], np.cumsum(lengths)))
    first, last = SPRING, SPRING + 62 * 24 * HOUR
    time = np.concatenate([np.sort(rng.integers(first, last, many)) for many in lengths])
    codes = rng.integers(0, 5, len(time)).astype(np.uint8)
    bits = np.array([3, 2, 2, 3, 2] if returns == "any" else [3, 0, 2, 1, 0])
    for unit in ("day", "week"):
        edges = Calendar(zone).edges(unit, first, last)
        assert len(edges) <= NO_RETURN + 1
        until = last - 5 * 24 * HOUR
        known = int(np.searchsorted(edges[1:], until))
        for periods, begin in ((3, first), (60, first + 3 * HOUR)):
            when = When(ruler(edges), 0, periods, begin, last - 24 * HOUR, 0, until, beyond, False, known)
            given = (starts, time, codes, bits, when)
            for room in (AT_ONCE + 64, AT_ONCE + 1_024):
                slots, rows, expected = np.empty(room, dtype=np.uint8), _rows(len(lengths)), _rows(len(lengths))
                many = follow_straight(*given, returns == "any", slots, rows)
                assert many == follow_first(*given, expected) > 40
                for got, wanted in zip(rows, expected, strict=True):
                    assert (got[:many] == wanted[:many]).all()


def _rows(many: int) -> Rows:
    kinds = (np.int32, np.int32, np.int32, np.int64, np.int8, np.int64)
    return Rows(*(np.empty(many, dtype=kind) for kind in kinds))


def test_compiled_and_plain_say_the_same() -> None:
    program = (
        "import random\n"
        "from memory_engine import Happened, MemoryEngine\n"
        "from desirepath.events.moments import Period\n"
        "from desirepath.population import Population\n"
        "from desirepath.questions.retention import Retention\n"
        "from desirepath.runner import run\n"
        "draw = random.Random(3)\n"
        "def happened(n):\n"
        "    return Happened(f'p{draw.randrange(30)}', draw.randrange(10**13), draw.choice('ab'), str(n))\n"
        "log = [happened(n) for n in range(900)]\n"
        "for mode in ('on', 'on_or_after', 'on_or_before', 'streak'):\n"
        "    for cohorts in ('first', 'every'):\n"
        "      for every in ('day', 'week'):\n"
        "        asked = Retention(start='a', returns='b', every=every, periods=9, mode=mode, cohorts=cohorts)\n"
        "        tally = run(asked, Population(Period.everything()), MemoryEngine(log), None).tally()\n"
        "        print(tally.started.tolist(), tally.closed.tolist(), tally.back.tolist())\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "DESIREPATH_PLAIN": plain, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for plain in ("0", "1")
    ]
    assert said[0] == said[1] != ""
