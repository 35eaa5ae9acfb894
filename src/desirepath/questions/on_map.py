"""What do questions about a journey map share? The map, by name or written out, and its instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Self, cast

from desirepath.errors import InputError
from desirepath.journeys.batch import Array, JourneyBatch
from desirepath.maps.instances import TOUCHED, Cut, Ended
from desirepath.maps.journey_map import JourneyMap
from desirepath.questions.journey_map_walk import Instances
from desirepath.questions.question import Question


class OnMap(Question):
    """A question about the instances of a map; its class has a field `map`."""

    spans: ClassVar[frozenset[str]] = frozenset({"length"})
    blanks: ClassVar[frozenset[str]] = frozenset({"score"})

    map: str | dict[str, Any]

    @cached_property
    def asked_map(self) -> JourneyMap:
        """The map.

        Raises
        ------
        MapError
            If it does not make sense.
        InputError
            If it is a name that nobody looked up.
        """
        if isinstance(self.map, str):
            raise InputError(f"The map {self.map!r} has to be looked up; ask a workspace, or give the whole map.")
        return JourneyMap.of(self.map)

    def walks(self) -> JourneyMap:
        """The map whose instances it is asked of."""
        return self.asked_map

    def horizon(self) -> int:
        """An instance may end until it is given up."""
        return self.asked_map.patience

    def bound(self, maps: Callable[[str], JourneyMap]) -> Self:
        """The same question with its map written out."""
        if not isinstance(self.map, str):
            return self
        definition: Mapping[str, Any] = maps(self.map).definition
        return cast("Self", replace(cast("Any", self), map=dict(definition)))

    def instances(self, journeys: JourneyBatch) -> Instances:
        """The instances of a block, with how each came out."""
        return Instances(journeys.starts, journeys.time, self.touched(journeys), *self.ended(journeys))

    def ended(self, journeys: JourneyBatch) -> Ended:
        """How each instance came out."""
        return Cut(self.asked_map).ended(journeys)

    def touched(self, journeys: JourneyBatch) -> Array:
        """uint8[n]: the touchpoint of each event."""
        return cast("Array", journeys.columns[TOUCHED])
