"""The questions about sequences in desirepath, through its public interface: open, ask.

What is timed is `ws.ask(...)` as a user calls it, with the intervals, quantiles, open windows and other tables that an
answer has besides. Answers that were asked before are not kept: every asking reads the journeys again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contender import BY_CHANNEL, CHANNELS, FUNNEL, STEPS, WINDOW, Ask, run_as_script
from desirepath_funnel import DesirepathFunnel, answer_text, options
from journey_questions import ATTRIBUTION, GOAL, LONGEST, PATHS, RETENTION, TOP, TRANSITIONS, WEEKS, text

ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    FUNNEL: ("funnel", {"steps": list(STEPS), "window": WINDOW, "instead_top": 0}),
    BY_CHANNEL: ("funnel", {"steps": list(STEPS), "window": WINDOW, "instead_top": 0, **options(BY_CHANNEL)}),
    TRANSITIONS: ("transitions", {"most": 10_000}),
    PATHS: ("paths", {"end": f"t{GOAL}", "length": LONGEST, "most": TOP, "unit": "session"}),
    RETENTION: ("retention", {"every": "week", "periods": WEEKS}),
    ATTRIBUTION: ("attribution", {"goal": f"t{GOAL}", "apart": "none"}),
}


def number(touchpoint: str) -> int:
    """Return the number of a touchpoint such as `t07`."""
    return int(touchpoint[1:])


def transitions_text(answer: Any) -> str:
    """Return the pairs of touchpoints, times and median gaps."""
    rows = answer.table.to_pylist()
    return text(
        (f"{number(row['from'])}-{number(row['to'])}", row["times"], int(row["median_seconds"] * 1e6 + 1e-6))
        for row in rows
        if row["from"][0] == row["to"][0] == "t"
    )


def paths_text(answer: Any) -> str:
    """Return the most frequent paths, and how many of them go on to the end."""
    rows = [row for row in answer.table.to_pylist() if row["path"] != "(other)"]
    return text(
        ("-".join(str(number(part)) for part in row["path"].split(" > ")), row["people"], row["converted"])
        for row in rows
    )


def _rows(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def retention_text(answer: Any) -> str:
    """Return the triangle, with everybody who started in week 0."""
    table: dict[str, list[int]] = {}
    for row in _rows(answer.extras["cohorts"]):
        counts = table.setdefault(row["cohort"], [0] * WEEKS)
        if int(row["period"]) == 0:
            counts[0] = row["started"]
        elif int(row["period"]) < WEEKS:
            counts[int(row["period"])] = row["returned"]
    return text([cohort, *table[label]] for cohort, label in enumerate(sorted(table)))


def attribution_text(answer: Any) -> str:
    """Return each channel's credit by four rules."""
    return text(
        (CHANNELS.index(row["channel"]), *(round(row[rule]) for rule in ("first", "last", "linear", "decay")))
        for row in answer.table.to_pylist()
    )


TEXTS = {
    FUNNEL: answer_text,
    BY_CHANNEL: answer_text,
    TRANSITIONS: transitions_text,
    PATHS: paths_text,
    RETENTION: retention_text,
    ATTRIBUTION: attribution_text,
}


class DesirepathJourneys(DesirepathFunnel):
    """A desirepath workspace, asked all questions; see `DesirepathFunnel`."""

    def open(self) -> tuple[str, Ask]:
        """Open the workspace; nothing that was asked is remembered."""
        import desirepath

        workspace = desirepath.open(self.store)
        workspace.asking.remembered.limit = 0

        def ask(question: str) -> str:
            name, asked = ASKED[question]
            return TEXTS[question](workspace.ask(name, **asked))

        return f"desirepath {desirepath.__version__}", ask


def cold_program(store: Path, question: str) -> str:
    """Return a program that opens the workspace and prints that it has an answer."""
    name, asked = ASKED[question]
    return (
        f"import desirepath\nws = desirepath.open({str(store)!r})\n"
        f"answer = ws.ask({name!r}, **{asked!r})\nprint(f'answered,{{len(answer.columns)}}', flush=True)\n"
    )


if __name__ == "__main__":
    run_as_script(DesirepathJourneys)
