"""Survival of customers against published figures of a data set that many use, from its counts alone.

Counts by contract and months of tenure of 7,043 customers of a telephone company (IBM's sample data on churn, which is
made up): how many had left, and how many were still there. The figures are those of R's `survival` and of lifelines.
"""

from __future__ import annotations

import numpy as np
import pytest

from desirepath.statistics import wilson
from desirepath.statistics.survival import Lifetimes, log_rank

LEFT = {
    "Month-to-month": (
        "0 380 121 94 82 63 40 50 41 45 45 30 33 37 23 37 28 24 22 16 18 15 23 12 23 18 15 13 10 15 15 14 18 "
        "8 11 12 9 14 9 9 11 10 12 11 4 3 7 13 3 10 8 6 5 6 5 6 3 5 4 4 3 3 1 2 0 4 5 1 3 3 1 1 0"
    ),
    "One year": (
        "0 0 2 0 1 1 0 1 1 1 0 1 5 1 1 0 0 2 2 3 0 2 4 1 0 4 0 0 2 0 1 2 1 5 1 3 1 1 4 4 2 4 2 3 2 3 4 1 5 4 "
        "1 2 2 7 7 2 6 1 6 3 3 2 4 2 2 3 5 6 4 3 5 0 2"
    ),
    "Two year": (
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 1 0 0 0 0 0 1 0 0 0 1 0 0 1 0 1 1 "
        "1 0 1 1 1 1 1 2 1 1 0 3 0 0 2 2 3 3 2 2 5 5 4"
    ),
}
STILL = {
    "Month-to-month": (
        "0 224 109 97 83 65 55 63 60 60 51 50 53 46 33 42 38 33 55 36 36 29 41 35 35 31 34 28 24 33 28 26 28 "
        "23 29 31 13 21 18 12 23 19 19 18 16 19 19 14 12 19 11 12 19 10 12 18 16 15 9 12 16 11 8 10 11 12 6 7 "
        "7 3 3 4 2"
    ),
    "One year": (
        "1 7 5 6 6 3 7 13 8 10 15 13 17 14 12 15 7 24 12 10 13 11 18 25 20 17 26 20 20 19 18 14 18 18 17 25 "
        "18 18 17 18 19 24 19 20 21 17 19 18 23 18 30 33 25 29 16 20 30 16 22 17 21 28 22 19 27 15 30 28 21 "
        "20 22 28 15"
    ),
    "Two year": (
        "10 2 1 3 4 1 8 4 13 3 5 5 9 11 7 5 7 4 6 8 4 6 4 12 16 8 4 11 1 5 10 9 4 9 7 17 9 11 11 12 9 13 13 "
        "12 8 19 24 22 20 14 17 15 28 17 27 17 24 26 25 23 33 29 35 39 38 40 40 53 63 64 83 132 339"
    ),
}
"""By contract, after 0 to 72 months."""


def lives(contract: str) -> Lifetimes:
    """The lifetimes of customers with a contract."""
    times, outcomes = [], []
    for outcome, counts in ((1, LEFT), (0, STILL)):
        for month, many in enumerate(map(int, counts[contract].split())):
            times += [month] * many
            outcomes += [outcome] * many
    return Lifetimes(times, outcomes)


BY_CONTRACT = {contract: lives(contract) for contract in LEFT}
EVERYBODY = BY_CONTRACT["Month-to-month"] + BY_CONTRACT["One year"] + BY_CONTRACT["Two year"]


def still(found: Lifetimes, month: int) -> float:
    """The share that is still there after so many months."""
    gone = found.curve().share_by(month).value
    assert gone is not None
    return 1 - gone


def test_the_share_that_left_is_the_published_one() -> None:
    assert (EVERYBODY.n, EVERYBODY.count(1)) == (7043, 1869)
    share = wilson(EVERYBODY.count(1), EVERYBODY.n)
    assert share.value == pytest.approx(0.2654, abs=5e-5)
    published = {"Month-to-month": 0.427097, "One year": 0.112695, "Two year": 0.028319}
    for contract, known in published.items():
        found = BY_CONTRACT[contract]
        assert found.count(1) / found.n == pytest.approx(known, abs=5e-7)


@pytest.mark.parametrize(
    ("month", "published"),
    [(1, 0.945961), (12, 0.8431996), (24, 0.7887364), (36, 0.748545), (48, 0.7088402), (60, 0.664404), (72, 0.5927902)],
)
def test_the_curve_is_the_published_one(month: int, published: float) -> None:
    assert still(EVERYBODY, month) == pytest.approx(published, abs=5e-7)


def test_the_curve_by_contract_is_the_published_one() -> None:
    for contract, published in {"Month-to-month": 0.7031, "One year": 0.9908, "Two year": 1.0}.items():
        assert still(BY_CONTRACT[contract], 12) == pytest.approx(published, abs=5e-5)


def test_contracts_differ_by_the_published_statistic() -> None:
    found = log_rank(list(BY_CONTRACT.values()))
    assert found is not None
    assert found.statistic == pytest.approx(2352.8725, abs=5e-4)
    assert found.degrees == 2
    assert found.p_value < 1e-200


def test_who_left_says_nothing_of_how_soon() -> None:
    """The plain share that left by a month counts those who were never watched for so long as if they had stayed."""
    times = np.repeat(np.arange(73), [sum(int(LEFT[each].split()[month]) for each in LEFT) for month in range(73)])
    plain = float((times <= 72).sum()) / EVERYBODY.n
    assert plain == pytest.approx(0.2654, abs=5e-5)
    assert 1 - still(EVERYBODY, 72) == pytest.approx(0.4072, abs=5e-5)
