"""Make a workspace from a few lines, the way a user does: a CSV file, a mapping, an import.

    ws = made(tmp_path, '''
        ann  A  2023-05-01T10:00:00Z  channel=web
        ann  B  2023-05-01T10:30:00Z
    ''')
    steps(ws.ask("funnel", steps=["A", "B"], window="1 hour"))    ->  [1, 1]

A line is person, event, time and `column=value` pairs; `channel`, `session` and `amount` are the event's own, any
other column is a property. Event ids come from the number of the line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import desirepath
from desirepath import Answer, Workspace

OWN = ("id", "user", "event", "at", "channel", "session", "amount")

LATE = "zed  far_away  2024-01-01T00:00:00Z"
"""A line that moves the cut-off far away, so that all windows have closed."""

Rows = Sequence[Mapping[str, str]]


def rows_of(text: str, *, first: int = 1) -> list[dict[str, str]]:
    """Read lines as they stand in the module's text."""
    rows = []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=first):
        user, event, at, *pairs = line.split()
        extra = dict(pair.split("=", 1) for pair in pairs)
        rows.append({"id": str(number), "user": user, "event": event.replace("_", " "), "at": at, **extra})
    return rows


def columns_of(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """All columns, those of every file first."""
    found = dict.fromkeys(OWN)
    for row in rows:
        found.update(dict.fromkeys(row))
    return list(found)


def write_csv(path: Path, rows: Rows, columns: Sequence[str] | None = None) -> Path:
    """Write rows as a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns or columns_of(rows), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_mapping(path: Path, columns: Sequence[str], *, files: str = "*.csv", zone: str | None = None) -> Path:
    """Write the mapping of such a file."""
    properties = [name for name in columns if name not in OWN]
    lines = ["source: story", *([f"time_zone: {zone}"] if zone else []), "tables:", f'  - files: "{files}"']
    lines += ["    key: [id]", "    identities: {user_id: user}", '    channel: "{channel}"', "    session: session"]
    lines += ["    value: {column: amount, currency: EUR}", f"    properties: [{', '.join(properties)}]"]
    lines += ["    events:", '      - {name: "{event}", at: at}']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def add(ws: Workspace, rows: Rows | str, *, name: str = "log", zone: str | None = None) -> Any:
    """Import more lines."""
    given = rows_of(rows) if isinstance(rows, str) else rows
    folder = ws.root.parent / f"files-{name}"
    columns = columns_of(given)
    write_csv(folder / f"{name}.csv", given, columns)
    return ws.import_files([folder], write_mapping(folder / "mapping.yaml", columns, zone=zone))


def made(
    folder: Path,
    rows: Rows | str,
    *,
    time_zone: str = "UTC",
    zone: str | None = None,
    late: bool = True,
    name: str = "ws",
) -> Workspace:
    """Make a workspace and import the lines; `late` adds somebody who acts much later."""
    ws = desirepath.create(folder / name, time_zone=time_zone)
    given = rows_of(rows) if isinstance(rows, str) else list(rows)
    if late:
        given = [*given, *rows_of(LATE, first=1_000_000)]
    result = add(ws, given, name=f"log-{name}", zone=zone)
    assert result.quarantined == 0, ws.quarantine().to_pylist()
    return ws


def steps(answer: Answer, group: str | None = None, column: str = "reached") -> list[Any]:
    """One column of the answer, of one group."""
    table = answer.table.to_pylist()
    return [row[column] for row in table if group is None or row["group"] == group]


def groups(answer: Answer, column: str = "reached") -> dict[str, list[Any]]:
    """One column of the answer, by group."""
    found: dict[str, list[Any]] = {}
    for row in answer.table.to_pylist():
        found.setdefault(row["group"], []).append(row[column])
    return found


def codes(answer: Answer) -> set[str]:
    """The codes of the warnings."""
    return {item.code for item in answer.warnings}


def content(answer: Answer) -> dict[str, Any]:
    """What the answer says, without which state of the data it was asked of."""
    raw = answer.to_dict()
    raw["asked_of"] = {
        key: value
        for key, value in raw["asked_of"].items()
        if key not in ("data_version", "identity_version", "workspace")
    }
    return raw


def microseconds(moment: Any) -> int:
    """A moment of a table of people as microseconds since 1970."""
    return (
        moment
        if isinstance(moment, int)
        else int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond
    )
