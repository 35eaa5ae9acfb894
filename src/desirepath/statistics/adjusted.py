"""How do two groups differ, once they are compared among their like? Differences standardised over strata.

In every stratum (those who had come equally far) the treated are held against the controls; the differences are
averaged with the treated's numbers as weights: what happened to the treated, less what would have happened to the like
of them. Strata with too few controls are left out, and it is said which part of the treated is left.

Source: P. Rosenbaum, D. Rubin, The central role of the propensity score, Biometrika 70 (1983), on subclassification;
the effect is that on the treated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from desirepath.statistics.differences import two_sided
from desirepath.statistics.intervals import Estimate, normal_quantile

LEAST = 5
"""So many controls a stratum needs."""


class Stratum(NamedTuple):
    """One stratum: number, mean and variance of the treated and of the controls."""

    treated: int
    mean: float
    variance: float
    controls: int
    control_mean: float
    control_variance: float


def share(x: int, n: int) -> tuple[int, float, float]:
    """Number, share, and the variance of one; with one more of both kinds, so that 0 of 5 is not certain."""
    smooth = (x + 1) / (n + 2)
    return n, x / n if n else 0.0, smooth * (1 - smooth)


def standardised(strata: Sequence[Stratum], level: float = 0.95) -> tuple[Estimate, int]:
    """The mean difference of the treated from controls of their stratum, and how many treated it rests on.

    Parameters
    ----------
    strata
        Groups without a common member.
    level
        Confidence level.

    Returns
    -------
    The difference with a normal interval; without a value where no stratum has controls.
    """
    used = [each for each in strata if each.treated > 0 and each.controls >= LEAST]
    n = sum(each.treated for each in used)
    if not n:
        return Estimate(None, None, None, 0, level, "standardised"), 0
    value, variance = 0.0, 0.0
    for each in used:
        weight = each.treated / n
        value += weight * (each.mean - each.control_mean)
        variance += weight**2 * (each.variance / each.treated + each.control_variance / each.controls)
    half = normal_quantile(level) * math.sqrt(max(variance, 0.0))
    return Estimate(value, value - half, value + half, n, level, "standardised"), n


def p_value(estimate: Estimate) -> float | None:
    """Two-sided, of the estimate's being 0, from its normal interval; None where it has none.

    The half of the interval towards 0 is taken, so that the two never contradict each other.
    """
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    half = estimate.value - estimate.low if estimate.value > 0 else estimate.high - estimate.value
    if half == 0:
        return 0.0 if estimate.value else 1.0
    return two_sided(estimate.value / half * normal_quantile(estimate.level))


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """The estimate times a number that is known."""
    ends = [None if each is None else each * factor for each in (estimate.value, estimate.low, estimate.high)]
    value, low, high = ends if factor >= 0 else (ends[0], ends[2], ends[1])
    return Estimate(value, low, high, estimate.n, estimate.level, estimate.method)


def product(one: Estimate, two: Estimate) -> Estimate:
    """The product of two independent estimates, with the interval of the first terms (delta method)."""
    parts = (one.value, one.low, one.high, two.value, two.low, two.high)
    if any(each is None for each in parts):
        return Estimate(None, None, None, min(one.n, two.n), one.level, "product")
    a, a_low, a_high, b, b_low, b_high = (float(each) for each in parts if each is not None)
    half = math.hypot(b * (a_high - a_low) / 2, a * (b_high - b_low) / 2)
    return Estimate(a * b, a * b - half, a * b + half, min(one.n, two.n), one.level, "product")
