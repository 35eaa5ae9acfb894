"""Ways to ask for transitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody with such a move."""
    return [] if row["people"] is None else [({"from": row["from"], "to": row["to"]}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every visit begins a stretch or is arrived at, and is gone on from, left or undecided; the table has them all."""
    rows, touchpoints = answer.table.to_pylist(), answer.extra("touchpoints").to_pylist()
    for row in touchpoints:
        yield f"before {row['touchpoint']}", [row["started"], row["arrived"]], row["visits"]
        yield f"after {row['touchpoint']}", [row["went_on"], row["left"], row["undecided"]], row["visits"]
    visits = sum(row["visits"] for row in touchpoints)
    started = sum(row["started"] for row in touchpoints)
    yield "moves", [row["times"] for row in rows], visits + started


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
