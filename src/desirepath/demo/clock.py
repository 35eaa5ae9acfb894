"""When do things happen? Paris wall-clock time, working hours, weekdays, and the way back to UTC.

All moments are int64 milliseconds since 1970 in UTC. Offsets come from the IANA database, hour by hour, so
the day of 23 hours and the day of 25 hours are as long as they were.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rng = np.random.Generator

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
EVENING = np.array(
    [2, 1, 0.6, 0.4, 0.4, 0.8, 2, 4, 6, 7, 7.5, 7, 8, 7, 6, 6, 6.5, 7.5, 9, 11, 12, 10, 7, 4], dtype=float
)
OFFICE = np.array([0, 0, 0, 0, 0, 0, 0, 0, 6, 10, 11, 10, 7, 7, 9, 9, 8, 7, 4, 2, 0, 0, 0, 0], dtype=float)
WEEK = np.array([1.10, 1.04, 1.02, 1.00, 0.96, 0.88, 1.06])  # Monday first


class Clock:
    """The simulated period and its zone.

    Parameters
    ----------
    end
        Last simulated day, local.
    days
        Length of the period in local days.
    zone
        IANA name.
    """

    def __init__(self, end: date, days: int, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.days = days
        self.first = end - timedelta(days=days - 1)
        self.last = end
        origin = datetime(self.first.year - 1, 1, 1, tzinfo=UTC)
        hours = ((end - origin.date()).days + 120) * 24
        self._origin = int(origin.timestamp()) * 1_000
        offsets = [(origin + timedelta(hours=h)).astimezone(self.zone).utcoffset() for h in range(hours)]
        self._offset = np.array([0 if o is None else int(o.total_seconds()) * 1_000 for o in offsets], dtype=np.int64)
        self.midnight = int(datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC).timestamp()) * 1_000
        self.begin = int(self.utc(np.array([self.midnight]))[0])
        #: The last instant of the data, inclusive: 23:59:59 on the last day.
        self.cutoff = int(self.utc(np.array([self.midnight + days * DAY - SECOND]))[0])
        weights = WEEK[(self.first.weekday() + np.arange(days)) % 7]
        self._weight = np.concatenate([[0.0], np.cumsum(weights)])

    def local(self, at: Ints) -> Ints:
        """Wall-clock milliseconds (as if UTC) of UTC moments."""
        local: Ints = at + self._offset[(at - self._origin) // HOUR]
        return local

    def utc(self, local: Ints) -> Ints:
        """UTC moments of wall-clock milliseconds; a time that the clocks skipped moves on by an hour."""
        guess = local - self._offset[(local - self._origin - 2 * HOUR) // HOUR]
        again: Ints = local - self._offset[(guess - self._origin) // HOUR]
        moment: Ints = np.maximum(guess, again)
        return moment

    def draw(self, rng: Rng, count: int, first: int = 0, last: int | None = None, hours: Floats = EVENING) -> Ints:
        """Draw whole-second moments on days `first` to `last` (exclusive), by weekday and hour of the day."""
        end = self.days if last is None else last
        spot = rng.uniform(self._weight[first], self._weight[end], count)
        day = np.searchsorted(self._weight, spot, side="right") - 1
        return self.utc(self.midnight + np.clip(day, first, end - 1) * DAY + self.second_of_day(rng, count, hours))

    def second_of_day(self, rng: Rng, count: int, hours: Floats) -> Ints:
        """Milliseconds since midnight, whole seconds, following the weights of 24 hours."""
        edges = np.concatenate([[0.0], np.cumsum(hours) / hours.sum()])
        seconds = np.interp(rng.random(count), edges, np.arange(25) * 3_600.0)
        moment: Ints = np.minimum(seconds.astype(np.int64), 86_399) * SECOND
        return moment

    def opening(self, rng: Rng, at: Ints) -> Ints:
        """Keep a moment in the call centre's hours (8 to 20 h), else move it to soon after the opening."""
        local = self.local(at)
        clock = local % DAY
        early, late = clock < 8 * HOUR, clock >= 20 * HOUR
        opens = local - clock + 8 * HOUR + late * DAY + rng.integers(0, 7_200, len(at)) * SECOND
        moment: Ints = np.where(early | late, self.utc(opens), at)
        return moment

    def slot(self, rng: Rng, at: Ints, least: int, most: int) -> Ints:
        """Draw a technician's slot on a quarter-hour, `least` to `most` days later, never on a Sunday."""
        local = self.local(at)
        day = local // DAY + rng.integers(least, most + 1, len(at))
        day = day + ((day + 3) % 7 == 6)
        return self.utc(day * DAY + 8 * HOUR + rng.integers(0, 36, len(at)) * 15 * MINUTE)

    def month(self, at: Ints) -> npt.NDArray[np.datetime64]:
        """Calendar month of UTC moments, by the zone's wall clock."""
        return self.local(at).astype("datetime64[ms]").astype("datetime64[M]")

    def day(self, at: Ints) -> npt.NDArray[np.datetime64]:
        """Calendar day of UTC moments, by the zone's wall clock."""
        return self.local(at).astype("datetime64[ms]").astype("datetime64[D]")

    def moment(self, at: int) -> str:
        """ISO text of one UTC moment with the zone's offset."""
        return datetime.fromtimestamp(at / 1_000, self.zone).isoformat()

    def incident(self, first_day: int, days: int) -> tuple[int, int]:
        """UTC bounds [from, to) of a run of local days."""
        edges = self.utc(np.array([self.midnight + first_day * DAY, self.midnight + (first_day + days) * DAY]))
        return int(edges[0]), int(edges[1])

    def autumn_change(self) -> int:
        """UTC moment at which the last repeated local hour before the end began its first pass."""
        limit = (self.cutoff - self._origin) // HOUR
        drops = np.flatnonzero(np.diff(self._offset[:limit]) < 0)
        return int(self._origin + drops[-1] * HOUR)

    def spring_day(self) -> Any:
        """Find the local day inside the period with 23 hours, or None."""
        jumps = np.flatnonzero(np.diff(self._offset) > 0)
        days = (
            (self._origin + (jumps + 1) * HOUR + self._offset[jumps]).astype("datetime64[ms]").astype("datetime64[D]")
        )
        inside = days[(days >= np.datetime64(self.first)) & (days <= np.datetime64(self.last))]
        return inside[0] if len(inside) else None


def whole_second(at: Ints) -> Ints:
    """Round up to a whole second: what a source without milliseconds writes, without going back in time."""
    return -(-at // SECOND) * SECOND
