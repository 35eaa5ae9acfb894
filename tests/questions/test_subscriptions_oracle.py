"""Movements of revenue equal a program that replays everything before each midnight; and to the cent they add up."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Breakdown, Population
from desirepath.questions.subscriptions import Subscriptions
from desirepath.runner import ask

DAY = 86_400_000_000
DAYS = 6
MOVEMENTS = ("start", "new", "reactivation", "expansion", "contraction", "churn", "end", "stayed", "passing")
EVERYTHING = Population(Period.everything())


def log_of(rng: random.Random) -> list[Happened]:
    """What a few people did in six days, some of it right at midnight."""
    found = []
    for number in range(rng.randrange(24)):
        fields = {
            "mrr": rng.choice(["10", "20", "20", "30.55", "0", "-5", None]),
            "sub": rng.choice(["s1", "s2", None]),
            "why": rng.choice(["plan", "seat", None]),
        }
        at = rng.randrange(DAYS) * DAY + rng.choice([0, 1, 2, 3]) * DAY // 4
        name = rng.choice(["started", "changed", "ended", "looked"])
        known = {field: value for field, value in fields.items() if value is not None}
        found.append(Happened(f"p{rng.randrange(4)}", at, name, f"{number:04d}", known))
    return found


def replay(events: list[Happened], asked: Subscriptions) -> tuple[Counter[Any], bool, Counter[str], list[Any]]:
    """What runs after some events in cents, whether anything was ever paid, what did not fit, and each change."""
    running: Counter[Any] = Counter()
    problems: Counter[str] = Counter()
    ever, moves, before_it = False, [], None
    for event in events:
        key = event.value(asked.key) if asked.key else None
        told = event.value("mrr")
        amount = None if told is None or float(told) < 0 else round(100 * float(told))
        if asked.amount is None:
            amount = 100
        before = sum(running.values())
        if event.name == "started":
            problems["blank"] += amount is None
            told_twice = running[key] == amount and before_it is not None and before_it.time == event.time
            problems["again"] += key in running and not told_twice
            running[key] = amount or 0
        elif event.name == "changed":
            problems["blank"] += amount is None
            problems["unknown"] += key not in running
            if key in running and amount is not None:
                running[key] = amount
        elif event.name == "ended":
            problems["unknown"] += key not in running
            running.pop(key, None)
        moves.append((sum(running.values()) - before, event.value("why")))
        before_it = event
        ever = ever or sum(running.values()) > 0
    return running, ever, problems, moves


def told_of(events: list[Happened], day: int, asked: Subscriptions) -> tuple[set[str], int, int, Any, Counter[str]]:
    """One person's movements on a day, the cents before and after, the kind, and what did not fit."""
    earlier = [event for event in events if event.time < day * DAY]
    upto = [event for event in events if event.time < (day + 1) * DAY]
    held, paid, past, _ = replay(earlier, asked)
    now, _, problems, moves = replay(upto, asked)
    start, end = sum(held.values()), sum(now.values())
    within = any(sum(replay(upto[:k], asked)[0].values()) for k in range(len(earlier) + 1, len(upto) + 1))
    found, kind, moved = set(), None, [(more, why) for more, why in moves[len(earlier) :] if more]
    if start:
        found.add("start")
        found.add("stayed" if end else "churn")
    if end:
        found.add("end")
    if end and not start:
        found.add("reactivation" if paid else "new")
    if start and end > start:
        found.add("expansion")
        kind = max(moved, key=lambda each: each[0])[1] or "(missing)"
    if end and start > end:
        found.add("contraction")
        kind = min(moved, key=lambda each: each[0])[1] or "(missing)"
    if within and not start and not end:
        found.add("passing")
    return found, start, end, kind, problems - past


def moved_cents(movement: str, start: int, end: int) -> int:
    """What a movement comes to."""
    if movement in ("expansion", "contraction"):
        return abs(end - start)
    return start if movement in ("start", "churn") else end


