"""What real client libraries send is the right events, of the right people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from replaying import CAPTURES, WIRE, rows

from desirepath.connectors.rows import Row

EXPECTED: dict[str, list[list[Any]]] = json.loads((WIRE / "expected.json").read_text(encoding="utf-8"))


def seen(source: str, row: Row) -> list[Any]:
    """What is checked of a row."""
    return [source, row.kind, row.name, row.value, row.currency, [list(one) for one in row.who]]


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_a_capture_is_read(path: Path) -> None:
    assert [seen(source, row) for source, row in rows(path)] == EXPECTED[path.stem]


def test_every_capture_tells_the_order() -> None:
    """Each library was made to send one order of 14.99 by `u1`, or by a browser that becomes `u1`'s."""
    for path in CAPTURES:
        found = rows(path)
        orders = [row for _, row in found if row.value == 14.99]
        assert orders, path.stem
        names = {identity for _, row in found for identity in row.who}
        assert ("user_id", "u1") in names or path.stem == "py-ga4mp"


def test_what_is_sent_again_has_the_same_key() -> None:
    """Clients send again what was not acknowledged, and the clock has gone on."""
    for path in CAPTURES:
        if path.stem in ("node-mixpanel", "py-mixpanel", "py-ga4mp"):
            continue  # they send events without id and moment, which nobody can tell apart
        first = [row.key for _, row in rows(path) if row.kind == "event"]
        again = [row.key for _, row in rows(path, 1_795_400_090_000_000) if row.kind == "event"]
        assert first == again
