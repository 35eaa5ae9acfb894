"""How is a value shown without being told? By its shape, letters as x and digits as 9: its format can be judged."""

from __future__ import annotations

import json
import re
from typing import Any

TOLD = frozenset(
    {"", "null", "none", "nil", "nan", "undefined", "unknown", "anonymous", "guest", "n/a", "na", "true", "false"}
)
"""Words that name nobody; what is wrong with a row is often one of them."""

OF_CONNECTORS = frozenset({"kind", "key", "name", "at", "at_text"})
"""The columns by which a row is one that a connector made; its `name` is an event's, not a person's."""

SAFE = frozenset({"kind", "name", "at", "at_text", "precision", "quality", "channel", "stream", "received"})
"""Of such a row the columns in which nobody is named."""

NAMING = frozenset({"kind", "key"})
"""What is beside a `value` and says of what kind it is."""

MOST = 2_000
"""Characters of a row that are shown."""

_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[\w/]+")


def shape(text: str) -> str:
    """The shape of a text: `ann@example.org` as `xxx@xxxxxxx.xxx`; words that name nobody stay."""

    def put(found: re.Match[str]) -> str:
        word = found[0]
        return word if word.casefold() in TOLD else _LETTER.sub("x", _DIGIT.sub("9", word))

    return _WORD.sub(put, text)


def shown(raw: bytes) -> tuple[str, bool]:
    """A row that was set aside, its values as shapes, and whether it was cut.

    Parameters
    ----------
    raw
        The row as it stood: JSON, or a line of text.
    """
    text = raw.decode("utf-8", "backslashreplace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        said = shape(text)
    else:
        said = json.dumps(_row(found), ensure_ascii=False)
    return said[:MOST], len(said) > MOST


def plain(raw: bytes) -> tuple[str, bool]:
    """The same as it stood."""
    text = raw.decode("utf-8", "backslashreplace")
    return text[:MOST], len(text) > MOST


def identity(kind: str, value: str) -> str:
    """An identity of which the kind is told, and enough of the value to tell it from another: `email:a…@e… (15)`."""
    name, sign, host = value.partition("@")
    hidden = f"{name[:1]}…@{host[:1]}…" if sign else f"{value[:1]}…{value[-1:] if len(value) > 6 else ''}"
    return f"{kind}:{hidden}"


def _row(found: Any) -> Any:
    if isinstance(found, dict) and found.keys() >= OF_CONNECTORS:
        return {key: value if key in SAFE else _hidden(value) for key, value in found.items() if value is not None}
    return _hidden(found)


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        named = NAMING if "value" in value else frozenset()
        return {key: part if key in named else _hidden(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_hidden(part) for part in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    return shape(str(value))


def _text(value: str) -> Any:
    """A text that holds JSON is taken apart, so that its keys can be read."""
    if value[:1] in ("{", "["):
        try:
            return _hidden(json.loads(value))
        except (ValueError, RecursionError):
            pass
    return shape(value)


__all__ = ["identity", "plain", "shape", "shown"]
