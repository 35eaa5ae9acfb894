"""Texts are cut into words once, and phrases are found among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import InputError
from desirepath.text.patterns import Book, forms_of, listed, number, spelled
from desirepath.text.words import LONGEST, NONE, Cut, denied, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's not working", "it is not working"),
        ("isn't isnt isn\u2019t is n't", "is not is not is not is not"),
        ("can't cannot won't wont", "can not can not will not will not"),
        ("we've you'll I'm they'd", "we have you will i am they would"),
        ("the driver's van, the drivers' vans", "the driver van , the drivers vans"),
        ("top-notch, on-time", "top notch , on time"),
        ("soooo gooood", "soo good"),
        ("see http://a.example/x?y and @shop or mail.example.com", "see and or"),
        ("#fail 10/10 3rd 5pm", "fail 10/10 3rd 5pm"),
        ("good :) bad :( <3 😀", "good :) bad :( <3 😀"),
        ("Tom &amp; me &lt;3", "tom me <3"),
        ("gr8 thx plz", "great thanks please"),
        ("", ""),
        ("\x00 \u200b", ""),
    ],
)
def test_words(text: str, words: str) -> None:
    assert " ".join(words_of(text).words) == words


def test_what_is_loud_and_called_out() -> None:
    found = words_of("This is NOT good!! Why??")
    assert (found.loud, found.calls, found.doubts) == (frozenset({"not"}), 2, 2)
    assert words_of("ALL OF IT").loud == frozenset()


def test_long_texts_are_read_at_their_beginning() -> None:
    assert len(words_of("ab " * LONGEST).words) == LONGEST // 3 + 1


def test_cut_is_a_sequence_that_remembers() -> None:
    cut = Cut(["a b", None, "c"])  # type: ignore[list-item]
    assert (list(cut), len(cut), cut[1:]) == (["a b", "", "c"], 3, ["", "c"])
    assert Cut.of(cut) is cut
    assert cut.words(0) is cut.words(0)
    assert cut.words(1) == NONE


def test_denial_ends_with_its_clause() -> None:
    assert denied("it is not very good".split(), 4)
    assert not denied("not today , good".split(), 3)
    assert not denied("not only good".split(), 2)
    assert not denied("not that i know of good".split(), 5)


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("arrive+", "arrive arrives arrived arriving"),
        ("stop+", "stop stops stopped stopping"),
        ("reply+", "reply replies replied replying"),
        ("crash+", "crash crashes crashed crashing"),
        ("happen+", "happen happens happened happening"),
        ("slow^", "slow slower slowest slowly slowness"),
        ("easy^", "easy easier easiest easily easiness"),
        ("simple^", "simple simpler simplest simply"),
        ("plain", "plain"),
    ],
)
def test_forms(word: str, forms: str) -> None:
    assert forms_of(word) == forms.split()


def test_patterns_are_spelled_out() -> None:
    assert spelled("no_one|nobody came back?") == [
        ("no", "one", "came", "back"), ("no", "one", "came"), ("nobody", "came", "back"), ("nobody", "came"),
    ]  # fmt: skip


def test_the_longest_phrase_wins() -> None:
    book: Book[int] = Book()
    for pattern, value in (("not", 1), ("not * good", 2), ("not good at all", 3), ("# times", 4)):
        book.add(pattern, value)
    assert book.longest("not".split(), 0) == (1, 1)
    assert book.longest("not a bit good".split(), 0) == (4, 2)
    assert book.longest("not good at all".split(), 0) == (4, 3)
    assert book.longest("not , good".split(), 0) == (1, 1)
    assert book.longest("not a b c d good".split(), 0) == (1, 1)
    assert book.longest("three times".split(), 0) == (2, 4)
    assert book.longest("4 times".split(), 0) == (2, 4)
    assert book.longest("good".split(), 0) is None


@pytest.mark.parametrize("pattern", ["", "* good", "x? y?"])
def test_a_phrase_begins_with_a_word(pattern: str) -> None:
    with pytest.raises(InputError, match="is no phrase"):
        Book[int]().add(pattern, 1)


def test_numbers() -> None:
    assert [number(word) for word in ("3", "3rd", "1,200", "two", "dozen", "word", "10/10", "5pm")] == [
        3, 3, 1200, 2, 12, None, None, 5,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["sentiment_words.txt", "sentiment_service.txt", "sentiment_quiet.txt", "effort.txt", "emotions.txt",
     "emotions_faces.txt", "intents.txt", "language_words.txt"],
)  # fmt: skip
def test_lists_hold_what_words_of_gives(name: str) -> None:
    """A phrase that no text can hold would be dead."""
    lines = listed(name)
    assert lines
    if name == "language_words.txt":
        return
    for _, phrase in lines:
        for way in spelled(phrase):
            words = [word for word in way if word not in {"*", "#"}]
            assert words_of(" ".join(words)).words == words, (phrase, way)


@given(st.text(max_size=200))
def test_any_text_can_be_cut(text: str) -> None:
    found = words_of(text)
    assert found == words_of(text)
    assert all(word and word == word.strip() for word in found.words)
