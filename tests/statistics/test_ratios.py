"""Ratios of sums: a textbook's variance, sums in any order, borders, and how often the intervals hold the truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from desirepath.statistics import wilson
from desirepath.statistics.ratios import Products

# Expenditures on food and income of 33 families (Cochran, Sampling Techniques, table 2.3).
INCOME = [62, 62, 87, 65, 58, 92, 88, 79, 83, 62, 63, 62, 60, 75, 90, 75, 69]
INCOME += [83, 85, 73, 66, 58, 77, 69, 65, 77, 69, 95, 77, 69, 69, 67, 63]
FOOD = [14.3, 20.8, 22.7, 30.5, 41.2, 28.2, 24.2, 30.0, 24.2, 44.4, 13.4, 19.8, 29.4, 27.1, 22.2, 37.7, 22.6]
FOOD += [37.0, 29.0, 39.7, 20.4, 23.2, 35.0, 20.8, 27.2, 32.2, 20.1, 21.2, 25.1, 29.0, 26.6, 20.2, 18.4]


def of(x: Sequence[int], y: Sequence[int]) -> Products:
    pairs = list(zip(x, y, strict=True))
    return Products(len(x), sum(x), sum(y), sum(a * a for a in x), sum(a * b for a, b in pairs), sum(b * b for b in y))


def test_a_ratio_and_its_error_by_hand() -> None:
    tenths = [round(10 * each) for each in FOOD]
    found = of([10 * each for each in INCOME], tenths)
    value = sum(FOOD) / sum(INCOME)
    residuals = [y - value * x for x, y in zip(INCOME, FOOD, strict=True)]
    spread = sum(each**2 for each in residuals) / 32 * 33 / sum(INCOME) ** 2
    assert found.variance == pytest.approx(spread)
    ratio = found.ratio()
    assert ratio.value == pytest.approx(value)
    assert ratio.high is not None
    assert ratio.high - value == pytest.approx(2.0369 * spread**0.5, rel=1e-3)


def test_equal_customers_who_keep_all_or_nothing_are_wilsons_shares() -> None:
    found = of([100] * 40, [100] * 30 + [0] * 10).share()
    plain = wilson(30, 40)
    assert (found.low, found.high) == (pytest.approx(plain.low, abs=5e-3), pytest.approx(plain.high, abs=5e-3))
    for y, kept in ((0, 0), (100, 40)):
        sure = of([100] * 40, [y] * 40).share()
        assert (sure.low, sure.high) == pytest.approx((wilson(kept, 40).low, wilson(kept, 40).high))


def test_sums_of_groups_are_the_sums_of_all() -> None:
    x, y = [5, 7, 11, 13], [5, 0, 10, 20]
    assert of(x[:1], y[:1]) + of(x[1:], y[1:]) == of(x, y)
    assert of(x, y) + Products() == of(x, y)


def test_too_little_to_say() -> None:
    assert Products().ratio().value is Products().share().value is None
    few = of([100, 50], [100, 20])
    assert (few.ratio().value, few.ratio().low, few.share().low) == (0.8, None, None)
    alike = of([100] * 9, [90] * 9)
    assert (alike.share().value, alike.share().low, alike.ratio().high) == (0.9, None, None)


def covered(seed: int, times: int, customers: int = 200) -> tuple[float, float]:
    """How often the intervals of the share kept and of the net ratio hold the truth; amounts are skewed."""
    draw = np.random.default_rng(seed)
    kept_share, net = 0.95 * (1 - 0.1 * 0.3), 0.95 * (1 + 0.2 * 0.25 - 0.1 * 0.3)
    hits = np.zeros(2)
    for _ in range(times):
        x = np.rint(100 * draw.lognormal(4, 0.8, customers)).astype(np.int64)
        stays = draw.random(customers) < 0.95
        moves = draw.choice([1.25, 0.7, 1.0], customers, p=[0.2, 0.1, 0.7])
        y = np.rint(x * moves * stays).astype(np.int64)
        share = of(x.tolist(), np.minimum(x, y).tolist()).share()
        ratio = of(x.tolist(), y.tolist()).ratio()
        for k, (found, truth) in enumerate(((share, kept_share), (ratio, net))):
            assert found.low is not None
            assert found.high is not None
            hits[k] += found.low <= truth <= found.high
    return float(hits[0] / times), float(hits[1] / times)


def test_the_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    share, ratio = covered(1, 300)
    assert 0.91 <= share <= 0.98
    assert 0.91 <= ratio <= 0.98


@pytest.mark.slow
def test_the_intervals_hold_the_truth_in_many_trials() -> None:
    share, ratio = covered(2, 10_000)
    assert 0.92 <= share <= 0.96
    assert 0.92 <= ratio <= 0.96
