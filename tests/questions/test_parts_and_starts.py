"""Attempts, sessions and other parts of a journey, hidden starts, rows of what is left over: what each number is of."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_workspaces import codes, made

from desirepath.errors import UnknownNameError

D = "2023-05-01T"
LATE = "z late 2023-09-01T10:00:00Z"


def test_what_came_first_after_a_start_that_is_not_shown(tmp_path: Path) -> None:
    ws = made(
        tmp_path,
        f"""
        ann  visit   {D}10:00:00Z
        ann  search  {D}10:01:00Z
        ann  order   {D}10:02:00Z
        bob  visit   {D}10:00:00Z
        bob  help    {D}10:01:00Z
        {LATE}
        """,
        late=False,
    )
    plain = ws.ask("paths", start="visit", end="order", window="1 hour").extra("next").to_pylist()
    assert {(row["next"], row["converted"], row["left"]) for row in plain} == {("search", 1, 0), ("help", 0, 1)}
    for view in ({"hide": ["visit"]}, {"only": ["search", "help", "order"]}):
        found = ws.ask("paths", start="visit", end="order", window="1 hour", **view)
        assert found.extra("next").to_pylist() == plain
