"""From counts by cohort and period to a curve, a triangle and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.retention_charts import curve_chart, triangle_chart
from desirepath.answers.words import count, with_interval
from desirepath.questions.question import Report
from desirepath.statistics import Proportion, wilson_columns

Array = npt.NDArray[Any]

IN_WORDS = {
    "on": "come back in",
    "on_or_after": "come back in or after",
    "on_or_before": "come back by",
    "streak": "come back in every one up to",
}


BEGINS = "0"
"""The name of the period that everybody starts in: to come back in it says little."""


@dataclass(frozen=True)
class Scale:
    """What periods are: a unit of the calendar, or a length in microseconds; and what they are called."""

    unit: str
    width: int
    text: str


@dataclass(frozen=True, eq=False)
class RetentionTally:
    """Sums over memberships of cohorts.

    Attributes
    ----------
    labels
        The cohorts.
    started
        int64[cohorts]: rows in each.
    closed, back
        int64[cohorts, periods]: of how many the period was over at the cut-off; who of them came back.
    names
        What the periods, or brackets of them, are called; `BEGINS` is the one that everybody starts in.
    """

    labels: tuple[str, ...]
    started: Array
    closed: Array
    back: Array
    names: tuple[str, ...]

    def __add__(self, other: RetentionTally) -> RetentionTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return RetentionTally(
            self.labels, self.started + other.started, self.closed + other.closed, self.back + other.back, self.names
        )

    @property
    def size(self) -> int:
        """How many rows it sums up."""
        return int(self.started.sum())

    def rates(self) -> Mapping[str, Proportion]:
        """Per period the share of those whose period was over that came back."""
        closed, back = self.closed.sum(axis=0), self.back.sum(axis=0)
        return {
            f"returned in period {name}": Proportion(int(back[k]), int(closed[k]))
            for k, name in enumerate(self.names)
            if name != BEGINS
        }


def retention_report(
    tally: RetentionTally, scale: Scale, mode: str, names: Sequence[str], start: str | None, *, first: bool,
    begun: bool,
) -> Report:  # fmt: skip
    """Put the sums into words and tables."""
    closed, back = tally.closed.sum(axis=0).tolist(), tally.back.sum(axis=0).tolist()
    table = {"period": list(names), **_columns([tally.size] * len(names), closed, back)}
    cohorts, many = np.flatnonzero(tally.started), len(names)
    triangle: dict[str, list[Any]] = {
        "cohort": [tally.labels[c] for c in cohorts.tolist() for _ in names],
        "period": list(names) * len(cohorts),
    }
    if tally.size:
        parts = (np.repeat(tally.started[cohorts], many), tally.closed[cohorts], tally.back[cohorts])
        triangle.update(_columns(*(part.ravel().tolist() for part in parts)))
    return Report(
        table,
        {"cohorts": triangle},
        words=_words(tally, scale, mode, names, closed, back, start),
        notices=_notices(tally, scale, mode, names, closed, first=first, begun=begun),
        charts=[curve_chart(scale.text), triangle_chart()] if tally.size else [],
    )


def _columns(started: list[int], closed: list[int], back: list[int]) -> dict[str, list[Any]]:
    return {
        "started": started,
        "observable": closed,
        "returned": back,
        "undecided": [all_ - known for all_, known in zip(started, closed, strict=True)],
        **wilson_columns("of_observable", back, closed),
    }


def _words(
    tally: RetentionTally, scale: Scale, mode: str, names: Sequence[str], closed: list[int], back: list[int],
    start: str | None,
) -> list[str]:  # fmt: skip
    if not tally.size:
        return [f"Nobody started{f' with {start}' if start else ''} in this period."]
    known = [k for k, name in enumerate(names) if closed[k] and (name != BEGINS or len(names) == 1)]
    if not known:
        return [f"{count(tally.size)} started; no period after the first is over for any of them."]
    period = "a period that begins with the start and lasts" if scale.width else "a calendar"
    shown = [known[0]] if len(known) == 1 else [known[0], known[-1]]
    shares = {k: with_interval(Proportion(back[k], closed[k]).estimate()) for k in shown}
    parts = [f"{shares[k]} of {count(closed[k])} {IN_WORDS[mode]} period {names[k]}" for k in shown]
    return [f"{'; '.join(parts)}. A period is {period} {scale.text}; {count(tally.size)} started."]


def _notices(
    tally: RetentionTally, scale: Scale, mode: str, names: Sequence[str], closed: list[int], *, first: bool,
    begun: bool,
) -> list[Notice]:  # fmt: skip
    if not tally.size:
        return []
    found = []
    open_ = tally.size - closed[-1]
    if begun:
        text = "Rates take in periods that have begun only: who has not come back in one yet is taken for lost."
        found.append(Notice("begun", text))
    if open_:
        state = "had not begun" if begun else "was not over"
        text = f"Period {names[-1]} {state} for {open_:,} when the data ends; they are in no rate of it."
        found.append(Notice("undecided", text))
    if mode == "on_or_after":
        text = "Who has not come back yet still may: shares on or after a period can only rise with more data."
        found.append(Notice("rising", text))
    if first and tally.started[0]:
        text = (
            f"{int(tally.started[0]):,} are in the cohort in which the data begins; "
            "whoever started before that is taken for new."
        )
        found.append(Notice("left_censored", text))
    if not first:
        text = "Somebody who starts in several periods is in several cohorts, and counts once in each."
        found.append(Notice("several_cohorts", text))
    return found
