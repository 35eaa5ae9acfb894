"""Ways to ask who is new, comes back and stays away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer

STATES = ("active", "new", "returning", "resurrected", "dormant", "undecided")


def counts(row: Row) -> Counts:
    """Everybody in each state."""
    return [({"bucket": row["bucket"], "state": state}, row[state]) for state in STATES]


def balances(answer: Answer) -> Iterator[Balance]:
    """Active is new, returning or resurrected; whoever was active before returns, stays away, or still may."""
    before = None
    for row in answer.table.to_pylist():
        yield f"active in {row['bucket']}", [row["new"], row["returning"], row["resurrected"]], row["active"]
        if before is not None:
            yield f"after {row['bucket']}", [row["returning"], row["dormant"], row["undecided"]], before
        before = row["active"]


def _lifecycle(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"event": "name in ('a', 'b')", "every": "day", **fields}
    return Example(
        "lifecycle", asked, f"lifecycle {label}", counts, not any_event, dated=("bucket",), any_event=any_event
    )


EXAMPLES = [
    _lifecycle("by day"),
    _lifecycle("by week", every="week"),
    _lifecycle("of anything", event=None, any_event=True),
]
