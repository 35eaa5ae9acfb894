"""Which parameters make what was seen most likely, and how sure are they? Shared by the models of buying.

All parameters are positive, so that logarithms of them are searched: several starts, exact gradients, and the observed
information (a numeric Hessian of the gradient) for the covariance. What cannot be told from the data is refused in
words, because a model that stopped anywhere still gives numbers.

    fit = maximise(likelihood, starts, n=2357, names=("r", "alpha"))
    fit.estimates()          r 0.243 (0.219 to 0.269), ...
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desirepath.errors import NotEnoughDataError
from desirepath.statistics.intervals import Estimate, normal_quantile

Array = NDArray[Any]
Likelihood = Callable[[Array], tuple[float, Array]]
"""From the parameters to the log-likelihood and its gradient by the logarithms of the parameters."""

LOWEST, HIGHEST = math.log(1e-5), math.log(1e6)
"""Beyond these a parameter says that there is nothing to tell: everybody alike, or no two alike."""

STEP = 1e-4
_FLAT = 1e-9
_STEEP = 1e-3
_ANYTHING = 50.0
"""An interval that reaches so far, on the scale of logarithms, says nothing."""


@dataclass(frozen=True)
class Fit:
    """Parameters that were fitted by maximum likelihood.

    Attributes
    ----------
    names, values
        The parameters; all positive.
    covariance
        float64[k, k]: of their logarithms, from the observed information.
    log_likelihood
        At the maximum.
    n
        How many people it rests on.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    covariance: Array
    log_likelihood: float
    n: int

    def estimates(self, level: float = 0.95) -> list[Estimate]:
        """Each parameter with its interval, symmetric for the logarithm; without one where it could be anything."""
        z, found = normal_quantile(level), []
        for value, variance in zip(self.values, np.diag(self.covariance).tolist(), strict=True):
            spread = z * math.sqrt(max(variance, 0.0))
            ratio = math.exp(min(spread, _ANYTHING))
            low, high = (value / ratio, value * ratio) if spread < _ANYTHING else (None, None)
            found.append(Estimate(value, low, high, self.n, level, "maximum likelihood"))
        return found


def maximise(
    likelihood: Likelihood,
    starts: Sequence[Sequence[float]],
    *,
    n: int,
    names: tuple[str, ...],
    few: Likelihood | None = None,
) -> Fit:
    """Find the parameters of the greatest likelihood.

    Parameters
    ----------
    likelihood
        The log-likelihood and its gradient by the logarithms.
    starts
        Parameters to start from; the best end counts.
    n
        How many people there are.
    names
        Of the parameters.
    few
        The likelihood of a few of the people, where there are many: where it is greatest the search for all begins.

    Raises
    ------
    NotEnoughDataError
        If no start leads to a maximum inside the bounds at which the likelihood bends down in every direction.
    """
    near = None if few is None else _best(few, starts, n)
    best = _best(likelihood, starts if near is None else [np.exp(near.x)], n)
    if best is None:
        raise NotEnoughDataError("The likelihood cannot be worked out for this data.")
    at = np.asarray(best.x)
    _refuse_edges(at, names)
    covariance = _covariance(likelihood, at, names)
    value, slope = likelihood(np.exp(at))
    # How far the maximum would still be away, by the quadratic that fits here, in units of log-likelihood.
    if float(slope @ covariance @ slope) > _STEEP:
        raise NotEnoughDataError("The search for the most likely parameters did not come to an end.")
    return Fit(names, tuple(np.exp(at).tolist()), covariance, float(value), n)


def _best(likelihood: Likelihood, starts: Sequence[Any], n: int) -> Any:
    """The end of the search with the greatest likelihood; None where none can be worked out."""
    from scipy.optimize import minimize

    def minus(at: Array) -> tuple[float, Array]:
        if (np.abs(at - (LOWEST + HIGHEST) / 2) > (HIGHEST - LOWEST) / 2).any():
            return 1e300, np.zeros(len(at))
        value, slope = likelihood(np.exp(at))
        if not (math.isfinite(value) and np.isfinite(slope).all()):
            return 1e300, np.zeros(len(at))
        return -value / n, -slope / n

    best: Any = None
    for start in starts:
        begin = np.clip(np.log(np.asarray(start, dtype=np.float64)), LOWEST + 1, HIGHEST - 1)
        # Written in Python, and quicker for so few parameters than the bounded one, whose threads wait for each other.
        found = minimize(minus, begin, jac=True, method="BFGS", options={"maxiter": 300, "gtol": 1e-7})
        if found.fun < 1e299 and (best is None or found.fun < best.fun):
            best = found
    return best


def _refuse_edges(at: Array, names: Sequence[str]) -> None:
    edge = [name for name, value in zip(names, at, strict=True) if value < LOWEST + 0.1 or value > HIGHEST - 0.1]
    if edge:
        raise NotEnoughDataError(
            f"The data does not tell how much people differ: {', '.join(edge)} grows or shrinks without an end."
        )


def _covariance(likelihood: Likelihood, at: Array, names: Sequence[str]) -> Array:
    k = len(at)
    bend = np.empty((k, k))
    for i in range(k):
        step = np.zeros(k)
        step[i] = STEP
        bend[i] = (likelihood(np.exp(at - step))[1] - likelihood(np.exp(at + step))[1]) / (2 * STEP)
    bend = (bend + bend.T) / 2
    sizes, _ = np.linalg.eigh(bend) if np.isfinite(bend).all() else (np.zeros(k), None)
    if sizes[0] <= _FLAT * max(float(sizes[-1]), 1.0):
        raise NotEnoughDataError(f"The data cannot tell {', '.join(names)} from each other: the likelihood is flat.")
    return np.asarray(np.linalg.inv(bend))


def by_delta(
    number: Callable[[Sequence[float]], Array], fits: Sequence[Fit], level: float = 0.95
) -> tuple[Array, Array, Array]:
    """Positive numbers that follow from fitted parameters, with intervals that the parameters' uncertainty gives.

    The delta method on logarithms; fits are taken to be independent of each other.

    Parameters
    ----------
    number
        From the parameters of all fits, one after the other, to float64[m].
    fits
        The fits.
    level
        Confidence level.

    Returns
    -------
    float64[m] three times: the numbers, and the ends of their intervals; a number that is 0 has none but 0.
    """
    at = np.log(np.concatenate([fit.values for fit in fits]))
    value = np.asarray(number(np.exp(at).tolist()), dtype=np.float64)
    positive = value > 0
    slopes = np.zeros((len(at), len(value)))
    for i in range(len(at)):
        step = np.zeros(len(at))
        step[i] = STEP
        up, down = (np.asarray(number(np.exp(at + sign * step).tolist())) for sign in (1, -1))
        fits_in = positive & (up > 0) & (down > 0)
        slopes[i, fits_in] = (np.log(up[fits_in]) - np.log(down[fits_in])) / (2 * STEP)
    variance, begin = np.zeros(len(value)), 0
    for fit in fits:
        part = slopes[begin : begin + len(fit.values)]
        variance += np.einsum("im,ij,jm->m", part, fit.covariance, part)
        begin += len(fit.values)
    ratio = np.exp(np.minimum(normal_quantile(level) * np.sqrt(np.maximum(variance, 0.0)), 700.0))
    return value, value / ratio, value * ratio


__all__ = ["STEP", "Fit", "Likelihood", "by_delta", "maximise"]
