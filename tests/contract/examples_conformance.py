"""Ways to hold instances against a map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import BLOCKS, KEYED, TOY

from desirepath import Answer

OUTCOMES = ("converted", "dropped", "in_progress")


def counts(row: Row) -> Counts:
    """Who departs there, by outcome."""
    here = {"kind": row["kind"], "at": row["at"]}
    found: Counts = [({**here, "outcome": name.replace("_", " ")}, row[name]) for name in OUTCOMES]
    return [*found, (here, row["instances"])]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every instance has an outcome and a variant, conforms or does not, and has one verdict per rule."""
    fitness = answer.extras["fitness"]
    size = fitness["instances"][-1]
    yield "outcomes", fitness["instances"][:-1], size
    yield "conforming", [answer.people(conforming=each).num_rows for each in (True, False)], size
    yield "conforming by outcome", fitness["conforming"][:-1], fitness["conforming"][-1]
    variants = answer.extras["variants"]
    yield "variants", variants["instances"], size
    yield "variants that conform", variants["conforming"], fitness["conforming"][-1]
    for place, whole in enumerate(variants["instances"]):
        yield f"variant {place}", [variants[name][place] for name in OUTCOMES], whole
        if variants["variant"][place] is not None:
            yield f"people {place}", [answer.people(variant=variants["variant"][place]).num_rows], whole
    for place, name in enumerate(answer.extras["off_map"]["event"]):
        number = answer.extras["off_map"]["instances"][place]
        if number is not None:
            yield f"off the map {name}", [answer.people(off_map=name).num_rows], number
    rules = answer.extras.get("rules", {"rule": []})
    for place, name in enumerate(rules["rule"]):
        verdicts = {each: rules[each.replace(" ", "_")][place] for each in ("kept", "broken", "undecided")}
        yield f"rule {name}", [*verdicts.values(), rules["not_concerned"][place]], size
        for verdict, number in verdicts.items():
            yield f"{name} {verdict}", [answer.people(rule=name, verdict=verdict).num_rows], number


def _conformance(label: str, asked: dict[str, Any], **fields: Any) -> Example:
    return Example("conformance", {"map": asked, **fields}, f"conformance {label}", counts)


EXAMPLES = [
    _conformance("plain", TOY),
    _conformance("blocks", BLOCKS, whole=True, most=2),
    _conformance("keyed", KEYED),
]
