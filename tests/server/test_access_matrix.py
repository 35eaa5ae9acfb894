"""Every route of the server, and who may use it: the whole table, held against the routes that there are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admitted import ALL, token_of, user_of
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

import desirepath
from desirepath.collector.app import Collector
from desirepath.collector.keys import KeyBook
from desirepath.collector.openapi import openapi
from desirepath.collector.wire import ROUTES
from desirepath.server.access.guard import Guard
from desirepath.server.access.porter import Porter
from desirepath.server.app import make_app
from desirepath.server.scopes import ROLES, needs, scope_of

CALLERS = ("nobody", *(f"token {scope}" for scope in ALL), "viewer", "analyst", "admin")

MAY = {
    "public": set(CALLERS),
    "ingest": {"token ingest"},
    "read": {"token read", "viewer", "analyst", "admin"},
    "analyst": {"token analyst", "analyst", "admin"},
    "admin": {"token admin", "admin"},
    "erase": {"token erase", "admin"},
}
"""Who has which scope: nobody, tokens with one scope each, and users by their role."""

TABLE = """
public   GET    /openapi.json
public   GET    /healthz
read     GET    /metrics
read     GET    /api/questions
read     GET    /api/ask/{question}
read     POST   /api/ask/{question}
read     GET    /api/metrics
read     GET    /api/metrics/{metric}
read     POST   /api/metrics/{metric}
read     POST   /api/queries
read     DELETE /api/queries/{query}
read     GET    /api/stream
read     GET    /api/extent
read     GET    /api/fields
read     GET    /api/values
read     POST   /api/filters/check
read     GET    /api/maps
read     POST   /api/maps/check
read     GET    /api/maps/{name}
analyst  PUT    /api/maps/{name}
analyst  POST   /api/people/behind
analyst  GET    /api/people
analyst  GET    /api/people/{handle}
analyst  GET    /api/people/{handle}/timeline
analyst  POST   /api/people/{handle}/reveal
read     GET    /api/segments
analyst  PUT    /api/segments/{name}
analyst  DELETE /api/segments/{name}
read     GET    /api/saved
analyst  PUT    /api/saved/{name}
analyst  DELETE /api/saved/{name}
read     GET    /api/live
read     GET    /api/sources
read     GET    /api/health
analyst  GET    /api/quarantine
analyst  POST   /api/quarantine/reveal
read     GET    /api/identity
analyst  POST   /api/identity/decisions
analyst  POST   /api/identity/rules/{rule}/undo
read     GET    /api/definitions
erase    GET    /api/privacy
erase    POST   /api/privacy/look
erase    POST   /api/privacy/export
erase    POST   /api/privacy/erase
erase    GET    /api/privacy/jobs/{job}
erase    GET    /api/privacy/jobs/{job}/document
erase    DELETE /api/privacy/jobs/{job}
public   GET    /api/session
public   POST   /api/setup
public   POST   /api/login
read     POST   /api/logout
read     POST   /api/password
read     GET    /api/sessions
read     DELETE /api/sessions/{session}
admin    GET    /api/users
admin    POST   /api/users
admin    PUT    /api/users/{name}
admin    POST   /api/users/{name}/link
admin    DELETE /api/users/{name}
admin    GET    /api/tokens
admin    POST   /api/tokens
admin    DELETE /api/tokens/{name}
admin    GET    /api/audit
public   GET    /api/oidc/start
public   GET    /api/oidc/callback
"""
"""What each route needs; a route that is not here fails the test, and so does a line whose route is gone."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    root = tmp_path_factory.mktemp("matrix") / "acme"
    with desirepath.create(root, time_zone="UTC") as workspace:
        yield make_app(workspace)


