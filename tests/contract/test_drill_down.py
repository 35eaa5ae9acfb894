"""Every number leads to exactly that many people, and everybody who entered is accounted for."""

from __future__ import annotations

import dataclasses
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from examples import EXAMPLES, Example
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, funnels, large_log, logs, splits

from desirepath import Answer, Funnel
from desirepath.errors import InputError
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

ALL_TIME = Period.everything()
COUNTS = ("reached", "dropped", "undecided")
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PERIODS = st.sampled_from([ALL_TIME, Period(0, 60 * MINUTE, "UTC"), Period(40 * MINUTE, 130 * MINUTE, "UTC")])
BREAKDOWNS = st.builds(
    Breakdown,
    field=st.sampled_from(["channel", "plan", "name"]),
    at=st.sampled_from(["entry", "step 1", "step 2", "first known", "last known"]),
    top=st.integers(1, 3),
)


def cells(answer: Answer) -> dict[tuple[Any, ...], tuple[int, int]]:
    """Each count of the table beside the number of people behind it."""
    found = {}
    for row in answer.table.to_pylist():
        group = {"group": row["group"]} if "group" in row else {}
        for outcome in COUNTS:
            if row[outcome] is not None:
                people = answer.people(step=row["step"], outcome=outcome, **group)
                found[(*group.values(), row["step"], outcome)] = (row[outcome], people.num_rows)
    return found


def wrong(answer: Answer) -> dict[tuple[Any, ...], tuple[int, int]]:
    return {where: pair for where, pair in cells(answer).items() if pair[0] != pair[1]}


def accounts(answer: Answer, optional: set[int]) -> list[tuple[int, int, int, int]]:
    """Per group: entered, dropped, undecided, converted."""
    table: dict[Any, list[Any]] = {}
    for row in answer.table.to_pylist():
        table.setdefault(row.get("group"), []).append(row)
    found = []
    for rows in table.values():
        required = [row for row in rows if row["step"] not in optional]
        dropped, undecided = sum(row["dropped"] for row in required), sum(row["undecided"] for row in required)
        found.append((required[0]["reached"], dropped, undecided, required[-1]["reached"]))
        assert [row["reached"] for row in required] == sorted((row["reached"] for row in required), reverse=True)
        for one, two in pairwise(required):
            assert one["reached"] == one["dropped"] + one["undecided"] + two["reached"]
    return found


def optional_steps(funnel: Funnel) -> set[int]:
    return {step + 1 for step in funnel.plan.optional}


@often
@given(data=st.data())
def test_every_count_leads_to_its_people(data: st.DataObject) -> None:
    log, funnel = data.draw(logs()), data.draw(funnels())
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    population = Population(
        data.draw(PERIODS),
        filter=Where.of(data.draw(st.sampled_from([None, "plan = 'x'"]))),
        cohort=Where.of(data.draw(st.sampled_from([None, "channel = 'web'"]))),
        unit=data.draw(st.sampled_from(["person", "session"])),
        breakdown=data.draw(st.none() | BREAKDOWNS),
        cutoff=data.draw(st.sampled_from([None, 100 * MINUTE])),
    )
    answer = ask(funnel, population, engine)
    assert wrong(answer) == {}
    for entered, dropped, undecided, converted in accounts(answer, optional_steps(funnel)):
        assert entered == dropped + undecided + converted


@often
@given(data=st.data())
def test_every_count_of_a_comparison_leads_to_its_people(data: st.DataObject) -> None:
    log, funnel = data.draw(logs()), data.draw(funnels())
    engine = MemoryEngine(log, data.draw(splits(log)) or [[]])
    answer = ask(
        funnel, Population(ALL_TIME), engine, against=Population(data.draw(PERIODS), filter=Where.of("channel = 'web'"))
    )
    assert wrong(answer) == {}
    for entered, dropped, undecided, converted in accounts(answer, optional_steps(funnel)):
        assert entered == dropped + undecided + converted


@often
@given(data=st.data())
def test_groups_are_parts_of_the_whole(data: st.DataObject) -> None:
    log, funnel, split = data.draw(logs()), data.draw(funnels()), data.draw(BREAKDOWNS)
    answer = ask(funnel, Population(ALL_TIME, breakdown=split), MemoryEngine(log))
    alone = ask(funnel, Population(ALL_TIME), MemoryEngine(log))
    table = answer.table.to_pylist()
    assert [row["reached"] for row in table if row["group"] == "(everyone)"] == alone.columns["reached"]
    for outcome in (*COUNTS, "mature"):
        for step, number in zip(alone.columns["step"], alone.columns[outcome], strict=True):
            parts = [row[outcome] for row in table if row["group"] != "(everyone)" and row["step"] == step]
            assert number is None or sum(parts) == number
    whole = Counter(row["person"] for row in alone.people().to_pylist())
    parts_of_it: Counter[str] = Counter()
    for group in {row["group"] for row in table} - {"(everyone)"}:
        parts_of_it.update(row["person"] for row in answer.people(group=group).to_pylist())
    assert parts_of_it == whole


