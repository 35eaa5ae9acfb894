"""A workspace whose processes are killed while clients send, and what must be true of it afterwards."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import desirepath
from desirepath.collector.keys import KeyBook
from desirepath.doctor import examine

KEY = "dpw_test"


def free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def workspace_with_key(root: Path, *, public: bool = False, key: str = KEY) -> Path:
    """A new workspace with a write key."""
    with desirepath.create(root, time_zone="UTC"):
        pass
    KeyBook(root).add("test", text=key, public=public)
    return root


def start(root: Path, command: str, *more: str, crash: str | None = None) -> subprocess.Popen[bytes]:
    """Start a process of the command line."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    if crash is not None:
        env["DESIREPATH_CRASH"] = crash
    return subprocess.Popen(
        [sys.executable, "-m", "desirepath", command, "-w", str(root), "--quiet", *more],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def collecting(root: Path, port: int, *, crash: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A collector that listens."""
    with running(start(root, "collect", "--port", str(port), crash=crash)) as process:
        wait_for(port)
        yield process


@contextmanager
def serving(root: Path, api: int, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server that answers, and its collector."""
    with running(start(root, "serve", "--port", str(api), "--collector-port", str(port))) as process:
        try:
            wait_for(api)
            wait_for(port)
            yield process
        finally:
            end(process)
            stop_strays(root)


@contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block."""
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Tell a process to end, and end it if it does not."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=30)
    process.kill()


def stop_strays(root: Path) -> None:
    """End collectors that a killed server had started."""
    subprocess.run(["pkill", "-9", "-f", f"desirepath collect -w {root}"], check=False)


def wait_for(port: int, *, seconds: float = 30) -> None:
    """Wait until something answers on a port."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


def send(
    port: int, body: bytes, *, path: str = "/v1/batch", key: str | None = KEY, **headers: str
) -> tuple[int, bytes]:
    """Send a request; the status and the body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    given = {"authorization": f"Bearer {key}", **headers} if key else headers
    connection.request("POST", path, body=body, headers=given)
    answer = connection.getresponse()
    return answer.status, answer.read()


def messages(ids: list[str], *, person: str = "u1") -> bytes:
    """A batch of Segment's messages with these ids."""
    batch = [
        {
            "type": "track",
            "event": "view",
            "messageId": one,
            "userId": person,
            "timestamp": "2026-05-01T10:00:00.000Z",
            "context": {"library": {"name": "test"}},
        }
        for one in ids
    ]
    return json.dumps({"batch": batch}).encode()


@dataclass
class Client:
    """Sends batches with ids of its own, each again and again until it is acknowledged."""

    port: int
    seed: int
    acknowledged: set[str] = field(default_factory=set)
    sent: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send until told to stop."""
        chance = random.Random(self.seed)
        while not self.stop.is_set():
            ids = [str(uuid.UUID(int=chance.getrandbits(128))) for _ in range(chance.randint(1, 8))]
            body = messages(ids, person=f"u{chance.randrange(50)}")
            while not self.stop.is_set():
                self.sent += 1
                with suppress(OSError, http.client.HTTPException):
                    status, _ = send(self.port, body)
                    if status == 200:
                        self.acknowledged |= set(ids)
                        break
                time.sleep(0.02)


def check(root: Path, acknowledged: set[str]) -> int:
    """Drain what is left, and hold the promises; how many events there are."""
    from desirepath.draining import Drain

    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        rows = workspace.sql("SELECT count(*) AS n, count(DISTINCT id) AS d FROM events").to_pylist()[0]
        assert rows["n"] == rows["d"], "an event is stored twice"
        stored = keys_of(root)
        assert acknowledged <= stored, f"{len(acknowledged - stored)} acknowledged events are lost"
        assert len(stored) == rows["n"]
        assert workspace.quarantine().num_rows == 0
        assert workspace.engine.extent().events == rows["n"]
    wrong = [one for one in examine(root, lambda *_: None) if one.status == "problem" and one.name != "disk"]
    assert not wrong, wrong
    return int(rows["n"])


def keys_of(root: Path) -> set[str]:
    """The message ids in the archive."""
    import pyarrow.parquet as pq

    found: set[str] = set()
    for part in sorted((root / "archive").glob("*/segment.*.parquet")):
        found |= set(pq.read_table(part, columns=["key"]).column("key").to_pylist())
    return found


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process as a power cut would."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=20)
