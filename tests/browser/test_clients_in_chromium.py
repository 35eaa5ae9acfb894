"""posthog-js, analytics-next and our own script, in a browser, on a page of another origin than the collector's."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from killing import KEY, collecting, free_port, running, workspace_with_key

import desirepath
from desirepath.draining import Drain

PAGE = """<!doctype html><title>Shop</title><button data-track="buy">Buy</button>
<script src="http://127.0.0.1:{port}/d.js?x" data-key="{key}" data-keep="session"></script>
<script src="/posthog-js/dist/array.full.no-external.js"></script>
<script src="/@segment/analytics-next/dist/umd/index.js"></script>
<script>
  // it takes a browser without a window for a robot, and keeps silent unless told not to
  posthog.init("{key}", {{api_host: "http://127.0.0.1:{port}", opt_out_useragent_filter: true,
    persistence: "memory", disable_session_recording: true}});
  posthog.identify("ann", {{email: "ann@example.org"}});
  posthog.capture("Order Completed", {{revenue: 14.99}});
  const analytics = AnalyticsNext.AnalyticsBrowser.load(
    {{writeKey: "{key}", cdnURL: "http://127.0.0.1:{port}"}},
    {{integrations: {{"Segment.io": {{apiHost: "127.0.0.1:{port}/v1", protocol: "http"}}}}}});
  analytics.identify("ann", {{email: "ann@example.org"}});
  analytics.track("Order Completed", {{revenue: 14.99}});
  desirepath.identify("ann", {{email: "ann@example.org"}});
  document.querySelector("button").click();
  setTimeout(() => {{ throw new Error("something broke"); }}, 50);
</script>"""


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the npm packages."""
    npm, chromium = shutil.which("npm"), shutil.which("chromium")
    if npm is None or chromium is None:
        pytest.skip("npm and Debian's chromium are needed for tests in a browser")
    folder = tmp_path_factory.mktemp("npm")
    packages = ["posthog-js@1", "@segment/analytics-next@1"]
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), *packages]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "node_modules"


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Files over HTTP."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def browsing(url: str, profile: Path) -> Iterator[None]:
    """A page in a browser without a window."""
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --disable-dev-shm-usage --remote-debugging-port=0"
    ).split()
    process = subprocess.Popen(
        ["chromium", *flags, f"--user-data-dir={profile}", url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with running(process):
        yield


WANTED = {
    ("posthog", "Order Completed"),
    ("posthog", "$identify"),
    ("segment", "Order Completed"),
    ("segment", "page"),
    ("segment", "click buy"),
    ("segment", "error"),
}


def test_libraries_of_browsers(libraries: Path, tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme", public=True), free_port()
    (libraries / "index.html").write_text(PAGE.format(key=KEY, port=port), encoding="utf-8")
    seen: set[tuple[str, str]] = set()
    rows: list[dict[str, Any]] = []
    with (
        collecting(root, port),
        serving(libraries) as pages,
        browsing(f"http://localhost:{pages}/index.html?utm_source=news&secret=1", tmp_path / "profile"),
    ):
        until = time.monotonic() + 60
        while not seen >= WANTED and time.monotonic() < until:
            time.sleep(1)
            rows = drained(root)
            seen = {(row["source"], row["name"]) for row in rows}
    assert seen >= WANTED, json.dumps(sorted(seen))
    orders = [row for row in rows if row["name"] == "Order Completed"]
    assert {row["value"] for row in orders} == {14.99}
    assert {row["person"] for row in rows} == {"user_id:ann"}
    own = [row["page"] for row in rows if row["name"] == "click buy"]
    assert "utm_source=news" in own[0]
    assert "secret" not in own[0]


def drained(root: Path) -> list[dict[str, Any]]:
    """The events so far."""
    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        query = """SELECT e.source, e.name, e.value, q.id AS person, e.properties ->> 'page' AS page
            FROM events e LEFT JOIN person_of_event o USING (seq) LEFT JOIN people q USING (person)"""
        return list(workspace.sql(query).to_pylist())
