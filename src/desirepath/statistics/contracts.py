"""How long do contracts last, and what are those worth that still run? The shifted-beta-geometric model (sBG).

At the end of each period a contract is renewed, or not, with a chance of the customer's own. Those who leave easily
leave first, so that whoever stayed for long is ever more likely to stay: a constant rate of churn says too little.

    model, fit = fit_sbg(Contracts.of_survivors([1000, 869, 743, 653, 593, 551, 517, 491]))
    model.survival(12)            the share that is still there after twelve renewals
    model.derl(8, 0.10)           7.53 payments: what one in the eighth period is worth at 10 % a period

Source: P. S. Fader, B. G. S. Hardie, How to project customer retention, Journal of Interactive Marketing 21 (2007);
the residual value: P. S. Fader, B. G. S. Hardie, Customer-base valuation in a contractual setting: the perils of
ignoring heterogeneity, Marketing Science 29 (2010).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.statistics.buying_fit import Fit, maximise

Array = NDArray[Any]

_ALIKE, _APART = 1e5 * math.sqrt(2), 1e3
"""Sums of both parameters: at the first nobody differs, and up to the second customers do. The first is of no share a
whole number, for some of which `hyp2f1` has no value."""

_MORE_LIKELY, _ROUNDED = 1e-3, 1e-10
"""What is made more likely by so little is not made more likely; per contract, numbers are told no better."""

_COMMON = 1e3
"""A variance of logarithms that says that nothing is known."""


@dataclass(frozen=True)
class Contracts:
    """Contracts by how long they ran.

    Parameters
    ----------
    renewals
        int64[k]: of those that run, how often they were renewed; of those that ended, at which renewal (from 1).
    ended
        bool[k].
    n
        int64[k]: how many contracts.

    Raises
    ------
    InputError
        If the numbers cannot be such.
    """

    renewals: Array
    ended: Array
    n: Array

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if not len(self.renewals) == len(self.ended) == len(self.n):
            raise InputError("Contracts are lists of one length.")
        if ((self.renewals < self.ended) | (self.n < 0)).any():
            raise InputError("A contract ends at its first renewal or later.")

    @classmethod
    def of_survivors(cls, left: Sequence[int]) -> Contracts:
        """Contracts that began together: how many there were at first, and after each renewal."""
        lost = [before - after for before, after in pairwise(left)]
        renewals = [*range(1, len(left)), len(left) - 1]
        return cls(np.array(renewals), np.array([*[True] * len(lost), False]), np.array([*lost, left[-1]]))

    @property
    def size(self) -> int:
        """How many contracts."""
        return int(self.n.sum())

    @property
    def over(self) -> int:
        """How many of them ended."""
        return int(self.n[self.ended].sum())


@dataclass(frozen=True)
class Sbg:
    """The chance not to renew is beta (`a`, `b`) over customers."""

    values: tuple[float, ...]
    names: ClassVar[tuple[str, ...]] = ("a", "b")
    title: ClassVar[str] = "sBG"

    @classmethod
    def at(cls, values: Sequence[float]) -> Self:
        """The model with other parameters."""
        return cls(tuple(values))

    def survival(self, renewals: ArrayLike) -> Array:
        """float64[k]: the share that is still there after so many renewals."""
        from scipy.special import betaln

        a, b = self.values
        return np.asarray(np.exp(betaln(a, b + np.asarray(renewals, dtype=np.float64)) - betaln(a, b)))

    def retention(self, renewals: ArrayLike) -> Array:
        """float64[k]: of those who were renewed once less, the share renewed at this renewal (from 1)."""
        a, b = self.values
        many = np.asarray(renewals, dtype=np.float64)
        return np.asarray((b + many - 1) / (a + b + many - 1))

    def derl(self, periods: ArrayLike, discount: float) -> Array:
        """float64[k]: payments to come without end, each counted as what it is worth at the next renewal.

        Parameters
        ----------
        periods
            In which period each contract is, from 1: its next renewal is the one at the end of that.
        discount
            A period, above 0.

        Raises
        ------
        InputError
            If nothing is discounted: payments without end may come to any sum.
        """
        from scipy.special import hyp2f1

        if not discount > 0:
            raise InputError("Payments without an end need a discount above 0.")
        a, b = self.values
        many = np.asarray(periods, dtype=np.float64)
        return np.asarray(self.retention(many) * hyp2f1(1.0, b + many, a + b + many, 1 / (1 + discount)))

    def payments(self, periods: ArrayLike, discount: float, ahead: int) -> Array:
        """float64[k]: as `derl`, but of the next so many renewals alone."""
        return self._sums(periods, discount, ahead)[0]

    def variance(self, periods: ArrayLike, discount: float, ahead: int) -> Array:
        """float64[k]: of the sum of the same payments, from one contract to the next."""
        mean, square = self._sums(periods, discount, ahead)
        return np.asarray(square - mean * mean)

    def _sums(self, periods: ArrayLike, discount: float, ahead: int) -> tuple[Array, Array]:
        """Mean and mean square of a sum of payments: who makes the k-th has made all before."""
        many = np.asarray(periods, dtype=np.float64)
        mean, square, still, paid = np.zeros(many.shape), np.zeros(many.shape), np.ones(many.shape), 0.0
        for k in range(ahead):
            still, worth = still * self.retention(many + k), (1 + discount) ** -k
            mean, square = mean + still * worth, square + still * worth * (worth + 2 * paid)
            paid += worth
        return mean, square


def fit_sbg(contracts: Contracts) -> tuple[Sbg, Fit]:
    """Fit sBG by maximum likelihood; contracts may have begun at any time.

    Parameters
    ----------
    contracts
        The contracts.

    Returns
    -------
    The model, and how sure its parameters are.

    Raises
    ------
    NotEnoughDataError
        If no contract ended or none came through a renewal, or customers differ without an end.

    Notes
    -----
    Where no spread of the chances explains more than one chance for all does, that is what is fitted: two parameters so
    large that nobody differs, which could as well be larger. Their ratio alone is known.
    """
    known = contracts.renewals > 0
    if not contracts.over:
        raise NotEnoughDataError("No contract ended, so nothing can be said of how long they last.")
    if not int(contracts.n[known & ~(contracts.ended & (contracts.renewals == 1))].sum()):
        raise NotEnoughDataError("No contract came through a renewal, so nothing can be said of how long they last.")
    alike, starts = _alike(contracts), [(1.0, 1.0), (0.5, 4.0), (3.0, 10.0)]
    try:
        fit = maximise(lambda at: _likelihood(contracts, at), starts, n=contracts.size, names=Sbg.names)
    except NotEnoughDataError:
        if _differ(contracts, alike):
            raise
        fit = alike
    if fit.log_likelihood <= alike.log_likelihood + _least_gain(contracts):
        fit = alike
    return Sbg(fit.values), fit


def _alike(contracts: Contracts) -> Fit:
    """One chance for all."""
    over, occasions = contracts.over, int((contracts.n * contracts.renewals).sum())
    leave = over / occasions
    value = over * math.log(leave) + (occasions - over) * math.log1p(-leave)
    # Of the logarithms: how sure the ratio is, and that what both have in common could be anything.
    ratio = np.array([1 - leave, -leave])
    covariance = np.outer(ratio, ratio) / (occasions * leave * (1 - leave)) + _COMMON
    return Fit(Sbg.names, (leave * _ALIKE, (1 - leave) * _ALIKE), covariance, value, contracts.size)


def _least_gain(contracts: Contracts) -> float:
    return _MORE_LIKELY + _ROUNDED * contracts.size


def _differ(contracts: Contracts, alike: Fit) -> bool:
    """Whether customers of different chances, at the mean that suits each spread, are more likely than one chance."""
    from scipy.optimize import minimize_scalar

    def best(together: float) -> float:
        def minus(odds: float) -> float:
            leave = 1 / (1 + math.exp(-odds))
            return -_likelihood(contracts, np.array([leave, 1 - leave]) * together)[0]

        return -float(minimize_scalar(minus, bounds=(-12, 12), method="bounded", options={"xatol": 1e-9}).fun)

    spreads = np.geomspace(1e-3, _APART, 13).tolist()
    return max(map(best, spreads)) > alike.log_likelihood + _least_gain(contracts)


def _likelihood(contracts: Contracts, values: Array) -> tuple[float, Array]:
    from scipy.special import betaln, psi

    a, b = values.tolist()
    ended, n = contracts.ended.astype(np.float64), contracts.n
    up, stay = a + ended, b + contracts.renewals - ended
    both = psi(up + stay)
    whole = psi(a + b)
    value = float((n * (betaln(up, stay) - betaln(a, b))).sum())
    by_a = float((n * (psi(up) - both - psi(a) + whole)).sum())
    by_b = float((n * (psi(stay) - both - psi(b) + whole)).sum())
    return value, values * np.array([by_a, by_b])


@dataclass(frozen=True)
class Drawn:
    """Means of groups that are drawn towards the mean of all, the more the less is known of them.

    Attributes
    ----------
    mean
        float64[k]: each group's, drawn in.
    variance
        float64[k]: of it, as far as it is the group's own.
    lean
        float64[k]: from 0 to 1, how much of it is the mean of all.
    common
        The variance of the mean of all.
    """

    mean: Array
    variance: Array
    lean: Array
    common: float


def shrunk_means(n: Array, mean: Array, squares: Array) -> Drawn:
    """Draw the means of groups towards each other by how much groups differ, and values within them.

    Parameters
    ----------
    n
        float64[k]: how many values a group has; groups without any get the mean of all.
    mean
        float64[k]: of a group.
    squares
        float64[k]: the sum of squared distances from that mean.

    Returns
    -------
    The means. Source: H. Buehlmann, E. Straub, Glaubwuerdigkeit fuer Schadensaetze, Mitteilungen der Vereinigung
    schweizerischer Versicherungsmathematiker 70 (1970); their error: H. Buehlmann, A. Gisler, A Course in Credibility
    Theory and its Applications (2005), chapter 4.
    """
    many, groups = float(n.sum()), int((n > 0).sum())
    if not groups:
        return Drawn(np.zeros(len(n)), np.zeros(len(n)), np.ones(len(n)), 0.0)
    whole = float((n * mean).sum()) / many
    apart = float((n * (mean - whole) ** 2).sum())
    free = many - float((n * n).sum()) / many
    if many <= groups or free <= 0:
        # One value a group, or one group alone: how groups differ cannot be told from how values do.
        within, between = (apart + float(squares.sum())) / max(many - 1, 1.0), 0.0
    else:
        within = float(squares.sum()) / (many - groups)
        between = max((apart - (groups - 1) * within) / free, 0.0)
    if not between > 0:
        return Drawn(np.full(len(n), whole), np.zeros(len(n)), np.ones(len(n)), within / many)
    own = n * between / (n * between + np.where(n > 0, within, 1.0))
    centre = float((own * mean).sum() / own.sum())
    return Drawn(own * mean + (1 - own) * centre, between * (1 - own), 1 - own, between / float(own.sum()))


__all__ = ["Contracts", "Drawn", "Sbg", "fit_sbg", "shrunk_means"]
