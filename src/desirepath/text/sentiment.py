"""How well do people speak of it? English remarks from -5 (bad) to +5 (good), by words, phrases and rules.

    sentiments(["Great service", "Still waiting, nobody showed up", "Sehr gut"], ["en", "en", "de"])
        [+3.6, -4.2, nan]

A list of words cannot read irony, and what only the situation tells. Languages other than English are not read: nan,
which is not 0. A text in English without a word of opinion is 0.

Two opinions are heard. The first reads words, phrases and rules of our own; the second adds up what VADER's raters said
of each word, without phrases, and weighs a third of the first. Where the first is torn, the second tips it.

Source: the sums, marks and boosters follow VADER (see text/lexicon.py); what negation, contrast, questions and wishes
do is ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from desirepath.text.language import is_foreign
from desirepath.text.lexicon import BOOSTERS, DAMPERS, NEGATORS, Lexicon, lexicon
from desirepath.text.words import MARKS, Cut, Words, words_of

VERSION = "english 3"
"""Changes when results change."""


LANGUAGES = frozenset({"en"})

REACH = 4
"""A negation, a booster or a wish counts for a word of opinion that is at most so many words behind it."""

STEP = 0.293
"""What a booster adds, as in VADER."""

NEGATED_GOOD, NEGATED_BAD = -0.75, -0.4
"""`not good` is bad, `not bad` is a little good."""

SOFTNESS = 15.0
"""The sum s becomes s / sqrt(s² + 15), as in VADER."""

LONELY = -0.4
"""What a negation without a word of opinion behind it says; three at most are counted."""

SECOND = 0.35
"""How much the second opinion weighs, where the first weighs one."""

TURNED, NEAR = -0.74, 3
"""In the second opinion a word turns into its contrary after a negation so near, as in VADER."""

QUIET = 0.5
"""A phrase worth less says nothing; the second opinion passes over its words."""

MOST_FACES = 100
"""A longer text whose language nobody can tell is not read."""

LEAST_FOREIGN = 3
"""Shorter words belong to nobody."""

_BREAKS = frozenset({"but", "because", "although", "though", "however", "which", "who", "since"})
_WISHES = frozenset({"would", "could", "should", "might", "if", "wish"})
_ALTHOUGH = frozenset({"although", "though", "despite", "whereas"})
_LONELY = frozenset({"not", "never", "nothing", "nobody", "nowhere", "none", "no"})
_SAID_ANYHOW = frozenset("lol haha hahaha hehe lmao yay wow thanks congrats congratulations hooray ugh".split())
"""No negation before these is about them, nor about faces."""

_NOT_REALLY = frozenset({"only", "just", "to", "sure", "necessarily", "yet"})


def sentiments(texts: Sequence[str], languages: Sequence[str | None]) -> npt.NDArray[np.float64]:
    """Read the sentiment of every text.

    Parameters
    ----------
    texts
        Any texts; give a `Cut` when several readers read them.
    languages
        Of each text, as `text/language.py` says.

    Returns
    -------
    float64[n] from -5 to 5; nan where the language is not English or nothing can be read.
    """
    cut = Cut.of(texts)
    found = np.full(len(cut), np.nan)
    for place, language in enumerate(languages):
        if language in LANGUAGES:
            words = cut.words(place)
        elif language is None:
            words = words_of(_without_language(cut[place]))
        else:
            continue
        if words.words:
            found[place] = _score(words, lexicon())
    return found


def _without_language(text: str) -> str:
    """What can be read of a short text of which nobody can tell the language.

    All of it, where it has a word that English rates and neither word nor letter of another language; else the faces.
    """
    words = words_of(text).words if len(text) <= MOST_FACES else []
    worth = lexicon().worth
    rated = [word for word in words if worth(word)]
    spelled = [word for word in words if word[0].isalnum()]
    if rated and all(word.isascii() and (len(word) < LEAST_FOREIGN or not is_foreign(word)) for word in spelled):
        return text
    return " ".join(word for word in rated if not word[0].isalnum())


def _score(given: Words, known: Lexicon) -> float:
    hits, lonely, quiet = _hits(given, known)
    first, second = _first(given, hits, lonely), _second(given.words, quiet, known)
    return 5 * first if second is None else 5 * (first + SECOND * second) / (1 + SECOND)


def _second(words: Sequence[str], quiet: set[int], known: Lexicon) -> float | None:
    """Return what the raters said of the words, added up, from -1 to 1; None if they were asked of none of them."""
    total, rated = 0.0, False
    raters = known.raters
    for place, word in enumerate(words):
        value = raters.get(word)
        if value is not None and place not in quiet:
            total += TURNED * value if _turned(words, place) else value
            rated = True
    return total / math.sqrt(total * total + SOFTNESS) if rated else None


def _turned(words: Sequence[str], place: int) -> bool:
    """Whether a negation stands near before the word, in the same clause."""
    for word in words[max(0, place - NEAR) : place][::-1]:
        if word[0] in MARKS:
            return False
        if word in NEGATORS:
            return True
    return False


def _first(given: Words, hits: Sequence[tuple[int, float]], lonely: float) -> float:
    """Return what words, phrases and rules say, from -1 to 1."""
    if not hits and not lonely:
        return 0.0
    total = sum(value * weight for (_, value), weight in zip(hits, _weights(given, hits), strict=True))
    total += lonely
    if given.calls and total:
        total += math.copysign(0.292 * min(given.calls, 4), total)
    return total / math.sqrt(total * total + SOFTNESS)


def _hits(given: Words, known: Lexicon) -> tuple[list[tuple[int, float]], float, set[int]]:
    """Return every word and phrase of opinion with its value as it stands there, and what lonely negations say.

    With them the places of phrases that say nothing, such as `kind regards`.
    """
    words, loud = given.words, given.loud
    table, starts, worth, book = known.words, known.starts, known.worth, known.book
    hits: list[tuple[int, float]] = []
    negations: list[int] = []
    place, length, spent = 0, len(words), 0
    used: set[int] = set()
    quiet: set[int] = set()
    while place < length:
        word = words[place]
        after = place + 1
        value: float | None = None
        phrase = False
        if word in starts:
            found = book.longest(words, place)
            if found is not None:
                after, value = found
                phrase = True
                if abs(value) < QUIET:
                    quiet.update(range(place, after))
        if value is None:
            value = table.get(word)
            if value is None:
                if word in _LONELY:
                    negations.append(place)
                value = worth(word) if len(word) > 5 or not word[0].isalpha() else 0.0
            if word in NEGATORS and value > -1:
                value = 0.0
        if value:
            if word in loud:
                value += math.copysign(0.733, value)
            if word not in _SAID_ANYHOW and word[0].isalnum():
                value = _modified(words, place, value, used, spent)
            if phrase:
                spent = after
            hits.append((place, value))
        place = after
    lonely = sum(place not in used and not _polite(words, place) for place in negations)
    return hits, LONELY * min(lonely, 3), quiet


def _polite(words: Sequence[str], place: int) -> bool:
    return place + 1 < len(words) and words[place + 1] in _NOT_REALLY


def _modified(words: Sequence[str], place: int, value: float, used: set[int], spent: int) -> float:
    """Let words before a word of opinion make it stronger, weaker or the contrary, if no phrase has used them up."""
    sign = 1.0 if value > 0 else -1.0
    negated = False
    for back in range(1, min(REACH, place - spent) + 1):
        word = words[place - back]
        if word in _BREAKS or word[0] in MARKS:
            break
        if word in BOOSTERS:
            value += sign * STEP * (1.05 - 0.05 * back)
        elif word in DAMPERS:
            value -= sign * STEP * (1.05 - 0.05 * back)
        elif word in NEGATORS:
            if word in _LONELY and words[place - back + 1] in {"only", "just"}:
                continue
            used.add(place - back)
            negated = not negated
        elif word in _WISHES and value > 0:
            value *= 0.5
    if negated:
        value *= NEGATED_GOOD if value > 0 else NEGATED_BAD
    return value


def _weights(given: Words, hits: Sequence[tuple[int, float]]) -> list[float]:
    """Return how much each word of opinion counts: less before a `but`, in an `although`, and praise in a question."""
    words = given.words
    weights = [1.0] * len(hits)
    contrasts = [place for place, word in enumerate(words) if word in {"but", "however"}]
    if contrasts:
        last = contrasts[-1]
        weights = [0.5 if place < last else 1.5 if place > last else 1.0 for place, _ in hits]
    if not _ALTHOUGH.isdisjoint(words):
        conceded = _conceded(words)
        for number, (place, _) in enumerate(hits):
            weights[number] *= 0.6 if place in conceded else 1.0
    if given.doubts:
        for number, (place, value) in enumerate(hits):
            if value > 0 and _asked(words, place):
                weights[number] *= 0.5
    return weights


def _conceded(words: Sequence[str]) -> set[int]:
    """Return the places of clauses that begin with an `although`."""
    found: set[int] = set()
    inside = False
    for place, word in enumerate(words):
        if word[0] in MARKS:
            inside = False
        elif word in _ALTHOUGH:
            inside = True
        if inside:
            found.add(place)
    return found


def _asked(words: Sequence[str], place: int) -> bool:
    """Whether the sentence ends as a question."""
    for word in words[place:]:
        if word[0] in ".!?":
            return "?" in word
    return False


__all__ = ["LANGUAGES", "VERSION", "sentiments"]
