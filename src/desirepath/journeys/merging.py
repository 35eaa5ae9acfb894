"""How are journeys read to which events were added? The old arrays and the changes, run together once a column.

A delta is an Arrow IPC file with one row per person whose journey changed: `person`, `hash`, `place` and `known` (the
person stands at that place in the block, or comes before it), `events` that were added, each with the position `at`
it comes before, and `gone`, positions whose events are no longer this person's. Positions are those of the block as
it was, so that a delta stands on the segment and the deltas before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.column_files import Mapped, write_file
from desirepath.journeys.columns import HOT, Block, DeltaInfo, lists_of
from desirepath.journeys.kernel import kernel

if TYPE_CHECKING:
    import pyarrow as pa

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Side:
    """What a delta says of one block: the rows `low` to `high`."""

    delta: Mapped
    low: int
    high: int

    def of_people(self, name: str) -> Array:
        """One array with a value a person."""
        return self.delta.array(name)[self.low : self.high]

    def offsets(self, name: str) -> Array:
        """int64[people + 1]: where each person's list lies in the arrays of the delta."""
        return self.delta.array(f"{name}_starts")[self.low : self.high + 1].astype(np.int64)

    def of_lists(self, name: str, lists: str = "events") -> Array:
        """One array with a value an event."""
        starts = self.delta.array(f"{lists}_starts")
        return self.delta.array(name)[starts[self.low] : starts[self.high]]

    def ids(self) -> pa.Array:
        """The persons' ids."""
        return self.delta.texts("person", self.low, self.high)


@dataclass(frozen=True)
class _People:
    """Who is in a block: `origin` their place in the block below, or -1 - row of the delta."""

    origin: Array
    starts: Array
    hash: Array


class Merged:
    """A block of people with the changes of one delta.

    Parameters
    ----------
    below
        The block as it was.
    side
        What changed.
    """

    def __init__(self, below: Block, side: Side) -> None:
        self._below = below
        self._side = side

    @cached_property
    def _who(self) -> _People:
        below, side = self._below, self._side
        place, known = side.of_people("place"), side.of_people("known").astype(np.bool_)
        more, less = np.diff(side.offsets("events")), np.diff(side.offsets("gone"))
        counts = np.diff(below.starts)
        counts[place[known]] += (more - less)[known]
        left = np.ones(below.people, dtype=np.bool_)
        left[place[known]] = counts[place[known]] > 0
        at, rows = place[~known], np.flatnonzero(~known)
        keep = np.insert(left, at, values=True)
        origin = np.insert(np.arange(below.people, dtype=np.int64), at, -1 - rows)[keep]
        counts = np.insert(counts, at, more[~known])[keep]
        hashes = np.insert(below.hash, at, side.of_people("hash")[~known])[keep]
        return _People(origin, np.concatenate(([0], np.cumsum(counts))).astype(np.int64), hashes)

    @property
    def people(self) -> int:
        """How many people there are."""
        return len(self._who.origin)

    @property
    def events(self) -> int:
        """How many events they have."""
        return int(self._who.starts[-1])

    @property
    def starts(self) -> Array:
        """int64[people + 1]: offsets of the journeys."""
        return self._who.starts

    @property
    def hash(self) -> Array:
        """uint64[people]: what samples of people are drawn by."""
        return self._who.hash

    def has(self, name: str) -> bool:
        """Whether events have such an array."""
        return self._below.has(name) or self._side.delta.has(name)

    def array(self, name: str) -> Array:
        """One array of the events, run together anew at every call."""
        below, added = self._part(self._below, name), self._part(self._side, name)
        dtype = below.dtype if below.dtype.itemsize >= added.dtype.itemsize else added.dtype
        out = np.empty(self.events, dtype=dtype)
        _merge(
            _bytes(below.astype(dtype, copy=False)),
            self._side.of_lists("gone", "gone"),
            self._side.of_lists("at"),
            _bytes(added.astype(dtype, copy=False)),
            dtype.itemsize,
            out.view(np.uint8),
        )
        out.flags.writeable = False
        return out

    def _part(self, part: Block | Side, name: str) -> Array:
        if isinstance(part, Side):
            return part.of_lists(name) if part.delta.has(name) else _no_values(len(part.of_lists("at")))
        if not part.events:  # a block of nobody has no arrays
            return np.zeros(0, dtype=self._side.delta.array(name).dtype if self._side.delta.has(name) else np.float64)
        return part.array(name) if part.has(name) else _no_values(part.events)

    def ids(self, places: Array) -> pa.Array:
        """The ids of the persons at these places."""
        import pyarrow as pa

        origin = self._who.origin[places]
        old = origin >= 0
        both = pa.concat_arrays([self._below.ids(origin[old]), self._side.ids().take(pa.array(-1 - origin[~old]))])
        order = np.empty(len(origin), dtype=np.int64)
        order[np.concatenate((np.flatnonzero(old), np.flatnonzero(~old)))] = np.arange(len(origin))
        return both.take(pa.array(order))


