"""Which terms does a text hold? Its words and pairs of words, without those that say nothing.

    terms("The delivery was late, late!")          ["delivery", "late", "late", "delivery late", ...]
    terms("Não recebi o produto")                  ["recebi", "produto", "não recebi", "recebi produto"]

A word is a run of letters, casefolded, with its accents. Left out are numbers, single letters, stop words, runs of `x`
(what a regulator blacks out), and what stands in brackets as `masking` leaves it. A pair is two words of one sentence
with at most one stop word between them; words of denial are no term alone, and make a pair with the word after them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from desirepath.text.stop_words import DENIALS, STOP_WORDS

LONGEST = 40
"""A longer run of letters is no word but what was pasted in."""

_TOKEN = re.compile(r"\[[a-z]{1,12}\]|[^\W\d_]+(?:['\u2019`\u00b4][^\W\d_]+)*|\d+|[.!?;:,()\n]")
_APOSTROPHE = re.compile(r"['\u2019`\u00b4]")
_REDACTED = re.compile(r"x{2,}")
_ENGLISH_NOT = "n't"


def words(text: str) -> list[list[str]]:
    """Return the words of each sentence or clause, casefolded; stop words and words of denial are among them."""
    clauses: list[list[str]] = [[]]
    for token in _TOKEN.findall(text.casefold()):
        if token.isalpha() and len(token) <= LONGEST:
            clauses[-1].append(token)
        elif token[0].isalpha() and len(token) <= LONGEST:
            clauses[-1].extend(_parted(token))
        elif clauses[-1]:  # a sign, a number or a placeholder ends the clause
            clauses.append([])
    return clauses if clauses[-1] else clauses[:-1]


def _parted(token: str) -> list[str]:
    """Return the words of a contraction: `n't` is a denial, of others the pieces of two letters and more."""
    pieces = _APOSTROPHE.split(token)
    if len(pieces) == 2 and pieces[1] == "t" and pieces[0].endswith("n"):
        return ["not"]
    return [piece for piece in pieces if len(piece) > 1]


def terms(text: str) -> list[str]:
    """Return the terms of a text, as often as they occur: its words first, then its pairs.

    Returns
    -------
    A pair is written with one blank and without the stop word between, `time delivery`; the text's own wording is
    given by `wordings`.
    """
    single: list[str] = []
    pairs: list[str] = []
    for clause in words(text):
        before, gap = "", 0
        for word in clause:
            if word in STOP_WORDS or len(word) < 2 or (word[0] == "x" and _REDACTED.fullmatch(word)):
                gap += 1
                continue
            if before and gap <= 1 and before != word and word not in DENIALS:
                pairs.append(f"{before} {word}")
            if word not in DENIALS:
                single.append(word)
            before, gap = word, 0
    return single + pairs


def term_of(written: str) -> str:
    """Return the term that a person means by what they wrote: `Time of delivery` is `time delivery`.

    Returns
    -------
    The empty string where nothing is left.
    """
    kept = [word for clause in words(written) for word in clause if len(word) > 1 and word not in STOP_WORDS]
    return " ".join(kept)


def wordings(texts: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """Return how each wanted pair is mostly written, with the stop word that stands between.

    Returns
    -------
    For each term that occurs; of two wordings that are equally frequent the first in the alphabet.
    """
    pairs = {term for term in wanted if " " in term}
    counts: dict[str, Counter[str]] = {}
    for text in texts:
        for clause in words(text):
            for i, word in enumerate(clause[:-1]):
                for j in (i + 1, i + 2):
                    if j < len(clause) and (pair := f"{word} {clause[j]}") in pairs:
                        counts.setdefault(pair, Counter())[" ".join(clause[i : j + 1])] += 1
    return {pair: min(found, key=lambda way: (-found[way], way)) for pair, found in sorted(counts.items())}


def distinct_terms(texts: Sequence[str]) -> list[Counter[str]]:
    """Return the terms of each text with how often they occur in it."""
    return [Counter(terms(text)) for text in texts]


__all__ = ["distinct_terms", "term_of", "terms", "wordings", "words"]
