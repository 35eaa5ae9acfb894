"""What does a question get to look at? Whole journeys, in time order, as arrays.

A `JourneyBatch` holds many journeys end to end: journey p owns the events `starts[p]` to `starts[p + 1]` of every
array. A batch never cuts a journey in two. Columns are the ones that the question's `reads()` named:

    Match(("name = 'a'", "name = 'b'"))   ->  Matched: small codes and a table of bits, bit k set where filter k holds
    Code("plan")                          ->  int32 codes, 0 where the value is missing; `labels` spells them out
    Number("value")                       ->  float64, NaN where missing
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.events.calendar import Calendar
from desirepath.journeys.kernel import kernel
from desirepath.journeys.scratch import scratch, shared

if TYPE_CHECKING:
    from desirepath.events.where import Where

Array = npt.NDArray[Any]

ALWAYS_OPEN = 2**62
"""The moment at which a journey that nothing closes is over."""


@dataclass(frozen=True)
class Match:
    """Ask which of several filters hold for each event (at most 62)."""

    filters: tuple[Where, ...]

    @classmethod
    def of(cls, *filters: Where | str) -> Match:
        """Ask by filters or their texts.

        Raises
        ------
        FilterError
            If a text cannot be read.
        """
        from desirepath.events.where import Where

        return cls(tuple(map(Where.of, filters)))


@dataclass(frozen=True)
class Code:
    """Ask for the value of one field as codes: `name`, `channel`, or any property."""

    field: str


@dataclass(frozen=True)
class Number:
    """Ask for the value of one field as a number."""

    field: str


@dataclass(frozen=True)
class Session:
    """Ask for the number of each event's session, unique in its journey; 0 outside any.

    A second column of the same name with ` closes` holds the moment from which no event can join the session.
    Sessions are cut on whole journeys, before period and filter take events away.

    Parameters
    ----------
    counted
        Whether a third column with ` nth` is wanted: which of its person's sessions it is, from 1 in the order of their
        first events; 0 outside any.
    """

    counted: bool = False


Read = Match | Code | Number | Session
Reads = Mapping[str, Read]


@dataclass(frozen=True)
class Matched:
    """Which filters hold: `bits[codes[i]]` has bit k set where filter k holds for event i."""

    codes: Array
    bits: Array

    def holds(self, k: int) -> npt.NDArray[np.bool_]:
        """bool[events]: whether filter k holds for each event."""
        table = ((self.bits >> k) & 1).astype(np.bool_)
        return np.asarray(table[self.codes])


Column = Array | Matched

Persons = Callable[[Sequence[int]], list[str]]


def _unnamed(places: Sequence[int]) -> list[str]:
    return [str(place) for place in places]


@kernel
def _kept(mask: Array, starts: Array, after: Array) -> None:
    """Put down where each journey begins among the events that are kept."""
    count = 0
    for p in range(len(starts) - 1):
        for i in range(starts[p], starts[p + 1]):
            count += mask[i]
        after[p + 1] = count


SHORT = 16
"""Journeys up to so many events are gone through from the beginning; in longer ones the beginning is searched for."""


@kernel
def _between(starts: Array, time: Array, low: int, high: int, order: Array, after: Array) -> int:
    """Put down the events from `low` on and before `high`, and where journeys begin among them; return how many."""
    many = 0
    for p in range(len(starts) - 1):
        first, end = starts[p], starts[p + 1]
        last = end
        while last - first > SHORT:
            middle = (first + last) // 2
            if time[middle] < low:
                first = middle + 1
            else:
                last = middle
        while first < end and time[first] < low:
            first += 1
        while first < end and time[first] < high:
            order[many] = first
            many += 1
            first += 1
        after[p + 1] = many
    return many


@dataclass(frozen=True)
class JourneyBatch:
    """Whole journeys of a block of units.

    Attributes
    ----------
    owner
        int64[p]: place of the journey's person in the block, for the drill-down; a person may own several.
    starts
        int64[p + 1]: offsets of the journeys.
    time
        int64[n]: when each event occurred, microseconds since 1970-01-01 UTC, never decreasing in a journey.
    columns
        What `reads()` asked for, by the names it gave.
    labels
        Per `Code` column the text of each code; place 0 is the missing value.
    closes
        int64[p]: the last moment at which an event can join the journey; `ALWAYS_OPEN` for a person. Once the data is
        known up to then, nothing more is to come.
    period
        Half-open, microseconds: entries count inside it; later events may still be steps.
    cutoff
        The data is known up to and including this moment.
    block
        Which block of people this is.
    calendar
        In which days, weeks and months are cut.
    extent
        Earliest and latest moment of any event of anybody, in whatever block; microseconds.
    persons
        The ids of persons by their places in the block, as they stood when the batch was read.
    by_day
        Whether moments are told by the day: each is a midnight, and a day is a day where clocks change.
    shut
        int64[p]: like `closes`, but not because an event has ended the journey, so that rates may go by it; the same as
        `closes` if left out.
    read_until
        Events at this moment or later are not asked about, though they belong to the journey, and may still come.
        Instances of a map are asked about whole.
    """

    owner: Array
    starts: Array
    time: Array
    columns: Mapping[str, Column]
    labels: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    closes: Array | None = None
    period: tuple[int, int] = (-(2**62), 2**62)
    cutoff: int = 2**62
    block: int = 0
    calendar: Calendar = field(default_factory=Calendar)
    extent: tuple[int, int] = (0, 0)
    persons: Persons = field(default=_unnamed, repr=False, compare=False)
    by_day: bool = False
    shut: Array | None = None
    read_until: int = ALWAYS_OPEN

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def span(self) -> tuple[int, int]:
        """First and last moment that can be counted in: of period, data and cut-off. The same for every block."""
        first = max(self.period[0], self.extent[0])
        return first, max(min(self.period[1] - 1, self.extent[1], self.cutoff), first)

    @property
    def open_until(self) -> Array:
        """int64[p]: `closes`, or never."""
        if self.closes is None:
            return shared("always open", len(self), lambda many: np.full(many, ALWAYS_OPEN, dtype=np.int64))
        return self.closes

    @property
    def shut_at(self) -> Array:
        """int64[p]: `shut`, or where it is left out `closes`."""
        return self.open_until if self.shut is None else self.shut

    def journey_of_event(self) -> Array:
        """int64[n]: which journey each event belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))

    def count(self, column: str, k: int = 0) -> Array:
        """int64[p]: for how many events of each journey filter `k` of a `Match` column holds."""
        held = np.concatenate(([0], np.cumsum(cast("Matched", self.columns[column]).holds(k))))
        return np.diff(held[self.starts])

    def _take(self, order: Array, starts: Array, owner: Array, closes: Array | None) -> JourneyBatch:
        columns: dict[str, Column] = {}
        for name, column in self.columns.items():
            columns[name] = Matched(column.codes[order], column.bits) if isinstance(column, Matched) else column[order]
        return replace(self, owner=owner, starts=starts, time=self.time[order], columns=columns, closes=closes)

    def within_moments(self, rank: Array) -> JourneyBatch:
        """The same journeys with events of one moment in the order of `rank`, int[n]; equal ones stay as they are."""
        again = np.zeros(len(self.time) + 1, dtype=np.bool_)
        np.equal(self.time[1:], self.time[:-1], out=again[1:-1])
        again[self.starts] = False
        if not (again[1:-1] & (rank[1:] < rank[:-1])).any():
            return self
        places = np.flatnonzero(again[:-1] | again[1:])
        moment = np.cumsum(~again[places])
        source = places[np.lexsort((rank[places], moment))]

        def moved(column: Array) -> Array:
            column = column.copy()
            column[places] = column[source]
            return column

        columns = {
            name: Matched(moved(each.codes), each.bits) if isinstance(each, Matched) else moved(each)
            for name, each in self.columns.items()
        }
        return replace(self, columns=columns)

    def keep_events(self, mask: npt.NDArray[np.bool_]) -> JourneyBatch:
        """The same journeys with only the events where `mask` is true; journeys may become empty."""
        starts = np.zeros(len(self.starts), dtype=np.int64)
        _kept(mask, self.starts, starts)
        return self._take(np.flatnonzero(mask), starts, self.owner, self.closes)

    def keep_between(self, low: int, high: int) -> JourneyBatch:
        """The same journeys with only the events from `low` on and before `high`; journeys may become empty."""
        starts = np.zeros(len(self.starts), dtype=np.int64)
        order = scratch("between", len(self.time), np.int64)
        many = _between(self.starts, self.time, low, high, order, starts)
        return self._take(order[:many], starts, self.owner, self.closes)

    def keep_journeys(self, mask: npt.NDArray[np.bool_]) -> JourneyBatch:
        """Only the journeys where `mask` is true."""
        lengths = np.diff(self.starts)
        order = np.flatnonzero(np.repeat(mask, lengths))
        starts = np.concatenate(([0], np.cumsum(lengths[mask]))).astype(np.int64)
        closes, shut = (None if each is None else each[mask] for each in (self.closes, self.shut))
        return replace(self._take(order, starts, self.owner[mask], closes), shut=shut)

    def cut(self, key: Array, *, closes: Array | None = None) -> tuple[JourneyBatch, Array]:
        """Cut every journey into one journey a distinct key, keeping the order of events.

        Parameters
        ----------
        key
            int64[n]: events of one journey with the same key stay together.
        closes
            int64[n]: the moment from which no event can join the event's new journey, if that is known.

        Returns
        -------
        The new batch, ordered by journey and first event, and int64[new journeys]: the journey that each came from.
        """
        journey = self.journey_of_event()
        if len(journey) == 0:
            empty = replace(self, owner=self.owner[:0], starts=np.zeros(1, dtype=np.int64), closes=None, shut=None)
            return empty, np.zeros(0, dtype=np.int64)
        order = np.lexsort((key, journey))
        changes = (np.diff(journey[order]) != 0) | (np.diff(key[order]) != 0)
        first = np.concatenate(([0], np.flatnonzero(changes) + 1)).astype(np.int64)
        came_from = journey[order[first]]
        starts = np.concatenate((first, [len(order)])).astype(np.int64)
        until = self.open_until[came_from]
        shut = None if self.shut is None else self.shut[came_from]
        if closes is not None:
            cut_at = closes[order[starts[1:] - 1]]
            until = np.minimum(until, cut_at)
            shut = None if shut is None else np.minimum(shut, cut_at)
        return replace(self._take(order, starts, self.owner[came_from], until), shut=shut), came_from


def nobody(reads: Reads) -> JourneyBatch:
    """A batch without journeys, so that every question has something to add up."""
    columns: dict[str, Column] = {}
    for name, read in reads.items():
        none = np.zeros(0, dtype=np.float64 if isinstance(read, Number) else np.int32)
        columns[name] = Matched(none.astype(np.uint8), np.zeros(1, dtype=np.int64)) if isinstance(read, Match) else none
    labels = {name: [None] for name, read in reads.items() if isinstance(read, Code)}
    times = np.zeros(0, dtype=np.int64)
    return JourneyBatch(times, np.zeros(1, dtype=np.int64), times, columns, labels)