@pytest.fixture(scope="module")
def shown(app: FastAPI) -> dict[str, list[tuple[bytes, bytes]]]:
    """What each caller shows of themselves."""
    porter: Porter = app.state.porter
    root = porter.book.path.parent
    cookie = porter.cookies(Headers({"host": "127.0.0.1"}), "http")[-1]
    found: dict[str, list[tuple[bytes, bytes]]] = {"nobody": []}
    for scope in ALL:
        found[f"token {scope}"] = [(b"authorization", f"Bearer {token_of(root, scope)}".encode())]
    for role in ROLES:
        token = porter.sessions.begin(user_of(root, role), "test", how="login")
        caller = porter.sessions.find(token)
        assert caller is not None
        assert caller.csrf is not None
        found[role] = [
            (b"cookie", f"{cookie}={token}".encode()),
            (b"x-csrf-token", caller.csrf.encode()),
            (b"origin", b"http://127.0.0.1"),
        ]
    return found


class Reached:
    """Stands in the place of the routes, and notes that somebody came through."""

    def __init__(self) -> None:
        self.hits = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.hits += 1
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def asked(guard: Guard, method: str, path: str, headers: list[tuple[bytes, bytes]]) -> int:
    """The status of the guard's answer; 299 where it let the request through."""
    statuses: list[int] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "client": ("192.0.2.7", 4711),
        "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), *headers],
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    asyncio.run(guard(scope, receive, send))
    return statuses[0]


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, BaseRoute]]:
    """Method, path and route of everything that an app answers to."""
    for route in app.router.routes:
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            yield method, str(getattr(route, "path", "?")), route


def who_may(guard: Guard, shown: dict[str, Any], method: str, path: str) -> set[str]:
    """Who comes through; a refusal is 401 for nobody and 403 for everybody else."""
    found = set()
    for caller in CALLERS:
        status = asked(guard, method, path.replace("{", "").replace("}", ""), shown[caller])
        assert status in (299, 401 if caller == "nobody" else 403), (method, path, caller, status)
        if status == 299:
            found.add(caller)
    return found


def written() -> dict[tuple[str, str], str]:
    """The table as data: what each route needs."""
    lines = [line.split() for line in TABLE.strip().splitlines()]
    return {(method, path): scope for scope, method, path in lines}


def test_every_route_is_in_the_table(app: FastAPI) -> None:
    """The table is written by hand, so that a scope that is too wide is seen by whoever reads a change of it."""
    found = {(method, path): scope_of(route) for method, path, route in routes_of(app)}
    text = "\n".join(f"{scope!s:<8} {method:<6} {path}" for (method, path), scope in found.items())
    assert found == written(), f"the table should be:\n{text}"


def test_each_route_is_open_to_whom_the_table_says(app: FastAPI, shown: dict[str, Any]) -> None:
    guard = Guard(Reached(), app.router.routes, app.state.porter)
    assert set(shown) == set(CALLERS)
    for method, path, _ in routes_of(app):
        needed = written().get((method, path))
        assert needed is not None, f"{method} {path} is not in the table"
        assert who_may(guard, shown, method, path) == MAY[needed], (method, path)


def test_the_roles_are_those_of_the_table() -> None:
    assert {role: {scope for scope in MAY if role in MAY[scope] and scope != "public"} for role in ROLES} == ROLES


def test_the_app_stands_behind_the_guard(app: FastAPI) -> None:
    assert isinstance(app.build_middleware_stack(), Guard)


def test_routes_are_plain(app: FastAPI) -> None:
    """The guard finds a route as the app does; a router that is included hides its routes, and is refused whole."""
    assert {type(route).__name__ for route in app.router.routes} <= {"APIRoute"}
    assert not app.router._low_priority_routes


