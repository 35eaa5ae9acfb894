"""A server in this process, so that a test may look into it; its clients, and what they are told on the stream."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from admitted import token_of
from killing import free_port

from desirepath import Workspace
from desirepath.server.app import make_app
from desirepath.server.state import State

PATIENCE = 20.0
"""Seconds after which a test stops waiting."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def data(self) -> Any:
        """The JSON of it."""
        return json.loads(self.content)


@dataclass(frozen=True)
class Told:
    """One event of a stream."""

    event: str
    number: int
    data: dict[str, Any]


@dataclass
class Running:
    """A server that runs, asked by a program with a token."""

    port: int
    state: State
    token: str

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Reply:
        """Send a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"authorization": f"Bearer {token or self.token}", **headers}
        if body is not None:
            given["content-type"] = "application/json"
        text = body if isinstance(body, bytes) or body is None else json.dumps(body)
        connection.request(method, path, body=text, headers=given)
        answer = connection.getresponse()
        found = Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        connection.close()
        return found

    def get(self, path: str, **query: Any) -> Any:
        """The data at an address."""
        found = self.ask("GET", f"{path}?{urlencode(query)}" if query else path)
        assert found.status == 200, found.content
        return found.data

    def listen(self, client: str, *, token: str | None = None, after: int | None = None) -> Stream:
        """A stream of events."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"authorization": f"Bearer {token or self.token}"}
        if after is not None:
            headers["last-event-id"] = str(after)
        connection.request("GET", f"/api/stream?client={client}", headers=headers)
        return Stream(connection)


@dataclass
class Stream:
    """A stream of events that is read by a thread of its own."""

    connection: http.client.HTTPConnection
    told: list[Told] = field(default_factory=list)
    status: int = 0

    def __post_init__(self) -> None:
        """Begin to read."""
        self._socket = self.connection.sock  # which a response without end takes for itself
        self._answer = self.connection.getresponse()
        self.status = self._answer.status
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        lines: dict[str, str] = {}
        with suppress(OSError, ValueError, AttributeError, http.client.HTTPException):
            while line := self._answer.readline().decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if line != "\n":
                    lines[name] = value
                elif "data" in lines:
                    self.told.append(Told(lines["event"], int(lines["id"]), json.loads(lines["data"])))
                    lines = {}

    def wait(self, event: str, name: str | None = None) -> Told:
        """The first event of a kind about a question, when it has come."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for one in list(self.told):
                if one.event == event and name in (None, one.data.get("id")):
                    return one
            time.sleep(0.02)
        raise TimeoutError(f"no {event!r} came, but {self.told}")

    def close(self) -> None:
        """Hear no more."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.connection.close()


@contextmanager
def running(workspace: Workspace) -> Iterator[Running]:
    """A server of this workspace."""
    app, port = make_app(workspace), free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Running(port, app.state.server, token_of(workspace.root))
    finally:
        app.state.server.closing.set()
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()
