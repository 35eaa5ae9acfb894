"""Levels of engagement equal a program written from their definition."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import splits

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.engagement import Engagement
from desirepath.runner import ask

DAY = 86_400_000_000
ALL = Population(Period.everything())


@st.composite
def logs(draw: st.DrawFn) -> list[Happened]:
    """What a few people did and spent within some days."""
    value = st.sampled_from([None, 0.1, 0.2, 5, 12.34, -3])
    rows = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6), st.sampled_from("abc"), value), max_size=40))
    return [
        Happened(f"p{who}", day * DAY + n, name, f"{n:04d}", {} if value is None else {"value": value})
        for n, (who, day, name, value) in enumerate(rows)
    ]


def scores(log: list[Happened], by: str, event: str | None) -> dict[str, int]:
    """Everybody's score, sums in millionths."""
    mine: dict[str, list[Happened]] = defaultdict(list)
    for happened in log:
        mine[happened.person].append(happened)
    found = {}
    for person, events in mine.items():
        counted = [each for each in events if event in (None, each.name)]
        found[person] = {
            "events": len(counted),
            "days": len({each.time // DAY for each in counted}),
            "names": len({each.name for each in counted}),
            "value": sum(round(each.fields.get("value", 0) * 10**6) for each in counted),
        }[by]
    return found


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_they_equal_the_definition(data: st.DataObject) -> None:
    log = data.draw(logs())
    by, event = (
        data.draw(st.sampled_from(["events", "days", "names", "value"])),
        data.draw(st.sampled_from(["a", None])),
    )
    levels = data.draw(st.sampled_from([["10 %", "50 %"], ["30 %"], ["3", "1"], ["12", "0.5"]]))
    answer = ask(Engagement(event, by, levels), ALL, MemoryEngine(log, data.draw(splits(log)) or [[]]))
    all_, unit = scores(log, by, event), 10**6 if by == "value" else 1
    positive = sorted((score for score in all_.values() if score > 0), reverse=True)
    begins = []
    for level in levels:
        if level.endswith("%"):
            most = math.floor(float(level[:-1]) * len(positive) / 100 + 1e-9)
            fit = [s for s in set(positive) if sum(other >= s for other in positive) <= most]
            begins.append(min(fit, default=positive[0] if positive else 1))
        else:
            begins.append(math.ceil(float(level) * unit))
    names = [f"top {level}" if level.endswith("%") else f"{level} or more" for level in levels]

    def level_of(score: int) -> str:
        if score <= 0:
            return "below zero" if score else "none"
        return next((name for name, begin in zip(names, begins, strict=True) if score >= begin), "rest")

    for row in answer.table.to_pylist():
        who = sorted(person for person, score in all_.items() if level_of(score) == row["level"])
        assert row["people"] == len(who)
        assert sorted(answer.people(level=row["level"]).column("person").to_pylist()) == who
        assert row["total"] == pytest.approx(sum(all_[person] for person in who) / unit)
    assert sum(answer.columns["people"]) == len(all_)


@pytest.mark.parametrize("limit", [10, 1_000])
def test_numbers_of_any_size_add_up(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr("desirepath.questions.engagement.EXACT_LIMIT", limit)
    log = [Happened(f"p{n:02d}", n, "a", str(n), {"value": 5e11}) for n in range(40)]
    log += [Happened("c", 99, "a", "99", {"value": 1e13}), Happened("d", 100, "a", "100", {"value": -3e25})]
    even, odd = ([f"p{n:02d}" for n in range(k, 40, 2)] for k in (0, 1))
    answer = ask(
        Engagement(by="value", levels=["5000000000000", "7"]), ALL, MemoryEngine(log, [["c", *even], ["d", *odd]])
    )
    told = {row["level"]: (row["people"], row["total"]) for row in answer.table.to_pylist()}
    assert told["5e+12 or more"] == (1, 1e13)
    assert told["7 or more"] == (40, 2e13)
    assert told["below zero"] == (1, -3e25)
    best = answer.people(level="5e+12 or more")
    assert (best.column("person").to_pylist(), best.column("score").to_pylist()) == (["c"], [1e13])


@pytest.mark.parametrize(("values", "left"), [((5e12, 0.0004, -5e12), 0.0004), ((2e16, 1.0, -2e16), 1.0)])
def test_what_is_taken_back_leaves_the_rest(values: tuple[float, ...], left: float) -> None:
    log = [Happened("p", n, "a", str(n), {"value": value}) for n, value in enumerate(values)]
    answer = ask(Engagement(by="value", levels=["10 %"]), ALL, MemoryEngine(log))
    assert answer.columns["total"][0] == left
    assert answer.people().column("score").to_pylist() == [left]
    assert "whole" not in answer.people().column_names


def test_rounded_scores_keep_counts_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desirepath.questions.engagement.EXACT_LIMIT", 100)
    log = [Happened(f"p{n:04d}", n, "a", str(n), {"value": 1 + n * 1.37}) for n in range(1_000)]
    blocks: Any = [[f"p{n:04d}" for n in range(k, 1_000, 5)] for k in range(5)]
    answer = ask(Engagement(by="value", levels=["10 %"]), ALL, MemoryEngine(log, blocks))
    (top, rest, none) = answer.columns["people"]
    assert (top + rest, none) == (1_000, 0)
    assert 85 <= top <= 100
    assert answer.people(level="top 10 %").num_rows == top
    assert "rounded_levels" in {item.code for item in answer.warnings}


def test_mistakes_are_named() -> None:
    for levels in ([], ["x"], ["50 %", "10 %"], ["1", "5"], ["10 %", "5"], ["0"], ["100 %"]):
        with pytest.raises(InputError):
            Engagement(levels=levels)
    answer = ask(Engagement(), ALL, MemoryEngine([Happened("p", 0, "a", "1")]))
    with pytest.raises(UnknownNameError, match="top 10 %"):
        answer.people(level="top 11 %")
    with pytest.raises(UnknownNameError, match="level"):
        answer.people(grade=1)
