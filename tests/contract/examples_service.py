"""Ways to ask whose self-service was enough."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer

OUTCOMES = ("resolved", "abandoned", "came back", "leaked", "undecided")


def counts(row: Row) -> Counts:
    """Issues by what became of them, and customers."""
    where = {"topic": row["topic"]}
    found: Counts = [(where, row["issues"]), ({**where, "outcome": "self-service"}, row["self_service"])]
    found += [({**where, "outcome": each}, row[each.replace(" ", "_")]) for each in OUTCOMES]
    found.append(({"who": "customers"}, row["customers"]))
    return [*found, ({**where, "who": "with contacts"}, row["with_contacts"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every issue began somewhere, and came to something; topics make up the whole."""
    rows = answer.table.to_pylist()
    for row in rows[:1]:
        parts = [row[each.replace(" ", "_")] for each in OUTCOMES]
        yield "outcomes", parts, row["self_service"]
        human = answer.people(outcome="began with a human").num_rows
        yield "issues", [*parts, human], answer.people().num_rows
        yield "leaks", answer.extra("leaks").column("issues").to_pylist(), row["leaked"]
    if len(rows) > 1:
        for name in ("issues", "contacts", "leaked", "repeat_contacts"):
            yield name, [row[name] for row in rows[1:]], rows[0][name]


def _service(label: str, *, any_event: bool = False, **fields: Any) -> Example:
    asked = {"contacts": "a", "self_service": "b", "gap": "1 hour", "horizons": ["20 minutes", "1 hour"], **fields}
    return Example("service", asked, f"service {label}", counts, not any_event, any_event=any_event)


EXAMPLES = [
    _service("by topic", topic="plan", most=1, active="c", again="20 minutes", cost={"web": 2.5, "app": -1}),
    _service("resolved", resolved="d", any_event=True),
]
