"""What would an import give?

The first rows, taken through the very steps of an import, with nothing left behind.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from desirepath.connectors.archive import archive_raw
from desirepath.connectors.files import SourceFile, chunks
from desirepath.connectors.mapped import Counts, map_events
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.plan import ImportPlan, PlannedRaw, plan_import
from desirepath.events.schema import EVENT_SCHEMA

_ROWS = 1000
_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Preview:
    """Events and rejected rows of the first rows of each file.

    Parameters
    ----------
    events
        The first events, in `EVENT_SCHEMA`.
    quarantine
        Rows of the sample that would be set aside, in `QUARANTINE_SCHEMA`.
    counts
        The account of the sample; not of the files.
    """

    events: pa.Table
    quarantine: pa.Table
    counts: Counts


def preview(mapping: Mapping, paths: Sequence[Path], n: int = 20, *, time_zone: str | None = None) -> Preview:
    """Show what the first rows of the files would become.

    Parameters
    ----------
    mapping, paths, time_zone
        As for `plan_import`.
    n
        Most events to return.

    Raises
    ------
    InputError, MappingError, TimeZoneNeededError
        As `plan_import` and `archive_raw`.
    """
    plan = plan_import(paths, mapping, time_zone=time_zone)
    with tempfile.TemporaryDirectory(prefix="desirepath-") as name:
        folder = Path(name)
        small = _sampled(plan, folder)
        archive_raw(small, folder / "archive", received_at=dt.datetime.now(dt.UTC), temp=folder)
        mapped = map_events(folder / "archive", temp=folder)
        batches = list(mapped.batches)
        return Preview(pa.Table.from_batches(batches, EVENT_SCHEMA).slice(0, n), mapped.quarantine, mapped.counts)


def _sampled(plan: ImportPlan, folder: Path) -> ImportPlan:
    """Return the plan with the files of each table cut short; lookups stay whole, for rows to find theirs."""
    main = {table.raw for table in plan.tables} - {join[0] for table in plan.tables for join in table.joins}
    return replace(plan, raws=tuple(_cut(raw, folder) if raw.name in main else raw for raw in plan.raws))


def _cut(raw: PlannedRaw, folder: Path) -> PlannedRaw:
    if raw.kind == "records":  # a page or a ZIP cannot be cut short
        return replace(raw, files=raw.files[:3])
    place = folder / raw.name
    place.mkdir()
    return replace(raw, files=tuple(_beginning(source, place) for source in raw.files[:3]))


def _beginning(source: SourceFile, place: Path) -> SourceFile:
    sample = place / source.path.name.removesuffix(".gz").removesuffix(".zst")
    if source.kind == "parquet":
        with pq.ParquetFile(source.path) as opened:
            batches = list(islice(opened.iter_batches(batch_size=_ROWS), 1))
            pq.write_table(pa.Table.from_batches(batches, opened.schema_arrow), sample)
        return SourceFile(sample, "parquet", None)
    taken = b"".join(islice(chunks(source, _BYTES), 2))
    whole = len(taken) <= _BYTES
    # A line cut in two would look damaged, so that the sample ends with a whole one.
    sample.write_bytes(taken if whole else taken[: taken.rfind(b"\n", 0, _BYTES) + 1] or taken)
    return SourceFile(sample, source.kind, None)
