"""The HTTP API: questions, sources, health. Its OpenAPI document is at `/openapi.json`."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from desirepath.errors import DesirepathError, InputError, NotEnoughDataError, UnknownNameError, WorkspaceError
from desirepath.server.draining import Drainer
from desirepath.syncing.folder import Watched
from desirepath.syncing.run import Schedule

if TYPE_CHECKING:
    from desirepath.workspace import Workspace


class AskedOf(BaseModel):
    """Whom and when to ask of, as `Workspace.ask` takes it."""

    model_config = ConfigDict(extra="forbid")

    period: str | None = None
    filter: str | None = None
    cohort: str | None = None
    breakdown: str | None = None
    at: str = "entry"
    top: int = 10
    several: bool = False
    over: str | None = None
    compare: dict[str, str] | None = None
    sample: float = 1.0
    cutoff: str | None = None


class Asked(AskedOf):
    """A question's fields, and whom and when to ask it of."""

    fields: dict[str, Any] = Field(default_factory=dict, description="The question's own fields.")
    person: str | None = None
    unit: str = "person"
    use: str | None = None


class Problem(BaseModel):
    """What was wrong, what was allowed, the nearest match, and where we looked."""

    error: str
    message: str
    allowed: list[str] = Field(default_factory=list)
    nearest: str | None = None
    looked: str | None = None


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is no JSON"},
    404: {"model": Problem, "description": "There is no such question"},
    422: {"model": Problem, "description": "The question makes no sense"},
    503: {"model": Problem, "description": "The workspace cannot be used"},
}


class _Running:
    """What works beside the requests: the drain, the pulls and the watched folder."""

    def __init__(self, workspace: Workspace, watch: FilePath | None) -> None:
        self.workspace, self.lock = workspace, threading.RLock()
        self.drainer, self.schedule = Drainer(workspace, self.lock), Schedule(workspace, self.lock)
        self.watched = Watched(workspace, watch, self.lock) if watch is not None else None

    @asynccontextmanager
    async def live(self, _: FastAPI) -> AsyncIterator[None]:
        parts = [part for part in (self.drainer, self.schedule, self.watched) if part is not None]
        for part in parts:
            part.start()
        yield
        for part in reversed(parts):
            part.stop()


def make_app(workspace: Workspace, *, watch: FilePath | None = None) -> FastAPI:
    """The API of one workspace; it drains the inbox while it runs.

    Parameters
    ----------
    workspace
        The workspace; used by this process alone.
    watch
        A folder whose files are imported when they are dropped there.
    """
    running = _Running(workspace, watch)
    app = FastAPI(title="desirepath", version="1", lifespan=running.live)
    app.state.drainer = running.drainer
    _tell_problems(app)
    _serve_state(app, running)
    _serve_questions(app, running)
    _serve_metrics(app, running)
    return app


def _tell_problems(app: FastAPI) -> None:
    @app.exception_handler(DesirepathError)
    async def told(_: Request, problem: DesirepathError) -> JSONResponse:
        status = 404 if isinstance(problem, UnknownNameError) else 503 if isinstance(problem, WorkspaceError) else 422
        return JSONResponse(problem_of(problem), status)

    @app.exception_handler(RequestValidationError)
    async def unreadable(_: Request, problem: RequestValidationError) -> JSONResponse:
        first = problem.errors()[0]
        place = "/".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            error = UnknownNameError.of("key", str(first["loc"][-1]), Asked.model_fields, looked=place)
            return JSONResponse(problem_of(error), 422)
        return JSONResponse(problem_of(InputError(f"{first['msg']}.", looked=place)), 422)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, problem: HTTPException) -> JSONResponse:
        return JSONResponse(problem_of(InputError(f"{problem.detail}.")), problem.status_code, problem.headers)


