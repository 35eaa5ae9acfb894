"""Who has logged in, and where? Each login is a session: a random token in a cookie, of which the hash is kept.

A session ends 12 hours after it was last used, 30 days after it began (a day where a provider vouches: it is asked
again then), at logout, and when the password changes.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, cast

from desirepath.server.access import audit
from desirepath.server.access.book import Book, digest, moment
from desirepath.server.scopes import ROLES, Caller, Role

IDLE, LONGEST, LONGEST_VOUCHED = 12 * 3600, 30 * 86400, 86400
"""Seconds without use, and at most, until a session ends."""

NOTED = 60
"""Seconds between notes of when a session was last used."""

_FOUND = """SELECT s.id, s.seen_at, u.name, u.role FROM sessions s JOIN users u ON u.key = s.user
    WHERE s.sha256 = ? AND s.until > ? AND s.seen_at > ?"""
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Session:
    """One login, as whom it belongs to sees it."""

    id: str
    agent: str
    made_at: str | None
    seen_at: str | None
    here: bool

    def to_dict(self) -> dict[str, Any]:
        """The session as plain data."""
        return {"id": self.id, "agent": self.agent, "made_at": self.made_at, "seen_at": self.seen_at, "here": self.here}


class Sessions:
    """The sessions of a workspace.

    Parameters
    ----------
    book
        Where they are kept.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    def begin(self, name: str, agent: str, *, before: str | None = None, vouched: bool = False, how: str) -> str:
        """Log somebody in.

        Parameters
        ----------
        name
            Who.
        agent
            The browser's `User-Agent`; what is kept is its kind.
        before
            The token of the session in whose place this one comes.
        vouched
            Whether a provider vouches for them.
        how
            What the audit log calls it.

        Returns
        -------
        The token; it is kept nowhere.
        """
        token, now = secrets.token_urlsafe(32), self._book.now
        with self._book.changing() as db:
            key = db.execute("SELECT key FROM users WHERE name = ?", (name,)).fetchone()[0]
            db.execute("DELETE FROM sessions WHERE until <= ? OR seen_at <= ?", (now, now - IDLE))
            if before is not None:
                db.execute("DELETE FROM sessions WHERE sha256 = ?", (digest(before),))
            until = now + (LONGEST_VOUCHED if vouched else LONGEST)
            row = (digest(token), secrets.token_hex(6), key, summary(agent), now, now, until)
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            db.execute("UPDATE users SET entered_at = ? WHERE key = ?", (now, key))
            audit.write(db, now, name, how, name, agent=summary(agent))
        return token

    def find(self, token: str, *, note: bool = True) -> Caller | None:
        """Who shows this token; None if its session has ended. It counts as used unless `note` is false."""
        now = self._book.now
        rows = self._book.rows(_FOUND, digest(token), now, now - IDLE)
        if not rows:
            return None
        number, seen_at, name, role = rows[0]
        if note and now - cast(int, seen_at) >= NOTED:
            with self._book.changing() as db:
                db.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", (now, number))
        as_role = cast(Role, role)
        return Caller(str(name), as_role, ROLES[as_role], str(number), csrf_of(token))

    def of(self, name: str, here: str | None = None) -> list[Session]:
        """Where somebody is logged in, latest first."""
        now = self._book.now
        query = """SELECT s.id, s.agent, s.made_at, s.seen_at FROM sessions s JOIN users u ON u.key = s.user
            WHERE u.name = ? AND s.until > ? AND s.seen_at > ? ORDER BY s.seen_at DESC, s.id"""
        rows = self._book.rows(query, name, now, now - IDLE)
        return [Session(str(row[0]), str(row[1]), moment(row[2]), moment(row[3]), row[0] == here) for row in rows]

    def end(self, name: str, number: str) -> bool:
        """End one of somebody's sessions; whether there was such a one."""
        with self._book.changing() as db:
            query = "DELETE FROM sessions WHERE id = ? AND user IN (SELECT key FROM users WHERE name = ?)"
            gone = db.execute(query, (number, name)).rowcount
            if gone:
                audit.write(db, self._book.now, name, "logout", name)
            return bool(gone)


def csrf_of(token: str) -> str:
    """What unsafe requests of a session must carry: only who knows the session's token can tell it."""
    made = hmac.new(token.encode("utf-8", "surrogateescape"), b"desirepath csrf", "sha256").digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def summary(agent: str) -> str:
    """A browser in two words; whatever else it tells of itself is not kept."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    if browser is None:
        named = re.match(r"[A-Za-z][\w.-]{0,30}", agent)
        return named[0] if named else "unknown"
    version = re.search(r"(?:Edg|OPR|Firefox|Chrome|Version)/(\d{1,4})", agent)
    return " ".join(filter(None, [browser, version[1] if version else "", f"on {system}" if system else ""]))


__all__ = ["IDLE", "LONGEST", "LONGEST_VOUCHED", "Session", "Sessions", "csrf_of", "summary"]
