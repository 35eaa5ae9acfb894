"""How are files archived?

As raw Parquet with everything a rebuild needs, in a folder that appears at once or never. The folder holds
one Parquet part per file, `mapping.yaml`, `manifest.json` and `rejected.parquet` (lines that could not become
rows). It is written under another name, checked, flushed to disk, and renamed; whatever goes wrong before
that leaves nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from desirepath.connectors.checks import check_archive
from desirepath.connectors.connector import Given
from desirepath.connectors.csv_reading import Read, read_csv, write_lines
from desirepath.connectors.files import SourceFile
from desirepath.connectors.json_reading import read_json
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.mapping_file import mapping_of
from desirepath.connectors.parquet_reading import read_parquet
from desirepath.connectors.placeholders import PLACEHOLDERS_VERSION
from desirepath.connectors.plan import ImportPlan, PlannedRaw, PlannedTable
from desirepath.connectors.raw_table import Part, RawTable
from desirepath.connectors.registry import connector
from desirepath.connectors.rejects import REASONS, RejectedLine
from desirepath.connectors.scratch import interruptible, scratch_connection
from desirepath.connectors.translating import read_records
from desirepath.connectors.wording import unused_words
from desirepath.errors import InputError, WorkspaceError
from desirepath.events.schema import QUARANTINE_SCHEMA
from desirepath.events.zones import microseconds

MANIFEST, MAPPING, REJECTED = "manifest.json", "mapping.yaml", "rejected.parquet"
_FORMAT = 1

Progress = Callable[[str, int, int | None], None]
"""Called with a stage, what is done and, if known, what there is to do; it may raise `CancelledError`."""


def silent(stage: str, done: int, total: int | None) -> None:
    """Show no progress."""


@dataclass(slots=True)
class ArchiveManifest:
    """What one import archived.

    Parameters
    ----------
    received_at
        When the import was made.
    tables
        For each table of the mapping, the raw table and what is joined to it.
    raws
        The raw tables.
    rejected
        Number of lines that could not become rows.
    warnings
        What is odd, but did not stand in the way.
    growing
        Whether parts may still be added, see `growing`.
    """

    received_at: dt.datetime
    tables: list[PlannedTable]
    raws: dict[str, RawTable]
    rejected: int = 0
    warnings: list[str] = field(default_factory=list)
    growing: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-able data."""
        return {
            "format": _FORMAT,
            "received_at": self.received_at.isoformat(),
            "tables": [asdict(table) for table in self.tables],
            "raw_tables": [raw.to_dict() for raw in self.raws.values()],
            "rejected": self.rejected,
            "warnings": self.warnings,
            "growing": self.growing,
            "placeholders": PLACEHOLDERS_VERSION,
            "duckdb": duckdb.__version__,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ArchiveManifest:
        """Read what `to_dict` gave."""
        raws = {raw["name"]: RawTable.from_dict(raw) for raw in data["raw_tables"]}
        tables = [
            PlannedTable(table["raw"], tuple((name, tuple(keys), label) for name, keys, label in table["joins"]))
            for table in data["tables"]
        ]
        return cls(
            dt.datetime.fromisoformat(data["received_at"]),
            tables,
            raws,
            data["rejected"],
            data["warnings"],
            data.get("growing", False),
        )


def archive_raw(
    plan: ImportPlan,
    folder: Path,
    *,
    received_at: dt.datetime,
    temp: Path,
    progress: Progress = silent,
    threads: int | None = None,
) -> ArchiveManifest:
    """Read the files of a plan into a new archive folder.

    Parameters
    ----------
    plan
        What `plan_import` found.
    folder
        The archive folder; it must not exist.
    received_at
        When this import was made, with its zone.
    temp
        An existing folder for copies and spilled data.
    progress
        Told the bytes read so far; raises `CancelledError` to stop.
    threads
        Number of threads; DuckDB's choice when None.

    Raises
    ------
    InputError
        When the folder exists or a file cannot be read.
    WorkspaceError
        When the disk or the memory does not suffice.
    MappingError
        When the mapping does not fit the rows: a column that is nowhere, a lookup whose key is not unique.
    TimeZoneNeededError
        When any time carries no zone and none is declared.
    """
    if folder.exists():
        raise InputError(f"The archive folder {folder} exists already.")
    if received_at.tzinfo is None:
        raise InputError("The moment of an import needs its time zone.")
    building = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        with interruptible():
            manifest = _build(plan, building, received_at.astimezone(dt.UTC), temp, progress, threads)
        flush(building)
        building.rename(folder)
        sync(folder.parent)
    except (duckdb.IOException, duckdb.OutOfMemoryException, OSError) as problem:
        raise WorkspaceError(f"The import could not be archived, and nothing was kept: {problem}.") from problem
    finally:
        # Once renamed, there is nothing left to remove.
        shutil.rmtree(building, ignore_errors=True)
    return manifest


def read_manifest(folder: Path) -> tuple[ArchiveManifest, Mapping]:
    """Read what an archive folder holds, and the mapping it was imported with.

    Raises
    ------
    InputError
        When the folder is no archive of ours.
    """
    try:
        data = json.loads((folder / MANIFEST).read_text("utf-8"))
        mapping = mapping_of(yaml.safe_load((folder / MAPPING).read_text("utf-8")), looked=str(folder / MAPPING))
        if data["format"] != _FORMAT:
            raise InputError(f"{folder} was archived in format {data['format']}; this version reads format {_FORMAT}.")
        return ArchiveManifest.from_dict(data), mapping
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as problem:
        raise InputError(f"{folder} is no readable archive: {problem}.") from None


def _build(
    plan: ImportPlan,
    building: Path,
    received_at: dt.datetime,
    temp: Path,
    progress: Progress,
    threads: int | None,
) -> ArchiveManifest:
    folders = {building, *(source.path.resolve().parent for raw in plan.raws for source in raw.files)}
    manifest = ArchiveManifest(received_at, list(plan.tables), {}, 0, list(plan.warnings))
    with (
        scratch_connection(folders, temp=temp, threads=threads) as con,
        _Rejects(building / REJECTED) as rejects,
    ):
        reader = _Reader(
            con, building, temp, progress, plan.bytes, rejects, manifest.warnings, plan.mapping, received_at
        )
        for raw in plan.raws:
            manifest.raws[raw.name] = reader.read(raw)
        progress("check", 0, None)
        manifest.warnings += check_archive(con, building, plan.mapping, manifest.tables, manifest.raws)
        manifest.rejected = rejects.count
    write_mapping(building, plan.mapping)
    write_manifest(building, manifest)
    return manifest


def write_mapping(folder: Path, mapping: Mapping) -> None:
    """Write the mapping of an archive folder."""
    (folder / MAPPING).write_text(yaml.safe_dump(mapping.to_dict(), sort_keys=False, allow_unicode=True), "utf-8")


def write_manifest(folder: Path, manifest: ArchiveManifest, name: str = MANIFEST) -> Path:
    """Write the manifest of an archive folder, or a draft of it under another name."""
    path = folder / name
    path.write_text(json.dumps(manifest.to_dict(), indent=1, ensure_ascii=False), "utf-8")
    return path


class _Rejects:
    """Writes lines that could not become rows, some thousand at a time."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._writer = pq.ParquetWriter(path, QUARANTINE_SCHEMA, compression="zstd")

    def __enter__(self) -> _Rejects:
        return self

    def __exit__(self, *problem: object) -> None:
        self._writer.close()

    def add(self, table: str, file: str, lines: list[RejectedLine]) -> None:
        for start in range(0, len(lines), 1000):
            some = lines[start : start + 1000]
            rows = [
                {
                    "table": table,
                    "file": file,
                    "line": line.line,
                    "record": line.record,
                    "reason_code": line.reason,
                    "reason": REASONS[line.reason] + (f" ({line.detail})" if line.detail else ""),
                    "raw": line.raw,
                }
                for line in some
            ]
            self._writer.write_table(pa.Table.from_pylist(rows, QUARANTINE_SCHEMA))
        self.count += len(lines)


@dataclass(slots=True)
class _Reader:
    con: duckdb.DuckDBPyConnection
    folder: Path
    temp: Path
    progress: Progress
    total: int
    rejects: _Rejects
    warnings: list[str]
    mapping: Mapping
    received_at: dt.datetime
    done: int = 0

    def read(self, raw: PlannedRaw) -> RawTable:
        table = RawTable(raw.name, "parquet" if raw.kind == "records" else raw.kind)
        keys: dict[str, str] = {}
        for number, source in enumerate(raw.files, 1):
            self.progress("read", self.done, self.total)
            name = raw.name if len(raw.files) == 1 else f"{raw.name}.{number:05d}"
            read = self._file(raw, source, self.folder / f"{name}.parquet")
            table.parts.append(self._part(raw, source, name, read))
            keys.update(dict.fromkeys(read.keys, "JSON"))
            self.done += source.size
        self.progress("read", self.done, self.total)
        if raw.kind == "json":
            table.columns = keys
        elif table.stored():
            try:
                rows = self.con.execute(f"DESCRIBE SELECT * FROM {table.scan(self.folder)}").fetchall()
            except (
                duckdb.ConversionException,
                duckdb.BinderException,
                duckdb.InvalidInputException,
            ) as problem:
                raise InputError(f"The files of {raw.name} cannot be one table: {problem}") from None
            table.columns = {str(row[0]): str(row[1]) for row in rows}
            if raw.kind == "records":
                self.warnings += unused_words(self.con, table.scan(self.folder), self.mapping)
        return table

    def _file(self, raw: PlannedRaw, source: SourceFile, part: Path) -> Read:
        located = SourceFile(source.path.resolve(), source.kind, source.compression)
        if raw.kind == "parquet":
            return read_parquet(self.con, located, part)
        if raw.kind == "records":
            return self._records(source, part)
        if raw.kind == "csv":
            return read_csv(self.con, located, raw.text, part, self.temp)
        return read_json(self.con, located, raw.text, part, self.temp)

    def _records(self, source: SourceFile, part: Path) -> Read:
        mapping, source_of = self.mapping, connector(str(self.mapping.connector))
        given = Given(mapping.options, mapping.time_zone, microseconds(self.received_at))

        def tell(records: int) -> None:
            # how far into the file is not known; a record has some hundred bytes
            self.progress("read", self.done + min(records * 300, source.size), self.total)

        return read_records(source_of, source.path, given, part, tell)

    def _part(self, raw: PlannedRaw, source: SourceFile, name: str, read: Read) -> Part:
        self.rejects.add(raw.name, source.path.name, read.rejected)
        part = Part(
            None,
            source.path.name,
            bytes=source.size,
            source_sha256=sha256(source.path),
            rejected=len(read.rejected),
        )
        if read.rows is None:
            self.warnings.append(f"{source.path.name} is empty: 0 rows.")
            return part
        if read.rows == 0 and not read.rejected:
            self.warnings.append(f"{source.path.name} holds no rows.")
        part.file, part.rows, part.first_line = f"{name}.parquet", read.rows, read.first_line
        part.sha256, part.records = sha256(self.folder / part.file), read.records
        if read.first_line is None and read.lines is not None and len(read.lines):
            part.lines_file = f"{name}.lines.parquet"
            write_lines(read.lines, self.folder / part.lines_file)
        return part


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def flush(folder: Path) -> None:
    """Make sure that a folder and all its files are on disk."""
    for path in sorted(folder.iterdir()):
        sync(path)
    sync(folder)


def sync(path: Path) -> None:
    """Make sure that a file, or what a folder says of its files, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
