"""How fast are the questions about sequences over 20 M events, beside ClickHouse, DuckDB and Polars at their best?

    python benchmarks/run_journeys.py            # data, import, peers, race; writes into RESULTS.md and docs/pictures

Every contender answers from plain numbers that lie in the order of person and time, in the best SQL or expressions that
we could find; desirepath from its workspace, through its public interface. ClickHouse answers once more from a table
that knows nothing of the questions: ids and names as they came, which is what desirepath holds. The libraries for
notebooks, retentioneering and pm4py, race on a smaller log, from the file to the answer. All have environments of their
own in benchmarks/data.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import venv
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import desirepath_journeys
import numpy as np
import numpy.typing as npt
import results
import simulate
from contender import BY_CHANNEL, FUNNEL, Answer
from journey_questions import ATTRIBUTION, PATHS, RETENTION, TRANSITIONS
from peers import (
    chdb_funnel,
    chdb_journeys,
    duckdb_funnel,
    duckdb_journeys,
    pm4py_journeys,
    polars_journeys,
    retentioneering_journeys,
)
from race import HERE, Disagreement, Entrant, Process, Times, Yardstick, start_to_line
from run_funnel import chdb_python

OURS, CHDB, DUCKDB, POLARS = "desirepath", "ClickHouse (chdb)", "DuckDB", "Polars"
QUESTIONS = (FUNNEL, BY_CHANNEL, TRANSITIONS, PATHS, RETENTION, ATTRIBUTION)
TARGETS: Mapping[str, Mapping[str, float]] = {
    FUNNEL: {CHDB: 10, DUCKDB: 10, POLARS: 1},
    BY_CHANNEL: {CHDB: 10, DUCKDB: 10, POLARS: 1},
    TRANSITIONS: {CHDB: 8, DUCKDB: 4, POLARS: 1},
    PATHS: {CHDB: 7, DUCKDB: 7, POLARS: 1},
    RETENTION: {CHDB: 10, DUCKDB: 10, POLARS: 1},
    ATTRIBUTION: {CHDB: 10, DUCKDB: 10, POLARS: 1},
}
"""How many times as long others are to take, at least."""

CHDB_TARGETS = {question: targets[CHDB] for question, targets in TARGETS.items()}

LAPS, WARM_UPS, WARM, COLD = 2, 2, 5, 3
SMALL = simulate.Recipe(1_000_000, 50_000)
TIES, GAP = 4, 0.02
"""Whose events share a microsecond may be counted in either order: so far may counts and median gaps differ by pair."""

CHART = HERE.parent / "docs" / "pictures" / "speed.svg"


@dataclass(frozen=True)
class Raced:
    """One question's figures: warm times by contender, also on a table as it comes; seconds of our new processes."""

    question: str
    times: Mapping[str, Times]
    cold: Sequence[float]
    as_it_comes: Mapping[str, Times]


def python_with(data: Path, name: str, *requirements: str) -> str:
    """Return the interpreter of an environment with some packages, making it when there is none."""
    home, wanted = data / f"venv-{name}", "\n".join(requirements)
    python, note = home / "bin" / "python", home / "requirement.txt"
    if not note.exists() or note.read_text() != wanted:
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *requirements], check=True)
        note.write_text(wanted)
    return str(python)


def entrant(data: Path, name: str, python: str, module: ModuleType, layout: str, store: str) -> Entrant:
    """Return a contender."""
    return Entrant(name, python, Path(str(module.__file__)), layout, data / store)


def entrants(data: Path, question: str, chdb: str) -> list[Entrant]:
    """Return who races for a question, ours first."""
    funnel = question in (FUNNEL, BY_CHANNEL)
    ours = entrant(data, OURS, sys.executable, desirepath_journeys, "ws", "ws")
    click = chdb_funnel if funnel else chdb_journeys
    duck, store = (duckdb_funnel, "duckdb_funnel-packed") if funnel else (duckdb_journeys, "duckdb_journeys-person")
    return [
        ours,
        entrant(data, CHDB, chdb, click, chdb_funnel.PERSON, "chdb_funnel-person"),
        entrant(data, DUCKDB, sys.executable, duck, "packed" if funnel else duckdb_journeys.LAYOUT, store),
        entrant(data, POLARS, sys.executable, polars_journeys, polars_journeys.LAYOUT, "polars_journeys-memory"),
    ]


