"""What there is to ask about: how far the data goes, what can be named, which values there are, and filters."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admitted import token_of
from made_workspaces import add, made, rows_of
from running import Running, running

import desirepath
from desirepath.server.routes import fields

STORY = """
    ann  A  2023-05-01T10:00:00Z  channel=web  plan=gold  mail=Ann@Example.org
    ann  B  2023-05-01T10:30:00Z  channel=web  plan=free
    bea  A  2023-05-01T10:00:00Z  channel=app  plan=gold  who=bea
    bea  A  2023-05-01T11:00:00Z  channel=app  plan=x/y~z
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with made(tmp_path_factory.mktemp("fields"), STORY, late=False) as workspace, running(workspace) as found:
        yield found


def test_the_extent_is_what_questions_see(server: Running) -> None:
    found = server.get("/api/extent")
    told = server.state.workspace.engine.extent()
    assert found == {
        "first": "2023-05-01T10:00:00+00:00",
        "last": "2023-05-01T11:00:00+00:00",
        "events": told.events,
        "people": told.people,
        "data_version": told.data_version,
    }
    assert (found["events"], found["people"]) == (4, 2)


def test_names_and_properties_come_by_how_frequent_they_are(server: Running) -> None:
    found = server.get("/api/fields")
    assert found["names"] == ["A", "B"]
    assert found["channels"] == ["app", "web"]
    assert found["sources"] == ["story"]
    assert found["properties"] == ["plan", "mail", "who"]


def test_values_come_with_how_many_events(server: Running) -> None:
    assert server.get("/api/values", field="name") == [{"value": "A", "events": 3}, {"value": "B", "events": 1}]
    plans = server.get("/api/values", field="plan")
    assert plans == [
        {"value": "gold", "events": 2},
        {"value": "free", "events": 1},
        {"value": "x/y~z", "events": 1},
    ]
    assert server.get("/api/values", field="value") == []


def test_no_value_is_an_identity(server: Running) -> None:
    assert server.get("/api/values", field="who") == []  # bea is somebody's user id
    assert server.get("/api/values", field="mail") == []  # an address names somebody, whether it identifies or not


NAMED = """
    7      A  2023-05-01T10:00:00Z  score=5  owner=7      mail=ann@example.org
    5      A  2023-05-01T10:00:00Z  score=7  owner=5      mail=bea@example.org
    c1000  A  2023-05-01T10:00:00Z  score=7  owner=c1000  mail=cid@example.org  by=c1000
    c1001  A  2023-05-01T10:00:00Z  score=7  owner=c1001  mail=dan@example.org  by=campaign1
"""


STEPS = [{"touchpoint": "t", "event": "owner = '7'"}]
MAP = {"map": "m", "goal": "A", "gives_up_after": "1 day", "stages": [{"stage": "s", "steps": STEPS}]}


@pytest.fixture(scope="module")
def naming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with made(tmp_path_factory.mktemp("naming"), NAMED, late=False) as workspace, running(workspace) as found:
        (workspace.root / "maps").mkdir(exist_ok=True)
        (workspace.root / "maps" / "care.yaml").write_text(json.dumps({**MAP, "map": "care"}))
        yield found


def test_a_short_number_is_no_identity_because_somebody_is_called_so(naming: Running) -> None:
    assert naming.get("/api/values", field="score") == [{"value": "7", "events": 3}, {"value": "5", "events": 1}]
    table = naming.get("/api/ask/measure", fields='{"event": "A"}', breakdown="score")["table"]
    assert set(table["group"]) >= {"5", "7"}


@pytest.mark.parametrize("field", ["owner", "mail", "by"])
@pytest.mark.parametrize(
    ("question", "fields", "whom"),
    [
        ("measure", {"event": "A"}, ("breakdown", "{field}")),
        ("usage", {"by": "{field}"}, None),
        ("paths", {"expand": ["{field}"]}, None),
        ("paths", {"expand": ["A by {field}"]}, None),
    ],
)
def test_no_group_of_an_answer_is_an_identity(
    naming: Running, field: str, question: str, fields: dict[str, Any], whom: tuple[str, str] | None
) -> None:
    body: dict[str, Any] = {"fields": fields, **(dict([whom]) if whom else {})}
    asked = json.loads(json.dumps(body).replace("{field}", field))
    found = naming.ask("POST", f"/api/ask/{question}", asked)
    assert found.status == 422
    assert found.data["message"].startswith(f"The values of '{field}' name people")
    table = naming.ask("POST", f"/api/ask/{question}", json.loads(json.dumps(body).replace("{field}", "score")))
    assert table.status == 200, table.content


