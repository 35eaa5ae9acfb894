"""How much will somebody spend on a purchase, when their own average is drawn in by what all others spend? Gamma-Gamma.

Two numbers tell of a customer: on how many days they spent anything (`x`), and how much in all (`total`). Amounts are
spread about a mean of each customer's own, which is taken not to depend on how often they buy; whether that holds is
told by `correlation`.

    model, fit = fit_gamma_gamma(Spenders.of(x=[2, 1, ...], total=[44.70, 11.77, ...]))
    model.mean                    the mean over all customers
    model.expected(2, 44.70)      of one who spent 44.70 on two days

Source: P. S. Fader, B. G. S. Hardie, The Gamma-Gamma model of monetary value (2013); the earlier form of it in P. S.
Fader, B. G. S. Hardie, K. L. Lee, RFM and CLV: using iso-value curves for customer base analysis, Journal of Marketing
Research 42 (2005).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.statistics.buying import FEW_ROWS
from desirepath.statistics.buying_fit import Fit, maximise

Array = NDArray[Any]

_LEAST_SHAPE = 0.1


@dataclass(frozen=True)
class Spenders:
    """Customers by what they spent; each row stands for as many as spent alike.

    Parameters
    ----------
    x
        float64[k]: purchases with an amount, at least one.
    total
        float64[k]: what they come to, above zero, in any unit.
    n
        int64[k]: how many customers.

    Raises
    ------
    InputError
        If the numbers cannot be such.
    """

    x: Array
    total: Array
    n: Array

    @classmethod
    def of(cls, x: ArrayLike, total: ArrayLike, n: ArrayLike | None = None) -> Spenders:
        """Customers from lists; one customer a row where `n` is left out."""
        times, money = (np.asarray(each, dtype=np.float64) for each in (x, total))
        many = np.ones(len(times), dtype=np.int64) if n is None else np.asarray(n, dtype=np.int64)
        return cls(times, money, many)

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        columns = (self.x, self.total, self.n)
        if len({column.shape for column in columns}) > 1 or not all(np.isfinite(column).all() for column in columns):
            raise InputError("Customers are lists of one length, of numbers that are finite.")
        if ((self.x < 1) | (self.total <= 0) | (self.n < 0)).any():
            raise InputError("Whoever spent anything has at least one purchase and an amount above zero.")

    @property
    def size(self) -> int:
        """How many customers."""
        return int(self.n.sum())

    def correlation(self) -> float | None:
        """Pearson's, between how often customers buy and what they spend on average; None where either never varies."""
        many = float(self.n.sum())
        if not many:
            return None
        mean = self.total / self.x
        dx = self.x - float((self.n * self.x).sum()) / many
        dm = mean - float((self.n * mean).sum()) / many
        spread = math.sqrt(float((self.n * dx * dx).sum())) * math.sqrt(float((self.n * dm * dm).sum()))
        scale = many * max(float(self.x.max()), 1.0) * float(mean.max())
        return float((self.n * dx * dm).sum()) / spread if spread > 1e-12 * scale else None


