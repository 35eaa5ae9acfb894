"""Who waits on a map for longer than is usual? Longer than three in four stayed of those who went on from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions.journey_map_walk import Instances, waits
from desirepath.questions.transitions_gaps import Gaps

Array = npt.NDArray[Any]

FEW = 30
"""So often somebody must have gone on from a touchpoint before it is said how long is usual there."""


class Waits:
    """How long instances in progress have been at the touchpoint where they wait.

    Parameters
    ----------
    parts
        Per block the touchpoints, int64[w], and how long, int64[w] microseconds.
    """

    __slots__ = ("_parts",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, parts: Sequence[tuple[Array, Array]]) -> None:
        self._parts = tuple(parts)

    @classmethod
    def of(cls, rows: Array, found: Instances) -> Waits:
        """Of the instances in `rows`."""
        at, ages = _ages(rows, found)
        waiting = at >= 0
        return cls([(at[waiting], ages[waiting])])

    def __add__(self, other: Waits) -> Waits:
        """Join two groups of instances."""
        return Waits(self._parts + other._parts)

    def __eq__(self, other: object) -> bool:
        """Compare who waits where for how long, in any order."""
        return isinstance(other, Waits) and all(map(np.array_equal, self._sorted(), other._sorted()))

    def _sorted(self) -> tuple[Array, Array]:
        none = np.zeros(0, dtype=np.int64)
        at, ages = (np.concatenate([none, *parts]) for parts in zip((none, none), *self._parts, strict=True))
        order = np.lexsort((ages, at))
        return at[order], ages[order]

    def longer(self, touchpoint: int, than: float) -> int:
        """How many have waited at a touchpoint for longer, in microseconds."""
        return sum(int(((at == touchpoint) & (ages > than)).sum()) for at, ages in self._parts)


def usual(stays: Gaps) -> list[float | None]:
    """Per touchpoint: within how many microseconds three in four go on who do; None where that was seldom seen."""
    quartiles, many = stays.all_quartiles(range(stays.kinds)), stays.counts.tolist()
    return [each[2] if each is not None and n >= FEW else None for each, n in zip(quartiles, many, strict=True)]


def wait_longer(found: Instances, touchpoint: int, than: float) -> npt.NDArray[np.bool_]:
    """bool[instances]: which have waited at a touchpoint for longer, in microseconds."""
    at, ages = _ages(np.arange(len(found.outcome), dtype=np.int64), found)
    return np.asarray((at == touchpoint) & (ages > than))


def _ages(rows: Array, found: Instances) -> tuple[Array, Array]:
    at, since = (np.empty(len(rows), dtype=np.int64) for _ in range(2))
    waits(rows, found, at, since)
    return at, found.at[rows] - since


__all__ = ["FEW", "Waits", "usual", "wait_longer"]
