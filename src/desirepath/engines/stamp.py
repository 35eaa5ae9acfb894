"""How can segments be trusted without opening the database? By a note of which file they were seen to belong to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from desirepath.journeys.columns import Manifest

STAMP = "database.json"


def write_stamp(columns: Path, database: Path, state: Mapping[str, int]) -> None:
    """Note, when a database is closed, its versions of `data` and `identity`, its size, and when it changed."""
    stamp = columns / STAMP
    draft = stamp.with_suffix(".draft")
    draft.write_text(json.dumps({**state, **_file(database)}), encoding="utf-8")
    draft.replace(stamp)


def looks(*files: str) -> tuple[tuple[int, int, int] | None, ...]:
    """What tells that files are as they were: which they are, how large, when changed; None of a missing one."""
    return tuple(map(_look, files))


def _look(file: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def is_stamped(columns: Path, database: Path, manifest: Manifest) -> bool:
    """Whether the database is the one that was noted, nothing was written to it since, and the segments are of it."""
    try:
        stamp = json.loads((columns / STAMP).read_text(encoding="utf-8"))
        now = _file(database)
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return False
    state = {"data": manifest.data_version, "identity": manifest.identity_version}
    log = database.with_name(database.name + ".wal")
    return bool(stamp == {**state, **now}) and not (log.exists() and log.stat().st_size)


def _file(database: Path) -> dict[str, int]:
    found = os.stat(database)
    return {"size": found.st_size, "changed": found.st_mtime_ns}
