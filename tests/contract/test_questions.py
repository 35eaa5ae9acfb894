"""Every question in the catalog keeps the promises that all questions make, on an engine of a few lines."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from examples import EXAMPLES, Example
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, LongJourney, MemoryEngine
from random_journeys import MINUTE, SAID, large_log, logs, splits

from desirepath import Answer, runner
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build, catalog, describe, schema
from desirepath.questions.question import Question, Tally
from desirepath.runner import ask, run
from desirepath.summing import Said, Summing

EVERYBODY = Population(Period.everything())
LOG = large_log(7, people=60, events=900)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.label)
WEEK = 7 * 86_400_000_000
quick = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(example: Example, log: Sequence[Happened], *, population: Population = EVERYBODY, **engine: Any) -> Answer:
    return ask(example.build(), population, MemoryEngine(log, **engine))


def told(found: Answer, dated: Sequence[str] = ()) -> dict[str, Any]:
    """All that the answer says, but where it was asked, and which names the data has; perhaps without dates."""
    raw = found.to_dict()
    del raw["asked_of"]
    if dated:
        del raw["words"], raw["charts"]
        for table in (raw["table"], *raw["extras"].values()):
            for name in set(dated) & set(table):
                del table[name]
    raw["warnings"] = [warning for warning in raw["warnings"] if warning["code"] != "unknown_name"]
    return raw


def spelled(value: Any) -> Any:
    """A tally as something that `==` compares whole."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if dataclasses.is_dataclass(value):
        return {item.name: spelled(getattr(value, item.name)) for item in dataclasses.fields(value) if item.compare}
    if isinstance(value, dict):
        return {name: spelled(item) for name, item in value.items()}
    return tuple(spelled(item) for item in value) if isinstance(value, tuple) else value


def uncounted(example: Example, found: Answer) -> dict[str, tuple[int, int]]:
    """The counts of the table that do not lead to so many people."""
    wrong = {}
    for row in found.table.to_pylist():
        group = {"group": row["group"]} if "group" in row else {}
        for which, number in example.counts(row):
            people = found.people(**which, **group).num_rows
            if people != number:
                wrong[str({**which, **group})] = (number, people)
    return wrong


def total(example: Example, found: Answer) -> int:
    """All counts of the table together."""
    return sum(number for row in found.table.to_pylist() for _, number in example.counts(row))


def tallies(question: Question, log: Sequence[Happened], blocks: Sequence[Sequence[str]] | None = None) -> list[Tally]:
    """What each block says."""
    said: dict[int, Tally] = {}

    class Noting(Summing):
        def add(self, block: int, one: Said) -> None:
            said[block] = one.whole
            super().add(block, one)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runner, "Summing", Noting)
        run(question, EVERYBODY, MemoryEngine(log, blocks), None)
    return [said[block] for block in sorted(said)]


def test_every_question_has_an_example() -> None:
    assert {example.name for example in EXAMPLES} == set(catalog())


@each_example
@quick
@given(data=st.data())
def test_people_may_be_split_over_batches_in_any_way(example: Example, data: st.DataObject) -> None:
    log = data.draw(logs())
    blocks = data.draw(splits(log))
    assert told(answer(example, log, blocks=blocks)) == told(answer(example, log))


@each_example
def test_split_of_many_people(example: Example) -> None:
    everyone = sorted({event.person for event in LOG})
    whole = told(answer(example, LOG))
    assert told(answer(example, LOG, blocks=[[person] for person in reversed(everyone)])) == whole
    assert told(answer(example, LOG, blocks=[everyone[k::4] for k in range(4)], threads=4)) == whole


