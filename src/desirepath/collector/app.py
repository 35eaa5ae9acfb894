"""The collector over HTTP: read, look, write down, answer.

Written against ASGI itself, because all that a request needs is one look at its path. The order is: how large, which
route, what is in it, whose key, how much of it, is there room; then the inbox; then the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from desirepath.collector.bodies import RefusedError
from desirepath.collector.inbox import FILE, FullError, Inbox, Request
from desirepath.collector.keys import Key, KeyBook
from desirepath.collector.limits import Limits
from desirepath.collector.openapi import openapi
from desirepath.collector.replies import Reply, refused, settings, taken
from desirepath.collector.signatures import is_signed
from desirepath.collector.snippet import SNIPPET
from desirepath.collector.wire import HEADERS, ROUTES, Call, Delivery, call_of, head_json, open_call
from desirepath.errors import DesirepathError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_METHODS = b"GET, POST, OPTIONS"
_SECOND = 1.0


@dataclass(slots=True)
class Bucket:
    """How many events a key may send now; it fills up again with time.

    Parameters
    ----------
    rate
        Events a second.
    left
        Events that are left.
    at
        When that was.
    """

    rate: float
    left: float
    at: float

    def take(self, count: int, now: float) -> float:
        """Take some, or return the seconds until there are as many."""
        self.left = min(self.rate * 10, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left >= min(count, self.rate * 10):
            self.left -= count
            return 0.0
        return (count - self.left) / self.rate


@dataclass(slots=True)
class Counts:
    """What came, since the process began."""

    requests: Counter[int] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    rejected: int = 0


class Collector:
    """The ASGI application.

    Parameters
    ----------
    root
        The workspace's folder.
    limits
        What a request may be.
    """

    def __init__(self, root: Path, limits: Limits | None = None) -> None:
        self._root, self._limits = root, limits or Limits()
        self._keys = KeyBook(root)
        self._inbox: Inbox | None = None
        self._buckets: dict[str, Bucket] = {}
        self._watch: asyncio.Task[None] | None = None
        self._broken: str | None = None
        self._reading = 0
        self.counts = Counts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or begin and end with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            head = {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in scope["headers"]
                if name.decode("latin-1") in _KEPT or name.startswith(b"ce-")
            }
            try:
                reply = await self._answer(scope, head, receive)
            except RefusedError as problem:
                reply = refused(problem.status, problem.reason, problem.retry)
            except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as problem:
                # nothing of it was written down: what comes after that does not depend on what a client sent
                reply = refused(400, f"the request cannot be read: {type(problem).__name__}", None)
            self.counts.requests[reply.status] += 1
            await _send(reply, head, send, empty=scope["method"] == "HEAD")

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._look()
                self._watch = asyncio.create_task(self._look_again())
                self._inbox = Inbox(self._root / FILE)
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._watch is not None:
                    self._watch.cancel()
                if self._inbox is not None:
                    await asyncio.to_thread(self._inbox.close)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(_SECOND)
            self._look()

    def _look(self) -> int:
        """Read the keys again if they changed; how many there are."""
        try:
            count = len(self._keys.keys())
            self._broken = None
        except DesirepathError as problem:
            count, self._broken = 0, problem.message  # told by every request until it is mended
        return count

    async def _answer(self, scope: Scope, head: dict[str, str], receive: Receive) -> Reply:
        method, path = scope["method"], scope["path"]
        if method == "OPTIONS":
            return Reply(204)
        if method not in ("GET", "POST", "HEAD"):
            raise RefusedError(405, "only GET and POST are taken")
        body = await self._body(head, receive)
        call, shown = call_of(path, scope.get("query_string", b""), head, body, self._limits)
        if call.path not in ROUTES:
            return self._other(call, head, scope)
        if method != "POST" and not call.query:
            raise RefusedError(405, "this route takes POST")
        delivery = open_call(call)
        key = self._admitted(shown or delivery.key, head)
        if key.signed and not call.path.startswith("/webhooks/"):
            raise RefusedError(401, "this write key takes signed webhooks alone")
        self._signed(call, key, scope)
        self._within_rate(key, len(delivery.items))
        if not delivery.items:
            return taken(call, delivery)
        await self._keep(call, delivery, key, scope.get("query_string", b""))
        return taken(call, delivery)

    async def _body(self, head: dict[str, str], receive: Receive) -> bytes:
        """The body as it comes, unless it is too large, too slow, or too much comes at once."""
        told, most = head.get("content-length", ""), self._limits.body
        if told.isdigit() and int(told) > most:
            raise RefusedError(413, f"the body has more than {most >> 20} MB")
        message = await receive()
        found: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.patience):
                while True:
                    if message["type"] == "http.disconnect":
                        raise RefusedError(400, "the client went away")
                    found.append(message.get("body", b""))
                    size += len(found[-1])
                    self._reading += len(found[-1])
                    if size > most:
                        raise RefusedError(413, f"the body has more than {most >> 20} MB")
                    if not message.get("more_body"):
                        return found[0] if len(found) == 1 else b"".join(found)
                    if self._reading > self._limits.reading:
                        raise RefusedError(503, "too much is being sent at once", 2)
                    message = await receive()
        except TimeoutError:
            raise RefusedError(408, "the body did not come in time") from None
        finally:
            self._reading -= size

    def _other(self, call: Call, head: dict[str, str], scope: Scope) -> Reply:
        """Settings that libraries fetch, our own script, and how the collector is."""
        host = head.get("host", "localhost")
        found = settings(call.path, call.query, host, scope.get("scheme") == "https")
        if found is not None:
            return found
        if call.path == "/d.js":
            return Reply(200, b"application/javascript", SNIPPET, ((b"cache-control", b"public, max-age=3600"),))
        if call.path == "/healthz":
            return self._health()
        if call.path == "/metrics":
            return Reply(200, b"text/plain; version=0.0.4", self._metrics())
        if call.path == "/openapi.json":
            return Reply(200, b"application/json", openapi())
        raise RefusedError(404, "there is no such route")

    def _admitted(self, shown: str | None, head: dict[str, str]) -> Key:
        if self._broken is not None:
            raise RefusedError(503, "the write keys cannot be read", 5)
        key = self._keys.find(shown) if shown else None
        if key is None:
            raise RefusedError(401, "no write key is shown" if not shown else "this write key is unknown")
        origin = head.get("origin")
        if origin is None and head.get("referer"):
            try:
                parts = urlsplit(head["referer"])
            except ValueError:
                raise RefusedError(400, "the referer is no address") from None
            origin = f"{parts.scheme}://{parts.netloc}"
        if not key.admits(origin):
            raise RefusedError(403, "this write key is not for this origin")
        return key

    @staticmethod
    def _signed(call: Call, key: Key, scope: Scope) -> None:
        """Refuse a webhook that is not signed as was agreed."""
        if not key.signed:
            return
        head, query = call.head, scope.get("query_string", b"").decode("latin-1")
        scheme = head.get("x-forwarded-proto", scope.get("scheme", "http"))
        url = f"{scheme}://{head.get('host', '')}{scope['path']}{'?' + query if query else ''}"
        vendor = call.path.removeprefix("/webhooks/")
        if not is_signed(vendor, key.signed, head, call.body, url, time.time()):
            raise RefusedError(401, "the signature is not that of this webhook")

    def _within_rate(self, key: Key, events: int) -> None:
        now, rate = time.monotonic(), float(self._limits.rate)
        bucket = self._buckets.setdefault(key.name, Bucket(rate, rate * 10, now))
        wait = bucket.take(events, now)
        if wait:
            raise RefusedError(429, "this key sends too much", max(1, round(wait)))

    async def _keep(self, call: Call, delivery: Delivery, key: Key, query: bytes) -> None:
        inbox = self._inbox
        if inbox is None or inbox.pending + len(call.body) > self._limits.pending:
            raise RefusedError(503, "too much waits for the disk", 1)
        request = Request(
            time.time_ns() // 1000,
            call.path,
            query,
            head_json(call.head, checked=not delivery.rejected),
            key.name,
            key.instance,
            int(key.public),
            len(delivery.items),
            call.body,
        )
        try:
            await inbox.put(request)
        except FullError:
            raise RefusedError(503, "the disk is full, or cannot be written", 5) from None
        self.counts.events[delivery.wire] += len(delivery.items)
        self.counts.rejected += len(delivery.rejected)

    def _health(self) -> Reply:
        import json

        known = self._look()
        said = {
            "status": "ok" if self._broken is None else "problem",
            "problem": self._broken,
            "keys": known,
            "pending_bytes": self._inbox.pending if self._inbox else 0,
        }
        return Reply(200 if self._broken is None else 503, b"application/json", json.dumps(said).encode())

    def _metrics(self) -> bytes:
        """Counters as Prometheus reads them."""
        lines = ["# TYPE desirepath_collector_requests_total counter"]
        lines += [
            f'desirepath_collector_requests_total{{status="{k}"}} {v}' for k, v in sorted(self.counts.requests.items())
        ]
        lines.append("# TYPE desirepath_collector_events_total counter")
        lines += [f'desirepath_collector_events_total{{wire="{k}"}} {v}' for k, v in sorted(self.counts.events.items())]
        lines.append("# TYPE desirepath_collector_rejected_total counter")
        lines.append(f"desirepath_collector_rejected_total {self.counts.rejected}")
        return ("\n".join(lines) + "\n").encode()


_KEPT = frozenset(
    {*HEADERS, "x-forwarded-proto", "origin", "referer", "host", "content-length", "access-control-request-headers"}
)


async def _send(reply: Reply, head: dict[str, str], send: Send, *, empty: bool) -> None:
    headers = [(b"content-length", str(len(reply.body)).encode()), *reply.headers]
    if reply.body:
        headers.append((b"content-type", reply.kind))
    if "origin" in head:
        # libraries send cookies along, and then no star will do
        headers += [
            (b"access-control-allow-origin", head["origin"].encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-allow-methods", _METHODS),
            (b"access-control-max-age", b"86400"),
            (b"vary", b"Origin"),
        ]
        asked = head.get("access-control-request-headers")
        if asked:
            headers.append((b"access-control-allow-headers", asked.encode("latin-1")))
    with contextlib.suppress(OSError):  # the client went away
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if empty else reply.body})
