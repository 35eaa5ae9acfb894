"""Does the doctor find what was broken on purpose, and nothing where all is well?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from desirepath.text.head_file import write
from desirepath.text.heads import Evidence, Head


def statuses(document: dict) -> dict[str, str]:
    return {check["name"]: check["status"] for check in document["checks"]}


def spoil(root: Path, sql: str) -> None:
    """Change the database behind the workspace's back."""
    with duckdb.connect(str(root / "journeys.duckdb")) as connection:
        connection.execute(sql)


def test_a_workspace_that_is_well(cli, own):
    ended = cli("doctor", "-w", own / "acme", "--json")
    found = statuses(ended.json)
    assert ended.code == 0
    assert ended.json["status"] == "warning"  # two rows are in quarantine
    assert {name for name, status in found.items() if status == "problem"} == set()
    assert {
        "versions",
        "kernels",
        "disk",
        "database",
        "account",
        "duplicates",
        "identities",
        "quarantine",
        "journeys",
        "archive",
    } <= set(found)
    assert "PROBLEM" not in cli("doctor", "-w", own / "acme").out


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)", "account"),
        ("UPDATE batches SET duplicate = duplicate + 1", "account"),
        ("INSERT INTO events SELECT * FROM events LIMIT 1", "duplicates"),
        ("DELETE FROM person_of WHERE identity = 0", "identities"),
        ("UPDATE person_of SET person = 99 WHERE identity = 0", "identities"),
        ("UPDATE events SET name = 'other' WHERE name = 'order'", "journeys"),
        ("UPDATE versions SET version = 99 WHERE name = 'schema'", "database"),
    ],
)
def test_a_spoilt_database(cli, own, sql, name):
    spoil(own / "acme", sql)
    ended = cli("doctor", "-w", own / "acme", "--json")
    assert ended.code == 1
    assert statuses(ended.json)[name] == "problem"
    assert cli("doctor", "-w", own / "acme").code == 1


def test_a_changed_archive_a_missing_one_and_leftovers(cli, own):
    part = own / "acme" / "archive" / "000001" / "shop.parquet"
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(bytes(content))
    (own / "acme" / "archive" / "000009.tmp").mkdir()
    found = cli("doctor", "-w", own / "acme", "--json")
    assert statuses(found.json)["archive"] == "problem"
    assert "shop.parquet of import 000001 has changed" in found.out
    assert statuses(found.json)["leftovers"] == "warning"
    part.unlink()
    assert "is missing" in cli("doctor", "-w", own / "acme").out


def test_a_missing_segment(cli, own):
    next((own / "acme" / "columns").rglob("*.arrow")).unlink()
    assert statuses(cli("doctor", "-w", own / "acme", "--json").json)["journeys"] == "problem"


def test_a_workspace_that_somebody_else_holds(cli, own):
    program = "import sys, duckdb; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(own / "acme" / "journeys.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        found = cli("doctor", "-w", own / "acme", "--json")
        assert statuses(found.json)["database"] == "problem"
        assert "Another process has this workspace open" in found.out
        assert (found.code, cli("events", "-w", own / "acme").code) == (1, 3)
        holder.kill()


def test_warming_up(cli, acme, monkeypatch):
    monkeypatch.setenv("DESIREPATH_PLAIN", "1")
    assert cli("doctor", "--warm", "-w", acme).code == 0


def test_what_was_learned_with_embeddings_that_are_not_here(cli, own):
    head = Head((), (), (), (0.0,) * 384, 0.0, 0.0, 1.0, Evidence(60, 30, 30, {"en": 60}, model="embeddings"), "others")
    folder = own / "acme" / "text"
    folder.mkdir()
    write(head, folder / "comment.sentiment.json")
    told = cli("doctor", "-w", own / "acme", "--json")
    assert statuses(told.json)["sentiment"] == "warning"
    assert "comment" in cli("doctor", "-w", own / "acme").out
    (folder / "comment.sentiment.json").write_text("{}")
    told = cli("doctor", "-w", own / "acme", "--json")
    assert told.code == 1
    assert statuses(told.json)["sentiment"] == "problem"


def test_health_says_what_is_wrong_and_what_to_do(cli, own):
    ended = cli("health", "-w", own / "acme", "--json")
    assert ended.code == 0
    looks, findings = ended.json["looks"], ended.json["findings"]
    assert {one["look"] for one in findings} <= set(looks)
    (quarantine,) = (one for one in findings if one["look"] == "quarantine")
    assert quarantine["details"]["rows"] == 2
    told = cli("health", "-w", own / "acme")
    assert quarantine["says"] in told.out
    assert quarantine["do"] in told.out
