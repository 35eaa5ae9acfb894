"""What came before an end, and before the same moment of those who stayed? Looking back over one window each.

What is compared looks at a window strictly before a moment: the event that ends it, or the end of the bucket for those
who stayed; without a contract the last activity, for both. The event at that moment is never its own reason.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.questions.churn_walk import ACTIVE, Rows, Spells

Array = npt.NDArray[Any]

NOTHING = -1
NO_SCORE = -(2**40)
HIGHEST_SCORE = 10_000
SHIFT = 3
"""The bits of frictions begin here; before them stand activity, end and ticket."""

TICKET = 4


class Seen(NamedTuple):
    """What is looked at in every event."""

    starts: Array
    time: Array
    codes: Array
    bits: Array
    name: Array  # int32
    reason: Array  # int32, 0 where none is stated
    theme: Array  # int32
    score: Array  # int64, hundredths; NO_SCORE where there is none


class Why(NamedTuple):
    """One entry a row."""

    friction: Array  # int64: bit k: friction k was there in the window
    score: Array  # int64: the last one in the window, NO_SCORE
    theme: Array  # int32: of the last ticket in the window, NOTHING without one
    reason: Array  # int32: NOTHING where it has not ended, 0 where none is stated
    touch: Array  # int32: the last event before the end, NOTHING without one


def why_room(rows: int) -> Why:
    """Empty entries for so many rows."""
    wide = np.zeros((2, rows), dtype=np.int64)
    wide[1] = NO_SCORE
    theme, reason, touch = np.full((3, rows), NOTHING, dtype=np.int32)
    return Why(wide[0], wide[1], theme, reason, touch)


def in_hundredths(score: Array) -> Array:
    """int64[n]: scores in hundredths; `NO_SCORE` where there is none, or one beyond 10,000 either way."""
    good = np.isfinite(score) & (np.abs(np.nan_to_num(score)) <= HIGHEST_SCORE)
    return np.where(good, np.rint(100 * np.where(good, score, 0.0)), NO_SCORE).astype(np.int64)


@kernel
def _first_at(time: Array, low: int, high: int, moment: int) -> int:
    """The first position from `low` on whose moment is not before `moment`; `high` if there is none."""
    while low < high:
        middle = (low + high) // 2
        if time[middle] < moment:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def look_back(seen: Seen, spells: Spells, rows: Rows, edges: Array, lookback: int, contract: bool, why: Why) -> None:
    """Fill in what came before the end of each row's spell, or before the moment that is held against it."""
    for r in range(len(rows.journey)):
        p, s = rows.journey[r], rows.spell[r]
        begin, stop = seen.starts[p], seen.starts[p + 1]
        if rows.ended[r]:
            anchor = spells.last[s]
            at = seen.time[anchor]
            upto = anchor if contract else _first_at(seen.time, anchor, stop, spells.moment[s])
            if upto > begin:
                why.touch[r] = seen.name[upto - 1]
            why.reason[r] = max(seen.reason[anchor], 0) if contract else 0
            i = upto - 1
            while why.reason[r] == 0 and i >= begin and seen.time[i] >= at - lookback:
                why.reason[r] = max(seen.reason[i], 0)
                i -= 1
        else:
            at = edges[rows.bucket[r] + 1]
            anchor = _first_at(seen.time, begin, stop, at)
            if not contract:
                anchor -= anchor > begin  # a spell begins with an event
                while anchor > spells.begin[s] and not seen.bits[seen.codes[anchor]] & ACTIVE:
                    anchor -= 1
                at = seen.time[anchor]
        i = anchor - 1
        while i >= begin and seen.time[i] >= at - lookback:
            what = seen.bits[seen.codes[i]]
            why.friction[r] |= what >> SHIFT
            if why.score[r] == NO_SCORE:
                why.score[r] = seen.score[i]
            if what & TICKET and why.theme[r] == NOTHING:
                why.theme[r] = seen.theme[i]
            i -= 1


__all__ = ["NOTHING", "NO_SCORE", "Seen", "Why", "in_hundredths", "look_back", "why_room"]
