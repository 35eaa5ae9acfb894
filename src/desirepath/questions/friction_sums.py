"""What is added up of instances to find what rubs, and the places where anything can."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.maps.journey_map import FOREVER, JourneyMap
from desirepath.questions.friction_people import DAY, Behind
from desirepath.questions.friction_walk import KINDS, Plan
from desirepath.questions.instance_facts import Groups, concerns
from desirepath.questions.voice_tally import VoiceTally
from desirepath.statistics import Proportion

Array = npt.NDArray[Any]

DROP_OFF = "drop-off"
YEAR = 365.25 * DAY


class Began(NamedTuple):
    """When instances began; microseconds, `first` after `last` where there are none.

    Attributes
    ----------
    first, last
        The first and the last; or until when they could be told of, if that is later.
    grain
        All began at multiples of so much after each other: a day, where data has dates alone. 0 if all began at once.
    """

    first: int
    last: int
    grain: int

    @classmethod
    def of(cls, began: Array, until: int) -> Began:
        """When these did."""
        if not len(began):
            return cls(FOREVER, -FOREVER, 0)
        first = int(began.min())
        return cls(first, max(until, int(began.max())), int(np.gcd.reduce(began - first)))

    def __or__(self, other: Began) -> Began:
        """Join two sets of instances."""
        if FOREVER in (self.first, other.first):
            return self if other.first == FOREVER else other
        grain = math.gcd(self.grain, other.grain, self.first - other.first)
        return Began(min(self.first, other.first), max(self.last, other.last), grain)

    @property
    def span(self) -> int:
        """The time in which they began, up to the next moment that one could have begun at; 0 if that is not known."""
        return self.last - self.first + self.grain if self.grain else 0


class FrictionPlace(NamedTuple):
    """A kind of trouble at a place; `number` is its signal, or the touchpoint of a stall or drop-off."""

    kind: str
    at: str
    stage: int
    number: int


def friction_places(asked: JourneyMap) -> list[FrictionPlace]:
    """All that can rub on a map."""
    k, points = len(asked.touchpoints), asked.touchpoints
    found = [
        FrictionPlace(name, each.name, each.stage, kind * k + t)
        for kind, name in enumerate(KINDS)
        for t, each in enumerate(points)
    ]
    found += [
        FrictionPlace("stage too slow", stage.name, s, len(KINDS) * k + s) for s, stage in enumerate(asked.stages)
    ]
    found += [FrictionPlace("stall", each.name, each.stage, t) for t, each in enumerate(points) if not each.limit]
    return found + [FrictionPlace(DROP_OFF, each.name, each.stage, t) for t, each in enumerate(points)]


@dataclass(frozen=True, eq=False)
class FrictionTally:
    """Sums over instances.

    Attributes
    ----------
    outcomes, closed
        int64[3]: instances of the period; those of them whose time was over when the data ends.
    began
        When instances of the period began whose time was over.
    groups
        See `friction_walk.Plan`; of instances whose time was over.
    behind
        Instances and people per place.
    contained, leaks
        int64[horizons, k, 4], int64[horizons, k, k]: see `friction_people.contain`.
    voice
        What was said, by signal; see `friction_voice`. None where the map's feedback has no comments.
    """

    asked: JourneyMap
    slow: float
    plan: Plan
    outcomes: Array
    closed: Array
    began: Began
    groups: Groups
    behind: Behind
    contained: Array
    leaks: Array
    voice: VoiceTally | None = None

    def __add__(self, other: FrictionTally) -> FrictionTally:
        """Join two sets of instances."""
        return FrictionTally(
            self.asked,
            self.slow,
            self.plan,
            self.outcomes + other.outcomes,
            self.closed + other.closed,
            self.began | other.began,
            self.groups + other.groups,
            Behind(*(one + two for one, two in zip(self.behind, other.behind, strict=True))),
            self.contained + other.contained,
            self.leaks + other.leaks,
            self.voice + other.voice if self.voice is not None and other.voice is not None else self.voice,
        )

    @property
    def size(self) -> int:
        """How many instances of the period there are."""
        return int(self.outcomes.sum())

    def rates(self) -> Mapping[str, Proportion]:
        """Conversion of those whose time was over."""
        return {"convert": Proportion(int(self.closed[0]), int(self.closed.sum()))}

    @property
    def per_year(self) -> float | None:
        """How many such periods a year has; None where they are too short to say."""
        return YEAR / self.began.span if self.began.span >= DAY else None

    @property
    def scale(self) -> str | None:
        """The scale of the map's first kind of feedback."""
        return self.asked.feedback[0].scale if self.asked.feedback else None

    @property
    def is_valued(self) -> bool:
        """Whether a conversion has a value."""
        return self.asked.value is not None or concerns(self.asked, "revenue")

    @property
    def has_money(self) -> bool:
        """Whether anything has a price."""
        return self.is_valued or concerns(self.asked, "cost")
