"""Which map would the events themselves draw? Touchpoints, their order, what may be left out, what comes in any order.

A draft to be edited, not a verdict. From the distinct sequences of events:

1. touchpoints are the events that enough journeys have;
2. they are ordered by what comes first more often, pair by pair (the order with most agreement that neighbours cannot
   improve by changing places);
3. neighbours that come in either order are a block: walked in circles it is one of them, any number of times, else
   all of them in any order; neighbours that hardly ever occur in one journey are alternatives;
4. what many journeys do without is optional, what many do again at once repeats;
5. a stage begins where nearly all journeys that come so far come by.

How good the draft is says the alignment of every journey with it (see `departures`), not the draft.
Source of the idea of pairwise precedence: S. Leemans, D. Fahland, W. van der Aalst, Discovering block-structured
process models from event logs, 2013 (the cuts of the inductive miner); of the ordering: A. Copeland, 1951.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.maps.variants import Variants

Array = npt.NDArray[Any]

OPTIONAL, AGAIN = 0.95, 0.1
"""A block that fewer journeys come by is optional; a touchpoint that more do again at once repeats."""

EITHER, APART = 0.25, 0.05
"""Neighbours in the rarer order so often come in any order; sharing so few journeys they are alternatives."""

CIRCLES = 1.3
"""So many events per distinct touchpoint of a block mean that it is walked in circles."""

MOST_IN_BLOCK = 4
MOST_STAGES = 7


class Relations(NamedTuple):
    """What is counted of journeys; k kinds of events."""

    journeys: Array  # int64[k]: that have one
    events: Array  # int64[k]
    first: Array  # int64[k]: that begin with one
    last: Array  # int64[k]: that end with one
    again: Array  # int64[k]: that have one directly after another
    before: Array  # int64[k, k]: whose first a comes before their first b


@kernel
def _relate(starts: Array, trace: Array, weight: Array, place: Array, met: Array, found: Relations) -> None:
    """`place` is int64[k], all 0, and `met` room for as many kinds."""
    for v in range(len(weight)):
        n, many = weight[v], 0
        begin, end = starts[v], starts[v + 1]
        for i in range(begin, end):
            here = trace[i]
            found.events[here] += n
            if place[here] == 0:
                place[here] = 1
                for m in range(many):
                    found.before[met[m], here] += n
                met[many] = here
                many += 1
                found.journeys[here] += n
            if i > begin and trace[i - 1] == here and place[here] == 1:
                place[here] = 2
                found.again[here] += n
        if end > begin:
            found.first[trace[begin]] += n
            found.last[trace[end - 1]] += n
        for m in range(many):
            place[met[m]] = 0


def relations(variants: Variants, weight: Array, kinds: int) -> Relations:
    """Count the relations of events over all journeys; `weight` is int64[v]: how many have each variant."""
    journeys, events, first, last, again = (np.zeros(kinds, np.int64) for _ in range(5))
    found = Relations(journeys, events, first, last, again, np.zeros((kinds, kinds), np.int64))
    room = (np.zeros(kinds, np.int64), np.zeros(kinds, np.int64))
    _relate(variants.starts, variants.trace, weight, *room, found)
    return found


@kernel
def _keep(starts: Array, trace: Array, number: Array, nothing: int, kept_starts: Array, kept: Array) -> int:
    put = 0
    for v in range(len(starts) - 1):
        kept_starts[v] = put
        for i in range(starts[v], starts[v + 1]):
            if number[trace[i]] != nothing:
                kept[put] = number[trace[i]]
                put += 1
    kept_starts[len(starts) - 1] = put
    return put


def renumbered(variants: Variants, number: Array, nothing: int) -> Variants:
    """The same sequences with other numbers for their events, without those that become `nothing`."""
    starts = np.zeros(len(variants.starts), dtype=np.int64)
    kept = np.empty(int(variants.starts[-1] - variants.starts[0]), dtype=np.uint8)
    put = _keep(variants.starts, variants.trace, number, nothing, starts, kept)
    return Variants(variants.of, starts, kept[:put], variants.kind, variants.mark)


@kernel
def _meet(starts: Array, trace: Array, wanted: Array, met: Array) -> None:
    for v in range(len(met)):
        for i in range(starts[v], starts[v + 1]):
            if wanted[trace[i]]:
                met[v] = True
                break


def meeting(variants: Variants, some: Sequence[int], kinds: int) -> Array:
    """bool[v]: which sequences have any of some of so many kinds of events."""
    wanted, met = np.zeros(kinds, dtype=np.bool_), np.zeros(len(variants.starts) - 1, dtype=np.bool_)
    wanted[list(some)] = True
    _meet(variants.starts, variants.trace, wanted, met)
    return met


@kernel
def _step_on(starts: Array, trace: Array, weight: Array, moves: Array) -> None:
    for v in range(len(weight)):
        for i in range(starts[v] + 1, starts[v + 1]):
            moves[trace[i - 1], trace[i]] += weight[v]


def moves_of(variants: Variants, weight: Array, kinds: int) -> Array:
    """int64[k, k]: how many times journeys go from one kind of event to the next; `weight` is int64[v]."""
    moves = np.zeros((kinds, kinds), dtype=np.int64)
    _step_on(variants.starts, variants.trace, weight, moves)
    return moves


@dataclass(frozen=True)
class Draft:
    """A map as it was found.

    Attributes
    ----------
    order
        The kinds of events that are touchpoints, in the order of the map.
    steps
        Its blocks, as the file of a map holds them.
    starts, goal
        Kinds of events that begin a journey, and the one that is its goal.
    """

    order: Sequence[int]
    steps: Sequence[Any]
    starts: Sequence[int]
    goal: int


def frequent(found: Relations, total: int, least: float) -> Array:
    """int64: the kinds of events that at least the share `least` of `total` journeys have, and anybody."""
    return np.flatnonzero((found.journeys / max(total, 1) >= least) & (found.journeys > 0))


def draft(
    found: Relations, walks: tuple[Variants, Array], names: Sequence[str], total: int, least: float, goal: int | None
) -> Draft | None:
    """Draw a map of the events that at least the share `least` of `total` journeys have; None where none has.

    Parameters
    ----------
    walks
        The sequences, and int64[v]: how many have each.
    goal
        The kind of event that is the goal; the one that most journeys end with, if left out.
    """
    enough = frequent(found, total, least)
    if goal is not None and goal not in enough:
        enough = np.append(enough, goal)
    if not len(enough):
        return None
    if goal is None:
        goal = int(enough[np.argmax(found.last[enough])])
    order = _ordered(found, [int(each) for each in enough], goal)
    begins = [each for each in order if each != goal and found.first[each] >= max(0.02 * total, 1)]
    starts = begins or order[:1]
    steps = [_step(found, walks, block, names, total, goal) for block in _blocks(found, order, goal)]
    return Draft(order, steps, starts, goal)


def _ordered(found: Relations, kept: list[int], goal: int) -> list[int]:
    """The goal last; the others by how often they come first, then neighbours changed while that agrees more."""
    before = found.before
    score = {
        a: sum(
            (before[a, b] - before[b, a]) / max(int(before[a, b] + before[b, a]), 1) for b in kept if b not in (a, goal)
        )
        for a in kept
    }
    order = sorted((each for each in kept if each != goal), key=lambda a: (-score[a], a))
    for _ in range(len(order)):
        changed = False
        for i in range(len(order) - 1):
            a, b = order[i], order[i + 1]
            if before[b, a] > before[a, b]:
                order[i], order[i + 1] = b, a
                changed = True
        if not changed:
            break
    return [*order, goal]


def _mixed(found: Relations, a: int, b: int) -> bool:
    """Whether two come in either order."""
    one, two = int(found.before[a, b]), int(found.before[b, a])
    return one + two > 0 and min(one, two) >= EITHER * (one + two) and not _apart(found, a, b)


def _apart(found: Relations, a: int, b: int) -> bool:
    """Whether two hardly ever occur in one journey."""
    both = int(found.before[a, b] + found.before[b, a])
    return both < APART * min(int(found.journeys[a]), int(found.journeys[b]))


def _blocks(found: Relations, order: Sequence[int], goal: int) -> list[tuple[str, list[int]]]:
    """Neighbours that belong together, with how they do."""
    blocks: list[tuple[str, list[int]]] = []
    for each in order:
        if each != goal and blocks:
            kind, members = blocks[-1]
            if kind in ("single", "mixed") and all(_mixed(found, each, other) for other in members):
                blocks[-1] = ("mixed", [*members, each])
                continue
            if kind in ("single", "apart") and all(_apart(found, each, other) for other in members):
                blocks[-1] = ("apart", [*members, each])
                continue
        blocks.append(("single", [each]))
    return blocks


def _step(
    found: Relations,
    walks: tuple[Variants, Array],
    block: tuple[str, list[int]],
    names: Sequence[str],
    total: int,
    goal: int,
) -> Any:
    """A block as the file of a map holds it."""
    kind, members = block
    if kind == "single":
        return _single(found, members[0], names, total, goal)
    variants, weight = walks
    have = int(weight[meeting(variants, members, len(found.journeys))].sum())
    some = {"optional": True} if have < OPTIONAL * total else {}
    if kind == "apart":
        return {"one_of": [_single(found, each, names, int(found.journeys[each]), goal) for each in members], **some}
    circles = found.events[members].sum() > CIRCLES * found.journeys[members].sum()
    if circles or len(members) > MOST_IN_BLOCK:
        return {"one_of": [names[each] for each in members], "repeats": True, **some}
    most = int(found.journeys[members].max())
    return {"any_order": [_single(found, each, names, most, goal) for each in members], **some}


def _single(found: Relations, each: int, names: Sequence[str], of: int, goal: int) -> Any:
    marks: dict[str, Any] = {}
    if found.journeys[each] < OPTIONAL * of and each != goal:
        marks["optional"] = True
    if found.again[each] >= AGAIN * max(int(found.journeys[each]), 1) and each != goal:
        marks["repeats"] = True
    return {"touchpoint": names[each], **marks} if marks else names[each]


def staged(steps: Sequence[Any]) -> list[dict[str, Any]]:
    """The blocks in stages, each beginning where nearly everybody comes by."""
    stages: list[list[Any]] = []
    for step in steps:
        needed = isinstance(step, str) or not step.get("optional")
        if not stages or (needed and len(stages) < MOST_STAGES):
            stages.append([])
        stages[-1].append(step)
    return [{"stage": _title(steps[0], number), "steps": steps} for number, steps in enumerate(stages, start=1)]


def _title(step: Any, number: int) -> str:
    """A stage's name: a number, so that no two are alike, and where it begins."""
    while not isinstance(step, str):
        step = step.get("touchpoint") or next(step[kind][0] for kind in ("one_of", "any_order") if kind in step)
    return f"{number} {step}"
