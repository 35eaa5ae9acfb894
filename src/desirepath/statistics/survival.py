"""How long until it happens, when for some the end is not known yet?

Kaplan and Meier's estimate of who is still waiting, Aalen and Johansen's of which outcome came when several compete,
and the log-rank test. Who is still waiting at the end of the data is censored: counted as long as they were seen, and
never as a "no".

    Lifetimes(times=[3, 5, 8], outcomes=[1, 0, 1])      1 after 3, 1 after 8, and somebody who was seen for 5
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from desirepath.errors import InputError
from desirepath.statistics.intervals import Estimate, wilson_ends, wilson_limits

Array = NDArray[Any]

EXACT_LIMIT = 4_000_000
RELATIVE_ERROR = 0.004
_BITS = 8
_Z = 1.959963984540054
_NOTHING = 1e-12
_NO_ERROR = 1e-3
"""A standard error times the number of people: what rounding leaves is below, any that there is is about 1 or more."""
_MOST_SPREAD = 700.0
"""Beyond this the exponential is past what a float can hold; the bound is 0 or 1 long before."""


class Lifetimes:
    """Times in whole microseconds until an outcome, or until somebody was last seen; sums hold only what was given.

    Parameters
    ----------
    times
        Shape (n,), none negative.
    outcomes
        int shape (n,): 0 where nothing had happened yet, else which of the outcomes, from 1.

    Raises
    ------
    InputError
        If the two differ in length, or a time is negative.
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, times: ArrayLike = (), outcomes: ArrayLike = ()) -> None:
        when, what = np.asarray(times, dtype=np.int64), np.asarray(outcomes, dtype=np.int8)
        if when.shape != what.shape or when.ndim != 1 or (len(when) and int(when.min()) < 0):
            raise InputError("A lifetime is a time that is not negative, with an outcome.")
        self.n = len(when)
        # copied, so that a part of a larger array does not hold all of it; the ones take no memory
        part = (when.copy(), what.copy(), np.broadcast_to(np.int64(1), (self.n,)))
        self._parts: tuple[tuple[Array, Array, Array], ...] = (part,) if self.n else ()
        self._bound()

    @classmethod
    def of(cls, times: Array, outcomes: Array, many: Array) -> Lifetimes:
        """Times and outcomes that so many people have; int64[n], int8[n], int[n]."""
        found = cls()
        found.n = int(many.sum())
        found._parts = ((times, outcomes, many.astype(np.int64)),) if len(times) else ()
        found._bound()
        return found

    def __add__(self, other: Lifetimes) -> Lifetimes:
        """Join two groups of people."""
        found = Lifetimes()
        found.n = self.n + other.n
        found._parts = self._parts + other._parts
        found._bound()
        return found

    def __eq__(self, other: object) -> bool:
        """Compare what is held."""
        if not isinstance(other, Lifetimes):
            return NotImplemented
        return all(np.array_equal(a, b) for a, b in zip(self._table, other._table, strict=True))

    @property
    def approximate(self) -> bool:
        """Whether times are rounded, because there are too many to keep each."""
        return self.n > EXACT_LIMIT

    def _bound(self) -> None:
        if not self.approximate:
            return
        self._parts = (_together([(rounded(when), what, many) for when, what, many in self._parts]),)

    @cached_property
    def _table(self) -> tuple[Array, Array, Array]:
        """Times, outcomes and how many, sorted; each pair once."""
        return _together(self._parts)

    def count(self, outcome: int) -> int:
        """How many have an outcome; 0 counts those still waiting."""
        _, what, many = self._table
        return int(many[what == outcome].sum())

    def curve(self, outcomes: int = 1) -> Curve:
        """The estimates, with so many competing outcomes.

        Parameters
        ----------
        outcomes
            Outcomes are 1 to this.
        """
        when, what, many = self._table
        moments, place = np.unique(when[what > 0], return_inverse=True)
        happened = np.zeros((len(moments), outcomes + 1), dtype=np.int64)
        np.add.at(happened, (place, what[what > 0]), many[what > 0])
        order = np.argsort(when, kind="stable")
        left = np.concatenate(([0], np.cumsum(many[order])))
        waiting = self.n - left[np.searchsorted(when[order], moments, side="left")]
        return Curve(moments, waiting, happened[:, 1:], self.n, when[order], left)


def rounded(times: Array) -> Array:
    """int64[n]: whole microseconds to few digits, at most 0.4 % less; what was in order stays so."""
    _, exponent = np.frexp(times.astype(np.float64))
    shift = np.maximum(exponent.astype(np.int64) - _BITS, 0)
    return np.asarray((times >> shift) << shift)


