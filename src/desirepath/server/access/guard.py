"""What stands before every route? The guard: known names of the server, a known caller, the scope that a route needs.

It asks every request, in this order: is the server called by a name that it knows (else 421); does the route say who
may use it (else 403 for everybody); who is the caller (401 where they must be somebody and are not); may they (403);
and if a browser asks to change something, does its page be ours (403). Every answer carries the headers of `headers`.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from desirepath.errors import WorkspaceError
from desirepath.server.access.headers import exported, guarded
from desirepath.server.access.hosts import same_origin
from desirepath.server.access.porter import Porter
from desirepath.server.access.refusals import RefusedError
from desirepath.server.problems import problem_of
from desirepath.server.scopes import HOLDS, KEY, NOBODY, Caller, scope_of

T = TypeVar("T")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_WITHOUT_NAME, MOST = 16 * 1024, 4 << 20
"""Bytes that whoever is not known may send, and anybody else."""

AGAIN = 15.0
"""Seconds between looks at whether somebody may still be sent what they began to be sent."""

ANYTHING = "anything"
"""What an address needs that no route answers to: nothing, for it is the page's or there is nothing."""


class Guard:
    """The guard of one app, which stands outside all else.

    Parameters
    ----------
    app
        What it stands before.
    routes
        The app's routes, in the order in which it tries them.
    porter
        Who knows everybody.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute], porter: Porter) -> None:
        self._app, self._routes, self._porter = app, routes, porter
        self._threads: CapacityLimiter | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._with_headers(send)
        try:
            headers = Headers(scope=scope)
            self._refuse_host(headers)
            needed = self._needed(scope)
            scope[KEY] = await self._caller(scope, headers, needed)
            scope[HOLDS] = self._holding(scope, headers, needed)
            self._refuse_origin(scope, headers, needed)
            _refuse_length(scope, headers, MOST_WITHOUT_NAME if needed == "public" else MOST)
        except RefusedError as problem:
            await JSONResponse(problem_of(problem), problem.status, problem.headers)(scope, receive, send)
            return
        except WorkspaceError as problem:  # nobody comes in while it cannot be read who may
            await JSONResponse(problem_of(problem), 503)(scope, receive, send)
            return
        await self._app(scope, receive, self._written_down(scope, receive, send))

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            start = message["type"] == "http.response.start"
            await send(guarded(message, tls=self._porter.tls) if start else message)

        return sending

    def _written_down(self, scope: Scope, receive: Receive, send: Send) -> Send:
        """Let no file leave before it is in the audit log."""
        refused = False

        async def sending(message: Message) -> None:
            nonlocal refused
            form = exported(message) if message["type"] == "http.response.start" else None
            if form is not None:
                try:
                    await self._in_thread(partial(self._porter.exported, scope[KEY], scope["path"], form))
                except WorkspaceError as problem:
                    refused = True
                    await JSONResponse(problem_of(problem), 503)(scope, receive, send)
            if not refused:
                await send(message)

        return sending

    def _refuse_host(self, headers: Headers) -> None:
        named = headers.getlist("host")
        if len(named) != 1 or not self._porter.hosts.knows(named[0]):
            raise RefusedError(
                421,
                f"This server is not called {', '.join(named) or 'nothing'!r}: `desirepath serve --allowed-host NAME` "
                "lets it answer to one more name.",
            )

    def _needed(self, scope: Scope) -> str:
        """What the route needs that the app is going to take; found as the app finds it."""
        partial: BaseRoute | None = None
        for route in self._routes:
            match, _ = route.matches(dict(scope))
            if match == Match.FULL:
                return _told(route)
            if match == Match.PARTIAL and partial is None:
                partial = route
        if partial is not None:
            return _told(partial)
        if scope["method"] not in SAFE:
            raise RefusedError(404, "There is nothing at this address.")
        return ANYTHING

    async def _caller(self, scope: Scope, headers: Headers, needed: str) -> Caller:
        bearer, session = self._porter.shown(headers, scope["scheme"])
        found: Caller | None = NOBODY
        if bearer is not None or session:
            found = await self._in_thread(lambda: self._porter.caller(bearer, session))
        if needed in ("public", ANYTHING):
            return found or NOBODY
        if found is None or found is NOBODY:
            client = scope.get("client")
            if found and scope["path"] == "/metrics" and self._porter.reads_metrics(headers, client and client[0]):
                return NOBODY
            raise RefusedError(
                401,
                "Log in, or show a token that holds: `Authorization: Bearer dp_…`; `desirepath tokens add` makes one.",
                headers={"www-authenticate": 'Bearer realm="desirepath"'},
            )
        if needed not in found.scopes:
            has = ", ".join(sorted(found.scopes))
            raise RefusedError(403, f"This needs the scope {needed!r}; you have {has}.", allowed=[needed])
        return found

    def _holding(self, scope: Scope, headers: Headers, needed: str) -> Callable[[], Awaitable[bool]]:
        """Whether the caller may still do what they began; looked at anew from time to time, which is no use of it."""
        looked = time.monotonic()

        async def holds() -> bool:
            nonlocal looked
            if needed in ("public", ANYTHING) or time.monotonic() - looked < AGAIN:
                return True
            looked = time.monotonic()
            bearer, session = self._porter.shown(headers, scope["scheme"])
            found = await self._in_thread(lambda: self._porter.caller(bearer, session, note=False))
            return found is not None and needed in found.scopes

        return holds

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Beside the threads that answer questions, which may all be taken."""
        if self._threads is None:
            self._threads = CapacityLimiter(4)
        return await to_thread.run_sync(work, limiter=self._threads)

    def _refuse_origin(self, scope: Scope, headers: Headers, needed: str) -> None:
        """Unsafe requests come from our own page, or from a program that shows a token and no cookie."""
        if scope["method"] in SAFE:
            return
        ours = same_origin(
            headers.get("origin"), headers.get("sec-fetch-site"), headers["host"], self._porter.configured.url
        )
        caller: Caller = scope[KEY]
        if ours is False or (ours is None and caller.session is not None and needed != "public"):
            raise RefusedError(
                403,
                "This was asked from another page than this server's own. Behind a proxy, `url` in [server] of "
                "workspace.toml says by which address people use it.",
            )
        if caller.session is None or needed == "public":
            return
        if not hmac.compare_digest((headers.get("x-csrf-token") or "").encode(), (caller.csrf or "").encode()):
            raise RefusedError(403, "The header X-CSRF-Token is missing or of another session; /api/session tells it.")


def _told(route: BaseRoute) -> str:
    """The scope that a route says it needs; files of the page are everybody's."""
    if isinstance(route, Mount) and isinstance(route.app, StaticFiles):
        return "public"
    found = scope_of(route)
    if found is None:
        raise RefusedError(403, "Nobody may use this: the route does not say who may.")
    return found


def _refuse_length(scope: Scope, headers: Headers, most: int) -> None:
    if scope["method"] in SAFE:
        return
    length = headers.get("content-length", "")
    if not length.isdecimal() and (length or "transfer-encoding" in headers):
        raise RefusedError(411, "Say how long it is: the header Content-Length.")
    if int(length or 0) > most:
        raise RefusedError(413, f"A request may be {most:,} bytes long here.")


__all__ = ["Guard"]
