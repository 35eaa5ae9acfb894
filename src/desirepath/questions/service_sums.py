"""What do issues and customers bring to the sums? Columns per row, so that adding rows up is all that is left to do.

Beside every number stand its products with what all rows of the same person come to: their sums are what a variance
over people is made of (`statistics.clustered`). Squares of money are kept in two halves, so that 64 bits hold their
sum.
"""

from __future__ import annotations

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
    first_of,
    of_each,
)
from desirepath.statistics.clustered import Clusters

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


def issue_columns(issues: Issues, facts: Facts, mine: Array, owner: Array, topics: int) -> Array:
    """int64[rows, 2 columns]: what issues bring to the sums of their topic, and to those of all.

    The columns are `HORIZON_COLUMNS` of each horizon and `ISSUE_COLUMNS`.

    Raises
    ------
    InputError
        If a person's money is beyond what can be added up exactly.
    """
    person = owner[issues.journey[mine]].astype(np.int64)
    contacts, cents, watched = facts.contacts[mine], facts.cents[mine], _watched(facts, mine)
    y, money, n = contacts * watched, cents * watched, watched.astype(np.int64)
    parts: list[Array] = []
    for key in (person * topics + issues.topic[mine], person):
        for outcome in facts.outcome[mine].T:
            decided, resolved = (outcome <= LEAKED).astype(np.int64), (outcome == RESOLVED).astype(np.int64)
            contained = (outcome <= CAME_BACK).astype(np.int64)
            sums = of_each(key, np.stack((contained, resolved, decided), axis=1))
            parts += [contained * sums[:, 0], contained * sums[:, 2], resolved * sums[:, 1], resolved * sums[:, 2]]
            parts.append(decided * sums[:, 2])
        sums = of_each(key, np.stack((y, n, money), axis=1))
        if len(sums) and int(np.abs(sums[:, 2]).max()) > LARGEST:
            raise InputError(f"A person's contacts cost at most {LARGEST // CENTS:,} here. Is the unit right?")
        parts += [contacts, np.maximum(contacts - 1, 0), n, first_of(key, watched).astype(np.int64), y, y * y]
        parts += [y * sums[:, 0], y * sums[:, 1], n * sums[:, 1], money]
        parts += [*_halves(money * money), *_halves(money * sums[:, 2]), money * sums[:, 1]]
    return np.stack(parts, axis=1).astype(np.int64)


def _watched(facts: Facts, mine: Array) -> Array:
    """bool[rows]: whether the longest horizon is over; of those that began with a human `leak` says so."""
    outcome = facts.outcome[mine, -1]
    return np.asarray(np.where(outcome == HUMAN, facts.leak[mine] != UNWATCHED, outcome != UNDECIDED))


class Customers(NamedTuple):
    """One entry per customer, and per customer and topic of contacts."""

    journey: Array
    place: Array
    topic: Array  # -1: the customer whole
    contacts: Array
    sums: Array  # int64[rows, CUSTOMER_COLUMNS]


def customer_columns(journeys: JourneyBatch, found: Found, what: Array, touched: Array, topics: int) -> Customers:
    """What customers bring to the sums, whole and by topic.

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
    values = np.stack((contact, cents, unpriced, cents < 0), axis=1).astype(np.int64)
    topic = found.issues.topic[found.number[events] - 1]
    parts = []
    for key, mine in ((of[events], None), (of[events] * topics + topic, topic)):
        keys, place = np.unique(key, return_inverse=True)
        sums = np.zeros((len(keys), 4), dtype=np.int64)
        np.add.at(sums, place, values)
        if mine is None:
            everyone = np.zeros((len(active), 4), dtype=np.int64)
            everyone[np.searchsorted(active, keys)] = sums
            parts.append((active, np.full(len(active), -1, dtype=np.int64), everyone))
        else:
            parts.append((keys // topics, keys % topics, sums))
    journey, topic, sums = (np.concatenate([part[k] for part in parts]) for k in range(3))
    if len(sums) and int(np.abs(sums[:, 1]).max()) > LARGEST:
        raise InputError(f"A customer's contacts cost at most {LARGEST // CENTS:,} here. Is the unit right?")
    contacts, cents = sums[:, 0], sums[:, 1]
    columns = (
        np.ones(len(sums), dtype=np.int64), (contacts > 0).astype(np.int64), contacts, contacts * contacts, cents,
        *_halves(cents * cents), sums[:, 2], sums[:, 3],
    )  # fmt: skip
    return Customers(journey, first[journey], topic, contacts, np.stack(columns, axis=1).astype(np.int64))


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
    "Line",
    "customer_columns",
    "issue_columns",
    "whole",
]
