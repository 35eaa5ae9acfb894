"""Transitions equal a program written from their definition, for random logs and all options mixed."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, logs, splits
from transitions_oracle import moved

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.transitions import Transitions
from desirepath.questions.transitions_gaps import EXACT_LIMIT, RELATIVE_ERROR, Gaps
from desirepath.runner import ask

WITHIN = {None: None, "10 minutes": 10 * MINUTE, "1 hour": 60 * MINUTE}


def shown(event: Happened, fields: dict[str, Any]) -> str | None:
    """What an event is taken for."""
    if (fields["only"] and event.name not in ("a", "b")) or (fields["hide"] and event.value("plan") == "x"):
        return None
    parts = [event.name]
    for text in fields["expand"]:
        name, _, field = text.rpartition(" by ")
        value = event.value(field)
        if value is not None and (not name or name == event.name):
            parts.append(value)
    return ": ".join(parts)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_they_equal_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs(most=20))
    fields: dict[str, Any] = {
        "within": data.draw(st.sampled_from(list(WITHIN))),
        "only": data.draw(st.sampled_from([[], ["a", "b"]])),
        "hide": data.draw(st.sampled_from([[], ["plan = 'x'"]])),
        "expand": data.draw(st.sampled_from([[], [], ["channel"], ["a by plan", "channel"]])),
        "collapse": data.draw(st.booleans()),
        "most": 1_000,
    }
    period = data.draw(st.sampled_from([Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")]))
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, 120 * MINUTE)]))
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    answer = ask(Transitions(**fields), Population(period, cutoff=cutoff), engine)

    journeys: dict[str, list[tuple[int, str]]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        name = shown(event, fields)
        if name is not None and event.time <= cutoff and period.holds(event.time):
            journeys.setdefault(event.person, []).append((event.time, name))
    first = min((event.time for event in log), default=0)
    end = max(min(cutoff, period.end - 1), first, period.start)
    gaps, people, at = moved(journeys, within=WITHIN[fields["within"]], collapse=fields["collapse"], end=end)
    table = {(row["from"], row["to"]): row for row in answer.table.to_pylist()}
    assert {move: (row["times"], row["people"]) for move, row in table.items()} == {
        move: (len(each), len(people[move])) for move, each in gaps.items()
    }
    for move, row in table.items():
        if not move[0].startswith("(") and not move[1].startswith("("):
            assert row["median_seconds"] == pytest.approx(statistics.median(gaps[move]) / 1e6)
            assert row["of_people"] == pytest.approx(len(people[move]) / len(at[move[0]]))
    for row in answer.extra("touchpoints").to_pylist():
        assert row["started"] + row["arrived"] == row["went_on"] + row["left"] + row["undecided"] == row["visits"]
    if table:
        move = data.draw(st.sampled_from(sorted(table)))
        found = answer.people(**{"from": move[0], "to": move[1]}).column("person").to_pylist()
        assert set(found) == people[move]


def test_gaps_beyond_the_limit_are_binned_whatever_way_they_were_split(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    values = [np.sort(draw.integers(0, 10 ** int(draw.integers(1, 13)), 400)) for _ in range(6)]

    def of(parts: list[list[np.ndarray]]) -> Gaps:
        found = [Gaps(2, np.array([len(a), len(b)]), np.concatenate([a, b])) for a, b in parts]
        whole = found[0]
        for part in found[1:]:
            whole = whole + part
        return whole

    exact = of([[values[0], values[1]], [values[2], values[3]], [values[4], values[5]]])
    assert not exact.approximate
    assert exact.quartiles(0) == pytest.approx(np.quantile(np.concatenate(values[::2]), [0.25, 0.5, 0.75]))
    monkeypatch.setattr("desirepath.questions.transitions_gaps.EXACT_LIMIT", 1_000)
    one = of([[values[0], values[1]], [values[2], values[3]], [values[4], values[5]]])
    two = of([[values[4], values[1]], [values[0], values[5]], [values[2], values[3]]])
    assert one.approximate
    assert one == two
    assert one.quartiles(0) == pytest.approx(exact.quartiles(0), rel=RELATIVE_ERROR)
    assert EXACT_LIMIT > 10_000_000


def test_mistakes_are_named() -> None:
    for fields in ({"most": 0}, {"within": "30"}, {"expand": [" by "]}, {"only": ["value =="]}):
        with pytest.raises(InputError):
            Transitions(**fields)
    answer = ask(Transitions(), Population(Period.everything()), MemoryEngine([Happened("p", 0, "search", "1")]))
    with pytest.raises(UnknownNameError, match="search"):
        answer.people(**{"from": "serch"})
    with pytest.raises(UnknownNameError, match="from"):
        answer.people(step=1)


def test_f1_w14_ties_go_by_id_and_not_by_arrival_and_no_gap_is_negative() -> None:
    log = [Happened("p", 60, "b", "2"), Happened("p", 60, "a", "1"), Happened("p", 0, "c", "3")]
    table = ask(Transitions(), Population(Period.everything()), MemoryEngine(log)).table.to_pylist()
    moves = [(row["from"], row["to"]) for row in table if row["median_seconds"] is not None]
    assert sorted(moves) == [("a", "b"), ("c", "a")]
    assert all(row["median_seconds"] >= 0 for row in table if row["median_seconds"] is not None)


def test_f9_midnight_ends_no_session() -> None:
    log = [Happened("p", 0, "a", "1"), Happened("p", 20 * MINUTE, "b", "2")]
    table = ask(Transitions(), Population(Period.everything(), unit="session"), MemoryEngine(log)).table.to_pylist()
    assert ("a", "b", 1) in {(row["from"], row["to"], row["times"]) for row in table}
