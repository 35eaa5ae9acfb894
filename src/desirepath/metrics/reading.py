"""Which number of an answer is the metric? One reading per bucket and group, with its interval and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desirepath.answers.answer import Answer
from desirepath.errors import MetricError
from desirepath.metrics.form import Alert, Number

KEYS = ("bucket", "state", "group")
"""Columns that stand before a table where it is asked over time, or split."""


@dataclass(frozen=True)
class Reading:
    """One number.

    Attributes
    ----------
    keys
        Bucket, state and group, as far as there are any.
    value, low, high
        The number and its interval; None where there is not enough data.
    n
        How many units it rests on, if that is told.
    plain
        Whether the answer gives it without an interval, as it does for counts and sums.
    """

    keys: Mapping[str, str]
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    plain: bool = False

    @property
    def span(self) -> tuple[float, float] | None:
        """Between what it lies; None where that is not known."""
        if self.value is None or (not self.plain and (self.low is None or self.high is None)):
            return None
        return (self.value, self.value) if self.plain else (float(self.low or 0.0), float(self.high or 0.0))


def readings(answer: Answer, number: Number) -> list[Reading]:
    """Find the number in an answer, for each bucket and group.

    Raises
    ------
    MetricError
        If the answer has no such table, column or row, or several such rows.
    """
    table = answer.columns if number.table is None else answer.extras.get(number.table)
    if table is None:
        raise MetricError(f"The answer has no table {number.table!r}.", allowed=answer.extras)
    for name in (number.column, *([number.n] if number.n else []), *_wanted(number)):
        if name not in table and any(table.values()):
            raise MetricError(f"The table has no column {name!r}.", allowed=table)
    size = max((len(values) for values in table.values()), default=0)
    rows = [{name: values[row] for name, values in table.items()} for row in range(size)]
    keys = [name for name in KEYS if name in table]
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(str(row[name]) for name in keys), []).append(row)
    return [_read(dict(zip(keys, key, strict=True)), some, number) for key, some in found.items()]


def _wanted(number: Number) -> Mapping[str, Any]:
    return number.row if isinstance(number.row, dict) else {}


def _read(keys: Mapping[str, str], rows: list[dict[str, Any]], number: Number) -> Reading:
    wanted = _wanted(number)
    fitting = [row for row in rows if all(_same(row[name], value) for name, value in wanted.items())]
    if number.row in ("first", "last"):
        fitting = fitting[:1] if number.row == "first" else fitting[-1:]
    if not fitting:
        return Reading(keys, None)
    if len(fitting) > 1:
        raise MetricError(
            f"{len(fitting)} rows of the table fit; `row` says which one is meant.", allowed=[*rows[0], "first", "last"]
        )
    row = fitting[0]
    value, low, high = (_number(row.get(f"{number.column}{end}")) for end in ("", "_low", "_high"))
    if number.complement:
        value, low, high = (None if each is None else 1 - each for each in (value, high, low))
    n = None if number.n is None else _number(row[number.n])
    plain = f"{number.column}_low" not in row
    return Reading(keys, value, low, high, None if n is None else int(n), plain)


def _same(cell: Any, wanted: Any) -> bool:
    return cell == wanted or str(cell) == str(wanted)


def _number(cell: Any) -> float | None:
    if cell is None or isinstance(cell, str):
        return None
    return float(cell)


def standing(reading: Reading, target: float | None, better: str | None) -> str | None:
    """How a number stands to its target: `met`, `missed`, or `undecided` where its interval holds the target.

    None without a target, or without a number.
    """
    if target is None or reading.value is None or better is None:
        return None
    if reading.span is None:
        return "undecided"
    low, high = reading.span
    if better == "lower":
        low, high, target = -high, -low, -target
    if low >= target:
        return "met"
    return "missed" if high < target else "undecided"


def alarms(reading: Reading, alert: Alert | None) -> bool:
    """Whether somebody should look: the whole interval is beyond the threshold."""
    if alert is None or reading.span is None:
        return False
    low, high = reading.span
    below = alert.below is not None and high < alert.below
    return below or (alert.above is not None and low > alert.above)
