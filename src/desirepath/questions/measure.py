"""How much of something is there, and how much for each person?

    ws.ask(Measure(event="order", value="value", of="visit"))

    people  did    of_people  events  events_each  total    total_each  mean
    9 118   1 204     13.2 %   1 530         0.17  84 150         9.23   55.0

Everybody in `people` counts, also those who did nothing: a mean over buyers alone says nothing of all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.words import count, with_interval
from desirepath.errors import InputError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.statistics import Estimate, Moments, Proportion, interval_columns
from desirepath.statistics.clustered import ratio_spread
from desirepath.statistics.means import LEAST, mean, t_quantile

LARGEST = 1e15
"""A larger amount of one event cannot be right."""

DID = ("yes", "no")


@question
class Measure(Question):
    """How much of something is there, and how much for each person?

    Parameters
    ----------
    event
        What is counted: an event's name or a filter; any event, if left out.
    value
        A property with numbers that is summed up, such as `value`.
    of
        Whom it is divided by: those with an event that fits in the period, an event's name or a filter; everybody with
        any event, if left out.
    """

    event: str | None = None
    value: str | None = None
    of: str | None = None

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.value is not None and not self.value.strip():
            raise InputError("`value` needs the name of a property with numbers.")
        self.reads()

    def reads(self) -> Reads:
        """Which events count, whose they must be, and the number."""
        events = [Where.of(None) if each is None else Where.event(each) for each in (self.event, self.of)]
        wanted: dict[str, Read] = {"match": Match(tuple(events))}
        return wanted if self.value is None else {**wanted, "number": Number(self.value)}

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that counts: its events, their sum, and how many lack a number."""
        events, base = journeys.count("match", 0), journeys.count("match", 1) > 0
        total = missing = np.zeros(len(journeys), dtype=np.int64)
        if self.value is not None:
            fits = cast("Matched", journeys.columns["match"]).holds(0)
            number = cast("Array", journeys.columns["number"])
            known = np.abs(number) <= LARGEST  # no comparison holds for what is missing
            total = _sums(journeys.starts, np.where(fits & known, number, 0.0))
            missing = _sums(journeys.starts, (fits & ~known).astype(np.float64)).astype(np.int64)
        return Findings.of(journeys, base, events=events, total=total, missing=missing)

    def tally(self, findings: Findings) -> Measured:
        """Sums and squares over journeys."""
        events = findings.values["events"].astype(np.float64)
        total = findings.values["total"].astype(np.float64)
        did, missing = int((events > 0).sum()), int(findings.values["missing"].sum())
        return Measured(did, missing, Moments.of(events), Moments.of(total), Moments.of(total + events))

    def answer(self, tally: Measured) -> Report:
        """One line."""
        return _report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`did="yes"`: those with such an event; `did="no"`: those without; everybody counted, if left out.

        Raises
        ------
        UnknownNameError
            If something else is selected by.
        """
        refuse_others(which, ["did"])
        if "did" not in which:
            return np.ones(len(findings), dtype=np.bool_)
        did = place_among("answer to whether they did it", str(which["did"]), DID) == 0
        return np.asarray((findings.values["events"] > 0) == did)


def _sums(starts: Array, values: Array) -> Array:
    """float64: the sum over each journey, of its own events alone, so that it is the same in whatever batch."""
    found, some = np.zeros(len(starts) - 1), np.diff(starts) > 0
    if some.any():
        found[some] = np.add.reduceat(values, starts[:-1][some])
    return found


@dataclass(frozen=True)
class Measured:
    """Sums over journeys.

    Attributes
    ----------
    did, missing
        How many have any such event; how many events lack a number.
    events, total, both
        Moments over journeys of the number of events, of their sum, and of the two together, which gives how they go
        with each other.
    """

    did: int = 0
    missing: int = 0
    events: Moments = field(default_factory=Moments)
    total: Moments = field(default_factory=Moments)
    both: Moments = field(default_factory=Moments)

    def __add__(self, other: Measured) -> Measured:
        """Join two groups of journeys."""
        return Measured(
            self.did + other.did,
            self.missing + other.missing,
            self.events + other.events,
            self.total + other.total,
            self.both + other.both,
        )

    @property
    def size(self) -> int:
        """How many journeys it sums up."""
        return self.events.n

    def rates(self) -> Mapping[str, Proportion]:
        """The share that did it."""
        return {"did it": Proportion(self.did, self.size)}

    @property
    def unknown(self) -> bool:
        """Whether no event has a number, so that there is nothing to sum up."""
        return self.missing > 0 and self.missing == self.events.total

    def mean(self) -> Estimate:
        """The sum for each event: a ratio of sums, with journeys as what was drawn (Cochran 1977, 6.4)."""
        n, events = self.size, self.events.total
        if not events or self.unknown:
            return Estimate(None, None, None, n, 0.95, "ratio")
        ratio = self.total.total / events
        crossed = (self.both.squares - self.total.squares - self.events.squares) / 2
        rest = ratio_spread(self.total.total, events, self.total.squares, crossed, self.events.squares)
        value = float(ratio)
        if self.did <= LEAST or rest <= 0:
            return Estimate(value, None, None, n, 0.95, "ratio")
        error = math.sqrt(max(float(rest), 0.0) / (n - 1) * n) / float(events)
        half = t_quantile(0.95, n - 1) * error
        return Estimate(value, value - half, value + half, n, 0.95, "ratio")


def _each(moments: Moments) -> Estimate:
    """The mean over people; without an interval where all are the same, which says nothing of others."""
    found = mean(moments.n, moments.mean or 0.0, moments.variance or 0.0)
    return found if moments.variance else replace(found, low=None, high=None)


def _report(tally: Measured, asked: Measure) -> Report:
    share = tally.rates()["did it"].estimate()
    table: dict[str, list[Any]] = {"people": [tally.size], "did": [tally.did]}
    table |= interval_columns("of_people", [share])
    table["events"] = [int(tally.events.total)]
    table |= interval_columns("events_each", [_each(tally.events)])
    if asked.value is not None:
        each = Estimate(None, None, None, tally.size, 0.95, "mean") if tally.unknown else _each(tally.total)
        table["total"] = [None if tally.unknown else float(tally.total.total)]
        table |= interval_columns("total_each", [each])
        table |= interval_columns("mean", [tally.mean()])
    notices = []
    if tally.missing:
        text = (
            f"{tally.missing:,} events have no number in {asked.value!r}, or one beyond {LARGEST:,.0f}; they count as "
            "events, and add nothing."
        )
        notices.append(Notice("without_number", text))
    return Report(table, words=_words(tally, asked, share), notices=notices)


def _words(tally: Measured, asked: Measure, share: Estimate) -> list[str]:
    what = asked.event or "events"
    if not tally.size:
        return [f"Nobody did {asked.of} in this period." if asked.of else "Nobody did anything in this period."]
    lead = f"Of {count(tally.size)} people, {with_interval(share)} did {what}, {count(int(tally.events.total))} times."
    if asked.value is None or tally.unknown:
        return [lead]
    each = _each(tally.total)
    return [lead, f"{asked.value} comes to {float(tally.total.total):,.2f}, {each.value or 0:,.2f} for each of them."]
