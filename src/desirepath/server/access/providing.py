"""How does somebody come in whom a provider vouches for? To the provider, and back with a code.

What the browser must bring back lies in a cookie of its own, so that nobody else's code can be slipped under it, and
the server has nothing to remember.
"""

from __future__ import annotations

from functools import cached_property
from hmac import compare_digest
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import RedirectResponse, Response

from desirepath.errors import InputError, UnknownNameError
from desirepath.server.access.entering import enter
from desirepath.server.access.porter import Porter, cookie_in, kept
from desirepath.server.access.provider import Provider, ProviderError
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State

MINUTES = 10
"""How long a login by the provider may take."""

CALLBACK = "/api/oidc/callback"


class _Desk:
    """The provider, if there is one."""

    def __init__(self, porter: Porter) -> None:
        self._porter = porter

    @cached_property
    def provider(self) -> Provider:
        oidc = self._porter.configured.oidc
        if oidc is None:
            raise UnknownNameError("No provider vouches for anybody here.", looked="workspace.toml, [server.oidc]")
        return Provider(oidc)

    def cookie(self, request: Request) -> str:
        return f"{self._porter.cookies(request.headers, request.url.scheme)[-1]}-oidc"

    def redirect(self, request: Request) -> str:
        """Where the provider sends browsers back to; it must know the address."""
        return (self._porter.configured.url or f"{request.url.scheme}://{request.headers['host']}") + CALLBACK


def install(app: FastAPI, state: State, porter: Porter) -> None:
    """Add the routes."""
    desk = _Desk(porter)
    _start(app, desk)
    _callback(app, state, porter, desk)


def _start(app: FastAPI, desk: _Desk) -> None:
    @app.get(
        "/api/oidc/start",
        summary="Go to the provider to log in",
        status_code=303,
        response_class=Response,
        responses=problems(404, 422, 503),
        **needs("public"),
    )
    def start(
        request: Request, to: Annotated[str, Query(max_length=2000, description="The page's address afterwards.")] = "/"
    ) -> Response:
        provider = desk.provider
        try:
            begun = provider.begin(desk.redirect(request))
        except ProviderError as problem:
            return _back(problem.reason)
        answer = RedirectResponse(begun.url, 303)
        brought = ".".join((begun.state, begun.nonce, begun.verifier, _local(to).encode().hex()))
        answer.headers["set-cookie"] = kept(desk.cookie(request), brought, MINUTES * 60)
        return answer


def _callback(app: FastAPI, state: State, porter: Porter, desk: _Desk) -> None:
    @app.get(
        CALLBACK,
        summary="Come back from the provider",
        status_code=303,
        response_class=Response,
        responses=problems(404, 422, 503),
        **needs("public"),
    )
    def callback(
        request: Request,
        state_: Annotated[str, Query(alias="state", max_length=500)] = "",
        code: Annotated[str, Query(max_length=4000)] = "",
        error: Annotated[str, Query(max_length=500)] = "",
        iss: Annotated[str | None, Query(max_length=2000)] = None,
    ) -> Response:
        provider = desk.provider
        answer: Response = RedirectResponse("/", 303)
        try:
            nonce, verifier, to = _brought(request, desk, state_)
            if error or not code or iss not in (None, provider.oidc.issuer):
                raise ProviderError("The provider does not vouch for them.", "refused")
            claims = provider.finish(desk.redirect(request), code, nonce=nonce, verifier=verifier)
            name = _vouched(porter, provider, claims)
            enter(request, answer, state, porter, name, how="login by provider", vouched=True)
            answer.headers["location"] = to
        except ProviderError as problem:
            porter.audit(request, "login failed", None, by="provider", reason=problem.reason)
            answer = _back(problem.reason)
        answer.headers.append("set-cookie", kept(desk.cookie(request), "", 0))
        return answer


def _brought(request: Request, desk: _Desk, state: str) -> tuple[str, str, str]:
    parts = (cookie_in(request.headers, desk.cookie(request)) or "").split(".")
    if len(parts) != 4 or not state or not compare_digest(parts[0].encode(), state.encode()):
        raise ProviderError("This login was not begun here, or too long ago.", "state")
    try:
        return parts[1], parts[2], _local(bytes.fromhex(parts[3]).decode())
    except ValueError:
        raise ProviderError("This login was not begun here.", "state") from None


def _vouched(porter: Porter, provider: Provider, claims: object) -> str:
    if not isinstance(claims, dict):
        raise ProviderError("The provider said nothing.", "token")
    oidc = provider.oidc
    called = str(claims.get(oidc.name_claim) or claims.get("preferred_username") or claims["sub"])
    try:
        found = porter.users.vouched(oidc.issuer, str(claims["sub"]), called, oidc.role_of(claims))
    except InputError as problem:
        raise ProviderError(problem.message, "name") from problem
    if found is None:
        raise ProviderError("The provider gives them no role here.", "role")
    return found


def _local(to: str) -> str:
    """An address of the page itself, and of nobody else."""
    plain = to.isprintable() and to.isascii() and "\\" not in to
    return to if plain and to.startswith("/") and not to.startswith("//") else "/"


def _back(reason: str) -> Response:
    """To the page, which says in its reader's language what was wrong."""
    return RedirectResponse(f"/login#refused={reason}", 303)


__all__ = ["CALLBACK", "install"]
