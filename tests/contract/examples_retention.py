"""Ways to ask for retention."""

from __future__ import annotations

from typing import Any

from example import Counts, Example, Row


def counts(row: Row) -> Counts:
    """Who came back in the period, did not, or may still."""
    return [
        ({"period": row["period"], "outcome": "returned"}, row["returned"]),
        ({"period": row["period"], "outcome": "lost"}, row["observable"] - row["returned"]),
        ({"period": row["period"], "outcome": "observable"}, row["observable"]),
        ({"period": row["period"], "outcome": "undecided"}, row["undecided"]),
        ({"outcome": "started"}, row["started"]),
    ]


def _retention(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"start": "a", "returns": "name in ('a', 'b')", "every": "1 hour", "periods": 4, **fields}
    return Example(
        "retention", asked, f"retention {label}", counts, not any_event, dated=("cohort",), any_event=any_event
    )


EXAMPLES = [
    _retention("by length"),
    _retention("calendar", every="day", periods=2),
    _retention("on or after", mode="on_or_after"),
    _retention("on or before", mode="on_or_before", every="30 minutes"),
    _retention("streak", mode="streak", every="20 minutes"),
    _retention("brackets", brackets=["0", "1..2", "3..6"], every="20 minutes"),
    _retention("every", cohorts="every", every="day", periods=1),
    _retention("any start", start=None, returns=None, any_event=True),
]
