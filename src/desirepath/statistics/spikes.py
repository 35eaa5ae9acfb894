"""Is this week's number out of the ordinary? Counts held against what the weeks before let expect, and odd values.

    counts_against_past(tickets, active, step=1)   expected number, z, and whether there is a spike, bucket by bucket
    generalised_esd(values, most=10)               which of many values are outliers, looking back

Source: the generalised extreme Studentized deviate test: B. Rosner, Percentage points for a generalized ESD
many-outlier procedure, Technometrics 25 (1983), with the example of NIST's e-Handbook, section 1.3.5.17.3; the variance
of a median: David and Nagaraja, Order Statistics (2003); the negative binomial tail for counts that vary more than
Poisson's: J. Hilbe, Negative Binomial Regression (2011).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError

BACK, AT_LEAST = 6, 4
"""The expected rate is the median of the last six comparable buckets, and of no fewer than four."""

WATCHED = 8
"""How far buckets scatter is read off so many periods before."""

ENOUGH = 30
"""Below so many expected nothing is called a spike."""

TWICE, ONCE = 3.0, 5.0
"""A spike is a z of 3 in two buckets on end, or of 5 in one."""

OF_A_MEDIAN = 1 + math.pi / 2 / BACK
"""A count's variance about the median of six is greater than Poisson's by that much."""

YES, PERHAPS, NO, TOO_LITTLE = "yes", "perhaps", "no", "too little data"


class Expected(NamedTuple):
    """What is known of one bucket.

    Attributes
    ----------
    rate
        The median rate of the comparable buckets before; None where there are too few.
    number
        How many are expected at that rate.
    z
        How far the number lies from it, as a normal quantile of its tail.
    p_value
        Of so many or more, where nothing has changed.
    spike
        `yes`, `perhaps` (once between 3 and 5), `no` or `too little data`.
    """

    rate: float | None
    number: float | None
    z: float | None
    p_value: float | None
    spike: str


def counts_against_past(
    counts: Sequence[int], exposed: Sequence[int], *, step: int = 1, usable: Sequence[bool] | None = None
) -> list[Expected]:
    """Hold every count against the rate of comparable buckets before it.

    Parameters
    ----------
    counts
        What happened in each bucket, in order of time.
    exposed
        How many people it could happen to.
    step
        Comparable buckets are so many apart: 7 for days held against the same weekday.
    usable
        Which buckets are over and known whole; others are neither judged nor held against.

    Returns
    -------
    One entry a bucket. The variance of a count about what is expected is Poisson's times that of a median of six, or
    what the last buckets showed (their median absolute distance), if that is more; its tail is the negative binomial's.
    """
    known = [True] * len(counts) if usable is None else list(usable)
    found: list[Expected] = []
    distances: list[float | None] = []
    for k in range(len(counts)):
        expected = _expected(counts, exposed, known, k, step) if known[k] else None
        if expected is None:
            found.append(Expected(None, None, None, None, TOO_LITTLE))
            distances.append(None)
            continue
        rate, number = expected
        if number < ENOUGH:
            found.append(Expected(rate, number, None, None, TOO_LITTLE))
            distances.append((counts[k] - number) / math.sqrt(number) if number > 0 else None)
            continue
        past = [each for each in distances[max(0, k - WATCHED * step) :] if each is not None]
        z, p_value = _tail(counts[k], number, _scatter(past))
        before = found[k - 1].z if k else None
        twice = z >= TWICE and before is not None and before >= TWICE
        spike = YES if z >= ONCE or twice else PERHAPS if z >= TWICE else NO
        found.append(Expected(rate, number, z, p_value, spike))
        distances.append((counts[k] - number) / math.sqrt(number))
    return found


def _expected(
    counts: Sequence[int], exposed: Sequence[int], usable: Sequence[bool], k: int, step: int
) -> tuple[float, float] | None:
    """The median rate of the comparable buckets before bucket k, and the number that it lets expect."""
    places = [j for j in range(k - step, k - BACK * step - 1, -step) if j >= 0 and usable[j] and exposed[j] > 0]
    if len(places) < AT_LEAST or exposed[k] <= 0:
        return None
    rate = float(np.median([counts[j] / exposed[j] for j in places]))
    return rate, rate * exposed[k]


def _scatter(past: Sequence[float]) -> float:
    """How many times Poisson's variance counts vary about what is expected of them."""
    if len(past) < BACK:
        return OF_A_MEDIAN
    return max(OF_A_MEDIAN, (1.4826 * float(np.median(np.abs(past)))) ** 2)


def _tail(count: int, expected: float, scatter: float) -> tuple[float, float]:
    """The z and the probability of so many or more; below what is expected the z of so few or fewer, negative."""
    from scipy.stats import nbinom, norm

    size, chance = expected / (scatter - 1), 1 / scatter
    upper = float(nbinom.sf(count - 1, size, chance))
    if count >= expected:
        log_tail = float(nbinom.logsf(count - 1, size, chance))
        z = float(norm.isf(upper)) if upper > 1e-300 else math.sqrt(max(-2 * log_tail, 0.0))
        z = min(z, 40.0)
        return max(z, 0.0), min(max(upper, 0.0), 1.0)
    lower = float(nbinom.cdf(count, size, chance))
    z = float(norm.ppf(lower)) if lower > 1e-300 else -40.0
    return max(min(z, 0.0), -40.0), min(max(upper, 0.0), 1.0)


class Outliers(NamedTuple):
    """What the generalised ESD test found.

    Attributes
    ----------
    places
        Positions of the outliers among the values, the most extreme first.
    statistics, limits
        R and lambda of each step.
    """

    places: list[int]
    statistics: list[float]
    limits: list[float]


def generalised_esd(values: Sequence[float] | npt.NDArray[np.float64], most: int, level: float = 0.95) -> Outliers:
    """Find outliers among values that are otherwise normal, when it is not known how many there are.

    Parameters
    ----------
    values
        In any unit.
    most
        At most so many are looked for, fewer than the values by two.
    level
        The chance of none where there is none; holds from 15 values on, well from 25.

    Raises
    ------
    InputError
        If `most` is too many or a value is not finite.

    References
    ----------
    Rosner (1983).
    """
    from scipy.stats import t

    left = np.asarray(values, dtype=np.float64)
    n = len(left)
    if not np.isfinite(left).all() or not 0 <= most <= max(n - 2, 0):
        raise InputError(f"{most} outliers cannot be looked for among {n} values.", allowed=["at most n - 2"])
    place = np.arange(n)
    out: list[int] = []
    statistics: list[float] = []
    limits: list[float] = []
    for step in range(1, most + 1):
        spread = float(left.std(ddof=1))
        distance = np.abs(left - left.mean())
        worst = int(distance.argmax())
        statistics.append(float(distance[worst]) / spread if spread > 0 else 0.0)
        quantile = float(t.ppf(1 - (1 - level) / (2 * (n - step + 1)), n - step - 1))
        limits.append((n - step) * quantile / math.sqrt((n - step - 1 + quantile**2) * (n - step + 1)))
        out.append(int(place[worst]))
        left, place = np.delete(left, worst), np.delete(place, worst)
    many = max((k + 1 for k in range(most) if statistics[k] > limits[k]), default=0)
    return Outliers(out[:many], statistics, limits)


__all__ = ["Expected", "Outliers", "counts_against_past", "generalised_esd"]
