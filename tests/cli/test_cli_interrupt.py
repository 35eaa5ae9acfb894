"""Does Ctrl-C leave the workspace as it was, and say so?"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import desirepath

ROWS = 400_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that takes seconds to import."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    with path.open("w") as out:
        out.write("customer,what,at,channel,amount,plan\n")
        out.writelines(
            f"c{row % 50_000},visit,2026-04-{row % 28 + 1:02d} 10:00:{row % 60:02d},web,{row},plan {row % 7}\n"
            for row in range(ROWS)
        )
    return path


def state(root: Path) -> tuple[object, ...]:
    """What a workspace holds, whatever its files look like."""
    tables = ("events", "identities", "identity_links", "people", "person_of", "batches", "quarantine")
    with desirepath.open(root) as workspace:
        counts = tuple(workspace.sql(f"SELECT count(*) FROM {table}").to_pylist()[0].popitem()[1] for table in tables)
        versions = tuple(map(str, workspace.sql("SELECT name, version FROM versions ORDER BY name").to_pylist()))
        answer = workspace.ask("funnel", steps=["visit", "order"])
    archive = tuple(sorted(str(path.relative_to(root)) for path in (root / "archive").rglob("*")))
    left = tuple(path.name for path in (root / "temp").iterdir())
    return counts, versions, answer.columns, archive, left


def wait_for(there: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    """Wait until something is there, or fail when the command ended before."""
    end = time.monotonic() + 60
    while not there():
        assert running.poll() is None, f"it ended before it could be stopped: {running.communicate()}"
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("stage", "delay"),
    [
        ("archive/000002.tmp", 0.0),
        ("archive/000002.tmp", 0.4),
        ("archive/000002", 0.0),
        ("archive/000002", 0.6),
    ],
)
def test_an_import_stopped_half_way_leaves_nothing(start, own, large, stage, delay):
    before = state(own / "acme")
    running = start("import", large, "--mapping", own / "shop.yaml", "-w", own / "acme")
    wait_for((own / "acme" / stage).exists, running)
    time.sleep(delay)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert err.decode().strip() == "Stopped. Nothing of this command was kept; the workspace is as it was."
    assert out == b""
    assert state(own / "acme") == before


def test_stopped_with_json_gives_a_document(start, own, large):
    running = start("import", large, "--mapping", own / "shop.yaml", "-w", own / "acme", "--json")
    wait_for((own / "acme" / "archive" / "000002.tmp").exists, running)
    for _ in range(5):  # impatience must not stop the putting back
        running.send_signal(signal.SIGINT)
        time.sleep(0.01)
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b'"code": "cancelled"' in out
    assert not (own / "acme" / "archive" / "000002.tmp").exists()


def test_a_long_query_stops(start, acme):
    running = start(
        "sql",
        "SELECT count(*) AS n FROM range(100000000) a, range(1000) b WHERE a.range % 7 = b.range % 5",
        "-w",
        acme,
    )
    time.sleep(2.5)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130, err
    assert b"Traceback" not in err
