"""How many paths begin like that? A tree of the beginnings that are shown, and every path counted once in it.

Each path walks down from the root as far as the tree goes; so the numbers are of all paths, also of those that are not
shown themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.journeys.on_threads import hands, on_threads
from desirepath.questions.paths_tree import Beginnings, Packing, PathCounts
from desirepath.questions.paths_walk import COUNTS, OUTCOMES

Array = npt.NDArray[Any]


class Branch(NamedTuple):
    """A beginning, how many paths have it by outcome, and how many end there."""

    path: tuple[int, ...]
    whole: list[int]
    ended: list[int]

    @property
    def later(self) -> list[int]:
        """How many went on, by what became of them."""
        return [whole - ended for whole, ended in zip(self.whole, self.ended, strict=True)]


class Nodes(NamedTuple):
    """The tree; node 0 is the root."""

    parent: Array  # int32[nodes]
    digit: Array  # int64[nodes]
    slots: Array  # int32[a power of two]: nodes by parent and digit, -1 where there is none


@kernel
def slot_of(parent: int, digit: int, nodes: Nodes) -> int:
    """Where the node that follows another by a digit is kept, or would be."""
    mask = len(nodes.slots) - 1
    mixed = parent * 1_000_003 + digit * 7_919
    slot = (mixed ^ (mixed >> 13)) & mask
    while nodes.slots[slot] >= 0:
        node = nodes.slots[slot]
        if nodes.parent[node] == parent and nodes.digit[node] == digit:
            break
        slot = (slot + 1) & mask
    return slot


@kernel
def walk_down(
    words: Array, given: Array, scales: Array, nodes: Nodes, after: int, begin: Array, whole: Array, ended: Array
) -> None:
    """Add the counts of packed paths to every node that they pass, and to the one where they end.

    The first `after` digits are not walked: `begin` says at which node they lead to, or -1 where nothing is to be done.
    """
    for row in range(len(words)):
        value, node, place = words[row, 0], 0, after
        if after > 0:
            code = value // scales[after - 1]
            node = begin[code]
            if node < 0:
                continue
            value -= code * scales[after - 1]
        for word in range(words.shape[1]):
            if word > 0:
                value, place = words[row, word], 0
            digit = 1
            while place < len(scales):
                digit = value // scales[place]
                if digit == 0:
                    break
                value -= digit * scales[place]
                node = nodes.slots[slot_of(node, digit, nodes)]
                if node < 0:
                    break
                for k in range(given.shape[1]):
                    whole[node, k] += given[row, k]
                place += 1
            if digit == 0 or node < 0:
                break
        if node >= 0:
            for k in range(given.shape[1]):
                ended[node, k] += given[row, k]


def _grown(paths: Iterable[Sequence[int]]) -> tuple[Nodes, list[tuple[int, ...]]]:
    """The tree that has all these paths, and the path to each of its nodes."""
    known = {path[: n + 1]: None for path in map(tuple, paths) for n in range(len(path))}
    to = [(), *sorted(known, key=len)]
    places = {path: node for node, path in enumerate(to)}
    parent = np.array([-1, *(places[path[:-1]] for path in to[1:])], dtype=np.int32)
    digit = np.array([0, *(path[-1] + 1 for path in to[1:])], dtype=np.int64)
    nodes = Nodes(parent, digit, np.full(1 << max((2 * len(to)).bit_length(), 4), -1, dtype=np.int32))
    for node in range(1, len(to)):
        nodes.slots[slot_of(int(parent[node]), int(digit[node]), nodes)] = node
    return nodes, to


def branches(paths: Iterable[Sequence[int]], counts: PathCounts, begins: Beginnings, packing: Packing) -> list[Branch]:
    """Every beginning of `paths`, the most frequent first, with the counts of all paths that begin so.

    What is known of all beginnings, `begins`, is walked first; then only the paths that go on from there in the tree.
    """
    nodes, to = _grown(paths)
    scales = np.array([packing.base**place for place in range(packing.per_word - 1, -1, -1)], dtype=np.int64)
    whole, ended = np.zeros((2, len(to), COUNTS), dtype=np.int64)
    known = np.flatnonzero(begins.sums.any(axis=1))
    deep = begins.depth
    if deep:
        walk_down(known[:, None], begins.sums[known], scales[-deep:], nodes, 0, known, whole, ended)
    begin = np.full(len(begins.sums), -1, dtype=np.int64)
    for node, path in enumerate(to):
        if len(path) == deep:
            begin[packing.pack(path)[0] // packing.base ** (packing.per_word - deep)] = node
            ended[node] = 0  # not all of them end here

    def further(hand: Sequence[tuple[Array, Array]]) -> Array:
        sums = np.zeros((2, len(to), COUNTS), dtype=np.int64)
        for words, given in hand:
            walk_down(words, given, scales, nodes, deep, begin, *sums)
        return sums

    whole, ended = sum(on_threads(further, hands(counts.parts)), start=np.stack((whole, ended)))
    found = [Branch(path, whole[node].tolist(), ended[node].tolist()) for node, path in enumerate(to) if path]
    return sorted(found, key=lambda each: (-sum(each.whole[: len(OUTCOMES)]), each.path))
