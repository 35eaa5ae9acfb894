"""A server that is told to stop ends, whoever listens to it."""

from __future__ import annotations

import http.client
import time
from pathlib import Path

from admitted import token_of
from killing import free_port, serving, workspace_with_key


def test_an_open_page_does_not_hold_the_server(tmp_path: Path) -> None:
    root = workspace_with_key(tmp_path / "acme")
    api, token = free_port(), token_of(root)
    with serving(root, api, free_port()) as process:
        stream = http.client.HTTPConnection("127.0.0.1", api, timeout=30)
        stream.request("GET", "/api/stream?client=a-browser", headers={"authorization": f"Bearer {token}"})
        assert stream.getresponse().status == 200
        began = time.monotonic()
        process.terminate()
        assert process.wait(timeout=30) == 0
        assert time.monotonic() - began < 10
