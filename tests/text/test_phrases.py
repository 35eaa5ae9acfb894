"""Phrases mark a group: texts are counted, personal data is not told, and nothing is said twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.text.phrases import keyphrases

GROUPS = {
    "bad": [
        "customer service was rude",
        "the customer service never called",
        "customer service hung up, customer service is bad",
        "no refund",
        "still no refund",
    ],
    "good": ["great price", "great price and refund", "nice shop", "the price is great"],
}


def test_a_pair_stands_for_its_words() -> None:
    bad = keyphrases(GROUPS)["bad"]
    assert bad[0].text == "customer service"
    assert (bad[0].texts, bad[0].others) == (3, 0)
    assert not {"customer", "service"} & {phrase.text for phrase in bad}


def test_what_others_say_as_often_is_not_told() -> None:
    found = keyphrases({"a": ["the shop", "shop here", "shop again", "red shop"], "b": ["shop one", "blue shop"]})
    assert "shop" not in {phrase.text for phrase in found["a"]}


def test_texts_are_counted_once() -> None:
    found = keyphrases({"a": ["spam spam spam", "spam spam spam", "red shop", "red parcel"], "b": ["x y"]})
    assert [phrase.text for phrase in found["a"]] == ["red"]


def test_no_personal_data() -> None:
    found = keyphrases({"a": ["call 0170 1234567 Mr Brown late", "Mr Brown was late"], "b": ["fine thing"]})
    assert {phrase.text for phrase in found["a"]} == {"late"}


def test_a_single_group_tells_what_is_frequent() -> None:
    assert keyphrases({"all": ["late parcel", "late again"]})["all"][0].text == "late"
    assert keyphrases({"a": [], "b": ["x"]}) == {"a": [], "b": []}
    with pytest.raises(InputError):
        keyphrases({}, -1)


@given(
    st.dictionaries(
        st.sampled_from("abc"),
        st.lists(
            st.lists(st.sampled_from("late parcel the no refund price shop".split()), max_size=5).map(" ".join),
            max_size=8,
        ),
        max_size=3,
    ),
    st.integers(0, 4),
)
def test_counts_are_within_bounds(groups: dict[str, list[str]], most: int) -> None:
    found = keyphrases(groups, most)
    assert found.keys() == groups.keys()
    for name, phrases in found.items():
        assert len(phrases) <= most
        assert len({phrase.text for phrase in phrases}) == len(phrases)
        for phrase in phrases:
            assert 2 <= phrase.texts <= len(set(groups[name]))
            assert phrase.weight > 0
