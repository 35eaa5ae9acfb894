"""Where does each journey end, and what came after each touchpoint? One walk over every journey, as for transitions.

Touchpoints are numbered 0 to k - 1; behind a touchpoint stands another, or k for left, k + 1 for undecided, k + 2 for
converted. Every journey ends once. A journey that reached the goal ends there, and what follows is not walked.

That somebody has left is known some time after their last event, that they have converted at once. So that shares do
not lean to the goal where the data ends, who converted is in them only when they would be known to have left by then.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]

LEFT, UNDECIDED, CONVERTED = range(3)
"""How a journey ends."""

LATELY = 3
"""Converted so lately that, had it left instead, nobody would know yet: `CONVERTED`, and in no share."""


class Rules(NamedTuple):
    """When a journey is over; microseconds."""

    within: int  # nothing more comes after so long
    to_goal: bool  # bit 0 of the match is the goal
    cutoff: int


class Ended(NamedTuple):
    """What the walk adds up."""

    moves: Array  # int64[k, k + 3]: visits by what came next
    last: Array  # int64[k, k + 3]: journeys by what came after their last visit to a touchpoint
    met: Array  # int64[k, 3]: journeys that were there, by how they ended
    young: Array  # int64[k, 2]: converted too lately for a share: that were there, and whose last touchpoint it was
    stamp: Array  # int64[k]: the last journey that was there, from 1
    after: Array  # int64[k]: what came after its last visit so far
    there: Array  # int64[k]: the touchpoints of this journey


@kernel
def stop_of(time: Array, match: Array, bits: Array, begin: int, end: int, rules: Rules) -> int:
    """Where a journey's walk stops: behind its goal, or its end."""
    if rules.to_goal:
        for i in range(begin, end):
            if bits[match[i]] & 1:
                return i + 1
    return end


@kernel
def ends_how(
    time: Array, match: Array, bits: Array, last: int, stop: int, closes: int, rules: Rules
) -> int:  # fmt: skip
    """How a journey ends whose last touchpoint is `last` and whose walk stops at `stop`; perhaps `LATELY`."""
    if rules.to_goal and stop > 0 and bits[match[stop - 1]] & 1:
        return CONVERTED if min(time[stop - 1] + rules.within, closes) <= rules.cutoff else LATELY
    return LEFT if min(time[last] + rules.within, closes) <= rules.cutoff else UNDECIDED


@kernel
def count_ends(
    rows: Array, starts: Array, time: Array, codes: Array, shown: Array, match: Array, bits: Array, closes: Array,
    rules: Rules, ended: Ended,
) -> None:  # fmt: skip
    """Count the journeys in `rows`; each has a touchpoint that is shown before it ends."""
    k = len(ended.met)
    for r in range(len(rows)):
        p = rows[r]
        stop = stop_of(time, match, bits, starts[p], starts[p + 1], rules)
        before, many, last = -1, 0, 0
        for i in range(starts[p], stop):
            here = shown[codes[i]]
            if here < 0:
                continue
            if before >= 0:
                ended.moves[before, here] += 1
                ended.after[before] = here
            if ended.stamp[here] != p + 1:
                ended.stamp[here] = p + 1
                ended.there[many] = here
                many += 1
            before, last = here, i
        if before < 0:
            continue
        how = ends_how(time, match, bits, last, stop, closes[p], rules)
        late = int(how == LATELY)
        how = min(how, CONVERTED)
        ended.moves[before, k + how] += 1
        ended.after[before] = k + how
        ended.young[before, 1] += late
        for n in range(many):
            here = ended.there[n]
            ended.met[here, how] += 1
            ended.young[here, 0] += late
            ended.last[here, ended.after[here]] += 1


@kernel
def mark_ends(
    starts: Array, time: Array, codes: Array, shown: Array, match: Array, bits: Array, closes: Array, rules: Rules,
    k: int, wanted: Array, how: Array, place: Array, was: Array, after: Array,
) -> None:  # fmt: skip
    """Say of each journey how it ends and at which touchpoint; whether it was at a wanted one, and what came after.

    `how` and `place` are -1 where nothing is shown; `how` may be `LATELY`. `after` is what came after the last visit to
    a touchpoint with `wanted[t]`, of which there is one where it matters.
    """
    for p in range(len(starts) - 1):
        stop = stop_of(time, match, bits, starts[p], starts[p + 1], rules)
        how[p], place[p], was[p], after[p] = -1, -1, False, -1
        before, last = -1, 0
        for i in range(starts[p], stop):
            here = shown[codes[i]]
            if here < 0:
                continue
            if before >= 0 and wanted[before]:
                after[p] = here
            was[p] |= wanted[here]
            before, last = here, i
        if before < 0:
            continue
        how[p] = ends_how(time, match, bits, last, stop, closes[p], rules)
        place[p] = before
        if wanted[before]:
            after[p] = k + min(how[p], CONVERTED)
