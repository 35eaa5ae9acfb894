"""Models of buying and of amounts equal published figures, brute force, and worlds in which they hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from desirepath.errors import InputError, NotEnoughDataError
from desirepath.statistics.buying import BgNbd, Buyers, BuyingModel, _bg_likelihood, fit_bg_nbd
from desirepath.statistics.buying_fit import Fit, by_delta, maximise
from desirepath.statistics.buying_money import GammaGamma, Spenders, fit_gamma_gamma
from desirepath.statistics.buying_money import _likelihood as amounts_likelihood
from desirepath.statistics.buying_pareto import ParetoNbd, fit_pareto_nbd
from desirepath.statistics.buying_pareto import _likelihood as pareto_likelihood

CDNOW_BG = BgNbd((0.243, 4.414, 0.793, 2.426))
"""Fader, Hardie and Lee (2005), weeks."""

CDNOW_PARETO = ParetoNbd((0.5533971, 10.5801985, 0.6060625, 11.6562237))
"""The R package BTYD's vignette, weeks."""

CDNOW_AMOUNTS = GammaGamma((6.2488, 3.74459, 15.44776))
Floats = NDArray[np.float64]


# ---- published -----------------------------------------------------------------------------------------------


def test_bg_nbd_says_what_its_authors_say_of_customer_1() -> None:
    assert float(CDNOW_BG.expected(39, 2, 30.43, 38.86)) == pytest.approx(1.226, abs=1e-3)
    assert float(CDNOW_BG.alive(2, 30.43, 38.86)) == pytest.approx(0.7266, abs=5e-4)
    assert float(CDNOW_BG.alive(0, 0, 38.86)) == 1


def test_pareto_nbd_says_what_the_vignette_says() -> None:
    assert CDNOW_PARETO.of_new(52) == pytest.approx(1.473113, abs=1e-6)
    assert float(CDNOW_PARETO.expected(52, 26, 30.86, 31)) == pytest.approx(25.46, abs=0.01)
    assert float(CDNOW_PARETO.alive(26, 30.86, 31)) == pytest.approx(0.9979, abs=1e-4)


def test_gamma_gamma_says_what_is_known_of_the_first_customers() -> None:
    """Customer 1 spent 22.35 on average on two days, customer 2 11.77 on one, customer 3 never came again."""
    found = CDNOW_AMOUNTS.expected([2, 1, 0], [2 * 22.35, 11.77, 0])
    assert found.tolist() == pytest.approx([24.6586, 18.9115, 35.171], abs=2e-3)
    assert CDNOW_AMOUNTS.mean == pytest.approx(35.171, abs=1e-3)
    together = CDNOW_AMOUNTS.expected(2, 2 * 22.35 + 30, n=2)
    assert float(together) == pytest.approx(float(CDNOW_AMOUNTS.expected([2, 2], [44.70, 30]).sum()))


