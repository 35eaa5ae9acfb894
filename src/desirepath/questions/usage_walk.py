"""Which features did somebody use in a while, how often, and on how many days? Two walks over each journey.

The first finds who was active in which bucket of time; the second, for rows that it found, which features they used.
Days are those of the workspace's calendar; `bucket[d]` says to which bucket day d belongs, or -1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.journeys.ruler import Ruler, bucket_at, ruler

Array = npt.NDArray[Any]


class Rows(NamedTuple):
    """One entry a row: somebody was active in a bucket."""

    journey: Array  # int64
    bucket: Array  # int64
    entry: Array  # int64: the first event that makes them active in it
    first: Array  # int64: the first event in it
    last: Array  # int64: the last event in it
    days: Array  # int64: on how many days they were active


class Uses(NamedTuple):
    """One entry for each feature that a row used."""

    row: Array  # int64
    feature: Array  # int64
    uses: Array  # int64
    days: Array  # int64: on how many days


class Seen(NamedTuple):
    """What the second walk remembers of each feature."""

    stamp: Array  # int64[features]: the last row that used it, from 1
    slot: Array  # int64[features]: its entry of that row
    day: Array  # int64[features]: the last day in it


@kernel
def _find_rows(
    starts: Array, time: Array, match: Array, bits: Array, days: Ruler, bucket: Array, least: int, rows: Rows
) -> int:  # fmt: skip
    """Fill in the rows that there is room for; return how many there are."""
    row, room, end = 0, len(rows.journey), days.edges[len(days.edges) - 1]
    for p in range(len(starts) - 1):
        i, stop = starts[p], starts[p + 1]
        while i < stop and time[i] < end:
            here, begin, entry, active, day = bucket[bucket_at(days, time[i])], i, -1, 0, -1
            while i < stop and time[i] < end:
                today = bucket_at(days, time[i])
                if bucket[today] != here:
                    break
                if bits[match[i]] & 1:
                    if entry < 0:
                        entry = i
                    if today != day:
                        active += 1
                        day = today
                i += 1
            if here < 0 or active < least:
                continue
            if row < room:
                rows.journey[row], rows.bucket[row], rows.entry[row] = p, here, entry
                rows.first[row], rows.last[row], rows.days[row] = begin, i - 1, active
            row += 1
    return row


def find_rows(
    starts: Array, time: Array, match: Array, bits: Array, edges: Array, bucket: Array, least: int
) -> Rows:  # fmt: skip
    """Everybody's buckets in which they were active on at least so many days."""
    room = len(starts)
    while True:
        rows = Rows(*np.empty((6, room), dtype=np.int64))
        many = _find_rows(starts, time, match, bits, ruler(edges), bucket, least, rows)
        if many <= room:
            return Rows(*(column[:many] for column in rows))
        room = many


@kernel
def _note(uses: Uses, seen: Seen, row: int, feature: int, day: int, many: int) -> int:
    """Count one use; return how many entries there are."""
    if seen.stamp[feature] != row + 1:
        seen.stamp[feature], seen.slot[feature], seen.day[feature] = row + 1, many, -1
        uses.row[many], uses.feature[many], uses.uses[many], uses.days[many] = row, feature, 0, 0
        many += 1
    slot = seen.slot[feature]
    uses.uses[slot] += 1
    if seen.day[feature] != day:
        seen.day[feature] = day
        uses.days[slot] += 1
    return many


@kernel
def _find_uses(
    first: Array, last: Array, time: Array, codes: Array, match: Array, bits: Array, listed: bool, days: Ruler,
    seen: Seen, uses: Uses,
) -> int:  # fmt: skip
    """Fill in the entries; return how many there are."""
    many = 0
    for row in range(len(first)):
        for i in range(first[row], last[row] + 1):
            day = bucket_at(days, time[i])
            if not listed:
                if codes[i] > 0:
                    many = _note(uses, seen, row, codes[i] - 1, day, many)
                continue
            fits, feature = bits[match[i]] >> 1, 0
            while fits:
                if fits & 1:
                    many = _note(uses, seen, row, feature, day, many)
                fits >>= 1
                feature += 1
    return many


def find_uses(
    first: Array, last: Array, time: Array, codes: Array | None, match: Array, bits: Array, edges: Array, features: int
) -> Uses:  # fmt: skip
    """Which features rows used.

    Parameters
    ----------
    first, last
        int64[rows]: where the events of each begin and end.
    time
        int64[n].
    codes
        int[n]: the feature of each event, counted from 1; 0 where it is none. Without it, `match` says.
    match, bits
        Bit k + 1 is feature k.
    edges
        Of days.
    features
        How many there are.
    """
    listed = codes is None
    room = len(first) * features if listed else int((last - first + 1).sum())
    uses = Uses(*np.empty((4, room), dtype=np.int64))
    seen = Seen(*np.zeros((3, features), dtype=np.int64))
    told = match if codes is None else codes
    many = _find_uses(first, last, time, told, match, bits, listed, ruler(edges), seen, uses)
    return Uses(*(column[:many] for column in uses))


def entropy_of(uses: Uses, total: Array) -> Array:
    """float64[rows]: Shannon's entropy of each row's uses over features, in nats; 0 for one feature or none."""
    number = uses.uses.astype(np.float64)
    weighted = np.bincount(uses.row, weights=number * np.log(number), minlength=len(total))
    whole = np.maximum(total, 1).astype(np.float64)
    return np.asarray(np.maximum(np.log(whole) - weighted / whole, 0.0))
