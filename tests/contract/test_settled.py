"""What is said to be settled stays, for every question, whatever comes later and whomever it comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from examples import EXAMPLES, Example
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, logs
from sparing import sparing

from desirepath import Answer
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.population import Breakdown, Population
from desirepath.runner import ask
from desirepath.settled import settled_at


def told(found: Answer) -> dict[str, Any]:
    """All that stays: not what the data is known up to, and not which names it has by now."""
    raw = found.to_dict()
    del raw["asked_of"]
    raw["warnings"] = [
        warning for warning in raw["warnings"] if warning["code"] not in ("unknown_name", "unattributed", "beyond_data")
    ]
    return raw


FAR = MemoryEngine([Happened("p", 2**58, "a", "1")]).extent()
SETTLING = [one for one in EXAMPLES if settled_at(one.build(), [Population(Period(0, 1, "UTC"))], FAR) is not None]


def test_most_questions_have_something_settled() -> None:
    assert len({one.name for one in SETTLING}) >= 15


@pytest.mark.parametrize("example", sparing(SETTLING, 4), ids=lambda example: example.label)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_later_events_change_nothing(example: Example, data: st.DataObject) -> None:
    far = data.draw(st.sampled_from([1, 300, 2000]))  # within hours, and over weeks and months
    log = [replace(event, time=event.time * far) for event in data.draw(logs())]
    population = Population(
        Period(data.draw(st.sampled_from([0, 20 * MINUTE * far])), 60 * MINUTE * far, "UTC"),
        filter=Where.of(data.draw(st.sampled_from([None, "channel = 'web'"]))),
        breakdown=data.draw(st.sampled_from([None, Breakdown("channel", top=2), Breakdown("plan", "last known")])),
        cutoff=data.draw(st.sampled_from([None, 50 * MINUTE * far])),
    )
    question = example.build()
    until = settled_at(question, [population], FAR)
    if until is None:
        split = population.breakdown
        assert split is not None and split.at == "last known" and population.cutoff is None
        return
    before = [*log, Happened("p0", until + data.draw(st.sampled_from([0, 1, MINUTE])), "d", "far")]
    assert settled_at(question, [population], MemoryEngine(before).extent()) == until
    later = [
        replace(event, time=event.time * far + until, id=f"{event.id} later") for event in data.draw(logs(people=6))
    ]
    whole = [ask(question, population, MemoryEngine(events)) for events in (before, [*before, *later])]
    assert told(whole[0]) == told(whole[1])
