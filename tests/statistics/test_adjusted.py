"""Standardised differences by hand, and how often their intervals hold what was planted."""

from __future__ import annotations

import math

import numpy as np
import pytest

from desirepath.statistics import Estimate
from desirepath.statistics.adjusted import LEAST, Stratum, p_value, product, scaled, share, standardised


def test_two_strata_by_hand() -> None:
    strata = [Stratum(30, 0.5, 0.25, 60, 0.4, 0.24), Stratum(10, 0.9, 0.09, 20, 0.8, 0.16)]
    found, matched = standardised(strata)
    variance = 0.75**2 * (0.25 / 30 + 0.24 / 60) + 0.25**2 * (0.09 / 10 + 0.16 / 20)
    assert matched == 40
    assert found.value == pytest.approx(0.1)
    assert found.high == pytest.approx(0.1 + 1.959964 * math.sqrt(variance))
    assert p_value(found) == pytest.approx(math.erfc(0.1 / math.sqrt(2 * variance)))


def test_strata_without_controls_are_left_out() -> None:
    lonely = Stratum(30, 0.5, 0.25, LEAST - 1, 0.4, 0.24)
    assert standardised([lonely]) == (Estimate(None, None, None, 0, 0.95, "standardised"), 0)
    kept = Stratum(10, 1.0, 0.0, LEAST, 0.0, 0.0)
    found, matched = standardised([lonely, kept])
    assert (found.value, matched) == (1.0, 10)
    assert p_value(Estimate(None, None, None, 0, 0.95, "")) is None


def test_a_share_of_nobody_is_not_certain() -> None:
    n, value, variance = share(0, 5)
    assert (n, value) == (5, 0.0)
    assert variance == pytest.approx(1 / 7 * 6 / 7)


def test_scaling_turns_an_interval_round() -> None:
    found = scaled(Estimate(2.0, 1.0, 4.0, 9, 0.95, "x"), -3)
    assert (found.value, found.low, found.high) == (-6.0, -12.0, -3.0)


def test_a_product_has_the_widths_of_both() -> None:
    found = product(Estimate(0.5, 0.4, 0.6, 9, 0.95, "x"), Estimate(10.0, 8.0, 12.0, 9, 0.95, "y"))
    assert found.value == 5.0
    assert found.high == pytest.approx(5 + math.hypot(10 * 0.1, 0.5 * 2))
    assert product(Estimate(0.5, None, None, 1, 0.95, "x"), found).value is None


def test_intervals_hold_what_was_planted() -> None:
    rng = np.random.default_rng(5)
    chances = [(0.2, 0.35), (0.6, 0.5)]
    weights = (200, 100)
    truth = sum(w * (a - b) for w, (a, b) in zip(weights, chances, strict=True)) / sum(weights)
    held = 0
    for _ in range(400):
        strata = []
        for n, (treated, control) in zip(weights, chances, strict=True):
            strata.append(
                Stratum(*share(int(rng.binomial(n, treated)), n), *share(int(rng.binomial(150, control)), 150))
            )
        found, _ = standardised(strata)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 400 <= 0.98
