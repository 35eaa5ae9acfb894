"""How do *our* customers say that they are pleased? A head that learns it from their own scored remarks.

    lesson = learn(texts, goods)              goods from -1 (bad) to +1 (good), one for each text
    lesson.evidence.auc, lesson.why           .93, "" ; or why nothing was learned
    lesson.head.sentiments(["Péssimo"])       [-3.9]

Words, pairs of words and pieces of words of three to five letters, weighed by TF-IDF, and a ridge regression of the
score on them. It is judged by cross-validation in five folds, where the same text is never on both sides. It is refused
below 200 labels, where one side has fewer than 20, and where it is not surely better than the reader that would answer
otherwise (`baseline`), or than a constant by a chance of .05 of ordering two remarks. What it says is the score that
such a remark comes with, on average, as cross-validation saw it, from -5 to +5.

Sources: G. Salton and C. Buckley, Term-weighting approaches, IPM 24 (1988); A. Hoerl and R. Kennard, Ridge regression,
Technometrics 12 (1970); the area under the curve as a rank statistic: J. Hanley and B. McNeil, Radiology 143 (1982).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.text.masking import masked

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_LABELS = 200
LEAST_OF_A_SIDE = 20
FOLDS = 5

MOST_WORDS, MOST_PIECES = 20_000, 30_000
"""Features that are kept, the most frequent ones: a file stays below 5 MB."""

MOST_LEARNED = 50_000
"""Of more labels so many are learned from, drawn by a checksum."""

PENALTY = 3.0
KNOWN = 1 / 3
"""A text is read if this share of its words is known, and one word at least."""

CHANCE = 0.05
"""Beside a constant the gain must surely be greater than this: less is of no use to anyone."""

DRAWS = 400
"""Draws of the bootstrap that gives the intervals."""

_WORD = re.compile(r"[^\W\d_]{2,}")


class Interval(NamedTuple):
    """A number with its 95 % interval, from a bootstrap of distinct texts."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Evidence:
    """How well a head answered for texts that it had not seen.

    Attributes
    ----------
    n, good, bad
        Labels; how many of them are above and below zero.
    languages
        Labels by language; `unknown` where none was told.
    auc
        The chance that of a good and a bad remark the good one is rated higher; a constant has .5.
    correlation
        Spearman's, of what is said with the labels.
    baseline
        The same chance for the other reader, where one is given; where it abstains it counts as a constant.
    gain
        How much greater `auc` is than `baseline`, or than .5 where none is given.
    """

    n: int
    good: int
    bad: int
    languages: dict[str, int]
    auc: Interval | None = None
    correlation: float | None = None
    baseline: float | None = None
    gain: Interval | None = None


@dataclass(frozen=True)
class Head:
    """What was learned: features with their weights.

    Attributes
    ----------
    words, pieces
        Words and pairs of words; pieces of words.
    frequencies
        The inverse document frequency of each, words first.
    weights
        What each adds to the score.
    offset, slope
        A score s of the regression means `offset + slope * s`, as cross-validation saw it.
    evidence
        How well it answers.
    """

    words: tuple[str, ...]
    pieces: tuple[str, ...]
    frequencies: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    offset: float
    slope: float
    evidence: Evidence = field(compare=False)

    def sentiments(self, texts: Sequence[str]) -> Floats:
        """Return how pleased each text is.

        Returns
        -------
        float64[texts]: from -5 (bad) to +5 (good); NaN where too few of its words are known.
        """
        if not len(texts):
            return np.zeros(0)
        cleaned = [_cleaned(text) for text in texts]
        score = self._features.rows(cleaned) @ np.asarray(self.weights) + self.intercept
        said = np.clip(5 * (self.offset + self.slope * score), -5, 5)
        known = [self._knows(text) for text in cleaned]
        return np.asarray(np.where(known, np.round(said, 4), np.nan), dtype=np.float64)

    @cached_property
    def _features(self) -> _Features:
        return _Features(self.words, self.pieces, np.asarray(self.frequencies))

    @cached_property
    def _single(self) -> frozenset[str]:
        return frozenset(self.words)

    def _knows(self, text: str) -> bool:
        said = set(_WORD.findall(text))
        known = sum(word in self._single for word in said)
        return known >= max(1, KNOWN * len(said))


class Lesson(NamedTuple):
    """What came of learning.

    Attributes
    ----------
    head
        None where it is refused.
    evidence
        How well it answers, or would.
    why
        Why it is refused; empty otherwise.
    """

    head: Head | None
    evidence: Evidence
    why: str


