"""When does being a customer begin and end? Spells of each journey, and the buckets of the calendar that they cross.

By contract a spell begins with an event and ends with another. Without one it ends when somebody has been silent for
longer than a gap: a fixed one, or the quantile of the gaps that they themselves had left up to then, and of no later
ones. A spell is over at the first moment at which that is known.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.journeys.ruler import Ruler, bucket_at, ruler

Array = npt.NDArray[Any]

ACTIVE, ENDS = 1, 2
NEVER = 2**61
MILLION = 1_000_000


class Spells(NamedTuple):
    """One entry a spell; those of a journey stand together, in order of time."""

    journey: Array  # int32
    begin: Array  # int32: position of the event that begins it
    last: Array  # int32: position of the event that ends it; without a contract of the last activity
    moment: Array  # int64: when it is over, NEVER if it is not
    gap: Array  # int64: the silence after which it is over; -1 by contract
    own: Array  # int8: whether that gap is the person's own
    back: Array  # int8: whether another spell follows


class Rows(NamedTuple):
    """One entry a row: a journey in a bucket."""

    journey: Array  # int32
    bucket: Array  # int32
    spell: Array  # int32: which spell it is about; the first of several
    ended: Array  # int8: whether the spell ends in the bucket


class Rule(NamedTuple):
    """When silence is an end, in microseconds."""

    fixed: int  # for everybody; -1: by their own gaps
    quantile: int  # of own gaps, in millionths
    least: int  # so many gaps of their own are needed
    floor: int  # never sooner than this, by own gaps
    otherwise: int  # for who has fewer gaps
    cutoff: int


class Gaps(NamedTuple):
    """Everybody's gaps between moments with activity: `sorted[offsets[p]:offsets[p + 1]]` are those of journey p."""

    offsets: Array  # int64[journeys + 1]
    sorted: Array  # int64[gaps], ascending within a journey
    rank: Array  # int32[gaps], from 1: in order of time, the place of each among those of its journey
    tree: Array  # int32[most + 2]: room


def spells_room(many: int) -> Spells:
    """Room for so many spells."""
    journey, begin, last = np.empty((3, many), dtype=np.int32)
    moment, gap = np.empty((2, many), dtype=np.int64)
    own, back = np.empty((2, many), dtype=np.int8)
    return Spells(journey, begin, last, moment, gap, own, back)


def gaps_of(starts: Array, time: Array, active: npt.NDArray[np.bool_]) -> Gaps:
    """The gaps of every journey, ranked; moments that are equal count as one."""
    journey = np.repeat(np.arange(len(starts) - 1, dtype=np.int64), np.diff(starts))[active]
    moments = time[active]
    gap, same = np.diff(moments), np.diff(journey) == 0
    keep = same & (gap > 0)
    gap, journey = gap[keep], journey[1:][keep]
    order = np.lexsort((gap, journey))
    offsets = np.searchsorted(journey, np.arange(len(starts))).astype(np.int64)
    rank = np.empty(len(gap), dtype=np.int32)
    rank[order] = np.arange(len(gap)) - offsets[journey[order]] + 1 if len(gap) else 0
    most = int(np.diff(offsets).max(initial=0))
    return Gaps(offsets, gap[order], rank, np.zeros(most + 2, dtype=np.int32))


@kernel
def contracts(starts: Array, time: Array, codes: Array, bits: Array, spells: Spells, stray: Array) -> int:
    """Spells from the first activity to the first end after it; ends of what had not begun are put into `stray`."""
    row, strays = 0, 0
    for p in range(len(starts) - 1):
        begin = -1
        for i in range(starts[p], starts[p + 1]):
            what = bits[codes[i]]
            if what & ENDS:
                if begin < 0:
                    stray[strays] = i
                    strays += 1
                    continue
                spells.journey[row], spells.begin[row], spells.last[row] = p, begin, i
                spells.moment[row], spells.gap[row], spells.own[row], spells.back[row] = time[i], -1, 0, 0
                row += 1
                begin = -1
            elif what & ACTIVE and begin < 0:
                begin = i
                if row > 0 and spells.journey[row - 1] == p:
                    spells.back[row - 1] = 1
        if begin >= 0:
            spells.journey[row], spells.begin[row], spells.last[row] = p, begin, begin
            spells.moment[row], spells.gap[row], spells.own[row], spells.back[row] = NEVER, -1, 0, 0
            row += 1
    return row


