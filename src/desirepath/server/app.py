"""The server's app: every route of the API, who may use it, and the page. Its document is at `/openapi.json`.

Each part, such as a module of `server/routes`, has `install(app, state)`. Every route carries its scope,
`**needs("read")`; what carries none is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from desirepath.server import routes
from desirepath.server.problems import tell_problems
from desirepath.server.scopes import needs
from desirepath.server.state import State

if TYPE_CHECKING:
    from desirepath.workspace import Workspace

ROUTES = (
    "health",
    "asking",
    "metrics",
    "queries",
    "sources",
    "quarantine",
    "identity",
    "definitions",
    "privacy",
)
"""The modules of `server/routes`, in the order of the document."""

BESIDE = ("access", "page_files")
"""What stands around the API: who may come in, which sees all routes, and last the page, which takes every address."""


def make_app(workspace: Workspace | None, *, watch: Path | None = None) -> FastAPI:
    """The server's app for one workspace; it drains the inbox while it runs.

    Parameters
    ----------
    workspace
        The workspace; used by this process alone. None for the routes alone.
    watch
        A folder whose files are imported when they are dropped there.
    """
    state = State(workspace, watch)
    app = FastAPI(title="desirepath", version="1", lifespan=state.live, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.server, app.state.drainer = state, state.drainer
    tell_problems(app)
    _serve_document(app)
    for install in _parts():
        install(app, state)
    return app


def openapi_document() -> dict[str, Any]:
    """The OpenAPI document, without a workspace; the page's types are made of it."""
    return make_app(None).openapi()


def _serve_document(app: FastAPI) -> None:
    @app.get("/openapi.json", include_in_schema=False, **needs("public"))
    def document() -> JSONResponse:
        return JSONResponse(app.openapi())


def _parts() -> list[Callable[[FastAPI, State], None]]:
    names = [f"{routes.__name__}.{one.name}" for one in iter_modules(routes.__path__)]
    names += [name for name in (f"desirepath.server.{part}" for part in BESIDE) if find_spec(name) is not None]
    return [import_module(name).install for name in names]


__all__ = ["make_app", "openapi_document"]
