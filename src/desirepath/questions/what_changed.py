"""Which themes explain why a score went down, or up?

    ws.ask(WhatChanged(answers="survey", text="comment", score="score", every="month"))

    theme           share_before  share_after  score_before  score_after  contribution           of_change
    missed visit          4.1 %       11.8 %          -64          -70    -5.9 [-8.1, -3.7]         84 %
    app                   6.0 %        6.2 %           12           14    +0.2 [-1.0, +1.3]         -3 %

Contributions add up to the change: a theme moves the score because more people speak of it, or because those who do are
less satisfied. That themes and scores go together does not say that one causes the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.voice_charts import contributions_chart
from desirepath.answers.words import count
from desirepath.errors import InputError
from desirepath.journeys.batch import JourneyBatch
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Report, place_among
from desirepath.questions.remarks import WORDLESS, Remarks
from desirepath.questions.top_codes import codes_named, top_codes
from desirepath.questions.voice_tally import NO_THEME
from desirepath.statistics import FLAG, Estimate, Proportion, benjamini_hochberg, interval_columns
from desirepath.statistics.adjusted import p_value
from desirepath.statistics.intervals import hybrid_difference
from desirepath.statistics.keyed import Grouped, Keyed
from desirepath.statistics.means import mean_difference
from desirepath.statistics.scores import FEW, PLACES, Rule

MOST_THEMES, MOST_BEFORE = 100, 120
WHEN = ("before", "after")
NO_WORDS = -1
OFF = -2
"""A score that is not on the scale."""


@question
class WhatChanged(Remarks):
    """Which themes explain why a score went down, or up?

    Parameters
    ----------
    every
        Buckets of the workspace's calendar.
    bucket
        The bucket to explain, such as `2026-05`; the last one that is over, if left out.
    before
        How many buckets before it, taken together, it is held against.
    most
        How many themes to tell apart, those with most answers; the others are summed up as *(other)*.
    """

    unlisted: ClassVar[frozenset[str]] = frozenset({"counts"})

    score: str | None = "score"
    every: Literal["day", "week", "month", "quarter"] = "month"
    bucket: str | None = None
    before: int = 1
    most: int = 20

    WORDLESS: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.score is None:
            raise InputError("What changed is a score; `score` needs the name of its property.")
        if not 1 <= self.before <= MOST_BEFORE:
            raise InputError(f"It cannot be held against {self.before} buckets.", allowed=[f"1 to {MOST_BEFORE}"])
        if not 1 <= self.most <= MOST_THEMES:
            raise InputError(f"{self.most} themes cannot be told apart.", allowed=[f"1 to {MOST_THEMES}"])
        super().__post_init__()

    @property
    def unit(self) -> str | None:
        """The unit of the buckets."""
        return self.every

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per answer with a score on the scale; the last of a person in a span counts."""
        found = super().find(journeys)
        found = found.take((found.values["score"] >= 0) | (found.values["score"] == OFF))
        values = dict(found.values)
        wordless = np.array([not (label and label.strip()) for label in found.labels["text"]], dtype=np.bool_)
        values["theme"] = np.where(wordless[values["text"]], NO_WORDS, values["theme"])
        # the buckets before are one span; any other bucket is one by itself
        labels, told = (tuple(map(str, found.labels[name])) for name in ("bucket", "told"))
        _, before = spans_of(self, labels, told) if len(found) else (None, [])
        many, span = max(len(labels), 1), values["bucket"]
        span = np.where(np.isin(span, before), before[0], span) if before else span
        scored = np.flatnonzero(values["score"] >= 0)
        grouped = Grouped.of((values["unit"][:, 0] * many + span)[scored])
        last = np.zeros(len(found), dtype=np.bool_)
        if len(scored):
            ends = np.append(grouped.begins[1:], len(scored)) - 1
            last[scored[grouped.order[ends]]] = True
        values["counts"] = last
        return Findings(found.journey, values, found.anchors, found.labels)

    def tally(self, findings: Findings) -> ChangeTally:
        """Scores by bucket and theme."""
        values = findings.values
        rows = np.flatnonzero(values["counts"])
        labels = tuple(map(str, findings.labels["bucket"]))
        key = (values["theme"][rows] + 1) * len(labels) + values["bucket"][rows]
        each = np.zeros((len(rows), PLACES), dtype=np.int64)
        each[np.arange(len(rows)), values["score"][rows].astype(np.int64)] = 1
        names = tuple(findings.labels["theme"]) if len(findings) else ()
        told = tuple(map(str, findings.labels["told"]))
        off = int((values["score"] == OFF).sum())
        return ChangeTally(self, len(rows), labels, told, Keyed.of(key, each), names, off)

    def answer(self, tally: ChangeTally) -> Report:
        """What every theme contributes to the change, the most first."""
        return change_report(tally)

    def meant(self, tally: ChangeTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """`theme` and `when` in codes: `(other)` are the themes that have no line of their own."""
        given = dict(which)
        if "theme" in given:
            given["theme"] = codes_named(str(given["theme"]), "theme", tally.shown)
        if "when" in given:
            after, before = tally.spans
            when = place_among("when", given.pop("when"), WHEN)
            given["buckets"] = before if when == 0 else [] if after is None else [after]
        return given

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`theme="missed visit"`, `when="after"` or `"before"`, and what `voice` selects by; all answers that count.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such theme.
        """
        rest = {name: value for name, value in which.items() if name not in ("theme", "buckets", "first")}
        chosen = super().select(findings, rest) & findings.values["counts"]
        if "theme" in which:
            chosen &= np.isin(findings.values["theme"], which["theme"])
        if "buckets" in which:
            chosen &= np.isin(findings.values["bucket"], which["buckets"])
        if which.get("first"):
            chosen = Grouped.of(findings.values["unit"][:, 0]).first(chosen)
        return np.asarray(chosen)


@dataclass(frozen=True, eq=False)
class ChangeTally:
    """Answers by theme, bucket and score.

    Attributes
    ----------
    asked
        The question.
    size
        How many answers count.
    labels, told
        The buckets, and whether the period touches each: `over`, `open` or neither.
    counts
        int64[11] by `(theme + 1) * buckets + bucket`.
    names
        What the codes of themes mean.
    off
        Answers whose score is not on the scale.
    """

    asked: WhatChanged
    size: int
    labels: tuple[str, ...]
    told: tuple[str, ...]
    counts: Keyed
    names: tuple[str | None, ...]
    off: int = 0

    def __add__(self, other: ChangeTally) -> ChangeTally:
        """Join two groups of answers; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        counts, names = self.counts + other.counts, self.names or other.names
        off = self.off + other.off
        return ChangeTally(self.asked, self.size + other.size, self.labels, self.told, counts, names, off)

    @property
    def spans(self) -> tuple[int | None, list[int]]:
        """The bucket to explain, and those it is held against.

        Raises
        ------
        UnknownNameError
            If there is no such bucket.
        """
        return spans_of(self.asked, self.labels, self.told) if self.size else (None, [])

    def of(self, theme: int | None, buckets: list[int]) -> Any:
        """int64[11]: answers by score, of one theme or of all, in some buckets."""
        code, bucket = self.counts.keys // max(len(self.labels), 1) - 1, self.counts.keys % max(len(self.labels), 1)
        chosen = np.isin(bucket, buckets) & (True if theme is None else code == theme)
        return self.counts.sums[chosen].sum(axis=0)

    @property
    def shown(self) -> list[tuple[str, list[int]]]:
        """The themes with most answers in both spans, and the codes of all others together."""
        after, before = self.spans
        spans = before if after is None else [*before, after]
        codes = np.unique(self.counts.keys // max(len(self.labels), 1) - 1).tolist()
        many = {code: int(self.of(code, spans).sum()) for code in codes}
        names = {NO_WORDS: WORDLESS, 0: NO_THEME}
        labels = [names.get(code, str(self.names[code])) for code in range(len(self.names))]
        whole = {code: n for code, n in many.items() if n and code >= 0}
        found = top_codes(whole, labels, self.asked.most)
        return [*found, (WORDLESS, [NO_WORDS])] if many.get(NO_WORDS) else found

    def rates(self) -> Mapping[str, Proportion]:
        """The share of answers that are good, after and before."""
        after, before = self.spans
        good = self.asked.rule.satisfied
        spans = {"after": [] if after is None else [after], "before": before}
        found = {name: self.of(None, span) for name, span in spans.items()}
        return {f"are good {name}": Proportion(int(each[good].sum()), int(each.sum())) for name, each in found.items()}


def spans_of(asked: WhatChanged, labels: Sequence[str], told: Sequence[str]) -> tuple[int | None, list[int]]:
    """The bucket to explain, and those it is held against.

    Raises
    ------
    UnknownNameError
        If there is no such bucket.
    """
    over = [k for k, how in enumerate(told) if how == "over"]
    if asked.bucket is not None:
        after = place_among("bucket", asked.bucket, labels)
    elif not over:
        return None, []
    else:
        after = over[-1]
    return after, [k for k in range(max(after - asked.before, 0), after) if told[k]]


def change_report(tally: ChangeTally) -> Report:
    """Tables, words and notices."""
    after, before = tally.spans
    rule, empty = tally.asked.rule, np.zeros(PLACES, dtype=np.int64)
    now = empty if after is None else tally.of(None, [after])
    then = tally.of(None, before) if before else empty
    change = hybrid_difference(rule.score(now), rule.score(then), method="score difference")
    table = _table(tally, now, then) if now.sum() and then.sum() else {}
    extras: dict[str, dict[str, list[Any]]] = {
        "scores": {
            "when": list(WHEN),
            "buckets": [_span(tally, before), "" if after is None else tally.labels[after]],
            "answers": [int(then.sum()), int(now.sum())],
            **interval_columns("score", [rule.score(then), rule.score(now)]),
        }
    }
    off = [
        Notice("off_scale", f"{count(tally.off)} answers have a score that is not on the scale {tally.asked.scale!r}.")
    ]
    off = off if tally.off else []
    if not table:
        text = "There are not two spans with answers to hold against each other."
        if not tally.size:
            text = "Nobody gave an answer with a score in this period."
        return Report({}, extras, [text], [*off, *([Notice("too_little_data", text)] if tally.size else [])], [])
    notices = [*off, Notice("associated", "Themes and scores go together; that one causes the other is not shown.")]
    if min(now.sum(), then.sum()) < FEW:
        notices.append(Notice("few_answers", f"One span has fewer than {FEW} answers; contributions are very unsure."))
    if after is not None and tally.told[after] == "open":
        notices.append(Notice("unfinished_bucket", f"{tally.labels[after]} is not over."))
    return Report(table, extras, _words(tally, table, change), notices, [contributions_chart()])


def _table(tally: ChangeTally, now: Any, then: Any) -> dict[str, list[Any]]:
    """A line per theme: shares, scores, and what it contributes; contributions add up to the change."""
    after, before = tally.spans
    rule, n1, n0 = tally.asked.rule, int(now.sum()), int(then.sum())
    points = _points(rule)
    middle = (float((points * now).sum()) / n1 + float((points * then).sum()) / n0) / 2
    whole = float((points * now).sum()) / n1 - float((points * then).sum()) / n0
    rows: list[dict[str, Any]] = []
    found: list[Estimate] = []
    for name, codes in tally.shown:
        one = sum((tally.of(code, [cast("int", after)]) for code in codes), np.zeros(PLACES, dtype=np.int64))
        two = sum((tally.of(code, before) for code in codes), np.zeros(PLACES, dtype=np.int64))
        moved = mean_difference(_moments(one, n1, points - middle), _moments(two, n0, points - middle))
        share1, share0 = int(one.sum()) / n1, int(two.sum()) / n0
        scores = [float((points * each).sum()) / int(each.sum()) if each.sum() else None for each in (one, two)]
        s1, s0 = (scores[k] if scores[k] is not None else scores[1 - k] for k in range(2))
        more = (share1 - share0) * ((cast("float", s1) + cast("float", s0)) / 2 - middle)
        rows.append(
            {
                "theme": name,
                "answers_before": int(two.sum()),
                "answers_after": int(one.sum()),
                "of_answers_before": share0,
                "of_answers_after": share1,
                "score_before": scores[1],
                "score_after": scores[0],
                "by_how_many": round(more, 9),
                "by_how_satisfied": round(cast("float", moved.value) - more, 9),  # of what cannot be told from 0
            }
        )
        found.append(moved)
    order = sorted(range(len(rows)), key=lambda k: (_toward(found[k], whole), rows[k]["theme"]))
    rows, found = [rows[k] for k in order], [found[k] for k in order]
    table: dict[str, list[Any]] = {column: [row[column] for row in rows] for column in rows[0]}
    table |= interval_columns("contribution", found)
    table["of_change"] = [cast("float", each.value) / whole if whole else None for each in found]
    chances = [p_value(each) for each in found]
    return table | {"p_value": chances, "q_value": list(benjamini_hochberg(chances))}


def _toward(contribution: Estimate, whole: float) -> float:
    """Most of what moves the score the way it went comes first."""
    value = cast("float", contribution.value)
    return value if whole < 0 else -value


def _points(rule: Rule) -> npt.NDArray[np.float64]:
    """float64[11]: what an answer adds to the mean that is the score."""
    return np.asarray(rule.points * (100.0 if rule.kind == "nps" else 1.0), dtype=np.float64)


def _moments(counts: Any, n: int, points: npt.NDArray[np.float64]) -> tuple[int, float, float]:
    """Number, mean and variance over all n answers of what those of one theme bring; the others bring nothing."""
    total, squares = float((points * counts).sum()), float((points * points * counts).sum())
    mean = total / n
    return n, mean, (squares - n * mean * mean) / (n - 1) if n > 1 else 0.0


def _span(tally: ChangeTally, buckets: list[int]) -> str:
    if not buckets:
        return ""
    first, last = tally.labels[buckets[0]], tally.labels[buckets[-1]]
    return first if first == last else f"{first} to {last}"


def _words(tally: ChangeTally, table: Mapping[str, list[Any]], change: Estimate) -> list[str]:
    after, before = tally.spans
    unit = "points" if tally.asked.rule.kind == "nps" else "on its scale"
    value = cast("float", change.value)
    since = _span(tally, before) if len(before) < 2 else f"{_span(tally, before)}, taken together,"
    there = f"from {since} to {tally.labels[cast('int', after)]}"
    of = f" (95 % interval {change.low:+.3g} to {change.high:+.3g})" if change.low is not None else ""
    said = [f"The score changed by {value:+.3g} {unit}{of} {there}."]
    sure = [k for k, q in enumerate(table["q_value"]) if q is not None and q <= FLAG]
    if not sure:
        return [*said, "No theme's contribution stands out from chance."]
    first = sure[0]
    share = table["of_change"][first]
    told = f"{table['theme'][first]} goes with {table['contribution'][first]:+.3g} of it"
    if share is not None and 0 < share <= 1:
        told += f", {100 * share:.0f} %"
    counts = f"{count(table['answers_before'][first])} answers before, {count(table['answers_after'][first])} after"
    return [*said, f"{told} ({counts})."]


__all__ = ["WhatChanged"]
