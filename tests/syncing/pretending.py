"""Servers that answer as vendors do: pages, errors, too many requests, and answers that break off."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import desirepath
from desirepath.workspace import Workspace

SAMPLES = Path(__file__).parents[1] / "connectors" / "samples"


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Pretender:
    """A vendor; `answer` says what to a request, `trouble` comes first."""

    answer: Callable[[Asked], Any]
    trouble: list[Answer | str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def reply(self, asked: Asked) -> Answer | str:
        """What to send."""
        self.asked.append(asked)
        if self.trouble:
            return self.trouble.pop(0)
        found = self.answer(asked)
        if isinstance(found, bytes):
            return 200, {"content-type": "application/octet-stream"}, found
        if isinstance(found, tuple):
            return found[0], {"content-type": "application/json"}, json.dumps(found[1]).encode()
        return 200, {"content-type": "application/json"}, json.dumps(found).encode()


TOO_MANY: Answer = (429, {"retry-after": "0"}, b"slow down")
BROKEN: Answer = (502, {}, b"bad gateway")
HALF: Answer = (200, {"content-type": "application/json"}, b'{"tickets": [{"id": 7')
CUT = "cut"
"""An answer that says it is longer than it is."""


@contextmanager
def pretending(answer: Callable[[Asked], Any], trouble: list[Answer | str] | None = None) -> Iterator[Pretender]:
    """A vendor that listens."""
    vendor = Pretender(answer, list(trouble or ()))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("content-length") or 0)
            asked = Asked(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(size),
            )
            found = vendor.reply(asked)
            if isinstance(found, str):
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "1000")
                self.end_headers()
                self.wfile.write(b'{"results": [')
                self.close_connection = True
                return
            status, headers, body = found
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _do

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vendor.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        server.server_close()


def workspace_with(root: Path, name: str, url: str, **table: Any) -> Workspace:
    """A workspace that pulls from an account."""
    with desirepath.create(root, time_zone="UTC"):
        pass
    said = {"base_url": url, **table}
    lines = "\n".join(f"{key} = {json.dumps(value)}" for key, value in said.items())
    settings = root / "workspace.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + f"\n[sync.{name}]\n{lines}\n", encoding="utf-8")
    return desirepath.open(root)


def sample(name: str) -> Any:
    """A sample file's document."""
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))
