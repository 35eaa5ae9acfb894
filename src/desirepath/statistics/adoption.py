"""From how many times on does doing something go with the outcome? A threshold that is sought and told on other people.

A threshold that is chosen because it fits the data best looks better there than it is. So it is sought on one half of
the people, and its figures come from the other half.

A random half is drawn from the counts: how many of each level and side are in a half of people drawn by chance follows
the hypergeometric distribution, whoever they are. So the halves depend on nothing but the counts: not on names, times,
the order of people, or how they are split.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desirepath.statistics.twofold import Twofold, phi, phi_error

Array = NDArray[Any]

SPLITS = 20
"""So many halves are drawn to see whether each would choose the same threshold; figures come from the first."""


@dataclass(frozen=True)
class Chosen:
    """A threshold that was sought on one half of people, with what it says of the other half.

    Attributes
    ----------
    level
        Which threshold, from 1; 0 where no half has anything to choose by.
    sought, held_out
        The table of the half it was sought on, and that of the other: rows are at or above the threshold, and below;
        columns are the two sides.
    """

    level: int
    sought: Twofold
    held_out: Twofold


def halves(counts: Array, draw: np.random.RandomState) -> tuple[Array, Array]:
    """Draw half of the people of each side by chance; the odd one is held out.

    Parameters
    ----------
    counts
        int64[levels, 2]: people by level and side.
    draw
        Where chance comes from.

    Returns
    -------
    The counts of the half that is drawn, and of the other.
    """
    drawn = np.zeros_like(counts)
    for side in range(counts.shape[1]):
        left = int(counts[:, side].sum())
        wanted = left // 2
        for level, many in enumerate(counts[:, side].tolist()):
            left -= many
            if not wanted or not many:
                continue
            taken = wanted if not left else int(draw.hypergeometric(many, left, wanted))
            drawn[level, side] = taken
            wanted -= taken
    return drawn, counts - drawn


def table_at(counts: Array, level: int) -> Twofold:
    """The table of a threshold: who is at the level or above, and who is below, by side."""
    above, below = counts[level:].sum(axis=0).tolist(), counts[:level].sum(axis=0).tolist()
    return Twofold(above[0], above[1], below[0], below[1])


def best_level(counts: Array) -> int:
    """The threshold with the strongest correlation; the lowest within one standard error of it, of the same sign.

    Parameters
    ----------
    counts
        int64[levels, 2]: people by level and side; level 0 is below all thresholds.

    Returns
    -------
    From 1; 0 where no threshold has people on both sides of it, and both sides have people.
    """
    tables = [table_at(counts, level) for level in range(1, len(counts))]
    found = [phi(each.a, each.b, each.c, each.d) for each in tables]
    known = [k for k, value in enumerate(found) if value is not None]
    if not known:
        return 0
    best = max(known, key=lambda k: (abs(found[k] or 0.0), -k))
    top, table = found[best] or 0.0, tables[best]
    error = phi_error(table.a, table.b, table.c, table.d) or 0.0
    near = [k for k in known if (found[k] or 0.0) * top >= 0 and abs(found[k] or 0.0) >= abs(top) - error]
    return min(near, default=best) + 1


def chosen(counts: Array) -> Chosen:
    """Seek a threshold on one half, and tell it of the other.

    Parameters
    ----------
    counts
        int64[levels, 2]: people by level and side; level 0 is below all thresholds.
    """
    sought, held_out = halves(counts, _chance(counts))
    level = best_level(sought)
    at = max(level, 1)
    return Chosen(level, table_at(sought, at), table_at(held_out, at))


def chosen_again(counts: Array, level: int) -> float:
    """The share of `SPLITS` halves by which the same threshold would be chosen: 1 where it does not hang on chance.

    Parameters
    ----------
    counts
        As for `chosen`.
    level
        The threshold that was chosen.
    """
    draw = _chance(counts)
    return sum(best_level(halves(counts, draw)[0]) == level for _ in range(SPLITS)) / SPLITS


def _chance(counts: Array) -> np.random.RandomState:
    # the stream of RandomState is frozen, so that the same counts are split alike by every version
    return np.random.RandomState(zlib.crc32(np.ascontiguousarray(counts, dtype="<i8").tobytes()))
