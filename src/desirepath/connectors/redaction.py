r"""Does a text name somebody, and how does it read without the name?

Looked for are customer numbers, e-mail addresses and phone numbers of one person, as people and systems write them:
in any case, percent-encoded in addresses, escaped in JSON, phone numbers with blanks and dashes. Only whole names are
found: `ann@x.org` is not part of `joann@x.org`, nor `123456` of `12:34:56.123456`.

JSON is changed where the name stands and nowhere else, so that all other values stay as they were written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from desirepath.connectors.json_reading import LINE
from desirepath.connectors.raw_table import RawTable
from desirepath.connectors.scratch import quoted
from desirepath.events.where_fields import pointer_to

MARK = "[erased]"
"""What stands in place of a name."""

LEAST = 6
"""Characters that a value must have to be looked for in texts; shorter ones stand there by chance."""

MAILS = frozenset({"email", "e-mail", "e_mail", "mail", "email_address"})
PHONES = frozenset({"phone"})

_BETWEEN = "[-\\s\u00a0\u2009\u202f()./]*"
_AFTER_ESCAPE = r"(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt])"


@dataclass(frozen=True, slots=True)
class Mentions:
    """The names of one person as patterns.

    Parameters
    ----------
    words, numbers
        What is looked for in texts; numbers apart, because a time or an amount may look like one.
    alone
        The same and shorter names, where they stand between separators; for lines that could not be read.
    rough
        An expression for DuckDB that finds at least all of these.
    """

    words: re.Pattern[str] | None
    numbers: re.Pattern[str] | None
    alone: re.Pattern[str] | None
    rough: str | None

    def replaced(self, text: str, *, mark: str = MARK, spare_numbers: bool = False) -> tuple[str, int]:
        """Return the text without the names, and how many there were."""
        hits = 0
        for pattern in (self.words, None if spare_numbers else self.numbers):
            if pattern is not None:
                text, found = pattern.subn(lambda _: mark, text)
                hits += found
        return text, hits

    def is_one(self, text: str) -> bool:
        """Tell whether a text is nothing but one of the names."""
        return any(pattern is not None and pattern.fullmatch(text.strip()) for pattern in (self.words, self.numbers))

    def stand_in(self, line: str) -> bool:
        """Tell whether any name, however short, stands in a line that could not be read."""
        return any(pattern is not None and pattern.search(line) for pattern in (self.words, self.numbers, self.alone))


def mentions_of(names: Iterable[tuple[str, str]]) -> Mentions:
    """Return the patterns of names, each given as kind and value."""
    words: list[str] = []
    numbers: list[str] = []
    alone: list[str] = []
    cores: list[str] = []
    for kind, value in sorted(set(names)):
        digits = re.sub(r"\D", "", value)
        if kind.lower() in PHONES and len(digits) >= 5:
            core = _BETWEEN.join(digits)
            numbers.append(rf"(?:(?<!\w)(?<!\d[.,:/+-])|{_AFTER_ESCAPE})(?:\+|%2B|00)?{core}(?!\w)(?![.,:/-]\d)")
        elif kind.lower() in MAILS:
            core = _core(value)
            words.append(rf"(?:(?<!\w)(?<!\w[.+-])|{_AFTER_ESCAPE}){core}(?!\w)(?![.-]\w)")
        elif len(value) < LEAST:
            alone.append(rf"(?<![^\s,;|:{{\[\"'=]){_core(value)}(?![^\s,;|:}}\]\"'&])")
            continue
        elif value.isascii() and value.isdigit():
            core = value
            numbers.append(rf"(?<!\w)(?<!\d[.,:/+-]){core}(?!\w)(?![.,:/-]\d)")
        else:
            core = _core(value)
            words.append(rf"(?:(?<!\w)|{_AFTER_ESCAPE}){core}(?!\w)")
        cores.append(core)
    rough = f"(?i){'|'.join(cores)}" if cores else None
    return Mentions(_any(words), _any(numbers), _any(alone), rough)


def _any(patterns: list[str]) -> re.Pattern[str] | None:
    # the longest first, so that of two names the one that holds the other is taken
    return re.compile("|".join(sorted(patterns, key=len, reverse=True)), re.IGNORECASE) if patterns else None


def _core(value: str) -> str:
    """Return an expression for a value that both Python and DuckDB understand."""
    return "".join(_character(one) for one in value)


def _character(one: str) -> str:
    if one.isascii() and one.isalnum():
        return one
    plain = "\\" + one if one in r"\.^$*+?()[]{}|" else one
    percent = "".join(f"%{byte:02X}" for byte in one.encode("utf-8", "surrogatepass"))
    units = one.encode("utf-16-be", "surrogatepass")
    escaped = "".join(rf"\\u{units[k]:02x}{units[k + 1]:02x}" for k in range(0, len(units), 2))
    forms = [plain, percent, escaped]
    if one in '"\\/':
        forms.append("\\\\" + plain)
    return f"(?:{'|'.join(forms)})"


@dataclass(frozen=True, slots=True)
class Places:
    """Which values of a row are more than text, each by column and pointer into it (empty for the whole column).

    Parameters
    ----------
    firm
        Name somebody or join tables: a name that stands there alone is taken away, because a mark in its place would
        name somebody too, and join rows that never belonged together.
    counted
        Moments, amounts and numbers in order: numbers there are no names.
    """

    firm: frozenset[tuple[str, str]] = frozenset()
    counted: frozenset[tuple[str, str]] = frozenset()


def redacted(
    text: str, column: str, mentions: Mentions, places: Places, blanks: frozenset[str] | set[str] = frozenset()
) -> tuple[str | None, int]:
    """Return a value without the names (None: without anything), and how many there were.

    Parameters
    ----------
    text
        The value.
    column
        The column that it stands in.
    mentions, places
        What is looked for, and where with care.
    blanks
        Pointers to what is taken away whatever it says; empty for the whole value.
    """
    if "" in blanks:
        return None, 1
    if text.lstrip()[:1] in ("{", "["):
        try:
            return _redacted_json(text, column, mentions, places, blanks)
        except ValueError:
            pass  # no JSON after all
    new, hits = mentions.replaced(text, spare_numbers=(column, "") in places.counted)
    if hits and (column, "") in places.firm and mentions.is_one(text):
        return None, hits
    return new, hits


def _redacted_json(
    text: str, column: str, mentions: Mentions, places: Places, blanks: frozenset[str] | set[str]
) -> tuple[str, int]:
    pieces: list[str] = []
    end = total = 0
    for start, stop, pointer, is_key in _scalars(text):
        written = text[start:stop]
        counted, hits, new = (column, pointer) in places.counted, 0, written
        if pointer in blanks and not is_key:
            hits, new = int(written != "null"), "null"
        elif written.startswith('"'):
            said = json.loads(written, strict=False)
            plain, hits = mentions.replaced(said, spare_numbers=counted)
            gone = not is_key and (column, pointer) in places.firm and mentions.is_one(said)
            new = "null" if gone else json.dumps(plain, ensure_ascii=False)
        elif not counted and mentions.numbers is not None and mentions.numbers.fullmatch(written):
            hits, new = 1, "null"
        if hits:
            pieces += [text[end:start], new]
            end, total = stop, total + hits
    return "".join(pieces) + text[end:], total


_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)|([\[\]{},:]))', re.S)


def _scalars(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Give start, end and pointer of every text, number and word of a JSON document, and whether it is a key.

    Raises
    ------
    ValueError
        When the text is no JSON document.
    """
    inside: list[str] = []
    path: list[str | int] = []
    key_next, at = False, 0
    while found := _TOKEN.match(text, at):
        at = found.end()
        mark = found[2]
        if mark is None:
            if key_next:
                path[-1] = str(json.loads(found[1], strict=False))
            yield found.start(1), found.end(1), pointer_to(*map(str, path)), key_next
        elif mark in "{[":
            inside.append(mark)
            path.append("" if mark == "{" else 0)
        elif not inside:
            raise ValueError(f"{mark!r} stands outside of any object")
        elif mark in "}]":
            inside.pop()
            path.pop()
        elif mark == "," and inside[-1] == "[":
            path[-1] = int(path[-1]) + 1
        if mark is not None:
            key_next = mark in "{," and bool(inside) and inside[-1] == "{"
    if inside or text[at:].strip():
        raise ValueError("the text ends before or after the document does")


def texts_of(raw: RawTable) -> dict[str, str | None]:
    """Return SQL of each stored column as text; None for columns that cannot name anybody."""
    if raw.kind == "json":
        return {LINE: LINE}
    return {name: _text(quoted(name), kind) for name, kind in raw.columns.items()}


def _text(column: str, kind: str) -> str | None:
    if kind.startswith(("STRUCT", "MAP", "UNION")) or kind.endswith("]"):
        return f"CAST(to_json({column}) AS VARCHAR)"
    if kind in ("FLOAT", "DOUBLE", "REAL"):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) END"
    if kind == "BOOLEAN" or kind.startswith(("DATE", "TIME", "INTERVAL")):
        return None
    return f"CAST({column} AS VARCHAR)"
