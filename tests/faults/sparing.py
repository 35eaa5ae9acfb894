"""Which of many alike cases are tried each time, and which only where there are hours: `pytest -m slow` tries them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def case(*values: Any, now: bool, label: str | None = None) -> Any:
    """One case as a parameter of a test; it is slow unless it is tried each time."""
    return pytest.param(*values, id=label, marks=() if now else pytest.mark.slow)


def sparing(values: Iterable[Any], every: int) -> list[Any]:
    """The values as parameters of a test: each `every`-th, beginning with the first, is tried each time."""
    return [case(value, now=place % every == 0) for place, value in enumerate(values)]
