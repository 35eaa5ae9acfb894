"""The companies that the page is tried on: each has a server, which is asked beside the page too, and an admin."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from admitted import PASSWORD, token_of, user_of
from chromium import DESK, SLOW, Device, context_of, watched
from killing import KEY, free_port, running, send
from playwright.sync_api import Browser, BrowserContext, Page, expect

from desirepath.collector.keys import KeyBook

WHO = "ada"
"""The admin of each company."""


@dataclass(frozen=True)
class Company:
    """A workspace that is served."""

    root: Path
    port: int
    collector: int
    token: str

    @property
    def home(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, accept: str = "application/json") -> bytes:
        """What the API answers to a program with a token."""
        return self._told("GET", path, None, accept)

    def data(self, path: str) -> Any:
        """The same as data."""
        return json.loads(self.get(path))

    def post(self, path: str, body: dict[str, Any]) -> bytes:
        """What is answered to a body."""
        return self._told("POST", path, json.dumps(body), "application/json")

    def ask(self, asked: dict[str, Any]) -> Any:
        """What is answered to a question or a metric as the page puts it."""
        kind, name = ("ask", asked["question"]) if asked.get("question") else ("metrics", asked["metric"])
        body = {
            key: value
            for key, value in asked.items()
            if key not in {"client", "preview", "aside", "question", "metric"}
        }
        return json.loads(self.post(f"/api/{kind}/{quote(name)}", body))

    def _told(self, method: str, path: str, body: str | None, accept: str) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"authorization": f"Bearer {self.token}", "accept": accept, "content-type": "application/json"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return content

    def sends(self, *names: str, person: str = "somebody new") -> None:
        """A program sends events of now to the collector."""
        now = dt.datetime.now(dt.UTC).isoformat()
        context = {"library": {"name": "test"}}
        told = [
            {
                "type": "track",
                "event": name,
                "messageId": str(uuid.uuid4()),
                "userId": person,
                "timestamp": now,
                "context": context,
            }
            for name in names
        ]
        assert send(self.collector, json.dumps({"batch": told}).encode())[0] == 200


@contextmanager
def served(root: Path, *, admin: bool = True) -> Iterator[Company]:
    """A server of a workspace, with an admin unless there is to be none yet, a token and a write key."""
    if admin:
        user_of(root, "admin", WHO)
    token = token_of(root)
    KeyBook(root).add("browser tests", text=KEY)
    port, collector = free_port(), free_port()
    log = root.with_name(f"{root.name}.log")
    words = ["serve", "-w", str(root), "--quiet", "--port", str(port), "--collector-port", str(collector)]
    with log.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "desirepath", *words],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=told,
            stderr=told,
        )
    with running(process):
        for each in (port, collector):
            until(lambda each=each: process.poll() is not None or _answers(each), seconds=60)
        assert process.poll() is None, log.read_text(encoding="utf-8")
        yield Company(root, port, collector, token)


def _answers(port: int) -> bool:
    """Whether something listens there."""
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status > 0
    return False


class Tabs:
    """Tabs of one browser in which the admin has signed in.

    Parameters
    ----------
    browser
        The browser.
    company
        Whose page is looked at.
    """

    def __init__(self, browser: Browser, company: Company) -> None:
        self._browser, self.company = browser, company
        self._held = ExitStack()
        self._context: BrowserContext | None = None

    @property
    def context(self) -> BrowserContext:
        """What the tabs share; made, and signed in, when it is first needed."""
        if self._context is None:
            self._context = self._held.enter_context(context_of(self._browser, DESK, accept_downloads=True))
            self._context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.company.home)
            with watched(self._context, self.company.home) as page:
                page.goto(f"{self.company.home}/data/definitions")
                enter(page)
        return self._context

    def close(self) -> None:
        """Close all of them."""
        self._held.close()
        self._context = None

    @contextmanager
    def at(self, address: str, device: Device = DESK, *, expected: str = "") -> Iterator[Page]:
        """A tab at an address of the page; nothing may go wrong in it. See `watched`."""
        with watched(self.context, self.company.home, expected=expected) as page:
            page.set_viewport_size({"width": device.width, "height": device.height})
            page.emulate_media(color_scheme=device.scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            page.goto(f"{self.company.home}{address}")
            yield page


def enter(page: Page, name: str = WHO, password: str = PASSWORD) -> None:
    """Sign in at the gate."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name=f"Signed in as: {name}")).to_be_visible(timeout=SLOW)


def until(true: Any, *, seconds: float = 15) -> None:
    """Wait until something outside the browser is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not so within {seconds} seconds"
        time.sleep(0.1)
