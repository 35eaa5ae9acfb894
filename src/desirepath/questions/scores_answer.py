"""What is there to say of a survey's answers? Sums that add up in any order, and the tables made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.scores_charts import distribution_chart, score_trend_chart
from desirepath.questions.question import Report
from desirepath.questions.scores_said import MOST_STRATA, notices_of, said_of
from desirepath.questions.scores_walk import ANSWERED, MISSING, OFF, OPEN, REFERENCE, SILENT, SUPERSEDED
from desirepath.statistics import Estimate, Proportion, benjamini_hochberg, interval_columns
from desirepath.statistics.adjusted import p_value
from desirepath.statistics.clustered import Clusters
from desirepath.statistics.intervals import hybrid_difference
from desirepath.statistics.keyed import Keyed
from desirepath.statistics.scores import FEW, PLACES, Rule, effect_of, weighted

if TYPE_CHECKING:
    from desirepath.questions.scores import Scores

Array = npt.NDArray[Any]

ALL = "all"
"""The line of all buckets together."""

SHOWN_STRATA = 20
"""So many kinds of people have a line."""

RESPONSE = Rule(0, 1, (1, 1), "share")
"""Not answered is 0, answered is 1."""


@dataclass(frozen=True, eq=False)
class ScoresTally:
    """Sums over rows. The first line of each array is for all buckets together.

    Attributes
    ----------
    asked
        The question.
    size
        How many rows there are.
    labels, told
        The buckets, and whether the period touches each: `over`, `open` or neither.
    counts
        int64[1 + buckets, 11]: answers that count, by score.
    states
        int64[1 + buckets, 8]: rows by what they are, see `scores_walk`.
    beside
        int64[1 + buckets, 4]: people; and what a variance over people is made of, see `clustered.Clusters`.
    invitations
        The same of invitations whose window is over, of which the answered bring 1.
    texts
        int64[2, 11]: answers with and without a comment.
    strata, names
        By code of the kind of people: how many there are, and their answers by score; what the codes mean.
    labelled
        Answers whose label tells the kind that their score is of, and those whose label tells another.
    """

    asked: Scores
    size: int
    labels: tuple[str, ...]
    told: tuple[str, ...]
    counts: Array
    states: Array
    beside: Array
    invitations: Array
    texts: Array
    strata: Keyed
    names: tuple[str | None, ...]
    labelled: tuple[int, int] = (0, 0)

    def __add__(self, other: ScoresTally) -> ScoresTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return ScoresTally(
            self.asked,
            self.size + other.size,
            self.labels,
            self.told,
            self.counts + other.counts,
            self.states + other.states,
            self.beside + other.beside,
            self.invitations + other.invitations,
            self.texts + other.texts,
            self.strata + other.strata,
            self.names or other.names,
            (self.labelled[0] + other.labelled[0], self.labelled[1] + other.labelled[1]),
        )

    def rates(self) -> Mapping[str, Proportion]:
        """The shares of promoters and detractors, or of the satisfied, and of invitations that were answered."""
        counts, n = self.counts[0], int(self.counts[0].sum())
        if self.asked.rule.kind == "nps":
            up, down = int(counts[9:].sum()), int(counts[:7].sum())
            found = {"are promoters": Proportion(up, n), "are detractors": Proportion(down, n)}
        else:
            found = {"are satisfied": Proportion(int(counts[self.asked.rule.satisfied].sum()), n)}
        if self.asked.invited is not None:
            found["answer an invitation"] = self.response(0)
        return found

    def people(self, line: int) -> int:
        """How many people gave an answer that counts."""
        return int(self.beside[line, 0])

    def response(self, line: int) -> Proportion:
        """Answered invitations of those whose window is over."""
        answered, silent = int(self.states[line, ANSWERED]), int(self.states[line, SILENT])
        return Proportion(answered, answered + silent)

    def response_rate(self, line: int) -> Estimate:
        """The share of invitations that were answered, its interval over people."""
        found = self.response(line)
        people, squares, cross, sizes = (int(each) for each in self.invitations[line])
        effect = effect_of(Clusters(people, found.x, found.n, squares, cross, sizes, found.x)) if found.n else 1.0
        return replace(
            RESPONSE.score(np.array([found.n - found.x, found.x] + [0] * (PLACES - 2)), effect), method="wilson"
        )

    def effect(self, line: int) -> float:
        """How many times the variance is that of as many answers of different people."""
        counts, points = self.counts[line], self.asked.rule.points
        people, squares, cross, sizes = (int(each) for each in self.beside[line])
        total, n, own = (int((each * counts).sum()) for each in (points, np.ones_like(points), points * points))
        return effect_of(Clusters(people, total, n, squares, cross, sizes, own)) if n else 1.0

    def score(self, line: int = 0) -> Estimate:
        """The score, its interval over people."""
        return self.asked.rule.score(self.counts[line], self.effect(line))

    def by_text(self) -> tuple[Estimate, Estimate, Estimate]:
        """The score of answers with a comment, of those without, and how much those with one differ."""
        one, two = (self.asked.rule.score(each, self.effect(0)) for each in self.texts)
        return one, two, hybrid_difference(one, two, method="score difference")

    def kinds(self, most: int) -> list[tuple[str, Array]]:
        """The kinds of people with most people, and all others together."""
        top, rest = self.strata.ranked(0, most)
        found = [(self.names[key] or "(missing)", self.strata.at(key)) for key in top]
        return [*found, ("(other)", self.strata.together(rest))] if rest else found

    def score_difference(self, other: ScoresTally) -> Estimate:
        """The score less that of another group without a common person, in the unit of the scale.

        References
        ----------
        For an NPS the interval is about that of the z test with the sum of both variances; it is made of the two
        adjusted intervals by squaring and adding (Zou and Donner 2008).
        """
        return hybrid_difference(self.score(), other.score(), method="score difference")


def scores_report(tally: ScoresTally) -> Report:
    """Tables, words, notices and pictures."""
    rule = tally.asked.rule
    lines = [0, *(k + 1 for k, how in enumerate(tally.told) if how)] if tally.size else []
    names = [ALL, *tally.labels]
    table: dict[str, list[Any]] = {"bucket": [names[k] for k in lines]}
    if tally.asked.every is not None:
        table["over"] = [k == 0 or tally.told[k - 1] == "over" for k in lines]
    table["answers"] = [int(tally.counts[k].sum()) for k in lines]
    table["left_out"] = [int(tally.states[k, SUPERSEDED : OFF + 1].sum()) for k in lines]
    table["people"] = [tally.people(k) for k in lines]
    good = [int(tally.counts[k][rule.satisfied].sum()) for k in lines]
    if rule.kind == "nps":
        table["promoters"] = good
        table["passives"] = [int(tally.counts[k, 7:9].sum()) for k in lines]
        table["detractors"] = [int(tally.counts[k, :7].sum()) for k in lines]
    else:
        table["good"] = good
        table["other"] = [n - each for n, each in zip(table["answers"], good, strict=True)]
    table |= interval_columns("score", [tally.score(k) for k in lines])
    if rule.kind != "nps":
        share, mean = (_as(tally, kind, lines) for kind in ("share", "mean"))
        table |= interval_columns("of_answers_good", share) | interval_columns("mean", mean)
    table["few_answers"] = [n < FEW for n in table["answers"]]
    if tally.asked.invited is not None:
        table["invited"] = [int(tally.states[k, ANSWERED : OPEN + 1].sum()) for k in lines]
        table["open"] = [int(tally.states[k, OPEN]) for k in lines]
        table["answered"] = [int(tally.states[k, ANSWERED]) for k in lines]
        table |= interval_columns("of_invited", [tally.response_rate(k) for k in lines])
    extras = {"distribution": _distribution(tally), "left_out": _left_out(tally)}
    if tally.asked.text is not None:
        extras["with_text"] = _with_text(tally)
    if tally.asked.every is not None:
        extras["trend"] = _trend(tally, lines[1:])
    if tally.asked.strata is not None:
        extras["weighted"], extras["strata"] = _weighted(tally), _strata(tally)
    some = bool(tally.counts[0].sum())
    charts = [score_trend_chart(), distribution_chart()] if tally.asked.every else [distribution_chart()]
    return Report(table, extras, said_of(tally), notices_of(tally), charts if some else [])


def _as(tally: ScoresTally, kind: Any, lines: list[int]) -> list[Estimate]:
    """The share of good answers, or the mean, beside what is the score."""
    rule = replace(tally.asked.rule, kind=kind)
    return [rule.score(tally.counts[k], tally.effect(k)) for k in lines]


def _distribution(tally: ScoresTally) -> dict[str, list[Any]]:
    rule, counts, n = tally.asked.rule, tally.counts[0], int(tally.counts[0].sum())
    values = range(rule.low, rule.high + 1) if n else range(0)
    shares = [Proportion(int(counts[k]), n).estimate() for k in values]
    return {
        "score": list(values),
        "answers": [int(counts[k]) for k in values],
        **interval_columns("of_answers", shares),
    }


def _left_out(tally: ScoresTally) -> dict[str, list[Any]]:
    """Every answer counts, or is here."""
    states = tally.states[0]
    reasons = {"superseded": SUPERSEDED, "missing": MISSING, "off the scale": OFF}
    return {"reason": list(reasons), "answers": [int(states[k]) for k in reasons.values()]}


def _with_text(tally: ScoresTally) -> dict[str, list[Any]]:
    """The score of answers with a comment and of those without, and how much those with one differ."""
    one, two, change = tally.by_text()
    nothing = Estimate(None, None, None, 0, one.level, one.method)
    return {
        "text": ["with", "without"],
        "answers": [int(each.sum()) for each in tally.texts],
        **interval_columns("score", [one, two]),
        **interval_columns("difference", [change, nothing]),
    }


def _trend(tally: ScoresTally, lines: list[int]) -> dict[str, list[Any]]:
    """The score by bucket, and how it differs from the bucket before that has answers."""
    scores = [tally.score(k) for k in lines]
    changes: list[Estimate] = []
    before: Estimate | None = None
    for each in scores:
        nothing = Estimate(None, None, None, each.n, each.level, each.method)
        both = before is not None and each.value is not None
        changes.append(hybrid_difference(each, before, method="score difference") if both and before else nothing)
        before = each if each.value is not None else before
    chances = [p_value(each) for each in changes]
    return {
        "bucket": [tally.labels[k - 1] for k in lines],
        "answers": [each.n for each in scores],
        **interval_columns("score", scores),
        **interval_columns("change", changes),
        "p_value": chances,
        "q_value": list(benjamini_hochberg(chances)),
    }


def _weighted(tally: ScoresTally) -> dict[str, list[Any]]:
    """The score as it is, and as it would be had all kinds of people answered as often."""
    raw, kinds = tally.score(), tally.kinds(MOST_STRATA)
    strata = [(int(each[0]), each[1:]) for _, each in kinds]
    found, effective, covered = weighted(tally.asked.rule, strata, tally.effect(0))
    whole = int(tally.states[0, REFERENCE])
    return {
        "estimate": ["raw", "weighted"],
        **interval_columns("score", [raw, found]),
        "answers": [raw.n, found.n],
        "effective_answers": [raw.n / tally.effect(0) if raw.n else None, effective if found.n else None],
        "of_people_like_them": [None, covered / whole if whole else None],
    }


def _strata(tally: ScoresTally) -> dict[str, list[Any]]:
    """Per kind of people how many there are, how many answers they gave, and their weight."""
    kinds = tally.kinds(SHOWN_STRATA)
    whole, answers = int(tally.strata.sums[:, 0].sum()), int(tally.strata.sums[:, 1:].sum())
    table: dict[str, list[Any]] = {"stratum": [name for name, _ in kinds]}
    table["people"] = [int(each[0]) for _, each in kinds]
    table["answers"] = [int(each[1:].sum()) for _, each in kinds]
    table["weight"] = [
        people / whole * answers / n if n and whole else None
        for people, n in zip(table["people"], table["answers"], strict=True)
    ]
    return table | interval_columns("score", [tally.asked.rule.score(each[1:], tally.effect(0)) for _, each in kinds])
