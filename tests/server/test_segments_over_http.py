"""Segments and saved questions over HTTP: named, sized, used, forgotten; they are files of the workspace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from admitted import token_of
from made_workspaces import add, made, rows_of
from running import Running, running

STORY = """
    ann  A  2023-05-01T10:00:00Z  channel=web
    ann  B  2023-05-01T10:30:00Z  channel=web
    bea  A  2023-05-01T10:00:00Z  channel=app
    cid  A  2023-05-01T10:00:00Z  channel=app
"""
BEHIND = {
    "question": "funnel",
    "fields": {"steps": ["A", "B"], "window": "1 day"},
    "which": {"step": 1, "outcome": "dropped"},
}


@pytest.fixture
def server(tmp_path: Any) -> Iterator[Running]:
    with made(tmp_path, STORY) as workspace, running(workspace) as found:
        yield found


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of which nothing is changed."""
    with made(tmp_path_factory.mktemp("shared"), STORY) as workspace, running(workspace) as found:
        yield found


def put(server: Running, name: str, body: Any, **more: Any) -> Any:
    return server.ask("PUT", f"/api/segments/{quote(name)}", body, **more)


def test_segments_are_named_sized_and_used(server: Running) -> None:
    assert server.get("/api/segments") == []
    assert put(server, "on the web", {"filter": "channel = 'web'"}).data["size"] == 1
    saved = put(server, "gave up", BEHIND)
    assert saved.status == 200
    web, gave_up = sorted(server.get("/api/segments"), key=lambda one: one["where"] is None)
    assert (web["name"], web["size"], web["where"], web["question"]) == ("on the web", 1, "channel = 'web'", None)
    assert gave_up == saved.data
    assert (gave_up["size"], gave_up["question"], gave_up["which"]) == (2, "funnel", BEHIND["which"])
    assert gave_up["fields"]["steps"] == ["A", "B"]
    asked = {"question": "measure", "fields": {"event": "A"}, "cohort": "gave up", "which": {"did": "yes"}}
    behind = server.ask("POST", "/api/people/behind", asked).data
    assert behind["total"] == 2
    listed = {one["handle"] for one in behind["units"]}
    for one in server.get("/api/people")["people"]:
        segments = server.get(f"/api/people/{one['handle']}")["segments"]
        assert ("gave up" in segments) is (one["handle"] in listed)


def test_sizes_are_those_of_the_day(server: Running) -> None:
    assert put(server, "app", {"filter": "channel = 'app'"}).data["size"] == 2
    with server.state.turns:
        add(server.state.workspace, rows_of("dan  A  2023-05-02T10:00:00Z  channel=app", first=50), name="more")
    assert server.get("/api/segments")[0]["size"] == 3


def test_one_that_is_behind_a_metric_or_rests_on_another(server: Running) -> None:
    (server.state.workspace.root / "metrics" / "own.yaml").write_text(
        "metrics:\n"
        "  - {metric: a each, group: engagement, says: As., question: measure, fields: {event: A},\n"
        "     number: {column: events_each, n: people}, denominator: people}\n"
    )
    assert put(server, "active", {"metric": "a each", "which": {"did": "yes"}}).data["size"] == 3
    assert put(server, "others", {**BEHIND, "cohort": "active"}).data["size"] == 2
    assert server.ask("DELETE", "/api/segments/active").status == 204
    (broken,) = server.get("/api/segments")
    assert (broken["name"], broken["size"]) == ("others", None)
    assert "active" in broken["problem"]


