"""What does the server say when something cannot be done? What was wrong, what was allowed, the nearest, where."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from desirepath.errors import CancelledError, DesirepathError, InputError, UnknownNameError, WorkspaceError
from desirepath.server.formats import UnacceptableError

CANCELLED = 499
"""The status of what its client gave up; nobody is there to read it."""


class Problem(BaseModel):
    """What was wrong, what was allowed, the nearest match, and where we looked."""

    error: str = Field(description="The kind of error, such as `UnknownNameError`.")
    message: str
    allowed: list[str] = Field(default_factory=list)
    nearest: str | None = None
    looked: str | None = None


class ConflictError(InputError):
    """What was to be replaced is not what it was when it was read."""

    code = "conflict"


_STATUSES = (
    (UnknownNameError, 404),
    (ConflictError, 409),
    (UnacceptableError, 406),
    (WorkspaceError, 503),
    (CancelledError, CANCELLED),
)

_DESCRIPTIONS = {
    400: "The request cannot be read",
    401: "Nobody is logged in",
    403: "Not for this caller",
    404: "There is nothing of that name",
    406: "It cannot be sent as that",
    409: "It changed meanwhile",
    422: "It makes no sense",
    503: "The workspace cannot be used",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route answers when it fails, for its OpenAPI document."""
    return {status: {"model": Problem, "description": _DESCRIPTIONS[status]} for status in (400, 401, 403, *statuses)}


def problem_of(problem: DesirepathError) -> dict[str, Any]:
    """An error as plain data."""
    return {
        "error": type(problem).__name__,
        "message": problem.message,
        "allowed": [str(one) for one in problem.allowed],
        "nearest": problem.nearest,
        "looked": problem.looked,
    }


def status_of(problem: DesirepathError) -> int:
    """The HTTP status of an error; what is of no kind is a defect of ours."""
    if type(problem) is DesirepathError:
        return 500
    return next((status for kind, status in _STATUSES if isinstance(problem, kind)), 422)


def tell_problems(app: FastAPI) -> None:
    """Answer errors as a `Problem`."""

    @app.exception_handler(DesirepathError)
    async def told(_: Request, problem: DesirepathError) -> JSONResponse:
        return JSONResponse(problem_of(problem), status_of(problem))

    @app.exception_handler(RequestValidationError)
    async def unreadable(request: Request, problem: RequestValidationError) -> JSONResponse:
        return JSONResponse(problem_of(_misread(request, problem)), 422)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, problem: HTTPException) -> JSONResponse:
        return JSONResponse(problem_of(InputError(f"{problem.detail}.")), problem.status_code, problem.headers)


def _misread(request: Request, problem: RequestValidationError) -> InputError:
    first = problem.errors()[0]
    place = "/".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return UnknownNameError.of("key", str(first["loc"][-1]), _known(request), looked=place)
    return InputError(f"{first['msg']}.", looked=place)


def _known(request: Request) -> set[str]:
    """The names that a route takes in its address and body."""
    dependant = getattr(request.scope.get("route"), "dependant", None)
    given = [] if dependant is None else [*dependant.query_params, *dependant.body_params]
    models = [one.field_info.annotation for one in given]
    return {name for one in models for name in getattr(one, "model_fields", ())}


__all__ = ["CANCELLED", "ConflictError", "Problem", "problem_of", "problems", "status_of", "tell_problems"]
