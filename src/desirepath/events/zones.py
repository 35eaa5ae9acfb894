"""Which instant does a text mean? Time zones by IANA name, and ISO dates and times read in one.

The zone of the computer we run on is never read: a text without offset means nothing until a zone is given.
One rule for local times that a clock change makes odd: a local time that occurs twice is its first
occurrence; one that never occurs is refused when a person wrote it (`instant`), and in data it is read with
the offset before the change (`LOCAL_TO_UTC`), which moves it forward by the length of the gap.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from functools import lru_cache

from desirepath.errors import MomentError, UnknownNameError

EARLIEST = -62_135_596_800_000_000
"""Microseconds since 1970 of the first instant we can hold (year 1)."""
LATEST = 253_402_300_800_000_000
"""Microseconds since 1970 of the end of year 9999; every time is before it."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
# Host-dependent or leap-second-counting names that the zone files of a system may offer beside IANA's.
_NOT_IANA = {"localtime", "local", "posixrules", "Factory", "leapseconds"}
_NOT_IANA_FOLDERS = ("posix/", "right/")

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = DATE + r"[T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
OFFSET = r"(Z| UTC|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)"
LOCAL_SHAPE = f"^({DATE}|{CLOCK})$"
"""RE2 pattern of the texts that are local times: an ISO date, or date and time without offset."""
ABSOLUTE_SHAPE = f"^{CLOCK}{OFFSET}$"
"""RE2 pattern of the texts that are instants by themselves: ISO date, time and offset."""

_ABSOLUTE = f"(?P<clock>{CLOCK})(?P<offset>{OFFSET})"


def zone(name: str | zoneinfo.ZoneInfo) -> zoneinfo.ZoneInfo:
    """Return the time zone with this IANA name, such as `"Europe/Paris"`.

    Raises
    ------
    UnknownNameError
        When there is no such zone; names the nearest one.
    """
    if isinstance(name, zoneinfo.ZoneInfo):
        return name
    if name in _NOT_IANA or name.startswith(_NOT_IANA_FOLDERS):
        raise _unknown(name)
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise _unknown(name) from None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    names = zoneinfo.available_timezones() - _NOT_IANA
    return {name.lower(): name for name in names if not name.startswith(_NOT_IANA_FOLDERS)}


def _unknown(name: str) -> UnknownNameError:
    folded = name.lower().replace(" ", "_")
    same = _names().get(folded) or next(
        (full for low, full in sorted(_names().items()) if low.endswith("/" + folded)), None
    )
    if same is not None:
        return UnknownNameError(
            f"There is no time zone called {name!r}.", nearest=same, looked="the IANA time zone database"
        )
    return UnknownNameError.of("time zone", name, _names().values(), looked="the IANA time zone database")


