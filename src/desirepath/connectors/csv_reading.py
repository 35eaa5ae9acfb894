"""How does a CSV file become raw Parquet?

Fast when it is sound, carefully when it is not, and never with loss. The fast way is DuckDB's reader with a
pinned dialect and every column as text. It is believed only when it rejects nothing and the number of rows is
the number of records in the file; otherwise `csv_split` reads the file again, sets the broken records aside
with their lines and bytes, and DuckDB reads what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.csv_dialect import Dialect, dialect_of
from desirepath.connectors.csv_split import Lines, Split, split_rows
from desirepath.connectors.files import SourceFile
from desirepath.connectors.mapping import TextFormat
from desirepath.connectors.rejects import LONGEST_LINE, RejectedLine
from desirepath.connectors.scratch import literal, number_of, quoted
from desirepath.connectors.text_check import TextFile, text_file
from desirepath.errors import InputError

COPY_OPTIONS = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
_CHUNK = 8 << 20


@dataclass(slots=True)
class Read:
    """What reading one file gave.

    Parameters
    ----------
    rows
        Number of rows written; None when the file is empty and has no columns.
    first_line
        Physical line of the first row, when each row is one line.
    lines
        Physical line of each row otherwise; None when the file has no lines.
    rejected
        Records set aside.
    keys
        For JSON, the names of the top-level members.
    records
        Number of records that a connector made the rows of.
    """

    rows: int | None
    first_line: int | None = None
    lines: Lines | None = None
    rejected: list[RejectedLine] = field(default_factory=list)
    keys: tuple[str, ...] = ()
    records: int | None = None


def read_csv(con: duckdb.DuckDBPyConnection, source: SourceFile, given: TextFormat, part: Path, temp: Path) -> Read:
    """Write the rows of a CSV file to the Parquet file `part`.

    Parameters
    ----------
    con
        A scratch connection that may read the file and write to `part` and `temp`.
    source
        The file.
    given
        What the mapping says about how it is written.
    part
        The Parquet file to write.
    temp
        A folder for copies.

    Raises
    ------
    InputError
        When the file cannot be read at all.
    """
    copy, clean = temp / (part.stem + ".text"), temp / (part.stem + ".rows")
    try:
        text = text_file(source, given.encoding, copy)
        dialect = dialect_of(text.path, given, text.bom)
        if dialect is None:
            return Read(None)
        read = _fast(con, text, dialect, part) if text.clean else None
        return read if read is not None else _careful(con, text, dialect, part, clean)
    finally:
        copy.unlink(missing_ok=True)
        clean.unlink(missing_ok=True)


def _fast(con: duckdb.DuckDBPyConnection, text: TextFile, dialect: Dialect, part: Path) -> Read | None:
    """Read the file as it stands; None when it must be read with care."""
    if dialect.header_lines > 1 and text.quotes:
        return None
    rows = _copied(con, text.path, dialect, part, skip=dialect.header_lines, longest=0)
    if rows is None:
        return None
    if text.lines == rows + dialect.header_lines:
        return Read(rows, first_line=dialect.header_lines + 1)
    lines = _record_lines(text.path, dialect)
    return Read(rows, lines=lines) if len(lines) == rows else None


def _careful(con: duckdb.DuckDBPyConnection, text: TextFile, dialect: Dialect, part: Path, clean: Path) -> Read:
    with clean.open("wb") as opened:
        split = split_rows(_from(text.path, dialect.header_bytes), dialect, opened)
    lines = split.row_lines()
    rows = _copied(con, clean, dialect, part, skip=0, longest=split.longest)
    if rows != len(lines):
        raise InputError(
            f"{text.path.name} holds {len(lines)} rows, of which DuckDB's reader sees "
            f"{rows}. Nothing was imported. "
            "This is a defect of desirepath; please report it with the file.",
        )
    return Read(rows, _first_of(lines, split), lines, split.rejected)


def _first_of(lines: Lines, split: Split) -> int | None:
    even = len(lines) > 0 and int(lines[-1] - lines[0]) == len(lines) - 1
    return int(lines[0]) if even else None


def _copied(
    con: duckdb.DuckDBPyConnection, path: Path, dialect: Dialect, part: Path, *, skip: int, longest: int
) -> int | None:
    """Let DuckDB write the rows; None when it rejects any of them or gives up."""
    sizes = f", max_line_size = {LONGEST_LINE}, buffer_size = {2 * LONGEST_LINE}" if longest > 1 << 20 else ""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in dialect.columns)
    quote = literal(dialect.quote)
    con.execute("DROP TABLE IF EXISTS reject_errors")
    con.execute("DROP TABLE IF EXISTS reject_scans")
    if path.stat().st_size <= (dialect.header_bytes if skip else 0):
        columns = ", ".join(f"NULL::VARCHAR AS {quoted(name)}" for name in dialect.columns)
        con.execute(f"COPY (SELECT {columns} WHERE false) TO {literal(str(part))} {COPY_OPTIONS}")
        return 0
    try:
        rows = number_of(
            con,
            f"COPY (SELECT * FROM read_csv({literal(str(path))}, auto_detect = false, header "
            f"= false, skip = {skip}, "
            f"delim = {literal(dialect.delimiter)}, quote = {quote}, escape = {quote}, "
            f"columns = {{{columns}}}, "
            f"store_rejects = true, rejects_limit = 1{sizes})) TO {literal(str(part))} {COPY_OPTIONS}",
        )
    except duckdb.InvalidInputException:
        # Mixed line ends and the like stop the fast reader; the careful one unifies them first.
        return None
    return rows if number_of(con, "SELECT count(*) FROM reject_errors") == 0 else None


def _from(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as opened:
        opened.seek(start)
        while chunk := opened.read(_CHUNK):
            yield chunk


def _record_lines(path: Path, dialect: Dialect) -> Lines:
    """Return the line at which each record starts, by the parity of the quotes before it."""
    found: list[Lines] = []
    quote, last_byte = dialect.quote.encode(), 0
    offset, quotes, line, start, start_line = 0, 0, dialect.header_lines + 1, 0, dialect.header_lines + 1
    for chunk in _from(path, dialect.header_bytes):
        codes = np.frombuffer(chunk, dtype=np.uint8)
        feeds = np.flatnonzero(codes == 10)
        marks = np.flatnonzero(codes == quote[0]) if quote else feeds[:0]
        outside = (np.searchsorted(marks, feeds) + quotes) % 2 == 0
        ends, next_lines = feeds[outside], line + 1 + np.flatnonzero(outside)
        before = np.concatenate([[last_byte], codes[:-1]])[ends]
        starts = np.concatenate([[start], ends + offset + 1])
        lines = np.concatenate([[start_line], next_lines])
        length = ends + offset - starts[:-1]
        found.append(lines[:-1][(length > 1) | ((length == 1) & (before != 13))])
        start, start_line, last_byte = int(starts[-1]), int(lines[-1]), int(codes[-1])
        offset, quotes, line = offset + len(codes), quotes + len(marks), line + len(feeds)
    if offset > start:
        found.append(np.array([start_line], dtype=np.int64))
    return np.concatenate([*found, np.empty(0, dtype=np.int64)])


def write_lines(lines: Lines, path: Path) -> None:
    """Write the line of each row; small, because the numbers rise."""
    # Not `pa.array`, which would import pandas where there is one.
    numbers = pa.Array.from_buffers(pa.int64(), len(lines), [None, pa.py_buffer(lines.astype(np.int64))])
    table = pa.table({"line": numbers})
    pq.write_table(
        table, path, compression="zstd", use_dictionary=False, column_encoding={"line": "DELTA_BINARY_PACKED"}
    )
