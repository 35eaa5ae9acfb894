"""What do archived rows say? Many of them at once, as data, with the file and the line that they stood at."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.archive import REJECTED, read_manifest
from desirepath.connectors.json_reading import LINE
from desirepath.connectors.raw_table import Part
from desirepath.connectors.scratch import interruptible, literal, scratch_connection


def archived_rows(folder: Path, records: Mapping[str, Collection[int]], *, temp: Path) -> Iterator[dict[str, Any]]:
    """Give rows of an archive folder.

    Parameters
    ----------
    folder
        What `archive_raw` wrote.
    records
        Which rows, by raw table.
    temp
        An existing folder for spilled data.

    Returns
    -------
    Of each row `table`, `record`, `file`, `line` (None where a file has no lines) and `row`, its columns.
    """
    manifest, _ = read_manifest(folder)
    with interruptible(), scratch_connection([folder], temp=temp) as con:
        for name, wanted in records.items():
            raw = manifest.raws[name]
            text = f"t.{LINE}" if raw.kind == "json" else "CAST(to_json(t) AS VARCHAR)"
            for before, part in zip(raw.offsets(), raw.stored(), strict=True):
                inside = sorted(record - before - 1 for record in wanted if before < record <= before + part.rows)
                if not inside:
                    continue
                con.register("chosen", pa.table({"row": pa.array(inside, pa.int64())}))
                scan = f"read_parquet({literal(str(folder.resolve() / str(part.file)))})"
                rows = con.execute(
                    f"SELECT t.file_row_number, {text} FROM {scan} AS t JOIN chosen c ON c.row = t.file_row_number "
                    "ORDER BY 1"
                ).fetchall()
                lines = _lines(folder, part)
                for place, said in rows:
                    yield {
                        "table": name,
                        "record": before + place + 1,
                        "file": part.source,
                        "line": None if lines is None else lines[place],
                        "row": json.loads(said),
                    }


def unreadable_lines(folder: Path, places: Collection[int]) -> list[dict[str, Any]]:
    """Return the unreadable lines of an archive folder that stand at these places."""
    found = pq.read_table(folder / REJECTED).take(sorted(places)).to_pylist() if places else []
    return [{**entry, "raw": entry["raw"].decode("utf-8", "backslashreplace")} for entry in found]


def _lines(folder: Path, part: Part) -> range | list[int] | None:
    if part.first_line is not None:
        return range(part.first_line, part.first_line + part.rows)
    if part.lines_file is not None:
        return list(pq.read_table(folder / part.lines_file).column("line").to_pylist())
    return None
