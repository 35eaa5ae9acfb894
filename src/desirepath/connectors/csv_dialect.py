"""How is this CSV file written, and what are its columns called?

Found once from its first lines, then pinned. The first record is the header, because a mapping names columns.
The delimiter is the one under which the header has the most columns and the first lines agree with it. Empty
names become `column_3`, repeated ones `name_2`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from desirepath.connectors.mapping import TextFormat
from desirepath.errors import InputError

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 18
_MOST_COLUMNS = 10_000
csv.field_size_limit(1 << 27)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written.

    Parameters
    ----------
    delimiter, quote
        One character each; an empty quote means that quotes are ordinary characters.
    columns
        Names of the columns, distinct without regard to case.
    header_lines
        Number of physical lines before the first row.
    header_bytes
        Number of bytes before the first row, a byte order mark included.
    """

    delimiter: str
    quote: str
    columns: tuple[str, ...]
    header_lines: int
    header_bytes: int


def dialect_of(path: Path, given: TextFormat, bom: int) -> Dialect | None:
    """Find how the CSV file at `path` is written; None when it is empty.

    Raises
    ------
    InputError
        When its header cannot be read.
    """
    with path.open("rb") as opened:
        opened.seek(bom)
        sample = opened.read(_SAMPLE)
        while (
            sample
            and b"\n" not in sample
            and b"\r" not in sample
            and len(sample) < 64 * _SAMPLE
            and (more := opened.read(_SAMPLE))
        ):
            sample += more
    text = sample.decode("utf-8", "surrogateescape")
    skipped = _after_lines(text, given.skip)
    if not text[skipped:].strip("\r\n \t\ufeff"):
        return None
    blank = len(text[skipped:]) - len(text[skipped:].lstrip("\r\n"))
    start = skipped + blank
    body = text[start:]
    quote = '"' if given.quote is None else given.quote
    delimiter = given.delimiter or _delimiter(body, quote)
    header, length = _first_record(body, delimiter, quote, path)
    if len(header) > _MOST_COLUMNS:
        raise InputError(f"{path.name} has {len(header)} columns; at most {_MOST_COLUMNS} are read.")
    head = text[: start + length]
    return Dialect(
        delimiter,
        quote,
        distinct_names(header),
        _line_ends(head),
        bom + len(head.encode("utf-8", "surrogateescape")),
    )


def distinct_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return usable names: trimmed, none empty, none equal to another in any case."""
    found: list[str] = []
    taken: set[str] = set()
    for place, name in enumerate(names, 1):
        readable = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        wanted = readable.strip().strip("\ufeff").replace("\0", "") or f"column_{place}"
        unique, number = wanted, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{wanted}_{number}"
        taken.add(unique.casefold())
        found.append(unique)
    return tuple(found)


def _after_lines(text: str, lines: int) -> int:
    place = 0
    for line in text.splitlines(keepends=True)[:lines]:
        place += len(line)
    return place


def _line_ends(text: str) -> int:
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends + (not text.endswith(("\n", "\r")))


def _records(body: str, delimiter: str, quote: str, most: int) -> list[list[str]]:
    reader = reader_of(io.StringIO(body, newline=""), delimiter, quote)
    found: list[list[str]] = []
    try:
        for record in reader:
            found.append(record)
            if len(found) == most:
                break
    except csv.Error:
        # The sample may end inside a quoted field, and hostile text may stop the reader; what was read tells
        # enough.
        pass
    return found


def reader_of(text: io.StringIO, delimiter: str, quote: str) -> Iterator[list[str]]:
    """Return a reader of CSV text; without quote, quotes are ordinary characters."""
    if not quote:
        return csv.reader(text, delimiter=delimiter, quoting=csv.QUOTE_NONE, quotechar=None)
    return csv.reader(text, delimiter=delimiter, quotechar=quote, doublequote=True)


def _delimiter(body: str, quote: str) -> str:
    def fit(delimiter: str) -> tuple[float, int]:
        records = [record for record in _records(body, delimiter, quote, 50) if record]
        if not records or len(records[0]) < 2:
            return 0.0, 0
        rows = records[1:-1] or records[1:]
        agree = sum(len(record) == len(records[0]) for record in rows) / len(rows) if rows else 1.0
        return (1.0 if agree > 0.5 else agree), len(records[0])

    return max(_DELIMITERS, key=fit)


def _first_record(body: str, delimiter: str, quote: str, path: Path) -> tuple[list[str], int]:
    """Return the fields of the first record, and its length with its line end."""
    lines = io.StringIO(body, newline="")
    reader = reader_of(lines, delimiter, quote)
    try:
        header = next(reader)
    except csv.Error as problem:
        raise InputError(f"The header of {path.name} cannot be read: {problem}.") from None
    length = lines.tell()
    if quote and body[:length].count(quote) % 2:
        # A quote that is never closed would make the whole file the header.
        end = min((place for place in (body.find("\n"), body.find("\r")) if place >= 0), default=len(body) - 1)
        length = end + (2 if body[end : end + 2] == "\r\n" else 1)
        header = body[:end].split(delimiter)
    return header, length
