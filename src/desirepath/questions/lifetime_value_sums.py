"""What do customers add up to, so that a model can be fitted to the sum? Rows of those who bought alike.

BG/NBD asks of a customer only how often, how lately and since when they bought, Gamma-Gamma only how often they spent
and how much in all; and what is expected of many is a line in what they spent. So customers who are alike in the first
are one row with a number and a sum of money, and no model sees a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions.lifetime_value_walk import UNIT
from desirepath.statistics import Estimate, Proportion
from desirepath.statistics.means import mean_of_sums

Array = npt.NDArray[Any]

EXACT_LIMIT = 1_000_000
"""Up to so many customers every row is kept; beyond, days and money are rounded down (at most 0.8 % off)."""

_BITS = 8
_LOW = (1 << 24) - 1
_HALF = (1 << 30) - 1

ACCOUNTS = ("repeats", "with_money", "refunded", "missing", "unvalued", "again", "beyond")
"""Whole sums over customers: days of purchases after the first, those of them with money; money refunded; purchases
without an amount; days of purchases without money; contracts that began again; amounts that cannot be read."""

BEFORE = ("repeats", "with_money", "refunded", "money")
"""The same of customers who were there before the time held out, as it was known when that began; and their money."""


def rounded(values: Array) -> Array:
    """The numbers with their eight leading binary digits; those that have no more stay as they are."""
    _, exponent = np.frexp(np.abs(values).astype(np.float64))
    shift = np.maximum(exponent.astype(np.int64) - _BITS, 0)
    return np.asarray((values >> shift) << shift)


@dataclass(frozen=True, eq=False)
class Alike:
    """Customers by what they are alike in.

    Attributes
    ----------
    keys
        int64[k, columns]: ascending, each once.
    sums
        int64[k, columns]: how many customers, and what else is added up.
    """

    keys: Array
    sums: Array

    @classmethod
    def of(cls, keys: Array, sums: Array) -> Alike:
        """Put rows with equal keys together."""
        if not len(keys):
            return cls(keys, sums)
        order = np.lexsort(keys.T[::-1])
        keys, sums = keys[order], sums[order]
        first = np.flatnonzero(np.concatenate(([True], (np.diff(keys, axis=0) != 0).any(axis=1))))
        return cls(keys[first], np.add.reduceat(sums, first, axis=0))

    def __add__(self, other: Alike) -> Alike:
        """Join two groups of customers."""
        return self.of(np.concatenate((self.keys, other.keys)), np.concatenate((self.sums, other.sums)))

    def rounded(self, columns: tuple[int, ...]) -> Alike:
        """Fewer rows: the numbers in these columns are rounded down."""
        keys = self.keys.copy()
        for column in columns:
            keys[:, column] = rounded(keys[:, column])
        return self.of(keys, self.sums)

    @property
    def size(self) -> int:
        """How many customers."""
        return int(self.sums[:, 0].sum())


def _big_sum(values: Array, places: Array, size: int) -> Array:
    """object[size]: the sums of int64 values by place as whole numbers of any length."""
    high, low = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    np.add.at(high, places, values >> 30)
    np.add.at(low, places, values & _HALF)
    return np.asarray((high.astype(object) << 30) + low.astype(object))


@dataclass(frozen=True, eq=False)
class Money:
    """Money of customers by cohort, summed up without rounding.

    Attributes
    ----------
    many
        int64[cohorts, columns]: customers who are counted.
    total, squares
        object[cohorts, columns]: whole numbers; sums of ten-thousandths, and of their squares.
    """

    many: Array
    total: Array
    squares: Array

    @classmethod
    def of(cls, cohort: Array, money: Array, counted: Array, cohorts: int) -> Money:
        """Sum up int64[rows, columns] where `counted`, bool of that shape."""
        columns = money.shape[1]
        place = cohort[:, None] * columns + np.arange(columns)
        values, place, size = np.abs(money[counted]), place[counted], cohorts * columns
        high, low = values >> 24, values & _LOW
        squares = _big_sum(high * high, place, size) * (1 << 48) + _big_sum(high * low, place, size) * (1 << 25)
        squares = squares + _big_sum(low * low, place, size)
        shape = (cohorts, columns)
        return cls(
            np.bincount(place, minlength=size).reshape(shape),
            _big_sum(money[counted], place, size).reshape(shape),
            squares.reshape(shape),
        )

    def __add__(self, other: Money) -> Money:
        """Join two groups of customers."""
        return Money(self.many + other.many, self.total + other.total, self.squares + other.squares)

    def whole(self, cohort: int | None, column: int) -> float:
        """What it comes to, of one cohort or all."""
        return int(self.total[:, column].sum() if cohort is None else self.total[cohort, column]) / UNIT

    def each(self, cohort: int | None, column: int) -> Estimate:
        """The mean over customers, of one cohort or all; without an interval where all brought in the same."""
        if cohort is None:
            n, total, squares = (part[:, column].sum() for part in (self.many, self.total, self.squares))
        else:
            n, total, squares = (part[cohort, column] for part in (self.many, self.total, self.squares))
        found = mean_of_sums(int(n), int(total) / UNIT, int(squares) / UNIT**2)
        alike = int(n) * int(squares) == int(total) ** 2
        return replace(found, low=None, high=None) if alike else found


@dataclass(frozen=True)
class Shares:
    """What is taken off a forecast of money.

    Attributes
    ----------
    valued
        Of the days of purchases after the first, the share on which any money was spent.
    kept
        The share of money that is not refunded.
    """

    valued: float
    kept: float

    @classmethod
    def of(cls, repeats: int, with_money: int, refunded: int, net: int) -> Shares:
        """From sums over customers; all, where nothing is known."""
        whole = net + refunded
        return cls(with_money / repeats if repeats else 1.0, max(net, 0) / whole if whole > 0 else 1.0)


@dataclass(frozen=True, eq=False)
class LifetimeTally:
    """Sums over customers.

    Attributes
    ----------
    labels
        The cohorts.
    held
        How many days are held out; 0: none.
    ages
        The ages at which money is told, in days.
    size
        How many customers.
    money
        By cohort: at each age those who could be seen so long; last, so far, everybody.
    repeaters
        int64[cohorts]: customers who bought on a second day.
    again
        int64[ages, 2]: who bought on a second day by an age, and who could be seen so long.
    buying
        Cohort, repeats, last, age in days, days with money: how many, money on repeats.
    spending
        Days with money after the first, money on them: how many.
    known, known_spending
        The same up to the time held out, without a cohort, with what came in it: purchases, money.
    contracts
        Cohort, renewals, state, money: how many. `known_contracts`: renewals and state then, renewals possible since,
        whether they run still, and money then: how many, money since. Money is up to the day before the last, as
        renewals are, and with the first day.
    accounts, before
        object[accounts]: see `ACCOUNTS` and `BEFORE`.
    """

    labels: tuple[str, ...]
    held: int
    ages: tuple[int, ...]
    size: int
    money: Money
    repeaters: Array
    again: Array
    buying: Alike
    spending: Alike
    known: Alike
    known_spending: Alike
    contracts: Alike
    known_contracts: Alike
    accounts: Array
    before: Array

    def __add__(self, other: LifetimeTally) -> LifetimeTally:
        """Join two groups of customers; nobody at all may come from a log of other days."""
        if (self.labels, self.held) != (other.labels, other.held):
            return self if self.size or not other.size else other
        return LifetimeTally(
            self.labels,
            self.held,
            self.ages,
            self.size + other.size,
            self.money + other.money,
            self.repeaters + other.repeaters,
            self.again + other.again,
            self.buying + other.buying,
            self.spending + other.spending,
            self.known + other.known,
            self.known_spending + other.known_spending,
            self.contracts + other.contracts,
            self.known_contracts + other.known_contracts,
            self.accounts + other.accounts,
            self.before + other.before,
        ).bounded()

    @property
    def approximate(self) -> bool:
        """Whether days and money are rounded, because there are too many customers to keep each."""
        return self.size > EXACT_LIMIT

    def bounded(self) -> LifetimeTally:
        """The same with fewer rows, where there are too many customers."""
        if not self.approximate:
            return self
        return replace(
            self,
            buying=self.buying.rounded((1, 2, 3, 4)),
            spending=self.spending.rounded((0, 1)),
            known=self.known.rounded((0, 1, 2, 3)),
            known_spending=self.known_spending.rounded((0, 1)),
            contracts=self.contracts.rounded((3,)),
            known_contracts=self.known_contracts.rounded((4,)),
        )

    def account(self, name: str) -> int:
        """A whole sum over customers."""
        return int(self.accounts[ACCOUNTS.index(name)])

    @cached_property
    def shares(self) -> Shares:
        """Of all that is known."""
        net = sum(map(int, self.money.total[:, -1]))
        return Shares.of(self.account("repeats"), self.account("with_money"), self.account("refunded"), net)

    @cached_property
    def shares_before(self) -> Shares:
        """Of what was known when the time held out began."""
        repeats, with_money, refunded, net = map(int, self.before)
        return Shares.of(repeats, with_money, refunded, net)

    def rates(self) -> Mapping[str, Proportion]:
        """Of customers who could be seen so long, the share who bought on a second day."""
        found = {}
        for age, (back, seen) in zip(self.ages, self.again.tolist(), strict=True):
            found[f"buy again within {age} days"] = Proportion(back, seen)
        return found


__all__ = ["ACCOUNTS", "BEFORE", "Alike", "LifetimeTally", "Money", "Shares", "rounded"]
