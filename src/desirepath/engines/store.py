"""Where do events live? One DuckDB file that can always be made again from the archive.

The file is opened locked down: no extension is fetched, no other file or address can be reached from SQL. Events are
appended and never rewritten; `seq` is their place. Who is who stands beside them and may change (`person_of`).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
        self.run("SET GLOBAL TimeZone = 'UTC'")
        self.run("SET enable_progress_bar = false")  # it writes to stdout, where answers go
        self.run("ATTACH ':memory:' AS scratch")  # what several cursors share while segments are made
        self.run("SET lock_configuration = true")
        migrate(self.connection, where=str(self.path))

    def _refused(self, problem: duckdb.Error) -> WorkspaceError:
        if "lock on file" in str(problem).lower():
            return WorkspaceError(
                "Another process has this workspace open, and only one can at a time. Close it there first.",
                looked=str(self.path),
            )
        return self._damaged(problem)

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

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same database, for another thread; `interrupt` reaches it too."""
        found = self.connection.cursor()
        self._cursors.add(found)
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
        self.run("CREATE TEMP TABLE IF NOT EXISTS touched (code BIGINT)")
        for chunk in _chunks(batches):
            self.connection.register("incoming", chunk)
            stored += self._append_chunk(batch)
            self.connection.unregister("incoming")
            read += chunk.num_rows
            progress("storing", read, None)
        return Appended(read, stored, read - stored)

    def _append_chunk(self, batch: int) -> int:
        """Append what is new of `incoming`; `place`, the row's number among the new ones, keeps `seq` without gaps."""
        rows = int(self.one("SELECT count(*) FROM incoming")[0])
        known = self.one("SELECT count(*) FROM incoming i SEMI JOIN events e ON i.id = e.id")[0]
        copies = rows - self.one("SELECT count(DISTINCT id) FROM incoming")[0]
        source = "incoming i"
        if known or copies:
            first = "QUALIFY row_number() OVER (PARTITION BY id ORDER BY raw_table, record) = 1" if copies else ""
            self.run(
                "CREATE OR REPLACE TEMP TABLE unknown AS "
                f"SELECT * REPLACE (row_number() OVER (ORDER BY place) - 1 AS place) FROM "
                f"(SELECT * FROM incoming i ANTI JOIN events e ON i.id = e.id {first})"
            )
            rows = int(self.one("SELECT count(*) FROM unknown")[0])
            source = "unknown i"
        if not rows:
            return 0
        self.run(
            f"""CREATE OR REPLACE TEMP VIEW fresh AS SELECT *, coalesce(
                list_filter(identities, lambda x: lower(x.kind) NOT IN {self._kinds("semi", "weak", "apart")})[1],
                list_filter(identities, lambda x: lower(x.kind) IN {self._kinds("semi")})[1],
                list_filter(identities, lambda x: lower(x.kind) IN {self._kinds("weak")})[1], identities[1]) AS namer
            FROM {self._normalised(source)}"""
        )
        fresh_from = self._add_identities()
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
        self._note_touched(fresh_from)
        return rows

    def _normalised(self, source: str) -> str:
        """`source`, its e-mail addresses and phone numbers in one way of writing."""
        alias = source.split(maxsplit=1)[0]
        odd = self.rows(
            f"""SELECT 1 FROM {alias} WHERE list_bool_or(list_transform(identities, lambda x:
            x.kind IN ('email', 'phone') AND x.value <> {NORMALISED})) LIMIT 1"""
        )
        if not odd:
            return source
        one_way = f"list_transform(identities, lambda x: struct_pack(kind := x.kind, value := {NORMALISED}))"
        return f"(SELECT * REPLACE ({one_way} AS identities) FROM {alias}) i"

    def _add_identities(self) -> int:
        """Give codes to identities that are new; return the first of them."""
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
            strength = known[0][0] if known else self.kinds.get(kind.lower()) or strength_of(kind, names_person=names)
            run("INSERT INTO strengths VALUES (?, ?)", [kind, strength])
        after = self.one("SELECT coalesce(max(code), -1) FROM identities")[0]
        run(
            """INSERT INTO identities
            SELECT ? + row_number() OVER (ORDER BY u.kind, u.value), u.kind, u.value, s.strength
            FROM unseen u JOIN strengths s USING (kind)""",
            [after],
        )
        return int(after) + 1

    def _add_links(self) -> None:
        """Note who was seen with whom: every pair on an event, but two weak ones only where nothing firmer is."""
        weak = self._kinds("weak")
        self.run(
            f"""CREATE OR REPLACE TEMP TABLE seen AS
            SELECT least(i.code, j.code) AS a, greatest(i.code, j.code) AS b, p.source,
                min(p.occurred_at) AS first_at, max(p.occurred_at) AS last_at, count(*) AS times,
                arg_min(p.id, (p.occurred_at, p.id)) AS first_event
            FROM (
                SELECT identities[k] AS x, identities[l] AS y, source, occurred_at, id FROM (
                    SELECT *, unnest(generate_series(k + 1, len(identities))) AS l FROM (
                        SELECT *, len(list_filter(identities, lambda x: lower(x.kind) NOT IN {weak})) > 0 AS firm,
                            unnest(generate_series(1, len(identities) - 1)) AS k
                        FROM fresh WHERE len(identities) > 1))
                WHERE NOT firm OR lower(identities[k].kind) NOT IN {weak} OR lower(identities[l].kind) NOT IN {weak}
            ) p
            JOIN identities i ON i.kind = p.x.kind AND i.value = p.x.value
            JOIN identities j ON j.kind = p.y.kind AND j.value = p.y.value
            WHERE i.code <> j.code GROUP BY ALL"""
        )
        self.run("INSERT INTO identity_links BY NAME SELECT *, 'same event' AS rule FROM seen")

    def _note_touched(self, fresh_from: int) -> None:
        """Remember whose verdict these events may change: new identities, new links, events on shared devices."""
        self.run(
            """INSERT INTO touched
            SELECT code FROM identities WHERE code >= ?
            UNION SELECT a FROM seen UNION SELECT b FROM seen
            UNION SELECT i.code FROM (SELECT DISTINCT namer FROM fresh) f
                JOIN identities i ON i.kind = f.namer.kind AND i.value = f.namer.value
                WHERE i.code IN (SELECT identity FROM stretches)""",
            [fresh_from],
        )

    def _kinds(self, *strengths: str) -> str:
        """The kinds of these strengths as an SQL list."""
        every = KIND_STRENGTHS | self.kinds
        found = sorted(kind for kind, strength in every.items() if strength in strengths)
        return "(" + ", ".join("'" + kind.replace("'", "''") + "'" for kind in found) + ")"

    def bump(self, name: str, *, above: int = 0) -> int:
        """Count a version up by one, or beyond `above` if that is more."""
        self.run("UPDATE versions SET version = greatest(version, ?) + 1 WHERE name = ?", [above, name])
        return self.version(name)


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
