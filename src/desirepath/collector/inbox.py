"""What was acknowledged? The inbox: a request is answered when it is on disk here, and stays until it is drained.

SQLite in WAL mode with `synchronous=FULL`: a commit is a flush to disk. All requests that wait are written in one
commit, so that their number costs little.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from desirepath.collector.crash import crash_point

FILE = "inbox.sqlite"
_MOST = 1000
"""Requests that one commit takes."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_us INTEGER NOT NULL, path TEXT NOT NULL, query BLOB NOT NULL,
    head TEXT NOT NULL, key TEXT NOT NULL, instance TEXT NOT NULL, public INTEGER NOT NULL, events INTEGER NOT NULL,
    body BLOB NOT NULL)
"""
_INSERT = (
    "INSERT INTO requests (received_us, path, query, head, key, instance, public, events, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Request(NamedTuple):
    """A request as it came.

    Parameters
    ----------
    received_us
        When, microseconds since 1970 UTC.
    path, query, head
        Its path without the key, its query string, and the few headers that say something of its events, as JSON.
    key, instance, public
        The name of its write key, and what that says.
    events
        How many events are in it.
    body
        Its bytes as they came.
    """

    received_us: int
    path: str
    query: bytes
    head: str
    key: str
    instance: str
    public: int
    events: int
    body: bytes


class FullError(Exception):
    """The request could not be written; it may be sent again."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open an inbox; it is made if there is none.

    Raises
    ------
    sqlite3.Error
        When it cannot be.
    """
    if read_only:
        con = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10, check_same_thread=False)
    else:
        con = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        con.execute("PRAGMA journal_mode=WAL")
        con.execute("PRAGMA synchronous=FULL")
        con.execute("PRAGMA wal_autocheckpoint=4000")
        con.execute(_SCHEMA)
    con.execute("PRAGMA busy_timeout=10000")
    return con


@dataclass(slots=True)
class _Waiting:
    request: Request
    done: asyncio.Future[None]


class Inbox:
    """Writes requests, many at once; made and used in one event loop.

    Parameters
    ----------
    path
        The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self.pending = 0
        with suppress(sqlite3.Error, OSError):  # such as a full disk: it is tried again when something comes
            connect(path).close()
        self._thread = threading.Thread(target=self._work, name="inbox", daemon=True)
        self._thread.start()

    async def put(self, request: Request) -> None:
        """Write a request; returns when it is on disk.

        Raises
        ------
        FullError
            When it could not be written.
        """
        done = self._loop.create_future()
        size = len(request.body) + 500
        self.pending += size
        self._waiting.put(_Waiting(request, done))
        try:
            await done
        finally:
            self.pending -= size

    def close(self) -> None:
        """Write what waits, and stop."""
        self._waiting.put(None)
        self._thread.join(timeout=20)

    def _work(self) -> None:
        con: sqlite3.Connection | None = None
        while True:
            first = self._waiting.get()
            some = [] if first is None else [first]
            last = first is None
            while not last and len(some) < _MOST:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    last = True
                else:
                    some.append(more)
            if some:
                problem: Exception | None = None
                try:
                    con = con or connect(self._path)
                    self._write(con, [one.request for one in some])
                except (sqlite3.Error, OSError) as found:
                    problem = found
                    if con is not None:
                        with suppress(sqlite3.Error):
                            con.close()
                    con = None  # the disk may be full, or the file gone: look anew
                self._loop.call_soon_threadsafe(_settle, some, problem)
            if last:
                if con is not None:
                    con.close()
                return

    @staticmethod
    def _write(con: sqlite3.Connection, requests: Sequence[Request]) -> None:
        con.execute("BEGIN IMMEDIATE")
        try:
            con.executemany(_INSERT, requests)
            crash_point("inbox.inserted")
            con.execute("COMMIT")
            crash_point("inbox.committed")
        except BaseException:
            with suppress(sqlite3.Error):
                con.execute("ROLLBACK")
            raise


def _settle(some: Sequence[_Waiting], problem: Exception | None) -> None:
    for one in some:
        if one.done.done():
            continue
        if problem is None:
            one.done.set_result(None)
        else:
            one.done.set_exception(FullError(str(problem)))
    crash_point("inbox.answered")


class Outbox:
    """The other side of an inbox: reads requests in their order, and clears what was drained.

    Parameters
    ----------
    path
        The SQLite file; made if there is none.
    """

    def __init__(self, path: Path) -> None:
        self._con = connect(path)
        self._lock = threading.Lock()

    def waiting(self, after: int, most_bytes: int) -> list[tuple[int, Request]]:
        """The next requests and their numbers, of about `most_bytes` together; empty if there are none."""
        found: list[tuple[int, Request]] = []
        size = 0
        with self._lock:
            rows = self._con.execute(
                "SELECT id, received_us, path, query, head, key, instance, public, events, body FROM requests "
                "WHERE id > ? ORDER BY id",
                [after],
            )
            for row in rows:
                found.append((row[0], Request(*row[1:])))
                size += len(row[-1]) + 200
                if size >= most_bytes:
                    break
            rows.close()
        return found

    def archived_upto(self, cursor: int) -> int:
        """The last request that is surely in the archive: up to the cursor, and all that the inbox holds no more."""
        with self._lock:
            first = self._con.execute("SELECT min(id) FROM requests WHERE id > ?", [cursor]).fetchone()[0]
        return 1 << 62 if first is None else max(cursor, int(first) - 1)

    def clear(self, upto: int) -> None:
        """Remove what was drained."""
        with self._lock:
            self._con.execute("DELETE FROM requests WHERE id <= ?", [upto])

    def size(self) -> tuple[int, int, int | None]:
        """How many requests and events wait, and since when (microseconds since 1970)."""
        query = "SELECT count(*), coalesce(sum(events), 0), min(received_us) FROM requests"
        with self._lock:
            row = self._con.execute(query).fetchone()
        return int(row[0]), int(row[1]), row[2]

    def scrub(self) -> None:
        """Leave nothing of what was cleared in the file; for erasures."""
        with self._lock:
            self._con.execute("VACUUM")
            self._con.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self._con.close()
