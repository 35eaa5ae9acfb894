"""Which ways do people take, and which of them lead to the end?

Modes: from a start, up to an end within a window; from a start alone; from the beginning of each journey or session;
backwards, what led to an end; or what came before and after a touchpoint.

    ws.ask(Paths(start="visit", end="order", window="7 days"))

    path                     people  converted  of decided
    visit > search           12 410        310       2.6 %
    visit > search > help     1 204         11       0.9 %

With the same start, end and window a funnel of two steps counts the same people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import JourneyBatch, Match, Matched, Read, Reads
from desirepath.journeys.scratch import filled
from desirepath.questions.catalog import question
from desirepath.questions.paths_answer import paths_report
from desirepath.questions.paths_tally import PathsTally
from desirepath.questions.paths_tree import Packing
from desirepath.questions.paths_walk import (
    OUTCOMES,
    Rows,
    Rules,
    around,
    lead_to,
    room_for_rows,
    take_from_first,
    take_paths,
)
from desirepath.questions.question import Findings, Question, Report, several
from desirepath.questions.sequences_walk import has_pattern, ranked_paths
from desirepath.questions.top_codes import NOTHING, OTHER
from desirepath.questions.touchpoints import Spelled, Touchpoints, View

LONGEST = 40
SELECTIONS = ("path", "begins", "ends", "but", "no_path", "next", "outcome", "depth", "before")


@question
class Paths(Question):
    """Which ways do people take, and which of them lead to the end?

    Parameters
    ----------
    start
        What a path begins with: an event's name or a filter; the journey's first event, if left out.
    end
        What it should reach: an event's name or a filter; without it, paths are told and nobody converts.
    window
        Longest time from the start, such as `"7 days"`; both ends included, as in a funnel.
    entry
        `any`: somebody converts from any start, told from the latest one before the earliest end; `first`: only from
        the first.
    direction
        `forward` from the start; `backward`: what came before the first end, whoever reached it; `around`: what came
        before and after the first start.
    length
        How many touchpoints to tell at most; a longer path is told as far as that. `around`, so many on each side.
    only, hide
        Events' names or filters: nothing but these, or all but these; what is hidden is passed over.
    expand
        Properties whose value makes a touchpoint finer: `"category"`, or `"search by category"` for one event's alone.
    collapse
        Whether repeats in a row are told once.
    through
        Touchpoints that the path, as far as it is told, must have in this order, with anything between; all paths, if
        left out.
    most
        How many paths to show, the most frequent first; the rest is summed up exactly.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"path", "begins", "ends", "next", "but", "no_path"})
    spans: ClassVar[frozenset[str]] = frozenset({"took"})
    unlisted: ClassVar[frozenset[str]] = frozenset({"told"})

    start: str | None = None
    end: str | None = None
    window: str = "30 days"
    entry: Literal["any", "first"] = "any"
    direction: Literal["forward", "backward", "around"] = "forward"
    length: int = 10
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    expand: list[str] = field(default_factory=list)
    collapse: bool = True
    through: list[str] = field(default_factory=list)
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.length < 1 or self.told > LONGEST:
            raise InputError(f"A path tells 1 to {LONGEST} touchpoints, not {self.told}.")
        if self.most < 1:
            raise InputError(f"At least one path is shown, not {self.most}.")
        if self.direction == "backward" and (self.end is None or self.start is not None):
            raise InputError("A path backward leads to an end, and needs no start.")
        if self.direction == "around" and (self.start is None or self.end is not None):
            raise InputError("A path around a touchpoint needs it as its start, and no end.")
        _ = self.view, self._window, self.reads()

    @property
    def told(self) -> int:
        """How many touchpoints a path tells at most."""
        return 2 * self.length + 1 if self.direction == "around" else self.length

    @cached_property
    def view(self) -> View:
        """Which events are shown, and how finely."""
        return View(tuple(self.only), tuple(self.hide), tuple(self.expand))

    @cached_property
    def _window(self) -> int:
        return duration(self.window).microseconds

    def named(self) -> Sequence[str]:
        """Events that are told more finely, and those that paths have to pass."""
        split = {name for name in self.through if self.expand and ": " in name}
        return [*self.view.named, *(name for name in self.through if name not in split)]

    def reads(self) -> Reads:
        """The touchpoint of each event, and whether it is a start or an end."""
        start = Where.of(None) if self.start is None else Where.event(self.start)
        end = Where.of(None) if self.end is None else Where.event(self.end)
        wanted: dict[str, Read] = {"match": Match((start, end))}
        return wanted | dict(self.view.reads)

    def horizon(self) -> int:
        """Events are read until the window of the last start has closed."""
        return 0 if self.direction == "backward" else self._window

    def history(self) -> bool:
        """What led to an end, or came before a start, may lie before the period."""
        return self.direction != "forward"

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that starts in the period: its path, packed, what became of it, and how long it took."""
        seen = self.view.see(journeys)
        packing = Packing.of(seen.space, self.told)
        begin, end = journeys.period
        first = self.entry == "first" or self.start is None or self.end is None
        rules = Rules(
            self._window,
            first,
            self.end is not None,
            self.collapse,
            self.told,
            packing.per_word,
            packing.base,
            begin,
            end,
            journeys.cutoff,
        )
        rows = room_for_rows(len(journeys), packing.words)
        match = cast("Matched", journeys.columns["match"])
        digits = seen.keys + 1
        given = (journeys.starts, journeys.time, seen.codes, seen.shown, digits, match.codes, match.bits)
        if self.direction == "backward":
            many = lead_to(*given, rules, rows)
        elif self.direction == "around":
            many = around(*given, journeys.open_until, self.length, rules, rows)
        elif self.start is None:
            many = take_from_first(*given, journeys.open_until, journeys.shut_at, rules, rows)
        else:
            ends = np.empty(2, dtype=np.int64)
            many = take_paths(*given, journeys.open_until, journeys.shut_at, rules, ends, rows)
        found = _findings(filled(rows, many), seen)
        if self.end is not None and (self.hide or self.only):
            told = seen.shown[seen.codes[found.anchors["entry"]]] >= 0
            found = replace(found, values={**found.values, "told": told})
        return found.take(self._passing(found, packing)) if self.through else found

    def _passing(self, found: Findings, packing: Packing) -> npt.NDArray[np.bool_]:
        """bool[rows]: whether the path has all of `through`."""
        texts, fits = cast("Spelled", found.labels["touchpoints"]), np.zeros(len(found), dtype=np.bool_)
        keys = {texts[key]: key for key in texts.keys}
        if any(name not in keys for name in self.through):
            return fits
        ranks = np.full(max(len(texts), 1), -1, dtype=np.int16)
        distinct = list(dict.fromkeys(self.through))
        ranks[[keys[name] for name in distinct]] = np.arange(len(distinct))
        wanted = np.array([distinct.index(name) for name in self.through], dtype=np.int16)
        has_pattern(ranked_paths(found.values["words"], packing.per_word, packing.base, ranks, self.told), wanted, fits)
        return fits

    def tally(self, findings: Findings) -> PathsTally:
        """Counts by path and outcome; times of those who converted."""
        return PathsTally.of(findings, self.told)

    def answer(self, tally: PathsTally) -> Report:
        """The most frequent paths, the tree of their beginnings, and who was where at each depth."""
        return paths_report(tally, self)

    def meant(self, tally: PathsTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """The line `(other)` becomes what it sums up: all paths that have no line of their own.

        Raises
        ------
        UnknownNameError
            If there is no such touchpoint.
        """
        if which.get("path") == OTHER:
            rest = {name: value for name, value in which.items() if name != "path"}
            return {**self.meant(tally, rest), "no_path": [*tally.lines(self.most), *several(rest.get("no_path", []))]}
        tally.check([which[name] for name in which.keys() & {"path", "begins", "ends"}])
        tally.check([path for name in which.keys() & {"but", "no_path"} for path in several(which[name])])
        if which.get("next", NOTHING) != NOTHING:
            tally.check([[which["next"]]])
        return which

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`path="visit > search"`, `begins="visit"`, `outcome="converted" | "left" | "undecided"`, `depth=3`.

        `depth=3` has at least three touchpoints, `before=3` fewer; `but=["visit > search"]` begins in no such way,
        or backward ends in none, as `ends="help > order"` ends so. A path may also be a list, `["visit", "search"]`;
        `no_path=["visit > search"]` is none of these, and `path="(other)"` none that has a line of its own.
        `next="search"` did so first after the start, or `(nothing)`.

        Raises
        ------
        UnknownNameError
            If something else is selected by.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            if name == "outcome":
                if wanted not in OUTCOMES:
                    raise UnknownNameError.of("outcome", str(wanted), OUTCOMES)
                chosen &= findings.values["outcome"] == OUTCOMES.index(wanted)
            elif name == "depth":
                chosen &= findings.values["steps"] >= int(wanted)
            elif name == "before":
                chosen &= findings.values["steps"] < int(wanted)
            elif name == "but":
                chosen &= ~PathsTally.fits(findings, wanted, self.told, backward=self.direction == "backward")
            elif name == "no_path":
                chosen &= ~PathsTally.fits(findings, wanted, self.told, whole=True)
            elif name == "ends":
                chosen &= PathsTally.fits(findings, [wanted], self.told, backward=True)
            elif name in ("path", "begins"):
                chosen &= PathsTally.fits(findings, [wanted], self.told, whole=name == "path")
            elif name == "next":
                chosen &= PathsTally.goes_on(findings, wanted, self.told)
            else:
                raise UnknownNameError.of("selection", name, SELECTIONS)
        return chosen


def _findings(rows: Rows, seen: Touchpoints) -> Findings:
    values = {name: getattr(rows, name) for name in ("words", "steps", "more", "outcome", "rated", "took")}
    labels = {"outcome": list(OUTCOMES), "touchpoints": Spelled(seen)}
    return Findings(rows.journey, values, {"entry": rows.place}, labels)
