"""Ways to ask for what people said, in their words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import TOY

from desirepath import Answer


def counts(row: Row) -> Counts:
    """How often each text was said."""
    return [({"quote": row["quote"]}, row["times"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every remark sounds bad, neutral, good or cannot be told."""
    moods = [answer.people(mood=mood).num_rows for mood in ("bad", "neutral", "good", "unread")]
    yield "moods", moods, answer.people().num_rows


def _quotes(label: str, **fields: Any) -> Example:
    read = {"text": "said", "theme": "plan", "sentiment": "mood", "effort": "ease"}
    return Example("quotes", {"answers": "a", **read, **fields}, f"quotes {label}", counts)


EXAMPLES = [
    _quotes("of all", score="score", most=3),
    _quotes("at a touchpoint", touchpoints=["b", "c"], link_by="channel", within="1 hour", mood="good"),
    _quotes("on a map", answers="name in ('a', 'd')", map=TOY, theme="stars", theme_is="5", words="O", within="1 hour"),
]
