"""Names that read like our own, or hold what stands between names, are told apart and lead to their people."""

from __future__ import annotations

from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath import Answer
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

MINUTE, DAY = 60_000_000, 86_400_000_000
FAR = Happened("zed", 400 * DAY, "far away", "99999")


def walks(*walks: tuple[int, str]) -> list[Happened]:
    """So many people who do these in turn, a minute apart; `|` stands between names."""
    log, number = [FAR], 0
    for place, (people, names) in enumerate(walks):
        for person in range(people):
            for step, name in enumerate(names.split("|")):
                number += 1
                log.append(Happened(f"p{place}-{person}", step * MINUTE, name, f"{number:05d}"))
    return log


def asked(name: str, log: list[Happened], **fields: Any) -> Answer:
    return ask(build(name, fields), Population(Period.everything()), MemoryEngine(log))


def test_transitions_tell_an_event_from_an_end() -> None:
    found = asked("transitions", walks((2, "a|(left)"), (3, "a"), (1, "(start)|b")), within="1 day")
    rows = {(row["from"], row["to"]): row["people"] for row in found.table.to_pylist()}
    assert rows["a", '"(left)"'] == 2
    assert rows["a", "(left)"] == 3
    assert rows["(start)", '"(start)"'] == 1
    for (begin, end), people in rows.items():
        assert found.people(**{"from": begin, "to": end}).num_rows == people


@pytest.mark.parametrize(("name", "column"), [("paths", "path"), ("steps", "touchpoint")])
def test_others_are_told_from_an_event_that_is_called_so(name: str, column: str) -> None:
    log = walks((5, "(other)"), (2, "b"), (2, "c"))
    found = asked(name, log, most=1, **({"length": 2} if name == "paths" else {}))
    rows = {row[column]: row["people"] for row in found.table.to_pylist() if row.get("step", 1) == 1}
    assert rows['"(other)"'] == 5
    assert rows["(other)"] == 5, "b, c and far away"
    for label, people in rows.items():
        assert found.people(**{column: label}).num_rows == people, label


def test_steps_tell_an_event_from_an_outcome() -> None:
    found = asked("steps", walks((2, "a|(converted)"), (1, "a|b")), end="b", window="1 day")
    for row in found.table.to_pylist():
        assert found.people(step=row["step"], touchpoint=row["touchpoint"]).num_rows == row["people"], row
    assert '"(converted)"' in found.columns["touchpoint"]


def test_exits_lead_to_people_also_where_a_block_has_no_such_touchpoint() -> None:
    log = [*walks((2, "a|(left)")), Happened("other", 0, "a", "o1"), Happened("other", MINUTE, "b", "o2")]
    for only in ([], ["name != 'zzz'"]):
        question = build("exits", {"only": only, "within": "1 day"})
        found = ask(question, Population(Period.everything()), MemoryEngine(log, [["p0-0", "p0-1", "zed"], ["other"]]))
        rows = {row["touchpoint"]: row["met"] for row in found.table.to_pylist()}
        assert rows['"(left)"'] == 2
        for name, met in rows.items():
            assert found.people(touchpoint=name).num_rows == met, name
    with pytest.raises(UnknownNameError, match="misspelt"):
        found = asked("exits", log, within="1 day")
        found.people(touchpoint="misspelt")


@pytest.mark.parametrize(
    ("name", "fields", "which"),
    [
        ("exits", {}, {"touchpoint": 404}),
        ("exits", {"within": "1 day"}, {"touchpoint": 404, "to": 500}),
        ("transitions", {}, {"from": 404, "to": 500}),
        ("steps", {}, {"step": 2, "touchpoint": 500}),
        ("paths", {}, {"begins": 404}),
        ("paths", {}, {"path": [404, 500, "b"]}),
        ("funnel", {"steps": ["404", "x"], "window": "10 minutes"}, {"step": 1, "instead": 500}),
        ("discover", {}, {"touchpoint": 404}),
        ("bounce", {}, {"entry": 404}),
    ],
)
def test_numbers_are_names_of_touchpoints_too(name: str, fields: dict[str, Any], which: dict[str, Any]) -> None:
    found = asked(name, [*walks((4, "404|500|b")), Happened("end", 90 * MINUTE, "b", "e")], **fields)
    assert found.people(**which).num_rows == 4


def test_a_population_that_is_called_like_a_group_is_compared() -> None:
    log = walks((4, "a|b"), (5, "a"))
    one = asked("funnel", log, steps=["a", "b"], window="1 day")
    both = one.compare(one, names=("(not reached)", "x"))
    assert set(both.extras["differences"]["group"]) == {"(not reached)"}
    assert "not_reached" not in {item.code for item in both.warnings}


def test_what_was_done_instead_is_told_apart() -> None:
    log = walks((4, "a|(nothing)"), (3, "a"), (2, "a|(other)"), (1, "a|x"), (1, "a|y"))
    found = asked("funnel", log, steps=["a", "b"], window="1 day", instead_top=2)
    rows = {row["instead"]: row["passages"] for row in found.extra("instead").to_pylist()}
    assert rows == {'"(nothing)"': 4, '"(other)"': 2, "(other)": 2, "(nothing)": 3}
    for label, passages in rows.items():
        assert found.people(step=1, instead=label).num_rows == passages, label


@pytest.mark.parametrize("name", ["paths", "sequences"])
def test_a_name_may_hold_what_stands_between_names(name: str) -> None:
    log = walks((3, "a > b|c"), (2, "a|b|c"))
    fields = {"length": 3} if name == "paths" else {"within": "1 day", "end": "end", "start": "name in ('a > b', 'a')"}
    found = asked(name, log, **fields)
    column = "path" if name == "paths" else "sequence"
    several = found.people(**{column: ["a > b", "c"]})
    assert several.num_rows == 3
    assert "a > b > c" in found.columns[column]
    with_three = found.people(**{column: "a > b > c"}).num_rows
    assert with_three in (2, 3), "one of the two that read the same"
    alone = asked(name, walks((3, "a > b|c")), **fields)
    assert alone.people(**{column: "a > b > c"}).num_rows == 3


def test_moves_are_counted_among_those_that_occur() -> None:
    many = walks(*((1, f"n{k:04d}") for k in range(2_100)), (2, "a|b"))
    with pytest.raises(InputError, match="more than the 2,000"):
        asked("transitions", many)
    few = Population(Period.everything(), filter=Where.of("name in ('a', 'b')"))
    blocks = [["p2100-0"], ["p2100-1", "zed", *(f"p{k}-0" for k in range(2_100))]]
    moves = ask(build("transitions", {}), few, MemoryEngine(many, blocks)).table.to_pylist()
    assert [(row["from"], row["to"], row["people"]) for row in moves if row["from"] == "a"] == [("a", "b", 2)]
    ends = ask(build("exits", {}), few, MemoryEngine(many, blocks)).table.to_pylist()
    assert {row["touchpoint"]: row["met"] for row in ends} == {"a": 2, "b": 2}
    # each block alone has fewer, but not both together
    halves = [["zed", *(f"p{k}-0" for k in range(1_050))], [f"p{k}-0" for k in range(1_050, 2_100)]]
    with pytest.raises(InputError, match="2,101 touchpoints"):
        ask(build("transitions", {}), Population(Period.everything()), MemoryEngine(many[:-4], halves))
