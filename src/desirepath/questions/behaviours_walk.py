"""What had everybody done by a landmark, and what became of them? Walks over journeys, for whoever compares behaviours.

Everybody is looked at for the same length of time after their start, both ends included. What becomes of them is read
from what comes after it; so nobody can have done less because they got there sooner, and nothing that it brought about,
such as clicks in the mail that follows a survey, is taken for what came before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import JourneyBatch, Matched
from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]

DAY = 86_400_000_000
NEVER = -1
YES, NO, UNDECIDED = range(3)
EARLY = 3
"""The goal came before the landmark."""

BOTH, NEITHER, TOLD = 3, 4, 5
"""Fits both groups, or none, or the first event that fits comes by the landmark."""

START_BIT, ONE_BIT, OTHER_BIT = 1, 2, 4


class Clock(NamedTuple):
    """What counts when; moments and lengths in microseconds."""

    begin: int  # starts count from here
    end: int  # until before here
    within: int  # how long after the start behaviours count
    since: int  # the outcome counts from so long after the start, and after the landmark
    until: int  # until so long after the start
    cutoff: int
    own: bool  # whether anything starts, so that the start itself may be the goal
    early: bool  # whether the goal before the landmark takes somebody out
    ever: bool  # whether the start has to be the first ever


class Done(NamedTuple):
    """One entry per person and behaviour."""

    row: Array  # int64: whose, as a place among the rows
    key: Array  # int32: the behaviour
    times: Array  # int32: how often
    days: Array  # int32: on how many days since the start, of 24 hours each


@kernel
def first_start(time: Array, match: Array, bits: Array, low: int, high: int, never: int, clock: Clock) -> int:
    """The place of the start that counts, or -1; an event with a bit of `never` is none."""
    for i in range(low, high):
        if bits[match[i]] & 1 and not bits[match[i]] & never and (clock.ever or clock.begin <= time[i] < clock.end):
            return i if clock.begin <= time[i] < clock.end else -1
    return -1


@kernel
def by_goal(
    starts: Array, time: Array, match: Array, bits: Array, closes: Array, goal: int, clock: Clock, journey: Array,
    place: Array, outcome: Array,
) -> int:  # fmt: skip
    """One row per journey that starts: whether an event with the bit `goal` comes after the landmark, in time.

    Whoever has not been followed to the end of the time is undecided, also where the goal has come already: of those
    who started lately only they would count otherwise.
    """
    row = 0
    for p in range(len(starts) - 1):
        start = first_start(time, match, bits, starts[p], starts[p + 1], 0, clock)
        if start < 0:
            continue
        landmark, since, until = time[start] + clock.within, time[start] + clock.since, time[start] + clock.until
        found = UNDECIDED if min(until, closes[p]) > clock.cutoff else NO
        for i in range(start if clock.own else start + 1, starts[p + 1]):
            if time[i] > until:
                break
            if not bits[match[i]] & goal:
                continue
            if time[i] <= landmark:
                if clock.early:
                    found = EARLY
                    break
            elif time[i] >= since:
                if found == NO:
                    found = YES
                break
        journey[row], place[row], outcome[row] = p, start, found
        row += 1
    return row


@kernel
def by_group(
    starts: Array, time: Array, match: Array, bits: Array, closes: Array, rest: bool, clock: Clock, journey: Array,
    place: Array, outcome: Array, told: Array,
) -> int:  # fmt: skip
    """One row per journey that starts: of which group it is; `rest` puts whoever is not of the first into the second.

    Where anything starts, what decides the group does not: whoever is of the other has to start with something that may
    be a behaviour, and so do those of the first. `told` says whether the first event that fits a group comes by the
    landmark, and be it before the start.
    """
    row = 0
    for p in range(len(starts) - 1):
        start = first_start(time, match, bits, starts[p], starts[p + 1], 6 if clock.own else 0, clock)
        if start < 0:
            continue
        landmark, fits, sooner = time[start] + clock.within, 0, 0
        for i in range(starts[p], starts[p + 1]):
            mine = bits[match[i]] & 6
            fits |= mine
            if mine and time[i] <= landmark:
                sooner = 1
        if fits == 6:
            found = BOTH
        elif fits == 0 and not rest:
            found = NEITHER
        elif min(landmark, closes[p]) > clock.cutoff:
            found = UNDECIDED
        else:
            found = YES if fits == 2 else NO
        journey[row], place[row], outcome[row], told[row] = p, start, found, sooner
        row += 1
    return row


@kernel
def _done(
    journey: Array, place: Array, starts: Array, time: Array, codes: Array, match: Array, allowed: Array, within: int,
    count: Array, on: Array, last: Array, touched: Array, row: Array, key: Array, times: Array, days: Array,
) -> int:  # fmt: skip
    """Fill in `Done`; `count`, `on`, `last` and `touched` are for the walk, the first two all 0."""
    many = 0
    for r in range(len(journey)):
        begin, seen = time[place[r]], 0
        for i in range(place[r], starts[journey[r] + 1]):
            if time[i] - begin > within:
                break
            k = codes[i]
            if k <= 0 or not allowed[match[i]]:
                continue
            day = (time[i] - begin) // 86_400_000_000
            if count[k] == 0:
                touched[seen] = k
                seen += 1
                last[k] = -1
            count[k] += 1
            if day != last[k]:
                on[k] += 1
                last[k] = day
        for s in range(seen):
            k = touched[s]
            row[many], key[many], times[many], days[many] = r, k, count[k], on[k]
            count[k], on[k] = 0, 0
            many += 1
    return many


def done_by(
    journeys: JourneyBatch, journey: Array, place: Array, codes: Array, match: Matched, allowed: Array, within: int
) -> Done:
    """What was done from the start to the landmark, by those rows.

    Parameters
    ----------
    journeys
        The batch.
    journey, place
        Per row its journey, and the place of its start.
    codes
        Per event its behaviour; 0 is none.
    match, allowed
        Which filters hold for each event, and per entry of its table whether such an event may be a behaviour.
    within
        The landmark, in microseconds after the start.
    """
    lengths = journeys.starts[journey + 1] - place
    room = int(lengths.sum())
    space = int(codes.max(initial=0)) + 1
    count, on, last, touched = np.zeros((4, space), dtype=np.int64)
    row = np.empty(room, dtype=np.int64)
    key, times, days = np.empty((3, room), dtype=np.int32)
    many = _done(
        journey, place, journeys.starts, journeys.time, codes, match.codes, allowed, within, count, on, last, touched,
        row, key, times, days,
    )  # fmt: skip
    return Done(row[:many], key[:many], times[:many], days[:many])
