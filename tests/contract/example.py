"""One way to ask a question, and what the contracts need to know of its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from desirepath.questions.catalog import build
from desirepath.questions.question import Question

Row = Mapping[str, Any]
Counts = list[tuple[dict[str, Any], int]]
"""Selections, and how many people each must lead to."""

Balance = tuple[str, list[int], int]
"""What is accounted for, its parts, and the whole that they must come to."""


@dataclass(frozen=True)
class Example:
    """One way to ask a question.

    Attributes
    ----------
    name, fields
        What is asked.
    label
        What tests call it.
    counts
        From a row of the main table to the selections of `answer.people(...)` and the numbers in the row that they
        must lead to: every count of units that the row shows.
    ignores_names
        Whether an event of a name that the question does not mention leaves its table as it was.
    dated
        Columns that hold dates. Answers of such a question are compared without them, their words and charts, when
        all times are shifted, and shifts are of whole weeks.
    any_event
        Whether every event concerns it, so that whoever has one counts.
    """

    name: str
    fields: dict[str, Any]
    label: str
    counts: Callable[[Row], Counts]
    ignores_names: bool = True
    dated: tuple[str, ...] = ()
    any_event: bool = False

    def build(self) -> Question:
        """The question."""
        return build(self.name, self.fields)
