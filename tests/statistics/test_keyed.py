"""Sums by key add up in any order, and the largest and the rest make up the whole."""

from __future__ import annotations

import numpy as np

from desirepath.statistics.keyed import Keyed


def test_in_any_order_they_are_the_same() -> None:
    rng = np.random.default_rng(1)
    keys, values = rng.integers(-1, 30, 500), rng.integers(-5, 9, (500, 3))
    whole = Keyed.of(keys, values)
    cut = [Keyed.of(keys[k::3], values[k::3]) for k in range(3)]
    for joined in (cut[0] + cut[1] + cut[2], cut[2] + (cut[1] + cut[0]), Keyed.nothing(3) + whole + Keyed.nothing(3)):
        assert joined.keys.tolist() == whole.keys.tolist() == sorted(set(keys.tolist()))
        assert joined.sums.tolist() == whole.sums.tolist()
    assert whole.at(-1).tolist() == values[keys == -1].sum(axis=0).tolist()
    assert whole.at(99).tolist() == [0, 0, 0]


def test_the_largest_and_the_rest() -> None:
    found = Keyed.of(np.array([5, 2, 9, 2, 7]), np.array([[3], [1], [2], [1], [2]]))
    assert found.ranked(0, 2) == ([5, 2], [7, 9])
    assert found.together([7, 9, 100]).tolist() == [4]
    assert Keyed.nothing(1).ranked(0, 3) == ([], [])
