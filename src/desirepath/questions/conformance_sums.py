"""What is added up of instances that are held against a map: fitness, variants, departures, rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.maps.journey_map import JourneyMap
from desirepath.maps.variants import Variants, joined
from desirepath.questions.conformance_walk import CONFORMING, FIRST
from desirepath.questions.instance_facts import Groups
from desirepath.statistics import Estimate, Proportion
from desirepath.statistics.means import mean_of_sums

Array = npt.NDArray[Any]

PARTS = 1 << 20
"""Fitness is added up in so many parts, so that the order of sums does not matter."""


def mark_text(mark: int) -> str:
    """A variant's mark as 16 hexadecimal digits."""
    return f"{mark:016x}"


def mark_of(text: str) -> int:
    """The mark of 16 hexadecimal digits, as a number of 64 bits with a sign.

    Raises
    ------
    InputError
        If they are none.
    """
    try:
        mark = int(text, 16)
    except ValueError:
        mark = -1
    if not 0 <= mark < 1 << 64 or len(text) != 16:
        raise InputError(f"{text!r} is no variant; table `variants` names them by 16 hexadecimal digits.")
    return mark - (1 << 64) if mark >> 63 else mark


@dataclass(frozen=True, eq=False)
class FitnessSums:
    """Sums per outcome, int64[3, 8].

    Instances, conforming ones, fitness and its square in parts, late ones; and of those whose time was over: all,
    conforming ones, late ones.
    """

    sums: Array

    @classmethod
    def of(cls, fitness: Array, outcome: Array, conforming: Array, late: Array, over: Array) -> FitnessSums:
        """Sum up instances."""
        parts = np.rint(PARTS * fitness).astype(np.int64)
        sums = np.zeros((3, 8), dtype=np.int64)
        for place in range(3):
            mine = outcome == place
            sums[place] = (
                int(mine.sum()),
                int(conforming[mine].sum()),
                int(parts[mine].sum()),
                int((parts[mine] * parts[mine] // PARTS).sum()),
                int(late[mine].sum()),
                int(over[mine].sum()),
                int((conforming & over)[mine].sum()),
                int((late & over)[mine].sum()),
            )
        return cls(sums)

    def __add__(self, other: FitnessSums) -> FitnessSums:
        """Join two sets of instances."""
        return FitnessSums(self.sums + other.sums)

    def mean(self, place: int | None = None) -> Estimate:
        """Mean fitness of one outcome, or of all; between 0 and 1."""
        whole = self.sums.sum(axis=0) if place is None else self.sums[place]
        n, _, total, squares, *_ = (int(each) for each in whole)
        found = mean_of_sums(n, total / PARTS, squares / PARTS)
        low, high = (None if each is None else min(max(each, 0.0), 1.0) for each in (found.low, found.high))
        return Estimate(found.value, low, high, found.n, found.level, "mean fitness")


@dataclass(frozen=True, eq=False)
class VariantSums:
    """Instances per variant.

    Attributes
    ----------
    variants
        The variants.
    outcomes
        int64[v, 3].
    cost, conforming
        int64[v]: departures of each; how many of its instances conform.
    """

    variants: Variants
    outcomes: Array
    cost: Array
    conforming: Array

    @classmethod
    def of(cls, variants: Variants, journeys: Array, values: Mapping[str, Array]) -> VariantSums:
        """Sum up the instances `journeys` of a block; `values` are theirs."""
        v, mine = len(variants), variants.of[journeys]
        outcomes = np.bincount(mine * 3 + values["outcome"], minlength=3 * v).astype(np.int64).reshape(v, 3)
        cost = np.zeros(v, dtype=np.int64)
        cost[mine] = values["departures"]
        conforming = np.bincount(mine[values["conforming"]], minlength=v).astype(np.int64)
        some = np.flatnonzero(outcomes.any(axis=1))
        some = some[np.argsort(variants.mark[some])]
        return cls(variants.take(some), outcomes[some], cost[some], conforming[some])

    def __add__(self, other: VariantSums) -> VariantSums:
        """Join two sets of instances."""
        whole, mine, others = joined(self.variants, other.variants)
        outcomes = np.zeros((len(whole), 3), dtype=np.int64)
        cost, conforming = (np.zeros(len(whole), dtype=np.int64) for _ in range(2))
        for each, place in ((self, mine), (other, others)):
            outcomes[place] += each.outcomes
            cost[place] = np.maximum(cost[place], each.cost)
            conforming[place] += each.conforming
        return VariantSums(whole, outcomes, cost, conforming)

    def ranked(self) -> list[int]:
        """The variants that have an instance, the most frequent first."""
        size = self.outcomes.sum(axis=1)
        order = np.lexsort((self.variants.mark, np.diff(self.variants.starts), -size))
        return [int(place) for place in order if size[place]]

    def trace(self, place: int) -> list[int]:
        """The touchpoints of one."""
        begin, end = self.variants.starts[place : place + 2]
        return [int(each) for each in self.variants.trace[begin:end]]


@dataclass(frozen=True, eq=False)
class ConformanceTally:
    """Sums over instances.

    Attributes
    ----------
    groups
        See `conformance_walk`.
    rules
        int64[rules, 4]: instances per verdict.
    names, off
        Names of events off the map by their numbers, and per number how many events there are, how many instances
        with one converted, dropped, and are in progress, and how many whose time was over converted, and are in all.
    untold
        Instances too long for their alignment to be told.
    """

    asked: JourneyMap
    most: int
    size: int
    groups: Groups
    fitness: FitnessSums
    variants: VariantSums
    rules: Array
    names: Mapping[int, str]
    off: Mapping[int, tuple[int, ...]]
    untold: int

    def __add__(self, other: ConformanceTally) -> ConformanceTally:
        """Join two sets of instances."""
        off = dict(self.off)
        for code, counts in other.off.items():
            off[code] = tuple(map(sum, zip(off.get(code, (0,) * len(counts)), counts, strict=True)))
        return ConformanceTally(
            self.asked,
            self.most,
            self.size + other.size,
            self.groups + other.groups,
            self.fitness + other.fitness,
            self.variants + other.variants,
            self.rules + other.rules,
            {**self.names, **other.names},
            off,
            self.untold + other.untold,
        )

    @property
    def conforming(self) -> Proportion:
        """The instances that conform, of those whose time was over when the data ends."""
        return Proportion(int(self.groups.closed[CONFORMING, 1]), self.conversion.n)

    @property
    def conversion(self) -> Proportion:
        """The instances that converted, of those whose time was over when the data ends."""
        converted, over = self.groups.closed[:FIRST].sum(axis=0).tolist()
        return Proportion(converted, over)

    def rates(self) -> Mapping[str, Proportion]:
        """The share that conforms, that is on time, and that converts; of those whose time was over."""
        over, late = self.conversion.n, int(self.fitness.sums[:, 7].sum())
        return {
            "conform": self.conforming,
            "stay within the time limits": Proportion(over - late, over),
            "convert": self.conversion,
        }
