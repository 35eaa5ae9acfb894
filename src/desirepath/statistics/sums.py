"""Which sums are the same for every split of the data? Those that hold their parts exactly.

Each of these has a `+` that is associative and commutative, and a zero: the value without arguments.

    Proportion(3, 10) + Proportion(1, 5)                     4 of 15
    Moments.of([0.1, 0.2]) + Moments.of([0.3])               n, sum, mean, variance without rounding drift
    Counts({"search": 4}) + Counts({"mail": 1})              exact counts; top(n) gives n of them and the rest
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.errors import InputError, UnknownNameError
from desirepath.statistics.intervals import Estimate, check_counts, wilson

Key = TypeVar("Key", bound=Hashable)

_LARGEST = 1e150


@dataclass(frozen=True)
class Proportion:
    """`x` of `n`.

    Parameters
    ----------
    x, n
        Counts, 0 <= x <= n.

    Raises
    ------
    InputError
        If they are not such counts.
    """

    x: int = 0
    n: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        check_counts(self.x, self.n)

    def __add__(self, other: Proportion) -> Proportion:
        """Join the counts of two groups without a common member."""
        return Proportion(self.x + other.x, self.n + other.n)

    @property
    def rate(self) -> float | None:
        """The share x / n; None when n = 0."""
        return self.x / self.n if self.n else None

    def estimate(self, level: float = 0.95) -> Estimate:
        """Give the share with Wilson's interval."""
        return wilson(self.x, self.n, level)


@dataclass(frozen=True)
class Moments:
    """Number, sum and sum of squares of measured values, held as exact fractions.

    Floating-point addition depends on the order of its terms; exact fractions do not, so the mean and the
    variance are the same bytes however the values were split. They are rounded once, when they are read.

    Parameters
    ----------
    n
        How many values.
    total, squares
        Their sum and the sum of their squares, in the values' unit and its square.
    """

    n: int = 0
    total: Fraction = Fraction(0)
    squares: Fraction = Fraction(0)

    @classmethod
    def of(cls, values: ArrayLike) -> Moments:
        """Sum up `values`, shape (n,), in any unit.

        Raises
        ------
        InputError
            If a value is not a finite number, or 1e150 and more.
        """
        given = np.asarray(values, dtype=np.float64)
        if given.ndim != 1 or not (np.abs(given) < _LARGEST).all():
            raise InputError("Only one list of finite numbers can be summed up.")
        return cls(len(given), _exact_sum(given), _exact_sum_of_squares(given))

    def __add__(self, other: Moments) -> Moments:
        """Join two groups of values."""
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float | None:
        """The mean; None when there are no values."""
        return float(self.total / self.n) if self.n else None

    @property
    def variance(self) -> float | None:
        """The sample variance, with n - 1; None for fewer than two values."""
        if self.n <= 1:
            return None
        return float((self.squares - self.total * self.total / self.n) / (self.n - 1))


class Sums:
    """Whole numbers that add up by name, over so many rows.

    Parameters
    ----------
    size
        How many rows they sum up.
    sums
        The sums by name.
    rates
        Per name of a rate the names of its part and of its whole; `"size"` stands for the rows.

    Raises
    ------
    UnknownNameError
        When something that was not summed up is looked for.
    """

    def __init__(self, size: int, sums: Mapping[str, int], rates: Mapping[str, tuple[str, str]] | None = None) -> None:
        self.size = size
        self._rates = dict(rates or {})
        self._sums = {name: int(value) for name, value in sums.items()}

    def __getitem__(self, name: str) -> int:
        if name == "size":
            return self.size
        if name not in self._sums:
            raise UnknownNameError.of("sum", name, self._sums)
        return self._sums[name]

    def __add__(self, other: Sums) -> Sums:
        """Join two groups without a common row."""
        sums = {name: value + other[name] for name, value in self._sums.items()}
        return Sums(self.size + other.size, sums, self._rates)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sums) and (self.size, self._sums) == (other.size, other._sums)

    def __hash__(self) -> int:
        return hash((self.size, *sorted(self._sums.items())))

    def __repr__(self) -> str:
        return f"Sums({self.size}, {self._sums})"

    def rates(self) -> Mapping[str, Proportion]:
        """The proportions that groups are compared by."""
        return {name: Proportion(self[part], self[whole]) for name, (part, whole) in self._rates.items()}


