"""Who may use a route? Each route says so where it is made: `@app.get("/api/x", **needs("read"))`."""

from __future__ import annotations

from typing import Any, Literal, get_args

Scope = Literal["public", "ingest", "read", "analyst", "admin", "erase"]

SCOPES: tuple[Scope, ...] = get_args(Scope)


def needs(scope: Scope) -> dict[str, Any]:
    """What a route must be given so that only callers with this scope reach it.

    Parameters
    ----------
    scope
        One of `SCOPES`; `public` lets everybody in.
    """
    return {"openapi_extra": {"x-scope": scope}}


__all__ = ["SCOPES", "Scope", "needs"]
