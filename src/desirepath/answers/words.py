"""How does an answer speak? Numbers, shares and spans of time as people write them, and the plain-text form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desirepath.statistics import Estimate

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer

_UNITS = ((86_400_000_000, "day"), (3_600_000_000, "hour"), (60_000_000, "minute"), (1_000_000, "second"))


def count(number: int) -> str:
    """`12345` as `12,345`."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """So many of something: `1 route`, `1,234 routes`."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def percent(share: float | None, digits: int = 1) -> str:
    """`0.1234` as `12.3 %`; nothing as `not enough data`."""
    return "not enough data" if share is None else f"{100 * share:.{digits}f} %"


def with_interval(share: Estimate) -> str:
    """`12.3 % (95 % interval 11.0 to 13.7 %)`."""
    if share.value is None:
        return "not enough data"
    if share.low is None or share.high is None:
        return percent(share.value)
    interval = f"{100 * share.level:.0f} % interval {100 * share.low:.1f} to {100 * share.high:.1f} %"
    return f"{percent(share.value)} ({interval})"


def span(microseconds: float) -> str:
    """A length of time in the largest unit that it fills once rounded, with one decimal below ten."""
    if microseconds < 1_000_000:
        return "less than a second" if microseconds > 0 else "no time"
    for place in range(len(_UNITS) - 1, -1, -1):
        size, name = _UNITS[place]
        number = microseconds / size
        shown = f"{round(number, 1) if number < 9.95 else round(number):g}"
        if place == 0 or float(shown) * size < _UNITS[place - 1][0]:
            return f"{shown} {name}{'' if shown == '1' else 's'}"
    raise AssertionError("the largest unit holds everything")


def plain(answer: Answer) -> str:
    """The answer as plain text: words, table, warnings."""
    parts = [*([" ".join(answer.words), ""] if answer.words else []), *_lines(answer.columns)]
    if answer.warnings:
        parts += [""] + [f"note ({item.code}): {item.text}" for item in answer.warnings]
    return "\n".join(parts)


def cell(name: str, value: Any) -> str:
    """One value of a table as text: shares as percent, spans of seconds as time."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("_seconds") and isinstance(value, int | float):
        return span(value * 1_000_000)
    if isinstance(value, float):
        return percent(value) if name.startswith("of_") else f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"
    return count(value) if isinstance(value, int) else str(value)


def shown_columns(columns: dict[str, list[Any]] | Any) -> list[str]:
    """The columns worth showing: an interval goes beside its share, a column without a value is left out."""
    return [
        name
        for name, values in columns.items()
        if not name.endswith(("_low", "_high")) and any(value is not None for value in values)
    ]


def with_bounds(columns: Any, name: str, row: int) -> str:
    """A cell with its interval, where the table has one."""
    text = cell(name, columns[name][row])
    low, high = columns.get(f"{name}_low"), columns.get(f"{name}_high")
    if text and low and high and low[row] is not None and high[row] is not None:
        if name.startswith("of_"):
            return f"{text} [{100 * low[row]:.1f}, {100 * high[row]:.1f}]"
        return f"{text} [{cell(name, low[row])}, {cell(name, high[row])}]"
    return text


def _lines(columns: Any) -> list[str]:
    names = shown_columns(columns)
    if not names:
        return []
    rows = [[with_bounds(columns, name, row) for name in names] for row in range(len(columns[names[0]]))]
    widths = [max(len(name), *(len(row[i]) for row in rows)) if rows else len(name) for i, name in enumerate(names)]
    lines = ["  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True)).rstrip()]
    lines += ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return lines
