"""The smallest engine: a list of what happened, cut into any blocks of people. No database, no compiled code.

Filters are judged by a few lines of Python of their own (`holds`), so that an answer which agrees with the real
engine's was found on two ways.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from desirepath.engines.engine import Extent, Progress
from desirepath.events.where import Where
from desirepath.events.where_tree import AllOf, AnyOf, Compare, Constant, Field, Missing, Node, Not, Number, OneOf, Text
from desirepath.journeys.batch import Code, JourneyBatch, Match, Matched, Read, Reads

T = TypeVar("T")


@dataclass(frozen=True)
class Happened:
    """One event of somebody; `fields` holds channel, session and properties as text."""

    person: str
    time: int
    name: str
    id: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """The text of a field, or None where it is missing."""
        return {"name": self.name, "source": "story"}.get(name, self.fields.get(name))


def holds(node: Node, event: Happened) -> bool | None:
    """Whether a filter holds; None where a missing value leaves it unknown."""
    match node:
        case Constant(value):
            return value
        case Not(inner):
            found = holds(inner, event)
            return None if found is None else not found
        case AllOf(parts):
            found_all = [holds(part, event) for part in parts]
            return False if False in found_all else None if None in found_all else True
        case AnyOf(parts):
            found_any = [holds(part, event) for part in parts]
            return True if True in found_any else None if None in found_any else False
        case Missing(Field(name)):
            return event.value(name) is None
        case OneOf(Field(name), values):
            value = event.value(name)
            return None if value is None else value in [item.value for item in values if isinstance(item, Text)]
        case Compare(Field(name), operator, Text(wanted)):
            value = event.value(name)
            return None if value is None else {"=": value == wanted, "!=": value != wanted}[operator]
        case Compare(Field(name), operator, Number(wanted_number)):
            return _compare_number(event.value(name), operator, float(wanted_number))
    raise NotImplementedError(f"the memory engine cannot judge {node}")


def _compare_number(value: str | None, operator: str, wanted: float) -> bool | None:
    if value is None:
        return None
    number = float(value)
    return {
        "=": number == wanted,
        "!=": number != wanted,
        "<": number < wanted,
        "<=": number <= wanted,
        ">": number > wanted,
        ">=": number >= wanted,
    }[operator]


class MemoryEngine:
    """Delivers journeys from a list.

    Parameters
    ----------
    events
        What happened, in any order.
    blocks
        Whose journeys each block holds, in order; one block of everybody if left out.
    threads
        How many blocks are worked off at once.
    """

    def __init__(
        self, events: Sequence[Happened], blocks: Sequence[Sequence[str]] | None = None, *, threads: int = 1
    ) -> None:
        self.events = sorted(events, key=lambda event: (event.time, event.id))
        everyone = sorted({event.person for event in events})
        self.blocks = [everyone] if blocks is None else [list(block) for block in blocks]
        assert sorted(person for block in self.blocks for person in block) == everyone
        self.threads = threads

    def extent(self) -> Extent:
        """What the list covers."""
        times = [event.time for event in self.events] or [0]
        people = sum(len(block) for block in self.blocks)
        return Extent(1, 1, len(self.events), people, times[0], times[-1])

    def map(
        self, reads: Reads, work: Callable[[JourneyBatch], T], *, sample: float = 1.0, progress: Progress | None = None
    ) -> list[T]:
        """Run `work` on every block."""
        labels = {name: self.labels(read.field) for name, read in reads.items() if isinstance(read, Code)}
        with ThreadPoolExecutor(self.threads) as pool:
            jobs = [
                pool.submit(lambda n=number: work(self._batch(n, reads, labels, sample)))
                for number in range(len(self.blocks))
            ]
            return [job.result() for job in jobs]

    def as_it_stands(self) -> MemoryEngine:
        """Itself: its list stays the same."""
        return self

    def lasts(self, reads: Reads) -> bool:
        """Always."""
        return True

    def labels(self, name: str) -> list[str | None]:
        """Distinct values of a field, the missing one first."""
        return [None, *sorted({value for event in self.events if (value := event.value(name)) is not None})]

    def properties(self, asked: Collection[str]) -> list[str]:
        """All properties of all events."""
        return sorted({name for event in self.events for name in event.fields})

    def _batch(self, number: int, reads: Reads, labels: Mapping[str, list[str | None]], sample: float) -> JourneyBatch:
        people = self.blocks[number]
        journeys: dict[str, list[Happened]] = {person: [] for person in people}
        for event in self.events:
            if event.person in journeys:
                journeys[event.person].append(event)
        events = [event for journey in journeys.values() for event in journey]
        columns = {name: self._column(read, events, labels.get(name, [])) for name, read in reads.items()}
        batch = JourneyBatch(
            owner=np.arange(len(people), dtype=np.int64),
            starts=np.cumsum([0, *map(len, journeys.values())]).astype(np.int64),
            time=np.array([event.time for event in events], dtype=np.int64),
            columns=columns,
            labels=labels,
            cutoff=self.extent().last,
            block=number,
            persons=lambda owners: [people[owner] for owner in owners],
        )
        return (
            batch
            if sample >= 1
            else batch.keep_journeys(np.array([share_of(person) < sample for person in people], dtype=bool))
        )

    def _column(self, read: Read, events: Sequence[Happened], labels: list[str | None]) -> Any:
        if isinstance(read, Match):
            masks = [sum(1 << k for k, where in enumerate(read.filters) if _true(where, event)) for event in events]
            bits, found = np.unique(np.array([0, *masks], dtype=np.int64), return_inverse=True)
            return Matched(found[1:].astype(np.uint16), bits)
        if isinstance(read, Code):
            place = {label: code for code, label in enumerate(labels)}
            return np.array([place[event.value(read.field)] for event in events], dtype=np.int32)
        given = [event.value(read.field) for event in events]
        return np.array([math.nan if value in (None, "") else float(value) for value in given])


def _true(where: Where, event: Happened) -> bool:
    return holds(where.root, event) is True


def share_of(person: str) -> float:
    """A number from 0 to 1 by which samples are drawn."""
    return int.from_bytes(hashlib.sha256(person.encode()).digest()[:8], "big") / 2**64


class LongJourney(MemoryEngine):
    """One person's journey of any length, made without a loop over events.

    Parameters
    ----------
    letters
        The names there are.
    places
        int[n]: event k has the name `letters[places[k]]`.
    moments
        int64[n]: when each event occurred, never decreasing.
    """

    def __init__(self, letters: str, places: Any, moments: Any) -> None:
        given = {"plan": "x", "channel": "web", "said": "so", "stars": "5", "mood": "1"}
        few = [Happened("p", 0, letter, str(n), given) for n, letter in enumerate(letters)]
        super().__init__(few)
        self._places, self._moments = np.asarray(places), np.asarray(moments)

    def _batch(self, number: int, reads: Reads, labels: Mapping[str, list[str | None]], sample: float) -> JourneyBatch:
        small = super()._batch(number, reads, labels, sample)
        columns: dict[str, Any] = {
            name: Matched(column.codes[self._places], column.bits)
            if isinstance(column, Matched)
            else column[self._places]
            for name, column in small.columns.items()
        }
        starts = np.array([0, len(self._moments)], dtype=np.int64)
        return replace(small, starts=starts, time=self._moments, columns=columns, cutoff=int(self._moments[-1]))
