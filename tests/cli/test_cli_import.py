"""Is nothing written before it was agreed to, and does the account add up?"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest


def tree(folder: Path) -> dict[str, str]:
    """Every file below a folder, by content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_account_comes_last_and_adds_up(cli, own):
    cli("init", own / "new", "--time-zone", "Europe/Paris")
    ended = cli("import", own / "shop.csv", "--mapping", own / "shop.yaml", "-w", own / "new")
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == "shop: 42 rows; 42 events read = 40 stored + 0 duplicate + 2 quarantined."
    assert "1 identity_missing, 1 time_unreadable" in ended.out
    again = cli("import", own / "shop.csv", "--mapping", own / "shop.yaml", "-w", own / "new", "--json").json
    assert (again["read"], again["stored"], again["duplicate"], again["quarantined"], again["batch"]) == (
        42,
        0,
        40,
        2,
        None,
    )


def test_a_guess_shows_and_writes_nothing(cli, own, monkeypatch):
    monkeypatch.chdir(own)
    before = tree(own)
    ended = cli("import", "shop.csv", "--guess", "--time-zone", "Europe/Paris")
    assert ended.code == 0
    for part in (
        "source: shop",
        "identities:",
        "- at is read as the time",
        "The first of them:",
        "Rows that would be set aside:",
        "soon",
        "Nothing was imported.",
    ):
        assert part in ended.out
    assert tree(own) == before
    document = cli("import", "shop.csv", "--guess", "--time-zone", "Europe/Paris", "--json").json
    assert document["mapping"]["time_zone"] == "Europe/Paris"
    assert (len(document["preview"]["rejected"]), document["imported"]) == (2, None)
    assert tree(own) == before


def test_a_guess_never_guesses_the_zone(cli, own):
    ended = cli("import", own / "shop.csv", "--guess")
    assert ended.code == 2
    assert "source: shop" in ended.out
    assert "--time-zone Europe/Paris" in ended.err
    document = cli("import", own / "shop.csv", "--guess", "--json")
    assert (document.code, document.json["needs_time_zone"]) == (2, True)


def test_a_guess_is_saved_and_can_be_used(cli, own):
    saved = own / "guessed.yaml"
    assert cli("import", own / "shop.csv", "--guess", "--time-zone", "Europe/Paris", "--write", saved).code == 0
    cli("init", own / "new", "--time-zone", "Europe/Paris")
    by_file = cli("import", own / "shop.csv", "--mapping", saved, "-w", own / "new", "--json").json
    cli("init", own / "other", "--time-zone", "Europe/Paris")
    at_once = cli(
        "import",
        own / "shop.csv",
        "--guess",
        "--yes",
        "--time-zone",
        "Europe/Paris",
        "-w",
        own / "other",
        "--json",
    ).json["imported"]
    assert by_file == at_once
    assert by_file["stored"] == 40
    refused = cli("import", own / "shop.csv", "--guess", "--time-zone", "Europe/Paris", "--write", saved)
    assert (refused.code, "exists already" in refused.err) == (2, True)


@pytest.mark.parametrize(
    "more",
    [
        ["--mapping", "shop.yaml", "--dry-run"],
        ["--guess", "--yes", "--dry-run", "--time-zone", "Europe/Paris"],
    ],
)
def test_a_dry_run_writes_nothing(cli, own, monkeypatch, more):
    monkeypatch.chdir(own)
    before = tree(own)
    ended = cli("import", "shop.csv", *more, "-w", "acme")
    assert ended.code == 0
    assert "Nothing was imported" in ended.out
    assert tree(own) == before


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (["shop.csv"], "--guess to have a mapping proposed"),
        (["none.csv", "--mapping", "shop.yaml"], "none.csv does not exist"),
        (["shop.csv", "--mapping", "none.yaml"], "cannot be read"),
        (["shop.csv", "--mapping", "shop.csv"], "mapping"),
        (["shop.csv", "--mapping", "shop.yaml", "--guess"], "not both"),
        (["shop.csv", "--mapping", "shop.yaml", "--write", "x.yaml"], "needs --guess"),
        (["shop.csv", "--mapping", "shop.yaml", "--time-zone", "Europe/Pari"], "Europe/Paris"),
    ],
)
def test_mistakes_leave_everything_as_it_was(cli, own, monkeypatch, args, text):
    monkeypatch.chdir(own)
    before = tree(own)
    ended = cli("import", *args, "-w", "acme")
    assert ended.code == 2
    assert text in ended.err
    assert tree(own / "acme" / "archive") == {
        name[13:]: sum_ for name, sum_ in before.items() if name.startswith("acme/archive/")
    }


def test_a_folder_with_its_mapping_is_pointed_out(cli, own):
    (own / "data").mkdir()
    (own / "data" / "mapping.yaml").write_text("source: x\n")
    assert f"Did you mean '--mapping {own / 'data' / 'mapping.yaml'}'?" in cli("import", own / "data").err


def test_quarantine_is_listed_counted_and_replayed(cli, own):
    where = ("-w", own / "acme")
    listed = cli("quarantine", *where)
    assert "shop.csv line 42: the time cannot be read: soon" in listed.out
    reasons = cli("quarantine", "--reasons", *where, "--json").json
    assert (reasons["total"], {row["reason_code"]: row["entries"] for row in reasons["reasons"]}) == (
        2,
        {"identity_missing": 1, "time_unreadable": 1},
    )
    assert len(cli("quarantine", "--most", "1", *where, "--json").json["entries"]) == 1
    better = own / "better.yaml"
    better.write_text((own / "shop.yaml").read_text().replace("events:\n", "where: \"at != 'soon'\"\nevents:\n"))
    replayed = cli("quarantine", "--replay", "1", "--mapping", better, *where, "--json").json
    assert replayed["imports"][0]["reasons"] == {"identity_missing": 1}
    assert cli("quarantine", *where, "--json").json["total"] == 1
    assert cli("quarantine", "--replay", "1", *where).code == 2
    assert "Allowed: 1" in cli("quarantine", "--replay", "7", "--mapping", better, *where).err


def test_rebuild_gives_the_same_answers(cli, own):
    asked = ("ask", "funnel", "--step", "visit", "--step", "order", "-w", own / "acme", "--json")
    before = cli(*asked).json["table"]
    assert cli("rebuild", "-w", own / "acme", "--json").json["imports"][0]["stored"] == 40
    assert cli(*asked).json["table"] == before
