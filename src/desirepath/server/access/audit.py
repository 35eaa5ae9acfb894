"""Who did what, and when? A log that only grows, in which every entry carries the hash of the one before.

Whoever changes or takes out an entry breaks the chain at that place. A log that was written anew from some place on, or
cut at its end, is told by its head alone: note the head elsewhere from time to time (`desirepath audit` prints it).

People stand in it by handle. An identity such as an address never belongs into it, because it would outlive an erasure.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from desirepath.server.access.book import Book

START = "0" * 64
"""What the first entry has for the hash of the one before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act.

    Attributes
    ----------
    number
        From 1, without a gap.
    at
        When, ISO 8601.
    who
        Who did it: a name, `token:NAME`, `command line`; empty for somebody who is not known.
    action
        What was done, such as `reveal`.
    about
        Whom or what it was done to, by handle or name.
    details
        What else is worth knowing.
    hash
        Of all this and of the entry before.
    """

    number: int
    at: str
    who: str
    action: str
    about: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    hash: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The entry as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain holds: how many entries, the hash of the last, and the first number that is wrong."""

    entries: int
    head: str
    broken_at: int | None = None

    @property
    def holds(self) -> bool:
        """Whether no entry was changed or taken out."""
        return self.broken_at is None


def write(db: sqlite3.Connection, at: int, who: str, action: str, about: str | None = None, **details: Any) -> None:
    """Add an entry, in the transaction of what it tells."""
    last = db.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    number, before = (1, START) if last is None else (last[0] + 1, last[1])
    when = dt.datetime.fromtimestamp(at, dt.UTC).isoformat()
    said = json.dumps(details, ensure_ascii=False, sort_keys=True, default=str)
    made = _hash(number, when, who, action, about, said, before)
    db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (number, when, who, action, about, said, made))


def entries(
    book: Book, *, before: int | None = None, most: int = 100, action: str | None = None, who: str | None = None
) -> list[Entry]:
    """The latest entries, newest first.

    Parameters
    ----------
    book
        The workspace's book.
    before
        Only entries with a lower number.
    most
        How many.
    action, who
        Only these.
    """
    query = "SELECT * FROM audit WHERE number < ? AND (?2 IS NULL OR action = ?2) AND (?3 IS NULL OR who = ?3)"
    query = query.replace("number < ?", "(?1 IS NULL OR number < ?1)")
    found = book.rows(f"{query} ORDER BY number DESC LIMIT ?4", before, action, who, most)
    return [_entry(row) for row in found]


def verify(book: Book) -> Verdict:
    """Go along the whole chain."""
    number, head = 0, START
    for row in book.rows("SELECT * FROM audit ORDER BY number"):
        one = _entry(row)
        number += 1
        made = _hash(one.number, one.at, one.who, one.action, one.about, str(row[5]), head)
        if one.number != number or made != one.hash:
            return Verdict(number, head, number)
        head = one.hash
    return Verdict(number, head)


def _entry(row: tuple[Any, ...]) -> Entry:
    number, at, who, action, about, details, made = row
    return Entry(number, at, who, action, about, json.loads(details), made)


def _hash(number: int, at: str, who: str, action: str, about: str | None, details: str, before: str) -> str:
    text = json.dumps([number, at, who, action, about, details, before], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


__all__ = ["Entry", "Verdict", "entries", "verify", "write"]
