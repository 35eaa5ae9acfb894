"""Memory that costs little: fresh memory costs a fault per page, and threads wait for each other's faults.

Working memory of a thread is used again for every block; what outlives the block is packed into large pieces, which
the system hands out in large pages.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

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


_PIECE = 8 << 20


def packed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A copy of an array that outlives the block, beside others of its thread in one piece of memory."""
    rest: npt.NDArray[np.uint8] = _held.__dict__.get("piece", _NOTHING)
    size = -(-values.nbytes // 64) * 64
    if size > _PIECE // 4:
        return values.copy()
    if len(rest) < size:
        rest = np.empty(_PIECE, dtype=np.uint8)
    _held.piece = rest[size:]
    found = rest[: values.nbytes].view(values.dtype).reshape(values.shape)
    found[...] = values
    return found


_NOTHING = np.empty(0, dtype=np.uint8)
