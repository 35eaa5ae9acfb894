"""Which number of an answer is the metric? One reading per bucket and group, with its interval and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from desirepath.answers.answer import Answer
from desirepath.errors import MetricError
from desirepath.metrics.form import Alert, Number

BUCKET, STATE, GROUP = "bucket", "state", "group"
INNER = "inner_"
"""Before columns of a question's own table that bear the name of one that stands before it."""

ALL = ("all", "(all)")
WHOLE, PART = "whole", "part"


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


def readings(answer: Answer, number: Number, *, states: Mapping[str, str] | None = None) -> list[Reading]:
    """Find the number in an answer, for each bucket and group.

    Parameters
    ----------
    answer
        Of the metric's question.
    number
        Where it stands.
    states
        Where each line of the table is a bucket, because the question was asked for buckets itself: which of them are
        whole.

    Raises
    ------
    MetricError
        If the answer has no such table, column or row, or several such rows.
    """
    own_buckets = states is not None
    table = answer.columns if number.table is None else answer.extras.get(number.table)
    if table is None:
        raise MetricError(f"The answer has no table {number.table!r}.", allowed=answer.extras)
    asked = answer.asked_of
    keys = [BUCKET, STATE] if asked.get("over") else [BUCKET] if own_buckets else []
    keys += [GROUP] if asked.get("breakdown") or asked.get("against") else []
    row = {f"{INNER}{name}" if name in keys else name: value for name, value in (number.row or {}).items()}
    if own_buckets:
        row = {name: value for name, value in row.items() if name not in (f"{INNER}{BUCKET}", "over")}
    for name in (number.column, *([number.n] if number.n else []), *row, *(number.n_row or {})):
        if name not in table and any(table.values()):
            raise MetricError(f"The table has no column {name!r}.", allowed=table)
    size = max((len(values) for values in table.values()), default=0)
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for place in range(size):
        line = {name: values[place] for name, values in table.items()}
        if not own_buckets or line[BUCKET] not in ALL:
            found.setdefault(tuple(str(line[name]) for name in keys), []).append(line)
    read = []
    for key, lines in found.items():
        named = dict(zip(keys, key, strict=True))
        if own_buckets:
            state = (states or {}).get(named[BUCKET], PART) if lines[0].get("over", True) else PART
            named = {BUCKET: named.pop(BUCKET), STATE: state, **named}
        read.append(_read(named, lines, number, row))
    return read


def _read(keys: Mapping[str, str], rows: list[dict[str, Any]], number: Number, wanted: Mapping[str, Any]) -> Reading:
    fitting = [row for row in rows if all(_same(row[name], value) for name, value in wanted.items())]
    if number.pick is not None:
        fitting = fitting[:1] if number.pick == "first" else fitting[-1:]
    if not fitting:
        return Reading(keys, None)
    if len(fitting) > 1:
        said = f"{len(fitting)} rows of the table fit; `row` or `pick` says which one is meant."
        raise MetricError(said, allowed=rows[0])
    row = fitting[0]
    value, low, high = (_number(row.get(f"{number.column}{end}")) for end in ("", "_low", "_high"))
    if number.complement:
        value, low, high = (None if each is None else 1 - each for each in (value, high, low))
    resting = row
    if number.n_row is not None:
        resting = next((each for each in rows if all(_same(each[k], v) for k, v in number.n_row.items())), row)
    n = None if number.n is None else _number(resting[number.n])
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
