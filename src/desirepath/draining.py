"""How do acknowledged events become part of the journeys? The drain: inbox, archive, database, and a cursor.

A step takes the requests that wait, in their order. Their records are translated and archived; then one transaction
stores the events, brings people up to date and moves the cursor; then the inbox is cleared. Whatever stops a step, the
cursor says how far it came: what the archive has beyond it is taken away, and the requests are drained again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from desirepath.collector.bodies import RefusedError
from desirepath.collector.crash import crash_point
from desirepath.collector.inbox import FILE, Outbox, Request
from desirepath.collector.limits import Limits
from desirepath.collector.wire import CHECKED, call_of, open_call
from desirepath.connectors import growing
from desirepath.connectors.archive import read_manifest
from desirepath.connectors.choosing import mapping_for, words_in
from desirepath.connectors.connector import Given, Record
from desirepath.connectors.mapped import map_events
from desirepath.connectors.mapping import Mapping
from desirepath.connectors.registry import connector
from desirepath.connectors.translating import Translation, rarely_collecting
from desirepath.engines.inferring import infer
from desirepath.importing import batch_folders, folder_of, next_batch, note_batch, resolve_anew, result_of, set_aside

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.engines.store import Store
    from desirepath.workspace import Workspace

STEP_BYTES = 16 << 20
"""Bytes of requests that one step takes."""
UNPACKED = 4
"""How many times as much the requests of one step may hold when they are unpacked."""

Source = tuple[str, str]
"""Connector and instance."""


@dataclass(slots=True)
class Drained:
    """What steps of the drain did.

    Parameters
    ----------
    requests, read, stored, duplicate, quarantined
        Requests, and what became of their events: `read = stored + duplicate + quarantined`.
    """

    requests: int = 0
    read: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def __iadd__(self, other: Drained) -> Drained:
        self.requests += other.requests
        self.read += other.read
        self.stored += other.stored
        self.duplicate += other.duplicate
        self.quarantined += other.quarantined
        return self


@dataclass(frozen=True, slots=True)
class _Read:
    """Requests after a number: how many, the first and the last, whether more may wait, and their rows by source."""

    after: int
    requests: int = 0
    first: int = 0
    last: int = 0
    full: bool = False
    found: dict[Source, _Found] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """What waits of one source: what the workspace says of it, and its rows."""

    mapping: Mapping
    rows: Translation


@dataclass(frozen=True, slots=True)
class _Staged:
    mapping: Mapping
    folder: Path
    batch: int
    before: int


class Drain:
    """Drains the inbox of a workspace that this process has open.

    Parameters
    ----------
    workspace
        The workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._outbox = Outbox(workspace.root / FILE)
        self._open: dict[Source, tuple[int, Mapping]] = {}
        self._recovered = False
        self._limits = Limits()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="translate")
        self._ahead: Future[_Read] | None = None

    def close(self) -> None:
        """Let the inbox go."""
        self._beside.shutdown(cancel_futures=True)
        self._outbox.close()

    def waiting(self) -> tuple[int, int, int | None]:
        """How many requests and events wait, and since when (microseconds since 1970)."""
        return self._outbox.size()

    def step(self, progress: Progress, most_bytes: int = STEP_BYTES) -> Drained | None:
        """Drain the next requests; None where there are none.

        Raises
        ------
        WorkspaceError
            When the database cannot be written, such as on a full disk. Nothing is lost; the next step tries again.
        OSError
            When the archive cannot be written, likewise.
        """
        store = self._workspace.store()
        self._recover(store)
        cursor = store.version("inbox")
        read = self._next(cursor, most_bytes)
        if not read.requests:
            return None
        crash_point("drain.read")
        self._recovered = False  # until this step has come to its end
        last = read.last
        label = growing.label_of(read.first, last)
        staged = [self._archive(place, *one, label) for place, one in enumerate(read.found.items())]
        if read.full:
            # more waits: it is translated while the database stores this
            self._ahead = self._beside.submit(self._read, last, most_bytes)
        drained = Drained(read.requests)
        with store.transaction():
            crash_point("drain.begun")
            for one in staged:
                drained += self._stored(store, one, progress)
            crash_point("drain.events_stored")
            store.run("UPDATE versions SET version = ? WHERE name = 'inbox'", [last])
            crash_point("drain.cursor_moved")
            if drained.stored:
                store.bump("data")
            resolve_anew(self._workspace, store, f"collected up to request {last}")
        self._recovered = True
        crash_point("drain.committed")
        self._outbox.clear(last)
        crash_point("drain.inbox_cleared")
        for one in staged:
            shutil.rmtree(one.folder, ignore_errors=True)
            folder = folder_of(self._workspace.root, one.batch)
            if growing.run_together(folder):
                crash_point("drain.parts_merged")
            self._close_if_large(folder, one)
        self._workspace.asking.keep_up(progress)
        crash_point("drain.refreshed")
        return drained

    def scrub(self) -> None:
        """Leave nothing of what was drained in the inbox."""
        self._outbox.scrub()

    @rarely_collecting()
    def all(self, progress: Progress) -> Drained:
        """Drain everything that waits."""
        total = Drained()
        while (one := self.step(progress)) is not None:
            total += one
        return total

    def _recover(self, store: Store) -> None:
        """Take away what a step archived that did not come to its end; find the folders that grow."""
        if self._recovered:
            return
        root, cursor = self._workspace.root, store.version("inbox")
        self._open, surely = {}, self._outbox.archived_upto(cursor)
        for folder in growing.growing_of(batch_folders(root)):
            growing.take_back(folder, surely)
            _, mapping = read_manifest(folder)
            self._open[str(mapping.connector), mapping.instance] = int(folder.name), mapping
        self._outbox.clear(cursor)
        self._recovered = True

    def _next(self, cursor: int, most_bytes: int) -> _Read:
        """The next requests after the cursor, translated; by the step before, if it saw that more waited."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            read = ahead.result()
            if read.after == cursor and read.requests:  # what it found empty then may hold something now
                return read
        return self._read(cursor, most_bytes)

    def _read(self, after: int, most_bytes: int) -> _Read:
        requests = self._outbox.waiting(after, most_bytes)
        if not requests:
            return _Read(after)
        full = sum(len(request.body) + 200 for _, request in requests) >= most_bytes
        found, count = self._translated(requests, UNPACKED * most_bytes)
        return _Read(after, count, requests[0][0], requests[count - 1][0], full or count < len(requests), found)

    def _translated(self, requests: list[tuple[int, Request]], most: int) -> tuple[dict[Source, _Found], int]:
        """The rows of each source, and of how many requests: packed ones may hold far more than is read at once."""
        found: dict[Source, _Found] = {}
        words, currency = words_in(self._workspace.root), self._workspace.settings.currency

        def of(name: str, instance: str) -> Translation:
            if (name, instance) not in found:
                mapping = mapping_for(name, instance=instance, words=words).in_currency(currency)
                given = Given(mapping.options, mapping.time_zone)
                rows = Translation(connector(name), given, never_stops=True)
                found[name, instance] = _Found(mapping, rows)
            return found[name, instance].rows

        count = 0
        for number, request in requests:
            count += 1
            for name, stream, data, fault in _items(number, request, self._limits):
                translation = of(name, request.instance)
                if fault is not None:
                    code, detail = fault
                    translation.refuse(stream, data, code, detail)
                else:
                    record = Record(stream, data)
                    translation.add(record, received_us=request.received_us, public=bool(request.public))
            if sum(one.rows.size for one in found.values()) >= most:
                break
        return found, count

    def _archive(self, place: int, source: Source, found: _Found, label: str) -> _Staged:
        """Write the rows of one source to the archive."""
        root, mapping, rows = self._workspace.root, found.mapping, found.rows
        folder = root / "temp" / f"drain-{place}"
        (root / "temp").mkdir(exist_ok=True)
        growing.stage(folder, mapping, rows.take(), rows.records, rows.rejected, label)
        crash_point("drain.part_written")
        batch, said = self._open.get(source, (0, None))
        if said is not None and said.to_dict() != mapping.to_dict():
            self._close(folder_of(root, batch), said)  # what lies there is told in other words
            said = None
        if said is None:
            batch = next_batch(root)
            growing.begin(folder_of(root, batch), mapping)
            self._open[source] = batch, mapping
        before = growing.adopt(folder_of(root, batch), folder)
        crash_point("drain.part_adopted")
        return _Staged(mapping, folder, batch, before)

    def _stored(self, store: Store, one: _Staged, progress: Progress) -> Drained:
        """Store the events of one source; call inside the transaction."""
        workspace = self._workspace
        mapped = map_events(one.folder, temp=workspace.root / "temp", threads=workspace.settings.threads)
        appended = store.append(_moved(mapped.batches, one.before), one.batch, progress)
        infer(store, one.batch)
        entries = mapped.quarantine
        moved = pc.add(entries.column("record"), one.before)
        place = entries.schema.get_field_index("record")
        set_aside(store, entries.set_column(place, entries.schema.field(place), moved), one.batch)
        result = result_of(one.batch, one.mapping.source, mapped.counts, appended, 0)
        folder = folder_of(workspace.root, one.batch)
        note_batch(store, result, folder, read_manifest(folder)[0].received_at, one.mapping.instance)
        return Drained(0, result.read, result.stored, result.duplicate, result.quarantined)

    def _close_if_large(self, folder: Path, one: _Staged) -> None:
        manifest, _ = read_manifest(folder)
        if next(iter(manifest.raws.values())).rows > growing.MOST_ROWS:
            self._close(folder, one.mapping)

    def _close(self, folder: Path, mapping: Mapping) -> None:
        """Let nothing be added to a folder any more."""
        manifest, _ = read_manifest(folder)
        manifest.growing = False
        growing.replace_manifest(folder, manifest)
        self._open.pop((str(mapping.connector), mapping.instance), None)


def _items(number: int, request: Request, limits: Limits) -> Iterator[tuple[str, str, Any, tuple[str, str] | None]]:
    """The events of a request: connector, stream, record, and why it is set aside if it is."""
    head = json.loads(request.head)
    call, _ = call_of(request.path, request.query, head, request.body, limits)
    try:
        delivery = open_call(call, checked=CHECKED in head)
    except RefusedError as problem:  # it was readable when it was taken
        raw = {"request": number, "path": request.path, "body": request.body.hex()}
        yield "segment", "requests", raw, ("request_unreadable", problem.reason)
        return
    faults = dict(delivery.rejected)
    for place, (name, stream, data) in enumerate(delivery.items):
        fault = faults.get(place)
        yield name, stream, data, None if fault is None else ("event_refused", fault)


def _moved(batches: pa.RecordBatchReader, by: int) -> pa.RecordBatchReader:
    """The events, their records counted on from those before them."""
    schema = batches.schema
    place = schema.get_field_index("record")

    def each() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = list(batch.columns)
            columns[place] = pc.add(columns[place], by)
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, each())
