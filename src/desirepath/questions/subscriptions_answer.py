"""How is the growth of recurring revenue told? Lines per bucket, what grew and shrank by kind, what did not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Notice
from desirepath.answers.revenue_charts import movements_chart
from desirepath.answers.words import count, with_interval
from desirepath.questions.question import Report
from desirepath.questions.subscriptions_sums import KEPT, LOST, MONEY, MOVEMENTS, NET, PROBLEMS, SubscriptionsTally
from desirepath.questions.subscriptions_walk import CENTS
from desirepath.statistics import Estimate, Proportion, interval_columns

if TYPE_CHECKING:
    from desirepath.questions.subscriptions import Subscriptions

MOST_KINDS = 20
OTHER = "(other)"
_NONE = Estimate(None, None, None, 0, 0.95, "none")


def report(asked: Subscriptions, tally: SubscriptionsTally) -> Report:
    """The whole answer."""
    lines = [k for k, how in enumerate(tally.told) if how] if tally.size else []
    table: dict[str, list[Any]] = {"bucket": [tally.labels[k] for k in lines]}
    table["over"] = [tally.told[k] == "over" for k in lines]
    for name in MOVEMENTS:
        table[f"customers_{name}"] = [tally.number(name, k) for k in lines]
    for name in MONEY:
        table[f"mrr_{name}"] = [tally.money(name, k) / CENTS for k in lines]
    over = [tally.told[k] == "over" for k in lines]
    lost = [Proportion(tally.number("churn", k), tally.number("start", k)).estimate() for k in lines]
    rates = {
        "of_customers_lost": lost,
        "of_mrr_lost": [tally.of_start(LOST, k).share() for k in lines],
        "of_mrr_kept": [tally.of_start(KEPT, k).share() for k in lines],
        "of_mrr_net": [tally.of_start(NET, k).ratio() for k in lines],
    }
    for name, found in rates.items():
        known = [each if whole else _NONE for each, whole in zip(found, over, strict=True)]
        table |= interval_columns(name, known)
    return Report(
        table,
        {"kinds": _kinds(tally, lines), "problems": _problems(tally)},
        words=_words(asked, tally, lines),
        notices=[*_notices(asked, tally, lines), *_few(asked, table)],
        charts=[movements_chart("customers" if asked.amount is None else "mrr")] if lines else [],
    )


def _kinds(tally: SubscriptionsTally, lines: Sequence[int]) -> dict[str, list[Any]]:
    """Per bucket and movement the kinds that moved most, and all others together."""
    found: dict[str, list[Any]] = {name: [] for name in ("bucket", "movement", "kind", "customers", "mrr")}
    parts: dict[tuple[int, int], list[tuple[int, str, int]]] = {}
    for (bucket, movement, kind), (customers, cents) in tally.kinds.items():
        parts.setdefault((bucket, movement), []).append((-cents, kind, customers))
    for bucket, movement in sorted(parts):
        if bucket not in lines:
            continue
        ranked = sorted(parts[bucket, movement])
        told, rest = ranked[:MOST_KINDS], ranked[MOST_KINDS:]
        if rest:
            told.append((sum(cents for cents, _, _ in rest), OTHER, sum(number for _, _, number in rest)))
        for cents, kind, customers in told:
            row = (tally.labels[bucket], MOVEMENTS[movement], kind, customers, -cents / CENTS)
            for name, value in zip(found, row, strict=True):
                found[name].append(value)
    return found


def _problems(tally: SubscriptionsTally) -> dict[str, list[Any]]:
    return {"problem": list(PROBLEMS), "events": tally.problems.tolist()}


def _amount(cents: int) -> str:
    return f"{cents / CENTS:,.2f}".removesuffix(".00")


def _words(asked: Subscriptions, tally: SubscriptionsTally, lines: Sequence[int]) -> list[str]:
    if not tally.size or not tally.customers[:, lines].any():
        return ["Nobody has a subscription that is paid for in this period."]
    over = [k for k in lines if tally.told[k] == "over"]
    if not over:
        paying = count(tally.number("end", lines[-1]))
        return [f"No {asked.every} of this period is over; {paying} pay so far."]
    k = over[-1]
    moved = ", ".join(f"{_amount(tally.money(name, k))} {name}" for name in MONEY[1:-1])
    if asked.amount is None:
        moved = ", ".join(f"{count(tally.number(name, k))} {name}" for name in MOVEMENTS[1:6])
        said = [
            f"In {tally.labels[k]} customers went from {count(tally.number('start', k))} to "
            f"{count(tally.number('end', k))} ({moved})."
        ]
    else:
        said = [
            f"In {tally.labels[k]} monthly revenue went from {_amount(tally.money('start', k))} to "
            f"{_amount(tally.money('end', k))} ({moved})."
        ]
    if tally.number("start", k):
        lost = Proportion(tally.number("churn", k), tally.number("start", k)).estimate()
        kept, net = tally.of_start(KEPT, k).share(), tally.of_start(NET, k).ratio()
        said.append(f"Of those who paid when it began {with_interval(lost)} stopped.")
        said.append(f"Of their revenue {with_interval(kept)} was kept; with what grew it came to {with_interval(net)}.")
    return said


def _notices(asked: Subscriptions, tally: SubscriptionsTally, lines: Sequence[int]) -> list[Notice]:
    found = []
    unknown, blank, again = tally.problems.tolist()
    if unknown:
        text = f"{unknown:,} changes or ends of what had not started, or had ended, are left out."
        found.append(Notice("before_start", text))
    if blank:
        text = (
            f"{blank:,} starts or changes have no amount in {asked.amount!r} that is a number from 0 up: such a start "
            "counts as 0, such a change leaves the amount."
        )
        found.append(Notice("unreadable_amounts", text))
    if again:
        text = f"{again:,} starts are of what was running already: the new amount takes the place of the old."
        if asked.key is None:
            text += " If somebody may have several subscriptions, name what tells them apart in `key`."
        found.append(Notice("started_again", text))
    if lines and tally.told[lines[-1]] == "open":
        text = f"The last {asked.every} is not over: its numbers are those so far, and it has no rates."
        found.append(Notice("undecided", text))
    if lines and lines[0] == 0:
        text = "The data begins in the first bucket: whoever paid before that and is seen to start is taken for new."
        found.append(Notice("left_censored", text))
    return found


def _few(asked: Subscriptions, table: dict[str, list[Any]]) -> list[Notice]:
    """In how many buckets nothing can be said of how sure the revenue rates are."""
    rates = zip(table["of_mrr_net"], table["of_mrr_net_low"], strict=True)
    few = sum(value is not None and low is None for value, low in rates)
    if not few:
        return []
    text = (
        f"{few:,} of the {asked.every}s that are over begin with up to three customers, or all did the same: "
        "their revenue rates have no interval."
    )
    return [Notice("few_customers", text)]


__all__ = ["report"]
