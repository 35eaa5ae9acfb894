"""Additive summary of durations: exact while it can be, then at most 0.2 % off; equal for every split."""

from __future__ import annotations

import pickle
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.statistics import Durations
from desirepath.statistics.durations import RELATIVE_ERROR

LONGEST = 2**63 - 1
lists = st.lists(st.integers(0, LONGEST), max_size=12)


def test_exact_quantiles_by_hand() -> None:
    found = Durations([40, 10, 30, 20])
    assert not found.approximate
    assert [found.quantile(q) for q in (0, 0.25, 0.5, 0.6, 1)] == [10, 15, 25, 30, 40]
    assert (found.n, found.total, found.mean, found.minimum, found.maximum) == (4, 100, 25, 10, 40)


def test_exact_quantiles_agree_with_numpy() -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(0, 10**10, size=777)
    found = Durations(values[:300]) + Durations(values[300:])
    for q in (0, 0.01, 0.1, 0.5, 0.75, 0.9, 0.99, 1):
        assert found.quantile(q) == np.quantile(values, q, method="averaged_inverted_cdf")


def test_nothing_is_not_enough_data() -> None:
    nothing = Durations()
    assert (nothing.n, nothing.quantile(0.5), nothing.mean, nothing.minimum) == (0, None, None, None)
    assert nothing.estimate().note == "not enough data"
    assert nothing.histogram(4).counts.tolist() == [0, 0, 0, 0]
    binned = Durations(exact_limit=0)
    assert (binned.quantile(0.5), binned.approximate) == (None, False)


@given(lists, lists, lists, st.integers(0, 20))
def test_plus_is_associative_commutative_and_has_a_zero(
    one: list[int], two: list[int], three: list[int], limit: int
) -> None:
    a, b, c = (Durations(values, exact_limit=limit) for values in (one, two, three))
    whole = Durations(one + two + three, exact_limit=limit)
    assert (a + b) + c == a + (b + c) == c + a + b == whole
    assert a + Durations() == a == Durations() + a
    assert whole.approximate == (len(one + two + three) > limit)
    assert whole.total == sum(one + two + three)


@given(lists, lists, lists)
def test_plus_is_associative_for_different_limits(one: list[int], two: list[int], three: list[int]) -> None:
    a, b, c = Durations(one, exact_limit=9), Durations(two, exact_limit=4), Durations(three, exact_limit=20)
    assert (a + b) + c == a + (b + c) == c + b + a


def test_equality_tells_summaries_apart() -> None:
    assert Durations([1, 2]) != Durations([1, 3])
    assert Durations([1, 4]) != Durations([2, 3]), "same sum, same number"
    assert Durations([0, 5, 5, 10], exact_limit=0) != Durations([0, 4, 6, 10], exact_limit=0)
    assert Durations([1, 2]) != Durations([1, 2], exact_limit=1)


def test_a_sum_leaves_its_parts_alone() -> None:
    values = np.array([5, 6])
    one = Durations(values, exact_limit=3)
    two = Durations([7, 8], exact_limit=3)
    assert (one + two).approximate
    values[0] = 99
    assert (one.quantile(0), one.n, one.approximate, two.quantile(1)) == (5, 2, False, 8)


@pytest.mark.parametrize("q", [0.01, 0.1, 0.25, 0.5, 0.9, 0.999])
def test_binned_quantiles_are_at_most_a_fifth_of_a_percent_off(q: float) -> None:
    rng = np.random.default_rng(5)
    values = np.exp(rng.uniform(0, np.log(9e18), size=20_001)).astype(np.int64)
    exact, binned = Durations(values), Durations(values, exact_limit=100)
    assert binned.approximate
    truth, found = exact.quantile(q), binned.quantile(q)
    assert truth is not None
    assert found == pytest.approx(truth, rel=RELATIVE_ERROR)
    assert (binned.quantile(0), binned.quantile(1)) == (exact.quantile(0), exact.quantile(1))
    assert (binned.mean, binned.total) == (exact.mean, exact.total)


@given(st.integers(0, LONGEST))
def test_every_single_value_is_binned_within_the_promised_error(value: int) -> None:
    found = Durations([0, value, value, value, LONGEST], exact_limit=0).quantile(0.5)
    assert found == pytest.approx(value, rel=RELATIVE_ERROR)


@pytest.mark.parametrize("power", range(63))
def test_values_around_powers_of_two_are_binned_within_the_promised_error(power: int) -> None:
    for value in (2**power - 1, 2**power, 2**power + 1):
        found = Durations([0, value, value, value, LONGEST], exact_limit=0).quantile(0.5)
        assert found == pytest.approx(value, rel=RELATIVE_ERROR)
        if value < 512:
            assert found == value


def test_many_small_sums_and_a_switch_on_the_way() -> None:
    rng = np.random.default_rng(9)
    values = rng.integers(0, 10**12, size=3000)
    total = Durations(exact_limit=2000)
    for part in np.array_split(values, 100):
        total = total + Durations(part, exact_limit=2000)
    assert total == Durations(values, exact_limit=2000)
    assert total.approximate
    kept = sum((Durations(part) for part in np.array_split(values, 100)), Durations())
    assert kept == Durations(values)
    assert kept.quantile(0.5) == np.median(values)


