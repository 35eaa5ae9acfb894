"""Ways to ask for sequences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody who has the sequence, and what became of them."""
    which = {"sequence": row["sequence"]}
    outcomes = [outcome for outcome in ("converted", "left", "undecided") if outcome in row]
    return [(which, row["people"]), *(({**which, "outcome": outcome}, row[outcome]) for outcome in outcomes)]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever started is accounted for, and so is whoever has a sequence."""
    yield "started", answer.extras["accounts"]["people"], answer.people().num_rows
    for row in answer.table.to_pylist():
        if "converted" in row:
            yield row["sequence"], [row["converted"], row["left"], row["undecided"]], row["people"]


def _sequences(label: str, *, any_event: bool = False, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"start": "a", "window": "2 hours", "within": "1 hour", "only": ["name in ('a', 'b', 'c', 'd')"], **fields}
    return Example("sequences", {**asked, "depth": 8}, f"sequences {label}", counts, ignores_names, any_event=any_event)


EXAMPLES = [
    _sequences("to the end", end="c"),
    _sequences("without end", length=2, least="10 %"),
    _sequences("finer", end="d", expand=["plan", "a by channel"], most=3, length=2),
    _sequences("everything", start=None, end="d", only=[], any_event=True, ignores_names=False, length=1),
]
