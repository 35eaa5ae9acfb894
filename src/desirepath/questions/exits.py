"""At which touchpoint do people leave, and where do they go from each?

    ws.ask(Exits(goal="order"), unit="session")

    touchpoint  visits    met  decided  exits  of met  of exits
    /cart        9 310  8 204    8 190  3 410  41.6 %    22.0 %
    /help        1 204  1 100    1 098    702  63.9 %     4.5 %

Everybody ends once: sum of exits + converted + undecided = everybody. The table `ramps` tells what came after each
touchpoint, for each of those who were there once.
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
from desirepath.events.where import Where
from desirepath.journeys.batch import ALWAYS_OPEN, Array, JourneyBatch, Match, Matched, Read, Reads
from desirepath.journeys.kernel import kernel
from desirepath.questions.catalog import question
from desirepath.questions.exits_answer import ENDS, OTHER, ExitsTally, exits_report
from desirepath.questions.exits_walk import CONVERTED, LATELY, LEFT, UNDECIDED, Ended, Rules, count_ends, mark_ends
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others, several
from desirepath.questions.top_codes import quoted
from desirepath.questions.touchpoints import Touchpoints, View

Walked = tuple[Array, Array, Array, Array, Array, Array, Array, Rules]
"""What both walks need of a batch."""

OUTCOMES = ("met", "exits", "left later", "converted", "undecided", "converted lately")


@kernel
def _first_shown(
    starts: Array, codes: Array, shown: Array, match: Array, bits: Array, goal: bool, place: Array
) -> None:
    """The position of each journey's first event that is not hidden, up to its goal; or -1."""
    for p in range(len(starts) - 1):
        place[p] = -1
        for i in range(starts[p], starts[p + 1]):
            if shown[codes[i]] >= 0:
                place[p] = i
                break
            if goal and bits[match[i]] & 1:
                break


