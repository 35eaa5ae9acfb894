"""`desirepath people`: why two are one, what was refused, and decisions by hand."""

from __future__ import annotations

import pytest

LOG = """at,event,user,mail,cookie,account
2026-05-01 10:00,visit,,,c1,
2026-05-01 11:00,sign in,ann,,c1,acme
2026-05-01 12:00,order,ann,ann@x.org,,
2026-05-02 12:00,call,,ann@x.org,,
2026-05-03 12:00,sign in,bob,,c1,
2026-07-01 00:00,end,zed,,,
"""
MAPPING = """source: web
time_zone: UTC
identities: {user_id: user, email: mail, cookie: cookie, account_id: account}
events: [{name: "{event}", at: at}]
"""
FUNNEL = ["ask", "funnel", "--step", "order", "--step", "call", "--window", "7 days"]


@pytest.fixture
def web(cli, tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "log.yaml").write_text(MAPPING)
    place = tmp_path / "web"
    assert cli("init", place, "--time-zone", "UTC").code == 0
    assert cli("import", tmp_path / "log.csv", "--mapping", tmp_path / "log.yaml", "-w", place).code == 0
    return place


def test_why_shows_the_path_of_evidence(cli, web):
    told = cli("people", "why", "user_id:ann", "ann@x.org", "-w", web).out
    assert "are one person: user_id:ann" in told
    assert "on the same event of web, once, first 2026-05-01 12:00" in told
    found = cli("people", "why", "ann", "bob", "-w", web, "--json").json
    assert (found["same"], found["people"]) == (False, ["user_id:ann", "user_id:bob"])
    assert {link["reason"] for link in found["refused"]} == {"shared"}
    assert "the device is shared" in cli("people", "why", "ann", "bob", "-w", web).out
    missing = cli("people", "why", "ann", "nobody", "-w", web)
    assert (missing.code, "There is no identity called 'nobody'" in missing.err) == (2, True)


def test_show_says_why_they_are_one_and_where_they_belong(cli, web):
    shown = cli("people", "show", "ann", "-w", web).out
    assert "email:ann@x.org with user_id:ann: same event, 1 time, web" in shown
    assert "belongs to account_id acme" in shown
    document = cli("people", "show", "ann", "-w", web, "--json").json
    assert [link["a"] for link in document["links"]] == ["email:ann@x.org"]
    assert document["accounts"][0]["value"] == "acme"


def test_conflicts_and_their_reasons(cli, web):
    told = cli("people", "conflicts", "-w", web)
    assert "user_id:bob" in told.out
    assert "shared: the device is shared" in told.err
    assert cli("people", "conflicts", "-w", web, "--reasons", "--json").json == {
        "conflicts": [{"reason": "shared", "links": 2}]
    }
    assert cli("people", "conflicts", "-w", web, "--output", "csv").out.startswith("reason,a,b,")


def test_decisions_change_answers_and_are_taken_back(cli, web):
    def reached(*more):
        return cli(*FUNNEL, "-w", web, "--json", *more).json["table"]["reached"]

    assert reached() == [1, 1]
    cut = cli("people", "cut", "ann", "ann@x.org", "--reason", "a slip", "--author", "Ada", "-w", web, "--json").json
    assert cut == {"rule": 1, "changed": 1, "identity_version": 2}
    assert (reached(), reached("--as-of", "1")) == ([1, 0], [1, 1])
    beside = cli(*FUNNEL, "-w", web, "--changed-since", "1")
    assert "by version 1 of who is who" in " ".join(beside.out.split())
    assert "stricter rules of identity" in " ".join(cli(*FUNNEL, "-w", web, "--identity-sensitivity").out.split())
    assert cli("people", "undo", "1", "--reason", "it was hers", "-w", web).code == 0
    assert reached() == [1, 1]
    rules = cli("people", "rules", "-w", web, "--json").json["rules"]
    assert next((rule["action"], rule["author"], rule["standing"]) for rule in rules) == ("cut", "Ada", False)
    assert "a slip" in cli("people", "rules", "-w", web).out
    versions = cli("people", "versions", "-w", web, "--json").json["versions"]
    assert [row["cause"] for row in versions] == ["import 1", "rule 1", "rule 2"]


def test_link_and_block(cli, web):
    assert cli("people", "link", "ann", "bob", "--reason", "same desk", "-w", web).code == 0
    assert "a rule of hand" in cli("people", "why", "ann", "bob", "-w", web).out
    assert cli("people", "block", "user_id:zed", "--reason", "a robot", "-w", web).code == 0
    answer = cli(*FUNNEL, "-w", web, "--json").json
    assert [item["code"] for item in answer["warnings"]].count("unattributed") == 1


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["link", "ann", "bob", "--reason", " "], "author and a reason"),
        (["cut", "ann", "ann", "--reason", "x"], "two identities"),
        (["undo", "4", "--reason", "x"], "no standing rule 4"),
        (["block", "nobody", "--reason", "x"], "no identity called 'nobody'"),
    ],
)
def test_mistakes_say_what_was_allowed(cli, web, args, says):
    ended = cli("people", *args, "-w", web)
    assert (ended.code, says in ended.err, "Traceback" in ended.err) == (2, True, False)
    assert cli("people", "rules", "-w", web, "--json").json == {"rules": []}


def test_an_unknown_version(cli, web):
    ended = cli(*FUNNEL, "-w", web, "--as-of", "9")
    assert (ended.code, "no version 9" in ended.err) == (2, True)


def test_nothing_refused_and_no_rules(cli, tmp_path):
    assert cli("init", tmp_path / "empty", "--time-zone", "UTC").code == 0
    assert "No link was refused." in cli("people", "conflicts", "-w", tmp_path / "empty").out
    assert "no rules of hand" in cli("people", "rules", "-w", tmp_path / "empty").out
    assert cli("people", "versions", "-w", tmp_path / "empty", "--json").json == {"versions": []}
