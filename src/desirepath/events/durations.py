"""How long is it? Durations always carry their unit.

`"14 days"`, `"90 s"`, `"1 hour 30 minutes"`, `"1.5 h"`, `"PT30M"` are durations; `14` is not, because nobody
can tell whether it means days or seconds. A day is 24 elapsed hours and a week is 7 of those: durations
measure elapsed time and know no calendar. A month and a year have no fixed length and are refused; calendar
periods and calendar buckets exist for them.

    >>> str(Duration.parse("1.5 h"))
    '1 hour 30 minutes'
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from desirepath.errors import MomentError

_MICROSECONDS = {
    "day": 86_400_000_000,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1_000,
    "microsecond": 1,
}
_WEEK = 7 * _MICROSECONDS["day"]
_LONGEST = 3_652_500 * _MICROSECONDS["day"]
_SPELLINGS = {
    "µs": 1,
    "μs": 1,
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "sec": 1_000_000,
    "secs": 1_000_000,
    "min": 60_000_000,
    "mins": 60_000_000,
    "h": 3_600_000_000,
    "hr": 3_600_000_000,
    "hrs": 3_600_000_000,
    "d": 86_400_000_000,
    "w": _WEEK,
    "week": _WEEK,
    "weeks": _WEEK,
} | {name + plural: size for name, size in _MICROSECONDS.items() for plural in ("", "s")}
_ALLOWED = ("µs", "ms", "s", "min", "h", "days", "weeks")
_NO_FIXED_LENGTH = {"month", "months", "mo", "mon", "quarter", "quarters", "year", "years", "y", "yr", "yrs"}
_NUMBER = r"[0-9]{1,20}(?:\.[0-9]{1,20})?"
_PART = rf"\s*({_NUMBER})\s*([A-Za-zµμ]+)\s*(?:,|and\b)?"
_ISO = (
    rf"P(?:({_NUMBER})Y)?(?:({_NUMBER})M)?(?:({_NUMBER})W)?(?:({_NUMBER})D)?"
    rf"(?:T(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?"
)
_ISO_SIZES = (_WEEK, *(_MICROSECONDS[unit] for unit in ("day", "hour", "minute", "second")))


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of elapsed time, above zero and at most 10,000 years.

    Parameters
    ----------
    microseconds
        The length in microseconds.

    Raises
    ------
    MomentError
        When the length is not a whole number above zero, or exceeds 10,000 years.
    """

    microseconds: int

    def __post_init__(self) -> None:
        if type(self.microseconds) is not int:
            raise MomentError(f"A duration counts whole microseconds, not {self.microseconds!r}.")
        if self.microseconds <= 0:
            raise MomentError("A duration must be longer than zero.")
        if self.microseconds > _LONGEST:
            raise MomentError("A duration can be at most 3,652,500 days (10,000 years).")

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read a duration such as `"14 days"`, `"1 hour 30 minutes"` or ISO 8601 `"PT30M"`.

        Units: µs, ms, s, min, h, days, weeks and their long names, in any order, each at most once. Days are
        24 hours.

        Raises
        ------
        MomentError
            For a number without unit, an unknown unit, a month or year, a negative, empty or overlong
            duration, and a fraction finer than a microsecond.
        """
        stripped = text.strip()
        if stripped[:1] in {"P", "p"}:
            return cls._total(_iso_parts(stripped), text)
        return cls._total(_worded_parts(stripped, text), text)

    @classmethod
    def _total(cls, parts: list[tuple[Decimal, int]], text: str) -> Duration:
        total = sum((number * size for number, size in parts), Decimal(0))
        if total != total.to_integral_value():
            raise MomentError(f"{text!r} is finer than a microsecond, the smallest unit of time here.")
        return cls(int(total))

    def timedelta(self) -> dt.timedelta:
        """Return the same length as a `datetime.timedelta`."""
        return dt.timedelta(microseconds=self.microseconds)

    def __str__(self) -> str:
        rest = self.microseconds
        parts = []
        for unit, size in _MICROSECONDS.items():
            number, rest = divmod(rest, size)
            if number:
                parts.append(f"{number} {unit}" + ("s" if number > 1 else ""))
        return " ".join(parts)


def duration(value: str | dt.timedelta | Duration) -> Duration:
    """Return `value` as a `Duration`.

    Raises
    ------
    MomentError
        For a bare number, and for whatever `Duration.parse` refuses.
    """
    if isinstance(value, Duration):
        return value
    if isinstance(value, dt.timedelta):
        return Duration(value // dt.timedelta(microseconds=1))
    if isinstance(value, str):
        return Duration.parse(value)
    raise MomentError(f"A duration needs its unit, such as '14 days'; {value!r} has none.", allowed=_ALLOWED)


def _worded_parts(stripped: str, text: str) -> list[tuple[Decimal, int]]:
    if stripped.startswith("-"):
        raise MomentError(f"A duration must be longer than zero; {text!r} is negative.")
    if re.fullmatch(_NUMBER, stripped):
        raise MomentError(f"A duration needs its unit, such as '{stripped} days'; {text!r} has none.", allowed=_ALLOWED)
    parts: list[tuple[Decimal, int]] = []
    position = 0
    while position < len(stripped):
        found = re.match(_PART, stripped[position:])
        if found is None:
            raise MomentError(
                f"{text!r} is not a duration; write a number and a unit, such as '14 days'.", allowed=_ALLOWED
            )
        size = _unit(found[2], text)
        if any(size == other for _, other in parts):
            raise MomentError(f"{text!r} names the unit {found[2]!r} twice.")
        parts.append((Decimal(found[1]), size))
        position += found.end()
    if not parts:
        raise MomentError("A duration is missing.", allowed=_ALLOWED)
    return parts


def _unit(word: str, text: str) -> int:
    unit = word.lower()
    if unit in _SPELLINGS:
        return _SPELLINGS[unit]
    if unit in _NO_FIXED_LENGTH:
        raise MomentError(
            f"{text!r}: a {unit.removesuffix('s')} has no fixed length; write days or weeks.",
            allowed=_ALLOWED,
        )
    if unit == "m":
        raise MomentError(f"{text!r}: 'm' could mean minutes or months; write 'min'.", allowed=_ALLOWED)
    import difflib  # slow to load, and most runs make no mistake

    close = difflib.get_close_matches(unit, _SPELLINGS, n=1, cutoff=0.5)
    raise MomentError(
        f"{text!r}: {word!r} is not a unit of time.", allowed=_ALLOWED, nearest=close[0] if close else None
    )


def _iso_parts(stripped: str) -> list[tuple[Decimal, int]]:
    found = re.fullmatch(_ISO, stripped, re.IGNORECASE)
    if found is None or stripped[-1:] in {"P", "p", "T", "t"}:
        raise MomentError(f"{stripped!r} is not an ISO 8601 duration such as 'PT30M' or 'P14D'.", allowed=_ALLOWED)
    if found[1] is not None or found[2] is not None:
        raise MomentError(
            f"{stripped!r}: months and years have no fixed length; write days or weeks.", allowed=_ALLOWED
        )
    return [
        (Decimal(number), size)
        for number, size in zip(found.groups()[2:], _ISO_SIZES, strict=True)
        if number is not None
    ]
