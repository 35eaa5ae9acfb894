"""How does an app get its guard? `install(app, state)`, once its routes are there or before."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from desirepath.errors import WorkspaceError
from desirepath.server.access import admitting, document, entering, providing
from desirepath.server.access.configured import Configured
from desirepath.server.access.guard import Guard
from desirepath.server.access.porter import Porter
from desirepath.server.access.refusals import RefusedError
from desirepath.server.problems import problem_of
from desirepath.server.state import State


def install(app: FastAPI, state: State) -> None:
    """Let nobody reach a route of the app who may not, and add the routes by which people come in.

    The porter, who knows everybody, is `app.state.porter`; `state.audit` writes into the audit log.

    Parameters
    ----------
    app
        The app; routes that are added later are guarded too.
    state
        What its routes share.
    """
    porter = _porter(state)
    app.state.porter, state.audit = porter, porter.audit
    _tell_refusals(app)
    entering.install(app, state, porter)
    admitting.install(app, porter)
    providing.install(app, state, porter)
    document.describe(app)
    _stand_before(app, porter)


def _porter(state: State) -> Porter:
    try:
        workspace = state.workspace
    except WorkspaceError:  # an app for its document alone lets nobody in, and keeps nothing
        return Porter(Path(os.devnull), Configured())
    return Porter(workspace.root, Configured.read(workspace.settings.server))


def _tell_refusals(app: FastAPI) -> None:
    @app.exception_handler(RefusedError)
    async def refused(_: Request, problem: RefusedError) -> JSONResponse:
        return JSONResponse(problem_of(problem), problem.status, problem.headers)


def _stand_before(app: FastAPI, porter: Porter) -> None:
    """Outside of everything, so that an answer to a defect of ours carries the headers too."""
    build = app.build_middleware_stack

    def with_guard() -> ASGIApp:
        return Guard(build(), app.router.routes, porter)

    app.build_middleware_stack = with_guard  # type: ignore[method-assign]


__all__ = ["install"]
