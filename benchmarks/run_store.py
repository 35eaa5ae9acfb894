"""What do journeys cost when events come in: made from all events, added to, and how many bytes do they take?

    python benchmarks/run_store.py

The simulated log is imported in two parts: all but the last hundredth of its time, then that. Timed are the segments
alone: made, made anew, and added to, each against the same events; then the first question after an append, a funnel,
with its later ones. Beside it stands the sort that a database would have to do, DuckDB's, of the same columns. Sizes
are of that workspace, and of the demo company's.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import desirepath_funnel
import duckdb
import results
from contender import STEPS, WINDOW

import desirepath
from desirepath.errors import CancelledError

ROUNDS = 5
TIMES_SQL = "SELECT quantile_cont(epoch_us(occurred_at), 0.99)::BIGINT FROM read_parquet(?)"


def split(log: Path, folder: Path) -> tuple[Path, Path]:
    """Write the log as two files, the last hundredth by moment apart; return them."""
    old, new = folder / "store-old.parquet", folder / "store-new.parquet"
    if not (old.exists() and new.exists()):
        cut = duckdb.execute(TIMES_SQL, [str(log)]).fetchall()[0][0]
        for path, condition in ((old, "<="), (new, ">")):
            duckdb.execute(
                f"COPY (SELECT * FROM read_parquet('{log}') WHERE epoch_us(occurred_at) {condition} {cut}) "  # noqa: S608
                f"TO '{path}' (FORMAT parquet)"
            )
    return old, new


def timed(act: Callable[[], Any]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def middle(times: Sequence[float]) -> str:
    """Return the median."""
    return results.seconds(statistics.median(times))


def ask(workspace: desirepath.Workspace) -> None:
    """Ask the funnel of the race, not looking at what it was answered before."""
    workspace.asking.remembered.forget()
    workspace.ask(desirepath.Funnel(steps=list(STEPS), window=WINDOW, instead_top=0))


def by_week(workspace: desirepath.Workspace) -> float:
    """Seconds for the same funnel of each week of four months that are over."""
    asked = {"steps": list(STEPS), "window": WINDOW, "instead_top": 0}
    return timed(lambda: workspace.ask("funnel", **asked, period="2025-01-01..2025-05-01", over="week"))


def make_anew(workspace: desirepath.Workspace) -> float:
    """Seconds to make all segments."""
    workspace.columns.drop()
    workspace.engine.forget()
    return timed(workspace.engine.refresh)


def stopped(workspace: desirepath.Workspace, after: float, **more: Any) -> float:
    """Seconds between a wish to stop and the end of the work."""
    until = time.perf_counter() + after

    def progress(stage: str, done: int, total: int | None) -> None:
        if time.perf_counter() > until:
            raise CancelledError("enough")

    with contextlib.suppress(CancelledError):
        workspace.ask("funnel", steps=list(STEPS), window=WINDOW, progress=progress, **more)
    return max(time.perf_counter() - until, 0.0)


def append_again(workspace: desirepath.Workspace, kept: Path) -> float:
    """Seconds to add what the segments kept in a folder do not hold yet."""
    workspace.engine.forget()
    shutil.rmtree(workspace.columns.root)
    shutil.copytree(kept, workspace.columns.root)
    return timed(workspace.engine.refresh)


def size(*paths: Path) -> int:
    """Bytes of files and folders."""
    files = [path for top in paths for path in ([top] if top.is_file() else top.rglob("*"))]
    return sum(path.stat().st_size for path in files if path.is_file())


def sizes(root: Path, events: int) -> list[str]:
    """Bytes an event of columns, database and archive, and in all."""
    parts = [size(root / name) for name in ("columns", "journeys.duckdb", "archive")]
    return [f"{part / events:.1f}" for part in (*parts, sum(parts))]


def measure(log: Path, folder: Path) -> tuple[list[list[str]], list[list[str]], int]:
    """Time everything; return rows of the two tables and how many events were added."""
    old, new = split(log, folder)
    root = folder / "ws-store"
    mapping = desirepath_funnel.write_mapping(folder / "store.mapping.yaml", "store-*.parquet")
    desirepath_funnel.import_log(root, old, mapping)
    with desirepath.open(root) as workspace:
        built = [make_anew(workspace) for _ in range(ROUNDS)]
        before = workspace.engine.extent().events
        kept = folder / "ws-store-columns"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(workspace.columns.root, kept)
        by_week(workspace)
        imported = timed(lambda: workspace.import_files([new], mapping))
        settled = by_week(workspace)
        workspace.asking.remembered.forget()
        counted = by_week(workspace)
        added = workspace.engine.extent().events - before
        appended, first, later = [], [], []
        for _ in range(ROUNDS):
            appended.append(append_again(workspace, kept))
            first.append(timed(lambda: ask(workspace)))
            later += [timed(lambda: ask(workspace)) for _ in range(3)]
        query = (
            "SELECT place, epoch_us(occurred_at), name, channel, source, value, seq "
            "FROM (SELECT e.*, o.person AS place FROM events e JOIN person_of o USING (identity)) "
            "ORDER BY place, occurred_at, id"
        )
        store = workspace.store()
        sorting = timed(lambda: [None for _ in store.connection.sql(query).to_arrow_reader(200_000)])
        workspace.engine.forget()
        workspace.columns.drop()
        stops = [stopped(workspace, 1.0)]
        workspace.engine.refresh()
        stops.append(stopped(workspace, 0.3, filter="quality = 'server' and matches_nothing is missing"))
        events = workspace.engine.extent().events
    shutil.rmtree(kept)
    rows = [
        [f"segments of {before:,} events made", middle(built)],
        [f"DuckDB alone: the same columns of {events:,} events in the same order", results.seconds(sorting)],
        [f"{added:,} events added to the segments", middle(appended)],
        [f"import of these {added:,} events, all of it", results.seconds(imported)],
        ["funnel, the first after an append", middle(first)],
        ["funnel, later ones", middle(later)],
        ["funnel of 17 weeks that are over, asked again after an append", results.seconds(settled)],
        ["funnel of these 17 weeks, counted", results.seconds(counted)],
        ["stopping while segments are made: from the wish to the end", results.seconds(stops[0])],
        ["stopping while a filter on a property is evaluated", results.seconds(stops[1])],
    ]
    return rows, [[f"simulated clicks, {events:,} events", *sizes(root, events)]], added


def demo(folder: Path) -> list[str]:
    """Make the demo company; return its row of sizes."""
    root = folder / "demo-store"
    shutil.rmtree(root, ignore_errors=True)
    program = f"from desirepath.cli import main; import sys; sys.argv = ['desirepath', 'demo', {str(root)!r}]; main()"
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    with desirepath.open(root) as workspace:
        events = workspace.engine.extent().events
    return [f"demo company, {events:,} events", *sizes(root, events)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Measure what journeys cost when events come in.")
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parent / "data")
    parser.add_argument("--dry", action="store_true", help="print instead of writing into RESULTS.md")
    asked = parser.parse_args()
    rows, bytes_rows, _ = measure(asked.data / "events.parquet", asked.data)
    bytes_rows.append(demo(asked.data))
    text = "\n\n".join(
        [
            "## Store",
            f"What journeys cost when events come in. {results.machine()}. {results.today()}. "
            f"Load {results.load():.1f} at the end. Medians of {ROUNDS}.",
            results.table(["what", "s"], rows),
            "Bytes an event on disk. The columns are all that most questions read.",
            results.table(["workspace", "columns", "database", "archive", "in all"], bytes_rows),
        ]
    )
    print(text)
    if not asked.dry:
        results.write_section("store", text)


if __name__ == "__main__":
    main()
