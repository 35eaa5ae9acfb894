"""How long did it take? A summary of durations that adds up: batches in any order give the same answer.

Up to a limit every value is kept and quantiles are exact. Beyond it the values are counted in log-linear
bins, 256 to each doubling, so that a quantile is at most 0.2 % off and the size stays fixed (about 115 kB).

    (Durations([10, 20]) + Durations([30])).quantile(0.5)      20.0
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.errors import InputError
from desirepath.statistics.intervals import Estimate, interval_ranks, quantile_ranks

EXACT_LIMIT = 4_000_000
RELATIVE_ERROR = 0.002

LONGEST = 2**63 - 1

_BITS = 8
_HALF = 1 << _BITS
_BINS = _HALF * (64 - _BITS)
_MOST_CHUNKS = 32
_FEW = 8_192

Integers = NDArray[np.int64]

_Summary = tuple[int, int | None, int | None]
"""Total, minimum, maximum."""


@dataclass(frozen=True)
class Histogram:
    """Counts of durations between edges.

    Parameters
    ----------
    edges
        Ascending, in microseconds, shape (k + 1,). A bin holds its lower edge, the last one its upper edge
        too.
    counts
        Shape (k,).
    below, above
        How many lie outside the edges; nothing is lost.
    """

    edges: NDArray[np.float64]
    counts: Integers
    below: int
    above: int


class Durations:
    """An additive summary of durations in whole microseconds.

    Parameters
    ----------
    values
        Durations in microseconds, shape (n,), none negative, in any order.
    exact_limit
        Up to this many values all are kept; beyond, they are binned (`approximate` is then true).

    Raises
    ------
    InputError
        If a value is negative or not a whole number, or the limit is negative.

    Notes
    -----
    `+` is associative and commutative, and `Durations()` is its zero: what a sum holds depends only on the
    values, never on how they were split. A sum takes the smaller of the two limits.
    """

    __slots__ = ("_bins", "_chunks", "_summary", "_told", "exact_limit", "n")
    __hash__ = None  # type: ignore[assignment]

    n: int
    exact_limit: int
    _chunks: tuple[Integers, ...]
    _bins: Integers | None
    _summary: _Summary | None  # of bins always, else once somebody asks
    _told: dict[int, int]  # values by rank, as far as anybody asked

    def __init__(self, values: ArrayLike = (), *, exact_limit: int = EXACT_LIMIT) -> None:
        if exact_limit < 0:
            raise InputError(f"{exact_limit} is not a number of values to keep.", allowed=["0 or more"])
        kept = _whole(values)
        self.exact_limit = exact_limit
        self.n = len(kept)
        self._chunks = (kept,) if self.n else ()
        self._bins, self._summary, self._told = None, None, {}
        self._bound()

    def __add__(self, other: Durations) -> Durations:
        """Join two summaries; neither is changed."""
        if not isinstance(other, Durations):
            return NotImplemented
        result = Durations.__new__(Durations)  # sums are made by the thousand
        result.exact_limit = min(self.exact_limit, other.exact_limit)
        result.n = self.n + other.n
        result._told, result._summary = {}, None
        if self.approximate or other.approximate:
            result._summary = _joined(self._of_all(), other._of_all())
        result._chunks = self._chunks + other._chunks
        if self._bins is not None and other._bins is not None:
            result._bins = self._bins + other._bins
        else:
            result._bins = other._bins if self._bins is None else self._bins
        result._bound()
        return result

    def __eq__(self, other: object) -> bool:
        """Compare what is held: the values, or their bins."""
        if not isinstance(other, Durations):
            return NotImplemented
        mine = (self.n, self.total, self.minimum, self.maximum, self.exact_limit, self.approximate)
        theirs = (other.n, other.total, other.minimum, other.maximum, other.exact_limit, other.approximate)
        if mine != theirs:
            return False
        if self._bins is not None and other._bins is not None:
            return bool((self._bins == other._bins).all())
        return bool((np.sort(self._values()) == np.sort(other._values())).all())

    def __repr__(self) -> str:
        """Show how many and how long."""
        kind = "approximate" if self.approximate else "exact"
        return f"Durations(n={self.n}, median={self.quantile(0.5)} µs, {kind})"

    def _of_all(self) -> _Summary:
        if self._summary is None:
            values = self._values()
            least, most = (int(values.min()), int(values.max())) if self.n else (None, None)
            self._summary = (_exact_sum(values, most or 0), least, most)
        return self._summary

    @property
    def total(self) -> int:
        """The sum in microseconds, exact in both forms."""
        return self._of_all()[0]

    @property
    def minimum(self) -> int | None:
        """The shortest in microseconds, exact in both forms; None when there are no values."""
        return self._of_all()[1]

    @property
    def maximum(self) -> int | None:
        """The longest in microseconds, exact in both forms; None when there are no values."""
        return self._of_all()[2]

    @property
    def approximate(self) -> bool:
        """Whether values were binned, so that quantiles may be 0.2 % off."""
        return self._bins is not None

    @property
    def mean(self) -> float | None:
        """The mean in microseconds, exact in both forms; None when there are no values."""
        return self.total / self.n if self.n else None

    def quantile(self, q: float) -> float | None:
        """Give the `q` quantile in microseconds, None when there are no values.

        Parameters
        ----------
        q
            From 0 (the minimum) to 1 (the maximum); 0.5 is the median. Definition 2 of Hyndman and Fan: where
            n q is whole, the mean of the two values around it.

        Raises
        ------
        InputError
            If `q` is out of range.
        """
        one, two = quantile_ranks(self.n, q)
        if self.n == 0:
            return None
        first, second = self._at_ranks([one, two])
        return first if first == second else (first + second) / 2

    def estimate(self, q: float = 0.5, level: float = 0.95) -> Estimate:
        """Estimate the `q` quantile in microseconds with its distribution-free interval.

        Parameters
        ----------
        q
            Which quantile, from 0 to 1.
        level
            Confidence level.

        Returns
        -------
        Estimate
            Without a value when there are none; without an end where n is too small for it.

        Raises
        ------
        InputError
            If `q` or `level` is out of range.
        """
        value = self.quantile(q)
        low, high = interval_ranks(self.n, q, level)
        ends = [None if rank is None else self._at_ranks([rank])[0] for rank in (low, high)]
        method = "order_statistics_binned" if self.approximate else "order_statistics"
        return Estimate(value, ends[0], ends[1], self.n, level, method)

    def histogram(self, bins: int | Sequence[float]) -> Histogram:
        """Count the durations between edges.

        Parameters
        ----------
        bins
            Either how many bins of equal width to cut from the minimum on, in whole microseconds, so that they
            may reach a few beyond the maximum; or the ascending edges in microseconds.

        Returns
        -------
        Histogram
            Its counts, `below` and `above` add up to `n`. When `approximate`, a value may fall on the wrong
            side of an edge that is within 0.2 % of it.

        Raises
        ------
        InputError
            If there are fewer than one bin or the edges do not ascend.
        """
        if isinstance(bins, int):
            return self._even(bins)
        edges = np.asarray(bins, dtype=np.float64)
        if edges.ndim != 1 or len(edges) <= 1 or not (np.diff(edges) > 0).all():
            raise InputError("The edges of a histogram must be at least two ascending numbers.")
        if self._bins is None:
            values = np.sort(self._values()).astype(np.float64)
            before = np.searchsorted(values, edges, side="left")
            before[-1] = np.searchsorted(values, edges[-1], side="right")
        else:
            filled = np.flatnonzero(self._bins)
            values, weights = self._clamped(_middles(filled)), self._bins[filled]
            inside = values[:, None] < edges
            inside[:, -1] = values <= edges[-1]
            before = weights @ inside
        return Histogram(edges, np.diff(before), int(before[0]), self.n - int(before[-1]))

    def _even(self, bins: int) -> Histogram:
        """Bins of equal width; in whole numbers, as dividing them takes a tenth of the time of looking edges up."""
        if bins < 1:
            raise InputError(f"A histogram cannot have {bins} bins.", allowed=["1 or more"])
        low, high = self.minimum or 0, self.maximum or 0
        width = max(-((low - high) // bins), 1)
        edges = np.array([low + width * k for k in range(bins + 1)], dtype=np.float64)
        if self._bins is None:
            parts: Iterator[tuple[Integers, Integers | None]] = ((part, None) for part in _parts(self._values()))
        else:
            filled = np.flatnonzero(self._bins)
            parts = iter([(self._clamped(_middles(filled)).astype(np.int64), self._bins[filled])])
        counts = np.zeros(bins, dtype=np.int64)
        for values, weights in parts:
            places = np.clip((values - low) // width, 0, bins - 1)
            counts += np.bincount(places, weights, minlength=bins).astype(np.int64)
        return Histogram(edges, counts, 0, 0)

    def _bound(self) -> None:
        """Bin the values if they are more than the limit, and keep the list of chunks short."""
        if self._bins is None and self.n <= self.exact_limit:
            if len(self._chunks) > _MOST_CHUNKS:
                self._values()
            return
        self._of_all()
        bins = np.zeros(_BINS, dtype=np.int64) if self._bins is None else self._bins.copy()
        for chunk in self._chunks:
            bins += np.bincount(_bin_of(chunk), minlength=_BINS)
        self._bins, self._chunks = bins, ()

    def _values(self) -> Integers:
        """All values, in any order; others may read the same array."""
        if not self._chunks:
            return np.zeros(0, dtype=np.int64)
        if len(self._chunks) > 1:
            self._chunks = (np.concatenate(self._chunks),)
        return self._chunks[0]

    def _at_ranks(self, ranks: Sequence[int]) -> list[float]:
        if self._bins is None:
            told = self._told if self._told.keys() >= set(ranks) else self._select(ranks)
            return [float(told[rank]) for rank in ranks]
        places = np.searchsorted(np.cumsum(self._bins), np.asarray(ranks, dtype=np.int64), side="left")
        values = self._clamped(_middles(places))
        return [self._known(rank, value) for rank, value in zip(ranks, values.tolist(), strict=True)]

    def _select(self, ranks: Sequence[int]) -> dict[int, int]:
        """Look the values of these ranks up, and those that are mostly asked for next: selecting is cheaper at once."""
        ends = [rank for rank in interval_ranks(self.n, 0.5) if rank is not None]
        next_asked = [rank for q in (0.25, 0.5, 0.75) for rank in quantile_ranks(self.n, q)]
        wanted = np.array(sorted({*ranks, *next_asked, *ends}))
        found = _at(self._values(), wanted)
        self._told = told = {**self._told, **dict(zip(wanted.tolist(), found.tolist(), strict=True))}
        return told

    def _known(self, rank: int, value: float) -> float:
        """Replace the approximate `value` by the exact one where that was kept: the first and the last."""
        if rank == 1 and self.minimum is not None:
            return float(self.minimum)
        if rank == self.n and self.maximum is not None:
            return float(self.maximum)
        return value

    def _clamped(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        clamped: NDArray[np.float64] = np.clip(values, self.minimum, self.maximum)
        return clamped


def _parts(values: Integers) -> Iterator[Integers]:
    """The values a few at a time, so that all that is worked out on the way stays near the processor."""
    return (values[low : low + _FEW] for low in range(0, len(values), _FEW))


def _at(values: Integers, ranks: Integers) -> Integers:
    """The values of some ranks, from 1; only those that lie near one of them are looked at twice."""
    least, most = _levels(values.min()), _levels(values.max())
    counts = np.zeros(most - least + 1, dtype=np.int64)
    for part in _parts(values):
        counts += np.bincount(_levels(part) - least, minlength=len(counts))
    levels = np.searchsorted(np.cumsum(counts), ranks, side="left")
    near = np.zeros(len(counts), dtype=np.bool_)
    near[levels] = True
    places = ranks - np.cumsum(np.where(near, 0, counts))[levels] - 1
    few = np.concatenate([part[near[_levels(part) - least]] for part in _parts(values)])
    found: Integers = np.partition(few, places)[places]
    return found


def _levels(values: Any) -> Any:
    """Whole numbers that are larger where values are, 64 to each doubling: the first bits of their floating point."""
    return np.asarray(values, dtype=np.float64).view(np.int64) >> 46


def _whole(values: ArrayLike) -> Integers:
    """The values as whole numbers."""
    given = np.asarray(values)
    if given.size == 0:
        return np.zeros(0, dtype=np.int64)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise InputError(
            f"Durations must be one list of whole microseconds; these have type {given.dtype}.",
            allowed=["integers"],
        )
    least = int(given.min())
    if least < 0:
        raise InputError(f"A duration cannot be negative, and one is {least} µs.", allowed=["0 or more"])
    if given.dtype == np.uint64 and given.max() > LONGEST:
        raise InputError(f"A duration of {given.max()} µs is longer than time can be counted.")
    # A copy, so that a later change to the caller's array cannot change the summary.
    return given.astype(np.int64, copy=True)


def _joined(one: _Summary, two: _Summary) -> _Summary:
    least = [each[1] for each in (one, two) if each[1] is not None]
    most = [each[2] for each in (one, two) if each[2] is not None]
    return one[0] + two[0], min(least, default=None), max(most, default=None)


def _exact_sum(values: Integers, most: int) -> int:
    """Sum, in two halves where the whole could overflow; `most` is the greatest of them."""
    if most * len(values) < 1 << 63:
        return int(values.sum())
    return (int((values >> 32).sum()) << 32) + int((values & 0xFFFFFFFF).sum())


def _bin_of(values: Integers) -> Integers:
    """Give the bin of each value: exact below 512, then 256 equal bins to each doubling."""
    exponents = np.frexp(values.astype(np.float64))[1].astype(np.int64) - 1
    # A large integer may round up to the next power of two on its way through floating point; the last bin
    # below that power gets the same number by either exponent.
    shifts = np.clip(exponents, _BITS, 62) - _BITS
    bins: Integers = _HALF * shifts + (values >> shifts)
    return bins


def rounded(values: ArrayLike) -> Integers:
    """Durations to within 0.2 %, so that few of them differ: the middles of the bins, whole."""
    kept = _whole(values)
    return _middles(_bin_of(kept)).astype(np.int64) if len(kept) else kept


def _middles(bins: Integers) -> NDArray[np.float64]:
    """Give the middle of the whole numbers that share each bin."""
    shifts = np.maximum(bins - _HALF, 0) >> _BITS
    lowest = (bins - _HALF * shifts) << shifts
    middles: NDArray[np.float64] = lowest + ((np.int64(1) << shifts) - 1) / 2
    return middles
