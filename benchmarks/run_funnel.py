"""How fast is a funnel over 20 M events, beside ClickHouse and DuckDB at their best, in the same run?

    python benchmarks/run_funnel.py                   # data, import, peers, race; writes into RESULTS.md
    python benchmarks/run_funnel.py --peers-only      # the same without desirepath, and without writing
    python benchmarks/run_funnel.py --tried           # measures what else was tried with the peers

ClickHouse gets an environment of its own in benchmarks/data/venv-chdb, made with `python -m venv` and
pip; DESIREPATH_BENCH_CHDB names the interpreter of a ready one. No contender may keep results between
two askings.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import desirepath_funnel
import hand_log
import results
import simulate
from contender import BY_CHANNEL, FUNNEL, QUESTIONS, STEPS, WINDOW, Answer
from peers import chdb_funnel, duckdb_funnel
from race import (
    COLD,
    HERE,
    LAPS,
    WARM,
    WARM_UPS,
    Entrant,
    Times,
    Yardstick,
    check_all,
    cold,
    hand_check,
    warm,
)

OURS = "desirepath"
READY_CHDB = "DESIREPATH_BENCH_CHDB"


@dataclass(frozen=True)
class Race:
    """One question's figures."""

    question: str
    warm: Mapping[str, Times]
    cold: Mapping[str, Times]
    answer: Answer


def chdb_python(data: Path) -> str:
    """Return the interpreter of an environment with chdb, making the environment when there is none."""
    ready = os.environ.get(READY_CHDB)
    if ready:
        return ready
    home = data / "venv-chdb"
    python = home / "bin" / "python"
    note = home / "requirement.txt"
    if not note.exists() or note.read_text() != chdb_funnel.REQUIREMENT:
        venv.create(home, with_pip=True, clear=True)
        subprocess.run(
            [
                str(python),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                chdb_funnel.REQUIREMENT,
            ],
            check=True,
        )
        note.write_text(chdb_funnel.REQUIREMENT)
    return str(python)


def entrants(data: Path, chdb: str, with_ours: bool) -> list[Entrant]:
    """Return everybody who races, ours first."""
    ours = [(OURS, sys.executable, desirepath_funnel, "ws")]
    peers = [
        ("ClickHouse, table as it comes, all rows", chdb, chdb_funnel, chdb_funnel.TABLE),
        ("ClickHouse, table as it comes, filtered", chdb, chdb_funnel, chdb_funnel.FILTERED),
        ("ClickHouse, by person and time", chdb, chdb_funnel, chdb_funnel.PERSON),
        ("ClickHouse, by touchpoint", chdb, chdb_funnel, chdb_funnel.TOUCHPOINT),
        ("DuckDB SQL", sys.executable, duckdb_funnel, duckdb_funnel.PACKED),
    ]
    racing = []
    for name, python, module, layout in [*(ours if with_ours else []), *peers]:
        script = Path(str(module.__file__))
        store = data / (layout if name == OURS else f"{script.stem}-{layout}")
        programs = {question: module.cold_program(store, layout, question) for question in QUESTIONS}
        racing.append(Entrant(name, python, script, layout, store, programs))
    return racing


def race(racing: Sequence[Entrant], question: str, yardstick: Yardstick) -> tuple[Race, dict[str, str]]:
    """Race one question, warm and cold; refuse unequal answers."""
    warm_times, versions = warm(racing, question, yardstick)
    cold_times = cold(racing, question, yardstick)
    answer = check_all(warm_times)
    check_all(cold_times, answer)
    return Race(question, warm_times, cold_times, answer), versions


