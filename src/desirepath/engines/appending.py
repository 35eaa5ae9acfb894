"""How do new events join journeys that are written already? As a delta: what changed, block by block of people.

Nothing that did not change is asked of the database. Events of identities that changed hands are taken out and put
where they belong now, by the same file. When deltas have grown, blocks and deltas are run together into new segments,
again without the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.engines.arranging import Codes, Dealt, People, hot, in_order, put_codes, ranks, stream
from desirepath.engines.building import STAGE, Making, buckets_for, extent, forget, label_of
from desirepath.engines.reading import sorted_labels
from desirepath.journeys.column_files import FileInfo
from desirepath.journeys.columns import CODED, FOREVER, HOT, Block, Manifest, code_type, no_segment, write_segment
from desirepath.journeys.merging import Changes, locate, write_delta

if TYPE_CHECKING:
    from desirepath.engines.store import Store

Array = npt.NDArray[Any]

MOST_CHANGED = 0.25
"""When more than this share of the events would have to be placed, the segments are made anew."""

MOST_DELTAS, LARGEST_DELTAS = 8, 0.1
"""How many deltas there may be, and what share of the events they may hold, before they are run together."""

BYTES = 100
"""An upper bound of the memory that an event takes while it is placed."""

MOST_TOUCHED = 200
"""So many additions are remembered; of states before them nothing is known to have stayed."""

NOTHING = np.zeros(0, dtype=np.int64)


def append(making: Making, manifest: Manifest) -> Manifest | None:
    """Add to the segments what changed since, and publish them; None where they have to be made anew."""
    store, who = making.store, making.who
    data, identity, rules = making.state
    if manifest.data_version > data or manifest.identity_version > identity:
        return None
    if store.one("SELECT count(*) FROM events WHERE seq < ?", [manifest.rows])[0] != manifest.events:
        return None
    fresh, rows, first, last = extent(store, f"seq >= {manifest.rows}")
    earliest = first if fresh else FOREVER
    events = manifest.events + fresh
    if buckets_for(events) > 2 * len(manifest.segments):
        return None
    try:
        if not who.changed(store, manifest, "scratch.moved", making.columns.root / manifest.folder):
            return None
        moved = store.arrow("SELECT seq FROM scratch.moved").column("seq").to_numpy()
        if len(moved):
            earliest = min(earliest, extent(store, "seq IN (SELECT seq FROM scratch.moved)")[2])
        placed = fresh + len(moved)
        if placed > MOST_CHANGED * events or placed * BYTES > making.memory:
            return None
        who.prepare(store, f"(e.seq >= {manifest.rows} OR e.seq IN (SELECT seq FROM scratch.moved))")
        codes = _more_codes(store, manifest)
        blocks = making.columns.blocks(manifest)
        changes = _changes(making, manifest, blocks, codes, moved)
    finally:
        store.run("DROP TABLE IF EXISTS scratch.moved")
        forget(store, who)
    if changes is None:
        return None
    new = replace(
        manifest,
        data_version=data,
        identity_version=identity,
        rules=rules,
        events=events,
        rows=max(rows, manifest.rows),
        first=_either(min, manifest, fresh, manifest.first, first),
        last=_either(max, manifest, fresh, manifest.last, last),
        codes=codes,
        touched=(*manifest.touched[-MOST_TOUCHED:], (*manifest.state, earliest)),
    )
    return _publish(making, new, blocks, changes)


def _either(of: Callable[[int, int], int], manifest: Manifest, fresh: int, before: int, now: int) -> int:
    """The earliest or latest moment, where there are events of both."""
    return of(before, now) if manifest.events and fresh else now if fresh else before


def _publish(making: Making, new: Manifest, blocks: list[Block], changes: Mapping[int, Changes]) -> Manifest:
    if changes:
        path = making.columns.root / new.folder / f"delta-{label_of(new)}.arrow"
        new = replace(new, deltas=(*new.deltas, write_delta(path, changes, len(blocks))))
        blocks = making.columns.blocks(new)
    new = replace(
        new,
        people=sum(block.people for block in blocks),
        unattributed=new.events - sum(block.events for block in blocks),
    )
    if len(new.deltas) > MOST_DELTAS or sum(delta.events for delta in new.deltas) > LARGEST_DELTAS * new.events:
        new = _run_together(making, new, blocks)
    new = replace(new, notes=making.who.note(making.store, making.columns.root / new.folder, label_of(new)))
    making.columns.publish(new)
    return new


def _more_codes(store: Store, manifest: Manifest) -> dict[str, list[str | None]]:
    """The codes so far, and after them those of texts that came since; SQL is told them too."""
    codes: dict[str, list[str | None]] = {}
    for name in CODED:
        known = list(manifest.codes[name])
        found = store.rows(f"SELECT DISTINCT {name} FROM events WHERE seq >= ? AND {name} IS NOT NULL", [manifest.rows])
        codes[name] = known + sorted({row[0] for row in found} - set(known))
    put_codes(store, codes)
    return codes


def _changes(
    making: Making, manifest: Manifest, blocks: list[Block], codes: Codes, moved: Array
) -> dict[int, Changes] | None:
    """What changed in each block; None where two people cannot be told apart."""
    store, who = making.store, making.who
    wheres = [f"e.seq >= {manifest.rows}"]
    if len(moved):
        wheres.append(f"e.seq < {manifest.rows} AND e.seq IN (SELECT seq FROM scratch.moved)")
    batches = [batch for where in wheres for batch in stream(store, who, where)]
    concerned = np.unique(np.concatenate([NOTHING, *(batch["person"] for batch in batches)]))
    people = People.read(store, who, len(blocks), passers_by=making.passers_by, only=concerned)
    dealt = Dealt(people, codes, making.temp, making.memory)
    while batches:
        dealt.add(batches.pop())
        making.progress(STAGE, dealt.events, None)
    leaves = np.zeros(manifest.rows if len(moved) else 0, dtype=np.bool_)
    leaves[moved] = True
    bounds = people.bounds.tolist()

    def one(block: int) -> Changes | _Alike | None:
        mine = _Mine(people, bounds[block], bounds[block + 1])
        return _of_block(store, blocks[block], dealt.take(block), mine, leaves)

    found: dict[int, Changes] = {}
    with ThreadPoolExecutor(making.threads) as pool:
        for block, changes in enumerate(pool.map(one, range(len(blocks)))):
            if isinstance(changes, _Alike):
                return None
            if changes is not None:
                found[block] = changes
    return found


@dataclass(frozen=True)
class _Mine:
    """The people whom new events concern, of one block."""

    people: People
    low: int
    high: int

    @property
    def hash(self) -> Array:
        return self.people.hash[self.low : self.high]

    @property
    def ids(self) -> pa.Array:
        return self.people.ids.slice(self.low, self.high - self.low)


class _Alike:
    """Two people have one hash."""


def _of_block(
    store: Store, block: Block, events: Mapping[str, Array], mine: _Mine, leaves: Array
) -> Changes | _Alike | None:
    gone = np.flatnonzero(leaves[block.array("row")]) if len(leaves) and block.events else NOTHING
    if not len(events["time"]) and not len(gone):
        return None
    counts = np.bincount(events["place"], minlength=len(mine.hash))
    with_events = np.flatnonzero(counts)
    hashes, ids = mine.hash[with_events], mine.ids.take(pa.array(with_events))
    place = np.searchsorted(block.hash, hashes)
    known = np.zeros(len(hashes), dtype=np.bool_)
    inside = place < block.people
    known[inside] = block.hash[place[inside]] == hashes[inside]
    alike = (hashes[1:] == hashes[:-1]).any()
    if alike or not block.ids(place[known]).equals(ids.filter(pa.array(known))):
        return _Alike()
    order = in_order(store, events)
    person = (np.cumsum(counts > 0) - 1)[events["place"][order]]
    added = hot(events, order)
    at = _positions(store, block, added, place[person], known[person])
    owner = np.searchsorted(block.starts, gone, side="right") - 1
    return _rows(block, (ids, hashes, place, known), counts[with_events], {**added, "at": at}, gone, owner)


def _positions(store: Store, block: Block, added: Mapping[str, Array], place: Array, known: Array) -> Array:
    """Before which of the block's events each added one comes."""
    at = block.starts[place].astype(np.int64)
    which = np.flatnonzero(known)
    if not len(which):
        return at.astype(np.int32)
    low, high = np.zeros(len(which), dtype=np.int64), np.zeros(len(which), dtype=np.int64)
    locate(block.starts, block.array("time"), place[which], added["time"][which], low, high)
    at[which] = low
    tied = np.flatnonzero(high > low)
    if len(tied):
        counts = (high - low)[tied]
        lane = np.repeat(np.arange(len(tied)), counts)
        position = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + low[tied][lane]
        old, new = block.array("row")[position], added["row"][which[tied]]
        rank = _ranks(store, np.unique(np.concatenate((old, new))))
        before = rank(old) < rank(new)[lane]
        at[which[tied]] += np.bincount(lane, weights=before, minlength=len(tied)).astype(np.int64)
    return at.astype(np.int32)


