"""What follows what? A walk over the journeys counts moves; their gaps are then put together by kind of move.

Touchpoints are numbered 0 to k - 1. `moves[a, b]` with a = k stands for the beginning of a stretch, b = k for an end
after which nothing came in time, b = k + 1 for an end after which something still may.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel

Array = npt.NDArray[Any]


class Rules(NamedTuple):
    """What makes a move; microseconds."""

    within: int  # a longer gap is no move
    collapse: bool
    cutoff: int


class Counted(NamedTuple):
    """What the first walk adds up."""

    moves: Array  # int32[k + 1, k + 2, 3]: times, journeys with at least one such move, the last of them, from 1
    at: Array  # int32[k, 2]: journeys with the touchpoint, the last of them


@inlined
def note(counted: Counted, a: int, b: int, journey: int) -> None:
    """Count one move of a journey; no branch, as nobody foresees whether it is the journey's first."""
    counted.moves[a, b, 0] += 1
    counted.moves[a, b, 1] += counted.moves[a, b, 2] != journey
    counted.moves[a, b, 2] = journey


@kernel
def count_moves(
    rows: Array, starts: Array, time: Array, codes: Array, shown: Array, closes: Array, rules: Rules, counted: Counted,
    kinds: Array, gaps: Array,
) -> int:  # fmt: skip
    """Count the moves of each journey in `rows`, and write down the kind and the gap of each; return how many.

    `kinds` and `gaps` have room for one more than there are events.
    """
    k, many = len(counted.at), 0
    for r in range(len(rows)):
        p = rows[r]
        before, last = -1, 0
        for i in range(starts[p], starts[p + 1]):
            here = shown[codes[i]]
            if here < 0:
                continue
            counted.at[here, 0] += counted.at[here, 1] != p + 1
            counted.at[here, 1] = p + 1
            gap = time[i] - last
            if before >= 0 and gap > rules.within:
                note(counted, before, k, p + 1)
                before = -1
            if before < 0:
                note(counted, k, here, p + 1)
            elif not (rules.collapse and before == here):
                note(counted, before, here, p + 1)
                kinds[many] = before * k + here
                gaps[many] = gap
                many += 1
            before = here
            last = time[i]
        if before >= 0:
            note(counted, before, k if min(last + rules.within, closes[p]) <= rules.cutoff else k + 1, p + 1)
    return many


@kernel
def makes_move(
    starts: Array, time: Array, codes: Array, shown: Array, closes: Array, rules: Rules, a: int, b: int, k: int,
    fits: Array,
) -> None:  # fmt: skip
    """Say per journey whether it makes a move; -1 stands for anything."""
    for p in range(len(starts) - 1):
        before, last = -1, 0
        for i in range(starts[p], starts[p + 1]):
            here = shown[codes[i]]
            if here < 0:
                continue
            if before >= 0 and time[i] - last > rules.within:
                fits[p] |= (a < 0 or a == before) and (b < 0 or b == k)
                before = -1
            if before < 0:
                fits[p] |= (a < 0 or a == k) and (b < 0 or b == here)
            elif not (rules.collapse and before == here):
                fits[p] |= (a < 0 or a == before) and (b < 0 or b == here)
            before = here
            last = time[i]
        if before >= 0:
            end = k if min(last + rules.within, closes[p]) <= rules.cutoff else k + 1
            fits[p] |= (a < 0 or a == before) and (b < 0 or b == end)
