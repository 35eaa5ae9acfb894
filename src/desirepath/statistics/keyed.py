"""How are sums kept for every value of a property, however many values there are? Only those that occur have a row.

Keyed.of(codes, columns) + Keyed.of(others, columns)     exact sums per code
found.ranked(0, most=10)                                  the ten largest and the exact rest
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Grouped:
    """Rows by key; quick where they are in order already.

    Attributes
    ----------
    order
        int64[rows]: places of the rows by key, and within a key as they stand.
    begins
        int64[groups]: where each key's rows begin in it.
    keys
        int64[groups], ascending.
    """

    order: Array
    begins: Array
    keys: Array

    @classmethod
    def of(cls, key: Array) -> Grouped:
        """Group rows by int64[rows] keys."""
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        new = np.ones(len(key), dtype=np.bool_)
        new[1:] = ordered[1:] != ordered[:-1]
        begins = np.flatnonzero(new)
        return cls(order, begins, ordered[begins].astype(np.int64))

    def sums(self, values: Array) -> Array:
        """int64[groups]: what int64[rows] come to per key."""
        if not len(self.begins):
            return np.zeros(0, dtype=np.int64)
        return np.asarray(np.add.reduceat(values[self.order].astype(np.int64), self.begins))

    def means(self, values: Array, parts: int) -> Array:
        """int64[groups, 3]: whether a key has a value, the mean of its values in parts, and the square of that mean.

        Parameters
        ----------
        values
            float64[rows], NaN where there is none.
        parts
            In so many parts values are added up, so that the order of sums does not matter.
        """
        known = ~np.isnan(values)
        whole = np.where(known, np.rint(np.where(known, values, 0.0) * parts), 0).astype(np.int64)
        many, total = self.sums(known), self.sums(whole)
        mean = np.where(many > 0, np.rint(total / np.maximum(many, 1)), 0).astype(np.int64)
        return np.stack((many > 0, mean, np.rint(mean / parts * mean)), axis=1).astype(np.int64)

    def per_row(self, of_groups: Array) -> Array:
        """[rows]: what is known of each row's key."""
        found = np.empty(len(self.order), dtype=of_groups.dtype)
        found[self.order] = np.repeat(of_groups, np.diff(np.append(self.begins, len(self.order))))
        return found

    def first(self, mask: Array) -> Array:
        """bool[rows]: the first row of each key among those in the mask."""
        places = self.order[mask[self.order]]
        group = np.repeat(np.arange(len(self.begins)), np.diff(np.append(self.begins, len(self.order))))
        leads = np.zeros(len(self.order), dtype=np.bool_)
        leads[places[np.diff(group[mask[self.order]], prepend=-1) != 0]] = True
        return leads


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
        return cls.of_columns(keys, list(values.T), values.shape[1])

    @classmethod
    def of_columns(cls, keys: Array, columns: Iterable[Array], many: int) -> Keyed:
        """Sum up rows by key, column by column.

        Parameters
        ----------
        keys
            int64[rows].
        columns
            `many` times int64[rows].
        """
        grouped = Grouped.of(keys)
        sums = np.zeros((len(grouped.keys), many), dtype=np.int64)
        for place, column in enumerate(columns):
            sums[:, place] = grouped.sums(column)
        return cls(grouped.keys, sums)

    @classmethod
    def counts(cls, keys: Array) -> Keyed:
        """How many of int64[rows] have each key: one column."""
        found, many = np.unique(keys, return_counts=True)
        return cls(found.astype(np.int64), many.astype(np.int64)[:, None])

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


__all__ = ["Grouped", "Keyed"]
