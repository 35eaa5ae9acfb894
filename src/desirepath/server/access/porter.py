"""Who is this? The porter knows everybody: users by their session's cookie, programs by their token."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from desirepath.server.access import audit
from desirepath.server.access.book import Book
from desirepath.server.access.configured import Configured
from desirepath.server.access.hosts import LOOPBACK, Hosts, bare, is_loopback
from desirepath.server.access.sessions import LONGEST, Sessions
from desirepath.server.access.throttle import Throttle
from desirepath.server.access.tokens import Tokens
from desirepath.server.access.users import Users
from desirepath.server.scopes import NOBODY, Caller, caller_of

SECURE = "__Host-"
"""What the names of cookies begin with that browsers take over TLS alone, from this host and for it."""

EXPORTS_APART, MOST_EXPORTS = 3600, 10_000
"""Seconds between entries of the same export by the same program, and how many of them are remembered."""

_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


class Porter:
    """Everything that decides who may come in.

    Parameters
    ----------
    root
        The workspace's folder.
    configured
        What its settings say of the server.
    """

    def __init__(self, root: Path, configured: Configured) -> None:
        self.book, self.configured = Book(root), configured
        self.users, self.sessions, self.tokens = Users(self.book), Sessions(self.book), Tokens(self.book)
        self.throttle, self.hosts = Throttle(), Hosts(configured.hosts)
        if configured.url is not None:
            self.hosts.allow(configured.url.split("//", 1)[1])
        self._mark: str | None = None
        self._exports: dict[tuple[str, str, str], int] = {}

    @property
    def tls(self) -> bool:
        """Whether people use the server by an `https` address."""
        return (self.configured.url or "").startswith("https:")

    def cookies(self, headers: Headers, scheme: str) -> list[str]:
        """The names of the session's cookie, for whoever asks with these headers; the first that is shown counts.

        It is one that a browser takes over TLS alone, from this host alone. On the machine itself, without TLS, not
        every browser takes it; there a plain one is sent beside it. Nobody else stands between there.
        """
        if self._mark is None:
            self._mark = self.book.mark
        near = scheme == "http" and not self.tls and bare(headers.get("host", "")) in LOOPBACK
        name = f"desirepath-{self._mark}"
        return [SECURE + name, name] if near else [SECURE + name]

    def shown(self, headers: Headers, scheme: str) -> tuple[str | None, str | None]:
        """The bearer's token and the session's token that a request shows; a bearer's goes before."""
        given = headers.get("authorization")
        if given is not None:
            kind, _, token = given.partition(" ")
            return (token.strip() if kind.lower() == "bearer" else ""), None
        if "cookie" not in headers:
            return None, None
        found = (cookie_in(headers, name) for name in self.cookies(headers, scheme))
        return None, next((one for one in found if one), None)

    def caller(self, bearer: str | None, session: str | None, *, note: bool = True) -> Caller | None:
        """Who shows these; None where what is shown does not hold."""
        if bearer is not None:
            return self.tokens.find(bearer, note=note)
        return self.sessions.find(session, note=note) if session else NOBODY

    def reads_metrics(self, headers: Headers, client: str | None) -> bool:
        """Whether counters are told without a token: to this machine, if the settings say so, and through no proxy."""
        through = any(name in headers for name in _FORWARDED)
        return self.configured.metrics == "loopback" and is_loopback(client) and not through

    def allow(self, names: Iterable[str]) -> None:
        """Answer to more names."""
        for name in names:
            self.hosts.allow(name)

    def audit(self, request: Request, act: str, about: str | None = None, **details: Any) -> None:
        """Write down who did what to whom; it is on disk when this returns.

        Parameters
        ----------
        request
            What they asked.
        act
            What was done, such as `reveal`.
        about
            Whom or what it was done to: a handle, never an identity.
        details
            What else is worth knowing.
        """
        with self.book.changing() as db:
            audit.write(db, self.book.now, caller_of(request).name, act, about, **details)

    def exported(self, caller: Caller, path: str, form: str) -> None:
        """Write down that a table left as a file; one that a program fetches over and over, once an hour."""
        key, now = (caller.name, path, form), self.book.now
        if caller.session is None and now - self._exports.get(key, -EXPORTS_APART) < EXPORTS_APART:
            return
        with self.book.changing() as db:
            audit.write(db, now, caller.name, "export", path, form=form)
        if len(self._exports) > MOST_EXPORTS:
            self._exports.clear()
        self._exports[key] = now

    def set_cookies(self, request: Request, response: Response, token: str) -> None:
        """Have the browser keep a session; an empty token has it forget."""
        seconds = LONGEST if token else 0
        for name in self.cookies(request.headers, request.url.scheme):
            response.headers.append("set-cookie", kept(name, token, seconds))


def kept(name: str, value: str, seconds: int) -> str:
    """A cookie that no script reads, that no other host is sent, and over TLS alone if its name says so."""
    secure = "; Secure" if name.startswith(SECURE) else ""
    return f"{name}={value}; Path=/; Max-Age={seconds}{secure}; HttpOnly; SameSite=Lax"


def cookie_in(headers: Headers, name: str) -> str | None:
    """The first cookie of a name."""
    for line in headers.getlist("cookie"):
        for pair in line.split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
    return None


__all__ = ["Porter", "cookie_in", "kept"]
