"""Rules of hand, versions and sensitivity, as an analyst meets them: in a workspace, with a funnel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import desirepath
from desirepath import Answer, Workspace
from desirepath.errors import InputError, UnknownNameError, WorkspaceError
from desirepath.knowing import accounts, conflicts, decide, undo, versions, why
from desirepath.people.policy import Policy
from desirepath.people.rules import RuleBook

HEAD = "at,event,user,mail,cookie,account\n"
MAPPING = """source: web
time_zone: UTC
identities: {user_id: user, email: mail, cookie: cookie, account_id: account}
events: [{name: "{event}", at: at}]
"""
FIRST = """2026-05-01 10:00,visit,,,c1,
2026-05-01 11:00,order,ann,,,
2026-05-01 12:00,visit,bob,,,acme
2026-05-02 12:00,order,,b@x.org,,
2026-07-01 00:00,end,zed,,,
"""
LATER = """2026-05-03 10:00,login,ann,,c1,
2026-05-03 11:00,login,bob,b@x.org,,acme
"""
BY = {"author": "Ada", "reason": "the same card"}


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    (tmp_path / "m.yaml").write_text(MAPPING)
    made = desirepath.create(tmp_path / "ws", time_zone="UTC")
    bring(made, "first", FIRST)
    return made


def bring(ws: Workspace, name: str, rows: str) -> None:
    file = ws.root.parent / f"{name}.csv"
    file.write_text(HEAD + rows)
    ws.import_files([file], ws.root.parent / "m.yaml")


def funnel(ws: Workspace, **more: object) -> Answer:
    return ws.ask("funnel", steps=["visit", "order"], window="7 days", **more)


def reached(ws: Workspace, **more: object) -> list[int]:
    return list(funnel(ws, **more).columns["reached"])


def test_a_funnel_before_and_after_and_as_it_was(ws: Workspace) -> None:
    assert reached(ws) == [2, 0]
    bring(ws, "later", LATER)
    assert reached(ws) == [2, 2]
    assert reached(ws, as_of=1) == [2, 0]
    number, changed = decide(ws, "cut", "user_id:bob", "email:b@x.org", **BY)
    assert (number, changed) == (1, 1)
    assert reached(ws) == [2, 1]
    undo(ws, 1, author="Ada", reason="it was his")
    assert reached(ws) == [2, 2]
    assert [reached(ws, as_of=version) for version in (1, 2, 3, 4)] == [[2, 0], [2, 2], [2, 1], [2, 2]]
    answer = funnel(ws, as_of=3)
    assert answer.asked_of["identity_version"] == 3
    assert answer.people(step=2).column("person").to_pylist() == ["user_id:ann"]
    with pytest.raises(InputError, match=r"no version 9 .* Allowed: 1, 2, 3, 4"):
        reached(ws, as_of=9)


def test_what_a_version_changed_in_an_answer(ws: Workspace) -> None:
    bring(ws, "later", LATER)
    answer = funnel(ws, changed_since=1)
    table = answer.extras["identity_changes"]
    rows = {
        (name, measure): (now, then)
        for name, measure, now, then in zip(
            *(table[key] for key in ("name", "measure", "now", "version 1")), strict=True
        )
    }
    assert rows["order", "reached"] == (2, 0)
    assert rows["visit", "reached"] == (2, 2)
    (notice,) = [item.text for item in answer.warnings if item.code == "identity_changes"]
    assert "0.0 % by version 1 of who is who" in notice
    assert Answer.from_json(answer.to_json()).extras["identity_changes"] == table


def test_how_far_a_number_depends_on_the_rules(ws: Workspace) -> None:
    bring(ws, "later", LATER)
    bring(ws, "second account", "2026-05-04 10:00,login,bob2,b@x.org,,\n2026-05-05 10:00,refund,bob2,,,\n")
    answer = ws.ask("funnel", steps=["order", "refund"], window="7 days", identity_sensitivity=True)
    assert answer.columns["reached"] == [2, 1]
    table = answer.extras["identity_sensitivity"]
    row = table["measure"].index("reached", table["measure"].index("reached") + 1)
    assert [table[name][row] for name in ("now", "stricter", "looser")] == [1, 0, 1]
    assert any("stricter rules of identity" in item.text for item in answer.warnings)


def test_why_two_are_one(ws: Workspace) -> None:
    store = ws.store()
    assert why(store, "ann", "c1")["same"] is False
    bring(ws, "later", LATER)
    found = why(store, "user_id:ann", "cookie:c1")
    assert (found["same"], found["people"]) == (True, ["user_id:ann", "user_id:ann"])
    (step,) = found["path"]
    assert (step["a"], step["b"], step["rule"], step["source"], step["times"]) == (
        "cookie:c1",
        "user_id:ann",
        "same event",
        "web",
        1,
    )
    (event,) = ws.sql(
        "SELECT CAST(id AS VARCHAR) AS id FROM events WHERE name = 'login' ORDER BY occurred_at"
    ).to_pylist()[:1]
    assert step["first_event"] == event["id"]
    decide(ws, "link", "ann", "bob", **BY)
    chain = why(store, "cookie:c1", "b@x.org")["path"]
    assert [each["rule"] for each in chain] == ["same event", "by hand", "same event"]
    with pytest.raises(UnknownNameError, match=r"identity called 'user_id:an'.*user_id:ann"):
        why(store, "user_id:an", "c1")


def test_conflicts_say_what_was_refused(ws: Workspace) -> None:
    bring(ws, "later", LATER)
    bring(ws, "shared", "2026-05-06 10:00,login,bob,,c1,\n")
    rows = conflicts(ws.store(), 10).to_pylist()
    assert {(row["reason"], row["a"], row["b"]) for row in rows} == {
        ("shared", "user_id:ann", "cookie:c1"),
        ("shared", "user_id:bob", "cookie:c1"),
    }
    assert why(ws.store(), "user_id:ann", "user_id:bob")["refused"] == [
        {"a": "user_id:ann", "b": "cookie:c1", "reason": "shared"},
        {"a": "user_id:bob", "b": "cookie:c1", "reason": "shared"},
    ]


def test_people_belong_to_accounts_for_a_time(ws: Workspace) -> None:
    bring(ws, "later", LATER)
    (row,) = accounts(ws.store(), "bob").to_pylist()
    assert (row["kind"], row["value"], row["times"]) == ("account_id", "acme", 3)
    assert [str(row[name])[:10] for name in ("first_at", "last_at")] == ["2026-05-01", "2026-05-03"]
    bring(ws, "colleague", "2026-05-03 10:00,login,cat,,,acme\n")
    assert why(ws.store(), "cat", "bob")["same"] is False, "an account joins nobody"


def test_a_blocked_value_names_nobody_and_its_events_go_by_the_next_one(ws: Workspace) -> None:
    bring(ws, "tests", "2026-05-03 10:00,visit,tester,,c7,\n2026-05-03 10:05,order,tester,,,\n")
    assert reached(ws) == [3, 1]
    decide(ws, "block", "user_id:tester", None, author="Ada", reason="our own test account")
    assert reached(ws) == [3, 0]
    answer = funnel(ws)
    assert "cookie:c7" in answer.people(step=1).column("person").to_pylist()
    assert [item.text for item in answer.warnings if item.code == "unattributed"] == [
        "Events that belong to nobody, visits to kiosks and blocked values, are left out: 1."
    ]
    undo(ws, 1, author="Ada", reason="wrong account")
    assert reached(ws) == [3, 1]
    decide(ws, "block", "email:never@x.org", None, author="Ada", reason="before it is seen")
    bring(ws, "never", "2026-05-03 10:00,visit,,never@x.org,,\n")
    assert reached(ws) == [3, 1]


def test_a_kiosk_counts_passers_by_only_if_asked_to(ws: Workspace) -> None:
    rows = "".join(f"2026-05-{day:02d} 10:00,login,u{day},,kiosk,\n" for day in range(10, 17))
    rows += "2026-05-12 15:00,visit,,,kiosk,\n2026-05-12 15:10,order,,,kiosk,\n2026-05-12 18:00,visit,,,kiosk,\n"
    bring(ws, "kiosk", rows)
    assert reached(ws) == [2, 0]
    ws.close()
    file = ws.root / "workspace.toml"
    file.write_text(file.read_text() + "\n[identity]\ncount_passers_by = true\n")
    again = desirepath.open(ws.root)
    assert reached(again) == [4, 1]
    visits = [who for who in funnel(again).people(step=1).column("person").to_pylist() if who.startswith("visit:")]
    assert visits == ["visit:cookie:kiosk@2026-05-12T15:00:00Z", "visit:cookie:kiosk@2026-05-12T18:00:00Z"]


def test_settings_change_who_is_who_from_the_next_look_on(ws: Workspace) -> None:
    bring(ws, "later", LATER)
    assert reached(ws) == [2, 2]
    ws.close()
    file = ws.root / "workspace.toml"
    before = file.read_text()
    file.write_text(before + '\n[identity]\nblocked = ["cookie:C1"]\n\n[identity.kinds]\nemail = "weak"\n')
    assert reached(desirepath.open(ws.root)) == [1, 1], "the address is a device of one person; the cookie is nobody"
    file.write_text(before)
    assert reached(desirepath.open(ws.root)) == [2, 2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("same_kind = 0", "whole number from 1"),
        ("fanout = 2", "Did you mean 'fan_out'"),
        ("reach = 30", "length of time"),
        ('reach = "soon"', "soon"),
        ('blocked = "x"', "list of texts"),
        ('kinds = {email = "firm"}', "firm"),
        ('count_passers_by = "yes"', "true or false"),
    ],
)
def test_mistakes_in_the_settings_are_named(ws: Workspace, text: str, says: str) -> None:
    ws.close()
    file = ws.root / "workspace.toml"
    file.write_text(file.read_text() + f"\n[identity]\n{text}\n")
    with pytest.raises((InputError, WorkspaceError, UnknownNameError), match=says):
        desirepath.open(ws.root)


def test_rules_are_kept_with_author_and_reason_and_survive_a_rebuild(ws: Workspace) -> None:
    bring(ws, "later", LATER)
    decide(ws, "cut", "user_id:bob", "email:b@x.org", **BY)
    ws.rebuild()
    assert reached(ws) == [2, 1]
    (line,) = (ws.root / "identity_rules.jsonl").read_text().splitlines()
    assert json.loads(line)["reason"] == "the same card"
    for wrong in ({"author": "Ada", "reason": " "}, {"author": "", "reason": "why"}):
        with pytest.raises(InputError, match="author and a reason"):
            decide(ws, "link", "ann", "bob", **wrong)
    with pytest.raises(InputError, match="two identities"):
        decide(ws, "link", "ann", "ann", **BY)
    with pytest.raises(InputError, match=r"no standing rule 7 .*Allowed: 1"):
        undo(ws, 7, **BY)
    (ws.root / "identity_rules.jsonl").write_text("{}\n")
    ws.close()
    with pytest.raises(WorkspaceError, match="Line 1"):
        desirepath.open(ws.root).store()


def test_the_last_word_on_a_pair_counts(tmp_path: Path) -> None:
    book = RuleBook(tmp_path)
    one, two = ("a", "1"), ("b", "2")
    book.add("link", one, two, **BY)
    book.add("cut", two, one, **BY)
    assert (book.decided().links, book.decided().cuts) == (frozenset(), frozenset({(one, two)}))
    book.add("undo", undone=2, **BY)
    assert (book.decided().links, book.decided().cuts) == (frozenset({(one, two)}), frozenset())
    book.add("undo", undone=3, **BY)
    assert book.decided().cuts == frozenset({(one, two)}), "to take back an undo brings its rule back"


def test_versions_tell_their_cause(ws: Workspace) -> None:
    bring(ws, "later", LATER)
    decide(ws, "link", "ann", "bob", **BY)
    assert [(row["version"], row["cause"]) for row in versions(ws.store()).to_pylist()] == [
        (1, "import 1"),
        (2, "import 2"),
        (3, "rule 1"),
    ]
    assert Policy().variants()["stricter"].same_kind == 1


def test_a_database_of_the_first_schema_is_resolved_anew(tmp_path: Path) -> None:
    import duckdb

    from desirepath.engines.schema import LATEST, MIGRATIONS

    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    ws.close()
    path = ws.root / "journeys.duckdb"
    path.unlink()
    with duckdb.connect(str(path)) as old:
        for statement in MIGRATIONS[0]:
            old.execute(statement).fetchall()
        for statement in (
            "INSERT INTO identities VALUES (0, 'user_id', 'ann', 'strong'), (1, 'cookie', 'c1', 'weak')",
            "INSERT INTO identity_links VALUES (0, 1, 'web', '2026-05-01 00:00Z', '2026-05-02 00:00Z', 3)",
            "INSERT INTO people VALUES (0, 'user_id:ann'), (1, 'cookie:c1')",
            "INSERT INTO person_of VALUES (0, 0), (1, 1)",
        ):
            old.execute(statement).fetchall()
    again = desirepath.open(ws.root)
    assert again.sql("SELECT identity, person FROM person_of ORDER BY 1").to_pylist() == [
        {"identity": 0, "person": 0},
        {"identity": 1, "person": 0},
    ]
    assert again.store().version("schema") == LATEST
    assert why(again.store(), "ann", "c1")["same"]


def test_an_identity_is_found_however_it_is_written(tmp_path: Path) -> None:
    """Addresses in any case, phone numbers with any spaces, with their kind or without."""
    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    (tmp_path / "calls.csv").write_text(
        "user,mail,phone,event,at\nann,Ann@Example.org,+33 1 23 45 67 89,call,2026-05-01T10:00:00Z\n"
    )
    (tmp_path / "calls.yaml").write_text(
        "source: calls\nperson: user_id\nidentities: {user_id: user, email: mail, phone: phone}\n"
        "events: [{name: '{event}', at: at}]\n"
    )
    ws.import_files([tmp_path / "calls.csv"], tmp_path / "calls.yaml")
    for text in ("email:ANN@example.ORG", " ann@example.org", "phone:0033 123456789", "+33-1-23-45-67-89", "ann"):
        assert ws.timeline(text).num_rows == 1, text
    assert why(ws.store(), "email:ANN@example.org", "user_id:ann")["same"]
    with pytest.raises(UnknownNameError):
        ws.timeline("email:nobody@example.org")
