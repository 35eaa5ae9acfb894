"""Measures of two yes-or-no facts: published values, what they owe each other, and thresholds told on other people."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.statistics.adoption import best_level, chosen, chosen_again, halves, table_at
from desirepath.statistics.twofold import Twofold, e_value, phi_error

COOKIES = Twofold(13_182, 26_971, 3_599, 46_437)
"""A public mobile game of 90,189 players: came back on day 1, and on day 7."""

counts = st.integers(0, 60)
tables = st.builds(Twofold, counts, counts, counts, counts)


def test_a_game_of_90_189_players() -> None:
    ratio = COOKIES.odds_ratio()
    assert [round(each or 0, 4) for each in (ratio.value, ratio.low, ratio.high)] == [6.3062, 6.0601, 6.5622]
    more = Twofold(13_183, 26_972, 3_600, 46_438).odds_ratio()
    told = [round(each or 0, 4) for each in (more.value, more.low, more.high)]
    assert told == [6.3048, 6.0588, 6.5608], "with one more in each cell, as PostHog counts"
    assert round(COOKIES.phi or 0, 4) == 0.3274
    assert round(COOKIES.share().value or 0, 4) == 0.3283
    assert round(COOKIES.turned.share().value or 0, 4) == 0.7855, "sensitivity"
    assert round(COOKIES.lift or 0, 4) == 1.7644
    assert round(COOKIES.bits or 0, 4) == 0.0796
    assert COOKIES.n == 90_189


def test_published_e_values() -> None:
    """VanderWeele and Ding (2017): smoking and lung cancer 10.73 (limit 8.02); feeding and infant deaths 3.9 (1.8)."""
    assert round(e_value(3.9) or 0, 2) == 7.26
    assert round(e_value(1.8) or 0, 2) == 3.0
    assert round(e_value(10.73) or 0, 1) == 20.9
    assert round(e_value(8.02) or 0, 1) == 15.5
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))
    assert (e_value(1.0), e_value(None), e_value(0.0)) == (1.0, None, None)


def test_a_published_odds_ratio() -> None:
    """Doll and Hill (1950), British Medical Journal: smokers among 649 men with and 649 without lung cancer."""
    ratio = Twofold(647, 2, 622, 27).odds_ratio()
    assert round(ratio.value or 0, 2) == 14.04
    assert round(ratio.low or 0, 2) == 3.33
    assert round(ratio.high or 0, 1) == 59.3


@settings(max_examples=600, deadline=None)
@given(table=tables)
def test_measures_of_one_table_do_not_contradict_each_other(table: Twofold) -> None:
    difference, ratio, p_value = table.difference(), table.risk_ratio(), table.p_value()
    if ratio.value is not None:
        assert None not in (ratio.low, ratio.high, difference.low, difference.high, p_value)
        assert 0 <= (ratio.low or 0) <= ratio.value <= (ratio.high or 0) < math.inf
        clear = min(abs((ratio.low or 0) - 1), abs((ratio.high or 0) - 1)) > 1e-9
        if clear:
            apart = (ratio.low or 0) > 1 or (ratio.high or 0) < 1
            assert apart == ((difference.low or 0) > 0 or (difference.high or 0) < 0) == ((p_value or 0) < 0.05)
            assert ((table.e_value_limit() or 0) > 1) == apart
    odds = table.odds_ratio()
    if odds.value is not None:
        assert 0 < (odds.low or 0) <= odds.value <= (odds.high or 0) < math.inf
    if table.phi is not None:
        assert -1 - 1e-12 <= table.phi <= 1 + 1e-12
        assert table.phi == pytest.approx(table.turned.phi)
        assert table.phi**2 == pytest.approx(
            (table.difference().value or 0) * (table.turned.difference().value or 0), abs=1e-12
        )
    if table.n:
        assert -1e-12 <= (table.bits or 0) <= 1 + 1e-12
        assert table.bits == pytest.approx(table.turned.bits)
    assert all(
        value is None or math.isfinite(value)
        for value in (table.phi, table.lift, table.bits, table.youden, table.e_value(), table.e_value_limit())
    )


def test_nobody_and_empty_margins() -> None:
    nobody = Twofold(0, 0, 0, 0)
    for value in (nobody.phi, nobody.lift, nobody.bits, nobody.youden, nobody.e_value(), nobody.p_value()):
        assert value is None
    assert nobody.risk_ratio().value is nobody.odds_ratio().value is nobody.difference().value is None
    assert Twofold(3, 0, 4, 0).phi is None
    assert Twofold(3, 2, 0, 9).risk_ratio().value is None
    assert Twofold(0, 9, 3, 2).risk_ratio().low == 0
    with pytest.raises(InputError):
        Twofold(-1, 0, 0, 0)


def covered(trials: int, n: int, p: float, q: float) -> float:
    """How often the interval of the risk ratio holds p / q, with n people in each row."""
    draw = np.random.default_rng(5)
    inside = 0
    for a, c in draw.binomial([n, n], [p, q], (trials, 2)).tolist():
        ratio = Twofold(a, n - a, c, n - c).risk_ratio()
        inside += ratio.value is None or (ratio.low or 0) <= p / q <= (ratio.high or 0)
    return inside / trials


def test_the_interval_of_the_risk_ratio_covers() -> None:
    for n, p, q in ((40, 0.3, 0.2), (200, 0.1, 0.05), (200, 0.5, 0.5)):
        assert 0.93 <= covered(2_000, n, p, q) <= 0.98


def test_the_error_of_phi_is_that_of_simulations() -> None:
    draw = np.random.default_rng(1)
    shares = np.array([0.2, 0.15, 0.1, 0.55])
    found = [Twofold(*row).phi or 0 for row in draw.multinomial(500, shares, 4_000).tolist()]
    assert phi_error(*(500 * shares)) == pytest.approx(float(np.std(found)), rel=0.05)


# ---- thresholds -------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(rows=st.lists(st.tuples(counts, counts), min_size=1, max_size=6), seed=st.integers(0, 1_000))
def test_halves_are_halves(rows: list[tuple[int, int]], seed: int) -> None:
    people = np.array(rows, dtype=np.int64)
    one, two = halves(people, np.random.RandomState(seed))
    assert (one + two == people).all()
    assert (one >= 0).all()
    assert (two >= 0).all()
    assert (one.sum(axis=0) == people.sum(axis=0) // 2).all()


def test_halves_drawn_from_counts_are_halves_of_people() -> None:
    """The mean and the spread of a cell are those of people who are shuffled one by one."""
    people = np.array([[30, 5], [12, 9], [6, 14]], dtype=np.int64)
    draw = np.random.RandomState(2)
    quick = np.array([halves(people, draw)[0] for _ in range(4_000)])
    shuffle, slow = random.Random(2), []
    for _ in range(4_000):
        found = np.zeros_like(people)
        for side in (0, 1):
            everyone = [level for level in range(3) for _ in range(people[level, side])]
            for level in shuffle.sample(everyone, len(everyone) // 2):
                found[level, side] += 1
        slow.append(found)
    assert np.abs(quick.mean(axis=0) - np.mean(slow, axis=0)).max() < 0.12
    assert np.abs(quick.std(axis=0) - np.std(slow, axis=0)).max() < 0.08


def test_the_lowest_threshold_that_is_as_good_is_chosen() -> None:
    clear = np.array([[10, 400], [20, 100], [200, 20], [200, 20]], dtype=np.int64)
    assert best_level(clear) == 2
    assert chosen(clear).level == 2
    assert chosen_again(clear, 2) > 0.9
    assert best_level(np.array([[5, 0], [7, 0]])) == 0, "one side alone tells nothing"
    assert best_level(np.array([[0, 0]])) == 0
    assert chosen(np.zeros((3, 2), dtype=np.int64)).level == 0


def test_what_is_chosen_is_told_on_others() -> None:
    people = np.array([[300, 500], [80, 60], [120, 40]], dtype=np.int64)
    found = chosen(people)
    both = [table_at(people, found.level), found.sought, found.held_out]
    assert both[0].n == both[1].n + both[2].n
    assert both[0].a == both[1].a + both[2].a
    assert chosen(people) == found, "the same counts are split alike"


def null_search(trials: int) -> tuple[float, float]:
    """How often noise is called a difference at 5 %: told on the half that was searched, and on the other."""
    draw = np.random.default_rng(11)
    here = there = 0
    for _ in range(trials):
        people = np.stack([draw.multinomial(300, [0.3, 0.2, 0.2, 0.1, 0.1, 0.1]) for _ in range(2)], axis=1)
        found = chosen(people)
        here += (found.sought.p_value() or 1) < 0.05
        there += (found.held_out.p_value() or 1) < 0.05
    return here / trials, there / trials


def test_a_threshold_that_was_searched_for_looks_better_where_it_was_found() -> None:
    searched, held_out = null_search(1_500)
    assert searched > 0.08, "the trap"
    assert held_out <= 0.065


@pytest.mark.slow
def test_held_out_thresholds_at_length() -> None:
    searched, held_out = null_search(20_000)
    assert searched > 0.08
    assert held_out <= 0.053
