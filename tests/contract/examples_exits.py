"""Ways to ask for exits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row

from desirepath import Answer

COLUMNS = {
    "met": "met",
    "exits": "exits",
    "left_later": "left later",
    "converted": "converted",
    "undecided": "undecided",
    "converted_lately": "converted lately",
}
ENDS = ("exits", "left_later", "converted", "undecided")


def counts(row: Row) -> Counts:
    """Everybody who was there, by how they ended."""
    known = {column: outcome for column, outcome in COLUMNS.items() if row[column] is not None}
    return [({"touchpoint": row["touchpoint"], "outcome": outcome}, row[column]) for column, outcome in known.items()]


def balances(answer: Answer) -> Iterator[Balance]:
    """Everybody ends once; everybody at a touchpoint ends, and goes on from it in one way."""
    rows, everybody = answer.table.to_pylist(), answer.people().num_rows
    ends = answer.extra("ends").to_pylist()
    yield "ends", [row["people"] for row in ends], everybody
    yield "exits", [row["exits"] for row in rows], ends[0]["people"]
    ramps = answer.extra("ramps").to_pylist()
    for row in rows:
        if row["met"] is None:
            continue
        name = row["touchpoint"]
        yield f"at {name}", [row[column] for column in ENDS], row["met"]
        yield f"after {name}", [ramp["people"] for ramp in ramps if ramp["from"] == name], row["met"]
        yield f"visits to {name}", [ramp["times"] for ramp in ramps if ramp["from"] == name], row["visits"]
        yield f"decided at {name}", [row["decided"], row["undecided"], row["converted_lately"]], row["met"]
    for ramp in ramps[:3]:
        way = {"touchpoint": ramp["from"], "to": ramp["to"]}
        yield f"on {way}", [ramp["people"]], answer.people(**way).num_rows


def _exits(label: str, *, ignores_names: bool = True, **fields: Any) -> Example:
    asked = {"only": ["name in ('a', 'b', 'c', 'd')"], "within": "1 hour", **fields}
    return Example("exits", asked, f"exits {label}", counts, ignores_names)


EXAMPLES = [
    _exits("to a goal", goal="d", most=2, ramps=1),
    _exits("finer", expand=["plan", "a by channel"], hide=["b"], goal="plan = 'y'", within=None, ignores_names=False),
]