@question
class Exits(Question):
    """At which touchpoint do people leave, and where do they go from each?

    Parameters
    ----------
    goal
        What ends a journey as converted, and is no exit: an event's name or a filter; nothing, if left out.
    within
        Somebody has left once nothing more has come for so long. Without it a session has when it is over, and a
        person never.
    only, hide
        Events' names or filters: nothing but these, or all but these; what is hidden is passed over.
    expand
        Properties whose value makes a touchpoint finer: `"page"`, or `"page view by page"` for one event's alone.
    most
        How many touchpoints to show, those with most exits first; the rest is summed up exactly.
    ramps
        How many next touchpoints to show after each, the most frequent first; the rest is summed up exactly.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"touchpoint", "to"})

    goal: str | None = None
    within: str | None = None
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    expand: list[str] = field(default_factory=list)
    most: int = 20
    ramps: int = 5

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.most < 1 or self.ramps < 1:
            raise InputError("At least one touchpoint is shown, and one after it.", allowed=["1 or more"])
        _ = self.view, self._within, self.reads()

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
        """The touchpoint of each event, and whether it is the goal."""
        goal = Where.of("false") if self.goal is None else Where.event(self.goal)
        wanted: dict[str, Read] = {"goal": Match((goal,))}
        return wanted | dict(self.view.reads)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that is at a touchpoint before it ends; journeys are walked again when summed up."""
        seen, goal = self._see(journeys), cast("Matched", journeys.columns["goal"])
        place = np.empty(len(journeys), dtype=np.int64)
        _first_shown(journeys.starts, seen.codes, seen.shown, goal.codes, goal.bits, self.goal is not None, place)
        rows = np.flatnonzero(place >= 0)
        return Findings(rows, {}, {"entry": place[rows]}, {}, journeys)

    def _see(self, journeys: JourneyBatch) -> Touchpoints:
        return self.view.see(journeys).countable("exits")

    def _walked(self, journeys: JourneyBatch, seen: Touchpoints) -> Walked:
        goal = cast("Matched", journeys.columns["goal"])
        rules = Rules(self._within, self.goal is not None, journeys.span[1])
        events = (journeys.starts, journeys.time, seen.codes, seen.shown, goal.codes, goal.bits)
        return (*events, journeys.open_until, rules)

    def tally(self, findings: Findings) -> ExitsTally:
        """Journeys by touchpoint, how they ended, and what came next."""
        journeys = cast("JourneyBatch", findings.batch)
        seen = self._see(journeys)
        k = len(seen)
        moves, last = np.zeros((2, k, k + 3), dtype=np.int64)
        stamp, after, there = np.zeros((3, k), dtype=np.int64)
        met, young = np.zeros((k, 3), dtype=np.int64), np.zeros((k, 2), dtype=np.int64)
        ended = Ended(moves, last, met, young, stamp, after, there)
        count_ends(findings.journey, *self._walked(journeys, seen), ended)
        labels = {int(key): seen.label(int(key)) for key in seen.keys}
        return ExitsTally(len(findings), seen.keys, labels, moves, last, met, young, self.goal is not None)

    def answer(self, tally: ExitsTally) -> Report:
        """Exits by touchpoint, the ramps from each, and how everybody ended."""
        return exits_report(tally, self.most, self.ramps, self.goal)

    def meant(self, tally: ExitsTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """The touchpoints that `(other)` stands for: among all of them, or among those that came after one."""
        found = dict(which)
        if found.get("to") == OTHER and found.get("touchpoint") in tally.names:
            _, rest = tally.onward(list(tally.names).index(found["touchpoint"]), self.ramps)
            found["to"] = [tally.names[place] for place in rest]
        if found.get("touchpoint") == OTHER:
            _, rest = tally.shown(self.most)
            found["touchpoint"] = [tally.names[place] for place in rest]
        return found

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`touchpoint="/cart"`, `outcome="exits"`, `"left later"`, `"converted"`, `"undecided"`, `to="/help"`.

        Of the converted those that are too late for a share are `"converted lately"`. Everybody who was at the
        touchpoint, if no outcome is given; `to` is what came after the last visit to it, perhaps `(left)`,
        `(converted)` or `(undecided)`.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such touchpoint or outcome.
        InputError
            If `to` stands without a touchpoint.
        """
        refuse_others(which, ["touchpoint", "outcome", "to"])
        if "to" in which and not isinstance(which.get("touchpoint"), str):
            raise InputError("`to` is what came after one touchpoint, which has to be named.")
        journeys = cast("JourneyBatch", findings.batch)
        seen = self._see(journeys)
        size, k = len(journeys), len(seen)
        wanted = self._wanted(which.get("touchpoint"), journeys, seen)
        how, place, after = np.empty((3, size), dtype=np.int64)
        was = np.empty(size, dtype=np.bool_)
        mark_ends(*self._walked(journeys, seen), k, wanted, how, place, was, after)
        chosen, here = was, np.zeros(size, dtype=np.bool_)
        here[place >= 0] = wanted[place[place >= 0]]
        outcome = place_among("outcome", which.get("outcome", OUTCOMES[0]), OUTCOMES)
        late, left = how == LATELY, how == LEFT
        ways = (chosen, here & left, ~here & left, late | (how == CONVERTED), how == UNDECIDED, late)
        fits = ways[outcome]
        chosen = chosen & fits
        if "to" in which:
            if which["to"] in ENDS:
                to = np.array([k + ENDS.index(which["to"])])
            else:
                to = np.flatnonzero(self._wanted(which["to"], journeys, seen))
            chosen = chosen & np.isin(after, to)
        return np.asarray(chosen[findings.journey])

    def _wanted(self, named: Any, journeys: JourneyBatch, seen: Touchpoints) -> Array:
        """bool[touchpoints]: which are meant; all, where none is named.

        Raises
        ------
        UnknownNameError
            If there is no such touchpoint anywhere.
        """
        if named is None:
            return np.ones(len(seen), dtype=np.bool_)
        names = set(several(named))
        found = np.array([label in names for label in seen.labels], dtype=np.bool_)
        known = [quoted(label) for label in journeys.labels["touchpoint"] if label is not None]
        if len(names) == 1 and not found.any() and not self.expand and not names & set(known):
            raise UnknownNameError.of("touchpoint", next(iter(names)), [*known, OTHER])
        return found  # nobody here, but perhaps in another block
