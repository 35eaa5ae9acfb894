"""How well would a head answer for remarks that it has not seen? Areas under the curve, with intervals.

    folds, group = folds_of(texts)                         the same text is never on both sides
    judged(evidence, said, labels, other, group)           the evidence with auc, correlation, baseline and gain

Source: the area under the curve as a rank statistic: J. Hanley and B. McNeil, Radiology 143 (1982); its intervals are
of a bootstrap of distinct texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FOLDS = 5

DRAWS = 400
"""Draws of the bootstrap that gives the intervals."""


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
        The chance that of a good and a bad remark the good one is rated higher; a constant has .5. Where another reader
        is given, it is of what both say together, as it will be read.
    correlation
        Spearman's, of what is said with the labels.
    baseline
        The same chance for the other reader, where one is given; where it abstains it counts as a constant.
    gain
        How much greater `auc` is than `baseline`, or than .5 where none is given.
    model
        What answered: `words` or `embeddings`; empty where nothing was tried.
    tried
        What each model that was tried came to: its `auc`.
    """

    n: int
    good: int
    bad: int
    languages: dict[str, int]
    auc: Interval | None = None
    correlation: float | None = None
    baseline: float | None = None
    gain: Interval | None = None
    model: str = ""
    tried: dict[str, float] = field(default_factory=dict)


def folds_of(keys: Sequence[str]) -> tuple[Ints, Ints]:
    """int64[n] twice: the fold and the number of each distinct text; texts come in an order that means nothing."""
    number: dict[str, int] = {}
    group = np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.int64)
    return group % FOLDS, group


def judged(evidence: Evidence, said: Floats, labels: Floats, other: Floats | None, group: Ints) -> Evidence:
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
    rank = float(spearmanr(said, labels).statistic) if np.ptp(said) else np.nan
    return replace(
        evidence,
        auc=Interval(round(auc, 4), *_ends(aucs)),
        correlation=round(rank, 4) if np.isfinite(rank) else None,
        baseline=None if known is None else round(known, 4),
        gain=Interval(round(gain, 4), *_ends(gains)),
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


def calibrated(said: Floats, labels: Floats) -> tuple[float, float]:
    """The line through labels over what was said in cross-validation: what a score is worth for a text not seen."""
    spread = float(said.var())
    slope = float(((said - said.mean()) * (labels - labels.mean())).mean() / spread) if spread > 0 else 0.0
    slope = max(slope, 0.0)
    return round(float(labels.mean() - slope * said.mean()), 6), round(slope, 6)


__all__ = ["FOLDS", "Evidence", "Interval", "calibrated", "folds_of", "judged"]
