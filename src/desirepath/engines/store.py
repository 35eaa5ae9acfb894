"""Where do events live? One DuckDB file that can always be made again from the archive.

The file is opened locked down: no extension is fetched, no other file or address can be reached from SQL. Events are
appended and never rewritten; `seq` is their place. Who is who stands beside them and may change (`person_of`).
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from desirepath.engines.schema import migrate
from desirepath.errors import WorkspaceError, WorkspaceInUseError

if TYPE_CHECKING:
    import pyarrow as pa

_DIGITS = "regexp_replace(x.value, '[^0-9+]', '', 'g')"
NORMALISED = f"""CASE x.kind
    WHEN 'email' THEN lower(trim(x.value))
    WHEN 'phone' THEN CASE WHEN length({_DIGITS}) >= 5 THEN regexp_replace({_DIGITS}, '^00', '+') ELSE trim(x.value) END
    ELSE x.value END"""
"""SQL for one way of writing an identity's value `x`: addresses in lower case, phone numbers as E.164 has them, without
spaces and dashes and with `+` for `00`. A number without country code stays without."""


def written_as(text: str) -> tuple[str, list[str]]:
    """SQL for the identities `i` that somebody may mean by `kind:value` or a bare value, and its parameters.

    Addresses and phone numbers fit however they are written.
    """
    kind, _, value = text.partition(":")
    meant = f"""SELECT (x.kind, {NORMALISED}) FROM (VALUES (?, ?), ('email', ?), ('phone', ?)) x(kind, value)"""
    return f"(i.value = ? OR (i.kind, i.value) IN ({meant}))", [text, kind, value, text, text]


Progress = Callable[[str, int, int | None], None]

_DAMAGE = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
"""What DuckDB raises when its file is not as it was left."""


@dataclass(frozen=True)
class Appended:
    """What became of the events and snapshots of one import; `snapshots` is how many of the stored are such."""

    read: int
    stored: int
    duplicate: int
    snapshots: int = 0


DEALT = "dealt-"
SPILLED = (f"{DEALT}*", "duckdb_temp_*")
"""What is put on the disk for want of memory, by the making of journeys and by the database, belongs to one process."""


class Store:
    """The workspace's database.

    Parameters
    ----------
    path
        The DuckDB file; made if absent.
    temp
        Folder for what does not fit into memory.
    memory
        Memory limit, such as `"8GB"`; DuckDB's own default if left out.
    threads
        How many threads may be used; all cores if left out.
    kinds
        What identities of a kind prove, where it is not what `KIND_STRENGTHS` says.

    Raises
    ------
    WorkspaceError
        If another process has the file open, or it is damaged or newer than this program.
    """

    def __init__(
        self,
        path: Path,
        *,
        temp: Path,
        memory: str | None = None,
        threads: int | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self._temp, self._is_first = temp, False
        self.reading = threading.RLock()  # held by whoever writes down what texts say
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        self.kinds = {kind.lower(): strength for kind, strength in (kinds or {}).items()}
        config: dict[str, Any] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "enable_external_access": "false",
            "allow_community_extensions": "false",
            "temp_directory": str(temp),
            "preserve_insertion_order": "true",
        }
        if memory:
            config["memory_limit"] = memory
        if threads:
            config["threads"] = str(threads)
        try:
            self.connection = duckdb.connect(str(path), config=config)
        except duckdb.Error as problem:
            raise self._refused(problem) from problem
        try:
            self._prepare()
        except BaseException as problem:
            # left open, it would stand in for whatever file comes to this place next
            self.connection.close()
            if isinstance(problem, duckdb.Error):
                raise self._refused(problem) from problem
            raise

    def _prepare(self) -> None:
        # a second connection of one process shares the first one's database, and finds it prepared
        if self.one("SELECT current_setting('lock_configuration')")[0]:
            return
        self._is_first = True
        self.run("SET GLOBAL TimeZone = 'UTC'")
        self.run("SET enable_progress_bar = false")  # it writes to stdout, where answers go
        self.run("ATTACH ':memory:' AS scratch")  # what several cursors share while segments are made
        self.run("SET lock_configuration = true")
        migrate(self.connection, where=str(self.path))

    def _refused(self, problem: duckdb.Error) -> WorkspaceError:
        if "lock on file" in str(problem).lower():
            return WorkspaceInUseError(
                "Another process has this workspace open, and only one can at a time. If it is "
                "`desirepath serve`, ask on its page, or end it there with Ctrl-C.",
                looked=str(self.path),
            )
        return self._damaged(problem)

    def _damaged(self, problem: duckdb.Error) -> WorkspaceError:
        return WorkspaceError(
            f"The database cannot be read: {problem}. `desirepath rebuild` makes it again from the archive.",
            looked=str(self.path),
        )

    def clear_temp(self) -> None:
        """Remove what a program that was killed had put on the disk, if this is the first to have the database."""
        if self._is_first:
            for left in (path for pattern in SPILLED for path in self._temp.glob(pattern)):
                left.unlink(missing_ok=True)

    def close(self) -> None:
        """Write everything to the one file and let it go."""
        self.connection.close()

    def version(self, name: str) -> int:
        """The version of `data` or `identity`; it grows with every change."""
        return self.versions(name)[0]

    def versions(self, *names: str) -> tuple[int, ...]:
        """The versions of several things, at one moment."""
        found = dict(self.rows("SELECT name, version FROM versions"))
        if not found.keys() >= set(names):
            raise self._lacking()
        return tuple(int(found[name]) for name in names)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, or nothing for a statement; the connection is free afterwards."""
        try:
            return self.connection.execute(sql, list(parameters)).fetchall()
        except _DAMAGE as problem:
            raise self._damaged(problem) from problem

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement."""
        self.rows(sql, parameters)

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> tuple[Any, ...]:
        """The first row of a query that always has one."""
        found = self.rows(sql, parameters)
        if not found:
            raise self._lacking()
        return found[0]

    def _lacking(self) -> WorkspaceError:
        return WorkspaceError(
            "The database lacks a row that it always has; `desirepath rebuild` makes it again.",
            looked=str(self.path),
        )

    def arrow(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The result of a query as an Arrow table."""
        try:
            return self.connection.sql(sql, params=list(parameters)).to_arrow_table()
        except _DAMAGE as problem:
            raise self._damaged(problem) from problem

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same database, for another thread; `interrupt` reaches it too."""
        found = self.connection.cursor()
        self._cursors.add(found)
        return found

    def beside(self) -> Store:
        """The same database through a connection of its own, for another thread to read by; close it afterwards."""
        found = copy(self)
        found.connection, found._cursors = self.connection.cursor(), weakref.WeakSet()
        return found

    def interrupt(self) -> None:
        """Make whatever the database is doing stop, with an error where it was asked; for another thread to call."""
        for one in (self.connection, *list(self._cursors)):
            with suppress(duckdb.Error):  # it was closed meanwhile
                one.interrupt()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, Ctrl-C included."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def append(self, batches: pa.RecordBatchReader, batch: int, progress: Progress) -> Appended:
        """Append the events and snapshots that are not stored yet; call inside a transaction.

        Parameters
        ----------
        batches
            Events in `EVENT_SCHEMA`.
        batch
            The number of the import.
        progress
            Told how many events were read so far.
        """
        from desirepath.engines.storing import append

        return append(self, batches, batch, progress)

    def bump(self, name: str, *, above: int = 0) -> int:
        """Count a version up by one, or beyond `above` if that is more."""
        self.run("UPDATE versions SET version = greatest(version, ?) + 1 WHERE name = ?", [above, name])
        return self.version(name)
