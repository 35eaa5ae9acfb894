"""What happens at every touchpoint of a map? One walk over its instances.

An instance is at its last touchpoint at the end: it converted from there, left from there, or waits there. Every other
touchpoint that it came by it went on from. Touchpoints are numbered as in the map; a stage is where its touchpoint is.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.journeys.scratch import scratch
from desirepath.maps.instances import CONVERTED, IN_PROGRESS, NOTHING
from desirepath.maps.journey_map import JourneyMap

Array = npt.NDArray[Any]

WENT_ON = 3
"""The way that is no outcome: an instance was elsewhere at its end."""


class Instances(NamedTuple):
    """The instances of a block."""

    starts: Array
    time: Array
    touched: Array  # uint8[n]
    outcome: Array  # int8[instances]
    at: Array  # int64[instances]: when the outcome was known
    last: Array  # int64[instances]: place of the last event up to then


class Shape(NamedTuple):
    """What the walk needs of the map."""

    stage: Array  # int64[k]
    human: Array  # bool[k]
    limit: Array  # int64[k], microseconds, 0 for none
    stage_limit: Array  # int64[stages]

    @classmethod
    def of(cls, asked: JourneyMap) -> Shape:
        """What it needs of that map."""
        return cls(
            np.array([each.stage for each in asked.touchpoints], dtype=np.int64),
            np.array([each.contact == "human" for each in asked.touchpoints], dtype=np.bool_),
            np.array([each.limit for each in asked.touchpoints], dtype=np.int64),
            np.array([each.limit for each in asked.stages], dtype=np.int64),
        )


class Counted(NamedTuple):
    """What the walk adds up; k touchpoints, s stages."""

    ways: Array  # int64[k, 4]: instances that converted, left, wait, or went on
    stage_ways: Array  # int64[s, 4]
    closed: Array  # int64[k, 4]: the same of those whose time was over when the data ends
    stage_closed: Array  # int64[s, 4]
    events: Array  # int64[k]
    back: Array  # int64[k]: instances that came back after another touchpoint
    late: Array  # int64[k]: instances that came later than its limit
    stage_late: Array  # int64[s]
    contacts: Array  # int64[k]: human contacts after it, before the next touchpoint without one
    cost: Array  # int64[k], ten-thousandths
    revenue: Array  # int64[k]
    moves: Array  # int64[k + 1, k + 1]: instances; place k is the beginning
    times: Array  # int64[k + 1, k + 1]
    move_outcomes: Array  # int64[k + 1, k + 1, 3]: closed instances by outcome
    outcomes: Array  # int64[k, 3]: closed instances at the touchpoint by outcome

    @classmethod
    def nothing(cls, k: int, s: int) -> Counted:
        """All zero."""
        square = (k + 1, k + 1)
        ways = [(k, 4), (s, 4)]
        shapes = [*ways, *ways, k, k, k, s, k, k, k, square, square, (*square, 3), (k, 3)]
        return cls(*(np.zeros(shape, dtype=np.int64) for shape in shapes))


class Stamps(NamedTuple):
    """The last instance, from 1, that was counted at each place: all 0 at first."""

    moved: Array  # int64[k + 1, k + 1]
    seen: Array  # int64[k]
    run: Array  # int64[k]: that began a second run there
    slow: Array  # int64[k]
    staged: Array  # int64[s]
    stage_slow: Array  # int64[s]

    @classmethod
    def nothing(cls, k: int, s: int) -> Stamps:
        """All zero."""
        return cls(*(np.zeros(shape, dtype=np.int64) for shape in ((k + 1, k + 1), k, k, k, s, s)))


@kernel
def first_visits(starts: Array, touched: Array, last: Array, owner: Array, stamp: Array, first: Array) -> None:
    """Mark where an instance is the first of its person's at a touchpoint; instances of a person stand together.

    `stamp` has a place per touchpoint, all -1.
    """
    for p in range(len(starts) - 1):
        for i in range(starts[p], last[p] + 1):
            here = touched[i]
            if here != NOTHING and stamp[here] != owner[p]:
                stamp[here] = owner[p]
                first[p, here] = True


@kernel
def _note(counted: Counted, stamps: Stamps, p: int, before: int, here: int, outcome: int, closed: bool) -> None:
    counted.times[before, here] += 1
    if stamps.moved[before, here] != p + 1:
        stamps.moved[before, here] = p + 1
        counted.moves[before, here] += 1
        counted.move_outcomes[before, here, outcome] += closed


@kernel
def walk(
    rows: Array, found: Instances, over: Array, shape: Shape, cost: Array, revenue: Array, counted: Counted,
    stamps: Stamps,
) -> None:  # fmt: skip
    """Add up the instances in `rows`; `over` says which are closed, `cost` and `revenue` are int64[n]."""
    k = len(shape.stage)
    for r in range(len(rows)):
        p = rows[r]
        outcome, closed = found.outcome[p], over[p]
        before, came, spoke = k, 0, -1
        stage, entered = -1, 0
        for i in range(found.starts[p], found.starts[p + 1]):
            here = found.touched[i]
            if here == NOTHING:
                continue
            counted.cost[here] += cost[i]
            if shape.human[here]:
                counted.contacts[spoke if spoke >= 0 else here] += 1
            if i > found.last[p]:
                continue
            if not shape.human[here]:
                spoke = here
            counted.events[here] += 1
            counted.revenue[here] += revenue[i]
            if stamps.seen[here] != p + 1:
                stamps.seen[here] = p + 1
                counted.outcomes[here, outcome] += closed
            elif here != before and stamps.run[here] != p + 1:
                stamps.run[here] = p + 1
                counted.back[here] += 1
            if before < k and shape.limit[here] > 0 and found.time[i] - came > shape.limit[here]:
                if stamps.slow[here] != p + 1:
                    stamps.slow[here] = p + 1
                    counted.late[here] += 1
            if shape.stage[here] != stage:
                if stage >= 0:
                    _leave(counted, stamps, shape, p, stage, found.time[i] - entered)
                stage = shape.stage[here]
                entered = found.time[i]
            if here != before:
                _note(counted, stamps, p, before, here, outcome, closed)
            before = here
            came = found.time[i]
        if before == k:
            continue
        _leave(counted, stamps, shape, p, stage, found.at[p] - entered)
        _end(found, shape, counted, stamps, p, before, stage, closed)


@kernel
def _end(
    found: Instances, shape: Shape, counted: Counted, stamps: Stamps, p: int, last: int, stage: int, closed: bool
) -> None:
    """Count which way an instance went from every touchpoint and stage that it came by; it ended at the last."""
    outcome = found.outcome[p]
    for i in range(found.starts[p], found.last[p] + 1):
        here = found.touched[i]
        if here == NOTHING:
            continue
        if stamps.seen[here] == p + 1:
            stamps.seen[here] = 0
            way = outcome if here == last else WENT_ON
            counted.ways[here, way] += 1
            counted.closed[here, way] += closed
        there = shape.stage[here]
        if stamps.staged[there] != p + 1:
            stamps.staged[there] = p + 1
            way = outcome if there == stage else WENT_ON
            counted.stage_ways[there, way] += 1
            counted.stage_closed[there, way] += closed


@kernel
def _leave(counted: Counted, stamps: Stamps, shape: Shape, p: int, stage: int, stayed: int) -> None:
    if shape.stage_limit[stage] > 0 and stayed > shape.stage_limit[stage] and stamps.stage_slow[stage] != p + 1:
        stamps.stage_slow[stage] = p + 1
        counted.stage_late[stage] += 1


class Spans(NamedTuple):
    """Lengths of stays and moves, one after the other as they are met; room for one more than there are events."""

    move: Array  # int32: of which kind, a * k + b from touchpoint a to b
    stay: Array  # int64: since the first of the events in a row at a
    gap: Array  # int64: since the last of them
    stage: Array  # int32: which stage was left, for another or for the goal
    stage_stay: Array  # int64
    many: Array  # int64[2]: how many there are of the first three, and of the others

    @classmethod
    def room(cls, events: int) -> Spans:
        """Room for so many events, for as long as the block is worked on."""
        room = events + 1
        move, stage = (scratch(f"span {name}", room, np.int32) for name in ("move", "stage"))
        stay, gap, stage_stay = (scratch(f"span {name}", room, np.int64) for name in ("stay", "gap", "stage stay"))
        return cls(move, stay, gap, stage, stage_stay, np.zeros(2, dtype=np.int64))


@kernel
def measure(rows: Array, found: Instances, shape: Shape, spans: Spans) -> None:
    """Put down how long it took to the next touchpoint and to the next stage.

    A stay ends with the next touchpoint, or with the goal; who waits or left has none.
    """
    k, moves, stages = len(shape.stage), 0, 0
    for r in range(len(rows)):
        p = rows[r]
        before, began, came = k, 0, 0
        stage, entered = -1, 0
        for i in range(found.starts[p], found.last[p] + 1):
            here = found.touched[i]
            if here == NOTHING:
                continue
            now = found.time[i]
            if here != before:
                if before < k:
                    spans.move[moves] = int(before) * k + int(here)
                    spans.stay[moves] = now - began
                    spans.gap[moves] = now - came
                    moves += 1
                began = now
            if shape.stage[here] != stage:
                if stage >= 0:
                    spans.stage[stages] = stage
                    spans.stage_stay[stages] = now - entered
                    stages += 1
                stage = shape.stage[here]
                entered = now
            before = here
            came = now
        if before < k and found.outcome[p] == CONVERTED:
            spans.stage[stages] = stage
            spans.stage_stay[stages] = found.at[p] - entered
            stages += 1
    spans.many[0], spans.many[1] = moves, stages


@kernel
def waits(rows: Array, found: Instances, at: Array, since: Array) -> None:
    """Where each of the instances in `rows` waits, -1 where it does not, and the moment from which on it was there.

    Parameters
    ----------
    at, since
        int64[rows] each, to be filled.
    """
    for r in range(len(rows)):
        p = rows[r]
        at[r] = -1
        since[r] = 0
        if found.outcome[p] != IN_PROGRESS:
            continue
        for i in range(found.starts[p], found.last[p] + 1):
            here = found.touched[i]
            if here != NOTHING and here != at[r]:
                at[r] = here
                since[r] = found.time[i]


@kernel
def passes(starts: Array, touched: Array, last: Array, ways: Array, outcome: Array, wanted: int, fits: Array) -> None:
    """Say per instance what became of it at a touchpoint: `fits[p]` is its way, -1 where it never came by."""
    for p in range(len(starts) - 1):
        fits[p] = -1
        final = -1
        for i in range(starts[p], last[p] + 1):
            here = touched[i]
            if here != NOTHING:
                final = ways[here]
                if final == wanted:
                    fits[p] = WENT_ON
        if final == wanted and final >= 0:
            fits[p] = outcome[p]


@kernel
def makes(starts: Array, touched: Array, last: Array, a: int, b: int, k: int, fits: Array) -> None:
    """Say per instance whether it moves from a to b, where k stands for the beginning."""
    for p in range(len(starts) - 1):
        before = k
        for i in range(starts[p], last[p] + 1):
            here = touched[i]
            if here != NOTHING:
                if here != before and before == a and here == b:
                    fits[p] = True
                before = here


@kernel
def last_answers(
    rows: Array, found: Instances, matches: Array, place: Array, about: int, k: int, about_counts: Array,
    passed_counts: Array, odd: Array, answers: Array,
) -> None:  # fmt: skip
    """Count the last answer of every instance: at the touchpoint it is about, and at all that the instance came by.

    Parameters
    ----------
    matches, place
        bool[n], int8[n]: which events are answers, and the place of their scores (-2: not on the scale).
    about
        The touchpoint that answers are about, or -1 for the last one before each.
    about_counts, passed_counts
        int64[k, 11].
    odd
        int64[1]: answers that are not on the scale.
    answers
        int64[11]: one per instance that answered.
    """
    for r in range(len(rows)):
        p = rows[r]
        given, spot, before = -1, -1, -1
        for i in range(found.starts[p], found.starts[p + 1]):
            if found.touched[i] != NOTHING:
                before = found.touched[i]
            if matches[i]:
                if place[i] == -2:
                    odd[0] += 1
                elif place[i] >= 0:
                    given = place[i]
                    spot = about if about >= 0 else before
        if given < 0:
            continue
        answers[given] += 1
        if spot >= 0:
            about_counts[spot, given] += 1
        for t in range(k):
            for i in range(found.starts[p], found.last[p] + 1):
                if found.touched[i] == t:
                    passed_counts[t, given] += 1
                    break
