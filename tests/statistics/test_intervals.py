"""Intervals against published tables, and their coverage in simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.statistics import interval_columns, newcombe, quantile_estimate, wilson, wilson_columns
from desirepath.statistics.intervals import hybrid_difference, interval_ranks, normal_quantile, quantile_ranks

LEVELS = [0.8, 0.95, 0.99]


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_table_1_of_newcombe_1998(x: int, n: int, low: float, high: float) -> None:
    found = wilson(x, n)
    assert (found.value, found.n, found.note) == (x / n, n, "")
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_gives_table_2_of_newcombe_1998(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    found = newcombe(x1, n1, x2, n2)
    assert found.value == pytest.approx(x1 / n1 - x2 / n2)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)
    assert found.n == n1 + n2


def test_normal_quantile() -> None:
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert normal_quantile(0.99) == pytest.approx(2.5758293035489004, abs=1e-12)


def test_nobody_and_everybody_have_an_interval_with_width() -> None:
    nobody, everybody = wilson(0, 12), wilson(12, 12)
    assert (nobody.value, nobody.low) == (0, 0)
    assert (everybody.value, everybody.high) == (1, 1)
    assert nobody.high is not None
    assert everybody.low is not None
    assert nobody.high == pytest.approx(1 - everybody.low)
    assert nobody.high == pytest.approx(1.959963984540054**2 / (12 + 1.959963984540054**2))


def test_the_ends_are_exactly_nothing_and_everything_for_every_size() -> None:
    for n in range(1, 300):
        assert (wilson(0, n).low, wilson(n, n).high) == (0, 1)


def test_without_data_there_is_no_number() -> None:
    for found in (wilson(0, 0), newcombe(0, 0, 3, 4), newcombe(3, 4, 0, 0), quantile_estimate([])):
        assert (found.value, found.low, found.high) == (None, None, None)
        assert found.note == "not enough data"


@pytest.mark.parametrize("counts", [(-1, 3), (4, 3), (0, -1)])
def test_impossible_counts_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="proportion of a whole"):
        wilson(*counts)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_impossible_levels_are_refused(level: float) -> None:
    with pytest.raises(InputError, match="confidence level"):
        wilson(1, 2, level)
    with pytest.raises(InputError, match="confidence level"):
        quantile_estimate([1, 2, 3], 0.5, level)


def test_impossible_quantiles_are_refused() -> None:
    with pytest.raises(InputError, match="quantile"):
        quantile_estimate([1, 2, 3], 50)
    with pytest.raises(InputError, match="finite"):
        quantile_estimate([1, float("nan")])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 60), st.integers(1, 60))
def test_newcombe_holds_its_estimate_and_turns_around(x1: int, x2: int, n1: int, n2: int) -> None:
    x1, x2 = min(x1, n1), min(x2, n2)
    there, back = newcombe(x1, n1, x2, n2), newcombe(x2, n2, x1, n1)
    assert there.value is not None
    assert there.low is not None
    assert there.high is not None
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert there.low == pytest.approx(-(back.high or 0))


def test_different_levels_cannot_be_joined() -> None:
    with pytest.raises(InputError, match="different levels"):
        hybrid_difference(wilson(1, 2, 0.9), wilson(1, 2, 0.95), method="newcombe")


def test_median_interval_of_ten_is_the_second_to_the_ninth() -> None:
    found = quantile_estimate([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    assert (found.low, found.value, found.high) == (2, 5.5, 9)


def test_small_samples_have_a_median_without_an_interval() -> None:
    assert interval_ranks(6, 0.5) == (1, 6)
    found = quantile_estimate([3, 1, 2, 5, 4])
    assert (found.value, found.low, found.high) == (3, None, None)
    assert found.note == "not enough data for the interval"
    one_end = quantile_estimate(list(range(30)), 0.9)
    assert one_end.high is None
    assert one_end.low is not None


def test_interval_ranks_are_the_tightest_that_keep_each_tail() -> None:
    def binomial_at_most(k: int, n: int, q: float) -> float:
        weight, total = (1 - q) ** n, 0.0
        for j in range(k + 1):
            total += weight
            weight *= (n - j) / (j + 1) * q / (1 - q)
        return total

    for n in (7, 20, 61, 300):
        for q in (0.1, 0.5, 0.75):
            for level in LEVELS:
                tail = (1 - level) / 2
                low, high = interval_ranks(n, q, level)
                if low is not None:
                    assert binomial_at_most(low - 1, n, q) <= tail < binomial_at_most(low, n, q)
                else:
                    assert binomial_at_most(0, n, q) > tail
                if high is not None:
                    assert binomial_at_most(high - 1, n, q) >= 1 - tail > binomial_at_most(high - 2, n, q)
                else:
                    assert binomial_at_most(n - 1, n, q) < 1 - tail


def test_interval_ranks_of_millions_follow_the_normal_approximation() -> None:
    low, high = interval_ranks(4_000_000, 0.5)
    assert low == pytest.approx(2_000_000 - 1.96 * 1000, abs=2)
    assert high == pytest.approx(2_000_000 + 1.96 * 1000, abs=2)


def test_quantile_ranks_do_not_suffer_from_decimal_fractions() -> None:
    assert quantile_ranks(10, 0.7) == (7, 8)
    assert quantile_ranks(1000, 0.29) == (290, 291)
    assert quantile_ranks(3, 0.5) == (2, 2)


def test_many_at_once_are_as_one_by_one() -> None:
    pairs = [(x, n) for n in (0, 1, 2, 7, 40, 1_000) for x in {0, n // 3, n} if x <= n]
    one_by_one = interval_columns("share", [wilson(x, n) for x, n in pairs])
    assert wilson_columns("share", *zip(*pairs, strict=True)) == one_by_one


@pytest.mark.parametrize("level", LEVELS)
def test_wilson_covers_as_often_as_it_says_on_average(level: float) -> None:
    rng = np.random.default_rng(20240501)
    for n in (15, 80):
        limits = np.array([[wilson(x, n, level).low, wilson(x, n, level).high] for x in range(n + 1)], float)
        p = rng.uniform(size=60_000)
        x = rng.binomial(n, p)
        covered = np.mean((limits[x, 0] <= p) & (p <= limits[x, 1]))
        assert covered == pytest.approx(level, abs=0.012)


@pytest.mark.parametrize("level", LEVELS)
def test_newcombe_covers_as_often_as_it_says_on_average(level: float) -> None:
    rng = np.random.default_rng(20240502)
    for n1, n2 in ((12, 25), (50, 40)):
        found = [[newcombe(x1, n1, x2, n2, level) for x2 in range(n2 + 1)] for x1 in range(n1 + 1)]
        limits = np.array([[[one.low, one.high] for one in row] for row in found], float)
        p1, p2 = rng.uniform(size=(2, 60_000))
        here = limits[rng.binomial(n1, p1), rng.binomial(n2, p2)]
        covered = np.mean((here[:, 0] <= p1 - p2) & (p1 - p2 <= here[:, 1]))
        assert covered == pytest.approx(level, abs=0.015)


@pytest.mark.parametrize(("n", "q"), [(12, 0.5), (75, 0.5), (200, 0.9)])
def test_quantile_interval_covers_at_least_as_often_as_it_says(n: int, q: float) -> None:
    rng = np.random.default_rng(20240503)
    truth = -np.log(1 - q)
    covered = 0
    for sample in rng.exponential(size=(3000, n)):
        found = quantile_estimate(sample, q)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert 0.94 <= covered / 3000 <= 0.985
