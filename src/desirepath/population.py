"""Whom, and when, is a question asked of? The same choices for every question, made once.

    Population(period="2026-05", filter="channel = 'web'", breakdown="campaign", unit="session")

None of these is a field of a question: the runner applies them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.events.where import Where, always
from desirepath.journeys.sessions import SessionRule

if TYPE_CHECKING:
    from desirepath.maps.journey_map import JourneyMap

UNITS = ("person", "session", "account", "entity", "entity:TYPE", "journey:MAP")
JOURNEY = "journey"
ENTRY, FIRST_KNOWN, LAST_KNOWN = "entry", "first known", "last known"
KNOWN = (FIRST_KNOWN, LAST_KNOWN)
"""Places of a breakdown's value that are of the whole journey, and of no single event."""
PLACES = (ENTRY, *KNOWN)

NTH = "nth"
"""The breakdown by which of its person's units each is: first visit, second visit and so on."""


def unit_of(walked: JourneyMap | None, unit: str) -> str:
    """The unit that is meant: the instances of the map that a question walks, where nothing else is asked for."""
    return unit if walked is None or unit != "person" else f"{JOURNEY}:{walked.name}"


@dataclass(frozen=True)
class Breakdown:
    """Into which groups an answer is split.

    Parameters
    ----------
    field
        The field whose value makes the group: `channel`, or any property.
    at
        Where the value is taken: `entry`, `step 2`, `first known` or `last known` in the journey. Who never came to
        the step is in `(not reached)`, which no group is compared with.
    top
        How many groups to show, largest first; the others are summed up exactly.
    several
        Whether one value may be a list, such as tags: the unit then counts in each group of its list.
    """

    field: str
    at: str = ENTRY
    top: int = 10
    several: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be shown."""
        if not self.field.strip():
            raise InputError("A breakdown needs the name of a field.")
        if not isinstance(self.top, int) or self.top < 1:
            raise InputError(f"A breakdown shows at least one group, a whole number of them, not {self.top!r}.")


@dataclass(frozen=True)
class Members:
    """People who were named one by one, such as those behind a number of another answer.

    Parameters
    ----------
    label
        What they are called in answers.
    places
        Per block of people the places of those who belong, ascending int64; None until they were looked up.
    outside
        Whether everybody else is meant.
    single
        Whether the label is one person's id or identity.
    """

    label: str
    places: Mapping[int, npt.NDArray[Any]] | None = field(repr=False, compare=False)
    outside: bool = False
    single: bool = False

    def __str__(self) -> str:
        return f"not {self.label}" if self.outside else self.label


@dataclass(frozen=True)
class Clock:
    """How finely time is told.

    Parameters
    ----------
    unit
        `second`, `hour` or `day` of the calendar: moments are rounded down to it; as they are, if None.
    once
        Whether of several events of one name in one moment the first alone counts.
    """

    unit: Literal["second", "hour", "day"] | None = None
    once: bool = False


@dataclass(frozen=True)
class Population:
    """Whom and when a question is asked of.

    Parameters
    ----------
    period
        Half-open; entries count inside it.
    filter
        Which events count; journeys are made of these alone.
    cohort
        Which people count: those with at least one event that fits.
    members
        Which people count, named one by one; both they and `cohort` must agree.
    unit
        `person`, `session`, `account` (an organisation that people belong to), `entity` (a ticket, an order … that
        somebody's events are about), `entity:order`, or `journey:repair`, the instances of a journey map.
    use
        Which of a person's units count: `"1"` the first, `"2"`, or `"2.."` the second and later.
    breakdown
        Into which groups to split.
    sample
        Share of people, drawn by hash.
    cutoff
        The data is taken as known up to this moment, microseconds since 1970-01-01 UTC; its last event if None.
    ends
        What came after this moment counts no more than what came after the cut-off, but people are chosen by it.
    calendar
        In which days, weeks and months are cut.
    sessions
        How visits are cut.
    clock
        How finely time is told.
    map
        The journey map whose instances are the unit.
    """

    period: Period
    filter: Where = always
    cohort: Where = always
    members: Members | None = None
    unit: str = "person"
    use: str | None = None
    breakdown: Breakdown | None = None
    sample: float = 1.0
    cutoff: int | None = None
    ends: int | None = None
    calendar: Calendar = field(default_factory=Calendar)
    sessions: SessionRule = field(default_factory=SessionRule)
    clock: Clock = field(default_factory=Clock)
    map: JourneyMap | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.unit not in UNITS[:4] and not self.entity and self.map is None:
            raise InputError(f"There is no unit {self.unit!r}.", allowed=UNITS)
        if self.use is not None and self.unit in ("person", "account"):
            raise InputError("A person has no first or second use; ask with unit='session' or unit='entity'.")
        _ = self.uses
        if not isinstance(self.sample, int | float) or not 0 < self.sample <= 1:
            raise InputError(f"A sample is a share of people above 0 and up to 1, not {self.sample!r}.")

    @property
    def entity(self) -> str | None:
        """The kind of entity that is the unit, an empty text for any; None where another unit is asked for."""
        kind, _, named = self.unit.partition(":")
        return named if kind == "entity" else None

    @property
    def uses(self) -> tuple[int, int] | None:
        """First and last use that count; None for all."""
        if self.use is None:
            return None
        found = re.fullmatch(r"([1-9]\d{0,8})(\.\.([1-9]\d{0,8})?)?", self.use.strip())
        first, last = (int(found[1]), int(found[3] or found[1])) if found else (1, 0)
        if found and found[2] and not found[3]:
            last = 2**62
        if last < first:
            raise InputError(f"{self.use!r} does not say which uses count.", allowed=["1", "2", "2..", "2..5"])
        return first, last

    def described(self) -> dict[str, Any]:
        """The population as plain data, for the answer."""
        split, single = self.breakdown, self.members is not None and self.members.single
        return {
            "unit": self.unit,
            "period": str(self.period),
            "filter": str(self.filter),
            "cohort": str(self.cohort) if self.members is None or single else str(self.members),
            "person": str(self.members) if single else None,
            "use": self.use,
            "breakdown": asdict(split) if split else None,
            "sample": self.sample,
        }
