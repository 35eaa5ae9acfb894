"""Whose self-service was enough, and what does it cost to serve a customer? Issues, by topic, without a journey map.

    ws.ask(Service(contacts="name in ('call', 'chat')", self_service="help article", topic="topic", cost={"phone": 8}))

    topic   issues  self_service  resolved  leaked  of_decided_contained  of_decided_resolved  contacts_per_100
    all        912           640       301     190    66.1 % [62, 70]       53.2 % [49, 57]        12.1 [11.2, 13.0]
    login      402           350       210      60    78.4 % [73, 83]       71.9 % [66, 77]         2.8 [2.4, 3.2]

Contained is not resolved: who did not call may have given up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.moments import duration
from desirepath.events.where import Where, never
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.questions.service_answer import ALL, WHOLE, ServiceTally, service_report
from desirepath.questions.service_sums import (
    CENTS,
    CUSTOMER_COLUMNS,
    LARGEST,
    IssueRows,
    columns_of,
    customer_columns,
    customers_of,
    issue_columns,
    of_same_person,
)
from desirepath.questions.service_walk import (
    ACTIVE,
    HUMAN,
    OUTCOMES,
    Facts,
    Issues,
    Rules,
    events_of,
    into_issues,
    judge,
)
from desirepath.questions.top_codes import codes_named, told_apart
from desirepath.statistics.keyed import Keyed

ISSUE, CUSTOMER, PART = range(3)
"""A row is an issue, a customer, or what a customer's contacts about one topic come to."""

MOST_TOPICS, MOST_HORIZONS = 100, 5
SELECTIONS = ("topic", "outcome", "within", "who")
SIDES = ("self-service", "human")
WHO = ("customers", "with contacts")


@dataclass(frozen=True)
class Found:
    """The issues of a block, and what each event costs; see `service_walk`."""

    issues: Issues
    facts: Facts
    number: Array
    cents: Array
    priced: Array


