"""How does a JSON file become raw Parquet?

One text per row in the column `line`, as it stood, checked one by one. JSON lines, a list, objects one after
the other, or an object around a list: all are told from the content. Texts that may not become rows are set
aside with their line and bytes; `json_check` says which and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.csv_reading import COPY_OPTIONS, Read
from desirepath.connectors.csv_split import Lines, unified
from desirepath.connectors.files import SourceFile
from desirepath.connectors.json_check import doubtful_sql, json_fault
from desirepath.connectors.json_shapes import find_shapes
from desirepath.connectors.json_split import elements, list_start
from desirepath.connectors.mapping import TextFormat
from desirepath.connectors.rejects import LONGEST_LINE, RejectedLine
from desirepath.connectors.scratch import literal, number_of
from desirepath.connectors.text_check import TextFile, text_file
from desirepath.errors import InputError

LINE = "line"
"""The column that holds the text."""

_LARGEST_DOCUMENT = 1 << 30
_CHUNK = 8 << 20


def read_json(con: duckdb.DuckDBPyConnection, source: SourceFile, given: TextFormat, part: Path, temp: Path) -> Read:
    """Write the objects of a JSON file to the Parquet file `part`; parameters as `csv_reading.read_csv`."""
    copy, sieved, all_lines = (temp / (part.stem + ending) for ending in (".text", ".rows", ".all.parquet"))
    try:
        text = text_file(source, given.encoding, copy)
        if not _head(text.path).strip(b"\xef\xbb\xbf \t\r\n"):
            return Read(None)
        if given.records is None and _is_lines(text.path, source.path.name):
            lines, rejected = _lines_copied(con, text, all_lines, sieved)
            return _checked(con, all_lines, part, lines, rejected, line_each=lines is None)
        lines, rejected = _document_copied(con, text, given.records, all_lines)
        return _checked(con, all_lines, part, lines, rejected, line_each=False)
    finally:
        for path in (copy, sieved, all_lines):
            path.unlink(missing_ok=True)


def _head(path: Path, size: int = 1 << 20) -> bytes:
    with path.open("rb") as opened:
        return opened.read(size)


def _is_lines(path: Path, name: str) -> bool:
    bare = name.lower().removesuffix(".gz").removesuffix(".zst")
    if bare.endswith((".jsonl", ".ndjson")):
        return True
    first = _head(path).removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)
    if not first[0].startswith(b"{") or len(first) == 1:
        return first[0].startswith(b"{") and len(first[0]) < (1 << 20) and not _wraps_list(first[0])
    try:
        json.loads(first[0])
    except (ValueError, RecursionError):
        return False
    return bool(first[1].strip()) or not _wraps_list(first[0])


def _wraps_list(document: bytes) -> bool:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and any(
        isinstance(member, list) and any(isinstance(item, dict) for item in member) for member in value.values()
    )


def _lines_copied(
    con: duckdb.DuckDBPyConnection, text: TextFile, out: Path, sieved: Path
) -> tuple[Lines | None, list[RejectedLine]]:
    """Write every line to `out`; return the line of each row (None: rows are lines) and the rejects."""
    if text.clean and not text.bom and _copy_lines(con, text.path, out, 0) is not None:
        return None, []
    with sieved.open("wb") as opened:
        sieve = _Sieve(opened)
        sieve.read(_from(text.path, text.bom))
    if _copy_lines(con, sieved, out, sieve.longest) != len(sieve.lines):
        raise InputError(
            f"{text.path.name} cannot be read without loss; nothing was imported. Please report this with the file."
        )
    return np.array(sieve.lines, dtype=np.int64), sieve.rejected


def _copy_lines(con: duckdb.DuckDBPyConnection, path: Path, out: Path, longest: int) -> int | None:
    sizes = f", max_line_size = {LONGEST_LINE}, buffer_size = {2 * LONGEST_LINE}" if longest > 1 << 20 else ""
    con.execute("DROP TABLE IF EXISTS reject_errors")
    con.execute("DROP TABLE IF EXISTS reject_scans")
    try:
        rows = number_of(
            con,
            f"COPY (SELECT * FROM read_csv({literal(str(path))}, auto_detect = false, header "
            f"= false, delim = chr(1), quote = '', "
            f"escape = '', columns = {{'{LINE}': 'VARCHAR'}}, store_rejects = true, "
            f"rejects_limit = 1{sizes})) "
            f"TO {literal(str(out))} {COPY_OPTIONS}",
        )
    except duckdb.InvalidInputException:
        return None
    return rows if number_of(con, "SELECT count(*) FROM reject_errors") == 0 else None


class _Sieve:
    """Keeps the lines that DuckDB can read, and sets the others aside."""

    def __init__(self, out: IO[bytes]) -> None:
        self.lines: list[int] = []
        self.rejected: list[RejectedLine] = []
        self.longest = 0
        self._out, self._line = out, 1

    def read(self, text: Iterator[bytes]) -> None:
        rest = b""
        for chunk in unified(text):
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            self._take(lines)
            if len(rest) > 2 * LONGEST_LINE:
                raise InputError("A line is longer than 32 MB; JSON lines end with a line feed each.")
        self._take([rest] if rest else [])

    def _take(self, lines: list[bytes]) -> None:
        for line in lines:
            reason = _line_fault(line)
            if reason is not None:
                self.rejected.append(RejectedLine(self._line, reason, line))
            elif line.strip():
                self._out.write(line + b"\n")
                self.lines.append(self._line)
                self.longest = max(self.longest, len(line))
            self._line += 1


def _line_fault(line: bytes) -> str | None:
    if len(line) > LONGEST_LINE:
        return "line_too_long"
    if b"\0" in line:
        return "nul_character"
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return "encoding"
    return "json_invalid" if b"\x01" in line else None


def _from(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as opened:
        opened.seek(start)
        while chunk := opened.read(_CHUNK):
            yield chunk


def _document_copied(
    con: duckdb.DuckDBPyConnection, text: TextFile, pointer: str | None, out: Path
) -> tuple[Lines | None, list[RejectedLine]]:
    if text.clean and not text.bom and pointer is None and _head(text.path).lstrip().startswith(b"["):
        try:
            con.execute(
                f"COPY (SELECT json::VARCHAR AS {LINE} FROM "
                f"read_json_objects({literal(str(text.path))}, format = 'array', "
                f"maximum_object_size = {LONGEST_LINE})) TO {literal(str(out))} {COPY_OPTIONS}"
            )
        except duckdb.InvalidInputException:
            pass  # Something in it is broken: read on element by element.
        else:
            return None, []
    if text.size > _LARGEST_DOCUMENT:
        raise InputError(
            f"{text.path.name} is one JSON document of {text.size >> 20} MB; write it as JSON lines to import it."
        )
    content = text.path.read_bytes().decode("utf-8", "surrogateescape")
    start, inside = list_start(content, pointer, text.path.name)
    lines: list[int] = []
    rejected: list[RejectedLine] = []
    with pq.ParquetWriter(out, pa.schema([(LINE, pa.string())]), compression="zstd") as writer:
        batch: list[str] = []
        for element in elements(content, start, inside_list=inside):
            raw = element.text.encode("utf-8", "surrogateescape")
            reason = _line_fault(raw.replace(b"\x01", b"")) or (None if element.sound else "json_invalid")
            if reason is not None:
                rejected.append(RejectedLine(element.line, reason, raw))
                continue
            batch.append(element.text)
            lines.append(element.line)
            if len(batch) == 10_000:
                writer.write_table(pa.table({LINE: pa.array(batch, pa.string())}))
                batch = []
        writer.write_table(pa.table({LINE: pa.array(batch, pa.string())}))
    return np.array(lines, dtype=np.int64), rejected


def _checked(
    con: duckdb.DuckDBPyConnection,
    texts: Path,
    part: Path,
    lines: Lines | None,
    rejected: list[RejectedLine],
    *,
    line_each: bool,
) -> Read:
    """Leave out the texts that may not become rows.

    Parameters
    ----------
    con, part
        As for `read_json`.
    texts
        A Parquet file with all texts.
    lines
        The physical line of each, where it had to be found out.
    rejected
        What was set aside so far.
    line_each
        Whether each text is one line of the file, in order.
    """
    scan = f"read_parquet({literal(str(texts))})"
    count = number_of(con, f"SELECT count(*) FROM {scan}")
    if line_each:
        lines = np.arange(1, count + 1, dtype=np.int64)
    shapes = find_shapes(con, scan, LINE)
    keys = shapes.keys
    doubtful = con.execute(
        f"SELECT file_row_number, {LINE} FROM {scan} "
        f"WHERE {LINE} IS NULL OR trim({LINE}) = '' OR {doubtful_sql(LINE, shapes.twice, shapes.unknown)} ORDER BY 1"
    )
    dropped: list[int] = []
    while rows := doubtful.fetchmany(10_000):
        for number, text in rows:
            if text is None or not text.strip():
                dropped.append(number)
            elif (reason := json_fault(text)) is not None:
                dropped.append(number)
                line = None if lines is None else int(lines[number])
                rejected.append(RejectedLine(line, reason, text.encode(), record=number + 1))
    if not dropped:
        texts.replace(part)
        return Read(count, 1 if line_each else None, lines, rejected, keys)
    con.register("dropped", pa.table({"number": pa.array(dropped, pa.int64())}))
    con.execute(
        f"COPY (SELECT {LINE} FROM {scan} WHERE file_row_number NOT IN (SELECT number FROM dropped)) "
        f"TO {literal(str(part))} {COPY_OPTIONS}"
    )
    con.unregister("dropped")
    kept = None if lines is None else np.delete(lines, dropped)
    rejected.sort(key=lambda item: (item.line or 0, item.record or 0))
    return Read(count - len(dropped), None, kept, rejected, keys)
