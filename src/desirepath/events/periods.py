"""Between when and when? Half-open periods, written as people write them and read in a zone.

`"2024-05-01..2024-06-01"` is May (the end is left out), and so are `"2024-05"` and `"2024-05..2024-06"`.
`"2024"`, `"2024-Q2"`, `"2024-W05"` and `"2024-05-01"` are a year, a quarter, an ISO week and a day;
`"2024-05.."` has no end, `"..2024-05"` no start. `"last 30 days"` are the 30 whole days before today, so that
no unfinished day lowers a figure; `"today"` and `"yesterday"` are days. `"everything"` is all the time there
is.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

from desirepath.errors import MomentError
from desirepath.events.buckets import UNITS, weekday
from desirepath.events.zones import EARLIEST, LATEST, day_start, moment, span
from desirepath.events.zones import zone as read_zone

_FORMS = (
    "2024-05-01..2024-06-01",
    "2024-05-01..",
    "2024-05-01",
    "2024-05",
    "2024-Q2",
    "2024-W05",
    "2024",
    "last 30 days",
    "today",
    "everything",
)
_CALENDAR = r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|W(?P<week>[0-9]{2})|(?P<month>[0-9]{2})))?"
_LAST = r"(?i)last\s+(?:(?P<number>[0-9]{1,6})\s+)?(?P<unit>[a-z]+?)s?"


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time, `start` included and `end` left out.

    Parameters
    ----------
    start, end
        int microseconds since 1970 UTC; `start` < `end`.
    zone
        IANA name of the zone in which the period was written and is shown.

    Raises
    ------
    MomentError
        When the end is not after the start, or lies outside the years 1 to 9999.
    """

    start: int
    end: int
    zone: str

    def __post_init__(self) -> None:
        if not EARLIEST <= self.start < self.end <= LATEST:
            raise MomentError("A period must end after it starts, within the years 1 to 9999; its end is left out.")

    @classmethod
    def everything(cls, zone: str = "UTC") -> Period:
        """Return the period of all time."""
        return cls(EARLIEST, LATEST, zone)

    @classmethod
    def parse(
        cls, text: str, zone: str | zoneinfo.ZoneInfo, *, now: int | None = None, week_start: str = "monday"
    ) -> Period:
        """Read a period; see the module's text for the forms.

        Parameters
        ----------
        text
            The period as written.
        zone
            The zone in which its dates are read.
        now
            int microseconds since 1970 UTC: needed by `last …`, `today` and `yesterday`.
        week_start
            The weekday on which the weeks of `last 4 weeks` start.

        Raises
        ------
        MomentError
            When the text is no period, ends before it starts, or needs `now` and has none.
        """
        place = read_zone(zone)
        stripped = text.strip()
        if stripped.lower() == "everything":
            return cls.everything(place.key)
        if ".." in stripped:
            first, _, last = (part.strip() for part in stripped.partition(".."))
            start = _calendar_span(first, place)[0] if first else EARLIEST
            end = _calendar_span(last, place)[0] if last else LATEST
            if start >= end:
                raise MomentError(f"The period {text!r} does not end after it starts; its end is left out.")
            return cls(start, end, place.key)
        found = re.fullmatch(_LAST, "last 1 day" if stripped.lower() == "yesterday" else stripped)
        if found is None and stripped.lower() != "today":
            start, end = _calendar_span(stripped, place)
            if start == end:
                raise MomentError(f"{text!r} is an instant, not a period.", allowed=_FORMS)
            return cls(start, end, place.key)
        if now is None:
            raise MomentError(f"The period {text!r} depends on the present moment, and none was given.")
        if found is None:
            return cls(*_calendar_span(moment(now, place).date().isoformat(), place), place.key)
        return cls(
            *_last(int(found["number"] or 1), found["unit"].lower(), now, place, weekday(week_start)),
            place.key,
        )

    def holds(self, time_us: int) -> bool:
        """Say whether an instant (microseconds since 1970 UTC) lies in the period."""
        return self.start <= time_us < self.end

    def __str__(self) -> str:
        if (self.start, self.end) == (EARLIEST, LATEST):
            return "everything"
        return (
            ("" if self.start == EARLIEST else _edge(self.start, self.zone))
            + ".."
            + ("" if self.end == LATEST else _edge(self.end, self.zone))
        )


def _edge(time_us: int, within: str) -> str:
    local = moment(time_us, within)
    if day_start(local.date(), read_zone(within)) == time_us:
        return local.date().isoformat()
    return moment(time_us, "UTC").isoformat().replace("+00:00", "Z")


def _calendar_span(text: str, place: zoneinfo.ZoneInfo) -> tuple[int, int]:
    found = re.fullmatch(_CALENDAR, text)
    if found is None:
        try:
            return span(text, place)
        except MomentError as problem:
            raise MomentError(problem.message, allowed=_FORMS) from None
    try:
        year = int(found["year"])
        if found["week"]:
            first = dt.date.fromisocalendar(year, int(found["week"]), 1)
            return day_start(first, place), day_start(first + dt.timedelta(days=7), place)
        month = int(found["month"] or 3 * int(found["quarter"] or 1) - 2)
        length = 1 if found["month"] else 3 if found["quarter"] else 12
        return day_start(dt.date(year, month, 1), place), _month_start(year, month - 1 + length, place)
    except (ValueError, OverflowError) as problem:
        raise MomentError(f"{text!r} names no real period: {problem}.", allowed=_FORMS) from None


def _month_start(year: int, months: int, place: zoneinfo.ZoneInfo) -> int:
    year, months = year + months // 12, months % 12
    return LATEST if year > 9999 else day_start(dt.date(year, months + 1, 1), place)


def _last(number: int, unit: str, now: int, place: zoneinfo.ZoneInfo, first_weekday: int) -> tuple[int, int]:
    if unit not in UNITS:
        raise MomentError(
            f"'last {number} {unit}s' is not a period; {unit!r} is not a calendar unit.",
            allowed=[name + "s" for name in UNITS],
        )
    if number < 1:
        raise MomentError("'last 0' is not a period; it must be at least 1.")
    local = moment(now, place)
    today = local.date()
    try:
        if unit == "hour":
            end = now - (local.minute * 60 + local.second) * 1_000_000 - local.microsecond
            return end - number * 3_600_000_000, end
        if unit in {"day", "week"}:
            length = 7 if unit == "week" else 1
            back = (today.weekday() - first_weekday) % 7 if unit == "week" else 0
            last = today - dt.timedelta(days=back)
            return day_start(last - dt.timedelta(days=number * length), place), day_start(last, place)
        length = {"month": 1, "quarter": 3, "year": 12}[unit]
        month = today.year * 12 + today.month - 1
        end_month = month - month % length
        return _month_start(0, end_month - number * length, place), _month_start(0, end_month, place)
    except (ValueError, OverflowError):
        raise MomentError(f"'last {number} {unit}s' begins before the year 1.") from None
