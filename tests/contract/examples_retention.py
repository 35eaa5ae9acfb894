"""Ways to ask for retention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Who came back in the period, did not, or may still."""
    return [
        ({"period": row["period"], "outcome": "returned"}, row["returned"]),
        ({"period": row["period"], "outcome": "lost"}, row["observable"] - row["returned"]),
        ({"period": row["period"], "outcome": "observable"}, row["observable"]),
        ({"period": row["period"], "outcome": "undecided"}, row["undecided"]),
        ({"outcome": "started"}, row["started"]),
    ]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever started can be observed or not yet; cohorts come to the whole."""
    cohorts = answer.extra("cohorts").to_pylist()
    for row in answer.table.to_pylist():
        yield f"period {row['period']}", [row["observable"], row["undecided"]], row["started"]
        for name in ("started", "observable", "returned", "undecided"):
            parts = [each[name] for each in cohorts if each["period"] == row["period"]]
            yield f"cohorts' {name} in {row['period']}", parts, row[name]


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
    _retention("begun", every="30 minutes", rates="begun"),
    _retention("every", cohorts="every", every="day", periods=1),
    _retention("any start", start=None, returns=None, any_event=True),
]
