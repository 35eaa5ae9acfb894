"""Which channels share the credit for a conversion? Several rules side by side, each of which sums to the conversions.

    ws.ask(Attribution(goal="order"))

    channel  first  last  last other  linear  position  decay  markov
    search      40    10          12    22.5      24.1   20.8    23.0

A path is what was touched since the conversion before, no longer ago than the lookback. Credit is a way of sharing out,
not a measure of what would be missing without a channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Reads
from desirepath.questions.attribution_answer import AttributionTally, attribution_report
from desirepath.questions.attribution_walk import MODELS, Marks, Rules, Shares, share_out, took_part
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, refuse_others

EACH = "none"
"""What `apart` says where touches are not put together."""


@dataclass(frozen=True)
class _Lengths:
    lookback: int
    apart: int
    half_life: int


@question
class Attribution(Question):
    """Which channels share the credit for a conversion?

    Parameters
    ----------
    goal
        What a conversion is: an event's name or a filter.
    by
        The field whose value is credited: `channel`, or a property such as `campaign`.
    touches
        Which events are touches: an event's name or a filter; all that have a value of `by`, if left out. A conversion
        is never a touch.
    lookback
        How long before a conversion a touch still counts, such as `"30 days"`.
    apart
        Touches of one channel at most so long apart are one touch; `"none"` counts each.
    half_life
        How old a touch is whose weight has halved, in the rule by age.
    direct
        Values of `by` that are no channel of their own, such as `direct`: the rule `last_other` passes them by where
        there is any other.
    """

    goal: str
    by: str = "channel"
    touches: str | None = None
    lookback: str = "30 days"
    apart: str = "30 minutes"
    half_life: str = "7 days"
    direct: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        _ = self._lengths
        if not self.by.strip():
            raise InputError("`by` needs the name of a field, such as channel.")
        _ = self.reads()

    @cached_property
    def _lengths(self) -> _Lengths:
        apart = -1 if self.apart.strip().lower() == EACH else duration(self.apart).microseconds
        return _Lengths(duration(self.lookback).microseconds, apart, duration(self.half_life).microseconds)

    def reads(self) -> Reads:
        """Whether an event is the goal or a touch, and its channel."""
        touches = Where.of(None) if self.touches is None else Where.event(self.touches)
        return {"touch": Match((Where.event(self.goal), touches)), "by": Code(self.by)}

    def horizon(self) -> int:
        """A touch at the end of the period is undecided until its lookback is over."""
        return self._lengths.lookback

    def history(self) -> bool:
        """Touches before the period count for conversions in it."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that has events; the paths are walked again when they are summed up."""
        found = Findings.of(journeys)
        return Findings(found.journey, found.values, found.anchors, {"by": journeys.labels["by"]}, journeys)

    def _rules(self, journeys: JourneyBatch) -> Rules:
        lengths, (begin, end) = self._lengths, journeys.period
        return Rules(lengths.lookback, lengths.apart, lengths.half_life, begin, end, journeys.cutoff)

    def tally(self, findings: Findings) -> AttributionTally:
        """Credit by channel and rule, moves between channels, and how many paths led where."""
        journeys = cast("JourneyBatch", findings.batch)
        labels = journeys.labels["by"]
        k = len(labels)
        shares = Shares(
            np.zeros((len(MODELS), k), np.int64),
            np.zeros(k, np.int64),
            np.zeros(k, np.int64),
            np.zeros((k, k + 2), np.int64),
            np.zeros(4, np.int64),
        )
        seen, turn, path, person = np.zeros((4, k), np.int64)
        marks = Marks(seen, turn, path, person, np.zeros(1, np.int64))
        direct = np.array([label in self.direct for label in labels], dtype=np.int8)
        touch = cast("Matched", journeys.columns["touch"])
        share_out(
            findings.journey,
            journeys.starts,
            journeys.time,
            cast("Array", journeys.columns["by"]),
            touch.bits,
            touch.codes,
            direct,
            journeys.open_until,
            self._rules(journeys),
            marks,
            shares,
        )
        return AttributionTally(len(findings), tuple(labels), *shares)

    def answer(self, tally: AttributionTally) -> Report:
        """Credit by channel under every rule, what a channel's removal would cost in the Markov chain, and accounts."""
        return attribution_report(self.goal, self.by, tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`channel="search"`: those with a conversion whose path touches it; without it, all who converted.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such channel.
        """
        refuse_others(which, ["channel"])
        journeys = cast("JourneyBatch", findings.batch)
        labels = list(journeys.labels["by"])
        if "channel" in which and which["channel"] not in labels[1:]:
            raise UnknownNameError.of("channel", str(which["channel"]), [label for label in labels if label])
        wanted = labels.index(which["channel"]) if "channel" in which else 0
        fits = np.zeros(len(journeys), dtype=np.bool_)
        touch = cast("Matched", journeys.columns["touch"])
        by = cast("Array", journeys.columns["by"])
        took_part(journeys.starts, journeys.time, by, touch.bits, touch.codes, wanted, self._rules(journeys), fits)
        return fits[findings.journey]
