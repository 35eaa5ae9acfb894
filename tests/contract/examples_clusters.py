"""Ways to ask which kinds of journeys there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody of the type, and everybody with its typical path."""
    return [({"type": row["type"]}, row["people"]), ({"path": row["typical"]}, row["with_typical"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Everybody is of one type."""
    yield "types", answer.columns["people"], answer.people().num_rows


def _clusters(label: str, *, any_event: bool = False, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"start": "a", "window": "2 hours", "only": ["name in ('a', 'b', 'c', 'd')"], "depth": 6, **fields}
    return Example("clusters", asked, f"clusters {label}", counts, ignores_names, any_event=any_event)


EXAMPLES = [
    _clusters("found"),
    _clusters("three", types=3),
    _clusters("everything", start=None, only=[], types=2, any_event=True, ignores_names=False),
]
