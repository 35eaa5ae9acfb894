"""How often do intervals hold the truth? Every estimator that answers share, simulated where the truth is known.

Each case draws samples from a world whose truth is a formula, and counts how often the interval of 95 % holds it. The
short run has a few hundred samples and wide bounds; the slow one has thousands, and bounds of a percentage point. The
page docs/reference/intervals.md says what comes out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from desirepath.statistics import Estimate, newcombe, wilson
from desirepath.statistics.clustered import Clusters, ratio
from desirepath.statistics.intervals import hybrid_difference, quantile_estimate
from desirepath.statistics.means import mean, mean_difference
from desirepath.statistics.scores import rule_of
from desirepath.statistics.survival import Lifetimes
from desirepath.statistics.twofold import Twofold

Dice = np.random.Generator


class Case(NamedTuple):
    """One world: a draw gives an estimate; the truth; between which shares its coverage lies."""

    name: str
    draw: Callable[[Dice], Estimate]
    truth: float
    low: float
    high: float


def proportion(n: int, p: float) -> Callable[[Dice], Estimate]:
    return lambda dice: wilson(int(dice.binomial(n, p)), n)


def proportions(n: int, p: float, m: int, q: float) -> Callable[[Dice], Estimate]:
    return lambda dice: newcombe(int(dice.binomial(n, p)), n, int(dice.binomial(m, q)), m)


def of_values(values: np.ndarray) -> tuple[int, float, float]:
    return len(values), float(values.mean()), float(values.var(ddof=1))


def average(n: int) -> Callable[[Dice], Estimate]:
    """Counts such as features used: Poisson with mean 3."""
    return lambda dice: mean(*of_values(dice.poisson(3, n).astype(float)))


def averages(n: int) -> Callable[[Dice], Estimate]:
    """Two groups of another size and spread; means 3 and 5."""
    return lambda dice: mean_difference(of_values(dice.gamma(2, 2.5, n)), of_values(dice.gamma(9, 1 / 3, 2 * n)))


def median(n: int) -> Callable[[Dice], Estimate]:
    return lambda dice: quantile_estimate(dice.exponential(100, n).astype(np.int64), 0.5)


def contacts(n: int) -> Callable[[Dice], Estimate]:
    """Contacts of people who differ in how often they call: 0.8 for each of them."""

    def draw(dice: Dice) -> Estimate:
        many = dice.poisson(dice.gamma(0.8, 1.0, n))
        sums = (int(many.sum()), n, int((many**2).sum()), int(many.sum()), n)
        return ratio(Clusters(n, *sums), counted=True)

    return draw


def odds(n: int, p: float, q: float) -> Callable[[Dice], Estimate]:
    def draw(dice: Dice) -> Estimate:
        a, c = int(dice.binomial(n, p)), int(dice.binomial(n, q))
        return Twofold(a, n - a, c, n - c).odds_ratio()

    return draw


def risks(n: int, p: float, q: float) -> Callable[[Dice], Estimate]:
    def draw(dice: Dice) -> Estimate:
        a, c = int(dice.binomial(n, p)), int(dice.binomial(n, q))
        return Twofold(a, n - a, c, n - c).risk_ratio()

    return draw


def nps(n: int, shares: tuple[float, float, float]) -> Callable[[Dice], Estimate]:
    """Promoters, passives, detractors."""
    rule = rule_of("nps")

    def draw(dice: Dice) -> Estimate:
        counts = np.zeros(11, dtype=np.int64)
        counts[[9, 7, 3]] = dice.multinomial(n, shares)
        return rule.score(counts)

    return draw


def two_nps(n: int) -> Callable[[Dice], Estimate]:
    one, two = nps(n, (0.5, 0.3, 0.2)), nps(2 * n, (0.3, 0.4, 0.3))
    return lambda dice: hybrid_difference(one(dice), two(dice), method="score difference")


def waited(n: int) -> Callable[[Dice], Estimate]:
    """Half are cut off; by 50 days 1 - exp(-1/2) have come."""

    def draw(dice: Dice) -> Estimate:
        waits, ends = dice.exponential(100, n), dice.exponential(100, n)
        lives = Lifetimes((1000 * np.minimum(waits, ends)).astype(np.int64), (waits <= ends).astype(np.int8))
        return lives.curve().share_by(50_000)

    return draw


def competing(n: int) -> Callable[[Dice], Estimate]:
    """Two outcomes of equal rate and a third that is the end of the data."""

    def draw(dice: Dice) -> Estimate:
        all_ = dice.exponential(100, (3, n))
        which = np.where(all_.argmin(axis=0) == 2, 0, all_.argmin(axis=0) + 1)
        return Lifetimes((1000 * all_.min(axis=0)).astype(np.int64), which.astype(np.int8)).curve(2).share_by(50_000, 1)

    return draw


CASES = [
    Case("share, 30 of 20 %", proportion(30, 0.2), 0.2, 0.94, 0.98),
    Case("share, 300 of 2 %", proportion(300, 0.02), 0.02, 0.93, 0.98),
    Case("difference of shares", proportions(60, 0.3, 90, 0.2), 0.1, 0.94, 0.97),
    Case("mean, 20 people", average(20), 3, 0.93, 0.96),
    Case("mean, 200 people", average(200), 3, 0.94, 0.96),
    Case("difference of means", averages(40), 2, 0.93, 0.96),
    Case("median", median(80), 100 * math.log(2), 0.94, 0.98),
    Case("contacts per person, 100 people", contacts(100), 0.8, 0.91, 0.95),
    Case("contacts per person, 1,000 people", contacts(1000), 0.8, 0.93, 0.96),
    Case("odds ratio", odds(120, 0.3, 0.2), (0.3 / 0.7) / (0.2 / 0.8), 0.94, 0.97),
    Case("risk ratio", risks(120, 0.3, 0.2), 1.5, 0.94, 0.97),
    Case("NPS, 50 answers", nps(50, (0.5, 0.3, 0.2)), 30, 0.94, 0.97),
    Case("difference of two NPS", two_nps(60), 30, 0.94, 0.97),
    Case("share by a moment, half cut off", waited(100), 1 - math.exp(-0.5), 0.93, 0.96),
    Case("share by a moment, competing", competing(150), (1 - math.exp(-1)) / 2, 0.94, 0.97),
]


def coverage(case: Case, draws: int) -> float:
    dice = np.random.default_rng(20_261_129)
    held = 0
    for _ in range(draws):
        found = case.draw(dice)
        held += found.low is not None and found.high is not None and found.low <= case.truth <= found.high
    return held / draws


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_intervals_hold_the_truth(case: Case) -> None:
    slack = 4 * math.sqrt(0.05 * 0.95 / 200)
    assert case.low - slack <= coverage(case, 200) <= min(case.high + slack, 1)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_intervals_hold_the_truth_as_often_as_the_page_says(case: Case) -> None:
    assert case.low <= coverage(case, 8_000) <= case.high
