"""Who asks a server in tests: clients of an app with a token, or logged in, and tokens for servers that run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from desirepath.server.access.book import Book
from desirepath.server.access.tokens import Tokens
from desirepath.server.access.users import Users

HOME = "http://127.0.0.1"
PASSWORD = "a long enough password"
ALL = ("ingest", "read", "analyst", "admin", "erase")


def token_of(root: Path, *scopes: str, name: str = "") -> str:
    """A new token of a workspace, with these scopes; with all but `ingest` if none are named."""
    book = Book(root)
    tokens = Tokens(book)
    called = name or f"test {len(tokens.all())}"
    made = tokens.add("test", called, scopes or ALL[1:])
    book.close()
    return made


def client_of(app: FastAPI, token: str | None = None, **more: Any) -> TestClient:
    """A program that asks an app, with a token or without."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return TestClient(app, base_url=HOME, headers=headers, **more)


class Browser(TestClient):
    """A browser with the page of an app open."""

    def __init__(self, app: FastAPI, *, home: str = "https://127.0.0.1", **more: Any) -> None:
        super().__init__(app, base_url=home, headers={"origin": home, "sec-fetch-site": "same-origin"}, **more)

    def enters(self, path: str, **body: str) -> Any:
        """Log in, or use a link; later requests carry what they must."""
        answer = self.post(path, json=body)
        if answer.status_code == 200:
            self.headers["x-csrf-token"] = answer.json()["csrf"]
        return answer


def user_of(root: Path, role: str, name: str = "") -> str:
    """A new user with `PASSWORD`."""
    book = Book(root)
    users = Users(book)
    called = name or role
    users.set_up(users.add("test", called, role), called, PASSWORD)
    book.close()
    return called


def logged_in(app: FastAPI, name: str, **more: Any) -> Browser:
    """A browser in which a user has logged in."""
    browser = Browser(app, **more)
    assert browser.enters("/api/login", name=name, password=PASSWORD).status_code == 200
    return browser