def _serve_state(app: FastAPI, running: _Running) -> None:
    @app.get("/healthz", summary="How the server is")
    def healthz() -> dict[str, Any]:
        return health(running.workspace, running.drainer)

    @app.get("/metrics", summary="Counters for Prometheus", response_class=PlainTextResponse)
    def metrics() -> str:
        return metrics_text(running.drainer)

    @app.get("/api/sources", summary="How each source is, and what waits", responses={503: _PROBLEMS[503]})
    def sources() -> dict[str, Any]:
        from desirepath.sources import sources as found
        from desirepath.sources import waiting

        with running.lock:
            listed = [one.to_dict() for one in found(running.workspace)]
            pulled = {"last": running.schedule.last, "problems": running.schedule.problems}
            dropped = None if running.watched is None else running.watched.to_dict()
            waits = waiting(running.workspace).to_dict()
            return {"sources": listed, "waiting": waits, "sync": pulled, "watch": dropped}


def _serve_questions(app: FastAPI, running: _Running) -> None:
    @app.get("/api/questions", summary="The questions and their fields")
    def questions() -> dict[str, Any]:
        from desirepath.questions.catalog import catalog, schema

        return {name: schema(name) for name in catalog()}

    @app.post("/api/ask/{question}", summary="Ask a question", responses=_PROBLEMS)
    def ask(question: Annotated[str, Path(description="Its name, such as funnel")], asked: Asked) -> JSONResponse:
        from desirepath.questions.catalog import build

        made = build(question.replace("-", "_"), asked.fields)
        whom = {key: value for key, value in asked.model_dump(exclude={"fields"}).items() if value is not None}
        workspace = running.workspace
        with running.lock:
            _refuse_empty(workspace)
            return JSONResponse(workspace.ask(made, **whom).to_dict())


def _serve_metrics(app: FastAPI, running: _Running) -> None:
    workspace = running.workspace

    @app.get("/api/metrics", summary="The metrics and their definitions", responses={422: _PROBLEMS[422]})
    def metrics() -> dict[str, Any]:
        known = workspace.metrics.defined()
        return {
            "metrics": [
                {**msgspec.to_builtins(form), "own": name in known.own, "wanting": known.wanting(form)}
                for name, form in known.metrics.items()
            ],
            "words": dict(known.words),
        }

    @app.post("/api/metrics/{metric}", summary="Ask a metric", responses=_PROBLEMS)
    def ask_metric(
        metric: Annotated[str, Path(description="Its name, such as activation-rate")], asked: AskedOf
    ) -> JSONResponse:
        with running.lock:
            _refuse_empty(workspace)
            return JSONResponse(workspace.metric(metric, **asked.model_dump()).to_dict())


def _refuse_empty(workspace: Workspace) -> None:
    if workspace.engine.extent().events == 0:
        raise NotEnoughDataError("This workspace holds no events yet.", looked=str(workspace.root))


def problem_of(problem: DesirepathError) -> dict[str, Any]:
    """An error as plain data."""
    return {
        "error": type(problem).__name__,
        "message": problem.message,
        "allowed": [str(one) for one in problem.allowed],
        "nearest": problem.nearest,
        "looked": problem.looked,
    }


def health(workspace: Workspace, drainer: Drainer) -> dict[str, Any]:
    """Whether the server works, and how far the drain is."""
    from desirepath.sources import waiting

    return {
        "status": "ok" if drainer.problem is None else "problem",
        "problem": drainer.problem,
        "drained": {"requests": drainer.total.requests, "events": drainer.total.read},
        "waiting": waiting(workspace).to_dict(),
    }


def metrics_text(drainer: Drainer) -> str:
    """Counters as Prometheus reads them."""
    total = drainer.total
    lines = ["# TYPE desirepath_drain_events_total counter"]
    for name, value in (("stored", total.stored), ("duplicate", total.duplicate), ("quarantined", total.quarantined)):
        lines.append(f'desirepath_drain_events_total{{became="{name}"}} {value}')
    lines += ["# TYPE desirepath_drain_requests_total counter", f"desirepath_drain_requests_total {total.requests}"]
    lines += ["# TYPE desirepath_drain_failing gauge", f"desirepath_drain_failing {int(drainer.problem is not None)}"]
    return "\n".join(lines) + "\n"
