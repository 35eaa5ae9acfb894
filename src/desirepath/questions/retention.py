"""How many of those who started come back, and when?

Modes: back in exactly that period; in that one or any later (`on_or_after`); in that one or any earlier
(`on_or_before`); in every period up to it (`streak`); at least once in a bracket of periods. Periods are of the
workspace's calendar, or lengths of time counted from each start.

    ws.ask(Retention(start="order", every="week", periods=8))

    period  observable  returned  of observable
         1       9 200     2 116           23 %
         2       8 400     1 512           18 %
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Match, Matched, Reads
from desirepath.journeys.ruler import ruler
from desirepath.journeys.scratch import filled, room_for
from desirepath.questions.catalog import question
from desirepath.questions.like import Rule
from desirepath.questions.question import Findings, Question, Report, refuse_others
from desirepath.questions.retention_answer import RetentionTally, Scale, retention_report
from desirepath.questions.retention_walk import (
    AT_ONCE,
    MOST_PERIODS,
    NO_RETURN,
    ON,
    STREAK,
    Rows,
    When,
    add_brackets,
    add_up,
    came_back,
    count_every,
    follow_every,
    follow_first,
    follow_straight,
)

CALENDAR = ("day", "week", "month", "quarter", "year")
LONGEST_DAYS = {"day": 2, "week": 8, "month": 32, "quarter": 93, "year": 367}
DAY = 86_400_000_000
FOREVER = 2**61
MODES = ("on", "on_or_after", "on_or_before", "streak")
OUTCOMES = ("started", "observable", "returned", "lost", "undecided")


@question
class Retention(Question):
    """How many of those who started come back, and when?

    Parameters
    ----------
    start
        What starts: an event's name or a filter; any event, if left out.
    returns
        What counts as coming back: an event's name or a filter; any event, if left out. It must come after the start.
    every
        Periods: `day`, `week`, `month`, `quarter` or `year` of the calendar, or a length such as `"24 hours"`, counted
        from each start.
    periods
        The last period to look at; the start is in period 0.
    mode
        `on` that period, `on_or_after`, `on_or_before`, or `streak`: in every period from 1 to that one.
    brackets
        Instead of single periods, brackets of them, such as `["1..3", "4..7", "8"]`: at least once in the bracket.
    rates
        Of whom: `over` counts who started so long ago that the period is over for them, `begun` also those for whom
        it has begun only.
    cohorts
        `first`: whoever starts for the first time ever, once; `every`: everybody once in each period they start in, so
        that somebody may be in several cohorts.
    """

    start: str | None = None
    returns: str | None = None
    every: str = "week"
    periods: int = 12
    mode: Literal["on", "on_or_after", "on_or_before", "streak"] = "on"
    brackets: list[str] = field(default_factory=list)
    cohorts: Literal["first", "every"] = "first"
    rates: Literal["over", "begun"] = "over"

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 1 <= self.periods <= MOST_PERIODS:
            raise InputError(f"Retention looks at 1 to {MOST_PERIODS} periods, not {self.periods}.")
        if self.brackets and self.mode != "on":
            raise InputError("Brackets already say which periods count; leave mode at 'on'.")
        _ = self._scale, self._brackets, self.reads()
        if self._scale.width * (self._last + 2) > FOREVER:
            raise InputError(f"{self._last} periods of {self.every} are longer than any time that can be told.")

    @cached_property
    def _scale(self) -> Scale:
        text = self.every.strip().lower()
        if text in CALENDAR:
            return Scale(text, 0, text)
        try:
            width = duration(text).microseconds
        except InputError as problem:
            raise InputError(
                f"{self.every!r} is neither a unit of the calendar nor a length of time: {problem.message}",
                allowed=[*CALENDAR, "24 hours", "7 days"],
            ) from problem
        return Scale("day" if width <= DAY else "week" if width <= 7 * DAY else "month", width, self.every.strip())

    @cached_property
    def _brackets(self) -> Array:
        """int64[brackets, 2]: first and last period of each."""
        found = []
        for text in self.brackets:
            parts = re.fullmatch(r"\s*(\d{1,3})\s*(?:\.\.\s*(\d{1,3})\s*)?", text)
            first, last = (int(parts[1]), int(parts[2] or parts[1])) if parts else (1, 0)
            if not 0 <= first <= last <= MOST_PERIODS:
                raise InputError(f"{text!r} is not a bracket of periods up to {MOST_PERIODS}.", allowed=["1..3", "8"])
            if (first, last) in found:
                raise InputError(f"The bracket {text!r} is there already.")
            found.append((first, last))
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    @property
    def _told(self) -> tuple[bool, bool]:
        """Whether returns after the last period matter, and whether a period is told of once it has begun."""
        return self.mode == "on_or_after", self.rates == "begun"

    @property
    def _last(self) -> int:
        return int(self._brackets.max(initial=0)) if self.brackets else self.periods

    def reads(self) -> Reads:
        """Whether an event is a start, and whether it is a return."""
        wanted = [Where.of(None) if text is None else Where.event(text) for text in (self.start, self.returns)]
        return {"match": Match(tuple(wanted))}

    def horizon(self) -> int:
        """Returns may come after the period in which starts count."""
        if self.mode == "on_or_after":
            return FOREVER
        each = self._scale.width or LONGEST_DAYS[self._scale.unit] * DAY
        return each * (self._last + 2)

    def history(self) -> bool:
        """Who starts for the first time ever can only be told from all that was before."""
        return self.cohorts == "first"

    def like(self, product: str) -> Sequence[Rule]:
        """What a day is, the end of the period and who is in the rates, as a product documents them."""
        from desirepath.questions.retention_like import retention_rules

        return retention_rules(product, self.every.strip().lower(), self._scale.width)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per membership of a cohort: which, the periods come back in as bits, and how many are over."""
        match = cast("Matched", journeys.columns["match"])
        first = journeys.span[0]
        last = max(min(journeys.cutoff, journeys.extent[1]), first)
        begin, end = journeys.period
        edges = journeys.calendar.edges(self._scale.unit, first, last)
        beyond, begun = self._told
        known = np.searchsorted(edges if begun else edges[1:], journeys.cutoff + (not begun), side="right")
        until = journeys.cutoff + (not begun)
        if journeys.by_day:
            until = int(journeys.calendar.edges("day", until, until)[0])
        scale = (self._scale.width, self._last, begin, end, DAY if journeys.by_day else 0, until)
        when = When(ruler(edges), *scale, beyond, begun, int(known))
        given = (journeys.starts, journeys.time, match.codes, match.bits, when)
        rare = self.cohorts == "every"
        capacity = count_every(*given) if rare else len(journeys)
        room = room_for(
            Rows, capacity, journey=np.int32, place=np.int32, cohort=np.int32, bits=np.int64, seen=np.int8,
            started=np.int64,
        )  # fmt: skip
        if rare:
            many = follow_every(*given, room)
        elif self._scale.width == 0 and len(edges) <= NO_RETURN + 1:
            any_returns = bool((match.bits & 2).all())
            many = follow_straight(*given, any_returns, np.empty(AT_ONCE + 1024, dtype=np.uint8), room)
        else:
            many = follow_first(*given, room)
        rows = filled(room, many)
        values = {"cohort": rows.cohort, "back": rows.bits, "seen": rows.seen, "started_at": rows.started}
        labels = journeys.calendar.labels(edges, self._scale.unit)
        return Findings(rows.journey, values, {"entry": rows.place}, {"cohort": labels})

    @property
    def _names(self) -> list[str]:
        if self.brackets:
            return [str(a) if a == b else f"{a}..{b}" for a, b in self._brackets.tolist()]
        return [str(period) for period in range(self.periods + 1)]

    def tally(self, findings: Findings) -> RetentionTally:
        """Counts by cohort and period."""
        values, labels = findings.values, findings.labels["cohort"]
        columns = len(self._brackets) if self.brackets else self.periods + 1
        size = np.zeros(len(labels), dtype=np.int64)
        closed = np.zeros((len(labels), columns + (0 if self.brackets else 1)), dtype=np.int64)
        back = np.zeros((len(labels), columns), dtype=np.int64)
        rows = (values["cohort"], values["back"], values["seen"])
        if self.brackets:
            add_brackets(*rows, self._brackets, size, closed, back)
        else:
            add_up(*rows, MODES.index(self.mode), size, closed, back)
            # of how many the period is over: those of which more periods are
            closed = np.cumsum(closed[:, ::-1], axis=1)[:, ::-1][:, 1:]
        closed = np.ascontiguousarray(closed)
        return RetentionTally(tuple(map(str, labels)), size, closed, back, tuple(self._names))

    def answer(self, tally: RetentionTally) -> Report:
        """The pooled curve by period, and the triangle of cohorts."""
        return retention_report(
            tally,
            self._scale,
            self.mode,
            self._names,
            self.start,
            first=self.cohorts == "first",
            begun=self.rates == "begun",
        )

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`period=3, outcome="returned" | "lost" | "observable" | "undecided"`, `cohort="2026-W05"`; all who started.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such period, outcome or cohort.
        """
        refuse_others(which, ["period", "outcome", "cohort"])
        values = findings.values
        chosen = np.ones(len(findings), dtype=np.bool_)
        if "cohort" in which:
            labels = list(findings.labels["cohort"])
            if which["cohort"] not in labels:
                raise UnknownNameError.of("cohort", str(which["cohort"]), map(str, labels))
            chosen &= values["cohort"] == labels.index(which["cohort"])
        outcome = which.get("outcome", "returned" if "period" in which else "started")
        if outcome not in OUTCOMES:
            raise UnknownNameError.of("outcome", str(outcome), OUTCOMES)
        if outcome == "started":
            return chosen
        if "period" not in which:
            raise InputError(f"Who {outcome} is chosen together with the period.", allowed=self._names)
        over, back = self._of_period(values, which.get("period"))
        parts = {"observable": over, "returned": over & back, "lost": over & ~back, "undecided": ~over}
        return np.asarray(chosen & parts[outcome])

    def _of_period(self, values: Mapping[str, Array], period: Any) -> tuple[Array, Array]:
        """bool per row: whether the period is over, and whether they came back in it."""
        names = self._names
        if str(period) not in names:
            raise UnknownNameError.of("period", str(period), names)
        place = names.index(str(period))
        bits, seen = values["back"], values["seen"]
        if self.brackets:
            first, last = self._brackets[place]
            inside = ((1 << (int(last) + 1)) - 1) & ~((1 << int(first)) - 1)
            return seen > last, (bits & inside) != 0
        mode = MODES.index(self.mode)
        if mode in (ON, STREAK):
            wanted = 1 << place if mode == ON else ((1 << (place + 1)) - 1) & ~1
            return seen > place, (bits & wanted) == wanted
        return seen > place, np.array([came_back.plain(int(each), place, mode) for each in bits], dtype=np.bool_)
