"""Ways to ask how satisfied people are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer

KINDS = {"promoters": "promoter", "passives": "passive", "detractors": "detractor", "good": "good", "other": "other"}
INVITATIONS = ("invited", "open", "answered")


def counts(row: Row) -> Counts:
    """Answers and invitations of each kind, and the people who answered."""
    where = {"bucket": row["bucket"]}
    found: Counts = [({**where, "kind": "counted"}, row["answers"]), ({**where, "first": True}, row["people"])]
    found.append(({**where, "kind": "left out"}, row["left_out"]))
    found += [({**where, "kind": kind}, row[name]) for name, kind in KINDS.items() if name in row]
    found += [({**where, "kind": kind}, row[kind]) for kind in INVITATIONS if kind in row]
    return found


def balances(answer: Answer) -> Iterator[Balance]:
    """Every answer counts, or it is said why not; buckets hold all that counts."""
    rows = answer.table.to_pylist()
    left_out = answer.extra("left_out").column("answers").to_pylist()
    answers = [row["answers"] for row in rows[:1]]
    yield "answers", [*answers, *left_out], answer.people().num_rows
    yield "distribution", answer.extra("distribution").column("answers").to_pylist(), sum(answers)
    if len(rows) > 1:
        yield "buckets", [row["answers"] for row in rows[1:]], sum(answers)


def _scores(label: str, *, any_event: bool = False, dated: tuple[str, ...] = (), **fields: Any) -> Example:
    asked = {"answers": "a", "score": "score", **fields}
    return Example("scores", asked, f"scores {label}", counts, not any_event, dated=dated, any_event=any_event)


EXAMPLES = [
    _scores("with invitations", invited="b", respond_within="1 hour", once="30 minutes", text="plan"),
    _scores("by day", scale="stars", every="day", once="none", strata="plan", any_event=True, dated=("bucket",)),
]
