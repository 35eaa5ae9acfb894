"""The server: what the collector takes is in its answers, and both keep to their OpenAPI documents."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from admitted import PASSWORD, token_of, user_of
from killing import KEY, free_port, messages, send, serving, workspace_with_key
from sparing import case
from starlette.datastructures import Headers

from desirepath.server.access.book import Book
from desirepath.server.access.configured import Configured
from desirepath.server.access.porter import Porter
from desirepath.server.access.sessions import Sessions, csrf_of
from desirepath.server.scopes import ROLES


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    root: Path
    api: int
    collector: int
    token: str

    def get(self, path: str) -> Any:
        """A page as data."""
        return self.ask("GET", path)[1]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and data of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.api, timeout=60)
        text = None if body is None else json.dumps(body)
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.token}"}
        connection.request(method, path, body=text, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        kind = answer.getheader("content-type") or ""
        return answer.status, json.loads(content) if "json" in kind else content.decode()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = workspace_with_key(tmp_path_factory.mktemp("server") / "acme")
    found = Served(root, free_port(), free_port(), token_of(root))
    with serving(root, found.api, found.collector):
        yield found


def test_what_is_sent_is_in_an_answer(served: Served) -> None:
    asked = {"fields": {"steps": ["view", "order"], "window": "1 day"}}
    assert served.ask("POST", "/api/ask/funnel", asked)[0] == 422  # nothing there yet
    for person in range(5):
        assert send(served.collector, messages([f"m{person}"], person=f"u{person}"))[0] == 200
    until = time.monotonic() + 20
    entered = 0
    while entered < 5 and time.monotonic() < until:
        status, answer = served.ask("POST", "/api/ask/funnel", asked)
        if status == 200:
            entered = _reached(answer)
        time.sleep(0.1)
    assert entered == 5
    told = served.get("/api/sources")
    (source,) = told["sources"]
    assert (source["source"], source["received"], source["stored"], source["adds_up"]) == ("segment", 5, 5, True)
    assert told["waiting"]["events"] == 0
    assert served.get("/healthz")["status"] == "ok"
    assert 'desirepath_drain_events_total{became="stored"} 5' in served.get("/metrics")
    assert "funnel" in served.get("/api/questions")


def test_the_collector_ends_with_its_server(tmp_path: Path) -> None:
    root = workspace_with_key(tmp_path / "acme")
    api, collector = free_port(), free_port()
    with serving(root, api, collector) as process:
        process.terminate()
        assert process.wait(timeout=30) == 0
        with pytest.raises(OSError, match="refused"):
            http.client.HTTPConnection("127.0.0.1", collector, timeout=5).connect()


def _reached(answer: dict[str, Any]) -> int:
    table = answer["table"]
    return int(table["reached"][0] if isinstance(table, dict) else table[0]["reached"])


def test_a_question_that_makes_no_sense(served: Served) -> None:
    status, told = served.ask("POST", "/api/ask/funel", {"fields": {}})
    assert status == 404
    assert told["nearest"] == "funnel"
    status, told = served.ask("POST", "/api/ask/funnel", {"fields": {"stpes": []}})
    assert status == 404
    assert told["nearest"] == "steps"
    status, told = served.ask("POST", "/api/ask/funnel", {"fields": 7})
    assert status == 422
    assert told["looked"] == "body/fields"


def test_metrics_are_listed_and_asked(served: Served) -> None:
    (served.root / "metrics").mkdir(exist_ok=True)
    (served.root / "metrics" / "own.yaml").write_text(
        "metrics:\n"
        "  - {metric: views each, group: engagement, says: Views., question: measure, fields: {event: view},\n"
        "     number: {column: events_each, n: people}, denominator: people}\n"
    )
    assert send(served.collector, messages(["metric"], person="somebody"))[0] == 200
    until = time.monotonic() + 20
    status, told = served.ask("POST", "/api/metrics/views-each", {})
    while status != 200 and time.monotonic() < until:
        time.sleep(0.1)
        status, told = served.ask("POST", "/api/metrics/views-each", {})
    assert status == 200
    assert told["table"]["events_each"][0] == 1.0
    listed = {each["metric"]: each for each in served.get("/api/metrics")["metrics"]}
    assert listed["views each"]["own"] is True
    assert served.ask("POST", "/api/metrics/views-ech", {})[0] == 404
    assert served.ask("POST", "/api/metrics/views-each", {"over": "weeks"})[0] == 404
    status, told = served.ask("POST", "/api/metrics/views-each", {"overr": "week"})
    assert (status, told["nearest"]) == (422, "over")


def test_only_one_process_has_the_workspace(served: Served) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desirepath", "sources", "-w", str(served.root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Another process has this workspace open" in done.stderr


def test_a_proxy_on_this_machine_is_believed(served: Served) -> None:
    """What it says of TLS decides which cookies are kept."""
    name, home = user_of(served.root, "viewer", "vic"), f"127.0.0.1:{served.api}"
    kept = {}
    for scheme in ("http", "https"):
        connection = http.client.HTTPConnection("127.0.0.1", served.api, timeout=60)
        headers = {"content-type": "application/json", "origin": f"{scheme}://{home}", "x-forwarded-proto": scheme}
        told = json.dumps({"name": name, "password": PASSWORD})
        connection.request("POST", "/api/login", told, {**headers, "x-forwarded-for": "192.0.2.7"})
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["user"]["name"]) == (200, "vic")
        kept[scheme] = ["Secure" in one for one in answer.headers.get_all("set-cookie", [])]
    assert kept == {"http": [True, False], "https": [True]}


def shown_by(who: str, root: Path, api: int) -> list[str]:
    """The headers by which schemathesis comes in: a token with the scopes of a role, or an admin's session."""
    if who == "collector":
        return [f"authorization: Bearer {KEY}"]
    if who != "admin":
        scopes = sorted(ROLES[who]) if who in ROLES else []
        return [f"authorization: Bearer {token_of(root, *scopes)}"] if scopes else []
    sessions, home = Sessions(Book(root)), f"127.0.0.1:{api}"
    token = sessions.begin(user_of(root, "admin"), "schemathesis", how="login")
    cookie = Porter(root, Configured()).cookies(Headers({"host": home}), "http")[-1]
    return [f"cookie: {cookie}={token}", f"x-csrf-token: {csrf_of(token)}", f"origin: http://{home}"]


@pytest.mark.parametrize(
    "who", [case(who, now=who in ("nobody", "viewer", "admin")) for who in ("collector", "nobody", *ROLES)]
)
def test_the_document_is_kept_to(served: Served, who: str) -> None:
    """Whatever the document allows, and some of what it does not, gets an answer that it names."""
    port = served.collector if who == "collector" else served.api
    shown = [part for header in shown_by(who, served.root, served.api) for part in ("-H", header)]
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    command = [
        "run",
        f"http://127.0.0.1:{port}/openapi.json",
        "--checks",
        checks,
        "--max-examples",
        "4",
        "--seed",
        "1",
        "--exclude-path",
        "/api/logout",  # whoever logs out has seen the rest as nobody
        "--exclude-path",
        "/api/stream",  # it has no end; tests of its own listen to it
    ]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *command, *shown],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
