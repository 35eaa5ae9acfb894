"""In which bucket of the calendar does a moment lie? Found with one look, without a branch that nobody foresees.

Time is laid out in cells, each no longer than the shortest bucket, so that no cell holds more than one edge: the bucket
that a cell begins in is written down, and a moment lies in it or in the next.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import ALWAYS_OPEN
from desirepath.journeys.kernel import inlined

Array = npt.NDArray[Any]


class Ruler(NamedTuple):
    """Buckets of the calendar, laid out for looking up."""

    edges: Array  # int64[buckets + 1], ascending: bucket k lasts from edge k until before the next
    ends: Array  # int64[buckets]: where each ends, the last one never
    cells: Array  # int32[cells]: the bucket in which each cell begins
    origin: int  # where the first cell begins, microseconds
    shift: int  # a cell lasts 2 ** shift microseconds
    even: int  # how long each bucket lasts, where all last as long, as weeks do where clocks are not changed; else 0


def ruler(edges: Array) -> Ruler:
    """Lay buckets out for looking up.

    Parameters
    ----------
    edges
        int64[buckets + 1], ascending, of at least one bucket.
    """
    return _ruler(np.ascontiguousarray(edges, dtype=np.int64).tobytes())


@lru_cache(maxsize=16)
def _ruler(told: bytes) -> Ruler:
    # every block of a question asks for the same one
    edges = np.frombuffer(told, dtype=np.int64)
    shift = int(np.diff(edges).min()).bit_length() - 1
    begins = np.arange(edges[0], edges[-1], 1 << shift, dtype=np.int64)
    cells = (np.searchsorted(edges, begins, side="right") - 1).astype(np.int32)
    ends = np.append(edges[1:-1], ALWAYS_OPEN).astype(np.int64)
    for each in (ends, cells):
        each.setflags(write=False)
    lengths = np.unique(np.diff(edges))
    even = int(lengths[0]) if len(lengths) == 1 else 0
    return Ruler(edges, ends, cells, int(edges[0]), shift, even)


@inlined
def bucket_at(ruler: Ruler, moment: int) -> int:
    """Which bucket holds a moment; the first or the last one for a moment before or after all."""
    cell = min(max((moment - ruler.origin) >> ruler.shift, 0), len(ruler.cells) - 1)
    bucket = ruler.cells[cell]
    return bucket + (moment >= ruler.ends[bucket])  # type: ignore[no-any-return]


@inlined
def bucket_inside(ruler: Ruler, moment: int) -> int:
    """Which bucket holds a moment that is known to lie in one; the look at whether it does costs a third."""
    bucket = ruler.cells[(moment - ruler.origin) >> ruler.shift]
    return bucket + (moment >= ruler.ends[bucket])  # type: ignore[no-any-return]


@inlined
def lay_against(ruler: Ruler, time: Array, start: int, stop: int, slots: Array) -> None:
    """Write the buckets of a run of moments, the first one's at 0."""
    if ruler.even == 0:
        for i in range(start, stop):
            slots[i - start] = bucket_at(ruler, time[i])
        return
    # without a look into a table many moments are done at once; a product may be one off, which is put right
    last, origin, even = len(ruler.ends) - 1, ruler.origin, ruler.even
    each = 1.0 / even
    for i in range(start, stop):
        since = time[i] - origin
        bucket = np.int64(since * each)
        left = since - bucket * even
        slots[i - start] = min(max(bucket + (left >= even) - (left < 0), 0), last)


__all__ = ["Ruler", "bucket_at", "bucket_inside", "lay_against", "ruler"]
