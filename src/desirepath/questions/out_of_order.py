"""Which events stand before what has to come first, and which are of people to whom that never happened?

    ws.ask(OutOfOrder(first="signed up"))

    event          people  events  early  early_events  of_followed  never
    ticket opened     412   2 000    301         1 077       76.8 %     20

A ticket before the sign-up, a renewal before the contract: either somebody is taken for another, or a clock is wrong,
or the data is. No number that rests on the order of such events can be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.words import count, with_interval
from desirepath.errors import InputError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Reads
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others, several
from desirepath.questions.top_codes import OTHER
from desirepath.statistics import Proportion, interval_columns

LATEST = 2**62
FOREVER = 2**61
OUTCOMES = ("early", "in order", "never")
EARLY, IN_ORDER, NEVER = range(3)


@question
class OutOfOrder(Question):
    """Which events stand before what has to come first, and which are of people to whom that never happened?

    Parameters
    ----------
    first
        What has to come first: an event's name or a filter.
    then
        Which events have to come after it: an event's name or a filter; all others, if left out.
    by
        The field by whose value events are told apart.
    most
        How many lines to show, those with most early people first; the rest is summed up as *(other)*.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"event"})

    first: str
    then: str | None = None
    by: str = "name"
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.most < 1:
            raise InputError(f"At least one line is shown, not {self.most}.")
        if not self.by.strip():
            raise InputError("`by` needs the name of a field, such as name.")
        self.reads()

    def reads(self) -> Reads:
        """What comes first, what has to come after it, and what it is called."""
        then = Where.of(None) if self.then is None else Where.event(self.then)
        return {"match": Match((Where.event(self.first), then)), "by": Code(self.by)}

    def history(self) -> bool:
        """What came first may lie before the period."""
        return True

    def horizon(self) -> int:
        """Or after it, and then the event of the period was early."""
        return FOREVER

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey and kind of event in the period: how many, and how many of them were early."""
        match, code = cast("Matched", journeys.columns["match"]), cast("Array", journeys.columns["by"])
        journey, (begin, end) = journeys.journey_of_event(), journeys.period
        first = np.full(len(journeys), LATEST, dtype=np.int64)
        is_first = match.holds(0)
        np.minimum.at(first, journey[is_first], journeys.time[is_first])
        asked = np.flatnonzero(match.holds(1) & ~is_first & (journeys.time >= begin) & (journeys.time < end))
        key = journey[asked] * max(len(journeys.labels["by"]), 1) + code[asked]
        kinds, place, row = np.unique(key, return_index=True, return_inverse=True)
        mine = journey[asked]
        early = (journeys.time[asked] < first[mine]) & (first[mine] < LATEST)
        many = np.bincount(row, minlength=len(kinds)).astype(np.int64)
        before = np.bincount(row, weights=early, minlength=len(kinds)).astype(np.int64)
        outcome = np.where(before > 0, EARLY, IN_ORDER)
        outcome = np.where(first[mine[place]] == LATEST, NEVER, outcome)
        values = {"event": code[asked][place].astype(np.int64), "outcome": outcome, "events": many, "early": before}
        return Findings(
            mine[place].astype(np.int64),
            values,
            {"entry": asked[place].astype(np.int64)},
            {"event": journeys.labels["by"], "outcome": OUTCOMES},
        )

    def tally(self, findings: Findings) -> OrderTally:
        """Counts by kind of event."""
        labels, code = findings.labels["event"], findings.values["event"]
        found: dict[str, tuple[int, ...]] = {}
        for kind in np.unique(code).tolist():
            here = code == kind
            outcome = findings.values["outcome"][here]
            people = [int((outcome == each).sum()) for each in range(len(OUTCOMES))]
            sums = [int(findings.values[name][here].sum()) for name in ("events", "early")]
            found[_spelled(labels[kind])] = (*people, *sums)
        return OrderTally(found)

    def answer(self, tally: OrderTally) -> Report:
        """A line per kind of event."""
        return _report(tally, self)

    def meant(self, tally: OrderTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """The kinds of events that the last line sums up."""
        if which.get("event") != OTHER or OTHER in tally.found:
            return which
        return {**which, "event": [kind for kind, _ in tally.ranked()[self.most :]]}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`event="ticket opened"` and `outcome`: `early`, `in order` or `never`; all rows.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such event or outcome.
        """
        refuse_others(which, ["event", "outcome"])
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            known = [_spelled(label) for label in findings.labels[name]]
            chosen &= np.isin(findings.values[name], [place_among(name, str(each), known) for each in several(wanted)])
        return chosen


def _spelled(label: str | None) -> str:
    return "(missing)" if label is None else label


@dataclass(frozen=True)
class OrderTally:
    """Per kind of event: people early, in order, without the first; events; early events."""

    found: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def __add__(self, other: OrderTally) -> OrderTally:
        """Join two groups of rows."""
        joined = dict(self.found)
        for kind, counts in other.found.items():
            mine = joined.get(kind, (0,) * len(counts))
            joined[kind] = tuple(a + b for a, b in zip(mine, counts, strict=True))
        return OrderTally(dict(sorted(joined.items())))

    @property
    def size(self) -> int:
        """How many rows it sums up."""
        return sum(sum(counts[: len(OUTCOMES)]) for counts in self.found.values())

    def ranked(self) -> list[tuple[str, tuple[int, ...]]]:
        """Kinds of events, those with most early people first."""
        return sorted(self.found.items(), key=lambda item: (-item[1][EARLY], -item[1][NEVER], item[0]))

    def rates(self) -> Mapping[str, Proportion]:
        """Per kind of event the share of people who had it too early."""
        return {f"{kind} is early": Proportion(c[EARLY], c[EARLY] + c[IN_ORDER]) for kind, c in self.found.items()}


def _report(tally: OrderTally, asked: OutOfOrder) -> Report:
    ranked = tally.ranked()
    lines = ranked[: asked.most]
    rest = ranked[asked.most :]
    if rest:
        lines.append((OTHER, tuple(map(sum, zip(*(counts for _, counts in rest), strict=True)))))
    people = [sum(counts[: len(OUTCOMES)]) for _, counts in lines]
    shares = [Proportion(counts[EARLY], counts[EARLY] + counts[IN_ORDER]).estimate() for _, counts in lines]
    table: dict[str, list[Any]] = {
        "event": [kind for kind, _ in lines],
        "people": people,
        "events": [counts[3] for _, counts in lines],
        "early": [counts[EARLY] for _, counts in lines],
        "early_events": [counts[4] for _, counts in lines],
        **interval_columns("of_followed", shares),
        "never": [counts[NEVER] for _, counts in lines],
    }
    early = sum(counts[4] for counts in tally.found.values())
    notices = []
    if early:
        text = f"{early:,} events stand before {asked.first!r} of the same person; what rests on their order is wrong."
        notices.append(Notice("out_of_order", text))
    return Report(table, words=_words(tally, asked, early, ranked), notices=notices)


def _words(tally: OrderTally, asked: OutOfOrder, early: int, ranked: list[tuple[str, tuple[int, ...]]]) -> list[str]:
    if not tally.found:
        return [f"Nobody has an event in this period that has to come after {asked.first}."]
    if not early:
        return [f"No event stands before {asked.first} of the same person."]
    kind, counts = ranked[0]
    share = Proportion(counts[EARLY], counts[EARLY] + counts[IN_ORDER]).estimate()
    return [
        f"{count(early)} events stand before {asked.first} of the same person.",
        f"Most often {kind}: {count(counts[4])} of {count(counts[3])}, of {with_interval(share)} of those with both.",
    ]