def _ranks(store: Store, rows: Array) -> Any:
    rank = ranks(store, rows)
    return lambda some: rank[np.searchsorted(rows, some)]


def _rows(
    block: Block,
    who: tuple[pa.Array, Array, Array, Array],
    more: Array,
    events: Mapping[str, Array],
    gone: Array,
    owner: Array,
) -> Changes:
    """A row for everybody whose journey changed, in the order of the new block."""
    ids, hashes, place, known = who
    others = np.setdiff1d(owner, place[known])
    every = np.concatenate((place, others))
    there = np.concatenate((known, np.ones(len(others), dtype=np.bool_)))
    order = np.argsort(2 * every + there, kind="stable")
    every, there = every[order], there[order]
    lost = np.zeros(len(every), dtype=np.int64)
    old = np.flatnonzero(there)
    lost[old] = np.bincount(np.searchsorted(every[old], owner), minlength=len(old)) if len(owner) else 0
    gained = np.concatenate((more, np.zeros(len(others), dtype=np.int64)))[order]
    return Changes(
        pa.concat_arrays([ids, block.ids(others)]).take(pa.array(order)),
        np.concatenate((hashes, block.hash[others]))[order],
        every,
        there,
        np.concatenate(([0], np.cumsum(gained))),
        events,
        np.concatenate(([0], np.cumsum(lost))),
        gone,
    )


def _run_together(making: Making, manifest: Manifest, blocks: list[Block]) -> Manifest:
    """Write blocks with their deltas as new segments, their codes in order again."""
    tables, codes = {}, {}
    for name in CODED:
        codes[name] = sorted_labels(manifest.codes[name])
        place = {label: code for code, label in enumerate(codes[name])}
        kind = code_type(len(codes[name]))
        tables[name] = np.array([place[label] for label in manifest.codes[name]], dtype=kind)
    label = f"{manifest.data_version}-{manifest.identity_version}"
    folder = making.columns.begin(label if label != manifest.folder else f"{label}-together")

    def one(number: int) -> FileInfo:
        block = blocks[number]
        if not block.people:
            return no_segment()
        arrays = {name: block.array(name) for name in HOT if block.has(name)}
        arrays |= {name: table[arrays[name]] for name, table in tables.items()}
        ids = block.ids(np.arange(block.people))
        return write_segment(folder / f"bucket-{number:03d}.arrow", ids, block.hash, block.starts, arrays)

    with ThreadPoolExecutor(making.threads) as pool:
        segments = tuple(pool.map(one, range(len(blocks))))
    return replace(manifest, codes=codes, segments=segments, deltas=(), folder=folder.name)
