"""What would be missing without a channel, in a chain that remembers the last touches? Credit by removal effects.

    found = markov(Paths.of(["a > b", "a", "b"], conversions=[1, 0, 1], nulls=[0, 2, 1]), order=1)
    found.effects     the share of the chance to convert that is lost when whoever comes to a channel comes to nothing
    found.credit      the conversions, shared out in proportion

Paths that lead to nothing have to be there: without them every path converts, and a removal effect is the share of
paths that touch the channel. It says what goes together in the data, never what an experiment would find.

Source: E. Anderl, I. Becker, F. von Wangenheim and J. H. Schumann, Mapping the customer journey, International
Journal of Research in Marketing 33 (2016); solved exactly instead of by simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from desirepath.errors import InputError
from desirepath.statistics.chains import Array, Chain, Floats, summed, widths
from desirepath.statistics.credit import Paths

CONVERTED, NOTHING = 1, 2
"""What is added to the number of channels for the end of a path, in a gram."""

DENSE_GRAMS = 1 << 24
"""Up to so many possible grams are counted in a table of all of them."""


@dataclass(frozen=True, eq=False)
class Removal:
    """What the removal of each channel takes away.

    Attributes
    ----------
    whole
        The chance to convert of whoever starts, or what is earned of them.
    without
        float[channels]: the same without the channel.
    effects
        float[channels]: 1 - without / whole; 0 where there is nothing to lose.
    """

    whole: float
    without: Floats
    effects: Floats

    def shared(self, total: float) -> Floats:
        """Share a total out in proportion to the effects; nothing where nothing has an effect."""
        whole = float(self.effects.sum())
        return total * self.effects / whole if whole else np.zeros(len(self.effects))


@dataclass(frozen=True, eq=False)
class Markov:
    """Credit by removal effects.

    Attributes
    ----------
    credit, worth
        float[channels]: the conversions, and what they are worth, shared out.
    effects, worth_effects
        float[channels]: what the removal of each channel takes off the chance to convert, and off what is earned.
    chance
        The chance to convert: of all paths the share that did, whatever the order.
    """

    credit: Floats
    worth: Floats
    effects: Floats
    worth_effects: Floats
    chance: float


def markov(paths: Paths, order: int = 1) -> Markov:
    """Credit by removal effects in a chain of some order.

    Parameters
    ----------
    paths
        The table of paths, those that lead to nothing included.
    order
        How many touches are remembered, 1 or more.

    Raises
    ------
    InputError
        If the order is not positive, or too large for so many channels.
    """
    chain = chain_of(paths, order)
    channels = range(1, paths.channels + 1)
    plain, earned = removal(chain, channels), removal(chain, channels, by_worth=True)
    return Markov(
        plain.shared(float(paths.conversions.sum())),
        earned.shared(float(paths.worth.sum())),
        plain.effects,
        earned.effects,
        plain.whole,
    )


def removal(chain: Chain, channels: Sequence[int], *, by_worth: bool = False) -> Removal:
    """What the removal of each channel takes away: every state that remembers it leads to nothing instead.

    Parameters
    ----------
    chain
        The chain.
    channels
        The channels to remove, one at a time, numbered from 1.
    by_worth
        Whether what is earned is looked at, and not the chance to convert.
    """
    if not len(chain.grams):
        return Removal(0.0, np.zeros(len(channels)), np.zeros(len(channels)))
    ending = chain.ending(by_worth=by_worth)
    whole = float(chain.solve(ending, np.ones((len(chain.states), 1), dtype=np.bool_))[0, 0])
    without = np.zeros(len(channels))
    for some in chain.at_once(len(channels)):
        kept = np.stack([~chain.holding(c) for c in list(channels)[some]], axis=1)
        without[some] = chain.solve(ending, kept)[0]
    if whole == 0:
        return Removal(whole, without, np.zeros(len(channels)))
    effects = 1 - without / whole
    # exact zeros and ones stay so; a loss cannot be below nothing where nothing earned is negative
    effects[np.abs(effects) < 1e-12] = 0.0
    return Removal(whole, without, effects)


def chain_of(paths: Paths, order: int) -> Chain:
    """Count the grams of paths.

    Raises
    ------
    InputError
        If the order is not positive, or too large for so many channels.
    """
    if order < 1:
        raise InputError(f"A chain remembers at least one touch, not {order}.")
    base, many = widths(paths.channels, order)
    counted = _Counted(base * many)
    for some in paths.pieces():
        through, ends = grams(some.touches, some.starts, order, base)
        often = some.conversions + some.nulls
        lengths = np.diff(some.starts)
        counted.add(through, np.repeat(often, lengths))
        counted.add(ends + paths.channels + CONVERTED, some.conversions, some.worth)
        counted.add(ends + paths.channels + NOTHING, some.nulls)
    return Chain(paths.channels, order, *counted.found())


class _Counted:
    """Sums by gram: in a table of all there can be, or by sorting where that would be too large."""

    def __init__(self, possible: int) -> None:
        self.dense = possible <= DENSE_GRAMS
        self.keys = np.arange(possible if self.dense else 0, dtype=np.int64)
        self.counts, self.worth = np.zeros((2, len(self.keys)))

    def add(self, keys: Array, counts: Floats, worth: Floats | None = None) -> None:
        if self.dense:
            self.counts += summed(keys, counts, len(self.keys))
            if worth is not None:
                self.worth += summed(keys, worth, len(self.keys))
            return
        keys = np.concatenate([self.keys, keys])
        self.keys, place = np.unique(keys, return_inverse=True)
        self.counts = summed(place, np.concatenate([self.counts, counts]))
        more = np.zeros(len(counts)) if worth is None else worth
        self.worth = summed(place, np.concatenate([self.worth, more]))

    def found(self) -> tuple[Array, Floats, Floats]:
        seen = self.counts > 0
        return self.keys[seen], self.counts[seen], self.worth[seen]


def grams(touches: Array, starts: Array, order: int, base: int) -> tuple[Array, Array]:
    """The gram of each touch of paths, and of the end of each path.

    Parameters
    ----------
    touches
        int[touches]: channels, numbered from 0.
    starts
        int64[paths + 1]: where each path begins; none is empty.
    order, base
        How many touches are remembered, and in which base they are written.

    Returns
    -------
    int64[touches], and int64[paths]; what the path ended in is to be added to the latter.
    """
    digits = touches.astype(np.int64) + 1
    through = digits.copy()
    scale = 1
    place = np.arange(len(digits)) - np.repeat(starts[:-1], np.diff(starts))
    for back in range(1, order + 1):
        scale *= base
        through[back:] += digits[:-back] * scale * (place[back:] >= back)
    return through, through[starts[1:] - 1] % (base**order) * base
