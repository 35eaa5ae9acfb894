"""What had those who churned, and those who stayed? Shares side by side, bucket by bucket, with their difference.

A bucket's churned are held against those who stayed in the same bucket, and buckets count by how many churned in them:
what happened to the churned, less what happened to their like. Source: see `statistics.adjusted`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions.churn_sums import CHURNED, NO_TICKET, STAYED, ChurnTally
from desirepath.statistics import FLAG, Estimate, Proportion, benjamini_hochberg, interval_columns
from desirepath.statistics.adjusted import Stratum, p_value, share, standardised

Array = npt.NDArray[Any]

OTHER = "(other)"
HUNDREDTHS = 100


@dataclass(frozen=True)
class Beside:
    """Shares of the churned and of the stayed who had each of some things.

    Attributes
    ----------
    names
        The things.
    had
        int64[buckets, 2, things]: churned and stayed who had each.
    whole
        int64[buckets, 2]: churned and stayed.
    """

    names: Sequence[str]
    had: Array
    whole: Array

    def difference(self, k: int) -> tuple[Estimate, Estimate]:
        """The share of the stayed in the buckets of the churned, and how much larger that of the churned is."""
        stayed, difference = [], []
        for had, whole in zip(self.had[:, :, k].tolist(), self.whole.tolist(), strict=True):
            one, other = share(had[CHURNED], whole[CHURNED]), share(had[STAYED], whole[STAYED])
            difference.append(Stratum(*one, *other))
            stayed.append(Stratum(whole[CHURNED], 0.0, 0.0, other[0], -other[1], other[2]))
        return _within(standardised(stayed)[0], 0.0), _within(standardised(difference)[0], -1.0)

    def table(self, column: str) -> dict[str, list[Any]]:
        """A line per thing."""
        found = [self.difference(k) for k in range(len(self.names))]
        churned = self.had[:, CHURNED].sum(axis=0).tolist()
        whole = int(self.whole[:, CHURNED].sum())
        p_values = [p_value(difference) for _, difference in found]
        return {
            column: list(self.names),
            "churned": churned,
            "stayed": self.had[:, STAYED].sum(axis=0).tolist(),
            **interval_columns("of_churned", [Proportion(number, whole).estimate() for number in churned]),
            **interval_columns("of_stayed", [stayed for stayed, _ in found]),
            **interval_columns("difference", [difference for _, difference in found]),
            "compared": [difference.n for _, difference in found],
            "p_value": p_values,
            "q_value": list(benjamini_hochberg(p_values)),
        }

    def strongest(self) -> tuple[str, float, float] | None:
        """The thing that the churned had more often by most, if any stands out: its name and both shares."""
        table = self.table("name")
        best = None
        for k, q in enumerate(table["q_value"]):
            more = table["difference"][k]
            if q is not None and q <= FLAG and more > 0 and (best is None or more > table["difference"][best]):
                best = k
        if best is None:
            return None
        return table["name"][best], table["of_stayed"][best] + table["difference"][best], table["of_stayed"][best]


def _within(found: Estimate, lowest: float) -> Estimate:
    """The estimate with its interval cut at what can be."""
    if found.low is None or found.high is None:
        return found
    low, high = max(found.low, lowest), min(found.high, 1.0)
    return Estimate(found.value, low, high, found.n, found.level, found.method)


def friction_beside(names: Sequence[str], tally: ChurnTally) -> Beside:
    """Which friction was there in the window."""
    return Beside(names, tally.friction, tally.compared())


def themes_beside(tally: ChurnTally, most: int) -> Beside:
    """What the last ticket in the window was about; the most frequent themes, the others together, and no ticket."""
    whole = tally.compared()
    counts: dict[str, Array] = {}
    for (bucket, theme, side), number in tally.themes._counts.items():
        found = counts.setdefault(theme, np.zeros(whole.shape, dtype=np.int64))
        found[bucket, side] += number
    ranked = sorted(counts, key=lambda theme: (-int(counts[theme].sum()), theme))
    names, columns = list(ranked[:most]), [counts[theme] for theme in ranked[:most]]
    if ranked[most:]:
        names.append(OTHER)
        columns.append(np.sum([counts[theme] for theme in ranked[most:]], axis=0))
    if ranked:
        names.append(NO_TICKET)
        columns.append(whole - np.sum(columns, axis=0))
    had = np.stack(columns, axis=2) if columns else np.zeros((*whole.shape, 0), dtype=np.int64)
    return Beside(names, had, whole)


def scores_beside(tally: ChurnTally) -> dict[str, list[Any]]:
    """The mean of the last scores of the churned and of the stayed in the same buckets; empty where nobody answered."""
    columns = ("answered_churned", "answered_stayed", "compared")
    if not tally.scores[:, :, 0].any():
        empty: dict[str, list[Any]] = {name: [] for name in columns}
        for name in ("mean_churned", "mean_stayed", "difference"):
            empty |= interval_columns(name, [])
        return {**empty, "p_value": []}
    spread = _spread(tally.scores)
    both, mine, theirs = [], [], []
    for one, other in tally.scores.tolist():
        means = [each[1] / each[0] / HUNDREDTHS if each[0] else 0.0 for each in (one, other)]
        both.append(Stratum(one[0], means[0], spread[0], other[0], means[1], spread[1]))
        mine.append(Stratum(one[0], means[0], spread[0], max(other[0], 5), 0.0, 0.0))
        theirs.append(Stratum(one[0], 0.0, 0.0, other[0], -means[1], spread[1]))
    difference = standardised(both)[0]
    answered = tally.scores[:, :, 0].sum(axis=0).tolist()
    return {
        columns[0]: [answered[CHURNED]],
        columns[1]: [answered[STAYED]],
        **interval_columns("mean_churned", [_sure(standardised(mine)[0])]),
        **interval_columns("mean_stayed", [_sure(standardised(theirs)[0])]),
        **interval_columns("difference", [_sure(difference)]),
        columns[2]: [difference.n],
        "p_value": [None if _sure(difference).low is None else p_value(difference)],
    }


def _spread(scores: Array) -> tuple[float, float]:
    """The sample variances of the scores of the churned and of the stayed, over all buckets."""
    found = []
    for n, total, squares in scores.sum(axis=0).tolist():
        found.append((squares - total * total / n) / (n - 1) / HUNDREDTHS**2 if n > 1 else 0.0)
    return max(found[0], 0.0), max(found[1], 0.0)


def _sure(found: Estimate) -> Estimate:
    """Without an interval for up to three who answered, or where all answers are alike."""
    if found.value is None or (found.n > 3 and found.low != found.high):
        return found
    return Estimate(found.value, None, None, found.n, found.level, found.method)


__all__ = ["Beside", "friction_beside", "scores_beside", "themes_beside"]
