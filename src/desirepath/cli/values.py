"""How is one value written? As JSON data, and as text for people."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from desirepath.answers.cells import as_json

if TYPE_CHECKING:
    import pyarrow as pa

Cell = str | int | float | None
Columns = dict[str, list[Any]]


def cell_text(value: Any) -> str:
    """The value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:,.6g}"
    if isinstance(value, dt.datetime):
        return moment_text(value)
    if isinstance(value, list | dict):
        import json

        return json.dumps(as_json(value), ensure_ascii=False)
    return str(as_json(value))


def moment_text(value: dt.datetime, precision: str | None = None) -> str:
    """A moment as precise as it is known; the zone is not repeated."""
    if precision == "day":
        return value.strftime("%Y-%m-%d")
    if precision == "minute":
        return value.strftime("%Y-%m-%d %H:%M")
    text = value.strftime("%Y-%m-%d %H:%M:%S")
    return text + f".{value.microsecond:06d}".rstrip("0") if value.microsecond else text


def of_arrow(table: pa.Table, zone: str = "UTC") -> Columns:
    """An Arrow table as lists; moments with a zone are moved to the workspace's."""
    place = ZoneInfo(zone)
    found: Columns = {}
    for number, name in enumerate(table.column_names):
        label = name
        while label in found:
            label += "_"
        found[label] = [_moved(value, place) for value in _listed(table.column(number))]
    return found


def _listed(column: pa.ChunkedArray) -> list[Any]:
    import pyarrow as pa

    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):  # a moment outside the years that Python knows
        return list(column.cast(pa.string()).to_pylist())


def _moved(value: Any, place: ZoneInfo) -> Any:
    try:
        return value.astimezone(place) if isinstance(value, dt.datetime) and value.tzinfo is not None else value
    except OverflowError:
        return value


__all__ = ["Cell", "Columns", "cell_text", "moment_text", "of_arrow"]
