"""How is one person taken out of an archive folder? Beside it first, and then file by file.

The rows that are theirs alone are left out, their names in rows of others are taken out, and so are lines that could
not be read and hold one of their names. What is written new stands in a folder of its own until everything is ready.
Then the new parts are moved in under names of their own, and the manifest last: whatever stops this, the folder is
the old archive or the new one, and what belongs to neither is swept out the next time.

Later rows of a table move up. An event's id is made of what its row says and not of its place, so ids stay; `record`
and the number of rows become what an import of the remaining rows would have given.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from desirepath.connectors.archive import (
    MANIFEST,
    MAPPING,
    REJECTED,
    ArchiveManifest,
    flush,
    read_manifest,
    sha256,
    sync,
    write_manifest,
)
from desirepath.connectors.csv_reading import COPY_OPTIONS, write_lines
from desirepath.connectors.mapping_file import mapping_of
from desirepath.connectors.ownership import Ownership, Sought
from desirepath.connectors.plan import PlannedTable
from desirepath.connectors.raw_table import Part
from desirepath.connectors.redaction import Mentions
from desirepath.connectors.scratch import interruptible, literal, number_of, quoted, scratch_connection
from desirepath.errors import MappingError, WorkspaceError
from desirepath.events.schema import QUARANTINE_SCHEMA

Cells = dict[str, tuple[str | None, int, str]]
"""By column: the new value, how many names it held, and the old value."""


@dataclass(slots=True)
class Survey:
    """What one archive folder holds of one person.

    Parameters
    ----------
    rows
        By raw table, the records that are theirs alone.
    edits
        By raw table and record, what changes in the rows of others.
    rejected
        The places of unreadable lines that hold their names.
    quarantined
        How many of the rows could not become an event.
    described
        How many names the folder's descriptions hold: names of files, conditions of the mapping.
    kept
        Ids of events that are theirs and stay: of a shared device, in a row that makes an event of somebody else too.
    """

    rows: dict[str, list[int]] = field(default_factory=dict)
    edits: dict[str, dict[int, Cells]] = field(default_factory=dict)
    rejected: list[int] = field(default_factory=list)
    quarantined: int = 0
    described: int = 0
    kept: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.rows or self.edits or self.rejected or self.described)

    def counts(self) -> Counter[str]:
        """How much there is, for the receipt."""
        hits = sum(hits for rows in self.edits.values() for row in rows.values() for _, hits, _ in row.values())
        return Counter(
            imports=int(bool(self)),
            raw_rows=sum(map(len, self.rows.values())),
            quarantined=self.quarantined + len(self.rejected),
            redactions=hits + self.described,
            redacted_rows=sum(map(len, self.edits.values())),
        )


def survey(folder: Path, sought: Sought, *, temp: Path) -> Survey:
    """Find what an archive folder holds of a person; nothing is written.

    Parameters
    ----------
    folder
        What `archive_raw` wrote.
    sought
        The person.
    temp
        An existing folder for spilled data.

    Raises
    ------
    InputError
        When the folder is no archive.
    """
    manifest, mapping = read_manifest(folder)
    found = Survey()
    with interruptible(), scratch_connection([folder], temp=temp) as con:
        ownership = Ownership(con, folder, manifest, mapping, sought)
        for name, one in ownership.survey().items():
            found.quarantined += one.quarantined
            found.kept |= one.kept
            if one.theirs:
                found.rows[name] = sorted(one.theirs)
            if edits := ownership.edits(name, one.named):
                found.edits[name] = edits
    raws = pq.read_table(folder / REJECTED, columns=["raw"]).column("raw").to_pylist()
    said = (raw.decode("utf-8", "surrogateescape") for raw in raws)
    found.rejected = [place for place, line in enumerate(said) if sought.mentions.stand_in(line)]
    found.described = _described(folder, manifest, sought.mentions)[1]
    return found


def stage(folder: Path, found: Survey, mentions: Mentions, into: Path, *, temp: Path) -> None:
    """Write an archive folder without a person beside it, whole and ready to be mapped.

    Parameters
    ----------
    folder
        The archive folder; it is not touched.
    found
        What `survey` found in it.
    mentions
        The person's names.
    into
        The folder to write, on the same file system; its name is the archive folder's own.
    temp
        An existing folder for spilled data.

    Raises
    ------
    WorkspaceError
        When a part does not come out as it should.
    """
    into.mkdir(parents=True)
    manifest, _ = read_manifest(folder)
    with interruptible(), scratch_connection([folder, into], temp=temp) as con:
        titles = _titles(manifest, mentions)
        for raw in manifest.raws.values():
            rows, edits = found.rows.get(raw.name, []), found.edits.get(raw.name, {})
            for before, part in zip(raw.offsets(), list(raw.stored()), strict=True):
                last = before + part.rows
                gone = [record - before - 1 for record in rows if before < record <= last]
                changed = {record - before - 1: cells for record, cells in edits.items() if before < record <= last}
                title = titles[raw.name] + str(part.file).removeprefix(raw.name)
                if gone or changed:
                    _rewrite(con, folder, into, part, _fresh(folder, title), gone, changed)
                else:
                    part.file = _link(folder, into, part.file, None if title == part.file else _fresh(folder, title))
                    part.lines_file = _link(folder, into, part.lines_file, _lines_name(str(part.file)))
    mapping, _ = _described(folder, manifest, mentions)
    if mapping is None:
        _link(folder, into, MAPPING)
    else:
        (into / MAPPING).write_text(mapping, "utf-8")
    _stage_rejected(folder, into, manifest, found.rejected, mentions, titles)
    _rename(manifest, titles)
    write_manifest(into, manifest)
    flush(into)


def commit(staged: Path, folder: Path) -> None:
    """Move what was staged into the archive folder; may be called again after it was stopped."""
    for path in sorted(staged.iterdir()):
        there = folder / path.name
        if path.name != MANIFEST and not (there.exists() and there.samefile(path)):
            os.replace(path, there)
    sync(folder)
    if (staged / MANIFEST).exists():
        os.replace(staged / MANIFEST, folder / MANIFEST)
        sync(folder)
    sweep(folder)


def sweep(folder: Path) -> None:
    """Remove the files that the manifest of an archive folder does not name."""
    manifest, _ = read_manifest(folder)
    parts = [part for raw in manifest.raws.values() for part in raw.parts]
    known = {MANIFEST, MAPPING, REJECTED, *(part.file for part in parts), *(part.lines_file for part in parts)}
    for path in folder.iterdir():
        if path.name not in known:
            path.unlink()
    sync(folder)


def _rewrite(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    into: Path,
    part: Part,
    name: str,
    gone: list[int],
    changed: dict[int, Cells],
) -> None:
    """Write one part without the rows that go and with the values that change."""
    old = folder / str(part.file)
    scan = f"read_parquet({literal(str(old.resolve()))})"
    types = {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}
    columns = sorted({column for cells in changed.values() for column in cells if column in types})
    con.register("gone", pa.table({"row": pa.array(gone, pa.int64())}))
    con.register("edits", _edits(changed, columns))
    chosen = [
        f"{_edited(columns.index(one), one, kind)} AS {quoted(one)}" if one in columns else f"t.{quoted(one)}"
        for one, kind in types.items()
    ]
    part.file = name
    written = number_of(
        con,
        f"COPY (SELECT {', '.join(chosen)} FROM {scan} AS t LEFT JOIN edits AS e ON e.row = t.file_row_number "
        f"WHERE t.file_row_number NOT IN (SELECT row FROM gone) ORDER BY t.file_row_number) "
        f"TO {literal(str(into.resolve() / part.file))} {COPY_OPTIONS}",
    )
    if written != part.rows - len(gone):
        raise WorkspaceError(
            f"{old.name} should keep {part.rows - len(gone):,} rows and keeps {written:,}, which is a defect of "
            "desirepath. Nothing was erased.",
            looked=str(folder),
        )
    _rewrite_lines(folder, into, part, gone)
    part.rows, part.sha256 = written, sha256(into / part.file)


def _edits(changed: Mapping[int, Cells], columns: list[str]) -> pa.Table:
    """Per row that changes: of each column whether it does (`f0`, `f1`, …), and its new value (`v0`, …)."""
    table = {"row": pa.array(list(changed), pa.int64())}
    for number, name in enumerate(columns):
        table[f"f{number}"] = pa.array([name in cells for cells in changed.values()], pa.bool_())
        values = [cells[name][0] if name in cells else None for cells in changed.values()]
        table[f"v{number}"] = pa.array(values, pa.string())
    return pa.table(table)


def _edited(number: int, name: str, kind: str) -> str:
    nested = kind == "JSON" or kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION"))
    text = f"TRY_CAST(e.v{number} AS JSON)" if nested else f"e.v{number}"
    # a number that is taken out leaves nothing: a mark would not be a number
    return f"CASE WHEN e.f{number} THEN TRY_CAST({text} AS {kind}) ELSE t.{quoted(name)} END"


def _rewrite_lines(folder: Path, into: Path, part: Part, gone: list[int]) -> None:
    """The rows that stay keep the lines that they had in their file."""
    if not gone:
        part.lines_file = _link(folder, into, part.lines_file, _lines_name(str(part.file)))
        return
    if part.first_line is not None:
        lines = np.arange(part.first_line, part.first_line + part.rows, dtype=np.int64)
    elif part.lines_file is not None:
        lines = pq.read_table(folder / part.lines_file).column("line").to_numpy()
    else:
        return
    part.first_line, part.lines_file = None, _lines_name(str(part.file))
    write_lines(np.delete(lines, gone), into / part.lines_file)


def _lines_name(file: str) -> str:
    return file.removesuffix(".parquet") + ".lines.parquet"


def _fresh(folder: Path, name: str) -> str:
    """A name for a new part that no file of the folder ever had."""
    stem = re.sub(r"(\.erased-\d+)?\.parquet$", "", name)
    number = 1
    while (folder / f"{stem}.erased-{number}.parquet").exists():
        number += 1
    return f"{stem}.erased-{number}.parquet"


def _link(folder: Path, into: Path, name: str | None, title: str | None = None) -> str | None:
    """Let a file stand in both folders, here perhaps under another name; return that."""
    if name is None:
        return None
    there = title or name
    try:
        os.link(folder / name, into / there)
    except OSError:  # not every file system can
        shutil.copy2(folder / name, into / there)
    return there


def _titles(manifest: ArchiveManifest, mentions: Mentions) -> dict[str, str]:
    """The name of each raw table without the person's; a file of one person may have given it."""
    found: dict[str, str] = {}
    for name in manifest.raws:
        plain = title = mentions.replaced(name, mark="erased")[0]
        number = 1
        while title != name and (title in manifest.raws or title in found.values()):
            number += 1
            title = f"{plain}_{number}"
        found[name] = title
    return found


