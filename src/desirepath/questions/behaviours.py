"""What do people do who reach the goal later, or who belong to one group and not to the other?

    ws.ask(Behaviours(start="sign-up", within="7 days", goal="subscribed", window="60 days"))
    ws.ask(Behaviours(within="30 days", one="name = 'survey' and score >= 9", other="name = 'survey' and score <= 6"))

    behaviour   times  people  of_did   of_did_not  of_more             q_value  verdict
    invite          3     612  41.2 %       18.0 %  +23 % [19, 27]        0.000  associated
    search          1   3 204  24.1 %       23.0 %   +1 % [-2, 4]         0.61   not distinguishable

Everybody is looked at for equally long after their start, and counted by what came after that. What is found goes
together with the outcome; whether it brings it about only a test can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where, always
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Read, Reads
from desirepath.questions.behaviours_answer import behaviours_report
from desirepath.questions.behaviours_choice import BEHAVIOUR, Choice, levels_of
from desirepath.questions.behaviours_sums import BehaviourTally, cells_of
from desirepath.questions.behaviours_table import Sides
from desirepath.questions.behaviours_walk import NO, ONE_BIT, TOLD, UNDECIDED, Clock, by_goal, by_group
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others

FOREVER = 2**61
STRATUM = "stratum"
CONVERTS = Sides("converted", "not_converted", groups=False)
GROUPS = Sides("one", "other", groups=True)
OUTCOMES = ("converted", "not converted", "undecided", "early")
MEMBERS = ("one", "other", "undecided", "both", "neither", "early")


@question
class Behaviours(Question):
    """What do people do who reach the goal later, or who belong to one group and not to the other?

    Parameters
    ----------
    start
        What the clock starts with: an event's name or a filter; if left out, the first event in the period, with groups
        the first that does not say who belongs to them.
    within
        The landmark: what is done up to so long after the start counts as behaviour, such as `"7 days"`.
    goal
        What may be reached after the landmark: an event's name or a filter. Whoever reached it by then is left out.
    window
        How long after the start the goal may be reached; both ends included.
    one, other
        Instead of a goal two groups: filters over events, such as `"name = 'survey' and score >= 9"`. Whoever has an
        event that fits belongs, and is left out where the first such event comes by the landmark; without `other`,
        everybody else is the other group.
    by
        The field whose values are the behaviours: events' names, or a property such as `"category"`.
    times
        From how many times on somebody counts as having done it; several are looked at side by side.
    days
        On how many days; days are 24 hours each and counted from the start, so that everybody has as many.
    only, hide
        Events' names or filters: nothing but these are behaviours, or all but these.
    leave_out
        Events' names or filters that define who is asked about, such as a segment: never a behaviour.
    strata
        A field, such as `"channel"`, taken at the start: differences are also told among those of one value.
    least
        The least share of people that have to have done it to be looked at, such as `"1 %"`; never fewer than 20.
    most
        How many lines to show.
    """

    start: str | None = None
    within: str = "7 days"
    goal: str | None = None
    window: str = "30 days"
    one: str | None = None
    other: str | None = None
    by: str = "name"
    times: list[int] = field(default_factory=lambda: [1, 2, 3, 5, 10])
    days: list[int] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    leave_out: list[str] = field(default_factory=list)
    strata: str | None = None
    least: str = "1 %"
    most: int = 30

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if (self.goal is None) == (self.one is None):
            raise InputError("Say what may be reached, `goal`, or which group is meant, `one`; one of the two.")
        if self.other is not None and self.one is None:
            raise InputError("`other` is what `one` is compared with; it needs `one`.")
        if self.one is not None and self.other is not None and Where.event(self.one) == Where.event(self.other):
            raise InputError("`one` and `other` are the same; nobody would be in one of the two alone.")
        if self.goal is not None and self._within >= self._window:
            raise InputError(
                f"The goal has to have time after the landmark: {self.within} is not before {self.window}."
            )
        if self.most < 1:
            raise InputError(f"At least one line is shown, not {self.most}.")
        _ = self.reads()

    @cached_property
    def _within(self) -> int:
        return duration(self.within).microseconds

    @cached_property
    def _window(self) -> int:
        return duration(self.window).microseconds

    @cached_property
    def choice(self) -> Choice:
        """Which events may be behaviours."""
        defines = {"start": self.start, "goal": self.goal, "one": self.one, "other": self.other}
        return Choice.of(
            defines,
            by=self.by,
            only=self.only,
            hide=self.hide,
            leave_out=self.leave_out,
            levels=levels_of(self.times, self.days),
            least=self.least,
        )

    @property
    def sides(self) -> Sides:
        """What is compared."""
        return CONVERTS if self.one is None else GROUPS

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What may become of somebody."""
        return OUTCOMES if self.one is None else MEMBERS

    def reads(self) -> Reads:
        """Whether an event is a start, the goal or a group's, whether it may be a behaviour, and which."""
        start = always if self.start is None else Where.event(self.start)
        sides = [text for text in (self.goal, self.one, self.other) if text is not None]
        wanted: dict[str, Read] = {"match": Match((start, *map(Where.event, sides)))}
        wanted |= self.choice.reads
        return wanted if self.strata is None else {**wanted, STRATUM: Code(self.strata)}

    def horizon(self) -> int:
        """Until the window of the last start has closed; who belongs to a group, all that is known says."""
        return self._window if self.one is None else FOREVER

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that starts in the period: on which side it is."""
        match, size = cast("Matched", journeys.columns["match"]), len(journeys)
        journey, place = np.empty((2, size), dtype=np.int64)
        outcome, told = np.empty(size, dtype=np.int8), np.zeros(size, dtype=np.bool_)
        begin, end = journeys.period
        clock = Clock(
            begin, end, self._within, self._within, self._window, journeys.cutoff, self.start is None, True, False
        )  # fmt: skip
        given = (journeys.starts, journeys.time, match.codes, match.bits, journeys.open_until)
        if self.one is None:
            many = by_goal(*given, ONE_BIT, clock, journey, place, outcome)
        else:
            many = by_group(*given, self.other is None, clock, journey, place, outcome, told)
            outcome[told & (outcome <= UNDECIDED)] = TOLD
        place = place[:many]
        values: dict[str, Array] = {"outcome": outcome[:many], "started_at": journeys.time[place]}
        return Findings(
            journey[:many],
            values,
            {"entry": place},
            {"outcome": list(self.outcomes), "behaviour": journeys.labels[BEHAVIOUR]},
            journeys,
        )

    def tally(self, findings: Findings) -> BehaviourTally:
        """What those of either side did by the landmark."""
        journeys = cast("JourneyBatch", findings.batch)
        outcome = findings.values["outcome"]
        sides = findings.take(outcome <= NO)
        strata = journeys.labels[STRATUM] if self.strata is not None else [None]
        stratum = np.zeros(len(sides), dtype=np.int64)
        if self.strata is not None:
            stratum = cast("Array", journeys.columns[STRATUM])[sides.anchors["entry"]].astype(np.int64)
        done = self.choice.done(sides, self._within)
        return BehaviourTally(
            findings.labels["behaviour"],
            strata,
            self.choice.levels,
            np.bincount(outcome, minlength=len(self.outcomes)).astype(np.int64),
            cells_of(done, sides.values["outcome"], stratum, len(strata), self.choice.levels),
            "converted after the landmark" if self.one is None else "belong to the first group",
        )

    def answer(self, tally: BehaviourTally) -> Report:
        """Every behaviour that enough people have, the clearest first."""
        return behaviours_report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`outcome="converted"`, `behaviour="invite"` with `times=3` or `days=2`, and `did=False` for the others.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such outcome.
        """
        refuse_others(which, ["outcome", "behaviour", "times", "days", "did"])
        chosen = np.ones(len(findings), dtype=np.bool_)
        if "outcome" in which:
            chosen &= findings.values["outcome"] == place_among("outcome", which["outcome"], self.outcomes)
        if "behaviour" not in which:
            others = [name for name in ("times", "days", "did") if name in which]
            if others:
                raise UnknownNameError.of("selection without a behaviour", others[0], ["outcome", "behaviour"])
            return chosen
        return chosen & (findings.values["outcome"] <= NO) & self.choice.did(findings, which, self._within)
