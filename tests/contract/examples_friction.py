"""Ways to ask where a map rubs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import BLOCKS, KEYED, RUBBING, TOY

from desirepath import Answer


def counts(row: Row) -> Counts:
    """How many instances have the signal; of a drop-off `decided` are all that came so far."""
    here = {"kind": row["kind"], "at": row["at"]}
    found = [(here, row["instances"])]
    return found if row["kind"] == "drop-off" else [*found, ({**here, "decided": True}, row["decided"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Dropping off is counted alike in both tables, and people and the ends of self-service are complete."""
    size = answer.people().num_rows
    yield "outcomes", [answer.people(outcome=each).num_rows for each in ("converted", "dropped", "in progress")], size
    table = answer.columns
    rows = list(zip(table["kind"], table["at"], table["instances"], table["people"], strict=True))
    for at, number in zip(answer.extras["drop_off"]["touchpoint"], answer.extras["drop_off"]["dropped"], strict=True):
        yield f"dropped at {at}", [number], answer.people(kind="drop-off", at=at, decided=True).num_rows
    for kind, at, _, people in rows:
        yield f"people of {kind} at {at}", [len(set(answer.people(kind=kind, at=at)["person"].to_pylist()))], people
    ways = answer.extras.get("self_service", {"instances": []})
    for place, whole in enumerate(ways["instances"]):
        yield (
            f"self-service {place}",
            [ways[n][place] for n in ("resolved", "contained_only", "leaked", "undecided")],
            whole,
        )


def _friction(label: str, asked: dict[str, Any], **fields: Any) -> Example:
    return Example("friction", {"map": asked, **fields}, f"friction {label}", counts, ignores_names=True)


EXAMPLES = [
    _friction("plain", TOY),
    _friction("blocks", BLOCKS, slow=0.5),
    _friction("keyed", KEYED),
    _friction("rubbing", RUBBING),
]
