"""In which days, weeks or months was somebody active? One walk over each journey; one row for each such bucket.

Rows stand by journey and then by bucket, so that what comes before or after in a journey is the row beside.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import JourneyBatch, Matched
from desirepath.journeys.kernel import kernel
from desirepath.journeys.ruler import Ruler, bucket_at, ruler

Array = npt.NDArray[Any]

LONGEST_DAYS = {"day": 2, "week": 8, "month": 32, "quarter": 93, "year": 367}
"""No bucket of the unit is longer, in days; clock changes included."""


class Buckets(NamedTuple):
    """The buckets of a question.

    Attributes
    ----------
    edges
        int64[buckets + 1]: bucket k lasts from `edges[k]` until before `edges[k + 1]`; the first holds the first event
        of anybody, the last the last that is known.
    first, last
        The buckets that the period touches, both included; none where `last < first`.
    over
        So many buckets are over at the cut-off.
    """

    edges: Array
    first: int
    last: int
    over: int

    @property
    def told(self) -> list[str]:
        """Per bucket: `over` or `open` where the period touches it, and nothing elsewhere."""
        asked = range(max(self.first, 0), self.last + 1)
        return [("over" if k < self.over else "open") if k in asked else "" for k in range(len(self.edges) - 1)]


def entries(journey: Array, place: Array) -> Array:
    """int64[rows]: of each row its journey's first place, so that a breakdown has everybody in one group."""
    begins = np.flatnonzero(np.diff(journey, prepend=-1))
    return np.repeat(place[begins].astype(np.int64), np.diff(np.append(begins, len(journey))))


class Active(NamedTuple):
    """One entry a row: somebody was active in a bucket."""

    journey: Array  # int32
    bucket: Array  # int32
    place: Array  # int32: the first event that counts in it


def buckets_of(journeys: JourneyBatch, unit: str) -> Buckets:
    """The buckets that hold any event of anybody up to the cut-off, the same for every block."""
    begin = journeys.extent[0]
    end = max(min(journeys.cutoff, journeys.extent[1]), begin)
    edges = journeys.calendar.edges(unit, begin, end)
    first = int(np.searchsorted(edges, max(journeys.period[0], begin), side="right")) - 1
    last = int(np.searchsorted(edges, min(journeys.period[1] - 1, end), side="right")) - 1
    over = int(np.searchsorted(edges[1:], journeys.cutoff + 1, side="right"))
    return Buckets(edges, first, last, over)


@kernel
def _walk(
    starts: Array, time: Array, codes: Array, bits: Array, days: Ruler, journey: Array, bucket: Array, place: Array
) -> int:  # fmt: skip
    """Fill in the rows that there is room for; return how many there are."""
    row, room, beyond = 0, len(journey), days.edges[len(days.edges) - 1]
    for p in range(len(starts) - 1):
        until = time[starts[p]] - 1 if starts[p] < starts[p + 1] else 0
        for i in range(starts[p], starts[p + 1]):
            if time[i] <= until or not bits[codes[i]] & 1:
                continue
            if time[i] >= beyond:
                break
            here = bucket_at(days, time[i])
            until = days.edges[here + 1] - 1
            if row < room:
                journey[row] = p
                bucket[row] = here
                place[row] = i
            row += 1
    return row


def active(journeys: JourneyBatch, column: str, edges: Array) -> Active:
    """Everybody's buckets with an event that fits filter 0 of a `Match` column."""
    match = cast("Matched", journeys.columns[column])
    room = 2 * len(journeys)
    while True:
        rows = Active(*np.empty((3, room), dtype=np.int32))
        many = _walk(journeys.starts, journeys.time, match.codes, match.bits, ruler(edges), *rows)
        if many <= room:
            return Active(*(column[:many] for column in rows))
        room = many
