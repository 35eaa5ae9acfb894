"""What is there to say of a group of instances? Outcomes, scores, contacts, cost, revenue and time, with differences.

Facts are found per instance of a map; groups add them up exactly, so that the order of sums does not matter, and two
groups without a common instance can be held against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.errors import InputError
from desirepath.journeys.batch import JourneyBatch, Match, Matched, Number, Read
from desirepath.journeys.kernel import kernel
from desirepath.maps.instances import CONVERTED, IN_PROGRESS, closed
from desirepath.maps.journey_map import JourneyMap
from desirepath.questions.journey_map_walk import Instances
from desirepath.statistics import Estimate, Proportion, newcombe
from desirepath.statistics.means import mean, mean_difference
from desirepath.statistics.scores import PLACES, places_of, score, score_difference

Array = npt.NDArray[Any]

CENTS = 100
LARGEST = 3_000_000_000
"""Money of one instance in cents, so that its square is a whole number of 64 bits."""

MEASURES = ("contacts", "cost", "revenue", "burden")
"""`burden` is the cost less what was earned: the map's `value` of a conversion, or the revenue where it names none."""

ANSWERS, SCORE, VALUE = "answers", "score", "value"


def facts_reads(asked: JourneyMap) -> dict[str, Read]:
    """The columns that facts need beside the map's own."""
    found: dict[str, Read] = {}
    if any("value" in (each.cost, each.revenue) for each in asked.touchpoints):
        found[VALUE] = Number("value")
    if asked.feedback:
        found[ANSWERS] = Match((asked.feedback[0].where,))
        found[SCORE] = Number(asked.feedback[0].score)
    return found


def money(asked: JourneyMap, journeys: JourneyBatch, touched: Array, name: str, parts: int) -> Array:
    """int64[n]: what each event costs or earns, in so many parts of the currency; `name` is `cost` or `revenue`."""
    amounts = [getattr(each, name) for each in asked.touchpoints]
    fixed, said = np.zeros(256), np.zeros(256, dtype=np.bool_)
    fixed[: len(amounts)] = [each if isinstance(each, int | float) else 0.0 for each in amounts]
    said[: len(amounts)] = [each == "value" for each in amounts]
    found = fixed[touched]
    if said.any():
        value = cast("Array", journeys.columns[VALUE])
        found = np.where(said[touched] & np.isfinite(value), value, found)
    return np.rint(parts * found).astype(np.int64)


class Facts(NamedTuple):
    """What is known of each instance of a block."""

    outcome: Array  # int8: converted, dropped, in progress
    contacts: Array  # int64: human contacts, those after the end included
    cost_cents: Array  # int64
    revenue_cents: Array  # int64
    burden_cents: Array  # int64
    score: Array  # int8: place of the last answer, -1 where nobody answered
    length: Array  # int64: from start to outcome, microseconds
    closed: Array  # bool: whose time was over when the data ends


@kernel
def _sum_up(starts: Array, touched: Array, human: Array, cost: Array, revenue: Array, contacts: Array, costs: Array,
            revenues: Array) -> None:  # fmt: skip
    for p in range(len(starts) - 1):
        for i in range(starts[p], starts[p + 1]):
            costs[p] += cost[i]
            revenues[p] += revenue[i]
            if human[touched[i]]:
                contacts[p] += 1


@kernel
def _last_score(starts: Array, matches: Array, place: Array, score: Array) -> None:
    for p in range(len(starts) - 1):
        score[p] = -1
        for i in range(starts[p], starts[p + 1]):
            if matches[i] and place[i] >= 0:
                score[p] = place[i]


def concerns(asked: JourneyMap, measure: str) -> bool:
    """Whether a map says anything of contacts, cost or revenue."""
    return any(
        each.contact == "human" if measure == "contacts" else getattr(each, measure) is not None
        for each in asked.touchpoints
    )


