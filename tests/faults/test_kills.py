"""What is acknowledged is stored, once, whatever dies when."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from pathlib import Path

import pytest
from killing import (
    Client,
    check,
    collecting,
    free_port,
    kill,
    messages,
    send,
    start,
    stop_strays,
    wait_for,
    workspace_with_key,
)
from sparing import sparing

import desirepath
from desirepath.collector.crash import POINTS
from desirepath.draining import Drain
from desirepath.rebuilding import rebuild

KILLS = int(os.environ.get("DESIREPATH_KILLS", "15"))


def test_processes_are_killed_at_random(tmp_path: Path) -> None:
    root, port, api = workspace_with_key(tmp_path / "acme"), free_port(), free_port()
    chance = random.Random(KILLS)
    clients = [Client(port, seed) for seed in range(4)]
    threads = [threading.Thread(target=client.run) for client in clients]
    collector = start(root, "collect", "--port", str(port))
    server = start(root, "serve", "--port", str(api), "--collector-port", str(port))
    try:
        wait_for(port)
        wait_for(api)
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.1, 1.2))
            which = chance.choice(("collector", "server", "both"))
            if which in ("collector", "both"):
                kill(collector)
                collector = start(root, "collect", "--port", str(port))
            if which in ("server", "both"):
                kill(server)
                server = start(root, "serve", "--port", str(api), "--collector-port", str(port))
        wait_for(api)
        time.sleep(1)
    finally:
        for client in clients:
            client.stop.set()
        for thread in threads:
            thread.join()
        for process in (server, collector):
            kill(process)
        stop_strays(root)
    acknowledged = set().union(*(client.acknowledged for client in clients))
    assert len(acknowledged) > 50
    assert check(root, acknowledged) >= len(acknowledged)


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("inbox.")])
def test_the_collector_dies_at_a_named_point(tmp_path: Path, point: str) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    acknowledged: set[str] = set()
    with collecting(root, port, crash=f"{point}:3") as process:
        for number in range(20):
            ids = [f"m{number}-{k}" for k in range(3)]
            try:
                status, _ = send(port, messages(ids))
            except OSError:
                break
            if status == 200:
                acknowledged |= set(ids)
        process.wait(timeout=20)
        assert process.returncode == -9
    assert len(acknowledged) >= 6
    assert check(root, acknowledged) >= len(acknowledged)


@pytest.mark.parametrize("point", sparing([point for point in POINTS if point.startswith("drain.")], 2))
def test_the_drain_dies_at_a_named_point(tmp_path: Path, point: str) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    acknowledged: set[str] = set()
    with collecting(root, port):
        for round_ in range(3):
            for number in range(4):
                ids = [f"m{round_}-{number}-{k}" for k in range(3)]
                assert send(port, messages(ids, person=f"u{number}"))[0] == 200
                acknowledged |= set(ids)
            if point == "drain.parts_merged":
                continue
            process = start(root, "drain", crash=f"{point}:1")
            process.wait(timeout=60)
            assert process.returncode == -9, "the point is not crossed"
    if point == "drain.parts_merged":
        _drained_in_small_steps(root, point)
    assert check(root, acknowledged) == len(acknowledged)


def _drained_in_small_steps(root: Path, point: str) -> None:
    """So many parts that they are run together."""
    import subprocess
    import sys

    code = (
        "import desirepath; from desirepath.connectors import growing; from desirepath.draining import Drain\n"
        f"growing.MOST_PARTS = 3\nws = desirepath.open({str(root)!r})\ndrain = Drain(ws)\n"
        "while drain.step(lambda *_: None, 1): pass"
    )
    env = {**os.environ, "DESIREPATH_CRASH": f"{point}:1", "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == -9


@pytest.mark.parametrize("point", sparing(["drain.part_adopted", "drain.begun", "drain.committed"], 2))
def test_rebuilding_after_a_step_that_died_loses_nothing(tmp_path: Path, point: str) -> None:
    """The step has two sources, and dies when the first is in the archive, or all are."""
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    bad = {"batch": [{"type": "nonsense", "messageId": "bad", "userId": "u"}]}
    hit = {"event_type": "a", "user_id": "u9", "time": 1_780_000_000_000, "insert_id": "hit"}
    with collecting(root, port):
        assert send(port, messages(["one"]))[0] == 200
        assert start(root, "drain").wait(timeout=60) == 0
        assert send(port, messages(["two"]))[0] == 200
        assert send(port, json.dumps(bad).encode())[0] == 200
        assert send(port, json.dumps({"events": [hit]}).encode(), path="/2/httpapi")[0] == 200
        assert start(root, "drain", crash=f"{point}:1").wait(timeout=60) == -9
    with desirepath.open(root) as workspace:
        rebuild(workspace, progress=lambda *_: None)
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        for _ in range(2):
            names = workspace.sql("SELECT name FROM events ORDER BY ALL").to_pylist()
            assert [row["name"] for row in names] == ["a", "view", "view"]
            reasons = workspace.sql("SELECT reason_code FROM quarantine").to_pylist()
            assert reasons == [{"reason_code": "record_unreadable"}]
            rebuild(workspace, progress=lambda *_: None)
