"""Journey maps over HTTP: listed, read, checked, written; what is wrong has its line; nobody overwrites unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from admitted import token_of
from made_workspaces import made
from running import Running, running

STORY = """
    ann  A  2023-05-01T10:00:00Z  channel=web
    ann  B  2023-05-01T10:30:00Z  channel=web
    bea  A  2023-05-01T10:00:00Z  channel=app
"""
MAP = """\
map: way
title: From A to B
goal: B
gives_up_after: 7 days
stages:
  - stage: Begin
    owner: shop
    steps: [A, {one_of: [x, {touchpoint: y, event: "name = 'yy'"}], optional: true}]
  - stage: End
    steps: [B]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with made(tmp_path_factory.mktemp("maps"), STORY) as workspace, running(workspace) as found:
        yield found


@pytest.fixture(autouse=True)
def _only_this_map(server: Running) -> None:
    folder = server.state.workspace.root / "maps"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (folder / "way.yaml").write_text(MAP)


def test_maps_are_listed_and_read(server: Running) -> None:
    assert server.get("/api/maps") == [
        {"name": "way", "title": "From A to B", "stages": 2, "steps": 4, "file": "maps/way.yaml", "problem": None}
    ]
    found = server.get("/api/maps/way")
    assert (found["name"], found["title"], found["text"], found["problems"]) == ("way", "From A to B", MAP, [])
    begin, end = found["outline"]["stages"]
    assert (begin["name"], begin["owner"], end["name"]) == ("Begin", "shop", "End")
    assert begin["steps"] == [
        {"touchpoint": "A"},
        {"one_of": [{"touchpoint": "x"}, {"touchpoint": "y", "event": "name = 'yy'"}], "optional": True},
    ]
    assert found["outline"]["goal"] == "B"


def test_a_folder_without_maps(server: Running) -> None:
    (server.state.workspace.root / "maps" / "way.yaml").unlink()
    (server.state.workspace.root / "maps").rmdir()
    assert server.get("/api/maps") == []
    assert server.ask("PUT", "/api/maps/way", {"text": MAP}).status == 200
    assert [one["name"] for one in server.get("/api/maps")] == ["way"]


def test_the_form_of_a_text_is_a_map_that_can_be_asked(server: Running) -> None:
    checked = server.ask("POST", "/api/maps/check", {"text": MAP}).data
    assert checked["problems"] == []
    whole = server.ask("POST", "/api/ask/journey_map", {"fields": {"map": checked["form"]}})
    named = server.ask("POST", "/api/ask/journey_map", {"fields": {"map": "way"}})
    assert whole.status == named.status == 200
    assert whole.data["table"] == named.data["table"]


@pytest.mark.parametrize(
    ("text", "line", "says", "nearest"),
    [
        (MAP.replace("owner", "ownr"), 7, "ownr", "owner"),
        (MAP.replace("gives_up_after: 7 days", "gives_up_after: 7 fortnights"), 4, "", None),
        (MAP.replace("goal: B\n", ""), 1, "goal", None),
        ("map: [", 1, "YAML", None),
        ("a: &x 1\nb: *x\n", 2, "aliases", None),
        ("map: a\nmap: b\n", 2, "twice", None),
        ("", None, "pairs", None),
        ("\ud800", None, "UTF-8", None),
        ("x" * 300_000, None, "KB", None),
    ],
)
def test_what_is_wrong_has_its_line(
    server: Running, text: str, line: int | None, says: str, nearest: str | None
) -> None:
    found = server.ask("POST", "/api/maps/check", {"text": text})
    assert found.status == 200
    (fault,) = found.data["problems"]
    assert (fault["line"], fault["nearest"]) == (line, nearest)
    assert says in fault["message"]
    assert found.data["outline"] is found.data["form"] is None


def test_a_map_is_written_over_what_was_seen_alone(server: Running) -> None:
    file = server.state.workspace.root / "maps" / "way.yaml"
    etag = server.get("/api/maps/way")["etag"]
    mine, theirs = MAP.replace("From A to B", "Mine"), MAP.replace("From A to B", "Theirs")
    saved = server.ask("PUT", "/api/maps/way", {"text": mine, "etag": etag})
    assert saved.status == 200
    assert file.read_text() == mine
    assert saved.data["outline"]["title"] == "Mine"
    refused = server.ask("PUT", "/api/maps/way", {"text": theirs, "etag": etag})
    assert (refused.status, refused.data["error"]) == (409, "ConflictError")
    assert server.ask("PUT", "/api/maps/way", {"text": theirs}).status == 409
    assert file.read_text() == mine
    assert server.ask("PUT", "/api/maps/way", {"text": theirs, "etag": saved.data["etag"]}).status == 200


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("new", {"text": MAP}, 422),
        ("way", {"text": "map: way"}, 422),
        ("way", {}, 422),
        ("gone", {"text": MAP.replace("map: way", "map: gone"), "etag": "0" * 32}, 404),
        ("..%2Fway", {"text": MAP.replace("map: way", "map: ../way")}, 404),
    ],
)
def test_what_is_no_map_is_not_written(server: Running, name: str, body: dict[str, Any], status: int) -> None:
    assert server.ask("PUT", f"/api/maps/{name}", body).status == status
    assert [path.name for path in (server.state.workspace.root / "maps").iterdir()] == ["way.yaml"]


def test_a_new_map_and_whoever_may_write_it(server: Running) -> None:
    text = MAP.replace("map: way", "map: new")
    viewer = token_of(server.state.workspace.root, "read")
    assert server.ask("PUT", "/api/maps/new", {"text": text}, token=viewer).status == 403
    assert server.ask("PUT", "/api/maps/new", {"text": text}).status == 200
    assert [one["name"] for one in server.get("/api/maps")] == ["new", "way"]


def test_a_broken_map_can_be_mended(server: Running) -> None:
    (server.state.workspace.root / "maps" / "way.yaml").write_text(MAP.replace("owner", "ownr"))
    (listed,) = server.get("/api/maps")
    assert "ownr" in listed["problem"]
    found = server.get("/api/maps/way")
    assert (found["outline"], found["problems"][0]["line"]) == (None, 7)
    assert server.ask("PUT", "/api/maps/way", {"text": MAP, "etag": found["etag"]}).status == 200


def test_an_unknown_map_has_its_nearest(server: Running) -> None:
    found = server.ask("GET", "/api/maps/wya")
    assert (found.status, found.data["nearest"]) == (404, "way")


def test_a_draft_that_goes_while_questions_are_asked_is_no_defect(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = server.state.workspace.root / "maps" / "gone.draft"
    listed, is_file = Path.iterdir, Path.is_file

    def seen_a_moment_ago(folder: Path) -> list[Path]:
        return [*listed(folder), *([draft] if folder == draft.parent else [])]

    monkeypatch.setattr(Path, "iterdir", seen_a_moment_ago)
    monkeypatch.setattr(Path, "is_file", lambda path, **more: path == draft or is_file(path, **more))
    assert server.ask("POST", "/api/ask/measure", {"fields": {"event": "A"}}).status == 200
