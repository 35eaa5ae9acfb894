"""How long do moves take? The gaps of many kinds of moves, together, so that sums stay exact and quantiles quick.

Up to a limit every gap is kept, and quantiles are exact. Beyond it gaps are counted in bins, 64 to each doubling: at
most 0.8 % off, and the size stays fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel
from desirepath.journeys.on_threads import THREADS, on_threads
from desirepath.journeys.scratch import kept, spare

Array = npt.NDArray[Any]

EXACT_LIMIT = 64_000_000
RELATIVE_ERROR = 0.008
_BITS = 6
_HALF = 1 << _BITS
_BINS = _HALF * (64 - _BITS)
QUARTILES = (0.25, 0.5, 0.75)
TOGETHER = 256
"""Kinds whose bins are counted at a time, so that they take a few megabytes and two threads share the work evenly."""

MANY, _FEW_BITS = 10_000_000, 3
"""Where there are fewer gaps, coarser bins are quicker to look through, and more kinds of them at a time."""


@inlined
def _fine_bin(gap: int, shift: int) -> int:
    """Bins of 2 ** (52 - shift) to a doubling, off the bits of the number as a float; ascending, and 0 for 0."""
    return max(int(np.float64(gap).view(np.int64) >> shift) - (1023 << (52 - shift)) + 1, 0)


@kernel
def _count_bins(offsets: Array, values: Array, kinds: Array, shift: int, counts: Array) -> None:
    """Add up the gaps of some kinds by bin."""
    for j in range(len(kinds)):
        for i in range(offsets[kinds[j]], offsets[kinds[j] + 1]):
            counts[j, _fine_bin(values[i], shift)] += 1


@kernel
def _collect(offsets: Array, values: Array, kinds: Array, shift: int, wanted: Array, place: Array, gaps: Array) -> None:
    """Write the gaps in wanted bins to the place of their kind, which is counted up."""
    for j in range(len(kinds)):
        for i in range(offsets[kinds[j]], offsets[kinds[j] + 1]):
            if wanted[j, _fine_bin(values[i], shift)]:
                gaps[place[j]] = values[i]
                place[j] += 1


@kernel
def _place(kinds: Array, gaps: Array, place: Array, placed: Array) -> None:
    """Put the gaps of one kind together; `place[kind]` is where the next goes, and is counted up."""
    for j in range(len(kinds)):
        at = place[kinds[j]]
        placed[at] = gaps[j]
        place[kinds[j]] = at + 1


class Gaps:
    """Gaps in whole microseconds, by kind of move.

    Parameters
    ----------
    kinds
        How many kinds there are.
    counts
        int64[kinds]: how many gaps each has.
    values
        int64, or uint32 where all are so short: all gaps, those of one kind together, in the order of the kinds.
    """

    __slots__ = ("_bins", "_parts", "counts", "kinds")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, kinds: int, counts: Array, values: Array) -> None:
        self.kinds = kinds
        self.counts = counts
        self._bins: dict[int, Array] | None = None
        self._parts: tuple[tuple[Array, Array], ...] = ((np.concatenate(([0], np.cumsum(counts))), values),)
        self._bound()

    @classmethod
    def of(cls, kinds: int, kind: Array, gaps: Array, counts: Array | None = None) -> Gaps:
        """Gaps in any order, int[n], of which kind each is, int32[n], and how many of each kind there are, if known."""
        if counts is None:
            counts = np.bincount(kind, minlength=kinds)
        placed = spare(0, gaps.shape, gaps.dtype.type)
        placed.fill(0)  # in order, so that the scattered writes that follow find it near the processor
        _place(kind, gaps, np.cumsum(counts) - counts, placed)
        return cls(kinds, counts, kept(0, placed, len(gaps)))

    def __add__(self, other: Gaps) -> Gaps:
        """Join two sets of gaps of the same kinds."""
        found = Gaps(self.kinds, self.counts + other.counts, np.zeros(0, np.int64))
        found._parts = self._parts + other._parts
        found._bins = None
        if self._bins is not None or other._bins is not None:
            found._bins = {}
            for one in (self._bins or {}, other._bins or {}):
                for kind, bins in one.items():
                    found._bins[kind] = found._bins[kind] + bins if kind in found._bins else bins
        found._bound()
        return found

    def __eq__(self, other: object) -> bool:
        """Compare what is held: the gaps of each kind, in any order, or their bins."""
        if not isinstance(other, Gaps) or (self.counts != other.counts).any() or self.approximate != other.approximate:
            return False
        kinds = np.flatnonzero(self.counts).tolist()
        if self.approximate:
            return all(np.array_equal(self._of(kind), other._of(kind)) for kind in kinds)
        return all(np.array_equal(np.sort(self._of(kind)), np.sort(other._of(kind))) for kind in kinds)

    @property
    def approximate(self) -> bool:
        """Whether gaps are binned."""
        return self._bins is not None

    def take(self, order: Sequence[int] | Array, kinds: int) -> Gaps:
        """The same gaps under other numbers: kind k becomes `order[k]` of `kinds`."""
        found = Gaps(kinds, np.zeros(kinds, np.int64), np.zeros(0, np.int64))
        found.counts[np.asarray(order)] = self.counts
        parts = []
        for offsets, values in self._parts:
            lengths = np.zeros(kinds, np.int64)
            lengths[np.asarray(order)] = np.diff(offsets)
            sorted_ = [values[offsets[k] : offsets[k + 1]] for k in np.argsort(np.asarray(order), kind="stable")]
            parts.append((np.concatenate(([0], np.cumsum(lengths))), np.concatenate([*sorted_, values[:0]])))
        found._parts = tuple(parts)
        found._bins = None if self._bins is None else {int(order[k]): bins for k, bins in self._bins.items()}
        return found

    def quartiles(self, kind: int) -> tuple[float, float, float] | None:
        """Quarter, median and three quarters of a kind, interpolated between neighbours; None where it has none."""
        return self.all_quartiles([kind])[0]

    def all_quartiles(self, kinds: Sequence[int]) -> list[tuple[float, float, float] | None]:
        """`quartiles` of several kinds, on two threads."""
        asked = np.asarray(kinds, dtype=np.int64)
        bits = _BITS if int(self.counts[asked].sum()) > MANY else _FEW_BITS
        work = partial(self._exact, bits=bits) if self._bins is None else self._of_bins
        together = min(TOGETHER << (_BITS - bits), -(-len(asked) // THREADS)) or 1
        order = np.argsort(asked, kind="stable")  # as they lie in memory: any other order takes twice as long
        parts = [asked[order[at : at + together]] for at in range(0, len(order), together)]
        found = [each for part in on_threads(work, parts) for each in part]
        return [found[at] for at in np.argsort(order, kind="stable").tolist()]

    def _ranks(self, kinds: Array) -> tuple[Array, Array]:
        """float64[kinds, 3] places of the quartiles among the gaps of a kind, and int64[kinds, 6] their neighbours."""
        last = np.maximum(self.counts[kinds] - 1, 0)
        places = last[:, None] * np.array(QUARTILES)
        low = places.astype(np.int64)
        return places - low, np.concatenate((low, np.minimum(low + 1, last[:, None])), axis=1)

    def _exact(self, kinds: Array, bits: int) -> list[tuple[float, float, float] | None]:
        """Count gaps in fine bins, then look at those alone that lie in the bins of the quartiles."""
        whole = self.counts[kinds]
        shift, bins = 52 - bits, 64 << bits
        counts = np.zeros((len(kinds), bins), dtype=np.int32)
        for offsets, values in self._parts:
            _count_bins(offsets, values, kinds, shift, counts)
        share, ranks = self._ranks(kinds)
        before = np.cumsum(whole) - whole
        upto = np.cumsum(counts.ravel(), dtype=np.int32)  # no more than are kept exactly
        wanted_ranks = (ranks + before[:, None]).ravel()
        at = np.minimum(np.searchsorted(upto, wanted_ranks.astype(np.int32), side="right"), counts.size - 1)
        some, place_of = np.unique(at, return_inverse=True)
        wanted = np.zeros((len(kinds), bins), dtype=np.int8)
        wanted.ravel()[some] = 1
        own = counts.ravel()[some].astype(np.int64)
        kept = np.cumsum(own)
        sizes = np.bincount(some // bins, weights=own, minlength=len(kinds)).astype(np.int64)
        ends = np.cumsum(sizes)
        place = ends - sizes
        gaps = np.empty(int(kept[-1]) if len(kept) else 0, dtype=np.int64)
        begins = place.tolist()
        for offsets, values in self._parts:
            _collect(offsets, values, kinds, shift, wanted, place, gaps)
        for begin, end in zip(begins, ends.tolist(), strict=True):
            gaps[begin:end].sort()
        index = (kept - own)[place_of] + wanted_ranks - (upto[some] - own)[place_of]
        found = np.zeros(len(at)) if not len(gaps) else gaps[np.clip(index, 0, len(gaps) - 1)].astype(np.float64)
        return self._between(kinds, share, found.reshape(-1, 6))

    def _of_bins(self, kinds: Array) -> list[tuple[float, float, float] | None]:
        """The same where only bins are left."""
        share, ranks = self._ranks(kinds)
        found = np.zeros(ranks.shape)
        for row, kind in enumerate(kinds.tolist()):
            at = np.searchsorted(np.cumsum(self._of(kind)), ranks[row], side="right")
            found[row] = [_middle(int(each)) for each in at]
        return self._between(kinds, share, found)

    def _between(self, kinds: Array, share: Array, found: Array) -> list[tuple[float, float, float] | None]:
        """Interpolate between neighbours."""
        values = found[:, :3] + share * (found[:, 3:] - found[:, :3])
        known = (self.counts[kinds] > 0).tolist()
        return [(row[0], row[1], row[2]) if any_ else None for row, any_ in zip(values.tolist(), known, strict=True)]

    def _of(self, kind: int) -> Array:
        """The gaps of a kind, or the counts of its bins."""
        if self._bins is not None:
            return self._bins.get(kind, np.zeros(_BINS, np.int64))
        return np.concatenate([values[offsets[kind] : offsets[kind + 1]] for offsets, values in self._parts])

    def _bound(self) -> None:
        if self._bins is None and int(self.counts.sum()) <= EXACT_LIMIT:
            return
        bins = dict(self._bins or {})
        for offsets, values in self._parts:
            for kind in np.flatnonzero(np.diff(offsets)).tolist():
                counted = np.bincount(_bin(values[offsets[kind] : offsets[kind + 1]]), minlength=_BINS)
                bins[kind] = bins[kind] + counted if kind in bins else counted
        self._bins, self._parts = bins, ()


def _bin(gaps: Array) -> Array:
    """Log-linear bins: whole numbers below 128 each have their own."""
    _, exponent = np.frexp(gaps.astype(np.float64))
    shift = np.maximum(exponent.astype(np.int64) - _BITS - 1, 0)
    return np.asarray(np.minimum((gaps >> shift) + (shift << _BITS), _BINS - 1))


def _middle(place: int) -> float:
    """The middle of a bin."""
    if place < 2 * _HALF:
        return float(place)
    shift = (place >> _BITS) - 1
    return ((place - (shift << _BITS)) + 0.5) * float(1 << shift)
