"""What is to come of contracts that are renewed or end? The shifted-beta-geometric model on the tally's contracts.

A payment is what came in for each period that began, of the contracts of a cohort that still run. Those who were ended,
and whose renewal is still ahead, are in the model among those that run: its share that does not renew has them in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.errors import NotEnoughDataError
from desirepath.questions.lifetime_value_forecast import YEAR_DAYS, Asked, Forecast
from desirepath.questions.lifetime_value_payments import LEAST_OWN, Payments, each_payment, payments_of
from desirepath.questions.lifetime_value_ranges import chance, error_of, told_off, widened
from desirepath.questions.lifetime_value_rows import OVER
from desirepath.questions.lifetime_value_sums import Alike, LifetimeTally
from desirepath.questions.lifetime_value_walk import UNIT
from desirepath.statistics import Estimate, interval_columns, wilson
from desirepath.statistics.buying_fit import Fit, by_delta
from desirepath.statistics.contracts import Contracts, Sbg, fit_sbg

Array = npt.NDArray[Any]

LEAST_CONTRACTS, LEAST_OVER = 100, 30
MOST_RENEWALS = 120
PERIOD_DAYS = {"week": 7.0, "month": YEAR_DAYS / 12, "quarter": YEAR_DAYS / 4, "year": YEAR_DAYS}

ContractTable = dict[str, list[Any]]


def _fit(contracts: Contracts) -> tuple[Sbg, Fit] | Notice:
    if contracts.size < LEAST_CONTRACTS or contracts.over < LEAST_OVER:
        text = f"{contracts.size:,} contracts, of which {contracts.over:,} ended at a renewal, are too few for a "
        return Notice("few_buyers", text + f"forecast: it takes {LEAST_CONTRACTS} and {LEAST_OVER}.")
    try:
        return fit_sbg(contracts)
    except NotEnoughDataError as problem:
        return Notice("no_fit", f"No forecast: {problem.message}")


def _contracts(alike: Alike, first: int) -> Contracts:
    """Contracts of a table whose columns for renewals and state begin at `first`, whatever they pay."""
    few = Alike.of(alike.keys[:, first : first + 2], alike.sums[:, :1])
    return Contracts(few.keys[:, 0], few.keys[:, 1] == OVER, few.sums[:, 0])


def contract_forecast(tally: LifetimeTally, asked: Asked) -> tuple[Forecast, ContractTable]:
    """What is to come by cohort, and a line per renewal."""
    found, paid = Forecast(), payments_of(tally, asked.margin)
    fitted = _fit(_contracts(tally.contracts, 1)) if tally.size else Notice("few_buyers", "")
    if isinstance(fitted, Notice):
        found.notices += [fitted] if tally.size else []
        return found, _table(tally, asked, None, None, paid)
    model, fit = fitted
    found.fits, found.mean_spend = [(model.title, fit)], paid.mean
    _look_ahead(found, tally, asked, model, fit, paid)
    found.notices += paid.notices()
    _hold_out(found, tally, asked)
    return found, _table(tally, asked, model, fit, paid)


def _look_ahead(found: Forecast, tally: LifetimeTally, asked: Asked, model: Sbg, fit: Fit, paid: Payments) -> None:
    cohort, renewals, *_ = tally.contracts.keys.T
    n, cohorts = tally.contracts.sums[:, 0] * paid.runs, len(tally.labels)
    alike, place = np.unique(renewals, return_inverse=True)
    rate = _rate(asked)
    many = max(round(asked.ahead / PERIOD_DAYS[asked.every]), 1)

    def by_cohort(weights: Array) -> Array:
        by = np.bincount(cohort, weights=weights, minlength=cohorts)
        return np.append(by, by.sum())

    def number(values: Sequence[float]) -> Array:
        at = model.at(values)
        plain, worth = (at.payments(alike + 1, each, many)[place] for each in (0.0, rate))
        return np.concatenate([by_cohort(n * plain), by_cohort(n * worth * paid.each)])

    whole, low, high = by_delta(number, [fit])
    plain, worth = (model.variance(alike + 1, each, many)[place] for each in (0.0, rate))
    payments = by_cohort(n * model.payments(alike + 1, rate, many)[place])[:-1]
    variance = by_cohort(n * worth * paid.each**2) + paid.spread(payments)
    reach = chance(np.concatenate([by_cohort(n * plain), variance]), whole)
    sizes = np.tile(np.maximum(np.append(tally.money.many[:, -1], tally.size), 1), 2)
    limits = whole / sizes, low / sizes, high / sizes
    value, low, high = widened(limits, reach) or limits
    found.purchases = value[: cohorts + 1], low[: cohorts + 1], high[: cohorts + 1]
    if paid.known:
        found.value = value[cohorts + 1 :], low[cohorts + 1 :], high[cohorts + 1 :]


def _rate(asked: Asked) -> float:
    """The discount of a period."""
    return float((1 + asked.discount) ** (PERIOD_DAYS[asked.every] / YEAR_DAYS) - 1)


def _hold_out(found: Forecast, tally: LifetimeTally, asked: Asked) -> None:
    """Of the contracts that ran when the time held out began, how many still should, and how many do; and money."""
    if not tally.held or not tally.known_contracts.size:
        return
    renewals, state, more, runs, paid = tally.known_contracts.keys.T
    n, came = tally.known_contracts.sums.T
    fitted = _fit(_contracts(tally.known_contracts, 0))
    if isinstance(fitted, Notice):
        text = f"The last {tally.held} days could not be held out, because before them there was not enough to fit."
        found.notices.append(Notice("no_holdout", text))
        return
    model = fitted[0]
    ran = state != OVER
    share = model.survival(renewals + more) / model.survival(renewals)
    expected = n * share
    each, money = each_payment(paid, renewals + ran, asked.margin), found.value is not None
    payments, variance = _payments_since(model, renewals, more)
    # ends that were known already are among those that the model lets end at the next renewal
    rows = [(str(k), ran & (renewals == k)) for k in range(5)]
    for name, inside in [*rows, ("5 or more", ran & (renewals >= 5)), ("all", ran)]:
        people, still = int(n[inside].sum()), int(n[inside & (runs == 1)].sum())
        worth = float((n * each * payments)[inside].sum()) if money else None
        actual = int(came[inside].sum()) / UNIT * asked.margin
        found.held.append((name, people, float(expected[inside].sum()), still, worth, actual))
    _, _, many, still, worth, actual = found.held[-1]
    told: list[tuple[str, float | None, float, float]] = [
        ("contracts still to run", many, still, math.sqrt(float((expected * (1 - share))[ran].sum()))),
        ("in money", worth, actual, math.sqrt(float((n * each**2 * variance)[ran].sum()))),
    ]
    found.purchases = widened(found.purchases, error_of(*told[0][1:]))
    found.value = widened(found.value, error_of(*told[1 if worth else 0][1:]))
    found.notices += told_off(tally.held, told)


def _payments_since(model: Sbg, renewals: Array, more: Array) -> tuple[Array, Array]:
    """float64[rows] twice: payments expected at so many renewals more, and their variance."""
    mean, variance = np.zeros(len(more)), np.zeros(len(more))
    for many in np.unique(more).tolist():
        inside = more == many
        mean[inside] = model.payments(renewals[inside] + 1, 0.0, many)
        variance[inside] = model.variance(renewals[inside] + 1, 0.0, many)
    return mean, variance


def _table(tally: LifetimeTally, asked: Asked, model: Sbg | None, fit: Fit | None, paid: Payments) -> ContractTable:
    """By renewal: who came to it, who ended there, the share that renewed, and what one before it is worth."""
    _, renewals, state, _ = tally.contracts.keys.T
    n = tally.contracts.sums[:, 0]
    over, most = state == OVER, min(int(renewals.max(initial=0)) + 1, MOST_RENEWALS) if tally.size else 0
    lines = np.arange(1, most + 1)
    came = [int(n[renewals >= k].sum()) for k in lines]
    lost = [int(n[over & (renewals == k)].sum()) for k in lines]
    table: ContractTable = {
        "renewal": lines.tolist(),
        "running_before": [int(n[~over & (renewals == k - 1)].sum()) for k in lines],
        "came_to_it": came,
        "ended": lost,
        **interval_columns("of_came_renewed", [wilson(a - b, a) for a, b in zip(came, lost, strict=True)]),
    }
    nothing = [Estimate(None, None, None, 0, 0.95, "sBG") for _ in lines]
    if model is None or fit is None or not most:
        table |= interval_columns("of_all_expected", nothing)
        return table | {"payments_to_come": [None] * most, "value_to_come": [None] * most}
    limits = by_delta(lambda values: model.at(values).survival(lines), [fit])
    told = [
        Estimate(v, low, min(high, 1.0), fit.n, 0.95, "sBG")
        for v, low, high in zip(*map(np.ndarray.tolist, limits), strict=True)
    ]
    table |= interval_columns("of_all_expected", told)
    discount = _rate(asked)
    payments = model.derl(lines, discount).tolist() if discount > 0 else [None] * most
    table["payments_to_come"] = payments
    each = [_payment_before(paid, renewals == k - 1) for k in lines]
    table["value_to_come"] = [None if a is None or b is None else a * b for a, b in zip(payments, each, strict=True)]
    return table


def _payment_before(paid: Payments, inside: Array) -> float | None:
    """What those pay who run right before a renewal; where they are too few, what all do that run."""
    if not paid.known or int(paid.n[inside & paid.runs].sum()) < LEAST_OWN:
        return paid.mean
    return paid.of(inside & paid.runs)


__all__ = ["contract_forecast"]
