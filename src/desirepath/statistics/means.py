"""How much on average, and how sure? Means of many values and their differences, with Student's and Welch's intervals.

Source: B. L. Welch, The generalization of Student's problem when several different population variances are involved,
Biometrika 34 (1947); the quantile of t by the expansion of Abramowitz and Stegun, 26.7.5.
"""

from __future__ import annotations

import math

from desirepath.statistics.intervals import Estimate, normal_quantile

Moments3 = tuple[int, float, float]
"""Number of values, their mean, and their sample variance."""

LEAST = 3
"""Degrees of freedom from which the expansion holds to two digits."""


def t_quantile(level: float, degrees: float) -> float:
    """Two-sided quantile of Student's t, such as 2.086 for 0.95 and 20 degrees of freedom."""
    z, v = normal_quantile(level), degrees
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )


def mean(n: int, value: float, variance: float, level: float = 0.95) -> Estimate:
    """The mean with Student's interval; without one for fewer than four values."""
    if n == 0:
        return Estimate(None, None, None, 0, level, "mean")
    if n <= LEAST:
        return Estimate(value, None, None, n, level, "mean")
    half = t_quantile(level, n - 1) * math.sqrt(max(variance, 0.0) / n)
    return Estimate(value, value - half, value + half, n, level, "mean")


def mean_of_sums(n: int, total: float, squares: float, level: float = 0.95) -> Estimate:
    """The mean of values of which only the sum and the sum of squares are known."""
    value = total / n if n else 0.0
    return mean(n, value, max(squares - n * value * value, 0.0) / (n - 1) if n > 1 else 0.0, level)


def mean_difference(one: Moments3, two: Moments3, level: float = 0.95) -> Estimate:
    """The mean of `one` less that of `two`, with Welch's interval; without one for fewer than four values a side."""
    n = one[0] + two[0]
    if not one[0] or not two[0]:
        return Estimate(None, None, None, n, level, "welch")
    value = one[1] - two[1]
    if min(one[0], two[0]) <= LEAST:
        return Estimate(value, None, None, n, level, "welch")
    a, b = max(one[2], 0.0) / one[0], max(two[2], 0.0) / two[0]
    if a + b == 0:
        return Estimate(value, value, value, n, level, "welch")
    degrees = (a + b) ** 2 / (a * a / (one[0] - 1) + b * b / (two[0] - 1))
    half = t_quantile(level, max(degrees, LEAST)) * math.sqrt(a + b)
    return Estimate(value, value - half, value + half, n, level, "welch")
