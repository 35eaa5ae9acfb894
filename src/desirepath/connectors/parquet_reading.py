"""How does a Parquet file become raw Parquet?

Column by column, with its types, and names that a mapping can use.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.csv_dialect import distinct_names
from desirepath.connectors.csv_reading import COPY_OPTIONS, Read
from desirepath.connectors.files import SourceFile
from desirepath.connectors.scratch import literal, number_of, quoted
from desirepath.errors import InputError


def parquet_columns(con: duckdb.DuckDBPyConnection, path: Path) -> dict[str, str]:
    """Return the name and DuckDB type of each column.

    Raises
    ------
    InputError
        When the file is damaged.
    """
    try:
        rows = con.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(path))})").fetchall()
        # DuckDB renames columns that differ only by case; the names in the file are taken instead.
        names = pq.read_schema(path).names
    except (duckdb.Error, pa.ArrowException, OSError) as problem:
        raise InputError(f"{path} cannot be read as Parquet: {_first_line(problem)}") from None
    return dict(zip(distinct_names(names), (str(row[1]) for row in rows), strict=True))


def read_parquet(con: duckdb.DuckDBPyConnection, source: SourceFile, part: Path) -> Read:
    """Write the rows of a Parquet file to the Parquet file `part`.

    Raises
    ------
    InputError
        When the file is damaged.
    """
    names = parquet_columns(con, source.path)
    scan = f"read_parquet({literal(str(source.path))})"
    renamed = f"(SELECT * FROM {scan}) AS raw({', '.join(map(quoted, names))})"
    try:
        rows = number_of(con, f"COPY (SELECT * FROM {renamed}) TO {literal(str(part))} {COPY_OPTIONS}")
    except (duckdb.IOException, duckdb.InvalidInputException) as problem:
        raise InputError(f"{source.path} cannot be read as Parquet: {_first_line(problem)}") from None
    return Read(rows)


def _first_line(problem: Exception) -> str:
    return str(problem).partition("\n")[0]
