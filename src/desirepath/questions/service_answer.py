"""What is there to say of issues? Tables by topic, by horizon and of leaks, made of sums that add up in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from desirepath.answers.answer import Notice
from desirepath.answers.service_charts import containment_chart
from desirepath.answers.words import count, with_interval
from desirepath.questions.question import Report
from desirepath.questions.service_sums import CENTS, CUSTOMER_COLUMNS, Line
from desirepath.questions.service_walk import HUMAN, OUTCOMES, RESOLVED, UNDECIDED
from desirepath.questions.top_codes import MISSING, OTHER, top_codes
from desirepath.statistics import Estimate, Proportion, interval_columns
from desirepath.statistics.clustered import Clusters, ratio, share
from desirepath.statistics.keyed import Keyed

if TYPE_CHECKING:
    from desirepath.questions.service import Service

ALL = "all"
WHOLE = -1
"""The key of the sums over all topics."""

MOST_LEAKS = 20


@dataclass(frozen=True, eq=False)
class ServiceTally:
    """Sums over rows.

    Attributes
    ----------
    asked
        The question.
    issues, customers
        How many there are.
    by_topic
        By code of the topic, -1 for all: issues by horizon and outcome, and `service_sums.ISSUE_COLUMNS`.
    by_customer
        By code of the topic, -1 for all: `service_sums.CUSTOMER_COLUMNS`.
    leaks
        Issues by the name of the last self-service event and the channel of the contact.
    names
        What the codes of topics, names and channels mean.
    """

    asked: Service
    issues: int
    customers: int
    by_topic: Keyed
    by_customer: Keyed
    leaks: Keyed
    names: tuple[tuple[str | None, ...], ...]

    def __add__(self, other: ServiceTally) -> ServiceTally:
        """Join two groups of rows."""
        return ServiceTally(
            self.asked,
            self.issues + other.issues,
            self.customers + other.customers,
            self.by_topic + other.by_topic,
            self.by_customer + other.by_customer,
            self.leaks + other.leaks,
            self.names if self.names[1] else other.names,
        )

    @property
    def size(self) -> int:
        """How many issues and customers there are."""
        return self.issues + self.customers

    def rates(self) -> Mapping[str, Proportion]:
        """The shares contained and resolved of what could be followed, and of customers with a contact."""
        line, decided = self.whole, self.whole.decided()
        return {
            "have a contact": Proportion(line.customer["with contacts"], self.customers),
            "are contained": Proportion(line.contained(), decided),
            "are resolved": Proportion(line.outcomes[-1][RESOLVED], decided),
        }

    @cached_property
    def whole(self) -> Line:
        """The sums over all topics."""
        return self.line([WHOLE])

    def line(self, codes: list[int]) -> Line:
        """The sums of some topics."""
        return Line(self.by_topic.together(codes), self.by_customer.together(codes))

    @cached_property
    def shown(self) -> list[tuple[str, list[int]]]:
        """The topics with most issues, and the codes of all others together."""
        if self.asked.topic is None:
            return []
        codes = np.union1d(self.by_topic.keys, self.by_customer.keys)
        last = len(self.asked.horizons) * len(OUTCOMES)
        many = {
            int(code): int(self.by_topic.at(code)[last - len(OUTCOMES) : last].sum()) for code in codes if code >= 0
        }
        return top_codes(many, self.names[0], self.asked.most)


def service_report(tally: ServiceTally) -> Report:
    """Tables, words, notices and the picture."""
    shown = [(ALL, tally.whole), *((name, tally.line(codes)) for name, codes in tally.shown)] if tally.size else []
    lines = [line for _, line in shown]
    table: dict[str, list[Any]] = {"topic": [name for name, _ in shown]}
    table["issues"] = [line.issues for line in lines]
    table["self_service"] = [line.issues - line.outcomes[-1][HUMAN] for line in lines]
    for place, name in enumerate(OUTCOMES[:HUMAN]):
        table[name.replace(" ", "_")] = [line.outcomes[-1][place] for line in lines]
    table |= interval_columns("of_decided_contained", [share(line.containment()) for line in lines])
    table |= interval_columns("of_decided_resolved", [share(line.resolution()) for line in lines])
    table["contacts"] = [line.customer["contacts"] for line in lines]
    table["repeat_contacts"] = [line["repeats"] for line in lines]
    table |= interval_columns("contacts_per_issue", [ratio(line.contacts_per_issue(), counted=True) for line in lines])
    table["customers"] = [tally.customers] * len(lines)
    table["with_contacts"] = [line.customer["with contacts"] for line in lines]
    per_100 = [ratio(line.per_customer("contacts", tally.customers), scale=100, counted=True) for line in lines]
    table |= interval_columns("contacts_per_100", per_100)
    if tally.asked.has_cost:
        unknown = _no_cost_is_known(tally)
        table["cost"] = [None if unknown else line.customer["cents"] / CENTS for line in lines]
        table |= interval_columns("cost_per_issue", [_money(tally, line.cost_per_issue()) for line in lines])
        costs = [_money(tally, line.per_customer("cents", tally.customers)) for line in lines]
        table |= interval_columns("cost_per_customer", costs)
    extras = {"self_service": _horizons(tally, shown), "leaks": _leaks(tally)}
    some = tally.whole.issues > tally.whole.outcomes[-1][HUMAN] if tally.size else False
    return Report(table, extras, _words(tally), _notices(tally), [containment_chart()] if some else [])


def _no_cost_is_known(tally: ServiceTally) -> bool:
    """Whether there are contacts, and no event tells what it cost: then nothing is known, and 0 would be a lie."""
    whole = tally.whole.customer
    return not whole["cents"] and 0 < whole["contacts"] == whole["unpriced"]


def _money(tally: ServiceTally, sums: Clusters) -> Estimate:
    """Money per something; its interval ends at 0 where no cost is below."""
    found = ratio(sums, scale=1 / CENTS)
    if _no_cost_is_known(tally):
        return replace(found, value=None, low=None, high=None)
    if found.low is None or tally.whole.customer["negative"]:
        return found
    return replace(found, low=max(found.low, 0.0))


def _horizons(tally: ServiceTally, shown: Sequence[tuple[str, Line]]) -> dict[str, list[Any]]:
    """What became of issues that began in self-service, by topic and horizon."""
    names = ("topic", "within", "self_service", *(each.replace(" ", "_") for each in OUTCOMES[:HUMAN]))
    found: dict[str, list[Any]] = {name: [] for name in names}
    contained: list[Estimate] = []
    resolved: list[Estimate] = []
    for name, line in shown:
        for place, within in enumerate(tally.asked.horizons):
            row = line.outcomes[place]
            for column, value in zip(names, (name, within, sum(row[:HUMAN]), *row[:HUMAN]), strict=True):
                found[column].append(value)
            contained.append(share(line.containment(place)))
            resolved.append(share(line.resolution(place)))
    return (
        found | interval_columns("of_decided_contained", contained) | interval_columns("of_decided_resolved", resolved)
    )


def _leaks(tally: ServiceTally) -> dict[str, list[Any]]:
    """After which step people turned to a human, and through which channel; the most frequent, and all others."""
    top, rest = tally.leaks.ranked(0, MOST_LEAKS)
    found: dict[str, list[Any]] = {"after": [], "channel": [], "issues": []}
    for key in top:
        after, channel = divmod(key, len(tally.names[2]))
        found["after"].append(tally.names[1][after] or MISSING)
        found["channel"].append(tally.names[2][channel] or MISSING)
        found["issues"].append(int(tally.leaks.at(key)[0]))
    if rest:
        for name, value in (("after", OTHER), ("channel", OTHER), ("issues", int(tally.leaks.together(rest)[0]))):
            found[name].append(value)
    whole = sum(found["issues"])
    return found | {"of_leaked": [each / whole for each in found["issues"]]}


def _words(tally: ServiceTally) -> list[str]:
    line = tally.whole
    if not line.issues:
        of = f" ({tally.asked.contacts})" if tally.asked.contacts else ""
        return [f"Nobody had an issue{of} that began in this period."]
    longest, said = tally.asked.horizons[-1], []
    if line.decided():
        said.append(
            f"Of {count(line.decided())} issues that began in self-service and were followed for {longest}, "
            f"{with_interval(share(line.containment()))} came to no human, and "
            f"{with_interval(share(line.resolution()))} were resolved."
        )
    else:
        said.append(f"{count(line.issues)} issues; none that began in self-service was followed for {longest}.")
    rate = ratio(line.per_customer("contacts", tally.customers), scale=100, counted=True)
    said.append(f"{count(line.customer['contacts'])} contacts, {rate.value or 0:.3g} per 100 active customers.")
    if tally.asked.has_cost and not _no_cost_is_known(tally):
        cost = _money(tally, line.per_customer("cents", tally.customers))
        interval = ""
        if cost.low is not None and cost.high is not None:
            interval = f" (95 % interval {cost.low:,.2f} to {cost.high:,.2f})"
        said.append(f"To serve a customer costs {cost.value or 0:,.2f} on average{interval}.")
    return said


def _notices(tally: ServiceTally) -> list[Notice]:
    found = []
    line = tally.whole
    if line.decided():
        text = "Contained is not resolved: who came to no human may have given up."
        if tally.asked.resolved is None:
            text += " Without `resolved`, what nobody came back with within the horizon counts as resolved."
        found.append(Notice("containment", text))
    waiting = line.outcomes[-1][UNDECIDED]
    if waiting:
        text = (
            f"{waiting:,} issues began less than {tally.asked.horizons[-1]} before the data ends; rates leave them out."
        )
        found.append(Notice("undecided", text))
    unpriced = line.customer["unpriced"]
    if tally.asked.has_cost and unpriced:
        found.append(Notice("unpriced", f"Contacts whose cost is not known count as 0: {unpriced:,}."))
    return found


__all__ = ["ALL", "CUSTOMER_COLUMNS", "ServiceTally", "service_report"]
