"""Sequences of two blocks become one list, of which each has its number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from desirepath.maps.variants import Variants, joined, variants_of

Counted = dict[tuple[int, tuple[int, ...]], int]


def drawn(dice: np.random.Generator, many: int, kind: Any, touchpoints: int) -> tuple[Variants, Any]:
    """Variants of so many random instances in the order of their marks, and how many have each."""
    starts = np.concatenate(([0], np.cumsum(dice.integers(0, 5, many)))).astype(np.int64)
    touched = dice.integers(0, touchpoints, starts[-1]).astype(kind)
    found = variants_of(starts, touched, starts[1:] - 1, dice.integers(0, 3, many), int(np.iinfo(kind).max))
    weight, order = np.bincount(found.of, minlength=len(found)), np.argsort(found.mark)
    return found.take(order), weight[order]


def spelled(variants: Variants, weight: Any) -> Counted:
    """How many have each sequence and kind."""
    traces = [variants.trace[a:b].tolist() for a, b in zip(variants.starts[:-1], variants.starts[1:], strict=True)]
    return {(int(variants.kind[k]), tuple(trace)): int(weight[k]) for k, trace in enumerate(traces)}


@pytest.mark.parametrize("seed", range(60))
def test_joined_in_the_order_of_marks_and_cut_into_pieces(seed: int) -> None:
    dice = np.random.default_rng(seed)
    wider = np.uint16 if seed % 2 else np.uint8
    one, ones = drawn(dice, int(dice.integers(0, 30)), np.uint8, int(dice.integers(1, 5)))
    two, twos = drawn(dice, int(dice.integers(0, 30)), wider, int(dice.integers(1, 5)))
    both, here, there = joined(one, two)
    weight = np.zeros(len(both), dtype=np.int64)
    weight[here] += ones
    weight[there] += twos
    wanted = spelled(one, ones)
    for key, many in spelled(two, twos).items():
        wanted[key] = wanted.get(key, 0) + many
    assert spelled(both, weight) == wanted
    assert np.all(both.mark[1:] > both.mark[:-1])
    pieces: Counted = {}
    for some, piece in both.pieces(4):
        assert len(piece) <= 4
        pieces |= spelled(piece, weight[some])
    assert pieces == wanted
