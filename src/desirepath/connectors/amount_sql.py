"""When is a text an amount? SQL for both a table's columns and the properties of a connector's events."""

from __future__ import annotations

_NUMBER = "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?$"


def with_points(text: str) -> str:
    """A text whose decimals a comma parts, as one with a point; points part its thousands."""
    return f"replace(replace({text}, '.', ''), ',', '.')"


def finite_number(text: str) -> str:
    """The number that a text tells; NULL where it tells none, or none that is finite."""
    number = f"CASE WHEN regexp_matches({text}, '{_NUMBER}') THEN TRY_CAST({text} AS DOUBLE) END"
    return f"(CASE WHEN isfinite({number}) THEN {number} END)"


def is_gap(text: str) -> str:
    """Whether nothing is told; a not-a-number in a typed column is how files write a gap."""
    return f"({text} IS NULL OR lower(trim({text})) IN ('', 'nan', 'null'))"
