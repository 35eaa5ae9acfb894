"""What do people feel? The strongest feeling that an English remark tells of, by words and phrases.

    emotions(["I am furious", "Thank goodness, it works again", "The box is blue"], ["en"] * 3)
        ["anger", "relief", None]

Feelings are anger, frustration, disappointment, worry, confusion, relief, gratitude and joy. Denied ones do not count
(`not angry`), thanks for what is still to be done are no gratitude, and None means that none is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from desirepath.text.patterns import Book, listed
from desirepath.text.words import Cut, Words, denied

VERSION = "english 1"
"""Changes when results change."""

LANGUAGES = frozenset({"en"})

EMOTIONS = ("anger", "frustration", "disappointment", "worry", "confusion", "relief", "gratitude", "joy")
"""Of two that are as strong, the one that stands first here is told."""

NONE = "-"
"""Phrases in the list that tell no feeling, though words in them would."""

LESS = 0.25
"""Every further sign of a feeling adds so much of its strength: one strong word says more than two weak ones."""

_STRONGER = frozenset("so very really extremely absolutely totally utterly completely beyond incredibly truly".split())


@cache
def _book() -> Book[tuple[int, float]]:
    book: Book[tuple[int, float]] = Book()
    for name in ("emotions.txt", "emotions_faces.txt"):
        for head, phrase in listed(name):
            emotion, _, strength = head.rpartition(" ")
            book.add(phrase, (EMOTIONS.index(emotion) if emotion != NONE else -1, float(strength)))
    return book


def emotions(texts: Sequence[str], languages: Sequence[str | None]) -> list[str | None]:
    """Read the strongest feeling of every text.

    Parameters
    ----------
    texts
        Any texts; give a `Cut` when several readers read them.
    languages
        Of each text, as `text/language.py` says.

    Returns
    -------
    One of `EMOTIONS` a text; None where the language is not English or no feeling is told.
    """
    cut = Cut.of(texts)
    return [_emotion(cut.words(place)) if language in LANGUAGES else None for place, language in enumerate(languages)]


def _emotion(given: Words) -> str | None:
    words, book = given.words, _book()
    strongest: dict[int, float] = {}
    place = 0
    while place < len(words):
        hit = book.longest(words, place)
        if hit is None:
            place += 1
            continue
        after, (emotion, strength) = hit
        if emotion >= 0 and not denied(words, place):
            if place and words[place - 1] in _STRONGER:
                strength += 0.5
            if words[place] in given.loud:
                strength += 0.5
            before = strongest.get(emotion, 0.0)
            strongest[emotion] = max(before, strength) + LESS * min(before, strength)
        place = after
    if not strongest:
        return None
    return EMOTIONS[min(strongest, key=lambda emotion: (-strongest[emotion], emotion))]


__all__ = ["EMOTIONS", "LANGUAGES", "VERSION", "emotions"]
