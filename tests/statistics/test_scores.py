"""Scores and means agree with published values, and their intervals hold what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from desirepath.errors import InputError, UnknownNameError
from desirepath.statistics.adjusted import p_value
from desirepath.statistics.clustered import Clusters
from desirepath.statistics.intervals import wilson_limits
from desirepath.statistics.means import mean, mean_difference, t_quantile
from desirepath.statistics.scale_means import mean_limits
from desirepath.statistics.scores import (
    effect_of,
    nps_variance,
    nps_wald,
    places_of,
    points_of,
    rule_of,
    scale_of,
    score,
    score_difference,
    weighted,
)


def answers(detractors: int, passives: int, promoters: int) -> np.ndarray:
    return np.array([detractors, 0, 0, 0, 0, 0, 0, passives, 0, 0, promoters], dtype=np.int64)


def test_nps_as_published() -> None:
    """The example of the R package NPS: 462 promoters and 362 detractors of 1,000, adjusted Wald."""
    found = score("nps", answers(362, 176, 462))
    assert found.value == pytest.approx(10.0)
    assert (found.low, found.high) == (pytest.approx(4.39, abs=0.01), pytest.approx(15.55, abs=0.01))


def test_variance_and_plain_interval_as_published() -> None:
    """The same example: variance 0.814, standard error 0.02853069, Wald 0.0441 to 0.1559; adjusted 0.0439 to 0.1555."""
    given = answers(362, 176, 462)
    assert nps_variance(given) == pytest.approx(0.814, abs=1e-9)
    plain, found = nps_wald(given), score("nps", given)
    assert (plain.value, plain.low, plain.high) == pytest.approx((10, 4.40809, 15.59191), abs=1e-4)
    assert math.sqrt(0.814 / 1000) == pytest.approx(0.02853069, abs=1e-8)
    assert (found.low, found.high) == pytest.approx((4.38967, 15.55051), abs=1e-4)
    assert nps_variance(answers(1, 2, 3)) == pytest.approx(5 / 9), "half promoters, a sixth detractors"
    assert nps_variance(answers(0, 0, 0)) is None
    assert nps_wald(answers(0, 0, 0)).value is None


def test_the_bootstrap_interval_as_published() -> None:
    """The same example, drawn again and again: .045 to .156."""
    drawn = np.random.default_rng(1).multinomial(1_000, [0.362, 0.176, 0.462], size=100_000)
    low, high = np.quantile((drawn[:, 2] - drawn[:, 0]) / 1_000, [0.025, 0.975])
    assert (low, high) == (pytest.approx(0.045, abs=0.002), pytest.approx(0.156, abs=0.002))
    found = score("nps", answers(362, 176, 462))
    assert (found.low, found.high) == (pytest.approx(100 * low, abs=0.2), pytest.approx(100 * high, abs=0.2))


def test_z_of_a_difference_of_two_scores() -> None:
    """The difference by the root of the sum of both variances; the interval shown agrees with it for many answers."""
    one, two = answers(250, 250, 500), answers(362, 176, 462)
    assert [nps_variance(each) for each in (one, two)] == [pytest.approx(0.6875), pytest.approx(0.814)]
    error = 100 * math.sqrt((0.6875 + 0.814) / 1_000)
    z = 15 / error
    assert z == pytest.approx(3.871, abs=1e-3)
    found = score_difference("nps", one, two)
    assert found.value == pytest.approx(15)
    assert found.low is not None
    assert found.high is not None
    assert (found.low, found.high) == (
        pytest.approx(15 - 1.96 * error, abs=0.05),
        pytest.approx(15 + 1.96 * error, abs=0.05),
    )
    assert p_value(found) == pytest.approx(math.erfc(z / math.sqrt(2)), rel=0.05)


@pytest.mark.parametrize(("x", "n"), [(0, 5), (1, 5), (3, 10), (10, 10), (999, 1_000), (3, 1_000_000), (0.3, 0.8)])
def test_the_mean_of_two_values_has_the_interval_of_wilson(x: float, n: float) -> None:
    assert mean_limits([n - x, x], 0, 1, 1.96) == pytest.approx(wilson_limits(x, n, 1.96), abs=1e-12)


def test_the_interval_of_a_mean_is_where_the_tilted_answers_reach_it() -> None:
    """By another way: the tilt with that mean is solved for; the answers' mean is 1.96 of its standard errors away."""
    counts, values = np.array([0, 1, 0, 3, 6, 20]), np.arange(1, 6)
    more = counts[1:] + np.array([0.2, 0, 0, 0, 0.2])
    for end in mean_limits(counts, 1, 5, 1.96):
        tilt = brentq(lambda t, end=end: (more * np.exp(t * values) * (values - end)).sum(), -20, 20, xtol=1e-14)
        chance = more * np.exp(tilt * values)
        spread = float((chance * (values - end) ** 2).sum() / chance.sum())
        assert abs((counts[1:] * values).sum() / 30 - end) == pytest.approx(1.96 * math.sqrt(spread / 30), abs=1e-9)


