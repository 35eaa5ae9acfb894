"""How do events become journey segments? One sorted pass over the events table, bucket by bucket of people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.engines.store import Store
from desirepath.engines.verdicts import Who
from desirepath.journeys.columns import CODED, HOT, Columns, Manifest, SegmentInfo, code_type, write_segment

Array = npt.NDArray[Any]
Progress = Callable[[str, int, int | None], None]

EVENTS_A_BUCKET = 1_000_000
FEWEST_BUCKETS, MOST_BUCKETS = 8, 256
"""Enough for every core to have work, few enough that a bucket's own cost does not count."""

HASH = "md5_number_lower(id)"
"""What spreads people over buckets and samples; a published hash, so that it is the same everywhere."""


def build(
    store: Store,
    columns: Columns,
    progress: Progress,
    who: Who | None = None,
    *,
    version: int | None = None,
    passers_by: bool = False,
) -> Manifest:
    """Make the segments of the store's present state and publish them.

    Parameters
    ----------
    store
        The events and who is who.
    columns
        Where segments go.
    progress
        Told how many events are done.
    who
        Who is who; the present verdict if left out.
    version
        Which version that is of; the present one if left out.
    passers_by
        Whether visits to kiosks that nobody logged in to count as people.
    """
    who = who or Who()
    data_version, identity_version = store.version("data"), version or store.version("identity")
    events, rows, first, last = store.one(
        "SELECT count(*), coalesce(max(seq), -1) + 1, coalesce(min(epoch_us(occurred_at)), 0), "
        "coalesce(max(epoch_us(occurred_at)), 0) FROM events"
    )
    buckets = _buckets(events)
    codes = _write_codes(store)
    people = _place_people(store, buckets, who, passers_by=passers_by)
    folder = columns.begin(f"{data_version}-{identity_version}")
    segments = list(_segments(store, folder, who, codes, events, progress))
    unattributed = events - sum(segment.events for segment in segments)
    manifest = Manifest(
        data_version,
        identity_version,
        events,
        people,
        rows,
        first,
        last,
        codes,
        tuple(segments),
        folder.name,
        unattributed,
        store.version("rules"),
    )
    columns.publish(manifest)
    store.run("DROP TABLE IF EXISTS scratch.placed")
    store.run("DROP TABLE IF EXISTS scratch.odd")
    for name in CODED:
        store.run(f"DROP TABLE IF EXISTS scratch.code_{name}")
    return manifest


