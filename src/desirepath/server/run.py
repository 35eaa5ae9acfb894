"""The server's process, and the collector's beside it."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from desirepath.connectors.translating import rarely_collecting
from desirepath.server.app import make_app
from desirepath.syncing.working import Worker

if TYPE_CHECKING:
    from desirepath.server.state import State
    from desirepath.workspace import Workspace


SHORTEST, LONGEST = 0.5, 10.0
"""Seconds between looks at the collector's process, and at the most after one that ended at once."""


class Beside(Worker):
    """The collector's process: started beside the server, and again when it ends; left alone where one runs already.

    Parameters
    ----------
    root, host, port
        The workspace's folder, and where the collector listens.
    """

    def __init__(self, root: Path, host: str, port: int) -> None:
        super().__init__("collector", patience=5)
        self._command = [sys.executable, "-m", "desirepath", "collect", "-w", str(root), "--host", host]
        self._command += ["--port", str(port), "--quiet"]
        self._url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/healthz"  # noqa: S104
        self._process: subprocess.Popen[bytes] | None = None
        self._began, self._pause = 0.0, SHORTEST

    def stop(self) -> None:
        """End the process that was started here."""
        super().stop()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def step(self) -> float:
        """Start the process if it has ended; one that ends at once is started ever more rarely."""
        alive = self._process is not None and self._process.poll() is None
        if alive or self._answers():
            return SHORTEST
        lived = time.monotonic() - self._began
        self._pause = SHORTEST if lived > LONGEST else min(self._pause * 2, LONGEST)
        self._began = time.monotonic()
        self._process = subprocess.Popen(self._command)  # noqa: S603 (our own command)
        return self._pause

    def _answers(self) -> bool:
        """Whether a collector listens there already, such as one that outlived its server."""
        try:
            with urllib.request.urlopen(self._url, timeout=2) as answer:  # noqa: S310 (our own address)
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


class _Server(uvicorn.Server):
    """Ends what is asked and streams without end as soon as it is told to stop; it would wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Hear a signal."""
        state: State = self.config.app.state.server  # type: ignore[union-attr]
        state.closing.set()
        super().handle_exit(sig, frame)


def serve(
    workspace: Workspace,
    host: str,
    port: int,
    collector_port: int,
    watch: Path | None = None,
    names: Sequence[str] = (),
) -> None:
    """Serve a workspace until the process is told to stop.

    Parameters
    ----------
    workspace
        The workspace.
    host, port, collector_port
        Where the server and the collector listen.
    watch
        A folder whose files are imported when they are dropped there.
    names
        Other names by which the server may be called.
    """
    app = make_app(workspace, watch=watch)
    app.state.porter.allow([host, *names])
    beside = Beside(workspace.root, host, collector_port)
    # uvicorn raises the signal again once it has shut down; as it is, SIGTERM would end us with the collector running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    beside.start()
    gc.freeze()
    try:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            forwarded_allow_ips=["127.0.0.1", "::1", *app.state.porter.configured.proxies],
        )
        with rarely_collecting():
            _Server(config).run()
    finally:
        beside.stop()
