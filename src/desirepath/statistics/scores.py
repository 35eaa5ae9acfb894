"""How satisfied are they? Scores of surveys, counted per answer, with intervals and differences.

    nps    0 to 10   share of 9 and 10 less share of 0 to 6, as points from -100 to 100
    csat5  1 to 5    share of 4 and 5           csat7  1 to 7  share of 6 and 7
    ces7   1 to 7    mean, 7 is easiest         stars  1 to 5  mean

An answer outside its scale is counted apart. Two groups have scores of their own; nothing averages averages.

Source: NPS with three quarters of a promoter and of a detractor added: B. Rocks, Interval estimation for the Net
Promoter Score, The American Statistician 70 (2016); means: the normal interval of the mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from desirepath.errors import UnknownNameError
from desirepath.statistics.intervals import Estimate, hybrid_difference, normal_quantile, wilson

Array = npt.NDArray[np.int64]

PLACES = 11
"""Scores from 0 to 10 have a place each."""

FEW = 30
"""With fewer answers a score is shown with its interval, and called small."""


@dataclass(frozen=True)
class Scale:
    """A scale of whole numbers; `good` is the least that counts as satisfied, None where the mean is the score."""

    low: int
    high: int
    good: int | None = None


SCALES = {
    "nps": Scale(0, 10, 9),
    "csat5": Scale(1, 5, 4),
    "csat7": Scale(1, 7, 6),
    "ces7": Scale(1, 7),
    "stars": Scale(1, 5),
}


def scale_of(name: str) -> Scale:
    """The scale of that name.

    Raises
    ------
    UnknownNameError
        If there is none.
    """
    if name not in SCALES:
        raise UnknownNameError.of("scale", name, SCALES)
    return SCALES[name]


def places_of(name: str, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """int8[n]: the place of each score, -1 where there is none, -2 where it is not on the scale."""
    scale = scale_of(name)
    known = np.isfinite(scores)
    whole = np.where(known, scores, 0.0)
    fits = (whole >= scale.low) & (whole <= scale.high) & (whole == np.floor(whole))
    return np.where(known, np.where(fits, whole, -2), -1).astype(np.int8)


def points_of(name: str) -> npt.NDArray[np.float64]:
    """float64[11]: what an answer at each place adds to the mean that is the score; see `score`."""
    scale, values = scale_of(name), np.arange(PLACES)
    if name == "nps":
        return np.where(values >= 9, 100.0, np.where(values <= 6, -100.0, 0.0))
    return values.astype(np.float64) if scale.good is None else (values >= scale.good).astype(np.float64)


def score(name: str, counts: Array, level: float = 0.95) -> Estimate:
    """The score of a group.

    Parameters
    ----------
    name
        Its scale.
    counts
        int64[11]: answers per score.
    level
        Confidence level.

    Returns
    -------
    Estimate
        NPS in points, CSAT as a share, CES and stars as a mean; without a value where nobody answered.
    """
    scale, n = scale_of(name), int(counts.sum())
    if n == 0:
        return Estimate(None, None, None, 0, level, name)
    if name == "nps":
        return _nps(counts, n, level)
    if scale.good is not None:
        return replace(wilson(int(counts[scale.good :].sum()), n, level), method=name)
    values = np.arange(PLACES)
    mean = float((values * counts).sum() / n)
    if n == 1:
        return Estimate(mean, None, None, 1, level, name)
    spread = float((counts * (values - mean) ** 2).sum() / (n - 1))
    half = normal_quantile(level) * math.sqrt(spread / n)
    return Estimate(mean, max(mean - half, scale.low), min(mean + half, scale.high), n, level, name)


def _nps(counts: Array, n: int, level: float) -> Estimate:
    promoters, detractors = int(counts[9:].sum()), int(counts[:7].sum())
    up, down = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    middle = up - down
    half = normal_quantile(level) * math.sqrt((up + down - middle * middle) / (n + 3))
    value = 100 * (promoters - detractors) / n
    return Estimate(
        value,
        min(value, max(100 * (middle - half), -100)),
        max(value, min(100 * (middle + half), 100)),
        n,
        level,
        "nps",
    )


def score_difference(name: str, one: Array, two: Array, level: float = 0.95) -> Estimate:
    """The score of `one` less that of `two`, for groups without a common answer; in the unit of `score`."""
    return hybrid_difference(score(name, one, level), score(name, two, level), method=f"{name} difference")


__all__ = ["FEW", "PLACES", "SCALES", "Scale", "places_of", "points_of", "scale_of", "score", "score_difference"]
