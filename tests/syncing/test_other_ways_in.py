"""Singer's messages, and a folder that files are dropped into."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from pretending import SAMPLES, sample

import desirepath
from desirepath.errors import InputError
from desirepath.syncing.folder import DONE, REFUSED, REST, Watched
from desirepath.syncing.singer import sing


def messages() -> list[str]:
    """What a tap for Zendesk writes."""
    tickets = [sample(f"zendesk/incremental_tickets_cursor_{k}.json")["tickets"][0] for k in range(3)]
    lines = [{"type": "SCHEMA", "stream": "tickets", "schema": {}, "key_properties": ["id"]}]
    lines += [{"type": "RECORD", "stream": "tickets", "record": one} for one in tickets]
    lines += [{"type": "STATE", "value": {"bookmark": 1}}]
    lines += [
        {"type": "RECORD", "stream": "ticket_audits", "record": one}
        for one in sample("zendesk/ticket_audits_71.json")["audits"]
    ]
    lines += [{"type": "STATE", "value": {"bookmark": 2}}]
    return [json.dumps(line) for line in lines]


def test_a_tap_is_read(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        done = sing(workspace, messages(), "zendesk", progress=lambda *_: None)
        assert done.records == {"tickets": 3, "ticket_audits": 3}
        assert done.state == {"bookmark": 2}
        rows = workspace.sql("SELECT name FROM events ORDER BY occurred_at").to_pylist()
        assert [row["name"] for row in rows] == ["ticket created", "ticket status open", "ticket status solved"]


@pytest.mark.parametrize("line", ["{", "[]", '{"no": 1}', '{"type": "RECORD", "stream": "tickets"}'])
def test_what_is_no_message_stops_it(tmp_path: Path, line: str) -> None:
    with (
        desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace,
        pytest.raises(InputError, match="Line 2 is none of Singer's messages"),
    ):
        sing(workspace, [messages()[1], line], "zendesk", progress=lambda *_: None)


def test_dropped_files(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        watched = Watched(workspace, folder, threading.RLock())
        for name in (DONE, REFUSED):
            (folder / name).mkdir(parents=True)
        content = (SAMPLES / "stripe" / "events.jsonl").read_bytes()
        (folder / "events.jsonl").write_bytes(content[:100])
        (folder / "growing.jsonl.part").write_bytes(b"{}")
        (folder / "nothing.csv").write_bytes(b"a,b\n1,2\n")
        assert watched.look(0.0) == []
        (folder / "events.jsonl").write_bytes(content)  # it was not all there yet
        assert watched.look(REST) == [folder / "nothing.csv"]
        assert watched.look(2 * REST) == [folder / "events.jsonl", folder / "nothing.csv"]
        for path in watched.look(2 * REST):
            watched.take(path)
        assert (watched.imported, watched.refused) == (1, 1)
        assert (folder / DONE / "events.jsonl").exists()
        assert "stored" in (folder / DONE / "events.jsonl.txt").read_text()
        assert "no source" in (folder / REFUSED / "nothing.csv.txt").read_text()
        assert sorted(path.name for path in folder.iterdir() if path.is_file()) == ["growing.jsonl.part"]
        assert workspace.sql("SELECT count(*) AS n FROM events").to_pylist()[0]["n"] == 4
        (folder / "events.jsonl").write_bytes(content)
        watched.take(folder / "events.jsonl")
        assert (folder / DONE / "events-2.jsonl").exists()
