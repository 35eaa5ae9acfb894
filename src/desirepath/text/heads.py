"""How do *our* customers say that they are pleased? A head that learns it from their own scored remarks.

    lesson = learn(texts, goods)              goods from -1 (bad) to +1 (good), one for each text
    lesson.evidence.auc, lesson.why           .93, "" ; or why nothing was learned
    lesson.evidence.model                     words, or embeddings
    lesson.head.sentiments(["Péssimo"])       [-3.9]

Two models are tried, and the better one is kept. *Words*, in any language: words, pairs of words and pieces of words of
three to five letters, weighed by TF-IDF. *Embeddings*, in English and where they are installed (text/embeddings.py):
they know what words mean that no label has, so that 60 labels are enough; they read a hundred times slower, and are
tried up to 5,000 labels. Each goes through a ridge regression of the score.

They are judged by cross-validation in five folds, where the same text is never on both sides. A head is refused below
200 labels (60), where one side has fewer than 20, and where it is no sure gain: what it says together with the reader
that answers already (`baseline`) must order two remarks surely better than that reader alone; where there is none,
better than a constant by a chance of .05. What it says is the score that such a remark comes with, on average, as
cross-validation saw it, from -5 to +5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.text import embeddings
from desirepath.text.head_evidence import FOLDS, Evidence, Interval, calibrated, folds_of, judged
from desirepath.text.head_features import (
    PENALTY,
    PENALTY_OF_MEANING,
    WORD,
    Features,
    chosen,
    cleaned,
    english,
    fitted,
)

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Model = Literal["words", "embeddings"]
MODELS: tuple[Model, ...] = ("words", "embeddings")

LEAST_LABELS, LEAST_FOR_EMBEDDINGS = 200, 60
LEAST_OF_A_SIDE = 20

MOST_LEARNED = 50_000
"""Of more labels so many are learned from, drawn by a checksum."""

MOST_FOR_EMBEDDINGS = 5_000
"""With more labels words come near to them, and learning would take many minutes."""

MOSTLY = 0.8
"""Embeddings are tried where so many of the texts are in English."""

WORTH = 0.01
"""By so much must their `auc` be greater for them to be worth their slowness."""

KNOWN = 1 / 3
"""A text is read if this share of its words is known, and one word at least."""

CHANCE = 0.05
"""Beside a constant the gain must surely be greater than this: less is of no use to anyone."""


@dataclass(frozen=True)
class Head:
    """What was learned: features with their weights.

    Attributes
    ----------
    words, pieces
        Words and pairs of words; pieces of words. None where embeddings are weighed.
    frequencies
        The inverse document frequency of each, words first.
    weights
        What each, or each of the 384 numbers of an embedding, adds to the score.
    offset, slope
        A score s of the regression means `offset + slope * s`, as cross-validation saw it.
    evidence
        How well it answers.
    embeddings
        The version of the embeddings that are weighed; empty where words are.
    """

    words: tuple[str, ...]
    pieces: tuple[str, ...]
    frequencies: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    offset: float
    slope: float
    evidence: Evidence = field(compare=False)
    embeddings: str = ""

    @property
    def model(self) -> Model:
        """What is weighed."""
        return "embeddings" if self.embeddings else "words"

    @property
    def ready(self) -> bool:
        """Whether all is installed that it takes to read with it."""
        return not self.embeddings or (self.embeddings == embeddings.VERSION and embeddings.available())

    def sentiments(self, texts: Sequence[str], languages: Sequence[str | None] | None = None) -> Floats:
        """Return how pleased each text is.

        Parameters
        ----------
        texts
            Remarks.
        languages
            Of each text, which only embeddings need; what is not told is taken for English if it is short and has no
            word of another language.

        Returns
        -------
        float64[texts]: from -5 (bad) to +5 (good); NaN where too few of its words are known, or, of embeddings, where
        it is not English.

        Raises
        ------
        InputError
            If it needs embeddings, and they are not installed or others than it learned with.
        """
        if not len(texts):
            return np.zeros(0)
        clean, weights = [cleaned(text) for text in texts], np.asarray(self.weights)
        if self.embeddings:
            if self.embeddings != embeddings.VERSION:
                raise InputError(
                    f"It was learned with the embeddings {self.embeddings!r}: learn it again.",
                    allowed=[embeddings.VERSION],
                )
            known = english(clean, [None] * len(clean) if languages is None else languages)
            score = _meanings(clean, known) @ weights
        else:
            known = np.array([self._knows(text) for text in clean])
            score = self._features.rows(clean) @ weights
        said = np.clip(5 * (self.offset + self.slope * (score + self.intercept)), -5, 5)
        return np.asarray(np.where(known, np.round(said, 4), np.nan), dtype=np.float64)

    @cached_property
    def _features(self) -> Features:
        return Features(self.words, self.pieces, np.asarray(self.frequencies))

    @cached_property
    def _single(self) -> frozenset[str]:
        return frozenset(self.words)

    def _knows(self, text: str) -> bool:
        said = set(WORD.findall(text))
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


class _Labelled(NamedTuple):
    """Texts that have a score, cleaned and in an order of their own, with what is known of each."""

    keys: list[str]
    labels: Floats
    languages: list[str | None]
    other: Floats | None

    def read(self, said: Floats) -> Floats:
        """What is read in the end, by the head and the other reader."""
        return said if self.other is None else np.nan_to_num(together(self.other, said), nan=0.0)


class _Tried(NamedTuple):
    """A model with what cross-validation says of it; `rows` are the embeddings."""

    model: Model
    evidence: Evidence
    offset: float
    slope: float
    rows: Floats | None
    known: Flags


def together(found: Floats, learned: Floats) -> Floats:
    """float64[n]: the mean of what the words of the house and a head say, as each sees what the other misses.

    Where one abstains, it is what the other says.
    """
    return np.where(np.isnan(learned), found, np.where(np.isnan(found), learned, (found + learned) / 2))


def learn(
    texts: Sequence[str],
    goods: Sequence[float] | Floats,
    *,
    languages: Sequence[str | None] | None = None,
    baseline: Sequence[float] | Floats | None = None,
    models: Collection[str] = MODELS,
) -> Lesson:
    """Learn from scored remarks how pleased a remark is.

    Parameters
    ----------
    texts
        Remarks.
    goods
        float[n]: the score that came with each, from -1 (bad) to +1 (good), 0 for neither; NaN where there is none.
    languages
        Of each text, for the evidence; where they are not given, embeddings are not tried.
    baseline
        float[n]: what another reader, such as a lexicon, says of the same texts, from -5 to +5; NaN where it abstains.
    models
        What may be tried: `words`, `embeddings`.

    Returns
    -------
    The head, unless it is refused, and the evidence. The same labels give the same bytes, in whatever order.

    Raises
    ------
    InputError
        If lengths differ, a score is out of range, or there is no such model.
    """
    unknown = sorted(set(models) - set(MODELS))
    if unknown:
        raise UnknownNameError.of("model", unknown[0], MODELS)
    given, evidence = _labelled(texts, goods, languages, baseline)
    among, too_few = _candidates(given, languages is not None, models)
    if not among:
        return Lesson(None, evidence, too_few)
    good, bad = evidence.good, evidence.bad
    if min(good, bad) < LEAST_OF_A_SIDE:
        return Lesson(None, evidence, f"{good} good and {bad} bad labels: each side needs {LEAST_OF_A_SIDE}.")
    best = _better([_tried(model, given, evidence) for model in among], given.other is not None)
    if not _is_gain(best.evidence, given.other is not None):
        against = "a constant" if baseline is None else "the reader that answers otherwise"
        return Lesson(None, best.evidence, f"In cross-validation it is not surely better than {against}.")
    return Lesson(_head(best, given), best.evidence, "")


def _labelled(
    texts: Sequence[str],
    goods: Sequence[float] | Floats,
    languages: Sequence[str | None] | None,
    baseline: Sequence[float] | Floats | None,
) -> tuple[_Labelled, Evidence]:
    labels = np.asarray(goods, dtype=np.float64)
    if len(labels) != len(texts) or any(each is not None and len(each) != len(texts) for each in (languages, baseline)):
        raise InputError(f"{len(texts)} texts need as many scores, languages and answers of the other reader.")
    if (np.abs(labels[~np.isnan(labels)]) > 1).any():
        raise InputError("A score is out of range.", allowed=["-1 (bad) to +1 (good)"])
    keys = [cleaned(text) for text in texts]
    spoken = [None] * len(texts) if languages is None else list(languages)
    other = np.zeros(len(texts)) if baseline is None else np.asarray(baseline, dtype=np.float64)
    order = [i for i in range(len(texts)) if keys[i] and not np.isnan(labels[i])]
    order.sort(
        key=lambda i: (
            crc32(keys[i].encode("utf-8", "surrogatepass")),
            keys[i],
            labels[i],
            float(np.nan_to_num(other[i])),
            spoken[i] or "",
        )
    )
    order = order[:MOST_LEARNED]
    told = Counter(spoken[i] or "unknown" for i in order)
    kept = labels[order]
    evidence = Evidence(len(order), int((kept > 0).sum()), int((kept < 0).sum()), dict(sorted(told.items())))
    labelled = _Labelled(
        [keys[i] for i in order], kept, [spoken[i] for i in order], None if baseline is None else other[order]
    )
    return labelled, evidence


def _candidates(given: _Labelled, told: bool, models: Collection[str]) -> tuple[list[Model], str]:
    """The models that there are labels for; or why there is none."""
    many, least = len(given.keys), LEAST_LABELS
    among: list[Model] = ["words"] if "words" in models and many >= LEAST_LABELS else []
    is_english = told and "embeddings" in models and many > 0
    is_english = is_english and english(given.keys, given.languages).mean() >= MOSTLY
    more = ""
    if is_english and embeddings.available():
        least = LEAST_FOR_EMBEDDINGS
        among += ["embeddings"] if least <= many <= MOST_FOR_EMBEDDINGS else []
    elif is_english and many >= LEAST_FOR_EMBEDDINGS:
        more = f" With embeddings {LEAST_FOR_EMBEDDINGS} are: {'; '.join(embeddings.INSTALL)}."
    if many < least:
        return among, f"{many} labels are too few; {least} are needed.{more}"
    return among, f"None of the models that may be tried fits {many} such texts."


def _tried(model: Model, given: _Labelled, evidence: Evidence) -> _Tried:
    """Let a model answer for texts that it has not seen."""
    keys, labels = given.keys, given.labels
    folds, group = folds_of(keys)
    rows, known = None, np.ones(len(keys), dtype=np.bool_)
    if model == "embeddings":
        known = english(keys, given.languages)
        rows = _meanings(keys, known)
    said = np.zeros(len(keys))
    for fold in range(FOLDS):
        away, here = np.flatnonzero(folds == fold), np.flatnonzero((folds != fold) & known)
        if rows is None:
            features = chosen([keys[i] for i in here])
            weights, intercept = fitted(features.rows([keys[i] for i in here]), labels[here], PENALTY)
            said[away] = features.rows([keys[i] for i in away]) @ weights + intercept
        else:
            weights, intercept = fitted(rows[here], labels[here], PENALTY_OF_MEANING)
            said[away] = rows[away] @ weights + intercept
    offset, slope = calibrated(said[known], labels[known])
    worth = np.where(known, np.clip(5 * (offset + slope * said), -5, 5), np.nan)
    other = None if given.other is None else np.nan_to_num(given.other, nan=0.0)
    # without another reader a text that is not read counts as one of the middle
    read = given.read(worth) if given.other is not None else np.where(known, worth, np.nanmean(worth))
    return _Tried(model, replace(judged(evidence, read, labels, other, group), model=model), offset, slope, rows, known)


def _better(tried: Sequence[_Tried], is_beside: bool) -> _Tried:
    """The one that is kept: of those that are a gain the one that orders best, words being asked less of."""

    def rank(each: _Tried) -> tuple[bool, float]:
        auc = each.evidence.auc.value if each.evidence.auc is not None else 0.0
        return _is_gain(each.evidence, is_beside), auc - (WORTH if each.model == "embeddings" else 0.0)

    best = max(tried, key=rank)  # the first one, which is of words, where they are equal
    aucs: dict[str, float] = {each.model: each.evidence.auc.value for each in tried if each.evidence.auc is not None}
    return best._replace(evidence=replace(best.evidence, tried=aucs))


def _is_gain(evidence: Evidence, is_beside: bool) -> bool:
    return evidence.gain is not None and evidence.gain.low > (0 if is_beside else CHANCE)


def _head(best: _Tried, given: _Labelled) -> Head:
    """Learn from all labels."""
    if best.rows is None:
        features, version = chosen(given.keys), ""
        weights, intercept = fitted(features.rows(given.keys), given.labels, PENALTY)
    else:
        features, version = Features((), (), np.zeros(0)), embeddings.VERSION
        weights, intercept = fitted(best.rows[best.known], given.labels[best.known], PENALTY_OF_MEANING)
    return Head(
        features.words,
        features.pieces,
        tuple(float(f"{each:.5g}") for each in features.frequencies),
        tuple(float(f"{each:.5g}") for each in weights),
        float(f"{intercept:.8g}"),
        best.offset,
        best.slope,
        best.evidence,
        version,
    )


def _meanings(keys: Sequence[str], known: Flags) -> Any:
    """float64[n, 384]: the embeddings of those that are known, and nothing for the others."""
    found = np.zeros((len(keys), embeddings.WIDTH))
    if known.any():
        found[known] = embeddings.embed([key for key, take in zip(keys, known, strict=True) if take])
    else:
        embeddings.require()
    return found


__all__ = ["MODELS", "Evidence", "Head", "Interval", "Lesson", "Model", "learn", "together"]
