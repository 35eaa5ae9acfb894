"""What is a raw table? The rows of one or more files as they stood, kept as Parquet parts, one part per file.

A row's `record` is its place in the table, from 1: the rows of the first part, then those of the second. It
is not stored, because Parquet's own row number says it. The physical line of a row is `first_line + record in
part` where every record is one line, and otherwise stands in a small file beside the part (`lines_file`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from desirepath.connectors.scratch import literal


@dataclass(slots=True)
class Part:
    """One file's rows in the archive.

    Parameters
    ----------
    file
        Name of the Parquet file in the archive folder, or None when the source file holds no rows and no
        header.
    source
        Name of the file that was imported.
    rows
        Number of its rows.
    bytes
        Size of the imported file.
    source_sha256, sha256
        Of the imported file and of the Parquet part.
    first_line
        Physical line of the first row when every row is one line; None when it is not known that way.
    lines_file
        Name of the Parquet file with the line of each row, when `first_line` does not tell.
    rejected
        Number of lines that could not become rows.
    records
        Number of records that the rows were made of, where a connector made them.
    """

    file: str | None
    source: str
    rows: int = 0
    bytes: int = 0
    source_sha256: str = ""
    sha256: str = ""
    first_line: int | None = None
    lines_file: str | None = None
    rejected: int = 0
    records: int | None = None


@dataclass(slots=True)
class RawTable:
    """A table of the archive.

    Parameters
    ----------
    name
        Its name, unique in the archive folder.
    kind
        `csv` (all columns VARCHAR), `json` (one column `line` of JSON text) or `parquet` (as typed).
    parts
        Its parts, in the order of their records.
    columns
        Name and DuckDB type of each column; for JSON the names of the top-level members.
    """

    name: str
    kind: str
    parts: list[Part] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of rows in all parts."""
        return sum(part.rows for part in self.parts)

    @property
    def records(self) -> int:
        """Number of rows, or of the records that a connector made them of."""
        return sum(part.rows if part.records is None else part.records for part in self.parts)

    def offsets(self) -> list[int]:
        """Return, for each stored part, how many records come before it."""
        found, before = [], 0
        for part in self.stored():
            found.append(before)
            before += part.rows
        return found

    def stored(self) -> list[Part]:
        """Return the parts that have a Parquet file."""
        return [part for part in self.parts if part.file is not None]

    def scan(self, folder: Path) -> str:
        """Return SQL that reads all parts, with the virtual columns `file_index` and `file_row_number`."""
        files = ", ".join(literal(str(folder.resolve() / str(part.file))) for part in self.stored())
        return f"read_parquet([{files}], union_by_name = true)"

    def record_sql(self) -> str:
        """Return SQL for a row's record, over `file_index` and `file_row_number`."""
        offsets = self.offsets()
        if len(offsets) == 1:
            return "(file_row_number + 1)"
        return f"(file_row_number + 1 + [{', '.join(map(str, offsets))}][(file_index + 1)::BIGINT])"

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RawTable:
        """Read what `to_dict` gave."""
        return cls(data["name"], data["kind"], [Part(**part) for part in data["parts"]], dict(data["columns"]))
