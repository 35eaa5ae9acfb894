"""How is the data? Its sources, what could not be imported, who is who."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State


def install(app: FastAPI, state: State) -> None:
    """Add what is told of the data."""

    @app.get("/api/sources", summary="How each source is, and what waits", responses=problems(503), **needs("read"))
    def sources() -> dict[str, Any]:
        from desirepath.sources import sources as found
        from desirepath.sources import waiting

        with state.turns:
            listed = [one.to_dict() for one in found(state.workspace)]
        schedule, watched = state.schedule, state.watched
        pulled = {"last": schedule.last if schedule else {}, "problems": schedule.problems if schedule else {}}
        waits = waiting(state.workspace).to_dict()
        return {"sources": listed, "waiting": waits, "sync": pulled, "watch": watched.to_dict() if watched else None}
