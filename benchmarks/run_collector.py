"""How much does the collector take, how soon, in how much memory; and does the drain keep up?

    python benchmarks/run_collector.py

32 connections send ten events a request. First the collector alone, as fast as it answers; beside it a collector as
most would write it, FastAPI with a transaction of DuckDB a request. Then `desirepath serve`, at 20,000 and for a
minute at 15,000 events a second: what is acknowledged, what waits, and how long it took until the last of it was
stored. The drain stores in steps, so what it stores a second is what came less what the waiting grew by from the
middle third to the last one.
Then one event at a time: seconds until an answer shows it. Clients, collector and drain share the machine's cores.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import results

import desirepath
from desirepath.collector.keys import KeyBook
from desirepath.server.access.book import Book
from desirepath.server.access.tokens import Tokens

DRAIN_ASKED = 15_000
"""Events a second that the drain should store while they come."""
CLOSE = 0.98
"""What the clients do not send in time, as a share, is no fault of the drain's."""

HERE = Path(__file__).parent
KEY = "bench"
CONNECTIONS, EVENTS = 32, 10
SERVED = ((20_000, 1), (15_000, 3))
"""Events a second, and how many times as long as the others."""


def main() -> None:
    """Measure, and write the section of RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = [alone(folder / "alone", seconds), written_plainly(folder / "plain.duckdb", seconds)]
        served = [serving(folder / f"served{rate}", longer * seconds, rate) for rate, longer in SERVED]
        visible = seen(folder / "seen")
    results.write_section("collector", text(rows, served, visible, seconds))


def text(rows: list[dict[str, Any]], served: list[dict[str, Any]], visible: list[float], seconds: float) -> str:
    """The section."""
    lines = [
        "## Collector",
        "",
        f"{results.machine()}. {results.today()}. Load {results.load():.1f} at the end.",
        "",
        f"{CONNECTIONS} connections, {EVENTS} events a request, {seconds:.0f} s each, {SERVED[-1][1] * seconds:.0f} s "
        "in the last row; clients, collector and drain share the machine. Acknowledged means flushed to disk.",
        "",
        "| | events/s acknowledged | p50 ms | p99 ms | memory MB |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['name']} | {row['events_a_second']:,.0f} | {row['p50_ms']:.1f} | {row['p99_ms']:.1f} "
        f"| {row['memory']:.0f} |"
        for row in rows
    ]
    lines += [
        "",
        "| `desirepath serve` at | acknowledged/s | p99 ms | collector MB | drained/s while it came "
        "| waited, last third | stored after |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['rate']:,} events/s | {row['events_a_second']:,.0f} | {row['p99_ms']:.1f} | {row['memory']:.0f} | "
        f"{row['drained']:,.0f} | {row['waiting']:,.0f} | {row['after']:.1f} s |"
        for row in served
    ]
    visible.sort()
    short = [row for row in served if row["drained"] < CLOSE * DRAIN_ASKED]
    missed = [
        f"the drain stores {row['drained']:,.0f}/s while {row['rate']:,} come each second, asked {DRAIN_ASKED:,}"
        for row in short
    ]
    lines += [
        "",
        f"**Missed:** {'; '.join(missed) or 'nothing'}.",
        "",
        f"From a request to its event in an answer, on a quiet server: {visible[len(visible) // 2]:.2f} s "
        f"(slowest of {len(visible)}: {visible[-1]:.2f} s).",
    ]
    return "\n".join(lines)


def workspace(root: Path) -> Path:
    """A workspace with a key."""
    desirepath.create(root, time_zone="UTC").close()
    KeyBook(root).add("bench", text=KEY, public=False)
    return root


def free_port() -> int:
    """A port that nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start(*command: str) -> subprocess.Popen[bytes]:
    """A process of the command line."""
    return subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def get(port: int, path: str, body: Any = None, key: str = KEY) -> tuple[int, Any]:
    """Status and data of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    connection.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def wait_for(port: int, path: str = "/healthz") -> None:
    """Wait until a server answers."""
    for _ in range(600):
        with suppress(OSError, ValueError):
            get(port, path)
            return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


def memory(process_sign: bytes) -> float:
    """Resident MB of the largest process whose command has this word."""
    found = 0.0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if process_sign in path.read_bytes():
                found = max(found, int((path.parent / "statm").read_text().split()[1]) * 4096 / 1e6)
    return found


def load(port: int, seconds: float, rate: int = 0) -> dict[str, Any]:
    """What the clients say."""
    command = [sys.executable, str(HERE / "load.py"), *map(str, (port, seconds, CONNECTIONS, EVENTS, rate))]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return found


def alone(root: Path, seconds: float) -> dict[str, Any]:
    """The collector, as fast as it answers."""
    port = free_port()
    process = start("-m", "desirepath", "collect", "-w", str(workspace(root)), "--port", str(port), "--rate", "1000000")
    try:
        wait_for(port)
        return {"name": "desirepath collect", **load(port, seconds), "memory": memory(b"\0collect\0")}
    finally:
        process.kill()
        process.wait()


def written_plainly(path: Path, seconds: float) -> dict[str, Any]:
    """FastAPI and DuckDB."""
    port = free_port()
    process = start(str(HERE / "peers" / "fastapi_duckdb.py"), str(port), str(path))
    try:
        wait_for(port, "/openapi.json")
        return {"name": "FastAPI, pydantic, DuckDB", **load(port, seconds), "memory": memory(b"fastapi_duckdb.py")}
    finally:
        process.kill()
        process.wait()


def serving(root: Path, seconds: float, rate: int) -> dict[str, Any]:
    """Collector and drain together, at a rate."""
    api, port = free_port(), free_port()
    where = ("--port", str(api), "--collector-port", str(port))
    process = start("-m", "desirepath", "serve", "-w", str(workspace(root)), *where)
    try:
        wait_for(api)
        wait_for(port)
        load(port, 3, 2000)  # kernels are compiled, and the first segments made
        drain_all(api)
        waits: list[tuple[float, int]] = []
        stop = threading.Event()
        watch = threading.Thread(target=watch_waiting, args=(api, stop, waits))
        watch.start()
        found = load(port, seconds, rate)
        stop.set()
        watch.join()
        used, began = memory(b"\0collect\0"), time.perf_counter()
        drain_all(api)
        middle, last = (
            statistics.fmean(count for at, count in waits if third <= 3 * at / seconds < third + 1) for third in (1, 2)
        )
        return {
            **found,
            "rate": rate,
            "memory": used,
            "drained": found["events_a_second"] - (last - middle) / (seconds / 3),
            "waiting": last,
            "after": time.perf_counter() - began,
        }
    finally:
        process.terminate()
        process.wait()


def watch_waiting(api: int, stop: threading.Event, waits: list[tuple[float, int]]) -> None:
    """Note how many events wait, and at which second."""
    began = time.perf_counter()
    while not stop.wait(0.25):
        count = int(get(api, "/healthz")[1]["waiting"]["events"])
        waits.append((time.perf_counter() - began, count))


def drain_all(api: int) -> None:
    """Wait until nothing waits."""
    while get(api, "/healthz")[1]["waiting"]["events"]:
        time.sleep(0.1)


def seen(root: Path) -> list[float]:
    """Seconds from a request to its event in an answer, of several."""
    api, port = free_port(), free_port()
    where = ("--port", str(api), "--collector-port", str(port))
    process = start("-m", "desirepath", "serve", "-w", str(workspace(root)), *where)
    token = Tokens(Book(root)).add("benchmark", "benchmark", ["read"])
    found: list[float] = []
    try:
        wait_for(api)
        wait_for(port)
        for number in range(8):
            message = {"type": "track", "event": "view", "messageId": str(uuid.uuid4()), "userId": f"p{number}"}
            message["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
            began = time.perf_counter()
            get(port, "/v1/batch", {"batch": [message]})
            asked = {"fields": {"steps": ["view", "order"], "window": "1 day"}}
            while True:
                status, answer = get(api, "/api/ask/funnel", asked, token)
                if status == 200 and answer["table"]["reached"][0] == number + 1:
                    break
                time.sleep(0.05)
            found.append(time.perf_counter() - began)
        return found[1:]  # the first compiles
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
