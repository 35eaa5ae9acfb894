"""Sums that come out the same however they are split."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError, UnknownNameError
from desirepath.statistics import Counts, Moments, Proportion, Sums, wilson

numbers = st.lists(st.floats(-1e30, 1e30, allow_nan=False), max_size=8)
words = st.lists(st.sampled_from(["a", "b", "c", "d", "é"]), max_size=12)


def test_proportion_adds_up_and_estimates() -> None:
    found = sum([Proportion(3, 10), Proportion(1, 5), Proportion()], Proportion())
    assert found == Proportion(4, 15)
    assert found.rate == 4 / 15
    assert found.estimate() == wilson(4, 15)
    assert found.estimate(0.8) == wilson(4, 15, 0.8)
    assert Proportion().rate is None
    assert Proportion().estimate().note == "not enough data"
    with pytest.raises(InputError):
        Proportion(2, 1)


@given(numbers, numbers, numbers)
def test_moments_are_the_same_for_every_split(one: list[float], two: list[float], three: list[float]) -> None:
    a, b, c = (Moments.of(values) for values in (one, two, three))
    whole = Moments.of(one + two + three)
    assert (a + b) + c == a + (b + c) == c + b + a == whole
    assert whole + Moments() == whole
    exact = [Fraction(value) for value in one + two + three]
    assert whole.total == sum(exact)
    assert whole.squares == sum(value * value for value in exact)


def test_moments_do_not_drift() -> None:
    tenths = Moments.of([0.1] * 10)
    assert tenths.mean == 0.1
    assert tenths.variance == 0
    far = [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]
    assert Moments.of(far).variance == 30, "the textbook formula in floating point is off by far here"
    assert Moments.of([1e100, 1.0, -1e100]).mean == 1 / 3


def test_moments_agree_with_the_standard_library() -> None:
    values = np.random.default_rng(4).lognormal(0, 3, 5000)
    found = Moments.of(values)
    assert found.mean == statistics.fmean(values)
    assert float(found.total) == math.fsum(values)
    assert found.variance == pytest.approx(statistics.variance(values.tolist()), rel=1e-12)


def test_moments_without_enough_data() -> None:
    assert (Moments().mean, Moments().variance) == (None, None)
    assert (Moments.of([3]).mean, Moments.of([3]).variance) == (3, None)
    for wrong in ([math.nan], [math.inf], [1e200], [[1.0]]):
        with pytest.raises(InputError):
            Moments.of(wrong)


@given(words, words, words)
def test_counts_are_the_same_for_every_split(one: list[str], two: list[str], three: list[str]) -> None:
    a, b, c = Counts.of(one), Counts.of(two), Counts.of(three)
    whole = Counts.of(one + two + three)
    assert (a + b) + c == a + (b + c) == c + b + a == whole
    assert a + Counts[str]() == a
    for most in range(5):
        top = whole.top(most)
        assert sum(count for _, count in top.rows) + top.other == whole.total == len(one + two + three)
        assert len(top.rows) + top.other_keys == len(whole)


def test_top_is_by_count_then_by_text_and_says_what_it_left_out() -> None:
    found = Counts({"b": 2, "a": 2, "rare": 1, "c": 9, "never": 0})
    top = found.top(2)
    assert top.rows == [("c", 9), ("a", 2)]
    assert (top.other, top.other_keys) == (3, 2)
    assert found.top(10).other == 0
    assert (found["c"], found["never"], found["unheard"], len(found)) == (9, 0, 0, 4)


def test_a_key_that_is_rare_everywhere_is_not_lost() -> None:
    parts = [Counts.of([f"only {part}", f"only {part}", "everywhere"]) for part in range(50)]
    assert sum(parts, Counts[str]()).top(1).rows == [("everywhere", 50)]


def test_counts_of_keys_of_several_kinds() -> None:
    found = Counts({None: 1, 3: 1, ("a", "b"): 1, "3": 1})
    assert found.top(4) == Counts({"3": 1, ("a", "b"): 1, 3: 1, None: 1}).top(4)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(InputError, match="counted -1 times"):
        Counts({"a": -1})
    with pytest.raises(InputError, match="top -1"):
        Counts({"a": 1}).top(-1)


def test_sums_add_up_by_name_and_know_their_rates() -> None:
    rates = {"of all": ("late", "size"), "of late": ("lost", "late")}
    one, two = Sums(10, {"late": 4, "lost": 1}, rates), Sums(5, {"late": 0, "lost": 0}, rates)
    assert one + two == two + one == Sums(15, {"late": 4, "lost": 1})
    assert hash(one + two) == hash(two + one)
    assert (one + two).rates() == {"of all": Proportion(4, 15), "of late": Proportion(1, 4)}
    assert ((one + two)["late"], (one + two)["size"]) == (4, 15)
    assert one != two
    with pytest.raises(UnknownNameError, match="Did you mean 'late'"):
        one["lat"]
