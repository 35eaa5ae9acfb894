"""Twelve journeys whose funnel anybody can count by hand; every contender must agree on them before it races.

Funnel: t03, t07, t11, t19 in order, within 7 days, both ends included, from any entry; people count
once.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from contender import EVERYBODY, Answer

DAY = 86_400_000_000
FIRST_DAY = 1_735_689_600_000_000

# name: (channel of the first event, steps reached, [(days, microseconds, touchpoint), …])
JOURNEYS: dict[str, tuple[str, int, list[tuple[int, int, str]]]] = {
    "exactly seven days": ("web", 4, [(0, 0, "t03"), (1, 0, "t07"), (2, 0, "t11"), (7, 0, "t19")]),
    "a microsecond late": ("web", 3, [(0, 0, "t03"), (1, 0, "t07"), (2, 0, "t11"), (7, 1, "t19")]),
    "only the later entry makes it": (
        "app",
        4,
        [(0, 0, "t03"), (5, 0, "t03"), (10, 0, "t07"), (11, 0, "t11"), (12, 0, "t19")],
    ),
    "second step too late": ("app", 1, [(0, 0, "t03"), (8, 0, "t07")]),
    "all in one instant": ("web", 4, [(3, 5, "t19"), (3, 5, "t11"), (3, 5, "t07"), (3, 5, "t03")]),
    "wrong way round": ("email", 1, [(0, 0, "t19"), (1, 0, "t11"), (2, 0, "t07"), (3, 0, "t03")]),
    "never enters": ("store", 0, [(0, 0, "t07"), (1, 0, "t11"), (2, 0, "t19")]),
    "a later entry without a second step": (
        "store",
        2,
        [(0, 0, "t03"), (1, 0, "t07"), (6, 0, "t03"), (8, 0, "t11")],
    ),
    "a later entry does not undo an earlier one": (
        "phone",
        4,
        [(0, 0, "t03"), (1, 0, "t07"), (2, 0, "t11"), (3, 0, "t03"), (7, 0, "t19")],
    ),
    "the first second step is too early": (
        "phone",
        4,
        [(0, 0, "t03"), (1, 0, "t07"), (2, 0, "t03"), (3, 0, "t07"), (8, 0, "t11"), (9, 0, "t19")],
    ),
    "other touchpoints between": ("email", 2, [(0, 0, "t01"), (1, 0, "t03"), (2, 0, "t30"), (8, 0, "t07")]),
    "none of the steps": ("app", 0, [(0, 0, "t00"), (1, 0, "t39")]),
}


def write(path: Path) -> Path:
    """Write the journeys as a log, in order of time, in the columns of simulate.py; return `path`."""
    rows = [
        (FIRST_DAY + day * DAY + extra, user, touchpoint, channel if place == 0 else "email")
        for user, (channel, _, events) in JOURNEYS.items()
        for place, (day, extra, touchpoint) in enumerate(sorted(events, key=lambda event: event[:2]))
    ]
    # One instant has one channel, else "first" would depend on the order inside it.
    rows = [(at, user, name, "web" if user == "all in one instant" else channel) for at, user, name, channel in rows]
    rows.sort(key=lambda row: row[0])
    table = pa.table(
        {
            "event_id": pa.array(range(1, len(rows) + 1), pa.int64()),
            "user_id": [row[1] for row in rows],
            "touchpoint": [row[2] for row in rows],
            "channel": [row[3] for row in rows],
            "occurred_at": pa.array([row[0] for row in rows], pa.timestamp("us", tz="UTC")),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    return path


def expected(by_channel: bool) -> Answer:
    """Return people per step as counted by hand, for everybody or by first channel."""
    answer: Answer = {}
    for channel, reach, _ in JOURNEYS.values():
        counts = answer.setdefault(channel if by_channel else EVERYBODY, [0, 0, 0, 0])
        for step in range(reach):
            counts[step] += 1
    return {label: counts for label, counts in sorted(answer.items()) if any(counts)}
