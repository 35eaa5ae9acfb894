"""Login by a provider of OpenID Connect: a provider of our own, which can also lie, and a browser that follows."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from admitted import Browser, client_of, user_of
from fastapi import FastAPI

import desirepath
from desirepath.errors import DesirepathError
from desirepath.server.access import audit
from desirepath.server.access.book import Book
from desirepath.server.access.configured import Configured
from desirepath.server.access.tokens import Tokens
from desirepath.server.app import make_app

jwk = pytest.importorskip("joserfc.jwk")
jwt = pytest.importorskip("joserfc.jwt")
pytest.importorskip("authlib")

SECRET = "the client's secret"


@dataclass
class Fake:
    """A provider: whom it vouches for, and in what it lies."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "1"}, auto_kid=False))
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "1"})
    signed_by: Any = None
    told: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def discovered(self) -> dict[str, Any]:
        """Its document of discovery."""
        places = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/keys",
            "userinfo_endpoint": "/userinfo",
        }
        return {"issuer": self.issuer, **{k: self.issuer + v for k, v in places.items()}, **self.discovery}

    def authorize(self, url: str) -> str:
        """Log somebody in; where the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str | None) -> tuple[int, dict[str, Any]]:
        """Give an ID token for a code, once, to whom it was meant for."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = "Basic " + base64.b64encode(f"desirepath:{SECRET}".encode()).decode()
        if asked is None or challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if authorization != known:
            return 401, {"error": "invalid_client"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": "desirepath",
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
            "email": "ann@shop.example",
            "groups": ["staff"],
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        text = jwt.encode(self.header, kept, self.signed_by or self.key, algorithms=[self.header["alg"]])
        return 200, {"access_token": "access", "token_type": "Bearer", "id_token": text}

    def reply(self, path: str, form: dict[str, str], authorization: str | None) -> tuple[int, dict[str, Any]]:
        """Status and content of an answer."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self.discovered()
        if path == "/keys":
            return 200, {"keys": [{**self.key.as_dict(private=False), "kid": self.header["kid"]}]}
        if path == "/userinfo" and authorization == "Bearer access":
            return 200, {"sub": "subject-1", **self.told}
        return self.token(form, authorization) if path == "/token" else (404, {})


@pytest.fixture
def fake() -> Iterator[Fake]:
    found = Fake()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, content = found.reply(self.path, form, self.headers.get("authorization"))
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@contextmanager
def served(root: Path, fake: Fake, more: str = "") -> Iterator[FastAPI]:
    """The app of a workspace for which the provider vouches."""
    if not root.exists():
        desirepath.create(root, time_zone="UTC").close()
    lines = f"""
[server.oidc]
issuer = "{fake.issuer}"
client_id = "desirepath"
name = "Shop login"
roles = {{admin = ["chiefs"], analyst = ["staff"]}}
{more}
"""
    with (root / "workspace.toml").open("a") as opened:
        opened.write(lines)
    with desirepath.open(root) as workspace:
        yield make_app(workspace)


@pytest.fixture
def app(tmp_path: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    monkeypatch.setenv("DESIREPATH_OIDC_SECRET", SECRET)
    with served(tmp_path / "acme", fake) as found:
        yield found


def came_back(browser: Browser, fake: Fake, to: str = "/") -> Any:
    """Go to the provider and back; the last answer."""
    started = browser.get("/api/oidc/start", params={"to": to}, follow_redirects=False)
    assert started.status_code == 303, started.text
    assert started.headers["location"].startswith(f"{fake.issuer}/authorize?"), started.headers["location"]
    return browser.get(fake.authorize(started.headers["location"]), follow_redirects=False)


def reason_of(answer: Any) -> str:
    """Why somebody was not let in, as the page is told."""
    assert answer.status_code == 303
    return str(answer.headers["location"]).removeprefix("/login#refused=")


def test_the_provider_lets_somebody_in(app: FastAPI, fake: Fake) -> None:
    browser = Browser(app)
    assert browser.get("/api/session").json()["oidc"] == {"name": "Shop login", "url": "/api/oidc/start"}
    answer = came_back(browser, fake, "/journeys/map?journey=help")
    assert answer.headers["location"] == "/journeys/map?journey=help"
    found = browser.get("/api/session").json()
    assert found["user"] == {"name": "ann@shop.example", "role": "analyst", "scopes": ["analyst", "read"]}
    assert [name for name in browser.cookies if name.endswith("-oidc")] == []
    browser.headers["x-csrf-token"] = found["csrf"]
    refused = browser.post("/api/password", json={"old": "whatever it was", "new": "a long enough password"})
    assert (refused.status_code, "provider vouches" in refused.json()["message"]) == (422, True)
    book: Book = app.state.porter.book
    assert [one.action for one in reversed(audit.entries(book))] == ["user added", "login by provider"]


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", "evil"]
)
def test_nobody_is_led_elsewhere(app: FastAPI, fake: Fake, to: str) -> None:
    assert came_back(Browser(app), fake, to).headers["location"] == "/"


def test_a_role_follows_the_provider(app: FastAPI, fake: Fake) -> None:
    fake.claims = {"groups": ["chiefs", "staff"]}
    browser = Browser(app)
    came_back(browser, fake)
    assert browser.get("/api/session").json()["user"]["role"] == "admin"
    book = app.state.porter.book
    Tokens(book).add("ann@shop.example", "hers", ["read"])
    fake.claims = {"groups": "staff"}
    came_back(browser, fake)
    assert browser.get("/api/session").json()["user"]["role"] == "analyst"
    assert Tokens(book).all() == []
    fake.claims = {"groups": []}
    other = Browser(app)
    assert reason_of(came_back(other, fake)) == "role"
    assert browser.get("/api/session").json()["user"] is None
    assert audit.entries(book, most=1)[0].details == {"by": "provider", "reason": "role"}


def test_groups_may_be_told_by_userinfo(app: FastAPI, fake: Fake) -> None:
    fake.claims, fake.told = {"groups": None, "email": None}, {"groups": ["staff"], "email": "bea@shop.example"}
    browser = Browser(app)
    came_back(browser, fake)
    assert browser.get("/api/session").json()["user"]["name"] == "bea@shop.example"
    fake.told["sub"] = "somebody else"
    assert reason_of(came_back(Browser(app), fake)) == "token"


def test_a_name_that_is_taken_is_not_given_away(app: FastAPI, fake: Fake) -> None:
    user_of(app.state.porter.book.path.parent, "admin", "ANN@shop.example")
    browser = Browser(app)
    assert reason_of(came_back(browser, fake)) == "name"
    assert browser.get("/api/session").json()["user"] is None


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": ["desirepath", "another"]},
        {"azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"nonce": "of another login"},
        {"nonce": None},
        {"at_hash": "of another token"},
    ],
    ids=str,
)
def test_what_cannot_be_believed(app: FastAPI, fake: Fake, lie: dict[str, Any]) -> None:
    fake.claims = lie
    browser = Browser(app)
    assert reason_of(came_back(browser, fake)) == "token"
    assert browser.get("/api/session").json()["user"] is None


def test_what_others_signed_is_not_believed(app: FastAPI, fake: Fake) -> None:
    fake.signed_by = jwk.RSAKey.generate_key(2048)
    assert reason_of(came_back(Browser(app), fake)) == "token"
    fake.signed_by = jwk.OctKey.import_key(SECRET.encode().ljust(32, b"."))
    fake.header = {"alg": "HS256", "kid": "1"}
    assert reason_of(came_back(Browser(app), fake)) == "token"


def test_keys_that_were_changed_are_asked_for_again(app: FastAPI, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    assert came_back(Browser(app), fake).headers["location"] == "/"
    fake.key, fake.header = jwk.RSAKey.generate_key(2048), {"alg": "RS256", "kid": "2"}
    assert reason_of(came_back(Browser(app), fake)) == "token"  # not more than once a minute
    assert fake.asked.count("/keys") == 1
    monkeypatch.setattr("desirepath.server.access.provider.BETWEEN_KEYS", -1.0)
    assert came_back(Browser(app), fake).headers["location"] == "/"
    assert fake.asked.count("/keys") == 2
    assert fake.asked.count("/.well-known/openid-configuration") == 1


def test_a_login_that_was_begun_elsewhere(app: FastAPI, fake: Fake) -> None:
    theirs = Browser(app)
    started = theirs.get("/api/oidc/start", follow_redirects=False)
    link = fake.authorize(started.headers["location"])
    assert reason_of(Browser(app).get(link, follow_redirects=False)) == "state"
    begun = Browser(app)
    begun.get("/api/oidc/start", follow_redirects=False)
    assert reason_of(begun.get(link, follow_redirects=False)) == "state"
    assert begun.get("/api/session").json()["user"] is None
    assert fake.asked.count("/token") == 0


def test_a_code_works_once(app: FastAPI, fake: Fake) -> None:
    browser = Browser(app)
    started = browser.get("/api/oidc/start", follow_redirects=False)
    kept = dict(browser.cookies)
    link = fake.authorize(started.headers["location"])
    assert browser.get(link, follow_redirects=False).headers["location"] == "/"
    again = Browser(app, cookies=kept)
    assert reason_of(again.get(link, follow_redirects=False)) == "token"


def test_the_provider_says_no(app: FastAPI, fake: Fake) -> None:
    browser = Browser(app)
    url = browser.get("/api/oidc/start", follow_redirects=False).headers["location"]
    state = parse_qs(urlsplit(url).query)["state"][0]
    given = {"state": state, "error": "access_denied"}
    assert reason_of(browser.get("/api/oidc/callback", params=given, follow_redirects=False)) == "refused"
    url = browser.get("/api/oidc/start", follow_redirects=False).headers["location"]
    mixed = fake.authorize(url) + "&iss=https%3A%2F%2Fevil.example"
    assert reason_of(browser.get(mixed, follow_redirects=False)) == "refused"


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
    ids=str,
)
def test_a_provider_that_leads_elsewhere_is_left_alone(app: FastAPI, fake: Fake, wrong: dict[str, Any]) -> None:
    fake.discovery = wrong
    assert reason_of(Browser(app).get("/api/oidc/start", follow_redirects=False)) == "provider"


def test_a_provider_that_is_away(app: FastAPI, fake: Fake) -> None:
    browser = Browser(app)
    url = browser.get("/api/oidc/start", follow_redirects=False).headers["location"]
    link = fake.authorize(url)
    fake.reply = lambda *_: (502, {})  # type: ignore[method-assign]
    assert reason_of(browser.get(link, follow_redirects=False)) == "provider"
    assert browser.get("/api/session").status_code == 200


def test_without_a_provider_there_is_no_such_login(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        program = client_of(make_app(workspace))
        for path in ("/api/oidc/start", "/api/oidc/callback"):
            assert program.get(path, follow_redirects=False).status_code == 404


OIDC = {"issuer": "https://login.example", "client_id": "desirepath", "roles": {"viewer": ["*"]}}


@pytest.mark.parametrize(
    "table",
    [
        {"urls": "https://a.example"},
        {"url": "a.example"},
        {"url": "http://a.example"},
        {"url": "https://a.example/?x"},
        {"url": "https://user@a.example"},
        {"url": 1},
        {"hosts": [1]},
        {"hosts": {"a": 1}},
        {"proxies": ["everywhere"]},
        {"proxies": ["10.0.0.1/24"]},
        {"metrics": "open"},
        {"oidc": "https://login.example"},
        {"oidc": {}},
        {"oidc": {**OIDC, "issuer": "http://login.example"}},
        {"oidc": {**OIDC, "client_secret": "no place for it"}},
        {"oidc": {**OIDC, "name": ""}},
        {"oidc": {**OIDC, "roles": {}}},
        {"oidc": {**OIDC, "roles": {"owner": ["*"]}}},
        {"oidc": {**OIDC, "roles": {"viewer": [1]}}},
    ],
    ids=str,
)
def test_settings_that_cannot_be(table: dict[str, Any]) -> None:
    with pytest.raises(DesirepathError) as found:
        Configured.read(table)
    assert found.value.looked is not None


@pytest.mark.parametrize(
    ("claims", "role"),
    [
        ({"realm": {"roles": ["a", "chief"]}}, "admin"),
        ({"realm": {"roles": "desk"}}, "analyst"),
        ({"realm": {"roles": [1]}}, "viewer"),
        ({"realm": {}}, "viewer"),
        ({"realm": ["chief"]}, "viewer"),
        ({"realm.roles": ["chief"]}, "viewer"),
    ],
    ids=str,
)
def test_the_highest_role_of_a_claim(claims: dict[str, Any], role: str) -> None:
    roles = {"viewer": ["*"], "analyst": ["desk"], "admin": ["chief"]}
    oidc = Configured.read({"oidc": {**OIDC, "role_claim": "realm.roles", "roles": roles}}).oidc
    assert oidc is not None
    assert oidc.role_of(claims) == role