def _together(parts: Sequence[tuple[Array, Array, Array]]) -> tuple[Array, Array, Array]:
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int8), np.zeros(0, np.int64)
    when, what, many = (np.concatenate(each) for each in zip(*parts, strict=True))
    order = np.lexsort((what, when))
    when, what, many = when[order], what[order], many[order]
    first = np.flatnonzero(np.concatenate(([True], (np.diff(when) != 0) | (np.diff(what) != 0))))
    return when[first], what[first], np.add.reduceat(many, first)


@dataclass(frozen=True)
class Curve:
    """What happened at each moment at which anything did.

    Attributes
    ----------
    times
        int64[k], ascending microseconds.
    waiting
        int64[k]: who was still waiting right before; those last seen at that very moment included.
    happened
        int64[k, outcomes].
    n
        How many there were at the start.
    seen, ended
        int64[m] and int64[m + 1]: everybody's last moments, ascending, and how many had ended before each.
    """

    times: Array
    waiting: Array
    happened: Array
    n: int
    seen: Array
    ended: Array

    def watched(self, moment: int) -> int:
        """How many were seen up to a moment, and still waiting right before it."""
        return self.n - int(self.ended[np.searchsorted(self.seen, moment, side="left")])

    @cached_property
    def survival(self) -> Array:
        """float64[k]: the share still waiting after each moment (Kaplan and Meier 1958)."""
        return np.asarray(np.cumprod(1 - self.happened.sum(axis=1) / self.waiting))

    @cached_property
    def _before(self) -> Array:
        return np.concatenate(([1.0], self.survival[:-1]))

    def incidence(self, outcome: int) -> Array:
        """float64[k]: the share to whom the outcome has come (Aalen and Johansen 1978); 1 - survival if it is alone."""
        return np.asarray(np.cumsum(self._before * self.happened[:, outcome - 1] / self.waiting))

    def share_by(self, moment: int, outcome: int = 1) -> Estimate:
        """The share to whom an outcome has come by a moment, with the log-log interval of the delta method.

        Where it has come to nobody or everybody, the interval is Wilson's for those of whom something was seen: they
        were watched up to then, or an outcome had come. There is no share past the last moment at which anybody was
        seen, if some were still waiting.

        Parameters
        ----------
        moment
            Microseconds since the start, included.
        outcome
            Which, from 1.
        """
        upto = int(np.searchsorted(self.times, moment, side="right"))
        still = float(self.survival[upto - 1]) if upto else 1.0
        if not self.n or (moment > int(self.seen[-1]) and still > _NOTHING):
            return self._estimate(None, None, None)
        if upto == 0:
            return self._certain(0, moment)
        value, low, high, inner = (each[upto - 1] for each in self._limits(outcome))
        if not inner:
            return self._certain(round(float(value)), moment)
        return self._estimate(float(value), float(low), float(high))

    def _certain(self, value: int, moment: int) -> Estimate:
        """Wilson's, of all but those of whom nothing was seen before the moment at which they were seen last."""
        came = self.happened[: np.searchsorted(self.times, moment, side="left")].sum()
        many = self.watched(moment) + int(came)
        low, high = wilson_limits(value * many, many, _Z)
        return replace(self._estimate(float(value), low, high), n=many, method="wilson")

    def _estimate(self, value: float | None, low: float | None, high: float | None) -> Estimate:
        return Estimate(value, low, high, self.n, 0.95, "Aalen-Johansen, log-log")

    @cached_property
    def _known(self) -> dict[int, tuple[Array, Array, Array, Array]]:
        """What was worked out of outcomes: many moments are asked for, one after another."""
        return {}

    def _limits(self, outcome: int) -> tuple[Array, Array, Array, Array]:
        """At each moment the share, the ends of its interval, and whether that is log-log, not Wilson's; float64[k]."""
        if outcome not in self._known:
            self._known[outcome] = self._worked_out(outcome)
        return self._known[outcome]

    def _worked_out(self, outcome: int) -> tuple[Array, Array, Array, Array]:
        value = self.incidence(outcome)
        error, left = self._errors(value, outcome), 1 - value
        inner = (value > 0) & (left >= _NOTHING) & (error * self.n > _NO_ERROR)
        d = self.happened.sum(axis=1)
        many = (self.waiting + np.cumsum(d) - d).astype(np.float64)
        _, low, high = wilson_ends(np.rint(value) * many, many)
        rest = left[inner]
        spread = np.maximum(_Z * error[inner] / (rest * np.log(rest)), -_MOST_SPREAD)
        ends = [1 - rest ** np.exp(sign * spread) for sign in (1, -1)]
        low[inner], high[inner] = np.minimum(*ends), np.maximum(*ends)
        return value, low, high, inner

    def _errors(self, value: Array, outcome: int) -> Array:
        """float64[k]: the standard error of each share by the delta method, in sums that run along.

        Written in the shares to whom the outcome has not come, for where these are small, weights are large.
        """
        n, d, own = self.waiting.astype(np.float64), self.happened.sum(axis=1), self.happened[:, outcome - 1]
        left = 1 - value
        weight = np.divide(d, n * (n - d), out=np.zeros(len(n)), where=n > d)
        share = self._before * own / n**2
        first = np.cumsum(weight * left**2) - 2 * left * np.cumsum(weight * left) + left**2 * np.cumsum(weight)
        second = np.cumsum(self._before**2 * (n - own) * own / n**3)
        third = np.cumsum(share * left) - left * np.cumsum(share)
        return np.asarray(np.sqrt(np.maximum(first + second - 2 * third, 0.0)))

    def quantile(self, share: float, outcome: int = 1) -> float | None:
        """When the outcome has come to a share of all; None where it never does in the data."""
        reached = np.flatnonzero(self.incidence(outcome) >= share - 1e-12)
        return float(self.times[reached[0]]) if len(reached) else None

    def quantile_range(self, share: float, outcome: int = 1) -> tuple[float | None, float | None]:
        """Between which times the outcome has come to a share of all, at 95 %.

        The first times at which the upper and the lower end of the interval of `share_by` are at the share; an end
        that never is, is None.

        References
        ----------
        Brookmeyer and Crowley (1982), Biometrics 38, 29-41; log-log (Klein and Moeschberger 2003, section 4.5).
        """
        found = []
        _, low, high, _ = self._limits(outcome)
        for end in (high, low):
            reached = np.flatnonzero(end >= share)
            found.append(float(self.times[reached[0]]) if len(reached) else None)
        return found[0], found[1]


