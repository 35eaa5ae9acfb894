"""Ways to ask for levels of engagement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody at the level."""
    return [({"level": row["level"]}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Everybody with any event is at one level."""
    yield "levels", answer.columns["people"], answer.people().num_rows


def _engagement(label: str, *, dated: tuple[str, ...] = (), **fields: Any) -> Example:
    asked = {"event": "name in ('a', 'b')", **fields}
    return Example("engagement", asked, f"engagement {label}", counts, ignores_names=False, dated=dated, any_event=True)


EXAMPLES = [
    _engagement("events"),
    _engagement("scores", levels=["3", "1.5"]),
    _engagement("days", by="days", levels=["2"], dated=("day",)),
    _engagement("names", by="names", event=None),
    _engagement("property", by="value", levels=["30 %"]),
]
