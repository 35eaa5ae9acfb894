"""Ways to ask how recurring revenue moves; every subscription is 1, as the logs of the contracts have no amounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer

MOVEMENTS = ("start", "new", "reactivation", "expansion", "contraction", "churn", "end", "stayed", "passing")


def counts(row: Row) -> Counts:
    """Everybody under each movement."""
    return [({"bucket": row["bucket"], "movement": name}, row[f"customers_{name}"]) for name in MOVEMENTS]


def balances(answer: Answer) -> Iterator[Balance]:
    """What was there, came and went is what is left, and the next bucket begins with it."""
    before = None
    for row in answer.table.to_pylist():
        come = [row[f"customers_{name}"] for name in ("start", "new", "reactivation")]
        yield f"customers of {row['bucket']}", [*come, -row["customers_churn"]], row["customers_end"]
        yield f"stayed in {row['bucket']}", [row["customers_stayed"], row["customers_churn"]], row["customers_start"]
        names = ("start", "new", "reactivation", "expansion")
        cents = [round(100 * row[f"mrr_{name}"]) for name in names]
        cents += [-round(100 * row[f"mrr_{name}"]) for name in ("contraction", "churn")]
        yield f"revenue of {row['bucket']}", cents, round(100 * row["mrr_end"])
        if before is not None:
            yield f"customers at the start of {row['bucket']}", [row["customers_start"]], before["customers_end"]
            yield f"revenue at the start of {row['bucket']}", [round(row["mrr_start"])], round(before["mrr_end"])
        before = row


def _subscriptions(label: str, **fields: Any) -> Example:
    asked = {"starts": "a", "changes": "c", "ends": "b", "amount": None, "every": "day", **fields}
    return Example("subscriptions", asked, f"subscriptions {label}", counts, dated=("bucket",))


EXAMPLES = [
    _subscriptions("by day"),
    _subscriptions("several at a time", key="plan", kind="channel", every="week"),
]
