"""Ways to ask how tickets develop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody with a ticket in the bucket, and everybody active in it."""
    where = {"bucket": row["bucket"]}
    return [({**where, "who": "with tickets"}, row["people"]), ({**where, "who": "active"}, row["active"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every ticket has a theme, a rare one, or none."""
    rows = answer.table.to_pylist()
    if "themes" in answer.extras:
        for row in rows:
            themes = [each for each in answer.extra("themes").to_pylist() if each["bucket"] == row["bucket"]]
            yield f"themes in {row['bucket']}", [each["tickets"] for each in themes], row["tickets"]
    every = [answer.people(bucket=row["bucket"]).num_rows for row in rows]
    yield "people", every, sum(answer.people(bucket=row["bucket"]).num_rows for row in rows)


def _trends(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"tickets": "a", "active": "b", **fields}
    return Example(
        "ticket_trends", asked, f"tickets {label}", counts, not any_event, dated=("bucket",), any_event=any_event
    )


EXAMPLES = [
    _trends("by day and theme", every="day", theme="channel", most=1),
    _trends("of anybody", active=None, season=False, any_event=True),
]
