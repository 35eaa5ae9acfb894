"""What is the answer to a question? The same questions as the command line's, with the same fields."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Path
from fastapi.responses import JSONResponse

from desirepath.server.asked import Asked
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State


def install(app: FastAPI, state: State) -> None:
    """Add the questions."""

    @app.get("/api/questions", summary="The questions and their fields", responses=problems(), **needs("read"))
    def questions() -> dict[str, Any]:
        from desirepath.questions.catalog import catalog, schema

        return {name: schema(name) for name in catalog()}

    @app.post("/api/ask/{question}", summary="Ask a question", responses=problems(404, 422, 503), **needs("read"))
    def ask(question: Annotated[str, Path(description="Its name, such as funnel")], asked: Asked) -> JSONResponse:
        from desirepath.questions.catalog import build

        made = build(question.replace("-", "_"), asked.fields)
        whom = {key: value for key, value in asked.model_dump(exclude={"fields"}).items() if value is not None}
        with state.turns:
            state.refuse_empty()
            return JSONResponse(state.workspace.ask(made, **whom).to_dict())
