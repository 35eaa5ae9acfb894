"""Which words is a filter's text made of? The scanner, and errors that point at the character."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from desirepath.errors import FilterError

MOST_TEXT = 16_384

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.$]))
      | (?P<name>(?:[^\W\d]|[$_])[\w.$]*)
      | (?P<pointer>:(?:/[\w.$~/*@+-]*|"(?:[^"]|"")*"))
      | (?P<operator>[=!<>&|~^]+)
      | (?P<mark>[(),])""",
    re.VERBOSE,
)
_SHOWN = 100
_OTHER_QUOTES = "\u2018\u2019\u201a\u201c\u201d\u201e«»`"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a filter: kind, text as written, meaning without quotes, and where it starts."""

    kind: str
    text: str
    value: str
    position: int

    @property
    def word(self) -> str:
        """The word in lower case if it is bare, else nothing: keywords are compared by it."""
        return self.text.lower() if self.kind in {"name", "operator", "mark"} else ""

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else self.text if self.kind in {"string", "quoted"} else repr(self.text)


class FilterTextError(FilterError):
    """A filter's text that cannot be read; `position` is the character (from 0) at which reading stopped."""

    position = 0


def refuse(
    text: str, position: int, problem: str, *, allowed: Iterable[str] = (), nearest: str | None = None
) -> NoReturn:
    """Raise the error that shows where in the text the problem lies."""
    line_start = text.rfind("\n", 0, position) + 1
    line_end = text.find("\n", position)
    line_end = len(text) if line_end < 0 else line_end
    first = max(line_start, position - _SHOWN // 2)
    shown = "".join(letter if letter.isprintable() else "·" for letter in text[first : min(line_end, first + _SHOWN)])
    caret = " " * (position - first) + "^"
    error = FilterTextError(
        f"The filter cannot be read at character {position + 1}: {problem}\n    {shown}\n    {caret}\n",
        allowed=allowed,
        nearest=nearest,
    )
    error.position = position
    raise error


def tokens(text: str) -> list[Token]:
    """Cut a filter's text into words; the last one is the end.

    Raises
    ------
    FilterError
        When the text is too long, a quote is not closed, or a character has no place in a filter.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_TEXT:
        raise FilterError(f"A filter can be at most {MOST_TEXT:,} bytes long.")
    found = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            _refuse_character(text, position)
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Token(kind, match[0], _meaning(kind, match[0]), position))
        position = match.end()
    found.append(Token("end", "", "", len(text)))
    return found


def _meaning(kind: str, text: str) -> str:
    if kind == "string":
        return text[1:-1].replace("''", "'")
    if kind == "quoted":
        return text[1:-1].replace('""', '"')
    if kind == "pointer":
        return _meaning("quoted", text[1:]) if text[1] == '"' else text[1:]
    return text


def _refuse_character(text: str, position: int) -> NoReturn:
    letter = text[position]
    if letter == "'":
        refuse(text, position, "this quote is not closed; write a quote inside a text twice ('it''s').")
    if letter == '"':
        refuse(text, position, "this double quote is not closed.")
    if letter in _OTHER_QUOTES:
        refuse(
            text,
            position,
            f"{letter!r} is not a plain quote; text stands in single quotes, unusual names in double quotes.",
            nearest="'",
        )
    if letter.isdigit() or letter in "+-.":
        refuse(
            text,
            position,
            "expected a number such as -2.5; a name with '-' or a leading digit stands in double quotes.",
        )
    if letter == ":":
        refuse(text, position, "':' stands before a JSON pointer, as in properties:/a/b.")
    refuse(
        text,
        position,
        f"{letter!r} has no place here; unusual names stand in double quotes, text in single quotes.",
    )
