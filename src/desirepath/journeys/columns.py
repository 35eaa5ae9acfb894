"""Where do journeys come from so fast? From files that already hold them in order.

A segment is an Arrow IPC file with one row per person: `person`, `hash` and `events`, a list of what happened in
time order (moment, codes of name, channel and source, value, place in the events table). Any Arrow reader can open
it; we map it into memory and look at its buffers where they lie. What came later stands in deltas, see `merging`.
The manifest names the files that belong together and spells out the codes. All of it can be thrown away: it is made
again from the events table.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from desirepath.journeys.column_files import Buffer, FileInfo, Mapped, as_places, write_file

if TYPE_CHECKING:
    import pyarrow as pa

Array = npt.NDArray[Any]

FORMAT = 6
MANIFEST = "manifest.json"
FOREVER = 2**62
"""A moment after all others."""
CODED = ("name", "channel", "source")
"""Fields kept as codes; code 0 means missing."""

HOT = ("time", *CODED, "value", "row")

_EMPTY = {"time": np.int64, **dict.fromkeys(CODED, np.uint8), "value": np.float64, "row": np.uint32, "hash": np.uint64}

KEPT = ("accounts",)
"""Folders beside the segments that have a manifest of their own."""


@dataclass(frozen=True)
class DeltaInfo(FileInfo):
    """A file of changes to journeys: of block b those people that stand at `bounds[b]` to `bounds[b + 1]`."""

    bounds: Sequence[int] = ()


@dataclass(frozen=True)
class Manifest:
    """Which segments hold the journeys, and of which state of the data.

    Attributes
    ----------
    data_version, identity_version
        The state of the events and of who is who that the segments were made from.
    rows
        One more than the highest place in the events table.
    first, last
        Earliest and latest moment of any event, microseconds since 1970-01-01 UTC.
    rules
        A number that stands for the rules by which who is who was worked out.
    unattributed
        Events that belong to nobody: of blocked identities, and of passers-by at kiosks.
    codes
        Per coded field the text of each code; place 0 is the missing value. Texts that came later stand at the end.
    segments, deltas
        One file a block of people, and what changed since they were written, oldest first.
    notes
        A file that says what else whose events are depended on, if it did.
    touched
        What was added since the segments were made, oldest first: per time the state before it (`data_version`,
        `identity_version`, `rules`) and the earliest moment at which anybody's journey has changed since.
    """

    data_version: int
    identity_version: int
    events: int
    people: int
    rows: int
    first: int
    last: int
    codes: Mapping[str, Sequence[str | None]]
    segments: Sequence[FileInfo] = field(default_factory=tuple)
    folder: str = ""
    unattributed: int = 0
    rules: int = 0
    deltas: Sequence[DeltaInfo] = field(default_factory=tuple)
    notes: str = ""
    touched: Sequence[Sequence[int]] = field(default_factory=tuple)
    format: int = FORMAT

    @property
    def state(self) -> tuple[int, int, int]:
        """Of which data, identity and rules it is."""
        return self.data_version, self.identity_version, self.rules

    def same_until(self, state: tuple[int, int, int]) -> int:
        """Up to which moment, exclusively, all journeys are as they were in an earlier state."""
        if state == self.state:
            return FOREVER
        since = [place for place, (*before, _) in enumerate(self.touched) if tuple(before) == state]
        return min(each[-1] for each in self.touched[since[-1] :]) if since else -FOREVER

    def write(self, root: Path) -> None:
        """Put the manifest in place in one step, so that a reader sees the old state or the new."""
        draft = root / (MANIFEST + ".draft")
        with draft.open("w", encoding="utf-8") as out:
            json.dump(asdict(self), out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(root / MANIFEST)

    @classmethod
    def read(cls, root: Path) -> Manifest | None:
        """The manifest in the folder; None if there is none or it is of another format."""
        try:
            raw = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
            if raw["format"] != FORMAT:
                return None
            for name, kind in (("segments", FileInfo), ("deltas", DeltaInfo)):
                raw[name] = tuple(
                    kind(**{**each, "buffers": {key: Buffer(**value) for key, value in each["buffers"].items()}})
                    for each in raw[name]
                )
            raw["touched"] = tuple(tuple(each) for each in raw.get("touched", ()))
            return cls(**raw)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


class Block(Protocol):
    """The journeys of a block of people: a segment, or what became of it."""

    @property
    def people(self) -> int:
        """How many people there are."""

    @property
    def events(self) -> int:
        """How many events they have."""

    @property
    def starts(self) -> Array:
        """int64[people + 1]: offsets of the journeys."""

    @property
    def hash(self) -> Array:
        """uint64[people]: what samples of people are drawn by; never decreasing."""

    def has(self, name: str) -> bool:
        """Whether events have such an array."""

    def array(self, name: str) -> Array:
        """One of the arrays of `HOT`; it cannot be written to."""

    def ids(self, places: Array) -> pa.Array:
        """The ids of the persons at these places."""


class Segment(Mapped):
    """One mapped segment file."""

    def array(self, name: str) -> Array:
        """One array of the segment, read where it lies."""
        if not self.info.file:  # nobody is here
            return np.zeros(0, dtype=_EMPTY[name])
        return super().array(name)

    @property
    def people(self) -> int:
        """How many people there are."""
        return self.info.people

    @property
    def events(self) -> int:
        """How many events they have."""
        return self.info.events

    @property
    def hash(self) -> Array:
        """uint64[people]: what samples of people are drawn by."""
        return self.array("hash")

    @cached_property
    def starts(self) -> Array:
        """int64[people + 1]: offsets of the journeys."""
        return self.array("events_starts").astype(np.int64) if self.info.file else np.zeros(1, dtype=np.int64)

    def ids(self, places: Array) -> pa.Array:
        """The ids of the persons at these places."""
        import pyarrow as pa

        if not self.info.file:
            return pa.array([], pa.string())
        return self.texts("person", 0, self.info.people).take(pa.array(places))


def no_segment() -> FileInfo:
    """What a manifest says of a block of nobody."""
    return FileInfo("", 0, 0, {}, 0, 0, 0)


def code_type(labels: int) -> type[np.unsignedinteger[Any]]:
    """The smallest type that holds codes for this many labels, the missing one included."""
    return np.uint8 if labels <= 256 else np.uint16 if labels <= 65_536 else np.uint32


def write_segment(path: Path, persons: pa.Array, hashes: Array, starts: Array, events: Mapping[str, Array]) -> FileInfo:
    """Write one segment.

    Parameters
    ----------
    path
        The file to write.
    persons
        string[p]: ids of the persons.
    hashes
        uint64[p]: what samples of people are drawn by.
    starts
        int[p + 1]: offsets of the journeys.
    events
        The arrays of `HOT`, each of length `starts[-1]`; `value` may be left out when no event has one, and is written
        `as_places`, as most events have none, and prices repeat.

    Returns
    -------
    Where each array lies in the file, and how to tell that it is as it was written.
    """
    import pyarrow as pa

    kept = {name: as_places(values) if name == "value" else pa.array(values) for name, values in events.items()}
    columns = {"person": persons.cast(pa.string()), "hash": pa.array(hashes), "events": lists_of(starts, kept)}
    return write_file(path, columns, people=len(persons), events=int(starts[-1]))


def lists_of(starts: Array, values: Mapping[str, pa.Array]) -> pa.Array:
    """Lists of what several arrays say, one a row."""
    import pyarrow as pa

    struct = pa.StructArray.from_arrays(list(values.values()), names=list(values))
    return pa.ListArray.from_arrays(pa.array(starts.astype(np.int32)), struct)


class Columns:
    """The journey segments of one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def manifest(self) -> Manifest | None:
        """The current manifest, if there is a usable one."""
        return Manifest.read(self.root)

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether every file that the manifest names is as it was written."""
        folder = self.root / manifest.folder
        files = [*manifest.segments, *manifest.deltas]
        return bool(manifest.segments) and all(info.is_whole(folder) for info in files)

    def blocks(self, manifest: Manifest) -> list[Block]:
        """The journeys that a manifest tells of, block by block of people."""
        from desirepath.journeys.merging import Merged, Side

        folder = self.root / manifest.folder
        blocks: list[Block] = [Segment(folder, info) for info in manifest.segments]
        for info in manifest.deltas:
            delta = Mapped(folder, info)
            for b, (low, high) in enumerate(zip(info.bounds[:-1], info.bounds[1:], strict=True)):
                if high > low:
                    blocks[b] = Merged(blocks[b], Side(delta, low, high))
        return blocks

    def begin(self, label: str) -> Path:
        """A fresh folder for a new set of segments."""
        folder = self.root / label
        if folder.exists():
            import shutil  # slow to load, and questions need none of it

            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        return folder

    def publish(self, manifest: Manifest) -> None:
        """Make a new set current and drop the others; who has them mapped keeps reading them."""
        manifest.write(self.root)
        self.drop(keep={manifest.folder, *KEPT})
        named = {manifest.notes, *(info.file for info in (*manifest.segments, *manifest.deltas))}
        for path in (self.root / manifest.folder).iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)

    def drop(self, keep: Iterable[str] = ()) -> None:
        """Throw segments away; they are made again when they are next needed."""
        import shutil  # slow to load, and questions need none of it

        kept = set(keep)
        if not self.root.exists():
            return
        if not kept:
            (self.root / MANIFEST).unlink(missing_ok=True)
        for folder in self.root.iterdir():
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
