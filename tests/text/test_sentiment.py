"""How remarks are meant: better and worse, negated, contrasted, asked, and not read where it is not English."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.text.lexicon import lexicon
from desirepath.text.sentiment import sentiments
from desirepath.text.words import Cut


def score(text: str) -> float:
    return float(sentiments([text], ["en"])[0])


BAD = (
    "Parcel never arrived and nobody answers the phone|I've been on hold for 45 minutes"
    "|No one showed up for my appointment"
    "|Still waiting for a reply after two weeks|Refund refused, I want my money back|Cancelled on me an hour before"
    "|The app keeps crashing|It stopped working after a week|It no longer works|Does not work|Faulty and broken|Useless"
    "|Waste of money|The driver was rude|I was charged twice for the same order|Had to call three times|My bag was lost"
    "|Thanks for nothing|My flight was delayed 3 hours and nobody told us anything|Wrong item delivered|Too expensive"
    "|I can't log in|Kept being transferred from one person to another|I will never buy from you again|Not good enough"
    "|You guys are a joke|Price went up again without warning|Could not find the cancel button, so confusing"
    "|The website is down again|They hung up on me|Order not received|not helpful at all|Missed appointment again"
).split("|")
GOOD = (
    "Great service, very friendly staff|Easy to use|Works as expected|Quick delivery, well packed|Sorted in two minutes"
    "|The engineer came on time and fixed it|Resolved on the first call"
    "|Never had a problem with this company|Not bad at all"
    "|Nothing to complain about|The staff couldn't have been more helpful|No problems so far"
    "|I can't recommend it enough"
    "|Thank you so much for your help|Highly recommend|Works like a charm|Could not be happier"
    "|Arrived on time|10/10|👍|:-)"
    "|no waiting, no hassle|without any problem|exactly as described|What a relief, all sorted|I love how fast it is"
).split("|")
NEUTRAL = (
    "What are your opening hours?|The chair is blue|I would like to change my address"
    "|Is this compatible with the new model?"
    "|My order number is 1234|Thanks in advance|Kind regards|I called customer care about my credit card"
    "|It looks like a lamp"
).split("|")


@pytest.mark.parametrize("text", BAD)
def test_bad(text: str) -> None:
    assert score(text) <= -1


@pytest.mark.parametrize("text", GOOD)
def test_good(text: str) -> None:
    assert score(text) >= 1


@pytest.mark.parametrize("text", NEUTRAL)
def test_neutral_is_a_reading(text: str) -> None:
    assert abs(score(text)) < 0.5


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("The food was good", "The food was very good"),
        ("The food was slightly good", "The food was good"),
        ("The food was good", "The food was good!!!"),
        ("The food was good", "The food was GOOD"),
        ("The food was not good", "The food was good"),
        ("The food was not very good", "The food was okay"),
        ("The food was bad", "The food was not bad"),
        ("It isn't good", "It's good"),
        ("It doesn't look very good to me", "It looks very good to me"),
        ("The service was good but the food was terrible", "The food was terrible but the service was good"),
        ("Although it is great, it broke", "It is great"),
        ("Is it any good?", "It is good"),
        ("It could be good", "It is good"),
        ("Good :(", "Good :)"),
        ("No help", "Help"),
        ("Neither fast nor friendly", "Fast and friendly"),
        ("It was too good and too slow", "It was good"),
    ],
)
def test_order(less: str, more: str) -> None:
    assert score(less) < score(more)


@pytest.mark.parametrize(
    "text", ["not good", "never helpful", "no good at all", "hardly useful", "lacks quality", "isn't fun"]
)
def test_negated_praise_is_bad(text: str) -> None:
    assert score(text) < -0.5


@pytest.mark.parametrize(
    "text", ["not bad", "never disappointed", "no problem at all", "it was not slow", "nothing broken"]
)
def test_a_negated_complaint_is_not_bad(text: str) -> None:
    assert score(text) > 0


def test_negation_ends_with_the_clause() -> None:
    assert score("I did not drive, great service") > 1
    assert score("not only fast but friendly") > 2


@pytest.mark.parametrize("code", ["de", "fr", "pt", "es", "it", "nl", "ja"])
def test_other_languages_are_not_read(code: str) -> None:
    assert math.isnan(sentiments(["Terrible service, great disappointment everywhere"], [code])[0])


def test_what_is_said_alike_everywhere_is_read_though_the_language_is_not_sure() -> None:
    found = sentiments(["👍👍", ":(", "Perfect!", "Rude journée", "Super Lieferung", "12", ""], [None] * 7)
    assert (found[0] > 1, found[1] < -1, found[2] > 2) == (True, True, True)
    assert np.isnan(found[3:]).all()


def test_nothing_to_read() -> None:
    assert np.isnan(sentiments(["", " ", "\x00", "http://a.example", "@you"], ["en"] * 5)).all()
    assert sentiments([], []).shape == (0,)


def test_hostile_texts() -> None:
    texts = [
        "bad " * 30_000,
        "x" * 100_000,
        "!" * 50_000,
        "?!" * 9_999,
        "\ud800 good",
        "not " * 9_999 + "good",
        "((((" * 9_999,
        "a" + "'" * 9_999,
    ]
    found = sentiments(texts, ["en"] * len(texts))
    assert ((found >= -5) & (found <= 5)).all()
    assert found[0] < -4.9


def test_the_lists_are_read_once_and_stay_in_bounds() -> None:
    assert lexicon() is lexicon()
    assert all(-4 <= value <= 4 for value in lexicon().words.values())
    assert lexicon().worth("superb") > 2
    assert lexicon().worth("unhelpfully") < 0
    assert lexicon().worth("zyxw") == 0


@given(st.lists(st.text(max_size=60), max_size=4))
def test_one_by_one_is_as_together(texts: list[str]) -> None:
    codes = ["en"] * len(texts)
    together = sentiments(Cut(texts), codes)
    alone = [sentiments([text], ["en"])[0] for text in texts]
    np.testing.assert_array_equal(together, np.array(alone, dtype=np.float64))
    assert (np.isnan(together) | (np.abs(together) <= 5)).all()
