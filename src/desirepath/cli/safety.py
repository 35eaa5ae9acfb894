r"""How is text from data kept from doing harm where it is shown?

An event's name may hold an escape sequence that rewrites a terminal. What is shown is made visible instead:
`\x1b[2J` is printed as those six characters. What a spreadsheet would run is disarmed where CSV is written, in
`answers.cells`.
"""

from __future__ import annotations

import re

# controls, line separators, marks that turn the direction of writing, invisible ones, lone surrogates
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_UNSEEN_BUT_LINES = re.compile(_UNSEEN.pattern.replace("\x00-\x1f", "\x00-\x09\x0b-\x1f"))


def visible(text: str, *, lines: bool = False) -> str:
    """Text without anything that a terminal would obey; `lines` keeps line breaks."""
    return (_UNSEEN_BUT_LINES if lines else _UNSEEN).sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return _spelled(found[0])


def _spelled(character: str) -> str:
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if short:
        return short
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible_json(text: str) -> str:
    """JSON whose strings hold nothing that a terminal would obey; it reads back as the same data."""
    return _UNSEEN_BUT_LINES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


__all__ = ["visible", "visible_json"]
