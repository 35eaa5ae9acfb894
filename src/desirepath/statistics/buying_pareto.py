"""Who will buy again, when people may stop at any time and not only after a purchase? Pareto/NBD.

    model = fit_pareto_nbd(Buyers.of(x=[2, 1, 0], seen=[38.86, 38.86, 38.86], t_x=[30.43, 1.71, 0]))
    model.alive(2, 30.43, 38.86)

The likelihood holds an integral over the moment at which somebody may have stopped. It is usually written as a
difference of two hypergeometric functions, which cancel each other where customers bought often; here it is summed up
by Gauss and Legendre's rule on a scale of logarithms, which stays positive, and gives the gradient from the same nodes.

Sources: D. C. Schmittlein, D. G. Morrison, R. Colombo, Counting your customers: who are they and what will they do
next?, Management Science 33 (1987); P. S. Fader, B. G. S. Hardie, A note on deriving the Pareto/NBD model and related
expressions (2005).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.statistics.buying import Buyers, BuyingModel, most_likely, ready, starts_of
from desirepath.statistics.buying_fit import Fit

Array = NDArray[Any]

_NODES = 48
_DEEP = 45.0
"""What has fallen by more than e to the minus this is left out of the integral."""
_CHUNK = 20_000


@dataclass(frozen=True)
class ParetoNbd(BuyingModel):
    """Rates of buying are gamma (`r`, `alpha`), rates of stopping are gamma (`s`, `beta`)."""

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    title: ClassVar[str] = "Pareto/NBD"

    def alive(self, x: ArrayLike, t_x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]."""
        from scipy.special import expit

        columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in (x, t_x, seen)))
        found = np.empty(len(columns[0]))
        for begin in range(0, len(found), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            found[part] = expit(-_stopped(self.values, *(column[part] for column in columns))[0])
        return found if np.ndim(x) or np.ndim(t_x) or np.ndim(seen) else np.asarray(found[0])

    def if_alive(self, ahead: float, x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]."""
        r, alpha, s, beta = self.values
        many, until = (np.asarray(each, dtype=np.float64) for each in (x, seen))
        log_left = np.log(beta + until) - np.log(beta + until + ahead)
        lived = -log_left if abs(s - 1) < 1e-9 else -np.expm1((s - 1) * log_left) / (s - 1)
        return np.asarray((r + many) * (beta + until) / (alpha + until) * lived)

    def of_new(self, ahead: float) -> float:
        """Purchases after the first expected within a time."""
        return float(self.if_alive(ahead, 0.0, 0.0))


@cache
def _rule() -> tuple[Array, Array]:
    """Nodes and weights on 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1) / 2, weights / 2


def _stopped(values: tuple[float, ...], x: Array, last: Array, until: Array) -> tuple[Array, Array, Array]:
    """Logarithm of the odds of having stopped; the moments at the nodes, and how much weight each has."""
    r, alpha, s, beta = values
    nodes, weights = _rule()
    low = min(alpha, beta)
    begin = np.log(low + last)
    # The integrand falls at least as fast as at its begin, so that its far end can be left out.
    fall = (r + x) * (low + last) / (alpha + last) + (s + 1) * (low + last) / (beta + last) - 1
    width = np.minimum(np.log(low + until) - begin, _DEEP / np.maximum(fall, 1e-12))
    u = begin[:, None] + width[:, None] * nodes
    moment = np.maximum(np.exp(u) - low, 0.0)
    height = -(r + x)[:, None] * np.log(alpha + moment) - (s + 1) * np.log(beta + moment) + u
    top = height.max(axis=1)
    mass = np.exp(height - top[:, None]) * weights
    whole = mass.sum(axis=1)
    with np.errstate(divide="ignore"):
        odds = math.log(s) + top + np.log(whole) + np.log(width)
    odds = odds + (r + x) * np.log(alpha + until) + s * np.log(beta + until)
    return odds, moment, mass / whole[:, None]


def _likelihood(buyers: Buyers, values: Array) -> tuple[float, Array]:
    from scipy.special import gammaln, psi

    r, alpha, s, beta = given = tuple(values.tolist())
    x, place = buyers.kinds
    value, slopes = 0.0, np.zeros(4)
    fixed, by_r = gammaln(r + x) - gammaln(r) + r * math.log(alpha) + s * math.log(beta), psi(r + x) - psi(r)
    for begin in range(0, len(buyers.x), _CHUNK):
        part = slice(begin, begin + _CHUNK)
        many, until, n = buyers.x[part], buyers.T[part], buyers.n[part]
        odds, moment, mass = _stopped(given, many, buyers.t_x[part], until)
        gone = np.exp(-np.logaddexp(0.0, -odds))
        here = -(r + many) * np.log(alpha + until) - s * np.log(beta + until) + np.logaddexp(0.0, odds)
        value += float((n * (fixed[place[part]] + here)).sum())
        log_a, log_b = (mass * np.log(alpha + moment)).sum(axis=1), (mass * np.log(beta + moment)).sum(axis=1)
        over_a, over_b = (mass / (alpha + moment)).sum(axis=1), (mass / (beta + moment)).sum(axis=1)
        still = 1 - gone
        slopes += [
            float((n * (by_r[place[part]] + math.log(alpha) - still * np.log(alpha + until) - gone * log_a)).sum()),
            float((n * (r / alpha - (r + many) * (still / (alpha + until) + gone * over_a))).sum()),
            float((n * (math.log(beta) - still * np.log(beta + until) + gone * (1 / s - log_b))).sum()),
            float((n * (s / beta - still * s / (beta + until) - gone * (s + 1) * over_b)).sum()),
        ]
    return value, values * slopes


def fit_pareto_nbd(buyers: Buyers) -> tuple[ParetoNbd, Fit]:
    """Fit Pareto/NBD by maximum likelihood.

    Parameters
    ----------
    buyers
        The customers.

    Returns
    -------
    The model, and how sure its parameters are.

    Raises
    ------
    NotEnoughDataError
        If nobody bought again, or the data does not settle the parameters.
    """
    ready(buyers)
    begin = [(r, alpha, s, max(alpha, 1e-3)) for r, alpha, s, _ in starts_of(buyers)]
    fit = most_likely(buyers, _likelihood, begin, ParetoNbd.names)
    return ParetoNbd(fit.values), fit


__all__ = ["ParetoNbd", "fit_pareto_nbd"]
