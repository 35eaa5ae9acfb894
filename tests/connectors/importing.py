"""Take files through an import, as the workspace does, and return what came of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from desirepath.connectors import Counts, archive_raw, map_events, parse_mapping, plan_import
from desirepath.events.schema import EVENT_SCHEMA, QUARANTINE_SCHEMA

RECEIVED = dt.datetime(2025, 6, 1, 12, 0, tzinfo=dt.UTC)


@dataclass
class Imported:
    """What an import yields."""

    counts: Counts
    folder: Path
    table: pa.Table
    set_aside: pa.Table

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """Return the events as plain data."""
        return list(self.table.to_pylist())

    @cached_property
    def quarantine(self) -> list[dict[str, Any]]:
        """Return what was set aside as plain data."""
        return list(self.set_aside.to_pylist())

    def reasons(self) -> list[tuple[int | None, str, bytes]]:
        """Return line, reason and bytes of everything set aside, in order of lines."""
        found = [(row["line"], row["reason_code"], row["raw"]) for row in self.quarantine]
        return sorted(found, key=lambda entry: (entry[0] or 0, entry[1]))

    def properties(self) -> list[dict[str, Any]]:
        """Return the properties of the events in the order of their records."""
        return [json.loads(event["properties"]) for event in self.in_order()]

    def in_order(self) -> list[dict[str, Any]]:
        """Return the events in the order of their records."""
        return sorted(self.events, key=lambda event: (event["raw_table"], event["record"], event["name"]))

    def ids(self) -> set[str]:
        """Return the ids of all events."""
        return {str(event["id"]) for event in self.events}


def import_files(
    folder: Path, files: Pairs[str, bytes], mapping: str, *, name: str = "one", time_zone: str | None = None
) -> Imported:
    """Write files, import them, check the law of conservation, and return the result."""
    place = folder / f"files-{name}"
    place.mkdir()
    for file, content in files.items():
        (place / file).write_bytes(content)
    return import_path([place], folder, mapping, name=name, time_zone=time_zone)


def import_path(
    paths: list[Path], folder: Path, mapping: str, *, name: str = "one", time_zone: str | None = None
) -> Imported:
    """Import files that lie there already."""
    temp = folder / "temp"
    temp.mkdir(exist_ok=True)
    plan = plan_import(paths, parse_mapping(mapping), time_zone=time_zone)
    archive = folder / f"archive-{name}"
    archive_raw(plan, archive, received_at=RECEIVED, temp=temp, threads=2)
    assert not list(folder.glob("*.tmp")), "the folder under construction is left behind"
    assert not [path for path in temp.iterdir() if path.is_file()], "copies are left behind"
    mapped = map_events(archive, temp=temp, threads=2)
    table = pa.Table.from_batches(list(mapped.batches), EVENT_SCHEMA)
    quarantine, counts = mapped.quarantine, mapped.counts
    assert quarantine.schema == QUARANTINE_SCHEMA
    assert counts.read == table.num_rows + counts.duplicates + quarantine.num_rows
    return Imported(counts, archive, table, quarantine)


def csv_of(*lines: str, header: str = "user,at,what,note") -> bytes:
    """Return a CSV file."""
    return ("\n".join([header, *lines]) + "\n").encode()


SIMPLE = """
source: shop
time_zone: UTC
identities: {user_id: user}
properties: [note]
events:
  - {name: "{what}", at: at}
"""
