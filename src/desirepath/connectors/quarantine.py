"""What did a rejected row say?

Its line and content, fetched from the archive for the rows that were set aside. Rows of CSV and Parquet files
are shown as one JSON object of their columns, because the archive holds values and not the bytes between
them; rows of JSON files are shown as they stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from desirepath.connectors.json_reading import LINE
from desirepath.connectors.raw_table import RawTable
from desirepath.connectors.rejects import REASONS
from desirepath.connectors.scratch import literal, scratch_connection
from desirepath.errors import InputError
from desirepath.events.schema import QUARANTINE_SCHEMA


def quarantined_rows(con: duckdb.DuckDBPyConnection, folder: Path, raw: RawTable, rejected: pa.Table) -> list[pa.Table]:
    """Return quarantine rows for the rows of a raw table that were set aside.

    Parameters
    ----------
    con
        A connection that may read the archive folder.
    folder
        The archive folder.
    raw
        The table.
    rejected
        Columns `record`, `reason` and `detail`.
    """
    con.register("rejected", rejected)
    said = " ".join(f"WHEN {literal(code)} THEN {literal(text)}" for code, text in REASONS.items())
    found: list[pa.Table] = []
    for place, source, line in _parts(folder, raw):
        before = raw.offsets()[place]
        rows = con.sql(
            f'SELECT {literal(raw.name)} AS "table", {literal(source)} AS file, {line} AS '
            f"line, r.record, r.reason AS reason_code, "
            f"(CASE r.reason {said} END) || coalesce(': ' || r.detail, '') AS reason, "
            f"encode({_row_text(raw)}) AS raw "
            f"FROM rejected AS r JOIN {_scan(folder, raw, place)} AS t "
            f"ON t.file_row_number = r.record - {before + 1} "
            f"WHERE r.record BETWEEN {before + 1} AND {before + raw.stored()[place].rows} ORDER BY r.record"
        ).to_arrow_table()
        found.append(rows.cast(QUARANTINE_SCHEMA))
    con.unregister("rejected")
    return found


def _parts(folder: Path, raw: RawTable) -> Iterator[tuple[int, str, str]]:
    """Yield each stored part's place, its source, and the SQL of a row's physical line."""
    for place, part in enumerate(raw.stored()):
        number = "t.file_row_number"
        if part.first_line is not None:
            yield place, part.source, f"CAST({number} + {part.first_line} AS BIGINT)"
        elif part.lines_file is not None:
            lines = f"read_parquet({literal(str(folder.resolve() / part.lines_file))})"
            yield place, part.source, f"(SELECT line FROM {lines} AS l WHERE l.file_row_number = {number})"
        else:
            yield place, part.source, "CAST(NULL AS BIGINT)"


def _scan(folder: Path, raw: RawTable, place: int) -> str:
    return f"read_parquet({literal(str(folder.resolve() / str(raw.stored()[place].file)))})"


def _row_text(raw: RawTable) -> str:
    if raw.kind == "json":
        return f"t.{LINE}"
    return "CAST(to_json(t) AS VARCHAR)"


def raw_row(folder: Path, raw: RawTable, record: int) -> str:
    """Return one archived row as JSON text, such as an event names it by `raw_table` and `record`.

    Raises
    ------
    InputError
        When the table has no such record.
    """
    for offset, part in zip(raw.offsets(), raw.stored(), strict=True):
        if offset < record <= offset + part.rows:
            scan = f"read_parquet({literal(str(folder.resolve() / str(part.file)))})"
            with scratch_connection([folder], temp=folder) as con:
                text = "CAST(to_json(t) AS VARCHAR)" if raw.kind != "json" else f"t.{LINE}"
                rows = con.execute(
                    f"SELECT {text} FROM {scan} AS t WHERE t.file_row_number = {record - offset - 1}"
                ).fetchall()
            return str(rows[0][0])
    raise InputError(f"The table {raw.name} has no record {record}; it has {raw.rows}.")
