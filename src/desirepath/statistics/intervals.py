"""How sure can we be of this number? Intervals for proportions, their differences, and quantiles.

Every function answers with an `Estimate`: the number, its interval, what it rests on and by which method.
Where the data cannot carry a number there is none, and `note` says "not enough data"; NaN never appears.

    wilson(81, 263)              0.308, 95 % interval 0.255 to 0.366
    newcombe(56, 70, 48, 80)     0.200, 95 % interval 0.052 to 0.334
    quantile_estimate(values)    the median with an interval that assumes nothing about the distribution
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from desirepath.errors import InputError

NOT_ENOUGH_DATA = "not enough data"


@dataclass(frozen=True)
class Estimate:
    """A number with its interval, or the statement that there is not enough data for it.

    Parameters
    ----------
    value
        The point estimate; None when there is not enough data.
    low, high
        Ends of the interval; None where the data is too small to give that end at this level.
    n
        How many observations it rests on (both groups together for a difference).
    level
        Confidence level, such as 0.95.
    method
        Identifier of the method, such as ``"wilson"``.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    level: float
    method: str

    @property
    def note(self) -> str:
        """Empty, or what is missing: the number itself, or one or both ends of its interval."""
        if self.value is None:
            return NOT_ENOUGH_DATA
        if self.low is None or self.high is None:
            return f"{NOT_ENOUGH_DATA} for the interval"
        return ""


def interval_columns(name: str, estimates: Sequence[Estimate]) -> dict[str, list[float | None]]:
    """Estimates as three columns of a table: their values, and the ends of their intervals (`_low`, `_high`)."""
    return {
        name: [each.value for each in estimates],
        f"{name}_low": [each.low for each in estimates],
        f"{name}_high": [each.high for each in estimates],
    }


def wilson_columns(name: str, x: Sequence[int], n: Sequence[int]) -> dict[str, list[float | None]]:
    """`interval_columns` of many proportions x / n at the usual level, as `wilson` estimates each; 0 <= x <= n."""
    part, whole = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    known = whole > 0
    p, low, high = wilson_ends(part[known], whole[known])
    columns = {name: p, f"{name}_low": low, f"{name}_high": high}
    places = np.flatnonzero(known).tolist()
    told: dict[str, list[float | None]] = {}
    for column, values in columns.items():
        told[column] = [None] * len(known)
        for place, value in zip(places, values.tolist(), strict=True):
            told[column][place] = value
    return told


