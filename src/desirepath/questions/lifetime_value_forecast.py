"""What is to come of customers who never say goodbye? Models are fitted to the tally, refused, and held out against.

Nothing is forecast from fewer than a hundred customers or thirty who bought again, no money where those who buy more
often spend more (or less) each time, and nothing where the likelihood has no clear maximum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.errors import NotEnoughDataError
from desirepath.questions.lifetime_value_ranges import Limits, chance, error_of, told_off, widened
from desirepath.questions.lifetime_value_sums import Alike, LifetimeTally
from desirepath.questions.lifetime_value_walk import UNIT
from desirepath.statistics.buying import Buyers, BuyingModel, fit_bg_nbd
from desirepath.statistics.buying_fit import Fit, by_delta
from desirepath.statistics.buying_money import GammaGamma, Spenders, fit_gamma_gamma
from desirepath.statistics.buying_pareto import fit_pareto_nbd

Array = npt.NDArray[Any]
LEAST_CUSTOMERS, LEAST_REPEATERS = 100, 30
MOST_CORRELATED = 0.3
YEAR_DAYS = 365.25
BANDS = tuple(f"{10 * k} to {10 * k + 10} %" for k in range(10))
FREQUENT = 5
"""So many repeats and more are one line of the time held out."""

_STEP_DAYS = 30


@dataclass(frozen=True)
class Asked:
    """What is asked of a model: its name, days ahead, discount a year, margin, and the periods of contracts."""

    model: str
    ahead: int
    discount: float
    margin: float
    every: str

    def steps(self) -> list[tuple[float, float]]:
        """Moments ahead in days, and by how much money that comes up to each is discounted; about a month apart."""
        many = min(max(round(self.ahead / _STEP_DAYS), 1), 60)
        ends = [self.ahead * k / many for k in range(1, many + 1)]
        middle = self.ahead / many / 2
        return [(end, (1 + self.discount) ** (-(end - middle) / YEAR_DAYS)) for end in ends]


@dataclass
class Forecast:
    """What the models say.

    Attributes
    ----------
    fits
        Each model's title and fit.
    purchases, value
        To come, by cohort; None where it is refused.
    alive
        By chance of still buying: customers, those of them who bought again, purchases and value to come.
    held
        Rows by number of repeats: customers, expected and actual purchases, expected and actual value.
    correlation
        Between how often and how much.
    mean_spend
        Expected of a purchase of a customer of whom nothing is known.
    """

    fits: list[tuple[str, Fit]] = field(default_factory=list)
    purchases: Limits | None = None
    value: Limits | None = None
    alive: list[tuple[str, int, int, float, float | None]] = field(default_factory=list)
    held: list[tuple[str, int, float, int, float | None, float]] = field(default_factory=list)
    correlation: float | None = None
    mean_spend: float | None = None
    notices: list[Notice] = field(default_factory=list)


def _buyers(alike: Alike, first: int) -> Buyers:
    """Customers of a table whose columns for repeats, last and age begin at `first`."""
    x, last, seen = alike.keys[:, first : first + 3].T
    return Buyers.of(x, last, seen, alike.sums[:, 0])


def _fit_buying(buyers: Buyers, asked: Asked) -> tuple[BuyingModel, Fit] | Notice:
    if buyers.size < LEAST_CUSTOMERS or buyers.repeaters < LEAST_REPEATERS:
        text = (
            f"{buyers.size:,} customers, of whom {buyers.repeaters:,} bought again, are too few for a forecast: it "
            f"takes {LEAST_CUSTOMERS} and {LEAST_REPEATERS}."
        )
        return Notice("few_buyers", text)
    ways: dict[str, Callable[[Buyers], tuple[BuyingModel, Fit]]] = {"bg_nbd": fit_bg_nbd, "pareto_nbd": fit_pareto_nbd}
    reasons = []
    for name in ways if asked.model == "auto" else [asked.model]:
        try:
            return ways[name](buyers)
        except NotEnoughDataError as problem:
            reasons.append(problem.message)
    return Notice("no_fit", f"No forecast: {reasons[0]}")


def _fit_money(alike: Alike) -> tuple[GammaGamma, Fit] | Notice:
    spenders = Spenders.of(alike.keys[:, 0], alike.keys[:, 1] / UNIT, alike.sums[:, 0])
    if spenders.size < LEAST_REPEATERS:
        text = f"Amounts of {spenders.size:,} customers who bought again are too few to forecast money: it takes "
        return Notice("few_amounts", text + f"{LEAST_REPEATERS}.")
    related = spenders.correlation()
    if related is not None and abs(related) >= MOST_CORRELATED:
        text = (
            f"How often customers buy and how much they spend each time go together (correlation {related:.2f}); the "
            f"model of amounts takes them to be independent, so that money is not forecast from {MOST_CORRELATED} on."
        )
        return Notice("spend_follows_frequency", text)
    try:
        return fit_gamma_gamma(spenders)
    except NotEnoughDataError as problem:
        return Notice("no_fit_of_amounts", f"No forecast of money: {problem.message}")


def alive_model(tally: LifetimeTally, asked: Asked) -> BuyingModel | None:
    """The model that says who still buys; None where it is refused or not asked for."""
    if asked.model in ("contract", "none"):
        return None
    found = _fit_buying(_buyers(tally.buying, 1), asked)
    return None if isinstance(found, Notice) else found[0]


def band_of(alive: Array) -> Array:
    """int64[k]: the place in `BANDS` of each chance of still buying."""
    return np.minimum((alive * len(BANDS)).astype(np.int64), len(BANDS) - 1)


def _pairs(x: Array, seen: Array) -> tuple[Array, Array, Array]:
    """The different pairs of repeats and age, and which of them each row has: what is costly depends on them alone."""
    pairs, place = np.unique(x.astype(np.int64) << 32 | seen.astype(np.int64), return_inverse=True)
    return (pairs >> 32).astype(np.float64), (pairs & 0xFFFFFFFF).astype(np.float64), place


def _worth(model: BuyingModel, asked: Asked, x: Array, seen: Array) -> tuple[Array, Array]:
    """Purchases to come of one who still buys, and the same discounted; each pair of repeats and age once."""
    many, age, place = _pairs(x, seen)
    before, worth = np.zeros(len(many)), np.zeros(len(many))
    for end, discounted in asked.steps():
        upto = np.maximum(model.if_alive(end, many, age), before)
        worth += discounted * (upto - before)
        before = upto
    return before[place], worth[place]


def forecast_of(tally: LifetimeTally, asked: Asked) -> Forecast:
    """Fit the models, and say what is to come by cohort."""
    found = Forecast()
    if asked.model == "none" or not tally.size:
        return found
    buying = _fit_buying(_buyers(tally.buying, 1), asked)
    if isinstance(buying, Notice):
        found.notices.append(buying)
        return found
    money = _fit_money(tally.spending)
    if isinstance(money, Notice):
        found.notices.append(money)
    else:
        found.mean_spend = money[0].mean
    spenders = Spenders.of(tally.spending.keys[:, 0], tally.spending.keys[:, 1] / UNIT, tally.spending.sums[:, 0])
    found.correlation = spenders.correlation()
    fitted: list[tuple[Any, Fit]] = [buying, *([] if isinstance(money, Notice) else [money])]
    found.fits = [(model.title, fit) for model, fit in fitted]
    _look_ahead(found, tally, asked, [model for model, _ in fitted])
    _hold_out(found, tally, asked)
    return found


def _look_ahead(found: Forecast, tally: LifetimeTally, asked: Asked, models: Sequence[Any]) -> None:
    cohort, x, last, seen, valued = tally.buying.keys.T
    n, spent = tally.buying.sums.T
    factor = tally.shares.valued * tally.shares.kept * asked.margin
    cohorts = len(tally.labels)
    buying, split = models[0], len(models[0].names)

    def rows(values: Sequence[float]) -> tuple[Array, Array, Array | None]:
        model = type(buying).at(values[:split])
        alive, (many, worth) = model.alive(x, last, seen), _worth(model, asked, x, seen)
        amounts = models[1].at(values[split:]).expected(valued, spent / UNIT, n) if len(models) > 1 else None
        return alive, n * alive * many, None if amounts is None else alive * worth * amounts * factor

    def number(values: Sequence[float]) -> Array:
        _, purchases, value = rows(values)
        sums = [np.bincount(cohort, weights=each, minlength=cohorts) for each in (purchases, value) if each is not None]
        return np.concatenate([part for each in sums for part in (each, [each.sum()])])

    sizes = np.append(tally.money.many[:, -1], tally.size)
    limits = [
        part / np.tile(np.maximum(sizes, 1), len(models)) for part in by_delta(number, [f for _, f in found.fits])
    ]
    mean, low, high = limits
    found.purchases = mean[: cohorts + 1], low[: cohorts + 1], high[: cohorts + 1]
    if len(models) > 1:
        found.value = mean[cohorts + 1 :], low[cohorts + 1 :], high[cohorts + 1 :]
    _let_chance_in(found, tally, asked, models)
    alive, purchases, value = rows([number for _, fit in found.fits for number in fit.values])
    band = band_of(alive)
    for k, name in enumerate(BANDS):
        inside = band == k
        worth = None if value is None else float(value[inside].sum())
        people, again = int(n[inside].sum()), int(n[inside & (x > 0)].sum())
        found.alive.append((name, people, again, float(purchases[inside].sum()), worth))


def _variances(models: Sequence[Any], alike: Alike, first: int, ahead: float, share: float) -> list[Array]:
    """float64[rows] of purchases, and of money before what is taken off it, from one customer to the next; at most."""
    x, last, seen, valued = alike.keys[:, first : first + 4].T
    n, spent = alike.sums[:, 0], alike.sums[:, 1]
    many, age, place = _pairs(x, seen)
    alive = models[0].alive(x, last, seen)
    mean = alive * models[0].if_alive(ahead, many, age)[place]
    square = alive * models[0].square_if_alive(ahead, many, age)[place]
    found = [mean + square - mean * mean]
    if len(models) > 1:
        found.append(models[1].variance(mean * share, square * share**2, valued, spent / UNIT / n))
    return [np.maximum(each, 0.0) * n for each in found]


def _let_chance_in(found: Forecast, tally: LifetimeTally, asked: Asked, models: Sequence[Any]) -> None:
    """Widen intervals by what chance does to a mean over as many customers as a cohort has."""
    sizes = np.maximum(np.append(tally.money.many[:, -1], tally.size), 1)
    told = [(found.purchases, 1.0), (found.value, tally.shares.kept * asked.margin)]
    ready = []
    variances = _variances(models, tally.buying, 1, asked.ahead, tally.shares.valued)
    for (limits, factor), variance in zip(told, variances, strict=False):
        by = np.bincount(tally.buying.keys[:, 0], weights=variance * factor**2, minlength=len(tally.labels))
        known = limits or (np.zeros(0),) * 3
        ready.append(widened(limits, chance(np.append(by, by.sum()), known[0] * sizes)))
    found.purchases, found.value = (*ready, None)[:2]


def _hold_out(found: Forecast, tally: LifetimeTally, asked: Asked) -> None:
    if not tally.held:
        return
    buying = _fit_buying(_buyers(tally.known, 0), asked)
    if isinstance(buying, Notice):
        text = f"The last {tally.held} days could not be held out, because before them there was not enough to fit."
        found.notices.append(Notice("no_holdout", text))
        return
    money = _fit_money(tally.known_spending)
    x, last, seen, valued = tally.known.keys.T
    n, spent, later, later_total = tally.known.sums.T
    each = buying[0].expected(float(tally.held), x, last, seen)
    value, shares = None, tally.shares_before
    kept = shares.kept * asked.margin
    if not isinstance(money, Notice) and found.value is not None:
        value = each * money[0].expected(valued, spent / UNIT, n) * shares.valued * kept
    groups = [(str(k), x == k) for k in range(FREQUENT)]
    groups += [(f"{FREQUENT} or more", x >= FREQUENT), ("all", x >= 0)]
    for name, inside in groups:
        worth = None if value is None else float(value[inside].sum())
        actual = int(later_total[inside].sum()) / UNIT * asked.margin
        expected = float((n * each)[inside].sum())
        found.held.append((name, int(n[inside].sum()), expected, int(later[inside].sum()), worth, actual))
    _, _, purchases, came, amount, brought = found.held[-1]
    models = [buying[0], *([] if value is None or isinstance(money, Notice) else [money[0]])]
    variances = _variances(models, tally.known, 0, float(tally.held), shares.valued)
    spread = [math.sqrt(float(each.sum())) for each in variances]
    told: list[tuple[str, float, float, float]] = [("purchases", purchases, came, spread[0])]
    found.purchases = widened(found.purchases, error_of(*told[0][1:]))
    if amount is not None:
        told.append(("in money", amount, brought, kept * spread[1]))
        found.value = widened(found.value, error_of(*told[1][1:]))
    found.notices += told_off(tally.held, told)


__all__ = [
    "BANDS",
    "YEAR_DAYS",
    "Asked",
    "Forecast",
    "alive_model",
    "band_of",
    "forecast_of",
]
