"""What does each customer pay when a bucket of the calendar begins and when it ends? One walk over each journey.

A journey holds subscriptions by key, each with a monthly amount. A row tells of one journey in one bucket: what all of
them came to before and after, and what moved it most. Amounts are whole cents, so sums do not depend on their order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.journeys.kernel import kernel
from desirepath.journeys.ruler import Ruler, bucket_at

Array = npt.NDArray[Any]

CENTS = 100
LARGEST = 3_000_000_000
"""What one customer pays in cents, so that its square is a whole number of 64 bits."""

NEW, REACTIVATION, EXPANSION, CONTRACTION, SAME, CHURN, PASSING, NONE = range(8)
STARTS, CHANGES, ENDS = 1, 2, 4
UNREADABLE = -1


class Rows(NamedTuple):
    """One entry a row: a journey in a bucket."""

    journey: Array  # int32
    bucket: Array  # int32
    entry: Array  # int32: the event with which somebody first paid
    latest: Array  # int32: the last event of a subscription before the bucket, -1 if none
    start: Array  # int64: cents a month when the bucket begins
    end: Array  # int64: cents a month when it ends
    movement: Array  # int8
    kind: Array  # int32: of the event that moved most in the row's direction, -1 where nothing grew or shrank
    unknown: Array  # int32: changes and ends of what had not started
    blank: Array  # int32: starts and changes without an amount that can be read
    again: Array  # int32: starts of what was running


def room(rows: int) -> Rows:
    """Empty rows."""
    wide = np.empty((2, rows), dtype=np.int64)
    journey, bucket, entry, latest, kind, unknown, blank, again = np.empty((8, rows), dtype=np.int32)
    movement = np.empty(rows, dtype=np.int8)
    return Rows(journey, bucket, entry, latest, wide[0], wide[1], movement, kind, unknown, blank, again)


def in_cents(amount: Array) -> Array:
    """int64[n]: amounts in cents; `UNREADABLE` where there is none, or a negative one.

    Raises
    ------
    InputError
        If an amount is beyond what can be added up exactly.
    """
    good = np.isfinite(amount) & (amount >= 0)
    if good.any() and float(amount[good].max()) * CENTS > LARGEST:
        raise InputError(f"A monthly amount is at most {LARGEST // CENTS:,}; one is more. Is it the right property?")
    return np.where(good, np.rint(CENTS * np.where(good, amount, 0.0)), UNREADABLE).astype(np.int64)


@kernel
def movement_of(start: int, end: int, paid_before: bool, paid_within: bool) -> int:
    """What became of what a customer pays, from the begin of a bucket to its end."""
    if start == 0 and end > 0:
        return REACTIVATION if paid_before else NEW
    if start > 0:
        if end == 0:
            return CHURN
        return EXPANSION if end > start else CONTRACTION if end < start else SAME
    return PASSING if paid_within else NONE


@kernel
def _changed(what: int, cents: int, running: int) -> int:
    """How much more is paid after an event of a subscription; `running` is its amount, -1 where it does not run."""
    if what & ENDS:
        return -max(running, 0)
    if what & STARTS:
        return max(cents, 0) - max(running, 0)
    return cents - running if running >= 0 and cents >= 0 else 0


@kernel
def walk(
    starts: Array, time: Array, codes: Array, bits: Array, cents: Array, key: Array, kind: Array, ruler: Ruler,
    first: int, last: int, held: Array, holder: Array, rows: Rows,
) -> int:  # fmt: skip
    """Fill in the rows that there is room for; return how many there are. `holder` is -1 for every key."""
    row, until, space = 0, ruler.edges[len(ruler.edges) - 1], len(rows.journey)
    for p in range(len(starts) - 1):
        here, entry, latest, before = -1, -1, -1, -1
        total, start, up, down, up_kind, down_kind, unknown, blank, again = 0, 0, 0, 0, -1, -1, 0, 0, 0
        paid, paid_before, within = False, False, False
        for i in range(starts[p], starts[p + 1] + 1):
            what, now = 0, last + 1
            if i < starts[p + 1]:
                what = bits[codes[i]] & 7
                if what == 0 or time[i] >= until:
                    continue
                now = bucket_at(ruler, time[i])
            if here < 0:
                here = now
            while here < now and here <= last:
                if here >= first and (start > 0 or total > 0 or within or unknown + blank + again > 0):
                    if row < space:
                        movement = movement_of(start, total, paid_before, within)
                        rows.journey[row], rows.bucket[row], rows.movement[row] = p, here, movement
                        rows.entry[row], rows.latest[row] = entry, before
                        rows.start[row], rows.end[row] = start, total
                        rows.kind[row] = up_kind if movement == EXPANSION else -1
                        if movement == CONTRACTION:
                            rows.kind[row] = down_kind
                        rows.unknown[row], rows.blank[row], rows.again[row] = unknown, blank, again
                    row += 1
                start, before, paid_before, within = total, latest, paid, False
                up, down, up_kind, down_kind, unknown, blank, again = 0, 0, -1, -1, 0, 0, 0
                here = here + 1 if total > 0 else now
            if what == 0:
                continue
            k = key[i]
            running = held[k] if holder[k] == p else -1
            unknown += running < 0 and what & (ENDS | STARTS) != STARTS
            blank += cents[i] < 0 and what & ENDS == 0
            if running >= 0 and what & (ENDS | STARTS) == STARTS:
                again += time[latest] < time[i] or cents[i] != running  # one moment may be told twice
            more = _changed(what, cents[i], running)
            if running >= 0 or what & (ENDS | STARTS) == STARTS:
                holder[k] = p
                held[k] = -1 if what & ENDS else max(running, 0) + more
            total += more
            if more > up:
                up, up_kind = more, kind[i]
            if -more > down:
                down, down_kind = -more, kind[i]
            if entry < 0 or (total > 0 and not paid):
                entry = i
            paid, within, latest = paid or total > 0, within or total > 0, i
    return row


__all__ = ["CENTS", "LARGEST", "NEW", "NONE", "PASSING", "Rows", "in_cents", "movement_of", "room", "walk"]