def on_a_table(data: Path, question: str, chdb: str) -> list[Entrant]:
    """Return ours, and ClickHouse on a table as it comes."""
    module, layout = (chdb_funnel, chdb_funnel.FILTERED) if question == FUNNEL else (chdb_journeys, chdb_funnel.TABLE)
    module = chdb_funnel if question == BY_CHANNEL else module
    return [entrants(data, question, chdb)[0], entrant(data, CHDB, chdb, module, layout, f"chdb_funnel-{layout}")]


def agree(question: str, times: Mapping[str, Times]) -> None:
    """Refuse different answers; see `TIES` for what may differ.

    Raises
    ------
    Disagreement
        If two contenders counted differently.
    """
    first, *others = times.values()
    for name, other in zip(list(times)[1:], others, strict=True):
        if question == TRANSITIONS:
            same = all(_close(pair, first.answer, other.answer) for pair in {**first.answer, **other.answer})
        else:
            same = first.answer == other.answer
        if not same:
            wrong = [
                pair for pair in {**first.answer, **other.answer} if first.answer.get(pair) != other.answer.get(pair)
            ]
            raise Disagreement(
                f"{question}, {name}: {[(pair, first.answer.get(pair), other.answer.get(pair)) for pair in wrong[:3]]}"
            )


def _close(pair: str, one: Answer, other: Answer) -> bool:
    (n, gap), (m, between) = one.get(pair, [0, 0]), other.get(pair, [0, 0])
    return abs(n - m) <= TIES and (abs(gap - between) <= max(GAP * gap, 1_000_000) or min(n, m) < 50)


def race(racing: Sequence[Entrant], question: str, yardstick: Yardstick, laps: int = LAPS) -> dict[str, Times]:
    """Let all answer a question in turns; warm."""
    times = {each.name: Times() for each in racing}
    for _ in range(laps):
        for each in racing:
            yardstick.lay()
            process = Process(each)
            asked = [process.ask(question) for _ in range(WARM_UPS + WARM)]
            times[each.name].memory = max(times[each.name].memory, process.close())
            times[each.name].take(asked, unmeasured=WARM_UPS)
    agree(question, times)
    return times


def scan(workspace: Path) -> tuple[float, int]:
    """Return the seconds, and bytes, of a plain scan in memory of what the funnel needs: touchpoints and times."""
    import desirepath

    with desirepath.open(workspace) as ws:
        events = ws.engine.extent().events
    codes, moments = np.ones(events, dtype=np.uint8), np.ones(events, dtype=np.int64)
    width = codes.itemsize + moments.itemsize
    best, half = float("inf"), events // 2
    for _ in range(7):
        began = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(_sum_of, (codes[:half], codes[half:]), (moments[:half], moments[half:])))
        best = min(best, time.perf_counter() - began)
    return best, width * events


def _sum_of(codes: npt.NDArray[np.uint8], moments: npt.NDArray[np.int64]) -> int:
    return int(codes.sum(dtype=np.int64)) + int(moments.sum())


def question_table(raced: Sequence[Raced]) -> str:
    """Return the table of warm medians and of how many times as long others took."""
    rows = []
    for run in raced:
        ours = run.times[OURS].median
        row = [run.question, results.seconds(ours)]
        for name in (CHDB, DUCKDB, POLARS):
            factor = run.times[name].median / ours
            target = TARGETS[run.question][name]
            row.append(f"{results.seconds(run.times[name].median)} ({factor:.1f}{'' if factor >= target else ' †'})")
        row.append(results.seconds(run.times[OURS].work))
        row.append(results.seconds(min(run.cold)))
        rows.append(row)
    head = ["", f"{OURS}, s", *(f"{name}, s" for name in (CHDB, DUCKDB, POLARS)), "our CPU, s", "our cold, s"]
    return results.table(head, rows)


