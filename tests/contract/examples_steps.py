"""Ways to ask where everybody is, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody there."""
    return [({"step": row["step"], "touchpoint": row["touchpoint"]}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """At each step everybody is somewhere."""
    rows = answer.table.to_pylist()
    for step in {row["step"] for row in rows}:
        yield f"step {step}", [row["people"] for row in rows if row["step"] == step], answer.people().num_rows


def _steps(label: str, *, any_event: bool = False, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"start": "a", "window": "1 hour", "only": ["name in ('a', 'b', 'c', 'd')"], "length": 4, **fields}
    return Example("steps", asked, f"steps {label}", counts, ignores_names, any_event=any_event)


EXAMPLES = [
    _steps("to the end", end="c"),
    _steps("from the start", collapse=True),
    _steps("backward", start=None, end="a", direction="backward"),
    _steps("finer", end="d", expand=["plan", "a by channel"], most=3),
    _steps("everything", start=None, only=[], any_event=True, ignores_names=False, length=12),
]
