"""What is told of one passage, and the small loops around the walk: which events match, and what the rows add up to."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel
from desirepath.questions.funnel_chains import NEVER
from desirepath.questions.funnel_machine import FOREVER

Array = npt.NDArray[Any]

ANY, FIRST, EACH = 0, 1, 2
"""Entry policies."""

DROPPED, UNDECIDED, DONE, SHUT_OUT = 0, 1, 2, 3
"""What became of a row: no more steps came, they still may, all came, or an excluded event took it out."""


BEYOND = 2**32 - 1
"""A position after all events of a batch."""


class Scope(NamedTuple):
    """Which entries count, and up to when the data is known; moments in microseconds since 1970."""

    policy: int
    entry_bits: int
    enter_from: int
    enter_until: int
    cutoff: int
    drop_excluded: bool
    whole_sessions: bool


MARKS = 6
REACHED, STATUS, TIED_STEPS, MATURE, TOUCH, SHUT = range(MARKS)
"""Columns of `Rows.marks`: required steps reached; what became of it; whether the reported chain uses one instant
twice; reach of the chains whose window had closed by the cut-off, or -1; reach of the chains from the first entry
alone; whether an excluded event ended a chain."""

JOURNEY, ENTRY, STEP_AT = range(3)
"""Columns of `Rows.places`: position of the journey in the batch, of its first entry, then per step of the event
that did it in the reported chain, or -1."""


class Rows(NamedTuple):
    """The result, one entry a row."""

    marks: Array  # int8[rows, 6]
    places: Array  # int32[rows, 2 + steps]
    times: Array  # int64[rows, steps] when each step of the reported chain was done, or never
    entered: Array  # int64[rows] moment of the first entry
    optional: Array  # int64[rows] optional steps reached, as bits; told only where there are any
    mature_optional: Array  # int64[rows] the same for chains whose window had closed by the cut-off


class Met(NamedTuple):
    """The events of a batch that the steps ask for, and when its journeys end."""

    starts: Array  # int64[journeys + 1]
    time: Array  # int64[events]
    codes: Array  # [events]: which of the combinations below each event is
    bits: Array  # int64[codes]: the steps that it does, and what excludes
    step_of: Array  # uint8[codes]: the one step that it does; see `funnel_straight.steps_of`
    hits: Array  # uint32: positions of matching events, and `BEYOND`
    closes: Array  # int64[journeys]: until when each may go on
    shut: Array  # int64[journeys]: when nothing can join it any more


@inlined
def settled(shut: int, scope: Scope, window: int) -> int:
    """Last moment of entry whose window had closed by the cut-off; of any entry, once nothing can join the journey."""
    if scope.cutoff >= FOREVER or shut <= scope.cutoff:
        return FOREVER  # type: ignore[return-value]
    return NEVER if scope.whole_sessions else scope.cutoff - window


@kernel
def matching(codes: Array, wanted: Array, hits: Array) -> int:
    """Fill `hits` with the positions of the events of `wanted` codes, bool[codes]; return how many.

    There is room for one more than there are events: behind the last one stands `BEYOND`.
    """
    count = 0
    for i in range(len(codes)):
        hits[count] = i
        count += wanted[codes[i]]  # no branch: one event in ten matches, at random
    hits[count] = BEYOND
    return count


class Sums(NamedTuple):
    """What rows add up to; see `FunnelTally`."""

    outcome: Array  # int64[4, goal + 1]: by what became of them, and required steps reached
    mature: Array  # int64[goal + 1]: by reach of the chains whose window had closed
    touch: Array  # int64[goal + 1]: by reach of the chains from the first entry alone
    flags: Array  # int64[3]: finished with a tie, shut by an excluded event, without a value of what must stay the same
    spans: Array  # int64[goal + 1, rows]: from start to end, from first entry to end, to step k + 1 from the one before
    many: Array  # int64[goal + 1]: how many spans there are in each


@kernel
def sum_up(
    marks: Array, missing: Array, times: Array, entered: Array, required: Array, free: bool, grace: bool, order: Array,
    sums: Sums,
) -> None:  # fmt: skip
    """Count rows by outcome and reach, and write down how long passages took.

    `free` says that steps may come in any order, `grace` that a step may lie before the one before it; `order` is
    int64[goal] to work with.
    """
    goal, spans, many = len(required), sums.spans, sums.many
    for row in range(len(marks)):
        status, reach = marks[row, STATUS], marks[row, REACHED]
        sums.outcome[status, reach] += 1
        sums.flags[0] += marks[row, TIED_STEPS] & (reach == goal)
        sums.flags[1] += marks[row, SHUT]
        if status == SHUT_OUT:
            continue
        sums.flags[2] += missing[row]
        sums.touch[marks[row, TOUCH]] += 1
        if marks[row, MATURE] > 0:
            sums.mature[marks[row, MATURE]] += 1
        if reach < 2:
            continue
        for k in range(goal):
            order[k] = times[row, required[k]]
        for k in range(1, goal):
            if grace:
                order[k] = max(order[k], order[k - 1])
            at = k
            while free and at > 0 and order[at] < order[at - 1]:
                order[at], order[at - 1] = order[at - 1], order[at]
                at -= 1
        for k in range(1, reach):
            spans[k + 1, many[k + 1]] = order[k] - order[k - 1]
            many[k + 1] += 1
        if reach == goal:
            spans[0, many[0]] = order[goal - 1] - order[0]
            spans[1, many[1]] = order[goal - 1] - entered[row]
            many[0] += 1
            many[1] += 1


@kernel
def count_entries(codes: Array, bits: Array, hits: Array, many: int, entry_bits: int) -> int:
    """How many of the first `many` matching events could be entries."""
    count = 0
    for k in range(many):
        count += (bits[codes[hits[k]]] & entry_bits) != 0
    return count


@inlined
def name_after(stop: int, time: Array, name: Array, at: int, horizon: int) -> int:
    """Name code of the first event after `at` and before `stop`, of another name and within the horizon; -1 if none."""
    for i in range(at + 1, stop):
        if time[i] - time[at] > horizon:
            break
        if name[i] != name[at]:
            return name[i]  # type: ignore[no-any-return]
    return -1


@kernel
def next_after(
    starts: Array, time: Array, name: Array, journey: Array, position: Array, horizon: int, out: Array
) -> None:
    """`name_after` of each position in its journey."""
    for row in range(len(journey)):
        out[row] = name_after(starts[journey[row] + 1], time, name, position[row], horizon)
