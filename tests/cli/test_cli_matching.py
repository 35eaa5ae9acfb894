"""`people suggest, review, accept, dismiss` from the command line, as text and as JSON."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import desirepath
from desirepath.cli import matching
from desirepath.cli.app import Root

pytest.importorskip("splink", reason="suggestions need the extra 'match'")

sys.path.append(str(Path(__file__).parent.parent / "people"))

from made_records import records

MAPPING = """source: crm
time_zone: UTC
key: [id]
identities: {crm_id: id}
properties: [first, last, born, mail, phone, street, zip, city]
events: [{name: entered, at: at}]
"""
FIELDS = ("given_name=first", "family_name=last", "birth_date=born", "postcode=zip", "street=street", "city=city")

app = typer.Typer(cls=Root)
people = typer.Typer()
matching.register(people)
app.add_typer(people, name="people")


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crm")
    rows = records(120, doubles=12, seed=9).table.to_pylist()
    with (folder / "crm.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, [*rows[0], "at"], restval="")
        writer.writeheader()
        writer.writerows({**row, "at": "2026-05-01"} for row in rows)
    (folder / "crm.yaml").write_text(MAPPING)
    with desirepath.create(folder / "ws", time_zone="UTC") as ws:
        ws.import_files([folder / "crm.csv"], folder / "crm.yaml")
    return folder / "ws"


def run(*arguments: str, code: int = 0) -> Any:
    ended = CliRunner().invoke(app, ["people", *arguments], standalone_mode=True)
    assert ended.exit_code == code, ended.output
    return ended


def test_from_search_to_decision(crm: Path) -> None:
    where = ("-w", str(crm))
    named = [part for field in FIELDS for part in ("--field", field)]
    assert "No suggestion awaits" in run("review", *where).stdout
    account = json.loads(run("suggest", *named, *where, "--json").stdout)
    assert account["records"] == 132
    assert account["linked"] == 0
    assert account["compared"]["first"] == "given_name"
    said = run("suggest", *named, *where).stdout
    assert "132 people compared by 6 fields" in said
    assert f"{account['suggestions']} suggestions for review." in said

    document = json.loads(run("review", *where, "--json", "--most", "5").stdout)
    assert document["total"] == account["suggestions"]
    first, second = document["suggestions"][:2]
    assert first["number"] == 1
    assert {"field", "says", "weight"} == set(first["why"][0])
    shown = run("review", *where).stdout
    assert f"1. crm_id:{first['a_value']} and crm_id:{first['b_value']}" in shown
    assert "first: " in shown
    rows = list(csv.DictReader(io.StringIO(run("review", *where, "--output", "csv").stdout)))
    assert rows[0]["a_value"] == first["a_value"]

    accepted = json.loads(run("accept", "1", "--reason", "same card", *where, "--json").stdout)
    assert (accepted["rule"], accepted["changed"]) == (1, 1)
    assert "Rule 2: not to be asked again." in run("dismiss", "2", "--reason", "father and son", *where).stdout
    left = json.loads(run("review", *where, "--json").stdout)
    assert left["total"] == document["total"] - 2
    assert {first["number"], second["number"]}.isdisjoint(row["number"] for row in left["suggestions"])


def test_mistakes_are_told_in_one_sentence(crm: Path) -> None:
    where = ("-w", str(crm))
    for arguments, part in (
        (("suggest", "--field", "first"), "given_name=first_name"),
        (("suggest", "--field", "nickname=first"), "There is no kind of field called 'nickname'"),
        (("accept", "77", "--reason", "x"), "No suggestion 77 awaits a decision."),
    ):
        ended = run(*arguments, *where, code=2)
        assert part in ended.stderr
        assert "Traceback" not in ended.output
