"""One accounting: every question says what became of everybody, and all of them count the same population."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from examples import EXAMPLES, Example
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import MemoryEngine
from random_journeys import MINUTE, logs, splits

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.population import Population
from desirepath.questions.catalog import build, catalog
from desirepath.runner import ask

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.label)
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
thorough = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def populations(draw: st.DrawFn) -> Population:
    """Anybody, at any time, as a person or a session."""
    return Population(
        draw(st.sampled_from([Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")])),
        filter=Where.of(draw(st.sampled_from([None, None, "channel = 'web'", "plan is not missing"]))),
        cohort=Where.of(draw(st.sampled_from([None, None, "name = 'b'", "plan = 'x'"]))),
        unit=draw(st.sampled_from(["person", "person", "session"])),
        cutoff=draw(st.sampled_from([None, 100 * MINUTE])),
    )


def test_every_question_is_accounted_for() -> None:
    assert all(hasattr(importlib.import_module(f"examples_{name}"), "balances") for name in catalog())


@each_example
@some
@given(data=st.data())
def test_everybody_is_accounted_for(example: Example, data: st.DataObject) -> None:
    log = data.draw(logs())
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    answer = ask(example.build(), data.draw(populations()), engine)
    balances = importlib.import_module(f"examples_{example.name}").balances
    wrong = [balance for balance in balances(answer) if sum(balance[1]) != balance[2]]
    assert not wrong


def people(answer: Answer, **which: Any) -> list[str]:
    """Everybody behind a number; nobody where the answer knows no such touchpoint."""
    if "to" in which and which["to"] not in answer.columns["to"]:
        return []
    return sorted(answer.people(**which).column("person").to_pylist())


@thorough
@given(data=st.data())
def test_all_questions_count_the_same_people(data: st.DataObject) -> None:
    """Who has an `a` in the period is the same number and the same people, whatever is asked of them."""
    log, population = data.draw(logs()), data.draw(populations())
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])

    def asked(name: str, **fields: Any) -> Answer:
        return ask(build(name, fields), population, engine)

    entered = people(asked("funnel", steps=["a", "b"], window="1 hour"), step=1, outcome="reached")
    assert people(asked("paths", start="a", end="b", window="1 hour", most=100)) == entered
    assert people(asked("transitions"), to="a") == entered
    assert people(asked("retention", start="a", every="year", periods=1, cohorts="every")) == entered
    assert people(asked("time_to", start="a", end="b")) == entered
    everybody = people(asked("paths", most=1_000))
    assert people(asked("transitions")) == everybody
    assert people(asked("retention", every="year", periods=1, cohorts="every")) == everybody
    assert people(asked("time_to", end="b")) == everybody
