"""How hard was it for the customer? English remarks from -5 (hard) to +5 (easy); nan where nothing is said of it.

    efforts(["I had to call three times", "Sorted in two minutes", "Nice colour"], ["en"] * 3)      [-3.6, +2.7, nan]

Attempts are counted: each beyond the first makes it harder.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from desirepath.text.patterns import Book, listed, number
from desirepath.text.words import Cut, denied

VERSION = "english 2"
"""Changes when results change."""

LANGUAGES = frozenset({"en"})

SOFTNESS = 9.0
"""The sum s becomes s / sqrt(s² + 9): one clear cue is about 3."""

DENIED_EASY, DENIED_HARD = -0.8, -0.4
"""`not easy` is hard, `not hard` is a little easy."""

_TRIED = frozenset(
    "called call calls calling rang phoned phone rung contacted contact emailed emails email tried try attempts "
    "attempt asked wrote messages messaged visited visits went explained reported texted chased reset spoke ring "
    "transferred rescheduled complained tweeted sent logged".split()
)
_WAITED = frozenset("waiting waited wait hold queue queued line delay delayed late behind".split())
_UNITS = {"minutes": 1 / 60, "minute": 1 / 60, "hours": 1.0, "hour": 1.0, "days": 24.0, "day": 24.0, "weeks": 168.0,
          "week": 168.0, "months": 720.0, "month": 720.0}  # fmt: skip
_NEAR = 6
"""How many words may stand between an attempt or a wait and its number."""


@cache
def _book() -> Book[float]:
    book: Book[float] = Book()
    for value, phrase in listed("effort.txt"):
        book.add(phrase, float(value))
    return book


def efforts(texts: Sequence[str], languages: Sequence[str | None]) -> npt.NDArray[np.float64]:
    """Read how much effort every text tells of.

    Parameters
    ----------
    texts
        Any texts; give a `Cut` when several readers read them.
    languages
        Of each text, as `text/language.py` says.

    Returns
    -------
    float64[n] from -5 to 5; nan where the language is not English or the text says nothing of effort.
    """
    cut = Cut.of(texts)
    found = np.full(len(cut), np.nan)
    for place, language in enumerate(languages):
        if language in LANGUAGES:
            total = _total(cut.words(place).words)
            if total is not None:
                found[place] = 5 * total / math.sqrt(total * total + SOFTNESS)
    return found


def _total(words: Sequence[str]) -> float | None:
    """Return the sum of all cues; None if there is none."""
    book = _book()
    cues = []
    place = 0
    while place < len(words):
        hit = book.longest(words, place)
        if hit is None:
            place += 1
            continue
        after, value = hit
        if denied(words, place):
            value *= DENIED_EASY if value > 0 else DENIED_HARD
        cues.append(value)
        place = after
    cues += _counted(words)
    return sum(cues) if cues else None


def _counted(words: Sequence[str]) -> list[float]:
    """Return cues of numbers: how often somebody tried, and how long somebody waited."""
    cues = []
    for place, word in enumerate(words):
        many = number(word)
        if many is None:
            continue
        after = words[place + 1] if place + 1 < len(words) else ""
        near = words[max(place - _NEAR, 0) : place + _NEAR]
        if word in {"twice", "thrice"} or after in {"times", "time", "calls", "emails", "attempts", "visits", "people"}:
            if many >= 2 and not _TRIED.isdisjoint(near):
                cues.append(-min(1.0 + 0.5 * many, 4.0))
        elif after in _UNITS and not _WAITED.isdisjoint(near):
            hours = many * _UNITS[after]
            if hours >= 1 / 6:
                cues.append(-min(1.0 + 0.5 * math.log2(6 * hours), 3.5))
    return cues


__all__ = ["LANGUAGES", "VERSION", "efforts"]