def as_it_comes_table(raced: Sequence[Raced]) -> str:
    """Return the table of ClickHouse on a table as it comes."""
    rows = []
    for run in raced:
        ours, theirs = (run.as_it_comes[name].median for name in (OURS, CHDB))
        factor, asked = theirs / ours, CHDB_TARGETS[run.question]
        mark = "" if factor >= asked else " †"
        rows.append([run.question, results.seconds(ours), results.seconds(theirs), f"{factor:.1f}{mark}"])
    return results.table(["", f"{OURS}, s", f"{CHDB}, s", f"to {OURS}"], rows)


def memory_table(raced: Sequence[Raced]) -> str:
    """Return peak memory by contender."""
    names = (OURS, CHDB, DUCKDB, POLARS)
    rows = [[run.question, *(results.megabytes(run.times[name].memory) for name in names)] for run in raced]
    return results.table(["peak MB", *names], rows)


def small_race(data: Path, yardstick: Yardstick) -> tuple[dict[str, Times], float]:
    """Race the libraries for notebooks on the smaller log, loading included; and ours in a new process."""
    log = simulate.make(data / "small", SMALL)
    modules = (retentioneering_journeys, pm4py_journeys)
    pythons = [
        python_with(data, "retentioneering", retentioneering_journeys.REQUIREMENT, "pyarrow"),
        python_with(data, "pm4py", pm4py_journeys.REQUIREMENT, "pyarrow"),
    ]
    place = data / "small"
    racing = [entrant(place, OURS, sys.executable, desirepath_journeys, "ws", "ws")]
    racing += [
        entrant(place, name, python, module, "file", name)
        for name, python, module in zip(("retentioneering", "pm4py"), pythons, modules, strict=True)
    ]
    for each in racing:
        each.prepare(log)
    times = race(racing, TRANSITIONS, yardstick, laps=2)
    program = desirepath_journeys.cold_program(place / "ws", TRANSITIONS)
    cold = min(start_to_line(sys.executable, program).seconds for _ in range(COLD))
    return times, cold


def small_table(times: Mapping[str, Times], cold: float) -> str:
    """Return the table of the smaller log."""
    ours = times[OURS].median
    rows = [
        [name, results.seconds(each.median), f"{each.median / ours:.0f}", f"{each.median / cold:.1f}"]
        for name, each in times.items()
    ]
    return results.table(["", "s", f"to {OURS}, warm", f"to {OURS}, new process ({results.seconds(cold)} s)"], rows)


def section(
    raced: Sequence[Raced], small: tuple[dict[str, Times], float], scanned: tuple[float, int], yardstick: Yardstick
) -> str:
    """Return the text of the section in RESULTS.md."""
    missed = [
        f"{run.question}: {run.times[name].median / run.times[OURS].median:.1f} times {name}, asked {target:g}"
        for run in raced
        for name, target in TARGETS[run.question].items()
        if run.times[name].median / run.times[OURS].median < target
    ]
    seconds, size = scanned
    funnel = next(run.times[OURS].median for run in raced if run.question == FUNNEL)
    recipe = simulate.Recipe()
    parts = [
        "## Questions about sequences",
        f"{recipe.events:,} events of {recipe.people:,} people (simulate.py, seed {recipe.seed}). {results.machine()}. "
        f"{results.today()}. Warm medians of {WARM} askings in one process after {WARM_UPS} unmeasured, the best of "
        f"{LAPS} laps, two threads each; in brackets how many times as long as desirepath. † is below what was asked. "
        "Cold is a new process with imports. All gave the same answers; where two events of one person share a "
        "microsecond (16 times in the log) transitions may count them in either order. desirepath gives intervals, "
        "quartiles, open windows and further tables besides.",
        f"Noise {yardstick.spread():.2f} (1.0 is a quiet machine).",
        question_table(raced),
        "**Missed:** " + ("; ".join(missed) if missed else "nothing") + ".",
        f"A plain scan in memory of the bytes that the funnel needs ({size / 1e6:,.0f} MB, two threads) takes "
        f"{results.seconds(seconds)} s; the funnel takes {funnel / seconds:.1f} times as long.",
        memory_table(raced),
        "### ClickHouse on a table as it comes",
        "Ids and names are strings as they came, in default compression, ordered by person and time, which is what "
        "desirepath holds, in eight partitions by person; the SQL is the same, and turns names into numbers on its "
        "way. The funnel lets only the rows of its four touchpoints through.",
        as_it_comes_table(raced),
        f"### Libraries for notebooks: transitions with medians, {SMALL.events:,} events of {SMALL.people:,} people",
        "From the Parquet file to the answer, as their load is part of every asking; retentioneering tells medians in "
        "whole seconds.",
        small_table(*small),
    ]
    return "\n\n".join(parts)


