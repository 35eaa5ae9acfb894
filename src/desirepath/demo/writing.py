"""Files that grow chunk by chunk: monthly Parquet, gzipped JSON lines, CSV. Memory stays at one chunk."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from desirepath.demo.text import raw_bytes


class MonthlyParquet:
    """`<stem>-YYYY-MM.parquet`, a row group per chunk and month."""

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder, self._stem = folder, stem
        self._writers: dict[str, Any] = {}
        self.counts: dict[str, int] = {}

    def write(self, table: Any, months: Any) -> None:
        """Append rows, each to the file of its month; the order inside a month is kept."""
        for month in np.unique(months):
            part = table.filter(pa.array(months == month))
            self._writer(str(month), part.schema).write_table(part)
            name = f"{self._folder.name}/{self._stem}-{month}.parquet"
            self.counts[name] = self.counts.get(name, 0) + len(part)

    def _writer(self, month: str, schema: Any) -> Any:
        if month not in self._writers:
            few = [field.name for field in schema if pa.types.is_dictionary(field.type)]
            self._writers[month] = pq.ParquetWriter(
                self._folder / f"{self._stem}-{month}.parquet",
                schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=few,
                store_schema=False,
            )
        return self._writers[month]

    def close(self) -> None:
        """Write the footers."""
        for writer in self._writers.values():
            writer.close()


class Lines:
    """A text file of JSON lines, gzipped when its name ends in .gz (no time inside: repeatable bytes)."""

    def __init__(self, path: Path) -> None:
        self._raw: IO[bytes] = path.open("wb")
        self._sink: Any = self._raw
        if path.suffix == ".gz":
            self._sink = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, compresslevel=1, mtime=0)
        self.name = f"{path.parent.name}/{path.name}"
        self.count = 0

    def write(self, lines: Any) -> None:
        """Append a column of texts that end in a newline."""
        self._sink.write(raw_bytes(lines))
        self.count += len(lines)

    def close(self) -> None:
        """Flush and close."""
        if self._sink is not self._raw:
            self._sink.close()
        self._raw.close()


class Csv:
    """A CSV file with a header; null is the empty field."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None
        self.name = f"{path.parent.name}/{path.name}"
        self.count = 0

    def write(self, columns: dict[str, Any]) -> None:
        """Append rows."""
        table = pa.table({name: _flat(column) for name, column in columns.items()})
        if self._writer is None:
            options = pacsv.WriteOptions(include_header=True, quoting_style="needed", quoting_header="none")
            self._writer = pacsv.CSVWriter(self._path, table.schema, write_options=options)
        if len(table):
            self._writer.write_table(table)
        self.count += len(table)

    def close(self) -> None:
        """Flush and close."""
        if self._writer is not None:
            self._writer.close()


def _flat(column: Any) -> Any:
    array = column if isinstance(column, (pa.Array, pa.ChunkedArray)) else pa.array(column)
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array
