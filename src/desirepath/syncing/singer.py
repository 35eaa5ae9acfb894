"""How are Singer's messages read? `SCHEMA`, `RECORD` and `STATE`, one a line, as any tap writes them.

The records go to the connector of their source, like those of a pull. The last state is handed back when everything is
imported, so that whoever runs the tap can give it to the next run.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from desirepath.connectors.choosing import mapping_for, words_in
from desirepath.connectors.registry import connector
from desirepath.connectors.translating import landed
from desirepath.errors import InputError
from desirepath.importing import ImportResult, import_files

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace


@dataclass
class Sung:
    """What came of a tap.

    Attributes
    ----------
    records
        Records of each stream.
    result
        The account of the import; None where there was nothing.
    state
        The last state, to be given to the tap's next run; None if there was none.
    """

    records: Counter[str] = field(default_factory=Counter)
    result: ImportResult | None = None
    state: Any = None


def sing(
    workspace: Workspace,
    lines: Iterable[str],
    source: str,
    *,
    options: dict[str, str] | None = None,
    instance: str | None = None,
    time_zone: str | None = None,
    progress: Progress,
) -> Sung:
    """Import Singer's messages.

    Parameters
    ----------
    workspace, time_zone, progress
        As for an import.
    lines
        The messages.
    source, options, instance
        The connector that reads the records, and what to choose of it.

    Raises
    ------
    InputError
        When a line is no message; nothing is imported then.
    """
    found, known = Sung(), connector(source)
    with tempfile.TemporaryDirectory(dir=_temp(workspace), prefix="singer-") as place:
        landing = Path(place) / f"{source}.jsonl"
        with landing.open("wb") as opened:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                message = _message(line, number)
                kind = str(message.get("type")).upper()
                if kind == "STATE":
                    found.state = message.get("value")
                elif kind == "RECORD":
                    record = message["record"]
                    named = str(message["stream"])
                    stream = named if named in known.streams else known.stream_of(record)
                    opened.write(landed(stream, record))
                    found.records[named] += 1
                    if number % 1000 == 0:
                        progress("reading", sum(found.records.values()), None)
        if found.records:
            mapping = mapping_for(source, options=options, instance=instance, words=words_in(workspace.root))
            found.result = import_files(workspace, [landing], mapping, time_zone=time_zone, progress=progress)
    return found


def _temp(workspace: Workspace) -> Path:
    place = workspace.root / "temp"
    place.mkdir(exist_ok=True)
    return place


def _message(line: str, number: int) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        found = None
    good = isinstance(found, dict) and "type" in found
    if good and str(found["type"]).upper() == "RECORD":
        good = isinstance(found.get("record"), dict) and "stream" in found
    if not good:
        raise InputError(
            f"Line {number} is none of Singer's messages: {line.strip()[:80]!r}.", allowed=["SCHEMA", "RECORD", "STATE"]
        )
    return dict(found)
