"""Which files were dropped? A folder that is looked at while the server runs.

A file that is recognised and has come to rest is imported and moved to `imported/`; one that cannot be is moved to
`refused/`, with the reason beside it. Nothing is read twice, and nothing is lost.
"""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from desirepath.errors import DesirepathError
from desirepath.importing import import_sources
from desirepath.syncing.working import Worker, in_a_line

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

DONE, REFUSED = "imported", "refused"
REST = 2.0
"""Seconds for which a file must have stayed as it is."""

_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")


class Watched(Worker):
    """Imports what is dropped into a folder.

    Parameters
    ----------
    workspace
        The workspace.
    folder
        The folder; made if there is none.
    lock
        Held while the database is used.
    """

    def __init__(self, workspace: Workspace, folder: Path, lock: AbstractContextManager[Any]) -> None:
        super().__init__("watch", patience=60)
        self._workspace, self._folder, self._lock = workspace, folder, lock
        self._seen: dict[Path, tuple[int, int, float]] = {}
        self.imported = self.refused = 0

    def start(self) -> None:
        """Begin."""
        for name in ("", DONE, REFUSED):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        super().start()

    def step(self) -> float:
        """Import what has come to rest; a stop falls between two files."""
        for path in self.look(time.monotonic()):
            if not self._stop.is_set():
                self.take(path)
        return 0.5

    def look(self, now: float) -> list[Path]:
        """The files that have come to rest."""
        found = []
        for path in sorted(self._folder.iterdir()):
            if not path.is_file() or path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED):
                continue
            state = path.stat()
            size, changed, since = self._seen.get(path, (-1, 0, now))
            if (size, changed) != (state.st_size, state.st_mtime_ns):
                self._seen[path] = (state.st_size, state.st_mtime_ns, now)
            elif now - since >= REST:
                found.append(path)
        return found

    def take(self, path: Path) -> None:
        """Import one file, and move it."""
        reason: str | None = None
        try:
            with self._lock:
                results = import_sources(self._workspace, [path], progress=lambda *_: None)
            self.imported += 1
            account = "\n".join(f"{one.source}: {one.line}." for one in results)
        except (DesirepathError, OSError, duckdb.Error) as problem:
            reason = in_a_line(problem)
            self.refused += 1
        self._seen.pop(path, None)
        target = self._free(self._folder / (REFUSED if reason else DONE) / path.name)
        os.replace(path, target)
        target.with_name(target.name + ".txt").write_text((reason or account) + "\n", encoding="utf-8")

    @staticmethod
    def _free(target: Path) -> Path:
        """The place itself, or the next one that is free."""
        number, found = 1, target
        while found.exists():
            number += 1
            found = target.with_name(f"{target.stem}-{number}{target.suffix}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """What it did."""
        return {
            "folder": str(self._folder),
            "imported": self.imported,
            "refused": self.refused,
            "problem": self.problem,
        }
