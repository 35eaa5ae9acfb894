"""Where is data moved while it is imported?

In an in-memory DuckDB of our own, locked to the folders it needs. The workspace's database is never touched
here. Nothing is downloaded, extensions are not loaded on demand, files outside the named folders cannot be
read, and every session runs in UTC whatever the computer says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

MEMORY = "2GB"
"""What one import may hold in memory before it spills to its temporary folder."""


def scratch_connection(
    folders: Iterable[Path],
    *,
    temp: Path,
    threads: int | None = None,
    memory: str = MEMORY,
    lossless: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that can read and write `folders` and `temp` and nothing else.

    Parameters
    ----------
    folders
        Folders whose files may be read and written.
    temp
        An existing folder for spilled data.
    threads
        Number of threads; DuckDB's choice when None.
    memory
        Memory limit, as DuckDB writes it.
    lossless
        Whether Arrow gets every type as it is, such as UUID, instead of as text.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": memory,
        "temp_directory": str(temp),
    }
    if threads is not None:
        config["threads"] = threads
    con = duckdb.connect(":memory:", config=config)
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")  # it writes to stdout, where answers go
    con.execute(f"SET arrow_lossless_conversion = {str(lossless).lower()}")
    allowed = ", ".join(literal(str(folder.resolve()) + "/") for folder in (*folders, temp))
    con.execute(f"SET allowed_directories = [{allowed}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn what DuckDB makes of Ctrl-C during a query back into KeyboardInterrupt."""
    try:
        yield
    except RuntimeError as problem:
        if type(problem) is RuntimeError and "interrupted" in str(problem).lower():
            raise KeyboardInterrupt from problem
        raise


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return `text` as an SQL string literal; DuckDB's know no escape but the doubled quote."""
    return "'" + text.replace("'", "''") + "'"


def number_of(con: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the one number that a query (or a COPY) gives."""
    rows = con.execute(query).fetchall()
    return int(rows[0][0])
