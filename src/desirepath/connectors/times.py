"""When did it happen? SQL that turns a column of a file into instants, and says how finely and how surely.

- text: ISO 8601 dates and times with or without offset, or a declared `format`, or an epoch number in a
declared `unit`
- columns typed as time: TIMESTAMP and DATE are local and need a zone; TIMESTAMP WITH TIME ZONE is an instant

A local time is read in the declared zone. One that occurs twice (clocks go back) is its first occurrence; one
that never occurs (clocks go forward) moves forward by the length of the gap: the project's one rule for local
times in data. A date alone is the start of its day in that zone, with precision `day`. No zone is ever
guessed.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from desirepath.connectors.mapping import At
from desirepath.connectors.scratch import literal
from desirepath.errors import MappingError
from desirepath.events.moments import local_to_utc_sql, zone

_DAY = r"\s*[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_CLOCK = r"[T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?"
LOCAL = rf"^{_DAY}({_CLOCK})?\s*$"
"""RE2 (and Python) pattern of ISO texts without offset."""
ABSOLUTE = rf"^{_DAY}{_CLOCK}\s*(Z|z|UTC|GMT|[+-][0-9]{{2}}(:?[0-9]{{2}})?)\s*$"
"""RE2 (and Python) pattern of ISO texts with offset."""

NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
)
LOCAL_TYPES = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE")
_PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}
_PRECISION_OF_UNIT = {"s": "second", "ms": "millisecond", "us": "microsecond"}
_HAS_OFFSET = re.compile(r"%[zZ]")


@dataclass(frozen=True, slots=True)
class TimeSql:
    """SQL over one column.

    Parameters
    ----------
    missing
        Condition: the value is empty.
    local
        TIMESTAMP where the value is a local time, else NULL; None when the column never holds one.
    instant
        TIMESTAMPTZ where the value says its offset, else NULL; None when the column never holds one.
    precision
        How finely the value tells the time.
    """

    missing: str
    local: str | None
    instant: str | None
    precision: str


def time_sql(at: At, kind: str, column: str) -> TimeSql:
    """Compile how a time column is read.

    Parameters
    ----------
    at
        What the mapping says about it.
    kind
        Its DuckDB type; VARCHAR for texts.
    column
        SQL of the column.

    Raises
    ------
    MappingError
        When the type does not fit what the mapping says.
    """
    plain = f"{column} IS NULL"
    name = kind.partition("(")[0]
    if kind == "TIMESTAMP WITH TIME ZONE":
        return TimeSql(plain, None, f"CASE WHEN isfinite({column}) THEN {column} END", _precision_of(column))
    if name in LOCAL_TYPES:
        local = f"CASE WHEN isfinite({column}) THEN CAST({column} AS TIMESTAMP) END"
        return TimeSql(plain, local, None, "'day'" if name == "DATE" else _precision_of(f"CAST({column} AS TIMESTAMP)"))
    if at.unit is not None:
        missing = plain if name in NUMBERS else f"({plain} OR trim({column}) = '')"
        return TimeSql(missing, None, _epoch(column, at.unit), f"'{_PRECISION_OF_UNIT[at.unit]}'")
    if name != "VARCHAR":
        hint = "say how it counts: {column: …, unit: s}" if name in NUMBERS else "name a column of times"
        raise MappingError(
            f"The time column {at.column!r} has the type {kind}; {hint}.",
            allowed=["unit: s", "unit: ms", "unit: us"],
        )
    missing = f"({plain} OR trim({column}) = '')"
    if at.format is None:
        return _iso(column, missing)
    read = f"try_strptime(trim({column}), {literal(at.format)})"
    precision = _precision_of_format(at.format)
    return (
        TimeSql(missing, None, read, precision)
        if _HAS_OFFSET.search(at.format)
        else TimeSql(missing, read, None, precision)
    )


def utc_sql(local: str, place: str) -> str:
    """Return SQL that reads a TIMESTAMP column in a zone, by the rule at the top of this file."""
    key = zone(place).key
    simple = f"timezone({literal(key)}, {local})"
    days = _days_set_back(key)
    if not days:
        return simple
    # Only the days on which clocks go back need the costly rule; they are few and known.
    exact = local_to_utc_sql(local).replace("?", literal(key))
    return (
        f"CASE WHEN CAST({local} AS DATE) IN "
        f"({', '.join(f'DATE {literal(day)}' for day in days)}) THEN {exact} ELSE {simple} END"
    )


def _iso(column: str, missing: str) -> TimeSql:
    tidy = f"replace(regexp_replace(replace(upper(trim({column})), 'GMT', 'Z'), '\\s+([Z+-]|UTC)', '\\1'), ',', '.')"
    local = (
        f"CASE WHEN regexp_matches({column}, {literal(LOCAL)}) "
        f"THEN coalesce(TRY_CAST({column} AS TIMESTAMP), TRY_CAST(replace({column}, ',', "
        f"'.') AS TIMESTAMP)) END"
    )
    instant = (
        f"CASE WHEN regexp_matches({column}, {literal(ABSOLUTE)}) "
        f"THEN coalesce(TRY_CAST({column} AS TIMESTAMPTZ), TRY_CAST({tidy} AS TIMESTAMPTZ)) END"
    )
    precision = (
        f"CASE WHEN NOT contains({column}, ':') THEN 'day' "
        f"WHEN NOT regexp_matches({column}, ':[0-9]{{2}}:[0-9]{{2}}') THEN 'minute' "
        f"WHEN NOT contains({column}, '.') AND NOT contains({column}, ',') THEN 'second' "
        f"WHEN regexp_matches({column}, '[.,][0-9]{{4,}}') THEN 'microsecond' ELSE 'millisecond' END"
    )
    return TimeSql(missing, local, instant, precision)


def _precision_of_format(form: str) -> str:
    for signs, precision in (
        ("%f %n", "microsecond"),
        ("%g", "millisecond"),
        ("%S %T %X %c", "second"),
        ("%M %H %I", "minute"),
    ):
        if any(sign in form for sign in signs.split()):
            return f"'{precision}'"
    return "'day'"


def _epoch(column: str, unit: str) -> str:
    # Years 1800 to 2200; outside them the sum could overflow, and no such event is kept.
    number = f"TRY_CAST({column} AS DECIMAL(30, 6)) * {_PER_UNIT[unit]}"
    return (
        f"CASE WHEN {number} BETWEEN -5364662400000000 AND 7258118400000000 THEN "
        f"make_timestamptz(CAST({number} AS BIGINT)) END"
    )


def _precision_of(column: str) -> str:
    fraction = f"(epoch_us({column}) % 1000000)"
    return (
        f"CASE WHEN {fraction} = 0 THEN 'second' WHEN {fraction} % 1000 = 0 THEN 'millisecond' ELSE 'microsecond' END"
    )


@lru_cache(maxsize=64)
def _days_set_back(key: str) -> tuple[str, ...]:
    """Return the local days, from 1985 to 2105, around each change that sets clocks back."""
    place, found = zone(key), set()
    moment, end = dt.datetime(1985, 1, 1, tzinfo=dt.UTC), dt.datetime(2105, 1, 1, tzinfo=dt.UTC)
    before = moment.astimezone(place).utcoffset() or dt.timedelta(0)
    while moment < end:
        moment += dt.timedelta(hours=12)
        after = moment.astimezone(place).utcoffset() or dt.timedelta(0)
        if after < before:
            day = moment.astimezone(place).date()
            found |= {day - dt.timedelta(days=1), day, day + dt.timedelta(days=1)}
        before = after
    return tuple(str(day) for day in sorted(found))
