"""Ways to ask what happens on a map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import BLOCKS, FELT, KEYED, TOY

from desirepath import Answer

WAYS = (("went on", "went_on"), ("converted", "converted"), ("left", "left"), ("waiting", "waiting"))


def counts(row: Row) -> Counts:
    """What became of instances at a touchpoint, and how many people came by."""
    here = {"touchpoint": row["touchpoint"]}
    found: Counts = [({**here, "way": way}, row[column]) for way, column in WAYS]
    if row["waiting_longer"] is not None:
        found = [*found, ({**here, "way": "waiting longer"}, row["waiting_longer"])]
    return [*found, (here, row["instances"]), ({**here, "way": "first"}, row["people"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every instance at a touchpoint, and in a stage, went on, converted, left or waits."""
    for name, table in (("touchpoint", answer.columns), ("stage", answer.extras["stages"])):
        for place, whole in enumerate(table["instances"]):
            yield f"{name} {place}", [table[column][place] for _, column in WAYS], whole


def _map(label: str, asked: dict[str, Any]) -> Example:
    return Example("journey_map", {"map": asked}, f"journey map {label}", counts)


EXAMPLES = [_map("plain", TOY), _map("blocks", BLOCKS), _map("keyed", KEYED), _map("felt", FELT)]
