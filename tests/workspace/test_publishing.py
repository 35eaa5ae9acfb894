"""What other tools read is all of it, agrees with the answers, and is put into place at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from made_workspaces import add, made, rows_of

from desirepath import Workspace
from desirepath.errors import CancelledError, InputError, MomentError, UnknownNameError, WorkspaceError
from desirepath.publishing import DATABASE, VIEWS, publish

STORY = """
ann  visit  2023-03-06T10:00:00Z  channel=web
ann  order  2023-03-07T10:10:00Z  channel=web  amount=60
bob  visit  2023-04-07T11:00:00Z  channel=app
"""
METRICS = """
metrics:
  - {metric: orders, group: revenue, says: Orders., question: measure, fields: {event: order, of: visit},
     number: {column: events_each, n: people}, denominator: visitors, target: 2, better: higher}
"""


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with made(tmp_path, STORY, late=False) as found:
        (found.root / "metrics" / "own.yaml").write_text(METRICS)
        yield found


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(folder / DATABASE, read_only=True) as copy:
        return copy.execute(sql).fetchall()


def test_everything_is_there_twice(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "bi"
    done = publish(ws, folder, over="month")
    told = done.rows
    assert done.left_out["csat"] == "words: csat_answer"
    assert set(told) == {*VIEWS, "metrics"}
    for table, number in told.items():
        assert pq.read_metadata(folder / f"{table}.parquet").num_rows == number
        assert rows(folder, f"SELECT count(*) FROM {table}") == [(number,)]
    assert sorted(path.name for path in folder.iterdir()) == sorted([DATABASE, *(f"{name}.parquet" for name in told)])
    assert rows(folder, "SELECT person, name, value FROM events ORDER BY occurred_at") == [
        ("user_id:ann", "visit", None),
        ("user_id:ann", "order", 60.0),
        ("user_id:bob", "visit", None),
    ]
    assert rows(folder, "SELECT person, events FROM people ORDER BY ALL") == [("user_id:ann", 2), ("user_id:bob", 1)]
    assert rows(folder, "SELECT * FROM identities ORDER BY ALL")[0] == ("user_id:ann", "user_id", "ann", "strong")
    found = rows(folder, "SELECT bucket, state, value, n, stands FROM metrics WHERE metric = 'orders' ORDER BY bucket")
    asked = ws.metric("orders", over="month")
    assert [line[2] for line in found] == asked.columns["events_each"] == [1.0, 0.0]
    assert [line[0] for line in found] == ["2023-03", "2023-04"]


def test_the_old_copy_serves_until_the_new_one_is_whole(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "bi"
    publish(ws, folder)
    (folder / "mine.txt").write_text("left alone")
    with duckdb.connect(folder / DATABASE, read_only=True) as reading:
        add(ws, rows_of("cat  visit  2023-04-08T11:00:00Z", first=100), name="more")

        def stop(stage: str, done: int, total: int | None) -> None:
            if done == 2:
                raise CancelledError("Stopped.")

        with pytest.raises(CancelledError):
            publish(ws, folder, progress=stop)
        assert rows(folder, "SELECT count(*) FROM events") == [(3,)]
        publish(ws, folder)
        assert reading.execute("SELECT count(*) FROM events").fetchall() == [(3,)]
    assert rows(folder, "SELECT count(*) FROM events") == [(4,)]
    assert (folder / "mine.txt").read_text() == "left alone"
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_where_it_cannot_go(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'week'"):
        publish(ws, tmp_path / "bi", over="weeks")
    with pytest.raises(MomentError):
        publish(ws, tmp_path / "bi", period="2027-13")
    assert not (tmp_path / "bi").exists()
    with pytest.raises(InputError, match="workspace itself"):
        publish(ws, ws.root / "archive")
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        publish(ws, tmp_path / "file" / "bi")
