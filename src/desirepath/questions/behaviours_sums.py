"""How many of either side did what, how often? Sums over people that hold every behaviour, however many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions.behaviours_walk import NO, YES, Done
from desirepath.statistics import Proportion
from desirepath.statistics.keyed import Keyed

Array = npt.NDArray[Any]
Labels = Sequence[str | None]

EVERYBODY = 0
"""The key that no behaviour has: it counts the sides themselves."""


@dataclass(frozen=True)
class Levels:
    """From how many times, and from how many days on, somebody counts as having done something.

    Parameters
    ----------
    times, days
        Ascending.
    """

    times: tuple[int, ...]
    days: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.times) + len(self.days)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the levels of each measure begin and end."""
        cut = len(self.times)
        return [(low, high) for low, high in ((0, cut), (cut, len(self))) if high > low]

    def named(self, level: int) -> tuple[int | None, int | None]:
        """So many times, or on so many days."""
        cut = len(self.times)
        return (self.times[level], None) if level < cut else (None, self.days[level - cut])


@dataclass(frozen=True, eq=False)
class BehaviourTally:
    """Sums over people who started.

    Attributes
    ----------
    texts, strata
        What keys and strata stand for; a single stratum where none was asked for.
    levels
        The thresholds.
    outcomes
        int64[outcomes]: people by outcome; the first two are the sides that are compared.
    rate
        What the share of the first side is called where groups are compared.
    cells
        People of the two sides by behaviour, stratum, highest level that they reach, and side.
    """

    texts: Labels
    strata: Labels
    levels: Levels
    outcomes: Array
    cells: Keyed
    rate: str

    def __add__(self, other: BehaviourTally) -> BehaviourTally:
        """Join two groups of people; nobody at all may come from a log with other behaviours."""
        if len(self.texts) != len(other.texts) or len(self.strata) != len(other.strata):
            return self if self.size or not other.size else other
        return BehaviourTally(
            self.texts,
            self.strata,
            self.levels,
            self.outcomes + other.outcomes,
            self.cells + other.cells,
            self.rate,
        )

    @property
    def size(self) -> int:
        """How many started."""
        return int(self.outcomes.sum())

    @property
    def sides(self) -> tuple[int, int]:
        """How many are on either side."""
        return int(self.outcomes[YES]), int(self.outcomes[NO])

    def rates(self) -> Mapping[str, Proportion]:
        """The share of the first side among both."""
        one, other = self.sides
        return {self.rate: Proportion(one, one + other)}

    @cached_property
    def _parts(self) -> tuple[Array, Array, Array, Array]:
        """Key, stratum, level and side of each cell."""
        rest, side = np.divmod(self.cells.keys, 2)
        rest, level = np.divmod(rest, max(len(self.levels), 1))
        key, stratum = np.divmod(rest, len(self.strata))
        return key, stratum, level, side

    @cached_property
    def keys(self) -> Array:
        """int64[behaviours]: those that somebody of either side did."""
        key = self._parts[0]
        return np.unique(key[key != EVERYBODY])

    @cached_property
    def exact(self) -> Array:
        """int64[behaviours, levels, 2]: whose highest level of a measure this is, by side."""
        key, _, level, side = self._parts
        known = key != EVERYBODY
        found = np.zeros((len(self.keys), len(self.levels), 2), dtype=np.int64)
        np.add.at(found, (np.searchsorted(self.keys, key[known]), level[known], side[known]), self.cells.sums[known, 0])
        return found

    @cached_property
    def did(self) -> Array:
        """int64[behaviours, levels, 2]: who reaches the level, by side."""
        found = np.empty_like(self.exact)
        for low, high in self.levels.spans:
            found[:, low:high] = self.exact[:, low:high][:, ::-1].cumsum(axis=1)[:, ::-1]
        return found

    def spread(self, place: int, span: tuple[int, int]) -> Array:
        """int64[1 + levels, 2]: people by the highest level of a measure that they reach, 0 first, by side."""
        reached = self.exact[place, span[0] : span[1]]
        return np.vstack((np.array(self.sides, dtype=np.int64) - reached.sum(axis=0), reached))

    def by_stratum(self, place: int, level: int) -> list[tuple[int, int, int, int]]:
        """Per stratum with anybody: who reaches the level of either side, and how many are on either side."""
        key, stratum, at, side = self._parts
        last = next(high for low, high in self.levels.spans if low <= level < high)
        found = np.zeros((2, len(self.strata), 2), dtype=np.int64)
        for row, rows in enumerate(((key == self.keys[place]) & (at >= level) & (at < last), key == EVERYBODY)):
            np.add.at(found[row], (stratum[rows], side[rows]), self.cells.sums[rows, 0])
        return [(*found[0, s].tolist(), *found[1, s].tolist()) for s in np.flatnonzero(found[1].sum(axis=1))]


def cells_of(done: Done, side: Array, stratum: Array, strata: int, levels: Levels) -> Keyed:
    """Count people by what they did.

    Parameters
    ----------
    done
        What each row did.
    side, stratum
        Per row, from 0.
    strata
        How many strata there are.
    levels
        The thresholds.
    """
    deep = max(len(levels), 1)

    def packed(key: Array, rows: Array, level: Array) -> Array:
        return np.asarray(((key.astype(np.int64) * strata + stratum[rows]) * deep + level) * 2 + side[rows])

    everybody = np.arange(len(side))
    nothing = np.zeros(len(side), dtype=np.int64)
    parts = [packed(nothing + EVERYBODY, everybody, nothing)]
    for base, edges, number in ((0, levels.times, done.times), (len(levels.times), levels.days, done.days)):
        reached = np.searchsorted(np.array(edges, dtype=np.int64), number, side="right")
        some = reached > 0
        parts.append(packed(done.key[some], done.row[some], base + reached[some] - 1))
    return Keyed.counts(np.concatenate(parts))