@dataclass(frozen=True)
class GammaGamma:
    """Amounts are gamma (`p`) about customers' means, whose rates are gamma (`q`, `v`)."""

    values: tuple[float, ...]
    names: ClassVar[tuple[str, ...]] = ("p", "q", "v")
    title: ClassVar[str] = "Gamma-Gamma"

    @classmethod
    def at(cls, values: Sequence[float]) -> Self:
        """The model with other parameters."""
        return cls(tuple(values))

    @property
    def mean(self) -> float:
        """The mean over all customers; there is none where q <= 1, which the fit refuses."""
        p, q, v = self.values
        return p * v / (q - 1)

    def expected(self, x: ArrayLike, total: ArrayLike, n: ArrayLike = 1) -> Array:
        """float64[k]: what a purchase is expected to come to; of one of whom nothing is known it is `mean`.

        Parameters
        ----------
        x, total
            Purchases with an amount, and what they come to.
        n
            How many customers share a row, with their totals added up: the sum over them is told, because the
            expectation is a line in `total`.
        """
        p, q, v = self.values
        x, total, n = (np.asarray(each, dtype=np.float64) for each in (x, total, n))
        return np.asarray(p * (n * v + total) / (p * x + q - 1))

    def square(self, x: ArrayLike, total: ArrayLike) -> Array:
        """float64[k]: the mean square of a customer's own mean; very large where the model has no variance."""
        p, q, _ = self.values
        shape = np.maximum(p * np.asarray(x, dtype=np.float64) + q - 1, 1 + _LEAST_SHAPE)
        return np.asarray(self.expected(x, total) ** 2 * shape / (shape - 1))

    def variance(self, mean: Array, square: Array, x: ArrayLike, total: ArrayLike) -> Array:
        """float64[k]: of the money of purchases of which the mean and the mean square of their rate are given."""
        p, _, _ = self.values
        own = self.square(x, total)
        return np.asarray((mean * (1 + 1 / p) + square) * own - (mean * self.expected(x, total)) ** 2)


def fit_gamma_gamma(spenders: Spenders) -> tuple[GammaGamma, Fit]:
    """Fit Gamma-Gamma by maximum likelihood.

    Parameters
    ----------
    spenders
        The customers; the first purchase of each is not among what they spent.

    Returns
    -------
    The model, and how sure its parameters are.

    Raises
    ------
    NotEnoughDataError
        If nobody spent anything, all spent the same, or the mean over all customers has no end (q <= 1).
    """
    if not spenders.size:
        raise NotEnoughDataError("Nobody spent anything on a second purchase, so nothing can be said of amounts.")
    # Likelihoods are worked out in units of the mean amount, so that any currency starts alike.
    unit = float((spenders.n * spenders.total).sum() / (spenders.n * spenders.x).sum())
    scaled = Spenders(spenders.x, spenders.total / unit, spenders.n)
    starts = [(6.0, 4.0, 0.5), (1.0, 2.0, 1.0), (2.0, 10.0, 4.0)]
    step = len(scaled.x) // FEW_ROWS
    few = Spenders(scaled.x[::step], scaled.total[::step], scaled.n[::step]) if step > 1 else None
    fit = maximise(
        lambda at: _likelihood(scaled, at),
        starts,
        n=spenders.size,
        names=GammaGamma.names,
        few=None if few is None else lambda at: _likelihood(few, at),
    )
    p, q, v = fit.values
    if q <= 1:
        raise NotEnoughDataError(
            "A few customers spend so much more than all others that the mean over customers has no end."
        )
    shift = float((spenders.n * np.log(unit)).sum())
    fit = Fit(fit.names, (p, q, v * unit), fit.covariance, fit.log_likelihood - shift, fit.n)
    return GammaGamma(fit.values), fit


def _likelihood(spenders: Spenders, values: Array) -> tuple[float, Array]:
    """Of the mean amounts, as published."""
    from scipy.special import gammaln, psi

    p, q, v = values.tolist()
    x, place = np.unique(spenders.x, return_inverse=True)
    n, log_total, log_all = spenders.n, np.log(spenders.total), np.log(v + spenders.total)
    fixed = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + np.log(x)
    at = fixed[place] + (p * spenders.x - 1) * log_total - (p * spenders.x + q) * log_all
    slopes = (
        spenders.x * ((psi(p * x + q) - psi(p * x))[place] + log_total - log_all),
        (psi(p * x + q) - psi(q))[place] + np.log(v) - log_all,
        q / v - (p * spenders.x + q) / (v + spenders.total),
    )
    return float((n * at).sum()), values * np.array([float((n * slope).sum()) for slope in slopes])


__all__ = ["GammaGamma", "Spenders", "fit_gamma_gamma"]
