"""How is the value of customers told? Sums and what the models say become tables, words and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desirepath.answers.answer import Notice
from desirepath.answers.value_charts import curve_chart, value_chart
from desirepath.answers.words import count
from desirepath.questions.lifetime_value_contract import contract_forecast
from desirepath.questions.lifetime_value_forecast import Asked, Forecast, forecast_of
from desirepath.questions.lifetime_value_ranges import Limits, bias, missing
from desirepath.questions.lifetime_value_rows import STATES
from desirepath.questions.lifetime_value_sums import LifetimeTally
from desirepath.questions.lifetime_value_walk import MOST, UNIT
from desirepath.questions.question import Report
from desirepath.statistics import Estimate, Proportion, interval_columns

ALL = "all"
_NOTHING = Estimate(None, None, None, 0, 0.95, "mean")

Table = dict[str, list[Any]]
Lines = list[tuple[str, int | None]]
"""Names of lines, and their cohorts; all of them is None."""


def lifetime_report(tally: LifetimeTally, asked: Asked, purchase: str) -> Report:
    """Say what customers brought in, and what is to come."""
    contracts: Mapping[str, Table] = {}
    if asked.model == "contract":
        found, table = contract_forecast(tally, asked)
        contracts = {"contracts": table}
    else:
        found = forecast_of(tally, asked)
    lines: Lines = [(label, k) for k, label in enumerate(tally.labels) if tally.money.many[k, -1]]
    lines = [*lines, (ALL, None)] if tally.size else []
    main = _main(tally, asked, found, lines)
    extras = {
        "curve": _curve(tally, asked, lines),
        "model": _model(found),
        "holdout": _holdout(found),
        "alive": _alive(found, tally),
        "checks": _checks(tally, found),
        **contracts,
    }
    words = _words(tally, asked, found, main, purchase)
    charts = [value_chart(), curve_chart()] if lines else []
    return Report(main, extras, words=words, notices=[*found.notices, *_notices(tally, main)], charts=charts)


def _scaled(estimate: Estimate, by: float) -> Estimate:
    value, low, high = (None if each is None else each * by for each in (estimate.value, estimate.low, estimate.high))
    return replace(estimate, value=value, low=low, high=high)


def _at(tally: LifetimeTally, asked: Asked, cohort: int | None, column: int) -> Estimate:
    """What customers had brought in, on average; nothing where no amount is known, or a cohort is not that old yet."""
    many, whole = tally.money.many, tally.money.many[:, -1]
    young = cohort is not None and many[cohort, column] < whole[cohort]
    if young or not _has_money(tally):
        return _NOTHING
    return _scaled(tally.money.each(cohort, column), asked.margin)


def _has_money(tally: LifetimeTally) -> bool:
    return bool(tally.money.squares[:, -1].sum() or tally.account("refunded"))


def _to_come(limits: Limits | None, cohort: int | None) -> Estimate:
    if limits is None:
        return _NOTHING
    value, low, high = (float(part[-1 if cohort is None else cohort]) for part in limits)
    return Estimate(value, low, high, 0, 0.95, "delta")


def _main(tally: LifetimeTally, asked: Asked, found: Forecast, lines: Lines) -> Table:
    people = [int(tally.money.many[:, -1].sum() if k is None else tally.money.many[k, -1]) for _, k in lines]
    table: Table = {
        "cohort": [name for name, _ in lines],
        "people": people,
        "repeaters": [int(tally.repeaters.sum() if k is None else tally.repeaters[k]) for _, k in lines],
    }
    if asked.model == "contract":
        cohort, _, state, _ = tally.contracts.keys.T
        for place, name in enumerate(STATES):
            inside = [(state == place) & ((cohort == k) if k is not None else True) for _, k in lines]
            table[name] = [int(tally.contracts.sums[each, 0].sum()) for each in inside]
    for column, age in enumerate(tally.ages, start=1):
        table |= interval_columns(f"by_{age}_days", [_at(tally, asked, k, column) for _, k in lines])
    known = _has_money(tally)
    so_far = [_at(tally, asked, k, -1) for _, k in lines]
    to_come = [_to_come(found.value, k) for _, k in lines]
    table["brought_in"] = [tally.money.whole(k, -1) * asked.margin if known else None for _, k in lines]
    table |= interval_columns("so_far", so_far)
    table |= interval_columns("purchases_to_come", [_to_come(found.purchases, k) for _, k in lines])
    table |= interval_columns("to_come", to_come)
    whole = [_together(one, two) for one, two in zip(so_far, to_come, strict=True)]
    return table | interval_columns("lifetime", whole)


def _together(so_far: Estimate, to_come: Estimate) -> Estimate:
    """What came is known of these customers; only what is to come is not sure."""
    known = so_far.value
    if known is None or to_come.value is None or to_come.low is None or to_come.high is None:
        return _NOTHING
    return Estimate(known + to_come.value, known + to_come.low, known + to_come.high, so_far.n, 0.95, "delta")


def _curve(tally: LifetimeTally, asked: Asked, lines: Lines) -> Table:
    points = [(name, k, column, age) for name, k in lines for column, age in enumerate((0, *tally.ages))]
    many = tally.money.many
    return {
        "cohort": [name for name, _, _, _ in points],
        "age_days": [age for *_, age in points],
        "people": [int(many[:, column].sum() if k is None else many[k, column]) for _, k, column, _ in points],
        **interval_columns("brought_in", [_at(tally, asked, k, column) for _, k, column, _ in points]),
    }


def _model(found: Forecast) -> Table:
    rows = [
        (title, name, each, fit)
        for title, fit in found.fits
        for name, each in zip(fit.names, fit.estimates(), strict=True)
    ]
    return {
        "model": [title for title, *_ in rows],
        "parameter": [name for _, name, _, _ in rows],
        **interval_columns("value", [each for _, _, each, _ in rows]),
        "log_likelihood": [fit.log_likelihood for *_, fit in rows],
        "people": [fit.n for *_, fit in rows],
    }


def _holdout(found: Forecast) -> Table:
    return {
        "repeats": [row[0] for row in found.held],
        "people": [row[1] for row in found.held],
        "expected": [row[2] for row in found.held],
        "actual": [row[3] for row in found.held],
        "of_expected_missing": [missing(row[2], row[3]) for row in found.held],
        "of_actual_off": [bias(row[2], row[3]) for row in found.held],
        "expected_value": [row[4] for row in found.held],
        "actual_value": [None if row[4] is None else row[5] for row in found.held],
        "of_expected_value_missing": [missing(row[4], row[5]) for row in found.held],
        "of_actual_value_off": [bias(row[4], row[5]) for row in found.held],
    }


def _alive(found: Forecast, tally: LifetimeTally) -> Table:
    shares = [Proportion(row[1], tally.size).estimate() for row in found.alive]
    return {
        "alive": [row[0] for row in found.alive],
        "people": [row[1] for row in found.alive],
        **interval_columns("of_people", shares),
        "repeaters": [row[2] for row in found.alive],
        "purchases_to_come": [row[3] for row in found.alive],
        "value_to_come": [row[4] for row in found.alive],
    }


def _checks(tally: LifetimeTally, found: Forecast) -> Table:
    """What else one must know to trust a forecast."""
    rows: list[tuple[str, float | None]] = [
        ("days of purchases after the first", float(tally.account("repeats"))),
        ("share of them with an amount", tally.shares.valued if tally.account("repeats") else None),
        ("money refunded", tally.account("refunded") / UNIT),
        ("share of money not refunded", tally.shares.kept if _has_money(tally) else None),
        ("correlation of how often and how much", found.correlation),
        ("mean amount", found.mean_spend),
        ("days held out", float(tally.held)),
    ]
    return {"what": [name for name, _ in rows], "value": [value for _, value in rows]}


def _number(value: float | None) -> str:
    return "not enough data" if value is None else f"{value:,.2f}"


def _between(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _number(estimate.value)
    return f"{_number(estimate.value)} (95 % interval {_number(estimate.low)} to {_number(estimate.high)})"


def _words(tally: LifetimeTally, asked: Asked, found: Forecast, main: Table, purchase: str) -> list[str]:
    if not tally.size:
        return [f"Nobody had a first {purchase} in this period."]
    again = Proportion(main["repeaters"][-1], tally.size).estimate().value or 0.0
    said = [f"{count(tally.size)} had their first {purchase}; {100 * again:.1f} % of them came on a second day."]
    so_far = _at(tally, asked, None, -1)
    if so_far.value is not None:
        said.append(f"So far they brought in {_between(so_far)} each.")
    to_come = _to_come(found.value, None)
    if to_come.value is not None:
        said.append(f"Within {asked.ahead} days more an estimated {_between(to_come)} each is to come, discounted.")
    if found.held:
        _, _, expected, actual, _, _ = found.held[-1]
        what = "contracts still to run" if asked.model == "contract" else "purchases"
        said.append(
            f"Of the last {tally.held} days, held out, the model expected {expected:,.0f} {what}, and there were "
            f"{actual:,}."
        )
    return said


def _notices(tally: LifetimeTally, main: Table) -> list[Notice]:
    found = []
    unvalued, missing, refunded = (tally.account(name) for name in ("unvalued", "missing", "refunded"))
    if tally.size and not _has_money(tally):
        found.append(Notice("no_amounts", "No purchase has an amount above zero, so that only purchases are told."))
    elif unvalued:
        text = f"{unvalued:,} days of purchases are without money ({missing:,} purchases have no amount); they count "
        found.append(Notice("without_money", text + "as purchases, and not towards the model of amounts."))
    if tally.account("beyond"):
        text = f"{tally.account('beyond'):,} amounts are beyond {MOST:,.0f} and cannot be read; they count as no money."
        found.append(Notice("unreadable_amounts", text))
    if refunded:
        text = f"{refunded / UNIT:,.2f} was refunded; it is taken off what was brought in, and off the forecast in "
        found.append(Notice("refunded", text + "the share that it has had so far."))
    young = [age for age in tally.ages if any(value is None for value in main[f"by_{age}_days"])]
    if young and _has_money(tally):
        text = f"Where not the whole cohort is {young[0]} days old or more, what it brought in by then is left empty; "
        found.append(Notice("immature", text + "the line for all is over those who are."))
    if tally.approximate:
        text = "Days and amounts are rounded down for the models, because there are many customers; at most 0.8 % off."
        found.append(Notice("rounded_customers", text))
    if tally.account("again"):
        text = f"{tally.account('again'):,} bought after their contract had ended; they count as ended."
        found.append(Notice("began_again", text))
    return found


__all__ = ["lifetime_report"]
