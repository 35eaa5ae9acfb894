"""Which events belong to one visit?

A session is a run of one person's events with no gap longer than stated (30 minutes) and no longer than stated
(24 hours); midnight does not cut it, unless the rule says so. Events that happen outside
a visit (a delivery, a ticket, a call) belong to the session that is open when they occur, but neither start nor extend
one.

Where a source gave session ids of its own, an id belongs to the person it was seen with: clients reuse ids.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import ALWAYS_OPEN, JourneyBatch
from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]

MINUTE = 60_000_000

FOREVER = ALWAYS_OPEN


@dataclass(frozen=True)
class SessionRule:
    """How sessions are cut; lengths in microseconds.

    Attributes
    ----------
    gap
        Longest pause inside a session.
    longest
        Longest session, from its first event.
    given
        Use the session ids that sources gave, where they gave one.
    midnight
        Whether midnight, by the calendar of the batch, ends every session.
    """

    gap: int = 30 * MINUTE
    longest: int = 24 * 60 * MINUTE
    given: bool = True
    midnight: bool = False

    def nights(self, batch: JourneyBatch) -> Array:
        """int64[days]: the midnights that end sessions, ascending, from before the first event to after the last."""
        if not self.midnight or not len(batch.time):
            return np.zeros(0, dtype=np.int64)
        return batch.calendar.edges("day", int(batch.time.min()), int(batch.time.max()))


@kernel
def _next(nights: Array, moment: int) -> int:
    """The first of the midnights after a moment; never, where none is."""
    low, high = 0, len(nights)
    while low < high:
        middle = (low + high) // 2
        if nights[middle] > moment:
            high = middle
        else:
            low = middle + 1
    return int(nights[low]) if low < len(nights) else FOREVER


@kernel
def _number(
    starts: Array,
    time: Array,
    extends: Array,
    given: Array,
    gap: int,
    longest: int,
    nights: Array,
    ids: int,
    over: Array,
    number: Array,
    closes: Array,
) -> None:
    """Write a number per event that is unique in its journey; `closes`: when its session can take no more events.

    Sessions may lie in each other, where sources name them: `over` int64[ids + events of a journey + 1, 2] is room for
    when each is over, and in which journey it is (none to begin with: -1); sources name fewer than `ids`.
    """
    for p in range(len(starts) - 1):
        session, began, latest = 0, 0, 0
        night = FOREVER
        for i in range(starts[p], starts[p + 1]):
            closes[i] = ALWAYS_OPEN
            if given[i] > 0:
                number[i] = -given[i]
                continue
            is_open = session > 0 and time[i] - latest <= gap and time[i] - began <= longest and time[i] < night
            if not is_open and extends[i]:
                session += 1
                began = time[i]
                night = _next(nights, began)
                is_open = True
            if extends[i]:
                latest = time[i]
            if is_open:
                number[i] = session
                closes[i] = began + longest
        for i in range(starts[p + 1] - 1, starts[p] - 1, -1):
            place = -number[i] if number[i] < 0 else ids + number[i]
            if over[place, 1] != p:  # the last event of its session
                over[place, 1] = p
                over[place, 0] = min(min(time[i], ALWAYS_OPEN - gap) + gap, _next(nights, time[i]), closes[i])
            closes[i] = over[place, 0]


@kernel
def _split(
    starts: Array, time: Array, gap: int, longest: int, nights: Array, given: Array, until: Array, begins: Array,
    closes: Array, owner: Array,
) -> int:  # fmt: skip
    """Write where each session begins, when it closes, and whose it is; return how many there are."""
    count = 0
    for p in range(len(starts) - 1):
        i, stop = starts[p], starts[p + 1]
        while i < stop:
            begins[count] = i
            owner[count] = given[p]
            latest = time[i]
            night, full = _next(nights, latest), latest + longest
            border = min(full, night - 1)
            i += 1
            while i < stop and time[i] - latest <= gap and time[i] <= border:
                latest = time[i]
                i += 1
            closes[count] = min(latest + gap, full, night, until[p])
            count += 1
    begins[count] = len(time)
    return count


def split_sessions(batch: JourneyBatch, rule: SessionRule) -> JourneyBatch:
    """Cut persons' journeys into sessions by time alone, where no source gave session ids and every event extends one.

    The same as `session_numbers` and `cut_sessions`, without moving an event.
    """
    # memory is taken as it is written, so that these cost what there are sessions, not events
    begins, closes, owner = (np.empty(len(batch.time) + 1, dtype=np.int64) for _ in range(3))
    given, until = batch.owner, batch.open_until
    many = _split(
        batch.starts, batch.time, rule.gap, rule.longest, rule.nights(batch), given, until, begins, closes, owner
    )
    return replace(batch, starts=begins[: many + 1], owner=owner[:many], closes=closes[:many], shut=None)


def cut_sessions(batch: JourneyBatch, number: Array, closes: Array) -> tuple[JourneyBatch, Array]:
    """Cut persons' journeys into sessions.

    Parameters
    ----------
    batch
        Journeys of persons.
    number, closes
        int64[n], int64[n]: what `session_numbers` said of their events.

    Returns
    -------
    The sessions as journeys, and int64[sessions]: the journey each came from. Events outside any session are left
    out.
    """
    inside = number != 0
    if not inside.all():
        batch, number, closes = batch.keep_events(inside), number[inside], closes[inside]
    return batch.cut(number, closes=closes)


def session_numbers(
    batch: JourneyBatch, rule: SessionRule, *, extends: Array | None = None, given: Array | None = None
) -> tuple[Array, Array]:
    """Number every event's session: int64[n], unique in its journey, 0 outside any; and int64[n], when that is over.

    A session is over one gap after its last event, once it is as long as sessions may be, or at midnight where that
    ends sessions.
    """
    events = len(batch.time)
    number = np.zeros(events, dtype=np.int64)
    closes = np.zeros(events, dtype=np.int64)
    every = np.ones(events, dtype=np.bool_) if extends is None else extends
    ids = np.zeros(events, dtype=np.int64) if given is None or not rule.given else given.astype(np.int64)
    longest = int(np.diff(batch.starts).max(initial=0))
    named = int(ids.max(initial=0)) + 1
    over = np.full((named + longest + 1, 2), -1, dtype=np.int64)
    lengths = rule.gap, rule.longest
    _number(batch.starts, batch.time, every, ids, *lengths, rule.nights(batch), named, over, number, closes)
    return number, closes


def ranked(journey: Array) -> Array:
    """int64[rows], from 1: which of its journey's rows each is; rows of one journey stand together."""
    begins = np.flatnonzero(np.diff(journey, prepend=-1))
    lengths = np.diff(np.append(begins, len(journey)))
    return np.asarray(np.arange(len(journey)) - np.repeat(begins, lengths) + 1)


def passages(journey: Array, entry: Array) -> Array:
    """int64[rows], from 1: which of its journey's passages each row is of; rows of one passage have the same entry."""
    fresh = np.diff(journey, prepend=-1) != 0
    number = np.cumsum(fresh | (np.diff(entry, prepend=-1) != 0))
    begins = np.flatnonzero(fresh)
    return np.asarray(number - np.repeat(number[begins], np.diff(np.append(begins, len(journey)))) + 1)


def counted(journey: Array, number: Array) -> Array:
    """int64[n]: which of its journey's sessions each event is in, from 1 in the order of first events; 0 for none."""
    if not len(number):
        return np.zeros(0, dtype=np.int64)
    low, high = int(number.min()), int(number.max())
    kinds, first, which = np.unique(journey * (high - low + 1) + (number - low), return_index=True, return_inverse=True)
    whose, outside = journey[first], number[first] == 0
    order = np.lexsort((first, outside, whose))
    rank = np.empty(len(kinds), dtype=np.int64)
    rank[order] = ranked(whose[order])
    rank[outside] = 0
    return np.asarray(rank[which])
