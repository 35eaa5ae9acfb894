"""Exits equal a program written from their definition, for random logs and all options mixed."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import pytest
from exits_logs import blocks, random_log
from memory_engine import Happened, MemoryEngine
from random_journeys import MINUTE

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.exits import Exits
from desirepath.questions.transitions import Transitions
from desirepath.runner import ask

GAP = 30 * MINUTE
WITHIN = {None: None, "10 minutes": 10 * MINUTE, "1 hour": 60 * MINUTE}
HOW = {"(left)": "exits", "(converted)": "converted", "(undecided)": "undecided"}


def shown(event: Happened, fields: dict[str, Any]) -> str | None:
    """What an event is taken for."""
    if (fields["only"] and event.name not in ("a", "b")) or (fields["hide"] and event.value("plan") == "x"):
        return None
    value = event.value("channel") if fields["expand"] else None
    return event.name if value is None else f"{event.name}: {value}"


def units(log: list[Happened], unit: str, cutoff: int) -> list[tuple[list[Happened], int | None]]:
    """Everybody's events up to the cut-off, whole or by session, and when that is over."""
    found: list[list[Happened]] = []
    for person in sorted({event.person for event in log}):
        events = [event for event in log if event.person == person and event.time <= cutoff]
        for number, event in enumerate(sorted(events, key=lambda event: (event.time, event.id))):
            if number == 0 or (unit == "session" and event.time - found[-1][-1].time > GAP):
                found.append([])
            found[-1].append(event)
    return [(each, each[-1].time + GAP if unit == "session" else None) for each in found]


def walked(events: list[Happened], closes: int | None, fields: dict[str, Any], end: int) -> tuple[list[str], bool]:
    """The touchpoints of one unit, and how it ended; nothing, if it is at none. And if it is in shares."""
    way, last, how = [], 0, "(undecided)"
    for event in events:
        name = shown(event, fields)
        if name is not None:
            way.append(name)
            last = event.time
        if fields["goal"] is not None and event.name == "c":
            how, last = "(converted)", event.time
            break
    within = WITHIN[fields["within"]]
    over = (closes is not None and closes <= end) or (within is not None and last + within <= end)
    if how == "(undecided)" and over:
        how = "(left)"
    return ([*way, how] if way else []), over