@kernel
def _kth(tree: Array, size: int, k: int) -> int:
    """The rank of the k-th smallest of those put into a tree of partial sums (Fenwick 1994)."""
    step, place = 1, 0
    while step * 2 <= size:
        step *= 2
    while step > 0:
        if place + step <= size and tree[place + step] < k:
            place += step
            k -= tree[place]
        step //= 2
    return place + 1


@kernel
def _silence(gaps: Gaps, p: int, known: int, rule: Rule) -> int:
    """After how long a silence it is over, by what is known of the journey so far."""
    if rule.fixed >= 0:
        return rule.fixed
    if known < rule.least or known == 0:
        return rule.otherwise
    first = gaps.offsets[p]
    k = max((rule.quantile * known + MILLION - 1) // MILLION, 1)
    own: int = gaps.sorted[first + _kth(gaps.tree, gaps.offsets[p + 1] - first, k) - 1]
    return max(rule.floor, own)


@kernel
def silences(starts: Array, time: Array, codes: Array, bits: Array, gaps: Gaps, rule: Rule, spells: Spells) -> int:
    """Spells of activity without a silence that is longer than the rule allows."""
    row, g = 0, 0
    for p in range(len(starts) - 1):
        begin, last, known, size = -1, -1, 0, gaps.offsets[p + 1] - gaps.offsets[p]
        for k in range(size + 1):
            gaps.tree[k] = 0
        for i in range(starts[p], starts[p + 1] + 1):
            end = i == starts[p + 1]
            if not end and not bits[codes[i]] & ACTIVE:
                continue
            if last >= 0:
                gap = (rule.cutoff if end else time[i]) - time[last]
                if end or gap > 0:
                    silence = _silence(gaps, p, known, rule)
                    if gap > silence or end:
                        spells.journey[row], spells.begin[row], spells.last[row] = p, begin, last
                        spells.moment[row] = time[last] + silence + 1 if gap > silence else NEVER
                        spells.gap[row], spells.back[row] = silence, not end
                        spells.own[row] = rule.fixed < 0 and known > 0 and known >= rule.least
                        row += 1
                        begin = i
                    if not end:
                        at = gaps.rank[g]
                        g += 1
                        known += 1
                        while at <= size:
                            gaps.tree[at] += 1
                            at += at & -at
            elif not end:
                begin = i
            last = i
    return row


@kernel
def cross(spells: Spells, time: Array, calendar: Ruler, first: int, last: int, rows: Rows) -> int:
    """A row for each bucket that a journey's spells touch; fill in those that there is room for."""
    row, space, journey, bucket, edges = 0, len(rows.journey), -1, -1, calendar.edges
    for s in range(len(spells.journey)):
        since = bucket_at(calendar, time[spells.begin[s]])
        until = last
        if spells.moment[s] < edges[len(edges) - 1]:
            until = min(bucket_at(calendar, spells.moment[s]), last)
        for b in range(max(since, first), until + 1):
            if spells.journey[s] == journey and b == bucket:
                continue
            journey, bucket = spells.journey[s], b
            if row < space:
                rows.journey[row], rows.bucket[row], rows.spell[row] = journey, b, s
                rows.ended[row] = spells.moment[s] < edges[b + 1]
            row += 1
    return row


def crossed(spells: Spells, time: Array, edges: Array, first: int, last: int) -> Rows:
    """All rows of all spells."""
    space = 4 * len(spells.journey) + 64
    while True:
        journey, bucket, spell = np.empty((3, space), dtype=np.int32)
        rows = Rows(journey, bucket, spell, np.empty(space, dtype=np.int8))
        many = cross(spells, time, ruler(edges), first, last, rows)
        if many <= space:
            return Rows(*(column[:many] for column in rows))
        space = many


__all__ = ["NEVER", "Gaps", "Rows", "Rule", "Spells", "contracts", "crossed", "gaps_of", "silences", "spells_room"]
