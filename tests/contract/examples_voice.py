"""Ways to ask what people say along their journey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from example import Balance, Counts, Example, Row
from toy_maps import TOY

from desirepath import Answer

READINGS = ("sentiment", "effort", "score")


def counts(row: Row) -> Counts:
    """Remarks and people of a theme, at a touchpoint or anywhere, and those of whom something is known."""
    where = {"theme": row["theme"]} | ({} if row["touchpoint"] == "all" else {"touchpoint": row["touchpoint"]})
    found: Counts = [(where, row["remarks"]), ({**where, "first": True}, row["people"])]
    known = [name for name in READINGS if f"people_with_{name}" in row]
    return [*found, *(({**where, "has": name, "first": True}, row[f"people_with_{name}"]) for name in known)]


def balances(answer: Answer) -> Iterator[Balance]:
    """Every remark hangs on one touchpoint or on none, in one language, has one theme, and passed or did not."""
    whole = answer.people().num_rows
    rows = answer.table.to_pylist()
    yield "themes", [row["remarks"] for row in rows if row["touchpoint"] == "all"], whole
    yield "languages", answer.extra("languages").column("remarks").to_pylist(), whole
    if "places" not in answer.extras:
        return
    for row in answer.extra("places").to_pylist():
        here = answer.people(touchpoint=row["touchpoint"])
        yield f"remarks at {row['touchpoint']}", [row["remarks"]], here.num_rows
        linked = [row["named"], row["last_before"]] if row["touchpoint"] != "(none)" else [row["remarks"]]
        yield f"links to {row['touchpoint']}", linked, here.num_rows
        people = answer.people(touchpoint=row["touchpoint"], first=True).num_rows
        yield f"people at {row['touchpoint']}", [row["people"]], people
        there = [each["remarks"] for each in rows if each["touchpoint"] == row["touchpoint"]]
        yield f"themes at {row['touchpoint']}", there, here.num_rows
    yield "touchpoints", answer.extra("places").column("remarks").to_pylist(), whole
    for row in answer.extra("curve").to_pylist():
        came = answer.people(passed=row["touchpoint"]).num_rows
        yield f"passed {row['touchpoint']}", [came, answer.people(not_passed=row["touchpoint"]).num_rows], whole
        people = answer.people(passed=row["touchpoint"], first=True).num_rows
        yield f"people who passed {row['touchpoint']}", [row["people"]], people
    for row in answer.extra("stages").to_pylist() if "stages" in answer.extras else ():
        yield f"stage {row['stage']}", [row["remarks"]], answer.people(stage=row["stage"]).num_rows


def _voice(label: str, *, any_event: bool = False, dated: tuple[str, ...] = (), **fields: Any) -> Example:
    read = {"text": "said", "theme": "plan", "sentiment": "mood", "effort": "ease", "quotes": 0}
    asked = {"answers": "a", **read, **fields}
    return Example("voice", asked, f"voice {label}", counts, not any_event, dated=dated, any_event=any_event)


EXAMPLES = [
    _voice("at touchpoints", touchpoints=["b", "c"], link_by="channel", within="20 minutes", score="stars"),
    _voice("on a map", answers="name in ('a', 'd')", map=TOY, within="1 hour", most=30),
    _voice("by day", every="day", score="stars", scale="stars", any_event=True, dated=("change",)),
]
