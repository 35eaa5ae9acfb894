"""Ways to ask for attribution."""

from __future__ import annotations

from typing import Any

from example import Counts, Example, Row


def counts(row: Row) -> Counts:
    """Everybody with a converting path that touches the channel."""
    return [({"channel": row["channel"]}, row["people"])]


def _attribution(label: str, *, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"goal": "d", "lookback": "2 hours", **fields}
    return Example("attribution", asked, f"attribution {label}", counts, ignores_names)


EXAMPLES = [
    _attribution("plain", ignores_names=False),
    _attribution("by plan", by="plan", touches="name in ('a', 'b')"),
    _attribution("one kind of touch", touches="a", apart="10 minutes", half_life="1 hour", direct=["web"]),
    _attribution("by name", by="name", goal="name in ('c', 'd')", touches="name in ('a', 'b')", lookback="30 minutes"),
]
