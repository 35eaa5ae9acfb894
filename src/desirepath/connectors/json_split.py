"""Where does each element of a damaged or wrapped JSON document begin and end?

A slow reading that loses nothing. Used when a list cannot be read in one piece, or lies inside an object. An
element that is no JSON costs itself: reading goes on behind the comma that would end it, or else at the next
line that begins an object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from desirepath.errors import InputError

_SPACE = re.compile(r"[\s,\ufeff]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]|,')
_NEXT_LINE = re.compile(r"\n[ \t,]*(?=\{)")


@dataclass(frozen=True, slots=True)
class Element:
    """The text of one element, the line at which it starts, and whether it is JSON."""

    text: str
    line: int
    sound: bool


def elements(text: str, start: int, *, inside_list: bool) -> Iterator[Element]:
    """Yield the elements of a list whose first may start at `start`, or the values that follow from there."""
    decoder = json.JSONDecoder()
    place, line, counted = start, 1, 0
    while True:
        space = _SPACE.match(text, place)
        place = space.end() if space else place
        if place >= len(text) or (inside_list and text[place] == "]"):
            break
        line, counted = line + text.count("\n", counted, place), place
        try:
            _, end = decoder.raw_decode(text, place)
            sound = True
        except (ValueError, RecursionError):
            end, sound = _behind(text, place), False
        yield Element(text[place:end].rstrip(), line, sound)
        place = end
    rest = text[place + 1 :].strip() if place < len(text) else ""
    if rest and inside_list and not _only_closing(rest):
        yield Element(rest, line + text.count("\n", counted, place + 1), False)


def list_start(text: str, pointer: str | None, name: str) -> tuple[int, bool]:
    """Return where the first element stands and whether it is one of a list.

    Parameters
    ----------
    text
        The whole document.
    pointer
        RFC 6901 pointer to the list in it; None means the document itself, or its only member that is a list
        of objects.
    name
        The file's name, for errors.

    Raises
    ------
    InputError
        When there is no list at `pointer`, or several lists could be meant.
    """
    begin = len(text) - len(text.lstrip(" \t\r\n\ufeff"))
    if text[begin : begin + 1] == "[" and not pointer:
        return begin + 1, True
    if pointer is None:
        document = _read(text[begin:])
        if not isinstance(document, dict):
            return begin, False
        lists = [
            key
            for key, value in document.items()
            if isinstance(value, list) and any(isinstance(v, dict) for v in value)
        ]
        if not lists:
            return begin, False
        if len(lists) > 1:
            raise InputError(
                f"{name} holds several lists; say with `records:` which is meant.",
                allowed=["/" + key for key in lists],
            )
        pointer = "/" + lists[0].replace("~", "~0").replace("/", "~1")
    place = begin
    for part in pointer.split("/")[1:]:
        place = _member(text, place, part.replace("~1", "/").replace("~0", "~"), pointer, name)
    if text[place : place + 1] != "[":
        raise InputError(f"{name} has no list at {pointer!r}.")
    return place + 1, True


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _member(text: str, place: int, key: str, pointer: str, name: str) -> int:
    """Return where the value of `key` starts in the object at `place`."""
    decoder = json.JSONDecoder()
    found: list[str] = []
    try:
        place = _skip(text, place)
        if text[place : place + 1] != "{":
            raise InputError(f"{name} has no object on the way to {pointer!r}.")
        place = _skip(text, place + 1)
        while text[place : place + 1] == '"':
            member, place = decoder.raw_decode(text, place)
            place = _skip(text, _skip(text, place) + 1)
            if member == key:
                return place
            found.append(str(member))
            _, place = decoder.raw_decode(text, place)
            place = _skip(text, place)
    except (ValueError, RecursionError):
        raise InputError(f"{name} is not readable JSON on the way to {pointer!r}.") from None
    raise InputError(f"{name} has no {key!r} on the way to {pointer!r}.", allowed=found)


def _skip(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return space.end() if space else place


def _behind(text: str, place: int) -> int:
    depth = 0
    for token in _TOKEN.finditer(text, place):
        sign = token[0][0]
        if sign == "," and depth == 0 and token.start() > place:
            return token.start()
        depth += (sign in "[{") - (sign in "]}")
        if depth < 0:
            return max(token.start(), place + 1)
    line = _NEXT_LINE.search(text, place + 1)
    return line.end() if line else len(text)


def _only_closing(rest: str) -> bool:
    return re.fullmatch(r'[\s}\],]*|,\s*".*', rest, re.DOTALL) is not None
