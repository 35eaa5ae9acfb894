"""When did it happen? Python's reading of the times that systems write, and how finely and surely they tell them.

The rules are those of `times`, which reads columns in SQL: no zone is ever guessed, a local time that occurs twice is
its first occurrence, and one that never occurs moves forward by the length of the gap.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple

from desirepath.errors import TimeZoneNeededError
from desirepath.events.event import Precision, Quality
from desirepath.events.zones import microseconds, zone


class Moment(NamedTuple):
    """A moment as a record tells it.

    Parameters
    ----------
    us
        Microseconds since 1970 UTC; None where the text cannot be read or there is none.
    precision, quality
        How finely and how surely it is known.
    text
        What the record says, for whoever looks into the quarantine; empty where it says nothing.
    """

    us: int | None
    precision: Precision = "millisecond"
    quality: Quality = "server"
    text: str = ""


WAY = 10_000_000
"""Microseconds that a message may be on its way."""

NEVER = Moment(None)
"""A record that tells no time."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ONE = dt.timedelta(microseconds=1)
_RANGE = range(-5_364_662_400_000_000, 7_258_118_400_000_000)
_LENGTHS: dict[int, Precision] = {20: "second", 24: "millisecond", 27: "microsecond"}
"""Of a text such as `2026-03-02T09:00:00.250Z`, what its length says."""
_SHORT_OFFSET = re.compile(r"([+-]\d\d):?(\d\d)?$")
_PER_UNIT: dict[str, tuple[int, Precision]] = {
    "s": (1_000_000, "second"),
    "ms": (1_000, "millisecond"),
    "us": (1, "microsecond"),
}


