"""From credit to tables, words and notices; and from what was spent to what a conversion costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Notice
from desirepath.answers.attribution_charts import rules_chart
from desirepath.answers.words import count, percent
from desirepath.errors import UnknownNameError
from desirepath.questions.attribution_credit import MOST_CHANNELS, Credits
from desirepath.questions.attribution_tally import AttributionTally
from desirepath.questions.attribution_walk import (
    CONVERSIONS,
    MODELS,
    MOST_WORTH,
    NULLS,
    UNDECIDED,
    UNTOUCHED,
    UNVALUED,
)
from desirepath.questions.question import Report
from desirepath.statistics import Estimate, Proportion, interval_columns
from desirepath.statistics.removal import removal

if TYPE_CHECKING:
    from desirepath.questions.attribution import Attribution

DRAWN = ("first", "last", "linear", "position", "decay", "markov", "shapley")

HARDLY = 0.02
"""Where remembering more moves less than this share of the credit, it hardly matters."""


def attribution_report(asked: Attribution, tally: AttributionTally) -> Report:
    """Put the sums into words and tables.

    Raises
    ------
    UnknownNameError
        If costs are given and not one of them is of a channel that there is.
    """
    linear = MODELS.index("linear")
    shown = [c for c in range(1, len(tally.labels)) if tally.moves[:, c].any()]
    shown.sort(key=lambda c: (-int(tally.credit[c, linear]), tally.labels[c] or ""))
    credits_ = Credits(asked, tally, shown)
    found = {rule: credits_.by_rule(rule) for rule in asked.rules()}
    table: dict[str, list[Any]] = {"channel": [tally.labels[c] for c in shown]}
    table["people"] = [int(tally.people[c]) for c in shown]
    table["paths"] = [int(tally.paths[c]) for c in shown]
    part = [Proportion(int(tally.paths[c]), int(tally.counts[CONVERSIONS])).estimate() for c in shown]
    table |= interval_columns("of_conversions", part)
    for rule, estimates in found.items():
        table |= interval_columns(rule, estimates)
        if rule == "markov":
            table |= interval_columns("removal_effect", credits_.effects())
    money: dict[str, list[Estimate]] = {}
    if asked.value is not None:
        money = {rule: credits_.by_rule(rule, in_money=True) for rule in found if rule != "shapley_rates"}
        for rule, estimates in money.items():
            table |= interval_columns(f"{rule}_value", estimates)
    extras = {"accounts": _accounts(asked, tally), "chain": _chain(credits_)}
    if asked.order != 1:
        extras["orders"] = _orders(credits_)
    if asked.costs:
        extras["costs"] = _costs(asked, credits_, found[asked.cost_rule], money.get(asked.cost_rule))
    return Report(
        table,
        extras,
        words=_words(asked, credits_, table, extras),
        notices=_notices(asked, credits_),
        charts=[rules_chart([rule for rule in DRAWN if rule in found])] if shown and tally.credited else [],
    )


def _accounts(asked: Attribution, tally: AttributionTally) -> dict[str, list[Any]]:
    counts = tally.counts
    nulls = int(counts[NULLS])
    closed = tally.credited + nulls
    parts = (tally.credited, None, nulls, None)
    found: dict[str, list[Any]] = {
        "what": ["credited conversions", "conversions without a touch", "paths to nothing", "undecided paths"],
        "paths": [tally.credited, int(counts[UNTOUCHED]), nulls, int(counts[UNDECIDED])],
        "of_closed_paths": [None if part is None or not closed else part / closed for part in parts],
    }
    if asked.value is not None:
        found["value"] = [tally.earned, None, None, None]
    return found


def _chain(credits_: Credits) -> dict[str, list[Any]]:
    """From a touch of each channel: how often the path goes on to a conversion, and how many touches follow."""
    found: dict[str, list[Any]] = {"channel": [credits_.tally.labels[c] for c in credits_.ranked]}
    if not credits_.ranked:
        empty: list[Estimate] = []
        return {**found, "touches": [], **_onward_columns(empty, empty)}
    converting, further, touches = credits_.onward()
    return {**found, "touches": touches, **_onward_columns(converting, further)}


def _onward_columns(converting: Sequence[Estimate], further: Sequence[Estimate]) -> dict[str, list[Any]]:
    return {**interval_columns("of_touches_converting", converting), **interval_columns("further_touches", further)}


def _orders(credits_: Credits) -> dict[str, list[Any]]:
    """Per order how well it predicts other people, and how much of the credit it moves."""
    chosen = credits_.order  # reckons the bits, where the order is to be chosen
    orders = list(range(1, len(credits_.bits))) or sorted({1, chosen})
    found: dict[str, list[Any]] = {name: [] for name in ("order", "states", "bits_per_move", "of_credit_moved", "used")}
    plain = removal(credits_.chain(1), credits_.ranked).shared(1.0)
    for order in orders:
        chain = credits_.chain(order)
        shares = removal(chain, credits_.ranked).shared(1.0)
        found["order"].append(order)
        found["states"].append(len(chain.states) if len(chain.grams) else 0)
        found["bits_per_move"].append(credits_.bits[order] if credits_.bits else None)
        found["of_credit_moved"].append(float(abs(shares - plain).sum()) / 2 if plain.any() else None)
        found["used"].append(order == chosen)
    return found


def _costs(
    asked: Attribution, credits_: Credits, credit: Sequence[Estimate], money: Sequence[Estimate] | None
) -> dict[str, list[Any]]:
    """Per channel what was spent, what a conversion costs by the credit, and what came back for what was spent."""
    names = [str(credits_.tally.labels[c]) for c in credits_.shown]
    if len(credits_.tally.labels) > 1 and not set(asked.costs) & set(credits_.tally.labels):
        first = next(iter(asked.costs))
        raise UnknownNameError.of(asked.by, first, [label for label in credits_.tally.labels if label])
    names += [name for name in sorted(asked.costs) if name not in names]
    nobody = Estimate(0.0, None, None, 0, 0.95, "none")
    credit = [*credit, *[nobody] * (len(names) - len(credit))]
    spent = [asked.costs.get(name) for name in names]
    found: dict[str, list[Any]] = {"channel": names, "cost": spent, "conversions": [each.value for each in credit]}
    each_costs = [_turned(cost, each) for cost, each in zip(spent, credit, strict=True)]
    found |= interval_columns("cost_per_conversion", each_costs)
    if money is not None:
        money = [*money, *[nobody] * (len(names) - len(money))]
        found["value"] = [each.value for each in money]
        back = [_over(each, cost) for cost, each in zip(spent, money, strict=True)]
        found |= interval_columns("return_on_spend", back)
    return found


def _turned(cost: float | None, credit: Estimate) -> Estimate:
    """The cost of one of a credited number; its interval is that of the number, turned over."""
    if cost is None or not credit.value or credit.value < 0:
        return Estimate(None, None, None, credit.n, credit.level, credit.method)
    low, high = (cost / end if end and end > 0 else None for end in (credit.high, credit.low))
    return Estimate(cost / credit.value, low, high, credit.n, credit.level, credit.method)


def _over(money: Estimate, cost: float | None) -> Estimate:
    """Credited money per unit of money spent."""
    if not cost or money.value is None:
        return Estimate(None, None, None, money.n, money.level, money.method)
    low, high = (None if end is None else end / cost for end in (money.low, money.high))
    return Estimate(money.value / cost, low, high, money.n, money.level, money.method)


def _words(
    asked: Attribution, credits_: Credits, table: Mapping[str, list[Any]], extras: Mapping[str, Mapping[str, list[Any]]]
) -> list[str]:
    tally, goal = credits_.tally, asked.goal
    conversions = int(tally.counts[CONVERSIONS])
    if not conversions:
        return [f"Nobody reached {goal} in this period, so there is no credit to share out."]
    if not tally.credited:
        return [f"None of the {count(conversions)} conversions ({goal}) has a touch with a {asked.by} before it."]
    lead = (
        f"{count(tally.credited)} of {count(conversions)} conversions ({goal}) have a touch to credit; "
        f"{table['channel'][0]} gets most by equal shares, {percent(table['linear'][0] / tally.credited)} of them."
    )
    best = {name: max(range(len(table[name])), key=table[name].__getitem__) for name in ("first", "last")}
    first, last = (table["channel"][best[name]] for name in ("first", "last"))
    said = [lead, f"Most often first is {first}, most often last {last}."]
    if "orders" in extras:
        said.append(_about_orders(credits_, extras["orders"]))
    elif len(credits_.ranked) > 1:
        said.append(_about_touches(credits_, extras["chain"]))
    return said


def _about_orders(credits_: Credits, orders: Mapping[str, list[Any]]) -> str:
    place = orders["used"].index(True)
    moved = orders["of_credit_moved"][place]
    lead = f"The chain remembers {credits_.order} touch{'' if credits_.order == 1 else 'es'}"
    if len(orders["order"]) > 1 and credits_.order == 1:
        most = max((each for each in orders["of_credit_moved"] if each is not None), default=0.0)
        return f"{lead}; remembering more would move {percent(most)} of its credit at most."
    if moved is None:
        return f"{lead}."
    hardly = " The order hardly matters here." if moved < HARDLY else ""
    return f"{lead}, which moves {percent(moved)} of its credit against one that remembers the last alone.{hardly}"


def _about_touches(credits_: Credits, chain: Mapping[str, list[Any]]) -> str:
    """Whether knowing the channel of a touch says anything about what becomes of the path."""
    name, overall = "of_touches_converting", credits_.overall
    rows = [
        (share, low, high, channel)
        for share, low, high, channel in zip(
            chain[name], chain[f"{name}_low"], chain[f"{name}_high"], chain["channel"], strict=True
        )
        if share is not None and low is not None and high is not None
    ]
    apart = [row for row in rows if overall is not None and not row[1] <= overall <= row[2]]
    if not apart:
        return f"Which channel a touch is hardly tells whether the path converts: {percent(overall)} of all do."
    share, low, high, channel = max(apart, key=lambda row: abs(row[0] - (overall or 0.0)))
    reach = f"95 % interval {100 * low:.1f} to {100 * high:.1f} %"
    return f"After a touch of {channel} {percent(share)} of paths convert ({reach}), of all paths {percent(overall)}."


def _notices(asked: Attribution, credits_: Credits) -> list[Notice]:
    found, tally = [], credits_.tally
    if tally.credited:
        text = (
            "Credit says how conversions are shared out, not how many would be missing without a channel; that takes "
            "an experiment, in which a channel is left out for some. `participation` gives each channel of a path "
            "a whole conversion, so that it sums to more."
        )
        if asked.value is not None:
            text += (
                " Intervals of money are a little short where few orders make up much of it: those of conversions held "
                "the truth in 94 to 96 % of simulated periods, those of money in 89 to 95 %."
            )
        found.append(Notice("credit", text))
    undecided = int(tally.counts[UNDECIDED])
    if undecided:
        text = f"{undecided:,} paths may still convert when the data ends; they are in no chain and get no credit."
        found.append(Notice("undecided", text))
    if len(credits_.shown) > MOST_CHANNELS:
        text = f"The Markov rule is worked out for the {MOST_CHANNELS} channels with the most credit alone."
        found.append(Notice("many_channels", text))
    if tally.sample is None:
        text = (
            "There are too many channels to keep paths of each, and so no intervals but those of money by rules that "
            "share out path by path."
        )
        found.append(Notice("no_intervals", text))
    if int(tally.counts[UNVALUED]):
        text = (
            f"{int(tally.counts[UNVALUED]):,} credited conversions have no number in {asked.value!r}, or one that is "
            f"{MOST_WORTH:,.0f} or more either way; they count as worth nothing."
        )
        found.append(Notice("unvalued", text))
    if credits_.rates is None and asked.rates:
        found.append(Notice("no_rates", "Too many channels play for the game of rates, so it is left out."))
    unknown = sorted(set(asked.costs) - set(tally.labels))
    if unknown and len(tally.labels) > 1:
        text = f"No event has the {asked.by} {', '.join(map(repr, unknown))}, for which costs were given."
        found.append(Notice("unknown_costs", text))
    for name in sorted(set(asked.direct) - set(tally.labels)):
        known = [label for label in tally.labels if label is not None]
        found.append(Notice("unknown_name", str(UnknownNameError.of(asked.by, name, known))))
    return found
