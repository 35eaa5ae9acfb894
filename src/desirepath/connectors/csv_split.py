r"""Which lines of a damaged CSV file are rows? A careful second reading, for when the fast one finds trouble.

It follows the same rules as the fast reader and adds one: a record that cannot be read costs its own line,
never the lines after it. Stretches without quotes and with the right number of delimiters are passed on in
bulk; a record with a quote is matched by one regular expression that cannot backtrack. What is passed on is
valid UTF-8 without NUL characters, with `\\n` as the only line end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import numpy.typing as npt

from desirepath.connectors.csv_dialect import Dialect
from desirepath.connectors.rejects import LONGEST_LINE, RejectedLine

Lines = npt.NDArray[np.int64]


@dataclass(slots=True)
class Split:
    """What the careful reading found.

    Parameters
    ----------
    lines
        The physical line of each row that was passed on, from 1, in order.
    rejected
        What was not passed on.
    longest
        Length of the longest record passed on, in bytes.
    """

    lines: list[Lines] = field(default_factory=list)
    rejected: list[RejectedLine] = field(default_factory=list)
    longest: int = 0

    def row_lines(self) -> Lines:
        """Return the physical line of each row."""
        return np.concatenate([*self.lines, np.empty(0, dtype=np.int64)])


def split_rows(text: Iterable[bytes], dialect: Dialect, clean: IO[bytes]) -> Split:
    """Write the rows of a CSV file to `clean`, without the header, and tell what was left out.

    Parameters
    ----------
    text
        The file's bytes from the first row on, as UTF-8 text in any state.
    dialect
        How it is written.
    clean
        Where the rows go.
    """
    splitter = _Splitter(dialect, clean)
    rest = b""
    for chunk in unified(text):
        buffer = rest + chunk
        used = splitter.take(buffer, final=False)
        rest = buffer[used:]
    while rest:
        rest = rest if rest.endswith(b"\n") else rest + b"\n"
        rest = rest[splitter.take(rest, final=True) :]
    return splitter.found


def unified(text: Iterable[bytes]) -> Iterator[bytes]:
    r"""Make every line end `\\n`, also one cut by the end of a chunk."""
    held = b""
    for chunk in text:
        whole = held + chunk
        held = b"\r" if whole.endswith(b"\r") else b""
        whole = whole[: len(whole) - len(held)]
        yield whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in whole else whole
    if held:
        yield b"\n"


class _Splitter:
    def __init__(self, dialect: Dialect, clean: IO[bytes]) -> None:
        self.found = Split()
        self._clean = clean
        self._line = dialect.header_lines + 1
        self._skipping = False
        self._delimiter, self._quote = dialect.delimiter.encode(), dialect.quote.encode()
        self._wanted = len(dialect.columns)
        mark, quote = re.escape(self._delimiter), re.escape(self._quote)
        plain = rb"[^" + mark + rb"\n]*+"
        if quote:
            plain = rb"(?!" + quote + rb")" + plain
            quoted = quote + rb"[^" + quote + rb"]*+(?:" + quote * 2 + rb"[^" + quote + rb"]*+)*+" + quote + rb"[ \t]*+"
            plain = rb"(?:" + quoted + rb"|" + plain + rb")"
        self._record = re.compile(plain + rb"(?:" + mark + plain + rb")*+\n")
        self._opened = (
            re.compile(quote + rb"[^" + quote + rb"]*+(?:" + quote * 2 + rb"[^" + quote + rb"]*+)*+" + quote + rb"?")
            if quote
            else None
        )
        self._field = re.compile(plain + rb"(?:" + mark + rb"|\n)")

    def take(self, buffer: bytes, final: bool) -> int:
        """Handle the whole lines of a buffer; return how many bytes were used."""
        if self._skipping:
            skipped = buffer.find(b"\n") + 1
            self._skipping, self._line = skipped == 0, self._line + (skipped > 0)
            return skipped or len(buffer)
        end = buffer.rfind(b"\n") + 1
        if end == 0:
            return self._overlong(buffer) if not final and len(buffer) > LONGEST_LINE else 0
        codes = np.frombuffer(buffer, dtype=np.uint8, count=end)
        ends = np.flatnonzero(codes == 10) + 1
        starts = np.concatenate([[0], ends[:-1]])
        bad = self._bad_lines(buffer, codes, starts, ends)
        quoted = _counts(codes, self._quote, ends) if self._quote else np.zeros(len(ends), dtype=np.int64)
        ragged = _counts(codes, self._delimiter, ends) != self._wanted - 1
        empty = ends - starts == 1
        long = ends - starts > LONGEST_LINE
        special = np.flatnonzero((quoted > 0) | ragged | empty | bad | long)
        used = self._walk(buffer, starts, ends, special, bad, final)
        self._line += used
        return int(ends[used - 1]) if used else 0

    def _walk(
        self,
        buffer: bytes,
        starts: Lines,
        ends: Lines,
        special: Lines,
        bad: npt.NDArray[np.bool_],
        final: bool,
    ) -> int:
        """Go from special line to special line, passing on what lies between; return the lines done."""
        done = 0
        for number in special.tolist():
            if number < done:
                continue
            self._pass_on(buffer, starts, ends, done, number)
            begin = int(starts[number])
            if ends[number] - begin == 1:
                # A blank line is no row.
                done = number + 1
                continue
            match = self._record.match(buffer, begin)
            if match is None:
                waiting = not final and len(buffer) - begin <= LONGEST_LINE and self._unfinished(buffer, begin)
                if waiting:
                    return int(number)
                self._reject(
                    number,
                    "quote_unbalanced" if not bad[number] else self._why(buffer[begin : ends[number]]),
                    buffer[begin : ends[number]],
                )
                done = number + 1
                continue
            last = int(np.searchsorted(ends, match.end())) + 1
            self._judge(number, buffer[begin : match.end()], bool(bad[number:last].any()))
            done = last
        self._pass_on(buffer, starts, ends, done, len(ends))
        return len(ends)

    def _judge(self, number: int, record: bytes, bad: bool) -> None:
        if bad:
            self._reject(number, self._why(record), record)
        elif len(record) > LONGEST_LINE:
            self._reject(number, "line_too_long", record)
        elif (columns := len(self._field.findall(record))) != self._wanted:
            detail = f"{columns} columns instead of {self._wanted}"
            self._reject(number, "columns_missing" if columns < self._wanted else "columns_extra", record, detail)
        else:
            self._clean.write(record)
            self.found.longest = max(self.found.longest, len(record))
            self.found.lines.append(np.array([self._line + number], dtype=np.int64))

    def _unfinished(self, buffer: bytes, begin: int) -> bool:
        """Tell whether a record without end might end in bytes that are still to come."""
        place = begin
        while (match := self._field.match(buffer, place)) is not None:
            place = match.end()
            if buffer[place - 1 : place] == b"\n":
                return False
        opened = self._opened.match(buffer, place) if self._opened else None
        return opened is not None and opened.end() == len(buffer)

    def _pass_on(self, buffer: bytes, starts: Lines, ends: Lines, first: int, last: int) -> None:
        if last <= first:
            return
        self._clean.write(memoryview(buffer)[int(starts[first]) : int(ends[last - 1])])
        self.found.longest = max(self.found.longest, int((ends[first:last] - starts[first:last]).max()))
        self.found.lines.append(np.arange(self._line + first, self._line + last, dtype=np.int64))

    def _overlong(self, buffer: bytes) -> int:
        """Give up a line that is too long before its end is seen; what was seen of it is kept."""
        self.found.rejected.append(RejectedLine(self._line, "line_too_long", buffer, "only its beginning is kept"))
        self._skipping = True
        return len(buffer)

    def _reject(self, number: int, reason: str, record: bytes, detail: str | None = None) -> None:
        self.found.rejected.append(RejectedLine(self._line + number, reason, record.removesuffix(b"\n"), detail))

    def _bad_lines(
        self, buffer: bytes, codes: npt.NDArray[np.uint8], starts: Lines, ends: Lines
    ) -> npt.NDArray[np.bool_]:
        bad = np.zeros(len(ends), dtype=np.bool_)
        if b"\0" not in buffer and _decodes(buffer[: int(ends[-1])]):
            return bad
        suspects = np.flatnonzero(np.add.reduceat((codes >= 0x80) | (codes == 0), starts) > 0)
        for number in suspects.tolist():
            line = buffer[starts[number] : ends[number]]
            bad[number] = b"\0" in line or not _decodes(line)
        return bad

    @staticmethod
    def _why(record: bytes) -> str:
        return "nul_character" if b"\0" in record else "encoding"


def _counts(codes: npt.NDArray[np.uint8], sign: bytes, ends: Lines) -> Lines:
    """Count a byte in each line."""
    until = np.searchsorted(np.flatnonzero(codes == sign[0]), ends)
    return np.diff(until, prepend=0)


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