def iso(text: Any, place: str | None = None, column: str = "") -> Moment:
    """Read an ISO 8601 time, such as `2026-03-02T09:00:00.250Z` or `2026-03-02 09:00:00 UTC`.

    Parameters
    ----------
    text
        The text; None and an empty one tell no time.
    place
        IANA zone of texts without offset.
    column
        Where the text stands, for the error.

    Raises
    ------
    TimeZoneNeededError
        When the text has no offset and no zone is given.
    """
    if text is None or text == "":
        return NEVER
    found = _read(str(text))
    return local(found[1], place, found[0].text, column, found[0].precision) if found[1] is not None else found[0]


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[Moment, dt.datetime | None]:
    """The moment that a text tells; and the local time, where it has no offset. Batches tell one moment many times."""
    said = text.strip()
    tidy = said.removesuffix(" UTC") + "+00:00" if said.endswith(" UTC") else said
    read: dt.datetime | None
    try:
        read = dt.datetime.fromisoformat(tidy)
    except ValueError:
        read = _loosely(tidy)
        if read is None:
            return Moment(None, text=said), None
    precision = _LENGTHS.get(len(said)) if said[-1:] == "Z" else None
    precision = precision or _precision(said)
    if read.tzinfo is None:
        return Moment(None, precision, "server", said), read
    return Moment((read - _EPOCH) // _ONE, precision, "server", said), None


def _loosely(text: str) -> dt.datetime | None:
    """More than six decimals, `+0000`, and a comma before the decimals, which Python 3.11 does not take everywhere."""
    tidy = re.sub(r"([.,]\d{6})\d+", r"\1", text.replace(",", "."))
    found = _SHORT_OFFSET.search(tidy)
    if found is not None and len(tidy) > len("2026-03-02"):
        tidy = tidy[: found.start()] + f"{found[1]}:{found[2] or '00'}"
    try:
        return dt.datetime.fromisoformat(tidy)
    except ValueError:
        return None


def _precision(text: str) -> Precision:
    if ":" not in text:
        return "day"
    if text.count(":") < 2 or (text.count(":") == 2 and re.search(r"[+-]\d\d:\d\d$", text)):
        return "minute"
    mark = max(text.rfind("."), text.rfind(","))
    if mark < 0:
        return "second"
    digits = re.match(r"\d+", text[mark + 1 :])
    return "microsecond" if digits and len(digits[0]) > 3 else "millisecond"


def local(
    read: dt.datetime,
    place: str | zoneinfo.ZoneInfo | None,
    said: str,
    column: str = "",
    precision: Precision = "second",
) -> Moment:
    """Read a time without offset in the zone that is declared for it.

    Raises
    ------
    TimeZoneNeededError
        When none is.
    """
    if place is None:
        raise TimeZoneNeededError(
            f"The times{f' in {column!r}' if column else ''} (such as {said!r}) carry no time zone, and none is "
            "declared. Nothing was imported.",
            allowed=["--time-zone Europe/Paris (any IANA zone)", "--time-zone UTC, if they are in UTC"],
        )
    # fold=0 is the first of two occurrences, and moves a time in a gap forward by its length
    return Moment(microseconds(read.replace(tzinfo=zone(place), fold=0)), precision, "zone_declared", said)


def formatted(text: Any, form: str, place: str | None, column: str = "") -> Moment:
    """Read a local time written in a format of `strptime`."""
    if text is None or not str(text).strip():
        return NEVER
    said = str(text).strip()
    try:
        read = dt.datetime.strptime(said, form)
    except ValueError:
        return Moment(None, text=said)
    if read.tzinfo is not None:
        return Moment((read - _EPOCH) // _ONE, "second", "server", said)
    return local(read, place, said, column, "second" if "%S" in form else "minute" if "%M" in form else "day")


def epoch(number: Any, unit: str) -> Moment:
    """Read a count since 1970 UTC in `s`, `ms` or `us`; a number or its text."""
    if number is None or number == "":
        return NEVER
    per, precision = _PER_UNIT[unit]
    try:
        if isinstance(number, int):
            us = number * per
        elif isinstance(number, str) and number.strip().lstrip("-").isdigit():
            us = int(number) * per
        else:
            us = round(float(number) * per)
            precision = "second" if us % 1_000_000 == 0 else "millisecond" if us % 1000 == 0 else "microsecond"
    except (ValueError, OverflowError, TypeError):
        return Moment(None, text=str(number))
    return Moment(us, precision, "server", str(number)) if us in _RANGE else Moment(None, text=str(number))


def epoch_of_size(number: Any) -> Moment:
    """Read a count since 1970 whose size tells its unit: beyond 1e11 milliseconds, beyond 1e14 microseconds."""
    try:
        size = abs(float(number)) if number not in (None, "") else 0.0
    except (ValueError, TypeError):
        return Moment(None, text=str(number))
    return epoch(number, "us" if size >= 1e14 else "ms" if size >= 1e11 else "s")


def mail_date(text: Any) -> Moment:
    """Read a time as e-mails and Twilio write it: `Mon, 09 Mar 2026 09:00:00 +0000`."""
    if not text:
        return NEVER
    try:
        read = parsedate_to_datetime(str(text))
    except (ValueError, TypeError):
        return iso(text, "UTC")
    if read.tzinfo is None:
        return Moment(None, text=str(text))
    return Moment((read - _EPOCH) // _ONE, "second", "server", str(text))


def corrected(original: Moment, sent: Moment, received: Moment) -> Moment:
    """The moment by the world's clock of what a device's clock told: received - (sent - original).

    A device is wrong by the same amount when it writes an event and when it sends it (Segment's rule). A clock that is
    right up to the way to us (ten seconds) is left alone, so that a message sent again tells the same time.
    """
    if original.us is None or sent.us is None or received.us is None or abs(received.us - sent.us) <= WAY:
        return original
    us = received.us - (sent.us - original.us)
    return Moment(us, original.precision, "client_corrected" if us != original.us else original.quality, original.text)


def as_iso(us: int) -> str:
    """Microseconds since 1970 as `2026-03-02T09:00:00.250Z`."""
    read = _EPOCH + dt.timedelta(microseconds=us)
    return read.strftime("%Y-%m-%dT%H:%M:%S.") + f"{read.microsecond // 1000:03d}Z"


def year_of(moment: Moment) -> int:
    """The UTC year of a moment that is known."""
    return (_EPOCH + dt.timedelta(microseconds=moment.us or 0)).year
