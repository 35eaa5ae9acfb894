"""Shares and means over people who were counted several times: by hand, and their intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from desirepath.statistics import wilson
from desirepath.statistics.clustered import Clusters, design_effect, ratio, share
from desirepath.statistics.means import mean_of_sums
from desirepath.statistics.scores import rule_of


def sums(part: np.ndarray, whole: np.ndarray, own: int = 0) -> Clusters:
    a, m = part.astype(np.int64), whole.astype(np.int64)
    return Clusters(len(a), *(int(each.sum()) for each in (a, m, a * a, a * m, m * m)), own)


def test_with_one_row_a_person_they_are_the_plain_intervals() -> None:
    values = np.array([0, 3, 1, 0, 2, 5])
    found = ratio(sums(values, np.ones(6)))
    plain = mean_of_sums(6, float(values.sum()), float((values**2).sum()))
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))
    ones = np.array([1, 0, 0, 1, 1, 0, 0])
    found, wanted = share(sums(ones, np.ones(7))), wilson(3, 7)
    assert (found.value, found.low, found.high) == pytest.approx((wanted.value, wanted.low, wanted.high))


def test_by_hand() -> None:
    """Tickets 4, 0, 2, 0 of people with 2, 1, 1, 0 active days: 6 of 4; distances 1, -1.5, 0.5, 0 make 3.5."""
    found = Clusters(4, 6, 4, 20, 10, 6)
    assert found.spread == pytest.approx(3.5)
    assert ratio(found).value == 1.5
    assert ratio(found, scale=100).value == 150
    assert ratio(found._replace(people=3)).low is None
    assert ratio(found._replace(units=0)).value is None
    assert share(Clusters(0, 0, 0, 0, 0, 0)).value is None
    none = ratio(Clusters(50, 0, 50, 0, 0, 50), counted=True)
    assert (none.value, none.low, none.high) == (0, 0, pytest.approx(3.6889 / 50, abs=1e-5))
    assert ratio(Clusters(50, 1, 50, 1, 1, 50), counted=True).low == 0
    alike = ratio(Clusters(6, 12, 6, 24, 12, 6), counted=True)
    assert (alike.value, alike.low, alike.high) == (2, None, None), (
        "everybody has two: nothing tells how far others differ"
    )
    nothing = ratio(Clusters(6, 0, 6, 0, 0, 6))
    assert (nothing.value, nothing.low, nothing.high) == (0, None, None), "money may also be owed"


def test_ten_rows_of_one_kind_each_count_as_the_people_they_are_of() -> None:
    both = np.array([10, 0, 10, 0, 10, 0])
    alike = sums(both, np.full(6, 10))
    assert design_effect(alike._replace(own=30)) == pytest.approx(10)
    found, wanted = share(alike), wilson(3, 6)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    nobody = sums(np.zeros(6), np.full(6, 10))
    assert share(nobody).low == 0
    assert share(nobody).high == pytest.approx(wilson(0, 6).high or 0)
    assert share(sums(np.full(6, 10), np.full(6, 10))).high == 1


@pytest.mark.parametrize("people", [40, 200])
def test_the_intervals_hold_the_truth(people: int) -> None:
    """People differ in their chance, and those with a higher one have more issues."""
    rng = np.random.default_rng(5)
    held = {"share": 0, "ratio": 0, "plain": 0}
    trials = 800
    chance, sizes = np.array([0.2, 0.5, 0.8]), np.array([1, 3, 6])
    truth = float((chance * sizes).sum() / sizes.sum())
    for _ in range(trials):
        kind = rng.integers(0, 3, people)
        part = rng.binomial(sizes[kind], chance[kind])
        found = sums(part, sizes[kind])
        one, two = share(found), ratio(found)
        three = wilson(found.total, found.units)
        for name, each in (("share", one), ("ratio", two), ("plain", three)):
            assert each.low is not None
            assert each.high is not None
            held[name] += each.low <= truth <= each.high
    assert held["share"] / trials > 0.93
    assert held["ratio"] / trials > 0.92
    assert held["plain"] < held["share"]


def test_an_nps_of_people_who_answer_several_times() -> None:
    """Who is content stays so: 60 people with up to six answers; over people the interval holds, over answers not."""
    rng, rule, held = np.random.default_rng(6), rule_of("nps"), [0, 0]
    trials, chance = 600, np.array([[0.8, 0.1, 0.1], [0.1, 0.2, 0.7]])
    for _ in range(trials):
        kind, many = rng.integers(0, 2, 60), rng.integers(1, 7, 60)
        person = np.repeat(np.arange(60), many)
        drawn = (rng.random(len(person))[:, None] > chance[kind[person]].cumsum(axis=1)).sum(axis=1)
        given = np.array([10, 7, 2])[drawn]
        points = rule.points[given]
        part = np.bincount(person, weights=points)
        effect = design_effect(sums(part, many, own=int((points**2).sum())))
        counts = np.bincount(given, minlength=11)
        for k, each in enumerate((rule.score(counts, effect), rule.score(counts))):
            assert each.low is not None
            assert each.high is not None
            held[k] += each.low <= 100 * (0.45 - 0.4) <= each.high
    assert held[0] / trials > 0.93
    assert held[1] / trials < 0.85
