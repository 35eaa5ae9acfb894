"""Ways to ask which themes explain a change of a score."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import TOY

from desirepath import Answer


def counts(row: Row) -> Counts:
    """Answers of a theme, before and after."""
    return [({"theme": row["theme"], "when": when}, row[f"answers_{when}"]) for when in ("before", "after")]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every answer of a span has one theme, a rare one, none, or no words."""
    spans = dict(zip(*(answer.extra("scores").column(name).to_pylist() for name in ("when", "answers")), strict=True))
    for when, answers in spans.items():
        yield f"answers {when}", [answers], answer.people(when=when).num_rows
        rows = answer.table.to_pylist()
        if rows:
            yield f"themes {when}", [row[f"answers_{when}"] for row in rows], answers


def _changed(label: str, **fields: Any) -> Example:
    read = {"text": "said", "theme": "plan", "sentiment": "mood", "effort": "ease"}
    asked = {"answers": "name in ('a', 'b')", "every": "day", **read, **fields}
    dated = ("buckets",)
    return Example("what_changed", asked, f"what_changed {label}", counts, False, dated=dated, any_event=True)


EXAMPLES = [
    _changed("since yesterday", score="stars", scale="stars", most=1),
    _changed("on a map", score="stars", map=TOY, within="1 hour", before=3),
]
