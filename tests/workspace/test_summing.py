"""Blocks add up in the same pairs whoever comes first, and no more sums wait than have to."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from desirepath.summing import Said, Summing, summed


@dataclass(frozen=True)
class Told:
    """A sum that says how it was made."""

    text: str

    def __add__(self, other: Told) -> Told:
        return Told(f"({self.text} {other.text})")


def said(block: int) -> Said:
    rest: Any = Told(str(block))
    groups: Any = {code: Told(f"{code}:{block}") for code in range(3) if block % (code + 1) == 0}
    return Said(groups, rest)


@pytest.mark.parametrize("blocks", [*range(1, 18), 100])
def test_any_order_of_coming_gives_the_same_pairs(blocks: int) -> None:
    wanted: Any = summed([said(block).rest for block in range(blocks)])
    for seed in range(10):
        order = list(range(blocks))
        random.Random(seed).shuffle(order)
        sums = Summing()
        for block in order:
            sums.add(block, said(block))
        found = sums.total()
        assert found.rest == wanted
        for code, group in found.groups.items():
            text: Any = group
            assert [word.strip("()") for word in text.text.split()] == [
                f"{code}:{block}" for block in range(blocks) if block % (code + 1) == 0
            ]


def test_everybody_is_counted_once_in_the_whole() -> None:
    """Some blocks have their groups added up, others only all of theirs; the whole is worked out from both."""
    sums, none = Summing(), dict[int, Any]()
    for block in range(7):
        group: Any = {block % 2: Told(f"g{block}")}
        rest: Any = Told(f"r{block}")
        sums.add(block, Said(none, rest) if block % 3 == 0 else Said(group, None))
    whole: Any = sums.total().whole
    assert sorted(word.strip("()") for word in whole.text.split()) == ["g1", "g2", "g4", "g5", "r0", "r3", "r6"]


def test_few_sums_wait_where_blocks_come_in_order() -> None:
    sums = Summing()
    for block in range(1_000):
        sums.add(block, said(block))
        assert len(sums._waiting) <= 10


def test_from_many_threads() -> None:
    sums = Summing()

    def some(first: int) -> None:
        for block in range(first, 640, 8):
            sums.add(block, said(block))

    threads = [threading.Thread(target=some, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted: Any = summed([said(block).rest for block in range(640)])
    assert sums.total().rest == wanted
