"""Which events do the archived rows yield?

A stream of Arrow batches, and an account of every row that yields none. Reads nothing but the archive folder,
so that a rebuild and the import give the same. For each table: how many rows the mapping leaves out and how
many tell no time at all; then, rule by rule, which rows share a key; then the events. Batches come as they
are made, so that memory stays bounded whatever the size of the archive.

In one import the first row of a key wins. A later one that says the same is a duplicate; one that says
something else is quarantined as `conflict`. Rows without a declared key are told apart by their content and
their number among equal rows of their file, so that equal rows of a file all stay, and the same file read
again gives the same ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from desirepath.connectors.archive import REJECTED, ArchiveManifest, Progress, read_manifest, silent
from desirepath.connectors.columns import Columns
from desirepath.connectors.mapping import Mapping, TableMapping
from desirepath.connectors.plan import PlannedTable, columns_of
from desirepath.connectors.quarantine import quarantined_rows
from desirepath.connectors.rule_sql import RuleSql, compile_rule, select_events
from desirepath.connectors.scratch import interruptible, literal, number_of, scratch_connection
from desirepath.errors import InputError
from desirepath.events.schema import EVENT_SCHEMA, QUARANTINE_SCHEMA

BATCH = 100_000
"""Events in one Arrow batch, at most."""


@dataclass(slots=True)
class Counts:
    """The account of one import; complete when the batches have been read.

    Always: events read = `events` + `duplicates` + all of `quarantined`.

    Parameters
    ----------
    rows
        Rows and unreadable lines in the tables (lookups aside).
    left_out
        Rows that the mapping's own `where` and `when` drop.
    events
        Events handed on.
    duplicates
        Events of a row that repeats an earlier one of this import; not handed on.
    quarantined
        Number of entries by reason.
    clamped
        Events handed on whose time was in the future and became the time of the import.
    warnings
        What is odd, in words.
    """

    rows: int = 0
    left_out: int = 0
    events: int = 0
    duplicates: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    clamped: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def read(self) -> int:
        """Events read: handed on, repeated or quarantined."""
        return self.events + self.duplicates + sum(self.quarantined.values())


@dataclass(slots=True)
class MappedEvents:
    """The events of an archive folder.

    Parameters
    ----------
    batches
        The events, in `EVENT_SCHEMA`; to be read once.
    counts
        The account; complete when `batches` has been read to its end.
    """

    batches: pa.RecordBatchReader
    counts: Counts
    _mapper: _Mapper

    @property
    def quarantine(self) -> pa.Table:
        """What did not become events, in `QUARANTINE_SCHEMA`; complete when `batches` has been read.

        Raises
        ------
        InputError
            When `batches` has not been read to its end.
        """
        if not self._mapper.finished:
            raise InputError("The quarantine is complete only when all batches have been read.")
        return pa.concat_tables([self._mapper.unreadable, *self._mapper.quarantine])


def map_events(folder: Path, *, temp: Path, progress: Progress = silent, threads: int | None = None) -> MappedEvents:
    """Turn the rows of an archive folder into events.

    Parameters
    ----------
    folder
        What `archive_raw` wrote.
    temp
        An existing folder for spilled data.
    progress
        Told the number of events so far; raises `CancelledError` to stop.
    threads
        Number of threads; DuckDB's choice when None.

    Raises
    ------
    InputError
        When the folder is no archive.
    """
    manifest, mapping = read_manifest(folder)
    counts = Counts(warnings=list(manifest.warnings))
    mapper = _Mapper(folder, manifest, mapping, counts, progress, temp, threads)
    return MappedEvents(pa.RecordBatchReader.from_batches(EVENT_SCHEMA, mapper.batches()), counts, mapper)


class _Mapper:
    def __init__(
        self,
        folder: Path,
        manifest: ArchiveManifest,
        mapping: Mapping,
        counts: Counts,
        progress: Progress,
        temp: Path,
        threads: int | None,
    ) -> None:
        self.finished = False
        self.quarantine: list[pa.Table] = []
        self.unreadable = pq.read_table(folder / REJECTED, schema=QUARANTINE_SCHEMA)
        self._folder, self._manifest, self._mapping, self._counts = folder, manifest, mapping, counts
        self._progress, self._temp, self._threads = progress, temp, threads
        self._received = f"TIMESTAMPTZ {literal(manifest.received_at.isoformat(' '))}"
        self._total = sum(manifest.raws[table.raw].rows for table in manifest.tables)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the events of all tables."""
        main = {table.raw for table in self._manifest.tables}
        for name in self._manifest.raws:
            for reason in self._unreadable_reasons(name):
                if name in main:
                    self._counts.quarantined[reason] += 1
                    self._counts.rows += 1
        with (
            interruptible(),
            scratch_connection([self._folder], temp=self._temp, threads=self._threads, lossless=True) as con,
        ):
            for table, planned in zip(self._mapping.tables, self._manifest.tables, strict=True):
                if self._manifest.raws[planned.raw].rows:
                    yield from self._table(con, table, planned)
        if self._counts.clamped:
            self._counts.warnings.append(
                f"{self._counts.clamped} events lie more than an hour in the future; they "
                f"were given the time of the import, "
                "and their own time is kept as $original_time."
            )
        self.finished = True

    def _unreadable_reasons(self, table: str) -> list[str]:
        chosen = self.unreadable.filter(pc.equal(self.unreadable["table"], table))
        return [str(reason) for reason in chosen["reason_code"].to_pylist()]

    def _table(
        self, con: duckdb.DuckDBPyConnection, table: TableMapping, planned: PlannedTable
    ) -> Iterator[pa.RecordBatch]:
        rules = [
            compile_rule(self._mapping, table, rule, columns_of(planned, self._manifest.raws)) for rule in table.events
        ]
        raw = self._manifest.raws[planned.raw]
        self._counts.rows += raw.records
        rejected: list[pa.Table] = []
        if len(rules) > 1 or any(rule.applies != "true" for rule in rules):
            rejected += self._rows_without_event(con, table, planned)
        ordinals = (
            None
            if all(rule.own_key for rule in rules)
            else self._ordinals(con, columns_of(planned, self._manifest.raws))
        )
        for rule in rules:
            verdicts = self._verdicts(con, rule, raw.name, len(rules) > 1) if rule.own_key else ordinals
            query = select_events(
                rule,
                self._mapping,
                raw.name,
                self._folder,
                self._received,
                several=len(rules) > 1,
                verdicts=verdicts,
            )
            yield from self._stream(con, query, rejected)
        if rejected:
            self.quarantine += quarantined_rows(con, self._folder, raw, pa.concat_tables(rejected))

    def _stream(self, con: duckdb.DuckDBPyConnection, query: str, rejected: list[pa.Table]) -> Iterator[pa.RecordBatch]:
        for batch in con.sql(query).to_arrow_reader(BATCH):
            reasons = batch.column("reason")
            events = batch
            if reasons.null_count < len(reasons):
                events = batch.filter(pc.is_null(reasons))
                self._set_aside(batch.filter(pc.is_valid(reasons)), rejected)
            if events.num_rows:
                self._counts.events += events.num_rows
                self._counts.clamped += pc.sum(pc.equal(events.column("quality"), "clamped")).as_py() or 0
                self._progress("map", self._counts.events, self._total)
                yield _shaped(events)

    def _set_aside(self, batch: pa.RecordBatch, rejected: list[pa.Table]) -> None:
        entries = pa.table({name: batch.column(name) for name in ("record", "reason", "detail")})
        repeated = pc.equal(entries["reason"], "duplicate")
        self._counts.duplicates += pc.sum(repeated).as_py() or 0
        entries = entries.filter(pc.invert(repeated))
        for found in pc.value_counts(entries["reason"]).to_pylist():
            self._counts.quarantined[found["values"]] += found["counts"]
        if entries.num_rows:
            rejected.append(entries)

    def _rows_without_event(
        self, con: duckdb.DuckDBPyConnection, table: TableMapping, planned: PlannedTable
    ) -> list[pa.Table]:
        """Count the rows that the mapping leaves out, and return those that tell none of their times."""
        columns = columns_of(planned, self._manifest.raws)
        rules = [compile_rule(self._mapping, table, rule, columns) for rule in table.events]
        relation = columns.relation(self._folder)
        applies = " OR ".join(f"({rule.applies})" for rule in rules)
        told = " OR ".join(f"({rule.applies} AND NOT {rule.missing})" for rule in rules)
        self._counts.left_out += number_of(con, f"SELECT count(*) FROM ({relation}) WHERE NOT ({applies})")
        if len(rules) == 1:
            return []
        silent_rows = con.sql(
            f"SELECT record, 'no_event' AS reason, CAST(NULL AS VARCHAR) AS detail FROM "
            f"({relation}) WHERE ({applies}) AND NOT ({told})"
        ).to_arrow_table()
        if not silent_rows.num_rows:
            return []
        self._counts.quarantined["no_event"] += silent_rows.num_rows
        return [silent_rows]

    def _ordinals(self, con: duckdb.DuckDBPyConnection, columns: Columns) -> str | None:
        """Number equal rows of a file, and find rows that an earlier file had; None when all differ."""
        relation = columns.relation(self._folder, row_hash=True)
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT row_hash FROM ({relation}) "
            f"GROUP BY row_hash HAVING count(*) > 1"
        )
        if number_of(con, "SELECT count(*) FROM repeated") == 0:
            return None
        relation = columns.relation(self._folder, content=True, row_hash=True)
        con.execute(
            "CREATE OR REPLACE TEMP TABLE ordinals AS WITH numbered AS ("
            "SELECT record, part, content, row_number() OVER (PARTITION BY part, content "
            "ORDER BY record) AS ordinal "
            f"FROM ({relation}) WHERE row_hash IN (SELECT row_hash FROM repeated)) "
            "SELECT record, ordinal, CASE WHEN row_number() OVER (PARTITION BY content, "
            "ordinal ORDER BY part) > 1 THEN 'duplicate' END AS verdict "
            "FROM numbered QUALIFY ordinal > 1 OR verdict IS NOT NULL"
        )
        return "ordinals"

    def _verdicts(self, con: duckdb.DuckDBPyConnection, rule: RuleSql, raw_table: str, several: bool) -> str | None:
        """Judge the rows whose declared key stands in an earlier row; None when every key stands once."""
        only = f"{rule.applies} AND NOT {rule.missing}"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT hash({rule.parts['key']}) AS key_hash "
            f"FROM ({rule.columns.relation(self._folder)}) WHERE {only} GROUP BY key_hash HAVING count(*) > 1"
        )
        if number_of(con, "SELECT count(*) FROM repeated") == 0:
            return None
        events = select_events(
            rule, self._mapping, raw_table, self._folder, self._received, several=several, verdicts=None
        )
        # systems tell one thing several times with more or less around it; what happened when is the same
        said = "name, occurred_at, sequence, channel, value, currency, entity_id, session, identities, properties"
        if self._mapping.connector is not None:
            said = "name, occurred_at, value, currency"
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE told AS SELECT id, record, hash({said}) AS said "
            f"FROM ({events}) WHERE reason IS NULL"
        )
        con.execute(
            "CREATE OR REPLACE TEMP TABLE verdicts AS SELECT record, 1 AS ordinal, "
            "CASE WHEN said = first_value(said) OVER same THEN 'duplicate' ELSE 'conflict' "
            "END AS verdict FROM told "
            "WHERE id IN (SELECT id FROM told GROUP BY id HAVING count(*) > 1) "
            "WINDOW same AS (PARTITION BY id ORDER BY record) QUALIFY row_number() OVER same > 1"
        )
        con.execute("DROP TABLE told")
        return "verdicts"


def _shaped(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [batch.column(item.name) for item in EVENT_SCHEMA]
    shaped = [
        column if column.type == item.type else column.cast(item.type)
        for column, item in zip(columns, EVENT_SCHEMA, strict=True)
    ]
    return pa.RecordBatch.from_arrays(shaped, schema=EVENT_SCHEMA)