def draw(raced: Sequence[Raced], path: Path) -> None:
    """Draw the times of all contenders, on a scale of powers of ten."""
    import vl_convert

    rows = [
        {"question": run.question, "contender": name, "seconds": each.median}
        for run in raced
        for name, each in run.times.items()
    ]
    order = [OURS, CHDB, DUCKDB, POLARS]
    place: dict[str, Any] = {
        "y": {"field": "contender", "sort": order, "title": None, "axis": None},
        "x": {
            "field": "seconds",
            "type": "quantitative",
            "scale": {"type": "log", "domain": [0.01, 10]},
            "title": "seconds, on a scale of powers of ten",
            "axis": {"values": [0.01, 0.03, 0.1, 0.3, 1, 3, 10]},
        },
    }
    colour = {
        "field": "contender",
        "sort": order,
        "scale": {"domain": order, "range": ["#c1440e", "#8d99ae", "#5f8a8b", "#3d5a80"]},
        "title": None,
    }
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": rows},
        "title": "Seconds for 20 million events on two cores (further left is better)",
        "facet": {
            "row": {
                "field": "question",
                "sort": list(QUESTIONS),
                "title": None,
                "header": {"labelAngle": 0, "labelAlign": "left"},
            }
        },
        "spec": {
            "width": 460,
            "height": {"step": 13},
            "encoding": place,
            "layer": [
                {"mark": {"type": "circle", "size": 80, "opacity": 1}, "encoding": {"color": colour}},
                {
                    "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 10},
                    "encoding": {"text": {"field": "seconds", "type": "quantitative", "format": ".2~r"}},
                },
            ],
        },
        "spacing": 4,
        "config": {"view": {"stroke": "#ddd"}},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(vl_convert.vegalite_to_svg(chart) + "\n")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Race the questions about sequences.")
    parser.add_argument("--data", type=Path, default=simulate.DATA)
    parser.add_argument("--dry", action="store_true", help="print instead of writing")
    asked = parser.parse_args()
    log = simulate.make(asked.data, simulate.Recipe())
    chdb = chdb_python(asked.data)
    yardstick = Yardstick()
    raced = []
    for question in QUESTIONS:
        racing = entrants(asked.data, question, chdb)
        for each in racing:
            each.prepare(log)
        times = race(racing, question, yardstick)
        program = desirepath_journeys.cold_program(asked.data / "ws", question)
        cold = [start_to_line(sys.executable, program).seconds for _ in range(COLD)]
        beside = on_a_table(asked.data, question, chdb)
        for each in beside:
            each.prepare(log)
        raced.append(Raced(question, times, cold, race(beside, question, yardstick)))
        print(question, {name: round(each.median, 3) for name, each in times.items()}, flush=True)
    text = section(raced, small_race(asked.data, yardstick), scan(asked.data / "ws"), yardstick)
    print(text)
    if not asked.dry:
        results.write_section("journeys", text)
        draw(raced, CHART)


if __name__ == "__main__":
    main()
