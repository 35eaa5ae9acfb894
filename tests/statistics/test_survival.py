"""Survival curves against textbook tables, a simulation of their intervals, and sums in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.statistics.intervals import wilson
from desirepath.statistics.survival import Lifetimes, chi_square_tail, log_rank

# Remission of leukaemia in weeks, 6-MP and placebo (Freireich et al. 1963; Kalbfleisch and Prentice, table 1.1).
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
CAME_BACK = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_published_curve_and_test() -> None:
    treated, placebo = Lifetimes(TREATED, CAME_BACK), Lifetimes(PLACEBO, [1] * 21)
    curve = treated.curve()
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert curve.quantile(0.5) == 23
    assert placebo.curve().quantile(0.5) == 8
    share = curve.share_by(10)
    # R survival, conf.type "log-log": S(10) = .7529, .5032 to .8894
    assert share.value == pytest.approx(1 - 0.7529, abs=1e-4)
    assert (share.low, share.high) == (pytest.approx(1 - 0.8894, abs=1e-4), pytest.approx(1 - 0.5032, abs=1e-4))
    found = log_rank([treated, placebo])
    assert found is not None
    assert found.statistic == pytest.approx(16.79, abs=0.01)
    assert found.p_value == pytest.approx(4.17e-5, rel=0.01)


def test_chi_square_tails() -> None:
    for x, degrees, tail in ((3.841459, 1, 0.05), (5.991465, 2, 0.05), (7.814728, 3, 0.05), (18.307038, 10, 0.05)):
        assert chi_square_tail(x, degrees) == pytest.approx(tail, abs=1e-6)
    assert chi_square_tail(0, 3) == 1.0


def test_competing_outcomes_sum_to_what_is_no_longer_waiting() -> None:
    draw = np.random.default_rng(1)
    lives = Lifetimes(draw.integers(0, 50, 500), draw.integers(0, 4, 500))
    curve = lives.curve(3)
    shares = sum(curve.incidence(outcome) for outcome in (1, 2, 3))
    assert shares == pytest.approx(1 - curve.survival)
    alone = Lifetimes(*zip(*[(5, 1), (7, 0), (9, 1)], strict=True)).curve()
    assert alone.incidence(1) == pytest.approx(1 - alone.survival)


def test_without_censoring_it_is_the_share() -> None:
    lives = Lifetimes([1, 2, 3, 4], [1, 2, 1, 1])
    curve = lives.curve(2)
    assert curve.share_by(3, 1).value == pytest.approx(0.5)
    assert curve.share_by(3, 2).value == pytest.approx(0.25)
    assert curve.quantile(0.9, 2) is None


@given(lives=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), max_size=30), cut=st.integers(0, 30))
def test_sums_do_not_depend_on_the_split(lives: list[tuple[int, int]], cut: int) -> None:
    def of(some: list[tuple[int, int]]) -> Lifetimes:
        return Lifetimes([t for t, _ in some], [o for _, o in some])

    assert of(lives[:cut]) + of(lives[cut:]) == of(lives[cut:]) + of(lives[:cut]) == of(lives)
    assert of(lives) + Lifetimes() == of(lives)


def test_many_are_rounded_and_stay_close(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(2)
    times, outcomes = draw.integers(0, 10**12, 4_000), draw.integers(0, 2, 4_000)
    exact = Lifetimes(times, outcomes).curve()
    monkeypatch.setattr("desirepath.statistics.survival.EXACT_LIMIT", 1_000)
    parts = [Lifetimes(times[k::3], outcomes[k::3]) for k in range(3)]
    rounded = parts[0] + parts[1] + parts[2]
    assert rounded.approximate
    assert rounded == parts[2] + (parts[1] + parts[0])
    assert rounded.curve().quantile(0.5) == pytest.approx(exact.quantile(0.5), rel=0.02)


def test_the_interval_covers_what_it_says() -> None:
    """Waiting times with censoring, and a competing outcome; 95 % of the intervals hold the truth."""
    draw = np.random.default_rng(3)
    inside, truth = 0, 2 / 3 * (1 - np.exp(-1.5))
    for _ in range(400):
        one, two = draw.exponential(1, 150), draw.exponential(2, 150)
        seen = draw.uniform(0.2, 3, 150)
        first = np.minimum(np.minimum(one, two), seen)
        outcome = np.where(first == seen, 0, np.where(one < two, 1, 2))
        share = Lifetimes((first * 1e6).astype(np.int64), outcome).curve(2).share_by(1_000_000)
        assert share.low is not None
        assert share.high is not None
        inside += share.low <= truth <= share.high
    assert 0.92 <= inside / 400 <= 0.98


def test_impossible_lives_are_refused() -> None:
    for times, outcomes in (([1, 2], [1]), ([-1], [1])):
        with pytest.raises(InputError):
            Lifetimes(times, outcomes)
    assert log_rank([Lifetimes(), Lifetimes([1], [1])]) is None
    assert Lifetimes().curve().share_by(5).value is None


def test_the_median_lies_within_its_interval_as_often_as_it_says() -> None:
    """Exponential waiting times of which a third are cut off; the interval of 95 % in 800 draws."""
    dice = np.random.default_rng(11)
    held = 0
    for _ in range(800):
        waits, ends = dice.exponential(100_000, 120), dice.exponential(200_000, 120)
        lives = Lifetimes(np.minimum(waits, ends).astype(np.int64), (waits <= ends).astype(np.int8))
        low, high = lives.curve().quantile_range(0.5)
        held += low is not None and low <= 100_000 * np.log(2) and (high is None or high >= 100_000 * np.log(2))
    assert 0.93 <= held / 800 <= 0.97


def test_an_interval_of_a_median_has_the_ends_that_the_data_shows() -> None:
    assert Lifetimes().curve().quantile_range(0.5) == (None, None)
    few = Lifetimes([10, 20, 30], [1, 0, 0]).curve()
    assert few.quantile(0.5) is None
    low, high = few.quantile_range(0.5)
    assert (low, high) == (10.0, None)
    many = Lifetimes(range(1, 101), [1] * 100).curve()
    low, high = many.quantile_range(0.5)
    assert low is not None
    assert high is not None
    assert 38 <= low < many.quantile(0.5) < high <= 62


def test_the_error_is_that_of_the_delta_method() -> None:
    """Sums that run along give what the formula gives, written out for each moment."""
    draw = np.random.default_rng(7)
    for many in (3, 40, 400):
        curve = Lifetimes(draw.integers(1, many, many), draw.integers(0, 3, many)).curve(2)
        here, errors = curve.incidence(1), curve._errors(curve.incidence(1), 1)
        n, own, d = curve.waiting.astype(float), curve.happened[:, 0], curve.happened.sum(axis=1)
        before = np.concatenate(([1.0], curve.survival[:-1]))
        for k in range(len(here)):
            rest, upto = here[k] - here[: k + 1], slice(k + 1)
            with np.errstate(divide="ignore", invalid="ignore"):
                parts = np.where(n > d, (here[k] - here) ** 2 * d / (n * (n - d)), 0.0)[upto]
            second = before[upto] ** 2 * (n - own)[upto] * own[upto] / n[upto] ** 3
            third = rest * before[upto] * own[upto] / n[upto] ** 2
            expected = max(float(parts.sum() + second.sum() - 2 * third.sum()), 0.0)
            assert errors[k] ** 2 == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_everybody_whose_end_is_known_stands_behind_a_certain_share() -> None:
    everybody = Lifetimes(range(10, 310), [1] * 300).curve().share_by(10_000)
    assert (everybody.value, everybody.n, everybody.method) == (1.0, 300, "wilson")
    assert everybody.low == pytest.approx(wilson(300, 300).low)
    lost = Lifetimes([5] * 95 + [30] * 5, [2] * 95 + [0] * 5).curve(2).share_by(20, 1)
    assert (lost.value, lost.n) == (0.0, 100)
    assert lost.high == pytest.approx(wilson(0, 100).high)
    unseen = Lifetimes([5] * 90 + [30] * 10, [0] * 90 + [1] * 10).curve().share_by(40)
    assert (unseen.value, unseen.n) == (1.0, 10)  # of the other 90 nothing was seen
    nearly = Lifetimes([10] * 98 + [20] * 2, [1] * 100).curve()
    assert nearly.quantile_range(0.5) == (10.0, 10.0)
