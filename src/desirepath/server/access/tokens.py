"""Which programs may come in? Each has a token with scopes of its own; what is kept of it is a hash.

A token with the scope `ingest` is a secret write key of the collector too; a write key that is no token can send, and
read nothing.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from desirepath.collector.keys import KeyBook
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.durations import Duration
from desirepath.server.access import audit
from desirepath.server.access.book import Book, digest, moment
from desirepath.server.scopes import SCOPES, Caller, Scope

PREFIX = "dp_"
"""What tokens begin with, so that a leaked one is known for what it is."""

PROGRAM = "token:"
"""What stands before a token's name where others stand with theirs; no user's name has a colon."""

NOTED = 60
"""Seconds between notes of when a token was last used."""

_NAME = re.compile(r"[\w.@+-][\w.@+ -]{0,98}[\w.@+-]|[\w.@+-]")
_GIVEN = tuple(scope for scope in SCOPES if scope != "public")


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without its secret."""

    name: str
    scopes: Sequence[Scope]
    made_at: str | None
    made_by: str
    until: str | None
    used_at: str | None

    def to_dict(self) -> dict[str, Any]:
        """The token as plain data."""
        return asdict(self)


class Tokens:
    """The tokens of a workspace.

    Parameters
    ----------
    book
        Where they are kept.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> list[Token]:
        """All tokens, by name."""
        found = self._book.rows("SELECT name, scopes, made_at, made_by, until, used_at FROM tokens ORDER BY name")
        return [
            Token(str(name), _scopes(scopes), moment(made_at), str(by), moment(until), moment(used_at))
            for name, scopes, made_at, by, until, used_at in found
        ]

    def add(
        self,
        by: str,
        name: str,
        scopes: Iterable[str],
        *,
        seconds: int | None = None,
        granting: Iterable[Scope] | None = None,
    ) -> str:
        """Make a token.

        Parameters
        ----------
        by
            Who does it.
        name
            What it is called.
        scopes
            What it may do.
        seconds
            How long it holds; until it is removed if left out.
        granting
            What who does it may do; nobody gives what they have not, save `ingest`. Anything if left out.

        Returns
        -------
        The token; it is shown once and kept nowhere.

        Raises
        ------
        InputError
            If the name is taken or cannot be one, or the scopes are none or too many.
        UnknownNameError
            If there is no such scope.
        """
        wanted = _checked(scopes, granting)
        if not _NAME.fullmatch(name):
            raise InputError(f"{name[:100]!r} cannot name a token; letters, digits, blanks and '.@+-_' can.")
        if seconds is not None and not 60 <= seconds <= 3650 * 86400:
            raise InputError("A token holds from a minute to ten years, or until it is removed.")
        token, now = PREFIX + secrets.token_urlsafe(32), self._book.now
        with self._book.changing() as db:
            if db.execute("SELECT 1 FROM tokens WHERE name = ?", (name,)).fetchone():
                raise InputError(f"There is a token called {name!r} already.", allowed=["a new name"])
            until = None if seconds is None else now + seconds
            row = (name, digest(token), " ".join(wanted), now, by, until)
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL)", row)
            audit.write(db, now, by, "token added", name, scopes=list(wanted))
            if "ingest" in wanted:
                KeyBook(self._book.path.parent).add(name, text=token, public=False, until=until)
        return token

    def remove(self, by: str, name: str) -> None:
        """Take a token away, and those that were made with it; they hold no longer.

        Raises
        ------
        UnknownNameError
            If there is none of this name.
        """
        with self._book.changing() as db:
            known = [one.name for one in self.all()]
            if name not in known:
                raise UnknownNameError.of("token", name, known)
            self.drop(db, by, f"{PROGRAM}{name}")
            self._drop(db, by, name)

    def drop(self, db: sqlite3.Connection, by: str, maker: str) -> int:
        """Take away what somebody made, and what was made with it, in the transaction of what makes it needed.

        Returns
        -------
        How many there were.
        """
        count = 0
        for (name,) in db.execute("SELECT name FROM tokens WHERE made_by = ?", (maker,)).fetchall():
            count += self.drop(db, by, f"{PROGRAM}{name}") + self._drop(db, by, name)
        return count

    def _drop(self, db: sqlite3.Connection, by: str, name: str) -> int:
        found = db.execute("DELETE FROM tokens WHERE name = ? RETURNING sha256", (name,)).fetchone()
        audit.write(db, self._book.now, by, "token removed", name)
        book = KeyBook(self._book.path.parent)
        keys = book.keys()
        if any((key.name, key.sha256) == (name, found[0]) for key in keys):
            book.remove(name)
        return 1

    def find(self, token: str, *, note: bool = True) -> Caller | None:
        """Who shows this token; None if it does not hold. It counts as used unless `note` is false."""
        if not token.startswith(PREFIX):
            return None
        now = self._book.now
        query = "SELECT name, scopes, used_at FROM tokens WHERE sha256 = ? AND (until IS NULL OR until > ?)"
        rows = self._book.rows(query, digest(token), now)
        if not rows:
            return None
        name, scopes, used_at = rows[0]
        if note and (not isinstance(used_at, int) or now - used_at >= NOTED):
            with self._book.changing() as db:
                db.execute("UPDATE tokens SET used_at = ? WHERE name = ?", (now, name))
        return Caller(f"{PROGRAM}{name}", None, frozenset(_scopes(scopes)))


def _scopes(text: object) -> list[Scope]:
    return [cast(Scope, one) for one in str(text).split() if one in _GIVEN]


def _checked(scopes: Iterable[str], granting: Iterable[Scope] | None) -> list[Scope]:
    given = set(scopes)
    for scope in given:
        if scope not in _GIVEN:
            raise UnknownNameError.of("scope", scope, _GIVEN)
    if not given:
        raise InputError("A token without a scope can do nothing.", allowed=_GIVEN)
    missing = set() if granting is None else given - {*granting, "ingest"}
    if missing:
        raise InputError(f"Nobody gives what they may not do themselves: {', '.join(sorted(missing))}.")
    return [scope for scope in _GIVEN if scope in given]


def holding(text: str) -> int:
    """How many seconds a token holds, of a duration such as `90 days`."""
    return Duration.parse(text).microseconds // 1_000_000


__all__ = ["PREFIX", "PROGRAM", "Token", "Tokens", "holding"]
