"""How conversations go: what turns tell, and what they do not."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.text.conversations import reading, turns_of


def turns(*said: tuple[str, str] | tuple[str, str, float, float]) -> str:
    """Turns as a connector keeps them."""
    names = ("speaker", "text", "start_s", "end_s")
    return json.dumps([dict(zip(names, one, strict=False)) for one in said])


ANGRY_TO_GLAD = turns(
    ("customer", "This is terrible, I am very angry.", 0, 10),
    ("agent", "I am so sorry, that is awful, let me look.", 10, 20),
    ("customer", "Great, that fixed it, thank you so much.", 30, 40),
)


def number(name: str, text: str) -> float:
    (found,) = reading(name, [text])
    assert not isinstance(found, str)
    return float(found)  # type: ignore[arg-type]


def test_the_customer_alone_is_heard() -> None:
    assert number("sentiment_start", ANGRY_TO_GLAD) < -1
    assert number("sentiment_end", ANGRY_TO_GLAD) > 1
    cheerful_agent = turns(("agent", "Wonderful, fantastic, great!"), ("customer", "My order is broken and useless."))
    assert number("sentiment_start", cheerful_agent) < 0


def test_one_word_of_the_customer_is_its_first_and_has_no_end() -> None:
    once = turns(("agent", "Hello"), ("customer", "I am very happy with this."))
    assert number("sentiment_start", once) > 0
    assert math.isnan(number("sentiment_end", once))


def test_silence_is_the_share_of_time_in_which_nobody_speaks() -> None:
    assert number("silence", ANGRY_TO_GLAD) == pytest.approx(10 / 40)
    both = turns(("customer", "a", 0, 10), ("agent", "b", 5, 20))
    assert number("silence", both) == 0
    assert math.isnan(number("silence", turns(("customer", "a", 0, 10), ("agent", "b"))))
    assert math.isnan(number("silence", turns(("customer", "a", 0, 10))))


def test_talk_is_the_customers_share_of_the_words() -> None:
    assert number("talk", turns(("customer", "one two three"), ("agent", "four"))) == 0.75
    assert math.isnan(number("talk", turns(("customer", ""))))


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ([("customer", "help"), ("agent", "sure")], 0),
        ([("customer", "help"), ("agent", "I will transfer you to a colleague.")], 1),
        ([("customer", "please transfer me")], 0),
        ([("agent Ann", "hello"), ("agent Bob", "hello"), ("agent Cid", "hello")], 2),
        ([("agent", "Ich verbinde Sie mit der Technik.")], 1),
        ([("agent", "Je vous passe mon collègue.")], 1),
    ],
)
def test_transfers(said: list[tuple[str, str]], times: int) -> None:
    assert number("transfers", turns(*said)) == times


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ("Thanks, it works now.", "resolved"),
        ("No, it is still not working.", "unresolved"),
        ("It was still broken, but now that fixed it.", "resolved"),
        ("That fixed it. No wait, it is still broken.", "unresolved"),
        ("Okay, goodbye.", None),
        ("It is not solved.", "unresolved"),
        ("It is not working again.", "unresolved"),
        ("Still not sorted.", "unresolved"),
        ("That is not all set.", "unresolved"),
        ("Jetzt funktioniert es: es funktioniert wieder.", "resolved"),
    ],
)
def test_resolution_is_the_later_sign(last: str, told: str | None) -> None:
    assert reading("resolution", [turns(("agent", "So?"), ("customer", last))]) == [told]


def test_courtesies_are_no_mood() -> None:
    first, last = "The app is broken and useless.", "Thank you, goodbye."
    said = turns(("customer", first), ("agent", "I see."), ("customer", last))
    assert number("sentiment_start", said) < -1
    assert math.isnan(number("sentiment_end", said))


def test_german_has_no_sentiment_and_is_not_scored_as_english() -> None:
    said = turns(("customer", "Das ist eine Katastrophe, ich bin sehr enttäuscht von Ihrem Service."))
    assert math.isnan(number("sentiment_start", said))


ALL = ("sentiment_start", "sentiment_end", "silence", "talk", "transfers", "resolution")


NOTHING = ["", "hello", "[", "[1, 2]", '["a"]', '[{"text": 5}]', "{}", "[" * 50_000, "null", "[" + "9" * 5_000 + "]"]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_list_of_turns_tells_nothing(text: str) -> None:
    assert turns_of(text) == []
    for name in ALL:
        (found,) = reading(name, [text])
        assert found is None or math.isnan(float(found))


ODD = st.none() | st.text(max_size=8) | st.floats() | st.integers()
KEYS = ("speaker", "text", "start_s", "end_s")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, ODD)), max_size=6))
def test_odd_turns_break_nothing(said: list[dict[str, Any]]) -> None:
    text = json.dumps(said)
    for name in ALL:
        (found,) = reading(name, [text])
        if name in ("silence", "talk"):
            value = float(found)  # type: ignore[arg-type]
            assert math.isnan(value) or -1e-9 <= value <= 1 + 1e-9


@pytest.mark.parametrize("moment", ["9" * 400, "1e999", "-1e999", "NaN"])
def test_a_moment_that_is_none_leaves_the_words(moment: str) -> None:
    said = f'[{{"speaker": "customer", "text": "Thank you, great service", "start_s": {moment}, "end_s": 3}}]'
    assert float(reading("sentiment_start", [said])[0]) > 0  # type: ignore[arg-type]
    assert math.isnan(float(reading("silence", [said])[0]))  # type: ignore[arg-type]
