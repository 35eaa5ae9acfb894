"""Which instances walked the very same way? Each distinct sequence of touchpoints is a variant.

Within a block they are compared one by one. Blocks are joined by a mark of 64 bits: among a million variants the chance
that any two different ones share it is below one in ten million.

What is said of a variant holds for all its instances, so that a million instances with a thousand variants cost what a
thousand cost. Two instances are of one variant if their touchpoints up to their ends are the same, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.maps.instances import NOTHING

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Variants:
    """The variants of a block, in the order in which they are first seen.

    Attributes
    ----------
    of
        int64[instances]: the variant of each.
    starts, trace
        int64[v + 1], unsigned int: each one's touchpoints are `trace[starts[v]:starts[v + 1]]`.
    kind
        int8[v]: the kind of its instances.
    mark
        uint64[v]: a number that is the same for the same touchpoints and kind in every block.
    """

    of: Array
    starts: Array
    trace: Array
    kind: Array
    mark: Array

    def __len__(self) -> int:
        return len(self.kind)

    def walks(self) -> int:
        """How many there are if the kind is not looked at."""
        mark = np.empty(len(self), dtype=np.uint64)
        _marks(self.starts, self.trace, np.zeros(len(self), dtype=np.int8), mark)
        return len(np.unique(mark))

    def pieces(self, size: int) -> Iterator[tuple[slice, Variants]]:
        """So many at a time, and which these are; they look at the same touchpoints."""
        for begin in range(0, len(self), size):
            some = slice(begin, min(begin + size, len(self)))
            starts = self.starts[begin : some.stop + 1]
            yield some, Variants(self.of[:0], starts, self.trace, self.kind[some], self.mark[some])

    def take(self, places: Array) -> Variants:
        """Only these, in this order; which instances they are of is no longer known."""
        starts = np.concatenate(([0], np.cumsum(np.diff(self.starts)[places]))).astype(np.int64)
        trace = np.empty(int(starts[-1]), dtype=self.trace.dtype)
        _gather(self.starts, self.trace, places, starts, trace)
        return Variants(places[:0], starts, trace, self.kind[places], self.mark[places])


@kernel
def _traces(starts: Array, touched: Array, last: Array, nothing: int, offsets: Array, trace: Array) -> None:
    """Put the touchpoints of every instance up to its end behind each other."""
    many = 0
    for p in range(len(starts) - 1):
        offsets[p] = many
        for i in range(starts[p], last[p] + 1):
            if touched[i] != nothing:
                trace[many] = touched[i]
                many += 1
    offsets[len(starts) - 1] = many


@kernel
def _marks(offsets: Array, trace: Array, kind: Array, mark: Array) -> None:
    """FNV-1a over the touchpoints, well mixed at the end (the finish of MurmurHash3)."""
    for p in range(len(kind)):
        made = (np.uint64(14695981039346656037) ^ np.uint64(kind[p])) * np.uint64(1099511628211)
        for i in range(offsets[p], offsets[p + 1]):
            made = (made ^ np.uint64(trace[i] + 1)) * np.uint64(1099511628211)
        made = (made ^ (made >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        made = (made ^ (made >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
        mark[p] = made ^ (made >> np.uint64(33))


@kernel
def _same(offsets: Array, trace: Array, kind: Array, a: int, b: int) -> bool:
    length = offsets[a + 1] - offsets[a]
    if kind[a] != kind[b] or length != offsets[b + 1] - offsets[b]:
        return False
    for i in range(length):
        if trace[offsets[a] + i] != trace[offsets[b] + i]:
            return False
    return True


@kernel
def _number(offsets: Array, trace: Array, kind: Array, mark: Array, table: Array, of: Array, first: Array) -> int:
    """Give every instance its variant; return how many there are. `table` has a power of two of places, all -1."""
    many = 0
    mask = len(table) - 1
    for p in range(len(kind)):
        place = np.int64(mark[p] & np.uint64(mask))
        while table[place] >= 0 and not _same(offsets, trace, kind, first[table[place]], p):
            place = (place + 1) & mask
        if table[place] < 0:
            table[place] = many
            first[many] = p
            many += 1
        of[p] = table[place]
    return many


@kernel
def _gather(offsets: Array, trace: Array, first: Array, starts: Array, kept: Array) -> None:
    for v in range(len(first)):
        for i in range(starts[v + 1] - starts[v]):
            kept[starts[v] + i] = trace[offsets[first[v]] + i]


def variants_of(starts: Array, touched: Array, last: Array, kind: Array, nothing: int = NOTHING) -> Variants:
    """The variants of a block's instances.

    Parameters
    ----------
    starts, touched, last
        int64[p + 1], unsigned int[n], int64[p]: the instances, the touchpoint of each event, and each one's last event.
    kind
        int[p], none below 0 or above 127: instances of different kinds are of different variants.
    nothing
        Stands for an event that is no touchpoint.
    """
    n, kind = len(kind), kind.astype(np.int8)
    offsets, trace = np.zeros(n + 1, dtype=np.int64), np.empty(len(touched), dtype=touched.dtype)
    _traces(starts, touched, last, nothing, offsets, trace)
    mark = np.empty(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        _marks(offsets, trace, kind, mark)
    table = np.full(1 << max(2 * n, 2).bit_length(), -1, dtype=np.int32)
    of, first = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    first = first[: _number(offsets, trace, kind, mark, table, of, first)]
    return replace(Variants(of, offsets, trace, kind, mark).take(first), of=of)


@kernel
def _meet(mark: Array, other: Array, mine: Array, others: Array) -> int:
    """Number the marks of two ascending lists as one list without repeats; return how many it has."""
    i, j, many = 0, 0, 0
    while i < len(mark) or j < len(other):
        here = i < len(mark) and (j == len(other) or mark[i] <= other[j])
        there = j < len(other) and (i == len(mark) or other[j] <= mark[i])
        if here:
            mine[i] = many
            i += 1
        if there:
            others[j] = many
            j += 1
        many += 1
    return many


@kernel
def _spread(offsets: Array, trace: Array, place: Array, starts: Array, kept: Array) -> None:
    """Put every sequence where its place begins."""
    for v in range(len(place)):
        for i in range(offsets[v + 1] - offsets[v]):
            kept[starts[place[v]] + i] = trace[offsets[v] + i]


def joined(one: Variants, other: Variants) -> tuple[Variants, Array, Array]:
    """The variants of two blocks as one list, and int32: where those of each are in it.

    Both are in the order of their marks, as their sum is. Nothing is held besides the three of them.
    """
    mine, others = np.empty(len(one), dtype=np.int32), np.empty(len(other), dtype=np.int32)
    many = _meet(one.mark, other.mark, mine, others)
    starts = np.zeros(many + 1, dtype=np.int64)
    kind, mark = np.empty(many, dtype=np.int8), np.empty(many, dtype=np.uint64)
    for each, place in ((one, mine), (other, others)):
        starts[place + 1] = np.diff(each.starts)
        kind[place], mark[place] = each.kind, each.mark
    np.cumsum(starts, out=starts)
    trace = np.empty(int(starts[-1]), dtype=np.result_type(one.trace, other.trace))
    for each, place in ((one, mine), (other, others)):
        _spread(each.starts, each.trace, place, starts, trace)
    return Variants(one.of[:0], starts, trace, kind, mark), mine, others