def test_a_broken_file_is_told(server: Running) -> None:
    folder = server.state.workspace.root / "segments"
    folder.mkdir()
    (folder / "odd.yaml").write_text("name: odd\nwhere: 'channel ='\n")
    assert server.ask("GET", "/api/segments").status == 422


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("x", {}, 422),
        ("x", {"filter": ""}, 422),
        ("x", {"filter": "channel ="}, 422),
        ("x", {"filter": "channel = '\ud800'"}, 422),
        ("x", {"filter": "channel = 'web'", "period": "2023"}, 422),
        ("not x", {"filter": "channel = 'web'"}, 422),
        ("true", {"filter": "channel = 'web'"}, 422),
        ("../x", {"filter": "channel = 'web'"}, 404),
        ("x", {**BEHIND, "which": {"step": 9}}, 422),
        ("x", {**BEHIND, "which": {"stepp": 1}}, 422),
        ("x", {**BEHIND, "metric": "a each"}, 422),
        ("x", {**BEHIND, "compare": {"filter": "channel = 'web'"}}, 422),
        ("x", {**BEHIND, "person": "user_id:ann"}, 422),
        ("x", {**BEHIND, "cohort": "nobody"}, 404),
    ],
)
def test_what_names_nobody_is_not_saved(shared: Running, name: str, body: dict[str, Any], status: int) -> None:
    assert put(shared, name, body).status == status
    assert shared.get("/api/segments") == []


def test_an_unknown_segment_cannot_be_forgotten(server: Running) -> None:
    put(server, "on the web", {"filter": "channel = 'web'"})
    found = server.ask("DELETE", "/api/segments/on%20the%20wbe")
    assert (found.status, found.data["nearest"]) == (404, "on the web")
    viewer = token_of(server.state.workspace.root, "read")
    assert put(server, "x", {"filter": "channel = 'web'"}, token=viewer).status == 403
    assert server.ask("DELETE", "/api/segments/on%20the%20web", token=viewer).status == 403
    assert [one["name"] for one in server.get("/api/segments")] == ["on the web"]


def test_questions_are_saved_by_title(server: Running) -> None:
    assert server.get("/api/saved") == []
    body = {"title": "Where they leave", "address": "/journeys/funnel?dates=2023-05&channel=web"}
    saved = server.ask("PUT", "/api/saved/where-they-leave", body)
    assert saved.status == 200
    assert saved.data["owner"].startswith("token:")
    server.ask("PUT", "/api/saved/again", {"title": "again", "address": "/overview", "question": "funnel"})
    assert [one["name"] for one in server.get("/api/saved")] == ["again", "where-they-leave"]
    assert server.get("/api/saved")[1] == saved.data
    changed = server.ask("PUT", "/api/saved/again", {"title": "once more", "address": "/overview"})
    assert changed.data["title"] == "once more"
    assert server.ask("DELETE", "/api/saved/again").status == 204
    found = server.ask("DELETE", "/api/saved/again")
    assert found.status == 404
    files = list((server.state.workspace.root / "questions").iterdir())
    assert [path.name for path in files] == ["where-they-leave.yaml"]


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x", {}),
        ("x", {"title": "", "address": "/overview"}),
        ("x", {"title": " ", "address": "/overview"}),
        ("x", {"title": "x", "address": "overview"}),
        ("x", {"title": "x", "address": "//elsewhere.example"}),
        ("x", {"title": "x", "address": "/\\elsewhere.example"}),
        ("x", {"title": "x", "address": "javascript:alert(1)"}),
        ("x", {"title": "\ud800", "address": "/overview"}),
        ("X Y", {"title": "x", "address": "/overview"}),
        ("..", {"title": "x", "address": "/overview"}),
    ],
)
def test_what_is_no_address_of_the_page_is_not_saved(shared: Running, name: str, body: dict[str, Any]) -> None:
    assert shared.ask("PUT", f"/api/saved/{quote(name, safe='')}", body).status in (404, 405, 422)
    assert shared.get("/api/saved") == []


def test_other_files_of_the_folder_are_left_alone(server: Running) -> None:
    folder = server.state.workspace.root / "questions"
    folder.mkdir(exist_ok=True)
    (folder / "mine.yaml").write_text("steps: [A, B]\n")
    (folder / "broken.yaml").write_text("a: [")
    (folder / "huge.yaml").write_text("title: x\naddress: /overview\n" + "#" * 100_000)
    (folder / "evil.yaml").write_text("title: x\naddress: //elsewhere.example\n")
    assert server.get("/api/saved") == []
    viewer = token_of(server.state.workspace.root, "read")
    body = {"title": "x", "address": "/overview"}
    assert server.ask("PUT", "/api/saved/x", body, token=viewer).status == 403
    assert server.ask("DELETE", "/api/saved/mine", token=viewer).status == 403
