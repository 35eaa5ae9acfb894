"""What is a pull? One stream of a vendor: its pages, and where to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from desirepath.syncing.accounts import Account
from desirepath.syncing.api import Api

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
        Where to go on after it.
    file
        A file instead of records: its name and bytes.
    """

    records: list[dict[str, Any]]
    cursor: Cursor = field(default_factory=dict)
    file: tuple[str, bytes] | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a pull is about, in seconds since 1970.

    Parameters
    ----------
    since, until
        From and to; `since` lies before the end of the last pull by the overlap of the stream.
    first
        Whether nothing was ever pulled.
    """

    since: int
    until: int
    first: bool


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
    """

    stream: str
    pages: Callable[[Api, Cursor, Span], Iterator[Page]]
    overlap: int = 3600
    only_first: bool = False


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor.

    Parameters
    ----------
    api
        Makes the API of an account; told a folder for scratch.
    pulls
        Its streams, for an account.
    needs
        What must be known of an account.
    """

    api: Callable[[Account, Any], Api]
    pulls: Callable[[Account], list[Pull]]
    needs: tuple[str, ...]


def later(page: Mapping[str, Any], *path: str) -> Any:
    """A value inside a page; None where it is not."""
    found: Any = page
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
