"""Whatever is sent: the collector answers, the drain goes on, and the account adds up."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from replaying import CAPTURES, requests

import desirepath
from desirepath.collector.bodies import RefusedError
from desirepath.collector.inbox import FILE, Request, connect
from desirepath.collector.limits import Limits
from desirepath.collector.wire import ROUTES, call_of, open_call
from desirepath.draining import Drain
from desirepath.sources import sources

NASTY: list[Any] = [
    None, True, False, 0, -1, 1 << 63, 1 << 70, 1e308, "", "null", "\x00", "\ud7ff", "😀" * 300, "a" * 300, "9" * 400,
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999+14:00", "2026-13-45", "NaN", [], {}, [[]], {"": ""}, [None],
    {"a": {"a": {"a": {}}}}, "'; DROP TABLE events; --", "$device:", "{\"broken\": ", "../../etc/passwd", "=1+1",
]  # fmt: skip

names = st.sampled_from(
    "type event name userId user_id anonymousId anonymous_id distinct_id messageId uuid timestamp time sentAt sent_at "
    "originalTimestamp properties event_properties user_properties context traits data event_type insert_id "
    "device_id session_id e eid uid duid dtm stm ue_pr ue_px co se_va tr_tt params id source specversion subject "
    "$set object created form_response answers token attributes body time_ns $insert_id $distinct_ids sequence "
    "event_id value revenue".split()
)
plain = st.sampled_from(NASTY) | st.text(max_size=20) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)
objects = st.dictionaries(names, values, max_size=10)


def captured() -> list[tuple[str, bytes, dict[str, Any]]]:
    """Route, query and document of captured requests, to be spoilt."""
    found = []
    for path in CAPTURES:
        for _, route, query, _, body in requests(path):
            if route.rstrip("/") in ROUTES and body[:1] in (b"{", b"["):
                found.append((route, query, json.loads(body)))
    return found


CAPTURED = captured()


def spoilt(document: Any, draw: st.DrawFn) -> Any:
    """A document of which some values are others."""
    if isinstance(document, dict):
        return {
            key: draw(values) if draw(st.integers(0, 12)) == 0 else spoilt(value, draw)
            for key, value in document.items()
        }
    if isinstance(document, list):
        return [draw(values) if draw(st.integers(0, 12)) == 0 else spoilt(value, draw) for value in document]
    return draw(values) if draw(st.integers(0, 12)) == 0 else document


@st.composite
def sent(draw: st.DrawFn) -> tuple[str, bytes, bytes]:
    """Route, query and body of a request."""
    if draw(st.booleans()):
        route, query, document = draw(st.sampled_from(CAPTURED))
        return route, query, json.dumps(spoilt(document, draw)).encode("utf-8", "surrogatepass")
    route = draw(st.sampled_from(sorted(ROUTES)))
    inner = draw(st.lists(objects | values, max_size=4))
    wrapped = draw(st.sampled_from(["batch", "events", "data", ""]))
    document = {wrapped: inner} if wrapped else inner
    return route, b"", json.dumps(document).encode("utf-8", "surrogatepass")


@settings(max_examples=10, deadline=None)
@given(st.lists(sent(), min_size=1, max_size=25))
def test_the_drain_goes_on(calls: list[tuple[str, bytes, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root, taken = Path(place) / "acme", 0
        with desirepath.create(root, time_zone="UTC") as workspace:
            con = connect(root / FILE)
            for number, (route, query, body) in enumerate(calls):
                call, _ = call_of(route, query, {}, body, Limits())
                try:
                    delivery = open_call(call)
                except RefusedError:
                    continue
                taken += len(delivery.items)
                head = json.dumps({"$checked": "1"} if not delivery.rejected else {})
                request = Request(
                    1_780_000_000_000_000 + number, call.path, query, head, "k", "main", number % 2, 1, body
                )
                marks = ", ".join("?" * len(request))
                con.execute(f"INSERT INTO requests ({', '.join(Request._fields)}) VALUES ({marks})", request)
            con.close()
            drain = Drain(workspace)
            done = drain.all(lambda *_: None)
            drain.close()
            assert done.read == done.stored + done.duplicate + done.quarantined
            found = sources(workspace)
            assert all(one.adds_up for one in found)
            before = workspace.sql("SELECT count(*) AS n FROM events").to_pylist()
            workspace.rebuild()
            assert workspace.sql("SELECT count(*) AS n FROM events").to_pylist() == before


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(ROUTES)), st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused(route: str, body: bytes) -> None:
    call, _ = call_of(route, b"", {}, body, Limits())
    try:
        open_call(call)
    except RefusedError as problem:
        assert 400 <= problem.status < 500
