"""Ways to ask for transitions."""

from __future__ import annotations

from typing import Any

from example import Counts, Example, Row


def counts(row: Row) -> Counts:
    """Everybody with such a move."""
    return [] if row["people"] is None else [({"from": row["from"], "to": row["to"]}, row["people"])]


def _transitions(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"only": ["name in ('a', 'b', 'c', 'd')"], "within": "1 hour", **fields}
    return Example("transitions", asked, f"transitions {label}", counts, not any_event, any_event=any_event)


EXAMPLES = [
    _transitions("within"),
    _transitions("without end", within=None),
    _transitions("collapsed", collapse=True, hide=["b"]),
    _transitions("finer", expand=["plan", "a by channel"], most=5),
    _transitions("everything", only=[], any_event=True),
]
