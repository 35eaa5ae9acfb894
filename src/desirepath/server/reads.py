"""What is read in passing? People, events and versions, through connections of their own, beside a long question.

A question has the workspace to itself; a look at one person need not wait for it. DuckDB shows each connection the data
as it was last committed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from desirepath.server.turns import Turns

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace


class Reads:
    """Connections to read by.

    `with reads() as store:` gives one; `with reads.shut():` closes all of them, for who needs the file alone. Whoever
    reads must not wait for a turn meanwhile: who has it may be waiting for the reading to end.

    Parameters
    ----------
    workspace
        The workspace.
    turns
        Whose turn it is to use the workspace itself.
    """

    def __init__(self, workspace: Workspace, turns: Turns) -> None:
        self._workspace, self._turns = workspace, turns
        self._gate = threading.Condition()
        self._store: Store | None = None
        self._active = 0

    @contextmanager
    def __call__(self) -> Iterator[Store]:
        """A connection to read by; no turn is needed."""
        view = self._begin().beside()
        try:
            yield view
        finally:
            view.close()
            with self._gate:
                self._active -= 1
                self._gate.notify_all()

    def _begin(self) -> Store:
        while True:
            with self._gate:
                if self._store is not None:
                    self._active += 1
                    return self._store
            with self._turns:  # nobody closes them meanwhile
                self._workspace.store()
                with self._gate:
                    if self._store is None:
                        self._store = self._workspace.open_store(self._workspace.root / "journeys.duckdb")

    @contextmanager
    def shut(self) -> Iterator[None]:
        """Nobody reads meanwhile."""
        with self._turns:
            self.close()
            yield

    def close(self) -> None:
        """Let go of the file when those who read are done; the next who reads opens it again, in turn."""
        with self._turns, self._gate:
            while self._active:
                self._gate.wait()
            if self._store is not None:
                self._store.close()
                self._store = None


__all__ = ["Reads"]
