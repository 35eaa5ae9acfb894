"""Ways to ask which behaviours go with an outcome, or separate two groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Whoever did it so often, and on which side they are."""
    which = {"behaviour": row["behaviour"]}
    which |= {"times": row["times"]} if row["times"] is not None else {"days": row["days"]}
    sides = ("converted", "not converted") if "converted" in row else ("one", "other")
    sums = [({**which, "outcome": side}, row[side.replace(" ", "_")]) for side in sides]
    return [(which, row["people"]), *sums]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever started has one outcome, and whoever did something is on one side."""
    yield "started", answer.extras["accounts"]["people"], answer.people().num_rows
    for row in answer.table.to_pylist():
        yield (
            row["behaviour"],
            [row.get("converted", row.get("one")), row.get("not_converted", row.get("other"))],
            row["people"],
        )


def _behaviours(label: str, *, ignores_names: bool = True, any_event: bool = False, **fields: Any) -> Example:
    asked = {"within": "1 hour", "window": "2 hours", "times": [1, 2], **fields}
    return Example("behaviours", asked, f"behaviours {label}", counts, ignores_names, any_event=any_event)


ALL: dict[str, Any] = {"any_event": True, "ignores_names": False, "least": "0 %"}

EXAMPLES = [
    _behaviours(
        "to the goal", start="a", goal="c", only=["name in ('a', 'b', 'c', 'd')"], days=[1, 2], strata="channel"
    ),
    _behaviours(
        "of two groups",
        one="plan = 'x' and name = 'd'",
        other="plan = 'y' and name = 'b'",
        any_event=True,
        ignores_names=False,
    ),
    _behaviours("of a group and the rest", one="plan = 'x' and name = 'd'", by="channel", days=[1], **ALL),
]
