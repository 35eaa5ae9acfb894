"""Does reality keep to a map? What was found of its instances, against the map's own thresholds.

    thresholds: {fitness: 0.9, conforming: 0.75, late: 0.1, conversion: 0.7}

`late` is at most so much, the others at least. The shares themselves are judged; their intervals are shown beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desirepath.maps.journey_map import JourneyMap
from desirepath.statistics import Estimate


@dataclass(frozen=True)
class Judged:
    """One measure of a map's instances.

    Attributes
    ----------
    found
        What it is, with its interval; without a value where there is no instance, or no limit, to judge by.
    threshold
        What the map allows, None where it says nothing.
    """

    measure: str
    found: Estimate
    threshold: float | None

    @property
    def is_at_most(self) -> bool:
        """Whether the threshold is an upper one."""
        return self.measure == "late"

    @property
    def verdict(self) -> str:
        """`kept`, `missed`, `no data` or `no threshold`."""
        if self.threshold is None:
            return "no threshold"
        if self.found.value is None:
            return "no data"
        kept = self.found.value <= self.threshold if self.is_at_most else self.found.value >= self.threshold
        return "kept" if kept else "missed"


def judge(asked: JourneyMap, fitness: Mapping[str, Sequence[Any]]) -> list[Judged]:
    """Hold the map's thresholds against table `fitness` of its conformance.

    Parameters
    ----------
    fitness
        The columns of the table; its last row is of all instances.
    """
    limited = any(each.limit for each in asked.touchpoints) or any(each.limit for each in asked.stages)
    found = {
        "fitness": _last(fitness, "fitness"),
        "conforming": _last(fitness, "of_conforming", of="decided"),
        "late": _last(fitness, "of_late", of="decided") if limited else Estimate(None, None, None, 0, 0.95, "of_late"),
        "conversion": _last(fitness, "of_decided_converting", of="decided"),
    }
    return [Judged(measure, estimate, asked.thresholds.get(measure)) for measure, estimate in found.items()]


def _last(table: Mapping[str, Sequence[Any]], name: str, of: str = "instances") -> Estimate:
    n = table[of][-1]
    return Estimate(table[name][-1], table[f"{name}_low"][-1], table[f"{name}_high"][-1], n, 0.95, name)
