"""How is a database pulled as an account? What `[sync.NAME]` with `source = "sql"` must say, and its one stream.

```toml
[sync.orders]
source = "sql"
uri = "$ORDERS_DATABASE"
table = "orders"          # or query = "SELECT …"
cursor = "updated_at"     # rows from its last value on; without it, all rows each time
mapping = "orders.yaml"
```
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from desirepath.connectors.mapping import Mapping
from desirepath.connectors.mapping_file import read_mapping
from desirepath.errors import InputError, UnknownNameError
from desirepath.syncing.accounts import Account
from desirepath.syncing.databases import Database
from desirepath.syncing.marks import Mark, overlap_of
from desirepath.syncing.pulls import Cursor, Page, Pull, Span, Vendor
from desirepath.syncing.sql import Asked, parts

_KNOWN = ("uri", "table", "query", "cursor", "overlap", "mapping")
_COMMON = ("source", "every", "since", "time_zone")
_OF_CONNECTORS = ("instance", "options", "streams", "base_url")


def _asked(account: Account) -> Asked:
    """What an account asks of its database.

    Raises
    ------
    InputError
        When something is missing, or is said that has no meaning here.
    """
    looked, given = f"[sync.{account.name}] in workspace.toml", account.given
    for name in given:
        if name not in _KNOWN:
            raise UnknownNameError.of("setting", name, (*_KNOWN, *_COMMON), looked=looked)
    if account.instance != "main" or account.options or account.streams or account.base_url:
        raise InputError(
            f"{', '.join(_OF_CONNECTORS)} belong to a connector; what a database's rows mean, the mapping says.",
            allowed=(*_KNOWN, *_COMMON),
            looked=looked,
        )
    for name in _KNOWN:
        if name in given and name != "overlap" and not (isinstance(given[name], str) and given[name].strip()):
            raise InputError(f"{name} must be text in quotes, and not empty.", looked=looked)
    missing = [name for name in ("uri", "mapping") if name not in given]
    if missing:
        raise InputError(
            f"To pull from {account.name}, {', '.join(missing)} must be known.",
            allowed=[f"{name} = …" for name in missing],
            looked=looked,
        )
    if "cursor" not in given and ("overlap" in given or account.since is not None):
        raise InputError(
            "Without a cursor all rows are read each time, so since and overlap have no meaning.",
            allowed=['cursor = "updated_at", a column that only grows'],
            looked=looked,
        )
    database = Database.of(given["uri"], f"uri of [sync.{account.name}]", account.folder)
    return Asked(database, given.get("table"), given.get("query"), given.get("cursor"))


def _mapping(account: Account) -> Mapping:
    return read_mapping(account.folder / account.given["mapping"])


def _pulls(account: Account) -> list[Pull]:
    asked = _asked(account)
    _mapping(account)  # what is wrong with it is told before anything is pulled
    pages = _pages(account, asked)
    return [Pull(asked.name, pages, overlap=0, lasting=asked.cursor is not None, about=asked.digest)]


def _pages(account: Account, asked: Asked) -> Callable[[Path, Cursor, Span], Iterator[Page]]:
    def pages(scratch: Path, cursor: Cursor, span: Span) -> Iterator[Page]:
        known = Mark.from_dict(cursor["mark"]) if cursor.get("mark") else None
        begun = files = int(cursor.get("files", 0))
        mark = known
        if asked.cursor is None and span.asked is not None:
            raise InputError(
                "Without a cursor, no date says from when on to read.",
                allowed=['cursor = "updated_at", a column that only grows'],
                looked=f"[sync.{account.name}] in workspace.toml",
            )

        def since(kind: str) -> Mark | None:
            overlap = overlap_of(kind, account.given.get("overlap"))
            if known is not None and known.goes_with(kind):
                # a pull under way goes on from where it was; the next one begins a little before
                return known if begun else known.back(overlap)
            if span.asked is None or known is not None:
                return None  # what the column holds has changed: everything is read again
            return Mark.at(dt.datetime.fromtimestamp(span.asked, dt.UTC), kind, str(asked.cursor))

        scratch.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=scratch, prefix="rows-") as folder:
            for part in parts(asked, Path(folder), since):
                if part.file is None:
                    yield Page([], None, rows=part.rows)
                    continue
                files, mark = files + 1, part.mark or mark
                place = {} if mark is None else {"mark": mark.to_dict()}
                name = "parquet" if files == 1 else f"parquet.{files:05d}"
                yield Page([], {**place, "files": files}, (name, part.file) if part.rows else None, part.rows)
        yield Page([], {} if mark is None else {"mark": mark.to_dict()}, rows=0)

    return pages


SQL = Vendor(lambda _, scratch: scratch, _pulls, ("uri", "table or query", "mapping"), _mapping)
"""Databases, as a vendor."""
