"""Who will buy again, and how often, when nobody says goodbye? BG/NBD, and what all models of buying share.

Three numbers tell of a customer: on how many days after the first they bought (`x`), how long after the first the last
of them was (`t_x`), and how long they could be seen (`T`). Both models say that everybody buys at random at a rate of
their own and stops at some unknown moment; BG/NBD lets them stop right after a purchase, Pareto/NBD at any time
(`buying_pareto`).

    model, fit = fit_bg_nbd(Buyers.of(x=[2, 1, 0, ...], t_x=[30.43, 1.71, 0, ...], seen=[38.86, 38.86, 38.86, ...]))
    model.alive(2, 30.43, 38.86)            0.727: the chance that they have not stopped
    model.expected(39, 2, 30.43, 38.86)     1.226 purchases within the next 39

Times are in any unit, the same for all.

Source: P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting your customers" the easy way: an alternative to the
Pareto/NBD model, Marketing Science 24 (2005), equations 6, 9 and 10.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.statistics.buying_fit import Fit, maximise

Array = NDArray[Any]

_NEAR_ONE = 1e-6
_NODES = 8

FEW_ROWS = 5_000
"""Of so many rows, spread over all, the search for the most likely parameters begins."""


@dataclass(frozen=True)
class Buyers:
    """Customers by what they did; each row stands for as many as bought alike.

    Parameters
    ----------
    x
        float64[k]: purchases after the first.
    t_x, T
        float64[k]: from the first purchase to the last, and to the end of what is known; 0 <= t_x <= T.
    n
        int64[k]: how many customers.

    Raises
    ------
    InputError
        If the numbers cannot be such.
    """

    x: Array
    t_x: Array
    T: Array
    n: Array

    @classmethod
    def of(cls, x: ArrayLike, t_x: ArrayLike, seen: ArrayLike, n: ArrayLike | None = None) -> Buyers:
        """Customers from lists; one customer a row where `n` is left out."""
        times, last, until = (np.asarray(each, dtype=np.float64) for each in (x, t_x, seen))
        many = np.ones(len(times), dtype=np.int64) if n is None else np.asarray(n, dtype=np.int64)
        return cls(times, last, until, many)

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        columns = (self.x, self.t_x, self.T, self.n)
        if len({column.shape for column in columns}) > 1 or not all(np.isfinite(column).all() for column in columns):
            raise InputError("Customers are lists of one length, of numbers that are finite.")
        wrong = (self.x < 0) | (self.t_x < 0) | (self.t_x > self.T) | (self.n < 0) | ((self.x == 0) & (self.t_x > 0))
        if wrong.any():
            raise InputError("A customer has 0 <= x and 0 <= t_x <= T, and without a repeat t_x = 0.")

    @cached_property
    def kinds(self) -> tuple[Array, Array]:
        """float64[m] and int64[k]: the different numbers of purchases, and which of them each row has."""
        return np.unique(self.x, return_inverse=True)

    @property
    def few(self) -> Buyers | None:
        """Every so many-th row, where there are many."""
        step = len(self.x) // FEW_ROWS
        return Buyers(self.x[::step], self.t_x[::step], self.T[::step], self.n[::step]) if step > 1 else None

    @property
    def size(self) -> int:
        """How many customers."""
        return int(self.n.sum())

    @property
    def repeaters(self) -> int:
        """How many of them bought again."""
        return int(self.n[self.x > 0].sum())


@dataclass(frozen=True)
class BuyingModel(ABC):
    """A model of buying with its parameters.

    Attributes
    ----------
    values
        The parameters, in the order of `names`.
    """

    values: tuple[float, ...]
    names: ClassVar[tuple[str, ...]]
    title: ClassVar[str]

    @classmethod
    def at(cls, values: Sequence[float]) -> Self:
        """The model with other parameters."""
        return cls(tuple(values))

    @abstractmethod
    def alive(self, x: ArrayLike, t_x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]: the chance that each customer has not stopped buying."""

    @abstractmethod
    def if_alive(self, ahead: float, x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]: purchases expected within the time ahead of a customer who has not stopped."""

    @abstractmethod
    def of_new(self, ahead: float) -> float:
        """Purchases after the first expected within a time of a customer of whom nothing is known."""

    def square_if_alive(self, ahead: float, x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]: at most the mean square of what one with a known rate and end would buy, who has not stopped.

        With the rate k of a customer and the time l until they stop or the time ahead is over, E[k² l²] is twice the
        integral of u E[k²; l > u] over u, and that is at most E[k²] / E[k] times u E[k; l > u], because who buys faster
        does not stay longer. The last is what `if_alive` gains in a moment, so that its own integral gives the sum.
        """
        r, alpha, *_ = self.values
        many, until = (np.asarray(each, dtype=np.float64) for each in (x, seen))
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        inner = sum(w / 2 * self.if_alive(ahead * (1 + at) / 2, x, seen) for at, w in zip(nodes, weights, strict=True))
        rate = (1 + 1 / (r + many)) * (r + many) / (alpha + until)
        return np.asarray(np.maximum(2 * rate * ahead * (self.if_alive(ahead, x, seen) - inner), 0.0))

    def variance(self, ahead: float, x: ArrayLike, t_x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]: at most the variance of purchases within the time ahead, from one customer to the next."""
        alive, mean = self.alive(x, t_x, seen), self.expected(ahead, x, t_x, seen)
        return np.asarray(mean + alive * self.square_if_alive(ahead, x, seen) - mean * mean)

    def expected(self, ahead: float, x: ArrayLike, t_x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]: purchases expected within the time `ahead`, whoever has stopped included."""
        return self.alive(x, t_x, seen) * self.if_alive(ahead, x, seen)


