"""Ways to compare two ways through a map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import BLOCKS, TOY

from desirepath import Answer


def counts(row: Row) -> Counts:
    """How many instances each side has."""
    return [({"way": way}, row[f"instances_{way}"]) for way in ("with", "without")]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every instance of a side converted, dropped, or is in progress."""
    table = answer.extras["instances"]
    for place, whole in enumerate(table["instances"]):
        yield f"side {place}", [table[name][place] for name in ("converted", "dropped", "in_progress")], whole
    for place, way in enumerate(table["way"]):
        yield f"people {way}", [answer.people(way=way).num_rows], table["instances"][place]


def _compare(label: str, asked: dict[str, Any], **fields: Any) -> Example:
    return Example(
        "compare",
        {"map": asked, **fields},
        f"compare {label}",
        counts,
        ignores_names=label not in ("filter", "pattern", "among"),
    )


EXAMPLES = [
    _compare("variant", TOY, by="web"),
    _compare("among", TOY, by="web", among="a"),
    _compare("pattern", TOY, by="twice", against="b"),
    _compare("filter", BLOCKS, by="plan = 'x'", against="plan = 'y'"),
]
