"""Ways to ask a funnel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody at the step, and what became of them."""
    return [
        ({"step": row["step"], "outcome": outcome}, row[outcome])
        for outcome in ("reached", "dropped", "undecided")
        if row[outcome] is not None
    ]


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever enters is dropped at a step, undecided at one, or gets through."""
    rows = answer.table.to_pylist()
    ended = [(row["dropped"] or 0) + (row["undecided"] or 0) for row in rows[:-1]]
    yield "entered", [*ended, rows[-1]["reached"]], rows[0]["reached"]


def _funnel(label: str, *, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"window": "2 hours", "steps": ["a", "b", "c"], **fields}
    return Example("funnel", asked, f"funnel {label}", counts, ignores_names)


EXAMPLES = [
    _funnel("plain"),
    _funnel("first", entry="first"),
    _funnel("each", entry="each"),
    _funnel("strict", order="strict", ignores_names=False),
    _funnel("strict in scope", order="strict", strict_scope="name in ('a', 'b', 'c')"),
    _funnel("any order", order="any"),
    _funnel("partial", order="partial", steps=["a", ["b", "c"], "d"]),
    _funnel("optional", steps=["a", {"where": "b", "optional": True}, {"where": "c", "within": "30 minutes"}]),
    _funnel("within", steps=["a", {"where": "b", "within": "20 minutes"}, "a"]),
    _funnel("exclusion", steps=["a", "c"], exclude=["b"]),
    _funnel("unit dropped", steps=["a", "c"], exclude=["b"], excluded="drop_unit"),
    _funnel("greedy", entry="first", grace="2 seconds"),
    _funnel("shared events", steps=["a", "name in ('a', 'b')", "b"], distinct=False),
    _funnel("all", rates="all"),
    _funnel("hold", hold=["plan"]),
    _funnel("session", window="session", ignores_names=False),
    _funnel("property", steps=["plan = 'x'", "channel in ('web', 'app') and plan is missing"]),
]
