"""How are a table's rows asked for? By one SELECT that reads, orders by the cursor, and goes on from where it was.

The rows stream from the driver into Parquet files, a batch at a time, and never stand in memory together. With a cursor
a file ends where the cursor's value changes, and it is written down how far the pull is: one that is stopped goes on
from there. Rows that are equal lie in one file that way, and are told apart by their number in it.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from desirepath.connectors.mapping import Mapping
from desirepath.errors import InputError, UnknownNameError, WorkspaceError
from desirepath.importing import ImportResult, import_files
from desirepath.syncing.databases import Database, stoppable
from desirepath.syncing.marks import Mark, kind_of, last_mark
from desirepath.syncing.plain_rows import RowsFile
from desirepath.syncing.pulls import file_name
from desirepath.syncing.selects import Select

if TYPE_CHECKING:
    from desirepath.engines.engine import Progress
    from desirepath.workspace import Workspace

ROWS_OF_A_FILE = 500_000
"""After so many rows, a file ends at the next change of the cursor."""

SinceOf = Callable[[str], Mark | None]
"""Told what the cursor holds, gives the mark from which on to read; None: everything."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a database: a table, or a query.

    Parameters
    ----------
    database
        The database.
    table
        The name of a table, with its schema where that is needed.
    query
        A SELECT.
    cursor
        A column that only grows; None where all rows are read each time.

    Raises
    ------
    InputError
        When not one of table and query is given.
    """

    database: Database
    table: str | None = None
    query: str | None = None
    cursor: str | None = None

    def __post_init__(self) -> None:
        """Refuse what says too little or too much."""
        if (self.table is None) == (self.query is None):
            both = "A table or a query is read, not both." if self.table else "What is read: a table, or a query?"
            raise InputError(both, allowed=["a table (orders, or shop.orders)", "a query (SELECT …)"])
        if not (self.table or self.query or "").strip("; \t\r\n"):
            raise InputError("The table or query is empty.", allowed=["a table (orders)", "a query (SELECT …)"])

    @property
    def file(self) -> str:
        """A name for a file of the rows, whatever the table is called."""
        return file_name(self.name)[:100].lstrip(".") + ".parquet"

    @property
    def name(self) -> str:
        """What the rows are called: the table's name without its schema; `rows` where a query gives them."""
        return "rows" if self.table is None else self.table.rpartition(".")[2]

    @property
    def digest(self) -> str:
        """The same for what asks the same of the same database."""
        said = "\0".join((self.database.shown, self.table or "", self.query or "", self.cursor or ""))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Reading:
    """Rows that are being read.

    Parameters
    ----------
    schema
        Their columns, as the database gives them.
    batches
        The rows.
    kind
        What the cursor holds; None where there is none.
    """

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    kind: str | None = None


@contextmanager
def reading(asked: Asked, since: SinceOf | None = None) -> Iterator[Reading]:
    """Read rows, ordered by the cursor.

    Parameters
    ----------
    asked
        What is asked.
    since
        From where on; everything if left out.

    Raises
    ------
    UnknownNameError
        When there is no such table, or the cursor is none of its columns.
    InputError
        When the database refuses the query, or a column cannot be imported.
    WorkspaceError
        When the database does not answer.
    """
    database = asked.database
    with database.opened() as connection:
        select = Select.of(database.kind, asked.table, asked.query)
        with _refusals(asked, connection), connection.cursor() as cursor:
            schema = stoppable(partial(select.schema, cursor, database.shown), cursor)
        kind = None
        if asked.cursor is not None:
            if asked.cursor not in schema.names:
                raise UnknownNameError.of("column", asked.cursor, schema.names, looked=f"{asked.name}, the cursor")
            kind = kind_of(schema.field(asked.cursor), database.shown)
        mark = since(kind) if since is not None and kind is not None else None
        with connection.cursor() as cursor:
            with _refusals(asked, connection):
                reader = stoppable(partial(select.run, cursor, schema, asked.cursor, mark), cursor)
            try:
                yield Reading(schema, _batches(reader, cursor, asked), kind)
            finally:
                reader.close()


