"""Whose journey fits a pattern?

    ws.ask(Patterns(patterns=["visit -> {not chat}* -> order", "visit -> ... -> chat -> ... -> order"]))

    pattern                          people   fits  of_people
    visit -> {not chat}* -> order    12 410  1 120      9.0 %

The language and what it means are written out in docs/questions/patterns.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import patterns_chart
from desirepath.answers.words import count, span, with_interval
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.pattern import Pattern
from desirepath.journeys.batch import Array, JourneyBatch, Match, Reads
from desirepath.questions.catalog import question
from desirepath.questions.patterns_walk import FITS, FITS_NOT, UNDECIDED, Machine, Rows, follow_all, machine_of
from desirepath.questions.question import Findings, Question, Report, refuse_others
from desirepath.statistics import Durations, Proportion, interval_columns

FOREVER = 2**62
MOST_PATTERNS = 12
OUTCOMES = ("fits", "fits_not", "undecided")


@question
class Patterns(Question):
    """Whose journey fits a pattern?

    Parameters
    ----------
    patterns
        One or more, such as `"visit -> {not chat}* -> order"`.
    within
        Longest time from a match's first event to its last, such as `"2 hours"`; none, if left out.
    """

    spans: ClassVar[frozenset[str]] = frozenset({"took"})

    patterns: list[str]
    within: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be read, before anything is read."""
        if not 1 <= len(self.patterns) <= MOST_PATTERNS:
            raise InputError(f"One to {MOST_PATTERNS} patterns can be asked about; these are {len(self.patterns)}.")
        if len(set(self.patterns)) < len(self.patterns):
            raise InputError("One pattern is named twice.")
        _ = self._machines

    @cached_property
    def _parsed(self) -> tuple[Pattern, ...]:
        return tuple(Pattern.parse(text) for text in self.patterns)

    @cached_property
    def _machines(self) -> tuple[Machine, ...]:
        within = FOREVER if self.within is None else duration(self.within).microseconds
        return tuple(machine_of(pattern, within) for pattern in self._parsed)

    def reads(self) -> Reads:
        """Which classes each event is in, per pattern."""
        return {f"match {number}": Match(pattern.kinds) for number, pattern in enumerate(self._parsed)}

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey and pattern."""
        parts = [self._follow(journeys, number) for number in range(len(self.patterns))]
        journey, status, matches, start, stop = (np.concatenate(each) for each in zip(*parts, strict=True))
        which = np.repeat(np.arange(len(parts)), [len(part.journey) for part in parts])
        found, time = start >= 0, journeys.time
        took, events = np.full(len(start), -1, dtype=np.int64), np.zeros(len(start), dtype=np.int64)
        took[found] = time[stop[found]] - time[start[found]]
        events[found] = stop[found] - start[found] + 1
        values = {"pattern": which, "outcome": status, "matches": matches, "took": took, "events": events}
        anchors = {"entry": journeys.starts[journey].astype(np.int64), "match": start, "match end": stop}
        return Findings(journey, values, anchors, {"pattern": self.patterns, "outcome": OUTCOMES})

    def _follow(self, journeys: JourneyBatch, number: int) -> Rows:
        return follow_all(journeys, f"match {number}", self._machines[number])

    def tally(self, findings: Findings) -> PatternsTally:
        """Counts by pattern and outcome, and what the first matches took."""
        values, several = findings.values, len(self.patterns)
        counts = np.bincount(values["pattern"] * 3 + values["outcome"], minlength=3 * several).reshape(several, 3)
        matches = np.bincount(values["pattern"], weights=values["matches"], minlength=several).astype(np.int64)
        fits = [(values["pattern"] == number) & (values["outcome"] == FITS) for number in range(several)]
        took = tuple(Durations(values["took"][rows]) for rows in fits)
        events = tuple(Durations(values["events"][rows]) for rows in fits)
        return PatternsTally(tuple(self.patterns), counts, matches, took, events)

    def answer(self, tally: PatternsTally) -> Report:
        """A line per pattern."""
        return _report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`pattern="a -> b"` or its number from 1, and `outcome="fits" | "fits_not" | "undecided" | "all"`.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such pattern or outcome.
        """
        refuse_others(which, ["pattern", "outcome"])
        wanted = which.get("pattern", self.patterns[0])
        if wanted not in self.patterns and wanted not in range(1, len(self.patterns) + 1):
            raise UnknownNameError.of("pattern", str(wanted), self.patterns)
        number = self.patterns.index(wanted) if wanted in self.patterns else wanted - 1
        chosen = findings.values["pattern"] == number
        outcome = which.get("outcome", "fits" if "pattern" in which else "all")
        if outcome not in (*OUTCOMES, "all"):
            raise UnknownNameError.of("outcome", str(outcome), [*OUTCOMES, "all"])
        return np.asarray(
            chosen if outcome == "all" else chosen & (findings.values["outcome"] == OUTCOMES.index(outcome))
        )


