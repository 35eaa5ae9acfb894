"""What departs in each instance, as groups that sums are made of: one walk over a block's instances.

Group 0 has the instances that conform, group 1 the others; then come four groups per touchpoint (see
`maps.departures.DEPARTURES`), one per touchpoint and per stage for what was too slow, and one per rule.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.maps.departures import DEPARTURES
from desirepath.maps.instances import CONVERTED, NOTHING
from desirepath.maps.obeying import BROKEN
from desirepath.questions.instance_facts import put
from desirepath.questions.journey_map_walk import Instances, Shape

Array = npt.NDArray[Any]

KINDS = len(DEPARTURES)
CONFORMING, OTHERS, FIRST = 0, 1, 2


class Departed(NamedTuple):
    """What is said of each instance of a block; k touchpoints, s stages, r rules."""

    which: Array  # uint8[p, k]: bits of `DEPARTURES`
    late: Array  # bool[p, k + s]: came later than the touchpoint's limit, stayed longer than the stage's
    verdict: Array  # int8[p, r]
    conforming: Array  # bool[p]


def places(k: int, s: int, r: int) -> int:
    """How many groups there are."""
    return FIRST + (KINDS + 1) * k + s + r


@kernel
def late_of(found: Instances, shape: Shape, late: Array) -> None:
    """Mark what took longer than its limit: at touchpoints since the one before, in stages until the next."""
    k = len(shape.stage)
    for p in range(len(found.outcome)):
        before, came, stage, entered = -1, 0, -1, 0
        for i in range(found.starts[p], found.last[p] + 1):
            here = found.touched[i]
            if here == NOTHING:
                continue
            now = found.time[i]
            if before >= 0 and shape.limit[here] > 0 and now - came > shape.limit[here]:
                late[p, here] = True
            if shape.stage[here] != stage:
                if stage >= 0 and shape.stage_limit[stage] > 0 and now - entered > shape.stage_limit[stage]:
                    late[p, k + stage] = True
                stage = shape.stage[here]
                entered = now
            before = here
            came = now
        if stage >= 0 and shape.stage_limit[stage] > 0 and found.at[p] - entered > shape.stage_limit[stage]:
            late[p, k + stage] = True


@kernel
def group(departed: Departed, offsets: Array, groups: Array) -> int:
    """Write the groups of every instance behind each other; with no room for them, only how many there are."""
    k, slow = departed.which.shape[1], departed.late.shape[1]
    place = 0
    for p in range(len(departed.conforming)):
        offsets[p] = place
        place = put(groups, place, CONFORMING if departed.conforming[p] else OTHERS)
        for t in range(k):
            bits = departed.which[p, t]
            if bits:
                for kind in range(KINDS):
                    if bits >> kind & 1:
                        place = put(groups, place, FIRST + kind * k + t)
        for t in range(slow):
            if departed.late[p, t]:
                place = put(groups, place, FIRST + KINDS * k + t)
        for r in range(departed.verdict.shape[1]):
            if departed.verdict[p, r] == BROKEN:
                place = put(groups, place, FIRST + KINDS * k + slow + r)
    offsets[len(departed.conforming)] = place
    return place


def groups_of(departed: Departed) -> tuple[Array, Array]:
    """The groups of every instance: int64[p + 1], and int64 behind each other."""
    offsets = np.zeros(len(departed.conforming) + 1, dtype=np.int64)
    groups = np.empty(group(departed, offsets, np.empty(0, dtype=np.int64)), dtype=np.int64)
    group(departed, offsets, groups)
    return offsets, groups


class OffMap(NamedTuple):
    """Events that no touchpoint matches, by name."""

    events: Array  # int64[names]
    outcomes: Array  # int64[names, 3]: instances that have one
    closed: Array  # int64[names, 2]: of those whose time was over how many converted, and all


@kernel
def off_map(rows: Array, found: Instances, over: Array, names: Array, stamp: Array, off: OffMap) -> None:
    """Count what no touchpoint matches, up to the end of each instance; `stamp` is all 0."""
    for r in range(len(rows)):
        p = rows[r]
        for i in range(found.starts[p], found.last[p] + 1):
            if found.touched[i] == NOTHING:
                name = names[i]
                off.events[name] += 1
                if stamp[name] != p + 1:
                    stamp[name] = p + 1
                    off.outcomes[name, found.outcome[p]] += 1
                    off.closed[name, 0] += over[p] and found.outcome[p] == CONVERTED
                    off.closed[name, 1] += over[p]


@kernel
def has_off_map(found: Instances, names: Array, wanted: int, fits: Array) -> None:
    """Mark instances with an event of that name that no touchpoint matches."""
    for p in range(len(found.outcome)):
        for i in range(found.starts[p], found.last[p] + 1):
            if found.touched[i] == NOTHING and names[i] == wanted:
                fits[p] = True
                break
