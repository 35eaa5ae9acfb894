"""Ways to ask how many features people use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody who was active."""
    return [({"bucket": row["bucket"]}, row["active"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever is active uses some number of features; all uses are of some feature."""
    rows = answer.table.to_pylist()
    yield "rows", [row["active"] for row in rows], answer.people().num_rows
    over = [row for row in rows if row["over"]]
    if over:
        breadth, features = answer.extra("breadth").to_pylist(), answer.extra("features").to_pylist()
        yield "numbers of features", [row["people"] for row in breadth], over[-1]["active"]
        yield "uses", [row["uses"] for row in features], over[-1]["uses"]
        for row in features:
            if row["people"] is not None:
                yield row["feature"], [row["people"]], answer.people(feature=row["feature"]).num_rows
        for row in breadth:
            yield f"{row['features']} features", [row["people"]], answer.people(features=row["features"]).num_rows


def _usage(label: str, *, any_event: bool = True, **fields: Any) -> Example:
    return Example(
        "usage", fields, f"usage {label}", counts, ignores_names=False, dated=("bucket",), any_event=any_event
    )


EXAMPLES = [
    _usage("window", window="1 week", most=2),
    _usage("days", any_event=False, features=["a", "plan = 'x'", "b"], active="name in ('a', 'c')", every="day"),
]