def ready(buyers: Buyers) -> None:
    """Refuse customers of whom nobody bought again.

    Raises
    ------
    NotEnoughDataError
        Then.
    """
    if not buyers.repeaters:
        raise NotEnoughDataError("Nobody bought a second time, so nothing can be said of how often people buy.")


def starts_of(buyers: Buyers) -> list[tuple[float, float, float, float]]:
    """Rates and times on the scale of the data; the last two parameters are without a unit in one model, not both."""
    many = buyers.n.sum()
    seen = max(float((buyers.T * buyers.n).sum() / many), 1e-3)
    rate = max(float((buyers.x * buyers.n).sum() / many), 1e-3) / seen
    return [(r, r / rate * up, s, b) for r, up, s, b in ((0.5, 0.5, 0.5, 2.0), (1.0, 1.0, 1.0, 1.0), (3.0, 0.7, 2, 9))]


def most_likely(
    buyers: Buyers,
    likelihood: Callable[[Buyers, Array], tuple[float, Array]],
    starts: Sequence[Sequence[float]],
    names: tuple[str, ...],
) -> Fit:
    """Fit a model; where there are many customers, the search begins with a few of them.

    Raises
    ------
    NotEnoughDataError
        If the data does not settle the parameters.
    """
    few = buyers.few
    return maximise(
        lambda at: likelihood(buyers, at),
        starts,
        n=buyers.size,
        names=names,
        few=None if few is None else lambda at: likelihood(few, at),
    )


# ---- BG/NBD ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BgNbd(BuyingModel):
    """Rates of buying are gamma (`r`, `alpha`), the chance to stop after each purchase is beta (`a`, `b`)."""

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    title: ClassVar[str] = "BG/NBD"

    def alive(self, x: ArrayLike, t_x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]; 1 for whoever never bought again, because only after a repeat can one stop."""
        from scipy.special import expit

        r, alpha, a, b = self.values
        many, last, until = (np.asarray(each, dtype=np.float64) for each in (x, t_x, seen))
        again = np.maximum(many, 1.0)
        odds = np.log(a) - np.log(b + again - 1) + (r + many) * (np.log(alpha + until) - np.log(alpha + last))
        return np.asarray(np.where(many > 0, expit(-odds), 1.0))

    def if_alive(self, ahead: float, x: ArrayLike, seen: ArrayLike) -> Array:
        """float64[k]; Euler's transform of the published hypergeometric function, which large `x` does not upset."""
        from scipy.special import hyp2f1

        r, alpha, a, b = self.values
        a = 1 + np.copysign(_NEAR_ONE, a - 1) if abs(a - 1) < _NEAR_ONE else a
        many, until = (np.asarray(each, dtype=np.float64) for each in (x, seen))
        z = ahead / (alpha + until + ahead)
        inner = np.exp((a - 1) * np.log1p(-z)) * hyp2f1(a + b - 1 - r, a - 1, a + b + many - 1, z)
        return np.asarray(np.maximum((a + b + many - 1) / (a - 1) * (1 - inner), 0.0))

    def of_new(self, ahead: float) -> float:
        """Purchases after the first expected within a time."""
        return float(self.if_alive(ahead, 0.0, 0.0))


def _bg_likelihood(buyers: Buyers, values: Array) -> tuple[float, Array]:
    from scipy.special import gammaln, psi

    r, alpha, a, b = values.tolist()
    x, place = buyers.kinds
    n, again = buyers.n, buyers.x > 0
    at_x = gammaln(r + x) - gammaln(r) + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    log_seen, log_last = np.log(alpha + buyers.T), np.log(alpha + buyers.t_x)
    still = -(r + buyers.x) * log_seen
    gone = np.log(a) - np.log(b + np.maximum(buyers.x, 1) - 1) - (r + buyers.x) * log_last
    both = np.where(again, np.logaddexp(still, gone), still)
    share = np.where(again, np.exp(np.minimum(gone - both, 0.0)), 0.0)
    value = float((n * (at_x[place] + r * np.log(alpha) + both)).sum())
    slopes = (
        (psi(r + x) - psi(r))[place] + np.log(alpha) - (1 - share) * log_seen - share * log_last,
        r / alpha - (r + buyers.x) * ((1 - share) / (alpha + buyers.T) + share / (alpha + buyers.t_x)),
        (psi(a + b) - psi(a + b + x))[place] + share / a,
        (psi(a + b) + psi(b + x) - psi(b) - psi(a + b + x))[place] - share / (b + np.maximum(buyers.x, 1) - 1),
    )
    return value, values * np.array([float((n * slope).sum()) for slope in slopes])


def fit_bg_nbd(buyers: Buyers) -> tuple[BgNbd, Fit]:
    """Fit BG/NBD by maximum likelihood.

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
    fit = most_likely(buyers, _bg_likelihood, starts_of(buyers), BgNbd.names)
    return BgNbd(fit.values), fit


__all__ = ["BgNbd", "Buyers", "BuyingModel", "fit_bg_nbd", "most_likely", "ready", "starts_of"]
