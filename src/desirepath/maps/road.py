"""Which sequences of touchpoints does a map expect? A machine made of its stages' blocks.

    a, then b or c, then d any number of times     ->     states, and moves (state, touchpoint, state)

Silent moves are taken out, so that every move is a touchpoint. What it costs to go on without a touchpoint that was
expected is one per move, whichever it is.

Source of the construction: K. Thompson, Regular expression search algorithm, CACM 11(6), 1968.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import MapError

Array = npt.NDArray[Any]

MOST_STATES = 400
MOST_TOGETHER = 6
"""So many blocks can be walked in any order: each order is a way of its own."""

FAR = 1 << 20
"""A cost that no way has."""


@dataclass(frozen=True)
class Block:
    """A part of the road: one touchpoint (`kind` is `touchpoint`), or several parts.

    Attributes
    ----------
    kind
        `touchpoint`, `in_order`, `one_of` or `any_order`.
    touchpoint
        Its number, where it is one.
    parts
        Its parts, where it has some.
    """

    kind: str
    touchpoint: int = -1
    parts: tuple[Block, ...] = ()
    optional: bool = False
    repeats: bool = False


@dataclass(frozen=True, eq=False)
class Road:
    """The machine; it begins in state 0.

    Attributes
    ----------
    states
        How many there are.
    sources, touchpoints, targets
        int64[moves]: the moves, ordered by source, then touchpoint, then target.
    left
        int64[states]: how many more touchpoints it takes at least to the end of the road; `FAR` where there is no way.
    """

    states: int
    sources: Array
    touchpoints: Array
    targets: Array
    left: Array

    @property
    def shortest(self) -> int:
        """The fewest touchpoints from beginning to end."""
        return int(self.left[0])

    def follows(self) -> set[tuple[int, int]]:
        """Pairs of touchpoints of which the second may directly follow the first."""
        into: dict[int, set[int]] = {}
        for touchpoint, target in zip(self.touchpoints.tolist(), self.targets.tolist(), strict=True):
            into.setdefault(target, set()).add(touchpoint)
        moves = zip(self.sources.tolist(), self.touchpoints.tolist(), strict=True)
        return {(before, after) for source, after in moves for before in into.get(source, ())}


class _Machine:
    """States with silent moves, under construction."""

    def __init__(self) -> None:
        self.states = 0
        self.moves: list[tuple[int, int, int]] = []
        self.silent: list[tuple[int, int]] = []

    def state(self) -> int:
        self.states += 1
        if self.states > 40 * MOST_STATES:
            raise _too_large()
        return self.states - 1

    def add(self, block: Block, begin: int) -> int:
        """Put a block after a state; return the state after it."""
        made: dict[str, Callable[[Block, int], int]] = {
            "touchpoint": self._single,
            "in_order": self._in_order,
            "one_of": self._one_of,
            "any_order": self._any_order,
        }
        first = self.state()
        self.silent.append((begin, first))
        last = made[block.kind](block, first)
        if block.repeats:
            self.silent.append((last, first))
        end = self.state()
        self.silent.append((last, end))
        if block.optional:
            self.silent.append((begin, end))
        return end

    def _single(self, block: Block, begin: int) -> int:
        end = self.state()
        self.moves.append((begin, block.touchpoint, end))
        return end

    def _in_order(self, block: Block, begin: int) -> int:
        for part in block.parts:
            begin = self.add(part, begin)
        return begin

    def _one_of(self, block: Block, begin: int) -> int:
        end = self.state()
        for part in block.parts:
            self.silent.append((self.add(part, begin), end))
        return end

    def _any_order(self, block: Block, begin: int) -> int:
        """One state per set of parts that are done."""
        count = len(block.parts)
        done = {0: begin} | {mask: self.state() for mask in range(1, 1 << count)}
        for mask, state in done.items():
            for number, part in enumerate(block.parts):
                if not mask >> number & 1:
                    self.silent.append((self.add(part, state), done[mask | 1 << number]))
        return done[(1 << count) - 1]


def _too_large() -> MapError:
    return MapError(
        f"The road of this map has more than {MOST_STATES} states; blocks in any order multiply them; name fewer."
    )


def road_of(blocks: Sequence[Block]) -> Road:
    """The machine of blocks that are walked one after another.

    Raises
    ------
    MapError
        If it would be too large.
    """
    machine = _Machine()
    begin = machine.state()
    end = machine.add(Block("in_order", parts=tuple(blocks)), begin)
    reach = _silently(machine)
    heard = sorted({target for _, _, target in machine.moves})
    number = {state: place for place, state in enumerate([begin, *heard])}
    from_: dict[int, list[tuple[int, int]]] = {}
    for source, touchpoint, target in machine.moves:
        from_.setdefault(source, []).append((touchpoint, number[target]))
    moves = {
        (place, touchpoint, target)
        for state, place in number.items()
        for near in reach[state]
        for touchpoint, target in from_.get(near, ())
    }
    ends = [end in reach[state] for state in number]
    return _reduced(len(number), sorted(moves), ends)


def _silently(machine: _Machine) -> list[set[int]]:
    """Per state all that can be reached without a touchpoint."""
    after: list[list[int]] = [[] for _ in range(machine.states)]
    for source, target in machine.silent:
        after[source].append(target)
    found = []
    for state in range(machine.states):
        seen, ahead = {state}, [state]
        while ahead:
            for target in after[ahead.pop()]:
                if target not in seen:
                    seen.add(target)
                    ahead.append(target)
        found.append(seen)
    return found


def _reduced(states: int, moves: Sequence[tuple[int, int, int]], ends: Sequence[bool]) -> Road:
    """States from which the same can follow are one; numbered in the order in which they are reached."""
    kind = [int(end) for end in ends]
    while True:
        outs: list[set[tuple[int, int]]] = [set() for _ in range(states)]
        for source, touchpoint, target in moves:
            outs[source].add((touchpoint, kind[target]))
        marks = [(kind[state], tuple(sorted(outs[state]))) for state in range(states)]
        names = {mark: place for place, mark in enumerate(dict.fromkeys(marks))}
        finer = [names[mark] for mark in marks]
        if len(names) == len(set(kind)):
            break
        kind = finer
    merged = sorted({(kind[source], touchpoint, kind[target]) for source, touchpoint, target in moves})
    order = {kind[0]: 0}
    ahead = [kind[0]]
    for state in ahead:
        for source, _, target in merged:
            if source == state and target not in order:
                order[target] = len(order)
                ahead.append(target)
    kept = sorted((order[s], t, order[e]) for s, t, e in merged if s in order)
    if len(order) > MOST_STATES:
        raise _too_large()
    final = {order[kind[state]] for state in range(states) if ends[state] and kind[state] in order}
    columns = [np.array([move[place] for move in kept], dtype=np.int64) for place in range(3)]
    return Road(len(order), columns[0], columns[1], columns[2], _left(len(order), kept, final))


def _left(states: int, moves: Sequence[tuple[int, int, int]], final: set[int]) -> Array:
    left = np.full(states, FAR, dtype=np.int64)
    left[sorted(final)] = 0
    changed = True
    while changed:
        changed = False
        for source, _, target in moves:
            if left[target] + 1 < left[source]:
                left[source] = left[target] + 1
                changed = True
    return left
