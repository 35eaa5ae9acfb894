"""Questions to hold every contract against; a question of the catalog without an example fails a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from desirepath.questions.catalog import build
from desirepath.questions.question import Question


@dataclass(frozen=True)
class Example:
    """One way to ask a question.

    Attributes
    ----------
    name, fields
        What is asked.
    ignores_names
        Whether an event of a name that the question does not mention leaves its table as it was.
    """

    name: str
    fields: dict[str, Any]
    label: str
    ignores_names: bool = True

    def build(self) -> Question:
        """The question."""
        return build(self.name, self.fields)


def _funnel(label: str, *, ignores_names: bool = True, **fields: Any) -> Example:
    return Example(
        "funnel", {"window": "2 hours", "steps": ["a", "b", "c"], **fields}, f"funnel {label}", ignores_names
    )


EXAMPLES = [
    _funnel("plain"),
    _funnel("first", entry="first"),
    _funnel("each", entry="each"),
    _funnel("strict", order="strict", ignores_names=False),
    _funnel("strict in scope", order="strict", strict_scope="name in ('a', 'b', 'c')"),
    _funnel("any order", order="any"),
    _funnel("partial", order="partial", steps=["a", ["b", "c"], "d"]),
    _funnel("optional", steps=["a", {"where": "b", "optional": True}, {"where": "c", "within": "30 minutes"}]),
    _funnel("within", steps=["a", {"where": "b", "within": "20 minutes"}, "a"]),
    _funnel("exclusion", steps=["a", "c"], exclude=["b"]),
    _funnel("unit dropped", steps=["a", "c"], exclude=["b"], excluded="drop_unit"),
    _funnel("hold", hold=["plan"]),
    _funnel("session", window="session", ignores_names=False),
    _funnel("property", steps=["plan = 'x'", "channel in ('web', 'app') and plan is missing"]),
]
