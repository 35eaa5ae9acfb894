"""How do arrays get into a file that any Arrow reader can open, and that we map into memory?

One record batch a file, uncompressed, its buffers noted by where they lie: a column `x` of numbers as `x`, of texts as
`x_offsets` and `x_text`, of lists as `x_starts` and what the lists hold, of few different numbers as `x`, the place of
each among `x_distinct`.
"""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import WorkspaceError

if TYPE_CHECKING:
    import pyarrow as pa

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Buffer:
    """Where in a file one array lies."""

    offset: int
    length: int
    dtype: str


@dataclass(frozen=True)
class FileInfo:
    """One file and the arrays inside; a file without a name holds nothing and does not exist."""

    file: str
    people: int
    events: int
    buffers: Mapping[str, Buffer]
    size: int
    changed: int  # nanoseconds, as the file system tells
    checksum: int  # CRC-32 of the whole file

    def is_whole(self, folder: Path) -> bool:
        """Whether the file is as it was written.

        A file of the same size and time of change is taken for unchanged; of any other the checksum is compared.
        """
        if not self.file:
            return True
        try:
            path = folder / self.file
            found = path.stat()
            return found.st_size == self.size and (found.st_mtime_ns == self.changed or checksum(path) == self.checksum)
        except OSError:
            return False


class Mapped:
    """One mapped file."""

    def __init__(self, folder: Path, info: FileInfo) -> None:
        self.info = info
        self._path = folder / info.file

    @cached_property
    def _map(self) -> mmap.mmap:
        try:
            with self._path.open("rb") as file:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as problem:
            raise WorkspaceError(f"A journey segment cannot be read: {problem}.", looked=str(self._path)) from problem

    def array(self, name: str) -> Array:
        """One array of the file, read where it lies; of few different numbers each is looked up anew at every call."""
        found = self._lying(name)
        if f"{name}_distinct" in self.info.buffers:
            found = np.take(self._lying(f"{name}_distinct"), found)
            found.flags.writeable = False
        return found

    def _lying(self, name: str) -> Array:
        buffer = self.info.buffers[name]
        if buffer.length == 0:
            return np.zeros(0, dtype=buffer.dtype)
        return np.frombuffer(self._map, dtype=buffer.dtype, count=buffer.length, offset=buffer.offset)

    def has(self, name: str) -> bool:
        """Whether the file holds such an array."""
        return name in self.info.buffers

    def texts(self, name: str, low: int, high: int) -> pa.Array:
        """Rows of a column of texts, read where they lie."""
        import pyarrow as pa

        offsets = np.ascontiguousarray(self.array(f"{name}_offsets")[low : high + 1])
        text = self.array(f"{name}_text")
        return pa.StringArray.from_buffers(high - low, pa.py_buffer(offsets), pa.py_buffer(text))


def as_places(numbers: Array) -> pa.Array:
    """Numbers as places among the different ones, if those are so few that two bytes tell a place; else as they are."""
    import pyarrow as pa

    plain = pa.array(numbers)
    found = plain.dictionary_encode()
    many = len(found.dictionary)
    width = np.uint8 if many <= 256 else np.uint16
    if many > 65_536 or np.dtype(width).itemsize * len(plain) + found.dictionary.nbytes >= plain.nbytes:
        return plain
    return pa.DictionaryArray.from_arrays(found.indices.to_numpy().astype(width), found.dictionary)


def checksum(path: Path) -> int:
    """CRC-32 of a file."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(1 << 22):
            found = zlib.crc32(part, found)
    return found


def write_file(path: Path, columns: Mapping[str, pa.Array], *, people: int, events: int) -> FileInfo:
    """Write columns of one length; they are on the disk when this returns, and count once a manifest names the file.

    Returns
    -------
    Where each array lies in the file, and how to tell that it is as it was written.
    """
    import pyarrow as pa

    batch = pa.record_batch(list(columns.values()), names=list(columns))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    buffers = _locate(path)
    found = path.stat()
    mark = checksum(path)
    with path.open("rb") as written:
        os.fsync(written.fileno())
    return FileInfo(path.name, people, events, buffers, found.st_size, found.st_mtime_ns, mark)


def _locate(path: Path) -> dict[str, Buffer]:
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        whole = source.read_buffer(source.size())
        batch = pa.ipc.open_file(whole).get_batch(0)
        found: dict[str, Buffer] = {}

        def note(name: str, buffer: pa.Buffer | None, length: int, dtype: str) -> None:
            offset = buffer.address - whole.address if buffer is not None and length else 0
            found[name] = Buffer(offset, length, dtype)

        def walk(name: str, column: pa.Array) -> None:
            if pa.types.is_string(column.type):
                note(f"{name}_offsets", column.buffers()[1], len(column) + 1, "int32")
                text = column.buffers()[2]
                note(f"{name}_text", text, text.size if text is not None else 0, "uint8")
            elif pa.types.is_list(column.type):
                note(f"{name}_starts", column.buffers()[1], len(column) + 1, "int32")
                walk(name, column.values)
            elif pa.types.is_struct(column.type):
                for field, child in zip(column.type, column.flatten(), strict=True):
                    walk(field.name, child)
            elif pa.types.is_dictionary(column.type):
                walk(name, column.indices)
                walk(f"{name}_distinct", column.dictionary)
            else:
                note(name, column.buffers()[1], len(column), str(column.type.to_pandas_dtype()().dtype))

        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            walk(name, column)
        return found
