"""In which language is a remark? Seven languages by words we know, others by py3langid, and None where it is not sure.

    languages(["Great service!", "Wo bleibt mein Paket?", "ok", "10/10"])      ["en", "de", None, None]

Remarks are short, and a statistical model guesses on short texts: it calls `ok` Afrikaans and `wow` Polish. So words
that tell English, German, French, Portuguese, Spanish, Italian and Dutch apart are counted first; the model is
asked when they do not decide, and must not say English of a text in which no word is. What is written in one script of
its own is told by the script.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from desirepath.text.lexicon import lexicon
from desirepath.text.patterns import listed

VERSION = "words and py3langid 1"
"""Changes when results change."""

READ = 1_000
"""So many characters at the beginning are looked at."""

SHORT = 16
"""In a text of fewer characters a drawn word (woooo) is no word."""

AHEAD = 1.6
"""The best language must have so many times the words of the next."""

ENOUGH_LETTERS, ENOUGH_SIGNS = 24, 12
"""py3langid is not asked about fewer letters, Latin or of another script."""

HINT, OPINION = 0.4, 0.8
"""What an English word of opinion says for English, where a word that only English has says 1."""

_ENGLISH = re.compile("(?:ing|ed|ful|less|ness|ly)$|th|wh|sh|ck|ea|gh|ow")
"""How no neighbour spells words."""

_SHORTENED = re.compile(
    r"\b(?:i['\u2019](?:m|ve|ll|d)|[a-z]+n['\u2019]t|(?:it|that|what|there|he|she|let)['\u2019]s"
    r"|(?:you|we|they)['\u2019](?:re|ve|ll))\b"
)
"""What only English shortens so."""

_AMONG = tuple("en de fr pt es it nl sv da no pl ro ca fi cs tr hu id af hr sk sl vi et lv lt".split())
"""Languages that a short text in Latin letters is held against, to know whether it is English."""

SURE, PERHAPS = 0.9, 0.35
"""What py3langid thinks less likely is not believed: that it is some language, that it is English among a few."""

_LEFT_OUT = re.compile(
    r"(?:https?://|www\.)\S+|[\w.]{1,64}@[\w.]+|[@#]\w+|&\w+;|\bRT\b|\d+"
    r"|(?<!\w)[:;=x]'?[-o^ ]?[)(\]\[DPpOoSsXx/\\|3*]+(?!\w)"
)
_MARKED = re.compile(r"[@#/&:;=\d]|RT")
_DRAWN = re.compile(r"(\w)\1{2,}")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), "ja"),
    (re.compile(r"[\uac00-\ud7af]"), "ko"),
    (re.compile(r"[\u4e00-\u9fff]"), "zh"),
    (re.compile(r"[\u0370-\u03ff]"), "el"),
    (re.compile(r"[\u0590-\u05ff]"), "he"),
    (re.compile(r"[\u0e00-\u0e7f]"), "th"),
    (re.compile(r"[\u10a0-\u10ff]"), "ka"),
    (re.compile(r"[\u0530-\u058f]"), "hy"),
)
"""Scripts in which one language is written; the first that is found counts, as Japanese uses Chinese signs too."""

_MARKS = {
    "de": re.compile("ß|[äöü]"), "fr": re.compile("[œêèùûâîëï]|ç"), "pt": re.compile("[ãõ]|ção|ções"),
    "es": re.compile("[ñ¿¡]"), "it": re.compile("[ìò]"), "nl": re.compile("ij[nkvz]|[aeo]{2}[nrkt]\\b"),
}  # fmt: skip
"""Letters that are frequent in one of the languages; they count as half a word."""


@cache
def _known() -> dict[str, tuple[tuple[str, float], ...]]:
    """Return of each word the languages that have it, and what it says for each."""
    spoken: dict[str, list[str]] = {}
    for code, word in listed("language_words.txt"):
        there = spoken.setdefault(word, [])
        if code not in there:
            there.append(code)
    return {word: tuple((code, 1.0 / len(codes) ** 1.5) for code in codes) for word, codes in spoken.items()}


def is_foreign(word: str) -> bool:
    """Whether a word, in lower case, is one of the listed words of other languages and none of English."""
    found = _known().get(word)
    return found is not None and all(code != "en" for code, _ in found)


@cache
def _opinions() -> dict[str, float]:
    """Return English words of opinion with what they say for English: little, if another language may spell one so."""
    words = (word for word in lexicon().words if len(word) > 3 and word.isalpha() and word not in _known())
    return {word: OPINION if _ENGLISH.search(word) else HINT for word in words}


@cache
def _model(*among: str) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    if among:
        model.set_languages(list(among))
    return model


def languages(texts: Sequence[str]) -> list[str | None]:
    """Tell the language of every text.

    Parameters
    ----------
    texts
        Any texts.

    Returns
    -------
    ISO 639-1 codes; None where a text is too short or the language is not sure.
    """
    return [_language(text) if isinstance(text, str) else None for text in texts]


def _language(text: str) -> str | None:
    text = text[:READ]
    if _MARKED.search(text):
        text = _LEFT_OUT.sub(" ", text)
    lower = text.lower()
    if _DRAWN.search(lower):
        lower = _DRAWN.sub(lambda found: found[1] if len(found.string) > SHORT else " ", lower)
    words = _WORD.findall(lower)
    if not words:
        return None
    if not text.isascii():
        latin = len(_LATIN.findall(text))
        letters = sum(map(len, words))
        if latin < 0.5 * letters:
            return _by_script(text, lower, letters)
        if latin < 0.75 * letters:
            return None
    return _by_words(words, lower)


def _by_script(text: str, lower: str, letters: int) -> str | None:
    for script, code in _SCRIPTS:
        if len(script.findall(text)) >= max(2, 0.2 * letters):
            return code
    return _guess(lower, letters)


def _by_words(words: list[str], lower: str) -> str | None:
    """Count the words that are known, and ask the model if that does not decide."""
    known, opinions = _known(), _opinions()
    counts: dict[str, float] = {}
    whole: dict[str, int] = {}
    for word in words:
        says_english = opinions.get(word)
        if says_english is not None:
            counts["en"] = counts.get("en", 0.0) + says_english
            whole["en"] = whole.get("en", 0) + (says_english == OPINION)
        for code, says in known.get(word, ()):
            counts[code] = counts.get(code, 0.0) + says
            if says == 1.0:
                whole[code] = whole.get(code, 0) + 1
    if _SHORTENED.search(lower):
        counts["en"], whole["en"] = counts.get("en", 0.0) + 1, whole.get("en", 0) + 1
    if not lower.isascii():
        for code, letters in _MARKS.items():
            if letters.search(lower):
                counts[code] = counts.get(code, 0.0) + 0.5
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    best, count = ranked[0] if ranked else ("", 0.0)
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    clear = count >= AHEAD * second and whole.get(best, 0) >= 1
    if clear and _suffices(best, count, second, words):
        return best
    if best == "en" or counts.get("en", 0.0) >= count > 0:
        return "en" if _seems_english(words, count, second) else None
    guess = _guess(lower, sum(map(len, words)))
    if guess == "en" or (clear and guess != best and count >= 0.25 * len(words)):
        return None
    return guess


def _seems_english(words: list[str], count: float, second: float) -> bool:
    """Whether a text with more English words than others, but few, is English: the model must find so too."""
    if second < 0.4 * count and count >= max(2 * HINT, HINT * len(words)):
        return True
    if len(words) < 2:
        return False
    code, sure = _model(*_AMONG).classify(" ".join(words))
    return bool(code == "en" and sure >= PERHAPS)


def _suffices(code: str, count: float, second: float, words: list[str]) -> bool:
    """Whether so many known words decide; where few speak for English, the model must not say another language."""
    many = len(words)
    if many <= 2:
        return count >= 0.5 * many
    if code != "en":
        return count >= 1.4 and count >= 0.2 * many
    alone = second < 0.4 * count
    return count >= 1.4 and count >= (0.2 if alone else 0.34) * many


def _guess(lower: str, letters: int) -> str | None:
    """Ask py3langid."""
    if letters < (ENOUGH_LETTERS if _LATIN.search(lower) else ENOUGH_SIGNS):
        return None
    code, sure = _model().classify(lower)
    return str(code) if sure >= SURE and len(code) == 2 else None  # zxx is no language


__all__ = ["VERSION", "languages"]
