"""Which days, weeks and months does a span of time have? The calendar of a workspace: a zone and a first weekday.

Calendar("Europe/Paris").edges("week", first, last)     starts of all weeks that hold a moment, and the last one's end
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from desirepath.events.buckets import Times, bucket_label, bucket_starts
from desirepath.events.zones import zone

_LONGEST = {"hour": 2, "day": 26, "week": 8 * 24, "month": 32 * 24, "quarter": 93 * 24, "year": 367 * 24}
"""No bucket of the unit is longer, in hours; clock changes included."""

_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Calendar:
    """A zone's calendar.

    Parameters
    ----------
    zone
        IANA name.
    week_start
        The weekday on which weeks start.
    """

    zone: str = "UTC"
    week_start: str = "monday"

    def __post_init__(self) -> None:
        """Refuse an unknown zone."""
        zone(self.zone)

    def edges(self, unit: str, first: int, last: int) -> Times:
        """Return the starts of all buckets that hold a moment from `first` to `last`, and the end of the last bucket.

        Parameters
        ----------
        unit
            `hour`, `day`, `week`, `month`, `quarter` or `year`.
        first, last
            Microseconds since 1970 UTC, both included; `last` not before `first`.

        Returns
        -------
        int64[buckets + 1], ascending: bucket k lasts from `edges[k]` until before `edges[k + 1]`.

        Raises
        ------
        UnknownNameError
            For an unknown unit.
        MomentError
            When the span is too long for the unit.
        """
        return _edges(self, unit, first, last)

    def label(self, start: int, unit: str) -> str:
        """Return the label of the bucket that starts then, such as `2024-W18` or `2024-05-01`."""
        return bucket_label(start, self.zone, unit, self.week_start)

    def labels(self, edges: Times, unit: str) -> list[str]:
        """Return the labels of the buckets that lie between `edges`, as many as edges but one."""
        return list(_labels(self, unit, edges.tobytes()))


@lru_cache(maxsize=64)
def _edges(calendar: Calendar, unit: str, first: int, last: int) -> Times:
    # every block of a question asks for the same ones
    beyond = bucket_starts(first, last + _LONGEST.get(unit, 1) * _HOUR, calendar.zone, unit, calendar.week_start)
    edges = beyond[: int(np.searchsorted(beyond, last, side="right")) + 1]
    edges.setflags(write=False)
    return edges


@lru_cache(maxsize=64)
def _labels(calendar: Calendar, unit: str, edges: bytes) -> tuple[str, ...]:
    return tuple(calendar.label(start, unit) for start in np.frombuffer(edges, dtype=np.int64)[:-1].tolist())
