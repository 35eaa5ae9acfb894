"""The plainest funnel, at the speed of memory: steps in order, one window, entry at any touch.

Nothing here is defined anew. It does what `funnel_walk.walk` does for a machine that is a straight line, for journeys
in which no two matching events share an instant; any other journey is left to it. Tests compare the two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel
from desirepath.questions.funnel_chains import NEVER
from desirepath.questions.funnel_machine import FOREVER
from desirepath.questions.funnel_rows import (
    DONE,
    DROPPED,
    ENTRY,
    JOURNEY,
    MATURE,
    REACHED,
    SHUT,
    STATUS,
    STEP_AT,
    TIED_STEPS,
    TOUCH,
    UNDECIDED,
    Met,
    Rows,
    Scope,
    settled,
)

Array = npt.NDArray[Any]

LEFT = -1
"""Not a reach: a journey that this lane leaves to the walk that weighs all chains."""

SEVERAL = 255
"""Not a step: the event does several steps at once, or none."""

LONGEST = 2**61
"""Microseconds: more than between any two moments, less than between any moment and `NEVER`."""


class Passage(NamedTuple):
    """What there is to tell of a journey; see `straight`."""

    reach: int
    start: int  # of the reported chain
    last_entry: int
    first: int  # the first entry's place among the hits
    following: int  # place of the first hit that was not looked at


def steps_of(bits: Array, steps: int) -> Array:
    """uint8[codes]: the step that an event of each code does, or `SEVERAL`; `bits` are those of `Matched`."""
    table = np.full(len(bits), SEVERAL, dtype=np.uint8)
    for step in range(steps):
        table[bits == (1 << step)] = step
    return table


@inlined
def straight(
    low: int, stop: int, met: Met, enter_from: int, enter_until: int, window: int, steps: int, begin: Array
) -> Passage:
    """Walk one journey's matching events, from hit `low` up to position `stop`; its reach may be `LEFT`.

    Written almost without branches: which step comes next is a coin toss that no processor foresees. A reach of 0
    means that the journey did not enter. `begin` holds nothing but `NEVER` from place 1 on, and does so again after it.
    """
    hits, codes, step_of, time = met.hits, met.codes, met.step_of, met.time
    window = min(window, LONGEST)
    reach, best, first, before, odd = 0, NEVER, low, NEVER, False
    m = low
    while hits[m] < stop:
        now, step = time[hits[m]], step_of[codes[hits[m]]]
        if now == before or step == SEVERAL:
            odd = True
            break
        before = now
        begin[0] = now if enter_from <= now <= enter_until else NEVER
        start = begin[step]
        fits = now - start <= window  # not from what has never been
        begin[step + 1] = max(begin[step + 1], start if fits else NEVER)
        further = fits & (step == reach)
        first = m if further & (step == 0) else first
        best = start if further else best
        reach += further
        m += 1
        if reach == steps:
            odd = hits[m] < stop and time[hits[m]] == now
            break
    last_entry, k = begin[1], reach
    while k > 0:  # no chain has got further
        begin[k] = NEVER
        k -= 1
    return Passage(LEFT if odd else reach, best, last_entry, first, m)


@inlined
def _touch(met: Met, found: Passage, window: int) -> int:
    """How far the first touch gets by itself, where some chain gets beyond the first step."""
    hits, codes, step_of, time = met.hits, met.codes, met.step_of, met.time
    touch, k = 1, found.first + 1
    until = time[hits[found.first]] + window
    while touch < found.reach and k < found.following and time[hits[k]] <= until:
        touch += step_of[codes[hits[k]]] == touch
        k += 1
    return touch


@inlined
def _chain(met: Met, found: Passage, steps: int, row: int, rows: Rows) -> None:
    """Fill in where the reported chain lies, and when: the earliest events that follow its start."""
    hits, codes, step_of, time = met.hits, met.codes, met.step_of, met.time
    k, start, places, times = found.first, found.start, rows.places, rows.times
    while time[hits[k]] < start:
        k += 1
    places[row, STEP_AT], times[row, 0] = hits[k], start
    for step in range(1, steps):
        places[row, STEP_AT + step], times[row, step] = -1, FOREVER
    done = 1
    while done < found.reach:
        k += 1
        if step_of[codes[hits[k]]] == done:
            places[row, STEP_AT + done], times[row, done] = hits[k], time[hits[k]]
            done += 1


class Told(NamedTuple):
    """What there is to say of a journey that entered; see the columns of `funnel_rows.Rows.marks`."""

    status: int
    mature: int
    touch: int


@inlined
def tell(p: int, found: Passage, met: Met, scope: Scope, window: int, steps: int, begin: Array) -> Told:
    """What is to be said of journey `p`; its status is `LEFT` where only the general walk can tell."""
    settled_at, done = settled(met.shut[p], scope, window), found.reach == steps
    open_still = min(found.last_entry + window, met.closes[p]) > scope.cutoff
    status, mature = DONE if done else (UNDECIDED if open_still else DROPPED), found.reach
    if met.time[met.hits[found.first]] > settled_at:
        mature = -1
    elif found.reach > 1 and (found.start > settled_at or (found.last_entry > settled_at and not done)):
        stop, since = met.starts[p + 1], scope.enter_from
        mature = straight(found.first, stop, met, since, settled_at, window, steps, begin).reach
        status = LEFT if mature == LEFT else status
    touch = found.reach if found.reach < 2 or status == LEFT else _touch(met, found, window)
    return Told(status, mature, touch)


@inlined
def _write(row: int, p: int, found: Passage, told: Told, met: Met, steps: int, rows: Rows) -> None:
    """Write the row of a journey on the straight lane."""
    marks, hits = rows.marks, met.hits
    rows.places[row, JOURNEY] = p
    rows.places[row, ENTRY] = hits[found.first]
    _chain(met, found, steps, row, rows)
    rows.entered[row] = met.time[hits[found.first]]
    marks[row, REACHED] = found.reach
    marks[row, STATUS] = told.status
    marks[row, TIED_STEPS] = 0
    marks[row, MATURE] = told.mature
    marks[row, TOUCH] = told.touch
    marks[row, SHUT] = 0


@inlined
def leave(row: int, p: int, low: int, rows: Rows, left: Array) -> None:
    """Leave a journey, whose first hit is at `low`, to the general walk."""
    rows.marks[row, REACHED] = LEFT
    rows.places[row, JOURNEY], rows.places[row, ENTRY] = p, low
    left[0] += 1


@kernel
def follow_straight(met: Met, begin: Array, scope: Scope, window: int, steps: int, rows: Rows, left: Array) -> int:
    """Fill `rows` for every journey that enters; return how many rows there are.

    A row of a journey that is left to the general walk has the reach `LEFT` and, instead of its entry's position, the
    place of its first hit; `left[0]` says how many there are. `begin` is int64[steps + 1] to work with, of `NEVER`.
    """
    row, low, hits, starts = 0, 0, met.hits, met.starts
    enter_from, enter_until = scope.enter_from, scope.enter_until
    left[0] = 0
    for p in range(len(starts) - 1):
        stop = starts[p + 1]
        if hits[low] >= stop:
            continue
        found = straight(low, stop, met, enter_from, enter_until, window, steps, begin)
        if found.reach > 0:
            told = tell(p, found, met, scope, window, steps, begin)
            if told.status != LEFT:
                _write(row, p, found, told, met, steps, rows)
            else:
                leave(row, p, low, rows, left)
            row += 1
        elif found.reach == LEFT:
            leave(row, p, low, rows, left)
            row += 1
        low = found.following
        while hits[low] < stop:
            low += 1
    return row
