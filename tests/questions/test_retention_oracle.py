"""Retention equals a program written from its definition, for random logs, zones, weeks and all options mixed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import splits
from retention_oracle import began, number, retained

from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.retention import Retention
from desirepath.runner import run

HOUR = 3_600_000_000
SPRING = 1_774_656_000_000_000  # 2026-03-28, the day before clocks change in Europe
WIDTHS = {"24 hours": 24 * HOUR, "90 minutes": 90 * 60_000_000, "7 days": 168 * HOUR}
UNITS = {"24 hours": "day", "90 minutes": "day", "7 days": "week"}


@st.composite
def logs(draw: st.DrawFn) -> list[Happened]:
    """What a few people did within some weeks, often at the edges of hours and days."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 4), st.integers(0, 24 * 40), st.sampled_from([0, 0, 1, -1]), st.sampled_from("ab")
            ),
            max_size=24,
        )
    )
    return [
        Happened(f"p{person}", SPRING - 10 * 24 * HOUR + hour * HOUR + more, name, f"{n:05d}")
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
        "        asked = Retention(start='a', returns='b', every='day', periods=9, mode=mode, cohorts=cohorts)\n"
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
