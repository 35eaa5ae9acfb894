"""Who is one person? People are the connected groups of identities that were seen together.

A pure function of the evidence: the order in which data came changes nothing. Weak identities (cookies, devices)
never join two others; a weak identity stands for a person of its own only where nothing stronger is known.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]


@kernel
def _join(a: Array, b: Array, parent: Array) -> None:
    for k in range(len(a)):
        x, y = a[k], b[k]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x < y:
            parent[y] = x
        else:
            parent[x] = y
    for k in range(len(parent)):
        x = k
        while parent[x] != x:
            x = parent[x]
        parent[k] = x


def components(identities: int, a: Array, b: Array) -> Array:
    """Group identities that links connect.

    Parameters
    ----------
    identities
        How many there are, numbered from 0.
    a, b
        int64[links]: pairs that belong together.

    Returns
    -------
    int64[identities]: the smallest number of each one's group.
    """
    parent = np.arange(identities, dtype=np.int64)
    _join(a.astype(np.int64), b.astype(np.int64), parent)
    return parent
