"""Which JSON texts may not become rows?

Those that two parsers would read differently, or that no store can hold. DuckDB is lenient (it takes `NaN`,
`1e400`, trailing commas and keys given twice, of which it reads the first, while others read the last). Every
text therefore passes an SQL test that is cheap and lets all doubtful ones through to `json_fault`, a strict
reading in Python. The test may suspect too much, never too little.
"""

from __future__ import annotations

import json
import math
import re

DEEPEST = 32
"""How many levels of objects and lists a text may have."""

# Ways in which DuckDB's parser takes what JSON forbids: NaN and Infinity, a trailing comma, an exponent of
# three digits.
_LENIENT = r"[:\[,]\s*-?([nN][aA]|[iI])|,\s*[}\]]|[0-9][eE][+]?0*[0-9]{3}"
# A NUL or half a surrogate pair, and an escaped character in a key, which may hide that the key stands twice.
_ESCAPES = r"\\u(0000|[dD][89a-fA-F])|\\u[0-9a-fA-F]{4}[^\"]*\"\s*:"
_KEY = r"\"(?:[^\"\\]|\\.)*\"\s*:"
_HALF = re.compile("[\ud800-\udfff]")


def opened_sql(line: str) -> str:
    """Return SQL of how many braces a text opens: its objects, and braces in its strings."""
    return f"(length({line}) - length(replace({line}, '{{', '')))"


def doubtful_sql(line: str, twice: str, unknown: str = "true") -> str:
    """Return the SQL condition under which a text needs `json_fault`.

    Parameters
    ----------
    line
        SQL of the text, VARCHAR and not NULL.
    twice
        SQL condition under which a text that is an object names a key twice at its top level.
    unknown
        SQL condition under which the objects inside it may do so; see `json_shapes`.
    """
    opened = opened_sql(line)
    lists = f"(length({line}) - length(replace({line}, '[', '')))"
    keys = f"regexp_extract_all({line}, '{_KEY}')"
    # CASE, because the costly tests must see only the texts that need them.
    return (
        f"CASE WHEN NOT starts_with(ltrim({line}), '{{') OR NOT json_valid({line}) THEN true "
        f"WHEN regexp_matches({line}, '{_LENIENT}') THEN true "
        f"WHEN contains({line}, '\\u') AND regexp_matches({line}, '{_ESCAPES}') THEN true "
        f"WHEN length({line}) > 300 AND regexp_matches({line}, '[0-9]{{300}}') THEN true "
        f"WHEN {opened} + {lists} > {DEEPEST} THEN true "
        f"WHEN {opened} > 1 AND {unknown} THEN len({keys}) <> len(list_distinct({keys})) ELSE {twice} END"
    )


def json_fault(text: str) -> str | None:
    """Return the reason why a text may not become a row, or None when it may.

    Returns
    -------
    str or None
        One of the `json_…` reasons or `nul_character`; see `rejects.REASONS`.
    """
    if _depth(text) > DEEPEST:
        return "json_too_deep"
    try:
        value = json.loads(
            text,
            object_pairs_hook=_once,
            parse_constant=_refuse,
            parse_float=_finite_float,
            parse_int=_finite_int,
        )
    except _FaultError as fault:
        return fault.reason
    except (ValueError, RecursionError):
        return "json_invalid"
    if not isinstance(value, dict):
        return "json_not_object"
    return _text_fault(value) if "\\u" in text else None


class _FaultError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _FaultError("json_duplicate_key")
    return found


def _refuse(name: str) -> object:
    raise _FaultError("json_number")


def _finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _FaultError("json_number")
    return number


def _finite_int(text: str) -> int:
    # Integers of more than 308 digits are beyond a double, and reading them would cost quadratic time.
    if len(text) > 308:
        _finite_float(text)
    return 0


def _text_fault(value: object) -> str | None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            if "\0" in item:
                return "nul_character"
            if _HALF.search(item):
                return "json_surrogate"
    return None


def _depth(text: str) -> int:
    if text.count("{") + text.count("[") <= DEEPEST:
        return 0
    depth = deepest = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', text):
        sign = token[0][0]
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                break
        elif sign != '"':
            depth -= 1
    return deepest