def _rename(manifest: ArchiveManifest, titles: Mapping[str, str]) -> None:
    for raw in manifest.raws.values():
        raw.name = titles[raw.name]
    manifest.raws = {raw.name: raw for raw in manifest.raws.values()}
    manifest.tables = [
        PlannedTable(titles[table.raw], tuple((titles[name], keys, label) for name, keys, label in table.joins))
        for table in manifest.tables
    ]


def _described(folder: Path, manifest: ArchiveManifest, mentions: Mentions) -> tuple[str | None, int]:
    """Take names out of what describes the rows.

    Changes names of files and warnings in `manifest`; names of tables are only counted.

    Returns
    -------
    The mapping's new text, None where it stays; and how many names there were.
    """
    total = sum(name != title for name, title in _titles(manifest, mentions).items())
    for raw in manifest.raws.values():
        for part in raw.parts:
            part.source, hits = mentions.replaced(part.source)
            total += hits
        if raw.kind == "json":  # of other tables the names of columns stay: rows are told apart by them
            raw.columns = {mentions.replaced(name)[0]: kind for name, kind in raw.columns.items()}
    for number, text in enumerate(manifest.warnings):
        manifest.warnings[number], hits = mentions.replaced(text)
        total += hits
    data, hits = _cleaned(yaml.safe_load((folder / MAPPING).read_text("utf-8")), mentions)
    if not hits:
        return None, total
    try:
        mapping_of(data, looked=str(folder / MAPPING))
    except MappingError:
        return None, total
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True), total + hits