@pytest.mark.parametrize("text", ["ces7", "stars", "1 to 4"])
def test_a_mean_has_an_interval_however_few_or_alike_the_answers_are(text: str) -> None:
    rule = rule_of(text)
    for n in (1, 3, 50):
        given = np.zeros(11, dtype=np.int64)
        given[rule.high] = n
        found = rule.score(given)
        # One whose answer would be the worst may be among the others: Wilson's interval of none in n.
        wanted = rule.high - (rule.high - rule.low) * 1.96**2 / (n + 1.96**2)
        assert (found.value, found.high) == (rule.high, rule.high)
        assert found.low == pytest.approx(wanted, abs=0.01)
    wide, narrow = rule.score(given, effect=4), rule.score(given)
    assert (wide.low or 0) < (narrow.low or 0)


def test_the_interval_of_a_mean_turns_with_its_scale() -> None:
    counts = np.array([0, 7, 1, 0, 2, 1])
    low, high = mean_limits(counts, 1, 5, 1.96)
    turned = mean_limits(np.concatenate(([0], counts[:0:-1])), 1, 5, 1.96)
    assert turned == pytest.approx((6 - high, 6 - low))


def test_of_many_answers_the_interval_of_a_mean_is_that_of_student() -> None:
    given = np.array([0, 2_000, 1_000, 3_000, 6_000, 18_000, 0, 0, 0, 0, 0])
    found, values = rule_of("stars").score(given), np.arange(11)
    middle = float((given * values).sum()) / 30_000
    wanted = mean(30_000, middle, float((given * (values - middle) ** 2).sum()) / 29_999)
    assert (found.low, found.high) == (pytest.approx(wanted.low, abs=3e-4), pytest.approx(wanted.high, abs=3e-4))


@pytest.mark.parametrize(
    ("up", "down", "plain", "adjusted"),
    [(0.5, 0.2, 0.895, 0.961), (0.7, 0.05, 0.859, 0.948), (0.35, 0.35, 0.905, 0.959), (0.85, 0.05, 0.796, 0.944)],
)
def test_exact_coverage_of_ten_answers(up: float, down: float, plain: float, adjusted: float) -> None:
    """All samples of ten with their probabilities: the plain interval is too narrow, the adjusted one is not."""
    held, truth = [0.0, 0.0], 100 * (up - down)
    for p in range(11):
        for d in range(11 - p):
            chance = math.factorial(10) / math.factorial(p) / math.factorial(d) / math.factorial(10 - p - d)
            chance *= up**p * down**d * (1 - up - down) ** (10 - p - d)
            given = answers(d, 10 - p - d, p)
            for k, each in enumerate((nps_wald(given), score("nps", given))):
                assert each.low is not None
                assert each.high is not None
                held[k] += chance * (each.low - 1e-9 <= truth <= each.high + 1e-9)
    assert held == pytest.approx([plain, adjusted], abs=0.004)


