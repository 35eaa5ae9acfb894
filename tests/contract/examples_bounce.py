"""Ways to ask for bounces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """All visits of each kind."""
    entry = {"entry": row["entry"]}
    kinds = {"visits": "visits", "decided": "decided", "undecided": "undecided", "classic": "classic"}
    kinds["not_engaged"] = "not engaged"
    return [({**entry, "kind": kind}, row[column]) for column, kind in kinds.items()]


def balances(answer: Answer) -> Iterator[Balance]:
    """A visit is decided or undecided, and has one entry."""
    rows = answer.table.to_pylist()
    for row in rows:
        yield row["entry"], [row["decided"], row["undecided"]], row["visits"]
    entries = [row["visits"] for row in rows if row["entry"] != "(all)"]
    yield "visits", entries, answer.people().num_rows


def _bounce(label: str, **fields: Any) -> Example:
    return Example("bounce", fields, f"bounce {label}", counts, ignores_names=False, any_event="views" not in fields)


EXAMPLES = [
    _bounce("plain", most=2),
    _bounce("by plan", views="name in ('a', 'b')", key="c", besides="d", by="plan", seconds="10 minutes"),
]
