"""How are sums kept for every value of a property, however many values there are? Only those that occur have a row.

Keyed.of(codes, columns) + Keyed.of(others, columns)     exact sums per code
found.ranked(0, most=10)                                  the ten largest and the exact rest
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Keyed:
    """Sums of several columns per key; adding is exact, associative and commutative.

    Attributes
    ----------
    keys
        int64[k], ascending, each once.
    sums
        int64[k, columns].
    """

    keys: Array
    sums: Array

    @classmethod
    def nothing(cls, columns: int) -> Keyed:
        """No key at all: the zero."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros((0, columns), dtype=np.int64))

    @classmethod
    def of(cls, keys: Array, values: Array) -> Keyed:
        """Sum up rows by key.

        Parameters
        ----------
        keys
            int64[rows].
        values
            int64[rows, columns].
        """
        found, place = np.unique(keys.astype(np.int64), return_inverse=True)
        sums = np.zeros((len(found), values.shape[1]), dtype=np.int64)
        np.add.at(sums, place, values)
        return cls(found, sums)

    def __add__(self, other: Keyed) -> Keyed:
        """Join two groups of rows."""
        return Keyed.of(np.concatenate((self.keys, other.keys)), np.concatenate((self.sums, other.sums)))

    def at(self, key: int) -> Array:
        """int64[columns]: the sums of a key, all 0 where it does not occur."""
        place = int(np.searchsorted(self.keys, key))
        if place < len(self.keys) and self.keys[place] == key:
            return np.asarray(self.sums[place])
        return np.zeros(self.sums.shape[1], dtype=np.int64)

    def ranked(self, column: int, most: int) -> tuple[list[int], list[int]]:
        """The keys with the largest sums in a column, largest first, and all others; equal ones in order of the key."""
        order = np.lexsort((self.keys, -self.sums[:, column]))
        keys = self.keys[order].tolist()
        return keys[:most], keys[most:]

    def together(self, keys: list[int]) -> Array:
        """int64[columns]: the sums of several keys."""
        return np.asarray(self.sums[np.isin(self.keys, keys)].sum(axis=0))


__all__ = ["Keyed"]
