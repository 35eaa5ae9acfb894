"""What does a metric say? Those of the house and of the workspace, with their definitions."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import FastAPI, Path
from fastapi.responses import JSONResponse

from desirepath.server.asked import AskedOf
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State


def install(app: FastAPI, state: State) -> None:
    """Add the metrics."""

    @app.get("/api/metrics", summary="The metrics and their definitions", responses=problems(422), **needs("read"))
    def metrics() -> dict[str, Any]:
        known = state.workspace.metrics.defined()
        return {
            "metrics": [
                {**msgspec.to_builtins(form), "own": name in known.own, "wanting": known.wanting(form)}
                for name, form in known.metrics.items()
            ],
            "words": dict(known.words),
        }

    @app.post("/api/metrics/{metric}", summary="Ask a metric", responses=problems(404, 422, 503), **needs("read"))
    def ask_metric(
        metric: Annotated[str, Path(description="Its name, such as activation-rate")], asked: AskedOf
    ) -> JSONResponse:
        with state.turns:
            state.refuse_empty()
            return JSONResponse(state.workspace.metric(metric, **asked.model_dump()).to_dict())
