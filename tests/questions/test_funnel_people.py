"""The people behind the smaller numbers of a funnel: of closed windows, and of what came instead."""

from __future__ import annotations

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

HOUR = 3_600_000_000


def answer():
    log = []
    for number, (name, hours) in enumerate(
        [("call", 1), ("call", 2), ("chat", 1), (None, 0), ("b", 1), ("call", 30)],
    ):
        log.append(Happened(f"p{number}", 0, "a", f"{number}a", {}))
        if name:
            log.append(Happened(f"p{number}", hours * HOUR, name, f"{number}b", {}))
    log += [Happened("late", 99 * HOUR, "a", "la", {}), Happened("end", 100 * HOUR, "x", "e", {})]
    question = build("funnel", {"steps": ["a", "b"], "window": "40 hours", "instead_top": 9})
    return ask(question, Population(Period.everything()), MemoryEngine(log))


def test_what_came_instead_leads_to_its_people() -> None:
    found = answer()
    rows = dict(zip(found.extras["instead"]["instead"], found.extras["instead"]["passages"], strict=True))
    assert rows == {"call": 2, "chat": 1, "(nothing)": 2}
    for name, passages in rows.items():
        assert found.people(step=1, instead=name).num_rows == passages
    assert found.people(step=1, instead="chat").column("person").to_pylist() == ["p2"]
    assert found.people(step=1, but=["call", "(nothing)"]).column("person").to_pylist() == ["p2"]
    with pytest.raises(UnknownNameError, match="call"):
        found.people(step=1, instead="cal")


def test_closed_windows_lead_to_their_people() -> None:
    found = answer()
    for step, mature in zip(found.columns["step"], found.columns["mature"], strict=True):
        assert found.people(step=step, outcome="mature").num_rows == mature
    assert found.columns["mature"] == [6, 1]
    assert found.columns["reached"] == [7, 1]


def test_how_long_it_took_has_an_interval_once_there_is_enough() -> None:
    table = answer().extras["durations"]
    assert table["stretch"] == ["whole", "since first entry", "a → b"]
    assert table["median_seconds"] == [3600.0] * 3
    assert table["median_low_seconds"] == [None] * 3


def test_a_selection_that_means_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="outcome"):
        answer().people(colour="red")