def test_what_does_not_say_who_may_is_for_nobody(app: FastAPI, shown: dict[str, Any], tmp_path: Path) -> None:
    other = FastAPI(openapi_url=None)

    async def endpoint(_: Any) -> None:
        """Never reached."""

    other.get("/silent")(endpoint)
    other.get("/wrong", openapi_extra={"x-scope": "everybody"})(endpoint)
    other.get("/open", **needs("public"))(endpoint)
    other.router.routes.append(Route("/bare", endpoint))
    other.router.routes.append(Mount("/app", app=FastAPI()))
    other.router.routes.append(Mount("/files", app=StaticFiles(directory=tmp_path)))
    inner = FastAPI(openapi_url=None)
    inner.get("/inner", **needs("public"))(endpoint)
    other.include_router(inner.router, prefix="/included")
    reached = Reached()
    guard = Guard(reached, other.router.routes, app.state.porter)
    for path in ("/silent", "/wrong", "/bare", "/app/x", "/included/inner"):
        assert {asked(guard, "GET", path, shown[caller]) for caller in CALLERS} == {403}, path
    assert reached.hits == 0
    for path in ("/open", "/files/x", "/nothing"):
        assert {asked(guard, "GET", path, shown[caller]) for caller in CALLERS} == {299}, path
    assert asked(guard, "POST", "/nothing", []) == 404


def test_another_verb_needs_what_the_route_needs(app: FastAPI, shown: dict[str, Any]) -> None:
    guard = Guard(Reached(), app.router.routes, app.state.porter)
    assert asked(guard, "PUT", "/api/users", []) == 401
    assert asked(guard, "PUT", "/api/users", shown["viewer"]) == 403
    assert asked(guard, "PUT", "/api/users", shown["admin"]) == 299  # the app says 405
    assert asked(guard, "OPTIONS", "/api/questions", []) == 401


@pytest.mark.parametrize("path", ["/", "/journeys/map", "/assets/index-1.js", "/theme.js", "/docs", "/redoc", "/setup"])
def test_the_page_is_everybodys(app: FastAPI, shown: dict[str, Any], path: str) -> None:
    """What no route takes is a file of the page, its first document, or nothing; it may be read and not written to."""
    assert not [route.path for _, _, route in routes_of(app) if isinstance(route, Route) and route.path == path]
    guard = Guard(Reached(), app.router.routes, app.state.porter)
    assert {asked(guard, "GET", path, shown[caller]) for caller in CALLERS} == {299}
    assert {asked(guard, "POST", path, shown[caller]) for caller in CALLERS} == {404}


def collected(collector: Collector, method: str, path: str, shown: str | None) -> int:
    """The status of the collector's answer to an empty request that shows a key."""
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    headers = [(b"content-type", b"application/json")]
    if shown is not None:
        headers.append((b"authorization", f"Bearer {shown}".encode()))
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    asyncio.run(collector(scope, receive, send))
    return statuses[0]


def test_the_collector_takes_from_whoever_may_send_alone(tmp_path: Path) -> None:
    """Every route that it knows: with no key that holds it takes nothing, whatever it makes of an empty body."""
    root = tmp_path / "acme"
    desirepath.create(root, time_zone="UTC").close()
    tokens = {scope: token_of(root, scope, name=scope) for scope in ALL}
    key = KeyBook(root).add("shop")
    collector = Collector(root)
    collector._look()
    open_to_all = {"/healthz", "/metrics", "/d.js"}
    assert set(json.loads(openapi())["paths"]) - set(ROUTES) == open_to_all
    for path in ROUTES:
        nobodys = {collected(collector, "POST", path, shown) for shown in (None, "dp_nobody")}
        nobodys |= {collected(collector, "POST", path, token) for scope, token in tokens.items() if scope != "ingest"}
        theirs = {collected(collector, "POST", path, shown) for shown in (key, tokens["ingest"])}
        # an empty body is no event everywhere; 503: it was to be kept, and the inbox is not open here
        assert (nobodys, theirs) in (({400}, {400}), ({401}, {200}), ({401}, {503})), (path, nobodys, theirs)
    open_to_all.add("/openapi.json")
    assert {path: collected(collector, "GET", path, None) for path in open_to_all} == dict.fromkeys(open_to_all, 200)
    assert collected(collector, "GET", "/api/users", tokens["admin"]) == 404
    assert collected(collector, "DELETE", "/v1/batch", key) == 405


def test_a_websocket_is_closed(app: FastAPI) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    guard = Guard(Reached(), app.router.routes, app.state.porter)
    asyncio.run(guard({"type": "websocket", "path": "/api/session", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]
