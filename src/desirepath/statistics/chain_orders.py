"""How many touches are worth remembering? The order of a chain that best predicts people it has not seen.

Half of the people teach a chain what follows what, the other half say how likely it found what they did; then the
other way round. What is rare is told by the shorter memory: each order starts from the one below.

Source: I. H. Witten and T. C. Bell, The zero-frequency problem, IEEE Transactions on Information Theory 37 (1991),
method C, interpolated with the lower order; two-fold cross-validation.
"""

from __future__ import annotations

import math

import numpy as np

from desirepath.statistics.chains import Array, Floats, summed

WORTHWHILE = 0.02
"""A longer memory is worth it where it saves more than this share of the surprise."""


def bits_per_move(grams: Array, halves: Floats, channels: int, highest: int) -> list[float | None]:
    """How surprising people's moves are to a chain of each order that was taught by others.

    Parameters
    ----------
    grams
        int64[grams]: a state and what came next, of the highest order; see `Chain`.
    halves
        float[grams, 2]: how often in either half of the people.
    channels
        How many channels there are.
    highest
        The highest order.

    Returns
    -------
    For each order from 0 the mean of -log2 of the chance of each move; None where a half has no moves. Less is better.
    """
    base = channels + 3
    surprise = np.zeros(highest + 1)
    moves = 0.0
    for taught, told in ((0, 1), (1, 0)):
        if not halves[:, taught].any() or not halves[:, told].any():
            return [None] * (highest + 1)
        moves += float(halves[:, told].sum())
        # what can follow: any channel, a conversion or nothing
        chance = np.full(len(grams), 1 / (channels + 2))
        for order in range(highest + 1):
            chance = _predicted(grams % base ** (order + 1), halves[:, taught], chance, base)
            surprise[order] -= float(halves[:, told] @ np.log2(chance))
    return [float(each) / moves for each in surprise]


def _predicted(keys: Array, counts: Floats, shorter: Floats, base: int) -> Floats:
    """The chance of each gram; what was never seen after a state counts as often as what was seen has kinds."""
    found, gram = np.unique(keys, return_inverse=True)
    states, state = np.unique(found // base, return_inverse=True)
    seen = summed(gram, counts)
    left, kinds = (summed(state, each, len(states))[state][gram] for each in (seen, (seen > 0).astype(np.float64)))
    chance: Floats = np.divide(seen[gram] + kinds * shorter, left + kinds, out=shorter.copy(), where=left > 0)
    return chance


def best_order(bits: list[float | None]) -> int:
    """The lowest order from 1 on that is hardly more surprised than any; 1 where there is nothing to tell by."""
    told = [math.inf if each is None else each for each in bits[1:]] or [math.inf]
    enough = min(told) * (1 + WORTHWHILE)
    return 1 + next(place for place, each in enumerate(told) if each <= enough)


def lower(grams: Array, sums: Array, channels: int, order: int) -> tuple[Array, Array]:
    """Grams of a lower order, and their sums, from those of a higher."""
    keys, place = np.unique(grams % (channels + 3) ** (order + 1), return_inverse=True)
    total = np.zeros((len(keys), sums.shape[1]), dtype=sums.dtype)
    np.add.at(total, place, sums)
    return keys, total
