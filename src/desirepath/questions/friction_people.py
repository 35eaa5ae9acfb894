"""How many people are behind a signal, and whose self-service was enough: counts beside the groups of friction."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.maps.instances import CONVERTED, DROPPED, NOTHING
from desirepath.questions.friction_walk import BINS, Begins, Rubs, Signals
from desirepath.questions.journey_map_walk import Instances

Array = npt.NDArray[Any]

DAY = 86_400_000_000
HORIZONS = (1, 7, 14)
"""Days within which a human contact means that self-service was not enough."""

RESOLVED, CONTAINED, LEAKED, UNKNOWN = 0, 1, 2, 3


class Behind(NamedTuple):
    """Instances and people per place; k touchpoints, s signals."""

    instances: Array  # int64[s]
    people: Array  # int64[s]
    stays: Array  # int64[k, BINS]: first stays of instances
    longest: Array  # int64[k, BINS]: people by their longest first stay
    left: Array  # int64[k]: instances that dropped, and came no further
    leavers: Array  # int64[k]: people who did

    @classmethod
    def nothing(cls, signals: int, k: int) -> Behind:
        """All zero."""
        return cls(*(np.zeros(shape, dtype=np.int64) for shape in (signals, signals, (k, BINS), (k, BINS), k, k)))


class Marks(NamedTuple):
    """Room: the last person, from 1, that was counted at each place; all 0 at first."""

    signal: Array  # int64[s]
    stay: Array  # int64[k]
    bin: Array  # int64[k]
    left: Array  # int64[k]


@kernel
def count_behind(
    rows: Array, owner: Array, block: Instances, found: Signals, plan: Begins, marks: Marks, behind: Behind
) -> None:
    """Count the instances `rows`; those of a person stand together."""
    for r in range(len(rows)):
        p = rows[r]
        whose = owner[p] + 1
        for j in range(found.starts[p], found.starts[p + 1]):
            signal = found.signal[j]
            if signal < plan.signals:
                behind.instances[signal] += 1
                if marks.signal[signal] != whose:
                    marks.signal[signal] = whose
                    behind.people[signal] += 1
                continue
            if signal >= plan.signals + BINS * len(marks.stay):
                continue
            t, bin_ = (signal - plan.signals) // BINS, (signal - plan.signals) % BINS
            behind.stays[t, bin_] += 1
            if marks.stay[t] != whose:
                marks.stay[t] = whose
                marks.bin[t] = bin_
                behind.longest[t, bin_] += 1
            elif bin_ > marks.bin[t]:
                behind.longest[t, marks.bin[t]] -= 1
                behind.longest[t, bin_] += 1
                marks.bin[t] = bin_
        end = found.end[p]
        if end >= 0 and block.outcome[p] == DROPPED:
            behind.left[end] += 1
            if marks.left[end] != whose:
                marks.left[end] = whose
                behind.leavers[end] += 1


def behind_of(rows: Array, owner: Array, block: Instances, found: Signals, plan: Begins, touchpoints: int) -> Behind:
    """The counts of the instances `rows`."""
    behind = Behind.nothing(plan.signals, touchpoints)
    marks = Marks(*(np.zeros(size, dtype=np.int64) for size in (plan.signals, touchpoints, touchpoints, touchpoints)))
    count_behind(rows, owner, block, found, plan, marks, behind)
    return behind


@kernel
def contain(
    rows: Array, block: Instances, closes: Array, cutoff: int, rubs: Rubs, within: int, counted: Array, leaks: Array
) -> None:
    """Count what became of instances after their first event at each self-service touchpoint.

    Parameters
    ----------
    within
        Microseconds in which a human contact, in the same instance or what is watched after it, is a leak.
    counted
        int64[k, 4]: by `RESOLVED` (no human contact, and the goal reached), `CONTAINED` (no human contact),
        `LEAKED`, and `UNKNOWN` (the time is not over).
    leaks
        int64[k, k]: leaks by the touchpoint with a human.
    """
    k = len(rubs.stage)
    for r in range(len(rows)):
        p = rows[r]
        for t in range(k):
            if not rubs.alone[t]:
                continue
            began, first = 0, False
            said = -1
            for i in range(block.starts[p], block.starts[p + 1]):
                here = int(block.touched[i])
                if here == NOTHING:
                    continue
                if not first:
                    if here == t and i <= block.last[p]:
                        first, began = True, block.time[i]
                elif block.time[i] > began + within:
                    break
                elif rubs.human[here]:
                    said = LEAKED
                    leaks[t, here] += 1
                    break
            if not first:
                continue
            if said != LEAKED:
                if min(began + within, closes[p]) > cutoff:
                    said = UNKNOWN
                elif block.outcome[p] == CONVERTED and block.at[p] <= began + within:
                    said = RESOLVED
                else:
                    said = CONTAINED
            counted[t, said] += 1
