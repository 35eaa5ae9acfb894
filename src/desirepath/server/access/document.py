"""What does the OpenAPI document say of access? Which scope each route needs, and how one shows that one has it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, `dp_…`, with the scope of the route."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-desirepath",
        "description": "The cookie of who has logged in; its name ends with a mark of the workspace. Requests that "
        "change something carry `X-CSRF-Token`, which `/api/session` tells.",
    },
}
_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS = {"401": "Nobody is logged in", "403": "Not for this caller"}


def describe(app: FastAPI) -> None:
    """Have the app's document tell who may use what."""
    make = app.openapi

    def told() -> dict[str, Any]:
        if app.openapi_schema is None:
            _tell(make())
        return make()

    app.openapi = told  # type: ignore[method-assign]


def _tell(document: dict[str, Any]) -> None:
    document.setdefault("components", {})["securitySchemes"] = _SCHEMES
    for path in document.get("paths", {}).values():
        for operation in path.values():
            scope = operation.get("x-scope")
            if scope in (None, "public"):
                operation["security"] = []
                continue
            operation["security"] = [{name: [scope]} for name in _SCHEMES]
            for status, text in _REFUSALS.items():
                operation["responses"].setdefault(status, {"description": text, "content": _PROBLEM})


__all__ = ["describe"]
