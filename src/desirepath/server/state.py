"""What do all routes share? The workspace, whose turn it is, what works beside the requests, and who writes down acts.

The parts of the server that stand apart, such as who may come in and the page's files, find it as `app.state.server`.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

import anyio
from fastapi import FastAPI, Request

from desirepath.errors import NotEnoughDataError, WorkspaceError
from desirepath.server.draining import Drainer
from desirepath.server.handles import Handles
from desirepath.server.keeping import KeptReplies
from desirepath.server.naming import Naming
from desirepath.server.once import Once
from desirepath.server.reads import Reads
from desirepath.server.turns import Turns
from desirepath.syncing.folder import Watched
from desirepath.syncing.run import Schedule

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

ASKERS = 32
"""So many questions may wait or be asked at once; what is cheap has threads of its own."""

READ_OF = ("maps", "metrics", "segments", "text", "workspace.toml", "identity_rules.jsonl")
"""What of the workspace's folder an answer may depend on."""

Audit = Callable[..., None]
"""Called with the request, what was done, and to whom or what, by handle or name."""


def unaudited(request: Request, action: str, about: str | None = None, **details: Any) -> None:
    """Write nothing down."""


def _standing(path: Path) -> tuple[str, int, int] | None:
    """A file by when it was written and how long it is; None where there is none, such as a draft that went."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (str(path), found.st_mtime_ns, found.st_size) if S_ISREG(found.st_mode) else None


class State:
    """What the routes of one app share.

    Parameters
    ----------
    workspace
        The workspace; None where only the routes are looked at.
    watch
        A folder whose files are imported when they are dropped there.
    """

    def __init__(self, workspace: Workspace | None, watch: Path | None = None) -> None:
        self._workspace, self.turns = workspace, Turns()
        self.audit: Audit = unaudited
        self.replies = KeptReplies()
        self.askers = anyio.CapacityLimiter(ASKERS)
        self.asides = anyio.CapacityLimiter(ASKERS)  # those who wait beside keep no thread from the others
        self.closing = threading.Event()
        self.forgetters: list[Callable[[], None]] = []
        self.drainer: Drainer | None = None
        self.schedule: Schedule | None = None
        self.watched: Watched | None = None
        if workspace is not None:
            self.drainer = Drainer(workspace, self.turns, self.reads.close)
            self.schedule = Schedule(workspace, self.turns)
            self.watched = Watched(workspace, watch, self.turns) if watch is not None else None

    @property
    def workspace(self) -> Workspace:
        """The workspace.

        Raises
        ------
        WorkspaceError
            If there is none: the app was made for its document alone.
        """
        if self._workspace is None:
            raise WorkspaceError("This server has no workspace.")
        return self._workspace

    @cached_property
    def reads(self) -> Reads:
        """Connections to read by, beside whoever has the turn."""
        return Reads(self.workspace, self.turns)

    @cached_property
    def handles(self) -> Handles:
        """By what name people are shown."""
        return Handles(self.workspace.root)

    @cached_property
    def once(self) -> Once:
        """What the workspace's files say of its events; small things that are looked up often."""
        return Once(self)

    @cached_property
    def naming(self) -> Naming:
        """Which fields name people."""
        return Naming(self)

    def versions(self) -> dict[str, int]:
        """The versions of data, of who is who, and of its rules, as last committed."""
        with self.reads() as store:
            return {
                str(name): int(version)
                for name, version in store.rows(
                    "SELECT name, version FROM versions WHERE name IN ('data', 'identity', 'rules')"
                )
            }

    def stamp(self) -> str:
        """A text that changes whenever any answer may; nothing is computed for it, and no turn is needed."""
        from desirepath import __version__

        told: list[Any] = [__version__, sorted(self.versions().items())]
        for name in READ_OF:
            path = self.workspace.root / name
            told += filter(None, map(_standing, sorted(path.iterdir()) if path.is_dir() else [path]))
        return hashlib.sha256(repr(told).encode()).hexdigest()[:24]

    def forget(self) -> None:
        """Keep nothing that was said of anybody, such as when somebody was erased."""
        self.replies.clear()
        self.handles.forget()
        self.workspace.asking.remembered.forget()
        for forget in self.forgetters:
            forget()

    def refuse_empty(self) -> None:
        """Say so where there is nothing to ask of yet; call in turn."""
        if self.workspace.engine.extent().events == 0:
            raise NotEnoughDataError("This workspace holds no events yet.", looked=str(self.workspace.root))

    @asynccontextmanager
    async def live(self, _: FastAPI) -> AsyncIterator[None]:
        """Run what works beside the requests."""
        parts = [part for part in (self.drainer, self.schedule, self.watched) if part is not None]
        for part in parts:
            part.start()
        yield
        self.closing.set()  # whatever is asked is given up
        for part in reversed(parts):
            part.stop()
        if self._workspace is not None:
            self.reads.close()


__all__ = ["Audit", "State", "unaudited"]
