"""Tests and differences against published values, and how often they err in simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from desirepath.errors import InputError
from desirepath.statistics import (
    Durations,
    benjamini_hochberg,
    compare_proportions,
    compare_quantiles,
    newcombe,
    quantile_estimate,
    score_test,
)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "z", "p"),
    [
        (20119, 45489, 20034, 44700, -1.784086, 0.0744097),
        (8279, 45489, 8502, 44700, -3.164359, 0.00155425),
        (17264, 145310, 17489, 145274, -1.310924, 0.1898834),
    ],
)
def test_score_test_gives_the_values_known_for_public_experiments(
    x1: int, n1: int, x2: int, n2: int, z: float, p: float
) -> None:
    # Cookie Cats retention after one and seven days, and the Udacity landing page.
    found = score_test(x1, n1, x2, n2)
    assert found[0] == pytest.approx(z, abs=1e-6)
    assert found[1] == pytest.approx(p, rel=1e-5)
    compared = compare_proportions(x1, n1, x2, n2)
    assert (compared.z, compared.score_p_value) == found
    assert compared.p_value == pytest.approx(p, rel=1e-3), "the two p-values meet in large groups"


def test_p_value_and_interval_never_contradict_each_other() -> None:
    rng = np.random.default_rng(7)
    decided = 0
    for _ in range(400):
        n1, n2 = (int(n) for n in rng.integers(2, 60, size=2))
        x1, x2 = int(rng.integers(0, n1 + 1)), int(rng.integers(0, n2 + 1))
        p = compare_proportions(x1, n1, x2, n2).p_value
        assert p is not None
        for level in (0.8, 0.9, 0.95, 0.99, 0.999):
            interval = newcombe(x1, n1, x2, n2, level)
            assert interval.low is not None
            assert interval.high is not None
            outside = interval.low > 0 or interval.high < 0
            assert outside == (p < 1 - level)
            decided += outside
    assert 200 < decided < 1800


def test_p_value_where_the_interval_touches_zero() -> None:
    p = compare_proportions(30, 100, 20, 100).p_value
    assert p is not None
    assert newcombe(30, 100, 20, 100, 1 - p).low == pytest.approx(0, abs=1e-12)
    assert compare_proportions(20, 100, 30, 100).p_value == p


def test_p_value_touches_zero_for_any_counts() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(1_500):
        n1, n2 = (int(10 ** rng.uniform(0, 6.5)) for _ in range(2))
        base = rng.random() ** 3
        x1, x2 = int(rng.integers(0, n1 + 1) ** base), min(round(n2 * base), n2)
        p = compare_proportions(x1, n1, x2, n2).p_value
        assert p is not None
        if 1e-9 < p < 1:
            interval = newcombe(x1, n1, x2, n2, 1 - p)
            assert interval.low is not None
            assert interval.high is not None
            assert min(abs(interval.low), abs(interval.high)) == pytest.approx(0, abs=1e-9)
            held += 1
    assert held > 400


def test_shares_that_numbers_cannot_tell_apart_are_not_different() -> None:
    assert compare_proportions(888, 889, 220_634_310_807_363, 220_882_772_869_083).p_value == 1.0


def test_equal_proportions_are_not_different() -> None:
    for counts in ((0, 5, 0, 9), (5, 5, 9, 9), (2, 4, 3, 6)):
        found = compare_proportions(*counts)
        assert (found.p_value, found.z, found.score_p_value) == (1, 0, 1)


def test_a_huge_difference_has_a_tiny_p_value() -> None:
    p = compare_proportions(9_000_000, 10_000_000, 1_000_000, 10_000_000).p_value
    assert p == 0
    small = compare_proportions(5, 5, 0, 5).p_value
    assert small is not None
    assert 0 < small < 0.002


def test_an_empty_group_is_not_enough_data() -> None:
    found = compare_proportions(0, 0, 3, 9)
    assert found.difference.note == "not enough data"
    assert (found.p_value, found.z, found.score_p_value) == (None, None, None)
    with pytest.raises(InputError, match="nobody"):
        score_test(0, 0, 3, 9)
    with pytest.raises(InputError, match="proportion of a whole"):
        score_test(4, 3, 3, 9)


def test_the_p_value_errs_as_rarely_as_it_says() -> None:
    rng = np.random.default_rng(11)
    n1, n2 = 30, 45
    p_values = np.array(
        [[compare_proportions(a, n1, b, n2).p_value for b in range(n2 + 1)] for a in range(n1 + 1)], float
    )
    rate = rng.uniform(0.05, 0.95, size=100_000)
    found = p_values[rng.binomial(n1, rate), rng.binomial(n2, rate)]
    assert 0.035 < np.mean(found < 0.05) < 0.053
    assert 0.006 < np.mean(found < 0.01) < 0.0115


PAPER = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
]


def test_benjamini_hochberg_rejects_the_four_of_the_1995_paper() -> None:
    found = benjamini_hochberg(PAPER)
    assert sum(q is not None and q <= 0.05 for q in found) == 4
    assert sum(p <= 0.05 / len(PAPER) for p in PAPER) == 3, "Bonferroni, for comparison"
    expected = [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0638571, 0.0638571, 0.0645, 0.0765, 0.486]
    assert found[:10] == pytest.approx(expected, abs=1e-7)
    assert found[-1] == 1


def test_benjamini_hochberg_keeps_order_and_leaves_out_what_was_not_tested() -> None:
    assert benjamini_hochberg([0.5, None, 0.01, 0.03, 0.02]) == [0.5, None, *[pytest.approx(0.04)] * 3]
    assert benjamini_hochberg([]) == []
    assert benjamini_hochberg([None]) == [None]
    assert benjamini_hochberg([0.3]) == [0.3]
    tied = benjamini_hochberg([0.01, 0.01, 0.5])
    assert tied[0] == tied[1] == pytest.approx(0.015)
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(InputError, match="p-value"):
            benjamini_hochberg([0.2, wrong])


def test_benjamini_hochberg_keeps_the_share_of_false_flags() -> None:
    rng = np.random.default_rng(13)
    shares = []
    for _ in range(2000):
        real, none = rng.normal(3, 1, 10), rng.normal(0, 1, 30)
        p_values = [math.erfc(abs(z) / math.sqrt(2)) for z in [*real.tolist(), *none.tolist()]]
        flags = [q is not None and q <= 0.1 for q in benjamini_hochberg(p_values)]
        shares.append(sum(flags[10:]) / max(1, sum(flags)))
    assert np.mean(shares) == pytest.approx(0.1 * 30 / 40, abs=0.008)


@pytest.mark.parametrize(("n1", "n2"), [(15, 40), (120, 90)])
def test_difference_of_medians_covers_at_least_as_often_as_it_says(n1: int, n2: int) -> None:
    rng = np.random.default_rng(17)
    truth = math.exp(1) - 1
    covered = 0
    for _ in range(2000):
        one = quantile_estimate(np.exp(rng.normal(1, 0.8, n1)))
        two = quantile_estimate(np.exp(rng.normal(0, 1.5, n2)))
        found = compare_quantiles(one, two)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= truth <= found.high
    assert 0.945 <= covered / 2000 <= 0.985


def test_difference_of_medians_by_hand() -> None:
    one = quantile_estimate([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    two = quantile_estimate([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    found = compare_quantiles(one, two)
    half = math.hypot(3.5, 3.5)
    assert found.value == 10
    assert (found.low, found.high) == pytest.approx((10 - half, 10 + half))
    assert found.n == 20


def test_difference_of_medians_without_enough_data() -> None:
    few, many = quantile_estimate([1, 2, 3]), quantile_estimate(list(range(20)))
    found = compare_quantiles(few, many)
    assert found.value == 2 - 9.5
    assert (found.low, found.high) == (None, None)
    assert compare_quantiles(quantile_estimate([]), many).note == "not enough data"


def test_difference_of_medians_from_summaries() -> None:
    rng = np.random.default_rng(19)
    one, two = (rng.integers(1, 10**9, size=500) for _ in range(2))
    direct = compare_quantiles(quantile_estimate(one), quantile_estimate(two))
    summed = compare_quantiles(Durations(one).estimate(), Durations(two).estimate())
    assert (summed.value, summed.low, summed.high) == (direct.value, direct.low, direct.high)
