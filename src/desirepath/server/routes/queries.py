"""How is a long question asked? It is begun, and its answer comes on the browser's one stream of events."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

import anyio
from fastapi import FastAPI, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from desirepath.errors import InputError
from desirepath.server.answering import etag_of, whose
from desirepath.server.asked import Asked, Wanted, wanted
from desirepath.server.formats import as_bytes
from desirepath.server.problems import problems
from desirepath.server.queries import Queries, known_as
from desirepath.server.scopes import caller_of, has_gone, needs
from desirepath.server.shapes import AnswerShape
from desirepath.server.state import State

Client = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="The browser's own name for itself, made by chance.")
]


class QueryAsked(Asked):
    """A question or a metric, of whom, and on whose stream the answer comes."""

    client: Client
    question: str | None = None
    metric: str | None = None
    preview: bool = Field(False, description="Whether an answer from a sample of people is wanted first.")
    aside: bool = Field(False, description="Whether it stands beside something else, and all others go first.")


class Begun(BaseModel):
    """The question is being asked; what is told of it carries this id."""

    id: str


class Known(BaseModel):
    """The answer was known already, or came at once."""

    id: str
    etag: str | None = Field(description="None where data came while it was made.")
    answer: AnswerShape


def install(app: FastAPI, state: State) -> None:
    """Add the questions that take long."""
    asking = Queries(state)
    _serve_queries(app, state, asking)
    _serve_stream(app, asking)


def _serve_queries(app: FastAPI, state: State, asking: Queries) -> None:
    @app.post(
        "/api/queries",
        summary="Begin a question; 200 with its answer where that comes at once",
        status_code=202,
        response_model=Begun,
        responses={200: {"model": Known, "description": "The answer"}, **problems(404, 422, 503)},
        **needs("read"),
    )
    async def begin(request: Request, asked: QueryAsked) -> Response:
        asks = await anyio.to_thread.run_sync(_meant, state, request, asked)
        etag = await anyio.to_thread.run_sync(etag_of, state, asks)
        kept = state.replies.get(etag)
        made: str | tuple[bytes, str | None] = (kept, etag) if kept is not None else ""
        if kept is None:
            key = (caller_of(request).name, asked.client)
            made = await asking.begin(key, asks, preview=asked.preview, aside=asked.aside)
        if isinstance(made, str):
            if await request.is_disconnected():  # nobody will ever know its id
                asking.stop(caller_of(request).name, made)
            return Response(as_bytes({"id": made}), status_code=202, media_type="application/json")
        headers = {"Cache-Control": "no-store"}
        return Response(known_as("", *made), media_type="application/json", headers=headers)

    @app.delete(
        "/api/queries/{query}",
        summary="Stop a question",
        status_code=204,
        response_class=Response,
        responses=problems(404),
        **needs("read"),
    )
    async def stop(request: Request, query: Annotated[str, Path(description="Its id")]) -> None:
        asking.stop(caller_of(request).name, query)


def _serve_stream(app: FastAPI, asking: Queries) -> None:
    @app.get(
        "/api/stream",
        summary="What is told of a browser's questions, as server-sent events",
        response_class=StreamingResponse,
        responses={
            200: {
                "description": "Events `progress`, `preview`, `result`, `error` and `data`",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **problems(422),
        },
        **needs("read"),
    )
    async def stream(
        request: Request,
        client: Annotated[Client, Query()],
        last_event_id: Annotated[int | None, Header(ge=0, description="From where a broken stream goes on")] = None,
    ) -> StreamingResponse:
        key = (caller_of(request).name, client)
        events = asking.streams.listen(key, last_event_id, partial(has_gone, request))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def _meant(state: State, request: Request, asked: QueryAsked) -> Wanted:
    """What is asked; what cannot be asked is refused at once."""
    from desirepath.questions.catalog import build

    kind: Literal["question", "metric"] = "question" if asked.question else "metric"
    if bool(asked.question) == bool(asked.metric):
        raise InputError("Ask either a question or a metric.", allowed=["question", "metric"])
    found = wanted(kind, str(asked.question or asked.metric), asked)
    if kind == "question":
        build(found.name, found.fields)
    else:
        state.workspace.metrics.defined().metric(found.name)
    return whose(state, request, found)
