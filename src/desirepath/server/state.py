"""What do all routes share? The workspace, whose turn it is, what works beside the requests, and who writes down acts.

The parts of the server that stand apart, such as who may come in and the page's files, find it as `app.state.server`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request

from desirepath.errors import NotEnoughDataError, WorkspaceError
from desirepath.server.draining import Drainer
from desirepath.server.turns import Turns
from desirepath.syncing.folder import Watched
from desirepath.syncing.run import Schedule

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

Audit = Callable[..., None]
"""Called with the request, what was done, and what it was done to."""


def unaudited(request: Request, act: str, **about: Any) -> None:
    """Write nothing down."""


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
        self.drainer: Drainer | None = None
        self.schedule: Schedule | None = None
        self.watched: Watched | None = None
        if workspace is not None:
            self.drainer, self.schedule = Drainer(workspace, self.turns), Schedule(workspace, self.turns)
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
        for part in reversed(parts):
            part.stop()


__all__ = ["Audit", "State", "unaudited"]
