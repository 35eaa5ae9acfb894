"""How people come in and go: the first link, login, what ends a session, and what a browser may be led to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admitted import HOME, PASSWORD, Browser, client_of, logged_in, token_of, user_of
from fastapi import FastAPI

import desirepath
from desirepath.errors import InputError, WorkspaceError
from desirepath.server.access import passwords, sessions, throttle
from desirepath.server.access.book import FILE, Book
from desirepath.server.access.throttle import Throttle
from desirepath.server.access.users import LINK_HOLDS, Users
from desirepath.server.app import make_app

TLS = "https://127.0.0.1"
NEW = "quite another password"


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with desirepath.create(tmp_path / "acme", time_zone="Europe/Paris", currency="CHF"):
        return tmp_path / "acme"


@pytest.fixture
def app(root: Path) -> Iterator[FastAPI]:
    with desirepath.open(root) as workspace:
        yield make_app(workspace)


@pytest.fixture
def clock(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(app.state.porter.book, "_clock", found)
    return found


def first_link(root: Path) -> str:
    """The secret that `serve` prints while nobody may log in."""
    return Users(Book(root)).link("test")


def cookies_of(answer: Any) -> list[str]:
    """The headers that set the session's cookie."""
    return list(answer.headers.get_list("set-cookie"))


def test_the_first_link_makes_the_admin_once(app: FastAPI, root: Path) -> None:
    browser = Browser(app)
    nobody = {"setup": True, "user": None, "csrf": None, "oidc": None, "workspace": None}
    assert browser.get("/api/session").json() == nobody
    secret = first_link(root)
    assert browser.enters("/api/setup", token="x" * 43, name="ada", password=PASSWORD).status_code == 422
    assert browser.enters("/api/setup", token=secret, name="ada", password="short").status_code == 422
    came = browser.enters("/api/setup", token=secret, name="ada", password=PASSWORD).json()
    assert came["user"] == {"name": "ada", "role": "admin", "scopes": ["admin", "analyst", "erase", "read"]}
    assert came["workspace"] == {
        "name": "acme",
        "time_zone": "Europe/Paris",
        "currency": "CHF",
        "week_start": "monday",
    }
    assert browser.get("/api/session").json() == came
    assert browser.get("/api/questions").status_code == 200
    again = Browser(app).enters("/api/setup", token=secret, name="eve", password=PASSWORD)
    assert again.status_code == 422
    assert "holds no longer" in again.json()["message"]
    with pytest.raises(InputError, match="an admin already"):
        first_link(root)


def test_a_later_first_link_ends_the_one_before(app: FastAPI, root: Path) -> None:
    before, after = first_link(root), first_link(root)
    assert Browser(app).enters("/api/setup", token=before, name="eve", password=PASSWORD).status_code == 422
    assert Browser(app).enters("/api/setup", token=after, name="ada", password=PASSWORD).status_code == 200


def test_who_is_invited_chooses_a_password(app: FastAPI, root: Path, clock: Clock) -> None:
    admin = logged_in(app, user_of(root, "admin"))
    made = admin.post("/api/users", json={"name": "Bob@shop.example", "role": "analyst"}).json()
    path, _, hidden = made["link"].partition("#")
    assert (path, made["role"]) == ("/setup", "analyst")
    secret = hidden.split("&")[0].removeprefix("token=")
    other = Browser(app).enters("/api/setup", token=secret, name="eve", password=PASSWORD)
    assert (other.status_code, other.json()["allowed"]) == (422, ["Bob@shop.example"])
    assert Browser(app).enters("/api/login", name="Bob@shop.example", password="").status_code == 401
    assert (
        Browser(app).enters("/api/setup", token=secret, name="", password=PASSWORD).json()["user"]["role"] == "analyst"
    )
    late = admin.post("/api/users", json={"name": "cleo"}).json()["link"]
    clock.now += LINK_HOLDS + 1
    secret = late.partition("token=")[2].split("&")[0]
    assert Browser(app).enters("/api/setup", token=secret, name="cleo", password=PASSWORD).status_code == 422


def test_login_and_logout(app: FastAPI, root: Path) -> None:
    user_of(root, "viewer", "Ann")
    browser = Browser(app)
    wrong = browser.enters("/api/login", name="Ann", password="not the password")
    unknown = browser.enters("/api/login", name="nobody", password=PASSWORD)
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()  # neither says whether there is such a name
    assert browser.enters("/api/login", name="aNN", password=PASSWORD).json()["user"]["name"] == "Ann"
    kept = dict(browser.cookies)
    assert browser.post("/api/logout").status_code == 204
    assert not dict(browser.cookies)
    stolen = Browser(app, cookies=kept)
    assert stolen.get("/api/questions").status_code == 401
    assert stolen.get("/api/session").json()["user"] is None


