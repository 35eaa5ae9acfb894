"""Suggestions in a workspace: searched for, reviewed, accepted, dismissed and taken back."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from made_records import Records, records

import desirepath
from desirepath import Workspace
from desirepath.engines.duckdb import quiet
from desirepath.errors import InputError, NotEnoughDataError, UnknownNameError
from desirepath.knowing import decide, undo
from desirepath.people.rules import RuleBook

pytest.importorskip("splink", reason="suggestions need the extra 'match'")

from desirepath.suggesting import accept, dismiss, find_suggestions, review_queue

NAMES = {"first": "firstName", "last": "surname", "born": "date of birth", "zip": "ZIP"}
BY = {"author": "Ada", "reason": "the same person"}
MAPPING = """source: crm
time_zone: UTC
key: [id]
identities: {{{kind}: id}}
properties: {properties}
events: [{{name: entered, at: at}}]
"""


def brought(folder: Path, made: Records, kind: str) -> Workspace:
    """A workspace in which each record is an event of somebody with an identity of this kind."""
    rows = [{NAMES.get(name, name): value for name, value in row.items()} for row in made.table.to_pylist()]
    with (folder / f"{kind}.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, [*rows[0], "at"], restval="")
        writer.writeheader()
        writer.writerows({**row, "at": "2026-05-01"} for row in rows)
    mapping = folder / f"{kind}.yaml"
    properties = json.dumps([name for name in rows[0] if name != "id"])
    mapping.write_text(MAPPING.format(kind=kind, properties=properties), encoding="utf-8")
    ws = desirepath.create(folder / kind, time_zone="UTC")
    result = ws.import_files([folder / f"{kind}.csv"], mapping)
    assert (result.quarantined, result.stored) == (0, len(rows))
    return ws


@pytest.fixture(scope="module")
def made() -> Records:
    return records(150, doubles=15, seed=6)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, made: Records) -> tuple[Path, Any]:
    ws = brought(tmp_path_factory.mktemp("crm"), made, "crm_id")
    found = find_suggestions(ws)
    ws.close()
    return ws.root, found


@pytest.fixture
def ws(searched: tuple[Path, Any], tmp_path: Path) -> Workspace:
    shutil.copytree(searched[0], tmp_path / "ws")
    return desirepath.open(tmp_path / "ws")


def queue(ws: Workspace) -> dict[tuple[str, str], int]:
    """The numbers of the suggestions by the ids of the two."""
    return {(row["a_value"], row["b_value"]): row["number"] for row in review_queue(ws).to_pylist()}


def person(ws: Workspace, id_: str) -> str:
    rows = ws.sql(
        f"SELECT p.id FROM person_of o JOIN identities i ON i.code = o.identity JOIN people p ON p.person = o.person "
        f"WHERE i.value = '{id_}'"
    ).to_pylist()
    return str(rows[0]["id"])


def test_properties_are_found_by_their_names(searched: tuple[Path, Any], made: Records) -> None:
    account = searched[1]
    assert account.compared == {
        "firstName": "given_name",
        "surname": "family_name",
        "date of birth": "birth_date",
        "mail": "email",
        "phone": "phone",
        "street": "street",
        "ZIP": "postcode",
        "city": "city",
    }
    assert (account.records, account.linked, account.left_out) == (165, 0, {})
    assert account.suggestions >= 15


def test_the_queue_shows_what_was_compared_and_why(ws: Workspace, made: Records) -> None:
    waiting = review_queue(ws).to_pylist()
    assert len(set(queue(ws)) & made.pairs) >= 14
    assert [row["number"] for row in waiting] == list(range(1, len(waiting) + 1))
    known = {row["id"]: row for row in made.table.to_pylist()}
    for row in waiting:
        assert (row["a_kind"], row["b_kind"]) == ("crm_id", "crm_id")
        values = {value["field"]: (value["a"], value["b"]) for value in row["values"]}
        assert values["firstName"] == (known[row["a_value"]]["first"], known[row["b_value"]]["first"])
        assert {reason["field"] for reason in row["why"]} <= {*values, "address"}


def test_accepted_they_are_one_person_until_it_is_taken_back(ws: Workspace, made: Records) -> None:
    waiting = queue(ws)
    a, b = min(waiting)
    rule, changed = accept(ws, waiting[a, b], **BY)
    assert changed >= 1
    assert person(ws, a) == person(ws, b)
    assert (a, b) not in queue(ws)
    assert queue(ws).items() <= waiting.items()  # numbers stay as they were
    last = RuleBook(ws.root).rules()[-1]
    assert (last.action, last.author, last.a, last.b) == ("link", "Ada", ("crm_id", a), ("crm_id", b))
    undo(ws, rule, **BY)
    assert person(ws, a) != person(ws, b)
    assert queue(ws) == waiting


def test_dismissed_they_are_not_suggested_again(ws: Workspace) -> None:
    waiting = queue(ws)
    pair = min(waiting)
    version = ws.engine.extent().identity_version
    rule = dismiss(ws, waiting[pair], **BY)
    assert pair not in queue(ws)
    assert ws.engine.extent().identity_version == version
    find_suggestions(ws)
    assert set(queue(ws)) == set(waiting) - {pair}
    undo(ws, rule, **BY)
    find_suggestions(ws)
    assert queue(ws) == waiting


def test_people_who_were_cut_apart_are_not_suggested(ws: Workspace) -> None:
    a, b = min(queue(ws))
    decide(ws, "cut", f"crm_id:{a}", f"crm_id:{b}", **BY)
    assert (a, b) not in queue(ws)


def test_who_is_not_waiting_cannot_be_decided(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No suggestion 999 awaits"):
        accept(ws, 999, **BY)
    with pytest.raises(InputError, match="a reason"):
        dismiss(ws, 1, author="Ada", reason=" ")
    empty = desirepath.create(tmp_path / "empty", time_zone="UTC")
    assert review_queue(empty).num_rows == 0


def test_strong_identities_are_never_linked_unseen(ws: Workspace) -> None:
    before = len(queue(ws))
    found = find_suggestions(ws, automatic=True)
    assert (found.linked, found.suggestions) == (0, before)
    assert RuleBook(ws.root).rules() == []


def test_what_is_beyond_doubt_can_be_linked_at_once(tmp_path: Path, made: Records) -> None:
    ws = brought(tmp_path, made, "loyalty_id")
    found = find_suggestions(ws, automatic=True)
    rules = RuleBook(ws.root).rules()
    assert found.linked == len(rules) >= 8
    assert {(rule.a[1], rule.b[1]) for rule in rules if rule.a and rule.b} <= made.pairs
    assert {rule.author for rule in rules} == {"desirepath"}
    assert all(person(ws, rule.a[1]) == person(ws, rule.b[1]) for rule in rules if rule.a and rule.b)
    assert found.suggestions == review_queue(ws).num_rows
    for rule in rules:
        undo(ws, rule.number, **BY)
    assert len(queue(ws)) == found.suggestions + found.linked


def test_no_person_grows_beyond_the_limit_unseen(tmp_path: Path, made: Records) -> None:
    ws = brought(tmp_path, made, "loyalty_id")
    ws.close()
    settings = tmp_path / "loyalty_id" / "workspace.toml"
    settings.write_text(settings.read_text() + "\n[identity]\nmost = 1\n")
    with desirepath.open(tmp_path / "loyalty_id") as strict:
        assert find_suggestions(strict, automatic=True).linked == 0


def test_fields_can_be_named(ws: Workspace) -> None:
    named = {
        "given_name": "firstName",
        "family_name": "properties:/surname",
        "birth_date": '"date of birth"',
        "text": ["city", "source"],
    }
    found = find_suggestions(ws, named)  # type: ignore[arg-type]
    assert found.compared["properties:/surname"] == "family_name"
    assert found.left_out == {"source": "it is the same everywhere"}
    with pytest.raises(UnknownNameError, match="surname"):
        find_suggestions(ws, {"surname": "surname"})  # type: ignore[dict-item]
    with pytest.raises(InputError, match="One field can be the city"):
        find_suggestions(ws, {"city": ["city", "street"]})
    with pytest.raises(NotEnoughDataError, match="0 records"):
        find_suggestions(ws, {"given_name": "nickname", "family_name": "clan"})


def test_without_telling_names_it_says_what_there_is(tmp_path: Path) -> None:
    plain = desirepath.create(tmp_path / "plain", time_zone="UTC")
    (tmp_path / "log.csv").write_text("user,at,plan\nann,2026-05-01,free\n")
    (tmp_path / "m.yaml").write_text(
        "source: web\ntime_zone: UTC\nidentities: {user_id: user}\nproperties: [plan]\nevents: [{name: seen, at: at}]\n"
    )
    plain.import_files([tmp_path / "log.csv"], tmp_path / "m.yaml")
    with pytest.raises(InputError, match=r"given_name=first_name.*plan"):
        find_suggestions(plain)


def test_addresses_are_taken_from_identities(tmp_path: Path, made: Records) -> None:
    ws = brought(tmp_path, made, "crm_id")
    (tmp_path / "mails.csv").write_text(
        "id,mail,at\n" + "".join(f"{row['id']},{row['id']}@x.example,2026-05-02\n" for row in made.table.to_pylist())
    )
    (tmp_path / "mails.yaml").write_text(
        "source: mail\ntime_zone: UTC\nidentities: {crm_id: id, email: mail}\nevents: [{name: told, at: at}]\n"
    )
    ws.import_files([tmp_path / "mails.csv"], tmp_path / "mails.yaml")
    found = find_suggestions(ws, {"given_name": "firstName", "family_name": "surname"})
    assert found.compared["email"] == "email"


def test_an_erasure_throws_suggestions_away(ws: Workspace) -> None:
    erasing = pytest.importorskip("desirepath.erasing")
    a, _ = min(queue(ws))
    erasing.erase_person(ws, f"crm_id:{a}", **BY, progress=quiet)
    assert not list(ws.root.glob("suggestions.*"))
    assert review_queue(ws).num_rows == 0
