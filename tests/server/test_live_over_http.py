"""What happens now: minutes, names and channels as questions count them, and who waits on a journey."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import made
from running import Running, running

import desirepath
from desirepath.server import living

MAP = "map: way\ngoal: B\ngives_up_after: 7 days\nstages: [{stage: Begin, steps: [A]}, {stage: End, steps: [B]}]\n"


def story() -> str:
    """Events up to now: 30 persons who went on within a minute, and some who wait."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)

    def line(who: str, name: str, minutes: float, channel: str) -> str:
        return f"{who}  {name}  {now - dt.timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}  channel={channel}"

    rows = [line(f"p{n}", "A", 1000, "web") for n in range(30)] + [line(f"p{n}", "B", 999, "web") for n in range(30)]
    rows += [line("ann", "A", 12, "web"), line("ann", "A", 11.5, "web"), line("bea", "A", 9, "app")]
    rows += [line("cid", "A", 0, "app"), line("dan", "x", 5, "app")]
    return "\n".join(rows)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with made(tmp_path_factory.mktemp("live"), story(), late=False) as workspace:
        (workspace.root / "maps").mkdir(exist_ok=True)
        (workspace.root / "maps" / "way.yaml").write_text(MAP)
        with running(workspace) as found:
            yield found


def behind(server: Running, fields: Any, which: Any, question: str = "measure", **whom: Any) -> int:
    body = {"question": question, "fields": fields, "which": which, **whom}
    return int(server.ask("POST", "/api/people/behind", body).data["total"])


def test_the_last_half_hour_leads_to_as_many_people(server: Running) -> None:
    found = server.get("/api/live")
    minutes = found["minutes"]
    assert len(minutes) == living.MINUTES
    assert sum(one["events"] for one in minutes) == found["events"] == 5
    assert found["people"] == 4
    end = dt.datetime.fromisoformat(minutes[-1]["at"]) + dt.timedelta(minutes=1)
    whole = f"{minutes[0]['at']}..{end.isoformat()}".replace("+00:00", "Z")
    assert behind(server, {}, {}, period=whole) == found["people"]
    assert [(one["name"], one["events"], one["people"]) for one in found["names"]] == [("A", 4, 3), ("x", 1, 1)]
    assert [(one["channel"], one["events"]) for one in found["channels"]] == [("app", 3), ("web", 2)]
    for one in found["names"]:
        assert behind(server, {"event": one["name"]}, {"did": "yes"}, period=whole) == one["people"]
    for minute in minutes:
        after = dt.datetime.fromisoformat(minute["at"]) + dt.timedelta(minutes=1)
        span = f"{minute['at']}..{after.isoformat()}".replace("+00:00", "Z")
        if minute["people"]:
            assert behind(server, {}, {}, period=span) == minute["people"]


def test_who_is_where_on_a_journey_and_who_is_stuck(server: Running) -> None:
    until = time.monotonic() + 30
    while not (journeys := server.get("/api/live")["journeys"]) and time.monotonic() < until:
        time.sleep(0.2)
    (way,) = journeys
    assert way["stages"] == [{"stage": "Begin", "now": 3}, {"stage": "End", "now": 0}]
    assert behind(server, {"map": "way"}, {"stage": "Begin", "way": "waiting"}, "journey_map") == 3
    (stuck,) = way["stuck"]
    assert (stuck["touchpoint"], stuck["waiting"], stuck["usual_seconds"]) == ("A", 3, 60.0)
    assert stuck["longer_than_usual"] == 2  # ann and bea; cid came this minute
    assert behind(server, {"map": "way"}, {"touchpoint": "A", "way": "waiting"}, "journey_map") == 3
    assert behind(server, {"map": "way"}, {"touchpoint": "A", "way": "waiting longer"}, "journey_map") == 2


def test_minutes_do_not_wait_for_a_long_question(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(living, "PATIENCE", 0.2)
    server.get("/api/live")  # the connection by which it is read is opened in turn
    (server.state.workspace.root / "maps" / "way.yaml").write_text(MAP + "title: Another\n")
    with server.state.turns:
        began = time.monotonic()
        found = server.get("/api/live")
        assert time.monotonic() - began < 5
        assert found["events"] > 0
    until = time.monotonic() + 30
    while server.get("/api/live")["journeys"][0]["title"] != "Another":
        assert time.monotonic() < until
        time.sleep(0.2)


def test_a_workspace_without_events(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "empty", time_zone="UTC") as workspace, running(workspace) as server:
        found = server.get("/api/live")
        assert (found["last"], found["events"], found["people"], found["journeys"]) == (None, 0, 0, [])
        assert len(found["minutes"]) == living.MINUTES
