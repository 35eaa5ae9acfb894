"""Which channels does a path touch together? A set of them is one whole number, however many channels there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.statistics.coalitions import MOST_PLAYERS
from desirepath.statistics.keyed import Keyed

Array = npt.NDArray[Any]

MOST_IN_SETS = 62
"""Sets of more channels do not fit into a whole number."""

_NOTHING = Keyed.nothing(1)


@dataclass(frozen=True, eq=False)
class Together:
    """How many paths touch each set of channels.

    Attributes
    ----------
    players
        int64, ascending: the channels that any path touches; where more than `MOST_IN_SETS` are touched by anybody of
        a block, these are among them, in a path or not.
    paths
        A column of how many; a key holds a bit for each of the players, and whether it converts as its lowest. Nothing
        where there are more players than a game is known of.
    """

    players: Array
    paths: Keyed

    @classmethod
    def nothing(cls) -> Together:
        """No paths."""
        return cls(np.zeros(0, dtype=np.int64), _NOTHING)

    @classmethod
    def of(cls, channels: Array, keys: Array) -> Together:
        """Count paths; int64[channels], ascending, is what the bits of int64[paths] keys stand for."""
        found = Keyed.of(keys, np.ones((len(keys), 1), dtype=np.int64))
        everyone = int(np.bitwise_or.reduce(found.keys)) if len(found.keys) else 0
        return cls(channels, found)._among(
            channels[[place for place in range(len(channels)) if everyone >> place + 1 & 1]]
        )

    def __add__(self, other: Together) -> Together:
        """Join two sets of paths."""
        players = np.union1d(self.players, other.players)
        one, two = self._among(players), other._among(players)
        return Together(players, one.paths + two.paths)

    def _among(self, players: Array) -> Together:
        """The same with bits for these, among which are all that any path touches."""
        if len(players) > MOST_PLAYERS:
            return Together(players, _NOTHING)
        keys = self.paths.keys & 1
        for place, player in enumerate(self.players.tolist()):
            bit = self.paths.keys >> place + 1 & 1
            keys |= bit << int(np.searchsorted(players, player)) + 1
        return Together(players, Keyed.of(keys, self.paths.sums))

    def bits(self, channels: int) -> Array:
        """int64[channels]: the set of each channel alone, without the bit that says whether a path converts."""
        found = np.zeros(channels, dtype=np.int64)
        if len(self.players) <= MOST_PLAYERS:
            found[self.players] = 1 << np.arange(len(self.players))
        return found
