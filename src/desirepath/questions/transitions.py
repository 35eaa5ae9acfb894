"""What follows what, how often, for how many people, and after how long?

    ws.ask(Transitions(within="30 minutes"))

    from    to       times   people  of visits  median
    search  product  18 204   9 118       61 %    20 s
    search  (left)    7 310   6 002       25 %

Every visit to a touchpoint is accounted for: it is followed by another, or the stretch ends there, or is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.journeys.batch import ALWAYS_OPEN, JourneyBatch, Reads
from desirepath.journeys.scratch import scratch
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, refuse_others
from desirepath.questions.top_codes import quoted
from desirepath.questions.touchpoints import Touchpoints, View, rows_of
from desirepath.questions.transitions_answer import LEFT, START, UNDECIDED, TransitionsTally, transitions_report
from desirepath.questions.transitions_gaps import Gaps
from desirepath.questions.transitions_walk import Counted, Rules, count_moves, makes_move


@question
class Transitions(Question):
    """What follows what, how often, for how many people, and after how long?

    Parameters
    ----------
    within
        A longer gap is no transition: the stretch ends, and a new one begins. Without it only a session ends.
    only, hide
        Events' names or filters: nothing but these, or all but these; what is hidden is passed over.
    expand
        Properties whose value makes a touchpoint finer: `"category"`, or `"search by category"` for one event's alone.
    collapse
        Whether repeats in a row count as one visit; the gap is then counted from the last of them.
    most
        How many transitions to show, the most frequent first; the rest is summed up exactly.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"from", "to"})

    within: str | None = None
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    expand: list[str] = field(default_factory=list)
    collapse: bool = False
    most: int = 30

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.most < 1:
            raise InputError(f"At least one transition is shown, not {self.most}.")
        _ = self.view, self._within

    @cached_property
    def view(self) -> View:
        """Which events are shown, and how finely."""
        return View(tuple(self.only), tuple(self.hide), tuple(self.expand))

    @cached_property
    def _within(self) -> int:
        return ALWAYS_OPEN if self.within is None else duration(self.within).microseconds

    def named(self) -> Sequence[str]:
        """Events that are told more finely."""
        return self.view.named

    def reads(self) -> Reads:
        """The touchpoint of each event."""
        return dict(self.view.reads)

    def horizon(self) -> int:
        """Whether a visit at the end of the period goes on."""
        return 0

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey with an event that is shown; the moves are walked again when they are summed up."""
        return rows_of(journeys, self._see(journeys))

    def _rules(self, journeys: JourneyBatch) -> Rules:
        return Rules(self._within, self.collapse, journeys.span[1])

    def tally(self, findings: Findings) -> TransitionsTally:
        """Moves and people by kind, and all gaps."""
        journeys = cast("JourneyBatch", findings.batch)
        seen = self._see(journeys)
        k = len(seen)
        counted = Counted(np.zeros((k + 1, k + 2, 3), np.int32), np.zeros((k, 2), np.int32))
        rules = self._rules(journeys)
        short = np.uint32 if rules.within < 1 << 32 else np.int64
        room = len(seen.codes) + 1
        kinds, met = scratch("transitions kinds", room, np.int32), scratch("transitions gaps", room, short)
        walked = (findings.journey, journeys.starts, journeys.time, seen.codes, seen.shown, journeys.open_until)
        many = count_moves(*walked, rules, counted, kinds, met)
        moves, people = counted.moves[:, :, 0].astype(np.int64), counted.moves[:, :, 1].astype(np.int64)
        labels = {int(key): seen.label(int(key)) for key in seen.keys}
        return TransitionsTally(
            len(findings),
            seen.keys,
            labels,
            moves,
            people,
            counted.at[:, 0].astype(np.int64),
            Gaps.of(k * k, kinds[:many], met[:many], moves[:k, :k].ravel()),
        )

    def _see(self, journeys: JourneyBatch) -> Touchpoints:
        return self.view.see(journeys).countable("transitions")

    def answer(self, tally: TransitionsTally) -> Report:
        """The most frequent moves, what happens at each touchpoint, and the finding in words."""
        return transitions_report(tally, self.most)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`{"from": "search", "to": "product"}`, with `(start)`, `(left)` and `(undecided)`; either alone means any.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such touchpoint.
        """
        refuse_others(which, ["from", "to"])
        if not which:
            return np.ones(len(findings), dtype=np.bool_)
        journeys = cast("JourneyBatch", findings.batch)
        seen = self._see(journeys)
        k = len(seen)
        ends = {"from": {START: k}, "to": {LEFT: k, UNDECIDED: k + 1}}
        known = self._names(journeys)
        places = {}
        for side in ("from", "to"):
            named = which.get(side)
            if named is None:
                places[side] = -1
            elif named in ends[side]:
                places[side] = ends[side][named]
            elif named in seen.labels:
                places[side] = seen.labels.index(named)
            elif self.expand or named in known:
                return np.zeros(len(findings), dtype=np.bool_)  # nobody here, but perhaps in another block
            else:
                raise UnknownNameError.of("touchpoint", str(named), [*known, *ends[side]])
        fits = np.zeros(len(journeys), dtype=np.bool_)
        walked = (journeys.starts, journeys.time, seen.codes, seen.shown, journeys.open_until, self._rules(journeys))
        makes_move(*walked, places["from"], places["to"], k, fits)
        return fits[findings.journey]

    def _names(self, journeys: JourneyBatch) -> list[str]:
        return [quoted(label) for label in journeys.labels["touchpoint"] if label is not None]
