"""How many events a second come in through a mapping, from Parquet and from CSV?

    python benchmarks/run_import.py

A new process makes a workspace and imports 5 M rows of Parquet, another one 3 M rows of CSV: raw rows
archived, mapped, checked for duplicates, stored in order, journeys made ready to be asked. Beside it,
for scale, DuckDB alone reads the same file and stores it ordered by person and time, with nothing kept
of where a row came from.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import desirepath_funnel
import pyarrow.parquet as pq
import results
import simulate
from peers.duckdb_funnel import CONFIG
from race import Run, Yardstick, start_to_line

ROUNDS = 3


@dataclass(frozen=True)
class Load:
    """One file, and what came of it: rows, and runs by name of who loaded it."""

    file: str
    rows: int
    size: int
    runs: Mapping[str, Sequence[Run]]


def our_program(store: Path, log: Path, mapping: Path) -> str:
    """Return a program that imports `log` into a new workspace and prints the account as JSON."""
    return (
        "import json\n"
        "from pathlib import Path\n"
        "from desirepath_funnel import import_log\n"
        f"result = import_log(Path({str(store)!r}), Path({str(log)!r}), Path({str(mapping)!r}))\n"
        "print(json.dumps({'rows': result.rows, 'stored': result.stored}), flush=True)\n"
    )


def bare_program(file: Path, log: Path) -> str:
    """Return a program that loads `log` with DuckDB alone."""
    reader = "read_parquet" if log.suffix == ".parquet" else "read_csv"
    sql = f"CREATE TABLE log AS SELECT * FROM {reader}('{log}') ORDER BY user_id, occurred_at"  # noqa: S608
    return (
        "import duckdb, json\n"
        f"con = duckdb.connect({str(file)!r}, config={CONFIG!r})\n"
        f"con.execute({sql!r})\n"
        "rows = con.execute('FROM log SELECT count(*)').fetchone()[0]\n"
        "con.close()\n"
        "print(json.dumps({'rows': rows, 'stored': rows}), flush=True)\n"
    )


def check(run: Run, rows: int, who: str) -> Run:
    """Return `run` when every row was stored.

    Raises
    ------
    ValueError
        When a row is missing.
    """
    wanted = json.dumps({"rows": rows, "stored": rows})
    if run.line != wanted:
        raise ValueError(f"{who} should have said {wanted} and said {run.line!r}.")
    return run


def measure(log: Path, rows: int, rounds: int, yardstick: Yardstick) -> Load:
    """Load one file `rounds` times with each."""
    place = log.parent / "import"
    store, bare = place / "ws", place / "bare.duckdb"
    place.mkdir(exist_ok=True)
    mapping = desirepath_funnel.write_mapping(place / f"{log.name}.mapping.yaml", log.name)
    programs = {"desirepath": our_program(store, log, mapping), "DuckDB alone": bare_program(bare, log)}
    runs: dict[str, list[Run]] = {who: [] for who in programs}
    for _ in range(rounds):
        for who, program in programs.items():
            yardstick.lay()
            bare.unlink(missing_ok=True)
            runs[who].append(check(start_to_line(sys.executable, program), rows, who))
    shutil.rmtree(place)
    return Load(log.name, rows, log.stat().st_size, runs)


def load_rows(loads: Sequence[Load]) -> list[list[str]]:
    """Return the rows of the table."""
    rows = []
    for load in loads:
        for who, runs in load.runs.items():
            took = statistics.median(run.seconds for run in runs)
            fastest = min(run.seconds for run in runs)
            rows.append(
                [
                    f"{load.file}, {load.rows:,} rows, {results.megabytes(load.size)} MB: {who}",
                    results.seconds(took),
                    results.seconds(fastest),
                    f"{load.rows / took:,.0f}",
                    results.megabytes(max(run.memory for run in runs)),
                ]
            )
    return rows


def section(loads: Sequence[Load], rounds: int, yardstick: Yardstick) -> str:
    """Return the text of the section in RESULTS.md."""
    head = ["file", "s", "fastest", "events/s", "peak MB"]
    return "\n\n".join(
        [
            "## Import",
            f"Median of {rounds} new processes, start to end, each into a store of its own; every row was "
            "stored. DuckDB alone: the same file into a table ordered by person and time. "
            f"{results.machine()}. {results.today()}. Noise: {yardstick.spread():.2f} (median over best of a "
            f"fixed piece of work; above 1.1 others were at work), load {results.load():.1f} at the end.",
            results.table(head, load_rows(loads)),
        ]
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Measure the import.")
    parser.add_argument("--data", type=Path, default=simulate.DATA)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--dry", action="store_true", help="print instead of writing into RESULTS.md")
    asked = parser.parse_args()
    simulate.make(asked.data, simulate.Recipe())
    yardstick = Yardstick()
    parquet = asked.data / "import.parquet"
    logs = {parquet: pq.read_metadata(parquet).num_rows, asked.data / "import.csv": simulate.CSV_ROWS}
    loads = [measure(log, rows, asked.rounds, yardstick) for log, rows in logs.items()]
    text = section(loads, asked.rounds, yardstick)
    print(text)
    if not asked.dry:
        results.write_section("import", text)


if __name__ == "__main__":
    main()
