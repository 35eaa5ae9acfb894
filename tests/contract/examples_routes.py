"""Ways to ask for the routes over a map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import BLOCKS, KEYED, TOY

from desirepath import Answer

WAYS = ("went on", "converted", "left", "waiting")
OUTCOMES = {"converted": "converted", "left": "dropped", "waiting": "in progress"}


def counts(row: Row) -> Counts:
    """What became of the instances of a route right there, and in the end."""
    here: dict[str, Any] = {"route": row["route"]} | ({"depth": row["depth"]} if row["route"] is None else {})
    found: Counts = [({**here, "way": way}, row[way.replace(" ", "_")]) for way in WAYS]
    found += [({**here, "outcome": outcome}, row[f"in_the_end_{way}"]) for way, outcome in OUTCOMES.items()]
    found += [({**here, "decided": True}, row["decided"])]
    found += [({**here, "decided": True, "outcome": "converted"}, row["decided_converted"])]
    return [*found, (here, row["instances"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """At every depth all instances, and of every route its ways and its outcomes."""
    size, depths = answer.people().num_rows, answer.extras["depths"]
    for place, depth in enumerate(depths["depth"]):
        names = ("shown", "other", "converted_before", "left_before", "waiting_before")
        yield f"depth {depth}", [depths[name][place] for name in names], size
        rows = [n for d, n in zip(answer.columns["depth"], answer.columns["instances"], strict=True) if d == depth]
        yield f"rows of depth {depth}", rows, depths["shown"][place] + depths["other"][place]
    for row in answer.table.to_pylist():
        yield f"ways of {row['route']}", [row[way.replace(" ", "_")] for way in WAYS], row["instances"]
        yield f"ends of {row['route']}", [row[f"in_the_end_{way}"] for way in OUTCOMES], row["instances"]
    dropped = sum(answer.extras["instead"]["instances"])
    yield (
        "instead",
        [dropped, answer.people(outcome="dropped").num_rows - dropped],
        (answer.people(outcome="dropped").num_rows),
    )


def _routes(label: str, asked: dict[str, Any], **fields: Any) -> Example:
    return Example("routes", {"map": asked, **fields}, f"routes {label}", counts)


EXAMPLES = [
    _routes("plain", TOY),
    _routes("few", BLOCKS, depth=3, most=1),
    _routes("keyed", KEYED, depth=8, most=100),
]
