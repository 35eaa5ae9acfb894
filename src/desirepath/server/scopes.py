"""Who may use a route? Each route says so where it is made: `@app.get("/api/x", **needs("read"))`.

A caller is somebody who has logged in, a program with a token, or nobody. What a caller may do is a set of scopes; a
route without `needs` is open to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

if TYPE_CHECKING:
    from starlette.requests import Request

Scope = Literal["public", "ingest", "read", "analyst", "admin", "erase"]
Role = Literal["viewer", "analyst", "admin"]

SCOPES: tuple[Scope, ...] = get_args(Scope)

ROLES: Mapping[Role, frozenset[Scope]] = {
    "viewer": frozenset({"read"}),
    "analyst": frozenset({"read", "analyst"}),
    "admin": frozenset({"read", "analyst", "admin", "erase"}),
}
"""What whoever logs in may do, by role. Sending events is for programs, so `ingest` is in none."""

KEY, HOLDS = "desirepath.caller", "desirepath.holds"
"""Where in an ASGI scope the caller stands, and what tells whether they may still do what they began."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes
    ----------
    name
        What the audit log calls them: a name, or `token:NAME`; empty for nobody.
    role
        The role of who has logged in; None for tokens and nobody.
    scopes
        What they may do.
    session
        The id of the session; None for tokens and nobody.
    csrf
        What unsafe requests of this session must carry in `X-CSRF-Token`.
    """

    name: str = ""
    role: Role | None = None
    scopes: frozenset[Scope] = frozenset()
    session: str | None = None
    csrf: str | None = None

    def may(self, scope: Scope) -> bool:
        """Whether a route that needs `scope` is open to them."""
        return scope == "public" or scope in self.scopes


NOBODY = Caller()


def needs(scope: Scope) -> dict[str, Any]:
    """What a route must be given so that only callers with this scope reach it.

    Parameters
    ----------
    scope
        One of `SCOPES`; `public` lets everybody in.
    """
    return {"openapi_extra": {"x-scope": scope}}


def scope_of(route: object) -> Scope | None:
    """The scope that a route needs; None where it does not say, so that nobody may use it."""
    found = (getattr(route, "openapi_extra", None) or {}).get("x-scope")
    return cast(Scope, found) if found in SCOPES else None


def caller_of(request: Request) -> Caller:
    """Who sent a request."""
    found = request.scope.get(KEY, NOBODY)
    return found if isinstance(found, Caller) else NOBODY


async def has_gone(request: Request) -> bool:
    """Whether what is sent to a caller for long should end: they have gone, have logged out, or may no longer."""
    holds = request.scope.get(HOLDS)
    return await request.is_disconnected() or (holds is not None and not await holds())


__all__ = [
    "HOLDS",
    "KEY",
    "NOBODY",
    "ROLES",
    "SCOPES",
    "Caller",
    "Role",
    "Scope",
    "caller_of",
    "has_gone",
    "needs",
    "scope_of",
]
