"""What is sent for long ends when whoever it is sent to may have it no longer."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from admitted import PASSWORD, token_of, user_of
from running import Running, running

import desirepath
from desirepath.server.access import guard
from desirepath.server.access.book import Book
from desirepath.server.access.tokens import Tokens
from desirepath.server.access.users import Users

PATIENCE = 20.0


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setattr(guard, "AGAIN", 0.5)
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace, running(workspace) as found:
        yield found


class Reading:
    """A stream that is read until it ends."""

    def __init__(self, server: Running, **headers: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("GET", "/api/stream?client=a-browser-of-mine", headers=headers)
        self._answer = connection.getresponse()
        assert self._answer.status == 200
        self.ended = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while self._answer.readline():
            pass
        self.ended.set()


def test_a_stream_ends_with_its_token(server: Running) -> None:
    root = server.state.workspace.root
    stays, goes = (Reading(server, authorization=f"Bearer {token_of(root, 'read', name=name)}") for name in ("a", "b"))
    time.sleep(1.5)
    assert not stays.ended.is_set()
    assert not goes.ended.is_set()
    Tokens(Book(root)).remove("test", "b")
    assert goes.ended.wait(PATIENCE)
    assert not stays.ended.is_set()


def test_a_stream_ends_with_its_session(server: Running) -> None:
    root = server.state.workspace.root
    name = user_of(root, "viewer")
    entered = server.ask("POST", "/api/login", {"name": name, "password": PASSWORD}, token="")
    cookie = entered.headers["set-cookie"].split(";")[0]
    stream = Reading(server, cookie=cookie)
    time.sleep(1.5)
    assert not stream.ended.is_set()
    Users(Book(root)).change_password("test", name, "quite another password")
    assert stream.ended.wait(PATIENCE)
