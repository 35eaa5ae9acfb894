"""`desirepath import --database`: which rows of which database are meant, and a look at the first of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from desirepath.cli.running import Run
from desirepath.errors import InputError

if TYPE_CHECKING:
    from desirepath.syncing.sql import Asked

PANEL = "Rows of a database"
LOOKED_AT = 10_000
"""How many rows a guess or a preview looks at."""

Uri = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URI",
        help="A database, such as sqlite:///shop.db or 'postgresql://reader:$PASSWORD@host/shop'; "
        "$NAME is looked up in the environment.",
        rich_help_panel=PANEL,
    ),
]
Table = Annotated[str | None, typer.Option(metavar="NAME", help="The table that is read.", rich_help_panel=PANEL)]
Query = Annotated[str | None, typer.Option(metavar="SELECT", help="A query instead of a table.", rich_help_panel=PANEL)]


def asked_of(files: list[Path], uri: str | None, table: str | None, query: str | None) -> Asked | None:
    """What is asked of which database; None where files were given.

    Raises
    ------
    InputError
        When files and a database were given, or neither, or no table or query of it.
    """
    rows = ["--database URI --table NAME", "--database URI --query 'SELECT …'"]
    if uri is None:
        if table is not None or query is not None:
            raise InputError("--table and --query belong to a database.", allowed=rows)
        if not files:
            raise InputError("Nothing was named that could be imported.", allowed=["FILES…", *rows])
        return None
    if files:
        raise InputError("Import files or the rows of a database, not both at once.", allowed=["FILES…", *rows])
    from desirepath.syncing.databases import Database
    from desirepath.syncing.sql import Asked

    return Asked(Database.of(uri, "--database"), table, query)


@contextmanager
def first_rows(run: Run, asked: Asked) -> Iterator[list[Path]]:
    """The first rows as a file, to guess from or to preview."""
    from desirepath.syncing.sql import written

    with tempfile.TemporaryDirectory(prefix="desirepath-") as folder:
        path = Path(folder) / asked.file
        with run.progress() as progress:
            written(asked, path, progress, LOOKED_AT)
        yield [path]