@often
@given(log=logs(), funnel=funnels())
def test_people_are_who_they_are_said_to_be(log: list[Happened], funnel: Funnel) -> None:
    """Each person alone gives the part of the table that the person is counted in."""
    answer = ask(funnel, Population(ALL_TIME), MemoryEngine(log))
    last = max((event.time for event in log), default=0)
    rows = answer.people(step=1).to_pylist()
    for person in {event.person for event in log}:
        own = [event for event in log if event.person == person]
        clock = Happened("clock", last, "tick", "zzz")
        alone = ask(funnel, Population(ALL_TIME), MemoryEngine([*own, clock]))
        assert alone.people(step=1).to_pylist() == [row for row in rows if row["person"] == person]


@pytest.mark.parametrize("example", [item for item in EXAMPLES if item.name == "funnel"], ids=lambda item: item.label)
def test_many_people(example: Example) -> None:
    log = large_log(11, people=150, events=3_000)
    funnel = example.build()
    assert isinstance(funnel, Funnel)
    for split in (None, Breakdown("channel"), Breakdown("plan", "last known", 2)):
        for unit in ("person", "session"):
            answer = ask(funnel, Population(ALL_TIME, breakdown=split, unit=unit), MemoryEngine(log))
            assert wrong(answer) == {}
            for entered, dropped, undecided, converted in accounts(answer, optional_steps(funnel)):
                assert entered == dropped + undecided + converted
    assert answer.columns["reached"][0] > 50


def test_rows_by_outcome() -> None:
    log = [
        Happened("p", 0, "a", "1"),
        Happened("q", 0, "a", "2"),
        Happened("q", 5, "b", "3"),
        Happened("r", 9 * 10**9, "a", "4"),
    ]
    answer = ask(build("funnel", {"steps": ["a", "b"], "window": "1 hour"}), Population(ALL_TIME), MemoryEngine(log))

    def who(**which: Any) -> list[str]:
        return answer.people(**which).column("person").to_pylist()

    assert who() == who(step=1) == ["p", "q", "r"]
    assert who(step=1, outcome="dropped") == ["p"]
    assert who(step=1, outcome="undecided") == ["r"]
    assert who(step=2) == who(outcome="converted") == ["q"]
    assert who(step=2, outcome="dropped") == []


@pytest.mark.parametrize(
    ("which", "says"),
    [
        ({"stage": 1}, "stage"),
        ({"outcome": "lost"}, "lost"),
        ({"step": 3}, "3"),
        ({"step": 0}, "0"),
        ({"step": "1"}, "'1'"),
        ({"group": "web"}, "group"),
    ],
)
def test_a_selection_that_makes_no_sense_is_refused(which: dict[str, Any], says: str) -> None:
    answer = ask(
        build("funnel", {"steps": ["a", "b"]}), Population(ALL_TIME), MemoryEngine([Happened("p", 0, "a", "1")])
    )
    with pytest.raises(InputError, match=says):
        answer.people(**which)


def test_an_optional_step_has_no_drop() -> None:
    steps = ["a", {"where": "b", "optional": True}, "c"]
    answer = ask(build("funnel", {"steps": steps}), Population(ALL_TIME), MemoryEngine([Happened("p", 0, "a", "1")]))
    with pytest.raises(InputError, match="optional"):
        answer.people(step=2, outcome="dropped")


def test_a_group_that_is_not_there_is_refused() -> None:
    population = Population(ALL_TIME, breakdown=Breakdown("channel"))
    log = [Happened("p", 0, "a", "1", {"channel": "web"})]
    answer = ask(build("funnel", {"steps": ["a", "b"]}), population, MemoryEngine(log))
    with pytest.raises(InputError, match="app"):
        answer.people(group="app")
    assert dataclasses.replace(answer, drill=None) == answer


@pytest.mark.parametrize("label", ["(everyone)", "(other)", "(missing)"])
def test_a_value_that_reads_like_a_group_of_ours_loses_nobody(label: str) -> None:
    values = [label, None, "web", "web", "app", "tv"]
    log = [Happened(f"p{n}", 0, "a", f"{n}", {"channel": value} if value else {}) for n, value in enumerate(values)]
    for top in (1, 2, 3, 5):
        population = Population(ALL_TIME, breakdown=Breakdown("channel", top=top))
        table = ask(build("funnel", {"steps": ["a", "b"]}), population, MemoryEngine(log)).table.to_pylist()
        assert sum(row["reached"] for row in table if row["step"] == 1) == 2 * len(values), table
