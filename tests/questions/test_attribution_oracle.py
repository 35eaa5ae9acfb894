"""Attribution equals a program written from its definition, for random logs and all options mixed."""

from __future__ import annotations

from typing import Any

import pytest
from attribution_oracle import Shared, shared_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, logs, splits

from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.attribution import Attribution
from desirepath.questions.attribution_walk import MODELS, UNIT
from desirepath.runner import ask, run

LOOKBACKS = {"10 minutes": 10, "1 hour": 60, "2 days": 2880}
APART = {"10 minutes": 10, "1 hour": 60, "none": -1}


def expected(log: list[Happened], fields: dict[str, Any], period: Period, cutoff: int) -> Shared:
    journeys: dict[str, list[tuple[int, bool, str | None]]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time > cutoff:
            continue
        goal = event.name == "d"
        fits = not goal and (fields["touches"] is None or event.name in ("a", "b"))
        value = event.value(fields["by"]) if fits else None
        journeys.setdefault(event.person, []).append((event.time, goal, value))
    return shared_out(
        journeys,
        lookback=LOOKBACKS[fields["lookback"]] * MINUTE,
        apart=APART[fields["apart"]] * MINUTE,
        half_life=60 * MINUTE,
        direct=fields["direct"],
        period=(period.start, period.end),
        cutoff=cutoff,
    )


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_it_equals_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs(most=20))
    fields = {
        "goal": "d",
        "by": data.draw(st.sampled_from(["channel", "plan"])),
        "touches": data.draw(st.sampled_from([None, "name in ('a', 'b')"])),
        "lookback": data.draw(st.sampled_from(list(LOOKBACKS))),
        "apart": data.draw(st.sampled_from(list(APART))),
        "half_life": "1 hour",
        "direct": data.draw(st.sampled_from([[], ["web"], ["x", "app"]])),
    }
    period = data.draw(st.sampled_from([Period.everything(), Period(60 * MINUTE, 150 * MINUTE, "UTC")]))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(120 * MINUTE, last)]))
    population = Population(period, cutoff=cutoff)
    question = Attribution(**fields)
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    tally: Any = run(question, population, engine, None).tally()
    wanted = expected(log, fields, period, cutoff)
    assert tally.counts.tolist() == [
        wanted.credited + wanted.untouched, wanted.untouched, wanted.nulls, wanted.undecided
    ]  # fmt: skip
    names = [label or "(start)" for label in tally.labels]
    got = {
        (names[a], [*names, "(conversion)", "(nothing)"][b]): int(tally.moves[a, b])
        for a in range(len(names))
        for b in range(len(names) + 2)
        if tally.moves[a, b]
    }
    assert got == dict(wanted.moves)
    for c, name in enumerate(names):
        if c:
            assert int(tally.paths[c]) == wanted.paths[name]
            assert int(tally.people[c]) == len(wanted.people[name])
            for model, rule in enumerate(MODELS):
                assert tally.credit[model, c] / UNIT == pytest.approx(wanted.credit[rule][name], abs=1e-6)
    for model in range(len(MODELS)):
        assert int(tally.credit[model].sum()) == wanted.credited * UNIT, "credit sums exactly to conversions"
    answer = ask(question, population, engine)
    assert answer.people().num_rows == len(
        {event.person for event in log if event.name == "d" and event.time <= cutoff and period.holds(event.time)}
    )
