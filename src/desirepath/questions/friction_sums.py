"""What is added up of instances to find what rubs, and the places where anything can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.maps.journey_map import JourneyMap
from desirepath.questions.friction_people import Behind
from desirepath.questions.friction_walk import KINDS, Plan
from desirepath.questions.instance_facts import Groups, concerns
from desirepath.questions.voice_tally import VoiceTally
from desirepath.statistics import Proportion

Array = npt.NDArray[Any]

DROP_OFF = "drop-off"
YEAR = 365.25 * 86_400_000_000


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
    first, until
        From when to when instances of the period began whose time was over; microseconds.
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
    first: int
    until: int
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
            min(self.first, other.first),
            max(self.until, other.until),
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
    def span(self) -> int:
        """From the first instance to the last that can be told of; microseconds, 0 without an instance."""
        return max(self.until - self.first, 0)

    @property
    def per_year(self) -> float:
        """How many such periods a year has."""
        return YEAR / max(self.span, 1)

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
