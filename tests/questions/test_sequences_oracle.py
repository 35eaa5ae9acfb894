"""Sequences equal a program written from their definition: every choice of places in every path is tried."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from paths_oracle import told
from random_journeys import MINUTE, logs, splits
from test_paths_oracle import PERIODS, WINDOWS, journeys_of

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.sequences import Sequences
from desirepath.runner import ask

HOUR = 60 * MINUTE


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_they_equal_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs(most=24))
    length, depth = data.draw(st.integers(1, 4)), data.draw(st.sampled_from([2, 5, 12]))
    landmark = data.draw(st.sampled_from(["10 minutes", "30 minutes"]))
    least = data.draw(st.sampled_from([1, 40]))
    fields: dict[str, Any] = {
        "start": data.draw(st.sampled_from(["a", None])),
        "end": data.draw(st.sampled_from(["c", None])),
        "window": data.draw(st.sampled_from(["30 minutes", "2 hours"])),
        "hide": data.draw(st.sampled_from([[], ["b"]])),
        "expand": data.draw(st.sampled_from([[], ["plan"]])),
    }
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, 120 * MINUTE)]))
    period = data.draw(PERIODS)
    asked = Sequences(within=landmark, length=length, depth=depth, least=f"{least} %", most=10_000, **fields)
    answer = ask(asked, Population(period, cutoff=cutoff), MemoryEngine(log, data.draw(splits(log)) or [[]]))
    window, within = WINDOWS[fields["window"]] * MINUTE, WINDOWS[landmark] * MINUTE
    has: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    outcomes: Counter[str] = Counter()
    over: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for events in journeys_of(log, fields, cutoff).values():
        starts = [n for n, event in enumerate(events) if event.start and period.start <= event.time < period.end]
        if not starts:
            continue
        began = events[starts[0]].time
        ends = [event.time for event in events[starts[0] + 1 :] if event.end and event.time <= began + window]
        if fields["start"] and any(event.end and event.time == began for event in events[: starts[0]]):
            ends = [began]  # of one instant, in whichever order lets it through
        if fields["end"] and ends:
            outcome = "early" if ends[0] <= began + within else "converted"
        else:
            outcome = "left" if began + window <= cutoff else "undecided"
        outcomes[outcome] += 1
        if outcome == "early":
            continue
        path, _ = told([event for event in events[starts[0] :] if event.time <= began + within], True, depth)
        patterns = {
            tuple(path[k] for k in chosen) for n in range(1, length + 1) for chosen in combinations(range(len(path)), n)
        }
        closed_by_then = began + window <= cutoff
        for pattern in patterns:
            has[pattern][outcome] += 1
            over[pattern][outcome] += closed_by_then
        over[()][outcome] += closed_by_then
    everyone = outcomes.total() - outcomes["early"]
    frequent = {p: c for p, c in has.items() if c.total() >= max(1, math.ceil(least * everyone / 100))}

    def closed(pattern: tuple[str, ...]) -> bool:
        longer = [p for p in frequent if len(p) == len(pattern) + 1 and pattern in set(combinations(p, len(pattern)))]
        return all(frequent[p].total() < frequent[pattern].total() for p in longer)

    expected = {" > ".join(pattern): +counts for pattern, counts in frequent.items() if closed(pattern)}
    kinds = ("converted", "left", "undecided")
    rows = answer.table.to_pylist()
    assert {row["sequence"]: row["people"] for row in rows} == {name: each.total() for name, each in expected.items()}
    if fields["end"]:
        assert {row["sequence"]: +Counter({kind: row[kind] for kind in kinds}) for row in rows} == expected
        for row in rows:
            mine, all_ = over[tuple(row["sequence"].split(" > "))], over[()]
            assert row["decided"] == mine.total()
            assert row["of_decided"] == (mine["converted"] / mine.total() if mine.total() else None)
            n = all_.total() - mine.total()
            assert row["of_others"] == ((all_["converted"] - mine["converted"]) / n if n else None)
    people: Any = answer.extras["accounts"]["people"]
    assert people == [outcomes["early"], *(outcomes[kind] for kind in kinds)]


def simulated(cause: float) -> Answer:
    """Two thousand people who meet `x` and `y` by chance, within a day; `x` changes their chance by `cause`."""
    draw = random.Random(7)
    log = []
    for n in range(2_000):
        person = f"p{n:04d}"
        log.append(Happened(person, 0, "a", f"{n}a"))
        met = {name: draw.random() < 0.4 for name in "xy"}
        log += [Happened(person, draw.randrange(1, 20) * HOUR, name, f"{n}{name}") for name in "xy" if met[name]]
        if draw.random() < 0.2 + cause * met["x"]:
            log.append(Happened(person, draw.randrange(30, 100) * HOUR, "end", f"{n}e"))
    log.append(Happened("late", 1_000 * HOUR, "z", "z"))
    asked = Sequences(start="a", end="end", within="1 day", window="10 days", length=1)
    return ask(asked, Population(Period.everything()), MemoryEngine(log))


def test_what_helps_is_found_and_what_does_not_is_not() -> None:
    rows = {row["sequence"]: row for row in simulated(0.2).table.to_pylist()}
    assert rows["x"]["flagged"]
    assert rows["x"]["of_more_low"] < 0.2 < rows["x"]["of_more_high"]
    assert not rows["y"]["flagged"]
    assert not any(simulated(0.0).columns["flagged"])


def test_having_lived_long_enough_is_no_cause() -> None:
    """Whoever waits longer has met more: ever having met `x` goes with not converting; by a landmark it does not."""
    draw = random.Random(3)
    log, converted, met = [], set(), set()
    for n in range(3_000):
        person, ends, meets = f"p{n:04d}", draw.randrange(1, 200), draw.randrange(1, 200)
        log.append(Happened(person, 0, "a", f"{n}a"))
        if meets < ends:
            log.append(Happened(person, meets * HOUR, "x", f"{n}x"))
            met.add(person)
        log.append(Happened(person, ends * HOUR, "end", f"{n}e"))
        if ends <= 120:
            converted.add(person)
    log.append(Happened("late", 1_000 * HOUR, "z", "z"))
    without = 3_000 - len(met)
    assert len(met & converted) / len(met) < len(converted - met) / without - 0.3, "the naive comparison"
    asked = Sequences(start="a", end="end", within="3 days", window="5 days", length=1)
    rows = ask(asked, Population(Period.everything()), MemoryEngine(log)).table.to_pylist()
    row = next(each for each in rows if each["sequence"] == "x")
    assert not row["flagged"]
    assert row["of_more_low"] < 0 < row["of_more_high"]


def test_mistakes_are_named() -> None:
    for fields in (
        {"length": 0},
        {"length": 5},
        {"depth": 0},
        {"most": 0},
        {"least": "1"},
        {"least": "0 %"},
        {"within": "60 days"},
    ):
        with pytest.raises(InputError):
            Sequences(**fields)  # type: ignore[arg-type]
    answer = ask(Sequences(), Population(Period.everything()), MemoryEngine([Happened("p", 0, "a", "1")]))
    with pytest.raises(UnknownNameError, match="early"):
        answer.people(outcome="earlier")
