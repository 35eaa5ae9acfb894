"""Lifecycle and stickiness equal programs written from their definitions, for random logs, zones and weeks."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import splits
from retention_oracle import began, instant, local_date, number
from test_retention_oracle import HOUR, SPRING, logs

from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.lifecycle import Lifecycle
from desirepath.questions.stickiness import Stickiness
from desirepath.runner import ask

thorough = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PERIODS = [Period.everything(), Period(SPRING, SPRING + 9 * 24 * HOUR, "UTC")]


def active_in(log: list[Happened], name: str | None, cutoff: int, of: Any) -> dict[str, set[int]]:
    """Per person the buckets with an event that counts."""
    found: dict[str, set[int]] = defaultdict(set)
    for event in log:
        if event.time <= cutoff and name in (None, event.name):
            found[event.person].add(of(event.time))
    return found


@thorough
@given(data=st.data())
def test_lifecycle_equals_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs())
    every, name = data.draw(st.sampled_from(["day", "week", "month"])), data.draw(st.sampled_from(["a", None]))
    zone, week = data.draw(st.sampled_from(["UTC", "Europe/Paris"])), data.draw(st.sampled_from(["monday", "sunday"]))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, SPRING + 5 * 24 * HOUR)]))
    period = data.draw(st.sampled_from(PERIODS))
    population = Population(period, cutoff=cutoff, calendar=Calendar(zone, week))
    answer = ask(Lifecycle(name, every), population, MemoryEngine(log, data.draw(splits(log)) or [[]]))

    def of(moment: int) -> int:
        return number(local_date(moment, zone), every, week)

    people = active_in(log, name, cutoff, of)
    first = min((event.time for event in log), default=0)
    asked = range(of(max(period.start, first)), of(min(period.end - 1, cutoff)) + 1)
    expected = {}
    for k in asked if people else ():
        over = instant(began(k + 1, every, week), zone) <= cutoff + 1
        counts: Counter[str] = Counter()
        for buckets in people.values():
            if k in buckets:
                counts["active"] += 1
                state = "new" if min(buckets) == k else "returning" if k - 1 in buckets else "resurrected"
                counts[state] += 1
            elif k - 1 in buckets:
                counts["dormant" if over else "undecided"] += 1
        expected[str(Calendar(zone, week).label(instant(began(k, every, week), zone), every))] = (over, counts)
    got = {
        row["bucket"]: (
            row["over"],
            Counter({k: n for k, n in row.items() if isinstance(n, int) and n and k != "over"}),
        )
        for row in answer.table.to_pylist()
    }
    if any(counts for _, counts in expected.values()):
        assert got == expected
    else:
        assert not any(counts for _, counts in got.values())


def test_by_hand() -> None:
    day = 24 * HOUR
    log = [
        *(Happened("ann", SPRING + n * day, "a", f"ann{n}") for n in (0, 1, 3)),
        *(Happened("bob", SPRING + n * day, "a", f"bob{n}") for n in (1, 2)),
        Happened("cat", SPRING + 4 * day, "b", "cat"),
    ]
    answer = ask(Lifecycle("a", "day"), Population(Period.everything()), MemoryEngine(log))
    rows = answer.table.to_pylist()
    states = ("new", "returning", "resurrected", "dormant", "undecided")
    assert [tuple(row[state] for state in states) for row in rows] == [
        (1, 0, 0, 0, 0),
        (1, 1, 0, 0, 0),
        (0, 1, 0, 1, 0),
        (0, 0, 1, 1, 0),
        (0, 0, 0, 0, 1),
    ]
    assert answer.people(bucket="2026-03-30", state="dormant").column("person").to_pylist() == ["ann"]
    assert answer.columns["of_before"] == [None, 1.0, 0.5, 0.0, None]


@thorough
@given(data=st.data())
def test_stickiness_equals_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs())
    every, name = data.draw(st.sampled_from(["day", "week", "month"])), data.draw(st.sampled_from(["a", None]))
    widths = data.draw(st.sampled_from([[7, 28], [2], [3, 5]]))
    zone, week = data.draw(st.sampled_from(["UTC", "Europe/Paris"])), data.draw(st.sampled_from(["monday", "sunday"]))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, SPRING + 5 * 24 * HOUR)]))
    period = data.draw(st.sampled_from(PERIODS))
    population = Population(period, cutoff=cutoff, calendar=Calendar(zone, week))
    answer = ask(Stickiness(name, every, widths), population, MemoryEngine(log, data.draw(splits(log)) or [[]]))

    def of(moment: int) -> int:
        return number(local_date(moment, zone), every, week)

    people = active_in(log, name, cutoff, of)
    first = of(min((event.time for event in log), default=0))
    asked = [
        k
        for k in range(max(of(max(period.start, 0)), first), of(min(period.end - 1, cutoff)) + 1)
        if instant(began(k + 1, every, week), zone) <= cutoff + 1
    ]

    def within(k: int, width: int) -> list[int]:
        """In how many of the last buckets each person was active."""
        return [days for buckets in people.values() if (days := sum(k - width < b <= k for b in buckets))]

    rows = answer.table.to_pylist()
    if not rows:
        assert not any(within(k, 1) for k in asked)
        return
    assert [row["bucket"] for row in rows] == [
        Calendar(zone, week).label(instant(began(k, every, week), zone), every) for k in asked
    ]
    for k, row in zip(asked, rows, strict=True):
        assert row["active"] == len(within(k, 1))
        for width in widths:
            whole = k - width + 1 >= first
            assert row[f"in_{width}"] == (len(within(k, width)) if whole else None)
            if whole and within(k, width):
                assert row[f"of_{width}"] == len(within(k, 1)) / len(within(k, width))
    for row in answer.extra("spread").to_pylist():
        days = within(asked[-1], row["of"])
        assert (row["people"], row["at_least"]) == (days.count(row["active"]), sum(d >= row["active"] for d in days))


def test_stickiness_by_hand() -> None:
    day = 24 * HOUR
    days = {"ann": range(10), "bob": (0, 5, 8), "cat": (1,), "dan": (10,)}
    log = [Happened(who, SPRING + n * day, "a", f"{who}{n}") for who, each in days.items() for n in each]
    answer = ask(Stickiness("a", of=[7]), Population(Period.everything()), MemoryEngine(log))
    assert answer.columns["active"] == [2, 2, 1, 1, 1, 2, 1, 1, 2, 1]
    assert answer.columns["in_7"] == [None] * 6 + [3, 3, 2, 2], "fewer than seven days are known before"
    assert answer.columns["of_7"][6:] == [1 / 3, 1 / 3, 1.0, 0.5]
    spread = {row["active"]: row["people"] for row in answer.extra("spread").to_pylist()}
    assert spread == {1: 0, 2: 1, 3: 0, 4: 0, 5: 0, 6: 0, 7: 1}
    assert answer.people(of=7, active=2).column("person").to_pylist() == ["bob"]
    assert answer.people(bucket="2026-04-05", of=7).column("person").to_pylist() == ["ann", "bob"]
    assert answer.people(bucket="2026-04-05").column("person").to_pylist() == ["ann", "bob"]
    assert {item.code for item in answer.warnings} == {"open_bucket", "left_censored"}
