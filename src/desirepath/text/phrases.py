"""Which words mark one group of texts? Words and pairs of words that it says more often than the others do.

    keyphrases({"late": [...], "on time": [...]})      {"late": [Phrase("did not arrive", 41, ...), ...], ...}

A phrase's weight is its class-based TF-IDF: the share of the group's texts that say it, times the log of how many times
more frequent that is than in all groups together. Texts are counted, not occurrences, and each distinct text once, so
that no one person makes a phrase. A word is left out where a pair says the same: where most texts with the word have it
in that pair. Personal data is masked first and never part of a phrase.

Source: the class-based TF-IDF of M. Grootendorst, arXiv:2203.05794 (2022), here with texts for occurrences and with
shares for counts, so that groups of different sizes can be compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from typing import NamedTuple

from desirepath.errors import InputError
from desirepath.text.masking import masked
from desirepath.text.terms import terms, wordings

LEAST = 2
"""A phrase is said in so many texts of its group at least."""

SAME = 0.6
"""A word says no more than a pair if so great a share of its texts has the pair."""

LOOKED_AT = 10
"""So many times the phrases asked for are looked at before those that say the same are left out."""


class Phrase(NamedTuple):
    """A word or a pair of words that marks a group.

    Attributes
    ----------
    text
        As it is mostly written.
    texts
        How many distinct texts of the group say it.
    others
        How many distinct texts of the other groups do.
    weight
        Its class-based TF-IDF.
    """

    text: str
    texts: int
    others: int
    weight: float


def keyphrases(groups: Mapping[str, Sequence[str]], most: int = 10) -> dict[str, list[Phrase]]:
    """Return the phrases that mark each group of texts.

    Parameters
    ----------
    groups
        Texts by the group's name. A single group has nothing to be held against: its most frequent phrases are told.
    most
        So many phrases of each group.

    Returns
    -------
    By group, the most telling first. Phrases that a group says no more often than the others do are not among them.

    Raises
    ------
    InputError
        If `most` is negative.
    """
    if most < 0:
        raise InputError(f"{most} phrases cannot be looked for.", allowed=["0 or more"])
    cleaned = {name: sorted({masked(text) for text in texts}) for name, texts in groups.items()}
    bags = {name: [frozenset(terms(text)) for text in texts] for name, texts in cleaned.items()}
    counts = {name: Counter(term for bag in said for term in bag) for name, said in bags.items()}
    overall: Counter[str] = Counter()
    for count in counts.values():
        overall.update(count)
    total = sum(map(len, cleaned.values()))
    found: dict[str, list[Phrase]] = {}
    for name, count in counts.items():
        size = len(cleaned[name])
        alone = size == total
        weighed: list[tuple[float, str]] = []
        for term, many in count.items():
            if many < LEAST:
                continue
            share = many / size
            # half a text more in every group: what nobody else says is not infinitely telling
            ratio = ((many + 0.5) / (size + 1)) / ((overall[term] + 0.5) / (total + 1))
            if alone or ratio > 1:
                weighed.append((share * (1.0 if alone else log(ratio)), term))
        ranked = [term for _, term in sorted(weighed, key=lambda pair: (-round(pair[0], 12), pair[1]))]
        kept = _telling(ranked[: LOOKED_AT * most], count, most)
        ways = wordings(cleaned[name], kept)
        weights = {term: weight for weight, term in weighed}
        found[name] = [
            Phrase(ways.get(term, term), count[term], overall[term] - count[term], round(weights[term], 6))
            for term in kept
        ]
    return found


def _telling(ranked: Sequence[str], count: Counter[str], most: int) -> list[str]:
    """Leave out words that a pair among the same says too, and pairs that add nothing to a pair before."""
    pairs = [term for term in ranked if " " in term]
    kept: list[str] = []
    for term in ranked:
        if " " not in term:
            same = any(term in pair.split() and count[pair] >= SAME * count[term] for pair in pairs)
        else:
            # a pair beside a word that says nearly as much more: the word is the phrase
            same = any(
                (had in term.split() and count[term] < SAME * count[had])
                if " " not in had
                else _overlap(had, term, count)
                for had in kept
            )
        if not same:
            kept.append(term)
        if len(kept) == most:
            break
    return kept


def _overlap(one: str, other: str, count: Counter[str]) -> bool:
    """Whether two pairs share a word and are said about as often: parts of one phrase of three words."""
    shared = set(one.split()) & set(other.split())
    few, many = sorted((count[one], count[other]))
    return bool(shared) and few >= SAME * many


__all__ = ["Phrase", "keyphrases"]
