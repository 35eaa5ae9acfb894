"""How hard it was, what people feel and why they write."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.text.effort import efforts
from desirepath.text.emotions import EMOTIONS, emotions
from desirepath.text.intents import house_intents, intents

HARD = (
    "I had to call three times|Still waiting for an answer|Kept being transferred|Had to repeat myself|Hours on hold"
    "|Couldn't find the cancel button|Confusing and complicated|I've been on hold for 45 minutes|It took three weeks"
    "|I emailed five times|Could not get through|not easy at all|It was a hassle|went round in circles|Nobody answers"
).split("|")
EASY = (
    "Easy|Sorted in two minutes|Straightforward|Fixed at the first call|One click and done"
    "|Very easy to return|No hassle"
    "|Couldn't have been easier|It took five minutes|no waiting at all|Booking was quick and simple|hassle-free"
).split("|")


@pytest.mark.parametrize("text", HARD)
def test_hard(text: str) -> None:
    assert -5 <= efforts([text], ["en"])[0] < -1


@pytest.mark.parametrize("text", EASY)
def test_easy(text: str) -> None:
    assert 1 < efforts([text], ["en"])[0] <= 5


@pytest.mark.parametrize("text", ["The box is blue", "Great colour", "", "I live at number three"])
def test_nothing_of_effort(text: str) -> None:
    assert math.isnan(efforts([text], ["en"])[0])


def test_attempts_and_hours_are_counted() -> None:
    once, more, most = efforts(["I called 2 times", "I called 4 times", "I called six times"], ["en"] * 3)
    assert most < more < once < 0
    minutes, hours, days = efforts(["waited 20 minutes", "waited 3 hours", "waited 9 days"], ["en"] * 3)
    assert days < hours < minutes < 0


FELT = [
    ("I am absolutely furious", "anger"), ("You are thieves, this is a scam", "anger"),
    ("So annoying, it keeps crashing", "frustration"), ("I'm fed up with waiting", "frustration"),
    ("Very disappointed with the quality", "disappointment"), ("What a letdown", "disappointment"),
    ("I'm worried my data was stolen", "worry"), ("This is scary", "worry"),
    ("I don't understand my bill", "confusion"), ("Makes no sense, no idea what to do", "confusion"),
    ("Finally fixed, what a relief", "relief"), ("Thank goodness it arrived", "relief"),
    ("Thank you so much for your help", "gratitude"), ("Much appreciated", "gratitude"),
    ("I love it", "joy"), ("So happy with it 😍", "joy"), ("😡", "anger"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "emotion"), FELT)
def test_feelings(text: str, emotion: str) -> None:
    assert emotions([text], ["en"]) == [emotion]


@pytest.mark.parametrize(
    "text",
    ["The box is blue", "I am not angry", "I'm not worried", "Thanks in advance", "no worries", "", "not happy to say"],
)
def test_no_feeling(text: str) -> None:
    assert emotions([text], ["en"])[0] in {None, "disappointment"}
    assert text != "I am not angry" or emotions([text], ["en"]) == [None]


REASONS = [
    ("My parcel never arrived", "delivery"), ("The courier left it outside", "delivery"),
    ("Where is my order?", "order status"), ("I want my money back", "refund"),
    ("I was charged twice", "billing"), ("There's a mistake in my invoice", "billing"),
    ("Please cancel my subscription", "cancellation"), ("The app keeps crashing", "technical problem"),
    ("My internet is down", "technical problem"), ("I can't log in, password reset fails", "login"),
    ("No one showed up for my appointment", "appointment"), ("On hold for 45 minutes", "waiting time"),
    ("The agent was rude to me", "complaint about staff"), ("Too expensive for what you get", "price"),
    ("I want to return these shoes", "returns"), ("Is it still under warranty?", "warranty"),
    ("I would like to change my address", "account change"), ("What are your opening hours?", "product question"),
    ("Please delete my data, GDPR", "data and privacy"), ("It would be nice if you added a dark mode", "suggestion"),
    ("Great service, very friendly staff", "praise"), ("My flight was cancelled", "delays and disruption"),
    ("You lost my luggage", "luggage"), ("Very poor quality", "product quality"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REASONS)
def test_reasons(text: str, reason: str) -> None:
    assert intents([text], ["en"]) == [reason]


@pytest.mark.parametrize("text", ["", "Hm", "The chair is blue", "Thanks in advance", "not good"])
def test_no_reason(text: str) -> None:
    assert intents([text], ["en"]) == [None]


def test_a_company_adds_its_own() -> None:
    ours = house_intents().with_more(
        {"loyalty points": ["bonus points", "points not|never credited"], "delivery": ["drone"]}
    )
    assert ours.read(["My bonus points are gone", "the drone crashed", "I was charged twice"], ["en"] * 3) == [
        "loyalty points", "delivery", "billing",
    ]  # fmt: skip
    assert "loyalty points" not in house_intents().reasons
    assert intents(["My bonus points"], ["en"]) == [None]


@pytest.mark.parametrize("more", [{"": ["a"]}, {"x": []}, {"x": "text"}, {"x": [""]}, {"x": [3]}, {"x": ["* a"]}])
def test_wrong_phrases_are_named(more: dict[str, list[str]]) -> None:
    with pytest.raises(InputError, match=r"phrase|name"):
        house_intents().with_more(more)


def test_names_are_lower_case_and_many() -> None:
    reasons = house_intents().reasons
    assert len(reasons) >= 15
    assert all(reason == reason.lower() and reason != "-" for reason in reasons)


@pytest.mark.parametrize("code", ["de", "fr", "pt", "es", "it", "nl", "ja", None])
def test_other_languages_are_not_read(code: str | None) -> None:
    text = "I am furious, had to call three times about my refund"
    assert math.isnan(efforts([text], [code])[0])
    assert emotions([text], [code]) == intents([text], [code]) == [None]


@given(st.lists(st.text(max_size=60), max_size=4))
def test_one_by_one_is_as_together(texts: list[str]) -> None:
    codes = ["en"] * len(texts)
    np.testing.assert_array_equal(efforts(texts, codes), [efforts([text], ["en"])[0] for text in texts])
    assert emotions(texts, codes) == [emotions([text], ["en"])[0] for text in texts]
    assert intents(texts, codes) == [intents([text], ["en"])[0] for text in texts]
    assert set(emotions(texts, codes)) <= {None, *EMOTIONS}


def test_hostile_texts() -> None:
    texts = ["had to call " * 9_000, "9" * 50_000, "\x00\ud800", "not " * 20_000, "3 times " * 9_000]
    assert (np.abs(np.nan_to_num(efforts(texts, ["en"] * 5))) <= 5).all()
    assert len(emotions(texts, ["en"] * 5)) == len(intents(texts, ["en"] * 5)) == 5
