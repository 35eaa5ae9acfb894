"""Ways to ask for attribution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer
from desirepath.questions.attribution_walk import MODELS, UNIT


def counts(row: Row) -> Counts:
    """Everybody with a converting path that touches the channel."""
    return [({"channel": row["channel"]}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every rule shares out each credited conversion whole, to the smallest unit."""
    accounts = dict(zip(answer.extras["accounts"]["what"], answer.extras["accounts"]["paths"], strict=True))
    credited = accounts["credited conversions"] * UNIT
    for name in answer.columns:
        if name in MODELS and name != "participation":
            yield name, [round(part * UNIT) for part in answer.columns[name]], credited


def _attribution(label: str, *, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"goal": "d", "lookback": "2 hours", **fields}
    return Example("attribution", asked, f"attribution {label}", counts, ignores_names)


EXAMPLES = [
    _attribution("plain", ignores_names=False),
    _attribution(
        "all rules by plan",
        by="plan",
        touches="name in ('a', 'b')",
        apart="10 minutes",
        half_life="1 hour",
        direct=["x"],
        lead="b",
        custom=[2, 1, 1],
        order=0,
        rates=True,
    ),
    _attribution("by name", by="name", goal="name in ('c', 'd')", touches="name in ('a', 'b')", lookback="30 minutes"),
]