def test_the_cookie_is_for_this_host_alone(app: FastAPI, root: Path) -> None:
    user_of(root, "viewer", "ann")
    said = {"name": "ann", "password": PASSWORD}
    (over_tls,) = cookies_of(Browser(app, home=TLS).post("/api/login", json=said))
    safe, near = cookies_of(Browser(app, home=HOME).post("/api/login", json=said))
    for one in (over_tls, safe):
        assert one.startswith("__Host-desirepath-")
        assert set(one.split("; ")[1:]) == {"Path=/", "Max-Age=2592000", "Secure", "HttpOnly", "SameSite=Lax"}
    assert near.startswith("desirepath-")  # Safari takes no cookie that needs TLS from this machine
    assert set(near.split("; ")[1:]) == {"Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Lax"}
    name, value = near.split(";")[0].split("=", 1)
    assert safe.split(";")[0] == f"__Host-{name}={value}"
    for known in (name, f"__Host-{name}"):
        assert Browser(app, home=HOME, cookies={known: value}).get("/api/questions").status_code == 200
    both = {f"__Host-{name}": "of another", name: value}  # what only this host could set goes before
    assert Browser(app, home=HOME, cookies=both).get("/api/questions").status_code == 401
    for wrong in (name, f"__Secure-{name}"):  # over TLS, whoever shares a parent domain could have set these
        assert Browser(app, home=TLS, cookies={wrong: value}).get("/api/questions").status_code == 401


def test_behind_a_proxy_with_tls_no_other_cookie_counts(root: Path) -> None:
    with (root / "workspace.toml").open("a") as opened:
        opened.write('\n[server]\nurl = "https://journeys.example"\n')
    user_of(root, "viewer", "ann")
    with desirepath.open(root) as workspace:
        app = make_app(workspace)
        browser = Browser(app, home=HOME)  # a proxy that tells its own name for the server
        browser.headers["origin"] = "https://journeys.example"
        answer = browser.post("/api/login", json={"name": "ann", "password": PASSWORD})
        assert [one[:18] for one in cookies_of(answer)] == ["__Host-desirepath-"]
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert Browser(app, home="https://journeys.example").get("/api/session").status_code == 200


def test_over_a_network_without_tls_nobody_logs_in(root: Path) -> None:
    user_of(root, "viewer", "ann")
    with desirepath.open(root) as workspace:
        app = make_app(workspace)
        app.state.porter.allow(["0.0.0.0"])  # noqa: S104 (nothing is bound)
        far = Browser(app, home="http://192.0.2.1")
        answer = far.enters("/api/login", name="ann", password=PASSWORD)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
        assert "ssh -L" in answer.json()["message"]
        program = client_of(app, token_of(root, "read"))
        assert program.get("http://192.0.2.1/api/questions").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"x-csrf-token": ""}, 403),
        ({"x-csrf-token": "a" * 43}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://127.0.0.1:8000"}, 403),
        ({"origin": "http://localhost"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"authorization": "Bearer dp_nobody"}, 401),
    ],
)
def test_what_changes_something_is_asked_by_our_own_page(
    app: FastAPI, root: Path, headers: dict[str, str], status: int
) -> None:
    browser = logged_in(app, user_of(root, "admin"))
    answer = browser.post("/api/users", json={"name": "bob"}, headers=headers)
    assert answer.status_code == (201 if status == 200 else status)
    known = [one["name"] for one in browser.get("/api/users").json()]
    assert ("bob" in known) == (status == 200)


def test_neither_origin_nor_site_is_not_our_own_page(app: FastAPI, root: Path) -> None:
    browser = logged_in(app, user_of(root, "admin"))
    del browser.headers["origin"], browser.headers["sec-fetch-site"]
    assert browser.post("/api/users", json={"name": "bob"}).status_code == 403


def test_another_page_cannot_log_a_browser_in(app: FastAPI, root: Path) -> None:
    user_of(root, "viewer", "eve")
    browser = Browser(app)
    browser.headers["origin"] = "https://evil.example"
    answer = browser.post("/api/login", json={"name": "eve", "password": PASSWORD})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.0.2.1", "", "a b"])
