"""How sure is credit? What each journey adds to it, and the interval that follows.

Credit is a sum over journeys, or follows smoothly from such sums. If the time were lived through again, each journey
would come a chance number of times (Poisson, one on average): the variance of a number is the sum over journeys of the
square of what one more such journey would add to it. This is what a Poisson bootstrap tends to with many draws,
without drawing: the infinitesimal jackknife.

Sources: L. A. Jaeckel, The infinitesimal jackknife (1972); B. Efron, The jackknife, the bootstrap and other resampling
plans (1982), chapter 6; for the fundamental matrix see `chains`. Ratios to what is known of all: W. G. Cochran,
Sampling Techniques (1977), chapter 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from desirepath.statistics.chains import Array, Chain, Floats
from desirepath.statistics.credit import Paths
from desirepath.statistics.intervals import Estimate, normal_quantile, wilson_limits
from desirepath.statistics.removal import CONVERTED, NOTHING, grams

METHOD = "infinitesimal_jackknife"


def amount(value: float, variance: float, n: int, level: float = 0.95, *, whole: float | None = None) -> Estimate:
    """A credited amount, which is a sum of chance size, with its interval.

    Parameters
    ----------
    value, variance
        The sum, and the sum of the squares of its parts; in any unit and its square.
    n
        How many journeys it rests on.
    level
        Confidence level.
    whole
        What one journey adds where none has added anything yet; without it, nothing has no interval.

    Returns
    -------
    Estimate
        The interval is that of a count of as many equal parts as would have this variance, by Jeffreys' prior
        (L. D. Brown, T. T. Cai and A. DasGupta, Interval estimation in exponential families, 2003); the normal one
        for a sum that is not positive.
    """
    if value < 0 or (value == 0 and variance > 0):
        half = normal_quantile(level) * math.sqrt(variance)
        return Estimate(value, value - half, value + half, n, level, METHOD)
    part = variance / value if value else whole
    if not part:
        return Estimate(value, None, None, n, level, METHOD)
    from scipy.special import gammaincinv  # slow to import

    tail = (1 - level) / 2
    count = value / part
    low = 0.0 if value == 0 else min(part * float(gammaincinv(count + 0.5, tail)), value)
    high = max(part * float(gammaincinv(count + 0.5, 1 - tail)), value)
    return Estimate(value, low, high, n, level, METHOD)


def share(value: float, variance: float, n: int, level: float = 0.95) -> Estimate:
    """A share between 0 and 1, by Wilson's interval for as many draws as would have this variance.

    Parameters
    ----------
    value, variance
        The share, and its variance.
    n
        How many draws it rests on; used where the variance says nothing, as of a share of 0 or 1.
    level
        Confidence level.

    References
    ----------
    Effective numbers as of E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998), for Wilson (1927).
    """
    if n <= 0:
        return Estimate(None, None, None, 0, level, METHOD)
    value = min(max(value, 0.0), 1.0)
    inside = 0 < value < 1 and variance > 0
    draws = value * (1 - value) / variance if inside else float(n)
    if draws <= 0:
        return Estimate(value, None, None, n, level, METHOD)
    limits: tuple[float, float] = wilson_limits(value * draws, draws, normal_quantile(level))
    return Estimate(value, min(limits[0], value), max(limits[1], value), n, level, METHOD)


def positive(value: float, variance: float, n: int, level: float = 0.95) -> Estimate:
    """A number above zero, normal on the scale of logarithms."""
    if value <= 0 or variance <= 0:
        return Estimate(value, None, None, n, level, METHOD)
    factor = math.exp(normal_quantile(level) * math.sqrt(variance) / value)
    return Estimate(value, value / factor, value * factor, n, level, METHOD)


def by_ratio(squares: Floats, sampled: Floats, whole: Floats) -> Floats:
    """Sums of squares over a sample, corrected by how far the sample is off for something that is known of all.

    Parameters
    ----------
    squares
        float[channels]: over a sample, weighted up.
    sampled, whole
        float[channels]: another sum that goes with it, over the same sample weighted up, and over all.
    """
    found: Floats = squares * np.divide(whole, sampled, out=np.ones_like(whole), where=sampled > 0)
    return found


class Walked:
    """The moves of some journeys through a chain, to see what one more such journey would change.

    Parameters
    ----------
    chain
        The chain, of all journeys.
    paths
        Paths of some of them.
    journeys
        int64[journeys + 1]: where the paths of each begin.
    """

    def __init__(self, chain: Chain, paths: Paths, journeys: Array) -> None:
        base = chain.channels + 3
        through, ends = grams(paths.touches, paths.starts, chain.order, base)
        many, lengths = len(paths), np.diff(paths.starts)
        converts = paths.conversions > 0
        keys = np.empty(len(through) + many, dtype=np.int64)
        keys[np.arange(len(through)) + np.repeat(np.arange(many), lengths)] = through
        last = paths.starts[1:] + np.arange(many)
        keys[last] = ends + chain.channels + np.where(converts, CONVERTED, NOTHING)
        place = np.searchsorted(chain.grams, keys)
        self.source, self.target = chain.source[place], chain.target[place]
        self.earned = np.zeros(len(keys))
        self.earned[last] = paths.worth
        self.begins = (paths.starts[:-1] + np.arange(many))[journeys[:-1]]
        self.chain = chain

    def by_journey(self, moves: Floats) -> Floats:
        """Sum something of each move by journey; moves are rows."""
        return np.add.reduceat(moves, self.begins, axis=0)

    def chances(self, kept: Array, solved: Floats, visits: Floats, *, by_worth: bool = False) -> Floats:
        """What one more of each journey would change of the chance to convert, or of what is earned.

        Parameters
        ----------
        kept
            bool[states, columns]: the states that lead anywhere; see `Chain.solve`.
        solved, visits
            float[states, columns]: what comes of each state, and the visits to each.
        by_worth
            Whether it is about what is earned.

        Returns
        -------
        float[journeys, columns]: sum over its moves s to t of visits(s) / n(s) (x(t) - x(s)).
        """
        weight = visits[self.source] / self.chain.left[self.source][:, None]
        after = np.where(self.target[:, None] >= 0, solved[np.maximum(self.target, 0)], 0.0)
        won = self.target == -1
        after[won] = self.earned[won, None] if by_worth else 1.0
        return self.by_journey(np.where(kept[self.source], weight * (after - solved[self.source]), 0.0))

    def further(self, solved: Floats, visits: Floats) -> Floats:
        """What one more of each journey would change of the touches that follow; see `chances`."""
        weight = visits[self.source] / self.chain.left[self.source][:, None]
        after = np.where(self.target >= 0, 1 + solved[np.maximum(self.target, 0)], 0.0)
        return self.by_journey(weight * (after - solved[self.source])[:, None])


def removal_changes(walked: Walked, channels: Sequence[int], *, by_worth: bool = False) -> Floats:
    """What one more of each journey would change of each channel's removal effect.

    Parameters
    ----------
    walked
        The journeys.
    channels
        The channels, numbered from 1.
    by_worth
        Whether the effect on what is earned is meant.

    Returns
    -------
    float[journeys, channels].
    """
    chain = walked.chain
    ending = chain.ending(by_worth=by_worth)
    every = np.ones((len(chain.states), 1), dtype=np.bool_)
    solved = chain.solve(ending, every)
    whole = float(solved[0, 0])
    changes = np.zeros((len(walked.begins), len(channels)))
    if whole == 0:
        return changes
    base = walked.chances(every, solved, chain.visits(every), by_worth=by_worth)[:, 0]
    rows = max(len(walked.source), len(chain.states))
    step = max(1, 4_000_000 // max(rows, 1))
    for begin in range(0, len(channels), step):
        some = channels[begin : begin + step]
        kept = np.stack([~chain.holding(c) for c in some], axis=1)
        left = chain.solve(ending, kept)
        lost = walked.chances(kept, left, chain.visits(kept), by_worth=by_worth)
        changes[:, begin : begin + step] = (left[0] * base[:, None] / whole - lost) / whole
    return changes


def credit_changes(effects: Floats, changes: Floats, total: float, added: Floats) -> Floats:
    """What one more of each journey would change of a total that is shared out by removal effects.

    Parameters
    ----------
    effects
        float[channels]: the effects.
    changes
        float[journeys, channels]: what one more journey would change of them.
    total
        What is shared out.
    added
        float[journeys]: what one more journey would add to the total.
    """
    whole = float(effects.sum())
    if not whole:
        return np.zeros_like(changes)
    parts = effects / whole
    moved: Floats = added[:, None] * parts + total * (changes - parts * changes.sum(axis=1)[:, None]) / whole
    return moved
