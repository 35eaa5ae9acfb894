"""Where do events live? One DuckDB file that can always be made again from the archive.

The file is opened locked down: no extension is fetched, no other file or address can be reached from SQL. Events are
appended and never rewritten; `seq` is their place. Who is who stands beside them and may change (`person_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from desirepath.engines.schema import migrate
from desirepath.errors import WorkspaceError
from desirepath.events.event import KIND_STRENGTHS, strength_of

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK = 1_000_000

Progress = Callable[[str, int, int | None], None]

_DAMAGE = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)
"""What DuckDB raises when its file is not as it was left."""


@dataclass(frozen=True)
class Appended:
    """What became of the events of one import."""

    read: int
    stored: int
    duplicate: int


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

    Raises
    ------
    WorkspaceError
        If another process has the file open, or it is damaged or newer than this program.
    """

    def __init__(self, path: Path, *, temp: Path, memory: str | None = None, threads: int | None = None) -> None:
        self.path = path
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
            self._prepare()
        except duckdb.Error as problem:
            if "lock on file" in str(problem).lower():
                raise WorkspaceError(
                    "Another process has this workspace open, and only one can at a time. Close it there first.",
                    looked=str(path),
                ) from problem
            raise self._damaged(problem) from problem

    def _prepare(self) -> None:
        # a second connection of one process shares the first one's database, and finds it prepared
        if self.one("SELECT current_setting('lock_configuration')")[0]:
            return
        self.run("SET GLOBAL TimeZone = 'UTC'")
        self.run("SET enable_progress_bar = false")  # it writes to stdout, where answers go
        self.run("ATTACH ':memory:' AS scratch")  # what several cursors share while segments are made
        self.run("SET lock_configuration = true")
        migrate(self.connection, where=str(self.path))

    def _damaged(self, problem: duckdb.Error) -> WorkspaceError:
        return WorkspaceError(
            f"The database cannot be read: {problem}. `desirepath rebuild` makes it again from the archive.",
            looked=str(self.path),
        )

    def close(self) -> None:
        """Write everything to the one file and let it go."""
        self.connection.close()

    def version(self, name: str) -> int:
        """The version of `data` or `identity`; it grows with every change."""
        return int(self.one("SELECT version FROM versions WHERE name = ?", [name])[0])

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
            raise WorkspaceError(
                "The database lacks a row that it always has; `desirepath rebuild` makes it again.",
                looked=str(self.path),
            )
        return found[0]

    def arrow(self, sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The result of a query as an Arrow table."""
        try:
            return self.connection.sql(sql, params=list(parameters)).to_arrow_table()
        except _DAMAGE as problem:
            raise self._damaged(problem) from problem

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
        """Append the events that are not stored yet; call inside a transaction.

        Parameters
        ----------
        batches
            Events in `EVENT_SCHEMA`.
        batch
            The number of the import.
        progress
            Told how many events were read so far.
        """
        read = stored = 0
        for chunk in _chunks(batches):
            self.connection.register("incoming", chunk)
            stored += self._append_chunk(batch)
            self.connection.unregister("incoming")
            read += chunk.num_rows
            progress("storing", read, None)
        return Appended(read, stored, read - stored)

    def _append_chunk(self, batch: int) -> int:
        """Append what is new of `incoming`; `place` is the row's number in it, so that `seq` may have gaps."""
        rows = int(self.one("SELECT count(*) FROM incoming")[0])
        known = self.one("SELECT count(*) FROM incoming i SEMI JOIN events e ON i.id = e.id")[0]
        copies = rows - self.one("SELECT count(DISTINCT id) FROM incoming")[0]
        source = "incoming i"
        if known or copies:
            first = "QUALIFY row_number() OVER (PARTITION BY id ORDER BY raw_table, record) = 1" if copies else ""
            self.run(
                "CREATE OR REPLACE TEMP TABLE unknown AS "
                f"SELECT * FROM incoming i ANTI JOIN events e ON i.id = e.id {first}"
            )
            rows = int(self.one("SELECT count(*) FROM unknown")[0])
            source = "unknown i"
        if not rows:
            return 0
        self.run(
            f"""CREATE OR REPLACE TEMP VIEW fresh AS SELECT *,
            coalesce(list_filter(identities, lambda x: lower(x.kind) NOT IN {_weak_kinds()})[1], identities[1]) AS namer
            FROM {source}"""
        )
        self._add_identities()
        after = self.one("SELECT coalesce(max(seq), -1) FROM events")[0]
        self.run(
            """INSERT INTO events
            SELECT ? + 1 + f.place, f.id, f.name, f.occurred_at, f.precision, f.quality, f.received_at,
                f.sequence, f.source, f.instance, f.channel, f.value, f.currency, f.entity_type, f.entity_id,
                f.session, f.identities, i.code, f.properties, ?, f.record, f.raw_table
            FROM fresh f JOIN identities i ON i.kind = f.namer.kind AND i.value = f.namer.value""",
            [after, batch],
        )
        self._add_links()
        return rows

    def _add_identities(self) -> None:
        run = self.run
        run(
            """CREATE OR REPLACE TEMP TABLE unseen AS
            SELECT s.kind, s.value, bool_or(s.names) AS names FROM (
                SELECT namer.kind AS kind, namer.value AS value, true AS names FROM fresh
                UNION ALL
                SELECT x.kind, x.value, false FROM (SELECT unnest(identities) AS x FROM fresh WHERE len(identities) > 1)
            ) s ANTI JOIN identities i ON i.kind = s.kind AND i.value = s.value
            GROUP BY s.kind, s.value"""
        )
        kinds = self.rows("SELECT kind, bool_or(names) FROM unseen GROUP BY kind")
        run("CREATE OR REPLACE TEMP TABLE strengths (kind VARCHAR, strength VARCHAR)")
        for kind, names in kinds:
            known = self.rows("SELECT strength FROM identities WHERE kind = ? LIMIT 1", [kind])
            strength = known[0][0] if known else strength_of(kind, names_person=names)
            run("INSERT INTO strengths VALUES (?, ?)", [kind, strength])
        after = self.one("SELECT coalesce(max(code), -1) FROM identities")[0]
        run(
            """INSERT INTO identities
            SELECT ? + row_number() OVER (ORDER BY u.kind, u.value), u.kind, u.value, s.strength
            FROM unseen u JOIN strengths s USING (kind)""",
            [after],
        )

    def _add_links(self) -> None:
        self.run(
            """INSERT INTO identity_links
            SELECT a.code, b.code, f.source, min(f.occurred_at), max(f.occurred_at), count(*)
            FROM (SELECT namer, unnest(identities) AS x, source, occurred_at FROM fresh WHERE len(identities) > 1) f
            JOIN identities a ON a.kind = f.namer.kind AND a.value = f.namer.value
            JOIN identities b ON b.kind = f.x.kind AND b.value = f.x.value
            WHERE a.code <> b.code GROUP BY ALL"""
        )

    def bump(self, name: str, *, above: int = 0) -> int:
        """Count a version up by one, or beyond `above` if that is more."""
        self.run("UPDATE versions SET version = greatest(version, ?) + 1 WHERE name = ?", [above, name])
        return self.version(name)


def _weak_kinds() -> str:
    kinds = sorted(kind for kind, strength in KIND_STRENGTHS.items() if strength == "weak")
    return "(" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def _chunks(batches: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Join record batches to tables of about a million rows."""
    import pyarrow as pa

    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= CHUNK:
            yield _numbered(pa.Table.from_batches(held, schema=batches.schema))
            held, rows = [], 0
    if rows:
        yield _numbered(pa.Table.from_batches(held, schema=batches.schema))


def _numbered(chunk: pa.Table) -> pa.Table:
    return chunk.append_column("place", [np.arange(chunk.num_rows, dtype=np.int64)])
