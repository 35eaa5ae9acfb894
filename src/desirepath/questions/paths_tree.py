"""How are packed paths counted and unpacked? Rows of numbers; in their order every beginning is a range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel
from desirepath.journeys.on_threads import hands, on_threads
from desirepath.questions.paths_walk import COUNTS, RATED, RATED_NO, RATED_YES, SURE

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Packing:
    """How touchpoints become digits: `per_word` of them to a number, to the base of all touchpoints and one."""

    base: int
    per_word: int
    words: int

    @classmethod
    def of(cls, touchpoints: int, length: int) -> Packing:
        """The packing of paths of so many touchpoints out of so many."""
        base = touchpoints + 1
        per_word = 1
        while per_word < length and base ** (per_word + 1) < 2**63:
            per_word += 1
        return cls(base, per_word, -(-length // per_word))

    def digits(self, words: Sequence[int]) -> list[int]:
        """The touchpoints of a packed path."""
        found: list[int] = []
        for word in words:
            for place in range(self.per_word - 1, -1, -1):
                digit = int(word) // self.base**place % self.base
                if digit == 0:
                    return found
                found.append(digit - 1)
        return found

    def digit(self, paths: Array, place: int) -> Array:
        """int64[n]: the touchpoint at a place of packed paths int64[n, words], plus one; 0 where they are over."""
        word, within = divmod(place, self.per_word)
        if word >= self.words:
            return np.zeros(len(paths), dtype=np.int64)
        return np.asarray(paths[:, word] // self.base ** (self.per_word - 1 - within) % self.base)

    def pack(self, touchpoints: Sequence[int]) -> list[int]:
        """The words of a path."""
        digits = [touchpoint + 1 for touchpoint in touchpoints]
        digits += [0] * (self.words * self.per_word - len(digits))
        found = []
        for word in range(self.words):
            value = 0
            for digit in digits[word * self.per_word : (word + 1) * self.per_word]:
                value = value * self.base + digit
            found.append(value)
        return found

    def turned(self, paths: Array) -> Array:
        """Packed paths int64[n, words] as they are told from their end."""
        scales = np.array([self.base**place for place in range(self.per_word - 1, -1, -1)], dtype=np.int64)
        digits = (paths[:, :, None] // scales % self.base).reshape(len(paths), self.words * self.per_word)
        places = np.count_nonzero(digits, axis=1)[:, None] - 1 - np.arange(digits.shape[1])
        back = np.where(places < 0, 0, np.take_along_axis(digits, np.maximum(places, 0), axis=1))
        return np.ascontiguousarray(back.reshape(len(paths), self.words, self.per_word) @ scales)


@inlined
def _slot(words: Array, row: int, width: int, slots: Array, keys: Array) -> int:
    """Where the place of a row is kept in a table that is found by hashing its first words, or would be.

    `slots` int32[a power of two], -1 where there is nothing, hold places in `keys`.
    """
    mask, mixed = len(slots) - 1, 0
    for k in range(width):
        mixed = (mixed ^ words[row, k]) * -7046029254386353131
        mixed ^= mixed >> 32
    slot = mixed & mask
    while slots[slot] >= 0:
        k = 0
        while k < width and keys[slots[slot], k] == words[row, k]:
            k += 1
        if k == width:
            break
        slot = (slot + 1) & mask
    return slot


@kernel
def _count_words(words: Array, outcome: Array, rated: Array, slots: Array, keys: Array, counts: Array) -> int:
    """Count rows of words by outcome in a table, all of whose slots are empty; return how many different ones."""
    many, width = 0, words.shape[1]
    for row in range(len(words)):
        slot = _slot(words, row, width, slots, keys)
        place = slots[slot]
        if place < 0:
            place = many
            slots[slot] = many
            for k in range(width):
                keys[many, k] = words[row, k]
            many += 1
        counts[place, outcome[row]] += 1
        counts[place, SURE] += rated[row] == RATED_YES
        counts[place, RATED] += rated[row] >= RATED_NO
    return many


@kernel
def _sum_words(words: Array, given: Array, slots: Array, keys: Array, counts: Array) -> None:
    """Add the counts of those rows that are in a table; others are passed by."""
    for row in range(len(words)):
        place = slots[_slot(words, row, keys.shape[1], slots, keys)]
        if place >= 0:
            for k in range(counts.shape[1]):
                counts[place, k] += given[row, k]


@kernel
def _find_words(words: Array, slots: Array, keys: Array, places: Array) -> None:
    """Say at which place of a table the first words of each row are; -1 where they are not in it."""
    for row in range(len(words)):
        places[row] = slots[_slot(words, row, keys.shape[1], slots, keys)]


@kernel
def _count_beginnings(words: Array, given: Array, scale: int, sums: Array) -> None:
    """Add counts by the highest digits of a word."""
    for row in range(len(words)):
        begin = words[row, 0] // scale
        for k in range(sums.shape[1]):
            sums[begin, k] += given[row, k]


def _table(most: int) -> Array:
    size = 1 << max(int(2 * most).bit_length(), 4)
    return np.full(size, -1, dtype=np.int32)


def counted(words: Array, outcome: Array, rated: Array | None = None) -> tuple[Array, Array]:
    """Distinct rows of `words` int64[n, w], in any order, and int32[k, 5]: how many of each came out how, and rates.

    `rated` int8[n] says what each is to rates, see `paths_walk`; nothing where it is left out.
    """
    of = np.zeros(len(words), np.int8) if rated is None else np.ascontiguousarray(rated)
    keys, counts = np.empty(words.shape, np.int64), np.zeros((len(words), COUNTS), np.int32)
    many = _count_words(np.ascontiguousarray(words), outcome, of, _table(len(words)), keys, counts)
    return keys[:many].copy(), counts[:many].copy()


def _known(few: Array) -> tuple[Array, Array]:
    """A table of distinct rows, whose places are those that they have."""
    slots, keys, nothing = _table(len(few)), np.empty(few.shape, np.int64), np.zeros((len(few), COUNTS), np.int32)
    zeros = np.zeros(len(few), np.int8)
    _count_words(np.ascontiguousarray(few), zeros, zeros, slots, keys, nothing)
    return slots, keys


def merged(parts: Sequence[tuple[Array, Array]], width: int) -> tuple[Array, Array]:
    """Several counts as one, sorted by words."""
    keys = np.concatenate([keys for keys, _ in parts] or [np.zeros((0, width), np.int64)])
    given = np.concatenate([given for _, given in parts] or [np.zeros((0, COUNTS), np.int32)])
    return _merged(keys, given.astype(np.int64))


def largest(parts: Sequence[tuple[Array, Array]], width: int, most: int) -> tuple[Array, Array]:
    """The most frequent paths of several counts, exactly, largest first; equal ones in the order of their touchpoints.

    A path of the largest in all has its share of the least of them in at least one part; so only those that are
    frequent somewhere are added up.
    """
    totals = [people_of(given) for _, given in parts]
    if sum(map(len, totals)) <= most:
        return _first(*merged(parts, width), most)

    def frequent_here(part: int) -> Array:
        total = totals[part]
        return np.asarray(parts[part][0][np.argpartition(-total, min(most, len(total) - 1))[:most]])

    few = np.unique(np.concatenate(on_threads(frequent_here, range(len(parts)))), axis=0)
    sums = np.sort(people_of(_summed(parts, few)))[::-1]
    least = -(-int(sums[min(most, len(sums)) - 1]) // len(parts))
    frequent = [keys[total >= least] for (keys, _), total in zip(parts, totals, strict=True)]
    few = np.unique(np.concatenate(frequent), axis=0)
    return _first(few, _summed(parts, few), most)


def people_of(given: Array) -> Array:
    """How many there are of each path, whatever became of them; far faster than summing along the short side."""
    return np.asarray(given[:, 0] + given[:, 1] + given[:, 2])


def _summed(parts: Sequence[tuple[Array, Array]], few: Array) -> Array:
    """The counts of a few paths over all parts."""
    table = _known(few)

    def sums(hand: Sequence[tuple[Array, Array]]) -> Array:
        counts = np.zeros((len(few), COUNTS), np.int64)
        for words, given in hand:
            _sum_words(words, given, *table, counts)
        return counts

    return np.asarray(sum(on_threads(sums, hands(parts))))


def _first(words: Array, counts: Array, most: int) -> tuple[Array, Array]:
    order = np.argsort(-people_of(counts), kind="stable")[:most]
    return words[order], counts[order]


class PathCounts:
    """Distinct paths and how many of each came out how, see `paths_walk`; the same whatever pieces it comes in.

    Parameters
    ----------
    width
        How many words a path has.
    parts
        Pieces as `counted` gives them, none empty; put together only as far as somebody looks.
    """

    __slots__ = ("parts", "width")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, width: int, parts: tuple[tuple[Array, Array], ...]) -> None:
        self.width = width
        self.parts = parts

    def __add__(self, other: PathCounts) -> PathCounts:
        """Join two groups of paths."""
        return PathCounts(self.width, self.parts + other.parts)

    def __eq__(self, other: object) -> bool:
        """Compare what is counted."""
        if not isinstance(other, PathCounts):
            return NotImplemented
        one, two = merged(self.parts, self.width), merged(other.parts, other.width)
        return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))

    def largest(self, most: int) -> tuple[Array, Array]:
        """The most frequent paths and their counts."""
        return largest(self.parts, self.width, most)

    def within(self, few: Array) -> tuple[Array, Array, Array]:
        """What is counted of a few distinct beginnings, one word shorter: place among them, last word, counts."""
        table = _known(few)

        def look(part: tuple[Array, Array]) -> tuple[Array, Array, Array]:
            words, given = part
            places = np.empty(len(words), np.int32)
            _find_words(words, *table, places)
            mine = np.flatnonzero(places >= 0)
            return places[mine], words[mine, -1], given[mine]

        found = on_threads(look, self.parts)
        if not found:
            return np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros((0, COUNTS), np.int32)
        place, last, counts = (np.concatenate(each) for each in zip(*found, strict=True))
        order = np.argsort(place, kind="stable")
        return place[order], last[order], counts[order]


@dataclass(frozen=True)
class Beginnings:
    """Paths by their first few touchpoints.

    Attributes
    ----------
    base, depth
        Of the digits, and how many of them are told.
    sums
        int64[base ** depth, 5]: paths that begin so, by outcome; a digit of 0 says that the path was over.
    """

    base: int
    depth: int
    sums: Array

    @classmethod
    def of(cls, paths: PathCounts, packing: Packing) -> Beginnings:
        """Count the beginnings of distinct paths."""
        depth = 0
        while depth < min(packing.per_word, DEEPEST) and packing.base ** (depth + 1) <= MOST_BEGINNINGS:
            depth += 1
        scale = packing.base ** (packing.per_word - depth)

        def sums(hand: Sequence[tuple[Array, Array]]) -> Array:
            counts = np.zeros((packing.base**depth, COUNTS), np.int64)
            for words, given in hand:
                _count_beginnings(words, given, scale, counts)
            return counts

        return cls(packing.base, depth, np.asarray(sum(on_threads(sums, hands(paths.parts)))))

    def at(self, depth: int) -> Array:
        """int64[base ** depth, 5]: the same by fewer touchpoints."""
        return np.asarray(self.sums.reshape(self.base**depth, -1, COUNTS).sum(axis=1))

    def frequent(self, most: int) -> list[tuple[int, ...]]:
        """The most frequent beginnings, as touchpoints."""
        found = []
        for depth in range(1, self.depth + 1):
            total = people_of(self.at(depth))
            total[:: self.base] = 0  # these were over before
            for code in np.argsort(-total, kind="stable")[:most].tolist():
                if total[code]:
                    digits = [code // self.base ** (depth - 1 - k) % self.base - 1 for k in range(depth)]
                    found.append((-int(total[code]), tuple(digits)))
        return [digits for _, digits in sorted(found)[:most]]


DEEPEST, MOST_BEGINNINGS = 3, 400_000
"""Beginnings are told so deep, and no deeper than that there could be so many different ones."""


def _merged(words: Array, given: Array) -> tuple[Array, Array]:
    order = np.lexsort(words.T[::-1])
    words, given = words[order], given[order]
    if not len(words):
        return words, given
    first = np.flatnonzero(np.concatenate(([True], (np.diff(words, axis=0) != 0).any(axis=1))))
    return words[first], np.add.reduceat(given, first, axis=0)