def microseconds(moment: dt.datetime) -> int:
    """Return the microseconds since 1970-01-01 UTC of an aware datetime."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(instant_us: int, within: str | zoneinfo.ZoneInfo) -> dt.datetime:
    """Return an instant (microseconds since 1970 UTC) as an aware datetime of a zone.

    Raises
    ------
    MomentError
        When the instant lies outside the years 1 to 9999.
    """
    try:
        return (_EPOCH + dt.timedelta(microseconds=int(instant_us))).astimezone(zone(within))
    except OverflowError:
        raise MomentError(f"The instant {instant_us} µs lies outside the years 1 to 9999.") from None


def instant(text: str, within: str | zoneinfo.ZoneInfo) -> int:
    """Return the microseconds since 1970-01-01 UTC that an ISO date or date and time means.

    Parameters
    ----------
    text
        `"2024-05-01"` (the start of that day), `"2024-05-01 10:30"`, `"2024-05-01T10:30:00.5"`, or the same
        with `Z` or an offset such as `+02:00`. Digits beyond the microsecond are cut off.
    within
        The zone in which a text without offset is read. A local time that occurs twice is its first
        occurrence.

    Raises
    ------
    MomentError
        When the text has another form, names no real date, or names a local time that a clock change skipped.
    """
    return span(text, within)[0]


def span(text: str, within: str | zoneinfo.ZoneInfo) -> tuple[int, int]:
    """Return the half-open span that an ISO text names: the whole day of a date, or the instant twice.

    Raises
    ------
    MomentError
        As `instant`.
    """
    place = zone(within)
    stripped = text.strip()
    if re.fullmatch(DATE, stripped):
        day = _real(stripped).date()
        if day == dt.date.max:
            return day_start(day, place), LATEST
        return day_start(day, place), day_start(day + dt.timedelta(days=1), place)
    if re.fullmatch(CLOCK, stripped):
        return _point(_existing(_real(stripped), place, text), text)
    found = re.fullmatch(_ABSOLUTE, stripped)
    if found is None:
        raise MomentError(
            f"{text!r} is not a date or time.",
            allowed=("2024-05-01", "2024-05-01 10:30", "2024-05-01T10:30:00+02:00"),
        )
    offset = _offset(found["offset"].strip())
    return _point((_real(found["clock"]).replace(tzinfo=dt.UTC) - _EPOCH - offset) // _MICROSECOND, text)


def _point(at: int, text: str) -> tuple[int, int]:
    if not EARLIEST <= at < LATEST:
        raise MomentError(f"{text!r} lies outside the years 1 to 9999 of UTC.")
    return at, at


def day_start(day: dt.date, place: zoneinfo.ZoneInfo) -> int:
    """Return the first instant of a local calendar day, also where midnight is skipped or comes twice."""
    return first_instant(dt.datetime(day.year, day.month, day.day), place)


def first_instant(local: dt.datetime, place: zoneinfo.ZoneInfo) -> int:
    """Return the first instant at which the clocks of a zone show `local`, or have skipped it."""
    early = microseconds(local.replace(tzinfo=place, fold=0))
    late = microseconds(local.replace(tzinfo=place, fold=1))
    first = early if early <= late else _change_between(late, early, place)
    return min(max(first, EARLIEST), LATEST)


def _change_between(low: int, high: int, place: zoneinfo.ZoneInfo) -> int:
    # A gap: read with the offset after the change the time lies before the change, and the other way round.
    before = moment(low, place).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if moment(middle, place).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _existing(local: dt.datetime, place: zoneinfo.ZoneInfo, text: str) -> int:
    early = microseconds(local.replace(tzinfo=place, fold=0))
    late = microseconds(local.replace(tzinfo=place, fold=1))
    if early > late:
        after = moment(_change_between(late, early, place), place)
        raise MomentError(
            f"{text!r} does not exist in {place.key}, where the clocks were put forward; "
            f"the next time that exists is {after:%Y-%m-%d %H:%M:%S}."
        )
    return early


def _real(text: str) -> dt.datetime:
    whole, _, fraction = text.partition(".")
    try:
        read = dt.datetime.fromisoformat(whole)
    except ValueError as problem:
        raise MomentError(f"{text!r} names no real date or time: {problem}.") from None
    return read.replace(microsecond=int(fraction[:6].ljust(6, "0"))) if fraction else read


def _offset(text: str) -> dt.timedelta:
    if text in {"Z", "UTC"}:
        return dt.timedelta(0)
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text.startswith("-") else size


def local_to_utc_sql(local: str, zone_sql: str = "?") -> str:
    """Return DuckDB SQL that turns `local`, SQL of a zone's TIMESTAMP, into TIMESTAMPTZ.

    `zone_sql` is SQL of the zone's name and appears four times; with the default, bind the name to each `?`
    (a `local` with parameters of its own appears between them: name both and let `where.combine`
    count). A time that occurs twice is its first occurrence (DuckDB's `timezone` alone takes the last); one
    that never occurs moves forward by the length of the gap.
    """
    late = f"timezone({zone_sql}, {local})"
    early = f"(timezone({zone_sql}, {local} - INTERVAL 24 HOURS) + INTERVAL 24 HOURS)"
    return f"CASE WHEN timezone({zone_sql}, {early}) = {local} THEN {early} ELSE {late} END"
