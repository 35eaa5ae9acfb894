"""Who has a name here? Users with a role; each begins with a one-time link, by which they choose their password.

The first link makes an admin, and holds while there is none. A user whom a provider vouches for has no password here.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, cast, get_args
from urllib.parse import quote

from desirepath.errors import InputError, UnknownNameError
from desirepath.server.access import audit, passwords
from desirepath.server.access.book import Book, digest, moment
from desirepath.server.access.tokens import Tokens
from desirepath.server.scopes import ROLES, Role, Scope

LINK_HOLDS = 7 * 86400
"""Seconds for which the link of somebody who was invited holds; the first admin's holds until it is used."""

COMMAND_LINE = "command line"
"""Who does what is done on the machine itself."""

NAME = re.compile(r"[\w.@+-]{1,100}")
_LISTED = """SELECT u.name, u.role, u.issuer, u.password IS NOT NULL, u.made_at, u.made_by, u.entered_at,
    (SELECT count(*) FROM sessions s WHERE s.user = u.key AND s.until > ?) FROM users u ORDER BY u.key"""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in.

    Attributes
    ----------
    name, role
        What they are called, and what they may do.
    by
        How they log in: `password`, `provider`, or `link` while they have not chosen a password.
    made_at, made_by
        When they were invited, and by whom.
    entered_at
        When they logged in last.
    sessions
        In how many places they are logged in.
    """

    name: str
    role: Role
    by: str
    made_at: str | None
    made_by: str
    entered_at: str | None
    sessions: int

    def to_dict(self) -> dict[str, Any]:
        """The user as plain data."""
        return asdict(self)


class Users:
    """The users of a workspace.

    Parameters
    ----------
    book
        Where they are kept.
    """

    def __init__(self, book: Book) -> None:
        self._book = book

    def all(self) -> list[User]:
        """Everybody, by name."""
        return [_listed(row) for row in self._book.rows(_LISTED, self._book.now)]

    def wanting(self) -> bool:
        """Whether there is no admin yet who could let others in."""
        found = self._book.rows(
            "SELECT 1 FROM users WHERE role = 'admin' AND (password IS NOT NULL OR issuer IS NOT NULL)"
        )
        return not found

    def add(self, by: str, name: str, role: str, *, granting: Iterable[Scope] | None = None) -> str:
        """Invite somebody.

        Parameters
        ----------
        by
            Who does it.
        name, role
            What they are called, and what they may do.
        granting
            What who does it may do; nobody gives what they have not. Anything if left out.

        Returns
        -------
        The secret of their one-time link; it is kept nowhere.

        Raises
        ------
        InputError
            If the name is taken or cannot be one, or the role gives too much.
        """
        what, given = _role(role, granting), _name(name)
        with self._book.changing() as db:
            if _find(db, given) is not None:
                raise InputError(f"There is a user called {given!r} already.", allowed=["a new name"])
            row = (_key(given), given, what, self._book.now, by)
            db.execute("INSERT INTO users (key, name, role, made_at, made_by) VALUES (?, ?, ?, ?, ?)", row)
            audit.write(db, self._book.now, by, "user added", given, role=what)
            return self._link(db, _key(given))

    def link(self, by: str, name: str | None = None) -> str:
        """Make a new one-time link; those before it hold no longer.

        Parameters
        ----------
        by
            Who does it.
        name
            For whom, such as somebody who forgot their password; None for the first admin.

        Raises
        ------
        InputError
            If there is an admin already, or a provider vouches for the user.
        UnknownNameError
            If there is no such user.
        """
        with self._book.changing() as db:
            if name is None:
                if not self.wanting():
                    raise InputError(
                        "There is an admin already, so no link for the first.", allowed=[one.name for one in self.all()]
                    )
                return self._link(db, None)
            found = self._with_password(db, name)
            audit.write(db, self._book.now, by, "link made", found["name"])
            return self._link(db, found["key"])

    def set_up(self, secret: str, name: str, password: str) -> str:
        """Use a one-time link: choose a password, and as the first admin a name.

        Returns
        -------
        The name.

        Raises
        ------
        InputError
            If the link does not hold, or name or password cannot be used.
        """
        owner = self._owner(secret)
        called = _name(name) if owner is None else owner
        kept = passwords.hashed(password, name=called)  # slow, and so before the book is taken
        with self._book.changing() as db:
            self._use(db, secret)
            if owner is None:
                taken = _find(db, called)
                if taken is not None and (taken["password"] or taken["issuer"]):
                    raise InputError(f"There is a user called {called!r} already.", allowed=["a new name"])
                db.execute("DELETE FROM users WHERE key = ?", (_key(called),))
                row = (_key(called), called, "admin", kept, self._book.now, "first link")
                db.execute(
                    "INSERT INTO users (key, name, role, password, made_at, made_by) VALUES (?, ?, ?, ?, ?, ?)", row
                )
            else:
                if name and _key(name) != _key(owner):
                    raise InputError("This link is for somebody else.", allowed=[owner])
                db.execute("UPDATE users SET password = ? WHERE key = ?", (kept, _key(owner)))
                db.execute("DELETE FROM sessions WHERE user = ?", (_key(owner),))
            audit.write(db, self._book.now, called, "set up", called)
        return called

    def login(self, name: str, password: str) -> str | None:
        """Whose name and password these are; None where they do not go together."""
        key = _key(name)
        found = self._book.rows("SELECT name, password FROM users WHERE key = ? AND issuer IS NULL", key)
        kept = cast("str | None", found[0][1]) if found else None
        if not passwords.matches(kept, password) or kept is None:
            return None
        if passwords.outdated(kept):
            with self._book.changing() as db:
                again = passwords.hashed(password)
                db.execute("UPDATE users SET password = ? WHERE key = ? AND password = ?", (again, key, kept))
        return str(found[0][0])

    def refuse_vouched(self, name: str) -> None:
        """Say so where a provider vouches for a user, who has no password here.

        Raises
        ------
        InputError
            If it does.
        UnknownNameError
            If there is no such user.
        """
        with self._book.changing() as db:
            self._with_password(db, name)

    def change_password(self, by: str, name: str, new: str) -> None:
        """Give a user another password; they are logged out everywhere, and links that they had end.

        Raises
        ------
        InputError
            If it cannot be a password, or a provider vouches for the user.
        UnknownNameError
            If there is no such user.
        """
        kept = passwords.hashed(new, name=name)
        with self._book.changing() as db:
            found = self._with_password(db, name)
            db.execute("UPDATE users SET password = ? WHERE key = ?", (kept, found["key"]))
            db.execute("DELETE FROM sessions WHERE user = ?", (found["key"],))
            db.execute("DELETE FROM links WHERE user = ?", (found["key"],))
            audit.write(db, self._book.now, by, "password changed", found["name"])

    def change_role(self, by: str, name: str, role: str, *, granting: Iterable[Scope] | None = None) -> None:
        """Let a user do more or less; the tokens of who is no admin any more go.

        Raises
        ------
        InputError
            If nobody would be left who can let others in, or the role gives too much.
        UnknownNameError
            If there is no such user.
        """
        what = _role(role, granting)
        with self._book.changing() as db:
            found = self._known(db, name)
            if what != "admin":
                _leave_an_admin(db, found)
            self._give_role(db, by, found, what)

    def remove(self, by: str, name: str) -> dict[str, int]:
        """Take a user away, with their sessions, links and the tokens that they made.

        Returns
        -------
        How many sessions and tokens went with them.

        Raises
        ------
        InputError
            If nobody would be left who can let others in.
        UnknownNameError
            If there is no such user.
        """
        with self._book.changing() as db:
            found = self._known(db, name)
            _leave_an_admin(db, found)
            tokens = Tokens(self._book).drop(db, by, found["name"])
            sessions = db.execute("DELETE FROM sessions WHERE user = ?", (found["key"],)).rowcount
            db.execute("DELETE FROM users WHERE key = ?", (found["key"],))
            gone = {"sessions": sessions, "tokens": tokens}
            audit.write(db, self._book.now, by, "user removed", found["name"], **gone)
            return gone

    def vouched(self, issuer: str, subject: str, name: str, role: Role | None) -> str | None:
        """Note what a provider says of somebody: a new user, or one known from before.

        Returns
        -------
        The user's name; None where the provider gives them no role, which ends their sessions and tokens too.

        Raises
        ------
        InputError
            If somebody else has the name.
        """
        with self._book.changing() as db:
            query = "SELECT name FROM users WHERE issuer = ? AND subject = ?"
            row = db.execute(query, (issuer, subject)).fetchone()
            found = None if row is None else self._known(db, row[0])
            if role is None:
                if found is not None:
                    db.execute("DELETE FROM sessions WHERE user = ?", (found["key"],))
                    Tokens(self._book).drop(db, issuer, found["name"])
                return None
            if found is not None:
                if found["role"] != role:
                    self._give_role(db, issuer, found, role)
                return str(found["name"])
            given = _name(name)
            if _find(db, given) is not None:
                raise InputError(f"There is a user called {given!r} already, whom the provider does not vouch for.")
            row = (_key(given), given, role, issuer, subject, self._book.now, issuer)
            db.execute(
                "INSERT INTO users (key, name, role, issuer, subject, made_at, made_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            audit.write(db, self._book.now, issuer, "user added", given, role=role)
            return given

    def _give_role(self, db: sqlite3.Connection, by: str, found: dict[str, Any], role: Role) -> None:
        db.execute("UPDATE users SET role = ? WHERE key = ?", (role, found["key"]))
        audit.write(db, self._book.now, by, "role changed", found["name"], role=role, before=found["role"])
        if role != "admin":
            Tokens(self._book).drop(db, by, found["name"])

    def _known(self, db: sqlite3.Connection, name: str) -> dict[str, Any]:
        found = _find(db, name)
        if found is None:
            raise UnknownNameError.of("user", name, [one.name for one in self.all()])
        return found

    def _with_password(self, db: sqlite3.Connection, name: str) -> dict[str, Any]:
        found = self._known(db, name)
        if found["issuer"] is not None:
            raise InputError(f"A provider vouches for {found['name']!r}, who has no password here.")
        return found

    def _link(self, db: sqlite3.Connection, key: str | None) -> str:
        secret = secrets.token_urlsafe(32)
        db.execute("DELETE FROM links WHERE user IS ?", (key,))
        until = None if key is None else self._book.now + LINK_HOLDS
        db.execute("INSERT INTO links VALUES (?, ?, ?)", (digest(secret), key, until))
        return secret

    def _owner(self, secret: str) -> str | None:
        """For whom a link is; None for the first admin."""
        found = self._book.rows(
            "SELECT l.user, u.name, l.until FROM links l LEFT JOIN users u ON u.key = l.user WHERE l.sha256 = ?",
            digest(secret),
        )
        until = found[0][2] if found else None
        old = isinstance(until, int) and until < self._book.now
        if not found or old or (found[0][0] is None and not self.wanting()):
            raise InputError(
                "This link holds no longer: it was used, or another was made after it.",
                allowed=["a link that `desirepath users link` prints"],
            )
        return None if found[0][0] is None else str(found[0][1])

    def _use(self, db: sqlite3.Connection, secret: str) -> None:
        self._owner(secret)  # again, now that nobody else can use it meanwhile
        db.execute("DELETE FROM links WHERE sha256 = ?", (digest(secret),))


def link_of(secret: str, name: str | None = None) -> str:
    """Where a one-time link leads; what stands behind `#` is sent to no server, and so into no log."""
    return f"/setup#token={secret}" + (f"&name={quote(name)}" if name else "")


def _listed(row: tuple[Any, ...]) -> User:
    name, role, issuer, has_password, made_at, made_by, entered_at, sessions = row
    by = "provider" if issuer else "password" if has_password else "link"
    return User(name, role, by, moment(made_at), made_by, moment(entered_at), sessions)


def _find(db: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    query = "SELECT key, name, role, password, issuer FROM users WHERE key = ?"
    row = db.execute(query, (_key(name),)).fetchone()
    return None if row is None else dict(zip(("key", "name", "role", "password", "issuer"), row, strict=True))


def _leave_an_admin(db: sqlite3.Connection, found: dict[str, Any]) -> None:
    query = (
        "SELECT count(*) FROM users WHERE role = 'admin' AND key <> ? AND (password IS NOT NULL OR issuer IS NOT NULL)"
    )
    able = found["password"] is not None or found["issuer"] is not None
    if found["role"] == "admin" and able and not db.execute(query, (found["key"],)).fetchone()[0]:
        raise InputError(f"{found['name']!r} is the only admin; make another first.")


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _name(name: str) -> str:
    given = unicodedata.normalize("NFKC", name).strip()
    if not NAME.fullmatch(given):
        raise InputError(f"{name[:100]!r} cannot be a name; letters, digits, '.', '-', '_', '+' and '@' can.")
    return given


def _role(role: str, granting: Iterable[Scope] | None) -> Role:
    if role not in ROLES:
        raise UnknownNameError.of("role", role, get_args(Role))
    what = cast(Role, role)
    missing = set() if granting is None else ROLES[what] - set(granting)
    if missing:
        raise InputError(
            f"A {role} may {', '.join(sorted(missing))}, and nobody gives what they may not do themselves."
        )
    return what


__all__ = ["COMMAND_LINE", "NAME", "User", "Users", "link_of"]
