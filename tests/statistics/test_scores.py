"""Scores and means agree with published values, and their intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from desirepath.errors import UnknownNameError
from desirepath.statistics.means import mean, mean_difference, t_quantile
from desirepath.statistics.scores import places_of, score, score_difference


def answers(detractors: int, passives: int, promoters: int) -> np.ndarray:
    return np.array([detractors, 0, 0, 0, 0, 0, 0, passives, 0, 0, promoters], dtype=np.int64)


def test_nps_as_published() -> None:
    """The example of the R package NPS: 462 promoters and 362 detractors of 1,000, adjusted Wald."""
    found = score("nps", answers(362, 176, 462))
    assert found.value == pytest.approx(10.0)
    assert (found.low, found.high) == (pytest.approx(4.39, abs=0.01), pytest.approx(15.55, abs=0.01))


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
