"""When did somebody reach each milestone, and when enough of them? One walk over each journey from its start."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.questions.behaviours_walk import Clock, first_start

Array = npt.NDArray[Any]

REACHED, MISSED, UNDECIDED = range(3)


@kernel
def reach(
    starts: Array, time: Array, match: Array, bits: Array, closes: Array, need: int, clock: Clock, journey: Array,
    place: Array, took: Array, outcome: Array, followed: Array, at: Array,
) -> int:  # fmt: skip
    """One row per journey that starts; milestone k has the bit k + 2.

    `at` holds how long each milestone took, -1 where it was not reached in time. `took` is how long until so many of
    them as are needed were reached, or how long somebody was followed; nobody is followed beyond the time.
    """
    row = 0
    for p in range(len(starts) - 1):
        start = first_start(time, match, bits, starts[p], starts[p + 1], 0, clock)
        if start < 0:
            continue
        until, many = time[start] + clock.within, 0
        over = min(until, closes[p]) <= clock.cutoff
        followed[row] = clock.within if over else max(clock.cutoff - time[start], 0)
        took[row], outcome[row] = followed[row], 1 if over else 2
        for k in range(at.shape[1]):
            at[row, k] = -1
        for i in range(start if clock.own else start + 1, starts[p + 1]):
            if time[i] > until or many == at.shape[1]:
                break
            reached = bits[match[i]] >> 2
            for k in range(at.shape[1]):
                if (reached >> k) & 1 and at[row, k] < 0:
                    at[row, k] = time[i] - time[start]
                    many += 1
                    if many == need:
                        took[row], outcome[row] = at[row, k], 0
        journey[row], place[row] = p, start
        row += 1
    return row
