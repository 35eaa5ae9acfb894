"""How long do moves take? The gaps of many kinds of moves, together, so that sums stay exact and quantiles quick.

Up to a limit every gap is kept, and quantiles are exact. Beyond it gaps are counted in bins, 64 to each doubling: at
most 0.8 % off, and the size stays fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

EXACT_LIMIT = 64_000_000
RELATIVE_ERROR = 0.008
_BITS = 6
_HALF = 1 << _BITS
_BINS = _HALF * (64 - _BITS)
QUARTILES = (0.25, 0.5, 0.75)


class Gaps:
    """Gaps in whole microseconds, by kind of move.

    Parameters
    ----------
    kinds
        How many kinds there are.
    counts
        int64[kinds]: how many gaps each has.
    values
        int64: all gaps, those of one kind together, in the order of the kinds.
    """

    __slots__ = ("_bins", "_parts", "counts", "kinds")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, kinds: int, counts: Array, values: Array) -> None:
        self.kinds = kinds
        self.counts = counts
        self._bins: dict[int, Array] | None = None
        self._parts: tuple[tuple[Array, Array], ...] = ((np.concatenate(([0], np.cumsum(counts))), values),)
        self._bound()

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
        n = int(self.counts[kind])
        if not n:
            return None
        places = [share * (n - 1) for share in QUARTILES]
        wanted = sorted({int(place) for place in places} | {min(int(place) + 1, n - 1) for place in places})
        if self._bins is not None:
            at = np.searchsorted(np.cumsum(self._of(kind)), np.array(wanted), side="right")
            found = dict(zip(wanted, (_middle(int(b)) for b in at), strict=True))
        else:
            values = np.partition(self._of(kind), wanted)
            found = {place: float(values[place]) for place in wanted}
        low, middle, high = (
            found[int(p)] + (p - int(p)) * (found[min(int(p) + 1, n - 1)] - found[int(p)]) for p in places
        )
        return low, middle, high

    def all_quartiles(self, kinds: Sequence[int]) -> list[tuple[float, float, float] | None]:
        """`quartiles` of several kinds, on two threads."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(self.quartiles, kinds))

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
