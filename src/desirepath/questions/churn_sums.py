"""What do customers who leave and who stay add up to? Counts by bucket, lifetimes, and what came before the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions.churn_why import NO_SCORE, NOTHING
from desirepath.questions.question import Findings
from desirepath.statistics import Counts, Durations, Proportion
from desirepath.statistics.survival import Lifetimes

Array = npt.NDArray[Any]

DAY = 86_400_000_000
CHURNED, STAYED, UNDECIDED, BEGAN, BEGAN_AND_ENDED, NO_ROW = range(6)
OUTCOMES = ("churned", "stayed", "undecided", "began", "began and ended", "none")
CHOICES = (*OUTCOMES[:5], "at risk", "ended", "came back")
NOT_STATED, NO_EVENT, NO_TICKET, MISSING = "(not stated)", "(none)", "(no ticket)", "(missing)"
BANDS = (30 * DAY, 90 * DAY, 365 * DAY)
BAND_NAMES = ("under 30 days", "30 to 90 days", "90 to 365 days", "365 days and more")

AGES = BANDS
"""By such an age customers are told to have ended, of those who could be followed so long."""

AGE, LIFE, SCORE, ONE, ONE_ENDED, OWN, OVER, AWAY, FOLLOWED = range(9)
"""Columns of `inner`: how long a customer when the bucket began; whether a lifetime begins here (0 or 1: ended; else
-1); the last score; whether it is the first row of its journey, and whether that ever ends; whether it is the last row
and judged by own gaps; whether the bucket is over; how long away after an end, until coming back or the cut-off; for
how long a lifetime that begins here could be followed."""

NO_INNER = (-1, -1, NO_SCORE, 0, 0, 0, 0, -1, -1)


def chosen_by(values: Mapping[str, Array], outcome: str) -> npt.NDArray[np.bool_]:
    """bool[rows]: whether a row is meant by a choice of outcome."""
    found = values["outcome"]
    if outcome == "at risk":
        return np.asarray(found <= UNDECIDED)
    if outcome == "ended":
        return np.asarray((found == CHURNED) | (found == BEGAN_AND_ENDED))
    if outcome == "came back":
        return np.asarray((found == CHURNED) & (values["came_back"] > 0))
    return np.asarray(found == OUTCOMES.index(outcome))


@dataclass(frozen=True, eq=False)
class ChurnTally:
    """Sums over rows.

    Attributes
    ----------
    labels, told
        The buckets; per bucket whether it is `over`, still `open`, or not asked for: ``.
    counts
        int64[choices, buckets].
    units
        int64[2]: how many different customers there are; how many of them ever end.
    stray
        How many ends had no begin.
    lives
        Times from first becoming a customer in the period to the end.
    away
        Times from an end to coming back.
    mature, gone
        int64[ages]: of those who first became a customer in the period, who could be followed for so long; who of them
        ended by then.
    bands
        int64[bands, 2]: churned and stayed by how long they had been a customer when the bucket began.
    reasons, touches
        Of all who ended.
    friction
        int64[buckets, 2, frictions]: churned and stayed who had each.
    scores
        int64[buckets, 2, 3]: number, sum and sum of squares of scores in hundredths, of churned and stayed.
    themes
        By bucket, theme of the last ticket, and outcome.
    own
        The silences of those who are judged by their own gaps.
    size
        How many rows.
    """

    labels: tuple[str, ...]
    told: tuple[str, ...]
    counts: Array
    units: Array
    stray: int
    lives: Lifetimes
    away: Lifetimes
    mature: Array
    gone: Array
    bands: Array
    reasons: Counts[str]
    touches: Counts[str]
    friction: Array
    scores: Array
    themes: Counts[tuple[int, str, int]]
    own: Durations
    size: int

    @classmethod
    def of(cls, findings: Findings) -> ChurnTally:
        """The sums over some rows."""
        values, labels = findings.values, tuple(map(str, findings.labels["bucket"]))
        many, bucket, outcome = len(labels), values["bucket"], values["outcome"]
        counts = np.array([np.bincount(bucket[chosen_by(values, each)], minlength=many) for each in CHOICES])
        inner, ended = values["inner"], chosen_by(values, "ended")
        life, own = inner[:, LIFE] >= 0, inner[:, OWN] > 0
        mature = inner[life, FOLLOWED][:, None] >= np.array(AGES)
        gone = (inner[life, LIFE][:, None] > 0) & (values["tenure"][life][:, None] <= np.array(AGES))
        compared = (outcome <= STAYED) & (inner[:, OVER] > 0)
        side = outcome[compared].astype(np.int64)
        band = np.searchsorted(BANDS, inner[compared, AGE], side="right")
        bands = np.zeros((len(BAND_NAMES), 2), dtype=np.int64)
        np.add.at(bands, (band, side), 1)
        friction = np.zeros((many, 2, values["friction"].shape[1]), dtype=np.int64)
        np.add.at(friction, (bucket[compared], side), values["friction"][compared].astype(np.int64))
        return cls(
            labels,
            tuple(map(str, findings.labels["told"])),
            counts.astype(np.int64),
            inner[:, [ONE, ONE_ENDED]].sum(axis=0),
            int((outcome == NO_ROW).sum()),
            Lifetimes(values["tenure"][life], inner[life, LIFE]),
            Lifetimes(inner[ended, AWAY], values["came_back"][ended]),
            mature.sum(axis=0),
            (mature & gone).sum(axis=0),
            bands,
            _counted(values["reason"][ended], findings.labels["reason"], NOT_STATED),
            _counted(values["last_touchpoint"][ended], findings.labels["last_touchpoint"], NO_EVENT),
            friction,
            _scored(many, bucket[compared], side, inner[compared, SCORE]),
            _themes(bucket[compared], side, values["theme"][compared], findings.labels["theme"]),
            Durations(values["silence"][own]),
            len(findings),
        )

    def __add__(self, other: ChurnTally) -> ChurnTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return ChurnTally(
            self.labels,
            self.told,
            self.counts + other.counts,
            self.units + other.units,
            self.stray + other.stray,
            self.lives + other.lives,
            self.away + other.away,
            self.mature + other.mature,
            self.gone + other.gone,
            self.bands + other.bands,
            self.reasons + other.reasons,
            self.touches + other.touches,
            self.friction + other.friction,
            self.scores + other.scores,
            self.themes + other.themes,
            self.own + other.own,
            self.size + other.size,
        )

    def number(self, choice: str, bucket: int) -> int:
        """How many customers a bucket has of a choice."""
        return int(self.counts[CHOICES.index(choice), bucket])

    def compared(self) -> Array:
        """int64[buckets, 2]: churned and stayed among those at risk in buckets that are over."""
        over = np.array([how == "over" for how in self.told], dtype=np.bool_)
        return np.asarray(self.counts[[CHURNED, STAYED]].T * over[:, None])

    def rates(self) -> Mapping[str, Proportion]:
        """What groups are compared by: the share that left of those of one age who are all decided.

        Of all customers, more would have ended where they were watched for longer. So: of those at risk in buckets that
        are over, by how long they had been customers, who churned; and of those who first began in the period and could
        be followed for so long, who ended by then. The first band has none of the former: how old somebody in it is
        matters most there, and the latter compare those of the very same age.
        """
        churned, whole = self.bands[:, CHURNED].tolist(), self.bands.sum(axis=1).tolist()
        found = {f"churned at {BAND_NAMES[k]}": Proportion(churned[k], whole[k]) for k in range(1, len(BAND_NAMES))}
        for age, gone, mature in zip(AGES, self.gone.tolist(), self.mature.tolist(), strict=True):
            found[f"ended within {age // DAY} days"] = Proportion(gone, mature)
        return found


def _counted(codes: Array, labels: Any, nothing: str) -> Counts[str]:
    found, many = np.unique(np.maximum(codes, 0) if len(codes) else codes, return_counts=True)
    return Counts({labels[code] or nothing: int(n) for code, n in zip(found.tolist(), many.tolist(), strict=True)})


def _scored(many: int, bucket: Array, side: Array, score: Array) -> Array:
    found = np.zeros((many, 2, 3), dtype=np.int64)
    known = score != NO_SCORE
    score = score[known]
    np.add.at(found, (bucket[known], side[known]), np.stack((np.ones_like(score), score, score**2), axis=1))
    return found


def _themes(bucket: Array, side: Array, theme: Array, labels: Any) -> Counts[tuple[int, str, int]]:
    had = theme != NOTHING
    rows = np.stack((bucket[had].astype(np.int64), theme[had].astype(np.int64), side[had]), axis=1)
    found, many = np.unique(rows, axis=0, return_counts=True)
    keys = [(where, labels[code] or MISSING, which) for where, code, which in found.tolist()]
    return Counts(dict(zip(keys, many.tolist(), strict=True)))


__all__ = ["BAND_NAMES", "CHOICES", "NO_TICKET", "OUTCOMES", "ChurnTally", "chosen_by"]
