"""The server's process, and the collector's beside it."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from desirepath.server.app import make_app

if TYPE_CHECKING:
    from desirepath.workspace import Workspace


class Beside:
    """The collector's process: started beside the server, and again when it ends; left alone where one runs already.

    Parameters
    ----------
    root, host, port
        The workspace's folder, and where the collector listens.
    """

    def __init__(self, root: Path, host: str, port: int) -> None:
        self._command = [sys.executable, "-m", "desirepath", "collect", "-w", str(root), "--host", host]
        self._command += ["--port", str(port), "--quiet"]
        self._url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/healthz"  # noqa: S104
        self._process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="collector", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the process that was started here."""
        self._stop.set()
        self._thread.join(timeout=5)
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _work(self) -> None:
        wait = 0.2
        while not self._stop.is_set():
            alive = self._process is not None and self._process.poll() is None
            if not alive and not self._answers():
                began = time.monotonic()
                self._process = subprocess.Popen(self._command)  # noqa: S603 (our own command)
                wait = 0.2 if time.monotonic() - began > 10 else min(wait * 2, 10)
            self._stop.wait(max(wait, 0.5))

    def _answers(self) -> bool:
        """Whether a collector listens there already, such as one that outlived its server."""
        try:
            with urllib.request.urlopen(self._url, timeout=2) as answer:  # noqa: S310 (our own address)
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


def serve(workspace: Workspace, host: str, port: int, collector_port: int, watch: Path | None = None) -> None:
    """Serve a workspace until the process is told to stop."""
    beside = Beside(workspace.root, host, collector_port)
    # uvicorn raises the signal again once it has shut down; as it is, SIGTERM would end us with the collector running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    beside.start()
    # The drain makes millions of small objects that no cycle holds; looking for cycles would take a fifth of its time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        config = uvicorn.Config(
            make_app(workspace, watch=watch),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        uvicorn.Server(config).run()
    finally:
        beside.stop()
