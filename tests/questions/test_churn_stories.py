"""Churn on logs that can be checked by hand: what counts as before, own gaps, bands of tenure, and mistakes."""

from __future__ import annotations

import random
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.churn import Churn
from desirepath.runner import ask

DAY = 86_400_000_000
FRICTION = ["error", "moved"]
EVERYTHING = Population(Period.everything())


def test_nothing_after_the_end_counts() -> None:
    """What comes after an end, and the end itself, may be anything: what came before is told as it was."""
    log = [
        Happened("p", 0, "buy", "1"),
        Happened("p", 3 * DAY, "error", "2"),
        Happened("p", 4 * DAY, "leave", "3", {"score": "1"}),
        Happened("q", 9 * DAY, "look", "9"),
    ]
    later = [
        Happened("p", 4 * DAY, "survey", "4", {"why": "price", "score": "2"}),
        Happened("p", 4 * DAY + 1, "error", "5"),
        Happened("p", 5 * DAY, "ticket", "6", {"why": "service"}),
    ]
    asked = Churn(
        ends="leave", active="buy", reason="why", feedback="score", friction=["error", "leave"], tickets="ticket",
        every="day",
    )  # fmt: skip
    answers = [ask(asked, EVERYTHING, MemoryEngine(events)) for events in (log, log + later)]
    assert answers[0].columns == answers[1].columns
    assert answers[0].extras == answers[1].extras
    assert answers[0].extras["reasons"]["reason"] == ["(not stated)"]
    assert answers[0].extras["last_touchpoint"]["touchpoint"] == ["error"]
    assert answers[0].extras["last_friction"]["churned"] == [1, 0]
    assert answers[0].extras["last_feedback"]["answered_churned"] == []


def test_gaps_that_come_later_are_not_known_yet() -> None:
    """Three days apart, then silent: by the gaps up to then it is over, though later gaps are longer."""
    days = [0, 3, 6, 9, 15, 40, 65, 90]
    log = [Happened("p", day * DAY, "buy", f"{day:03d}") for day in days]
    asked = Churn(gap="auto", least=3, floor="1 hour", quantile=0.9, every="day")
    answer = ask(asked, EVERYTHING, MemoryEngine(log))
    churned = answer.people(outcome="churned").to_pylist()
    assert [row["bucket"] for row in churned] == ["1970-01-13", "1970-01-22"]
    assert all(row["came_back"] for row in churned)
    back = answer.extra("coming_back").to_pylist()[0]
    assert (back["people"], back["of_ended_came_back"]) == (2, 1.0), "after 3 and 19 days"


def test_what_the_churned_had_more_often_is_found_and_called_associated() -> None:
    rng = random.Random(2)
    log = [Happened("clock", 40 * DAY, "look", "z")]
    for number in range(400):
        who, leaves = f"p{number}", number < 100
        log.append(Happened(who, 0, "buy", f"{number:03d} 1"))
        if rng.random() < (0.6 if leaves else 0.2):
            log.append(Happened(who, 32 * DAY, "error", f"{number:03d} 2"))
        if rng.random() < 0.5:
            log.append(Happened(who, 32 * DAY, "moved", f"{number:03d} 3"))
        if leaves:
            log.append(Happened(who, 35 * DAY, "leave", f"{number:03d} 4"))
    asked = Churn(ends="leave", active="buy", friction=FRICTION, lookback="7 days", every="week")
    answer = ask(asked, EVERYTHING, MemoryEngine(log))
    error, moved = answer.extra("last_friction").to_pylist()
    assert error["difference_low"] < 0.4 < error["difference_high"]
    assert error["q_value"] < 0.001
    assert moved["q_value"] > 0.05
    assert "Associated with it" in answer.words[-1]
    assert "associated" in [notice.code for notice in answer.warnings]


def test_by_how_long_they_had_been_customers() -> None:
    """In the week of Monday day 606, one for each band leaves, and one who has been there for 30 days to the day."""
    begins = {"new": 600, "just": 576, "quarter": 530, "year": 300, "old": 5}
    log = [Happened("clock", 620 * DAY, "look", "z")]
    for number, (who, day) in enumerate(begins.items()):
        log += [Happened(who, day * DAY, "buy", f"{number} 1"), Happened(who, 608 * DAY, "leave", f"{number} 2")]
    population = Population(Period(606 * DAY, 613 * DAY, "UTC"))
    answer = ask(Churn(ends="leave", active="buy", every="week", tickets="buy"), population, MemoryEngine(log))
    assert answer.extras["by_tenure"]["churned"] == [1, 2, 1, 1]
    assert answer.extras["by_tenure"]["of_at_risk_churned"] == [1.0] * 4
    assert answer.extras["themes"]["theme"] == ["(any theme)", "(no ticket)"]
    assert answer.extras["themes"]["churned"] == [1, 4]


def test_mistakes_are_named() -> None:
    wrong: list[dict[str, Any]] = [
        {"ends": "leave"},
        {"quantile": 1.0},
        {"least": 0},
        {"friction": ["a", "a"]},
        {"theme": "about"},
        {"gap": "soon"},
        {"lookback": "7"},
    ]
    for fields in wrong:
        with pytest.raises(InputError):
            Churn(**fields)
    answer = ask(Churn(every="day"), EVERYTHING, MemoryEngine([Happened("p", 0, "a", "1")]))
    for which in ({"bucket": "1971"}, {"outcome": "lost"}, {"reason": "price"}, {"step": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
