"""What is one customer's row, and how do rows become sums? Between the walk over journeys and the tally.

A contract is renewed at the end of each whole period after its first day, and ends at the renewal on or after the day
of the event that ends it. Renewals on the very last day that is known are still ahead.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import JourneyBatch, Matched
from desirepath.journeys.ruler import ruler
from desirepath.questions.activity_walk import buckets_of
from desirepath.questions.lifetime_value_sums import ACCOUNTS, BEFORE, Alike, LifetimeTally, Money, rounded
from desirepath.questions.lifetime_value_walk import (
    AGAIN,
    BEYOND,
    CAL_LAST,
    CAL_PAID,
    CAL_REFUNDED,
    CAL_REPEATS,
    CAL_SPENT,
    CAL_VALUED,
    ENDED,
    FACTS,
    FIRST,
    LAST,
    LATER,
    LATER_TOTAL,
    MISSING,
    PAID,
    PLACE,
    REFUNDED,
    REPEATS,
    SECOND,
    SPENT,
    TOTAL,
    UNIT,
    UNVALUED,
    VALUED,
    walk,
)
from desirepath.questions.question import Findings

Array = npt.NDArray[Any]

ACTIVE, OVER, ENDING = range(3)
STATES = ("active", "ended", "ending")
"""Of a contract: it runs; it ended at a renewal that is past; it was ended, and its renewal is still ahead."""

_ALL_KNOWN = 1 << 40
_LEAST_OBSERVED = 3


def held_days(journeys: JourneyBatch, edges: Array, asked: int | None) -> int:
    """How many days are held out; the last third of what could be observed, if None is asked for."""
    if asked is not None:
        return asked
    begin = max(journeys.period[0], journeys.extent[0])
    first = int(np.searchsorted(edges, begin, side="right")) - 1
    observed = len(edges) - 2 - max(first, 0)
    return observed // 3 if observed >= _LEAST_OBSERVED else 0


def customers(
    journeys: JourneyBatch, every: str, ages: tuple[int, ...], held: int | None, *, contract: bool
) -> Findings:
    """One row per customer whose first purchase ever lies in the period.

    Parameters
    ----------
    journeys
        With `match` (purchases, ends of contracts) and `number`.
    every
        Cohorts, and periods of contracts.
    ages
        In days.
    held
        How many days to hold out; None for the last third.
    contract
        Whether contracts are followed too.
    """
    edges, match = buckets_of(journeys, "day").edges, cast("Matched", journeys.columns["match"])
    today, held = len(edges) - 2, held_days(journeys, edges, held)
    held_from = today - held if held else _ALL_KNOWN
    journey = np.empty(len(journeys), dtype=np.int64)
    facts = np.empty((len(journeys), FACTS), dtype=np.int64)
    by_age = np.empty((len(journeys), 1 + len(ages)), dtype=np.int64)
    number = np.asarray(journeys.columns["number"], dtype=np.float64)
    reached = np.array([0, *ages], dtype=np.int64)
    many = walk(
        journeys.starts, journeys.time, match.codes, match.bits, number, ruler(edges), reached,
        held_from, *journeys.period, journey, facts, by_age,
    )  # fmt: skip
    journey, facts, by_age = journey[:many], facts[:many], by_age[:many]
    cohorts = buckets_of(journeys, every).edges
    values: dict[str, Array] = {
        "cohort": np.searchsorted(cohorts, journeys.time[facts[:, PLACE]], side="right") - 1,
        "purchases": facts[:, REPEATS] + 1,
        "last_after_days": facts[:, LAST],
        "seen_days": today - facts[:, FIRST],
        "brought_in": facts[:, TOTAL] / UNIT,
        "started_at": journeys.time[facts[:, PLACE]],
        "facts": facts,
        "by_age": by_age,
    }
    labels = journeys.calendar.labels(cohorts, every)
    told: dict[str, list[str | None]] = {"cohort": [*labels], "held": [str(held)]}
    if contract:
        day = np.datetime64(journeys.calendar.label(int(edges[0]), "day")) + np.arange(len(edges) - 1)
        values |= _contracts(facts, day, today, held, every)
        told["state"] = [*STATES]
    return Findings(journey, values, {"entry": facts[:, PLACE]}, told)


def _whole(day: Array, begin: Array, end: Array, every: str) -> Array:
    """int64[k]: how many whole periods lie between two days; none where the second is earlier."""
    end = np.maximum(begin, end)
    if every == "week":
        return np.asarray((end - begin) // 7)
    one, two = day[begin], day[end]
    month_one, month_two = one.astype("datetime64[M]"), two.astype("datetime64[M]")
    opens = month_two.astype("datetime64[D]")
    # in a month that is too short for the day of the first one, the last day takes its place
    last = (month_two + 1).astype("datetime64[D]") - opens - 1
    late = (two - opens) < np.minimum(one - month_one.astype("datetime64[D]"), last)
    months = (month_two - month_one).astype(np.int64) - late
    return np.asarray(months // {"month": 1, "quarter": 3, "year": 12}[every])


def _state(first: Array, ended: Array, day: Array, until: Array, every: str) -> tuple[Array, Array]:
    """int64[k] renewals and int64[k] states as they stand at the end of a day."""
    possible = _whole(day, first, until - 1, every)
    at = _whole(day, first, np.maximum(ended, first) - 1, every) + 1
    known = (ended >= 0) & (ended <= until)
    state = np.where(known, np.where(at <= possible, OVER, ENDING), ACTIVE)
    return np.where(state == OVER, at, possible), state


def _contracts(facts: Array, day: Array, today: int, held: int, every: str) -> dict[str, Array]:
    first, ended = facts[:, FIRST], facts[:, ENDED]
    renewals, state = _state(first, ended, day, np.full(len(first), today), every)
    then = np.maximum(np.full(len(first), today - held), first)
    renewals_then, state_then = _state(first, ended, day, then, every)
    possible = _whole(day, first, np.full(len(first), today - 1), every)
    known = np.column_stack([renewals_then, state_then, possible - renewals_then, state != OVER, first <= today - held])
    return {"renewals": renewals, "state": state, "known": known}


def tally_of(findings: Findings, ages: tuple[int, ...]) -> LifetimeTally:
    """Sum customers up."""
    values, labels = findings.values, tuple(map(str, findings.labels["cohort"]))
    held = int(findings.labels["held"][0] or 0)
    facts, cohort, seen = values["facts"], values["cohort"], values["seen_days"]
    ones = np.ones(len(facts), dtype=np.int64)
    money = np.column_stack([values["by_age"], facts[:, TOTAL]])
    old = np.column_stack([seen[:, None] >= np.array([0, *ages]), np.ones(len(facts), dtype=np.bool_)])
    second = facts[:, SECOND][:, None]
    soon = (second > 0) & (second <= np.array(ages)) & old[:, 1:-1]
    buying = np.column_stack([cohort, facts[:, REPEATS], facts[:, LAST], seen, facts[:, VALUED]])
    spent, known = facts[facts[:, VALUED] > 0], facts[seen >= held] if held else facts[:0]
    known_seen = (seen - held)[seen >= held] if held else seen[:0]
    spent_then = known[known[:, CAL_VALUED] > 0]
    many = len(known)
    return LifetimeTally(
        labels,
        held,
        ages,
        len(facts),
        Money.of(cohort, money, old, len(labels)),
        np.bincount(cohort[facts[:, REPEATS] > 0], minlength=len(labels)),
        np.column_stack([soon.sum(axis=0), old[:, 1:-1].sum(axis=0)]),
        Alike.of(buying, np.column_stack([ones, facts[:, SPENT]])),
        Alike.of(spent[:, [VALUED, SPENT]], ones[: len(spent), None]),
        Alike.of(
            np.column_stack([known[:, CAL_REPEATS], known[:, CAL_LAST], known_seen, known[:, CAL_VALUED]]),
            np.column_stack([ones[:many], known[:, CAL_SPENT], known[:, LATER], known[:, LATER_TOTAL]]),
        ),
        Alike.of(spent_then[:, [CAL_VALUED, CAL_SPENT]], ones[: len(spent_then), None]),
        *_contract_sums(findings, ones),
        _accounts(facts),
        _before(known),
    ).bounded()


def _contract_sums(findings: Findings, ones: Array) -> tuple[Alike, Alike]:
    values, facts = findings.values, findings.values["facts"]
    if "state" not in values:
        return tuple(Alike.of(np.zeros((0, k), np.int64), np.zeros((0, k - 3), np.int64)) for k in (4, 5))  # type: ignore[return-value]
    rows = np.column_stack([values["cohort"], values["renewals"], values["state"], facts[:, PAID]])
    known = values["known"][:, 4] > 0
    then = np.column_stack([values["known"][:, :4], facts[:, CAL_PAID]])[known]
    since = (facts[:, PAID] - facts[:, CAL_PAID])[known]
    return Alike.of(rows, ones[:, None]), Alike.of(then, np.column_stack([ones[: len(then)], since]))


def _accounts(facts: Array) -> Array:
    columns = {
        "repeats": REPEATS,
        "with_money": VALUED,
        "refunded": REFUNDED,
        "missing": MISSING,
        "unvalued": UNVALUED,
        "again": AGAIN,
        "beyond": BEYOND,
    }
    return np.array([int(facts[:, columns[name]].sum()) for name in ACCOUNTS], dtype=object)


def _before(known: Array) -> Array:
    columns = {
        "repeats": known[:, CAL_REPEATS],
        "with_money": known[:, CAL_VALUED],
        "refunded": known[:, CAL_REFUNDED],
        "money": known[:, TOTAL] - known[:, LATER_TOTAL],
    }
    return np.array([int(columns[name].sum()) for name in BEFORE], dtype=object)


def bought_alike(findings: Findings, *, approximate: bool) -> tuple[Array, Array, Array]:
    """int64[rows] three times: repeats, how long after the first the last was, and how long they were seen."""
    facts = findings.values["facts"]
    found = facts[:, REPEATS], facts[:, LAST], findings.values["seen_days"]
    return tuple(rounded(each) for each in found) if approximate else found  # type: ignore[return-value]


__all__ = ["ACTIVE", "ENDING", "OVER", "STATES", "bought_alike", "customers", "tally_of"]
