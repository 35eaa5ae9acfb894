"""The embedded engine: journeys from memory-mapped segments, filters on any other property from DuckDB.

A fixed set of blocks of people is worked off by a few threads, and results come back in the order of the blocks, so
an answer never depends on how many threads there were.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from desirepath.engines.engine import Extent, Progress
from desirepath.engines.keeping import Kept, Remembering, Standing
from desirepath.engines.memory import BLOCKS, EVENT, IDLE, KEPT, MADE, ROWS, give_back, held, lanes, machine_memory
from desirepath.engines.reading import First, Prepared, Reader, read_columns, sorted_labels
from desirepath.engines.stopping import TICK, stoppable
from desirepath.journeys.batch import Code, JourneyBatch, Reads
from desirepath.journeys.columns import Block, Columns, Manifest, Segment
from desirepath.journeys.scratch import let_go, shared

if TYPE_CHECKING:
    from desirepath.engines.readings import Readers, Readings
    from desirepath.engines.store import Store
    from desirepath.engines.verdicts import Who
    from desirepath.events.where_fields import Derived

T = TypeVar("T")

HALF = 0.5
"""Where memory is scarce and more than this share of the limit is held, what was let go of is given back at once."""

ASKING = "asking"
"""What is told while a question is asked."""


def quiet(stage: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


SOME_EVENTS = 20_000
"""Events whose properties are looked at first, to know what names there are."""


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
    memory
        How many bytes may be held, the database's share included; half of the machine's if left out.
    temp
        Folder for what does not fit into memory; beside the segments' folder if left out.
    readers
        Who reads the texts of properties; nobody if left out.
    standing
        Up to when what was delivered may be delivered again; that of all engines of a workspace.
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
        memory: int | None = None,
        temp: Path | None = None,
        readers: Readers | None = None,
        standing: Standing | None = None,
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
        self._blocks: list[Block] = []
        self._memory = memory or machine_memory() // 2
        self._temp = temp or columns.root.parent / "temp"
        self._kept = Kept(int(KEPT * self._memory), self._temp)
        self._properties: tuple[int, dict[str, bool]] | None = None
        self._readers = readers
        self._standing = standing or Standing()
        self._room = threading.Semaphore(self._threads)
        self.room_for_rows = int(ROWS * self._memory)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        # kept, because its threads keep their working memory
        return ThreadPoolExecutor(self._threads, thread_name_prefix="desirepath")

    @cached_property
    def readings(self) -> Readings | None:
        """What the texts of properties say; None where nobody reads them."""
        if self._readers is None:
            return None
        from desirepath.engines.readings import Readings

        return Readings(self._store, self._readers, self._has)

    @property
    def derived(self) -> Derived | None:
        """Where fields live that are read in texts, for filters."""
        self.refresh()
        return None if self.readings is None else self.readings.source

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
            found = self._readable()  # anew, because what was made before may have been thrown away
            data, identity, rules = store.versions("data", "identity", "rules")
            if found is None or found.state != (data, self._version or identity, rules):
                found = self._bring_up_to_date(store, found, progress)
        if found != self._manifest:
            self._manifest = found
            self._kept.retire()  # by the names of its arrays nobody could tell old blocks from new ones
            self._kept = Kept(int(KEPT * self._memory), self._temp)
            blocks = self._columns.blocks(found)
            # blocks of nobody have nothing to say, unless there is nobody at all
            blocks = [block for block in blocks if block.people] or blocks[:1]
            self._blocks = [self._remembered(number, block) for number, block in enumerate(blocks)]
            if "readings" in self.__dict__ and self.readings is not None:
                self.readings.forget()
            largest = max(block.events for block in self._blocks)
            self._room = threading.Semaphore(lanes(self._threads, BLOCKS * self._memory, largest))
        return found

    def _bring_up_to_date(self, store: Store, found: Manifest | None, progress: Progress) -> Manifest:
        from desirepath.engines.appending import append
        from desirepath.engines.building import STAGE, Making, build
        from desirepath.engines.verdicts import Who

        def work(tell: Progress) -> Manifest:
            making = Making(
                store,
                self._columns,
                self._who(store) if self._who else Who(),
                self._temp,
                self._version,
                self._passers_by,
                memory=int(MADE * self._memory),
                threads=self._threads,
                progress=tell,
            )
            return (append(making, found) if found is not None else None) or build(making)

        return stoppable(work, progress, store.interrupt, STAGE)

    def _remembered(self, number: int, block: Block) -> Block:
        return block if isinstance(block, Segment) else Remembering(block, number, self._kept)

    def _readable(self) -> Manifest | None:
        found = self._columns.manifest()
        return found if found is not None and self._columns.is_whole(found) else None

    def forget(self) -> None:
        """Let go of the segments; they are looked for anew at the next question, and old ones are read no more."""
        self._standing.end()
        self._manifest = None
        self._blocks = []
        self._kept.clear()

    def labels(self, field: str) -> Sequence[str | None]:
        """The distinct values of a field, the missing one first."""
        found = self.refresh()
        if field in found.codes:
            return sorted_labels(found.codes[field])
        return self._prepared(found, {field: Code(field)}, quiet)[field].labels or ()

    def properties(self, asked: Collection[str]) -> Collection[str]:
        """Names of properties that events have: those asked for that exist, and others as a look at some events shows.

        Only a name that no event has makes all events be looked at, once as long as the data stays the same.
        """
        known = dict(self._some_properties())
        for name in asked:
            known[name] = self._has(name) or self._is_read(name)
        return [name for name, exists in known.items() if exists]

    def _some_properties(self) -> dict[str, bool]:
        """Whether properties exist, by name: those that were asked for or that some events have."""
        version = self.refresh().data_version
        if self._properties is None or self._properties[0] != version:
            rows = self._store().rows(
                f"""SELECT DISTINCT unnest(json_keys(properties)) FROM (
                    SELECT properties FROM events WHERE properties IS NOT NULL LIMIT {SOME_EVENTS})"""
            )
            self._properties = (version, {str(row[0]): True for row in rows})
        return self._properties[1]

    def _has(self, name: str) -> bool:
        known = self._some_properties()
        if name not in known:
            from desirepath.events.where_fields import pointer_to

            there = "SELECT 1 FROM events WHERE json_extract(properties, ?) IS NOT NULL LIMIT 1"
            known[name] = bool(self._store().rows(there, [pointer_to(name)]))
        return known[name]

    def _is_read(self, name: str) -> bool:
        """Whether a name means what is read in the texts of a property that there is."""
        of, _, reader = name.rpartition(".")
        return bool(of) and self._readers is not None and reader in self._readers.names() and self._has(of)

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
        tell = progress or quiet
        let_go(beyond=0 if self.is_scarce else int(IDLE * self._memory))
        prepared = self._prepared(manifest, reads, tell)
        results: list[T] = []
        job = partial(self._one, prepared=prepared, work=work, sample=sample, cutoff=manifest.last)
        futures = [self._pool.submit(job, block) for block in range(len(self._blocks))]
        try:
            for done, future in enumerate(futures, start=1):
                while not future.done():
                    with suppress(TimeoutError):
                        future.exception(TICK)
                        break
                    tell(ASKING, done - 1, len(futures))
                results.append(future.result())
                tell(ASKING, done, len(futures))
        except BaseException:
            for future in futures:
                future.cancel()
            raise
        if self.is_scarce:
            give_back()
        return results

    def as_it_stands(self) -> DuckEngine:
        """The engine on the segments of now, which stay mapped until it is let go of."""
        self.refresh()
        _ = self._pool  # one for both
        still = copy(self)
        still._is_current = self._standing.lease()
        return still

    def lasts(self, reads: Reads) -> bool:
        """Whether the segments alone tell these columns."""
        return Reader(self.refresh(), self._store, self._zone, self._kept).tells(reads)

    def _prepared(self, manifest: Manifest, reads: Reads, progress: Progress) -> dict[str, Prepared]:
        """Every column that is asked for, ready to be read; DuckDB may have to look at every event for it."""
        opened: list[Store] = []

        def store() -> Store:
            opened.append(self._store())
            return opened[-1]

        def interrupt() -> None:
            for one in opened:
                one.interrupt()

        def readings() -> Readings | None:
            found = self.readings
            if found is not None:
                found.progress = telling[0]
                store()  # so that it can be interrupted while texts are gathered
            return found

        telling: list[Progress] = []

        def work(tell: Progress) -> dict[str, Prepared]:
            telling.append(tell)
            return {name: reader.prepare(read) for name, read in reads.items()}

        reader = Reader(manifest, store, self._zone, self._kept, readings)
        if reader.tells(reads):
            return work(progress)
        return stoppable(work, progress, interrupt, ASKING)

    def _one(
        self,
        block: int,
        *,
        prepared: dict[str, Prepared],
        work: Callable[[JourneyBatch], T],
        sample: float,
        cutoff: int,
    ) -> T:
        with self._room:
            segment = self._blocks[block]
            batch = self._batch(segment if sample >= 1.0 else First.of(segment, sample), block, prepared, cutoff)
            found = work(batch)
        if self.is_scarce and held() > HALF * self._memory:
            give_back()
        return found

    @property
    def is_scarce(self) -> bool:
        """Whether all events at a time may take more memory than there is."""
        return self._manifest is not None and self._manifest.events * EVENT > self._memory

    def _batch(self, segment: Block, block: int, prepared: dict[str, Prepared], cutoff: int) -> JourneyBatch:
        return JourneyBatch(
            owner=shared("places", segment.people, lambda many: np.arange(many, dtype=np.int64)),
            starts=segment.starts,
            time=segment.array("time"),
            columns=read_columns(prepared, segment),
            labels={name: column.labels for name, column in prepared.items() if column.labels is not None},
            cutoff=cutoff,
            block=block,
            persons=partial(_persons, segment),
        )

    def places_of(self, person: str) -> dict[int, npt.NDArray[np.int64]]:
        """Per block the places of the person of an id; empty where there is none."""
        found = {}
        for number, block in enumerate(self._blocks):
            at = block.ids(np.arange(block.people, dtype=np.int64)).index(person).as_py()
            if at >= 0:
                found[number] = np.array([at], dtype=np.int64)
        return found


def _persons(block: Block, places: Sequence[int]) -> list[str]:
    return [str(one) for one in block.ids(np.asarray(places, dtype=np.int64)).to_pylist()]
