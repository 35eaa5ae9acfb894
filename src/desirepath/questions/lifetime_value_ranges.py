"""How sure is what is to come? Intervals that grow by each cause: parameters, chance, and a model that is wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.statistics.intervals import normal_quantile

Array = npt.NDArray[Any]

Limits = tuple[Array, Array, Array]
"""float64[cohorts + 1] three times: a mean over customers and its interval; all of them stand last."""

Reach = tuple[Array | float, Array | float]
"""How far an interval reaches below and above a number, as parts of it."""


def widened(limits: Limits | None, more: Reach) -> Limits | None:
    """The same numbers with wider intervals, by squaring and adding what each cause adds below and above.

    Source: G. Y. Zou, A. Donner, Construction of confidence limits about effect measures: a general approach,
    Statistics in Medicine 27 (2008).
    """
    if limits is None:
        return None
    value, low, high = limits
    below, above = more
    return (
        value,
        np.maximum(value - np.hypot(value - low, value * below), 0.0),
        value + np.hypot(high - value, value * above),
    )


def chance(variance: Array, total: Array) -> Reach:
    """How far sums with such variances reach: as normal below, down to nothing, and as lognormal above."""
    relative = np.divide(np.sqrt(variance), total, out=np.zeros(len(total)), where=total > 0)
    z = normal_quantile(0.95)
    return z * relative, np.expm1(np.minimum(z * np.sqrt(np.log1p(relative**2)), 700.0))


def error_of(off: float | None, by_chance: float) -> Reach:
    """How uncertain a model is that was so much off in the time held out.

    Its error, as a logarithm, is taken as one standard deviation, less what chance alone explains of it (`by_chance`,
    a standard deviation as a part of what was expected).
    """
    if off is None or off <= -1:
        return 0.0, 0.0
    error = normal_quantile(0.95) * math.sqrt(max(math.log1p(off) ** 2 - by_chance**2, 0.0))
    return -math.expm1(-error), math.expm1(min(error, 700.0))


def bias(expected: float | None, actual: float) -> float | None:
    """By how much of what came more was expected; None where nothing came."""
    return None if expected is None or actual <= 0 else expected / actual - 1


__all__ = ["Limits", "Reach", "bias", "chance", "error_of", "widened"]
