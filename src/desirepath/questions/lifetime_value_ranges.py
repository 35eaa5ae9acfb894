"""How sure is what is to come? Intervals that grow by each cause: parameters, chance, and a model that is wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.statistics.intervals import normal_quantile

Array = npt.NDArray[Any]

MOST_OFF = 0.25
"""A model that is more off in the time held out, as a part of what came, is warned of."""

_FURTHEST = 20.0
"""No interval reaches further on the scale of logarithms."""

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


def error_of(expected: float | None, actual: float, spread: float) -> Reach:
    """How uncertain a model is that expected so much in the time held out, of which `actual` came.

    Its error, as a logarithm, is taken as one standard deviation, less what chance alone explains of it (`spread`, a
    standard deviation of what comes). Where nothing came at all there is no such logarithm: the error is all that was
    expected. A model that expected too much reaches no further above than that either.
    """
    if expected is None or expected <= 0:
        return 0.0, 0.0
    z, by_chance = normal_quantile(0.95), spread / expected
    if actual <= 0:
        error = z * math.sqrt(max(1 - by_chance**2, 0.0))
        return min(error, 1.0), error
    off = math.log(expected / actual)
    error = min(z * math.sqrt(max(off**2 - by_chance**2, 0.0)), _FURTHEST)
    above = math.expm1(error)
    return -math.expm1(-error), min(above, z) if off > 0 else above


def far_off(expected: float | None, actual: float, spread: float) -> str | None:
    """In words, how far off more than a quarter of what came was expected; None if it is not, or by chance alone.

    Only that nothing came at all can be by chance alone.
    """
    if expected is None or expected <= 0:
        return None
    if actual <= 0:
        return "nothing came" if expected > normal_quantile(0.95) * spread else None
    off = expected / actual - 1
    return f"{100 * abs(off):.0f} % {'more' if off > 0 else 'less'} than came" if abs(off) > MOST_OFF else None


def told_off(held: int, told: Sequence[tuple[str, float | None, float, float]]) -> list[Notice]:
    """A notice if a model is far off in the time held out, of the first that is: what, expected, actual, spread."""
    for what, expected, actual, spread in told:
        how = far_off(expected, actual, spread)
        if how is not None:
            text = (
                f"In the last {held} days, which it was not shown, the model expected {expected:,.0f} {what}: {how}. "
                "Take the forecast with that in mind."
            )
            return [Notice("holdout_bias", text)]
    return []


def bias(expected: float | None, actual: float) -> float | None:
    """By how much of what came more was expected; None where nothing came."""
    return None if expected is None or actual <= 0 else expected / actual - 1


def missing(expected: float | None, actual: float) -> float | None:
    """Which part of what was expected did not come, below zero where more did; None where nothing was expected."""
    return None if expected is None or expected <= 0 else 1 - actual / expected


__all__ = ["Limits", "Reach", "bias", "chance", "error_of", "far_off", "missing", "told_off", "widened"]
