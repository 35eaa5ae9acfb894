"""Quotes stand for the others by a rule: typical first, then what has not been said, each side with its share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.text.representatives import Standing, representatives

TEXTS = [
    "the parcel came late again",
    "my parcel came late",
    "parcel was very late today",
    "late parcel",
    "prices are too high here",
    "your prices are high",
    "lovely garden centre",
]


def test_the_most_typical_first_then_the_others() -> None:
    found = representatives(TEXTS, 2)
    assert [TEXTS[one.place] for one in found] == ["my parcel came late", "your prices are high"]
    assert [one.others for one in found] == [3, 1]


def test_no_two_say_the_same() -> None:
    assert representatives(["late parcel today"] * 5, 3) == [Standing(0, 4)]


def test_each_side_has_its_share() -> None:
    sides = ["low"] * 6 + ["high"]
    places = [one.place for one in representatives(TEXTS, 3, sides=sides)]
    assert sorted(sides[place] for place in places) == ["high", "low", "low"]
    assert len(representatives(TEXTS, 1, sides=sides)) == 1


def test_weights_are_people() -> None:
    weights = [1.0] * 6 + [100.0]
    assert representatives(TEXTS, 1, weights)[0].place == 6
    assert representatives(TEXTS, 1, [0.0] * 6 + [1.0]) == [Standing(6, 0)]


@pytest.mark.parametrize("weights", [[1.0], [float("nan")] * 7, [-1.0] * 7])
def test_weights_that_make_no_sense(weights: list[float]) -> None:
    with pytest.raises(InputError):
        representatives(TEXTS, 2, weights)


def test_nothing_to_read() -> None:
    assert representatives([], 3) == []
    assert representatives(["", "  ", "\n"], 3) == []
    assert [one.place for one in representatives(["", "ok"], 3)] == [1]


@given(
    st.lists(
        st.lists(st.sampled_from("late parcel the my price high ok a@b.co".split()), max_size=6).map(" ".join),
        max_size=12,
    ),
    st.integers(0, 5),
    st.booleans(),
)
def test_positions_are_within_bounds(texts: list[str], most: int, sided: bool) -> None:
    sides = [index % 3 for index in range(len(texts))] if sided else None
    found = representatives(texts, most, sides=sides)
    places = [one.place for one in found]
    assert len(found) <= most
    assert len(set(places)) == len(places)
    assert all(0 <= place < len(texts) and texts[place].strip() for place in places)
    assert sum(one.others + 1 for one in found) <= len(texts)
    assert bool(found) == (most > 0 and any(text.strip() for text in texts))
