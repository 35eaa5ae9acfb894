"""What does a segment look like? Its size, and what it is saved as: a filter, or a question and what selects."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from desirepath.segments import Segment


class SegmentShape(BaseModel):
    """A segment."""

    name: str
    size: int | None = Field(description="How many are in it at present; null where that is not known yet.")
    unit: str = Field(description="`person` or `account`.")
    where: str | None = Field(
        description="People with an event that fits; or the people behind a number of a question."
    )
    question: str | None
    fields: dict[str, Any] | None
    asked_of: dict[str, Any] | None
    which: dict[str, Any] | None
    problem: str | None = Field(description="Why its people cannot be found at present.")


def shape_of(segment: Segment, size: int | None, problem: str | None = None) -> SegmentShape:
    """A segment as it is shown."""
    question = None if segment.question is None else dict(segment.question)
    return SegmentShape(
        name=segment.name,
        size=size,
        unit="account" if segment.asked_of.get("unit") == "account" else "person",
        where=segment.where,
        question=None if question is None else str(question.pop("name")),
        fields=question,
        asked_of=None if segment.question is None else dict(segment.asked_of),
        which=None if segment.question is None else dict(segment.which),
        problem=problem,
    )


__all__ = ["SegmentShape", "shape_of"]
