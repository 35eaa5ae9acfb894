"""The plainest funnel, at the speed of memory: steps in order, one window, entry at any touch.

Nothing here is defined anew. It does what `funnel_walk.walk` does for a machine that is a straight line, for journeys
in which no two matching events share an instant; any other journey is handed back. Tests compare the two.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import inlined
from desirepath.questions.funnel_chains import NEVER
from desirepath.questions.funnel_machine import FOREVER

Array = npt.NDArray[Any]

HAND_BACK = -1
"""Not a reach: not a journey for this lane."""

LONGEST = 2**61
"""Microseconds: more than between any two moments, less than between any moment and `NEVER`."""

SEVERAL, NO_STEP = -1, -2
"""In `Lane.step_of`: the event does several steps at once, or none."""


class Lane(NamedTuple):
    """What the plainest funnel needs; empty `step_of` where the funnel is not one."""

    step_of: Array  # int8[codes] the step that an event does
    begin: Array  # int64[steps + 1] start of the latest-started chain by steps done


class Passage(NamedTuple):
    """What there is to tell of a journey; see `straight`."""

    reach: int
    start: int  # of the reported chain
    last_entry: int
    first: int  # the first entry's place among the hits
    following: int  # place of the first hit that was not looked at


def straight_lane(bits: Array, steps: int, *, plain: bool) -> Lane:
    """Prepare the lane for a table of bits."""
    if not plain:
        return Lane(np.zeros(0, np.int8), np.zeros(1, np.int64))
    step_of = np.where(bits == 0, NO_STEP, SEVERAL).astype(np.int8)
    for step in range(steps):
        step_of[bits == (1 << step)] = step
    return Lane(step_of, np.zeros(steps + 1, dtype=np.int64))


@inlined
def straight(
    low: int,
    stop: int,
    hits: Array,
    what: Array,
    time: Array,
    enter_from: int,
    enter_until: int,
    window: int,
    steps: int,
    begin: Array,
) -> Passage:
    """Walk one journey's matching events, from hit `low` up to position `stop`; its reach may be `HAND_BACK`.

    Written almost without branches: which step comes next is a coin toss that no processor foresees. A reach of 0
    means that the journey did not enter.
    """
    for step in range(1, steps + 1):
        begin[step] = NEVER
    window = min(window, LONGEST)
    reach, best, first, before = 0, NEVER, low, NEVER
    m, many = low, len(hits)
    while m < many and hits[m] < stop:
        now, step = time[hits[m]], what[m]
        if now == before or step < 0:
            reach = HAND_BACK
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
            if m < many and hits[m] < stop and time[hits[m]] == now:
                reach = HAND_BACK
            break
    return Passage(reach, best, begin[1], first, m)


@inlined
def straight_touch(hits: Array, what: Array, time: Array, found: Passage, window: int) -> int:
    """How far the first touch gets by itself, where some chain gets beyond the first step."""
    touch, k = 1, found.first + 1
    until = time[hits[found.first]] + window
    while touch < found.reach and k < found.following and time[hits[k]] <= until:
        touch += what[k] == touch
        k += 1
    return touch


@inlined
def straight_steps(
    hits: Array, what: Array, time: Array, found: Passage, steps: int, row: int, places: Array, column: int,
    times: Array,
) -> None:  # fmt: skip
    """Fill in where the reported chain lies, and when: the earliest events that follow its start."""
    k, start = found.first, found.start
    while time[hits[k]] < start:
        k += 1
    places[row, column], times[row, 0] = hits[k], start
    for step in range(1, steps):
        places[row, column + step], times[row, step] = -1, FOREVER
    done = 1
    while done < found.reach:
        k += 1
        if what[k] == done:
            places[row, column + done], times[row, done] = hits[k], time[hits[k]]
            done += 1
