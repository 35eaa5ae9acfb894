"""What is the answer to a question? The same questions as the command line's, with the same fields."""

from __future__ import annotations

from typing import Annotated, Any

import anyio
from fastapi import FastAPI, Path, Query, Request
from starlette.responses import Response

from desirepath.server.answering import answered, whose
from desirepath.server.asked import Asked, QuestionAddress, Sending, wanted
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.shapes import AnswerShape, TableShape, answers
from desirepath.server.state import State

Name = Annotated[str, Path(description="The question's name, such as `funnel` or `journey-map`.")]
Body = Annotated[Sending, Query()]


def install(app: FastAPI, state: State) -> None:
    """Add the questions."""

    @app.get("/api/questions", summary="The questions and their fields", responses=problems(), **needs("read"))
    def questions() -> dict[str, dict[str, Any]]:
        from desirepath.questions.catalog import catalog, schema

        return {name: schema(name) for name in catalog()}

    told = {**answers(), **problems(404, 406, 422, 503)}

    @app.get(
        "/api/ask/{question}",
        summary="The answer to a question",
        response_model=AnswerShape | TableShape,
        responses=told,
        **needs("read"),
    )
    async def answer(request: Request, question: Name, asked: Annotated[QuestionAddress, Query()]) -> Response:
        asks = await anyio.to_thread.run_sync(whose, state, request, wanted("question", question, asked))
        return await answered(state, request, asks, asked)

    @app.post(
        "/api/ask/{question}",
        summary="Ask a question",
        description="The same as by GET, for fields that are too long for an address.",
        response_model=AnswerShape | TableShape,
        responses=told,
        **needs("read"),
    )
    async def ask(request: Request, question: Name, asked: Asked, sending: Body) -> Response:
        asks = await anyio.to_thread.run_sync(whose, state, request, wanted("question", question, asked))
        return await answered(state, request, asks, sending)
