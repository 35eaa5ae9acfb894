"""How do events become journey segments? One pass over the events table, then block by block of people.

What came since the segments were written is added to them (`appending`); they are made anew where that cannot be, or
where most of it would have to be written again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.engines.arranging import Dealt, People, hot, in_order, put_codes, stream
from desirepath.engines.memory import lanes
from desirepath.journeys.column_files import FileInfo
from desirepath.journeys.columns import CODED, Columns, Manifest, no_segment, write_segment

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.engines.verdicts import Who

Array = npt.NDArray[Any]
Progress = Callable[[str, int, int | None], None]

STAGE = "sorting into journeys"

EVENTS_A_BUCKET = 1_000_000
FEWEST_BUCKETS, MOST_BUCKETS = 8, 256
"""Enough for every core to have work, few enough that a bucket's own cost does not count."""


@dataclass(frozen=True)
class Making:
    """What segments are made of, and with what.

    Attributes
    ----------
    store
        The events.
    columns
        Where segments go.
    who
        Who is who.
    version
        Which version that is of; the present one if None.
    passers_by
        Whether visits to kiosks that nobody logged in to count as people.
    temp
        Folder for what does not fit into memory.
    memory
        How many bytes may be held meanwhile.
    threads
        How many threads.
    progress
        Told how many events are done.
    """

    store: Store
    columns: Columns
    who: Who
    temp: Path
    version: int | None = None
    passers_by: bool = False
    memory: int = 2 << 30
    threads: int = 1
    progress: Progress = lambda stage, done, total: None

    @property
    def state(self) -> tuple[int, int, int]:
        """Versions of data, identity and rules."""
        data, identity, rules = self.store.versions("data", "identity", "rules")
        return data, self.version or identity, rules


def build(making: Making) -> Manifest:
    """Make the segments of the present state and publish them."""
    store, who = making.store, making.who
    data, identity, rules = making.state
    events, rows, first, last = extent(store)
    codes = {name: [None, *_labels(store, name)] for name in CODED}
    put_codes(store, codes)
    who.prepare(store)
    people = People.read(store, who, buckets_for(events), passers_by=making.passers_by)
    dealt = Dealt(people, codes, making.temp, making.memory // 2)
    try:
        for batch in stream(store, who):
            dealt.add(batch)
            making.progress(STAGE, dealt.events // 2, events)
        folder = making.columns.begin(f"{data}-{identity}")
        segments = _write(making, dealt, people, folder, events)
    finally:
        dealt.close()
        forget(store, who)
    manifest = Manifest(
        data,
        identity,
        events,
        sum(segment.people for segment in segments),
        rows,
        first,
        last,
        codes,
        tuple(segments),
        folder.name,
        events - sum(segment.events for segment in segments),
        rules,
    )
    manifest = replace(manifest, notes=who.note(store, folder, label_of(manifest)))
    making.columns.publish(manifest)
    return manifest


def label_of(manifest: Manifest) -> str:
    """The state that the segments are of, for names of files."""
    return f"{manifest.data_version}-{manifest.identity_version}-{manifest.rules}"


def extent(store: Store, where: str = "true") -> tuple[int, int, int, int]:
    """How many events there are that fit, one more than the highest place, the earliest and the latest moment."""
    events, rows, first, last = store.one(
        "SELECT count(*), coalesce(max(seq), -1) + 1, coalesce(min(epoch_us(occurred_at)), 0), "
        f"coalesce(max(epoch_us(occurred_at)), 0) FROM events WHERE {where}"
    )
    return int(events), int(rows), int(first), int(last)


def buckets_for(events: int) -> int:
    """A power of two, so that a bucket of a larger store is part of one of a smaller."""
    wanted = -(-events // EVENTS_A_BUCKET)
    return min(max(1 << (wanted - 1).bit_length(), FEWEST_BUCKETS), MOST_BUCKETS)


def _labels(store: Store, name: str) -> list[str]:
    """The texts of a coded field, sorted, so that equal data has equal codes."""
    return [row[0] for row in store.rows(f"SELECT DISTINCT {name} FROM events WHERE {name} IS NOT NULL ORDER BY 1")]


def forget(store: Store, who: Who) -> None:
    """Drop the tables that were made on the way."""
    who.forget(store)
    for name in CODED:
        store.run(f"DROP TABLE IF EXISTS scratch.code_{name}")


def _write(making: Making, dealt: Dealt, people: People, folder: Path, events: int) -> list[FileInfo]:
    """Sort and write the blocks on several threads."""
    bounds = people.bounds.tolist()

    def one(block: int) -> FileInfo:
        low, high = bounds[block], bounds[block + 1]
        return _segment(making.store, folder, block, dealt.take(block), people, low, high)

    written: list[FileInfo] = []
    with ThreadPoolExecutor(lanes(making.threads, making.memory, events // len(dealt))) as pool:
        futures = [pool.submit(one, block) for block in range(len(dealt))]
        try:
            done = 0
            for future in futures:
                written.append(future.result())
                done += written[-1].events
                making.progress(STAGE, (events + done) // 2, events)
        except BaseException:
            for future in futures:
                future.cancel()
            raise
    return written


def _segment(
    store: Store, folder: Path, block: int, events: Mapping[str, Array], people: People, low: int, high: int
) -> FileInfo:
    counts = np.bincount(events["place"], minlength=high - low)
    if not counts.any():
        return no_segment()
    arrays = hot(events, in_order(store, events))
    seen = np.flatnonzero(counts)  # who has no event has no journey
    starts = np.concatenate(([0], np.cumsum(counts[seen])))
    path = folder / f"bucket-{block:03d}.arrow"
    return write_segment(path, people.ids.take(pa.array(low + seen)), people.hash[low + seen], starts, arrays)
