"""What had somebody done by a landmark, and what became of them after it? And: which patterns do paths have?

A path is packed as in `paths_walk`. A pattern is some touchpoints of a path in their order, with anything between.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.questions.paths_walk import CONVERTED, LEFT, NEVER, UNDECIDED, Rows, Rules, find_start, rated_if, tell

Array = npt.NDArray[Any]

EARLY = 3
"""The end came before the landmark."""


@kernel
def _from_first(starts: Array, time: Array, match: Array, bits: Array, rules: Rules, p: int, found: Array) -> None:
    """Write the places of a journey's first event in the period, and of the first end after it; -1 for none."""
    found[0], found[1] = NEVER, NEVER
    for i in range(starts[p], starts[p + 1]):
        if found[0] == NEVER:
            if rules.begin <= time[i] < rules.end:
                found[0] = i
        elif time[i] - time[found[0]] > rules.window:
            break
        elif rules.to_goal and bits[match[i]] & 2:
            found[1] = i
            break


@kernel
def take_landmark(
    starts: Array, time: Array, codes: Array, shown: Array, digits: Array, match: Array, bits: Array, closes: Array,
    shut: Array, rules: Rules, landmark: int, anything: bool, found: Array, rows: Rows,
) -> int:  # fmt: skip
    """One row per journey from its first start in the period: its path up to the landmark, and what came after it.

    `anything` says that every event is a start; `found` int64[2] is for the walk.
    """
    row = 0
    for p in range(len(starts) - 1):
        if anything:
            _from_first(starts, time, match, bits, rules, p, found)
        else:
            find_start(starts, time, match, bits, rules, rules.end, p, found)
        start, goal, stop = found[0], found[1], starts[p + 1]
        if start == NEVER:
            continue
        over, until = time[start] + rules.window, time[start] + landmark
        rows.journey[row] = p
        rows.place[row] = start
        rows.took[row] = time[goal] - time[start] if goal != NEVER else NEVER
        tell(time, codes, shown, digits, start, stop, until, NEVER, rules, rows, row)
        if goal != NEVER:
            rows.outcome[row] = EARLY if time[goal] <= until else CONVERTED
        else:
            rows.outcome[row] = LEFT if min(over, closes[p]) <= rules.cutoff else UNDECIDED
        rows.rated[row] = rated_if(min(over, shut[p]) <= rules.cutoff, goal, rules)
        row += 1
    return row


@kernel
def unpack(words: Array, per_word: int, base: int, ranks: Array, paths: Array) -> None:
    """Write to `paths` int16[rows, length] the rank of each touchpoint; -1 where it has none, or there is none."""
    for row in range(len(words)):
        for k in range(paths.shape[1]):
            word = words[row, k // per_word]
            for _ in range(per_word - 1 - k % per_word):
                word //= base
            digit = word % base
            paths[row, k] = ranks[digit - 1] if digit > 0 else -1


@kernel
def count_patterns(
    paths: Array, given: Array, length: int, base: int, offsets: Array, stamp: Array, counts: Array, place: Array
) -> None:  # fmt: skip
    """Add each path's counts to every pattern that it has, once.

    A pattern of n touchpoints has the number `offsets[n - 1]` + its digits to the base. `place` int64[length] is for
    the walk; `stamp` int32[patterns], all 0, says which path was counted last.
    """
    width = paths.shape[1]
    for row in range(len(paths)):
        depth = 0
        place[0] = -1
        while depth >= 0:
            place[depth] += 1
            while place[depth] < width and paths[row, place[depth]] < 0:
                place[depth] += 1
            if place[depth] >= width:
                depth -= 1
                continue
            number = 0
            for k in range(depth + 1):
                number = number * base + paths[row, place[k]]
            number += offsets[depth]
            if stamp[number] != row + 1:
                stamp[number] = row + 1
                for outcome in range(given.shape[1]):
                    counts[number, outcome] += given[row, outcome]
            if depth + 1 < length:
                depth += 1
                place[depth] = place[depth - 1]


@kernel
def has_pattern(paths: Array, pattern: Array, fits: Array) -> None:
    """Say per path whether it has a pattern."""
    for row in range(len(paths)):
        found = 0
        for k in range(paths.shape[1]):
            if found < len(pattern) and paths[row, k] == pattern[found]:
                found += 1
        fits[row] = found == len(pattern)


def ranked_paths(words: Array, per_word: int, base: int, ranks: Array, length: int) -> Array:
    """int16[rows, length]: `unpack` into a new array."""
    paths = np.empty((len(words), length), dtype=np.int16)
    unpack(np.ascontiguousarray(words), per_word, base, ranks, paths)
    return paths
