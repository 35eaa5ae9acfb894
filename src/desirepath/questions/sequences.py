"""Which touchpoints in which order go with reaching the end, among people who had equally long to meet them?

    ws.ask(Sequences(start="sign-up", end="subscribe", within="3 days", window="30 days"))

    sequence               people  converted  of_decided  of_others  of_more
    import data > invite      812        301      41.2 %     18.0 %   +23.2 %
    import data             1 903        520      30.9 %     15.1 %   +15.8 %

Everybody is looked at up to a landmark after their start, and counted by what happens after it: whoever reached the end
sooner had no time to do more, and would make everything look useful. What is found goes together with the end; whether
it brings it about only a test can say. With `length=1` the single touchpoints that speed people up are ranked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Match, Matched, Read, Reads
from desirepath.journeys.scratch import filled
from desirepath.questions.catalog import question
from desirepath.questions.paths_tally import parts_of
from desirepath.questions.paths_tree import Packing, PathCounts, counted
from desirepath.questions.paths_walk import OUTCOMES, RATED, SURE, Rules, room_for_rows
from desirepath.questions.question import Findings, Question, Report
from desirepath.questions.sequences_answer import sequences_report
from desirepath.questions.sequences_walk import EARLY, has_pattern, ranked_paths, take_landmark
from desirepath.questions.touchpoints import Spelled, View
from desirepath.statistics import Proportion

MOST_LENGTH, MOST_DEPTH = 4, 40
KINDS = (*OUTCOMES, "early")


@question
class Sequences(Question):
    """Which touchpoints in which order go with reaching the end, among people who had equally long to meet them?

    Parameters
    ----------
    start
        What the clock starts with: an event's name or a filter; the first event in the period, if left out.
    end
        What may be reached: an event's name or a filter; without it, sequences are counted and nobody converts.
    within
        The landmark: so long after the start sequences are looked for, such as `"1 day"`; who has reached the end by
        then is left out of the comparison, and counted.
    window
        How long after the start the end may come; both ends included.
    length
        How many touchpoints a sequence has at most; anything may lie between them.
    depth
        How many touchpoints of each path are looked at, repeats in a row once.
    only, hide
        Events' names or filters: nothing but these, or all but these; what is hidden is passed over.
    expand
        Properties whose value makes a touchpoint finer: `"category"`, or `"search by category"` for one event's alone.
    least
        The least share of people that a sequence must have to be looked at, such as `"1 %"`.
    most
        How many sequences to show.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"sequence"})

    start: str | None = None
    end: str | None = None
    within: str = "1 day"
    window: str = "30 days"
    length: int = 3
    depth: int = 15
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    expand: list[str] = field(default_factory=list)
    least: str = "1 %"
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 1 <= self.length <= MOST_LENGTH:
            raise InputError(f"A sequence has 1 to {MOST_LENGTH} touchpoints, not {self.length}.")
        if not 1 <= self.depth <= MOST_DEPTH:
            raise InputError(f"1 to {MOST_DEPTH} touchpoints of a path are looked at, not {self.depth}.")
        if self.most < 1:
            raise InputError(f"At least one sequence is shown, not {self.most}.")
        if self._landmark > self._window:
            raise InputError(f"The landmark, {self.within}, must not lie after the window, {self.window}.")
        _ = self.share, self.view, self.reads()

    @cached_property
    def view(self) -> View:
        """Which events are shown, and how finely."""
        return View(tuple(self.only), tuple(self.hide), tuple(self.expand))

    @cached_property
    def share(self) -> float:
        """`least` as a number."""
        text = self.least.strip()
        try:
            found = float(text.removesuffix("%")) / 100
        except ValueError:
            found = -1.0
        if not text.endswith("%") or not 0 < found <= 1:
            raise InputError(f"{self.least!r} is not a share of people.", allowed=["1 %", "0.1 %"])
        return found

    @cached_property
    def _window(self) -> int:
        return duration(self.window).microseconds

    @cached_property
    def _landmark(self) -> int:
        return duration(self.within).microseconds

    def named(self) -> Sequence[str]:
        """Events that are told more finely."""
        return self.view.named

    def reads(self) -> Reads:
        """The touchpoint of each event, and whether it is a start or an end."""
        texts = (self.start, self.end)
        wanted: dict[str, Read] = {
            "match": Match(tuple(Where.of(None) if t is None else Where.event(t) for t in texts))
        }
        return wanted | dict(self.view.reads)

    def horizon(self) -> int:
        """Events are read until the window of the last start has closed."""
        return self._window

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that starts in the period: its path up to the landmark, and what came after it."""
        seen = self.view.see(journeys)
        packing = Packing.of(seen.space, self.depth)
        begin, end = journeys.period
        shape = (packing.per_word, packing.base, begin, end, journeys.cutoff)
        rules = Rules(self._window, True, self.end is not None, True, self.depth, *shape)
        rows = room_for_rows(len(journeys), packing.words)
        match = cast("Matched", journeys.columns["match"])
        many = take_landmark(
            journeys.starts, journeys.time, seen.codes, seen.shown, seen.keys + 1, match.codes, match.bits,
            journeys.open_until, journeys.shut_at, rules, self._landmark, self.start is None, np.zeros(2, np.int64),
            rows,
        )  # fmt: skip
        rows = filled(rows, many)
        values = {name: getattr(rows, name) for name in ("words", "more", "outcome", "rated")}
        labels = {"outcome": list(KINDS), "touchpoints": Spelled(seen)}
        return Findings(rows.journey, values, {"entry": rows.place}, labels)

    def tally(self, findings: Findings) -> SequencesTally:
        """Distinct paths by outcome."""
        texts = cast("Spelled", findings.labels["touchpoints"])
        packing = Packing.of(len(texts), self.depth)
        rows = findings.values["outcome"] != EARLY
        keys, counts = counted(*(findings.values[name][rows] for name in ("words", "outcome", "rated")))
        return SequencesTally(
            texts,
            packing,
            PathCounts(packing.words, ((keys, counts),) if len(keys) else ()),
            counts.sum(axis=0),
            int((~rows).sum()),
            int(findings.values["more"][rows].sum()),
        )

    def answer(self, tally: SequencesTally) -> Report:
        """The sequences that many people have, those with the surest difference first."""
        return sequences_report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`sequence="import data > invite"`, `outcome="converted" | "left" | "undecided" | "early"`.

        A sequence may also be a list, `["import data", "invite"]`.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such outcome.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            if name == "outcome":
                if wanted not in KINDS:
                    raise UnknownNameError.of("outcome", str(wanted), KINDS)
                chosen &= findings.values["outcome"] == KINDS.index(wanted)
            elif name == "sequence":
                chosen &= (findings.values["outcome"] != EARLY) & self._has(findings, wanted)
            else:
                raise UnknownNameError.of("selection", name, ["sequence", "outcome"])
        return chosen

    def _has(self, findings: Findings, sequence: str | Sequence[str]) -> npt.NDArray[np.bool_]:
        texts = cast("Spelled", findings.labels["touchpoints"])
        keys = {texts[key]: key for key in texts.keys}
        wanted = parts_of(sequence, keys) if isinstance(sequence, str) else list(sequence)
        fits = np.zeros(len(findings), dtype=np.bool_)
        if not wanted or any(part not in keys for part in wanted):
            return fits
        ranks = np.full(max(len(texts), 1), -1, dtype=np.int16)
        pattern = np.zeros(len(wanted), dtype=np.int16)
        for rank, part in enumerate(dict.fromkeys(wanted)):
            ranks[keys[part]] = rank
            pattern[[each == part for each in wanted]] = rank
        packing = Packing.of(len(texts), self.depth)
        paths = ranked_paths(findings.values["words"], packing.per_word, packing.base, ranks, self.depth)
        has_pattern(paths, pattern, fits)
        return fits


@dataclass(frozen=True, eq=False)
class SequencesTally:
    """Sums over people who had not reached the end by the landmark.

    Attributes
    ----------
    texts
        The touchpoints by key.
    packing
        How paths are packed.
    paths
        Distinct paths by outcome.
    outcomes
        int64[5]: how many converted, left, are undecided, and what rates count, see `paths_walk`.
    early
        How many had reached the end by the landmark.
    more
        How many paths are longer than is looked at.
    """

    texts: Spelled
    packing: Packing
    paths: PathCounts
    outcomes: Array
    early: int
    more: int

    def __add__(self, other: SequencesTally) -> SequencesTally:
        """Join two groups of people; nobody at all knows of no touchpoints."""
        if len(self.texts) != len(other.texts):
            return self if self.size or not other.size else other
        return SequencesTally(
            self.texts,
            self.packing,
            self.paths + other.paths,
            self.outcomes + other.outcomes,
            self.early + other.early,
            self.more + other.more,
        )

    @property
    def size(self) -> int:
        """How many started."""
        return int(self.outcomes[: len(OUTCOMES)].sum()) + self.early

    def rates(self) -> Mapping[str, Proportion]:
        """The share that converted after the landmark, of those whose window had closed."""
        return {"converted after the landmark": self.conversion}

    @property
    def conversion(self) -> Proportion:
        """Those that converted after the landmark, of those whose window had closed."""
        return Proportion(int(self.outcomes[SURE]), int(self.outcomes[RATED]))
