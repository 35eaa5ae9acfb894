"""How is an answer shown? The finding in words first, then the table, then what the reader must know."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desirepath.cli.running import Run
from desirepath.cli.screen import Screen
from desirepath.cli.values import Cell, Columns, moment_text, of_arrow

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer

SPARED = ("quartiles", "mature", "undecided")
"""Columns that a narrow terminal does without, in this order."""


def show_answer(run: Run, answer: Answer, table: str | None, output: str, zone: str) -> None:
    """Print an answer, or one of its tables."""
    if table is not None:
        answer.extra(table)  # noqa: S610 - refuses an unknown name; nothing to do with Django
    columns = answer.columns if table is None else answer.extras[table]
    screen = run.screen
    if screen.as_json:
        return screen.document(answer.to_dict() if table is None else {"table": table, "columns": columns})
    if output == "csv" or table is not None:
        _hint_names(screen, answer)
        return screen.csv(columns) if output == "csv" else show_table(screen, columns)
    if answer.words:
        screen.prose(" ".join(answer.words), style="bold")
        screen.say()
    show_table(screen, columns)
    screen.say()
    screen.prose(asked_of(answer.asked_of, zone), style="dim")
    for notice in answer.warnings:
        screen.prose(f"Note ({notice.code}): {notice.text}")
    more = [name for name, extra in answer.extras.items() if any(extra.values())]
    if more and screen.is_terminal:
        screen.hint(
            f"More: {', '.join(f'--table {name}' for name in more)}; --output csv. "
            "Who they are: --people step=1,outcome=dropped."
        )
    return None


def _hint_names(screen: Screen, answer: Answer) -> None:
    """Beside a bare table, say at least which names nobody knows: it may well be why the table is empty."""
    for notice in answer.warnings:
        if notice.code == "unknown_name":
            screen.hint(f"Note: {notice.text}")


def show_table(screen: Screen, columns: Mapping[str, list[Any]]) -> None:
    """Print a table of an answer; one block per group where there are groups."""
    groups = columns.get("group")
    shown = text_columns({name: values for name, values in columns.items() if name != "group"})
    spared: list[str] = []
    if groups is None:
        spared = screen.table(shown, spare=SPARED)
    else:
        for number, group in enumerate(dict.fromkeys(groups)):
            screen.say(("\n" if number else "") + str(group), "bold")
            places = [place for place, other in enumerate(groups) if other == group]
            spared += screen.table(
                {name: [cells[place] for place in places] for name, cells in shown.items()},
                spare=SPARED,
                indent="  ",
            )
    if spared:
        screen.hint(f"({', '.join(dict.fromkeys(spared))}: no room here; --output csv has every column)")


def text_columns(columns: Mapping[str, list[Any]]) -> dict[str, list[Cell]]:
    """Spell the columns for people: shares with their interval, spans of time in words, quartiles in one."""
    from desirepath.answers.words import shown_columns, with_bounds

    quartiles = ("quarter_seconds", "three_quarters_seconds")
    found: dict[str, list[Cell]] = {}
    for name in shown_columns(columns):
        values = columns[name]
        if name == quartiles[0] and quartiles[1] in columns:
            ends = [[with_bounds(columns, one, row) for one in quartiles] for row in range(len(values))]
            found["quartiles"] = [f"{low} to {high}" if low else None for low, high in ends]
        elif name not in quartiles:
            plain = all(value is None or (isinstance(value, int) and not isinstance(value, bool)) for value in values)
            cells: list[Cell] = (
                list(values) if plain else [with_bounds(columns, name, row) for row in range(len(values))]
            )
            found[name.removesuffix("_seconds")] = cells
    return found


def asked_of(asked: Mapping[str, Any], zone: str) -> str:
    """Whom and when it was asked of, in a line."""
    parts = [
        f"Asked of {_units(str(asked.get('unit')))}",
        "all time" if asked.get("period") == "everything" else str(asked.get("period")),
    ]
    parts += [
        f"{name} {asked[name]}" for name in ("filter", "cohort", "person") if asked.get(name) not in (None, "true")
    ]
    against = asked.get("against")
    if against:
        changed = [
            f"{name} {against[name]}" for name in ("period", "filter", "cohort") if against[name] != asked.get(name)
        ]
        parts.append("against " + ", ".join(changed))
    if asked.get("cutoff") is not None:
        parts.append(f"data up to {_moment(asked['cutoff'], zone)} ({zone})")
    return "; ".join(parts) + "."


def _units(unit: str) -> str:
    """What was counted, in the plural."""
    kind, _, named = unit.partition(":")
    return {"person": "people", "entity": f"entities of kind {named}" if named else "entities"}.get(kind, f"{kind}s")


def _moment(text: str, zone: str) -> str:
    from zoneinfo import ZoneInfo

    return moment_text(dt.datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).replace(microsecond=0))


def _datetime(microseconds: int, zone: str) -> Any:
    import datetime as dt
    from zoneinfo import ZoneInfo

    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)).astimezone(ZoneInfo(zone))


def show_people(run: Run, answer: Answer, which: Mapping[str, Any], people: Any, output: str, zone: str) -> None:
    """Print who is behind a number, one line per unit that it counts."""
    columns = _with_moments(of_arrow(people, zone), zone)
    screen, unit = run.screen, next(iter(columns))
    many = len(columns[unit])
    if screen.as_json:
        return screen.document({"which": dict(which), "count": many, "columns": columns})
    if output == "csv":
        return screen.csv(columns)
    legible = {
        name: values
        for name, values in columns.items()
        if name == unit or name.endswith("_at") or any(isinstance(value, str) for value in values)
    }
    _hint_names(screen, answer)
    screen.table(legible)
    chosen = ", ".join(f"{name} {value}" for name, value in which.items())
    told = "; `desirepath people show ID` tells their story." if unit == "person" else "."
    screen.say(f"\n{many:,} in all ({chosen}){told}")
    return None


def _with_moments(columns: Columns, zone: str) -> Columns:
    return {
        name: [_datetime(value, zone) if name.endswith("_at") and isinstance(value, int) else value for value in values]
        for name, values in columns.items()
    }


def export(run: Run, answer: Answer, path: Path) -> None:
    """Write the answer's charts as Vega-Lite: the first to `path`, others beside it with a number."""
    from desirepath.errors import NotEnoughDataError

    if not answer.charts:
        raise NotEnoughDataError("There is nothing to draw in this answer.")
    for number, chart in enumerate(answer.charts, start=1):
        place = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        place.write_text(json.dumps(chart, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")
        run.screen.hint(f"Chart written to {place}.")
