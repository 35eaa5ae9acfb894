"""How much of something is there, and how much for each person?

    ws.ask(Measure(event="order", value="value", of="visit"))

    people  did    of_people  events  events_each  total    total_each  mean
    9 118   1 204     13.2 %   1 530         0.17  84 150         9.23   55.0

Everybody in `people` counts, also those who did nothing: a mean over buyers alone says nothing of all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
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
from desirepath.statistics.means import mean, t_quantile

MILLIONTHS = 1_000_000
FEW = 3
"""With so few units there is no interval of a mean."""

DID = ("yes", "no")


@question
class Measure(Question):
    """How much of something is there, and how much for each person?

    Parameters
    ----------
    event
        What is counted: an event's name or a filter; any event, if left out.
    value
        A property with numbers that is summed up, such as `value`; to the millionth.
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
        """One row per journey that counts: its events, their sum in millionths, and how many lack a number."""
        events, base = journeys.count("match", 0), journeys.count("match", 1) > 0
        total = missing = np.zeros(len(journeys), dtype=np.int64)
        if self.value is not None:
            fits = cast("Matched", journeys.columns["match"]).holds(0)
            number = cast("Array", journeys.columns["number"])
            known = np.isfinite(number)
            total = _sums(journeys.starts, np.where(fits & known, np.rint(number * MILLIONTHS), 0.0))
            missing = _sums(journeys.starts, (fits & ~known).astype(np.float64))
        return Findings.of(journeys, base, events=events, total=total, missing=missing)

    def tally(self, findings: Findings) -> Measured:
        """Sums and squares over journeys."""
        events = findings.values["events"].astype(np.float64)
        total = findings.values["total"] / MILLIONTHS
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
    """int64: the sums of whole numbers over journeys."""
    upto = np.concatenate(([0], np.cumsum(np.nan_to_num(values).astype(np.int64))))
    return np.asarray(np.diff(upto[starts]))


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

    def mean(self) -> Estimate:
        """The sum for each event: a ratio of sums, with journeys as what was drawn (Cochran 1977, 6.4)."""
        n, events = self.size, self.events.total
        if not events:
            return Estimate(None, None, None, n, 0.95, "ratio")
        ratio = self.total.total / events
        crossed = (self.both.squares - self.total.squares - self.events.squares) / 2
        rest = self.total.squares - 2 * ratio * crossed + ratio**2 * self.events.squares
        value = float(ratio)
        if n <= FEW:
            return Estimate(value, None, None, n, 0.95, "ratio")
        error = math.sqrt(max(float(rest), 0.0) / (n - 1) * n) / float(events)
        half = t_quantile(0.95, n - 1) * error
        return Estimate(value, value - half, value + half, n, 0.95, "ratio")


def _each(moments: Moments) -> Estimate:
    return mean(moments.n, moments.mean or 0.0, moments.variance or 0.0)


def _report(tally: Measured, asked: Measure) -> Report:
    share = tally.rates()["did it"].estimate()
    table: dict[str, list[Any]] = {"people": [tally.size], "did": [tally.did]}
    table |= interval_columns("of_people", [share])
    table["events"] = [int(tally.events.total)]
    table |= interval_columns("events_each", [_each(tally.events)])
    if asked.value is not None:
        table["total"] = [float(tally.total.total)]
        table |= interval_columns("total_each", [_each(tally.total)])
        table |= interval_columns("mean", [tally.mean()])
    notices = []
    if tally.missing:
        text = f"{tally.missing:,} events have no number in {asked.value!r}; they count as events, and add nothing."
        notices.append(Notice("without_number", text))
    return Report(table, words=_words(tally, asked, share), notices=notices)


def _words(tally: Measured, asked: Measure, share: Estimate) -> list[str]:
    what = asked.event or "events"
    if not tally.size:
        return [f"Nobody did {asked.of} in this period." if asked.of else "Nobody did anything in this period."]
    lead = f"Of {count(tally.size)} people, {with_interval(share)} did {what}, {count(int(tally.events.total))} times."
    if asked.value is None:
        return [lead]
    each = _each(tally.total)
    return [lead, f"{asked.value} comes to {float(tally.total.total):,.2f}, {each.value or 0:,.2f} for each of them."]
