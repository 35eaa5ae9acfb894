"""How often does the interval of a score hold the truth? Simulated for every kind of score, where the truth is known.

A world is a distribution of answers and twenty like it: few answers on few values make any single distribution's share
jump with n, as Wilson's does, so that the average over distributions that are alike says more. The short run draws some
hundreds and allows for chance; the slow one thousands, and says what docs/questions/scores.md says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pytest

from desirepath.statistics.clustered import Clusters
from desirepath.statistics.intervals import Estimate, hybrid_difference, wilson_limits
from desirepath.statistics.scale_means import mean_limits
from desirepath.statistics.scores import Rule, effect_of, rule_of, weighted

Array = np.ndarray
Dice = np.random.Generator


class World(NamedTuple):
    """A scale, and the shares of its answers from the least value on."""

    scale: str
    shares: tuple[float, ...]


MEANS = {
    "stars, 70 % the best": World("stars", (0.02, 0.03, 0.05, 0.20, 0.70)),
    "stars, 80 % the best": World("stars", (0.02, 0.02, 0.03, 0.13, 0.80)),
    "stars, 90 % the best": World("stars", (0.03, 0.01, 0.01, 0.05, 0.90)),
    "stars of a marketplace": World("stars", (0.085, 0.035, 0.11, 0.19, 0.58)),
    "stars, best or worst": World("stars", (0.40, 0.05, 0.05, 0.10, 0.40)),
    "stars, best or worst, uneven": World("stars", (0.25, 0.05, 0.05, 0.10, 0.55)),
    "stars, all as often": World("stars", (0.2,) * 5),
    "stars, most in the middle": World("stars", (0.1, 0.2, 0.4, 0.2, 0.1)),
    "effort, mostly 6 and 7": World("ces7", (0.01, 0.01, 0.02, 0.04, 0.12, 0.30, 0.50)),
    "effort, mostly 5 to 7": World("ces7", (0.02, 0.03, 0.05, 0.10, 0.20, 0.30, 0.30)),
    "effort, easy or hard": World("ces7", (0.20, 0.08, 0.07, 0.05, 0.10, 0.20, 0.30)),
    "effort, most in the middle": World("ces7", (0.03, 0.07, 0.20, 0.40, 0.20, 0.07, 0.03)),
    "1 to 4": World("1 to 4", (0.05, 0.15, 0.45, 0.35)),
    "0 to 10": World("0 to 10", (0.02, 0.01, 0.01, 0.02, 0.02, 0.06, 0.06, 0.15, 0.25, 0.15, 0.25)),
    "0 to 10, all as often": World("0 to 10", (1 / 11,) * 11),
}
OTHERS = {
    "NPS, good": World("nps", (0.02, 0.01, 0.01, 0.02, 0.02, 0.06, 0.06, 0.15, 0.25, 0.15, 0.25)),
    "NPS, even": World("nps", (0.06,) * 6 + (0.07, 0.17, 0.17, 0.11, 0.12)),
    "CSAT, 85 % good": World("csat5", (0.03, 0.04, 0.08, 0.35, 0.50)),
    "CSAT, 60 % good": World("csat7", (0.05, 0.05, 0.05, 0.10, 0.15, 0.30, 0.30)),
}
WORLDS = MEANS | OTHERS
ALIKE, CONCENTRATION = 20, 60


def worlds_like(world: World, dice: Dice) -> list[Array]:
    """float64[11] each: the world's own distribution, and some that are like it."""
    rule, own = rule_of(world.scale), np.array(world.shares) / sum(world.shares)
    found = []
    for shares in (own, *dice.dirichlet(own * CONCENTRATION, ALIKE)):
        chance = np.zeros(11)
        chance[rule.low : rule.high + 1] = shares
        found.append(chance)
    return found


def truth_of(rule: Rule, chance: Array) -> float:
    return (100 if rule.kind == "nps" else 1) * float((rule.points * chance).sum())


def holds(found: Estimate, truth: float) -> bool:
    assert found.low is not None
    assert found.high is not None
    return found.low - 1e-9 <= truth <= found.high + 1e-9


