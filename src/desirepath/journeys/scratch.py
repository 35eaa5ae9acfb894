"""Working memory of a thread, used again for every block: fresh memory costs a fault per page."""

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
