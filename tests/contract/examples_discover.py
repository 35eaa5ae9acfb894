"""Ways to have a map drawn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """How many journeys have a touchpoint."""
    return [({"touchpoint": row["touchpoint"]}, row["journeys"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """The row of a touchpoint counts journeys, of which there are as many as people."""
    size = answer.people().num_rows
    for number in answer.columns.get("journeys", []):
        yield "journeys", [number, size - number], size


def _discover(label: str, **fields: Any) -> Example:
    return Example("discover", fields, f"discover {label}", counts, ignores_names=False, any_event=True)


EXAMPLES = [
    _discover("plain"),
    _discover("goal", goal="c", least=0.0, hide=["d"]),
    _discover("grouped", group={"ab": ["a", "b"]}, least=0.2),
]
