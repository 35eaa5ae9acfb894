"""Contracts: the published tables of the shifted-beta-geometric model, and worlds in which it holds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.statistics.buying_fit import by_delta
from desirepath.statistics.contracts import Contracts, Sbg, _likelihood, fit_sbg, shrunk_means

HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
"""Fader and Hardie (2007), table 1: of a thousand customers, who is left after each of seven years."""


def test_high_end_customers() -> None:
    model, fit = fit_sbg(Contracts.of_survivors(HIGH_END))
    assert model.values == pytest.approx((0.668, 3.806), abs=1e-3)
    assert fit.log_likelihood == pytest.approx(-1611.158, abs=1e-3)
    assert float(model.derl(8, 0.1)) == pytest.approx(7.5296, abs=1e-4)
    assert float(model.payments(8, 0.1, 3_000)) == pytest.approx(7.5296, abs=1e-3)


def test_regular_customers_and_the_years_after() -> None:
    model, fit = fit_sbg(Contracts.of_survivors(REGULAR))
    assert model.values == pytest.approx((0.704, 1.182), abs=1e-3)
    assert fit.log_likelihood == pytest.approx(-1680.265, abs=1e-3)
    assert (100 * model.survival([8, 9, 10, 11, 12])).tolist() == pytest.approx(
        [22.0, 20.4, 19.1, 18.0, 17.0], abs=0.05
    )


def test_survival_is_the_product_of_retentions() -> None:
    model = Sbg((0.7, 3.8))
    assert model.survival(5) == pytest.approx(float(np.prod(model.retention(np.arange(1, 6)))))
    assert float(model.survival(0)) == 1
    retention = model.retention(np.arange(1, 30))
    assert (np.diff(retention) > 0).all(), "whoever stayed for long is ever more likely to stay"
    assert float(model.derl(3, 0.2)) == pytest.approx(
        sum(float(model.survival(2 + k) / model.survival(2)) / 1.2 ** (k - 1) for k in range(1, 400)), rel=1e-6
    )


def test_payments_vary_as_in_a_world() -> None:
    rng, model = np.random.default_rng(8), Sbg((0.8, 3.5))
    lasts = rng.geometric(rng.beta(0.8, 3.5 + 4, 200_000)) - 1  # of those who were renewed four times
    paid = np.cumsum(np.concatenate(([0.0], 1.02 ** -np.arange(12.0))))[np.minimum(lasts, 12)]
    assert float(model.payments(5, 0.02, 12)) == pytest.approx(paid.mean(), rel=0.01)
    assert float(model.variance(5, 0.02, 12)) == pytest.approx(paid.var(), rel=0.02)


def test_the_gradient_is_that_of_the_likelihood() -> None:
    contracts, at = Contracts.of_survivors(HIGH_END), np.array([0.5, 4.0])
    for k in (0, 1):
        up, down = (at * np.exp(sign * 1e-5 * (np.arange(2) == k)) for sign in (1, -1))
        slope = (_likelihood(contracts, up)[0] - _likelihood(contracts, down)[0]) / 2e-5
        assert _likelihood(contracts, at)[1][k] == pytest.approx(slope, rel=1e-6)


def world(seed: int, people: int) -> Contracts:
    """Contracts that began at different times, and could be followed for one to twelve renewals."""
    rng = np.random.default_rng(seed)
    leave, seen = rng.beta(0.8, 3.5, people), rng.integers(1, 13, people)
    at = rng.geometric(leave)
    return Contracts(np.minimum(at, seen), at <= seen, np.ones(people, dtype=np.int64))


def covered(seed: int, people: int) -> tuple[bool, bool, bool]:
    """Whether intervals hold both parameters, and the share that is there after twenty renewals."""
    model, fit = fit_sbg(world(seed, people))
    a, b = fit.estimates()
    _, low, high = by_delta(lambda values: model.at(values).survival([20]), [fit])
    truth = float(Sbg((0.8, 3.5)).survival(20))
    assert a.low is not None and a.high is not None and b.low is not None and b.high is not None
    return a.low < 0.8 < a.high, b.low < 3.5 < b.high, bool(low[0] < truth < high[0])


def test_it_finds_what_a_world_was_made_with() -> None:
    assert np.mean([covered(seed, 800) for seed in range(30)]) >= 0.85


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say() -> None:
    """As stated in the page of the question."""
    found = np.mean([covered(seed, 800) for seed in range(1_000)], axis=0)
    assert (found >= 0.93).all(), found
    assert (found <= 0.97).all(), found


def test_customers_who_are_all_alike_have_one_rate() -> None:
    model, fit = fit_sbg(Contracts.of_survivors([1024, 512, 256, 128, 64, 32, 16]))
    value, low, high = by_delta(lambda values: model.at(values).retention([1, 5]), [fit])
    assert value.tolist() == pytest.approx([0.5, 0.5], abs=0.01)
    assert ((low > 0.4) & (low < value) & (value < high) & (high < 0.6)).all()
    half = math.sqrt(0.25 / (1024 + 512 + 256 + 128 + 64 + 32))
    assert (value - low).tolist() == pytest.approx([1.96 * half] * 2, rel=0.05)
    assert model.derl([1, 3, 9], 0.1).tolist() == pytest.approx([0.5 / (1 - 0.5 / 1.1)] * 3, rel=1e-3)
    assert [found.low for found in fit.estimates()] == [None, None]


def test_one_chance_for_all_is_found_wherever_differences_explain_nothing() -> None:
    rng, alike = np.random.default_rng(1), 0
    for _ in range(100):
        people, leave = int(rng.integers(200, 3_000)), rng.uniform(0.1, 0.9)
        at, seen = rng.geometric(leave, people), rng.integers(1, 13, people)
        model, fit = fit_sbg(Contracts(np.minimum(at, seen), at <= seen, np.ones(people, dtype=np.int64)))
        assert model.retention([1]).tolist() == pytest.approx([1 - leave], abs=0.15)
        alike += fit.estimates()[0].low is None
    assert 30 < alike < 70


@pytest.mark.parametrize("periods", [3, 6, 8])
@pytest.mark.parametrize("power", [10, 14, 17, 20, 27, 41])
def test_one_chance_is_found_for_however_many(power: int, periods: int) -> None:
    model, fit = fit_sbg(Contracts.of_survivors([2 ** (power - k) for k in range(periods + 1)]))
    assert model.retention([1, 5]).tolist() == pytest.approx([0.5, 0.5], abs=1e-4)
    assert [found.low for found in fit.estimates()] == [None, None]


def test_differences_count_wherever_their_mean_is() -> None:
    """Many end early and many at the end of the term, as those do who differ; one chance for all is far less likely."""
    renewals, n = np.array([11, 11, 1, 14, 1, 12, 12]), np.array([7, 11, 12, 4, 12, 14, 2])
    found = Contracts(renewals, np.array([0, 0, 1, 1, 1, 1, 1], dtype=np.bool_), n)
    model, fit = fit_sbg(found)
    assert model.values == pytest.approx((0.28, 0.57), abs=0.01)
    assert fit.log_likelihood == pytest.approx(-141.0, abs=0.1)
    assert all(each.low is not None for each in fit.estimates())


def test_who_differs_without_an_end_is_not_taken_for_alike() -> None:
    """Half leave at once, nobody later: chances are 0 and 1, and no parameters describe that."""
    with pytest.raises(NotEnoughDataError):
        fit_sbg(Contracts(np.array([1, 12]), np.array([1, 0], dtype=np.bool_), np.array([500, 500])))


def test_means_are_drawn_in_by_how_much_groups_differ() -> None:
    """By hand: values 8 and 12, and 98 and 102; within 8, between (2 * 45 ** 2 * 2 - 8) / (4 - 2)."""
    found = shrunk_means(np.array([2.0, 2.0, 0.0]), np.array([10.0, 100.0, 0.0]), np.array([8.0, 8.0, 0.0]))
    between = (4 * 45**2 - 8) / 2
    own = 2 / (2 + 8 / between)
    assert found.mean.tolist() == pytest.approx([own * 10 + (1 - own) * 55, own * 100 + (1 - own) * 55, 55])
    assert found.lean.tolist() == pytest.approx([1 - own, 1 - own, 1])
    assert found.variance.tolist() == pytest.approx([between * (1 - own), between * (1 - own), between])
    assert found.common == pytest.approx(between / (2 * own))
    alike = shrunk_means(np.array([2.0, 2.0]), np.array([10.0, 10.0]), np.array([8.0, 8.0]))
    assert (alike.mean.tolist(), alike.common) == ([10, 10], pytest.approx(8 / 4))
    alone = shrunk_means(np.array([1.0, 1.0]), np.array([10.0, 20.0]), np.zeros(2))
    assert alone.mean.tolist() == [15, 15]
    nobody = shrunk_means(np.zeros(2), np.zeros(2), np.zeros(2))
    assert (nobody.mean.tolist(), nobody.common) == ([0, 0], 0)


def test_drawn_means_are_as_far_off_as_they_say() -> None:
    rng, far, told = np.random.default_rng(3), [], []
    for _ in range(300):
        n = rng.integers(2, 9, 40).astype(float)
        true = rng.normal(50, 6, 40)
        values = [rng.normal(at, 10, int(many)) for at, many in zip(true, n, strict=True)]
        mean = np.array([each.mean() for each in values])
        squares = np.array([((each - each.mean()) ** 2).sum() for each in values])
        found = shrunk_means(n, mean, squares)
        far.append(((found.mean - true) ** 2).mean())
        told.append((found.variance + found.lean**2 * found.common).mean())
        assert found.lean.min() >= 0
    assert np.mean(told) == pytest.approx(np.mean(far), rel=0.1)
    assert np.mean(far) < 0.8 * np.mean(100 / 5.0)


def test_what_cannot_be_told_is_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="No contract ended"):
        fit_sbg(Contracts.of_survivors([50, 50, 50]))
    with pytest.raises(NotEnoughDataError, match="came through"):
        fit_sbg(Contracts.of_survivors([50, 0]))
    with pytest.raises(InputError, match="discount"):
        Sbg((1.0, 1.0)).derl(1, 0.0)
    with pytest.raises(InputError):
        Contracts(np.array([0]), np.array([True]), np.array([1]))
    with pytest.raises(InputError):
        Contracts(np.array([1, 2]), np.array([True]), np.array([1]))
