r"""What did a text say before its bytes were read in the wrong encoding? The text put right, where that is certain.

    repaired("trÃ¨s bon cafÃ©")                 "très bon café"          UTF-8 read as Windows-1252
    repaired("appr\x82ci\x82e")                 "appréciée"              the DOS code page 850 read as Latin-1
    repaired("15\x80 de remise")                "15€ de remise"          Windows-1252 read as Latin-1
    repaired("Škoda … yes")                    unchanged                such signs may be meant

Two mistakes are looked for. (1) A letter that UTF-8 writes in two bytes and more, read byte by byte: the run of signs
is put together again if it is valid. (2) A sign that code page 850 has for a letter and Windows-1252 for a punctuation
mark: it is read as the letter inside a word; elsewhere only if another one in the same text is certain. A control
character between 0x80 and 0x9F is never meant, and is read as the one or the other.
"""

from __future__ import annotations

import re
import string

ROUNDS = 4
"""Texts that went through the mistake twice and three times are put right too."""

_CONTROLS = "".join(map(chr, range(0x80, 0xA0)))


def _windows(byte: int) -> str:
    """The sign of Windows-1252, or the control character where it has none."""
    raw = bytes([byte])
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


_SIGNS = {byte: _windows(byte) for byte in range(0x80, 0x100)}
_BYTES = {sign: byte for byte, sign in _SIGNS.items()} | {chr(byte): byte for byte in range(0x80, 0xA0)}
_LETTERS = {byte: bytes([byte]).decode("cp850") for byte in (*range(0x80, 0x9C),)}
"""What code page 850 has at these bytes: Ç ü é â ä à å ç ê ë è ï î ì Ä Å É æ Æ ô ö ò û ù ÿ Ö Ü ø."""


def _either(*bytes_: int) -> str:
    return "[" + "".join(re.escape(_SIGNS[byte] + chr(byte)) for byte in bytes_) + "]"


_REST = _either(*range(0x80, 0xC0))
_MULTIPLE = re.compile(
    f"{_either(*range(0xC2, 0xC6), 0xCE, 0xCF, 0xD0, 0xD1)}{_REST}"
    f"|{_either(0xE2, 0xEF)}{_REST}{{2}}|{_either(0xF0)}{_REST}{{3}}"
)
_QUOTES = "\u201c\u201d\u2018\u2019\u2026"
_LOST_SPACE = re.compile(r"Ã (?P<own> |(?!s\b)(?=[^\W\d_]))?(?=\S|$)")

_IN_WORDS = (0x82, 0x83, 0x84, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x81, 0x8D, 0x93, 0x94)
"""Signs that nobody writes between two small letters, when each stands for a letter."""

_SMALL = "[a-zß-öø-ÿ]"
_INSIDE = re.compile(f"(?<={_SMALL}){_either(*_IN_WORDS)}(?={_SMALL}|{_either(*_IN_WORDS)})")
_ENDING = re.compile(f"(?<={_SMALL})(?:\u201a|\x82)(?=\\W|$)")
_WITH_PROOF = re.compile(f"(?<![\\w'\u2019])(?:\u201a|\x82)(?={_SMALL})|(?<={_SMALL})(?:\u2021|\u02c6|Š|\x8a)(?=\\W|$)")
_ALONE = re.compile(
    r"(?<=\s)(?:\u2026|\x85)(?=\s)|(?<=\bvoil)(?:\u2026|\x85)|(?<=\bd[ée]j)(?:\u2026|\x85)|(?<=\bl)(?:\u2026|\x85)(?=\W|$)"
)


def repaired(text: str) -> str:
    """Return the text as it was before its bytes were misread; the same text if that is not certain.

    Parameters
    ----------
    text
        Of any length.

    Returns
    -------
    A text that `repaired` leaves as it is.
    """
    if text.isascii():
        return text
    for _ in range(ROUNDS):
        found = _letters(_controls(_joined(text)))
        if found == text:
            break
        text = found
    return text


def _joined(text: str) -> str:
    """Put together again what UTF-8 wrote in several bytes."""
    runs = _MULTIPLE.findall(text)
    if not runs or (all(run[-1] in _QUOTES and len(run) == 2 for run in runs) and len(runs) < 2):
        return text
    found = _MULTIPLE.sub(_decoded, text)
    return _LOST_SPACE.sub(lambda lost: "à" if lost["own"] is None else "à ", found) if found != text else text


def _decoded(found: re.Match[str]) -> str:
    try:
        sign = bytes(_BYTES[sign] for sign in found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]
    return sign if sign.isprintable() or sign in "\xa0\u200d\ufe0f" else found[0]


def _controls(text: str) -> str:
    """Read control characters as the letter of code page 850 inside words, else as the sign of Windows-1252."""
    if not any(sign in text for sign in _CONTROLS):
        return text
    dos = _has_proof(text)
    read: list[str] = []
    for place, sign in enumerate(text):
        byte = ord(sign)
        if not 0x80 <= byte < 0xA0:
            read.append(sign)
            continue
        before, after = (read[-1:] or [" "])[0], text[place + 1 : place + 2] or " "
        read.append(_read(byte, before, after, "".join(read[-4:]), dos))
    return "".join(read)


def _read(byte: int, before: str, after: str, stem: str, dos: bool) -> str:
    """Return what one control character stood for."""
    letter_before, letter_after = before.isalpha(), after.isalpha() or "\x81" <= after <= "\x8d"
    windows = _SIGNS[byte]
    letter = _LETTERS.get(byte, windows)
    if byte in {0x91, 0x92, 0x9C} or byte >= 0x98:
        return windows if windows.isprintable() else letter
    if byte == 0x80:
        return letter if letter_after and before not in string.digits else windows
    if byte == 0x85:
        ends = stem.casefold().endswith(("voil", "déj", "dej", " l", "'l"))
        alone = before.isspace() and after.isspace()
        return letter if ends or (letter_before and letter_after and dos) or (alone and dos) else windows
    if byte in {0x93, 0x94, 0x95, 0x96, 0x97}:
        ends = stem.casefold().endswith((" o", "'o") if byte == 0x97 else (" d", "'d") if byte == 0x96 else "\n")
        return letter if letter_before and (letter_after or ends) else windows
    if not letter.isalpha() or not (letter_before or letter_after):
        return windows if windows.isprintable() else letter
    return letter


def _has_proof(text: str) -> bool:
    return _INSIDE.search(text) is not None or _ENDING.search(text) is not None


def _letters(text: str) -> str:
    """Read punctuation inside words as the letter that code page 850 has there."""
    if not _has_proof(text) or "\u2018" in text:
        return text
    found = text
    for rule in (_INSIDE, _ENDING, _WITH_PROOF):
        for _ in range(2):  # two in a row: the second is inside a word once the first is read
            found = rule.sub(_letter, found)
    return _ALONE.sub("à", found)


def _letter(found: re.Match[str]) -> str:
    return _LETTERS[_BYTES[found[0]]]


__all__ = ["repaired"]
