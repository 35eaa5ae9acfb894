"""Where is it kept who may come in? In one SQLite file of the workspace, which only its owner may read.

The server and the command line may have it open at once. Of passwords, links, sessions and tokens it holds hashes
alone: who reads the file can log in with nothing in it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from desirepath.errors import WorkspaceError

FILE = "access.sqlite"
VERSION = 1

_TABLES = """
CREATE TABLE known (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE users (
    key TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, password TEXT, issuer TEXT, subject TEXT,
    made_at INTEGER NOT NULL, made_by TEXT NOT NULL, entered_at INTEGER, UNIQUE (issuer, subject)
) STRICT;
CREATE TABLE links (
    sha256 TEXT PRIMARY KEY, user TEXT REFERENCES users (key) ON DELETE CASCADE, until INTEGER
) STRICT;
CREATE TABLE sessions (
    sha256 TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, user TEXT NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    agent TEXT NOT NULL, made_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_of_users ON sessions (user);
CREATE TABLE tokens (
    name TEXT PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL, made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL, until INTEGER, used_at INTEGER
) STRICT;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, about TEXT,
    details TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
"""


class Book:
    """The file, opened when it is first needed and made where it is missing.

    Parameters
    ----------
    root
        The workspace's folder.
    now
        The clock: seconds since 1970.
    """

    def __init__(self, root: Path, *, now: Callable[[], float] = time.time) -> None:
        self.path, self._clock = root / FILE, now
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._clock())

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept."""
        return self.path.exists()

    @property
    def mark(self) -> str:
        """What sets this workspace's cookies apart from those of another on the same machine."""
        return str(self.rows("SELECT value FROM known WHERE name = 'mark'")[0][0])

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What a SELECT finds.

        Raises
        ------
        WorkspaceError
            If the file cannot be read.
        """
        with self._telling(), self._lock:
            return list(self._connection().execute(query, values).fetchall())

    @contextlib.contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """All that is done in the block, or none of it."""
        with self._telling(), self._lock:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            raise WorkspaceError(
                f"It cannot be read or written who may come in: {problem}.", looked=str(self.path)
            ) from problem

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            # made by us, so that at no moment anybody else may read it; SQLite's other files follow its rights
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
            os.chmod(self.path, 0o600)
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._opened = connection
        return self._opened


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN IMMEDIATE")
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > VERSION:
        raise sqlite3.DatabaseError(f"it is of a newer desirepath (version {found}; {VERSION} is known here)")
    if found == 0:
        for statement in _statements():
            connection.execute(statement)
        connection.execute("INSERT INTO known VALUES ('mark', ?)", (secrets.token_hex(4),))
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _statements() -> Iterator[str]:
    """The tables one by one: a script would end the transaction."""
    whole = ""
    for part in _TABLES.split(";"):
        whole += part + ";"
        if sqlite3.complete_statement(whole):
            yield whole.strip()
            whole = ""


def digest(secret: str) -> str:
    """What is kept of a secret that was drawn at random."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def moment(seconds: object) -> str | None:
    """Seconds since 1970 as ISO 8601."""
    if not isinstance(seconds, int):
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat()


__all__ = ["FILE", "Book", "digest", "moment"]
