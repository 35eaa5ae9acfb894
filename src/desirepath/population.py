"""Whom, and when, is a question asked of? The same choices for every question, made once.

    Population(period="2026-05", filter="channel = 'web'", breakdown="campaign", unit="session")

None of these is a field of a question: the runner applies them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from desirepath.errors import InputError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.events.where import Where, always

UNITS = ("person", "session", "account")
PLACES = ("entry", "first known", "last known")


@dataclass(frozen=True)
class Breakdown:
    """Into which groups an answer is split.

    Parameters
    ----------
    field
        The field whose value makes the group: `channel`, or any property.
    at
        Where the value is taken: `entry`, `step 2`, `first known` or `last known` in the journey.
    top
        How many groups to show, largest first; the others are summed up exactly.
    """

    field: str
    at: str = "entry"
    top: int = 10

    def __post_init__(self) -> None:
        """Refuse what cannot be shown."""
        if not self.field.strip():
            raise InputError("A breakdown needs the name of a field.")
        if self.top < 1:
            raise InputError(f"A breakdown shows at least one group, not {self.top}.")


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
    unit
        `person`, `session` or `account`, an organisation that people belong to.
    breakdown
        Into which groups to split.
    sample
        Share of people, drawn by hash.
    cutoff
        The data is taken as known up to this moment, microseconds since 1970-01-01 UTC; its last event if None.
    calendar
        In which days, weeks and months are cut.
    """

    period: Period
    filter: Where = always
    cohort: Where = always
    unit: str = "person"
    breakdown: Breakdown | None = None
    sample: float = 1.0
    cutoff: int | None = None
    calendar: Calendar = field(default_factory=Calendar)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense."""
        if self.unit not in UNITS:
            raise InputError(f"There is no unit {self.unit!r}.", allowed=UNITS)
        if not 0 < self.sample <= 1:
            raise InputError(f"A sample is a share of people above 0 and up to 1, not {self.sample}.")

    def compared(self, changes: Mapping[str, str], period: Callable[[str], Period]) -> Population:
        """The population to compare with: one of another `period`, `filter` or `cohort`."""
        allowed = ("period", "filter", "cohort")
        read: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in allowed:
                raise InputError(f"A comparison cannot change {name!r}.", allowed=allowed)
            read[name] = period(value) if name == "period" else Where.of(value)
        if not read:
            raise InputError("A comparison needs another period, filter or cohort.", allowed=allowed)
        return replace(self, **read)

    def described(self) -> dict[str, Any]:
        """The population as plain data, for the answer."""
        split = self.breakdown
        return {
            "unit": self.unit,
            "period": str(self.period),
            "filter": str(self.filter),
            "cohort": str(self.cohort),
            "breakdown": {"field": split.field, "at": split.at, "top": split.top} if split else None,
            "sample": self.sample,
        }
