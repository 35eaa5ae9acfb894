"""How does somebody come in, and go? The routes of session, setup, login, logout and password."""

from __future__ import annotations

import math
from typing import Any

from fastapi import FastAPI, Request, Response

from desirepath.errors import InputError, UnknownNameError
from desirepath.server.access import forms
from desirepath.server.access.hosts import keeps_cookies
from desirepath.server.access.porter import Porter
from desirepath.server.access.refusals import RefusedError
from desirepath.server.problems import Problem, problems
from desirepath.server.scopes import KEY, caller_of, needs
from desirepath.server.state import State

TOO_OFTEN: dict[int | str, dict[str, Any]] = {
    429: {"model": Problem, "description": "Too many guesses; `Retry-After` says when to go on"}
}
UNREADABLE: dict[int | str, dict[str, Any]] = {
    411: {"model": Problem, "description": "The length is missing"},
    413: {"model": Problem, "description": "More than whoever has not logged in may send"},
}


def install(app: FastAPI, state: State, porter: Porter) -> None:
    """Add the routes."""
    _session(app, state, porter)
    _coming(app, state, porter)
    _going(app, state, porter)
    _sessions(app, porter)


def _session(app: FastAPI, state: State, porter: Porter) -> None:
    @app.get("/api/session", summary="Who has logged in", responses=problems(503), **needs("public"))
    def session(request: Request) -> forms.Standing:
        return standing(request, state, porter)


def _coming(app: FastAPI, state: State, porter: Porter) -> None:
    @app.post(
        "/api/setup",
        summary="Use a one-time link",
        responses={**problems(422, 503), **UNREADABLE},
        **needs("public"),
    )
    def set_up(request: Request, response: Response, given: forms.SetUp) -> forms.Standing:
        _refuse_plain_http(request)
        name = porter.users.set_up(given.token, given.name, given.password)
        return enter(request, response, state, porter, name, how="login")

    @app.post(
        "/api/login",
        summary="Log in",
        responses={**problems(422, 503), **UNREADABLE, **TOO_OFTEN},
        **needs("public"),
    )
    def login(request: Request, response: Response, given: forms.Login) -> forms.Standing:
        _refuse_plain_http(request)
        name = _guessed(request, porter, given.name, given.password)
        return enter(request, response, state, porter, name, how="login")


def _going(app: FastAPI, state: State, porter: Porter) -> None:
    @app.post("/api/logout", summary="Log out", status_code=204, responses=problems(422, 503), **needs("read"))
    def logout(request: Request, response: Response) -> None:
        porter.sessions.end(caller_of(request).name, _own_session(request))
        porter.set_cookies(request, response, "")

    @app.post(
        "/api/password",
        summary="Choose another password; all other sessions end",
        responses={**problems(422, 503), **TOO_OFTEN},
        **needs("read"),
    )
    def password(request: Request, response: Response, given: forms.NewPassword) -> forms.Standing:
        _own_session(request)
        porter.users.refuse_vouched(caller_of(request).name)
        name = _guessed(request, porter, caller_of(request).name, given.old, status=422)
        porter.users.change_password(name, name, given.new)
        return enter(request, response, state, porter, name, how="login")


def _sessions(app: FastAPI, porter: Porter) -> None:
    @app.get("/api/sessions", summary="Where one is logged in", responses=problems(422, 503), **needs("read"))
    def sessions(request: Request) -> list[forms.ListedSession]:
        here = _own_session(request)
        found = porter.sessions.of(caller_of(request).name, here)
        return [forms.ListedSession(**one.to_dict()) for one in found]

    @app.delete(
        "/api/sessions/{session}",
        summary="Log out elsewhere",
        status_code=204,
        responses=problems(404, 422, 503),
        **needs("read"),
    )
    def end(request: Request, session: str) -> None:
        name = caller_of(request).name
        _own_session(request)
        if not porter.sessions.end(name, session):
            raise UnknownNameError.of("session", session[:40], [one.id for one in porter.sessions.of(name)])


def standing(request: Request, state: State, porter: Porter) -> forms.Standing:
    """How things stand for whoever asks."""
    caller, oidc = caller_of(request), porter.configured.oidc
    button = None if oidc is None else forms.Button(name=oidc.name, url="/api/oidc/start")
    found = forms.Standing(setup=porter.users.wanting(), oidc=button)
    if caller.name:
        settings = state.workspace.settings
        found.user = forms.WhoIsIt(name=caller.name, role=caller.role, scopes=sorted(caller.scopes))
        found.csrf = caller.csrf
        found.workspace = forms.About(
            name=settings.name,
            time_zone=settings.time_zone,
            currency=settings.currency,
            week_start=settings.week_start,
        )
    return found


def enter(
    request: Request, response: Response, state: State, porter: Porter, name: str, *, how: str, vouched: bool = False
) -> forms.Standing:
    """Begin a session in the place of the one that the browser had."""
    _, before = porter.shown(request.headers, request.url.scheme)
    agent = request.headers.get("user-agent", "")
    token = porter.sessions.begin(name, agent, before=before, vouched=vouched, how=how)
    porter.set_cookies(request, response, token)
    found = porter.sessions.find(token)
    request.scope[KEY] = found
    return standing(request, state, porter)


def _guessed(request: Request, porter: Porter, name: str, password: str, *, status: int = 401) -> str:
    """Whose name and password these are; who guesses too often has to wait."""
    address = request.client.host if request.client else ""
    wait = porter.throttle.attempt(name, address)
    if wait:
        raise RefusedError(
            429,
            f"Too many guesses; go on in {math.ceil(wait)} s.",
            headers={"retry-after": str(math.ceil(wait))},
        )
    found = porter.users.login(name, password)
    if found is None:
        # a name that nobody has may be a password, typed into the wrong field
        known = next((one.name for one in porter.users.all() if one.name.casefold() == name.casefold()), None)
        porter.audit(request, "login failed", known)
        raise RefusedError(status, "Name and password do not go together.")
    porter.throttle.succeeded(name, address)
    return found


def _refuse_plain_http(request: Request) -> None:
    """A browser would throw the cookie away and say nothing."""
    if not keeps_cookies(request.headers.get("origin")):
        raise RefusedError(
            403,
            "Over plain HTTP, a browser keeps a session of this machine alone. Use an https address, or a tunnel: "
            "`ssh -L 8321:127.0.0.1:8321 HOST` and http://127.0.0.1:8321.",
        )


def _own_session(request: Request) -> str:
    found = caller_of(request).session
    if found is None:
        raise InputError("A token has no session; this is for whoever has logged in.")
    return found


__all__ = ["enter", "install", "standing"]