def test_interval_for_the_median() -> None:
    found = Durations(range(1, 11)).estimate()
    assert (found.low, found.value, found.high, found.method) == (2, 5.5, 9, "order_statistics")
    binned = Durations(range(1, 11), exact_limit=5).estimate()
    assert (binned.low, binned.value, binned.high) == (2, 5.5, 9)
    assert binned.method == "order_statistics_binned"
    few = Durations([1, 2, 3]).estimate()
    assert (few.value, few.low, few.note) == (2, None, "not enough data for the interval")


def test_histogram_loses_nothing() -> None:
    found = Durations([0, 5, 10, 10, 15, 20, 99]).histogram([5, 10, 20])
    assert found.counts.tolist() == [1, 4]
    assert (found.below, found.above) == (1, 1)
    whole = Durations([10, 20, 30, 40]).histogram(3)
    assert whole.edges.tolist() == [10, 20, 30, 40]
    assert whole.counts.tolist() == [1, 1, 2]
    alone = Durations([7, 7]).histogram(2)
    assert alone.counts.tolist() == [2, 0]


def test_binned_histogram_agrees_away_from_the_edges() -> None:
    rng = np.random.default_rng(21)
    values = rng.integers(1_000_000, 60_000_000, size=5000)
    edges = [500_000.0, 2e6, 1e7, 3e7, 5e7]
    exact, binned = Durations(values).histogram(edges), Durations(values, exact_limit=10).histogram(edges)
    assert binned.counts.sum() + binned.below + binned.above == 5000
    near = [np.sum(np.abs(values - edge) <= edge * RELATIVE_ERROR) for edge in edges]
    assert np.abs(exact.counts - binned.counts).max() <= 2 * max(near)
    assert exact.below == 0
    assert exact.above > 0


def test_first_and_last_stay_exact_when_binned() -> None:
    found = Durations([1_073_741_824, 2_000_000_011, 3_000_000_019], exact_limit=0)
    assert (found.quantile(0), found.quantile(1)) == (1_073_741_824, 3_000_000_019)
    assert found.quantile(0.5) != 2_000_000_011


def test_what_is_not_a_duration_is_refused() -> None:
    for wrong in ([-1], [1.5], [[1, 2]], ["3"], [2**63]):
        with pytest.raises(InputError):
            Durations(wrong)
    with pytest.raises(InputError, match="ascending"):
        Durations([1]).histogram([5, 5])
    with pytest.raises(InputError, match="bins"):
        Durations([1]).histogram(0)
    with pytest.raises(InputError, match="quantile"):
        Durations([1]).quantile(1.5)
    with pytest.raises(InputError, match="keep"):
        Durations([1], exact_limit=-1)


def test_it_travels_between_processes() -> None:
    for summary in (Durations([3, 1, 2]), Durations([3, 1, 2], exact_limit=1)):
        assert pickle.loads(pickle.dumps(summary)) == summary  # noqa: S301


@given(st.lists(st.integers(0, LONGEST), min_size=1, max_size=40), st.integers(1, 9))
def test_quantiles_and_even_edges_are_what_sorting_says(values: list[int], bins: int) -> None:
    ordered = np.sort(np.array(values))
    found = Durations(values)
    for q in (0.1, 0.5, 0.9):
        assert found.quantile(q) == pytest.approx(np.quantile(ordered, q, method="averaged_inverted_cdf"), rel=1e-15)
    told = found.histogram(bins)
    edges = [int(edge) for edge in told.edges]
    assert len({high - low for low, high in pairwise(edges)} - {edges[1] - edges[0]}) == 0 or max(values) > 2**52
    low, width = min(values), -((min(values) - max(values)) // bins) or 1
    places = [min((value - low) // width, bins - 1) for value in values]
    assert told.counts.tolist() == [places.count(k) for k in range(bins)]
    assert max(values) <= low + width * bins


def test_even_bins_of_binned_durations_hold_as_many() -> None:
    values = np.random.default_rng(8).integers(10**6, 10**9, size=5_000)
    exact, binned = Durations(values).histogram(10), Durations(values, exact_limit=10).histogram(10)
    assert exact.edges.tolist() == binned.edges.tolist()
    assert binned.counts.sum() == 5_000
    assert np.abs(exact.counts - binned.counts).max() <= 30


@pytest.mark.parametrize("most", [0, 1, 600, 10**6, 10**12, LONGEST])
def test_values_by_rank_of_many(most: int) -> None:
    rng = np.random.default_rng(most % 1000)
    values = rng.integers(0, most, size=5_000, endpoint=True) // rng.integers(1, 50, size=5_000)
    found, ordered = Durations(values), np.sort(values)
    for rank in (1, 2, 1250, 2500, 2501, 4999, 5000):
        assert found._at_ranks([rank]) == [float(ordered[rank - 1])]
