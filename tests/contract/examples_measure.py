"""Ways to ask how much of something there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody counted, and those who did it."""
    return [({}, row["people"]), ({"did": "yes"}, row["did"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Everybody did it or did not."""
    did = [answer.people(did=did).num_rows for did in ("yes", "no")]
    yield "did or did not", did, answer.columns["people"][0]


def _measure(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    return Example("measure", fields, f"measure {label}", counts, not any_event, any_event=any_event)


EXAMPLES = [
    _measure("a sum", event="a", value="value", of="name in ('a', 'b')"),
    _measure("of everybody", event="b", any_event=True),
]
