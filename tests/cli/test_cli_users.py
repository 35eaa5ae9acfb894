"""Users, tokens and the audit log by the command line, and what `serve` says of where the page is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

import desirepath
from desirepath.cli import app
from desirepath.collector.keys import KeyBook
from desirepath.server.access.book import Book
from desirepath.server.access.tokens import Tokens
from desirepath.server.access.users import Users

PASSWORD = "a long enough password"

Cli = Callable[..., Any]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with desirepath.create(tmp_path / "acme", time_zone="UTC"):
        return tmp_path / "acme"


def secret_of(link: str) -> str:
    """What stands in a one-time link."""
    parts = urlsplit(link.strip())
    assert parts.path == "/setup"
    return parse_qs(parts.fragment)["token"][0]


def test_the_first_admin_and_whom_they_invite(cli: Cli, root: Path) -> None:
    here, users = ("-w", root), Users(Book(root))
    assert "desirepath users link" in cli("users", "list", *here).out
    link = cli("users", "link", *here)
    assert link.out.startswith("http://127.0.0.1:8321/setup#token=")
    assert users.set_up(secret_of(link.out), "ada", PASSWORD) == "ada"
    again = cli("users", "link", *here)
    assert (again.code, "an admin already" in again.err) == (2, True)
    invited = cli("users", "add", "ann@shop.example", "--role", "analyst", *here)
    assert "name=ann%40shop.example" in invited.out or "name=ann@shop.example" in invited.out
    assert "for a week" in invited.err
    assert users.set_up(secret_of(invited.out), "", PASSWORD) == "ann@shop.example"
    listed = cli("users", "list", *here, "--json").json
    assert [(one["name"], one["role"], one["by"]) for one in listed] == [
        ("ada", "admin", "password"),
        ("ann@shop.example", "analyst", "password"),
    ]
    assert "analyst" in cli("users", "list", *here).out
    assert "is viewer now" in cli("users", "role", "ann@shop.example", "viewer", *here).out
    assert cli("users", "remove", "ann@shop.example", *here).code == 0
    assert [one.name for one in users.all()] == ["ada"]


def test_who_forgot_their_password_gets_a_link(cli: Cli, root: Path) -> None:
    users = Users(Book(root))
    users.set_up(users.link("test"), "ada", PASSWORD)
    link = cli("users", "link", "ada", "-w", root, "--json").json["link"]
    assert users.login("ada", PASSWORD) == "ada"  # until the link is used
    users.set_up(secret_of(link), "", "quite another password")
    assert users.login("ada", PASSWORD) is None
    assert users.login("ada", "quite another password") == "ada"


def test_a_password_is_given_by_the_input(root: Path) -> None:
    users = Users(Book(root))
    users.add("test", "ada", "admin")
    done = CliRunner().invoke(app, ["users", "password", "ada", "-w", str(root)], input=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert users.login("ada", PASSWORD) == "ada"
    assert not users.wanting()
    short = CliRunner().invoke(app, ["users", "password", "ada", "-w", str(root)], input="short\n")
    assert (short.exit_code, "10 characters" in short.stderr) == (2, True)


def test_tokens(cli: Cli, root: Path) -> None:
    here, tokens = ("-w", root), Tokens(Book(root))
    made = cli("tokens", "add", "grafana", "--scope", "read", "--scope", "analyst", "--expires", "90 days", *here)
    caller = tokens.find(made.out.strip())
    assert caller is not None
    assert (caller.name, caller.scopes) == ("token:grafana", frozenset({"read", "analyst"}))
    sends = cli("tokens", "add", "back end", "--scope", "ingest", *here)
    assert "write key" in sends.err
    assert KeyBook(root).keys()[0].name == "back end"
    listed = cli("tokens", "list", *here, "--json").json
    assert [(one["name"], one["scopes"], one["until"] is None) for one in listed] == [
        ("back end", ["ingest"], True),
        ("grafana", ["read", "analyst"], False),
    ]
    assert "grafana" in cli("tokens", "list", *here).out
    for name in ("grafana", "back end"):
        assert cli("tokens", "remove", name, *here).code == 0
    assert tokens.find(made.out.strip()) is None
    assert KeyBook(root).keys() == []
    assert "desirepath tokens add" in cli("tokens", "list", *here).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("users", "add", "not a name"), "cannot be a name"),
        (("users", "add", "ada"), "already"),
        (("users", "add", "bob", "--role", "owner"), "viewer"),
        (("users", "role", "ada", "viewer"), "only admin"),
        (("users", "remove", "ada"), "only admin"),
        (("users", "remove", "adda"), "ada"),
        (("users", "link", "bob"), "no user"),
        (("tokens", "add", "x", "--scope", "reed"), "read"),
        (("tokens", "add", "x", "--expires", "soon"), "soon"),
        (("tokens", "remove", "x"), "no token"),
    ],
)
def test_mistakes_are_answered(cli: Cli, root: Path, arguments: tuple[str, ...], says: str) -> None:
    users = Users(Book(root))
    users.set_up(users.link("test"), "ada", PASSWORD)
    done = cli(*arguments, "-w", root)
    assert done.code == 2
    assert says in " ".join(done.err.split())


def test_the_log_is_shown_and_checked(cli: Cli, root: Path) -> None:
    for name in ("one", "two"):
        cli("tokens", "add", name, "-w", root)
    shown = cli("audit", "-w", root)
    assert shown.code == 0
    assert "token added" in shown.out
    assert "All 2 entries are as they were written" in shown.out
    found = cli("audit", "--most", "1", "-w", root, "--json").json
    assert [one["about"] for one in found["entries"]] == ["two"]
    with sqlite3.connect(Book(root).path) as forger:
        forger.execute("DROP TRIGGER audit_is_not_changed")
        forger.execute("UPDATE audit SET who = 'nobody' WHERE number = 2")
    forger.close()
    broken = cli("audit", "-w", root)
    assert (broken.code, "Entry 2 was changed" in broken.out) == (1, True)


def said(cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> str:
    """What `serve` says before it serves."""
    monkeypatch.setattr("desirepath.server.run.serve", lambda *_: None)
    done = cli("serve", "-w", root, "--port", "18321", *more)
    assert done.code == 0, done.err
    return " ".join(done.err.split())


def test_serve_says_how_the_first_comes_in(cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = said(cli, root, monkeypatch)
    assert "The page is on http://127.0.0.1:18321." in first
    link = first.partition("once: ")[2].split()[0]
    assert link.startswith("http://127.0.0.1:18321/setup#token=")
    assert "TLS" not in first
    Users(Book(root)).set_up(secret_of(link), "ada", PASSWORD)
    assert "setup#token" not in said(cli, root, monkeypatch)


def test_serve_says_what_it_means_to_be_reached(cli: Cli, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far = said(cli, root, monkeypatch, "--host", "0.0.0.0")  # noqa: S104 (nothing is bound)
    assert "whoever reaches this machine reaches the server" in far
    assert "nobody can log in" in far
    with (root / "workspace.toml").open("a") as opened:
        opened.write('\n[server]\nurl = "https://journeys.example"\n')
    behind = said(cli, root, monkeypatch, "--host", "0.0.0.0")  # noqa: S104
    assert "The page is on https://journeys.example." in behind
    assert "nobody can log in" not in behind
