"""What people do within equally long equals a program written from the definition."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.habits import Habits
from desirepath.runner import ask

MINUTE = 60_000_000
ALL = Population(Period.everything())


def drawn(seed: int) -> list[Happened]:
    """What up to eight people did."""
    dice = random.Random(seed)
    return [
        Happened(f"p{dice.randrange(8)}", dice.randrange(30) * MINUTE, dice.choice("abcd"), f"{n:03d}")
        for n in range(dice.randrange(50))
    ]


def test_it_equals_the_definition() -> None:
    for seed in range(500):
        log = drawn(seed)
        start = "a" if seed % 2 else None
        mine: dict[str, list[Happened]] = defaultdict(list)
        for happened in sorted(log, key=lambda each: (each.time, each.id)):
            mine[happened.person].append(happened)
        cutoff = max((each.time for each in log), default=0)
        watched = undecided = 0
        did: Counter[tuple[str, int]] = Counter()
        for events in mine.values():
            begins = next((n for n, each in enumerate(events) if start in (None, each.name)), None)
            if begins is None:
                continue
            if events[begins].time + 10 * MINUTE > cutoff:
                undecided += 1
                continue
            watched += 1
            after = [each for each in events[begins:] if each.time - events[begins].time <= 10 * MINUTE]
            often = Counter(each.name for each in after if each.name not in (start, "d"))
            for name, number in often.items():
                for times in (1, 2):
                    did[name, times] += number >= times
        blocks = [sorted(mine)[k::3] for k in range(3)]
        asked = Habits(start, "10 minutes", times=[1, 2], hide=["d"], least="0 %")
        answer = ask(asked, ALL, MemoryEngine(log, blocks))
        told = {(row["behaviour"], row["times"]): row["people"] for row in answer.table.to_pylist()}
        assert told == {key: number for key, number in did.items() if number}
        assert answer.extras["accounts"]["people"] == [watched, undecided]


def test_two_populations_are_held_against_each_other() -> None:
    """Of ten with `gold`, eight invite; of ten without, one does; searching is the same."""
    log = []
    for n in range(20):
        who = f"p{n:02d}"
        log.append(Happened(who, 0, "sign-up", f"{n}-0", {"tier": "gold" if n < 10 else "basic"}))
        if n < 8 or n == 19:
            log.append(Happened(who, MINUTE, "invite", f"{n}-1"))
        if n % 2:
            log.append(Happened(who, MINUTE, "search", f"{n}-2"))
    log.append(Happened("late", 100 * MINUTE, "far away", "z"))
    gold, basic = (Population(Period.everything(), cohort=_where(f"tier = '{tier}'")) for tier in ("gold", "basic"))
    answer = ask(Habits("sign-up", "10 minutes"), gold, MemoryEngine(log), against=basic)
    rows = {row["measure"]: row for row in answer.extra("differences").to_pylist()}
    assert rows["did invite"]["difference"] == pytest.approx(0.7)
    assert rows["did invite"]["flagged"]
    assert not rows["did search"]["flagged"]
    assert answer.words[-1].startswith("this did invite 70.0 points more often than other")


def _where(text: str):
    from desirepath.events.where import Where

    return Where.parse(text)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="one line"):
        Habits(most=0)
    with pytest.raises(InputError, match="defines"):
        Habits(start="a", only=["a"])
    answer = ask(Habits(), ALL, MemoryEngine(drawn(3)))
    with pytest.raises(UnknownNameError, match="without a behaviour"):
        answer.people(times=2)