@dataclass(frozen=True, eq=False)
class PatternsTally:
    """Sums over rows.

    Attributes
    ----------
    patterns
        Their texts.
    counts
        int64[patterns, 3]: journeys that fit, do not, or may go on to.
    matches
        int64[patterns]: matches that do not overlap, over all journeys.
    took, events
        Per pattern how long the first matches took, and of how many events they are.
    """

    patterns: tuple[str, ...]
    counts: Array
    matches: Array
    took: tuple[Durations, ...]
    events: tuple[Durations, ...]

    def __add__(self, other: PatternsTally) -> PatternsTally:
        """Join two groups of rows."""
        return PatternsTally(
            self.patterns,
            self.counts + other.counts,
            self.matches + other.matches,
            tuple(one + two for one, two in zip(self.took, other.took, strict=True)),
            tuple(one + two for one, two in zip(self.events, other.events, strict=True)),
        )

    @property
    def size(self) -> int:
        """How many journeys there are."""
        return int(self.counts[0].sum())

    def rates(self) -> Mapping[str, Proportion]:
        """Per pattern the share of journeys that fit."""
        return {
            f"fits {text}": Proportion(int(counts[FITS]), int(counts.sum()))
            for text, counts in zip(self.patterns, self.counts, strict=True)
        }


def _report(tally: PatternsTally, asked: Patterns) -> Report:
    shares = [share.estimate() for share in tally.rates().values()]
    seconds = [[_part(times, q, 1_000_000) for times in tally.took] for q in (0.5, 0.25, 0.75)]
    table: dict[str, list[Any]] = {
        "pattern": list(tally.patterns),
        "people": tally.counts.sum(axis=1).tolist(),
        "fits": tally.counts[:, FITS].tolist(),
        "fits_not": tally.counts[:, FITS_NOT].tolist(),
        "undecided": tally.counts[:, UNDECIDED].tolist(),
        **interval_columns("of_people", shares),
        "matches": tally.matches.tolist(),
        "median_events": [_part(many, 0.5, 1) for many in tally.events],
        "median_seconds": seconds[0],
        "quarter_seconds": seconds[1],
        "three_quarters_seconds": seconds[2],
    }
    notices = []
    undecided = int(tally.counts[:, UNDECIDED].max(initial=0))
    if undecided:
        text = (
            f"Up to {undecided:,} have begun a pattern and may still fit it; the share takes them for not fitting yet."
        )
        notices.append(Notice("undecided", text))
    if any(pattern.at_end for pattern in asked._parsed) and tally.size:
        text = "A last event is the last that is known; where a journey goes on, it will be another."
        notices.append(Notice("open_end", text))
    return Report(table, {}, _words(tally), notices, [patterns_chart()] if tally.size else [])


def _part(values: Durations, quantile: float, unit: int) -> float | None:
    found = values.quantile(quantile)
    return None if found is None else found / unit


def _words(tally: PatternsTally) -> list[str]:
    if not tally.size:
        return ["Nobody has an event in this period."]
    said = []
    for number, (text, share) in enumerate(zip(tally.patterns, tally.rates().values(), strict=True)):
        if number == 3:
            break
        median = tally.took[number].quantile(0.5)
        took = "" if median is None else f"; half of their first matches took {span(median)} or less"
        said.append(f"{with_interval(share.estimate())} of {count(share.n)} fit {text} so far{took}.")
    return said
