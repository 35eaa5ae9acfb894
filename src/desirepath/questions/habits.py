"""What do people do within equally long after their start, and how many of them?

    power = ws.ask(Habits(start="sign-up", within="7 days"), cohort="power users", compare={"cohort": "left again"})

    behaviour  times  people  of_watched
    search         1   3 204      88.1 %
    invite         1     612      16.8 %

Two segments are compared by it: everybody is watched for as long, and what defines a segment is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.words import count, with_interval
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where, always
from desirepath.journeys.batch import JourneyBatch, Match, Matched, Reads
from desirepath.questions.behaviours_choice import BEHAVIOUR, Choice, levels_of
from desirepath.questions.behaviours_sums import Labels, Levels
from desirepath.questions.behaviours_walk import UNDECIDED, Clock, by_group
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.statistics import Proportion, interval_columns
from desirepath.statistics.keyed import Keyed

OUTCOMES = ("watched", "undecided")
MOST_COMPARED = 500
"""So many behaviours are held against each other when two populations are compared."""


@question
class Habits(Question):
    """What do people do within equally long after their start, and how many of them?

    Parameters
    ----------
    start
        What the clock starts with: an event's name or a filter; the first event in the period, if left out.
    within
        So long after the start everybody is watched, such as `"7 days"`.
    by
        The field whose values are the behaviours: events' names, or a property such as `"category"`.
    times
        From how many times on somebody counts as having done it.
    only, hide
        Events' names or filters: nothing but these are behaviours, or all but these.
    leave_out
        Events' names or filters that define who is asked about; a workspace adds those of cohorts and segments itself.
    least
        The least share of people that have to have done it to be shown, such as `"1 %"`.
    most
        How many lines to show.
    """

    start: str | None = None
    within: str = "7 days"
    by: str = "name"
    times: list[int] = field(default_factory=lambda: [1])
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    leave_out: list[str] = field(default_factory=list)
    least: str = "1 %"
    most: int = 30

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.most < 1:
            raise InputError(f"At least one line is shown, not {self.most}.")
        _ = self._within, self.reads()

    @cached_property
    def _within(self) -> int:
        return duration(self.within).microseconds

    @cached_property
    def choice(self) -> Choice:
        """Which events may be behaviours."""
        return Choice.of(
            {"start": self.start},
            by=self.by,
            only=self.only,
            hide=self.hide,
            leave_out=self.leave_out,
            levels=levels_of(self.times, []),
            least=self.least,
        )

    def reads(self) -> Reads:
        """Whether an event is a start, and which behaviour it is."""
        start = always if self.start is None else Where.event(self.start)
        return {"match": Match((start,)), **self.choice.reads}

    def horizon(self) -> int:
        """Until the last one who starts in the period has been watched."""
        return self._within

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that starts in the period: whether it was watched for so long."""
        match, size = cast("Matched", journeys.columns["match"]), len(journeys)
        journey, place = np.empty((2, size), dtype=np.int64)
        outcome, told = np.empty(size, dtype=np.int8), np.zeros(size, dtype=np.bool_)
        begin, end = journeys.period
        clock = Clock(begin, end, self._within, 0, 0, journeys.cutoff, self.start is None, False, False)
        given = (journeys.starts, journeys.time, match.codes, match.bits & 1, journeys.open_until)
        many = by_group(*given, True, clock, journey, place, outcome, told)
        undecided = (outcome[:many] == UNDECIDED).astype(np.int8)
        return Findings(
            journey[:many],
            {"outcome": undecided, "started_at": journeys.time[place[:many]]},
            {"entry": place[:many]},
            {"outcome": list(OUTCOMES), "behaviour": journeys.labels[BEHAVIOUR]},
            journeys,
        )

    def tally(self, findings: Findings) -> HabitTally:
        """How many reached which number of times."""
        watched = findings.take(findings.values["outcome"] == 0)
        done, levels = self.choice.done(watched, self._within), self.choice.levels
        level = np.searchsorted(np.array(levels.times), done.times, side="right") - 1
        enough = (level >= 0) & (done.key > 0)
        cells = Keyed.counts(done.key[enough].astype(np.int64) * len(levels) + level[enough])
        return HabitTally(findings.labels["behaviour"], levels, len(watched), len(findings) - len(watched), cells)

    def answer(self, tally: HabitTally) -> Report:
        """A line per behaviour and number of times."""
        return _report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`behaviour="invite"`, perhaps with `times=3`, and `did=False` for the others; `outcome="watched"`.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such outcome.
        """
        refuse_others(which, ["outcome", "behaviour", "times", "did"])
        chosen = np.ones(len(findings), dtype=np.bool_)
        if "outcome" in which:
            chosen &= findings.values["outcome"] == place_among("outcome", which["outcome"], OUTCOMES)
        if "behaviour" not in which:
            others = [name for name in ("times", "did") if name in which]
            if others:
                raise UnknownNameError.of("selection without a behaviour", others[0], ["outcome", "behaviour"])
            return chosen
        watched = findings.values["outcome"] == 0
        return np.asarray(chosen & watched & self.choice.did(findings, which, self._within))


@dataclass(frozen=True, eq=False)
class HabitTally:
    """Sums over people who started.

    Attributes
    ----------
    texts
        What the keys of behaviours stand for.
    levels
        The numbers of times.
    watched, undecided
        How many were watched for so long, and how many not yet.
    cells
        How many people reach which number of times, at most, of which behaviour.
    """

    texts: Labels
    levels: Levels
    watched: int
    undecided: int
    cells: Keyed

    def __add__(self, other: HabitTally) -> HabitTally:
        """Join two groups of people; nobody at all may come from a log with other behaviours."""
        if len(self.texts) != len(other.texts):
            return self if self.size or not other.size else other
        watched, undecided = self.watched + other.watched, self.undecided + other.undecided
        return HabitTally(self.texts, self.levels, watched, undecided, self.cells + other.cells)

    @property
    def size(self) -> int:
        """How many started."""
        return self.watched + self.undecided

    @cached_property
    def lines(self) -> list[tuple[str, int, int]]:
        """Behaviour, number of times, and how many did it as often or more; most people first."""
        many = len(self.levels)
        key, level = np.divmod(self.cells.keys, many)
        kinds, place = np.unique(key, return_inverse=True)
        exact = np.zeros((len(kinds), many), dtype=np.int64)
        np.add.at(exact, (place, level), self.cells.sums[:, 0])
        reached = exact[:, ::-1].cumsum(axis=1)[:, ::-1]
        found = [
            (str(self.texts[kind]), times, int(reached[row, n]))
            for row, kind in enumerate(kinds.tolist())
            for n, times in enumerate(self.levels.times)
        ]
        return sorted(found, key=lambda line: (-line[2], line[0], line[1]))

    def rates(self) -> Mapping[str, Proportion]:
        """The share of the watched that did each."""
        did = [line for line in self.lines if line[2]][:MOST_COMPARED]
        return {_named(name, times): Proportion(people, self.watched) for name, times, people in did}

    def nobody(self) -> Proportion:
        """The share of the watched that did what nobody here did, and others may have done."""
        return Proportion(0, self.watched)


def _named(name: str, times: int) -> str:
    return f"did {name}" if times == 1 else f"did {name} {times} times or more"


def _report(tally: HabitTally, asked: Habits) -> Report:
    least = asked.choice.share * tally.watched
    lines = [line for line in tally.lines if line[2] and line[2] >= least]
    shown = lines[: asked.most]
    shares = [Proportion(people, tally.watched).estimate() for _, _, people in shown]
    table: dict[str, list[Any]] = {
        "behaviour": [name for name, _, _ in shown],
        "times": [times for _, times, _ in shown],
        "people": [people for _, _, people in shown],
        **interval_columns("of_watched", shares),
    }
    extras: dict[str, Mapping[str, list[Any]]] = {
        "accounts": {"what": list(OUTCOMES), "people": [tally.watched, tally.undecided]}
    }
    words, notices = _words(tally, asked, shown), _notices(tally, lines, shown)
    return Report(table, extras, words=words, notices=notices)


def _words(tally: HabitTally, asked: Habits, shown: Sequence[tuple[str, int, int]]) -> list[str]:
    if not tally.size:
        return [f"Nobody began with {asked.start or 'anything'} in this period."]
    said = [f"{count(tally.watched)} were watched for {asked.within} after their start."]
    if shown:
        name, _, people = shown[0]
        said.append(f"Most often {name}: {with_interval(Proportion(people, tally.watched).estimate())} did it.")
    return said


def _notices(tally: HabitTally, lines: Sequence[object], shown: Sequence[object]) -> list[Notice]:
    found = []
    if tally.undecided:
        text = f"{tally.undecided:,} were not watched for so long before the data ends; they are in no share."
        found.append(Notice("undecided", text))
    if len(lines) > len(shown):
        found.append(Notice("other", f"{len(lines) - len(shown):,} more lines are not shown; `most` shows more."))
    return found
