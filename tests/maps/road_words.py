"""All words of a road up to a length, by listing them, and how far a sequence is from each."""

from __future__ import annotations

import itertools

from desirepath.maps.road import Block

Word = tuple[int, ...]


def words(part: Block, most: int) -> set[Word]:
    """All words of a block up to a length."""
    found: set[Word] = set()
    if part.kind == "touchpoint":
        found = {(part.touchpoint,)}
    elif part.kind == "one_of":
        found = set().union(*(words(each, most) for each in part.parts))
    else:
        for order in itertools.permutations(part.parts) if part.kind == "any_order" else [part.parts]:
            found |= joined([words(each, most) for each in order], most)
    found = {word for word in found if len(word) <= most}
    if part.repeats:
        once, before = found, set()
        while found != before:
            before, found = found, found | joined([found, once], most)
    return found | {()} if part.optional else found


def joined(parts: list[set[Word]], most: int) -> set[Word]:
    """One word of each part after another."""
    found: set[Word] = {()}
    for part in parts:
        found = {before + word for before in found for word in part if len(before + word) <= most}
    return found


def distances(trace: Word, word: Word) -> list[int]:
    """The least number of insertions and deletions from the trace to each beginning of the word."""
    row = list(range(len(word) + 1))
    for number, seen in enumerate(trace, 1):
        above, row = row, [number]
        for place, wanted in enumerate(word, 1):
            row.append(above[place - 1] if seen == wanted else min(above[place], row[-1]) + 1)
    return row