def check(log: list[Happened], asked: Subscriptions, days: range, cutoff: int, engine: MemoryEngine) -> int:
    """Every number of the answer against the program; how many were not nothing."""
    period = Period(days.start * DAY, days.stop * DAY, "UTC")
    answer = ask(asked, Population(period, cutoff=cutoff), engine)
    first = min(event.time for event in log) // DAY
    journeys: dict[str, list[Happened]] = {}
    for event in sorted(log, key=lambda event: (event.time, event.id)):
        if event.time <= cutoff and event.name != "looked":
            journeys.setdefault(event.person, []).append(event)
    rows, seen = answer.table.to_pylist(), 0
    known = [day for day in days if first <= day <= cutoff // DAY]
    problems: Counter[str] = Counter()
    kinds: Counter[Any] = Counter()
    for day in known:
        told = {who: told_of(events, day, asked) for who, events in journeys.items()}
        label = f"1970-01-{day + 1:02d}"
        row = next((each for each in rows if each["bucket"] == label), None)
        for movement in MOVEMENTS:
            people = [who for who, each in told.items() if movement in each[0]]
            seen += len(people)
            if row is None:
                assert not people
                continue
            assert row[f"customers_{movement}"] == len(people), (movement, label)
            drilled = answer.people(bucket=label, movement=movement).column("person").to_pylist()
            assert sorted(drilled) == sorted(people)
            if movement not in ("stayed", "passing"):
                cents = sum(moved_cents(movement, *told[who][1:3]) for who in people)
                assert round(100 * row[f"mrr_{movement}"]) == cents
        for each in told.values():
            problems += each[4]
            for movement in ("expansion", "contraction"):
                if movement in each[0]:
                    kinds[label, movement, each[3]] += abs(each[2] - each[1])
        if row is not None:
            rates(row, list(told.values()), over=cutoff + 1 >= (day + 1) * DAY)
    assert Counter(dict(zip(*answer.extras["problems"].values(), strict=True))) == problems
    if asked.kind is not None:
        lines = answer.extra("kinds").to_pylist()
        found = {(row["bucket"], row["movement"], row["kind"]): round(100 * row["mrr"]) for row in lines}
        assert found == dict(kinds)
    return seen


def rates(row: dict[str, Any], told: list[Any], *, over: bool) -> None:
    """The rates of a bucket from their definitions."""
    paid = [(start, end) for _, start, end, _, _ in told if start]
    whole = sum(start for start, _ in paid)
    if not over or not paid:
        assert row["of_customers_lost"] is row["of_mrr_lost"] is row["of_mrr_kept"] is row["of_mrr_net"] is None
        return
    assert row["of_customers_lost"] == pytest.approx(sum(not end for _, end in paid) / len(paid))
    assert row["of_mrr_lost"] == pytest.approx(sum(start for start, end in paid if not end) / whole)
    assert row["of_mrr_kept"] == pytest.approx(sum(min(pair) for pair in paid) / whole)
    assert row["of_mrr_net"] == pytest.approx(sum(end for _, end in paid) / whole)
    for name in ("of_customers_lost", "of_mrr_lost", "of_mrr_kept", "of_mrr_net"):
        if row[f"{name}_low"] is not None:
            assert row[f"{name}_low"] - 1e-9 <= row[name] <= row[f"{name}_high"] + 1e-9


def test_it_equals_the_definition() -> None:
    rng, seen = random.Random(5), 0
    for _ in range(500):
        log = log_of(rng)
        if not log:
            continue
        asked = Subscriptions(
            starts="started",
            changes="changed",
            ends="ended",
            amount=rng.choice(["mrr", "mrr", None]),
            key=rng.choice([None, "sub"]),
            kind=rng.choice([None, "why"]),
            every="day",
        )
        first = rng.randrange(DAYS)
        days = range(first, rng.randrange(first + 1, DAYS + 1)) if rng.random() < 0.5 else range(DAYS)
        last = max(event.time for event in log)
        cutoff = rng.choice([last, max(last - DAY, min(event.time for event in log))])
        people = sorted({event.person for event in log})
        engine = MemoryEngine(log, [people[::2], people[1::2]])
        seen += check(log, asked, days, cutoff, engine)
    assert seen > 4_000


def test_start_and_what_moved_is_the_end_to_the_cent() -> None:
    rng = random.Random(6)
    for _ in range(120):
        log = log_of(rng)
        asked = Subscriptions(starts="started", changes="changed", ends="ended", key="sub", every="day")
        before = None
        for row in ask(asked, EVERYTHING, MemoryEngine(log)).table.to_pylist():
            cents = {name: round(100 * row[f"mrr_{name}"]) for name in MOVEMENTS[:7]}
            up = cents["start"] + cents["new"] + cents["reactivation"] + cents["expansion"]
            assert up - cents["contraction"] - cents["churn"] == cents["end"]
            assert before in (None, cents["start"])
            before = cents["end"]


def test_groups_add_up_from_bucket_to_bucket() -> None:
    rng = random.Random(7)
    for _ in range(60):
        log = log_of(rng)
        asked = Subscriptions(starts="started", changes="changed", ends="ended", every="day")
        population = Population(Period.everything(), breakdown=Breakdown("why"))
        ends: dict[str, int] = {}
        for row in ask(asked, population, MemoryEngine(log)).table.to_pylist():
            assert ends.get(row["group"], 0) == row["customers_start"]
            ends[row["group"]] = row["customers_end"]


def test_an_event_that_fits_several_is_an_end_before_a_start_before_a_change() -> None:
    log = [Happened("p", n * DAY, name, str(n), {"mrr": "10"}) for n, name in enumerate(["a", "ab", "a", "a"])]
    asked = Subscriptions(starts="name in ('a', 'ab')", changes="name in ('a', 'ab')", ends="ab", every="day")
    found = ask(asked, EVERYTHING, MemoryEngine(log))
    assert found.columns["customers_churn"] == [0, 1, 0, 0]
    assert found.columns["customers_reactivation"] == [0, 0, 1, 0]
    assert found.extras["problems"]["events"] == [0, 0, 1], "the last one starts what is running"


def test_mistakes_are_named() -> None:
    for fields in ({"amount": " "}, {"key": ""}, {"starts": "name ="}):
        with pytest.raises(InputError):
            Subscriptions(**fields)  # type: ignore[arg-type]
    large = [Happened("p", 0, "started", "1", {"mrr": "40000000"})]
    asked = Subscriptions(starts="started", changes="changed", ends="ended", every="day")
    with pytest.raises(InputError, match="30,000,000"):
        ask(asked, EVERYTHING, MemoryEngine(large))
    answer = ask(asked, EVERYTHING, MemoryEngine([Happened("p", 0, "started", "1", {"mrr": "4"})]))
    for which in ({"bucket": "1971-01-01"}, {"movement": "lost"}, {"kind": "x"}, {"problem": "x"}, {"step": 1}):
        with pytest.raises(UnknownNameError):
            answer.people(**which)