def _buckets(events: int) -> int:
    """A power of two, so that a bucket of a larger store is part of one of a smaller."""
    wanted = max(events // EVENTS_A_BUCKET, 1)
    return min(max(1 << (wanted.bit_length() - 1), FEWEST_BUCKETS), MOST_BUCKETS)


def _write_codes(store: Store) -> dict[str, list[str | None]]:
    """A table of codes per coded field; sorted by text, so that equal data has equal codes."""
    codes: dict[str, list[str | None]] = {}
    for name in CODED:
        store.run(
            f"CREATE OR REPLACE TABLE scratch.code_{name} AS "
            f"SELECT {name} AS label, row_number() OVER (ORDER BY {name}) AS code "
            f"FROM (SELECT DISTINCT {name} FROM events WHERE {name} IS NOT NULL)"
        )
        rows = store.rows(f"SELECT label FROM scratch.code_{name} ORDER BY code")
        codes[name] = [None, *(row[0] for row in rows)]
    return codes


def _place_people(store: Store, buckets: int, who: Who, *, passers_by: bool) -> int:
    """Give everybody with an event a place: by bucket, then by hash."""
    store.run(f"CREATE OR REPLACE TABLE scratch.odd AS {who.odd_events}")
    store.rows(
        f"""CREATE OR REPLACE TABLE scratch.placed AS
        SELECT p.person, p.id, {HASH} AS hash, ({HASH} % {buckets})::INTEGER AS bucket,
            row_number() OVER (ORDER BY {HASH} % {buckets}, {HASH}, p.id) - 1 AS place
        FROM ({who.people}) p
        WHERE (NOT p.passer_by OR {passers_by}) AND p.person IN (
            SELECT o.person FROM {who.person_of} o WHERE o.identity IN (SELECT DISTINCT identity FROM events)
            UNION ALL SELECT person FROM scratch.odd)"""
    )
    return int(store.one("SELECT count(*) FROM scratch.placed")[0])


def _segments(
    store: Store, folder: Path, who: Who, codes: Mapping[str, list[str | None]], events: int, progress: Progress
) -> Iterator[SegmentInfo]:
    counts = store.rows("SELECT bucket, count(*), min(place) FROM scratch.placed GROUP BY bucket ORDER BY bucket")
    counts = counts or [(0, 0, 0)]  # nobody is a segment of no people, so that every question has something to ask
    cursor = store.connection.cursor()
    reader = cursor.sql(
        f"""SELECT p.place, epoch_us(e.occurred_at) AS time, n.code AS name, coalesce(c.code, 0) AS channel,
            s.code AS source, e.value, e.seq AS row
        FROM (
            SELECT e.*, o.person FROM events e JOIN {who.person_of} o ON o.identity = e.identity WHERE o.person >= 0
            UNION ALL SELECT e.*, o.person FROM events e JOIN scratch.odd o ON o.seq = e.seq
        ) e JOIN scratch.placed p ON p.person = e.person
        JOIN scratch.code_name n ON n.label = e.name JOIN scratch.code_source s ON s.label = e.source
        LEFT JOIN scratch.code_channel c ON c.label = e.channel
        ORDER BY p.place, e.occurred_at, e.sequence NULLS LAST, e.id"""
    ).to_arrow_reader(200_000)
    stream = _Stream(reader, codes)
    done = 0
    for bucket, people, first_place in counts:
        arrays = stream.until(first_place + people)
        done += len(arrays["time"])
        yield _segment(store, folder, bucket, people, first_place, arrays)
        progress("sorting into journeys", done, events)
    cursor.close()


class _Stream:
    """Sorted events, given out up to a place."""

    def __init__(self, reader: Any, codes: Mapping[str, list[str | None]]) -> None:
        self._reader = iter(reader)
        self._types: dict[str, type[Any]] = {
            "place": np.int64,
            "time": np.int64,
            "value": np.float64,
            "row": np.uint32,
        }
        self._types |= {name: code_type(len(labels)) for name, labels in codes.items()}
        self._held: dict[str, Array] | None = None

    def until(self, end: int) -> dict[str, Array]:
        """All events of places below `end` that were not given out yet."""
        parts: list[dict[str, Array]] = []
        while True:
            held = self._held or self._next()
            if held is None:
                break
            cut = int(np.searchsorted(held["place"], end))
            parts.append({name: values[:cut] for name, values in held.items()})
            rest = {name: values[cut:] for name, values in held.items()}
            self._held = rest if len(rest["place"]) else None
            if self._held is not None:
                break
        return {
            name: np.concatenate([part[name] for part in parts] or [np.zeros(0, kind)])
            for name, kind in self._types.items()
        }

    def _next(self) -> dict[str, Array] | None:
        batch = next(self._reader, None)
        if batch is None:
            return None
        found = {}
        for name, kind in self._types.items():
            column = batch.column(batch.schema.get_field_index(name))
            values = column.fill_null(float("nan")) if name == "value" else column
            found[name] = values.to_numpy(zero_copy_only=False).astype(kind)
        return found


def _segment(
    store: Store, folder: Path, bucket: int, people: int, first_place: int, arrays: dict[str, Array]
) -> SegmentInfo:
    who = store.arrow("SELECT id, hash FROM scratch.placed WHERE bucket = ? ORDER BY place", [bucket])
    counts = np.bincount(arrays["place"] - first_place, minlength=people)
    starts = np.concatenate(([0], np.cumsum(counts)))
    events = {name: arrays[name] for name in HOT}
    if np.isnan(events["value"]).all():
        del events["value"]
    path = folder / f"bucket-{bucket:03d}.arrow"
    ids = who.column("id").combine_chunks()
    return write_segment(path, ids, who.column("hash").to_numpy().astype(np.uint64), starts, events)