@each_example
def test_sum_is_associative_and_commutative_with_a_zero(example: Example) -> None:
    question = example.build()
    everyone = sorted({event.person for event in LOG})
    one, two, three = tallies(question, LOG, [everyone[k::3] for k in range(3)])
    zero = run(question, EVERYBODY, MemoryEngine([], [[]]), None).tally()
    whole = spelled(tallies(question, LOG)[0])
    assert spelled((one + two) + three) == spelled(one + (two + three)) == spelled(three + two + one) == whole
    assert spelled(zero + one) == spelled(one + zero) == spelled(one)
    assert spelled(reduce(lambda left, right: left + right, [zero, zero])) == spelled(zero)
    assert (zero.size, (one + two).size) == (0, one.size + two.size)


SPLITS = [
    None,
    Breakdown("channel"),
    Breakdown("plan", top=1),
    Breakdown("none"),
    Breakdown("plan", "first known"),
    Breakdown("channel", "last known"),
    Breakdown("nth"),
]
SUMMED = [example for example in EXAMPLES if type(example.build()).sums is not Question.sums]


@pytest.mark.parametrize("example", SUMMED, ids=lambda example: example.label)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_summed_up_without_rows_is_what_rows_say(example: Example, data: st.DataObject) -> None:
    log = data.draw(logs())
    blocks = data.draw(splits(log)) or [[]]
    population = Population(
        data.draw(st.sampled_from([Period.everything(), Period(0, 60 * MINUTE, "UTC")])),
        unit=data.draw(st.sampled_from(["person", "session"])),
        breakdown=data.draw(st.sampled_from(SPLITS)),
        cutoff=data.draw(st.sampled_from([None, 100 * MINUTE])),
    )
    asked: dict[str, Any] = {"population": population, "blocks": blocks}
    found = answer(example, log, **asked)
    beside = ask(example.build(), population, MemoryEngine(log[::2])) if population.breakdown is None else None
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(example.build()), "sums", Question.sums)
        by_rows = answer(example, log, **asked)
        others = ask(example.build(), population, MemoryEngine(log[::2])) if beside is not None else None
    assert told(found) == told(by_rows)
    if beside is not None:
        assert told(found.compare(beside)) == told(by_rows.compare(others))


@pytest.mark.parametrize("split", SPLITS, ids=str)
@pytest.mark.parametrize("label", ["funnel plain", "funnel all", "funnel property"])
def test_plain_funnels_are_summed_up_without_rows(label: str, split: Breakdown | None) -> None:
    example = next(example for example in SUMMED if example.label == label)
    unit = "session" if split is not None and split.field == "nth" else "person"
    whom = Population(Period.everything(), unit=unit, breakdown=split)
    found = run(example.build(), whom, MemoryEngine(LOG), None)
    assert [(part.let_go, len(part.findings)) for part in found.found] == [(True, 0)]
    assert found.tally().size > 10
    by_step = run(
        example.build(), dataclasses.replace(whom, breakdown=Breakdown("plan", "step 2")), MemoryEngine(LOG), None
    )
    assert len(by_step.found[0].findings) == found.tally().size


def test_questions_that_count_people_find_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    example = next(example for example in SUMMED if example.label == "funnel plain")
    monkeypatch.setattr(type(example.build()), "counts_people", True)
    assert len(run(example.build(), EVERYBODY, MemoryEngine(LOG), None).found[0].findings)


@each_example
@quick
@given(log=logs())
def test_names_of_people_mean_nothing(example: Example, log: list[Happened]) -> None:
    renamed = [dataclasses.replace(event, person=f"{9 - int(event.person[1:])} {event.person}'; --") for event in log]
    assert told(answer(example, renamed)) == told(answer(example, log))


@each_example
@quick
@given(log=logs(), shift=st.sampled_from([1, -MINUTE, 10**15, -(10**15), 86_400_000_000]))
def test_shifting_all_times_changes_nothing(example: Example, log: list[Happened], shift: int) -> None:
    by = shift // WEEK * WEEK if example.dated else shift
    shifted = [dataclasses.replace(event, time=event.time + by) for event in log]
    assert told(answer(example, shifted), example.dated) == told(answer(example, log), example.dated)


