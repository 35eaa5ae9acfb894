"""Why do people get in touch? The contact reason that an English remark speaks for most, by phrases.

    intents(["Where is my parcel?", "I was charged twice", "Hm"], ["en"] * 3)      ["delivery", "billing", None]

    ours = house_intents().with_more({"loyalty points": ["bonus points", "points not credited"]})
    ours.read(["My bonus points are gone"], ["en"])                               ["loyalty points"]

A phrase speaks for one reason with a weight from 1 to 4; the weights of a text are added up. What is said first counts
a little more, as people open with why they write. Praise is told where nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from desirepath.errors import InputError
from desirepath.text.patterns import Book, listed, spelled
from desirepath.text.words import Cut

VERSION = "english 2"
"""Changes when results change."""

LANGUAGES = frozenset({"en"})

ENOUGH = 2.0
"""Less weight than this is no reason."""

OWN = 5.0
"""The weight of a phrase that a company adds."""

FADING, FAINTEST = 0.01, 0.7
"""Every word later a phrase counts so much less, down to 0.7."""

NO_REASON = "-"
"""Phrases in the list that speak for no reason, though words in them would."""

LAST = ("product quality", "suggestion", "praise")
"""Of these the first is told only if no other reason weighs as much; praise, if there is none at all but it."""


_NOT = frozenset({"not", "never", "no", "hardly", "nothing"})


class Intents:
    """Contact reasons and their phrases.

    Parameters
    ----------
    phrases
        Reason, phrase (as in text/patterns.py) and weight, one after the other.
    """

    def __init__(self, phrases: Iterable[tuple[str, str, float]]) -> None:
        self._phrases = tuple(phrases)
        self._book: Book[tuple[tuple[int, float], ...]] = Book()
        self.reasons = tuple(dict.fromkeys(reason for reason, _, _ in self._phrases if reason != NO_REASON))
        place = {reason: number for number, reason in enumerate(self.reasons)}
        shared: dict[str, dict[int, float]] = {}
        for reason, phrase, weight in self._phrases:
            for way in _ways(phrase):
                weights = shared.setdefault(way, {})
                if reason != NO_REASON:
                    weights[place[reason]] = weight
        for way, weights in shared.items():
            self._book.add(way, tuple(weights.items()))
        self._last = {place[reason]: rank for rank, reason in enumerate(LAST, start=1) if reason in place}

    def with_more(self, phrases: Mapping[str, Sequence[str]]) -> Intents:
        """Return these reasons with more phrases, or more reasons, of a company's own.

        Parameters
        ----------
        phrases
            Phrases by reason; they weigh more than those of the house.

        Raises
        ------
        InputError
            If a reason has no name or no phrases, or a phrase is no text.
        """
        more = []
        for reason, own in phrases.items():
            if not isinstance(reason, str) or not reason.strip():
                raise InputError(f"{reason!r} is no name of a contact reason.", allowed=["a text"])
            if isinstance(own, str) or not isinstance(own, Sequence) or not own:
                raise InputError(f"The contact reason {reason!r} has no list of phrases.", allowed=["a list of texts"])
            for phrase in own:
                if not isinstance(phrase, str) or not phrase.strip():
                    raise InputError(f"{phrase!r} is no phrase of the contact reason {reason!r}.", allowed=["a text"])
                more.append((reason.strip(), phrase.strip(), OWN))
        return Intents((*self._phrases, *more))

    def read(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[str | None]:
        """Return the reason of every text; None where the language is not English or no reason is told."""
        cut = Cut.of(texts)
        return [
            self._reason(cut.words(place).words) if language in LANGUAGES else None
            for place, language in enumerate(languages)
        ]

    def _reason(self, words: Sequence[str]) -> str | None:
        book = self._book
        weights: dict[int, float] = {}
        place = 0
        while place < len(words):
            hit = book.longest(words, place)
            if hit is None:
                place += 1
                continue
            after, found = hit
            if found and place and words[place - 1] in _NOT:
                found = tuple(each for each in found if self._last.get(each[0]) != len(LAST))  # no praise
            fading = max(1 - FADING * place, FAINTEST)
            for reason, weight in found:
                weights[reason] = weights.get(reason, 0.0) + weight * fading
            place = after
        if not weights:
            return None
        last = self._last
        praise = len(LAST)
        others = {reason: weight for reason, weight in weights.items() if last.get(reason) != praise}
        if others and max(others.values()) >= ENOUGH:
            weights = others
        best = min(weights, key=lambda reason: (-weights[reason], last.get(reason, 0), reason))
        return self.reasons[best] if weights[best] >= ENOUGH * FAINTEST else None


def _ways(phrase: str) -> list[str]:
    return [" ".join(way) for way in spelled(phrase)]


@cache
def house_intents() -> Intents:
    """Return the reasons that every company has."""
    phrases = []
    for head, phrase in listed("intents.txt"):
        reason, _, weight = head.rpartition(" ")
        phrases.append((reason, phrase, float(weight)))
    return Intents(phrases)


def intents(texts: Sequence[str], languages: Sequence[str | None]) -> list[str | None]:
    """Read the contact reason of every text.

    Parameters
    ----------
    texts
        Any texts; give a `Cut` when several readers read them.
    languages
        Of each text, as `text/language.py` says.

    Returns
    -------
    A reason a text; None where the language is not English or no reason is told.
    """
    return house_intents().read(texts, languages)


__all__ = ["LANGUAGES", "VERSION", "Intents", "house_intents", "intents"]
