"""Ways to ask how calls and chats go; the readings are properties of their very names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer

MOODS = ("better", "worse", "same", "unread")


def counts(row: Row) -> Counts:
    """Conversations and people, those of whom a change is known, who were handed on, and what was resolved."""
    where = {"bucket": row["bucket"]}
    return [
        (where, row["conversations"]),
        ({**where, "first": True}, row["people"]),
        ({**where, "has": "change", "first": True}, row["people_with_change"]),
        ({**where, "handed_on": True, "first": True}, row["handed_on"]),
        ({**where, "resolution": "resolved"}, row["resolved"]),
        ({**where, "resolution": "known"}, row["known"]),
    ]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every conversation is in one bucket, got better or not, and was resolved, was not, or does not say."""
    whole = answer.people().num_rows
    rows = answer.table.to_pylist()
    if len(rows) > 1:
        yield "buckets", [row["conversations"] for row in rows[1:]], whole
    yield "moods", [answer.people(mood=mood).num_rows for mood in MOODS], whole
    said = [answer.people(resolution=each).num_rows for each in ("resolved", "unresolved", "unknown")]
    yield "resolutions", said, whole


def _conversations(label: str, *, any_event: bool = False, dated: tuple[str, ...] = (), **fields: Any) -> Example:
    asked = {"turns": "said", **fields}
    return Example(
        "conversations", asked, f"conversations {label}", counts, not any_event, dated=dated, any_event=any_event
    )


EXAMPLES = [
    _conversations("of one kind", conversations="a"),
    _conversations("by day", conversations="name in ('a', 'b')", every="day", any_event=True, dated=("bucket",)),
]
