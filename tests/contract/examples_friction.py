"""Ways to ask where a map rubs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import BLOCKS, KEYED, RUBBING, TOY

from desirepath import Answer


def counts(row: Row) -> Counts:
    """How many instances have the signal."""
    return [({"kind": row["kind"], "at": row["at"]}, row["instances"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Leaving is counted alike in both tables, people are those of the drill-down, self-service has one end each."""
    size = answer.people().num_rows
    yield "outcomes", [answer.people(outcome=each).num_rows for each in ("converted", "dropped", "in progress")], size
    table = answer.columns
    left = {at: n for kind, at, n in zip(table["kind"], table["at"], table["instances"], strict=True) if kind == "leaving"}
    for at, number in zip(answer.extras["leaving"]["touchpoint"], answer.extras["leaving"]["left"], strict=True):
        yield f"left at {at}", [number], left.get(at, 0)
    for kind, at, people in zip(table["kind"], table["at"], table["people"], strict=True):
        yield f"people of {kind} at {at}", [len(set(answer.people(kind=kind, at=at)["person"].to_pylist()))], people
    ways = answer.extras.get("self_service", {"instances": []})
    for place, whole in enumerate(ways["instances"]):
        yield f"self-service {place}", [ways[n][place] for n in ("resolved", "contained_only", "leaked", "undecided")], whole


def _friction(label: str, asked: dict[str, Any], **fields: Any) -> Example:
    return Example("friction", {"map": asked, **fields}, f"friction {label}", counts, ignores_names=True)


EXAMPLES = [
    _friction("plain", TOY),
    _friction("blocks", BLOCKS, slow=0.5),
    _friction("keyed", KEYED),
    _friction("rubbing", RUBBING),
]
