"""Ways to ask who leaves, and what came before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer

CHOICES = {
    "at_risk": "at risk",
    "churned": "churned",
    "stayed": "stayed",
    "undecided": "undecided",
    "came_back": "came back",
    "began": "began",
    "began_and_ended": "began and ended",
}


def counts(row: Row) -> Counts:
    """Everybody of each outcome."""
    return [({"bucket": row["bucket"], "outcome": choice}, row[column]) for column, choice in CHOICES.items()]


def balances(answer: Answer) -> Iterator[Balance]:
    """Who was at risk churned, stayed or may still; who ended has one reason, or none, and one last touchpoint."""
    rows, ended = answer.table.to_pylist(), answer.people(outcome="ended").num_rows
    for row in rows:
        parts = [row[name] for name in ("churned", "stayed", "undecided")]
        yield f"at risk in {row['bucket']}", parts, row["at_risk"]
    yield "ended", [row["churned"] + row["began_and_ended"] for row in rows], ended
    yield "last touchpoints", answer.extras["last_touchpoint"]["people"], ended
    reasons = answer.extras["reasons"]
    yield "reasons", reasons["people"], ended
    for reason, people in zip(reasons["reason"], reasons["people"], strict=True):
        yield f"who states {reason}", [people], answer.people(reason=reason).num_rows
    (period,) = answer.extra("period").to_pylist()
    yield "customers", [period["ended"], period["not_ended"]], period["customers"]
    decided = sum(row["churned"] + row["stayed"] for row in rows if row["over"])
    yield "by tenure", answer.extras["by_tenure"]["at_risk"], decided
    themes = answer.extra("themes").to_pylist()
    if themes:
        yield "themes", [row["churned"] + row["stayed"] for row in themes], decided


def _churn(label: str, **fields: Any) -> Example:
    asked = {"active": "a", "every": "day", "reason": "plan", "friction": ["d"], "tickets": "c", **fields}
    return Example("churn", asked, f"churn {label}", counts, dated=("bucket",))


EXAMPLES = [
    _churn("by contract", ends="b", theme="channel", lookback="1 hour"),
    _churn("by silence", gap="auto", least=2, floor="10 minutes", otherwise="1 hour", feedback="value"),
]