def race_table(run: Race) -> str:
    """Return the table of one race; every ratio is to the first row."""
    first = next(iter(run.warm))
    rows = []
    for name, measured in run.warm.items():
        started = run.cold[name]
        rows.append(
            [
                name,
                results.seconds(measured.median),
                results.seconds(measured.slowest),
                results.seconds(measured.work),
                f"{measured.median / run.warm[first].median:.2f}",
                results.seconds(started.median),
                results.seconds(started.slowest),
                results.seconds(started.work),
                f"{started.median / run.cold[first].median:.2f}",
                results.megabytes(max(measured.memory, started.memory)),
            ]
        )
    ratio = f"to {first}"
    head = ["", "warm, s", "worst lap", "CPU, s", ratio, "cold, s", "worst lap", "CPU, s", ratio, "peak MB"]
    return results.table(head, rows)


def answer_table(answer: Answer) -> str:
    """Return people per step as a Markdown table."""
    rows = [[label, *(f"{people:,}" for people in counts)] for label, counts in answer.items()]
    return results.table(["people", *STEPS], rows)


def section(races: Sequence[Race], versions: Mapping[str, str], yardstick: Yardstick, recipe: simulate.Recipe) -> str:
    """Return the text of the section in RESULTS.md."""
    parts = [
        f"## Funnel: {' → '.join(STEPS)}, {WINDOW}, any entry",
        f"{recipe.events:,} events of {recipe.people:,} people (simulate.py, seed {recipe.seed}). "
        f"{results.machine()}. {', '.join(sorted(set(versions.values())))}. {results.today()}.",
        f"Warm: median of {WARM} in one process after {WARM_UPS} unmeasured. Cold: median of {COLD} new "
        "processes, from start to printed answer, import included, files in the page cache. Two threads "
        f"each. Contenders took turns for {LAPS} laps; the lowest median of a lap counts, the highest "
        "stands beside it. All gave the counts below, after agreeing on a log counted by hand. desirepath gives "
        "intervals, times and open windows besides; only the look at what people did instead is left out. "
        "CPU is the processor time of all threads, which a busy machine disturbs less. "
        "Peak memory is of the process and counts mapped files.",
        f"Noise: a fixed piece of work took {yardstick.spread():.2f} times its best time in the median; load "
        f"{results.load():.1f} at the end. Above 1.1 others were at work, and the figures are provisional.",
    ]
    for run in races:
        parts += [f"### {run.question}", race_table(run), answer_table(run.answer)]
    return "\n\n".join(parts)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Race the funnel.")
    parser.add_argument("--data", type=Path, default=simulate.DATA)
    parser.add_argument("--peers-only", action="store_true", help="leave desirepath out; print instead of writing")
    parser.add_argument(
        "--tried", action="store_true", help="measure what else was tried with the peers, and write that"
    )
    parser.add_argument("--fresh", action="store_true", help="load the log again into every store")
    parser.add_argument("--events", type=int, default=simulate.Recipe.events)
    parser.add_argument("--people", type=int, default=simulate.Recipe.people)
    asked = parser.parse_args()
    recipe = simulate.Recipe(asked.events, asked.people)
    log = simulate.make(asked.data, recipe)
    chdb = chdb_python(asked.data)
    if asked.tried:
        command = [str(HERE / "run_tried.py"), "--data", str(asked.data), "--chdb", chdb]
        subprocess.run([sys.executable, *command], check=True)
        return
    racing = entrants(asked.data, chdb, with_ours=not asked.peers_only)
    truth = {FUNNEL: hand_log.expected(False), BY_CHANNEL: hand_log.expected(True)}
    hand_check(racing, hand_log.write(asked.data / "hand" / "events.parquet"), truth)
    for entrant in racing:
        if asked.fresh:
            entrant.forget()
        print(f"{entrant.name}: prepared in {entrant.prepare(log):.1f} s", flush=True)
    yardstick = Yardstick()
    runs = [race(racing, question, yardstick) for question in QUESTIONS]
    text = section([run for run, _ in runs], runs[0][1], yardstick, recipe)
    print(text)
    if not asked.peers_only and recipe == simulate.Recipe():
        results.write_section("funnel", text)


if __name__ == "__main__":
    main()