@pytest.mark.parametrize(
    "example", [item for item in EXAMPLES if not item.any_event], ids=lambda example: example.label
)
@quick
@given(data=st.data())
def test_somebody_who_does_nothing_of_it_changes_nothing(example: Example, data: st.DataObject) -> None:
    log = data.draw(logs())
    last = max((event.time for event in log), default=0)
    stranger = Happened("stranger", data.draw(st.integers(0, last)), "unheard of", "zzz")
    if not log:
        return
    assert told(answer(example, [*log, stranger])) == told(answer(example, log))


@pytest.mark.parametrize(
    "example", [item for item in EXAMPLES if item.ignores_names], ids=lambda example: example.label
)
@quick
@given(data=st.data())
def test_an_event_that_nobody_asked_for_leaves_the_table(example: Example, data: st.DataObject) -> None:
    log = data.draw(logs())
    if not log:
        return
    last = max(event.time for event in log)
    unread = Happened(log[0].person, data.draw(st.integers(0, last)), "unheard of", "zzz", {"plan": "y"})
    assert dict(answer(example, [*log, unread]).columns) == dict(answer(example, log).columns)


# ---- small and large --------------------------------------------------------------------------------------


@each_example
def test_nobody(example: Example) -> None:
    for blocks in ([[]], [[], []]):
        found = answer(example, [], blocks=blocks)
        assert total(example, found) == 0
        assert found.people().num_rows == 0
        assert "Nobody" in str(found)
        assert Answer.from_json(found.to_json()).columns == found.columns


@each_example
def test_nobody_in_a_breakdown_or_comparison(example: Example) -> None:
    split = Population(Period.everything(), breakdown=Breakdown("channel"))
    assert total(example, answer(example, [], population=split, blocks=[[]])) == 0
    found = ask(example.build(), EVERYBODY, MemoryEngine([], [[]]), against=EVERYBODY)
    assert total(example, found) == 0


@each_example
@pytest.mark.parametrize("split", [None, Breakdown("channel")])
def test_an_engine_without_a_single_block(example: Example, split: Breakdown | None) -> None:
    population = Population(Period.everything(), breakdown=split)
    assert total(example, answer(example, [], population=population, blocks=[])) == 0


@each_example
def test_one_person_and_one_event(example: Example) -> None:
    for name in ("a", "unheard of"):
        found = answer(example, [Happened("p", 5, name, "1", {"plan": "x", "channel": "web", **SAID[1]})])
        assert uncounted(example, found) == {}
        assert str(found)


@each_example
def test_all_at_one_instant(example: Example) -> None:
    log = [
        Happened(f"p{n % 3}", 1_000, "abcd"[n % 4], f"{n:03d}", {"plan": "xy"[n % 2], **SAID[n % 5]}) for n in range(60)
    ]
    found = answer(example, log)
    assert uncounted(example, found) == {}
    assert found.people().num_rows > 0
    assert told(answer(example, log, blocks=[["p2"], ["p0", "p1"]])) == told(found)


@each_example
@quick
@given(data=st.data())
def test_every_count_leads_to_its_people(example: Example, data: st.DataObject) -> None:
    log = data.draw(logs())
    population = Population(
        data.draw(st.sampled_from([Period.everything(), Period(0, 60 * MINUTE, "UTC")])),
        unit=data.draw(st.sampled_from(["person", "session"])),
        breakdown=data.draw(st.sampled_from([None, Breakdown("channel", top=2), Breakdown("plan", "last known")])),
        cutoff=data.draw(st.sampled_from([None, 100 * MINUTE])),
    )
    found = answer(example, log, population=population, blocks=data.draw(splits(log)) or [[]])
    assert uncounted(example, found) == {}


