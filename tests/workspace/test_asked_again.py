"""An answer is remembered as long as nothing changes that it rests on; two answers can be put side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import add, groups, made, rows_of, steps

from desirepath import Answer, Workspace
from desirepath.errors import InputError
from desirepath.segments import Segment

STORY = """
ann  A  2023-05-01T10:00:00Z  channel=web
ann  B  2023-05-01T10:30:00Z  channel=web
bob  A  2023-05-02T10:00:00Z  channel=app
"""


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    with made(tmp_path, STORY) as found:
        yield found


def asked(ws: Workspace, **more: Any) -> Answer:
    return ws.ask("funnel", **{"steps": ["A", "B"], "window": "1 day", **more})


def test_the_same_question_is_remembered_and_another_is_not(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from desirepath import runner

    asks: list[str] = []
    true_ask = runner.ask
    monkeypatch.setattr(runner, "ask", lambda *args, **more: asks.append("") or true_ask(*args, **more))
    first = asked(ws)
    assert asked(ws) == first
    assert len(asks) == 1
    assert asked(ws).people(step=2, outcome="reached").num_rows == 1
    for more in (
        {"window": "2 days"},
        {"period": "2023-05-01"},
        {"filter": "channel = 'web'"},
        {"cohort": "channel = 'web'"},
        {"unit": "session"},
        {"breakdown": "channel"},
        {"cutoff": "2023-06-01"},
        {"sample": 0.5},
        {"compare": {"period": "2023-05-02"}},
    ):
        before = len(asks)
        asked(ws, **more)
        asked(ws, **more)
        assert len(asks) == before + 1, more


def test_new_data_people_or_segments_are_seen(ws: Workspace) -> None:
    assert steps(asked(ws)) == [2, 1]
    add(ws, rows_of("bob  B  2023-05-02T11:00:00Z", first=100), name="later")
    assert steps(asked(ws)) == [2, 2]
    ws.segments.save(Segment("s", "channel = 'web'"))
    assert steps(asked(ws, cohort="s")) == [1, 1]
    ws.segments.save(Segment("s", "name in ('A', 'B')"))
    assert steps(asked(ws, cohort="s")) == [2, 2]


def test_what_is_too_large_is_not_kept(ws: Workspace) -> None:
    ws.asking.remembered.limit = 0
    assert steps(asked(ws)) == steps(asked(ws))
    assert len(ws.asking.remembered) == 0


def test_two_answers_side_by_side(ws: Workspace) -> None:
    web, app = asked(ws, filter="channel = 'web'"), asked(ws, filter="channel = 'app'")
    both = web.compare(app, names=("web", "app"))
    assert groups(both) == {"web": [1, 1], "app": [1, 0]}
    assert both.extras["differences"]["difference"] == [1.0]
    assert both.people(group="app", step=1, outcome="dropped").num_rows == 1
    with pytest.raises(InputError, match="same question"):
        web.compare(asked(ws, window="2 days"))
    with pytest.raises(InputError, match="ask the question again"):
        Answer.from_json(web.to_json()).compare(app)
    with pytest.raises(InputError, match="ask the question again"):
        web.compare(Answer.from_json(app.to_json()))


def test_answers_side_by_side_have_names_and_one_unit(ws: Workspace) -> None:
    web, everybody = asked(ws, filter="channel = 'web'"), asked(ws)
    with pytest.raises(InputError, match="a name of its own"):
        web.compare(everybody, names=("same", "same"))
    with pytest.raises(InputError, match="by session"):
        web.compare(asked(ws, unit="session"))
    (overlap,) = [notice.text for notice in web.compare(everybody).warnings if notice.code == "overlap"]
    assert overlap.startswith("1 person is in both populations")
    # found in older data, people are told by who they are and not by where they stand
    add(ws, rows_of("aaa  A  2023-05-01T08:00:00Z", first=100), name="earlier")
    (overlap,) = [notice.text for notice in everybody.compare(asked(ws)).warnings if notice.code == "overlap"]
    assert overlap.startswith("2 people are in both populations")


def test_a_preview_comes_first_where_there_is_much(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Answer] = []
    asked(ws, preview=seen.append)
    assert seen == []
    monkeypatch.setattr("desirepath.asking.PREVIEW_FROM", 1)
    full = asked(ws, preview=seen.append)
    assert [item.code for item in seen[0].warnings if item.code == "sampled"] == ["sampled"]
    assert steps(full) == [2, 1]


def test_a_page_of_its_own_fetches_nothing_and_escapes_everything(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>"
    with made(tmp_path, [{"id": "1", "user": "u", "event": name, "at": "2023-05-01T10:00:00Z"}]) as ws:
        page = ws.ask("funnel", steps=[f"name = '{name}'"] * 2).to_html(title="<b>")
    assert "<script" not in page
    assert "<b>&lt;b&gt;" not in page
    assert "&lt;script&gt;" in page
    assert "<svg" in page
    assert "src=" not in page.replace("img-src", "")
    assert page.startswith("<!doctype html>")
