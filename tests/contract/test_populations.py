"""Groups by lists of values, by the number of the use, and journeys of entities; checked by hand and by counting."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath import Answer
from desirepath.errors import InputError
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

MINUTE = 60_000_000
HOUR = 60 * MINUTE
ALL_TIME = Period.everything()


def funnel(log: list[Happened], blocks: Any = None, period: Period = ALL_TIME, **whom: Any) -> Answer:
    question = build("funnel", {"steps": ["a", "b"], "window": "1 hour"})
    return ask(question, Population(period, **whom), MemoryEngine(log, blocks))


def table(answer: Answer, step: int = 1) -> dict[str, int]:
    return {row["group"]: row["reached"] for row in answer.table.to_pylist() if row["step"] == step}


def test_a_unit_counts_in_the_group_of_each_of_its_values_and_once_in_all() -> None:
    tags = {"p": ["red", "blue"], "q": ["blue"], "r": ["red", "red", 7], "s": [], "t": None, "u": "plain"}
    log = [
        Happened(who, 0, "a", who, {} if value is None else {"tags": value if who == "u" else json.dumps(value)})
        for who, value in tags.items()
    ]
    log.append(Happened("p", 1, "b", "z"))
    found = funnel(log, breakdown=Breakdown("tags", several=True))
    assert table(found) == {
        "(everyone)": 6,
        "(missing)": 2,
        "blue": 2,
        "red": 2,
        "7": 1,
        "plain": 1,
    }
    assert table(found, 2)["red"] == table(found, 2)["blue"] == 1
    for group, number in table(found).items():
        assert found.people(group=group, step=1, outcome="reached").num_rows == number
    rows = dict(zip(found.extras["differences"]["group"], found.extras["differences"]["difference"], strict=True))
    # the window is open at the end of this log, so no rate is decided; the rest of each group is whoever is not in it
    assert set(rows) == set(table(found)) - {"(everyone)"}
    assert next(item.text for item in found.warnings if item.code == "parts").startswith("A unit is in the group")


def test_everything_is_read_before_an_answer_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also what is said of nobody, as where everybody has one value: an answer is made where nothing may be read."""
    log = [Happened(who, 0, "a", who, {"tags": '["red"]'}) for who in "pq"]
    read: list[str] = []
    true_map = MemoryEngine.map

    def noting(self: MemoryEngine, *args: Any, **more: Any) -> list[Any]:
        read.append(threading.current_thread().name)
        return true_map(self, *args, **more)

    monkeypatch.setattr(MemoryEngine, "map", noting)
    assert table(funnel(log, breakdown=Breakdown("tags", several=True))) == {"(everyone)": 2, "red": 2}
    assert set(read) == {threading.current_thread().name}


def test_others_of_shared_groups_count_everybody_once() -> None:
    log = [Happened("p", 0, "a", "1", {"tags": '["x", "y", "z"]'}), Happened("q", 0, "a", "2", {"tags": '["x"]'})]
    found = funnel(log, breakdown=Breakdown("tags", top=1, several=True))
    assert table(found) == {"(everyone)": 2, "x": 2, "(other)": 1}
    assert found.people(group="(other)").num_rows == 1


def test_a_second_visit_stays_the_second_also_in_a_period() -> None:
    day = 24 * HOUR
    log = [
        Happened("p", 0, "a", "1"),
        Happened("p", MINUTE, "b", "2"),
        Happened("p", day, "a", "3"),
        Happened("p", 2 * day, "a", "4"),
        Happened("p", 2 * day + MINUTE, "b", "5"),
        Happened("q", day, "a", "6"),
    ]
    found = funnel(log, unit="session", breakdown=Breakdown("nth"))
    assert table(found) == {"(everyone)": 4, "1": 2, "2": 1, "3": 1}
    assert table(found, 2) == {"(everyone)": 2, "1": 1, "2": 0, "3": 1}
    later = funnel(log, period=Period(day // 2, 9 * day, "UTC"), unit="session", breakdown=Breakdown("nth"))
    assert table(later) == {"(everyone)": 3, "2": 1, "3": 1, "1": 1}
    assert funnel(log, unit="session", use="2..").columns["reached"] == [2, 1]
    assert funnel(log, unit="session", use="1").columns["reached"] == [2, 1]
    assert funnel(log, unit="session", use="2..2").columns["reached"] == [1, 0]


def test_attempts_of_a_person_are_numbered() -> None:
    log = [Happened("p", n * HOUR * 2, "a", str(n)) for n in range(12)]
    question = build("funnel", {"steps": ["a", "b"], "window": "1 hour", "entry": "each"})
    found = ask(question, Population(ALL_TIME, breakdown=Breakdown("nth", top=20)), MemoryEngine(log))
    assert table(found) == {"(everyone)": 12, "10 or more": 3, **{str(n): 1 for n in range(1, 10)}}


def test_entities_are_kept_apart_and_events_about_none_are_left_out() -> None:
    def about(kind: str, number: str) -> dict[str, str]:
        return {"entity_type": kind, "entity_id": number}

    log = [
        Happened("p", 0, "a", "1", about("ticket", "1")),
        Happened("p", 1, "a", "2", about("ticket", "2")),
        Happened("p", 2, "b", "3", about("ticket", "2")),
        Happened("p", 3, "a", "4", about("order", "2")),
        Happened("p", 4, "b", "5"),
        Happened("q", 5, "a", "6", about("ticket", "1")),
    ]
    assert funnel(log).columns["reached"] == [2, 1]
    assert funnel(log, unit="entity").columns["reached"] == [4, 1]
    found = funnel(log, unit="entity:ticket", breakdown=Breakdown("nth"))
    assert table(found) == {"(everyone)": 3, "1": 2, "2": 1}
    assert table(found, 2) == {"(everyone)": 1, "1": 0, "2": 1}
    assert funnel(log, unit="entity:visit").columns["reached"] == [0, 0]
    assert found.people(step=1, outcome="reached").column("person").to_pylist() == ["p", "p", "q"]


@pytest.mark.parametrize(
    ("whom", "says"),
    [
        ({"unit": "order"}, "unit"),
        ({"unit": "entity:"}, "unit"),
        ({"use": "2"}, "first or second use"),
        ({"unit": "session", "use": "0"}, "'0'"),
        ({"unit": "session", "use": "3..2"}, "'3..2'"),
        ({"unit": "session", "use": "second"}, "second"),
    ],
)
def test_what_makes_no_sense_is_refused(whom: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        Population(ALL_TIME, **whom)