def learn(
    texts: Sequence[str],
    goods: Sequence[float] | Floats,
    *,
    languages: Sequence[str | None] | None = None,
    baseline: Sequence[float] | Floats | None = None,
) -> Lesson:
    """Learn from scored remarks how pleased a remark is.

    Parameters
    ----------
    texts
        Remarks.
    goods
        float[n]: the score that came with each, from -1 (bad) to +1 (good), 0 for neither; NaN where there is none.
    languages
        Of each text, for the evidence.
    baseline
        float[n]: what another reader, such as a lexicon, says of the same texts, on any scale; NaN where it abstains.

    Returns
    -------
    The head, unless it is refused, and the evidence. The same labels give the same bytes, in whatever order.

    Raises
    ------
    InputError
        If lengths differ or a score is out of range.
    """
    keys, labels, other, evidence = _labelled(texts, goods, languages, baseline)
    good, bad = evidence.good, evidence.bad
    if len(labels) < LEAST_LABELS:
        return Lesson(None, evidence, f"{len(labels)} labels are too few; {LEAST_LABELS} are needed.")
    if min(good, bad) < LEAST_OF_A_SIDE:
        return Lesson(None, evidence, f"{good} good and {bad} bad labels: each side needs {LEAST_OF_A_SIDE}.")
    folds, group = _folds(keys)
    said = np.zeros(len(labels))
    for fold in range(FOLDS):
        away = folds == fold
        features, weights, intercept = _fitted(
            [key for key, out in zip(keys, away, strict=True) if not out], labels[~away]
        )
        said[away] = features.rows([key for key, out in zip(keys, away, strict=True) if out]) @ weights + intercept
    evidence = _judged(evidence, said, labels, other, group)
    if evidence.gain is None or evidence.gain.low <= (CHANCE if other is None else 0):
        against = "a constant" if baseline is None else "the reader that answers otherwise"
        return Lesson(None, evidence, f"In cross-validation it is not surely better than {against}.")
    offset, slope = _calibrated(said, labels)
    features, weights, intercept = _fitted(keys, labels)
    head = Head(
        features.words,
        features.pieces,
        tuple(float(f"{each:.5g}") for each in features.frequencies),
        tuple(float(f"{each:.5g}") for each in weights),
        float(f"{intercept:.8g}"),
        offset,
        slope,
        evidence,
    )
    return Lesson(head, evidence, "")


def _labelled(
    texts: Sequence[str],
    goods: Sequence[float] | Floats,
    languages: Sequence[str | None] | None,
    baseline: Sequence[float] | Floats | None,
) -> tuple[list[str], Floats, Floats | None, Evidence]:
    """The texts that have a score, cleaned and in an order of their own, with what is known of each."""
    labels = np.asarray(goods, dtype=np.float64)
    if len(labels) != len(texts) or any(each is not None and len(each) != len(texts) for each in (languages, baseline)):
        raise InputError(f"{len(texts)} texts need as many scores, languages and answers of the other reader.")
    if (np.abs(labels[~np.isnan(labels)]) > 1).any():
        raise InputError("A score is out of range.", allowed=["-1 (bad) to +1 (good)"])
    keys = [_cleaned(text) for text in texts]
    order = [i for i in range(len(texts)) if keys[i] and not np.isnan(labels[i])]
    other = np.zeros(len(texts)) if baseline is None else np.nan_to_num(np.asarray(baseline, dtype=np.float64), nan=0.0)
    order.sort(key=lambda i: (crc32(keys[i].encode("utf-8", "surrogatepass")), keys[i], labels[i], other[i]))
    order = order[:MOST_LEARNED]
    told = Counter("unknown" if languages is None or languages[i] is None else str(languages[i]) for i in order)
    kept = labels[order]
    evidence = Evidence(len(order), int((kept > 0).sum()), int((kept < 0).sum()), dict(sorted(told.items())))
    return [keys[i] for i in order], kept, None if baseline is None else other[order], evidence


def _cleaned(text: str) -> str:
    return " ".join(masked(text).casefold().split())


class _Features:
    """TF-IDF of a fixed list of words and pieces; each of the two parts has length one."""

    def __init__(self, words: tuple[str, ...], pieces: tuple[str, ...], frequencies: Floats) -> None:
        self.words, self.pieces, self.frequencies = words, pieces, frequencies

    def rows(self, texts: Iterable[str]) -> Any:
        """Sparse float64[texts, features]."""
        from scipy.sparse import hstack
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
        return hstack(parts).tocsr()


