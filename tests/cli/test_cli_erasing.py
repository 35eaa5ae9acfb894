"""Does the command line hand out and erase a person, and does it ask before?"""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

import desirepath
from desirepath.cli import app
from desirepath.people.erasures import ErasureLog


def test_everything_about_a_person_in_a_file(cli, own):
    to, table = own / "c00.json", own / "c00.csv"
    ended = cli("people", "export", "c00", "--to", to, "--csv", table, "-w", own / "acme")
    assert ended.code == 0
    assert "rows: 4" in ended.out
    assert "Look it through" in ended.out
    document = json.loads(to.read_text())
    assert document["person"] == "customer:c00"
    assert [event["name"] for event in document["events"]] == ["visit", "cart", "order", "closing"]
    assert oct(to.stat().st_mode)[-3:] == oct(table.stat().st_mode)[-3:] == "600"
    with table.open(newline="") as opened:
        assert [row["name"] for row in csv.DictReader(opened)] == ["visit", "cart", "order", "closing"]
    said = cli("people", "export", "c00", "--to", to, "-w", own / "acme", "--json").json
    assert (said["person"], said["events"], said["written"]) == ("customer:c00", 4, [str(to)])
    assert cli("people", "export", "c00", "--to", own / "no" / "where.json", "-w", own / "acme").code == 2


def test_a_formula_is_not_handed_to_a_spreadsheet(cli, hostile, tmp_path):
    person = cli("sql", "SELECT id FROM people ORDER BY id", "-w", hostile, "--json").json["rows"][0]["id"]
    to, table = tmp_path / "one.json", tmp_path / "one.csv"
    assert cli("people", "export", person, "--to", to, "--csv", table, "-w", hostile).code == 0
    with table.open(newline="") as opened:
        cells = [cell for row in csv.reader(opened) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_nobody_is_erased_unasked(cli, own):
    ended = cli("people", "erase", "c00", "--reason", "asked", "-w", own / "acme")
    assert ended.code == 2
    assert "--yes" in ended.err
    assert cli("people", "replay-erasures", "-w", own / "acme").code == 2
    assert cli("people", "erase", "c00", "-w", own / "acme", "--yes").code == 2  # no reason
    assert not (own / "acme" / "erasures.jsonl").exists()
    ended = cli("people", "erase", "c77", "--reason", "asked", "--yes", "-w", own / "acme", "--json")
    assert (ended.code, ended.json["error"]["code"]) == (2, "unknown_name")


def test_erasing(cli, own):
    tried = cli("people", "erase", "c00", "--reason", "asked", "--dry-run", "-w", own / "acme", "--json").json
    assert (tried["counts"]["events"], tried["erasures"], tried["digest"]) == (4, [], "")
    assert "events: 4" in cli("people", "erase", "c00", "--reason", "asked", "--dry-run", "-w", own / "acme").out
    ended = cli("people", "erase", "c00", "--reason", "asked", "--author", "Ada", "--yes", "-w", own / "acme")
    assert ended.code == 0
    assert "Erased, as number 1 of erasures.jsonl." in ended.out
    assert "events: 4" in ended.out
    assert "by Ada: asked" in ended.out
    assert cli("people", "show", "c00", "-w", own / "acme").code == 2
    said = cli("people", "erase", "c01", "--reason", "asked", "--yes", "-w", own / "acme", "--json").json
    assert (said["erasures"], said["counts"]["quarantined"]) == ([2], 1)
    assert cli("doctor", "-w", own / "acme", "--json").json["status"] != "problem"
    again = cli("people", "replay-erasures", "--yes", "-w", own / "acme")
    assert again.out == "Nothing is left of anybody who was erased.\n"
    assert cli("people", "replay-erasures", "--yes", "-w", own / "acme", "--json").json == {"erasures": []}


@pytest.fixture
def somebody_sits_there(monkeypatch):
    monkeypatch.setattr("desirepath.cli.erasing._ask_nobody", lambda: None)


def test_who_sits_there_is_asked(own, somebody_sits_there):
    command = ["people", "erase", "c00", "--reason", "asked", "-w", str(own / "acme"), "--json"]
    no = CliRunner().invoke(app, command, input="n\n")
    assert (no.exit_code, json.loads(no.stdout)["error"]["message"]) == (130, "Nothing was erased.")
    assert "events: 4" in no.stderr
    yes = CliRunner().invoke(app, command, input="y\n")
    assert (yes.exit_code, json.loads(yes.stdout)["erasures"]) == (0, [1])


def test_what_was_stopped_is_finished(own, somebody_sits_there, monkeypatch):
    command = ["people", "erase", "c00", "--reason", "asked", "-w", str(own / "acme")]
    with monkeypatch.context() as patch:
        # the last step: nobody knows the person any more, and it is not noted that it is done
        patch.setattr(ErasureLog, "finish", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        stopped = CliRunner().invoke(app, command, input="y\n")
    assert stopped.exit_code == 3
    assert "Run it again" in stopped.stderr
    done = CliRunner().invoke(app, command, input="y\n")
    assert done.exit_code == 0, done.stderr
    assert "Erased, as number 1" in done.stdout
    with desirepath.open(own / "acme") as workspace:
        assert ErasureLog(workspace.root).pending() == []