@pytest.mark.parametrize(("field", "status"), [("plna", 404), ("", 422), ("identities", 404), ('"; DROP', 404)])
def test_an_unknown_field_is_refused(server: Running, field: str, status: int) -> None:
    from urllib.parse import quote

    found = server.ask("GET", f"/api/values?field={quote(field)}")
    assert found.status == status
    if field == "plna":
        assert found.data["nearest"] == "plan"


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("channel = 'web'", True),
        ("plan = 'gold' and not (value > 3)", True),
        ("comment.sentiment < 0", True),
        ("channel =", False),
        ("", False),
        ("value = 'much'", False),
        ("occurred_at > 'never'", False),
    ],
)
def test_a_filter_is_read_as_questions_read_it(server: Running, text: str, ok: bool) -> None:
    found = server.ask("POST", "/api/filters/check", {"filter": text})
    assert found.status == 200
    assert found.data["ok"] is ok
    assert (found.data["problem"] is None) is ok
    asked = {"fields": {"event": "A"}, "filter": text}
    if text:
        assert (server.ask("POST", "/api/ask/measure", asked).status == 200) is ok
    assert server.ask("POST", "/api/filters/check", {"filtr": text}).status == 422


def test_new_data_is_seen_at_once(server: Running) -> None:
    before = server.get("/api/extent")
    with server.state.turns:
        add(server.state.workspace, rows_of("cid  C  2023-05-02T10:00:00Z", first=50), name="more")
    after = server.get("/api/extent")
    assert (after["events"], after["people"]) == (before["events"] + 1, before["people"] + 1)
    assert "C" in server.get("/api/fields")["names"]


def test_the_extent_does_not_wait_for_a_long_question(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "SOON", 0.2)
    before = server.get("/api/extent")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with server.state.turns:
            server.state.workspace.store().bump("data")  # what a question would have to look at first
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(20)
    began = time.monotonic()
    assert server.get("/api/extent") == before
    assert time.monotonic() - began < 5
    done.set()
    thread.join()
    assert server.get("/api/extent")["data_version"] == before["data_version"] + 1


def test_a_workspace_without_events(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "empty", time_zone="UTC") as workspace, running(workspace) as server:
        assert server.get("/api/extent") == {
            "first": None,
            "last": None,
            "events": 0,
            "people": 0,
            "data_version": 0,
        }
        assert server.get("/api/fields") == {"names": [], "channels": [], "sources": [], "properties": []}
        assert server.get("/api/values", field="name") == []
        assert server.get("/api/maps") == []


def test_a_field_that_nothing_can_be_called_is_refused(naming: Running) -> None:
    found = naming.ask("POST", "/api/ask/usage", b'{"fields": {"by": "\\ud800"}}')
    assert (found.status, found.data["error"]) == (422, "FilterError")


@pytest.mark.parametrize("path", ["/api/identity", "/api/sources", "/api/health"])
def test_who_waits_for_a_long_question_keeps_nobody_out(naming: Running, path: str) -> None:
    with naming.state.turns:
        waiting = [threading.Thread(target=naming.ask, args=("GET", path)) for _ in range(45)]
        for one in waiting:
            one.start()
        time.sleep(0.5)
        began = time.monotonic()
        assert naming.ask("GET", "/healthz").status == 200
        assert naming.ask("GET", "/api/people").status == 200
        assert time.monotonic() - began < 5
        assert all(one.is_alive() for one in waiting)
    for one in waiting:
        one.join(60)
    assert naming.ask("GET", path).status == 200


LOOKING = [
    ("ask/measure", {"filter": "mail = 'ann@example.org'"}),
    ("ask/measure", {"cohort": "owner = '7'"}),
    ("ask/measure", {"compare": {"filter": "mail contains 'ann'"}}),
    ("ask/measure", {"fields": {"event": "owner = '7'"}}),
    ("ask/funnel", {"fields": {"steps": ["A", "mail = 'ann@example.org'"], "window": "1 day"}}),
    ("ask/journey_map", {"fields": {"map": MAP}}),
    ("ask/compare", {"fields": {"map": "care", "by": "mail = 'ann@example.org'"}}),
    ("metrics/bounce-rate", {"filter": "mail = 'ann@example.org'"}),
    ("queries", {"client": "a-browser", "question": "measure", "filter": "mail = 'ann@example.org'"}),
]


@pytest.mark.parametrize(("path", "body"), LOOKING)
def test_nobody_is_picked_out_by_who_may_see_numbers_alone(naming: Running, path: str, body: dict[str, Any]) -> None:
    root = naming.state.workspace.root
    numbers, people = token_of(root, "read"), token_of(root, "read", "analyst")
    sees = naming.ask("POST", f"/api/{path}", body, token=numbers)
    assert (sees.status, "names them" in str(sees.data)) == (403, True)
    plain = json.loads(json.dumps(body).replace("mail", "score").replace("owner", "score"))
    for asked, token in ((body, people), (plain, numbers)):
        found = naming.ask("POST", f"/api/{path}", asked, token=token)
        assert found.status in (200, 202), found.content


@pytest.mark.parametrize("question", ["journey_map", "friction", "compare"])
def test_who_may_see_numbers_alone_asks_of_a_map_that_others_have_written(naming: Running, question: str) -> None:
    fields = {"map": "care", **({"by": "score = '7'"} if question == "compare" else {})}
    token = token_of(naming.state.workspace.root, "read")
    found = naming.ask("POST", f"/api/ask/{question}", {"fields": fields}, token=token)
    assert found.status == 200, found.content