_WORDS: dict[str, Any] = {"ngram_range": (1, 2), "token_pattern": r"[^\W\d_]{2,}", "lowercase": False}
_PIECES: dict[str, Any] = {"ngram_range": (3, 5), "analyzer": "char_wb", "lowercase": False}


def _fitted(texts: Sequence[str], labels: Floats) -> tuple[_Features, Floats, float]:
    """Choose the features that two texts and more have, and fit the ridge regression."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import Ridge

    chosen: list[tuple[str, ...]] = []
    frequencies: list[Floats] = []
    for most, options in ((MOST_WORDS, _WORDS), (MOST_PIECES, _PIECES)):
        try:
            counter = CountVectorizer(binary=True, **options)
            seen = np.asarray(counter.fit_transform(texts).sum(axis=0)).ravel()
            names = counter.get_feature_names_out()
        except ValueError:  # not a single word in all the texts
            seen, names = np.zeros(0), np.zeros(0, dtype=object)
        order = np.lexsort((np.arange(len(seen)), -seen))[:most]
        kept = np.sort(order[seen[order] >= 2])
        chosen.append(tuple(str(names[place]) for place in kept))
        frequencies.append(np.log((1 + len(texts)) / (1 + seen[kept])) + 1)
    features = _Features(chosen[0], chosen[1], np.concatenate(frequencies))
    if not len(features.frequencies):
        return features, np.zeros(0), float(labels.mean())
    model = Ridge(alpha=PENALTY, solver="sparse_cg", tol=1e-6).fit(features.rows(texts), labels)
    return features, np.asarray(model.coef_, dtype=np.float64), float(model.intercept_)


def _folds(keys: Sequence[str]) -> tuple[Ints, Ints]:
    """int64[n] twice: the fold and the number of each distinct text; texts come in an order that means nothing."""
    number: dict[str, int] = {}
    group = np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
    return group % FOLDS, group


def _judged(evidence: Evidence, said: Floats, labels: Floats, other: Floats | None, group: Ints) -> Evidence:
    """Hold what was said of texts not seen against the labels and the other reader."""
    from scipy.stats import spearmanr

    sided = labels != 0
    above = labels[sided] > 0
    mine, theirs = said[sided], np.zeros(int(sided.sum())) if other is None else other[sided]
    _, of = np.unique(group[sided], return_inverse=True)
    draws = np.random.default_rng(0)
    aucs, gains = [], []
    for _ in range(DRAWS):
        weight = np.bincount(draws.integers(0, of.max() + 1, of.max() + 1), minlength=of.max() + 1)[of].astype(
            np.float64
        )
        if weight[above].sum() and weight[~above].sum():
            aucs.append(_auc(mine, above, weight))
            gains.append(aucs[-1] - (0.5 if other is None else _auc(theirs, above, weight)))
    even = np.ones(len(mine))
    auc = _auc(mine, above, even)
    known = None if other is None else _auc(theirs, above, even)
    gain = auc - (0.5 if known is None else known)
    rank = float(spearmanr(said, labels).statistic)
    return Evidence(
        evidence.n,
        evidence.good,
        evidence.bad,
        evidence.languages,
        Interval(round(auc, 4), *_ends(aucs)),
        round(rank, 4) if np.isfinite(rank) else None,
        None if known is None else round(known, 4),
        Interval(round(gain, 4), *_ends(gains)),
    )


def _ends(draws: Sequence[float]) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def _auc(said: Floats, above: npt.NDArray[np.bool_], weight: Floats) -> float:
    """The chance that one above is rated higher than one below; half of it where both are rated the same."""
    _, level = np.unique(said, return_inverse=True)
    up = np.bincount(level, weights=weight * above)
    down = np.bincount(level, weights=weight * ~above)
    below = np.cumsum(down) - down / 2
    return float((up * below).sum() / (up.sum() * down.sum()))


def _calibrated(said: Floats, labels: Floats) -> tuple[float, float]:
    """The line through labels over what was said in cross-validation: what a score is worth for a text not seen."""
    spread = float(said.var())
    slope = float(((said - said.mean()) * (labels - labels.mean())).mean() / spread) if spread > 0 else 0.0
    slope = max(slope, 0.0)
    return round(float(labels.mean() - slope * said.mean()), 6), round(slope, 6)


__all__ = ["Evidence", "Head", "Interval", "Lesson", "learn"]
