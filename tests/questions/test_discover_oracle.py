"""A map drawn of what happens, told by counting lists of names, and by trying every way of aligning one with it."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine, holds
from passages import touchpoint
from random_journeys import MINUTE, splits

from desirepath.answers.answer import Answer
from desirepath.errors import InputError
from desirepath.events.moments import Period
from desirepath.maps.journey_map import JourneyMap
from desirepath.population import Population
from desirepath.questions.catalog import build
from desirepath.runner import ask

HOUR, DAY = 60 * MINUTE, 24 * 60 * MINUTE
ROUND = {f"{n} hour{'s' * (n > 1)}": n * HOUR for n in (1, 2, 6, 12)}
ROUND |= {f"{n} day{'s' * (n > 1)}": n * DAY for n in (1, 2, 7, 14, 30, 60, 90, 180, 365, 730)}
LEVELS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.0)

PLAIN = ("a", "b", "c", "d", "e", "f")
ODD = ("a > b", "it's", "c in (x)", " d", "e -> f", "plan = 'x' or y")
SHOWN: Any = ({}, {}, {"hide": ["channel = 'web'", "f"]}, {"only": ["channel = 'app'", "a", "b"]})
TWO: Any = {"a": ["a", "c"], "x > y": ["d", "nobody's"]}
GROUPS: Any = ({}, {"all": ["a", "b"]}, TWO, {"b = 1": ["a > b", "it's", "b"]})

Step = tuple[str, Any, bool, bool]
"""`touchpoint`, `one_of` or `any_order`; a name or steps; whether it is optional, and repeats."""


@st.composite
def crowds(draw: st.DrawFn, names: Sequence[str]) -> list[Happened]:
    """A few ways, each walked by several people who begin at different times, some of them in any order."""
    gaps = st.sampled_from((0, MINUTE, 10 * MINUTE, HOUR, DAY, 40 * DAY, 400 * DAY))
    event = st.tuples(st.sampled_from(names), gaps, st.sampled_from((None, "web", "app")))
    way = st.tuples(st.lists(event, min_size=1, max_size=7), st.integers(1, 22), st.booleans())
    people = itertools.count()
    log = []
    for events, many, mixed in draw(st.lists(way, min_size=1, max_size=5)):
        for number in itertools.islice(people, many):
            now = number % 5 * 10 * MINUTE
            order = random.Random(number).sample(events, len(events)) if mixed else events
            for place, (name, gap, channel) in enumerate(order):
                now += gap
                fields = {} if channel is None else {"channel": channel}
                log.append(Happened(f"p{number:04}", now, name, f"{number:04}-{place}", fields))
    return log


class Asked(NamedTuple):
    """What is asked, and of which journeys: per person the touchpoints that are shown, with their times or without."""

    fields: dict[str, Any]
    journeys: dict[str, list[tuple[str, int]]]
    walks: list[tuple[str, ...]]
    names: list[str]

    @property
    def size(self) -> int:
        return len(self.journeys)


def called(fields: Mapping[str, Any], event: Happened) -> str | None:
    """The touchpoint of an event; None where it is hidden."""
    fits = {event.name, f"channel = '{event.fields.get('channel')}'"}
    if not fits.isdisjoint(fields.get("hide", ())) or fits.isdisjoint(fields.get("only", fits)):
        return None
    return next((name for name, events in fields["group"].items() if event.name in events), event.name)


def asked_of(fields: dict[str, Any], log: Sequence[Happened], low: int, high: int) -> Asked:
    """The journeys of a period."""
    journeys: dict[str, list[tuple[str, int]]] = {}
    for event in sorted(log, key=lambda each: (each.person, each.time, each.id)):
        name = called(fields, event)
        if name is not None and low <= event.time < high:
            journeys.setdefault(event.person, []).append((name, event.time))
    names = dict.fromkeys([*sorted(fields["group"]), *sorted({event.name for event in log})])
    walks = [tuple(name for name, _ in journey) for journey in journeys.values()]
    return Asked(fields, journeys, walks, list(names))


class Seen:
    """What is counted of journeys; all but `events` are numbers of journeys."""

    def __init__(self, walks: Sequence[Sequence[str]]) -> None:
        pairs = [{one for one, two in itertools.pairwise(walk) if one == two} for walk in walks]
        self.events = Counter(name for walk in walks for name in walk)
        self.having = Counter(name for walk in walks for name in set(walk))
        self.again = Counter(name for names in pairs for name in names)
        self.first, self.last = Counter(walk[0] for walk in walks), Counter(walk[-1] for walk in walks)
        self.before = Counter(pair for walk in walks for pair in itertools.combinations(dict.fromkeys(walk), 2))

    def both(self, a: str, b: str) -> int:
        """Journeys that have both."""
        return self.before[a, b] + self.before[b, a]

    def apart(self, a: str, b: str) -> bool:
        """Whether two share fewer than one in twenty of the rarer's journeys."""
        return 20 * self.both(a, b) < min(self.having[a], self.having[b])

    def mixed(self, a: str, b: str) -> bool:
        """Whether the rarer order of two is that of a quarter of the journeys that have both."""
        both = self.both(a, b)
        return both > 0 and 4 * min(self.before[a, b], self.before[b, a]) >= both and not self.apart(a, b)


