"""Programs and their tokens, who may give what, and the log of what was done."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admitted import ALL, PASSWORD, Browser, client_of, logged_in, token_of, user_of
from fastapi import FastAPI
from made_workspaces import made

from desirepath.collector.app import Collector
from desirepath.collector.keys import Key, KeyBook
from desirepath.errors import InputError, UnknownNameError, WorkspaceError
from desirepath.server.access import audit, porter
from desirepath.server.access.book import FILE, Book
from desirepath.server.access.tokens import Tokens
from desirepath.server.app import make_app

STORY = """
    ann  A  2023-05-01T10:00:00Z  channel=web
    ann  B  2023-05-01T10:30:00Z  channel=web
"""
FUNNEL = {"fields": {"steps": ["A", "B"], "window": "1 hour"}}


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    with made(tmp_path / "acme", STORY) as workspace:
        yield make_app(workspace)


@pytest.fixture
def root(app: FastAPI) -> Path:
    found: Path = app.state.porter.book.path.parent
    return found


def log_of(root: Path, **which: Any) -> list[tuple[str, str, str | None]]:
    """Who did what to whom, in order."""
    return [(one.who, one.action, one.about) for one in reversed(audit.entries(Book(root), **which))]


def test_a_token_is_shown_once_and_ends(app: FastAPI, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = logged_in(app, user_of(root, "admin"))
    clock = Clock()
    monkeypatch.setattr(app.state.porter.book, "_clock", clock)
    admin = logged_in(app, "admin")
    given = {"name": "for a day", "scopes": ["read"], "expires": "1 day"}
    made = admin.post("/api/tokens", json=given).json()
    assert made["token"].startswith("dp_")
    (listed,) = admin.get("/api/tokens").json()
    assert listed.keys() == {"name", "scopes", "made_at", "made_by", "until", "used_at"}
    assert (listed["name"], listed["scopes"], listed["made_by"], listed["used_at"]) == (
        "for a day",
        ["read"],
        "admin",
        None,
    )
    program = client_of(app, made["token"])
    assert program.get("/api/questions").status_code == 200
    assert admin.get("/api/tokens").json()[0]["used_at"] is not None
    clock.now += 86_399
    assert program.get("/api/questions").status_code == 200
    clock.now += 1
    assert program.get("/api/questions").status_code == 401


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"name": "there", "scopes": ["read"]}, 422),
        ({"name": "", "scopes": ["read"]}, 422),
        ({"name": "a:b", "scopes": ["read"]}, 422),
        ({"name": "new", "scopes": []}, 422),
        ({"name": "new", "scopes": ["public"]}, 422),
        ({"name": "new", "scopes": ["read"], "expires": "1 second"}, 422),
        ({"name": "new", "scopes": ["read"], "expires": "soon"}, 422),
        ({"name": "new", "scopes": ["read"], "for": "ever"}, 422),
    ],
)
def test_tokens_that_are_not_made(app: FastAPI, root: Path, given: dict[str, Any], status: int) -> None:
    program = client_of(app, token_of(root, name="there"))
    assert program.post("/api/tokens", json=given).status_code == status
    assert [one.name for one in Tokens(Book(root)).all()] == ["there"]


def test_nobody_gives_what_they_have_not(app: FastAPI, root: Path) -> None:
    program = client_of(app, token_of(root, "admin", name="small"))
    for scope in ("read", "analyst", "erase"):
        assert program.post("/api/tokens", json={"name": scope, "scopes": [scope]}).status_code == 422
    for role in ("viewer", "analyst", "admin"):
        assert program.post("/api/users", json={"name": role, "role": role}).status_code == 422
    assert program.post("/api/tokens", json={"name": "more", "scopes": ["admin", "ingest"]}).status_code == 201


def test_tokens_go_with_who_made_them(app: FastAPI, root: Path) -> None:
    user_of(root, "admin", "ada")
    admin = logged_in(app, user_of(root, "admin", "bob"))
    first = admin.post("/api/tokens", json={"name": "first", "scopes": list(ALL)}).json()["token"]
    second = client_of(app, first).post("/api/tokens", json={"name": "second", "scopes": ["read"]}).json()["token"]
    ada = logged_in(app, "ada")
    other = ada.post("/api/tokens", json={"name": "other", "scopes": ["read"]}).json()["token"]
    assert ada.delete("/api/users/bob").json() == {"sessions": 1, "tokens": 2}
    assert [client_of(app, one).get("/api/questions").status_code for one in (first, second, other)] == [401, 401, 200]
    assert KeyBook(root).keys() == []
    assert ada.delete("/api/tokens/bob").status_code == 404
    assert ada.delete("/api/tokens/other").status_code == 204
    assert client_of(app, other).get("/api/questions").status_code == 401


def keys_of(root: Path) -> list[Key]:
    """The write keys of a workspace."""
    return KeyBook(root).keys()


def sent(root: Path, key: str | None, path: str = "/v1/batch", method: str = "POST") -> int:
    """What the collector says to an event that is sent with a key."""
    body = json.dumps({"batch": [{"type": "track", "event": "A", "userId": "ann", "messageId": "1"}]}).encode()
    headers = [(b"content-type", b"application/json")]
    if key is not None:
        headers.append((b"authorization", f"Bearer {key}".encode()))
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def ask() -> None:
        collector = Collector(root)
        events: asyncio.Queue[Any] = asyncio.Queue()
        started = asyncio.Event()

        async def told(message: Any) -> None:
            started.set() if message["type"] == "lifespan.startup.complete" else None

        await events.put({"type": "lifespan.startup"})
        living = asyncio.create_task(collector({"type": "lifespan"}, events.get, told))
        await started.wait()
        await collector(scope, receive, send)
        await events.put({"type": "lifespan.shutdown"})
        await living

    asyncio.run(ask())
    return statuses[0]


def test_only_what_may_send_sends(root: Path) -> None:
    key = KeyBook(root).add("shop")
    assert {scope: sent(root, token_of(root, scope, name=scope)) for scope in ALL} == {
        "ingest": 200,
        "read": 401,
        "analyst": 401,
        "admin": 401,
        "erase": 401,
    }
    assert (sent(root, key), sent(root, None), sent(root, "dp_nobody")) == (200, 401, 401)


def test_what_may_send_reads_nothing(app: FastAPI, root: Path) -> None:
    for shown in (KeyBook(root).add("shop"), KeyBook(root).add("back end", public=False)):
        assert client_of(app, shown).get("/api/questions").status_code == 401
    assert client_of(app, token_of(root, "ingest")).get("/api/questions").status_code == 403


def test_a_token_that_sends_is_a_secret_key_until_it_ends(root: Path) -> None:
    tokens = Tokens(Book(root, now=lambda: time.time() - 1800))
    holds = tokens.add("test", "back end", ["ingest"], seconds=3600)
    ended = tokens.add("test", "old", ["ingest"], seconds=1700)
    assert [(key.name, key.public) for key in keys_of(root)] == [("back end", False), ("old", False)]
    assert (sent(root, holds), sent(root, ended)) == (200, 401)
    tokens.remove("test", "back end")
    assert [key.name for key in keys_of(root)] == ["old"]
    assert sent(root, holds) == 401


def test_a_token_is_not_made_where_a_key_has_its_name(root: Path) -> None:
    key = KeyBook(root).add("shop")
    with pytest.raises(InputError, match="name of its own"):
        token_of(root, "ingest", name="shop")
    assert Tokens(Book(root)).all() == []
    token_of(root, "read", name="shop")
    Tokens(Book(root)).remove("test", "shop")
    assert sent(root, key) == 200  # the key of the same name is another's
    with pytest.raises(UnknownNameError):
        Tokens(Book(root)).remove("test", "shop")


def test_the_log_tells_who_did_what(app: FastAPI, root: Path) -> None:
    admin = logged_in(app, user_of(root, "admin", "ada"))
    Browser(app).enters("/api/login", name="ada", password="not the password")
    Browser(app).enters("/api/login", name="my secret phrase", password="typed into the wrong field")
    admin.post("/api/users", json={"name": "bob", "role": "analyst"})
    admin.post("/api/tokens", json={"name": "grafana", "scopes": ["read"]})
    admin.delete("/api/tokens/grafana")
    admin.delete("/api/users/bob")
    admin.enters("/api/password", old=PASSWORD, new="quite another password")
    admin.post("/api/logout")
    assert log_of(root) == [
        ("test", "user added", "ada"),
        ("ada", "set up", "ada"),
        ("ada", "login", "ada"),
        ("", "login failed", "ada"),
        ("", "login failed", None),
        ("ada", "user added", "bob"),
        ("ada", "token added", "grafana"),
        ("ada", "token removed", "grafana"),
        ("ada", "user removed", "bob"),
        ("ada", "password changed", "ada"),
        ("ada", "login", "ada"),
        ("ada", "logout", "ada"),
    ]
    kept = b"".join(path.read_bytes() for path in root.glob(f"{FILE}*"))
    assert b"secret phrase" not in kept


def test_what_leaves_as_a_file_is_in_the_log(app: FastAPI, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(app.state.porter.book, "_clock", clock)
    token = token_of(root, "read", name="bi")
    user = logged_in(app, user_of(root, "viewer", "ann"))
    program = client_of(app, token)
    for accept in ("text/csv", "application/vnd.apache.parquet", "application/json"):
        for asking in (user, program, program):
            assert asking.post("/api/ask/funnel", json=FUNNEL, headers={"accept": accept}).status_code == 200
    assert user.post("/api/ask/funnel", json={"fields": {}}, headers={"accept": "text/csv"}).status_code == 422
    found = [(one.who, one.about, one.details) for one in audit.entries(Book(root), action="export")]
    where = "/api/ask/funnel"
    assert sorted(found, key=str) == sorted(
        [(who, where, {"form": form}) for who in ("ann", "token:bi") for form in ("csv", "parquet")], key=str
    )
    clock.now += porter.EXPORTS_APART
    program.post("/api/ask/funnel", json=FUNNEL, headers={"accept": "text/csv"})
    assert log_of(root, action="export")[-1] == ("token:bi", "export", where)
    assert len(log_of(root, action="export")) == 5


def test_nothing_leaves_that_cannot_be_written_down(app: FastAPI, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = client_of(app, token_of(root, "read"), raise_server_exceptions=False)

    def full(*_: Any, **__: Any) -> None:
        raise sqlite3.OperationalError("disk is full")

    assert program.get("/api/questions").status_code == 200
    monkeypatch.setattr(audit, "write", full)
    answer = program.post("/api/ask/funnel", json=FUNNEL, headers={"accept": "text/csv"})
    assert answer.status_code == 503
    assert "disk is full" in answer.json()["message"]


def test_the_log_is_read_in_parts(app: FastAPI, root: Path) -> None:
    program = client_of(app, token_of(root, "admin", name="reader"))
    for number in range(5):
        token_of(root, "read", name=f"t{number}")
    newest = program.get("/api/audit", params={"most": 2}).json()["entries"]
    assert [one["about"] for one in newest] == ["t4", "t3"]
    older = program.get("/api/audit", params={"most": 2, "before": newest[-1]["number"]}).json()["entries"]
    assert [one["about"] for one in older] == ["t2", "t1"]
    assert program.get("/api/audit", params={"action": "login"}).json() == {"entries": [], "chain": None}
    chain = program.get("/api/audit", params={"verify": True}).json()["chain"]
    assert (chain["entries"], chain["holds"], chain["broken_at"]) == (6, True, None)
    assert chain["head"] == audit.entries(Book(root), most=1)[0].hash


@pytest.mark.parametrize(
    ("change", "broken_at"),
    [
        ("UPDATE audit SET who = 'nobody' WHERE number = 2", 2),
        ("UPDATE audit SET details = '{}' WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("UPDATE audit SET number = 9 WHERE number = 4", 4),
    ],
)
def test_the_log_only_grows(root: Path, change: str, broken_at: int) -> None:
    for number in range(4):
        token_of(root, "read", name=f"t{number}")
    book = Book(root)
    assert audit.verify(book).holds
    with pytest.raises(WorkspaceError, match="only grows"), book.changing() as db:
        db.execute(change)
    book.close()
    with sqlite3.connect(root / FILE) as forger:
        forger.execute("DROP TRIGGER audit_is_not_changed")
        forger.execute("DROP TRIGGER audit_is_not_cut")
        forger.execute(change)
    forger.close()
    assert audit.verify(Book(root)).broken_at == broken_at
