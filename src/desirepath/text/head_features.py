"""What of a remark does a head weigh? Its words and pieces of words, or what it means.

    known = chosen(cleaned)             words, pairs of words and pieces that two texts and more have
    known.rows(cleaned)                 sparse float64[texts, features], TF-IDF
    fitted(rows, labels, PENALTY)       weights and intercept of a ridge regression

Sources: G. Salton and C. Buckley, Term-weighting approaches, IPM 24 (1988); A. Hoerl and R. Kennard, Ridge regression,
Technometrics 12 (1970).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.text.language import is_foreign
from desirepath.text.masking import masked

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_WORDS, MOST_PIECES = 20_000, 30_000
"""Features that are kept, the most frequent ones: a file stays below 5 MB."""

PENALTY, PENALTY_OF_MEANING = 3.0, 2.0
"""What the ridge regression pays for weights: of words and pieces, and of embeddings."""

MOST_UNTOLD = 100
"""A longer text whose language nobody can tell is not taken for English."""

LEAST_FOREIGN = 3
"""Shorter words belong to nobody."""

WORD = re.compile(r"[^\W\d_]{2,}")

_WORDS: dict[str, Any] = {"ngram_range": (1, 2), "token_pattern": r"[^\W\d_]{2,}", "lowercase": False}
_PIECES: dict[str, Any] = {"ngram_range": (3, 5), "analyzer": "char_wb", "lowercase": False}


def cleaned(text: str) -> str:
    """The text without personal data, in small letters, and with single blanks."""
    return " ".join(masked(text).casefold().split())


def english(texts: Sequence[str], languages: Sequence[str | None]) -> Flags:
    """bool[n]: texts (cleaned) in English, and short ones of no language without a word or a letter of another one."""
    found = np.zeros(len(texts), dtype=np.bool_)
    for place, (text, language) in enumerate(zip(texts, languages, strict=True)):
        words = WORD.findall(text) if language == "en" or (language is None and len(text) <= MOST_UNTOLD) else []
        found[place] = bool(words) and (
            language == "en"
            or all(word.isascii() and (len(word) < LEAST_FOREIGN or not is_foreign(word)) for word in words)
        )
    return found


@dataclass(frozen=True)
class Features:
    """TF-IDF of a fixed list of words and pieces; each of the two parts has length one.

    Attributes
    ----------
    words, pieces
        Words and pairs of words; pieces of words.
    frequencies
        float64[words, then pieces]: the inverse document frequency of each.
    """

    words: tuple[str, ...]
    pieces: tuple[str, ...]
    frequencies: Floats

    def rows(self, texts: Iterable[str]) -> Any:
        """Sparse float64[texts, features]."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.preprocessing import normalize

        texts, parts, start = list(texts), [], 0
        for names, options in ((self.words, _WORDS), (self.pieces, _PIECES)):
            if not names:
                continue
            rows = CountVectorizer(vocabulary=list(names), **options).transform(texts).astype(np.float64)
            rows.data = (1 + np.log(rows.data)) * self.frequencies[start : start + len(names)][rows.indices]
            parts.append(normalize(rows))
            start += len(names)
        return hstack(parts).tocsr() if parts else csr_matrix((len(texts), 0))


def chosen(texts: Sequence[str]) -> Features:
    """Choose the features that two texts and more have."""
    from sklearn.feature_extraction.text import CountVectorizer

    names: list[tuple[str, ...]] = []
    frequencies: list[Floats] = []
    for most, options in ((MOST_WORDS, _WORDS), (MOST_PIECES, _PIECES)):
        try:
            counter = CountVectorizer(binary=True, **options)
            seen = np.asarray(counter.fit_transform(texts).sum(axis=0)).ravel()
            all_names = counter.get_feature_names_out()
        except ValueError:  # not a single word in all the texts
            seen, all_names = np.zeros(0), np.zeros(0, dtype=object)
        order = np.lexsort((np.arange(len(seen)), -seen))[:most]
        kept = np.sort(order[seen[order] >= 2])
        names.append(tuple(str(all_names[place]) for place in kept))
        frequencies.append(np.log((1 + len(texts)) / (1 + seen[kept])) + 1)
    return Features(names[0], names[1], np.concatenate(frequencies))


def fitted(rows: Any, labels: Floats, penalty: float) -> tuple[Floats, float]:
    """float64[features] and the intercept of a ridge regression of the labels on the rows."""
    from scipy.sparse import issparse
    from sklearn.linear_model import Ridge

    if not rows.shape[1]:
        return np.zeros(0), float(labels.mean())
    solver = {"solver": "sparse_cg", "tol": 1e-6} if issparse(rows) else {"solver": "cholesky"}
    model = Ridge(alpha=penalty, **solver).fit(rows, labels)
    return np.asarray(model.coef_, dtype=np.float64), float(model.intercept_)


__all__ = [
    "MOST_PIECES",
    "MOST_WORDS",
    "PENALTY",
    "PENALTY_OF_MEANING",
    "WORD",
    "Features",
    "chosen",
    "cleaned",
    "english",
    "fitted",
]