def _batches(reader: Any, cursor: Any, asked: Asked) -> Iterator[pa.RecordBatch]:
    from adbc_driver_manager import Error

    while True:
        try:
            batch = stoppable(partial(next, reader, None), cursor)
        except (Error, pa.ArrowException, OSError) as problem:
            raise WorkspaceError(
                f"The database broke off: {asked.database.said(problem)}.", looked=asked.database.shown
            ) from None
        if batch is None:
            return
        if batch.num_rows:
            yield batch


@contextmanager
def _refusals(asked: Asked, connection: Any) -> Iterator[None]:
    """Tell what a database refuses; of a table that is not there, which are."""
    from adbc_driver_manager import Error

    try:
        yield
    except (Error, pa.ArrowException, OSError) as problem:
        said = asked.database.said(problem)
    else:
        return
    if asked.table is not None:
        names = asked.database.tables(connection)
        if asked.table not in names:
            raise UnknownNameError.of("table", asked.table, names, looked=asked.database.shown)
    what = f"the table {asked.table!r}" if asked.table is not None else "the query"
    raise InputError(f"The database refuses {what}: {said}.", looked=asked.database.shown)


def written(asked: Asked, path: Path, progress: Progress, most: int | None = None) -> int:
    """Write rows to a Parquet file.

    Parameters
    ----------
    asked
        What is asked.
    path
        The file.
    progress
        Told the rows so far; may raise `CancelledError`.
    most
        How many rows, if not all.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    InputError, WorkspaceError
        As `reading` does.
    """
    with reading(asked) as found:
        file = RowsFile(path, found.schema, asked.database.shown)
        try:
            for batch in found.batches:
                file.write(batch if most is None else batch.slice(0, most - file.rows))
                progress("reading", file.rows, None)
                if most is not None and file.rows >= most:
                    break
        finally:
            file.close()
    return file.rows


def import_rows(
    workspace: Workspace, asked: Asked, mapping: Mapping | Path, *, time_zone: str | None, progress: Progress
) -> ImportResult:
    """Import the rows of a table or query like a file.

    Parameters
    ----------
    workspace, mapping, time_zone, progress
        As for `import_files`.
    asked
        What is asked of which database.

    Raises
    ------
    InputError, WorkspaceError
        As `reading` and `import_files` do; nothing is kept then.
    """
    place = workspace.root / "temp"
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix="rows-") as folder:
        path = Path(folder) / asked.file
        written(asked, path, progress)
        return import_files(workspace, [path], mapping, time_zone=time_zone, progress=progress)


@dataclass(frozen=True, slots=True)
class Part:
    """How far a pull is.

    Parameters
    ----------
    rows
        Rows since the last file.
    file
        A file that is complete; None where more of it comes.
    mark
        The last value of the cursor in it; None where there is none.
    """

    rows: int
    file: Path | None = None
    mark: Mark | None = None


def parts(asked: Asked, folder: Path, since: SinceOf | None = None) -> Generator[Part, None, None]:
    """Read rows into files, as many as their number asks for; tells after each batch how far it is.

    Raises
    ------
    InputError, WorkspaceError
        As `reading` does.
    """
    with reading(asked, since) as found:
        number, mark, file = 0, None, RowsFile(folder / "0", found.schema, asked.database.shown)
        try:
            for batch in found.batches:
                rest, cut = batch, 0
                if file.rows >= ROWS_OF_A_FILE and found.kind is not None:
                    cut = _change(batch.column(asked.cursor))
                if cut and found.kind is not None:
                    file.write(batch.slice(0, cut))
                    mark = _last(batch.slice(0, cut), asked, found.kind) or mark
                    file.close()
                    yield Part(file.rows, file.path, mark)
                    number += 1
                    rest, file = batch.slice(cut), RowsFile(folder / str(number), found.schema, asked.database.shown)
                file.write(rest)
                mark = _last(rest, asked, found.kind) or mark if found.kind is not None else None
                yield Part(file.rows)
        finally:
            file.close()
    yield Part(file.rows, file.path, mark)


def _change(column: pa.Array) -> int:
    """Where the last value of a column first stands; 0 where that is its beginning, or the value is none."""
    if not column[-1].is_valid:
        return 0
    return max(0, int(pc.index(column, column[-1]).as_py()))


def _last(batch: pa.RecordBatch, asked: Asked, kind: str) -> Mark | None:
    """The last value of the cursor; None where it has none."""
    return last_mark(kind, batch.column(asked.cursor))
