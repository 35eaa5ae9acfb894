"""How does an archive grow while events stream in? Part by part, in one folder for hours of one source.

A step of the drain is staged first: a small archive folder of its own, in scratch space, from which its events are
mapped. Then its part is adopted by the folder that grows: linked, flushed, and named by a manifest that replaces the
former one at a stroke. Parts bear the numbers of the requests they were made of, so that after a crash those beyond
the database's cursor are known, and taken away again. Records keep their numbers when small parts are run together.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.archive import (
    MANIFEST,
    REJECTED,
    ArchiveManifest,
    flush,
    read_manifest,
    sha256,
    sync,
    write_manifest,
    write_mapping,
)
from desirepath.connectors.erasure import sweep
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.plan import PlannedTable
from desirepath.connectors.raw_table import Part, RawTable
from desirepath.connectors.rejects import REASONS, RejectedLine
from desirepath.connectors.translated_sql import TRANSLATED
from desirepath.events.schema import QUARANTINE_SCHEMA

MOST_PARTS = 40
"""Parts of a folder beyond which they are run together."""

MOST_ROWS = 2_000_000
"""Rows of a folder beyond which another one is begun."""

_LABEL = re.compile(r"inbox (\d+)-(\d+)")


def label_of(first: int, last: int) -> str:
    """The name of a part that was made of these requests."""
    return f"inbox {first}-{last}"


def requests_of(part: Part) -> tuple[int, int]:
    """The first and last request of a part; zeros for a part of a file."""
    return _requests_in(part.source)


def _requests_in(label: str) -> tuple[int, int]:
    found = _LABEL.fullmatch(label)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def stage(
    folder: Path, mapping: Mapping, rows: pa.RecordBatch, records: int, rejected: Sequence[RejectedLine], label: str
) -> None:
    """Write what a step gave for one source, as an archive folder of one part.

    Parameters
    ----------
    folder
        The folder to make; not flushed, as it can be made again.
    mapping
        The source.
    rows, records, rejected
        What a `Translation` gave.
    label
        See `label_of`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    name = str(mapping.connector)
    part = Part(f"{name}.parquet", label, rows.num_rows, rejected=len(rejected), records=records)
    pq.write_table(pa.Table.from_batches([rows], TRANSLATED), folder / str(part.file), compression="zstd")
    part.sha256 = sha256(folder / str(part.file))
    entries = [
        {
            "table": name,
            "file": label,
            "line": None,
            "record": line.record,
            "reason_code": line.reason,
            "reason": REASONS[line.reason] + (f" ({line.detail})" if line.detail else ""),
            "raw": line.raw,
        }
        for line in rejected
    ]
    pq.write_table(pa.Table.from_pylist(entries, QUARANTINE_SCHEMA), folder / REJECTED, compression="zstd")
    raw = RawTable(name, "parquet", [part], dict(_columns()))
    write_mapping(folder, mapping)
    write_manifest(folder, _manifest(raw, len(rejected)))


