"""Ways to ask what stands before what has to come first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Those with such events, those who had one too early, and those without the first."""
    which = {"event": row["event"]}
    found = [(which, row["people"])]
    return [*found, *(({**which, "outcome": outcome}, row[outcome]) for outcome in ("early", "never"))]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever has such an event had one early, all in order, or never the first."""
    for row in answer.table.to_pylist():
        ordered = answer.people(event=row["event"], outcome="in order").num_rows
        yield row["event"], [row["early"], ordered, row["never"]], row["people"]


def _order(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    return Example(
        "out_of_order", {"first": "b", **fields}, f"out of order {label}", counts, not any_event, any_event=any_event
    )


EXAMPLES = [
    _order("named", then="name in ('a', 'c')"),
    _order("of all", by="channel", most=2, any_event=True),
]
