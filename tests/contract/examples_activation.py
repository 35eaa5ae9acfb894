"""Ways to ask how many are activated, and what goes with staying."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody who reached the milestone in time."""
    return [({"milestone": row["milestone"]}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever started is activated, is not, or is undecided; whoever is known to stay or to leave is one of the two."""
    yield "started", answer.extras["accounts"]["people"], answer.people().num_rows
    if "staying" in answer.extras:
        for row in answer.extra("staying").to_pylist():
            known = [
                answer.people(stays=stays, outcome="activated").num_rows
                if row["what"] == "activated"
                else answer.people(stays=stays).num_rows - answer.people(stays=stays, outcome="activated").num_rows
                for stays in ("stayed", "left")
            ]
            yield row["what"], known, row["people"]


def _activation(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"start": "a", "within": "1 hour", **fields}
    return Example("activation", asked, f"activation {label}", counts, not any_event, any_event=any_event)


EXAMPLES = [
    _activation("of two milestones", milestones=["b", "plan = 'x' and name = 'c'"], need=1, entry="first_ever"),
    _activation(
        "and staying",
        milestones=["b", "c"],
        start=None,
        stays="name in ('c', 'd')",
        stays_from="70 minutes",
        stays_until="2 hours",
        times=[1, 2],
        days=[1],
        any_event=True,
    ),
]