def _cleaned(data: Any, mentions: Mentions) -> tuple[Any, int]:
    """Plain data without names in its texts; keys stay."""
    if isinstance(data, str):
        return mentions.replaced(data)
    if isinstance(data, dict):
        found = {key: _cleaned(value, mentions) for key, value in data.items()}
        return {key: value for key, (value, _) in found.items()}, sum(hits for _, hits in found.values())
    if isinstance(data, list):
        items = [_cleaned(value, mentions) for value in data]
        return [value for value, _ in items], sum(hits for _, hits in items)
    return data, 0


def _stage_rejected(
    folder: Path,
    into: Path,
    manifest: ArchiveManifest,
    gone: list[int],
    mentions: Mentions,
    titles: Mapping[str, str],
) -> None:
    """Write the unreadable lines without those that go, and count them again."""
    table = pq.read_table(folder / REJECTED, schema=QUARANTINE_SCHEMA)
    without = set(gone)
    kept = [row for place, row in enumerate(table.to_pylist()) if place not in without]
    hits = len(gone)
    for row in kept:
        row["file"], found = mentions.replaced(row["file"])
        hits += found
    if not hits and all(name == title for name, title in titles.items()):
        _link(folder, into, REJECTED)
        return
    left = Counter((row["table"], row["file"]) for row in kept)
    for raw in manifest.raws.values():
        for part in raw.parts:
            # files of one name in several folders share what is left
            part.rejected = min(part.rejected, left[raw.name, part.source])
            left[raw.name, part.source] -= part.rejected
    manifest.rejected = len(kept)
    for row in kept:
        row["table"] = titles[row["table"]]
    pq.write_table(pa.Table.from_pylist(kept, QUARANTINE_SCHEMA), into / REJECTED, compression="zstd")
