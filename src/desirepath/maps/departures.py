"""How does every variant depart from the road of a map? Fitness, and what was skipped, moved, repeated or added.

    fitness = 1 - cost / (touchpoints walked + touchpoints of the shortest road)

1 is the road itself; 0 has nothing in common with it. Instances that have not come to their goal may be held against
any beginning of the road; then the shortest road counts nothing, since nothing of it had to be walked.

One alignment of least cost is told, the same for everybody (see `aligning`). Of a touchpoint that it both skipped and
added, one of each is a change of order; one added beside another that fits is a repetition.

Source of the measure: A. Adriansyah, Aligning Observed and Modeled Behavior, 2014, section 6.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.maps.aligning import EXTRA, Moves, align, cost_of
from desirepath.maps.road import Road
from desirepath.maps.variants import Variants

Array = npt.NDArray[Any]

WHOLE, BEGUN = 0, 1
"""Kinds of variants: held against the whole road, or against any beginning of it."""

SKIPPED, REORDERED, REPEATED, ADDED = 0, 1, 2, 3
DEPARTURES = ("skipped", "reordered", "repeated", "extra")

MOST_CELLS = 1 << 22
"""Places times states of the longest variant whose alignment is told; of longer ones only the cost is."""


class Departures(NamedTuple):
    """What is said of each of a block's variants."""

    cost: Array  # int64[v]: touchpoints skipped or added
    whole: Array  # int64[v]: the cost at worst
    which: Array  # uint8[v, k]: bits of `DEPARTURES` per touchpoint
    told: Array  # bool[v]: whether `which` is known

    def fitness(self) -> Array:
        """float64[v]: 1 less the share of the cost at worst."""
        return 1.0 - self.cost / np.maximum(self.whole, 1)


class _Room(NamedTuple):
    best: Array  # int32[rows, states]
    said: Array  # uint8[rows]
    skipped: Array  # int64[k]
    matched: Array  # int64[k]
    added: Array  # int64[k]


@kernel
def _sort_out(trace: Array, room: _Room, which: Array) -> None:
    for t in range(len(room.skipped)):
        room.matched[t] = 0
        room.added[t] = 0
    for i in range(len(trace)):
        if room.said[i] == EXTRA:
            room.added[trace[i]] += 1
        else:
            room.matched[trace[i]] += 1
    for t in range(len(room.skipped)):
        moved = min(room.skipped[t], room.added[t])
        found = 0
        if room.skipped[t] > moved:
            found |= 1 << SKIPPED
        if moved > 0:
            found |= 1 << REORDERED
        if room.added[t] > moved:
            found |= 1 << (REPEATED if room.matched[t] + moved > 0 else ADDED)
        which[t] = found


@kernel
def _align_all(starts: Array, trace: Array, kind: Array, moves: Moves, room: _Room, found: Departures) -> None:
    for v in range(len(kind)):
        whole = kind[v] == WHOLE
        n = starts[v + 1] - starts[v]
        found.whole[v] = n + (moves.left[0] if whole else 0)
        found.told[v] = n < len(room.said)
        if not found.told[v]:
            found.cost[v] = cost_of(trace, starts[v], starts[v + 1], whole, moves, room.best)
            continue
        mine = trace[starts[v] : starts[v + 1]]
        for t in range(len(room.skipped)):
            room.skipped[t] = 0
        found.cost[v] = align(mine, whole, moves, room.best, room.said, room.skipped)
        if found.cost[v] > 0 and found.which.shape[1] > 0:
            _sort_out(mine, room, found.which[v])


def departures_of(variants: Variants, road: Road, touchpoints: int, *, tell: bool = True) -> Departures:
    """Hold each variant of a block against a road with so many touchpoints in all; without `tell` find costs alone."""
    v = len(variants)
    longest = int(np.diff(variants.starts).max(initial=0))
    rows = max(min(longest + 1, MOST_CELLS // road.states), 2)
    counts = [np.zeros(touchpoints, dtype=np.int64) for _ in range(3)]
    rows = rows if tell else 2
    said = np.empty(rows if tell else 1, dtype=np.uint8)
    room = _Room(np.empty((rows, road.states), dtype=np.int32), said, *counts)
    found = Departures(
        np.zeros(v, dtype=np.int64),
        np.zeros(v, dtype=np.int64),
        np.zeros((v, touchpoints if tell else 0), dtype=np.uint8),
        np.zeros(v, dtype=np.bool_),
    )
    moves = Moves(road.sources, road.touchpoints, road.targets, road.left)
    _align_all(variants.starts, variants.trace, variants.kind, moves, room, found)
    return found
