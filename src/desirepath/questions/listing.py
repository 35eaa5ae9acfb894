"""What is told of each unit that a number counts? The values of its row, as people read them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any, cast

from desirepath.journeys.batch import Array
from desirepath.questions.question import Findings, Question

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

SECOND = 1_000_000
PARTS = 100
"""Cents of an amount."""


def listed(asked: Question, rows: Findings) -> dict[str, list[Any]]:
    """Per value its column: moments, texts, seconds and amounts; None where there is none.

    Parameters
    ----------
    asked
        The question; its `spans`, `blanks` and `unlisted` say what its values are.
    rows
        One per unit.

    Returns
    -------
    Lists of length rows by name: `…_at` holds moments, `…_seconds` lengths; what was counted in cents loses its
    `_cents`.
    """
    table: dict[str, list[Any]] = {}
    for name, values in rows.values.items():
        if values.ndim == 1 and name not in asked.unlisted:
            column, told = _told(asked, rows, name, values)
            table[column] = told
    return table


def _told(asked: Question, rows: Findings, name: str, values: Array) -> tuple[str, list[Any]]:
    given = cast("list[Any]", values.tolist())
    if name.endswith("_at"):
        return name, [EPOCH + dt.timedelta(microseconds=moment) for moment in given]
    if name in rows.labels:
        labels = rows.labels[name]
        return name, [labels[code] if code >= 0 else None for code in given]
    if name in asked.spans:
        return f"{name}_seconds", [length / SECOND if length >= 0 else None for length in given]
    if name.endswith("_cents"):
        return name.removesuffix("_cents"), [amount / PARTS for amount in given]
    if name in asked.blanks:
        return name, [None if value < 0 else value for value in given]
    if values.dtype.kind == "f":
        return name, [None if math.isnan(value) else value for value in given]
    return name, given


__all__ = ["EPOCH", "listed"]
