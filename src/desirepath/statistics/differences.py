"""Are these two numbers really different? Tests and intervals for two groups, and for many at once.

compare_proportions(20034, 44700, 20119, 45489)   difference, interval, p-value
compare_quantiles(one, two)                       difference of two medians with its interval
benjamini_hochberg([0.001, 0.02, 0.4])            the same p-values as parts of one screen
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from desirepath.errors import InputError
from desirepath.statistics.intervals import Estimate, check_counts, hybrid_difference, newcombe, wilson_limits

FLAG = 0.05
"""A difference is pointed out when its false-discovery rate is at most this."""


@dataclass(frozen=True)
class ProportionComparison:
    """The difference of two independent proportions and the evidence that there is one.

    Parameters
    ----------
    difference
        First minus second, with Newcombe's interval.
    p_value
        Two-sided, read off Newcombe's intervals: the interval at level L leaves out 0 exactly when
        p_value < 1 - L. Under equality it is below 0.05, 0.01 or 0.001 no more often than the score test
        is, down to ten in a group. None when a group is empty.
    z, score_p_value
        The textbook score test with pooled variance and its two-sided p-value, for comparison with other
        tools. None when a group is empty.
    """

    difference: Estimate
    p_value: float | None
    z: float | None
    score_p_value: float | None


def compare_proportions(x1: int, n1: int, x2: int, n2: int, level: float = 0.95) -> ProportionComparison:
    """Compare x1/n1 with x2/n2 so that the interval and the p-value never contradict each other.

    Parameters
    ----------
    x1, n1, x2, n2
        Counts of two groups without a common member, each 0 <= x <= n.
    level
        Confidence level of the interval.

    Returns
    -------
    ProportionComparison
        Without numbers ("not enough data") when a group is empty.

    Raises
    ------
    InputError
        If the counts or the level make no sense.

    Notes
    -----
    The usual z test and Newcombe's interval disagree now and then near the border. The p-value shown
    beside an interval is therefore the level at which that interval would touch 0.
    """
    difference = newcombe(x1, n1, x2, n2, level)
    if difference.value is None:
        return ProportionComparison(difference, None, None, None)
    z, score_p_value = score_test(x1, n1, x2, n2)
    return ProportionComparison(difference, _newcombe_p_value(x1, n1, x2, n2), z, score_p_value)


def score_test(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float]:
    """Test x1/n1 = x2/n2 by the score statistic with pooled variance, uncorrected for continuity.

    Returns
    -------
    z, p_value
        The statistic, positive when the first proportion is larger, and its two-sided p-value. When nobody
        or everybody has the property in both groups the two are equal: 0 and 1.

    Raises
    ------
    InputError
        If the counts make no sense or a group is empty.
    """
    check_counts(x1, n1)
    check_counts(x2, n2)
    if n1 == 0 or n2 == 0:
        raise InputError("A group with nobody in it cannot be compared.", allowed=["two groups with n > 0"])
    pooled = (x1 + x2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    if variance == 0:
        return 0.0, 1.0
    z = (x1 / n1 - x2 / n2) / math.sqrt(variance)
    return z, two_sided(z)


def compare_quantiles(one: Estimate, two: Estimate) -> Estimate:
    """Estimate the difference of two medians (or other quantiles) of independent groups.

    Parameters
    ----------
    one, two
        From `quantile_estimate` or `Durations.estimate`, same quantile, same level.

    Returns
    -------
    Estimate
        First minus second, in the unit of the inputs; an end is missing where an input lacks the end it
        needs.

    Notes
    -----
    The two distribution-free intervals are joined by squaring and adding, as Newcombe does for proportions.
    It needs no shift model (Hodges-Lehmann does) and no resampling, so it works on summaries that were
    added up and always gives the same answer. It covers a little more often than it says, most so for
    small groups.

    References
    ----------
    Zou and Donner (2008), Statistics in Medicine 27, 1693-1702.
    """
    return hybrid_difference(one, two, method="order_statistics_hybrid")


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjust the p-values of one screen for being many (false discovery rate).

    Parameters
    ----------
    p_values
        One per comparison; None for a comparison that could not be made, which is not counted as one.

    Returns
    -------
    list
        q-values in the order given; flagging those <= 0.05 keeps the expected share of false flags at 5 %.
        A q-value is never below its p-value, and None stays None.

    Raises
    ------
    InputError
        If a p-value is not within [0, 1].

    References
    ----------
    Benjamini and Hochberg (1995), JRSS B 57, 289-300.
    """
    made = [(p, place) for place, p in enumerate(p_values) if p is not None]
    for p, _ in made:
        if not 0 <= p <= 1:
            raise InputError(f"{p!r} is not a p-value.", allowed=["a number from 0 to 1", "None"])
    adjusted: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    for rank, (p, place) in sorted(enumerate(sorted(made), start=1), reverse=True):
        smallest = min(smallest, p * len(made) / rank)
        adjusted[place] = max(smallest, p)
    return adjusted


def two_sided(z: float) -> float:
    """Give the probability that a standard normal value is at least as far from 0 as `z`."""
    return math.erfc(abs(z) / math.sqrt(2))


def _newcombe_p_value(x1: int, n1: int, x2: int, n2: int) -> float:
    """Find the level at which Newcombe's interval touches 0.

    By the Illinois form of the false position: M. Dowell and P. Jarratt, A modified regula falsi method for computing
    the root of an equation, BIT 11 (1971), 168-174.
    """
    if x1 * n2 == x2 * n1:
        return 1.0
    if x1 * n2 < x2 * n1:
        x1, n1, x2, n2 = x2, n2, x1, n1
    p1, p2 = x1 / n1, x2 / n2
    if p1 == p2:  # apart by less than numbers can tell
        return 1.0

    def beyond_zero(z: float) -> float:
        low, _ = wilson_limits(x1, n1, z)
        _, high = wilson_limits(x2, n2, z)
        return math.hypot(p1 - low, high - p2) - (p1 - p2)

    short, far, by_short, by_far = 0.0, 1.0, p2 - p1, beyond_zero(1.0)
    while by_far < 0:
        short, far, by_short, by_far = far, 2 * far, by_far, beyond_zero(2 * far)
    stayed = 0
    while far - short > _CLOSE * far:
        z = (short * by_far - far * by_short) / (by_far - by_short) if by_far > by_short else far
        if not short < z < far:
            z = (short + far) / 2
            if not short < z < far:  # there is no number between them
                break
        by = beyond_zero(z)
        if by < 0:
            short, by_short = z, by
            by_far /= 2 if stayed < 0 else 1
            stayed = -1
        else:
            far, by_far = z, by
            by_short /= 2 if stayed > 0 else 1
            stayed = 1
    return two_sided(far)


_CLOSE = 1e-15
