"""Who came back in which period? One walk over each journey, and what the rows add up to.

A row is somebody's membership in a cohort: when they started, and a bit for each period in which they came back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import ALWAYS_OPEN
from desirepath.journeys.kernel import inlined, kernel
from desirepath.journeys.ruler import Ruler, bucket_at, bucket_inside, lay_against

Array = npt.NDArray[Any]

MOST_PERIODS = 60
AT_ONCE = 64
"""So many events are looked at together, which most journeys do not have."""

NO_RETURN = 63
"""Stands for the bucket of an event that is no return: buckets are as many at most, where each is a bit."""

ON, ON_OR_AFTER, ON_OR_BEFORE, STREAK = range(4)


class When(NamedTuple):
    """What divides time; microseconds."""

    ruler: Ruler  # of the calendar's buckets, by which cohorts are named
    width: int  # of a period that begins with the start itself; 0 for calendar periods
    periods: int  # the last period that is asked for; the start is in period 0
    begin: int  # of the period in which starts count
    end: int
    day: int  # where moments are told by the day, its usual length, so that one that changes the clock counts as one
    until: int  # what can be told of: periods that begin before it, or are over by then
    beyond: bool  # whether returns after the last period matter; one more bit tells of them
    begun: bool  # whether a period can be told of from its begin on, not only once it is over
    known: int  # of so many buckets can be told at the cut-off


class Rows(NamedTuple):
    """The result, one entry a row."""

    journey: Array  # int32
    place: Array  # int32: position of the start
    cohort: Array  # int32: bucket of the start
    bits: Array  # int64: bit k set where they came back in period k
    seen: Array  # int8: of so many periods can be told at the cut-off
    started: Array  # int64: moment of the start


@inlined
def _length(span: int, day: int) -> int:
    """How long it is between two moments; in whole days, where they are told by the day."""
    return (span + day // 2) // day * day if day > 0 else span


@inlined
def _period_of(moment: int, origin: int, bucket: int, when: When) -> tuple[int, int]:
    """In which period after a start does a moment lie, and from when on does it no more?"""
    if when.width == 0:
        found = bucket_inside(when.ruler, moment)
        return found - bucket, when.ruler.ends[found]
    period = _length(moment - origin, when.day) // when.width
    over = (period + 1) * when.width
    if when.day > 0:  # from so many whole days on, of which half a one is rounded up
        over = (over + when.day - 1) // when.day * when.day - when.day // 2
    return period, origin + over


@inlined
def follow_one(
    time: Array, codes: Array, bits: Array, start: int, stop: int, bucket: int, when: When, rows: Rows, row: int
) -> None:
    """Fill in a row: the periods in which the events after a start lie."""
    edges, width, origin, limit = when.ruler.edges, when.width, time[start], when.periods + 1
    found, last = 0, time[stop - 1]
    far = ALWAYS_OPEN if width > 0 else edges[len(edges) - 1]  # from here on nothing matters
    if not when.beyond and width > 0:
        far = origin + limit * width + when.day
    elif not when.beyond and bucket + limit <= len(edges) - 1:
        far = edges[bucket + limit]
    i = start + 1
    while i < stop and time[i] < far:
        # a period at a time: within one, a branch on the next moment is foreseen, and one return is as good as many
        period, over = _period_of(time[i], origin, bucket, when)
        back = bits[codes[i]] >> 1 & 1
        i += 1
        if last < over:
            while i < stop and not back:
                back = bits[codes[i]] >> 1 & 1
                i += 1
            i = stop
        else:
            while not back and time[i] < over:
                back = bits[codes[i]] >> 1 & 1
                i += 1
            while time[i] < over:
                i += 1
        found |= back << min(period, limit)
    seen = _length(when.until - origin, when.day) // width + when.begun if width > 0 else when.known - bucket
    rows.bits[row] = found
    rows.seen[row] = max(min(seen, limit), 0)
    rows.cohort[row] = bucket
    rows.started[row] = origin


@kernel
def follow_first(starts: Array, time: Array, codes: Array, bits: Array, when: When, rows: Rows) -> int:
    """One row per journey whose first start ever lies in the period; return how many."""
    row = 0
    for p in range(len(starts) - 1):
        stop = starts[p + 1]
        i = starts[p]
        while i < stop and not bits[codes[i]] & 1:
            i += 1
        if i == stop or not when.begin <= time[i] < when.end:
            continue
        bucket = bucket_at(when.ruler, time[i])
        rows.journey[row] = p
        rows.place[row] = i
        follow_one(time, codes, bits, i, stop, bucket, when, rows, row)
        row += 1
    return row


@inlined
def _lay_out(
    time: Array, codes: Array, bits: Array, when: When, any_returns: bool, start: int, stop: int, slots: Array
) -> None:
    """Write the buckets of a run of events, and `NO_RETURN` for those that are none."""
    lay_against(when.ruler, time, start, stop, slots)
    if not any_returns:
        for i in range(start, stop):
            slots[i - start] = slots[i - start] if bits[codes[i]] & 2 else NO_RETURN


@kernel
def follow_straight(
    starts: Array, time: Array, codes: Array, bits: Array, when: When, any_returns: bool, slots: Array, rows: Rows
) -> int:
    """`follow_first` where periods are a few buckets of the calendar: many events at once, as processors like it.

    `slots` is uint8[`AT_ONCE` and more]; `any_returns` says that any event is a return.
    """
    row = base = filled = 0
    limit, room = when.periods + 1, len(slots) - AT_ONCE
    for p in range(len(starts) - 1):
        i, stop = starts[p], starts[p + 1]
        while i < stop and not bits[codes[i]] & 1:
            i += 1
        if i == stop or not when.begin <= time[i] < when.end:
            continue
        bucket = bucket_at(when.ruler, time[i])
        found = np.int64(0)
        for j in range(i + 1, stop, AT_ONCE):
            if min(j + AT_ONCE, stop) > filled:
                base, filled = j, min(j + room, len(time))
                _lay_out(time, codes, bits, when, any_returns, base, filled, slots)
            left = stop - j
            for k in range(AT_ONCE):  # what lies beyond is anything, and shifts a zero
                there = np.int64(1) if k < left else np.int64(0)
                found |= there << np.int64(slots[j - base + k] & 63)
        found = (found & ((1 << NO_RETURN) - 1)) >> bucket
        rows.bits[row] = found & ((1 << limit) - 1) | (np.int64(when.beyond and found >> limit != 0) << limit)
        rows.journey[row] = p
        rows.place[row] = i
        rows.seen[row] = max(min(when.known - bucket, limit), 0)
        rows.cohort[row] = bucket
        rows.started[row] = time[i]
        row += 1
    return row


@kernel
def count_every(starts: Array, time: Array, codes: Array, bits: Array, when: When) -> int:
    """How many rows `follow_every` gives."""
    count = 0
    for p in range(len(starts) - 1):
        before = -1
        for i in range(starts[p], starts[p + 1]):
            if bits[codes[i]] & 1 and when.begin <= time[i] < when.end:
                bucket = bucket_at(when.ruler, time[i])
                count += bucket != before
                before = bucket
    return count


@kernel
def follow_every(starts: Array, time: Array, codes: Array, bits: Array, when: When, rows: Rows) -> int:
    """One row per journey and bucket in which it starts, from the first start in the bucket on; return how many."""
    row = 0
    for p in range(len(starts) - 1):
        before, stop = -1, starts[p + 1]
        for i in range(starts[p], stop):
            if not (bits[codes[i]] & 1 and when.begin <= time[i] < when.end):
                continue
            bucket = bucket_at(when.ruler, time[i])
            if bucket != before:
                rows.journey[row] = p
                rows.place[row] = i
                follow_one(time, codes, bits, i, stop, bucket, when, rows, row)
                row += 1
            before = bucket
    return row


@kernel
def came_back(bits: int, period: int, mode: int) -> bool:
    """Whether somebody came back in a period, by what coming back means."""
    if mode == ON:
        return bool((bits >> period) & 1)
    if mode == ON_OR_AFTER:
        return bool((bits >> period) != 0)
    if mode == ON_OR_BEFORE:
        return bool(bits & ((1 << (period + 1)) - 1))
    wanted = ((1 << (period + 1)) - 1) & ~1
    return bool((bits & wanted) == wanted)


@kernel
def add_up(cohort: Array, bits: Array, seen: Array, mode: int, size: Array, closed: Array, back: Array) -> None:
    """Count rows by cohort, by periods seen, and by periods come back in.

    `closed[c, n]` counts rows of which n periods are over; `back[c, k]` those that came back in period k, over.
    """
    for row in range(len(cohort)):
        c, known = cohort[row], int(seen[row])
        size[c] += 1
        closed[c, known] += 1
        if mode == ON:
            left = bits[row] & ((1 << known) - 1)
            for k in range(back.shape[1]):  # few are set, but where nobody foresees
                back[c, k] += (left >> k) & 1
        else:
            for k in range(known):
                back[c, k] += came_back(bits[row], k, mode)


@kernel
def add_brackets(
    cohort: Array, bits: Array, seen: Array, brackets: Array, size: Array, closed: Array, back: Array
) -> None:
    """The same for brackets, `brackets[b]` their first and last period; `closed[c, b]` counts where that is over."""
    for row in range(len(cohort)):
        c, known = cohort[row], seen[row]
        size[c] += 1
        for b in range(len(brackets)):
            if known > brackets[b, 1]:
                closed[c, b] += 1
                inside = ((1 << (brackets[b, 1] + 1)) - 1) & ~((1 << brackets[b, 0]) - 1)
                back[c, b] += (bits[row] & inside) != 0
