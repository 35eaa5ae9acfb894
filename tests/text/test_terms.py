"""Terms are words and pairs that say something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.text.stop_words import DENIALS, STOP_WORDS
from desirepath.text.terms import term_of, terms, wordings, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The delivery was LATE.", ["delivery", "late", "delivery late"]),
        ("Não recebi o produto", ["recebi", "produto", "não recebi", "recebi produto"]),
        ("It wasn't delivered", ["delivered", "not delivered"]),
        ("time of delivery", ["time", "delivery", "time delivery"]),
        ("late. Delivery", ["late", "delivery"]),
        ("XXXX 1234 a [email] parcel", ["parcel"]),
        ("l'attente d'argent", ["attente", "argent", "attente argent"]),
        ("late late", ["late", "late"]),
        ("", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_term_that_a_person_writes_is_understood() -> None:
    assert term_of("Time of Delivery") == "time delivery"
    assert term_of("the") == ""


def test_pairs_are_told_as_they_are_mostly_written() -> None:
    texts = ["time of delivery", "time of delivery", "time delivery"]
    assert wordings(texts, ["time delivery", "time"]) == {"time delivery": "time of delivery"}


def test_denials_are_no_stop_words() -> None:
    assert not DENIALS & STOP_WORDS
    assert all(word == word.casefold() and " " not in word for word in STOP_WORDS | DENIALS)


@given(st.text(max_size=80))
def test_terms_are_read_again_as_themselves(text: str) -> None:
    assert all(term_of(term) == term for term in terms(text))
    assert all(len(word) for clause in words(text) for word in clause)
