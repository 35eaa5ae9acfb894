"""Ways to ask what people do within equally long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Whoever did it as often or more."""
    return [({"behaviour": row["behaviour"], "times": row["times"]}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Everybody was watched or not yet; whoever was watched did it or did not."""
    yield "accounts", answer.extras["accounts"]["people"], answer.people().num_rows
    for row in answer.table.to_pylist()[:3]:
        which = {"behaviour": row["behaviour"], "times": row["times"]}
        did = [answer.people(**which, did=did).num_rows for did in (True, False)]
        yield f"{which}", did, answer.extras["accounts"]["people"][0]


def _habits(label: str, **fields: Any) -> Example:
    asked = {"within": "2 hours", "least": "0 %", **fields}
    return Example("habits", asked, f"habits {label}", counts, ignores_names=False, any_event="start" not in fields)


EXAMPLES = [
    _habits("after a start", start="a", times=[1, 2], leave_out=["plan = 'x'"]),
    _habits("of channels", by="channel"),
]