# ---- brute force ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [(0.243, 4.414, 0.793, 2.426), (2.0, 3.0, 1.0, 2.0), (0.5, 10.0, 3.5, 0.7)])
def test_bg_nbd_equals_its_published_formulas(values: tuple[float, float, float, float]) -> None:
    from scipy.special import beta, gamma, hyp2f1

    r, alpha, a, b = values
    model = BgNbd(values)
    for x, t_x, seen in ((0, 0.0, 0.0), (0, 0.0, 30.0), (1, 2.0, 30.0), (4, 29.0, 30.0), (7, 12.0, 12.0)):
        whole = gamma(r + x) * alpha**r / gamma(r)
        one = beta(a, b + x) / beta(a, b) * whole / (alpha + seen) ** (r + x)
        two = beta(a + 1, b + x - 1) / beta(a, b) * whole / (alpha + t_x) ** (r + x) if x else 0.0
        value, _ = _bg_likelihood(Buyers.of([x], [t_x], [seen]), np.array(values))
        assert value == pytest.approx(math.log(one + two))
        assert float(model.alive(x, t_x, seen)) == pytest.approx(one / (one + two))
        z = 39 / (alpha + seen + 39)
        c = a + b + x - 1
        if a != 1 and not math.isclose(c, 0):
            inner = ((alpha + seen) / (alpha + seen + 39)) ** (r + x) * hyp2f1(r + x, b + x, c, z)
            expected = c / (a - 1) * (1 - inner) * one / (one + two)
            assert float(model.expected(39, x, t_x, seen)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("values", [(0.55, 10.6, 0.61, 11.7), (2.0, 3.0, 0.3, 40.0), (0.1, 30.0, 4.0, 0.5)])
def test_pareto_nbd_equals_its_published_formulas(values: tuple[float, float, float, float]) -> None:
    from scipy.special import gammaln, hyp2f1

    r, alpha, s, beta = values
    low, high = sorted((alpha, beta))
    for x, t_x, seen in ((0, 0.0, 38.0), (2, 30.0, 38.0), (26, 30.86, 31.0), (5, 1.0, 38.0)):
        whole, second = r + s + x, s + 1 if alpha >= beta else r + x

        def part(at: float, whole: float = whole, second: float = second) -> float:
            z = (high - low) / (high + at)
            return float(hyp2f1(whole, second, whole + 1, z)) / (high + at) ** whole

        still = 1 / ((alpha + seen) ** (r + x) * (beta + seen) ** s)
        gone = s / whole * (part(t_x) - part(seen))
        fixed = gammaln(r + x) - gammaln(r) + r * math.log(alpha) + s * math.log(beta)
        value, _ = pareto_likelihood(Buyers.of([x], [t_x], [seen]), np.array(values))
        assert value == pytest.approx(fixed + math.log(still + gone), rel=1e-9)
        assert float(ParetoNbd(values).alive(x, t_x, seen)) == pytest.approx(still / (still + gone), rel=1e-8)


def test_gradients_are_those_of_the_likelihoods() -> None:
    buyers = Buyers.of([0, 1, 3, 40], [0, 2.0, 30, 31], [10, 12, 38, 31.5], [5, 2, 1, 1])
    spenders = Spenders.of([1, 2, 9], [3.0, 50, 17], [2, 1, 3])
    ways = [
        (lambda at: _bg_likelihood(buyers, at), [0.5, 4.0, 0.8, 2.4]),
        (lambda at: pareto_likelihood(buyers, at), [0.5, 10.0, 0.6, 12.0]),
        (lambda at: amounts_likelihood(spenders, at), [6.0, 3.7, 15.0]),
    ]
    for way, at in ways:
        _, slope = way(np.array(at))
        for k in range(len(at)):
            up, down = (np.array(at) * np.exp(sign * 1e-5 * (np.arange(len(at)) == k)) for sign in (1, -1))
            assert slope[k] == pytest.approx((way(up)[0] - way(down)[0]) / 2e-5, rel=1e-5, abs=1e-5)


def test_rows_with_a_number_are_the_same_as_so_many_rows() -> None:
    buyers, _ = world(3, 300)
    rows = np.column_stack([buyers.x, np.round(buyers.t_x), np.round(buyers.T + 1)])
    alike, many = np.unique(rows, axis=0, return_counts=True)
    one, fit_one = fit_bg_nbd(Buyers.of(*rows.T))
    two, fit_two = fit_bg_nbd(Buyers.of(*alike.T, many))
    assert one.values == pytest.approx(two.values, rel=1e-4)
    assert fit_one.log_likelihood == pytest.approx(fit_two.log_likelihood)
    assert fit_one.n == fit_two.n == 300


def test_a_search_that_begins_with_a_few_ends_where_all_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    buyers, _ = world(4, 600)
    spenders = Spenders.of(buyers.x[buyers.x > 0], buyers.t_x[buyers.x > 0] + buyers.x[buyers.x > 0])
    plain = fit_bg_nbd(buyers)[0].values, fit_gamma_gamma(spenders)[0].values
    monkeypatch.setattr("desirepath.statistics.buying.FEW_ROWS", 150)
    monkeypatch.setattr("desirepath.statistics.buying_money.FEW_ROWS", 50)
    assert buyers.few is not None
    assert fit_bg_nbd(buyers)[0].values == pytest.approx(plain[0], rel=1e-3)
    assert fit_gamma_gamma(spenders)[0].values == pytest.approx(plain[1], rel=1e-3)


# ---- worlds in which the models hold --------------------------------------------------------------------------

TRUE = (0.6, 8.0, 0.9, 2.5)


def world(seed: int, people: int, ahead: float = 30.0) -> tuple[Buyers, Floats]:
    """Customers of BG/NBD with known parameters, and how often each buys in the time ahead."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = TRUE
    rate, stop = rng.gamma(r, 1 / alpha, people), rng.beta(a, b, people)
    seen = rng.uniform(20, 60, people)
    at, x, t_x, later = np.zeros(people), np.zeros(people), np.zeros(people), np.zeros(people)
    alive = np.ones(people, dtype=bool)
    while alive.any():
        at = at + rng.exponential(1 / np.maximum(rate, 1e-12))
        bought, after = alive & (at <= seen), alive & (at > seen) & (at <= seen + ahead)
        x, t_x, later = x + bought, np.where(bought, at, t_x), later + after
        alive &= (at <= seen + ahead) & (rng.random(people) >= stop)
    return Buyers.of(x, t_x, seen), later


def covered(model: BuyingModel, fit: Fit, buyers: Buyers, later: Floats) -> tuple[list[bool], bool, bool, float]:
    """Whether intervals hold the true parameters, the true mean to come and what came; expected beside what came."""
    inside = [bool(each.low < true < each.high) for each, true in zip(fit.estimates(), TRUE, strict=True)]  # type: ignore[operator]
    truth = float(BgNbd(TRUE).expected(30, buyers.x, buyers.t_x, buyers.T).mean())
    mean, low, high = by_delta(
        lambda values: model.at(values).expected(30, buyers.x, buyers.t_x, buyers.T).mean(keepdims=True), [fit]
    )
    chance = math.sqrt(model.variance(30, buyers.x, buyers.t_x, buyers.T).sum()) / buyers.size / float(mean[0])
    ratio = math.exp(math.hypot(math.log(high[0] / mean[0]), 1.96 * chance))
    came = bool(mean[0] / ratio < later.mean() < mean[0] * ratio)
    return inside, bool(low[0] < truth < high[0]), came, float(mean[0] / later.mean())


def test_bg_nbd_finds_what_a_world_was_made_with() -> None:
    inside, ratios, means = [], [], []
    for seed in range(8):
        buyers, later = world(100 + seed, 1_000)
        found = covered(*fit_bg_nbd(buyers), buyers, later)
        inside.append(found[0])
        means.append(found[1])
        ratios.append(found[3])
    assert np.mean(inside) >= 0.8
    assert np.mean(means) >= 0.7
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say() -> None:
    """As stated in the page of the question."""
    found = []
    for seed in range(300):
        buyers, later = world(seed, 1_000)
        found.append(covered(*fit_bg_nbd(buyers), buyers, later))
    assert 0.92 <= np.mean([inside for inside, *_ in found]) <= 0.98
    assert 0.92 <= np.mean([inside for _, inside, *_ in found]) <= 0.98
    assert 0.94 <= np.mean([came for *_, came, _ in found]) <= 1
    assert np.mean([ratio for *_, ratio in found]) == pytest.approx(1, abs=0.02)


def test_chance_is_not_made_small() -> None:
    buyers, later = world(11, 20_000)
    model, mean = BgNbd(TRUE), BgNbd(TRUE).expected(30, buyers.x, buyers.t_x, buyers.T)
    told, real = model.variance(30, buyers.x, buyers.t_x, buyers.T).sum(), ((later - mean) ** 2).sum()
    assert real < told < 2 * real


def test_the_variance_of_amounts_is_that_of_a_world() -> None:
    rng, (p, q, v) = np.random.default_rng(6), (5.0, 6.0, 18.0)
    x, total, n = 3, 20.0, 200_000
    rate = rng.gamma(p * x + q, 1 / (v + total), n)
    often = rng.gamma(2.0, 0.7, n)
    many = rng.poisson(often)
    money = np.where(many > 0, rng.gamma(np.maximum(p * many, 1e-9), 1 / rate), 0.0)
    told = GammaGamma((p, q, v)).variance(np.array(1.4), np.array(2 * 3 * 0.49), x, total)
    assert float(told) == pytest.approx(money.var(), rel=0.03)


def test_a_new_customer_buys_as_often_as_the_world_says() -> None:
    buyers, _ = world(9, 40_000, ahead=0.0)
    short = buyers.T < 25
    model = BgNbd(TRUE)
    expected = np.array([model.of_new(float(seen)) for seen in buyers.T[short]])
    assert buyers.x[short].mean() == pytest.approx(expected.mean(), rel=0.05)


def test_pareto_nbd_finds_what_a_world_was_made_with() -> None:
    rng, n = np.random.default_rng(4), 1_500
    rate, lifetime = rng.gamma(0.8, 1 / 10, n), rng.exponential(1 / rng.gamma(0.9, 1 / 12, n))
    seen = rng.uniform(30, 60, n)
    until = np.minimum(lifetime, seen)
    x = rng.poisson(rate * until)
    # the last of so many moments that are spread evenly
    t_x = np.where(x > 0, until * rng.random(n) ** (1 / np.maximum(x, 1)), 0.0)
    model, fit = fit_pareto_nbd(Buyers.of(x, t_x, seen))
    inside = [bool(e.low < true < e.high) for e, true in zip(fit.estimates(), (0.8, 10, 0.9, 12), strict=True)]  # type: ignore[operator]
    assert sum(inside) >= 3
    assert model.alive(x, t_x, seen).mean() == pytest.approx((lifetime > seen).mean(), abs=0.04)


def test_gamma_gamma_finds_what_a_world_was_made_with() -> None:
    rng, n, (p, q, v) = np.random.default_rng(5), 2_000, (5.0, 4.0, 18.0)
    x, rate = rng.integers(1, 8, n), rng.gamma(q, 1 / v, n)
    total = rng.gamma(p * x, 1 / rate)
    model, fit = fit_gamma_gamma(Spenders.of(x, total))
    inside = [bool(e.low < true < e.high) for e, true in zip(fit.estimates(), (p, q, v), strict=True)]  # type: ignore[operator]
    assert sum(inside) >= 2
    assert model.mean == pytest.approx(p * v / (q - 1), rel=0.05)
    cents, _ = fit_gamma_gamma(Spenders.of(x, total * 100))
    assert cents.mean == pytest.approx(100 * model.mean, rel=1e-5)


TRUE_PARETO = (0.8, 10.0, 0.9, 12.0)
TRUE_AMOUNTS = (5.0, 4.0, 18.0)


def pareto_covered(seed: int, people: int) -> tuple[list[bool], bool]:
    """Whether intervals hold the parameters of a world of Pareto/NBD, and the true mean of what is to come in it."""
    rng, (r, alpha, s, beta) = np.random.default_rng(seed), TRUE_PARETO
    rate, lifetime = rng.gamma(r, 1 / alpha, people), rng.exponential(1 / rng.gamma(s, 1 / beta, people))
    seen = rng.uniform(30, 60, people)
    until = np.minimum(lifetime, seen)
    x = rng.poisson(rate * until)
    # the last of so many moments that are spread evenly
    t_x = np.where(x > 0, until * rng.random(people) ** (1 / np.maximum(x, 1)), 0.0)
    model, fit = fit_pareto_nbd(Buyers.of(x, t_x, seen))
    inside = [e.low is None or bool(e.low < t < e.high) for e, t in zip(fit.estimates(), TRUE_PARETO, strict=True)]  # type: ignore[operator]
    truth = float(ParetoNbd(TRUE_PARETO).expected(30, x, t_x, seen).mean())
    _, low, high = by_delta(lambda at: model.at(at).expected(30, x, t_x, seen).mean(keepdims=True), [fit])
    return inside, bool(low[0] < truth < high[0])


def amounts_covered(seed: int, people: int) -> tuple[list[bool], bool, bool]:
    """The same of Gamma-Gamma: its parameters, the mean over all, and the mean of what these customers will spend."""
    rng, (p, q, v) = np.random.default_rng(seed), TRUE_AMOUNTS
    x, rate = rng.integers(1, 8, people), rng.gamma(q, 1 / v, people)
    total = rng.gamma(p * x, 1 / rate)
    model, fit = fit_gamma_gamma(Spenders.of(x, total))
    inside = [bool(e.low < t < e.high) for e, t in zip(fit.estimates(), TRUE_AMOUNTS, strict=True)]  # type: ignore[operator]
    true = GammaGamma(TRUE_AMOUNTS)
    truth = np.array([true.mean, float(true.expected(x, total).mean())])
    _, low, high = by_delta(
        lambda at: np.array([model.at(at).mean, float(model.at(at).expected(x, total).mean())]), [fit]
    )
    held = (low < truth) & (truth < high)
    return inside, bool(held[0]), bool(held[1])


def test_intervals_of_pareto_nbd_hold_what_a_world_was_made_with() -> None:
    found = [pareto_covered(200 + seed, 800) for seed in range(4)]
    assert np.mean([inside for inside, _ in found]) >= 0.8
    assert np.mean([held for _, held in found]) >= 0.5


def test_intervals_of_gamma_gamma_hold_what_a_world_was_made_with() -> None:
    found = [amounts_covered(300 + seed, 800) for seed in range(20)]
    assert np.mean([inside for inside, *_ in found]) >= 0.85
    assert np.mean([each for _, *held in found for each in held]) >= 0.85


@pytest.mark.slow
def test_intervals_of_pareto_nbd_cover_as_often_as_they_say() -> None:
    """As stated in the page of the question."""
    found = [pareto_covered(seed, 1_500) for seed in range(200)]
    each, held = np.mean([inside for inside, _ in found], axis=0), np.mean([held for _, held in found])
    print(each, held)
    assert (each >= 0.92).all()
    assert 0.92 <= held <= 0.99


@pytest.mark.slow
def test_intervals_of_gamma_gamma_cover_as_often_as_they_say() -> None:
    """As stated in the page of the question."""
    found = [amounts_covered(10_000 + seed, 1_000) for seed in range(2_000)]
    each, held = np.mean([inside for inside, *_ in found], axis=0), np.mean([held for _, *held in found], axis=0)
    print(each, held)
    assert (each >= 0.94).all()
    assert (held >= 0.92).all()
    assert (held <= 0.98).all()


# ---- the ends of what can be -----------------------------------------------------------------------------------


def test_large_and_small_numbers_stay_numbers() -> None:
    for model in (BgNbd(TRUE), BgNbd((0.3, 0.001, 1.0, 50.0)), CDNOW_PARETO, ParetoNbd((3.0, 900.0, 1.0, 0.01))):
        for x, t_x, seen in ((0, 0, 0), (0, 0, 1e-9), (5_000, 4_000, 4_000), (5_000, 1.0, 4_000), (1, 1e-9, 1e5)):
            alive, ahead = float(model.alive(x, t_x, seen)), float(model.expected(1e4, x, t_x, seen))
            assert 0 <= alive <= 1
            assert 0 <= ahead < 1e9
            assert float(model.expected(1e-6, x, t_x, seen)) <= ahead + 1e-9
        assert model.of_new(0.0) == 0


def test_what_cannot_be_told_is_refused() -> None:
    for fit in (fit_bg_nbd, fit_pareto_nbd):
        with pytest.raises(NotEnoughDataError, match="second time"):
            fit(Buyers.of([0] * 50, [0] * 50, [9] * 50))
        with pytest.raises(NotEnoughDataError):
            fit(Buyers.of([1] * 50, [5] * 50, [9] * 50))
    with pytest.raises(NotEnoughDataError):
        fit_gamma_gamma(Spenders.of([1] * 50, [10.0] * 50))
    with pytest.raises(NotEnoughDataError, match="second purchase"):
        fit_gamma_gamma(Spenders.of([], []))
    with pytest.raises(NotEnoughDataError):
        maximise(lambda at: (math.nan, at), [(1.0,)], n=3, names=("a",))
    amounts = np.exp(np.random.default_rng(1).standard_cauchy(500).clip(-9, 9))
    with pytest.raises(NotEnoughDataError, match="no end"):
        fit_gamma_gamma(Spenders.of(np.ones(500), amounts))


def test_a_parameter_that_could_be_anything_has_no_interval() -> None:
    one, two = Fit(("a", "b"), (2.0, 3.0), np.diag([0.01, 1e6]), -1.0, 9).estimates()
    assert one.low == pytest.approx(2 * math.exp(-0.196), rel=1e-4)
    assert (two.value, two.low, two.high) == (3.0, None, None)


def test_mistakes_are_named() -> None:
    for rows in (([1], [9], [8]), ([-1], [0], [8]), ([0], [1], [8]), ([math.nan], [0], [8]), ([1, 2], [0], [8])):
        with pytest.raises(InputError):
            Buyers.of(*rows)
    for pair in (([0], [3]), ([1], [0]), ([1], [math.inf])):
        with pytest.raises(InputError):
            Spenders.of(*pair)


def test_correlation_is_pearsons() -> None:
    x, total = np.array([1, 2, 3, 4]), np.array([5.0, 8, 21, 4])
    assert Spenders.of(x, total).correlation() == pytest.approx(float(np.corrcoef(x, total / x)[0, 1]))
    assert Spenders.of([2, 2], [3.0, 4]).correlation() is None
    assert Spenders.of([], []).correlation() is None
