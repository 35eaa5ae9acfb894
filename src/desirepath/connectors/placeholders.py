"""Which identifiers name nobody? Texts that systems write where an identifier is missing.

They count as missing, case and surrounding space aside; otherwise everybody without an account would become
one person called "null". The list has a version, because changing it changes who is who.
"""

from __future__ import annotations

PLACEHOLDERS_VERSION = 1
"""Raised whenever the list changes."""

PLACEHOLDERS = (
    "",
    "null",
    "(null)",
    "none",
    "nil",
    "undefined",
    "nan",
    "n/a",
    "na",
    "#n/a",
    "<na>",
    "unknown",
    "(unknown)",
    "anonymous",
    "anon",
    "guest",
    "not set",
    "(not set)",
    "empty",
    "true",
    "false",
    "0",
    "-1",
    "-",
    "--",
    "00000000-0000-0000-0000-000000000000",
    "[object object]",
    "distinct_id",
    "user_id",
    "id",
)
"""Compared with the identifier trimmed and casefolded."""


def is_placeholder(value: str) -> bool:
    """Tell whether an identifier names nobody."""
    return value.strip().casefold() in PLACEHOLDERS
