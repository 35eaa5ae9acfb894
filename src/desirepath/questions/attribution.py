"""Which channels share the credit for a conversion? Many rules side by side, each of which sums to the conversions.

    ws.ask(Attribution(goal="order", direct=["direct"], value="value", costs={"search": 900}))

    channel  first  last  last other  linear  position  decay  markov  shapley
    search      40    10          12    22.5      24.1   20.8    23.0     22.9

A path is what was touched since the conversion before, no longer ago than the lookback. Credit is a way of sharing out,
not a measure of what would be missing without a channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.questions.attribution_answer import attribution_report
from desirepath.questions.attribution_share import took_part
from desirepath.questions.attribution_tally import AttributionTally, tally_of
from desirepath.questions.attribution_walk import FEW, Rules
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, refuse_others
from desirepath.statistics.chains import widths
from desirepath.statistics.credit import ENDS, shares_of, two_touches

EACH = "none"
"""What `apart` says where touches are not put together."""

HIGHEST_ORDER = 4

CHAIN = "markov"
"""The rule that is no sharing out by place or age."""


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
    value
        The numeric field of the conversion that says what it is worth, such as `value`: credit in money besides.
    lead
        What brings a lead, an event's name or a filter: adds the rule `w`, by the first touch, the one that brought
        the lead, and the last.
    custom
        Weights of the first touch, of those between together, and of the last, such as `[50, 0, 50]`: adds the rule
        `custom`.
    order
        How many touches the chain of the rule `markov` remembers, 1 to 4; 0 takes what predicts other people best.
    rates
        Whether to add the rule `shapley_rates`: the Shapley value of the game played for the rate of conversion.
    costs
        What was spent on each channel in the period: adds cost per conversion, and return on spend.
    cost_rule
        By whose credit costs are judged.
    """

    settles: ClassVar[bool] = False  # by which part of the data chains are tried depends on where it ends

    goal: str
    by: str = "channel"
    touches: str | None = None
    lookback: str = "30 days"
    apart: str = "30 minutes"
    half_life: str = "7 days"
    direct: list[str] = field(default_factory=list)
    value: str | None = None
    lead: str | None = None
    custom: list[float] = field(default_factory=list)
    order: int = 1
    rates: bool = False
    costs: dict[str, float] = field(default_factory=dict)
    cost_rule: str = "linear"

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        _ = self._lengths
        if not self.by.strip():
            raise InputError("`by` needs the name of a field, such as channel.")
        if self.value is not None and not self.value.strip():
            raise InputError("`value` needs the name of a field, such as value.")
        if not 0 <= self.order <= HIGHEST_ORDER:
            raise InputError(
                f"A chain cannot remember {self.order!r} touches.",
                allowed=[f"1 to {HIGHEST_ORDER}, or 0 to choose by what predicts best"],
            )
        if self.custom:
            shares_of(self.custom)
        if self.cost_rule not in self.rules():
            raise UnknownNameError.of("rule to judge costs by", self.cost_rule, self.rules())
        for name, spent in self.costs.items():
            if not 0 <= spent < float("inf"):
                raise InputError(f"{spent!r} cannot have been spent on {name!r}.", allowed=["a number of 0 or more"])
        _ = self.reads()

    def rules(self) -> list[str]:
        """The names of the rules that it answers by, in the order of the table."""
        left_out = {name for name, asked in (("custom", self.custom), ("w", self.lead)) if not asked}
        order = ("first", "last", "last_other", "linear", *ENDS, "w", "custom", "decay", "participation", "shapley")
        return [*(name for name in order if name not in left_out), CHAIN, *(["shapley_rates"] if self.rates else [])]

    @cached_property
    def _lengths(self) -> _Lengths:
        apart = -1 if self.apart.strip().lower() == EACH else duration(self.apart).microseconds
        return _Lengths(duration(self.lookback).microseconds, apart, duration(self.half_life).microseconds)

    @property
    def half_life_length(self) -> int:
        """The half-life in microseconds."""
        return self._lengths.half_life

    def reads(self) -> Reads:
        """Whether an event is the goal, a touch or a lead, its channel, and what it is worth."""
        touches = Where.of(None) if self.touches is None else Where.event(self.touches)
        leads = () if self.lead is None else (Where.event(self.lead),)
        reads: dict[str, Read] = {"touch": Match((Where.event(self.goal), touches, *leads)), "by": Code(self.by)}
        return reads if self.value is None else {**reads, "value": Number(self.value)}

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

    def chain_order(self, channels: int) -> int:
        """How many touches grams remember: the order, or the highest that there is room for."""
        if self.order:
            return self.order
        return next(order for order in range(HIGHEST_ORDER, 0, -1) if (channels + 3) ** (order + 1) < 2**63)

    def _rules(self, journeys: JourneyBatch) -> Rules:
        lengths, (begin, end) = self._lengths, journeys.period
        channels = len(journeys.labels["by"]) - 1
        base, many = widths(channels, self.chain_order(channels))
        return Rules(
            lengths.lookback,
            lengths.apart,
            lengths.half_life,
            begin,
            end,
            journeys.cutoff,
            base,
            0 if self.order == 1 else many,
            self.lead is not None,
            channels <= FEW,
            self.rates,
            False,
        )

    def _shapes(self) -> npt.NDArray[np.float64]:
        shapes = [*ENDS.values(), *([shares_of(self.custom)] if self.custom else [])]
        return np.array([(shape[0], shape[2], two_touches(shape)) for shape in shapes])

    def tally(self, findings: Findings) -> AttributionTally:
        """Credit by channel and rule, moves between channels, and how many paths led where."""
        journeys = cast("JourneyBatch", findings.batch)
        return tally_of(journeys, findings.journey, self._rules(journeys), self.direct, self._shapes())

    def answer(self, tally: AttributionTally) -> Report:
        """Credit by channel under every rule, what a channel's removal would cost in the Markov chain, and accounts."""
        return attribution_report(self, tally)

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
