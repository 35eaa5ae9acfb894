"""What may other tools read? A copy of events, people and metrics, as Parquet and as a DuckDB file.

    desirepath publish /srv/bi --over week

The copy is made beside and put into place at once, so that whoever has the old one open keeps it. The names and columns
of its tables are kept from version to version; see docs/reference/bi.md.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desirepath.engines.duckdb import quiet
from desirepath.errors import CancelledError, DesirepathError, InputError, UnknownNameError, WorkspaceError
from desirepath.over_time import OVER

if TYPE_CHECKING:
    import pyarrow as pa

    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace

VIEWS = ("events", "people", "identities", "memberships")
"""Views of the schema `bi`; each becomes a table of the copy."""

DATABASE = "desirepath.duckdb"
METRICS = "metrics"
ROWS = 200_000
"""So many rows are in memory at a time."""


@dataclass(frozen=True)
class Published:
    """What was written: rows by table, and metrics that are not among them with the reason."""

    rows: Mapping[str, int]
    left_out: Mapping[str, str]


def publish(
    workspace: Workspace,
    folder: Path,
    *,
    over: str | None = None,
    period: str | None = None,
    progress: Progress = quiet,
) -> Published:
    """Write the copy; return how many rows each table has, and which metrics have none, and why.

    Parameters
    ----------
    workspace
        Whose.
    folder
        Where to; made if it is not there. Files of an earlier copy are replaced, others are left alone.
    over, period
        As `Workspace.ask` takes them, for the table of metrics.
    progress
        Told how many tables are done; may raise `CancelledError`, and then nothing changes.

    Raises
    ------
    InputError
        If the folder is the workspace itself, or within it.
    WorkspaceError
        If the files cannot be written.
    """
    if over is not None and over not in OVER:
        raise UnknownNameError.of("bucket of the calendar", over, OVER)
    workspace.population(period=period)
    root = workspace.root.resolve()
    if folder.resolve() == root or root in folder.resolve().parents:
        raise InputError("The copy cannot be put into the workspace itself.", looked=str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".publishing-", dir=folder) as draft:
            done = _written(workspace, Path(draft), over, period, progress)
            for name in (*(f"{table}.parquet" for table in done.rows), DATABASE):
                os.replace(Path(draft) / name, folder / name)
    except OSError as problem:
        raise WorkspaceError(
            f"The copy cannot be written: {problem.strerror or problem}.", looked=str(folder)
        ) from None
    return done


def _written(workspace: Workspace, draft: Path, over: str | None, period: str | None, progress: Progress) -> Published:
    import duckdb
    import pyarrow.parquet as pq

    rows: dict[str, int] = {}
    store = workspace.store()
    for done, view in enumerate(VIEWS):
        progress("tables", done, len(VIEWS) + 1)
        reader: pa.RecordBatchReader = store.cursor().sql(f"SELECT * FROM bi.{view}").to_arrow_reader(ROWS)
        with pq.ParquetWriter(draft / f"{view}.parquet", reader.schema, compression="zstd") as writer:
            rows[view] = 0
            for batch in reader:
                writer.write_batch(batch)
                rows[view] += batch.num_rows
                progress("tables", done, len(VIEWS) + 1)
    table, left_out = metrics_table(workspace, over, period, progress)
    pq.write_table(table, draft / f"{METRICS}.parquet", compression="zstd")
    rows[METRICS] = table.num_rows
    if shutil.disk_usage(draft).free < sum(path.stat().st_size for path in draft.iterdir()):
        raise OSError(28, "there is no room left for the database")
    with duckdb.connect(draft / DATABASE) as copy:
        for name in rows:
            place = str(draft / f"{name}.parquet").replace("'", "''")
            copy.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{place}')")
    return Published(rows, left_out)


def metrics_table(
    workspace: Workspace, over: str | None, period: str | None, progress: Progress
) -> tuple[pa.Table, dict[str, str]]:
    """Every metric that can be asked: a row per bucket; and why the others cannot.

    Parameters
    ----------
    workspace
        Whose.
    over, period
        As `Workspace.ask` takes them; one row for the whole period without `over`.
    progress
        Told how many metrics are done.
    """
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    schema = pa.schema(
        [
            *(("metric", text), ("group", text), ("form", text), ("period", text), ("bucket", text), ("state", text)),
            *(("value", number), ("low", number), ("high", number), ("n", pa.int64())),
            *(("target", number), ("stands", text), ("denominator", text)),
        ]
    )
    metrics = workspace.metrics
    known = metrics.defined()
    lines: list[Mapping[str, Any]] = []
    left_out: dict[str, str] = {}
    for done, (name, form) in enumerate(known.metrics.items()):
        progress("metrics", done, len(known.metrics))
        wanting = known.wanting(form)
        if wanting:
            left_out[name] = f"words: {', '.join(wanting)}"
            continue
        try:
            found = metrics.rows(known, form, over=over, period=period)
        except CancelledError:
            raise
        except DesirepathError as problem:
            left_out[name] = str(problem)
            continue
        about: dict[str, Any] = {
            "metric": name,
            "group": form.group,
            "form": form.form,
            "denominator": form.denominator,
        }
        about |= {"target": form.target, "period": period or "everything"}
        lines += [{**about, **line} for line in found]
    return pa.Table.from_pylist([dict(line) for line in lines], schema=schema), left_out
