"""What do the customers of a bucket add up to? Numbers, cents and their products, exact in any order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions import subscriptions_walk as walked
from desirepath.questions.question import Findings
from desirepath.statistics import Proportion
from desirepath.statistics.ratios import Products

Array = npt.NDArray[Any]

MISSING = "(missing)"
MOVEMENTS = (
    "start", "new", "reactivation", "expansion", "contraction", "churn", "end", "stayed", "passing",
)  # fmt: skip
"""What a customer can be in a bucket; `start` and `end` hold several of the others."""

MONEY = MOVEMENTS[:7]
PROBLEMS = ("unknown", "blank", "again")
KEPT, NET, LOST = range(3)
_LOW = 0xFFFFFFFF

_CODES = {
    "new": walked.NEW,
    "reactivation": walked.REACTIVATION,
    "expansion": walked.EXPANSION,
    "contraction": walked.CONTRACTION,
    "churn": walked.CHURN,
    "passing": walked.PASSING,
}

Kinds = Mapping[tuple[int, int, str], tuple[int, int]]
"""Per bucket, movement and kind: customers, and cents."""


def held_by(values: Mapping[str, Array], movement: str) -> npt.NDArray[np.bool_]:
    """bool[rows]: whether each row is counted under a movement."""
    start, end = values["before_cents"] > 0, values["after_cents"] > 0
    if movement in _CODES:
        return np.asarray(values["movement"] == _CODES[movement])
    return np.asarray({"start": start, "end": end, "stayed": start & end}[movement])


def _summed(buckets: int, bucket: Array, amount: Array) -> Array:
    found = np.zeros(buckets, dtype=np.int64)
    np.add.at(found, bucket, amount)
    return found


@dataclass(frozen=True, eq=False)
class SubscriptionsTally:
    """Sums over rows.

    Attributes
    ----------
    labels, told
        The buckets; per bucket whether it is `over`, still `open`, or not asked for: ``.
    customers, cents
        int64[movements, buckets].
    products
        int64[5, 2, buckets]: squares of what was paid at the start; per rate (kept, net) the products with it and the
        squares; the high and the low 32 bits apart. What was lost whole has its squares for both, in `lost`.
    lost
        int64[2, buckets].
    kinds
        By bucket, movement and kind.
    problems
        int64[problems]: events that do not fit.
    size
        How many rows.
    """

    labels: tuple[str, ...]
    told: tuple[str, ...]
    customers: Array
    cents: Array
    products: Array
    lost: Array
    kinds: Kinds
    problems: Array
    size: int

    @classmethod
    def of(cls, findings: Findings) -> SubscriptionsTally:
        """The sums over some rows."""
        values, labels = findings.values, tuple(map(str, findings.labels["bucket"]))
        bucket, start, end = values["bucket"], values["before_cents"], values["after_cents"]
        many = len(labels)
        inside = {name: held_by(values, name) for name in MOVEMENTS}
        customers = np.array([np.bincount(bucket[inside[name]], minlength=many) for name in MOVEMENTS])
        amounts = {"start": start, "contraction": start - end, "churn": start, "expansion": end - start}
        cents = np.array([_summed(many, bucket[inside[name]], amounts.get(name, end)[inside[name]]) for name in MONEY])
        kept = np.minimum(start, end)
        pairs = ((start, start), (start, kept), (kept, kept), (start, end), (end, end))
        paid = inside["start"]
        products = np.array([_products(many, bucket[paid], one[paid] * two[paid]) for one, two in pairs])
        lost = _products(many, bucket[inside["churn"]], start[inside["churn"]] ** 2)
        return cls(
            labels, tuple(map(str, findings.labels["told"])), customers.astype(np.int64), cents, products, lost,
            _kinds(findings, inside, np.abs(end - start)),
            np.array([int(values[name].sum()) for name in PROBLEMS], dtype=np.int64), len(findings),
        )  # fmt: skip

    def __add__(self, other: SubscriptionsTally) -> SubscriptionsTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        kinds = dict(self.kinds)
        for key, (customers, cents) in other.kinds.items():
            before = kinds.get(key, (0, 0))
            kinds[key] = (before[0] + customers, before[1] + cents)
        return SubscriptionsTally(
            self.labels, self.told, self.customers + other.customers, self.cents + other.cents,
            self.products + other.products, self.lost + other.lost, kinds, self.problems + other.problems,
            self.size + other.size,
        )  # fmt: skip

    def number(self, movement: str, bucket: int) -> int:
        """How many customers a bucket has under a movement."""
        return int(self.customers[MOVEMENTS.index(movement), bucket])

    def money(self, movement: str, bucket: int) -> int:
        """The cents of a movement in a bucket."""
        return int(self.cents[MONEY.index(movement), bucket])

    def of_start(self, rate: int, bucket: int) -> Products:
        """What a rate of the revenue at the start is made of: `KEPT`, `NET` or `LOST`."""
        n, x = self.number("start", bucket), self.money("start", bucket)
        squares = [_whole(each[:, bucket]) for each in self.products]
        if rate == LOST:
            lost = _whole(self.lost[:, bucket])
            return Products(n, x, self.money("churn", bucket), squares[0], lost, lost)
        less = self.money("contraction", bucket) + self.money("churn", bucket)
        y = x - less + (self.money("expansion", bucket) if rate == NET else 0)
        return Products(n, x, y, squares[0], *squares[1 + 2 * rate : 3 + 2 * rate])

    def rates(self) -> Mapping[str, Proportion]:
        """Of the customers at the start of buckets that are over, the share that was lost in them."""
        over = [k for k, how in enumerate(self.told) if how == "over"]
        lost, whole = (sum(self.number(name, k) for k in over) for name in ("churn", "start"))
        return {"stopped paying": Proportion(lost, whole)}


def _products(many: int, bucket: Array, product: Array) -> Array:
    """int64[2, buckets]: sums of products of 63 bits, their high and low halves apart, so that none runs over."""
    return np.array([_summed(many, bucket, product >> 32), _summed(many, bucket, product & _LOW)])


def _whole(halves: Array) -> int:
    return (int(halves[0]) << 32) + int(halves[1])


def _kinds(findings: Findings, inside: Mapping[str, Array], cents: Array) -> Kinds:
    """Customers and cents by bucket, movement and kind of what grew or shrank."""
    if "kind" not in findings.values:
        return {}
    labels, found = findings.labels["kind"], {}
    for movement in ("expansion", "contraction"):
        rows = np.flatnonzero(inside[movement])
        key = findings.values["bucket"][rows].astype(np.int64) * len(labels) + findings.values["kind"][rows]
        keys, place = np.unique(key, return_inverse=True)
        customers, amounts = np.bincount(place, minlength=len(keys)), _summed(len(keys), place, cents[rows])
        for one, number, amount in zip(keys.tolist(), customers.tolist(), amounts.tolist(), strict=True):
            bucket, code = divmod(one, len(labels))
            found[bucket, MOVEMENTS.index(movement), labels[code] or MISSING] = (number, amount)
    return found


__all__ = ["KEPT", "LOST", "MISSING", "MONEY", "MOVEMENTS", "NET", "PROBLEMS", "SubscriptionsTally", "held_by"]
