"""Ways to ask for patterns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Whose journey fits, does not, or may go on to."""
    return [
        ({"pattern": row["pattern"], "outcome": outcome}, row[outcome]) for outcome in ("fits", "fits_not", "undecided")
    ] + [({"pattern": row["pattern"], "outcome": "all"}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Everybody fits, does not, or is undecided."""
    for row in answer.table.to_pylist():
        yield row["pattern"], [row["fits"], row["fits_not"], row["undecided"]], row["people"]


def _patterns(label: str, *patterns: str, **fields: Any) -> Example:
    asked = {"patterns": list(patterns), **fields}
    return Example("patterns", asked, f"patterns {label}", counts, ignores_names=False, any_event=True)


EXAMPLES = [
    _patterns("plain", "a -> b", "a -> ... -> b"),
    _patterns("classes", "a -> {not c}* -> b", "{a or b}{2,3} -> {plan = 'x'}?"),
    _patterns("within", "a -> ... -> b -> ... -> c", within="1 hour"),
    _patterns("anchors", "^a -> .* -> b", "(a -> b | b -> a)+$"),
]
