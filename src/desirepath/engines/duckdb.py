"""The embedded engine: journeys from memory-mapped segments, filters on any other property from DuckDB.

A fixed set of blocks of people is worked off by a few threads, and results come back in the order of the blocks, so
an answer never depends on how many threads there were.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from desirepath.engines.engine import Extent, Progress
from desirepath.engines.reading import Prepared, Reader, read_columns
from desirepath.journeys.batch import Array, JourneyBatch, Reads
from desirepath.journeys.columns import Columns, Manifest, Segment

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.engines.verdicts import Who

T = TypeVar("T")


def quiet(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


class DuckEngine:
    """Journeys of one workspace.

    Parameters
    ----------
    store
        Opens the database; called only when the segments cannot answer alone.
    columns
        The journey segments.
    is_current
        Whether a manifest is known to describe the present data, without opening the database.
    zone
        The workspace's zone.
    threads
        How many threads; all cores if left out.
    who
        Puts another verdict on who is who than the present one into the database, and says where.
    version
        The version of who is who that such a verdict is of.
    passers_by
        Whether visits to kiosks that nobody logged in to count as people.
    """

    def __init__(
        self,
        store: Callable[[], Store],
        columns: Columns,
        *,
        is_current: Callable[[Manifest], bool],
        zone: str,
        threads: int | None = None,
        who: Callable[[Store], Who] | None = None,
        version: int | None = None,
        passers_by: bool = False,
    ) -> None:
        self._store = store
        self._columns = columns
        self._is_current = is_current
        self._zone = zone
        self._threads = threads or os.cpu_count() or 1
        self._who = who
        self._version = version
        self._passers_by = passers_by
        self._manifest: Manifest | None = None
        self._segments: list[Segment] = []
        self._cache: dict[str, Array] = {}

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        # kept, because its threads keep their working memory
        return ThreadPoolExecutor(self._threads, thread_name_prefix="desirepath")

    def extent(self) -> Extent:
        """What the data covers at present."""
        found = self.refresh()
        return Extent(
            found.data_version,
            found.identity_version,
            found.events,
            found.people,
            found.first,
            found.last,
            found.unattributed,
        )

    def refresh(self, progress: Progress = quiet) -> Manifest:
        """The manifest of the present data; segments are made if there are none."""
        found = self._manifest or self._readable()
        if found is None or not self._is_current(found):
            store = self._store()
            state = (store.version("data"), self._version or store.version("identity"), store.version("rules"))
            if found is None or (found.data_version, found.identity_version, found.rules) != state:
                from desirepath.engines.building import build

                who = self._who(store) if self._who else None
                found = build(store, self._columns, progress, who, version=self._version, passers_by=self._passers_by)
        if found != self._manifest:
            self._manifest = found
            self._segments = list(self._columns.segments(found))
            self._cache.clear()
        return found

    def _readable(self) -> Manifest | None:
        found = self._columns.manifest()
        return found if found is not None and self._columns.is_whole(found) else None

    def forget(self) -> None:
        """Let go of the segments; they are looked for anew at the next question."""
        self._manifest = None
        self._segments = []
        self._cache.clear()

    def labels(self, field: str) -> Sequence[str | None]:
        """The distinct values of name, channel or source."""
        return self.refresh().codes[field]

    def map(
        self,
        reads: Reads,
        work: Callable[[JourneyBatch], T],
        *,
        sample: float = 1.0,
        progress: Progress | None = None,
    ) -> list[T]:
        """Run `work` on every block; see `Engine.map`."""
        manifest = self.refresh()
        reader = Reader(manifest, self._store, self._zone, self._cache)
        prepared = {name: reader.prepare(read) for name, read in reads.items()}
        tell = progress or quiet
        results: list[T] = []
        job = partial(self._one, prepared=prepared, work=work, sample=sample, cutoff=manifest.last)
        futures = [self._pool.submit(job, block) for block in range(len(self._segments))]
        try:
            for done, future in enumerate(futures, start=1):
                results.append(future.result())
                tell("asking", done, len(futures))
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        return results

    def _one(
        self,
        block: int,
        *,
        prepared: dict[str, Prepared],
        work: Callable[[JourneyBatch], T],
        sample: float,
        cutoff: int,
    ) -> T:
        segment = self._segments[block]
        batch = JourneyBatch(
            owner=segment.places,
            starts=segment.starts,
            time=segment.array("time"),
            columns=read_columns(prepared, segment),
            labels={name: column.labels for name, column in prepared.items() if column.labels is not None},
            cutoff=cutoff,
            block=block,
        )
        if sample < 1.0:
            batch = batch.keep_journeys(segment.array("hash") < np.uint64(min(int(sample * 2**64), 2**64 - 1)))
        return work(batch)

    def persons(self, block: int, owners: Sequence[int]) -> list[str]:
        """The ids of persons by their places in a block."""
        return self._segments[block].persons(np.asarray(owners, dtype=np.int64))
