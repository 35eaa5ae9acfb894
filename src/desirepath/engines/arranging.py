"""How do events get from the table into the order of journeys? Streamed out, dealt to blocks of people, sorted there.

Asking DuckDB for all of them in order takes several times as long: a block fits into a processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.engines.store import DEALT
from desirepath.journeys.columns import CODED, HOT, code_type

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.engines.verdicts import Who

Array = npt.NDArray[Any]
Codes = Mapping[str, Sequence[str | None]]

HASH = "md5_number_lower(id)"
"""What spreads people over buckets and samples; a published hash, so that it is the same everywhere."""

BATCH = 1_000_000
LAST = np.int64(2**63 - 1)
"""Stands for a missing place in the source's own order, which comes last."""


@dataclass(frozen=True)
class People:
    """Who is in which block and where: in the order of block, hash and id.

    Attributes
    ----------
    code, hash, ids
        int64[p], uint64[p], string[p]: the database's number of each, what they are dealt by, what they are called.
    bounds
        int64[blocks + 1]: which of them each block has.
    """

    code: Array
    hash: Array
    ids: pa.Array
    bounds: Array

    @classmethod
    def read(cls, store: Store, who: Who, buckets: int, *, passers_by: bool, only: Array | None = None) -> People:
        """Everybody, or those with these numbers."""
        given = pa.table({"person": pa.array([] if only is None else only, pa.int64())})
        store.connection.register("given_people", given)
        found = store.arrow(
            f"""SELECT p.person, p.id, {HASH} AS hash
            FROM ({who.people if only is None else who.named("SELECT person FROM given_people")}) p
            WHERE NOT p.passer_by OR {passers_by}"""
        )
        store.connection.unregister("given_people")
        code, hashes = found.column("person").to_numpy(), found.column("hash").to_numpy().astype(np.uint64)
        ids = found.column("id").combine_chunks()
        ids = pa.concat_arrays(ids.chunks) if isinstance(ids, pa.ChunkedArray) else ids
        bucket = (hashes % np.uint64(buckets)).astype(np.int64)
        order = np.lexsort((hashes, bucket))
        same = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
        if len(same):  # not seen in practice, but a hash may be aimed at
            names = np.array(ids.cast(pa.binary()).to_pylist(), dtype=object)
            order = np.array(sorted(order.tolist(), key=lambda k: (bucket[k], hashes[k], names[k])), dtype=np.int64)
        bounds = np.searchsorted(bucket[order], np.arange(buckets + 1))
        return cls(code[order], hashes[order], ids.take(pa.array(order)), bounds)

    @cached_property
    def _block_and_place(self) -> tuple[Array, Array]:
        size = int(self.code.max(initial=-1)) + 1
        # sorted by, and numbers of one byte are sorted fastest
        block = np.full(size, self.nobody, dtype=np.uint8 if self.nobody < 256 else np.uint16)
        place = np.zeros(size, dtype=np.int32)
        block[self.code] = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        place[self.code] = np.arange(len(self.code)) - np.repeat(self.bounds[:-1], np.diff(self.bounds))
        return block, place

    @property
    def nobody(self) -> int:
        """The block of those who are not among these: one more than the last."""
        return len(self.bounds) - 1

    def deal(self, person: Array) -> tuple[Array, Array]:
        """Block and place of persons by number."""
        block, place = self._block_and_place
        if len(person) and int(person.max()) >= len(block):
            known = person < len(block)
            found = np.full(len(person), self.nobody, dtype=block.dtype), np.zeros(len(person), dtype=np.int32)
            for each, values in zip(found, (block, place), strict=True):
                each[known] = values[person[known]]
            return found
        return block[person], place[person]


def put_codes(store: Store, codes: Codes) -> None:
    """Tell SQL the codes: tables `scratch.code_name` and so on."""
    for name, labels in codes.items():
        table = pa.table(
            {"label": pa.array(labels[1:], pa.string()), "code": np.arange(1, len(labels), dtype=np.uint32)}
        )
        store.connection.register("given_codes", table)
        store.run(f"CREATE OR REPLACE TABLE scratch.code_{name} AS SELECT * FROM given_codes")
        store.connection.unregister("given_codes")


def stream(store: Store, who: Who, where: str = "true") -> Iterator[dict[str, Array]]:
    """Events with whose they are, in no order: `person`, the hot columns, `sequence`, and `id`, its first half.

    Parameters
    ----------
    store
        The events; `put_codes` has told it the codes.
    who
        Whose they are.
    where
        Which of the events `e`, as SQL.
    """
    cursor = store.cursor()
    reader = cursor.sql(
        f"""SELECT e.person, epoch_us(e.occurred_at) AS time, n.code AS name, coalesce(c.code, 0)::UINTEGER AS channel,
            s.code AS source, coalesce(e.value, 'nan'::DOUBLE) AS value, e.seq::UINTEGER AS row,
            coalesce(e.sequence, {LAST}) AS sequence, (e.id::UHUGEINT >> 64)::UBIGINT AS id
        FROM ({who.events(where)}) e
        JOIN scratch.code_name n ON n.label = e.name JOIN scratch.code_source s ON s.label = e.source
        LEFT JOIN scratch.code_channel c ON c.label = e.channel"""
    ).to_arrow_reader(BATCH)
    try:
        for batch in reader:
            yield {name: batch.column(k).to_numpy() for k, name in enumerate(batch.schema.names)}
    finally:
        reader.close()
        cursor.close()