def coverage(world: World, n: int, draws: int) -> float:
    """Of `draws` samples of `n` answers the share whose interval holds the score of their distribution."""
    dice, rule, held = np.random.default_rng([n, draws]), rule_of(world.scale), 0
    worlds = worlds_like(world, dice)
    for chance in worlds:
        samples, times = np.unique(dice.multinomial(n, chance, size=draws // len(worlds)), axis=0, return_counts=True)
        truth = truth_of(rule, chance)
        held += sum(int(many) for row, many in zip(samples, times, strict=True) if holds(rule.score(row), truth))
    return held / (draws // len(worlds) * len(worlds))


def slack(draws: int, times: float = 3.5) -> float:
    return times * math.sqrt(0.05 * 0.95 / draws)


@pytest.mark.parametrize("n", [10, 30, 100])
def test_scores_hold_the_truth_on_the_average_of_worlds(n: int) -> None:
    """Within 94 to 96 % on the average of all worlds; 2 points more for any one of ten answers, less for more."""
    each = {name: coverage(world, n, 210) for name, world in WORLDS.items()}
    assert 0.94 - slack(210 * len(each)) <= np.mean(list(each.values())) <= 0.96 + slack(210 * len(each)), each
    assert min(each.values()) >= 0.93 - slack(210), each


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "least", "most"),
    [
        (5, 0.915, 1.0), (7, 0.925, 0.997), (10, 0.93, 0.98), (15, 0.935, 0.965), (20, 0.935, 0.965),
        (30, 0.937, 0.965), (50, 0.94, 0.963), (100, 0.94, 0.96), (300, 0.94, 0.96), (1000, 0.94, 0.96),
    ],
)  # fmt: skip
def test_scores_hold_the_truth_as_often_as_the_page_says(n: int, least: float, most: float) -> None:
    each = {name: coverage(world, n, 8_400) for name, world in WORLDS.items()}
    print(n, f"{min(each.values()):.3f} {np.mean(list(each.values())):.3f} {max(each.values()):.3f}", each)
    assert 0.94 <= np.mean(list(each.values())) <= 0.96, each
    assert least - slack(8_400, 2) <= min(each.values()), each
    assert max(each.values()) <= most + slack(8_400, 2), each


@pytest.mark.parametrize("n", [10, 30, 100, 1_000])
def test_the_interval_of_wilson_on_the_average_of_shares(n: int) -> None:
    """Exactly, over all shares of 5 to 95 %."""
    shares = np.linspace(0.05, 0.95, 361)
    logs = np.array([math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)])
    k = np.arange(n + 1)
    held = np.zeros(len(shares))
    ends = [wilson_limits(int(x), n, 1.96) for x in k]
    for place, share in enumerate(shares):
        chance = np.exp(logs + k * math.log(share) + (n - k) * math.log(1 - share))
        held[place] = sum(c for c, (low, high) in zip(chance, ends, strict=True) if low <= share <= high)
    assert 0.949 <= held.mean() <= 0.956
    assert held.min() >= 0.89


def test_student_is_too_narrow_where_the_interval_shown_is_not() -> None:
    """The comparison that made the choice: stars of which four in five are the best, ten answers."""
    dice, values, chance = np.random.default_rng(4), np.arange(1, 6), np.array([0.02, 0.02, 0.03, 0.13, 0.80])
    truth, held = float(values @ chance), np.zeros(2)
    for row in dice.multinomial(10, chance, size=1_500):
        middle = float(row @ values) / 10
        half = 2.262 * math.sqrt(float(row @ (values - middle) ** 2) / 90)
        low, high = mean_limits(np.concatenate(([0], row)), 1, 5, 1.96)
        held += [abs(middle - truth) <= half, low <= truth <= high]
    assert held[0] / 1_500 < 0.85
    assert 0.935 < held[1] / 1_500 < 0.975


def several_answers(world: World, people: int, alike: float, dice: Dice) -> Estimate:
    """1 to 5 answers or so of each; `alike` is how two of a person go together."""
    rule, chance = rule_of(world.scale), worlds_like(world, dice)[0]
    many = 1 + dice.poisson(1.2, people)
    usual = np.repeat(dice.choice(11, size=people, p=chance), many)
    given = np.where(dice.random(len(usual)) < math.sqrt(alike), usual, dice.choice(11, size=len(usual), p=chance))
    points = rule.points[given]
    sums = np.bincount(np.repeat(np.arange(people), many), weights=points).astype(int)
    squares, cross, sizes = (int((a * b).sum()) for a, b in ((sums, sums), (sums, many), (many, many)))
    total = Clusters(people, int(sums.sum()), len(given), squares, cross, sizes, int((points * points).sum()))
    return rule.score(np.bincount(given, minlength=11), effect_of(total))


