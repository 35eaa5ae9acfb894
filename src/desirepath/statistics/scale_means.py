"""How sure is a mean of answers on a scale of few values, such as stars from 1 to 5? An interval that stays on it.

Student's interval takes the spread of the answers for that of everybody. Of stars most are the best, so that few
answers seldom have a bad one among them: their spread is too small, the interval too narrow, and where all are alike
there is none. This one asks of each possible mean how far answers would spread if it were true, as Wilson does for a
share:

    mean_limits([0, 0, 0, 0, 0, 10], low=1, high=5, z=1.96)     3.89 to 5       ten answers, all of them 5
    mean_limits([0, 0, 0, 0, 2, 8], low=1, high=5, z=1.96)      3.80 to 4.94    eight of 5, two of 4

Of a scale of two values it is Wilson's interval. How often it holds the truth is simulated
(tests/statistics/test_score_coverage.py); docs/questions/scores.md has the table.

Source: the score interval (E. B. Wilson, Probable inference, JASA 22, 1927), for means of rating scales R. Penfield, A
score method of constructing asymmetric confidence intervals for the mean of a rating scale item, Psychological Methods
8 (2003), who takes the spread from a binomial distribution; here it is that of the answers themselves, tilted until
they have the mean in question (B. Efron, Nonparametric standard errors and confidence intervals, Canadian Journal of
Statistics 9, 1981). The fifth of an answer at either end was chosen by simulation.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

AT_EITHER_END = 0.2
"""So much of an answer is added at the worst and at the best value, for what few answers did not show."""

CELLS, ROUNDS = 64, 9
"""Each round looks at so many places between those that enclose an end: 64 ** 9 places in all."""


def mean_limits(counts: npt.ArrayLike, low: int, high: int, z: float) -> tuple[float, float]:
    """The ends of the interval of a mean: the means m with n (m - mean)² <= z² V(m).

    V(m) is the variance of the distribution with mean m that is proportional to (count + what is added) exp(t value).

    Parameters
    ----------
    counts
        [high + 1] or longer: answers by value, not whole where they are weighted. More than 0 are on the scale, and
        none beside it.
    low, high
        The least and the greatest value of the scale.
    z
        Normal quantile, such as 1.96.

    Returns
    -------
    Within `low` to `high`; with a width however few answers there are, and however alike they are.
    """
    given = np.asarray(counts, dtype=np.float64)[low : high + 1]
    return _limits(tuple(given.tolist()), low, high, z)


@lru_cache(maxsize=4096)
def _limits(given: tuple[float, ...], low: int, high: int, z: float) -> tuple[float, float]:
    """A table asks for the same mean as score and as mean; both directions are the same walk on mirrored answers."""
    counts = np.array(given)
    down, up = _below(counts, z), _below(counts[::-1], z)
    width = high - low
    return low + width * down, high - width * up


def _below(counts: Array, z: float) -> float:
    """The lower end, of values from 0 to 1."""
    n, values = float(counts.sum()), np.linspace(0.0, 1.0, len(counts))
    mean = float((counts * values).sum()) / n
    if not counts[1:].any():
        return 0.0
    more = counts.copy()
    more[[0, -1]] += AT_EITHER_END
    with np.errstate(divide="ignore"):
        logs = np.log(more)
    # Far enough to move all weight from one value to the next, however many answers it has.
    far = (len(counts) - 1) * (2 * math.log(n + 1 / n + 2) + 20)
    left, right, end = -far, far, 0.0
    for _ in range(ROUNDS):
        tilts = np.linspace(left, right, CELLS + 1)
        weights = logs + tilts[:, None] * values
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        means = weights @ values
        variances = (weights * (values - means[:, None]) ** 2).sum(axis=1)
        # The means are below the interval up to the first place where this is not so.
        first = int(np.argmin(math.sqrt(n) * (mean - means) > z * np.sqrt(variances)))
        left, right, end = float(tilts[max(first - 1, 0)]), float(tilts[first]), float(means[first])
    return min(end, mean)


__all__ = ["mean_limits"]