def _no_values(events: int) -> Array:
    return np.full(events, np.nan)


def _bytes(values: Array) -> Array:
    """The same memory as bytes; never writable, so that one compiled loop serves all."""
    seen = np.ascontiguousarray(values).view(np.uint8)
    seen.flags.writeable = False
    return seen


@kernel
def _merge(below: Array, gone: Array, at: Array, added: Array, width: int, out: Array) -> None:
    """Write what is left of `below`, with what was added before the positions `at`; values are `width` bytes each."""
    here, lost, to = 0, 0, 0
    for j in range(len(at) + 1):
        until = at[j] if j < len(at) else len(below) // width
        while here < until:
            stop = until
            if lost < len(gone) and gone[lost] < until:
                stop = gone[lost]
            for k in range(here * width, stop * width):
                out[to] = below[k]
                to += 1
            here = stop
            if lost < len(gone) and gone[lost] == here and here < until:
                here += 1
                lost += 1
        if j < len(at):
            for k in range(j * width, (j + 1) * width):
                out[to] = added[k]
                to += 1


@kernel
def locate(starts: Array, time: Array, place: Array, moment: Array, low: Array, high: Array) -> None:
    """Write where in the journeys at `place` events of these moments would stand: before and after equal moments."""
    for k in range(len(place)):
        for after in range(2):
            a, b = starts[place[k]], starts[place[k] + 1]
            while a < b:
                middle = (a + b) // 2
                if time[middle] < moment[k] or (after == 1 and time[middle] == moment[k]):
                    a = middle + 1
                else:
                    b = middle
            if after == 1:
                high[k] = a
            else:
                low[k] = a


@dataclass(frozen=True)
class Changes:
    """What changed in one block, people in the order of the new block.

    Attributes
    ----------
    ids, hash, place, known
        Per person: see the module's text.
    starts, events
        Offsets of the added events and their arrays, `at` among them.
    gone_starts, gone
        Offsets and positions of what went.
    """

    ids: pa.Array
    hash: Array
    place: Array
    known: Array
    starts: Array
    events: Mapping[str, Array]
    gone_starts: Array
    gone: Array


def write_delta(path: Path, blocks: Mapping[int, Changes], count: int) -> DeltaInfo:
    """Write the changes of some of `count` blocks as one file."""
    import pyarrow as pa

    parts = [blocks[b] for b in sorted(blocks)]
    sizes = np.array([len(blocks[b].ids) if b in blocks else 0 for b in range(count)])
    names = [*HOT[:4], *(["value"] if any("value" in part.events for part in parts) else []), "row", "at"]
    events = {
        name: pa.array(np.concatenate([part.events.get(name, _no_values(int(part.starts[-1]))) for part in parts]))
        for name in names
    }
    gone = pa.array(np.concatenate([part.gone for part in parts]).astype(np.int32))
    columns = {
        "person": pa.concat_arrays([part.ids for part in parts]),
        "hash": pa.array(np.concatenate([part.hash for part in parts])),
        "place": pa.array(np.concatenate([part.place for part in parts]).astype(np.int32)),
        "known": pa.array(np.concatenate([part.known for part in parts]).astype(np.uint8)),
        "events": lists_of(_joined([part.starts for part in parts]), events),
        "gone": pa.ListArray.from_arrays(pa.array(_joined([part.gone_starts for part in parts])), gone),
    }
    written = write_file(path, columns, people=int(sizes.sum()), events=len(events["time"]))
    bounds = np.concatenate(([0], np.cumsum(sizes))).tolist()
    return DeltaInfo(**vars(written), bounds=tuple(bounds))


def _joined(offsets: list[Array]) -> Array:
    """Offsets of lists that are put behind each other."""
    sizes = np.concatenate([np.diff(each) for each in offsets])
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