def wilson_ends(
    part: NDArray[np.float64], whole: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Many proportions and their limits at the usual level, as `wilson` estimates each; whole > 0."""
    z, p = Z_AT_USUAL_LEVEL, part / whole
    scale = 1 + z * z / whole
    middle = (p + z * z / (2 * whole)) / scale
    half = z / scale * np.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    low = np.where(part == 0, 0.0, np.maximum(0.0, middle - half))
    high = np.where(part == whole, 1.0, np.minimum(1.0, middle + half))
    return p, low, high


USUAL_LEVEL, Z_AT_USUAL_LEVEL = 0.95, 1.9599639845400536


def normal_quantile(level: float) -> float:
    """Give the z value of a two-sided normal interval, 1.96 for 0.95.

    Raises
    ------
    InputError
        If `level` does not lie strictly between 0 and 1.
    """
    if not 0 < level < 1:
        raise InputError(f"{level!r} is not a confidence level.", allowed=["a number between 0 and 1, such as 0.95"])
    if level == USUAL_LEVEL:
        return Z_AT_USUAL_LEVEL
    from statistics import NormalDist  # slow to import, and seldom needed

    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(x: int, n: int, level: float = 0.95) -> Estimate:
    """Estimate a proportion with Wilson's score interval, without continuity correction.

    Parameters
    ----------
    x, n
        How many of the `n` observed have the property; 0 <= x <= n.
    level
        Confidence level.

    Returns
    -------
    Estimate
        x / n in [0, 1]; without a value when n = 0. The interval has a width even for x = 0 and x = n.

    Raises
    ------
    InputError
        If `x` and `n` are not such counts, or `level` is not between 0 and 1.

    References
    ----------
    Wilson (1927), JASA 22, 209-212; method 3 of Newcombe (1998), Statistics in Medicine 17, 857-872.
    """
    check_counts(x, n)
    z = normal_quantile(level)
    if n == 0:
        return Estimate(None, None, None, 0, level, "wilson")
    low, high = wilson_limits(x, n, z)
    return Estimate(x / n, low, high, n, level, "wilson")


def wilson_limits(x: float, n: float, z: float) -> tuple[float, float]:
    """Give Wilson's limits for the normal quantile `z`; n > 0, and not whole where it is an effective number."""
    p = x / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # In exact arithmetic these ends are 0 and 1; rounding must not move them inside.
    low = 0.0 if x == 0 else max(0.0, middle - half)
    high = 1.0 if x == n else min(1.0, middle + half)
    return low, high


def newcombe(x1: int, n1: int, x2: int, n2: int, level: float = 0.95) -> Estimate:
    """Estimate the difference x1/n1 - x2/n2 of two independent proportions, with Newcombe's interval.

    Parameters
    ----------
    x1, n1, x2, n2
        Counts of the two groups, each 0 <= x <= n. No person may be in both groups.
    level
        Confidence level.

    Returns
    -------
    Estimate
        The difference in [-1, 1]; without a value when either group is empty.

    Raises
    ------
    InputError
        If the counts or the level make no sense.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17, 873-890, method 10 (hybrid score, no continuity correction).
    """
    found = hybrid_difference(wilson(x1, n1, level), wilson(x2, n2, level), method="newcombe")
    if found.low is None or found.high is None:
        return found
    # Only rounding can lead outside.
    return replace(found, low=max(-1.0, found.low), high=min(1.0, found.high))


def hybrid_difference(one: Estimate, two: Estimate, *, method: str) -> Estimate:
    """Estimate `one` - `two` for independent estimates from their own intervals, by squaring and adding.

    Parameters
    ----------
    one, two
        Estimates at the same level from groups without a common member.
    method
        Identifier to give to the result.

    Returns
    -------
    Estimate
        In the unit of the inputs. An end that needs an end which an input lacks is missing as well.

    Raises
    ------
    InputError
        If the levels differ.

    References
    ----------
    The method of variance estimates recovery (MOVER): Zou and Donner (2008), Statistics in Medicine 27,
    1693-1702.
    """
    if one.level != two.level:
        raise InputError(f"The two intervals have different levels, {one.level} and {two.level}.")
    n = one.n + two.n
    if one.value is None or two.value is None:
        return Estimate(None, None, None, n, one.level, method)
    difference = one.value - two.value
    low = high = None
    if one.low is not None and two.high is not None:
        low = difference - math.hypot(one.value - one.low, two.high - two.value)
    if one.high is not None and two.low is not None:
        high = difference + math.hypot(one.high - one.value, two.value - two.low)
    return Estimate(difference, low, high, n, one.level, method)


@lru_cache(maxsize=1024)
def quantile_ranks(n: int, q: float) -> tuple[int, int]:
    """Give the two ranks (from 1) whose values' mean is the sample `q` quantile.

    They are equal unless n q is whole. The definition is number 2 of Hyndman and Fan (1996): the inverse of
    the empirical distribution, averaged where it jumps. So the median of an even number of values is the
    mean of the middle two.
    """
    check_quantile(q)
    position = Fraction(q).limit_denominator(1_000_000) * n
    if position.denominator == 1:
        return max(1, int(position)), min(n, int(position) + 1)
    rank = math.ceil(position)
    return rank, rank


@lru_cache(maxsize=1024)
def interval_ranks(n: int, q: float, level: float = 0.95) -> tuple[int | None, int | None]:
    """Give the ranks (from 1) of the order statistics that enclose the `q` quantile at `level`.

    Each end leaves out at most half of 1 - `level`, whatever the distribution, by the exact binomial
    probabilities; an end is None when even the smallest or largest value cannot promise that (for the median
    at 0.95: n < 6).

    References
    ----------
    David and Nagaraja (2003), Order Statistics, section 7.1.
    """
    check_quantile(q)
    normal_quantile(level)
    if n == 0 or q in (0, 1):
        return None, None
    tail = (1 - level) / 2
    first, cumulative = _binomial_cumulative(n, q)
    # Rank l is low enough when P(B <= l - 1) <= tail, rank u is high enough when P(B <= u - 1) >= 1 - tail.
    below = int(np.searchsorted(cumulative, tail, side="right"))
    low = first + below
    high = first + int(np.searchsorted(cumulative, 1 - tail, side="left")) + 1
    return (low if low >= 1 else None), (high if high <= n else None)


def quantile_estimate(values: Sequence[float] | NDArray[np.generic], q: float = 0.5, level: float = 0.95) -> Estimate:
    """Estimate a quantile with an interval from order statistics, valid for every continuous distribution.

    Parameters
    ----------
    values
        The observations, shape (n,), in any order; the result has their unit.
    q
        Which quantile, between 0 and 1; 0.5 is the median.
    level
        Confidence level; the interval covers at least this often.

    Returns
    -------
    Estimate
        Without a value when n = 0; without an end where n is too small for it (see `interval_ranks`).

    Raises
    ------
    InputError
        If a value is not finite, or `q` or `level` is out of range.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if not np.isfinite(ordered).all():
        raise InputError("A quantile was asked of values that are not all finite numbers.")
    n = len(ordered)
    low, high = interval_ranks(n, q, level)
    if n == 0:
        return Estimate(None, None, None, 0, level, "order_statistics")
    one, two = quantile_ranks(n, q)
    value = (float(ordered[one - 1]) + float(ordered[two - 1])) / 2
    ends = [None if rank is None else float(ordered[rank - 1]) for rank in (low, high)]
    return Estimate(value, ends[0], ends[1], n, level, "order_statistics")


def check_counts(x: int, n: int) -> None:
    """Refuse counts that cannot be `x` of `n`."""
    if not 0 <= x <= n:
        raise InputError(f"{x!r} of {n!r} is not a proportion of a whole.", allowed=["0 <= x <= n"])


def check_quantile(q: float) -> None:
    """Refuse a quantile outside [0, 1]."""
    if not 0 <= q <= 1:
        raise InputError(f"{q!r} is not a quantile.", allowed=["a number from 0 to 1; 0.5 is the median"])


def _binomial_cumulative(n: int, q: float) -> tuple[int, NDArray[np.float64]]:
    """Give k0 and P(B <= k) for k = k0, k0 + 1, …, for B binomial(n, q); what lies outside has no weight."""
    spread = 12 * math.sqrt(n * q * (1 - q)) + 60
    first = max(0, math.floor(n * q - spread))
    last = min(n, math.ceil(n * q + spread))
    k = np.arange(first, last, dtype=np.float64)
    steps = np.log((n - k) / (k + 1)) + math.log(q / (1 - q))
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    weights = np.exp(logs - logs.max())
    cumulative: NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    return first, cumulative
