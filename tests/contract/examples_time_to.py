"""Ways to ask how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody to whom the outcome has come by then."""
    return [({"outcome": row["outcome"], "within": row["within"]}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever started came to one outcome, or is undecided."""
    outcomes = answer.extra("outcomes").to_pylist()
    yield "outcomes", [row["people"] for row in outcomes], answer.people().num_rows
    for row in outcomes:
        yield row["outcome"], [row["people"]], answer.people(outcome=row["outcome"]).num_rows


def _time_to(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"start": "a", "end": "b", "by": ["20 minutes", "2 hours"], **fields}
    return Example("time_to", asked, f"time to {label}", counts, not any_event, any_event=any_event)


EXAMPLES = [
    _time_to("plain"),
    _time_to("competing", instead=["c", "plan = 'x' and name = 'd'"]),
    _time_to("first ever", entry="first_ever", instead=["d"]),
    _time_to("from anything", start=None, any_event=True),
]