def ordered(seen: Seen, kept: Sequence[str], goal: str) -> list[str]:
    """What comes first more often first, until no two neighbours would agree more the other way round."""
    others = [name for name in kept if name != goal]

    def lead(a: str) -> float:
        return sum((seen.before[a, b] - seen.before[b, a]) / max(seen.both(a, b), 1) for b in others if b != a)

    order = sorted(others, key=lead, reverse=True)
    place = 0
    while place < len(order) - 1:
        a, b = order[place : place + 2]
        if seen.before[b, a] > seen.before[a, b]:
            order[place : place + 2] = b, a
        place += 1
        if place == len(order) - 1 and any(seen.before[y, x] > seen.before[x, y] for x, y in itertools.pairwise(order)):
            place = 0
    return [*order, goal]


def blocks(seen: Seen, order: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Neighbours that belong together: all of them in any order, or one of them."""
    found: list[tuple[str, list[str]]] = []
    for name in order[:-1]:
        kind, members = found[-1] if found else ("", [])
        if members and kind != "apart" and all(seen.mixed(name, each) for each in members):
            found[-1] = ("mixed", [*members, name])
        elif members and kind != "mixed" and all(seen.apart(name, each) for each in members):
            found[-1] = ("apart", [*members, name])
        else:
            found.append(("single", [name]))
    return [*found, ("single", [order[-1]])]


def step_of(seen: Seen, asked: Asked, kind: str, members: list[str], goal: str) -> Step:
    """A block of the road."""

    def one(name: str, of: int) -> Step:
        rare, again = 20 * seen.having[name] < 19 * of, 10 * seen.again[name] >= seen.having[name]
        return ("touchpoint", name, name != goal and rare, name != goal and again)

    if kind == "single":
        return one(members[0], asked.size)
    rare = 20 * sum(not set(members).isdisjoint(walk) for walk in asked.walks) < 19 * asked.size
    if kind == "apart":
        return ("one_of", tuple(one(name, seen.having[name]) for name in members), rare, False)
    events, having = (sum(counts[name] for name in members) for counts in (seen.events, seen.having))
    if 10 * events > 13 * having or len(members) > 4:
        return ("one_of", tuple(("touchpoint", name, False, False) for name in members), rare, True)
    most = max(seen.having[name] for name in members)
    return ("any_order", tuple(one(name, most) for name in members), rare, False)


class Drawn(NamedTuple):
    """The map that is expected at a level of detail."""

    kept: list[str]
    goal: str
    steps: list[Step]
    starts: list[str]


def drawn(asked: Asked, least: float) -> Drawn | None:
    """The map of the touchpoints that enough journeys have; None of none."""
    seen, goal = Seen(asked.walks), asked.fields.get("goal")
    enough = max(Fraction(str(least)) * asked.size, Fraction(1))
    kept = [name for name in asked.names if seen.having[name] >= enough]
    kept += [goal] if goal is not None and goal not in kept else []
    if not kept:
        return None
    goal = goal or max(kept, key=lambda name: seen.last[name])
    order = ordered(seen, kept, goal)
    begins = [name for name in order[:-1] if seen.first[name] and 50 * seen.first[name] >= asked.size]
    steps = [step_of(seen, asked, *block, goal) for block in blocks(seen, order)]
    return Drawn(order, goal, steps, begins or order[:1])


def told(step: Any) -> Step:
    """A step as the definition has it."""
    if isinstance(step, str):
        return ("touchpoint", step, False, False)
    marks = (step.get("optional", False), step.get("repeats", False))
    if "touchpoint" in step:
        return ("touchpoint", step["touchpoint"], *marks)
    kind = "one_of" if "one_of" in step else "any_order"
    return (kind, tuple(told(each) for each in step[kind]), *marks)


@cache
def cost(step: Step, trace: tuple[str, ...], whole: bool) -> int:
    """The fewest touchpoints to leave out or to add between a trace and a walk of a step, or any beginning of one."""
    kind, parts, optional, repeats = step
    found = [len(trace)] if optional or not whole else []
    if kind == "touchpoint":
        found.append(len(trace) + (-1 if parts in trace else 1))
    elif kind == "one_of":
        found += [cost(each, trace, whole) for each in parts]
    else:
        found += [row(order, trace, whole) for order in itertools.permutations(parts)]
    once, again = (kind, parts, False, False), (kind, parts, False, True)
    cuts = range(1, len(trace) if repeats else 0)
    return min([*found, *(cost(once, trace[:cut], True) + cost(again, trace[cut:], whole) for cut in cuts)])


@cache
def row(parts: tuple[Step, ...], trace: tuple[str, ...], whole: bool) -> int:
    """The same of steps one after another."""
    if not parts:
        return len(trace)
    found = [] if whole else [cost(parts[0], trace, False)]
    cuts = range(len(trace) + 1)
    return min([*found, *(cost(parts[0], trace[:cut], True) + row(parts[1:], trace[cut:], whole) for cut in cuts)])


def explained(asked: Asked, made: Drawn) -> tuple[float, float, float]:
    """Share of events that are touchpoints, of journeys that depart from nothing, and mean fitness."""
    events = inside = on_road = 0
    fitness = 0.0
    for walk, many in Counter(asked.walks).items():
        trace = tuple(name for name in walk if name in made.kept)
        all_of_it = made.goal in trace
        off = row(tuple(made.steps), trace, all_of_it)
        worst = len(trace) + (row(tuple(made.steps), (), True) if all_of_it else 0)
        events, inside = events + many * len(walk), inside + many * len(trace)
        on_road += many * (off == 0)
        fitness += many * (1 - off / max(worst, 1))
    return inside / events, on_road / asked.size, fitness / asked.size


def check_table(answer: Answer, asked: Asked, made: Drawn) -> None:
    """A line per touchpoint, in the order of the map, and who is behind it."""
    seen, rows = Seen(asked.walks), answer.table.to_pylist()
    assert [row["touchpoint"] for row in rows] == made.kept
    for place, row in enumerate(rows, start=1):
        name, having = row["touchpoint"], seen.having[row["touchpoint"]]
        assert (row["place"], row["journeys"], row["events"]) == (place, having, seen.events[name])
        assert row["of_journeys"] == pytest.approx(having / asked.size)
        assert row["of_again_at_once"] == pytest.approx(seen.again[name] / having)
        assert row["of_beginning"] == pytest.approx(seen.first[name] / asked.size)
        assert row["of_ending"] == pytest.approx(seen.last[name] / asked.size)
        people = [person for person, journey in asked.journeys.items() if name in [each for each, _ in journey]]
        assert sorted(answer.people(touchpoint=name)["person"].to_pylist()) == sorted(people)


def check_definition(definition: dict[str, Any], asked: Asked, made: Drawn, log: Sequence[Happened]) -> None:
    """The map's blocks, stages, beginning and end; and that it takes the very events for its touchpoints."""
    stages = definition["stages"]
    steps = [told(step) for stage in stages for step in stage["steps"]]
    assert steps == list(made.steps)
    for number, stage in enumerate(stages, start=1):
        first, *rest = [told(step) for step in stage["steps"]]
        assert number == 1 or not first[2]
        assert all(step[2] for step in rest) or number == 7
        while first[0] != "touchpoint":
            first = first[1][0]
        assert stage["stage"] == f"{number} {first[1]}"
    lengths = sorted(journey[-1][1] - journey[0][1] for journey in asked.journeys.values())
    place = Fraction(99, 100) * asked.size  # a whole place stands for the mean of it and the next
    twice = lengths[math.ceil(place) - 1] + lengths[math.floor(place)]
    enough = [length for length, most in ROUND.items() if 2 * most >= twice]
    assert definition["gives_up_after"] == (enough[0] if enough else "730 days")
    drawn_map = JourneyMap.of(definition)
    names = [each.name for each in drawn_map.touchpoints]
    assert sorted(names) == sorted(made.kept)
    for event in log:
        name = called(asked.fields, event)
        if name is not None:
            here = touchpoint(drawn_map, event)
            assert (names[here] if here != 255 else None) == (name if name in made.kept else None)
            assert holds(drawn_map.goal.root, event) == (name == made.goal)
            assert holds(drawn_map.starts.root, event) == (name in made.starts)


def check_levels(answer: Answer, asked: Asked, made: Drawn) -> None:
    """What maps of more and less detail explain; the drawn one by its own blocks."""
    rows = {line["least"]: line for line in answer.extra("levels").to_pylist()}
    for least in LEVELS:
        level = drawn(asked, least)
        assert (level is not None) == (least in rows)
        if level is None:
            continue
        of_events, on_road, fitness = explained(asked, level)
        assert rows[least]["touchpoints"] == len(level.kept)
        assert rows[least]["of_events"] == pytest.approx(of_events)
        assert rows[least]["of_journeys_on_the_road"] == pytest.approx(on_road)
        assert rows[least]["fitness"] == pytest.approx(fitness)
    start = f"{asked.size} journeys of {len(set(asked.walks))} variants. A map of {len(made.kept)} touchpoints has "
    assert answer.words[0].startswith(start)


def check_drawing(answer: Answer, asked: Asked, made: Drawn) -> None:
    """Touchpoints and moves of the picture."""
    lines = answer.extra("drawing").to_pylist()
    points = [(line["touchpoint"], line["instances"]) for line in lines if line["part"] == "touchpoint"]
    assert points == [(name, Seen(asked.walks).having[name]) for name in made.kept]
    moves: Counter[tuple[str, str]] = Counter()
    for walk in asked.walks:
        moves.update(itertools.pairwise([name for name in walk if name in made.kept]))
    told_moves = {
        (line["touchpoint"], line["to"]): (line["instances"], line["back"]) for line in lines if line["part"] == "move"
    }
    place = made.kept.index
    assert told_moves == {(a, b): (n, place(b) < place(a)) for (a, b), n in moves.items() if a != b}


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.data(),
    names=st.sampled_from([PLAIN, ODD]),
    span=st.sampled_from([(Period.everything().start, Period.everything().end), (15 * MINUTE, 2 * DAY)]),
)
def test_a_map_is_drawn(data: st.DataObject, names: tuple[str, ...], span: tuple[int, int]) -> None:
    """All that is told of any log and parameters, for blocks of people in any split."""
    cost.cache_clear()
    row.cache_clear()
    log, group = data.draw(crowds(names)), data.draw(st.sampled_from(GROUPS))
    least = data.draw(st.sampled_from((*LEVELS, 0.07, 0.14, 0.25, 0.55, 0.75, 1.0)))
    fields = {"group": group, "least": least, **data.draw(st.sampled_from(SHOWN))}
    goals = sorted({called(fields, event) or "nothing" for event in log})
    goal = fields["goal"] = data.draw(st.sampled_from([None, *goals]))
    asked, population = asked_of(fields, log, *span), Population(Period(*span, "UTC"))
    answer = ask(build("discover", fields), population, MemoryEngine(log, data.draw(splits(log)) or [[]]))
    assert sorted(answer.people()["person"].to_pylist()) == sorted(asked.journeys)
    missing = goal is not None and not any(goal in walk for walk in asked.walks)
    made = None if missing or not asked.size else drawn(asked, least)
    if made is None:
        said = "Nobody has an event of" if not asked.size else "Nobody has the event" if missing else "No event is in"
        assert answer.words[0].startswith(said)
        assert not any(len(column) for table in [answer.columns, *answer.extras.values()] for column in table.values())
        return
    (definition,) = answer.extras["definition"]["definition"]
    inside = [event for event in log if span[0] <= event.time < span[1]]
    check_table(answer, asked, made)
    check_definition(definition, asked, made, inside)
    check_levels(answer, asked, made)
    check_drawing(answer, asked, made)


