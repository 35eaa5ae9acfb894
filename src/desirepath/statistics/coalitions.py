"""What is each member's fair part of what a group achieves? Shapley values of games that are known for every set.

    shapley([0, 1, 2, 4])          two players: 1.5 and 2.5; the value of a set stands at the place of its bits

    rates = rate_game(sets, conversions, nulls, channels=3)
    rates.credit                   conversions shared out in the game played for the rate of conversion

Source: L. S. Shapley, A value for n-person games (1953).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from desirepath.errors import InputError
from desirepath.statistics.chains import Array, Floats, summed

MOST_PLAYERS = 16
"""A game is known for each of two to the power of so many sets, at most."""

SHRINK = 20.0
"""The rate of a set of channels counts as if so many paths more had been seen, which convert as all do."""


def shapley(game: ArrayLike) -> Floats:
    """Shapley values of a game.

    Parameters
    ----------
    game
        float[2^players]: what each set is worth; bit i of the place is set where player i belongs to it.

    Returns
    -------
    float[players]
        Sums to what all are worth, less what nobody is.

    Raises
    ------
    InputError
        If there are not two to the power of some number of values, or of more than `MOST_PLAYERS`.
    """
    values = np.asarray(game, dtype=np.float64)
    players = max(len(values) - 1, 0).bit_length()
    if values.ndim != 1 or len(values) != 1 << players or players > MOST_PLAYERS:
        raise InputError(f"A game of up to {MOST_PLAYERS} players has a value for each of their sets.")
    return np.array([float(_coefficients(players, i) @ values) for i in range(players)])


def _sizes(players: int) -> Array:
    places = np.arange(1 << players)
    return np.sum([(places >> i) & 1 for i in range(players)], axis=0) if players else np.zeros(1, dtype=np.int64)


def _coefficients(players: int, i: int) -> Floats:
    """How much each set's worth counts for a player: for it with the player, against it without."""
    sizes = _sizes(players)
    inside = ((np.arange(1 << players) >> i) & 1).astype(np.bool_)
    others = np.where(inside, sizes - 1, sizes)
    orders = [math.factorial(n) * math.factorial(players - n - 1) / math.factorial(players) for n in range(players)]
    weight = np.array(orders)[others]
    return np.where(inside, weight, -weight)


def within(sums: Floats, players: int) -> Floats:
    """Per set the sum over all sets within it."""
    found = sums.astype(np.float64).copy()
    for i in range(players):
        pairs = found.reshape(-1, 2, 1 << i)
        pairs[:, 1] += pairs[:, 0]
    return found


def around(sums: Floats, players: int) -> Floats:
    """Per set the sum over all sets that contain it."""
    found = sums.astype(np.float64).copy()
    for i in range(players):
        pairs = found.reshape(-1, 2, 1 << i)
        pairs[:, 0] += pairs[:, 1]
    return found


@dataclass(frozen=True, eq=False)
class RateGame:
    """Credit in the game for the rate of conversion.

    Attributes
    ----------
    players
        int[players]: which channels play, ascending.
    credit
        float[players]: sums to the conversions; below zero where a channel goes with lower rates.
    won, lost
        float[players, 2^players]: what one more path with a set of channels that converts, or does not, would change.
    """

    players: Array
    credit: Floats
    won: Floats
    lost: Floats

    def place_of(self, sets: Array) -> Array:
        """Where sets stand among those of the players; bit c of a set is channel c."""
        place = np.zeros(len(sets), dtype=np.int64)
        for i, c in enumerate(self.players.tolist()):
            place |= ((sets >> c) & 1) << i
        return place


def rate_game(sets: Array, conversions: Floats, nulls: Floats) -> RateGame | None:
    """Share conversions out by the Shapley value of the game in which a set is worth its rate of conversion.

    The rate of a set of channels is that of the paths that touch no other channel, drawn towards the rate of all paths
    by `SHRINK` paths; nobody is worth nothing. Values are multiplied by the number of paths, so that they sum to the
    conversions, and are never cut off at zero.

    Parameters
    ----------
    sets
        int64[sets]: the channels of paths, bit c for channel c.
    conversions, nulls
        float[sets]: how many paths with this set converted, and how many led to nothing.

    Returns
    -------
    RateGame, or None where more than `MOST_PLAYERS` channels play.
    """
    everyone = int(np.bitwise_or.reduce(sets)) if len(sets) else 0
    players = np.array([c for c in range(63) if everyone >> c & 1], dtype=np.int64)
    many = len(players)
    if many > MOST_PLAYERS:
        return None
    empty = RateGame(players, np.zeros(many), np.zeros((many, 1 << many)), np.zeros((many, 1 << many)))
    place = empty.place_of(sets)
    won = summed(place, conversions, 1 << many)
    paths = summed(place, conversions + nulls, 1 << many)
    total = float(paths.sum())
    if not total:
        return empty
    rate = float(won.sum()) / total
    seen = within(paths, many) + SHRINK
    game = (within(won, many) + SHRINK * rate) / seen
    game[0] = 0.0
    values = shapley(game)
    more, less = np.zeros((many, 1 << many)), np.zeros((many, 1 << many))
    for i in range(many):
        weight = _coefficients(many, i)
        weight[0] = 0.0
        lift, drop = around(weight / seen, many), around(weight * game / seen, many)
        pull = float(np.sum(weight * SHRINK / seen)) / total
        more[i] = values[i] + total * (lift - drop + pull * (1 - rate))
        less[i] = values[i] + total * (-drop - pull * rate)
    return RateGame(players, total * values, more, less)
