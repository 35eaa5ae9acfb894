"""How many customers leave, and what came before?

    ws.ask(Churn(active="subscribed", ends="cancelled", reason="reason", friction=["error", "complaint"]))

    bucket   at_risk  churned  of_at_risk_churned  came_back
    2026-03    1 204       61               5.1 %          4

Who leaves stands beside why: the reason that they state, the last touchpoint, and the friction, scores and tickets of
their last weeks beside those of the customers who stayed. What differs is associated with churn; it need not cause it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.questions import churn_walk as walked
from desirepath.questions import churn_why as whys
from desirepath.questions.activity_walk import Buckets, buckets_of
from desirepath.questions.catalog import question
from desirepath.questions.churn_answer import report
from desirepath.questions.churn_sums import (
    BEGAN,
    BEGAN_AND_ENDED,
    CHOICES,
    CHURNED,
    NO_INNER,
    NO_ROW,
    NOT_STATED,
    OUTCOMES,
    STAYED,
    UNDECIDED,
    ChurnTally,
    chosen_by,
)
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others

FOREVER = 2**61
MOST_FRICTIONS = 40
ANY_THEME = "(any theme)"


@question
class Churn(Question):
    """How many customers leave, and what came before?

    Parameters
    ----------
    ends
        What ends being a customer: an event's name or a filter. Without one, silence does: see `gap`.
    active
        What makes somebody a customer: an event's name or a filter. It is needed where `ends` is given; without, any
        event, if left out.
    gap
        After how long a silence a customer is gone, such as `90 days`; `auto`: longer than the given quantile of their
        own gaps up to then.
    quantile
        Of their own gaps, where `gap` is `auto`.
    least
        So many gaps of their own are needed for that.
    otherwise
        The silence for those who have fewer gaps.
    floor
        By their own gaps nobody is gone sooner than this.
    reason
        The property that states why, of the event that ends it or of one before it, such as a survey.
    feedback
        The property with a score, such as of surveys.
    friction
        What is taken for friction, such as errors, complaints or appointments that are moved: events' names or filters.
    tickets
        What is a ticket: an event's name or a filter.
    theme
        The property that tells what a ticket is about.
    lookback
        The window before the end that friction, scores and tickets are looked for in.
    every
        Buckets of the workspace's calendar: `day`, `week`, `month`, `quarter` or `year`.
    most
        So many reasons, touchpoints and themes are told, the most frequent first; all others together.
    """

    spans: ClassVar[frozenset[str]] = frozenset({"silence", "tenure"})

    ends: str | None = None
    active: str | None = None
    gap: str = "auto"
    quantile: float = 0.95
    least: int = 5
    otherwise: str = "90 days"
    floor: str = "30 days"
    reason: str | None = None
    feedback: str | None = None
    friction: list[str] = field(default_factory=list)
    tickets: str | None = None
    theme: str | None = None
    lookback: str = "30 days"
    every: Literal["day", "week", "month", "quarter", "year"] = "month"
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.ends is not None and self.active is None:
            raise InputError("Where an event ends being a customer, `active` says which one begins it.")
        if not 0 < self.quantile < 1:
            raise InputError(f"A quantile lies between 0 and 1, not at {self.quantile!r}.", allowed=["0.95"])
        if self.least < 1 or self.most < 1:
            raise InputError("`least` and `most` are 1 or more.")
        if len(self.friction) > MOST_FRICTIONS or len(set(self.friction)) < len(self.friction):
            raise InputError(f"`friction` names up to {MOST_FRICTIONS} kinds, each once.")
        if self.theme is not None and self.tickets is None:
            raise InputError("A `theme` is one of tickets; say which events are `tickets`.")
        _ = self.reads(), self._rule(0), self._lookback

    @cached_property
    def _lookback(self) -> int:
        return duration(self.lookback).microseconds

    def _rule(self, cutoff: int) -> walked.Rule:
        fixed = -1 if self.gap == "auto" else duration(self.gap).microseconds
        floor, otherwise = (duration(text).microseconds for text in (self.floor, self.otherwise))
        return walked.Rule(fixed, round(self.quantile * 1_000_000), self.least, floor, otherwise, cutoff)

    def reads(self) -> Reads:
        """Which events begin, continue and end it, and what they tell."""
        nothing = Where.parse("false")
        active = Where.of(None) if self.active is None else Where.event(self.active)
        ends, tickets = (nothing if text is None else Where.event(text) for text in (self.ends, self.tickets))
        frictions = [Where.event(text) for text in self.friction]
        found: dict[str, Read] = {"match": Match((active, ends, tickets, *frictions)), "name": Code("name")}
        for name, given in (("reason", self.reason), ("theme", self.theme)):
            if given is not None:
                found[name] = Code(given)
        if self.feedback is not None:
            found["score"] = Number(self.feedback)
        return found

    def horizon(self) -> int:
        """Who comes back is looked for up to the end of the data."""
        return FOREVER

    def history(self) -> bool:
        """Who is a customer when the period begins follows from all that was before."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey and bucket in which it is a customer."""
        buckets = buckets_of(journeys, self.every)
        spells, stray = self._spells(journeys)
        rows = walked.crossed(spells, journeys.time, buckets.edges, max(buckets.first, 0), buckets.last)
        values = self._values(journeys, buckets, spells, rows)
        journey, entry = rows.journey, _first_begin(len(journeys), spells)[rows.journey]
        if len(stray):
            owner = (np.searchsorted(journeys.starts, stray, side="right") - 1).astype(np.int32)
            bucket = (np.searchsorted(buckets.edges, journeys.time[stray], side="right") - 1).astype(np.int32)
            told = (bucket >= max(buckets.first, 0)) & (bucket <= buckets.last)
            journey = np.concatenate((journey, owner[told]))
            entry = np.concatenate((entry, stray[told]))
            more = {"bucket": bucket[told]}
            values = {name: _longer(name, column, more, int(told.sum())) for name, column in values.items()}
            order = np.argsort(journey, kind="stable")
            journey, entry = journey[order], entry[order]
            values = {name: column[order] for name, column in values.items()}
        labels = journeys.calendar.labels(buckets.edges, self.every)
        spelled: dict[str, Any] = {"bucket": labels, "told": buckets.told, "outcome": OUTCOMES}
        spelled["last_touchpoint"] = journeys.labels["name"]
        spelled |= {name: journeys.labels[name] for name in ("reason", "theme") if name in journeys.labels}
        spelled.setdefault("reason", [None])
        spelled.setdefault("theme", [ANY_THEME])
        return Findings(journey.astype(np.int64), values, {"entry": entry.astype(np.int64)}, spelled)

    def _spells(self, journeys: JourneyBatch) -> tuple[walked.Spells, Array]:
        match = cast("Matched", journeys.columns["match"])
        active = match.holds(0)
        room = walked.spells_room(int(active.sum()))
        given = (journeys.starts, journeys.time, match.codes, match.bits)
        if self.ends is None:
            gaps = walked.gaps_of(journeys.starts, journeys.time, active)
            many, stray = walked.silences(*given, gaps, self._rule(journeys.cutoff), room), room.begin[:0]
        else:
            stray = np.full(int(match.holds(1).sum()), -1, dtype=np.int32)
            many = walked.contracts(*given, room, stray)
            stray = stray[stray >= 0]
        return walked.Spells(*(column[:many] for column in room)), stray

    def _values(
        self, journeys: JourneyBatch, buckets: Buckets, spells: walked.Spells, rows: walked.Rows
    ) -> dict[str, Array]:
        edges, time, spell = buckets.edges, journeys.time, rows.spell
        begin = time[spells.begin[spell]] if len(spell) else np.zeros(0, dtype=np.int64)
        at_risk, ended = begin < edges[rows.bucket], rows.ended > 0
        over = rows.bucket < buckets.over
        outcome = np.where(ended, CHURNED, np.where(over, STAYED, UNDECIDED))
        outcome = np.where(at_risk, outcome, np.where(ended, BEGAN_AND_ENDED, BEGAN)).astype(np.int8)
        first = np.diff(spells.journey, prepend=-1) != 0
        life = first[spell] & ~at_risk
        until = np.minimum(spells.moment, journeys.cutoff)[spell]
        one = np.diff(rows.journey, prepend=-1) != 0
        ends = np.zeros(len(journeys), dtype=np.bool_)
        ends[rows.journey[ended]] = True
        why = self._why(journeys, buckets, spells, rows)
        again = np.minimum(spell + 1, len(spells.begin) - 1)
        returns = np.where(spells.back[spell] > 0, time[spells.begin[again]] if len(spell) else 0, journeys.cutoff)
        inner = (
            np.where(at_risk, edges[rows.bucket] - begin, -1),
            np.where(life, spells.moment[spell] < walked.NEVER, -1),
            why.score,
            one,
            one & ends[rows.journey],
            (np.diff(rows.journey, append=-1) != 0) & (spells.own[spell] > 0),
            over,
            np.where(ended, returns - np.where(ended, spells.moment[spell], 0), -1),
            np.where(life, journeys.cutoff - begin, -1),
        )
        bits = np.arange(len(self.friction))
        return {
            "bucket": rows.bucket,
            "outcome": outcome,
            "tenure": until - begin,
            "came_back": (spells.back[spell] > 0) & ended,
            "silence": spells.gap[spell],
            "reason": why.reason,
            "last_touchpoint": why.touch,
            "theme": why.theme,
            "friction": (why.friction[:, None] >> bits) & 1 > 0,
            "inner": np.stack(inner, axis=1).astype(np.int64),
        }

    def _why(self, journeys: JourneyBatch, buckets: Buckets, spells: walked.Spells, rows: walked.Rows) -> whys.Why:
        match, columns = cast("Matched", journeys.columns["match"]), journeys.columns
        nothing = np.zeros(len(journeys.time), dtype=np.int32)
        name, reason, theme = (cast("Array", columns.get(each, nothing)) for each in ("name", "reason", "theme"))
        score = np.full(len(nothing), whys.NO_SCORE, dtype=np.int64)
        if self.feedback is not None:
            score = whys.in_hundredths(cast("Array", columns["score"]))
        seen = whys.Seen(journeys.starts, journeys.time, match.codes, match.bits, name, reason, theme, score)
        why = whys.why_room(len(rows.journey))
        whys.look_back(seen, spells, rows, buckets.edges, self._lookback, self.ends is not None, why)
        return why

    def tally(self, findings: Findings) -> ChurnTally:
        """Counts by bucket, lifetimes, and what came before."""
        return ChurnTally.of(findings)

    def answer(self, tally: ChurnTally) -> Report:
        """A line per bucket, and what came before."""
        return report(self, tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`bucket="2026-03"`, `outcome="churned"`, `reason="price"`: who ended and states it; all customers.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such bucket, outcome or reason.
        """
        refuse_others(which, ["bucket", "outcome", "reason"])
        values = findings.values
        chosen = values["outcome"] != NO_ROW
        if "bucket" in which:
            chosen &= values["bucket"] == place_among("bucket", which["bucket"], map(str, findings.labels["bucket"]))
        if "outcome" in which:
            place_among("outcome", which["outcome"], CHOICES)
            chosen &= chosen_by(values, which["outcome"])
        if "reason" in which:
            known = [NOT_STATED if label is None else label for label in findings.labels["reason"]]
            chosen &= values["reason"] == place_among("reason", which["reason"], known)
        return np.asarray(chosen)


def _first_begin(journeys: int, spells: walked.Spells) -> Array:
    """int32[journeys]: the event that first made each a customer; -1 for none."""
    found = np.full(journeys, -1, dtype=np.int32)
    first = np.diff(spells.journey, prepend=-1) != 0
    found[spells.journey[first]] = spells.begin[first]
    return found


def _longer(name: str, column: Array, more: Mapping[str, Array], many: int) -> Array:
    """A column with entries for rows that say nothing but that an end had no begin."""
    empty = {"outcome": NO_ROW, "inner": NO_INNER}.get(name, -1 if column.dtype.kind == "i" else 0)
    rest = more.get(name, np.full((many, *column.shape[1:]), empty, dtype=column.dtype))
    return np.concatenate((column, rest.astype(column.dtype)))
