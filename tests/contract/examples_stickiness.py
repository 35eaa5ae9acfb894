"""Ways to ask how sticky something is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody active in the bucket, and in the ones up to it."""
    inside = [({"bucket": row["bucket"], "of": n}, row[f"in_{n}"]) for n in (2, 3) if row[f"in_{n}"] is not None]
    return [({"bucket": row["bucket"]}, row["active"]), *inside]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever was active in the last buckets was so in one number of them."""
    rows, spread = answer.table.to_pylist(), answer.extra("spread").to_pylist()
    for n in (2, 3):
        if rows and rows[-1][f"in_{n}"] is not None:
            yield f"last {n}", [row["people"] for row in spread if row["of"] == n], rows[-1][f"in_{n}"]


def _stickiness(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"event": "name in ('a', 'b')", "every": "day", "of": [2, 3], **fields}
    return Example(
        "stickiness", asked, f"stickiness {label}", counts, not any_event, dated=("bucket",), any_event=any_event
    )


EXAMPLES = [
    _stickiness("by day"),
    _stickiness("of anything", event=None, any_event=True),
]
