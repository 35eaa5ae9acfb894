"""Groups are told apart by how fast their customers leave, and not by for how long these were watched."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.churn import Churn
from desirepath.runner import ask

DAY = 86_400_000_000
AGES = {"30 days": 30 * DAY, "90 days": 90 * DAY, "365 days": 365 * DAY}
ASKED = Churn(ends="leave", active="buy")
END = 400 * DAY


def answered(log: list[Happened], period: Period | None = None) -> Answer:
    population = Population(period or Period.everything(), breakdown=Breakdown("plan", top=10))
    return ask(ASKED, population, MemoryEngine([*log, Happened("clock", END, "look", "z")]))


def company(rng: random.Random, groups: dict[str, tuple[int, Callable[[], float]]], people: int) -> list[Happened]:
    """Per group so many customers that began within ten days before so many days ago, and how long they stay."""
    log = []
    for name, (ago, stays) in groups.items():
        for number in range(people):
            who, plan = f"{name}{number}", {"plan": name}
            begin = END - ago * DAY - int(rng.random() * 10 * DAY)
            end = begin + int(stays() * DAY)
            log.append(Happened(who, begin, "buy", f"{who} 1", plan))
            if end <= END:
                log.append(Happened(who, end, "leave", f"{who} 2", plan))
    return log


def flagged(answer: Answer) -> set[str]:
    """By which measures any two groups are called different."""
    return {row["measure"] for row in answer.extra("differences").to_pylist() if row["flagged"]}


def test_groups_that_leave_equally_fast_are_not_told_apart_by_when_they_began() -> None:
    """Everybody stays for 300 days on average; the old have been there for ten months, the new for one."""
    rng = random.Random(3)

    def stays() -> float:
        return rng.expovariate(1 / 300)

    answer = answered(company(rng, {"new": (30, stays), "old": (300, stays)}, 1_000))
    ended: Any = {row["group"]: row["of_customers_ended"] for row in answer.extra("period").to_pylist()}
    assert ended["old"] > ended["new"] + 0.4, "those who were watched for longer have ended more often"
    assert flagged(answer) == set()
    rows = answer.extra("differences").to_pylist()
    shared = [row for row in rows if row["measure"] == "ended within 30 days" and row["group"] == "new"]
    assert [abs(row["difference"]) < 0.05 and row["p_value"] is not None for row in shared] == [True]
    assert next(row for row in rows if row["measure"] == "ended within 365 days")["difference"] is None


def test_groups_that_leave_twice_as_fast_are() -> None:
    rng = random.Random(4)
    groups = {"fast": (200, lambda: rng.expovariate(1 / 150)), "slow": (210, lambda: rng.expovariate(1 / 300))}
    answer = answered(company(rng, groups, 600))
    assert {"ended within 30 days", "ended within 90 days", "churned at 90 to 365 days"} <= flagged(answer)
    later = answered(company(rng, groups, 600), Period(END - 80 * DAY, END - 10 * DAY, "UTC"))
    assert flagged(later) == {"churned at 90 to 365 days"}, "they began before the period"


def test_who_ended_by_an_age_by_hand() -> None:
    """Followed for 30 days to the day, and ended on the 30th; a microsecond less, or later, does not count."""
    log = [
        Happened("a", END - 30 * DAY, "buy", "1"),
        Happened("a", END, "leave", "2"),
        Happened("b", END - 30 * DAY + 1, "buy", "3"),
        Happened("b", END - DAY, "leave", "4"),
        Happened("c", END - 90 * DAY, "buy", "5"),
        Happened("c", END - 60 * DAY + 1, "leave", "6"),
        Happened("c", END - 50 * DAY, "buy", "7"),
        Happened("c", END - 49 * DAY, "leave", "8"),
    ]
    answer = ask(ASKED, Population(Period.everything()), MemoryEngine(log))
    lines = [(row["within"], row["followed"], row["ended"]) for row in answer.extra("by_age").to_pylist()]
    assert lines == [("30 days", 2, 1), ("90 days", 1, 1), ("365 days", 0, 0)]
    assert answer.extras["by_age"]["of_followed_ended"] == [0.5, 1.0, None]


def test_who_ended_by_an_age_equals_the_definition() -> None:
    rng, seen = random.Random(6), 0
    for _ in range(200):
        log = []
        for number in range(rng.randrange(1, 60)):
            at = rng.randrange(80) * 5 * DAY
            log.append(Happened(f"p{rng.randrange(12)}", at, rng.choice(["buy", "leave", "look"]), f"{number:03d}"))
        start = rng.choice([0, 0, 90 * DAY])
        cutoff = max(event.time for event in log)
        answer = ask(ASKED, Population(Period(start, 500 * DAY, "UTC"), cutoff=cutoff), MemoryEngine(log))
        lives = []
        for person in {event.person for event in log}:
            events = sorted((e for e in log if e.person == person), key=lambda event: (event.time, event.id))
            first = next((k for k, event in enumerate(events) if event.name == "buy"), None)
            if first is not None and events[first].time >= start:
                ends = [event.time for event in events[first:] if event.name == "leave"]
                lives.append((events[first].time, ends[0] if ends else None))
        for row in answer.extra("by_age").to_pylist():
            age = AGES[row["within"]]
            old = [(begin, end) for begin, end in lives if cutoff - begin >= age]
            gone = sum(end is not None and end - begin <= age for begin, end in old)
            assert (row["followed"], row["ended"]) == (len(old), gone)
            seen += gone
    assert seen > 300


def share_flagged(seed: int, times: int, begun: tuple[int, int], means: tuple[int, int], shape: float = 1.0) -> float:
    """How often two groups of 200 are called different, by when they began and how long they stay on average.

    With a `shape` below 1 (Weibull) customers leave most often at first.
    """
    rng, many = random.Random(seed), 0
    for _ in range(times):
        groups = {
            "new": (begun[0], lambda: rng.weibullvariate(means[0], shape)),
            "old": (begun[1], lambda: rng.weibullvariate(means[1], shape)),
        }
        many += bool(flagged(answered(company(rng, groups, 200))))
    return many / times


def test_nothing_is_seldom_called_a_difference() -> None:
    assert share_flagged(5, 25, (31, 300), (300, 300)) <= 0.16


@pytest.mark.slow
def test_nothing_is_seldom_called_a_difference_at_length() -> None:
    assert share_flagged(7, 400, (31, 300), (300, 300)) <= 0.07
    assert share_flagged(11, 200, (100, 300), (300, 300), shape=0.5) <= 0.1
    assert share_flagged(9, 100, (200, 210), (150, 300)) >= 0.9
