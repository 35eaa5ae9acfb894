"""How can segments be trusted without opening the database? By a note of which file they were seen to belong to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any

from desirepath.journeys.columns import Manifest

STAMP = "database.json"


def write_stamp(columns: Path, database: Path, state: Mapping[str, int]) -> None:
    """Note, when a database is closed, its versions of `data` and `identity`, its size, and when it changed."""
    stamp = columns / STAMP
    draft = stamp.with_suffix(".draft")
    draft.write_text(json.dumps({**state, **_file(database)}), encoding="utf-8")
    draft.replace(stamp)


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


class Stamped:
    """Whether segments are of the database as it lies there, closed; files that look the same say the same as before.

    Parameters
    ----------
    columns, database
        The folder of the segments, and the file of the database.
    rules
        The file of the rules of hand.
    """

    def __init__(self, columns: Path, database: Path, rules: Path) -> None:
        self._columns, self._database = columns, database
        self._files = list(map(str, (rules, database, f"{database}.wal", columns / STAMP)))
        self._found: tuple[Any, ...] | None = None

    def holds(self, manifest: Manifest, policy: Hashable, marked: Callable[[], int]) -> bool:
        """Whether a manifest is of the database, and of the rules; their mark hangs on file and policy."""
        here = (manifest.state, policy, *map(_looks, self._files))
        if here != self._found:
            if manifest.rules != marked() or not is_stamped(self._columns, self._database, manifest):
                return False
            self._found = here
        return True


def _looks(file: str) -> tuple[int, int, int] | None:
    """What tells that a file is as it was: which it is, its size, and when it changed."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
