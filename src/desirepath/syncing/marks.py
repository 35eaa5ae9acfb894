"""From where on is a table read again? From the last value of a column that only grows, and a little before.

A row may come late: a transaction that began before the last pull and ended after it. So times are read again by an
overlap, an hour if nothing else is said; numbers and other texts from the last value itself on. What was read before is
a duplicate.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from desirepath.errors import InputError
from desirepath.events.durations import duration
from desirepath.syncing.plain_rows import is_number_as_text, plain

OVERLAP = "1 hour"
"""How far back times are read again."""

ALLOWED = ("whole numbers", "decimals", "floats", "text", "dates", "times with and without zone")

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}:\d{2}.*)?")
_DAY = 86_400_000_000
_SPANS = {
    "date": (-719_162, 2_932_896),
    "local": (-719_162 * _DAY, 2_932_897 * _DAY - 1),
    "instant": (-719_162 * _DAY, 2_932_897 * _DAY - 1),
}
"""The years 1 to 9999, in days and microseconds since 1970."""
_NUMBERS = ("integer", "float", "decimal")
_READ: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "float": float,
    "decimal": Decimal,
    "text": str,
    "date": dt.date.fromisoformat,
    "local": dt.datetime.fromisoformat,
    "instant": dt.datetime.fromisoformat,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A value of a cursor.

    Parameters
    ----------
    kind
        `integer`, `float`, `decimal`, `text`, `date`, `local` (a time without zone) or `instant`.
    value
        The value, as Python has it.
    """

    kind: str
    value: Any

    def to_dict(self) -> dict[str, str]:
        """The same as plain data."""
        is_time = isinstance(self.value, dt.date)
        return {"kind": self.kind, "value": self.value.isoformat() if is_time else str(self.value)}

    @classmethod
    def from_dict(cls, data: Mapping[str, str]) -> Mark:
        """Read what `to_dict` gave."""
        return cls(data["kind"], _READ[data["kind"]](data["value"]))

    @classmethod
    def at(cls, moment: dt.datetime, kind: str, cursor: str) -> Mark:
        """The first value that a moment can have.

        Raises
        ------
        InputError
            When the cursor holds no times.
        """
        if kind in _NUMBERS:
            raise InputError(
                f"The cursor {cursor!r} holds numbers, so no date says from when on to read.",
                allowed=["leaving `since` out", "a cursor that holds times"],
            )
        local = moment.replace(tzinfo=None)
        values = {"date": moment.date(), "local": local, "instant": moment, "text": f"{moment:%Y-%m-%d}"}
        return cls(kind, values[kind])

    def goes_with(self, kind: str) -> bool:
        """Whether it can be compared with what a cursor holds now."""
        return self.kind == kind or {self.kind, kind} <= set(_NUMBERS)

    def back(self, overlap: int | dt.timedelta) -> Mark:
        """The value from which on is read again; `overlap` as `overlap_of` gives it."""
        if isinstance(overlap, int):
            return replace(self, value=self.value - overlap)
        try:
            return replace(self, value=_before(self.value, overlap))
        except (ValueError, OverflowError):
            return self  # a text that is no time, or the first hours of the year 1


def _before(value: Any, overlap: dt.timedelta) -> Any:
    if isinstance(value, dt.datetime):
        return value - overlap
    if isinstance(value, dt.date):
        # a day is not over when its first rows are read
        return (dt.datetime.combine(value, dt.time()) - overlap).date()
    if not _ISO.fullmatch(value):
        return value
    moment = dt.datetime.fromisoformat(value[:19]) - overlap
    if len(value) == 10:
        return f"{moment:%Y-%m-%d}"
    # without fractions and zone, it sorts before every text of the same second
    return moment.isoformat(value[10], "seconds")


def overlap_of(kind: str, said: str | int | None) -> int | dt.timedelta:
    """How far back is read again: a number for numbers, else a length of time.

    Raises
    ------
    InputError
        When what was said is none of such.
    """
    if kind not in _NUMBERS:
        return duration(OVERLAP if said is None else str(said)).timedelta()
    if isinstance(said, bool) or not re.fullmatch(r"\d+", str(said or 0)):
        raise InputError(f"The cursor holds numbers, so its overlap is one, not {said!r}.", allowed=["overlap = 1000"])
    return int(said or 0)


def kind_of(field: pa.Field, looked: str) -> str:
    """What a cursor holds, as `Mark` calls it.

    Raises
    ------
    InputError
        When it is nothing that grows.
    """
    if is_number_as_text(field):
        return "decimal"
    known = (
        ("integer", pa.types.is_integer),
        ("float", pa.types.is_floating),
        ("decimal", pa.types.is_decimal),
        ("date", pa.types.is_date),
        ("text", lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind)),
    )
    found = plain(field, looked).type
    if pa.types.is_timestamp(found):
        return "instant" if found.tz else "local"
    name = next((name for name, fits in known if fits(field.type)), None)
    if name is None:
        raise InputError(
            f"The column {field.name!r} has the type {field.type}, which is no cursor.", allowed=ALLOWED, looked=looked
        )
    return name


def last_mark(kind: str, column: pa.Array) -> Mark | None:
    """The mark of the last value of a cursor; None where there is none.

    Infinities and years that no calendar of Python's has are no marks: beyond them nothing would be new.
    """
    values = column.drop_null()
    if kind == "decimal":
        texts = (values.storage if isinstance(values, pa.ExtensionArray) else values).cast(pa.string())
        values = texts.filter(pc.invert(pc.match_substring_regex(texts, "[A-Za-z]{3}")))
    elif kind == "float":
        values = values.filter(pc.is_finite(values))
    elif kind in _SPANS:
        wanted = {"date": pa.date32(), "local": pa.timestamp("us"), "instant": pa.timestamp("us", "UTC")}[kind]
        values = values.cast(wanted, safe=False)
        numbers = values.cast(pa.int32() if kind == "date" else pa.int64())
        least, most = _SPANS[kind]
        values = values.filter(pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most)))
    if not len(values):
        return None
    value = values[-1].as_py()
    return Mark(kind, Decimal(value) if kind == "decimal" else value)
