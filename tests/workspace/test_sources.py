"""How sources are: fresh, adding up, drifting."""

from __future__ import annotations

import json
from pathlib import Path

import desirepath
from desirepath.collector.inbox import FILE, Request, connect
from desirepath.draining import Drain
from desirepath.sources import sources, waiting
from desirepath.workspace import Workspace

DAY = 86_400_000_000
BEGAN = 1_780_000_000_000_000


def arrive(workspace: Workspace, name: str, day: int, **properties: object) -> None:
    """An event that comes and happens on a day."""
    message = {
        "type": "track",
        "event": name,
        "messageId": f"{name}{day}",
        "userId": "u1" if name != "loose" else None,
        "anonymousId": "a1" if name != "loose" else "a9",
        "properties": properties,
    }
    body = json.dumps({"batch": [message]}).encode()
    request = Request(BEGAN + day * DAY, "/v1/batch", b"", "{}", "k", "main", 0, 1, body)
    con = connect(workspace.root / FILE)
    marks = ", ".join("?" * len(request))
    con.execute(f"INSERT INTO requests ({', '.join(Request._fields)}) VALUES ({marks})", request)
    con.close()


def test_what_is_new_and_what_is_gone(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        assert sources(workspace) == []
        arrive(workspace, "old", 0, plan="pro")
        arrive(workspace, "view", 0, plan="pro")
        arrive(workspace, "view", 30, plan="pro", experiment="b")
        arrive(workspace, "order", 30, plan="pro")
        arrive(workspace, "loose", 30)
        assert waiting(workspace).events == 5
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        assert waiting(workspace).events == 0
        (found,) = sources(workspace)
        assert (found.source, found.received, found.stored, found.events) == ("segment", 5, 5, 5)
        assert found.new_names == ("loose", "order")
        assert found.new_properties == ("experiment",)
        assert found.gone_names == ("old",)
        assert found.unnamed == 1 / 5
        assert found.adds_up
        assert json.dumps(found.to_dict())


def test_a_first_import_is_not_all_new(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        arrive(workspace, "view", 0, plan="pro")
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        (found,) = sources(workspace)
        assert (found.new_names, found.new_properties, found.gone_names) == ((), (), ())


def test_names_that_no_map_has(tmp_path: Path) -> None:
    with desirepath.create(tmp_path / "acme", time_zone="UTC") as workspace:
        for day, name in enumerate(("view", "order", "help", "help", "survey", "refund")):
            arrive(workspace, name, day, plan="pro")
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        assert sources(workspace)[0].unmapped_names is None
        shelf = workspace.root / "maps"
        (shelf / "broken.yaml").write_text("map: [")
        assert sources(workspace)[0].unmapped_names is None
        (shelf / "buy.yaml").write_text(
            """
            map: buy
            starts: view
            goal: order
            gives_up_after: 7 days
            stages:
              - stage: all
                steps: [view, {touchpoint: order, event: "name = 'order' and plan = 'pro'"}]
            rules: [{name: no refund, never: refund, after: order}]
            """
        )
        assert sources(workspace)[0].unmapped_names == ("help", "survey")
