"""What becomes of paths of touches in a chain that remembers the last few? Chances to convert, and visits on the way.

A chain is absorbing where from every state it can come to an end that it never leaves: here a conversion, or nothing.

    chain = chain_of(paths, order=1)                  from `removal`; every path ends
    chain.solve(chain.ending(), kept)                 chance to convert from each state      x = Q x + r
    chain.visits(kept)                                expected visits to each state          row of (I - Q)^-1

Chains may be of any order, counted from grams, with thousands of states.

Source: C. M. Grinstead and J. L. Snell, Introduction to Probability (1997), chapter 11.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desirepath.errors import InputError

Floats = NDArray[np.float64]
Array = NDArray[Any]

ACCURACY = 1e-13
"""No solution is further from the truth than this, for numbers whose largest is one."""

DENSE, WIDE = 150, 2_000
"""Up to so many states all is solved densely at once; up to so many, densely where iterating would take too long."""

PATIENCE = 3_000
"""So many rounds at most before a direct solution is tried."""

CELLS = 4_000_000
"""So many numbers are worked on at once, so that many channels with many states take time and not memory."""


def summed(places: Array, amounts: Floats, many: int = 0) -> Floats:
    """Sum amounts by place; float[places], at least `many`."""
    return np.asarray(np.bincount(places, amounts, minlength=many), dtype=np.float64)


def widths(channels: int, order: int) -> tuple[int, int]:
    """The base in which a gram is written as a whole number, and how many states that allows.

    Parameters
    ----------
    channels
        How many there are, numbered from 1; 0 stands for what is before the first touch.
    order
        How many touches are remembered.

    Raises
    ------
    InputError
        If grams of so many channels do not fit into 63 bits.
    """
    base = channels + 3
    if base ** (order + 1) >= 2**63:
        raise InputError(f"A chain of order {order} over {channels:,} channels is too large; ask for a lower order.")
    return base, base**order


@dataclass(frozen=True, eq=False)
class Chain:
    """Paths of touches as an absorbing chain that remembers the last few of them.

    A state is the last `order` touches, written in base `channels + 3`; before the first touch they are 0. A gram is
    a state and what came next: a channel, `channels + 1` for a conversion, `channels + 2` for nothing.

    Attributes
    ----------
    channels, order
        How many channels, and how many touches are remembered.
    grams
        int64[moves], ascending: the moves that were seen.
    counts
        float[moves]: how often.
    worth
        float[moves]: what the conversions among them were worth together, in any unit.
    """

    channels: int
    order: int
    grams: Array
    counts: Floats
    worth: Floats

    @cached_property
    def states(self) -> Array:
        """int64[states], ascending, the start first."""
        return np.unique(self.grams // self._base)

    @property
    def _base(self) -> int:
        return widths(self.channels, self.order)[0]

    @cached_property
    def source(self) -> Array:
        """int[moves]: the state that each move leaves."""
        return np.searchsorted(self.states, self.grams // self._base)

    @cached_property
    def target(self) -> Array:
        """int[moves]: the state that each move comes to; -1 a conversion, -2 nothing."""
        base, many = widths(self.channels, self.order)
        place = np.searchsorted(self.states, self.grams % many)
        come = self.grams % base - self.channels
        return np.where(come > 0, -come, place)

    @cached_property
    def left(self) -> Floats:
        """float[states]: how often each was left."""
        return summed(self.source, self.counts, len(self.states))

    def ending(self, *, by_worth: bool = False) -> Floats:
        """float[states]: the chance that the next step is a conversion, or what it is worth on average."""
        won = self.target == -1
        amounts = (self.worth if by_worth else self.counts)[won]
        return summed(self.source[won], amounts, len(self.states)) / self.left

    def holding(self, channel: int) -> NDArray[np.bool_]:
        """bool[states]: those in which a channel is remembered."""
        found, rest = np.zeros(len(self.states), dtype=np.bool_), self.states
        for _ in range(self.order):
            found |= rest % self._base == channel
            rest = rest // self._base
        return found

    @cached_property
    def _steps(self) -> Any:
        """The chances of moves between states, as a matrix: dense where it is small."""
        inner = self.target >= 0
        rows, columns = self.source[inner], self.target[inner]
        chances = self.counts[inner] / self.left[rows]
        many = len(self.states)
        if many <= DENSE:
            dense = np.zeros((many, many))
            dense[rows, columns] = chances
            return dense
        from scipy.sparse import csr_matrix

        return csr_matrix((chances, (rows, columns)), shape=(many, many))

    def solve(self, ending: Floats, kept: NDArray[np.bool_]) -> Floats:
        """What comes of each state where only some states are kept: x = kept * (Q x + ending), a column each.

        Parameters
        ----------
        ending
            float[states]: the chance of a conversion at the next step, or what is earned by it.
        kept
            bool[states, columns]: where a state is not kept, whoever comes to it comes to nothing.

        Returns
        -------
        float[states, columns], to within `ACCURACY` of the largest number in `ending`.
        """
        mask = kept.astype(np.float64)
        return self._solved(mask, mask * ending[:, None], forward=True)

    def visits(self, kept: NDArray[np.bool_], begins: Array | None = None) -> Floats:
        """Expected visits to each state, where only some are kept; float[states, columns].

        Parameters
        ----------
        kept
            bool[states, columns].
        begins
            int[columns]: the state from which each column sets out, itself counted as visited; the start, if left out.
        """
        mask = kept.astype(np.float64)
        given = np.zeros(kept.shape)
        given[0 if begins is None else begins, np.arange(kept.shape[1])] = 1.0
        return self._solved(mask, mask * given, forward=False)

    def at_once(self, columns: int) -> list[slice]:
        """Cut so many columns into pieces that fit into memory."""
        step = max(1, CELLS // max(len(self.states), 1))
        return [slice(begin, min(begin + step, columns)) for begin in range(0, columns, step)]

    def _solved(self, mask: Floats, given: Floats, *, forward: bool) -> Floats:
        """Solve x = mask * (Q x) + given, or with the transpose of Q, for each column."""
        if len(self.states) <= DENSE:
            return self._direct(mask, given, forward=forward)
        found = self._iterated(mask, given, forward=forward)
        return self._direct(mask, given, forward=forward) if found is None else found

    def _iterated(self, mask: Floats, given: Floats, *, forward: bool) -> Floats | None:
        """The sum of given, Q given, Q^2 given, …; None where that takes too long.

        Where after m rounds at most a share r < 1 of any state is still under way, whatever is added later is at most
        m / (1 - r) times what was added last: the norm of the fundamental matrix is at most that.
        """
        steps = self._steps if forward else self._steps.T.tocsr()
        alive, added, total = np.ones(len(self.states)), given, given.copy()
        largest = float(np.abs(given).max(initial=0.0)) or 1.0
        for rounds in range(1, PATIENCE + 1):
            added = mask * (steps @ added)
            total += added
            alive = self._steps @ alive
            if rounds % 8:
                continue
            under_way = float(alive.max(initial=0.0))
            size = np.abs(added).max(initial=0.0) if forward else np.abs(added).sum(axis=0).max(initial=0.0)
            if under_way < 1 and float(size) * rounds / (1 - under_way) <= ACCURACY * largest:
                return total
        return None

    def _direct(self, mask: Floats, given: Floats, *, forward: bool) -> Floats:
        """Solve each column by elimination."""
        many = len(self.states)
        solved = np.empty_like(given)
        if many <= max(DENSE, WIDE):
            dense = self._steps if many <= DENSE else self._steps.toarray()
            for k in range(given.shape[1]):
                step = dense * mask[:, k, None] if forward else dense.T * mask[:, k, None]
                solved[:, k] = np.linalg.solve(np.eye(many) - step, given[:, k])
            return solved
        from scipy.sparse import diags, identity
        from scipy.sparse.linalg import splu

        for k in range(given.shape[1]):
            step = diags(mask[:, k]) @ (self._steps if forward else self._steps.T)
            solved[:, k] = splu((identity(many) - step).tocsc()).solve(given[:, k])
        return solved
