"""Does a journey fit a pattern? One pass over its events moves the pattern's machine.

Per state the latest start of the matches that are in it is kept; no other start can do better, whatever comes. A match
is told as soon as it is complete, and the machine begins anew with the event after it.

Arrays only: everything here is compiled (see `journeys.kernel`) and runs uncompiled in the tests.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from desirepath.events.pattern import Pattern
from desirepath.journeys.batch import JourneyBatch, Matched
from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]

FITS, FITS_NOT, UNDECIDED = 0, 1, 2


class Machine(NamedTuple):
    """A pattern; see `events.pattern.Pattern`."""

    source: Array  # int64[moves]
    bit: Array  # int64[moves] of the filter of the class
    target: Array  # int64[moves]
    ends: Array  # bool[states]
    at_start: bool
    at_end: bool
    within: int  # microseconds


class Rows(NamedTuple):
    """The result, one entry a journey that has an event."""

    journey: Array  # int64
    status: Array  # int8
    matches: Array  # int64: that do not overlap
    start: Array  # int64: position of the first match's first event, or -1
    stop: Array  # int64: position of its last event, or -1


@kernel
def _clear(states: Array) -> None:
    for state in range(len(states)):
        states[state] = -1


@kernel
def follow(
    starts: Array, time: Array, codes: Array, bits: Array, closes: Array, cutoff: int, machine: Machine, here: Array,
    there: Array, rows: Rows,
) -> int:  # fmt: skip
    """Fill `rows`; `here` and `there` are int64[states]. Return how many rows there are."""
    row = 0
    for p in range(len(starts) - 1):
        low, high = starts[p], starts[p + 1]
        if low == high:
            continue
        rows.journey[row] = p
        rows.matches[row] = 0
        rows.start[row] = -1
        rows.stop[row] = -1
        _clear(here)
        for i in range(low, high):
            here[0] = i if (i == low or not machine.at_start) else -1
            _clear(there)
            mask = bits[codes[i]]
            for move in range(len(machine.source)):
                begun = here[machine.source[move]]
                if begun >= 0 and (mask >> machine.bit[move]) & 1:
                    there[machine.target[move]] = max(there[machine.target[move]], begun)
            best = -1
            if i == high - 1 or not machine.at_end:
                for state in range(len(there)):
                    if machine.ends[state]:
                        best = max(best, there[state])
            if best >= 0 and time[i] - time[best] <= machine.within:
                if rows.matches[row] == 0:
                    rows.start[row] = best
                    rows.stop[row] = i
                rows.matches[row] += 1
                _clear(here)
            else:
                for state in range(len(here)):
                    here[state] = there[state]
        begun = -1
        for state in range(len(here)):
            begun = max(begun, here[state])
        may_go_on = begun >= 0 and closes[p] > cutoff and cutoff - time[begun] < machine.within
        rows.status[row] = FITS if rows.matches[row] else UNDECIDED if may_go_on else FITS_NOT
        row += 1
    return row


def machine_of(pattern: Pattern, within: int) -> Machine:
    """The machine of a pattern whose matches take at most so long, in microseconds."""
    ends = np.zeros(pattern.states, dtype=np.bool_)
    ends[list(pattern.ends)] = True
    bits, sources, targets = (
        np.array([getattr(move, name) for move in pattern.moves], dtype=np.int64)
        for name in ("kind", "source", "target")
    )
    return Machine(sources, bits, targets, ends, pattern.at_start, pattern.at_end, within)


def follow_all(journeys: JourneyBatch, column: str, machine: Machine) -> Rows:
    """Follow a pattern, whose classes are the filters of a `Match` column, through all journeys of a batch."""
    match = cast("Matched", journeys.columns[column])
    rows = Rows(*(np.zeros(len(journeys), dtype=kind) for kind in (np.int64, np.int8, np.int64, np.int64, np.int64)))
    here, there = np.empty((2, len(machine.ends)), dtype=np.int64)
    closes = np.minimum(journeys.open_until, journeys.read_until - 1)
    given = (journeys.starts, journeys.time, match.codes, match.bits, closes, journeys.cutoff)
    many = follow(*given, machine, here, there, rows)
    return Rows(*(column[:many] for column in rows))
