"""Files that grow chunk by chunk: gzipped JSON lines by month, JSON lines, CSV. Memory stays at one chunk."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from desirepath.demo.clock import Clock, Ints
from desirepath.demo.text import raw_bytes


def put_texts(folder: Path, texts: Mapping[str, str]) -> None:
    """Put YAML files into a folder; what is there already stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / f"{name}.yaml"
        if not path.exists():
            path.write_text(text, encoding="utf-8")


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


class MonthlyLines:
    """`<stem>_YYYYMM.jsonl.gz`, each line in the file of the month of its arrival."""

    def __init__(self, folder: Path, stem: str, clock: Clock) -> None:
        self._folder, self._stem, self._clock = folder, stem, clock
        self._files: dict[str, Lines] = {}

    def write(self, lines: Any, arrival: Ints) -> None:
        """Append lines, each to the file of its month; the order inside a month is kept."""
        months = self._clock.month(arrival)
        for month in np.unique(months):
            name = f"{self._stem}_{str(month).replace('-', '')}.jsonl.gz"
            if name not in self._files:
                self._files[name] = Lines(self._folder / name)
            self._files[name].write(lines.filter(pa.array(months == month)))

    @property
    def counts(self) -> dict[str, int]:
        """Lines by file."""
        return {file.name: file.count for _, file in sorted(self._files.items())}

    def close(self) -> None:
        """Flush and close."""
        for file in self._files.values():
            file.close()


class Csv:
    """A CSV file with a header, and further headings if there are; null is the empty field."""

    def __init__(self, path: Path, headings: Sequence[Sequence[str]] = ()) -> None:
        self._file = path.open("wb")
        self._headings = headings
        self._writer: Any = None
        self.name = f"{path.parent.name}/{path.name}"
        self.count = 0

    def write(self, columns: dict[str, Any]) -> None:
        """Append rows."""
        table = pa.table({name: _flat(column) for name, column in columns.items()})
        if self._writer is None:
            head = io.StringIO()
            csv.writer(head, lineterminator="\n").writerows([list(columns), *self._headings])
            self._file.write(head.getvalue().encode())
            options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
            self._writer = pacsv.CSVWriter(self._file, table.schema, write_options=options)
        if len(table):
            self._writer.write_table(table)
        self.count += len(table)

    def close(self) -> None:
        """Flush and close."""
        if self._writer is not None:
            self._writer.close()
        self._file.close()


def _flat(column: Any) -> Any:
    array = column if isinstance(column, (pa.Array, pa.ChunkedArray)) else pa.array(column)
    return array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array
