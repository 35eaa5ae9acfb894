r"""How does a table leave, as plain data and as CSV? Without anything that a spreadsheet would run.

`=1+1` in a cell of text is written `'=1+1`; numbers are numbers, so that `-5` stays what it is. Quoting and line ends
are those of RFC 4180.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the wide forms of `=+-@`, which some spreadsheets take for the narrow ones."""


def as_json(value: Any) -> Any:
    """The value as JSON holds it: moments in ISO 8601, bytes as text, numbers that are none as null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    return str(value)


def csv_cell(value: str, *, is_text: bool) -> str:
    """One cell of CSV, quoted where needed; text that a spreadsheet would run gets an apostrophe in front."""
    if is_text and value.startswith(_FORMULA):
        value = "'" + value
    if any(character in value for character in ',"\r\n\0') or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def csv_lines(columns: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """A table as lines of CSV, the heads first; each ends as RFC 4180 says."""
    yield ",".join(csv_cell(name, is_text=True) for name in columns) + "\r\n"
    for row in zip(*columns.values(), strict=True):
        yield ",".join(_csv_value(as_json(value)) for value in row) + "\r\n"


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return csv_cell(value, is_text=True)
    if isinstance(value, bool | int | float):
        return csv_cell(json.dumps(value), is_text=False)
    return csv_cell(json.dumps(value, ensure_ascii=False), is_text=True)


__all__ = ["as_json", "csv_cell", "csv_lines"]
