"""The thread that drains: every half second, whatever waits, between one question and the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import duckdb

from desirepath.draining import Drain, Drained
from desirepath.errors import DesirepathError
from desirepath.syncing.working import Worker, in_a_line

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

PAUSE = 0.3
"""Seconds between looks at the inbox."""


class Drainer(Worker):
    """Drains until it is stopped.

    Parameters
    ----------
    workspace
        The workspace.
    lock
        Held while the database is used.
    let_go
        Makes everybody else let go of the database, before it is opened anew.
    """

    def __init__(
        self, workspace: Workspace, lock: AbstractContextManager[Any], let_go: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__("drain", patience=60)
        self._workspace, self._lock, self._let_go = workspace, lock, let_go
        self._drain: Drain | None = None
        self.total = Drained()

    def step(self) -> float:
        """Store the next requests."""
        with self._lock:
            self._drain = self._drain or Drain(self._workspace)
            done = self._drain.step(lambda *_: None)
        if done is None:
            return PAUSE
        self.total += done
        return 0  # more may wait

    def failed(self) -> None:
        """Open everything anew: a database that met a full disk serves nobody until then."""
        with self._lock:
            try:
                self.ended()
                self._let_go()
                self._workspace.close()
            except (DesirepathError, OSError, duckdb.Error, sqlite3.Error) as problem:
                self.problem = in_a_line(problem)

    def ended(self) -> None:
        """Let the inbox go."""
        drain, self._drain = self._drain, None
        if drain is not None:
            drain.close()