@kernel
def put(groups: Array, place: int, group: int) -> int:
    """Write a group behind the others, where there is room; return the next place."""
    if place < len(groups):
        groups[place] = group
    return place + 1


def facts_of(asked: JourneyMap, journeys: JourneyBatch, found: Instances) -> Facts:
    """The facts of a block's instances.

    Raises
    ------
    InputError
        If the money of one instance is beyond what can be added up exactly.
    """
    n = len(journeys)
    human = np.zeros(256, dtype=np.bool_)
    human[: len(asked.touchpoints)] = [each.contact == "human" for each in asked.touchpoints]
    cost, revenue = (money(asked, journeys, found.touched, name, CENTS) for name in ("cost", "revenue"))
    contacts, costs, revenues = (np.zeros(n, dtype=np.int64) for _ in range(3))
    _sum_up(journeys.starts, found.touched, human, cost, revenue, contacts, costs, revenues)
    burden = costs - (revenues if asked.value is None else round(CENTS * asked.value) * (found.outcome == CONVERTED))
    if n and max(int(np.abs(each).max()) for each in (costs, revenues, burden)) > LARGEST:
        raise InputError(f"An instance's money is at most {LARGEST // CENTS:,}; one has more. Is the unit right?")
    given = np.full(n, -1, dtype=np.int8)
    if asked.feedback:
        place = places_of(asked.feedback[0].scale, cast("Array", journeys.columns[SCORE]))
        _last_score(journeys.starts, cast("Matched", journeys.columns[ANSWERS]).holds(0), place, given)
    began = journeys.time[journeys.starts[:-1]] if n else np.zeros(0, dtype=np.int64)
    over = closed(asked, journeys)
    return Facts(found.outcome, contacts, costs, revenues, burden, given, found.at - began, over)


def too_young(outcomes: Array, over: int) -> list[Notice]:
    """What is said of the instances whose time is not over when the data ends: of all but `over` of them."""
    waiting = int(outcomes[IN_PROGRESS])
    early = int(outcomes.sum()) - over - waiting
    if not waiting + early:
        return []
    text = f"{waiting:,} instances are in progress when the data ends; shares leave them out"
    if early:
        text += f", and {early:,} that began as lately and have ended, because the late ends are not known yet"
    return [Notice("undecided", f"{text}.")]


@kernel
def _add_up(
    rows: Array, offsets: Array, groups: Array, outcome: Array, over: Array, values: Array, scores: Array,
    outcomes: Array, closed: Array, sums: Array, high: Array, low: Array, answers: Array, said: Array,
) -> None:  # fmt: skip
    for r in range(len(rows)):
        p = rows[r]
        for g in range(offsets[p], offsets[p + 1]):
            here = groups[g]
            outcomes[here, outcome[p]] += 1
            if scores[p] >= 0:
                said[here, scores[p]] += 1
            if not over[p]:
                continue
            closed[here, 0] += outcome[p] == CONVERTED
            closed[here, 1] += 1
            for m in range(values.shape[0]):
                value = values[m, p]
                sums[here, m] += value
                high[here, m] += (value * value) >> 32
                low[here, m] += (value * value) & 0xFFFFFFFF
            if scores[p] >= 0:
                answers[here, scores[p]] += 1