@dataclass(frozen=True)
class Top(Generic[Key]):
    """The most frequent keys and all others together.

    Parameters
    ----------
    rows
        Keys with their counts, most frequent first; equal counts in the order of the keys' text.
    other
        Sum of the counts of all keys that are not in `rows`; exact.
    other_keys
        How many such keys there are.
    """

    rows: list[tuple[Key, int]]
    other: int
    other_keys: int


class Counts(Generic[Key]):
    """Exact counts of an open vocabulary.

    Nothing is forgotten while adding, because a key that is rare in every batch may be frequent in their sum;
    `top` shortens the list for reading, and says exactly what it left out.

    Parameters
    ----------
    counts
        Key to count. Keys counted zero times are dropped, so that equal counts compare equal.

    Raises
    ------
    InputError
        If a count is negative.
    """

    __slots__ = ("_counts",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, counts: Mapping[Key, int] | None = None) -> None:
        self._counts: dict[Key, int] = {}
        for key, count in (counts or {}).items():
            if count < 0:
                raise InputError(f"{key!r} cannot have been counted {count} times.", allowed=["0 or more"])
            if count:
                self._counts[key] = int(count)

    @classmethod
    def of(cls, keys: Iterable[Key]) -> Counts[Key]:
        """Count each of `keys`."""
        found: dict[Key, int] = {}
        for key in keys:
            found[key] = found.get(key, 0) + 1
        return cls(found)

    def __add__(self, other: Counts[Key]) -> Counts[Key]:
        """Join two counts; neither is changed."""
        joined = dict(self._counts)
        for key, count in other._counts.items():
            joined[key] = joined.get(key, 0) + count
        return Counts(joined)

    def __eq__(self, other: object) -> bool:
        """Compare keys and counts."""
        return self._counts == other._counts if isinstance(other, Counts) else NotImplemented

    def __getitem__(self, key: Key) -> int:
        """Give how often `key` was counted; 0 when never."""
        return self._counts.get(key, 0)

    def __len__(self) -> int:
        """Give the number of different keys."""
        return len(self._counts)

    def __repr__(self) -> str:
        """Show the size and the most frequent keys."""
        return f"Counts({len(self)} keys, {self.total} in all, top {self.top(3).rows})"

    @property
    def total(self) -> int:
        """The sum of all counts."""
        return sum(self._counts.values())

    def top(self, most: int) -> Top[Key]:
        """Give the `most` frequent keys and the exact remainder.

        Raises
        ------
        InputError
            If `most` is negative.
        """
        if most < 0:
            raise InputError(f"The top {most} cannot be listed.", allowed=["0 or more"])
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1], str(item[0]), repr(item[0])))
        rest = ranked[most:]
        return Top(ranked[:most], sum(count for _, count in rest), len(rest))


def _exact_sum(values: NDArray[np.float64]) -> Fraction:
    """Sum without rounding: whole mantissas are summed for each power of two."""
    mantissas, exponents = np.frexp(values)
    whole = np.ldexp(mantissas, 53).astype(np.int64)
    # In halves of 27 and 26 bits, so that billions of them cannot overflow.
    upper, lower = whole >> 27, whole & ((1 << 27) - 1)
    total = Fraction(0)
    for exponent in np.unique(exponents).tolist():
        here = exponents == exponent
        amount = (int(upper[here].sum()) << 27) + int(lower[here].sum())
        total += amount * Fraction(2) ** (exponent - 53)
    return total


def _exact_sum_of_squares(values: NDArray[np.float64]) -> Fraction:
    """Sum the squares without rounding, by splitting each value into two halves of 26 bits (Dekker 1971)."""
    mantissas, exponents = np.frexp(values)
    high = np.round(mantissas * 2.0**26) / 2.0**26
    low = mantissas - high
    total = Fraction(0)
    for exponent in np.unique(exponents).tolist():
        here = exponents == exponent
        one, two = high[here], low[here]
        parts = _exact_sum(one * one) + 2 * _exact_sum(one * two) + _exact_sum(two * two)
        total += parts * Fraction(4) ** exponent
    return total
