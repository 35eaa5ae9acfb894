"""Ways to ask for a timeline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Behind each line is one event."""
    return [({"event": row["event"]}, 1)]


def balances(answer: Answer) -> Iterator[Balance]:
    """Events are shown or counted, each under its name."""
    (whole,) = answer.extra("whole").to_pylist()
    yield "events", [whole["shown"], whole["more"]], whole["events"]
    yield "lines", [1] * len(answer.columns["event"]), whole["shown"]
    yield "touchpoints", answer.extras["touchpoints"]["events"], whole["events"]


def _timeline(label: str, **fields: Any) -> Example:
    return Example("timeline", fields, f"timeline {label}", counts, ignores_names=False, dated=("at",), any_event=True)


EXAMPLES = [_timeline("plain"), _timeline("short", most=7), _timeline("properties", show=["plan", "value"])]
