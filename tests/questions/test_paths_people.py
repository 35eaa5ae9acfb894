"""Every number of the tree of paths leads to exactly its people, also of the ways that it does not tell apart."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE, logs, splits

from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.paths import Paths
from desirepath.runner import ask

ENDS = ("converted", "left", "undecided")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_numbers_of_the_tree_lead_to_their_people(data: st.DataObject) -> None:
    log = data.draw(logs(most=18))
    fields: dict[str, Any] = {
        "start": data.draw(st.sampled_from(["a", None])),
        "end": data.draw(st.sampled_from(["c", None])),
        "window": "2 hours",
        "length": data.draw(st.sampled_from([2, 3, 8])),
        "most": 1_000,
    }
    answer = ask(Paths(**fields), Population(Period.everything()), MemoryEngine(log, data.draw(splits(log)) or [[]]))
    rows = answer.extra("tree").to_pylist()
    for row in rows:
        here, depth = row["begins"], row["depth"]
        assert answer.people(begins=here).num_rows == row["people"]
        assert answer.people(begins=here, depth=depth + 1).num_rows == row["went_on"]
        for end in ENDS:
            assert answer.people(path=here, outcome=end).num_rows == row[end]
        ways = [each for each in rows if each["begins"].startswith(f"{here} > ") and each["depth"] == depth + 1]
        known, rest = ways[: len(ways) // 2], ways[len(ways) // 2 :]
        others = answer.people(begins=here, depth=depth + 1, but=[each["begins"] for each in known])
        assert others.num_rows == sum(each["people"] for each in rest)
        assert answer.people(begins=here.split(" > ")).num_rows == row["people"]
    for row in answer.extra("depths").to_pylist():
        assert answer.people(depth=row["depth"]).num_rows == row["there"]
        for end in ENDS:
            assert answer.people(outcome=end, before=row["depth"]).num_rows == row[f"ended_{end}"]


def test_a_name_may_hold_the_sign_between_touchpoints() -> None:
    log = [
        Happened(person, minute * MINUTE, name, f"{person} {minute}")
        for person, names in {
            "ann": ["Home > Shoes", "Cart"],
            "bob": ["Home", "Shoes > Sale", "Cart"],
            "cat": ["Home", "Cart"],
            "end": ["x"],
        }.items()
        for minute, name in enumerate(names)
    ]
    log.append(Happened("end", 99_999 * MINUTE, "x", "last"))
    answer = ask(Paths(), Population(Period.everything()), MemoryEngine(log))

    def who(**which: Any) -> list[str]:
        return sorted(answer.people(**which).column("person").to_pylist())

    assert who(begins="Home > Shoes") == ["ann"]
    assert who(begins=["Home", "Shoes > Sale"]) == ["bob"]
    assert who(begins="Home > Shoes > Sale > Cart") == ["bob"]
    assert who(path="Home > Cart") == ["cat"]
    assert who(begins="Home", but=[["Home", "Cart"]]) == ["bob"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_backward_the_tree_is_of_endings(data: st.DataObject) -> None:
    log = data.draw(logs(most=18))
    length = data.draw(st.sampled_from([1, 2, 3, 12, 40]))
    question = Paths(end="c", direction="backward", window="2 hours", length=length, most=1_000)
    answer = ask(question, Population(Period.everything()), MemoryEngine(log, data.draw(splits(log)) or [[]]))
    taken = {
        tuple(row["path"].split(" > ")): row["people"] for row in answer.table.to_pylist() if row["path"] != "(nothing)"
    }
    rows = answer.extra("tree").to_pylist()
    endings = {path[n:] for path in taken for n in range(len(path))}
    assert {tuple(row["ends"].split(" > ")) for row in rows} == endings
    for row in rows:
        here = tuple(row["ends"].split(" > "))
        longer = {path: n for path, n in taken.items() if path[-len(here) :] == here}
        assert row["touchpoint"] == here[0]
        assert row["depth"] == len(here)
        assert row["people"] == sum(longer.values()) == answer.people(ends=row["ends"]).num_rows
        assert row["went_on"] == row["people"] - taken.get(here, 0)
        ways = [each["ends"] for each in rows if each["depth"] == len(here) + 1 and each["ends"].endswith(row["ends"])]
        known = [each for each in ways if each.split(" > ")[1:] == list(here)][1:]
        rest = answer.people(ends=list(here), depth=len(here) + 1, but=known).num_rows
        assert rest == row["went_on"] - sum(each["people"] for each in rows if each["ends"] in known)