@dataclass(frozen=True, eq=False)
class Groups:
    """Sums over groups of instances; an instance may be in several.

    All but outcomes and what was said are of instances whose time was over when the data ends: of others the quick
    ends are known and the late ones are not, nor what they will cost yet, nor whether they will be in the group.

    Attributes
    ----------
    outcomes, closed
        int64[groups, 3]; int64[groups, 2]: of those whose time was over how many converted, and all.
    sums, high, low
        int64[groups, 4]: contacts, and cost, revenue and burden in cents, and their squares in two halves.
    answers, said
        int64[groups, 11], of those whose time was over, and of everybody.
    """

    outcomes: Array
    closed: Array
    sums: Array
    high: Array
    low: Array
    answers: Array
    said: Array

    @classmethod
    def of(cls, facts: Facts, rows: Array, offsets: Array, groups: Array, count: int) -> Groups:
        """Sum up the instances `rows` of `facts` by groups.

        Parameters
        ----------
        offsets, groups
            int64[p + 1], int64: the groups of instance p are `groups[offsets[p]:offsets[p + 1]]`.
        count
            How many groups there are.
        """
        shape = (count, len(MEASURES))
        made = cls(
            np.zeros((count, 3), np.int64),
            np.zeros((count, 2), np.int64),
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
            np.zeros(shape, np.int64),
            np.zeros((count, PLACES), np.int64),
            np.zeros((count, PLACES), np.int64),
        )
        values = np.stack((facts.contacts, facts.cost_cents, facts.revenue_cents, facts.burden_cents))
        _add_up(
            rows, offsets, groups, facts.outcome, facts.closed, values, facts.score, made.outcomes, made.closed,
            made.sums, made.high, made.low, made.answers, made.said,
        )  # fmt: skip
        return made

    def __add__(self, other: Groups) -> Groups:
        """Join two sets of instances."""
        names = ("outcomes", "closed", "sums", "high", "low", "answers", "said")
        return Groups(*(getattr(self, name) + getattr(other, name) for name in names))

    def __len__(self) -> int:
        return len(self.outcomes)

    def __getitem__(self, group: int) -> Group:
        squares = [(int(high) << 32) + int(low) for high, low in zip(self.high[group], self.low[group], strict=True)]
        sums = [int(each) for each in self.sums[group]]
        return Group(self.outcomes[group], self.closed[group], sums, squares, self.answers[group], self.said[group])


@dataclass(frozen=True, eq=False)
class Group:
    """One group of instances; sums and squares of `MEASURES`, money in cents. See `Groups`."""

    outcomes: Array
    closed: Array
    sums: Sequence[int]
    squares: Sequence[int]
    answers: Array
    said: Array

    def __len__(self) -> int:
        return int(self.outcomes.sum())

    @property
    def conversion(self) -> Proportion:
        """Converted of those whose time was over when the data ends."""
        return Proportion(int(self.closed[0]), int(self.closed[1]))

    def mean(self, measure: str) -> Estimate:
        """The mean of one of `MEASURES` per instance."""
        return mean(*self.moments(measure))

    def __sub__(self, other: Group) -> Group:
        """The instances of this group that are not in another, which is part of it."""
        sums = [one - two for one, two in zip(self.sums, other.sums, strict=True)]
        squares = [one - two for one, two in zip(self.squares, other.squares, strict=True)]
        outcomes, over = self.outcomes - other.outcomes, self.closed - other.closed
        return Group(outcomes, over, sums, squares, self.answers - other.answers, self.said - other.said)

    def moments(self, measure: str) -> tuple[int, float, float]:
        """Number of instances whose time was over, and mean and sample variance of one of `MEASURES`."""
        place, unit = MEASURES.index(measure), 1 if measure == "contacts" else CENTS
        n, total = int(self.closed[1]), self.sums[place]
        spread = 0.0 if n < 2 else (self.squares[place] * n - total * total) / (n * (n - 1)) / unit**2
        return n, total / n / unit if n else 0.0, spread

    def change(self, other: Group, measure: str, scale: str = "nps") -> Estimate:
        """One group less another without a common instance: in conversion, score, or one of `MEASURES`."""
        if measure == "conversion":
            return newcombe(self.conversion.x, self.conversion.n, other.conversion.x, other.conversion.n)
        if measure == "score":
            return score_difference(scale, self.answers, other.answers)
        return mean_difference(self.moments(measure), other.moments(measure))

    def score(self, scale: str) -> Estimate:
        """The score of those who answered and whose time was over."""
        return score(scale, self.answers)

    def score_of_all(self, scale: str) -> Estimate:
        """The score of everybody who answered."""
        return score(scale, self.said)
