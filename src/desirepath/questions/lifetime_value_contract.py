"""What is to come of contracts that are renewed or end? The shifted-beta-geometric model on the tally's contracts.

A payment is what came in for each period that began. Those who were ended, and whose renewal is still ahead, are in the
model among those that run: its share that does not renew has them in it.
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
from desirepath.questions.lifetime_value_ranges import chance, error_of, told_off, widened
from desirepath.questions.lifetime_value_rows import OVER
from desirepath.questions.lifetime_value_sums import LifetimeTally
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


def _contracts(keys: Array, n: Array) -> Contracts:
    return Contracts(keys[:, 0], keys[:, 1] == OVER, n)


def payment(tally: LifetimeTally, asked: Asked) -> float | None:
    """What came in for each period that began, of which the margin is kept; None where no period began."""
    _, renewals, state = tally.contracts.keys.T
    periods = int((tally.contracts.sums[:, 0] * (renewals + (state != OVER))).sum())
    return tally.money.whole(None, -1) * asked.margin / periods if periods else None


def contract_forecast(tally: LifetimeTally, asked: Asked) -> tuple[Forecast, ContractTable]:
    """What is to come by cohort, and a line per renewal."""
    found, each = Forecast(), payment(tally, asked)
    cohort, renewals, state = tally.contracts.keys.T
    n = tally.contracts.sums[:, 0]
    fitted = _fit(_contracts(tally.contracts.keys[:, 1:], n)) if tally.size else Notice("few_buyers", "")
    if isinstance(fitted, Notice):
        found.notices += [fitted] if tally.size else []
        return found, _table(tally, asked, None, None, each)
    model, fit = fitted
    found.fits, found.mean_spend = [(model.title, fit)], each
    discount = (1 + asked.discount) ** (PERIOD_DAYS[asked.every] / YEAR_DAYS) - 1
    many = max(round(asked.ahead / PERIOD_DAYS[asked.every]), 1)
    runs, cohorts = state != OVER, len(tally.labels)

    def number(values: Sequence[float]) -> Array:
        at = model.at(values)
        parts: list[Array] = []
        for rate in (0.0, discount):
            worth = np.where(runs, n * at.payments(renewals + 1, rate, many), 0.0)
            by = np.bincount(cohort, weights=worth, minlength=cohorts)
            parts += [by, by.sum(keepdims=True)]
        return np.concatenate(parts)

    sizes = np.tile(np.maximum(np.append(tally.money.many[:, -1], tally.size), 1), 2)
    mean, low, high = (part / sizes for part in by_delta(number, [fit]))
    parts = []
    for rate in (0.0, discount):
        by = np.bincount(
            cohort, weights=np.where(runs, n * model.variance(renewals + 1, rate, many), 0.0), minlength=cohorts
        )
        parts.append(np.append(by, by.sum()))
    reach = chance(np.concatenate(parts), mean * sizes)
    value, low, high = widened((mean, low, high), reach) or (mean, low, high)
    found.purchases = value[: cohorts + 1], low[: cohorts + 1], high[: cohorts + 1]
    if each is not None and each > 0:
        found.value = value[cohorts + 1 :] * each, low[cohorts + 1 :] * each, high[cohorts + 1 :] * each
    _hold_out(found, tally)
    return found, _table(tally, asked, model, fit, each)


def _hold_out(found: Forecast, tally: LifetimeTally) -> None:
    """Of the contracts that ran when the time held out began, how many still should, and how many do."""
    if not tally.held or not tally.known_contracts.size:
        return
    renewals, state, more, runs = tally.known_contracts.keys.T
    n = tally.known_contracts.sums[:, 0]
    fitted = _fit(_contracts(tally.known_contracts.keys, n))
    if isinstance(fitted, Notice):
        text = f"The last {tally.held} days could not be held out, because before them there was not enough to fit."
        found.notices.append(Notice("no_holdout", text))
        return
    model = fitted[0]
    ran = state != OVER
    expected = n * model.survival(renewals + more) / model.survival(renewals)
    # ends that were known already are among those that the model lets end at the next renewal
    rows = [(str(k), ran & (renewals == k)) for k in range(5)]
    for name, inside in [*rows, ("5 or more", ran & (renewals >= 5)), ("all", ran)]:
        people, still = int(n[inside].sum()), int(n[inside & (runs == 1)].sum())
        found.held.append((name, people, float(expected[inside].sum()), still, None, 0.0))
    share = np.divide(expected, n, out=np.zeros(len(n)), where=n > 0)
    by_chance = math.sqrt(float((expected * (1 - share))[ran].sum()))
    told = "contracts still to run", found.held[-1][2], found.held[-1][3], by_chance
    found.purchases, found.value = (widened(each, error_of(*told[1:])) for each in (found.purchases, found.value))
    found.notices += told_off(tally.held, [told])


def _table(tally: LifetimeTally, asked: Asked, model: Sbg | None, fit: Fit | None, each: float | None) -> ContractTable:
    """By renewal: who came to it, who ended there, the share that renewed, and what one before it is worth."""
    _, renewals, state = tally.contracts.keys.T
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
    discount = (1 + asked.discount) ** (PERIOD_DAYS[asked.every] / YEAR_DAYS) - 1
    payments = model.derl(lines, discount).tolist() if discount > 0 else [None] * most
    table["payments_to_come"] = payments
    table["value_to_come"] = [None if many is None or each is None else many * each for many in payments]
    return table


__all__ = ["contract_forecast", "payment"]
