"""What is kept in memory between questions, and no more than may be: the least recently used goes first."""

from __future__ import annotations

import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError

if TYPE_CHECKING:
    from desirepath.journeys.columns import Block

Array = npt.NDArray[Any]


MOST_MAPPED = 8
"""How many arrays may lie in files; each takes room on the disk alone."""

LARGEST = 0.5
"""What share of the limit one array may take; a larger one lies in a file."""


class Kept:
    """Arrays by key, up to a limit of bytes; what is too large for that in files that are mapped into memory.

    Parameters
    ----------
    limit
        How many bytes may be kept.
    folder
        Where such files go; nobody else can open them, and they are gone with the process.
    """

    def __init__(self, limit: int, folder: Path) -> None:
        self.limit = limit
        self._folder = folder
        self._mapped: OrderedDict[str, Array] = OrderedDict()
        self._arrays: OrderedDict[str, Array] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return self._size

    def room(self, size: int, dtype: npt.DTypeLike) -> Array:
        """An array of that many zeros to write to."""
        if size * np.dtype(dtype).itemsize <= LARGEST * self.limit:
            return np.zeros(size, dtype=dtype)
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            file.truncate(size * np.dtype(dtype).itemsize)
            return np.memmap(file, dtype=dtype, shape=(size,))

    def get(self, key: str, make: Callable[[], Array]) -> Array:
        """The array of that key; made if it is not there, and kept if there is room for it."""
        with self._lock:
            for held in (self._arrays, self._mapped):
                if key in held:
                    held.move_to_end(key)
                    return held[key]
        made = make()
        with self._lock:
            if isinstance(made, np.memmap):
                self._mapped[key] = made
                while len(self._mapped) > MOST_MAPPED:
                    self._mapped.popitem(last=False)
            elif made.nbytes <= self.limit and key not in self._arrays:
                self._arrays[key] = made
                self._size += made.nbytes
                while self._size > self.limit:
                    _, gone = self._arrays.popitem(last=False)
                    self._size -= gone.nbytes
        return made

    def retire(self) -> None:
        """Let go of everything, and keep nothing from now on."""
        self.limit = 0
        self.clear()

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._arrays.clear()
            self._mapped.clear()
            self._size = 0


class Remembering:
    """A block of people whose arrays have to be worked out, and are kept as long as there is room.

    Parameters
    ----------
    block
        The block.
    number
        Which it is.
    kept
        Where arrays are kept.
    """

    def __init__(self, block: Block, number: int, kept: Kept) -> None:
        self._block = block
        self._number = number
        self._kept = kept
        self.has, self.ids = block.has, block.ids

    @property
    def people(self) -> int:
        """How many people there are."""
        return self._block.people

    @property
    def events(self) -> int:
        """How many events they have."""
        return self._block.events

    @property
    def starts(self) -> Array:
        """int64[people + 1]: offsets of the journeys."""
        return self._block.starts

    @property
    def hash(self) -> Array:
        """uint64[people]: what samples of people are drawn by."""
        return self._block.hash

    def array(self, name: str) -> Array:
        """One array of the events."""
        return self._kept.get(f"block {self._number} {name}", lambda: self._block.array(name))


class Standing:
    """Up to when journeys that were delivered may be delivered again: until somebody is erased, or all is made anew."""

    def __init__(self) -> None:
        self._ended = 0

    def end(self) -> None:
        """From now on, nothing of before is delivered again."""
        self._ended += 1

    def lease(self) -> Callable[[object], bool]:
        """What says, of segments of now, that they may be read.

        Raises
        ------
        InputError
            By what is returned, once they may not.
        """
        since = self._ended

        def stands(manifest: object) -> bool:
            del manifest
            if self._ended != since:
                text = "Somebody was erased, or the data was made anew, since this was asked; ask the question again."
                raise InputError(text)
            return True

        return stands
