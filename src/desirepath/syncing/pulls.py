"""What is a pull? One stream of a vendor: its pages, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desirepath.connectors.choosing import mapping_for, words_in
from desirepath.connectors.mapping import Mapping as Meaning
from desirepath.syncing.accounts import Account

Cursor = dict[str, Any]
"""Where a pull goes on, as plain data; empty at its beginning."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one request gave.

    Parameters
    ----------
    records
        Its records.
    cursor
        Where to go on after it; None where it only tells how far a file is that comes later, and nothing is remembered.
    file
        A file instead of records: its name, and its bytes or where it lies, to be moved from there.
    rows
        How many rows the file has, where that is known.
    """

    records: list[dict[str, Any]]
    cursor: Cursor | None = field(default_factory=dict)
    file: tuple[str, bytes | Path] | None = None
    rows: int | None = None

    @property
    def count(self) -> int:
        """How many records it holds; a file of unknown content counts as one."""
        return len(self.records) + (self.file is not None) if self.rows is None else self.rows


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a pull is about, in seconds since 1970.

    Parameters
    ----------
    since, until
        From and to; `since` lies before the end of the last pull by the overlap of the stream.
    first
        Whether nothing was ever pulled.
    asked
        From when on somebody asked for it: by `--since`, or by the account's `since` at the first pull.
    """

    since: int
    until: int
    first: bool
    asked: int | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """One stream.

    Parameters
    ----------
    stream
        As the connector calls it.
    pages
        Gives the pages of a span, from a cursor on.
    overlap
        Seconds before the last pull's end that are read again, because records come late.
    only_first
        Whether it is pulled once alone.
    lasting
        Whether the cursor at its end is of use for the next pull; that of most is one within the pages of a list.
    about
        What is asked for, where that can be changed; whatever was pulled of another is forgotten.
    """

    stream: str
    pages: Callable[[Any, Cursor, Span], Iterator[Page]]
    overlap: int = 3600
    only_first: bool = False
    lasting: bool = False
    about: str = ""


def _of_connector(account: Account) -> Meaning:
    words = words_in(account.folder)
    return mapping_for(account.source, options=account.options, instance=account.instance, words=words)


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor.

    Parameters
    ----------
    api
        Makes what the pages of an account are asked of: its API, or what else they need. Told a folder for scratch.
    pulls
        Its streams, for an account.
    needs
        What must be known of an account.
    mapping
        What the records of an account mean: what its connector says, if nothing else does.
    """

    api: Callable[[Account, Path], Any]
    pulls: Callable[[Account], list[Pull]]
    needs: tuple[str, ...]
    mapping: Callable[[Account], Meaning] = _of_connector


def file_name(text: str) -> str:
    """A text as the name of a file."""
    return re.sub(r"[^\w.-]", "_", text)


def later(page: Mapping[str, Any], *path: str) -> Any:
    """A value inside a page; None where it is not."""
    found: Any = page
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
