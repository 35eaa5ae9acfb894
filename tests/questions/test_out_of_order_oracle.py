"""What stands too early equals a program written from the definition."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.out_of_order import OutOfOrder
from desirepath.runner import ask


def drawn(seed: int) -> list[Happened]:
    """What up to eight people did."""
    dice = random.Random(seed)
    return [
        Happened(f"p{dice.randrange(8)}", dice.randrange(20), dice.choice("abcd"), f"{n:03d}")
        for n in range(dice.randrange(40))
    ]


def test_it_equals_the_definition() -> None:
    for seed in range(500):
        log = drawn(seed)
        begin, end = (5, 15) if seed % 2 else (-100, 100)
        then = "name != 'd'" if seed % 3 else None
        mine: dict[str, list[Happened]] = defaultdict(list)
        for happened in log:
            mine[happened.person].append(happened)
        expected: dict[str, list[int]] = {}
        for events in mine.values():
            firsts = [each.time for each in events if each.name == "a"]
            for name in "bcd" if then is None else "bc":
                times = [each.time for each in events if each.name == name and begin <= each.time < end]
                if not times:
                    continue
                early = [time for time in times if firsts and time < min(firsts)]
                line = expected.setdefault(name, [0, 0, 0, 0, 0])
                line[0] += 1
                line[1] += len(times)
                line[2] += bool(early)
                line[3] += len(early)
                line[4] += not firsts
        blocks = [sorted(mine)[k::3] for k in range(3)]
        answer = ask(OutOfOrder("a", then), Population(Period(begin, end, "UTC")), MemoryEngine(log, blocks))
        columns = ("people", "events", "early", "early_events", "never")
        assert {row["event"]: [row[name] for name in columns] for row in answer.table.to_pylist()} == expected
        early_events = sum(line[3] for line in expected.values())
        assert ("out_of_order" in [notice.code for notice in answer.warnings]) == bool(early_events)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="one line"):
        OutOfOrder("a", most=0)
    with pytest.raises(InputError, match="field"):
        OutOfOrder("a", by=" ")
    answer = ask(OutOfOrder("a"), Population(Period.everything()), MemoryEngine(drawn(3)))
    with pytest.raises(UnknownNameError, match="outcome"):
        answer.people(outcome="late")
