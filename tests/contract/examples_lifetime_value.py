"""Ways to ask what customers are worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Everybody of the cohort, those who bought again, and contracts by how they stand."""
    found: Counts = [
        ({"cohort": row["cohort"]}, row["people"]),
        ({"cohort": row["cohort"], "bought": "again"}, row["repeaters"]),
    ]
    for state in ("active", "ended", "ending"):
        if state in row:
            found.append(({"cohort": row["cohort"], "state": state}, row[state]))
    return found


def balances(answer: Answer) -> Iterator[Balance]:
    """Whoever bought is in one cohort."""
    rows = answer.table.to_pylist()
    if rows:
        yield "cohorts", [row["people"] for row in rows[:-1]], rows[-1]["people"]
        yield "everybody", [rows[-1]["people"]], answer.people().num_rows
        if "active" in rows[-1]:
            yield "contracts", [rows[-1][state] for state in ("active", "ended", "ending")], rows[-1]["people"]


def _lifetime_value(label: str, **fields: Any) -> Example:
    asked = {"purchase": "a", "ages": ["1 day", "30 days"], **fields}
    return Example("lifetime_value", asked, f"lifetime value {label}", counts, dated=("cohort",))


EXAMPLES = [
    _lifetime_value("plain", every="week"),
    _lifetime_value("of contracts", model="contract", ends="b", every="month"),
]
