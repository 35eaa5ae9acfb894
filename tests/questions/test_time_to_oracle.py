"""Waiting times equal a program written from their definition, for random logs and all options mixed."""

from __future__ import annotations

import statistics
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, logs, splits

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.time_to import TimeTo
from desirepath.runner import ask

WAITING = ("undecided", "before start")


def waits(log: list[Happened], question: TimeTo, period: Period, cutoff: int) -> list[tuple[str, int, str]]:
    """Person, how long, and outcome."""
    journeys: dict[str, list[Happened]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff:
            journeys.setdefault(event.person, []).append(event)
    found = []
    for person, events in journeys.items():
        starts = [n for n, event in enumerate(events) if question.start in (None, event.name)]
        if question.entry == "first":
            starts = [n for n in starts if period.holds(events[n].time)]
        if not starts or not period.holds(events[starts[0]].time):
            continue
        began = events[starts[0]].time
        for event in events[starts[0] + 1 :]:
            if event.name in question.names:
                found.append((person, event.time - began, event.name))
                break
        else:
            # what lies before the period is read where the first start ever is asked for
            read = [event for event in events[: starts[0]] if question.entry != "first" or event.time >= period.start]
            before = any(event.name == question.end for event in read)
            found.append((person, cutoff - began, "before start" if before else "undecided"))
    return found


def share(found: list[tuple[str, int, str]], outcome: str, moment: int) -> Fraction:
    """Aalen and Johansen's estimate in fractions."""
    still, came = Fraction(1), Fraction(0)
    for when in sorted({took for _, took, what in found if what not in WAITING and took <= moment}):
        waiting = sum(took >= when for _, took, _ in found)
        own = sum(took == when and what == outcome for _, took, what in found)
        any_ = sum(took == when and what not in WAITING for _, took, what in found)
        came += still * Fraction(own, waiting)
        still *= 1 - Fraction(any_, waiting)
    return came


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_they_equal_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs())
    question = TimeTo(
        start=data.draw(st.sampled_from(["a", None])),
        end="b",
        instead=data.draw(st.sampled_from([[], ["c"], ["c", "a"]])),
        by=["10 minutes", "1 hour", "5 days"],
        entry=data.draw(st.sampled_from(["first", "first_ever"])),
    )
    period = data.draw(st.sampled_from([Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")]))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, 120 * MINUTE)]))
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    answer = ask(question, Population(period, cutoff=cutoff), engine)
    found = waits(log, question, period, cutoff)
    outcomes: Any = answer.extras["outcomes"]
    assert Counter(dict(zip(outcomes["outcome"], outcomes["people"], strict=True))) == Counter(w for _, _, w in found)
    for row in answer.extra("outcomes").to_pylist():
        times = [took / 1e6 for _, took, what in found if what == row["outcome"] and what not in WAITING]
        assert row["achievers_median_seconds"] == (pytest.approx(statistics.median(times)) if times else None)
        assert row["achievers_mean_seconds"] == (pytest.approx(statistics.fmean(times)) if times else None)
    minutes = {"10 minutes": 10, "1 hour": 60, "5 days": 7_200}
    for row in answer.table.to_pylist():
        moment = minutes[row["within"]] * MINUTE
        assert row["people"] == sum(what == row["outcome"] and took <= moment for _, took, what in found)
        known = max((took for _, took, _ in found), default=-1)
        if found and moment > known and sum(share(found, what, moment) for what in question.names) < 1:
            assert row["of_started"] is None, "nobody was watched for so long"
        elif found:
            assert None not in (row["of_started_low"], row["of_started_high"])
            assert row["of_started"] == pytest.approx(float(share(found, row["outcome"], moment)))
        if row["of_started_low"] is not None:
            assert 0 <= row["of_started_low"] <= row["of_started"] <= row["of_started_high"] <= 1
    outcome = data.draw(st.sampled_from(outcomes["outcome"]))
    people = answer.people(outcome=outcome).column("person").to_pylist()
    assert sorted(people) == sorted(who for who, _, what in found if what == outcome)
    told = any(what == "before start" for _, _, what in found)
    assert ("before_start" in {item.code for item in answer.warnings}) == told


def test_f4_and_w14_nothing_is_timed_backward() -> None:
    log = [Happened("p", 0, "B", "1"), Happened("p", 10_000_000, "A", "2"), Happened("p", 20_000_000, "B", "3")]
    answer = ask(TimeTo(start="A", end="B"), Population(Period.everything()), MemoryEngine(log))
    assert answer.extras["outcomes"]["median_seconds"][0] == 10.0


def test_who_got_there_before_the_start_is_told_apart_and_drilled_to() -> None:
    hour = 60 * MINUTE
    log = [
        Happened("early", 0, "won", "1"),
        Happened("early", hour, "lead", "2"),
        Happened("twice", 0, "won", "3"),
        Happened("twice", hour, "lead", "4"),
        Happened("twice", 3 * hour, "won", "5"),
        Happened("open", hour, "lead", "6"),
        Happened("late", hour, "lead", "7"),
        Happened("late", 9 * hour, "won", "8"),
    ]
    answer = ask(TimeTo(start="lead", end="won", by=["2 hours"]), Population(Period.everything()), MemoryEngine(log))
    outcomes: Any = answer.extras["outcomes"]
    assert dict(zip(outcomes["outcome"], outcomes["people"], strict=True)) == {
        "won": 2,
        "undecided": 1,
        "before start": 1,
    }
    assert answer.people(outcome="before start").column("person").to_pylist() == ["early"]
    assert answer.columns["of_started"] == [0.25], "of all four who started"
    assert outcomes["achievers_median_seconds"][0] == outcomes["achievers_mean_seconds"][0] == 5 * 3600
    notices = {item.code: item.text for item in answer.warnings}
    assert notices["before_start"].startswith("For 1 won stands before")


def test_mistakes_are_named() -> None:
    for fields in ({"by": []}, {"by": ["7"]}, {"instead": ["b"]}, {"end": " "}):
        with pytest.raises(InputError):
            TimeTo(**{"end": "b", **fields})
    answer = ask(TimeTo(end="b"), Population(Period.everything()), MemoryEngine([Happened("p", 0, "a", "1")]))
    with pytest.raises(UnknownNameError, match="undecided"):
        answer.people(outcome="lost")