@each_example
@pytest.mark.parametrize("split", [Breakdown("channel", top=1), Breakdown("nth")], ids=["channel", "nth"])
@pytest.mark.parametrize("unit", ["person", "session"])
def test_the_line_for_everyone_is_the_answer_without_a_breakdown(example: Example, split: Breakdown, unit: str) -> None:
    """Also where one unit has several rows: they are in one group, or a unit would count in several."""
    alone = answer(example, LOG, population=Population(Period.everything(), unit=unit))
    split_up = answer(example, LOG, population=Population(Period.everything(), unit=unit, breakdown=split))
    told = split_up.columns
    places = [place for place, group in enumerate(told["group"]) if group == "(everyone)"]
    assert places or not any(alone.columns.values())
    for name, values in alone.columns.items():
        assert [told[name][place] for place in places] == values, name


@each_example
def test_what_is_told_of_people_is_in_units_that_people_read(example: Example) -> None:
    """Nothing in microseconds or cents, no code for what is missing, and no number that is none."""
    signed = {"burden", "change", "effort", "sentiment", "sentiment_end", "sentiment_start"}
    table = answer(example, LOG).people().to_pydict()
    for name, values in table.items():
        numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        assert all(abs(value) < 10**7 for value in numbers), name
        assert name in signed or all(value >= 0 for value in numbers), name


@each_example
@pytest.mark.parametrize("kind", ["one instant", "random", "never done", "one name"])
def test_a_journey_of_200_000_events(example: Example, kind: str) -> None:
    many = 200_000
    rng = np.random.default_rng(3)
    letters = {"never done": "ab", "one name": "a"}.get(kind, "abcd")
    moments = np.zeros(many, dtype=np.int64) if kind == "one instant" else np.sort(rng.integers(0, 10**13, many))
    places = rng.integers(0, len(letters), many)
    question = example.build()
    run(question, EVERYBODY, LongJourney(letters, places[:10], moments[:10]), None)  # compiled before the clock starts
    began = time.perf_counter()
    (found,) = run(question, EVERYBODY, LongJourney(letters, places, moments), None).found
    took = time.perf_counter() - began
    assert len(found.members) >= 1
    assert took < 5, f"{took:.1f} seconds"


# ---- forms ------------------------------------------------------------------------------------------------


@each_example
def test_question_survives_json(example: Example) -> None:
    asked = example.build()
    raw = json.loads(json.dumps(describe(asked)))
    name = raw.pop("name")
    assert name == example.name
    assert set(raw) == {item.name for item in dataclasses.fields(asked)}, "all defaults are spelled out"
    again = build(name, raw)
    assert again == asked
    assert describe(again) == describe(asked)


@pytest.mark.parametrize("name", sorted(catalog()))
def test_every_field_is_described(name: str) -> None:
    properties = schema(name)["properties"]
    assert set(properties) == {item.name for item in dataclasses.fields(catalog()[name])}
    assert [field for field, text in properties.items() if not text.get("description")] == []


@each_example
@pytest.mark.parametrize("split", [None, "plan"])
def test_answer_survives_json(example: Example, split: str | None) -> None:
    population = Population(Period.everything(), breakdown=Breakdown(split) if split else None)
    found = answer(example, LOG, population=population)
    again = Answer.from_json(found.to_json())
    assert again == found
    assert again.to_json() == found.to_json()
    assert again.table.equals(found.table)
    assert str(again) == str(found)


@each_example
def test_sample_is_of_people_and_a_smaller_one_is_part_of_a_larger(example: Example) -> None:
    seen = []
    for share in (0.2, 0.5, 0.8, 1.0):
        population = dataclasses.replace(EVERYBODY, sample=share)
        found = answer(example, LOG, population=population)
        people = set(found.people().column("person").to_pylist())
        assert people == set(
            answer(example, LOG, population=population, threads=3).people().column("person").to_pylist()
        )
        assert ("sampled" in {item.code for item in found.warnings}) == (share < 1)
        seen.append(people)
    assert all(small < large for small, large in pairwise(seen)), [len(people) for people in seen]