def test_five_points_either_way_take_a_thousand_answers() -> None:
    """With a third of promoters and a third of detractors: 1,024 answers give plus or minus 5 points."""
    found = nps_wald(answers(1024 // 3, 1024 - 2 * (1024 // 3), 1024 // 3))
    assert found.high is not None
    assert found.value is not None
    assert found.high - found.value == pytest.approx(5.0, abs=0.01)


def test_scales_from_worst_to_best() -> None:
    counts = np.array([0, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0], dtype=np.int64)
    up, down = rule_of("1 to 4"), rule_of("4 to 1")
    assert up.score(counts).value == down.score(counts).value == 2.0
    assert (int(counts[up.satisfied].sum()), int(counts[down.satisfied].sum())) == (3, 7)
    assert rule_of("0 to 1").good == (1, 1)
    assert rule_of("ces7").good == (5, 7)
    assert down.places(np.array([0.0, 4.0, 5.0, np.nan])).tolist() == [-2, 4, -2, -1]
    for text in ("1 to 1", "0 to 11"):
        with pytest.raises(InputError):
            rule_of(text)
    with pytest.raises(UnknownNameError, match="scale"):
        rule_of("1-5")


def test_points_by_name_and_by_rule_agree() -> None:
    for name in ("nps", "csat5", "csat7", "ces7", "stars"):
        rule = rule_of(name)
        on_it = slice(rule.low, rule.high + 1)
        assert (points_of(name)[on_it] == (100 if name == "nps" else 1) * rule.points[on_it]).all()
        assert (scale_of(name).low, scale_of(name).high) == (rule.low, rule.high)


def test_answers_of_the_same_people_say_less() -> None:
    for text in ("nps", "csat5", "stars"):
        given = np.array([0, 20, 0, 0, 40, 40, 0, 0, 0, 0, 0]) if text != "nps" else answers(20, 40, 40)
        one, two = rule_of(text).score(given), rule_of(text).score(given, effect=4.0)
        assert one.value == two.value
        assert two.low is not None
        assert two.high is not None
        assert one.low is not None
        assert one.high is not None
        assert two.low < one.low < one.value < one.high < two.high


def test_the_effect_of_answers_by_the_same_people() -> None:
    """By hand: a are sums of points, m numbers of answers."""
    assert effect_of(Clusters(9, 5, 9, 5, 5, 9, 5)) == 1.0, "one answer each"
    # Twenty people with two answers that are always the same: ten have 1 and 1, ten 0 and 0.
    assert effect_of(Clusters(20, 20, 40, 40, 40, 80, 20)) == 2.0, "never more than all answers of a person being one"
    # Twenty people with one answer of each kind say as much as forty, and no more.
    assert effect_of(Clusters(20, 20, 40, 20, 40, 80, 20)) == pytest.approx(1.0, abs=0.1)
    # One person's thirty answers are one, two people's two: nothing tells how alike those of a person are.
    assert effect_of(Clusters(1, 15, 30, 225, 450, 900, 15)) == 30.0
    assert effect_of(Clusters(2, 15, 30, 125, 225, 450, 15)) == 15.0
    few = rule_of("stars").score(np.array([0, 0, 15, 15, 0, 0, 0, 0, 0, 0, 0]), effect=30.0)
    assert few.value == 2.5
    assert (few.high or 0) - (few.low or 0) > 1


def test_weights_make_up_for_who_did_not_answer() -> None:
    """Half of all are of a kind that never answers badly and answers four times as often."""
    strata = [(100, answers(0, 0, 40)), (100, answers(10, 0, 0)), (50, answers(0, 0, 0))]
    found, effective, covered = weighted(rule_of("nps"), strata)
    assert (found.value, found.n, covered) == (0.0, 50, 200)
    assert effective == pytest.approx(200**2 / (100**2 / 40 + 100**2 / 10))
    alike, effective, _ = weighted(rule_of("nps"), [(80, answers(5, 10, 25)), (40, answers(5, 5, 10))])
    assert effective == pytest.approx(60)
    whole = score("nps", answers(10, 15, 35))
    assert (alike.value, alike.low, alike.high) == pytest.approx((whole.value, whole.low, whole.high), abs=0.7)
    assert weighted(rule_of("stars"), [])[0].value is None


@pytest.mark.parametrize("text", ["nps", "csat5", "stars", "3 to 1"])
def test_weighted_answers_that_are_all_alike_have_an_interval(text: str) -> None:
    """Whatever the weights sum to in floating point: that of as many answers as the weights leave."""
    rule = rule_of(text)
    for sizes in ((1, 1, 1), (3, 7, 11), (49, 3, 60)):
        one = np.zeros(11, dtype=np.int64)
        one[rule.high] = 4
        found, effective, _ = weighted(rule, [(size, one) for size in sizes])
        wanted = rule.of_weights(one / 4, effective)
        assert (found.value, found.low, found.high) == pytest.approx((wanted.value, wanted.low, wanted.high))


def test_the_weighted_interval_holds_the_truth_where_the_raw_one_does_not() -> None:
    """The content answer three times as often: raw scores are too high, weighted ones are not."""
    rng, rule, held = np.random.default_rng(8), rule_of("nps"), [0, 0]
    sizes, rates, chance = np.array([600, 400]), np.array([0.15, 0.05]), np.array([[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]])
    truth = 100 * float((sizes[:, None] * chance * [-1, 0, 1]).sum() / sizes.sum())
    for _ in range(600):
        given = [answers(*rng.multinomial(rng.binomial(sizes[k], rates[k]), chance[k]).tolist()) for k in range(2)]
        found, _, _ = weighted(rule, [(int(size), counts) for size, counts in zip(sizes, given, strict=True)])
        for k, each in enumerate((found, rule.score(given[0] + given[1]))):
            assert each.low is not None
            assert each.high is not None
            held[k] += each.low <= truth <= each.high
    assert held[0] / 600 > 0.94
    assert held[1] / 600 < 0.7


@pytest.mark.parametrize("share", [0.1, 0.3, 0.8])
def test_the_interval_of_nps_holds_the_truth(share: float) -> None:
    rng = np.random.default_rng(7)
    truth = 100 * (share - (1 - share) / 2)
    drawn = rng.multinomial(40, [(1 - share) / 2, (1 - share) / 2, share], size=2_000)
    found = [score("nps", answers(*row)) for row in drawn.tolist()]
    assert np.mean([each.low <= truth <= each.high for each in found]) > 0.93


def test_other_scales_and_odd_answers() -> None:
    counts = np.array([0, 1, 0, 1, 2, 4, 0, 0, 0, 0, 0], dtype=np.int64)
    assert score("csat5", counts).value == 6 / 8
    assert score("stars", counts).value == 4.0
    assert score("nps", np.zeros(11, dtype=np.int64)).value is None
    given = np.array([0.0, 3.0, 5.0, 6.0, 2.5, np.nan])
    assert places_of("stars", given).tolist() == [-2, 3, 5, -2, -2, -1]
    assert places_of("nps", given).tolist() == [0, 3, 5, 6, -2, -1]
    with pytest.raises(UnknownNameError, match="scale"):
        score("nsp", counts)


def test_a_difference_is_that_of_two_scores() -> None:
    found = score_difference("nps", answers(50, 100, 50), answers(20, 100, 80))
    assert found.value == pytest.approx(-30.0)
    assert found.low < -30 < found.high < 0


@pytest.mark.parametrize(("degrees", "value"), [(4, 2.776), (5, 2.571), (10, 2.228), (20, 2.086), (120, 1.980)])
def test_quantiles_of_t_as_tabled(degrees: int, value: float) -> None:
    assert t_quantile(0.95, degrees) == pytest.approx(value, abs=0.002)


def test_means_and_their_difference_as_welch_has_them() -> None:
    """Student's sleep data: extra hours by two drugs, t.test(extra ~ group) in R: -3.365 to 0.205."""
    one = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
    two = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
    sides = [(len(each), float(each.mean()), float(each.var(ddof=1))) for each in (one, two)]
    found = mean_difference(*sides)
    assert found.value == pytest.approx(-1.58)
    assert (found.low, found.high) == (pytest.approx(-3.365, abs=0.002), pytest.approx(0.205, abs=0.002))
    alone = mean(*sides[0])
    assert (alone.low, alone.high) == (pytest.approx(-0.530, abs=0.002), pytest.approx(2.030, abs=0.002))
    assert mean(2, 1.0, 1.0).low is None
    assert mean(0, 0.0, 0.0).value is None