def test_a_name_that_was_pointed_here_reads_nothing(app: FastAPI, host: str) -> None:
    answer = client_of(app).get("/api/session", headers={"host": host})
    assert answer.status_code == 421
    assert "--allowed-host" in answer.json()["message"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8321", "127.0.0.1:1", "[::1]:8321"])
def test_the_machine_knows_its_own_names(app: FastAPI, host: str) -> None:
    assert client_of(app).get("/api/session", headers={"host": host}).status_code == 200


def test_a_session_ends_when_it_is_not_used(app: FastAPI, root: Path, clock: Clock) -> None:
    browser = logged_in(app, user_of(root, "viewer"))
    for _ in range(3):
        clock.now += sessions.IDLE - 60
        assert browser.get("/api/questions").status_code == 200
    clock.now += sessions.IDLE + 1
    assert browser.get("/api/questions").status_code == 401


def test_a_session_ends_at_last(app: FastAPI, root: Path, clock: Clock) -> None:
    browser = logged_in(app, user_of(root, "viewer"))
    for _ in range(sessions.LONGEST // (sessions.IDLE - 60)):
        clock.now += sessions.IDLE - 60
        assert browser.get("/api/questions").status_code == 200
    clock.now += sessions.IDLE - 60
    assert browser.get("/api/questions").status_code == 401


def test_another_password_ends_all_sessions_but_this(app: FastAPI, root: Path) -> None:
    here, there = (logged_in(app, user) for user in [user_of(root, "viewer")] * 2)
    before = dict(here.cookies)
    refused = here.post("/api/password", json={"old": "not this one", "new": NEW})
    assert (refused.status_code, there.get("/api/questions").status_code) == (422, 200)
    assert here.enters("/api/password", old=PASSWORD, new=NEW).status_code == 200
    assert [one.get("/api/questions").status_code for one in (here, there)] == [200, 401]
    assert Browser(app, cookies=before).get("/api/questions").status_code == 401
    assert Browser(app).enters("/api/login", name="viewer", password=PASSWORD).status_code == 401
    assert Browser(app).enters("/api/login", name="viewer", password=NEW).status_code == 200


def test_one_sees_and_ends_ones_own_sessions_alone(app: FastAPI, root: Path) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    here = logged_in(app, user_of(root, "viewer", "ann"))
    there = Browser(app)
    there.headers["user-agent"] = agent
    there.enters("/api/login", name="ann", password=PASSWORD)
    other = logged_in(app, user_of(root, "admin"))
    listed = here.get("/api/sessions").json()
    assert {(one["agent"], one["here"]) for one in listed} == {("Chrome 140 on Linux", False), ("testclient", True)}
    number = next(one["id"] for one in listed if not one["here"])
    assert other.delete(f"/api/sessions/{number}").status_code == 404
    assert here.delete(f"/api/sessions/{number}").status_code == 204
    assert [one.get("/api/questions").status_code for one in (here, there, other)] == [200, 401, 200]


def test_logging_in_again_makes_the_session_anew(app: FastAPI, root: Path) -> None:
    browser = logged_in(app, user_of(root, "viewer", "ann"))
    before = dict(browser.cookies)
    user_of(root, "admin", "ada")
    assert browser.enters("/api/login", name="ada", password=PASSWORD).json()["user"]["name"] == "ada"
    assert Browser(app, cookies=before).get("/api/questions").status_code == 401


def test_who_is_taken_away_is_out_at_once(app: FastAPI, root: Path) -> None:
    admin, viewer = logged_in(app, user_of(root, "admin")), logged_in(app, user_of(root, "viewer"))
    assert admin.delete("/api/users/viewer").json() == {"sessions": 1, "tokens": 0}
    assert viewer.get("/api/questions").status_code == 401
    assert Browser(app).enters("/api/login", name="viewer", password=PASSWORD).status_code == 401
    last = admin.delete("/api/users/admin")
    assert (last.status_code, "only admin" in last.json()["message"]) == (422, True)


def test_a_role_holds_from_the_next_request_on(app: FastAPI, root: Path) -> None:
    user_of(root, "admin", "ada")
    admin = logged_in(app, user_of(root, "admin", "bob"))
    made = admin.post("/api/tokens", json={"name": "of bob", "scopes": ["read"]}).json()["token"]
    assert client_of(app, made).get("/api/questions").status_code == 200
    Users(Book(root)).change_role("test", "bob", "viewer")
    assert admin.get("/api/users").status_code == 403
    assert client_of(app, made).get("/api/questions").status_code == 401  # who makes no tokens any more has none


def test_guesses_become_slow_and_lock_nobody_out(app: FastAPI, root: Path) -> None:
    clock = Clock()
    app.state.porter.throttle = Throttle(clock)
    user_of(root, "viewer", "ann")

    def guess(password: str, **more: Any) -> Any:
        return Browser(app, **more).enters("/api/login", name="ann", password=password)

    free = [guess("wrong password").status_code for _ in range(throttle.FREE_BY_PAIR)]
    assert free == [401] * throttle.FREE_BY_PAIR
    waiting = guess(PASSWORD)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (429, "1")
    assert guess(PASSWORD, client=("198.51.100.9", 1234)).status_code == 200
    clock.now += 1
    assert guess(PASSWORD).status_code == 200


def test_the_wait_grows_and_is_forgotten() -> None:
    clock = Clock()
    counts = Throttle(clock)
    waits = []
    for _ in range(20):
        while wait := counts.attempt("ann", "192.0.2.1"):
            waits.append(wait)
            clock.now += wait
    assert waits == sorted(waits)
    assert waits[0] == 1.0
    assert max(waits) == throttle.LONGEST_BY_PAIR
    assert counts.attempt("ann", "198.51.100.9") == 0
    clock.now += throttle.FORGOTTEN + 1
    assert counts.attempt("ann", "192.0.2.1") == 0


def test_many_names_from_one_network_are_slowed_together() -> None:
    clock = Clock()
    counts = Throttle(clock)
    for number in range(throttle.FREE_BY_ADDRESS):
        assert counts.attempt(f"name {number}", f"2001:db8::{number:x}") == 0
    assert counts.attempt("another", "2001:db8::ffff") > 0
    assert counts.attempt("another", "2001:db8:1::1") == 0


def test_who_is_right_starts_anew() -> None:
    counts = Throttle(Clock())
    for _ in range(throttle.FREE_BY_ADDRESS * 3):
        assert counts.attempt("ann", "192.0.2.1") == 0
        counts.succeeded("ann", "192.0.2.1")


def test_who_is_not_known_may_send_little(app: FastAPI) -> None:
    browser = Browser(app)
    assert browser.post("/api/login", content=b"x" * 20_000).status_code == 413
    assert browser.post("/api/login", content=iter([b"{}"])).status_code == 411
    assert browser.post("/nothing", content=b"x").status_code == 404


def test_nobody_may_send_more_than_a_question_or_a_map_takes(app: FastAPI, root: Path) -> None:
    program = client_of(app, token_of(root, "read"))
    body = b'{"filter": "' + b"x" * (4 << 20) + b'"}'
    assert program.post("/api/filters/check", content=body).status_code == 413
    assert program.post("/api/filters/check", content=iter([body])).status_code == 411
    assert program.post("/api/filters/check", json={"filter": "x" * 1_000_000}).status_code == 200


def test_secrets_lie_nowhere(app: FastAPI, root: Path) -> None:
    secret = first_link(root)
    browser = Browser(app)
    browser.enters("/api/setup", token=secret, name="ada", password=PASSWORD)
    token = browser.post("/api/tokens", json={"name": "grafana", "scopes": ["read"]}).json()["token"]
    hidden = [PASSWORD, secret, token, *browser.cookies.values(), str(browser.headers["x-csrf-token"])]
    kept = b"".join(path.read_bytes() for path in root.glob(f"{FILE}*"))
    assert kept
    assert not [one for one in hidden if one.encode() in kept]
    assert b"$argon2id$" in kept
    assert (root / FILE).stat().st_mode & 0o077 == 0
    told = browser.get("/api/tokens").text + browser.get("/api/users").text + browser.get("/api/audit").text
    assert not [one for one in hidden if one in told]


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaa", "ann@shop.example", "x" * 2000, "abababababab"])
def test_passwords_that_are_none(password: str) -> None:
    with pytest.raises(InputError):
        passwords.hashed(password, name="Ann@shop.example")


def test_a_password_is_one_however_it_is_typed() -> None:
    kept = passwords.hashed("cafe\u0301 au lait")
    assert passwords.matches(kept, "caf\u00e9 au lait")
    assert not passwords.matches(kept, "cafe au lait")
    assert not passwords.matches(None, "cafe au lait")
    assert not passwords.matches("no hash", "cafe au lait")


def test_a_password_kept_at_other_costs_is_kept_anew(root: Path) -> None:
    from argon2 import PasswordHasher

    book = Book(root)
    users = Users(book)
    user_of(root, "viewer", "ann")
    old = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD.encode())
    with book.changing() as db:
        db.execute("UPDATE users SET password = ?", (old,))
    assert users.login("ann", PASSWORD) == "ann"
    (kept,) = book.rows("SELECT password FROM users")[0]
    assert not passwords.outdated(str(kept))
    assert users.login("ann", PASSWORD) == "ann"


def test_nobody_comes_in_while_it_cannot_be_read_who_may(app: FastAPI, root: Path) -> None:
    browser = logged_in(app, user_of(root, "viewer"))
    app.state.porter.book.close()
    (root / FILE).write_bytes(b"no database at all" * 100)
    for path in root.glob(f"{FILE}-*"):
        path.unlink()
    assert browser.get("/api/questions").status_code == 503
    with pytest.raises(WorkspaceError, match="who may come in"):
        Users(Book(root)).all()


def test_a_book_of_a_later_version_is_left_alone(root: Path) -> None:
    Book(root).rows("SELECT 1")
    with sqlite3.connect(root / FILE) as later:
        later.execute("PRAGMA user_version = 99")
    with pytest.raises(WorkspaceError, match="newer desirepath"):
        Book(root).rows("SELECT 1")
