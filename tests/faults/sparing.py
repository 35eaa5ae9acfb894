"""Which of many alike cases are tried each time, and which only where there are hours: `pytest -m slow` tries them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def sparing(values: Iterable[Any], every: int) -> list[Any]:
    """The values as parameters of a test; but each `every`-th, beginning with the first, is marked as slow."""
    return [
        value if place % every == 0 else pytest.param(value, marks=pytest.mark.slow)
        for place, value in enumerate(values)
    ]