def begin(folder: Path, mapping: Mapping) -> None:
    """Make an archive folder that parts can be added to; it appears at once or never."""
    draft = folder.with_name(folder.name + ".tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    pq.write_table(QUARANTINE_SCHEMA.empty_table(), draft / REJECTED, compression="zstd")
    manifest = _manifest(RawTable(str(mapping.connector), "parquet"), 0)
    manifest.growing = True
    write_mapping(draft, mapping)
    write_manifest(draft, manifest)
    flush(draft)
    draft.rename(folder)
    sync(folder.parent)


def _number_of(part: Part, raw: RawTable) -> int:
    """The number of a part's file, which an erasure calls `segment.00001.erased-1.parquet`."""
    found = re.match(rf"{re.escape(raw.name)}\.(\d+)", str(part.file))
    return int(found[1]) if found else 0


def adopt(folder: Path, staged: Path) -> int:
    """Add the part of a staged folder to one that grows, and return how many rows were there before.

    Raises
    ------
    OSError
        When the disk is full; the folder is as it was then, but for files that nothing names.
    """
    manifest, _ = read_manifest(folder)
    new, _ = read_manifest(staged)
    raw, added = next(iter(manifest.raws.values())), next(iter(new.raws.values()))
    part = added.parts[0]
    before = raw.rows
    number = 1 + max((_number_of(one, raw) for one in raw.stored()), default=0)
    name = f"{raw.name}.{number:05d}.parquet"
    (folder / name).unlink(missing_ok=True)
    try:
        os.link(staged / str(part.file), folder / name)
    except OSError:
        shutil.copy2(staged / str(part.file), folder / name)
    sync(folder / name)
    part.file = name
    raw.parts.append(part)
    raw.columns = added.columns
    manifest.tables = new.tables
    if new.rejected:
        _rejected(folder, [pq.read_table(folder / REJECTED), pq.read_table(staged / REJECTED)])
        manifest.rejected += new.rejected
    replace_manifest(folder, manifest)
    return before


def replace_manifest(folder: Path, manifest: ArchiveManifest) -> None:
    """Put a new manifest in the place of the old one, at a stroke."""
    draft = write_manifest(folder, manifest, MANIFEST + ".tmp")
    sync(draft)
    os.replace(draft, folder / MANIFEST)
    sync(folder)


def take_back(folder: Path, after: int) -> bool:
    """Take away the parts of requests after a number; return whether there were any."""
    manifest, _ = read_manifest(folder)
    raw = next(iter(manifest.raws.values()))
    gone = [part for part in raw.parts if requests_of(part)[0] > after]
    # the entries may be there without their part: they are written before it
    entries = pq.read_table(folder / REJECTED, schema=QUARANTINE_SCHEMA).to_pylist()
    kept = [entry for entry in entries if _requests_in(str(entry["file"]))[0] <= after]
    if len(kept) != len(entries):
        _rejected(folder, [pa.Table.from_pylist(kept, QUARANTINE_SCHEMA)])
    if gone or manifest.rejected != len(kept):
        manifest.rejected = len(kept)
        raw.parts = [part for part in raw.parts if part not in gone]
        replace_manifest(folder, manifest)
    sweep(folder)
    return bool(gone)


def run_together(folder: Path) -> bool:
    """Make one part of many small ones; return whether there were many."""
    manifest, _ = read_manifest(folder)
    raw = next(iter(manifest.raws.values()))
    if len(raw.parts) <= MOST_PARTS:
        return False
    old = list(raw.parts)
    number = max(_number_of(part, raw) for part in old)
    name = f"{raw.name}.{number:05d}-{len(old)}.parquet"
    with pq.ParquetWriter(folder / name, TRANSLATED, compression="zstd") as writer:
        for part in old:
            writer.write_table(pq.read_table(folder / str(part.file), schema=TRANSLATED))
    sync(folder / name)
    first, last = requests_of(old[0])[0], requests_of(old[-1])[1]
    raw.parts = [
        Part(
            name,
            label_of(first, last),
            sum(part.rows for part in old),
            sha256=sha256(folder / name),
            rejected=sum(part.rejected for part in old),
            records=sum(part.records or 0 for part in old),
        )
    ]
    replace_manifest(folder, manifest)
    for part in old:
        (folder / str(part.file)).unlink(missing_ok=True)
    return True


def growing_of(folders: Iterable[Path]) -> list[Path]:
    """The archive folders that parts may be added to."""
    return [folder for folder in folders if read_manifest(folder)[0].growing]


def _rejected(folder: Path, tables: Sequence[pa.Table]) -> None:
    draft = folder / (REJECTED + ".tmp")
    pq.write_table(pa.concat_tables([table.cast(QUARANTINE_SCHEMA) for table in tables]), draft, compression="zstd")
    sync(draft)
    os.replace(draft, folder / REJECTED)


def _manifest(raw: RawTable, rejected: int) -> ArchiveManifest:
    now = dt.datetime.now(dt.UTC)
    return ArchiveManifest(now, [PlannedTable(raw.name)], {raw.name: raw}, rejected)


@cache
def _columns() -> tuple[tuple[str, str], ...]:
    """Names and DuckDB types of a translated table."""
    con = duckdb.connect()
    try:
        con.register("translated", TRANSLATED.empty_table())
        rows = con.execute("DESCRIBE SELECT * FROM translated").fetchall()
    finally:
        con.close()
    return tuple((str(row[0]), str(row[1])) for row in rows)
