"""What a connector says of a file."""

from __future__ import annotations

from pathlib import Path

from desirepath.connectors.connector import Given
from desirepath.connectors.registry import connector
from desirepath.connectors.rows import Row
from desirepath.connectors.translating import records_of

RECEIVED = 1_780_000_000_000_000


def rows(name: str, path: Path, time_zone: str | None = None, **options: str) -> list[Row]:
    """What a file says."""
    source = connector(name)
    given = Given(source.settle(options), time_zone, RECEIVED)
    found: list[Row] = []
    for opened, records in records_of(source, path, given):
        for record in records:
            found += source.translate(record.stream, record.data, given)
        assert not opened.rejected
    return found
