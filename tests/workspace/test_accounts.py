"""Accounts as the unit: journeys of organisations, made of what their people did while they belonged to them.

The story, every time on 2023-05-01:

    09:00  ann  visit                 nobody's yet: ann's membership of acme begins at 10:00
    10:00  ann  sign up   acme        ann belongs to acme from 10:00 to 12:00
    10:30  ann  cart                  acme, by membership
    11:00  ben  cart      acme        ben belongs to acme from 11:00 to 11:00
    11:30  cy   visit     beta        cy belongs to beta from 11:30 to 13:00
    12:00  ann  order     acme
    12:30  cy   sign up   acme        cy belongs to acme from 12:30 to 14:00
    12:45  cy   cart                  both; acme began last
    13:00  cy   order     beta
    13:30  cy   visit                 acme alone is left
    14:00  cy   visit     acme
    15:00  dan  visit                 no account
    16:00  -    invoice   gamma       an event of an account and nobody
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sparing import sparing

import desirepath
from desirepath import Workspace
from desirepath.engines import appending
from desirepath.engines.accounts import Accounts
from desirepath.errors import InputError
from desirepath.journeys.batch import Code
from desirepath.journeys.columns import Columns

STORY = """\
1,09:00,ann,visit,
2,10:00,ann,sign up,acme
3,10:30,ann,cart,
4,11:00,ben,cart,acme
5,11:30,cy,visit,beta
6,12:00,ann,order,acme
7,12:30,cy,sign up,acme
8,12:45,cy,cart,
9,13:00,cy,order,beta
10,13:30,cy,visit,
11,14:00,cy,visit,acme
12,15:00,dan,visit,
13,16:00,,invoice,gamma
"""

MAPPING = """\
source: story
time_zone: UTC
files: "*.csv"
key: [id]
identities: {user_id: user, account_id: account}
events: [{name: "{event}", at: {column: at, format: "%Y-%m-%d %H:%M"}}]
"""


def add(ws: Workspace, lines: list[str], name: str) -> None:
    folder = ws.root.parent / f"files-{name}"
    folder.mkdir()
    rows = [line.split(",", 2) for line in lines]
    text = "".join(f"{number},2023-05-01 {at},{rest}\n" for number, at, rest in rows)
    (folder / "log.csv").write_text("id,at,user,event,account\n" + text)
    (folder / "mapping.yaml").write_text(MAPPING)
    result = ws.import_files([folder / "log.csv"], folder / "mapping.yaml")
    assert result.quarantined == 0, ws.quarantine().to_pylist()


def of_accounts(ws: Workspace, engine: Any = None) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    engine = engine or ws.accounts
    for batch in engine.map({"name": Code("name")}, lambda batch: batch):
        names = [str(batch.labels["name"][code]) for code in batch.columns["name"]]
        for k, account in enumerate(batch.persons(list(range(len(batch))))):
            said[account] = names[batch.starts[k] : batch.starts[k + 1]]
    return said


EXPECTED = {
    "account_id:acme": ["sign up", "cart", "cart", "order", "sign up", "cart", "visit", "visit"],
    "account_id:beta": ["visit", "order"],
    "account_id:gamma": ["invoice"],
}


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = desirepath.create(tmp_path / "ws", time_zone="UTC")
    add(made, STORY.splitlines(), "story")
    return made


def test_the_story(ws: Workspace) -> None:
    assert of_accounts(ws) == EXPECTED
    extent = ws.accounts.extent()
    assert (extent.events, extent.people, extent.unattributed) == (13, 3, 2)


def test_a_funnel_of_accounts_and_who_stands_behind_it(ws: Workspace) -> None:
    answer = ws.ask("funnel", steps=["sign up", "cart", "order"], window="5 hours", unit="account")
    assert answer.table.column("reached").to_pylist() == [1, 1, 1]
    assert answer.asked_of["unit"] == "account"
    assert answer.people(step=3).column("account").to_pylist() == ["account_id:acme"]
    people = ws.ask("funnel", steps=["sign up", "cart", "order"], window="5 hours")
    assert people.table.column("reached").to_pylist() == [2, 2, 2]
    assert "person" in people.people(step=1).column_names


def test_what_belongs_to_none_or_does_not_say_is_told(ws: Workspace) -> None:
    answer = ws.ask("funnel", steps=["visit", "order"], window="5 hours", unit="account")
    (text,) = [notice.text for notice in answer.warnings if notice.code == "accounts"]
    assert text.startswith("11 of 13 events belong to one of 3 accounts")
    assert "1 of them were done by members of several accounts at a time" in text
    assert Accounts().in_several(ws.store()) == 1


def test_a_breakdown_and_a_comparison_are_those_of_every_unit(ws: Workspace) -> None:
    asked: dict[str, Any] = {"steps": ["visit", "order"], "window": "1 day", "unit": "account"}
    answer = ws.ask("funnel", **asked, breakdown="name", at="last known")
    reached = {row["group"]: row["reached"] for row in answer.table.to_pylist() if row["step"] == 1}
    assert reached == {"(everyone)": 2, "order": 1, "visit": 1}
    other = ws.ask("funnel", **asked, compare={"filter": "name != 'order'"})
    assert other.table.column("reached").to_pylist() == [2, 1, 2, 0]


def test_a_workspace_without_accounts(tmp_path: Path) -> None:
    made = desirepath.create(tmp_path / "ws", time_zone="UTC")
    add(made, ["1,09:00,ann,visit,"], "one")
    answer = made.ask("funnel", steps=["visit", "order"], window="1 day", unit="account")
    assert answer.table.column("reached").to_pylist() == [0, 0]
    assert any("0 of 1 events" in notice.text for notice in answer.warnings)


def test_earlier_verdicts_have_no_accounts(ws: Workspace) -> None:
    with pytest.raises(InputError, match="present version"):
        ws.ask("funnel", steps=["visit", "order"], unit="account", as_of=1)


def test_they_survive_an_import_and_go_with_an_erasure(ws: Workspace) -> None:
    from desirepath.erasing import erase_person

    assert of_accounts(ws) == EXPECTED
    add(ws, ["20,12:20,ann,late visit,"], "more")
    assert (ws.columns.root / "accounts" / "manifest.json").exists()
    assert of_accounts(ws) == EXPECTED  # ann's membership ended at 12:00
    add(ws, ["21,12:30,ann,order,acme"], "longer")
    assert of_accounts(ws)["account_id:acme"] == [
        *EXPECTED["account_id:acme"][:4],
        "late visit",
        *sorted(["sign up", "order"], reverse=True),
        "cart",
        "visit",
        "visit",
    ]
    erase_person(ws, "user_id:cy", author="me", reason="asked", progress=lambda *_: None)
    assert of_accounts(ws)["account_id:acme"] == ["sign up", "cart", "cart", "order", "late visit", "order"]
    ws.close()
    again = desirepath.open(ws.root)
    assert again.ask("funnel", steps=["cart", "order"], unit="account").table.column("reached").to_pylist() == [1, 1]


@pytest.mark.parametrize("seed", sparing(range(12), 3))
def test_added_to_as_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Memberships begin and end otherwise with every import, and events of before move."""
    monkeypatch.setattr(appending, "MOST_CHANGED", 2.0)
    rng = random.Random(seed)
    lines = [
        f"{n},{rng.randrange(24):02d}:{rng.randrange(0, 60, 20):02d},{rng.choice(['', 'ann', 'ben', 'cy'])},e{n % 5},"
        f"{rng.choice(['', '', '', 'acme', 'beta', 'gamma'])}"
        for n in range(60)
    ]
    lines = [line for line in lines if not (line.split(",")[2] == "" and line.endswith(","))]
    rng.shuffle(lines)
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    part = 0
    while lines:
        many = rng.randint(1, 25)
        add(ws, lines[:many], f"part-{part}")
        lines, part = lines[many:], part + 1
        fresh = Columns(tmp_path / f"anew-{part}")
        anew = ws.make_engine(fresh, is_current=lambda _: False, who=lambda _: Accounts())
        assert of_accounts(ws) == of_accounts(ws, anew)
        assert ws.accounts.extent() == anew.extent()
    assert part > 1