def test_what_cannot_be_drawn_is_refused() -> None:
    """An event in two groups, a goal that a group hides, and a group with the name of an event outside it."""
    log = [Happened("p", place * MINUTE, name, str(place), {}) for place, name in enumerate("abc")]
    refused: Any = (
        ({"group": {"x": ["a"], "y": ["a"]}}, "in two groups"),
        ({"group": {"x": ["a", "b"]}, "goal": "a"}, "name the group"),
        ({"group": {"b": ["a"]}}, "is an event too"),
        ({"least": 1.5}, "not a share"),
    )
    for fields, says in refused:
        with pytest.raises(InputError, match=says):
            ask(build("discover", fields), Population(Period.everything()), MemoryEngine(log))


def test_levels_that_are_no_map_are_left_out() -> None:
    """What is too fine to be a map says nothing against a coarser one."""
    kinds = [f"n{number:03}" for number in range(238)]  # with a and b as many as a map may have, without the goal
    ways = [["a", "b"]] * 8 + [["a", *kinds, "b"]] * 3 + [["a", "g"]]
    log = [
        Happened(f"p{person}", place * MINUTE, name, f"{person}-{place:03}", {})
        for person, way in enumerate(ways)
        for place, name in enumerate(way)
    ]
    answer = ask(build("discover", {"least": 0.5, "goal": "g"}), Population(Period.everything()), MemoryEngine(log))
    assert (answer.columns["touchpoint"], answer.extras["levels"]["least"]) == (["a", "b", "g"], [0.5])