def by_kinds(world: World, people: int, dice: Dice) -> tuple[Estimate, Estimate, float]:
    """Raw and weighted score, and the truth: the less content answer less often."""
    rule, good = rule_of(world.scale), worlds_like(world, dice)[0]
    bad = good * np.exp(-0.35 * np.arange(11))
    bad /= bad.sum()
    kinds = [(0.5, 0.5, good), (0.3, 0.3, (good + bad) / 2), (0.2, 0.12, bad)]
    truth = sum(share * truth_of(rule, chance) for share, _, chance in kinds)
    strata = [
        (int(share * people), dice.multinomial(dice.binomial(int(share * people), rate), chance))
        for share, rate, chance in kinds
    ]
    return rule.score(sum(counts for _, counts in strata)), weighted(rule, strata)[0], truth


SOME = ("stars, 70 % the best", "effort, mostly 5 to 7", "NPS, good", "CSAT, 85 % good")


def clustered(people: int, draws: int) -> dict[str, float]:
    dice, found = np.random.default_rng(people), {}
    for name in SOME:
        for alike in (0.3, 0.6, 0.9):
            truth = truth_of(rule_of(WORLDS[name].scale), worlds_like(WORLDS[name], dice)[0])
            held = [holds(several_answers(WORLDS[name], people, alike, dice), truth) for _ in range(draws)]
            found[f"{name}, {alike}"] = float(np.mean(held))
    return found


def stratified(people: int, draws: int) -> tuple[dict[str, float], dict[str, float]]:
    dice, raw, found = np.random.default_rng(people), {}, {}
    for name in SOME:
        three = [by_kinds(WORLDS[name], people, dice) for _ in range(draws)]
        raw[name] = float(np.mean([holds(one, truth) for one, _, truth in three]))
        found[name] = float(np.mean([holds(two, truth) for _, two, truth in three]))
    return raw, found


def differences(n: int, m: int, draws: int) -> dict[str, float]:
    dice, found = np.random.default_rng([n, m]), {}
    for name in SOME:
        rule, one = rule_of(WORLDS[name].scale), worlds_like(WORLDS[name], dice)[0]
        two = one * np.exp(-0.15 * np.arange(11))
        two /= two.sum()
        truth = truth_of(rule, one) - truth_of(rule, two)
        pairs = zip(dice.multinomial(n, one, size=draws), dice.multinomial(m, two, size=draws), strict=True)
        held = [holds(hybrid_difference(rule.score(a), rule.score(b), method="x"), truth) for a, b in pairs]
        found[name] = float(np.mean(held))
    return found


def test_the_interval_is_over_people() -> None:
    each = clustered(30, 80)
    assert 0.935 - slack(80 * len(each)) <= np.mean(list(each.values())) <= 0.965 + slack(80 * len(each)), each


def test_the_weighted_interval() -> None:
    """It holds the truth; the raw one of many answers does not, since it is of others than everybody."""
    raw, each = stratified(600, 150)
    assert 0.94 - slack(600) <= np.mean(list(each.values())) <= 0.965 + slack(600), each
    assert np.mean(list(raw.values())) < 0.8


def test_the_interval_of_a_difference() -> None:
    each = differences(30, 60, 150)
    assert 0.94 - slack(600) <= np.mean(list(each.values())) <= 0.965 + slack(600), each


@pytest.mark.slow
@pytest.mark.parametrize(
    ("simulate", "sizes"),
    [
        (clustered, [(10,), (20,), (30,), (100,)]),
        (lambda people, draws: stratified(people, draws)[1], [(60,), (120,), (200,), (400,), (1000,)]),
        (differences, [(15, 15), (30, 60), (200, 200)]),
    ],
)
def test_people_kinds_and_differences_as_the_page_says(
    simulate: Callable[..., dict[str, float]], sizes: Sequence[tuple[int, ...]]
) -> None:
    for size in sizes:
        each = simulate(*size, 2_000)
        print(size, f"{min(each.values()):.3f} {np.mean(list(each.values())):.3f} {max(each.values()):.3f}", each)
        assert 0.94 - slack(8_000, 2) <= np.mean(list(each.values())) <= 0.965 + slack(8_000, 2), (size, each)
        assert min(each.values()) >= 0.91 - slack(2_000, 2), (size, each)