class Dealt:
    """Events by block of people, in memory up to a limit and then in files.

    Parameters
    ----------
    people
        Who is in which block.
    codes
        The codes; they say how wide a code is.
    temp
        Folder for what does not fit.
    limit
        How many bytes may stay in memory.
    """

    def __init__(self, people: People, codes: Codes, temp: Path, limit: int) -> None:
        self._people = people
        self._types: dict[str, Any] = {"place": np.int32, "time": np.int64, "row": np.uint32, "value": np.float64}
        self._types |= {name: code_type(len(codes[name])) for name in CODED}
        self._types |= {"sequence": np.int64, "id": np.uint64}
        self._held: list[list[dict[str, Array]]] = [[] for _ in range(len(people.bounds) - 1)]
        self._temp, self._limit, self._size = temp, limit, 0
        self._in_files: set[int] = set()
        self.events = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, batch: Mapping[str, Array]) -> None:
        """Deal out some events; those of nobody that we know are left out."""
        block, place = self._people.deal(batch["person"])
        order = np.argsort(block, kind="stable")
        bounds = np.concatenate(([0], np.cumsum(np.bincount(block, minlength=len(self._held) + 1))))[:-1]
        whole = {**batch, "place": place}
        unset = {"value": np.isnan(batch["value"]).all(), "sequence": bool((batch["sequence"] == LAST).all())}
        columns = {
            name: np.take(whole[name].astype(kind, copy=False), order)
            for name, kind in self._types.items()
            if not unset.get(name)
        }
        for b in np.flatnonzero(np.diff(bounds)).tolist():
            part = {name: values[bounds[b] : bounds[b + 1]] for name, values in columns.items()}
            self._held[b].append(part)
        self._size += sum(values.nbytes for values in columns.values())
        self.events += int(bounds[-1] - bounds[0])
        if self._size > self._limit:
            self._spill()

    def _file(self, block: int) -> Path:
        return self._temp / f"{DEALT}{id(self)}-{block}"

    def _spill(self) -> None:
        self._temp.mkdir(parents=True, exist_ok=True)
        for block, parts in enumerate(self._held):
            if parts:
                self._in_files.add(block)
                with self._file(block).open("ab") as out:
                    for part in parts:
                        np.save(out, np.array([len(part["time"]), *(name in part for name in self._types)]))
                        for values in part.values():
                            out.write(np.ascontiguousarray(values).data)
                parts.clear()
        self._size = 0

    def _read(self, block: int) -> Iterator[dict[str, Array]]:
        path = self._file(block)
        if block not in self._in_files:
            return
        with path.open("rb") as file:
            end = path.stat().st_size
            while file.tell() < end:
                count, *has = np.load(file).tolist()
                names = [name for name, there in zip(self._types, has, strict=True) if there]
                yield {name: np.fromfile(file, self._types[name], count) for name in names}
        path.unlink()

    def take(self, block: int) -> dict[str, Array]:
        """The events of one block, which are then forgotten."""
        parts = [*self._read(block), *self._held[block]]
        self._held[block] = []
        defaults = {"value": np.nan, "sequence": LAST}
        found: dict[str, Array] = {}
        for name, kind in self._types.items():
            if name in defaults and not any(name in part for part in parts):
                continue
            pieces = [part[name] if name in part else np.full(len(part["time"]), defaults[name]) for part in parts]
            found[name] = np.concatenate(pieces) if pieces else np.zeros(0, dtype=kind)
        return found

    def close(self) -> None:
        """Forget everything."""
        for block in range(len(self._held)):
            self._held[block] = []
            self._file(block).unlink(missing_ok=True)


def in_order(store: Store, events: Mapping[str, Array]) -> Array:
    """The order of journeys: by place, moment, the source's own order, then id."""
    by_time = np.argsort(events["time"])
    order = by_time[_by_place(events["place"][by_time])]
    place, time = events["place"][order], events["time"][order]
    tied = (place[1:] == place[:-1]) & (time[1:] == time[:-1])
    if not tied.any():
        return order
    inside = np.append(tied, False) | np.append(False, tied)
    group = np.cumsum(np.append(True, ~tied))[inside]
    members = order[inside]
    sequence = events["sequence"][members] if "sequence" in events else np.zeros(len(members), dtype=np.int64)
    ids = events["id"][members]
    by = np.lexsort((ids, sequence, group))
    equal = (np.diff(group[by]) == 0) & (np.diff(sequence[by]) == 0) & (ids[by][1:] == ids[by][:-1])
    if equal.any():  # half of an id did not tell them apart
        by = np.lexsort((ranks(store, events["row"][members]), group))
    order[inside] = members[by]
    return order


def _by_place(place: Array) -> Array:
    """A stable order by place; NumPy sorts numbers of 16 bits by their digits, which is many times as fast."""
    order = np.argsort((place & 0xFFFF).astype(np.uint16), kind="stable")
    high = place >> 16
    return order[np.argsort(high[order].astype(np.uint16), kind="stable")] if high.any() else order


def ranks(store: Store, rows: Array) -> Array:
    """Where events stand among these by the source's own order and id, which decide between equal moments."""
    cursor = store.cursor()  # of its own, because blocks are sorted on several threads
    cursor.register("given_rows", pa.table({"seq": rows.astype(np.int64)}))
    found = cursor.sql(
        """SELECT e.seq FROM events e WHERE e.seq IN (SELECT seq FROM given_rows)
        ORDER BY e.sequence NULLS LAST, e.id"""
    ).to_arrow_table()
    cursor.close()
    sorted_rows = found.column("seq").to_numpy()
    by_row = np.argsort(sorted_rows)
    return by_row[np.searchsorted(sorted_rows, rows, sorter=by_row)]


def hot(events: Mapping[str, Array], order: Array) -> dict[str, Array]:
    """The arrays of a segment in order; `value` only where there is one."""
    found = {name: events[name][order] for name in HOT if name in events}
    if "value" in found and np.isnan(found["value"]).all():
        del found["value"]
    return found
