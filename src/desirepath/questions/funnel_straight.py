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

Array = npt.NDArray[Any]

HAND_BACK = -1
"""Not a reach: not a journey for this lane."""

SEVERAL, NO_STEP = -1, -2
"""In `Lane.step_of`: the event does several steps at once, or none."""


class Lane(NamedTuple):
    """What the plainest funnel needs; empty `step_of` where the funnel is not one."""

    step_of: Array  # int8[codes] the step that an event does
    begin: Array  # int64[steps + 1] start of the latest-started chain by steps done
    last: Array  # int64[6] see the places below


LAST_ENTRY, BEST_START, FIRST_TOUCH, FIRST_ENTRY, ENTERED, NEXT = 0, 1, 2, 3, 4, 5
"""Places in `Lane.last`: last entry, start of the reported chain, reach of the first touch, place among the hits and
moment of the first entry, place of the first hit that was not looked at."""


def straight_lane(bits: Array, steps: int, *, plain: bool) -> Lane:
    """Prepare the lane for a table of bits."""
    if not plain:
        return Lane(np.zeros(0, np.int8), np.zeros(1, np.int64), np.zeros(6, np.int64))
    step_of = np.where(bits == 0, NO_STEP, SEVERAL).astype(np.int8)
    for step in range(steps):
        step_of[bits == (1 << step)] = step
    return Lane(step_of, np.zeros(steps + 1, dtype=np.int64), np.zeros(6, dtype=np.int64))


@inlined
def straight(
    low: int,
    stop: int,
    hits: Array,
    what: Array,
    moments: Array,
    enter_from: int,
    enter_until: int,
    window: int,
    steps: int,
    lane: Lane,
) -> int:
    """Walk one journey's matching events, from hit `low` up to position `stop`; return its reach or `HAND_BACK`.

    Written almost without branches: which step comes next is a coin toss that no processor foresees. A reach of 0
    means that the journey did not enter.
    """
    begin, last = lane.begin, lane.last
    for step in range(1, steps + 1):
        begin[step] = NEVER
    reach, touch, best_start, entered, first, before = 0, 0, NEVER, NEVER, low, NEVER
    m, many = low, len(hits)
    while m < many and hits[m] < stop:
        now, step = moments[m], what[m]
        if now == before or step < 0:
            last[NEXT] = m
            return HAND_BACK
        before = now
        begin[0] = now if enter_from <= now <= enter_until else NEVER
        start = begin[step]
        fits = (start > NEVER) & (now - start <= window)
        enters = fits & (step == 0) & (touch == 0)
        if enters:
            entered, first = now, m
        touch += enters | ((step == touch) & (step > 0) & (now - entered <= window))
        begin[step + 1] = max(begin[step + 1], start if fits else NEVER)
        m += 1
        if fits & (step == reach):
            reach, best_start = step + 1, start
            if reach == steps:
                if m < many and hits[m] < stop and moments[m] == now:
                    last[NEXT] = m
                    return HAND_BACK
                break
    last[LAST_ENTRY], last[BEST_START], last[FIRST_TOUCH] = begin[1], best_start, touch
    last[FIRST_ENTRY], last[ENTERED], last[NEXT] = first, entered, m
    return reach


@inlined
def straight_steps(
    hits: Array,
    what: Array,
    moments: Array,
    reach: int,
    steps: int,
    lane: Lane,
    row: int,
    places: Array,
    column: int,
) -> None:
    """Fill in where the reported chain lies: the earliest events that follow its start."""
    k, start = lane.last[FIRST_ENTRY], lane.last[BEST_START]
    while moments[k] < start:
        k += 1
    places[row, column] = hits[k]
    done = 1
    while done < reach:
        k += 1
        if what[k] == done:
            places[row, column + done] = hits[k]
            done += 1
    for step in range(reach, steps):
        places[row, column + step] = -1
