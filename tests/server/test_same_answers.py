"""The page's answers are those of the command line: the same questions of a workspace, asked both ways."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from made_workspaces import made
from running import Running, running

import desirepath

STORY = """
    ann  A  2023-05-01T10:00:00Z  channel=web  amount=3
    ann  B  2023-05-01T10:30:00Z  channel=web  amount=30
    bea  A  2023-05-01T10:00:00Z  channel=app
    bea  A  2023-05-09T10:00:00Z  channel=app
    cid  A  2023-05-02T10:00:00Z  channel=web
    cid  B  2023-05-20T10:00:00Z  channel=app  amount=10
    dan  B  2023-06-01T10:00:00Z  channel=web  amount=7
"""
MAP = "map: way\ngoal: B\ngives_up_after: 7 days\nstages: [{stage: Begin, steps: [A]}, {stage: End, steps: [B]}]\n"

STEPS = ["--steps", "A", "--steps", "B"]

ASKED: list[tuple[str, list[str], dict[str, Any], dict[str, str]]] = [
    ("funnel", [*STEPS, "--window", "7 days"], {"steps": ["A", "B"], "window": "7 days"}, {}),
    ("funnel", STEPS, {"steps": ["A", "B"]}, {"breakdown": "channel", "period": "2023-05"}),
    ("retention", ["--start", "A"], {"start": "A"}, {"filter": "channel = 'app'"}),
    ("measure", ["--event", "A"], {"event": "A"}, {"over": "week", "period": "2023-05"}),
    ("journey-map", ["way"], {"map": "way"}, {}),
    ("transitions", [], {}, {"cohort": "channel = 'web'"}),
    ("paths", [], {}, {"period": "2023-05", "against": "2023-06"}),
]


NAMED = {"against": "--compare-period"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    """A server, and a copy of its workspace for the command line."""
    folder = tmp_path_factory.mktemp("same")
    with made(folder, STORY) as workspace:
        (workspace.root / "maps").mkdir(exist_ok=True)
        (workspace.root / "maps" / "way.yaml").write_text(MAP)
    shutil.copytree(folder / "ws", folder / "copy" / "ws")
    with desirepath.open(folder / "ws") as workspace, running(workspace) as server:
        yield server, folder / "copy" / "ws"


def by_command(root: Path, question: str, options: list[str], whom: dict[str, str]) -> Any:
    """What the command line says, as JSON."""
    given = [part for name, value in whom.items() for part in (NAMED.get(name, f"--{name}"), value)]
    command = [sys.executable, "-m", "desirepath", "ask", question, *options, *given, "-w", str(root), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("question", "options", "fields", "whom"), ASKED)
def test_both_say_the_same(
    told: tuple[Running, Path], question: str, options: list[str], fields: dict[str, Any], whom: dict[str, str]
) -> None:
    server, root = told
    expected = by_command(root, question, options, whom)
    address = urlencode({"fields": json.dumps(fields), **whom})
    by_address = server.ask("GET", f"/api/ask/{question}?{address}").data
    by_body = server.ask("POST", f"/api/ask/{question}", {"fields": fields, **whom}).data
    asked = {"client": "a-browser", "question": question, "fields": fields, **whom}
    reply = server.ask("POST", "/api/queries", asked)
    as_page = reply.data["answer"]
    assert by_address == by_body == as_page == expected
