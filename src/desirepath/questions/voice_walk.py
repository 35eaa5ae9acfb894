"""Which touchpoint is a remark about? The one that it names, else the last one before it, with how sure that is.

A remark about the same thing (an order, a ticket) as an event at a touchpoint is about that touchpoint: `named`. Any
other is about the touchpoint that was last before it, within a horizon: `last before`. How sure that is depends on the
next other touchpoint: if the last one was g1 ago and the last one of another kind g2 (at most the horizon), the
confidence is g2 / (g1 + g2): a half where both are as near, and the nearer to 1 the less else comes into question.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]

NAMED, LAST, NOWHERE = range(3)
HOW = ("named", "last before", "none")
LONG_AGO = -(2**62)


class Linked(NamedTuple):
    """Per event of a batch; what is no remark has `NOWHERE`.

    Attributes
    ----------
    place
        int64[n]: the touchpoint, -1 for none.
    how
        int64[n]: `NAMED`, `LAST` or `NOWHERE`.
    sure
        float64[n]: 0 to 1.
    """

    place: Array
    how: Array
    sure: Array


@kernel
def last_before(
    starts: Array, time: Array, remark: Array, touch: Array, within: int, place: Array, sure: Array
) -> None:
    """Write for each remark the last touchpoint at or before it, -1 where there is none in time, and how sure it is."""
    for p in range(len(starts) - 1):
        near, near_at, other_at = -1, LONG_AGO, LONG_AGO
        i = starts[p]
        while i < starts[p + 1]:
            now, k = time[i], i
            while k < starts[p + 1] and time[k] == now:
                q = int(touch[k])
                if q >= 0 and q != near:
                    near, other_at, near_at = q, near_at, now
                elif q >= 0:
                    near_at = now
                k += 1
            while i < k:
                place[i], sure[i] = -1, 0.0
                if remark[i] and near >= 0 and now - near_at <= within:
                    ago, other = now - near_at, min(now - other_at, within)
                    place[i] = near
                    sure[i] = 0.5 if ago + other == 0 else other / (ago + other)
                i += 1


def named_by(journey: Array, thing: Array, touch: Array, time: Array) -> Array:
    """int64[n]: the touchpoint of the last event at or before each about the same thing, -1 where there is none.

    Parameters
    ----------
    journey
        int[n]: whose events they are, ascending; within a journey in time order.
    thing
        int64[n]: what they are about; 0 for nothing.
    touch
        int[n]: the touchpoint of each event, -1 for none.
    time
        int64[n]: when each occurred.
    """
    found = np.full(len(thing), -1, dtype=np.int64)
    some = np.flatnonzero(thing > 0)
    if not len(some):
        return found
    order = some[np.lexsort((thing[some], journey[some]))]  # stable: within a thing in time order
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (thing[order][1:] != thing[order][:-1]) | (journey[order][1:] != journey[order][:-1])
    group = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    last = np.maximum.accumulate(np.where(touch[order] >= 0, np.arange(len(order)), -1))
    # of one moment all have happened
    later = np.ones(len(order), dtype=np.bool_)
    later[1:] = new[1:] | (time[order][1:] != time[order][:-1])
    ends = np.append(np.flatnonzero(later)[1:], len(order)) - 1
    last = last[np.repeat(ends, np.diff(np.append(np.flatnonzero(later), len(order))))]
    known = last >= group
    found[order[known]] = touch[order][last[known]]
    return found


@kernel
def came_by(
    starts: Array, time: Array, row: Array, touch: Array, within: int, seen: Array, passed: Array
) -> None:  # fmt: skip
    """Mark for every row (-1 for an event that has none) the touchpoints at or before it within a horizon.

    `seen` has room for a moment per touchpoint, `passed` for a mark per row and touchpoint.
    """
    for p in range(len(starts) - 1):
        for k in range(len(seen)):
            seen[k] = LONG_AGO
        i = starts[p]
        while i < starts[p + 1]:
            now, end = time[i], i
            while end < starts[p + 1] and time[end] == now:
                if touch[end] >= 0:
                    seen[touch[end]] = now
                end += 1
            while i < end:
                if row[i] >= 0:
                    for k in range(len(seen)):
                        if now - seen[k] <= within:
                            passed[row[i], k] = True
                i += 1


class Things(NamedTuple):
    """What events are about.

    Attributes
    ----------
    thing
        int64[n]: which order, ticket or the like; 0 for nothing.
    kind
        int64[n]: what kind of thing it is; 0 for nothing.
    """

    thing: Array
    kind: Array


def _by_kind(things: Things | None, rows: Array) -> list[tuple[Array, int]]:
    """Which of some events look at which touchpoints: places among `rows`, and the kind of thing they cannot be about.

    A remark about an order is not about a touchpoint of another order, though one that is about no order may be meant.
    """
    if things is None:
        return [(np.arange(len(rows)), 0)]
    kinds = things.kind[rows]
    return [(np.flatnonzero(kinds == kind), int(kind)) for kind in np.unique(kinds)]


def _without(touch: Array, things: Things | None, kind: int) -> Array:
    """The touchpoints of events that are not about a thing of a kind."""
    return touch if things is None or not kind else np.where(things.kind == kind, -1, touch)


def passed_by(
    starts: Array, time: Array, journey: Array, rows: Array, touch: Array, things: Things | None, within: int, many: int
) -> Array:
    """bool[rows, touchpoints]: which touchpoints whoever made a remark had come by before it.

    A remark about a thing that events at touchpoints are about too, such as an order, looks at those events alone,
    however long ago; any other at all within the horizon that are not about another thing of that kind.

    Parameters
    ----------
    starts, time, journey
        The journeys of a batch.
    rows
        int64[rows]: the events that are remarks.
    touch
        int64[n]: the touchpoint of each event, -1 for none and for remarks.
    things
        What each event is about; None where nothing tells.
    within
        Microseconds.
    many
        How many touchpoints there are.
    """
    passed = np.zeros((len(rows), many), dtype=np.bool_)
    seen = np.zeros(many, dtype=np.int64)
    for mine, kind in _by_kind(things, rows):
        row = np.full(len(time), -1, dtype=np.int64)
        row[rows[mine]] = mine
        came_by(starts, time, row, _without(touch, things, kind), within, seen, passed)
    some = np.flatnonzero(things.thing > 0) if things is not None else np.zeros(0, dtype=np.int64)
    if things is None or not len(some):
        return passed
    row = np.full(len(time), -1, dtype=np.int64)
    row[rows] = np.arange(len(rows))
    thing = things.thing
    order = some[np.lexsort((thing[some], journey[some]))]
    new = np.ones(len(order) + 1, dtype=np.bool_)
    new[1:-1] = (thing[order][1:] != thing[order][:-1]) | (journey[order][1:] != journey[order][:-1])
    by_thing = np.zeros_like(passed)
    begins = np.flatnonzero(new).astype(np.int64)
    came_by(begins, time[order], row[order], touch[order], -LONG_AGO // 2, seen, by_thing)
    named = by_thing.any(axis=1)
    passed[named] = by_thing[named]
    return passed


def linked(
    starts: Array, time: Array, journey: Array, remark: Array, touch: Array, things: Things | None, within: int
) -> Linked:
    """Say what each remark is about.

    Parameters
    ----------
    starts, time, journey
        The journeys of a batch.
    remark
        bool[n]: which events are remarks.
    touch
        int64[n]: the touchpoint of each event, -1 for none and for remarks.
    things
        What each event is about; None where nothing tells.
    within
        How long before a remark its touchpoint may be, microseconds.
    """
    place, sure = np.full(len(time), -1, dtype=np.int64), np.zeros(len(time))
    rows = np.flatnonzero(remark)
    near, near_sure = np.empty(len(time), dtype=np.int64), np.empty(len(time))
    for mine, kind in _by_kind(things, rows):
        last_before(starts, time, remark, _without(touch, things, kind), within, near, near_sure)
        place[rows[mine]], sure[rows[mine]] = near[rows[mine]], near_sure[rows[mine]]
    how = np.where(place >= 0, LAST, NOWHERE)
    if things is not None:
        by_name = named_by(journey, things.thing, touch, time)
        told = remark & (by_name >= 0)
        place, how, sure = np.where(told, by_name, place), np.where(told, NAMED, how), np.where(told, 1.0, sure)
    return Linked(place, how, sure)


__all__ = ["HOW", "LAST", "NAMED", "NOWHERE", "Linked", "Things", "linked", "passed_by"]
