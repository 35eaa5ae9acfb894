"""The cheapest alignment costs what the nearest of all words of the road costs, found by listing them."""

from __future__ import annotations

import random

import numpy as np
import pytest
from road_words import distances, words
from sparing import sparing

from desirepath.maps.aligning import Moves, align, cost_of
from desirepath.maps.road import Block, Road, road_of


def block(rng: random.Random, depth: int, kinds: int) -> Block:
    """Any block, nested up to two deep."""
    kind = rng.choice(["touchpoint"] * (3 if depth < 2 else 9) + ["in_order", "one_of", "any_order"])
    optional, repeats = rng.random() < 0.25, rng.random() < 0.2
    if kind == "touchpoint":
        return Block(kind, rng.randrange(kinds), (), optional, repeats)
    parts = tuple(block(rng, depth + 1, kinds) for _ in range(2))
    return Block(kind, -1, parts, optional, repeats)


def costs(trace: np.ndarray, road: Road) -> tuple[int, int, int, int]:
    """Cost of the whole road and of a beginning, and the cost and the moves that the alignment tells."""
    moves = Moves(road.sources, road.touchpoints, road.targets, road.left)
    best = np.empty((2, road.states), np.int32)
    whole, begun = (cost_of(trace, 0, len(trace), all_, moves, best) for all_ in (True, False))
    said, skipped = np.zeros(len(trace), np.uint8), np.zeros(9, np.int64)
    told = align(trace, True, moves, np.empty((len(trace) + 1, road.states), np.int32), said, skipped)
    return int(whole), int(begun), int(told), int((said > 0).sum() + skipped.sum())


@pytest.mark.parametrize("seed", sparing(range(4), 4))
def test_it_is_the_cheapest(seed: int) -> None:
    rng = random.Random(seed)
    tried = 0
    while tried < 250:
        kinds = rng.randint(2, 4)
        blocks = [block(rng, 0, kinds) for _ in range(rng.randint(1, 3))]
        road = road_of(blocks)
        if road.states > 14:
            continue
        trace = tuple(rng.randrange(kinds) for _ in range(rng.randint(0, 5)))
        most = int(road.left.max()) + len(trace) + 1
        known = words(Block("in_order", parts=tuple(blocks)), most) if most < 12 else set()
        if not known or len(known) > 5_000:
            continue
        tried += 1
        assert road.shortest == min(map(len, known))
        whole = min(distances(trace, word)[-1] for word in known)
        begun = min(min(distances(trace, word)) for word in known)
        assert costs(np.array(trace, dtype=np.uint8), road) == (whole, begun, whole, whole)
