"""What do the first rows of a file look like? Read without an archive, for checks, guesses and previews."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.csv_dialect import dialect_of, reader_of
from desirepath.connectors.files import SourceFile, chunks
from desirepath.connectors.json_reading import LINE, read_json
from desirepath.connectors.mapping import TextFormat
from desirepath.connectors.parquet_reading import parquet_columns
from desirepath.connectors.scratch import literal, scratch_connection
from desirepath.connectors.text_check import text_file

_SAMPLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Peek:
    """The beginning of a file.

    Parameters
    ----------
    columns
        Name and DuckDB type of each column.
    rows
        Its first rows, by column name; texts for CSV, Python values otherwise.
    complete
        Whether every column of the file is among `columns`.
    """

    columns: dict[str, str]
    rows: list[dict[str, object]]
    complete: bool


def peek(source: SourceFile, given: TextFormat, rows: int = 1000) -> Peek:
    """Look at the beginning of a file.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    if source.kind == "parquet":
        path = source.path.resolve()
        with tempfile.TemporaryDirectory() as temp, scratch_connection([path.parent], temp=Path(temp)) as con:
            columns = parquet_columns(con, path)
        return Peek(columns, _parquet_rows(source.path, list(columns), rows), True)
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / source.path.name.removesuffix(".gz").removesuffix(".zst")
        whole = _sample(source, sample)
        plain = SourceFile(sample, source.kind, None)
        text = text_file(plain, given.encoding, Path(folder) / "text")
        if source.kind == "json":
            return _json(plain, given, Path(folder), rows, whole)
        return _csv(text.path, given, text.bom, rows)


def _sample(source: SourceFile, sample: Path) -> bool:
    """Write the first whole lines of a file to `sample`; return whether that is all of it."""
    taken = b"".join(itertools.islice(chunks(source, _SAMPLE), 2))
    whole = len(taken) <= _SAMPLE
    sample.write_bytes(taken if whole else taken[:_SAMPLE])
    return whole


def _csv(path: Path, given: TextFormat, bom: int, rows: int) -> Peek:
    dialect = dialect_of(path, given, bom)
    if dialect is None:
        return Peek({}, [], True)
    content = path.read_bytes()[dialect.header_bytes :].decode("utf-8", "replace").replace("\0", "")
    reader = reader_of(io.StringIO(content, newline=""), dialect.delimiter, dialect.quote)
    found: list[dict[str, object]] = []
    try:
        for record in reader:
            if len(record) == len(dialect.columns):
                found.append(dict(zip(dialect.columns, record, strict=True)))
            if len(found) == rows:
                break
    except csv.Error:
        pass  # A damaged sample shows what was read of it; the import tells what is wrong.
    return Peek(dict.fromkeys(dialect.columns, "VARCHAR"), found, True)


def _json(source: SourceFile, given: TextFormat, folder: Path, rows: int, whole: bool) -> Peek:
    part = folder / "part.parquet"
    with scratch_connection([folder], temp=folder) as con:
        read = read_json(con, source, given, part, folder)
        if read.rows is None:
            return Peek({}, [], True)
        texts = con.execute(f"SELECT {LINE} FROM read_parquet({literal(str(part))}) LIMIT {rows}").fetchall()
    return Peek(dict.fromkeys(read.keys, "JSON"), [json.loads(text) for (text,) in texts], whole)


def _parquet_rows(path: Path, names: list[str], rows: int) -> list[dict[str, object]]:
    with pq.ParquetFile(path) as opened:
        batch = next(opened.iter_batches(batch_size=rows), None)
    if batch is None:
        return []
    columns = [_values(batch.column(number)) for number in range(batch.num_columns)]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _values(column: pa.Array) -> list[object]:
    """The values of a column; those that Python has not, such as the year 20000, are None."""
    try:
        return list(column.to_pylist())
    except (OverflowError, ValueError):
        return [_value(one) for one in column]


def _value(one: pa.Scalar) -> object:
    try:
        return one.as_py()
    except (OverflowError, ValueError):
        return None
