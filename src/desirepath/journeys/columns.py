"""Where do journeys come from so fast? From files that already hold them in order.

A segment is an Arrow IPC file with one row per person: `person`, `hash` and `events`, a list of what happened in
time order (moment, codes of name, channel and source, value, place in the events table). Any Arrow reader can open
it; we map it into memory and look at its buffers where they lie. The manifest names the segments that belong
together and spells out the codes. All of it can be thrown away: it is made again from the events table.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import WorkspaceError

if TYPE_CHECKING:
    import pyarrow as pa

Array = npt.NDArray[Any]

FORMAT = 4
MANIFEST = "manifest.json"
CODED = ("name", "channel", "source")
"""Fields kept as codes; code 0 means missing."""

HOT = ("time", *CODED, "value", "row")


@dataclass(frozen=True)
class Buffer:
    """Where in a segment file one array lies."""

    offset: int
    length: int
    dtype: str


@dataclass(frozen=True)
class SegmentInfo:
    """One segment file and the arrays inside."""

    file: str
    people: int
    events: int
    buffers: Mapping[str, Buffer]
    size: int
    changed: int  # nanoseconds, as the file system tells
    checksum: int  # CRC-32 of the whole file


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
        Per coded field the text of each code; place 0 is the missing value.
    """

    data_version: int
    identity_version: int
    events: int
    people: int
    rows: int
    first: int
    last: int
    codes: Mapping[str, Sequence[str | None]]
    segments: Sequence[SegmentInfo] = field(default_factory=tuple)
    folder: str = ""
    unattributed: int = 0
    rules: int = 0
    format: int = FORMAT

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
            raw["segments"] = tuple(
                SegmentInfo(**{**each, "buffers": {key: Buffer(**value) for key, value in each["buffers"].items()}})
                for each in raw["segments"]
            )
            return cls(**raw)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None


class Segment:
    """One mapped segment file."""

    def __init__(self, root: Path, info: SegmentInfo) -> None:
        self.info = info
        self._path = root / info.file

    @cached_property
    def _map(self) -> mmap.mmap:
        try:
            with self._path.open("rb") as file:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as problem:
            raise WorkspaceError(f"A journey segment cannot be read: {problem}.", looked=str(self._path)) from problem

    def array(self, name: str) -> Array:
        """One array of the segment, read where it lies."""
        buffer = self.info.buffers[name]
        if buffer.length == 0:
            return np.zeros(0, dtype=buffer.dtype)
        return np.frombuffer(self._map, dtype=buffer.dtype, count=buffer.length, offset=buffer.offset)

    def has(self, name: str) -> bool:
        """Whether the segment holds such an array."""
        return name in self.info.buffers

    @cached_property
    def places(self) -> Array:
        """int64[people]: 0, 1, 2 …: everybody's place."""
        return np.arange(self.info.people, dtype=np.int64)

    @cached_property
    def starts(self) -> Array:
        """int64[people + 1]: offsets of the journeys."""
        return self.array("starts").astype(np.int64)

    def persons(self, places: Array) -> list[str]:
        """The ids of the persons at these places."""
        ends = self.array("person_offsets")
        text = self.array("person_text")
        return [bytes(text[ends[place] : ends[place + 1]]).decode("utf-8") for place in places]


def code_type(labels: int) -> type[np.unsignedinteger[Any]]:
    """The smallest type that holds codes for this many labels, the missing one included."""
    return np.uint8 if labels <= 256 else np.uint16 if labels <= 65_536 else np.uint32


def checksum(path: Path) -> int:
    """CRC-32 of a file."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(1 << 22):
            found = zlib.crc32(part, found)
    return found


def write_segment(
    path: Path, persons: pa.Array, hashes: Array, starts: Array, events: Mapping[str, Array]
) -> SegmentInfo:
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
        The arrays of `HOT`, each of length `starts[-1]`; `value` may be left out when no event has one.

    Returns
    -------
    Where each array lies in the file, and how to tell that it is as it was written.
    """
    import pyarrow as pa

    struct = pa.StructArray.from_arrays([pa.array(values) for values in events.values()], names=list(events))
    lists = pa.ListArray.from_arrays(pa.array(starts.astype(np.int32)), struct)
    batch = pa.record_batch([persons.cast(pa.string()), pa.array(hashes), lists], names=["person", "hash", "events"])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    with path.open("rb") as written:
        os.fsync(written.fileno())
    found = path.stat()
    return SegmentInfo(
        path.name,
        len(persons),
        int(starts[-1]),
        _locate(path, list(events)),
        found.st_size,
        found.st_mtime_ns,
        checksum(path),
    )


def _locate(path: Path, names: list[str]) -> dict[str, Buffer]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        whole = source.read_buffer(source.size())
        batch = pa.ipc.open_file(whole).get_batch(0)
        persons, hashes, lists = batch.columns
        found: dict[str, Buffer] = {}

        def note(name: str, buffer: pa.Buffer | None, length: int, dtype: str) -> None:
            offset = buffer.address - whole.address if buffer is not None and length else 0
            found[name] = Buffer(offset, length, dtype)

        note("person_offsets", persons.buffers()[1], len(persons) + 1, "int32")
        text = persons.buffers()[2]
        note("person_text", text, text.size if text is not None else 0, "uint8")
        note("hash", hashes.buffers()[1], len(hashes), "uint64")
        note("starts", lists.buffers()[1], len(lists) + 1, "int32")
        for name, child in zip(names, lists.values.flatten(), strict=True):
            note(name, child.buffers()[1], len(child), str(child.type.to_pandas_dtype()().dtype))
        return found


class Columns:
    """The journey segments of one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def manifest(self) -> Manifest | None:
        """The current manifest, if there is a usable one."""
        return Manifest.read(self.root)

    def is_whole(self, manifest: Manifest) -> bool:
        """Whether every segment is as it was written.

        A file of the same size and time of change is taken for unchanged; of any other the checksum is compared.
        """
        try:
            for info in manifest.segments:
                path = self.root / manifest.folder / info.file
                found = path.stat()
                if found.st_size != info.size:
                    return False
                if found.st_mtime_ns != info.changed and checksum(path) != info.checksum:
                    return False
        except OSError:
            return False
        return bool(manifest.segments)

    def segments(self, manifest: Manifest) -> Iterator[Segment]:
        """The segments that a manifest names."""
        for info in manifest.segments:
            yield Segment(self.root / manifest.folder, info)

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
        self.drop(keep={manifest.folder})

    def drop(self, keep: Iterable[str] = ()) -> None:
        """Throw segments away; they are made again when they are next needed."""
        import shutil

        kept = set(keep)
        if not self.root.exists():
            return
        if not kept:
            (self.root / MANIFEST).unlink(missing_ok=True)
        for folder in self.root.iterdir():
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
