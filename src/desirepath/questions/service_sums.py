"""What do issues and customers bring to the sums? Columns per row, so that adding rows up is all that is left to do.

Beside every number stand its products with what all rows of the same person come to: their sums are what a variance
over people is made of (`statistics.clustered`). Squares of money are kept in two halves, so that 64 bits hold their
sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.journeys.batch import JourneyBatch
from desirepath.questions.service_walk import (
    CAME_BACK,
    HUMAN,
    LEAKED,
    RESOLVED,
    UNDECIDED,
    UNWATCHED,
    Facts,
    Issues,
)
from desirepath.statistics.clustered import Clusters
from desirepath.statistics.keyed import Grouped

if TYPE_CHECKING:
    from desirepath.questions.service import Found

Array = npt.NDArray[Any]

CENTS = 100
LARGEST = 3_000_000_000
"""Money of a person in cents, so that its square is a whole number of 64 bits."""

HORIZON_COLUMNS = ("cc", "cm", "ss", "sm", "mm")
"""Per horizon: contained and resolved with those of the same person and with the decided, and the decided squared."""

ISSUE_COLUMNS = (
    "contacts", "repeats", "watched", "people", "watched contacts", "y", "yy", "ym",
    "ww", "cents", "own high", "own low", "high", "low", "cents m",
)  # fmt: skip
CUSTOMER_COLUMNS = ("customers", "with contacts", "contacts", "squares", "cents", "high", "low", "unpriced", "negative")


def _halves(product: Array) -> tuple[Array, Array]:
    return product >> 32, product & 0xFFFFFFFF


def whole(high: int, low: int) -> int:
    """The sum of numbers that were added up in two halves."""
    return (int(high) << 32) + int(low)


class IssueRows(NamedTuple):
    """What is kept of each issue; h horizons."""

    outcomes: Array  # int8[rows, h]
    contacts: Array  # int64[rows]
    watched: Array  # bool[rows]: whether the longest horizon is over
    totals: Array  # int32[rows, 2, 3 h + 2]: see `of_same_person`
    cents: Array  # int64[rows, 3]: its own, those of the person's watched issues of the topic, and of all
    firsts: Array  # bool[rows, 2]: whether it is its person's first watched issue, of the topic and of all


def of_same_person(issues: Issues, facts: Facts, mine: Array, owner: Array, topics: int) -> IssueRows:
    """What issues come to together with those of the same person, of their topic and of all.

    The totals are how many are contained, resolved and decided, by horizon; and the contacts and the number of those
    that are watched long enough.

    Raises
    ------
    InputError
        If a person's money is beyond what can be added up exactly.
    """
    person = owner[issues.journey[mine]].astype(np.int64)
    contacts, watched = facts.contacts[mine], _watched(facts, mine)
    outcomes, own = facts.outcome[mine], facts.cents[mine]
    totals = np.zeros((len(mine), 2, 3 * outcomes.shape[1] + 2), dtype=np.int32)
    cents = np.zeros((len(mine), 3), dtype=np.int64)
    cents[:, 0] = own
    firsts = np.zeros((len(mine), 2), dtype=np.bool_)
    for side, key in enumerate((person * topics + issues.topic[mine], person)):
        grouped = Grouped.of(key)
        columns = [column <= least for column in outcomes.T for least in (CAME_BACK, RESOLVED, LEAKED)]
        for place, column in enumerate((*columns, contacts * watched, watched)):
            totals[:, side, place] = grouped.per_row(grouped.sums(column))
        cents[:, 1 + side] = grouped.per_row(grouped.sums(own * watched))
        firsts[:, side] = grouped.first(watched)
    if len(cents) and int(np.abs(cents).max()) > LARGEST:
        raise InputError(f"A person's contacts cost at most {LARGEST // CENTS:,} here. Is the unit right?")
    return IssueRows(outcomes, contacts, watched, totals, cents, firsts)


def issue_columns(rows: IssueRows, side: int) -> Iterator[Array]:
    """What issues bring to the sums of their topic (`side` 0) or of all (1), column by column.

    First the outcomes by horizon, then `HORIZON_COLUMNS` of each horizon, and `ISSUE_COLUMNS`.
    """
    h, totals = rows.outcomes.shape[1], rows.totals[:, side].T
    for outcome in rows.outcomes.T:
        yield from (outcome == each for each in range(HUMAN + 1))
    for place, outcome in enumerate(rows.outcomes.T):
        contained, resolved, decided = totals[3 * place : 3 * place + 3].astype(np.int64)
        one, two = outcome <= CAME_BACK, outcome == RESOLVED
        yield from (one * contained, one * decided, two * resolved, two * decided, (outcome <= LEAKED) * decided)
    contacts, n = rows.contacts, rows.watched.astype(np.int64)
    same, many = totals[3 * h].astype(np.int64), totals[3 * h + 1].astype(np.int64)
    y, money, theirs = contacts * n, rows.cents[:, 0] * n, rows.cents[:, 1 + side]
    yield from (
        contacts,
        np.maximum(contacts - 1, 0),
        n,
        rows.firsts[:, side],
        y,
        y * y,
        y * same,
        y * many,
        n * many,
        money,
    )
    yield from (*_halves(money * money), *_halves(money * theirs), money * many)


def columns_of(horizons: int) -> int:
    """How many columns `issue_columns` gives."""
    return horizons * (HUMAN + 1 + len(HORIZON_COLUMNS)) + len(ISSUE_COLUMNS)


def _watched(facts: Facts, mine: Array) -> Array:
    """bool[rows]: whether the longest horizon is over; of those that began with a human `leak` says so."""
    outcome = facts.outcome[mine, -1]
    return np.asarray(np.where(outcome == HUMAN, facts.leak[mine] != UNWATCHED, outcome != UNDECIDED))


class Customers(NamedTuple):
    """One entry per customer, and per customer and topic of contacts."""

    journey: Array
    place: Array
    topic: Array  # -1: the customer whole
    sums: Array  # int64[rows, 4]: contacts, cents, contacts without a known cost, costs below 0


def customers_of(journeys: JourneyBatch, found: Found, what: Array, touched: Array, topics: int) -> Customers:
    """What customers' contacts come to, whole and by topic.

    Parameters
    ----------
    what
        int64[n]: a bit per filter.
    touched
        bool[n]: events in the period that make a customer active.
    """
    of = journeys.journey_of_event()
    begin, end = journeys.period
    first = np.full(len(journeys), -1, dtype=np.int64)
    places = np.flatnonzero(touched)
    active, at = np.unique(of[places], return_index=True)
    first[active] = places[at]
    events = np.flatnonzero(((what & 3) != 0) & (journeys.time >= begin) & (journeys.time < end))
    contact = (what[events] & 1).astype(np.int64)
    unpriced = contact * ~found.priced[events]
    cents = found.cents[events]
    values = (contact, cents, unpriced, cents < 0)
    topic = found.issues.topic[found.number[events] - 1]
    parts = []
    for key, by_topic in ((of[events], False), (of[events] * topics + topic, True)):
        grouped = Grouped.of(key)
        sums = np.stack([grouped.sums(column) for column in values], axis=1)
        if by_topic:
            parts.append((grouped.keys // topics, grouped.keys % topics, sums))
            continue
        everyone = np.zeros((len(active), len(values)), dtype=np.int64)
        everyone[np.searchsorted(active, grouped.keys)] = sums
        parts.append((active, np.full(len(active), -1, dtype=np.int64), everyone))
    journey, topic, sums = (np.concatenate([part[k] for part in parts]) for k in range(3))
    if len(sums) and int(np.abs(sums[:, 1]).max()) > LARGEST:
        raise InputError(f"A customer's contacts cost at most {LARGEST // CENTS:,} here. Is the unit right?")
    return Customers(journey, first[journey], topic, sums)


def customer_columns(sums: Array) -> Iterator[Array]:
    """`CUSTOMER_COLUMNS` of int64[rows, 4] of `Customers`."""
    contacts, cents, unpriced, negative = sums.T
    yield from (np.ones(len(sums), dtype=np.int64), contacts > 0, contacts, contacts * contacts, cents)
    yield from (*_halves(cents * cents), unpriced, negative)


class Line:
    """The sums of a line of the table by name.

    Parameters
    ----------
    sums
        int64: what issues come to: outcomes by horizon, `HORIZON_COLUMNS` of each, and `ISSUE_COLUMNS`.
    customers
        int64[CUSTOMER_COLUMNS].
    """

    def __init__(self, sums: Array, customers: Array) -> None:
        each = HUMAN + 1 + len(HORIZON_COLUMNS)
        many = (len(sums) - len(ISSUE_COLUMNS)) // each
        told = many * (HUMAN + 1)
        self.outcomes = [[int(each) for each in row] for row in sums[:told].reshape(many, -1)]
        self._beside = sums[told : many * each].reshape(many, -1).tolist()
        self._of = dict(zip(ISSUE_COLUMNS, map(int, sums[many * each :]), strict=True))
        self.customer = dict(zip(CUSTOMER_COLUMNS, map(int, customers), strict=True))

    def __getitem__(self, name: str) -> int:
        return self._of[name]

    @property
    def issues(self) -> int:
        """How many issues there are."""
        return sum(self.outcomes[-1])

    def decided(self, horizon: int = -1) -> int:
        """How many of those that began in self-service could be followed so long."""
        return sum(self.outcomes[horizon][: LEAKED + 1])

    def contained(self, horizon: int = -1) -> int:
        """How many of them had no contact."""
        return sum(self.outcomes[horizon][: CAME_BACK + 1])

    def containment(self, horizon: int = -1) -> Clusters:
        """Contained of decided, over people."""
        beside = dict(zip(HORIZON_COLUMNS, self._beside[horizon], strict=True))
        decided = self.decided(horizon)
        return Clusters(0, self.contained(horizon), decided, beside["cc"], beside["cm"], beside["mm"])

    def resolution(self, horizon: int = -1) -> Clusters:
        """Resolved of decided, over people."""
        beside = dict(zip(HORIZON_COLUMNS, self._beside[horizon], strict=True))
        resolved, decided = self.outcomes[horizon][RESOLVED], self.decided(horizon)
        return Clusters(0, resolved, decided, beside["ss"], beside["sm"], beside["mm"])

    def contacts_per_issue(self) -> Clusters:
        """Contacts of issues that could be followed, over people."""
        return Clusters(
            self["people"], self["watched contacts"], self["watched"], self["yy"], self["ym"], self["ww"], self["y"]
        )

    def cost_per_issue(self) -> Clusters:
        """Their cost in cents, over people."""
        return Clusters(
            self["people"], self["cents"], self["watched"], whole(self["high"], self["low"]), self["cents m"],
            self["ww"], whole(self["own high"], self["own low"]),
        )  # fmt: skip

    def per_customer(self, what: str, customers: int) -> Clusters:
        """Contacts or cents of all customers, those without any included."""
        total = self.customer[what]
        money = what == "cents"
        squares = whole(self.customer["high"], self.customer["low"]) if money else self.customer["squares"]
        return Clusters(customers, total, customers, squares, total, customers)


__all__ = [
    "CENTS",
    "CUSTOMER_COLUMNS",
    "ISSUE_COLUMNS",
    "LARGEST",
    "Customers",
    "IssueRows",
    "Line",
    "columns_of",
    "customer_columns",
    "customers_of",
    "issue_columns",
    "of_same_person",
    "whole",
]