@question
class Service(Question):
    """Whose self-service was enough, and what does it cost to serve a customer?

    Parameters
    ----------
    contacts
        Which events are contacts with a human: an event's name or a filter.
    self_service
        Which events are self-service, such as help pages, bots or an app: an event's name or a filter.
    topic
        The property that says what an event is about.
    gap
        Events of a person about the same topic belong to one issue while no more than this lies between one and the
        next.
    cost
        What events cost: a property with numbers, or the cost by channel, such as `{"phone": 8.0, "chat": 4.0}`.
    resolved
        The event that says that an issue is solved: its name or a filter. Without one, an issue that nobody came back
        with counts as resolved.
    horizons
        How long after its begin an issue is judged, such as `"7 days"`; the main table is about the longest.
    again
        An event about the issue that comes so long after the one before means that somebody came back with it.
    active
        What makes somebody an active customer: an event's name or a filter; any event, if left out.
    most
        How many topics to tell apart; the others are summed up as *(other)*.
    """

    contacts: str
    self_service: str | None = None
    topic: str | None = None
    gap: str = "7 days"
    cost: str | dict[str, float] | None = None
    resolved: str | None = None
    horizons: list[str] = field(default_factory=lambda: ["1 day", "7 days", "14 days"])
    again: str = "1 day"
    active: str | None = None
    most: int = 10

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 1 <= self.most <= MOST_TOPICS:
            raise InputError(f"{self.most} topics cannot be told apart.", allowed=[f"1 to {MOST_TOPICS}"])
        if not 1 <= len(self.horizons) <= MOST_HORIZONS or self._horizons != sorted(set(self._horizons)):
            raise InputError(f"`horizons` needs 1 to {MOST_HORIZONS} lengths of time, the longest last.")
        if isinstance(self.cost, dict) and not all(map(math.isfinite, self.cost.values())):
            raise InputError("A cost by channel is a number.", allowed=['{"phone": 8.0}'])
        for text in (self.topic, self.cost):
            if isinstance(text, str) and not text.strip():
                raise InputError("`topic` and `cost` need the name of a property.")
        _ = self.reads(), duration(self.gap), duration(self.again)

    @cached_property
    def _horizons(self) -> list[int]:
        return [duration(text).microseconds for text in self.horizons]

    @property
    def has_cost(self) -> bool:
        """Whether anything tells what contacts cost."""
        return self.cost is not None

    def sides(self) -> tuple[Where, Where]:
        """Which events are contacts with a human, and which are self-service."""
        return Where.event(self.contacts), never if self.self_service is None else Where.event(self.self_service)

    def costs_of(self, journeys: JourneyBatch) -> npt.NDArray[np.float64]:
        """float64[n]: what each event costs, NaN where that is not known."""
        if isinstance(self.cost, str):
            return np.asarray(cast("Array", journeys.columns["cost"]), dtype=np.float64)
        by_channel = [(self.cost or {}).get(str(label), math.nan) for label in journeys.labels["channel"]]
        return np.asarray(np.array(by_channel)[cast("Array", journeys.columns["channel"])])

    def reads(self) -> Reads:
        """What events are, what they are about and cost, and through which channel they came."""
        human, alone = self.sides()
        resolved = never if self.resolved is None else Where.event(self.resolved)
        active = Where.of(None) if self.active is None else Where.event(self.active)
        wanted: dict[str, Read] = {"match": Match((human, alone, resolved, active))}
        wanted |= {"name": Code("name"), "channel": Code("channel")}
        if self.topic is not None:
            wanted["topic"] = Code(self.topic)
        if isinstance(self.cost, str):
            wanted["cost"] = Number(self.cost)
        return wanted

    def horizon(self) -> int:
        """Issues are followed for the longest horizon."""
        return self._horizons[-1]

    def history(self) -> bool:
        """An event may belong to an issue that began before the period."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per issue that begins in the period, per customer, and per customer and topic of contacts."""
        found, what = self._issues(journeys)
        begin, end = journeys.period
        labels = [*journeys.labels["topic"]] if self.topic is not None else [None]
        inside = (journeys.time >= begin) & (journeys.time < end)
        mine = np.flatnonzero(inside[found.issues.place])
        issue = of_same_person(found.issues, found.facts, mine, journeys.owner, len(labels))
        touched = inside & ((what & (1 | 2 | 1 << ACTIVE)) != 0)
        customers = customers_of(journeys, found, what, touched, len(labels))
        rest = len(customers.journey)
        kind = np.concatenate((np.full(len(mine), ISSUE), np.where(customers.topic < 0, CUSTOMER, PART))).astype(
            np.int8
        )
        place = np.concatenate((found.issues.place[mine], customers.place)).astype(np.int64)
        outcomes = np.concatenate((issue.outcomes, np.full((rest, len(self.horizons)), -1, dtype=np.int8)))
        # of customers the second and third place say how many costs are not known, and how many are below 0
        money = np.concatenate((issue.cents, customers.sums[:, 1:]))
        values: dict[str, Array] = {
            "kind": kind,
            "topic": np.concatenate((found.issues.topic[mine], customers.topic)).astype(np.int64),
            "outcome": outcomes[:, -1],
            "contacts": np.concatenate((issue.contacts, customers.sums[:, 0])),
            "began_at": journeys.time[place],
            "outcomes": outcomes,
            "firsts": np.concatenate((issue.firsts, np.zeros((rest, 2), dtype=np.bool_))),
            "watched": np.concatenate((issue.watched, np.zeros(rest, dtype=np.bool_)))[:, None],
            "totals": np.concatenate((issue.totals, np.zeros((rest, *issue.totals.shape[1:]), dtype=np.int32))),
            "money": money,
            "leak": np.concatenate((self._leaks(journeys, found, mine), np.full(rest, -1, dtype=np.int64)))[:, None],
        }
        spelled: dict[str, list[str | None]] = {
            "kind": ["issue", "customer", "customer and topic"],
            "topic": told_apart(labels, (ALL,)),
            "outcome": [*OUTCOMES],
            "name": [*journeys.labels["name"]],
            "channel": [*journeys.labels["channel"]],
        }
        journey = np.concatenate((found.issues.journey[mine], customers.journey)).astype(np.int64)
        return Findings(journey, values, {"entry": place}, spelled)

    def _issues(self, journeys: JourneyBatch) -> tuple[Found, Array]:
        """The issues of a batch, and a bit per filter for each event."""
        match = cast("Matched", journeys.columns["match"])
        what = match.bits.astype(np.int64)[match.codes]
        n = len(what)
        topic = np.zeros(n, dtype=np.int64)
        if self.topic is not None:
            topic[:] = cast("Array", journeys.columns["topic"])
        latest = np.zeros(len(journeys.labels["topic"]) if self.topic is not None else 1, dtype=np.int64)
        room, number = int(((what & 3) != 0).sum()), np.zeros(n, dtype=np.int64)
        issues = Issues(*np.zeros((5, room), dtype=np.int64))
        gap, again = duration(self.gap).microseconds, duration(self.again).microseconds
        many = into_issues(journeys.starts, journeys.time, what, topic, latest, gap, issues, number)
        issues = Issues(*(column[:many] for column in issues))
        cents, priced = self._cents(journeys, what)
        begins, order = events_of(number, many)
        facts = Facts(np.zeros((many, len(self.horizons)), dtype=np.int8), *np.zeros((4, many), dtype=np.int64))
        rules = Rules(gap, again, journeys.cutoff, self.resolved is not None)
        judge(
            begins, order, journeys.time, what, cents, journeys.open_until[issues.journey],
            np.array(self._horizons, dtype=np.int64), rules, issues.next, facts,
        )  # fmt: skip
        return Found(issues, facts, number, cents, priced), what

    def _cents(self, journeys: JourneyBatch, what: Array) -> tuple[Array, Array]:
        """int64[n]: what each contact and each self-service event costs; and whether that is known."""
        n = len(what)
        if not self.has_cost:
            return np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.bool_)
        given = self.costs_of(journeys)
        counts = (what & 3) != 0
        priced = np.isfinite(given)
        amount = np.where(counts & priced, given, 0.0)
        if n and float(np.abs(amount).max()) * CENTS > LARGEST:
            raise InputError(f"One contact costs at most {LARGEST // CENTS:,}; one has more. Is the unit right?")
        return np.rint(CENTS * amount).astype(np.int64), priced

    def _leaks(self, journeys: JourneyBatch, found: Found, mine: Array) -> Array:
        """int64[rows]: the name of the last self-service event and the channel of the contact, as one number; or -1."""
        after, leak = found.facts.after[mine], found.facts.leak[mine]
        names, channels = (cast("Array", journeys.columns[each]).astype(np.int64) for each in ("name", "channel"))
        ours = (leak >= 0) & (found.facts.outcome[mine, -1] != HUMAN)
        key = np.full(len(mine), -1, dtype=np.int64)
        key[ours] = names[after[ours]] * len(journeys.labels["channel"]) + channels[leak[ours]]
        return key

    def tally(self, findings: Findings) -> ServiceTally:
        """Sums by topic, in all, and of leaks."""
        values = findings.values
        issue, whole = values["kind"] == ISSUE, values["kind"] == CUSTOMER
        rows = IssueRows(
            values["outcomes"][issue],
            values["contacts"][issue],
            values["watched"][issue, 0],
            values["totals"][issue],
            values["money"][issue],
            values["firsts"][issue],
        )
        topic, many = values["topic"][issue], columns_of(len(self.horizons))
        by_topic = Keyed.of_columns(topic, issue_columns(rows, 0), many)
        everybody = np.full(len(topic), WHOLE, dtype=np.int64)
        in_all = Keyed.of_columns(everybody, issue_columns(rows, 1), many)
        parts = ~issue
        sums = np.column_stack((values["contacts"][parts], values["money"][parts]))
        by_customer = Keyed.of_columns(values["topic"][parts], customer_columns(sums), len(CUSTOMER_COLUMNS))
        leaked = issue & (values["outcome"] == OUTCOMES.index("leaked")) & (values["leak"][:, 0] >= 0)
        leaks = Keyed.of(values["leak"][leaked, 0], np.ones((int(leaked.sum()), 1), dtype=np.int64))
        some = len(by_topic.keys) or int(parts.sum())
        names = tuple(tuple(findings.labels[each]) for each in ("topic", "name", "channel")) if some else ((), (), ())
        return ServiceTally(
            self,
            int(issue.sum()),
            int(whole.sum()),
            by_topic + in_all,
            by_customer,
            leaks,
            names,
        )

    def answer(self, tally: ServiceTally) -> Report:
        """A line per topic and for all, whose self-service was enough, and where it leaks."""
        return service_report(tally)

    def meant(self, tally: ServiceTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """`(other)` are the topics that have no line of their own."""
        if "topic" not in which or which["topic"] == ALL:
            return {name: value for name, value in which.items() if name != "topic"}
        return {**which, "topic": codes_named(str(which["topic"]), "topic", tally.shown, (ALL,))}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`topic="login"`, `outcome="leaked"` (perhaps `within="1 day"`), `outcome="contained"`; all issues.

        `who="customers"` are all active customers, `who="with contacts"` those with a contact in the period.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such topic, outcome or horizon.
        """
        refuse_others(which, SELECTIONS)
        values, kind = findings.values, findings.values["kind"]
        chosen = np.asarray(kind == ISSUE)
        if "who" in which:
            some = place_among("customers", which["who"], WHO) == 1
            part = some and "topic" in which
            chosen = np.asarray(kind == (PART if part else CUSTOMER))
            chosen &= values["contacts"] >= (1 if some else 0)
        if "topic" in which and (kind[chosen] != CUSTOMER).any():
            chosen &= np.isin(values["topic"], which["topic"])
        if "outcome" in which:
            horizon = len(self.horizons) - 1
            if "within" in which:
                horizon = place_among("horizon", which["within"], self.horizons)
            known = [*OUTCOMES, "contained", "decided", "self-service"]
            place = place_among("outcome", which["outcome"], known)
            wanted = [place] if place < len(OUTCOMES) else list(range((3, 4, 5)[place - len(OUTCOMES)]))
            chosen &= np.isin(values["outcomes"][:, horizon], wanted)
        return np.asarray(chosen)
