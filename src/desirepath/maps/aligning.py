"""How far is a sequence of touchpoints from the road that a map expects? The cheapest alignment, exactly.

Walking the sequence and the road side by side, a touchpoint that both have is free; one that only the sequence has is
extra, one that only the road has was skipped, and each of these costs 1. The cheapest such walk is found by dynamic
programming over (place in the sequence, state of the road), in time proportional to places x moves x the rounds that
skips take to settle. Of equally cheap walks the one is told that matches latest, then skips, then has extras; of equal
moves the first of the road: the same for everybody, always.

Source: A. Adriansyah, Aligning Observed and Modeled Behavior, 2014 (optimal alignments with unit costs).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.maps.road import FAR

Array = npt.NDArray[Any]

MATCHED, EXTRA = 0, 1


class Moves(NamedTuple):
    """The moves of a road, ordered by source; and what is left from each state to its end."""

    sources: Array
    touchpoints: Array
    targets: Array
    left: Array


@kernel
def _skip(best: Array, row: int, moves: Moves) -> None:
    """Let costs of one place settle: any move can be skipped."""
    changed = True
    while changed:
        changed = False
        for m in range(len(moves.sources)):
            cost = best[row, moves.sources[m]] + 1
            if cost < best[row, moves.targets[m]]:
                best[row, moves.targets[m]] = cost
                changed = True


@kernel
def _step(best: Array, before: int, row: int, touchpoint: int, moves: Moves) -> None:
    """Costs after one more touchpoint, from those before it."""
    for s in range(len(moves.left)):
        best[row, s] = best[before, s] + 1
    for m in range(len(moves.sources)):
        if moves.touchpoints[m] == touchpoint and best[before, moves.sources[m]] < best[row, moves.targets[m]]:
            best[row, moves.targets[m]] = best[before, moves.sources[m]]
    _skip(best, row, moves)


@kernel
def cost_of(trace: Array, begin: int, end: int, whole: bool, moves: Moves, best: Array) -> int:
    """The least cost of `trace[begin:end]`.

    Parameters
    ----------
    trace
        Touchpoints.
    whole
        Whether the road has to be walked to its end; if not, any part of it from the beginning will do.
    best
        int32[2, states]: room.
    """
    _begin(best, moves)
    for i in range(begin, end):
        _step(best, (i - begin) % 2, (i - begin + 1) % 2, trace[i], moves)
    return _least(best, (end - begin) % 2, whole, moves)[0]


@kernel
def _begin(best: Array, moves: Moves) -> None:
    for s in range(len(moves.left)):
        best[0, s] = FAR
    best[0, 0] = 0
    _skip(best, 0, moves)


@kernel
def _least(best: Array, row: int, whole: bool, moves: Moves) -> tuple[int, int]:
    """The least cost at the end, and the state it ends in."""
    cost, state = FAR, 0
    for s in range(len(moves.left)):
        if (not whole or moves.left[s] == 0) and best[row, s] < cost:
            cost, state = best[row, s], s
    return cost, state


@kernel
def align(trace: Array, whole: bool, moves: Moves, best: Array, said: Array, skipped: Array) -> int:
    """Find a cheapest alignment; return its cost.

    Parameters
    ----------
    trace
        Touchpoints.
    whole
        As for `cost_of`.
    best
        int32[len(trace) + 1, states]: room.
    said
        uint8[len(trace)]: written to: whether each matched or is extra.
    skipped
        int64[touchpoints]: counted up by what was skipped.
    """
    n = len(trace)
    _begin(best, moves)
    for i in range(n):
        _step(best, i, i + 1, trace[i], moves)
    total, state = _least(best, n, whole, moves)
    i = n
    while i > 0 or state > 0 or best[i, state] > 0:
        cost = best[i, state]
        found = False
        if i > 0:
            for m in range(len(moves.sources)):
                if moves.targets[m] == state and moves.touchpoints[m] == trace[i - 1]:
                    if best[i - 1, moves.sources[m]] == cost:
                        said[i - 1] = MATCHED
                        i -= 1
                        state = moves.sources[m]
                        found = True
                        break
        if not found:
            for m in range(len(moves.sources)):
                if moves.targets[m] == state and best[i, moves.sources[m]] + 1 == cost:
                    skipped[moves.touchpoints[m]] += 1
                    state = moves.sources[m]
                    found = True
                    break
        if not found:
            said[i - 1] = EXTRA
            i -= 1
    return total
