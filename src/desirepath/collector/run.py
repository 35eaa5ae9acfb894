"""The collector's process."""

from __future__ import annotations

import signal
from pathlib import Path

import uvicorn

from desirepath.collector.app import Collector
from desirepath.collector.limits import Limits


def run(root: Path, host: str, port: int, limits: Limits | None = None) -> None:
    """Take events until the process is told to stop.

    Parameters
    ----------
    root
        The workspace's folder.
    host, port
        Where to listen.
    limits
        What a request may be.
    """
    config = uvicorn.Config(
        Collector(root, limits),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        backlog=2048,
        lifespan="on",
    )
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    uvicorn.Server(config).run()