@dataclass(frozen=True)
class LogRank:
    """The log-rank test: its statistic, degrees of freedom and p-value."""

    statistic: float
    degrees: int
    p_value: float


def log_rank(groups: Sequence[Lifetimes], outcome: int = 1) -> LogRank | None:
    """Whether groups differ in how soon an outcome comes (Mantel 1966); other outcomes count as last seen.

    Returns
    -------
    None where there is nothing to compare: fewer than two groups with anybody, or no outcome.
    """
    curves = [_single(group, outcome) for group in groups if group.n]
    moments = np.unique(np.concatenate([times for times, _, _ in curves] or [np.zeros(0, np.int64)]))
    if len(curves) < 2 or not len(moments):
        return None
    n, d = (np.zeros((len(curves), len(moments))) for _ in range(2))
    for g, (times, happened, seen) in enumerate(curves):
        n[g] = len(seen) - np.searchsorted(seen, moments, side="left")
        d[g, np.searchsorted(moments, times)] = happened
    all_n, all_d = n.sum(axis=0), d.sum(axis=0)
    difference = (d - n * all_d / all_n).sum(axis=1)[:-1]
    scale = np.where(all_n > 1, all_d * (all_n - all_d) / np.maximum(all_n - 1, 1), 0.0)
    shares = (n / all_n)[:-1]
    spread = np.diag((scale * shares).sum(axis=1)) - (shares * scale) @ shares.T
    statistic = float(difference @ np.linalg.pinv(spread) @ difference)
    degrees = len(curves) - 1
    return LogRank(statistic, degrees, chi_square_tail(statistic, degrees))


def _single(group: Lifetimes, outcome: int) -> tuple[Array, Array, Array]:
    """Moments of the outcome, how many each, and everybody's last moment, sorted."""
    when, what, many = group._table
    times, place = np.unique(when[what == outcome], return_inverse=True)
    happened = np.bincount(place, weights=many[what == outcome], minlength=len(times))
    return times, happened, np.sort(np.repeat(when, many))


def chi_square_tail(x: float, degrees: int) -> float:
    """The chance of at least `x` under the chi-square distribution, by its recurrence over the degrees of freedom."""
    if x <= 0:
        return 1.0
    if degrees % 2:
        tail, term, at = math.erfc(math.sqrt(x / 2)), math.sqrt(2 * x / math.pi) * math.exp(-x / 2), 3
    else:
        tail, term, at = math.exp(-x / 2), x / 2 * math.exp(-x / 2), 4
    while at <= degrees:
        tail += term
        term *= x / at
        at += 2
    return min(tail, 1.0)
