"""Instances and what becomes of them, told by a few lines of Python for random logs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from passages import passages
from random_journeys import MINUTE, logs
from toy_maps import BLOCKS, TOY

from desirepath.events.moments import Period
from desirepath.maps.journey_map import JourneyMap
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

KEYED: dict[str, Any] = {**BLOCKS, "map": "keyed", "entity": ["x", "y"], "watch_after": "10 minutes"}
WAYS = {"converted": "converted", "dropped": "left", "in progress": "waiting"}


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), definition=st.sampled_from([TOY, BLOCKS, KEYED]))
def test_what_becomes_of_instances(data: st.DataObject, definition: dict[str, Any]) -> None:
    log = data.draw(logs(people=3))
    for place, event in enumerate(log):
        kinds = {"entity_id": "1" if place % 3 else "2", "entity_type": "xyz"[place % 3]} if place % 4 else {}
        log[place] = Happened(event.person, event.time, event.name, event.id, {**event.fields, **kinds})
    low, high = data.draw(st.sampled_from([(-(2**62), 2**62), (40 * MINUTE, 150 * MINUTE)]))
    asked = JourneyMap.of(definition)
    period = Period.everything() if low < 0 else Period(low, high, "UTC")
    answer = ask(build("journey_map", {"map": definition}), Population(period), MemoryEngine(log))
    known = [one for one in passages(asked, log) if low <= one.began < high]
    assert Counter(row["outcome"] for row in answer.people().to_pylist()) == Counter(one.outcome for one in known)
    for number, row in enumerate(answer.table.to_pylist()):
        ways = Counter(
            "went_on" if one.touched[-1] != number else WAYS[one.outcome] for one in known if number in one.touched
        )
        assert {name: row[name] for name in ("went_on", *WAYS.values())} == {
            name: ways[name] for name in ("went_on", *WAYS.values())
        }
        assert row["people"] == len({one.person for one in known if number in one.touched})
        assert row["events"] == sum(one.touched.count(number) for one in known)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs())
@example(log=[Happened("p0", 0, name, f"{place:05}", {}) for place, name in enumerate("aaaaaaad")])
def test_a_funnel_of_instances_counts_what_the_map_counts(log: list[Happened]) -> None:
    asked = JourneyMap.of(TOY)
    of_instances = Population(Period.everything(), unit="journey:toy", map=asked)
    funnel = ask(build("funnel", {"steps": ["a", "c"], "window": "1 hour"}), of_instances, MemoryEngine(log))
    answer = ask(build("journey_map", {"map": TOY}), Population(Period.everything()), MemoryEngine(log))
    outcomes = Counter(row["outcome"] for row in answer.people().to_pylist())
    steps = funnel.table.to_pylist()
    assert [row["reached"] for row in steps] == [sum(outcomes.values()), outcomes["converted"]]
    assert (steps[0]["dropped"], steps[0]["undecided"]) == (outcomes["dropped"], outcomes["in progress"])
