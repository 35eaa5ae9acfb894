"""Absorbing chains against textbooks, and solutions of large ones against elimination."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.statistics import chains
from desirepath.statistics.chains import Chain, widths
from desirepath.statistics.credit import Paths
from desirepath.statistics.removal import chain_of


def drunkards_walk() -> Chain:
    """Grinstead and Snell, example 11.13: corners 1 to 3, a conversion is home, nothing the bar; sets out anywhere."""
    base = 6
    moves = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 5), (2, 1), (2, 3), (3, 2), (3, 4)]
    return Chain(3, 1, np.array([a * base + b for a, b in moves]), np.ones(len(moves)), np.zeros(len(moves)))


def test_the_drunkards_walk() -> None:
    """The published fundamental matrix, steps and ends."""
    chain = drunkards_walk()
    every = np.ones((4, 3), dtype=np.bool_)
    visits = chain.visits(every, np.array([1, 2, 3])).T
    assert visits[:, 1:] == pytest.approx(np.array([[1.5, 1, 0.5], [1, 2, 1], [0.5, 1, 1.5]]))
    assert visits.sum(axis=1) == pytest.approx([3, 4, 3])
    assert chain.solve(chain.ending(), every[:, :1])[1:, 0] == pytest.approx([0.25, 0.5, 0.75])
    left = chain.solve(chain.ending(), ~chain.holding(2)[:, None])[:, 0]
    assert left == pytest.approx([1 / 6, 0, 0, 0.5]), "without the corner between, home is reached from beside it"


def test_grams_that_do_not_fit_are_refused() -> None:
    assert widths(20, 3) == (23, 23**3)
    with pytest.raises(InputError, match="lower order"):
        widths(100_000, 4)


def random_chain(seed: int, channels: int, paths: int, longest: int, order: int) -> Chain:
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, longest + 1, paths)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    won = rng.integers(0, 2, paths).astype(np.float64)
    touches = rng.integers(0, channels, starts[-1])
    return chain_of(Paths(touches, starts, won, 1 - won, won, names=[str(c) for c in range(channels)]), order)


@pytest.mark.parametrize("longest", [3, 40])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_large_chains_are_solved_to_twelve_digits(order: int, longest: int) -> None:
    chain = random_chain(order, 9, 400, longest, order)
    kept = np.stack([np.ones(len(chain.states), dtype=np.bool_), ~chain.holding(4)], axis=1)
    ending, many = chain.ending(), len(chain.states)
    step = np.zeros((many, many))
    inner = chain.target >= 0
    step[chain.source[inner], chain.target[inner]] = chain.counts[inner] / chain.left[chain.source[inner]]
    for column in range(2):
        mask = kept[:, column].astype(np.float64)
        exact = np.linalg.solve(np.eye(many) - mask[:, None] * step, mask * ending)
        assert np.abs(chain.solve(ending, kept)[:, column] - exact).max() < 1e-12
        first = np.zeros(many)
        first[0] = 1
        visits = np.linalg.solve(np.eye(many) - mask[:, None] * step.T, first)
        assert np.abs(chain.visits(kept)[:, column] - visits).max() < 1e-9


def test_both_ways_to_solve_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Iterating, dense and sparse elimination; the last two take over where iterating takes too long."""
    kept = np.ones((len(random_chain(5, 12, 600, 12, 2).states), 1), dtype=np.bool_)
    found = []
    for dense, wide, patience in ((10, 10, 3_000), (10_000, 10, 0), (10, 10_000, 0), (10, 10, 0)):
        monkeypatch.setattr(chains, "DENSE", dense)
        monkeypatch.setattr(chains, "WIDE", wide)
        monkeypatch.setattr(chains, "PATIENCE", patience)
        chain = random_chain(5, 12, 600, 12, 2)
        found.append((chain.solve(chain.ending(), kept)[:, 0], chain.visits(kept)[:, 0]))
    for solved, visits in found[1:]:
        assert np.abs(solved - found[0][0]).max() < 1e-12
        assert np.abs(visits - found[0][1]).max() < 1e-9


def test_a_chain_that_hardly_ever_ends_is_solved() -> None:
    """A touch that is repeated a hundred thousand times on average: iterating would not come to an end."""
    touches = np.zeros(200_000, dtype=np.int64)
    paths = Paths(touches, np.array([0, len(touches)]), np.array([1.0]), np.array([0.0]), np.array([1.0]))
    chain = chain_of(paths, 1)
    assert chain.solve(chain.ending(), np.ones((2, 1), dtype=np.bool_))[:, 0] == pytest.approx([1, 1], abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.integers(1, 4))
def test_the_chance_from_the_start_is_the_share_that_converts(seed: int, order: int) -> None:
    """Whatever the order: the chain is fitted to the very paths."""
    chain = random_chain(seed, 4, 30, 6, order)
    won = float(chain.counts[chain.target == -1].sum())
    share = won / float(chain.counts[chain.target < 0].sum())
    every = np.ones((len(chain.states), 1), dtype=np.bool_)
    assert chain.solve(chain.ending(), every)[0, 0] == pytest.approx(share, abs=1e-12)