def asked(rng: random.Random) -> tuple[list[Happened], dict[str, Any], Population, int]:
    """Any log, question and population; and the moment up to which all is known."""
    log = random_log(rng)
    fields: dict[str, Any] = {
        "goal": rng.choice([None, "c"]),
        "within": rng.choice(list(WITHIN)),
        "only": rng.choice([[], ["a", "b"]]),
        "hide": rng.choice([[], ["plan = 'x'"]]),
        "expand": rng.choice([[], ["channel"]]),
        "most": rng.choice([1, 1_000]),
        "ramps": rng.choice([1, 1_000]),
    }
    period = rng.choice([Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")])
    last = max((event.time for event in log), default=0)
    cutoff = rng.choice([last, min(last, 120 * MINUTE)])
    unit = rng.choice(["person", "session"])
    first = min((event.time for event in log), default=0)
    end = max(min(cutoff, period.end - 1), first, period.start)
    return log, fields, Population(period, unit=unit, cutoff=cutoff), end


@pytest.mark.parametrize("seed", range(6))
def test_they_equal_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        check(rng)


def check(rng: random.Random) -> None:
    """One log and one question."""
    log, fields, population, end = asked(rng)
    answer = ask(Exits(**fields), population, MemoryEngine(log, blocks(rng, log)))
    cutoff = population.cutoff
    assert cutoff is not None
    ways: list[tuple[str, list[str]]] = []
    counts: list[bool] = []
    for events, closes in units(log, population.unit, cutoff):
        inside = [event for event in events if population.period.holds(event.time)]
        way, over = walked(inside, closes, fields, end)
        if way:
            ways.append((inside[0].person, way))
            counts.append(over)
    assert answer.people().num_rows == len(ways)
    ends: Any = answer.extras["ends"]
    assert dict(zip(ends["end"], ends["people"], strict=True)) == {
        kind: sum(way[-1] == how for _, way in ways) for how, kind in HOW.items()
    }
    if fields["goal"] and any(counts):
        left = sum(way[-1] == "(left)" for _, way in ways)
        assert answer.words[0].startswith(f"Of {sum(counts)} that are over, {100 * left / sum(counts):.1f} %")
    moves, after, met = (
        Counter[tuple[str, str]](),
        defaultdict[str, Counter[str]](Counter),
        defaultdict[str, list](list),
    )
    for (person, way), over in zip(ways, counts, strict=True):
        moves.update(pairwise(way))
        for name in set(way[:-1]):
            place = max(n for n, each in enumerate(way[:-1]) if each == name)
            after[name][way[place + 1]] += 1
            met[name].append((person, way[-2] == name, way[-1], over))
    exits = {name: sum(here and how == "(left)" for _, here, how, _ in each) for name, each in met.items()}
    order = sorted(met, key=lambda name: (-exits[name], -len(met[name]), name))
    rows = {row["touchpoint"]: row for row in answer.table.to_pylist()}
    assert list(rows) == order[: fields["most"]] + (["(other)"] if len(order) > fields["most"] else [])
    if "(other)" in rows:
        rest = order[fields["most"] :]
        assert rows["(other)"]["exits"] == sum(exits[name] for name in rest)
        assert rows["(other)"]["visits"] == sum(n for (name, _), n in moves.items() if name in rest)
    for name in order[: fields["most"]]:
        row, everybody = rows[name], met[name]
        assert row["visits"] == sum(n for (a, _), n in moves.items() if a == name)
        assert (row["met"], row["exits"]) == (len(everybody), exits[name])
        for column, how in (("converted", "(converted)"), ("undecided", "(undecided)")):
            assert row[column] == sum(way == how for _, _, way, _ in everybody)
        known = sum(over for _, _, _, over in everybody)
        assert row["decided"] == known
        assert row["of_met"] == (pytest.approx(exits[name] / known) if known else None)
        whole = sum(exits.values())
        assert row["of_exits"] == (pytest.approx(exits[name] / whole) if whole else None)
        ramps = {ramp["to"]: ramp for ramp in answer.extra("ramps").to_pylist() if ramp["from"] == name}
        plain = sorted(
            (to for a, to in moves if a == name and to not in HOW),
            key=lambda to: (-after[name][to], -moves[name, to], to),
        )
        kept = {to: (after[name][to], moves[name, to]) for to in plain[: fields["ramps"]]}
        other = plain[fields["ramps"] :]
        if other:
            kept["(other)"] = (sum(after[name][to] for to in other), sum(moves[name, to] for to in other))
        kept |= {how: (after[name][how], moves[name, how]) for how in HOW if moves[name, how]}
        assert {to: (ramp["people"], ramp["times"]) for to, ramp in ramps.items()} == kept
    if order:
        name = rng.choice(order)
        to = rng.choice([to for a, to in sorted(moves) if a == name])
        if rng.random() < 0.5:
            assert answer.people(touchpoint=name, to=to).num_rows == after[name][to]
        else:
            left = answer.people(touchpoint=name, outcome="exits").column("person").to_pylist()
            assert sorted(left) == sorted(who for who, here, how, _ in met[name] if here and how == "(left)")


@pytest.mark.parametrize("seed", range(100))
def test_they_reconcile_with_transitions(seed: int) -> None:
    """In sessions without a goal both see the same ends and the same moves."""
    rng = random.Random(seed)
    log = random_log(rng)
    fields: dict[str, Any] = {
        "only": rng.choice([[], ["a", "b"]]),
        "expand": rng.choice([[], ["channel"]]),
        "most": 1_000,
    }
    period = rng.choice([Period.everything(), Period(40 * MINUTE, 150 * MINUTE, "UTC")])
    population = Population(period, unit="session")
    exits = ask(Exits(**fields, ramps=1_000), population, MemoryEngine(log))
    moves = ask(Transitions(**fields), population, MemoryEngine(log))
    there = {(row["from"], row["to"]): row["times"] for row in exits.extra("ramps").to_pylist()}
    assert there == {
        (row["from"], row["to"]): row["times"] for row in moves.table.to_pylist() if row["from"] != "(start)"
    }
    left = {row["touchpoint"]: row["left"] for row in moves.extra("touchpoints").to_pylist()}
    assert {row["touchpoint"]: row["exits"] for row in exits.table.to_pylist()} == left


def test_mistakes_are_named() -> None:
    for fields in ({"most": 0}, {"ramps": 0}, {"within": "30"}, {"expand": [" by "]}, {"goal": "value =="}):
        with pytest.raises(InputError):
            Exits(**fields)  # type: ignore[arg-type]
    answer = ask(Exits(), Population(Period.everything()), MemoryEngine([Happened("p", 0, "search", "1")]))
    with pytest.raises(UnknownNameError, match="search"):
        answer.people(touchpoint="serch")
    with pytest.raises(UnknownNameError, match="left later"):
        answer.people(touchpoint="search", outcome="left")
    with pytest.raises(InputError, match="named"):
        answer.people(to="search")
    assert 'unit="session"' in {item.code: item.text for item in answer.warnings}["undecided"]
