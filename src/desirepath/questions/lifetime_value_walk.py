"""What did each customer buy, and when? One walk over each journey, in days of the calendar and whole parts of money.

Purchases of one day are one. An amount below zero is a refund: it takes from what was brought in, and is no purchase.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.journeys.ruler import Ruler, bucket_at

Array = npt.NDArray[Any]

UNIT = 10_000
"""Amounts are added up in ten-thousandths, as whole numbers, so that sums do not depend on their order."""

MOST = 1e12
"""An amount beyond it, either way, cannot be read: it counts as no money."""

(
    PLACE, FIRST, REPEATS, LAST, VALUED, SPENT, TOTAL, REFUNDED, MISSING, UNVALUED, SECOND, ENDED, AGAIN,
    CAL_REPEATS, CAL_LAST, CAL_VALUED, CAL_SPENT, LATER, LATER_TOTAL, CAL_REFUNDED, BEYOND,
    PAID, CAL_PAID,
) = range(23)  # fmt: skip
"""Columns of facts.

The event of the first purchase, and its day; on how many days more they bought, and how long after the first the last
one was; on how many of those days any money was spent, and how much; all money less refunds, and the refunds; purchases
without an amount, and days of purchases on which no money was spent; how long after the first the second day was (-1:
none); the day on which a contract ended (-1: none), and whether they bought after that. The same up to the day at which
the time held out begins; on how many days they bought in it, and all its money; what was refunded
before; amounts that cannot be read. All money of the first day and of those before the last, and before the last that
is not held out.
"""

FACTS = 23


@kernel
def close_day(row: Array, since: int, money: int, known: int) -> None:
    """Count the money of a day that is over; `known` is how long after the first the time held out begins."""
    if money <= 0:
        row[UNVALUED] += 1
    elif since > 0:
        row[VALUED] += 1
        row[SPENT] += money
        if since <= known:
            row[CAL_VALUED] += 1
            row[CAL_SPENT] += money


@kernel
def open_day(row: Array, since: int, known: int) -> None:
    """Count a day of purchases after the first."""
    row[REPEATS] += 1
    row[LAST] = since
    if row[SECOND] < 0:
        row[SECOND] = since
    if since <= known:
        row[CAL_REPEATS] += 1
        row[CAL_LAST] = since
    else:
        row[LATER] += 1


@kernel
def _begin(row: Array) -> None:
    for k in range(FACTS):
        row[k] = 0
    row[SECOND] = -1
    row[ENDED] = -1
    row[FIRST] = -1


@kernel
def amount_of(number: float) -> int:
    """Ten-thousandths; nothing where there is no number, or one that cannot be read."""
    return int(np.rint(number * UNIT)) if abs(number) <= MOST else 0


@kernel
def add(row: Array, by_age: Array, ages: Array, since: int, known: int, left: int, amount: int) -> None:
    """Add an amount so many days after the first purchase; the last day is `left` days after it."""
    row[TOTAL] += amount
    if since == 0 or since < left:
        row[PAID] += amount
    if since == 0 or since < known:
        row[CAL_PAID] += amount
    if since > known:
        row[LATER_TOTAL] += amount
    for k in range(len(ages)):
        if since <= ages[k]:
            by_age[k] += amount


@kernel
def give_back(row: Array, since: int, known: int, amount: int) -> None:
    """Count a refund, an amount that is not above zero."""
    row[REFUNDED] -= amount
    if since <= known:
        row[CAL_REFUNDED] -= amount


@kernel
def walk(
    starts: Array, time: Array, match: Array, bits: Array, number: Array, ruler: Ruler, ages: Array, held_from: int,
    begin: int, end: int, journey: Array, facts: Array, by_age: Array,
) -> int:  # fmt: skip
    """One row per journey whose first purchase lies in the period; return how many.

    `match` has bit 0 where an event is a purchase and bit 1 where it ends a contract; `held_from` is the last day that
    is not held out. `by_age` int64[rows, ages] takes the money up to each age.
    """
    r, last = 0, len(ruler.edges) - 1
    until = ruler.edges[last]
    for p in range(len(starts) - 1):
        row = facts[r]
        _begin(row)
        by_age[r, :] = 0
        today, money, early = -1, 0, 0
        for i in range(starts[p], starts[p + 1]):
            what = bits[match[i]] & 3
            if what == 0:
                continue
            if time[i] >= until:
                break
            day = bucket_at(ruler, time[i])
            if what & 1:
                amount = amount_of(number[i])
                row[BEYOND] += abs(number[i]) > MOST
                back = amount < 0 or number[i] < -MOST
                if row[FIRST] < 0:
                    if back:
                        early += amount
                        continue
                    if not begin <= time[i] < end:
                        break
                    journey[r] = p
                    row[PLACE], row[FIRST] = i, day
                    today = day
                since = day - row[FIRST]
                known = held_from - row[FIRST]
                if back:
                    give_back(row, since, known, amount)
                else:
                    if np.isnan(number[i]):
                        row[MISSING] += 1
                    if day != today:
                        close_day(row, today - row[FIRST], money, known)
                        open_day(row, since, known)
                        today, money = day, 0
                    if row[ENDED] >= 0:
                        row[AGAIN] = 1
                    money += amount
                add(row, by_age[r], ages, since, known, last - 1 - row[FIRST], amount)
            if what & 2 and row[FIRST] >= 0 and i > row[PLACE] and row[ENDED] < 0:
                row[ENDED] = day
        if row[FIRST] < 0:
            continue
        close_day(row, today - row[FIRST], money, held_from - row[FIRST])
        give_back(row, 0, 0, early)
        add(row, by_age[r], ages, 0, 0, 0, early)
        r += 1
    return r


__all__ = ["FACTS", "MOST", "UNIT", "walk"]
