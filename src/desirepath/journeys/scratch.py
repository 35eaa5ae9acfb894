"""Memory that costs little: fresh memory costs a fault per page, and threads wait for each other's faults.

Working memory of a thread is used again for every block; what outlives the block lies one behind the other in large
pieces, which the system hands out in large pages.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

R = TypeVar("R", bound=tuple[Any, ...])

_held = threading.local()


def scratch(name: str, size: int, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """An array of `size` with any content; the next call of the same name and thread gives the same memory.

    Parameters
    ----------
    name
        What it is for; nothing that outlives the block may be kept in it.
    size
        How many items.
    dtype
        Of which kind.
    """
    kept: dict[tuple[str, type[np.generic]], npt.NDArray[Any]] = _held.__dict__.setdefault("arrays", {})
    found = kept.get((name, dtype))
    if found is None or len(found) < size:
        found = kept[name, dtype] = np.empty(size + size // 4, dtype=dtype)
    return found[:size]


_shared: dict[str, npt.NDArray[Any]] = {}


def shared(name: str, size: int, make: Callable[[int], npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """The first `size` items of an array that nobody writes into, one for all threads; `make` gives so many items."""
    found = _shared.get(name)
    if found is None or len(found) < size:
        found = _shared[name] = make(size + size // 4)  # another thread may put a shorter one there; this one is ours
    return found[:size]


_PIECE = 4 << 20
"""As little as NumPy asks the system to lay out in large pages."""

_MOST_IDLE = 32
"""So many pieces of memory at most are kept for the next question."""

_WORTH = 4
"""Where fewer than one row in so many was filled, the rows are copied, so that nothing else is held with them."""


def spare(number: int, shape: tuple[int, ...], dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Room for rows that outlive the block; `kept` says how many they became, before the next `spare` of the number.

    Parameters
    ----------
    number
        Which of the arrays that a thread fills at the same time it is, from 0.
    shape
        How many rows at most, and of which shape.
    dtype
        Of which kind.
    """
    many = math.prod(shape) * np.dtype(dtype).itemsize
    if many > _PIECE:
        return np.empty(shape, dtype)
    rest = _pieces().get(number, _NOTHING)
    if len(rest) < many:
        rest = _pieces()[number] = _Piece.new()
    return rest[:many].view(dtype).reshape(shape)


def kept(number: int, room: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """The first rows of what `spare` gave; the rest is given to who asks next."""
    found = room[:rows]
    if found.nbytes * _WORTH < room.nbytes:
        return found.copy()
    if room.nbytes <= _PIECE:
        _pieces()[number] = _pieces().get(number, _NOTHING)[-(-found.nbytes // 64) * 64 :]
    return found


def room_for(kind: type[R], capacity: int, **columns: type[np.generic] | tuple[type[np.generic], int]) -> R:
    """A named tuple of arrays with room for at most `capacity` rows that outlive the block; see `spare`.

    Parameters
    ----------
    kind
        The named tuple.
    capacity
        How many rows at most.
    columns
        Of which kind each of its arrays is, and if it has several columns, of how many.
    """
    of: Any = kind
    made = []
    for number, name in enumerate(of._fields):
        column = columns[name]
        dtype, width = column if isinstance(column, tuple) else (column, 0)
        made.append(spare(number, (capacity, width) if width else (capacity,), dtype))
    return of(*made)  # type: ignore[no-any-return]


def filled(rows: R, many: int) -> R:
    """The first rows of what `room_for` gave; the rest is given to who asks next."""
    kind: Any = type(rows)
    return kind(*(kept(number, room, many) for number, room in enumerate(rows)))  # type: ignore[no-any-return]


class _Piece:
    """A piece of memory that is used again once no array lies in it any more."""

    most: ClassVar[int] = _MOST_IDLE
    idle: ClassVar[deque[npt.NDArray[np.uint8]]] = deque()

    def __init__(self, memory: npt.NDArray[np.uint8]) -> None:
        self._memory = memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self) -> None:
        if len(self.idle) < self.most:
            self.idle.append(self._memory)

    @classmethod
    def new(cls) -> npt.NDArray[np.uint8]:
        """A piece; arrays that lie in it keep it."""
        try:
            memory = cls.idle.pop()
        except IndexError:
            memory = np.empty(_PIECE, dtype=np.uint8)
        return np.asarray(cls(memory))


def let_go(beyond: int = 0) -> None:
    """Let go of memory that is kept for the next question; from now on keep no more than so many bytes of it."""
    _Piece.most = min(beyond // _PIECE, _MOST_IDLE)
    with suppress(IndexError):  # another thread may take the last one
        while len(_Piece.idle) > _Piece.most:
            _Piece.idle.pop()


def _pieces() -> dict[int, npt.NDArray[np.uint8]]:
    pieces: dict[int, npt.NDArray[np.uint8]] = _held.__dict__.setdefault("pieces", {})
    return pieces


_NOTHING = np.empty(0, dtype=np.uint8)
