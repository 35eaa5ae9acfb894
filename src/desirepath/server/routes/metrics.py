"""What does a metric say? Those of the house and of the workspace, with their definitions."""

from __future__ import annotations

from typing import Annotated, Any

import anyio
import msgspec
from fastapi import FastAPI, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desirepath.server.answering import answered, whose
from desirepath.server.asked import AskedOf, MetricAddress, Sending, wanted
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.shapes import AnswerShape, TableShape, answers
from desirepath.server.state import State

Name = Annotated[str, Path(description="The metric's name, such as `activation-rate`.")]


class MetricShape(BaseModel):
    """A metric and its definition."""

    model_config = ConfigDict(extra="allow")

    metric: str
    group: str
    says: str
    question: str
    fields: dict[str, Any] = Field(default_factory=dict)
    denominator: str
    own: bool
    wanting: list[str]


class MetricsShape(BaseModel):
    """All metrics, and the words that stand for a workspace's events."""

    metrics: list[MetricShape]
    words: dict[str, Any]


def install(app: FastAPI, state: State) -> None:
    """Add the metrics."""

    @app.get("/api/metrics", summary="The metrics and their definitions", responses=problems(422, 503), **needs("read"))
    def metrics() -> MetricsShape:
        known = state.workspace.metrics.defined()
        listed = [
            {**msgspec.to_builtins(form), "own": name in known.own, "wanting": list(known.wanting(form))}
            for name, form in known.metrics.items()
        ]
        return MetricsShape.model_validate({"metrics": listed, "words": dict(known.words)})

    told = {**answers(), **problems(404, 406, 422, 503)}

    @app.get(
        "/api/metrics/{metric}",
        summary="What a metric says",
        response_model=AnswerShape | TableShape,
        responses=told,
        **needs("read"),
    )
    async def answer(request: Request, metric: Name, asked: Annotated[MetricAddress, Query()]) -> Response:
        asks = await anyio.to_thread.run_sync(whose, state, request, wanted("metric", metric, asked))
        return await answered(state, request, asks, asked)

    @app.post(
        "/api/metrics/{metric}",
        summary="Ask a metric",
        response_model=AnswerShape | TableShape,
        responses=told,
        **needs("read"),
    )
    async def ask(request: Request, metric: Name, asked: AskedOf, sending: Annotated[Sending, Query()]) -> Response:
        asks = await anyio.to_thread.run_sync(whose, state, request, wanted("metric", metric, asked))
        return await answered(state, request, asks, sending)
