"""A disk that is full: nothing acknowledged is lost, and all goes on when there is room again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from killing import check, free_port, messages, send, serving, start, wait_for, workspace_with_key


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a small file system cannot be mounted here (that takes root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


def test_the_collector_on_a_full_disk(small_disk: Path) -> None:
    root, port = workspace_with_key(small_disk / "acme"), free_port()
    ballast = small_disk / "ballast"
    acknowledged: set[str] = set()
    process = start(root, "collect", "--port", str(port))
    try:
        wait_for(port)
        acknowledged |= sent(port, "before", 5)
        fill(ballast)
        statuses = {send(port, messages([f"full{k}-{one}" for one in range(200)]))[0] for k in range(60)}
        assert 503 in statuses
        assert statuses <= {200, 503}
        for k in range(60):  # what was acknowledged nevertheless counts too
            ids = [f"again{k}-{one}" for one in range(200)]
            if send(port, messages(ids))[0] == 200:
                acknowledged |= set(ids)
        ballast.unlink()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(AssertionError):
                acknowledged |= sent(port, "after", 5)
                break
            time.sleep(0.2)
        else:
            pytest.fail("the collector does not recover")
    finally:
        process.kill()
        process.wait(timeout=10)
    assert check(root, acknowledged) >= len(acknowledged)


def test_the_drain_on_a_full_disk(small_disk: Path) -> None:
    root, port, api = workspace_with_key(small_disk / "acme"), free_port(), free_port()
    ballast = small_disk / "ballast"
    acknowledged: set[str] = set()
    with serving(root, api, port):
        acknowledged |= sent(port, "before", 5)
        time.sleep(3)
        fill(ballast)
        for k in range(40):
            ids = [f"full{k}-{one}" for one in range(50)]
            if send(port, messages(ids, person=f"p{k}"))[0] == 200:
                acknowledged |= set(ids)
        time.sleep(3)
        ballast.unlink()
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            if waiting(api) == 0:
                break
            time.sleep(0.3)
        else:
            pytest.fail("the drain does not recover")
        acknowledged |= sent(port, "after", 5)
        time.sleep(2)
    assert check(root, acknowledged) >= len(acknowledged)


def waiting(api: int) -> int:
    """Events that the server says are not stored yet; many while it has a problem."""
    import http.client
    import json

    connection = http.client.HTTPConnection("127.0.0.1", api, timeout=20)
    connection.request("GET", "/healthz")
    told = json.loads(connection.getresponse().read())
    return 1 << 30 if told["problem"] else int(told["waiting"]["events"])


def sent(port: int, name: str, count: int) -> set[str]:
    """Send some batches that must all be taken."""
    found: set[str] = set()
    for k in range(count):
        ids = [f"{name}{k}-{one}" for one in range(5)]
        assert send(port, messages(ids))[0] == 200
        found |= set(ids)
    return found


def fill(ballast: Path) -> None:
    """Write until there is no room left."""
    with ballast.open("wb", buffering=0) as opened:
        for size in (1 << 20, 4096):
            with suppress(OSError):
                while opened.write(b"\0" * size) == size:
                    pass
