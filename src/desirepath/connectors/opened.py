"""How is a vendor's file opened? Unpacked, decoded and taken apart, whatever it is called.

What is written in a file is told by its first bytes: gzip, Zstandard, a ZIP of files, UTF-16 or UTF-8, JSON lines, a
JSON document or CSV. What cannot become a record is rejected with its line, bytes and reason, and the rest goes on.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import gzip
import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import msgspec

from desirepath.connectors.connector import Record
from desirepath.connectors.files import SourceFile, chunks
from desirepath.connectors.json_check import json_fault
from desirepath.connectors.rejects import LONGEST_LINE, RejectedLine
from desirepath.errors import InputError

HEAD = 1 << 17
"""Bytes of a file by which it is recognised."""

LARGEST_DOCUMENT = 1 << 30
"""Largest JSON document, XML file or packed file of a ZIP, unpacked, in bytes."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ESCAPES = ("\\u0000", "\\ud", "\\uD")
csv.field_size_limit(1 << 27)


class Opened:
    """One file of a vendor, or one within a ZIP.

    Parameters
    ----------
    path
        Where it lies.
    member
        The file within it, when it is a ZIP.
    """

    def __init__(self, path: Path, member: str | None = None) -> None:
        self.path, self.member = path, member
        self.rejected: list[RejectedLine] = []

    @property
    def name(self) -> str:
        """The file's name, without what says how it is packed."""
        bare = (self.member or self.path.name).rpartition("/")[2]
        for ending in (".gz", ".zst"):
            bare = bare.removesuffix(ending)
        return bare

    def reject(self, line: int | None, reason: str, raw: bytes, detail: str | None = None) -> None:
        """Set aside what cannot become a record; `reason` is one of `rejects.REASONS`."""
        self.rejected.append(RejectedLine(line, reason, raw, detail))

    # ---- bytes ------------------------------------------------------------------------------------------------

    @cached_property
    def is_zip(self) -> bool:
        """Whether the file is a ZIP of files."""
        return self.member is None and zipfile.is_zipfile(self.path)

    @cached_property
    def is_parquet(self) -> bool:
        """Whether the file is Parquet."""
        if self.member is not None:
            return False
        with self.path.open("rb") as file:
            return file.read(4) == b"PAR1"

    def members(self) -> list[Opened]:
        """The files within a ZIP, in order of their names; the file itself where it is none."""
        if not self.is_zip:
            return [self]
        with zipfile.ZipFile(self.path) as packed:
            for info in packed.infolist():
                if info.file_size > LARGEST_DOCUMENT:
                    raise InputError(f"{info.filename} in {self.path.name} is larger than 1 GB unpacked.")
            names = sorted(info.filename for info in packed.infolist() if not info.is_dir())
        return [Opened(self.path, name) for name in names]

    def chunks(self) -> Iterator[bytes]:
        """The unpacked bytes.

        Raises
        ------
        InputError
            When the file cannot be read to its end, or unpacks to more than it may.
        """
        if self.member is None:
            with self.path.open("rb") as file:
                head = file.read(4)
            packed = "gzip" if head[:2] == b"\x1f\x8b" else "zstd" if head == b"\x28\xb5\x2f\xfd" else None
            yield from chunks(SourceFile(self.path, "json", packed))
            return
        try:
            with zipfile.ZipFile(self.path) as packed_file, packed_file.open(self.member) as member:
                head = cast(Any, member).peek(2)[:2]
                stream: Any = gzip.GzipFile(fileobj=member) if head == b"\x1f\x8b" else member
                size = 0
                while chunk := stream.read(1 << 20):
                    size += len(chunk)
                    if size > LARGEST_DOCUMENT:
                        raise InputError(f"{self.member} in {self.path.name} is larger than 1 GB unpacked.")
                    yield chunk
        except (OSError, EOFError, zipfile.BadZipFile) as problem:
            raise InputError(f"{self.path.name} cannot be read to its end, it is damaged: {problem}.") from None

    @cached_property
    def head(self) -> str:
        """The first characters; none of a Parquet file."""
        if self.is_parquet:
            return ""
        taken = b""
        for chunk in self.chunks():
            taken += chunk[: HEAD - len(taken)]
            if len(taken) >= HEAD:
                break
        encoding, bom = _encoding(taken)
        return taken[bom:].decode(encoding, "ignore")

    # ---- text -------------------------------------------------------------------------------------------------

    def _texts(self) -> Iterator[str]:
        source = self.chunks()
        first = next(source, b"")
        encoding, bom = _encoding(first)
        decoder = codecs.getincrementaldecoder(encoding)("surrogateescape" if encoding == "utf-8" else "strict")
        try:
            for chunk in itertools.chain((first[bom:],), source):
                yield decoder.decode(chunk)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as problem:
            raise InputError(f"{self.name} is not written in {encoding}: {problem.reason}.") from None

    def text(self) -> str:
        """The whole text.

        Raises
        ------
        InputError
            When it is larger than one document may be.
        """
        found: list[str] = []
        size = 0
        for part in self._texts():
            size += len(part)
            if size > LARGEST_DOCUMENT:
                raise InputError(f"{self.name} is one document of more than 1 GB; write it as JSON lines to import it.")
            found.append(part)
        return "".join(found)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line with its number; parted by line feeds alone, because texts may hold other separators."""
        number, rest = 0, ""
        for part in self._texts():
            found = (rest + part).split("\n")
            rest = found.pop()
            for line in found:
                number += 1
                yield number, line.removesuffix("\r")
            if len(rest) > 2 * LONGEST_LINE:
                raise InputError(f"A line of {self.name} is longer than 32 MB.")
        if rest:
            yield number + 1, rest

    # ---- JSON -------------------------------------------------------------------------------------------------

    @cached_property
    def first(self) -> Any:
        """The first JSON value of the file, where it is short enough to be seen whole; else None."""
        text = self.head.lstrip()
        return _decoded(text, 0) if text[:1] in ("{", "[") else None

    @cached_property
    def sample(self) -> dict[str, Any]:
        """The first object of the file: of JSON lines, of a list, or the document itself; empty if there is none."""
        if self.is_parquet:
            return next(self._parquet(), {})
        text = self.head.lstrip()
        found = _decoded(text, text.find("{")) if text.startswith("[") and "{" in text else self.first
        return found if isinstance(found, dict) else {}

    def page_key(self, pages: Iterable[str]) -> str | None:
        """The member of the document that holds a page of records, looked for in its beginning."""
        if isinstance(self.first, dict):
            return next((key for key in pages if isinstance(self.first.get(key), list)), None)
        if self.head.lstrip()[:1] != "{":
            return None
        return next((key for key in pages if _page_start(self.head, key) is not None), None)

    def first_of(self, pages: Iterable[str]) -> dict[str, Any]:
        """The first record of the page that the file holds, or of the file itself; empty if there is none."""
        key = self.page_key(pages)
        if key is None:
            return self.sample
        if isinstance(self.first, dict):
            found = next(iter(self.first[key]), None)
        else:
            found = _decoded(self.head, _page_start(self.head, key) or 0)
        return found if isinstance(found, dict) else {}

    def is_lines(self) -> bool:
        """Whether the file is JSON lines: the first line is an object, and another follows or it ends."""
        line, _, more = self.head.lstrip().partition("\n")
        if self.name.endswith((".jsonl", ".ndjson")):
            return line.startswith("{") or not line
        if not line.startswith("{") or not line.rstrip().endswith("}"):
            return False
        return more.lstrip()[:1] in ("{", "")

    def records(self, pages: Mapping[str, str], stream_of: Callable[[Mapping[str, Any]], str]) -> Iterator[Record]:
        """The records of a JSON file: lines, a list, pages of records, or one record; or the rows of a Parquet file."""
        if self.is_parquet:
            yield from (Record(stream_of(one), one) for one in self._parquet())
            return
        if self.is_lines() and self.page_key(pages) is None:
            for number, line in self.lines():
                data = self.object_of(line, number)
                if data is not None:
                    yield Record(stream_of(data), data, line, number)
            return
        for place, document in self.documents():
            for key, stream in pages.items():
                if isinstance(document, dict) and isinstance(document.get(key), list):
                    yield from (Record(stream or stream_of(one), one) for one in self._objects(document[key]))
                    break
            else:
                listed = document if isinstance(document, list) else [document]
                yield from (Record(stream_of(one), one, None, place) for one in self._objects(listed))

    def documents(self) -> Iterator[tuple[int | None, Any]]:
        """The JSON documents of the file: one, or one page a line."""
        if self.is_lines():
            for number, line in self.lines():
                data = self.object_of(line, number)
                if data is not None:
                    yield number, data
            return
        text = self.text()
        if not text.strip():
            return
        try:
            yield None, msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as problem:
            raise InputError(f"{self.name} is no readable JSON document: {problem}.") from None

    def _objects(self, listed: Iterable[Any]) -> Iterator[dict[str, Any]]:
        for one in listed:
            if isinstance(one, dict):
                yield one
            else:
                self.reject(None, "json_not_object", json.dumps(one, ensure_ascii=False).encode("utf-8", "replace"))

    def object_of(self, line: str, number: int | None) -> dict[str, Any] | None:
        """The object that a line holds; None for an empty line, and for one that is set aside."""
        if not line.strip():
            return None
        reason: str | None = None
        if len(line) > LONGEST_LINE:
            reason = "line_too_long"
        elif "\0" in line:
            reason = "nul_character"
        elif any(escape in line for escape in _ESCAPES):
            reason = json_fault(line)
        data: Any = None
        if reason is None:
            try:
                data = msgspec.json.decode(line)
            except (msgspec.DecodeError, RecursionError):
                reason = json_fault(line) or "json_invalid"
            except UnicodeEncodeError:
                reason = "encoding"
        if reason is None and not isinstance(data, dict):
            reason = "json_not_object"
        if reason is not None:
            self.reject(number, reason, line.encode("utf-8", "surrogateescape"))
            return None
        return dict(data)

    # ---- Parquet ----------------------------------------------------------------------------------------------

    def _parquet(self) -> Iterator[dict[str, Any]]:
        """Each row as JSON would have it."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as opened:
                for batch in opened.iter_batches(batch_size=1000):
                    for row in batch.to_pylist():
                        yield {name: _as_json(value) for name, value in row.items()}
        except (pa.ArrowException, OSError) as problem:
            raise InputError(f"{self.path.name} cannot be read to its end, it is damaged: {problem}.") from None

    # ---- CSV --------------------------------------------------------------------------------------------------

    @cached_property
    def header(self) -> list[str]:
        """The names of the columns, where the file is CSV; else empty."""
        if self.is_parquet or self.head.lstrip()[:1] in ("{", "[", "<", ""):
            return []
        return next(csv.reader(io.StringIO(self.head, newline=""), delimiter=self.delimiter), [])

    @cached_property
    def delimiter(self) -> str:
        """The sign that parts the columns: the most frequent one of the first line."""
        line = self.head.partition("\n")[0]
        return max(",;\t|", key=line.count)

    def table(self) -> Iterator[tuple[int, list[str]]]:
        """Each row of a CSV file with the line on which it ends; rows of no cells are left out."""
        # keeps line ends within quotes, and never sees a carriage return alone as one
        reader = csv.reader((line + "\n" for _, line in self.lines()), delimiter=self.delimiter)
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                self.reject(reader.line_num, "row_unreadable", b"", str(problem))
                continue
            if row:
                yield reader.line_num, row

    def records_or_rows(
        self, pages: Mapping[str, str], stream_of: Callable[[Mapping[str, Any]], str]
    ) -> Iterator[Record]:
        """The rows of a CSV file; of any other, its `records`."""
        yield from self.rows(stream_of) if self.header else self.records(pages, stream_of)

    def rows(
        self, stream_of: Callable[[Mapping[str, Any]], str], skip: int = 1, names: list[str] | None = None
    ) -> Iterator[Record]:
        """Each row of a CSV file by column, after `skip` rows of headings; a row of another width is set aside."""
        columns = names or self.header
        for number, (line, cells) in enumerate(self.table()):
            if number < skip:
                continue
            if len(cells) != len(columns):
                reason = "columns_missing" if len(cells) < len(columns) else "columns_extra"
                self.reject(line, reason, self.delimiter.join(cells).encode("utf-8", "surrogateescape"))
                continue
            data: dict[str, Any] = dict(zip(columns, cells, strict=True))
            yield Record(stream_of(data), data, None, line)


def _as_json(value: Any) -> Any:
    """A value of a typed file as JSON would have it."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {str(key): _as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(one) for one in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else float(value) if isinstance(value, Decimal) else str(value)


def _decoded(text: str, start: int) -> Any:
    """The JSON value that begins at a place; None where it is not whole."""
    try:
        return json.JSONDecoder().raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _page_start(text: str, key: str) -> int | None:
    """Where the first record of a page begins."""
    found = re.search(rf'"{re.escape(key)}"\s*:\s*\[\s*(?=\{{)', text)
    return found.end() if found is not None else None


def _encoding(first: bytes) -> tuple[str, int]:
    """The encoding that the first bytes show, and how many of them are its mark."""
    for mark, encoding in _BOMS:
        if first.startswith(mark):
            return encoding, len(mark)
    if len(first) > 3 and first[1::2][:64].count(0) > len(first[1::2][:64]) * 0.8:
        return "utf-16-le", 0
    return "utf-8", 0
