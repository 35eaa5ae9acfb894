"""The thread that drains: every half second, whatever waits, between one question and the next."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING

import duckdb

from desirepath.draining import Drain, Drained
from desirepath.errors import DesirepathError

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

PAUSE, LONG_PAUSE = 0.3, 3.0
"""Seconds between looks at the inbox, and after a failure."""


class Drainer:
    """Drains until it is stopped; what goes wrong is told by `problem`, and tried again.

    Parameters
    ----------
    workspace
        The workspace.
    lock
        Held while the database is used.
    """

    def __init__(self, workspace: Workspace, lock: threading.RLock) -> None:
        self._workspace, self._lock = workspace, lock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="drain", daemon=True)
        self.total = Drained()
        self.problem: str | None = None
        self.at: float | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let the step under way come to its end, and stop."""
        self._stop.set()
        self._thread.join(timeout=60)

    def _work(self) -> None:
        drain: Drain | None = None
        while not self._stop.is_set():
            done: Drained | None = None
            pause = PAUSE
            try:
                with self._lock:
                    drain = drain or Drain(self._workspace)
                    done = drain.step(lambda *_: None)
                self.problem, self.at = None, time.time()
            except Exception as problem:  # noqa: BLE001 (whatever it is, it is told, and tried again)
                self.problem, pause = " ".join(str(problem).split()), LONG_PAUSE
                self._let_go(drain)
                drain = None
            if done is not None:
                self.total += done
                continue  # more may wait
            self._stop.wait(pause)
        if drain is not None:
            drain.close()

    def _let_go(self, drain: Drain | None) -> None:
        """After a failure, open everything anew: a database that met a full disk serves nobody until then."""
        with self._lock:
            if drain is not None:
                drain.close()
            try:
                self._workspace.close()
            except (DesirepathError, OSError, duckdb.Error, sqlite3.Error) as problem:
                self.problem = " ".join(str(problem).split())
