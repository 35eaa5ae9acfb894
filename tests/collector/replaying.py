"""Captured requests of real client libraries, as bytes again, and what is in them."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from desirepath.collector.limits import Limits
from desirepath.collector.wire import Call, call_of, open_call
from desirepath.connectors.connector import Given
from desirepath.connectors.registry import connector
from desirepath.connectors.rows import Row

WIRE = Path(__file__).parent / "wire"

CAPTURES = sorted(WIRE.glob("*.jsonl"))

KEYS = ("WK", "TOK", "APIKEY", "phc_KEY", "app", "SECRET", "KID")
"""The write keys that the captured clients were given."""


def requests(path: Path) -> Iterator[tuple[str, str, bytes, dict[str, str], bytes]]:
    """Method, path, query, headers and body of each request."""
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        headers = {
            name: value
            for name, value in told["headers"].items()
            if name not in ("host", "content-length", "connection", "accept-encoding")
        }
        yield told["method"], told["path"], urlencode(told["query"]).encode(), headers, _body(told)


def _body(told: dict[str, Any]) -> bytes:
    body, steps = told["body"], told["decoding"]
    if body is None:
        return b""
    if "protobuf" in steps:
        return base64.b64decode(body["b64"])
    if "form" in steps:
        data = json.dumps(body["data"])
        if "data=base64json" in steps:
            data = base64.b64encode(data.encode()).decode()
        return urlencode({**{name: value for name, value in body.items() if name != "data"}, "data": data}).encode()
    plain = json.dumps(body).encode()
    return gzip.compress(plain) if "gzip" in steps else plain


def rows(path: Path, received_us: int = 1_795_400_000_000_000) -> list[tuple[str, Row]]:
    """Source and row of everything that the requests of a capture hold."""
    found: list[tuple[str, Row]] = []
    for method, route, query, headers, body in requests(path):
        call, _ = call_of(route, query, headers, body, Limits())
        if method == "OPTIONS" or not _is_events(call):
            continue
        delivery = open_call(call)
        assert not delivery.rejected
        for name, stream, data in delivery.items:
            source = connector(name)
            given = Given(source.settle({}), None, received_us)
            found += [(name, row) for row in source.translate(stream, data, given)]
    return found


def _is_events(call: Call) -> bool:
    return not call.path.startswith(("/flags", "/array", "/sourceConfig")) and not call.path.endswith("/settings")
