"""Ways to ask for paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody on the path, and what became of them."""
    path = {"path": row["path"]}
    outcomes = [outcome for outcome in ("converted", "left", "undecided") if row.get(outcome) is not None]
    return [(path, row["people"]), *(({**path, "outcome": outcome}, row[outcome]) for outcome in outcomes)]


def balances(answer: Answer) -> Iterator[Balance]:
    """Everybody is on one path with one outcome, and at each depth still there or ended in one way."""
    columns, everyone = answer.columns, sum(answer.columns["people"])
    outcomes = [sum(columns[name]) for name in ("converted", "left", "undecided") if name in columns]
    yield "outcomes", outcomes or [everyone], everyone
    for row in answer.extra("depths").to_pylist():
        ended = [number for name, number in row.items() if name.startswith("ended_")]
        yield f"depth {row['depth']}", [row["there"], *ended], everyone
        shown = [each for each in answer.extra("tree").to_pylist() if each["depth"] == row["depth"]]
        if shown:  # the tree is told a few touchpoints deep
            yield f"tree at depth {row['depth']}", [each["people"] for each in shown], row["there"]


def _paths(label: str, *, any_event: bool = False, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"start": "a", "window": "1 hour", "only": ["name in ('a', 'b', 'c', 'd')"], "length": 4, **fields}
    return Example("paths", asked, f"paths {label}", counts, ignores_names, any_event=any_event)


EXAMPLES = [
    _paths("to the end", end="c"),
    _paths("from the start"),
    _paths("first", end="d", entry="first", collapse=False, hide=["b"]),
    _paths("backward", start=None, end="a", direction="backward"),
    _paths("around", start="a", direction="around", length=2),
    _paths("around all", start="a", direction="around", length=1, only=[], collapse=False, ignores_names=False),
    _paths("finer", end="d", expand=["plan", "a by channel"], most=3),
    _paths("everything", start=None, only=[], any_event=True, ignores_names=False, length=3),
    _paths("through", end="c", through=["a"]),
    _paths("long", start="a", end="d", length=40, collapse=False),
]
