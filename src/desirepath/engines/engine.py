"""What must an engine do? Deliver whole journeys in time order, with the columns that were asked for.

A question never asks which engine it is on. What an engine cannot do it declares, with the error it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from desirepath.journeys.batch import JourneyBatch, Reads

T = TypeVar("T")

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Extent:
    """What the data covers.

    Attributes
    ----------
    data_version, identity_version
        The state of the events and of who is who.
    events, people
        How many there are.
    unattributed
        How many of the events belong to nobody.
    first, last
        Earliest and latest moment, microseconds since 1970-01-01 UTC; `last` is the default cut-off.
    """

    data_version: int
    identity_version: int
    events: int
    people: int
    first: int
    last: int
    unattributed: int = 0


class Engine(Protocol):
    """Delivers journeys."""

    def extent(self) -> Extent:
        """What the data covers at present."""

    def labels(self, field: str) -> Sequence[str | None]:
        """The distinct values of `name`, `channel`, `source` or `entity_type` in all events; None: missing."""

    def properties(self, asked: Collection[str]) -> Collection[str]:
        """Names of properties that events have: those asked for that exist, and others as some events show."""

    def map(
        self,
        reads: Reads,
        work: Callable[[JourneyBatch], T],
        *,
        sample: float = 1.0,
        progress: Progress | None = None,
    ) -> list[T]:
        """Run `work` on every block of persons' journeys; the results in the order of the blocks.

        Parameters
        ----------
        reads
            The columns wanted per event.
        work
            A pure function of a batch; it may run on several threads at once.
        sample
            Share of people, drawn by hash: the same people at every call, and a smaller share is part of a larger.
        progress
            Told how many blocks are done.
        """

    def as_it_stands(self) -> Engine:
        """The engine on the data of now, whatever comes later; of columns that `lasts` says may be asked for later."""

    def lasts(self, reads: Reads) -> bool:
        """Whether these columns can be delivered as they are now once newer data came, and nothing is kept for it."""
