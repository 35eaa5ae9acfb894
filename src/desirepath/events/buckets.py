"""Which hour, day, week, month, quarter or year does each moment fall in? Calendar buckets of a time zone.

A bucket is named by the UTC instant at which it starts. Days and everything longer follow the local calendar,
so a day may last 23, 24 or 25 hours and starts later than midnight where midnight does not exist. All times
of one local date share a bucket, also where the clocks go back over midnight. Hours are elapsed hours: the
hour that occurs twice is two buckets, and an hour that a clock change cuts (Lord Howe Island moves by 30
minutes) is counted as its parts.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from desirepath.errors import MomentError, UnknownNameError
from desirepath.events.zones import microseconds, moment, zone

Unit = Literal["hour", "day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Times = npt.NDArray[np.int64]

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_BEFORE_ALL = -(2**62)
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday, and Monday counts as 0.


def buckets(times: Times, within: str | zoneinfo.ZoneInfo, unit: str, week_start: str = "monday") -> Times:
    """Return, for each time, the start of the calendar bucket that holds it.

    Parameters
    ----------
    times
        int64 microseconds since 1970 UTC, any shape, years 3 to 9997.
    within
        The zone whose calendar is meant.
    unit
        `hour`, `day`, `week`, `month`, `quarter` or `year`.
    week_start
        The weekday on which weeks start.

    Returns
    -------
    numpy.ndarray
        int64 microseconds since 1970 UTC, in the shape of `times`.

    Raises
    ------
    UnknownNameError
        For an unknown zone, unit or weekday.
    MomentError
        For a time outside the years 3 to 9997.
    """
    if unit not in UNITS:
        raise UnknownNameError.of("calendar unit", unit, UNITS)
    first_weekday = weekday(week_start)
    given = np.asarray(times, dtype=np.int64)
    if given.size == 0:
        return given.copy()
    starts, offsets = _segments(given, zone(within))
    at = np.searchsorted(starts, given, side="right") - 1
    local = given + offsets[at]
    if unit == "hour":
        return np.asarray(np.maximum(given - local % _HOUR, starts[at]), dtype=np.int64)
    return _first_instants(_local_floor(local, unit, first_weekday), starts, offsets)


def bucket_label(start_us: int, within: str | zoneinfo.ZoneInfo, unit: str, week_start: str = "monday") -> str:
    """Return a bucket's label: `2024-05-01`, `2024-W18`, `2024-05`, `2024-Q2`, `2024` or `2024-05-01 02:00`.

    An hour whose clock time occurs twice that day carries its offset; a week that does not start on Monday is
    written as `week of 2024-04-28`, because ISO week numbers would name another one.

    Raises
    ------
    UnknownNameError
        For an unknown zone, unit or weekday.
    """
    if unit not in UNITS:
        raise UnknownNameError.of("calendar unit", unit, UNITS)
    local = moment(start_us, within)
    if unit == "week":
        if weekday(week_start) == 0:
            year, week, _ = local.isocalendar()
            return f"{year:04d}-W{week:02d}"
        return f"week of {local.date().isoformat()}"
    if unit == "hour":
        text = f"{local.date().isoformat()} {local:%H:%M}"
        twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        return text + local.isoformat(timespec="minutes")[16:] if twice else text
    texts = {
        "day": local.date().isoformat(),
        "month": local.date().isoformat()[:7],
        "quarter": f"{local.year:04d}-Q{(local.month + 2) // 3}",
        "year": f"{local.year:04d}",
    }
    return texts[unit]


def bucket_starts(
    start_us: int, end_us: int, within: str | zoneinfo.ZoneInfo, unit: str, week_start: str = "monday"
) -> Times:
    """Return the starts of all buckets that overlap the time from `start_us` until before `end_us`, in order.

    The first may lie before `start_us`. Use it to show the buckets in which nothing happened.

    Raises
    ------
    MomentError
        When the span is too long for the unit: 28 years of hours, 1,300 years of anything longer.
    """
    if end_us <= start_us:
        return np.empty(0, dtype=np.int64)
    # A step that no bucket of the unit is shorter than, unless a clock change cuts it.
    step = _HOUR // 4 if unit == "hour" else _DAY // 2
    if (end_us - start_us) // step > 1_000_000:
        raise MomentError(f"That is too long a time to be divided by {unit}; use a longer unit or a shorter period.")
    sampled = np.append(np.arange(start_us, end_us, step, dtype=np.int64), end_us - 1)
    changes, _ = _segments(sampled, zone(within))
    inside = changes[(changes >= start_us) & (changes < end_us)]
    # A change may leave a bucket of a minute before it; its last moment finds that one.
    edges = np.concatenate([inside, inside[inside > start_us] - 1])
    return np.unique(buckets(np.concatenate([sampled, edges]), within, unit, week_start))


def weekday(name: str) -> int:
    """Return 0 for `monday` to 6 for `sunday`.

    Raises
    ------
    UnknownNameError
        For anything else.
    """
    if name not in WEEKDAYS:
        raise UnknownNameError.of("weekday", name, WEEKDAYS)
    return WEEKDAYS.index(name)


def _local_floor(local: Times, unit: str, first_weekday: int) -> Times:
    if unit == "day":
        return local - local % _DAY
    if unit == "week":
        days = local // _DAY
        return (days - (days + _EPOCH_WEEKDAY - first_weekday) % 7) * _DAY
    months = local.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    months -= months % {"month": 1, "quarter": 3, "year": 12}[unit]
    floor: Times = months.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)
    return floor


def _first_instants(local: Times, starts: Times, offsets: Times) -> Times:
    # Segment i shows the local times below starts[i + 1] + offsets[i]; the first segment that shows a time,
    # or is past it because the clocks skipped it, holds its first occurrence.
    ends = np.maximum.accumulate(starts[1:] + offsets[:-1])
    at = np.searchsorted(ends, local, side="right")
    return np.asarray(np.maximum(local - offsets[at], starts[at]), dtype=np.int64)


def _segments(times: Times, place: zoneinfo.ZoneInfo) -> tuple[Times, Times]:
    """Return where the offset from UTC changes around these times: starts and offsets in microseconds."""
    bounds = (
        np.array([times.min(), times.max()]).astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    )
    if bounds[0] < 3 or bounds[1] > 9997:
        raise MomentError("Only times in the years 3 to 9997 can be put into calendar buckets.")
    if bounds[1] - bounds[0] < 200:
        present = np.arange(bounds[0], bounds[1] + 1)
    else:
        present = np.unique(times.astype("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970)
    # two years on: where years are left out a jump of the offset stands in, and no bucket may begin close to it
    years = np.unique(np.concatenate([present + step for step in (-2, -1, 0, 1, 2)]).clip(2, 9998))
    table = [entry for year in years for entry in _changes(place.key, int(year))]
    starts = np.array([start for start, _ in table], dtype=np.int64)
    offsets = np.array([offset for _, offset in table], dtype=np.int64)
    starts[0] = _BEFORE_ALL
    real = np.concatenate([[True], offsets[1:] != offsets[:-1]])
    return starts[real], offsets[real]


@lru_cache(maxsize=4096)
def _changes(key: str, year: int) -> tuple[tuple[int, int], ...]:
    """Return (instant, new offset) at the start of a UTC year and at each change of offset within it.

    The offset is asked for once a day and a change is then found by halving. Two changes that cancel each
    other within a day would be missed; the time zone database has none (a test reads all its files).
    """
    place = zone(key)
    start = microseconds(dt.datetime(year, 1, 1, tzinfo=dt.UTC))
    end = microseconds(dt.datetime(year + 1, 1, 1, tzinfo=dt.UTC))
    found = [(start, _offset_at(start, place))]
    for day in range(start + _DAY, end + _DAY, _DAY):
        low, high = day - _DAY, min(day, end)
        while _offset_at(high, place) != found[-1][1]:
            early, late = low, high
            while late - early > 1_000_000:
                middle = (early + late) // 2_000_000 * 1_000_000
                early, late = (middle, late) if _offset_at(middle, place) == found[-1][1] else (early, middle)
            found.append((late, _offset_at(late, place)))
            low = late
    return tuple(entry for entry in found if entry[0] < end)


def _offset_at(time_us: int, place: zoneinfo.ZoneInfo) -> int:
    offset = moment(time_us, place).utcoffset() or dt.timedelta(0)
    return offset // dt.timedelta(microseconds=1)
