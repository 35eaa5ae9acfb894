"""What the collector takes, what it refuses, and how it says so."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import KEY, collecting, free_port, messages, send, workspace_with_key

import desirepath
from desirepath.collector.app import Bucket
from desirepath.collector.keys import KeyBook
from desirepath.collector.limits import Limits
from desirepath.collector.snippet import SNIPPET
from desirepath.draining import Drain
from desirepath.errors import InputError, UnknownNameError

PUBLIC = "dpw_public"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = workspace_with_key(tmp_path_factory.mktemp("collector") / "acme")
    KeyBook(made).add("page", text=PUBLIC, public=True, origins=("https://shop.example",))
    return made


@pytest.fixture(scope="module")
def port(root: Path) -> Iterator[int]:
    found = free_port()
    with collecting(root, found):
        yield found


def asked(port: int, method: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    return connection.getresponse()


def test_a_batch_is_taken(port: int) -> None:
    status, body = send(port, messages(["a", "b"]))
    assert status == 200
    assert json.loads(body) == {"success": True, "status": 1, "code": 200, "accepted": 2}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/batch", b"", 400),
        ("/v1/batch", b"{", 400),
        ("/v1/batch", b"[]", 400),
        ("/v1/batch", b'{"batch": 1}', 400),
        ("/v1/batch", b"\xff\xfe\xff", 400),
        ("/v1/batch", b'{"batch": ["\xff"]}', 400),
        ("/v1/batch", b"[" * 5000 + b"]" * 5000, 400),
        ("/v1/batch", b'{"batch": NaN}', 400),
        ("/v1/batch", b"\x1f\x8bnothing packed", 400),
        ("/v1/batch", gzip.compress(b'{"batch": []}', mtime=0)[:-9], 400),
        ("/2/httpapi", b'{"events": {}}', 400),
        ("/track", b"data=%%%", 400),
        ("/track", b"data=bm90IGpzb24=", 400),
        ("/v1/logs", b"\x0a\xff\xff\xff\xff\x7f", 400),
        ("/v1/logs", b"\x07", 400),
        ("/com.snowplowanalytics.snowplow/tp2", b"[]", 400),
        ("/mp/collect", b"[]", 400),
        ("/nowhere", b"{}", 404),
        ("/v1/cloudevents", b"7", 200),
        ("/v1/logs", b'{"resourceLogs": 5}', 400),
        ("/track", b"data=x" + b"&" * 200, 400),
        ("/v1/batch?" + "&" * 600, b'{"batch": []}', 400),
        ("/v1/track", b'{"writeKey": 123, "event": "a", "userId": "u"}', 200),
    ],
)
def test_what_cannot_be_read_is_refused(port: int, path: str, body: bytes, status: int) -> None:
    found, answer = send(port, body, path=path)
    assert found == status, answer
    if status != 200:
        assert json.loads(answer)["error"]


@pytest.mark.parametrize("wire", ["json", "protobuf"])
def test_many_small_things_are_too_much(port: int, wire: str) -> None:
    many = {
        "json": ("/v1/batch", b'{"batch": [' + b"{}," * 300_000 + b"{}]}"),
        "protobuf": ("/v1/logs", b"\x0a\x88\x27\x12\x85\x27" + b"\x12\x00" * 2499 + b"\x12\x00\x00"),
    }
    path, body = many[wire]
    assert send(port, body, path=path)[0] == 413


def test_a_referer_that_is_no_address(port: int) -> None:
    body = messages(["a"])
    assert send(port, body, referer="http://[")[0] == 400


def test_an_event_whose_numbers_are_none_does_not_stop_the_drain(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    odd = {"event_type": "a", "user_id": "u", "time": 1_780_000_000_000, "insert_id": "i", "event_id": True}
    with collecting(root, port):
        assert send(port, json.dumps({"events": [odd]}).encode(), path="/2/httpapi")[0] == 200
        assert send(port, messages(["after"]))[0] == 200
    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        assert drain.all(lambda *_: None).stored == 2
        drain.close()


def test_instances_that_read_alike_are_kept_apart(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    for name in ("eu-shop", "eu.shop"):
        KeyBook(root).add(name, text=f"dpw_{name}", public=False, instance=name)
    with collecting(root, port):
        for name in ("eu-shop", "eu.shop"):
            assert send(port, messages([name]), key=f"dpw_{name}")[0] == 200
    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        assert drain.all(lambda *_: None).stored == 2
        drain.close()
        rows = workspace.sql("SELECT instance FROM events ORDER BY ALL").to_pylist()
        assert [row["instance"] for row in rows] == ["eu-shop", "eu.shop"]


def test_packed_bodies_make_steps_shorter(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    with collecting(root, port):
        for number in range(4):
            event = {
                "type": "track",
                "event": "x",
                "messageId": f"m{number}",
                "userId": "u",
                "properties": {"x": "y" * 9000},
            }
            assert send(port, gzip.compress(json.dumps({"batch": [event]}).encode()))[0] == 200
    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        steps = []
        while (one := drain.step(lambda *_: None, most_bytes=3000)) is not None:
            steps.append(one.requests)
        drain.close()
        assert steps == [2, 2]
        assert workspace.sql("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 4}]


def test_a_key_of_signed_webhooks_takes_nothing_else(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    KeyBook(root).add("stripe", text="dpw_signed", public=False, signed="whsec")
    with collecting(root, port):
        assert send(port, messages(["a"]), key="dpw_signed")[0] == 401
        odd = {"stripe-signature": "t=\xb2,v1=00"}
        assert send(port, b"{}", path="/webhooks/stripe", key="dpw_signed", **odd)[0] == 401


def test_methods(port: int) -> None:
    assert asked(port, "DELETE", "/v1/batch").status == 405
    assert asked(port, "GET", "/v1/batch").status == 405
    assert asked(port, "GET", "/nothing").status == 404
    assert asked(port, "HEAD", "/healthz").status == 200


def test_events_that_may_not_be_are_named_and_set_aside(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    deep: dict[str, object] = {}
    for _ in range(40):
        deep = {"more": deep}
    batch = [
        json.loads(messages(["good"]))["batch"][0],
        "no object",
        {"type": "track", "event": "large", "messageId": "l", "userId": "u", "properties": {"x": "y" * 70_000}},
        {"type": "track", "event": "deep", "messageId": "d", "userId": "u", "properties": deep},
        {"type": "track", "event": "nul\0", "messageId": "n", "userId": "u"},
        {
            "type": "track",
            "event": "wide",
            "messageId": "w",
            "userId": "u",
            "properties": dict.fromkeys(map(str, range(600))),
        },
        {"type": "nonsense", "messageId": "s", "userId": "u"},
        {"type": "track", "event": "of nobody", "messageId": "o"},
    ]
    with collecting(root, port):
        status, body = send(port, json.dumps({"batch": batch}).encode())
    assert status == 200
    answer = json.loads(body)
    assert [one["index"] for one in answer["rejected"]] == [1, 2, 3, 4, 5]
    assert answer["accepted"] == 3
    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        done = drain.all(lambda *_: None)
        drain.close()
        assert (done.read, done.stored, done.duplicate, done.quarantined) == (8, 1, 0, 7)
        aside = workspace.quarantine().to_pylist()
        reasons = sorted(row["reason_code"] for row in aside)
        assert reasons == [*["event_refused"] * 5, "identity_missing", "record_unreadable"]
        assert all(row["raw"] for row in aside)
        (health,) = __import__("desirepath.sources", fromlist=["sources"]).sources(workspace)
        assert health.adds_up
        assert (health.received, health.stored, health.quarantined) == (8, 1, 7)


def test_keys(port: int) -> None:
    body = messages(["k"])
    assert send(port, body, key=None)[0] == 401
    assert send(port, body, key="dpw_wrong")[0] == 401
    assert send(port, body, key=PUBLIC)[0] == 403
    assert send(port, body, key=PUBLIC, origin="https://other.example")[0] == 403
    assert send(port, body, key=PUBLIC, origin="https://shop.example")[0] == 200
    assert send(port, body, key=PUBLIC, referer="https://shop.example/cart?x=1")[0] == 200
    assert send(port, body, key=None, path=f"/k/{KEY}/v1/batch")[0] == 200
    assert send(port, body, key=None, authorization="Basic !!!")[0] == 401


def test_a_key_comes_and_goes(root: Path, port: int) -> None:
    import time

    book = KeyBook(root)
    made = book.add("new")
    with pytest.raises(InputError):
        book.add("new")
    with pytest.raises(InputError):
        book.add("bad", origins=("shop.example",))
    time.sleep(1.3)
    assert send(port, messages(["n"]), key=made)[0] == 200
    book.remove("new")
    with pytest.raises(UnknownNameError):
        book.remove("nwe")
    time.sleep(1.3)
    assert send(port, messages(["n"]), key=made)[0] == 401
    assert made not in (root / "keys.json").read_text(encoding="utf-8")
    assert (root / "keys.json").stat().st_mode & 0o077 == 0


def test_pages_of_other_origins(port: int) -> None:
    answer = asked(
        port,
        "OPTIONS",
        "/v1/batch",
        **{"origin": "https://shop.example", "access-control-request-headers": "authorization,content-type"},
    )
    assert answer.status == 204
    assert answer.getheader("access-control-allow-origin") == "https://shop.example"
    assert answer.getheader("access-control-allow-credentials") == "true"
    assert answer.getheader("access-control-allow-headers") == "authorization,content-type"
    assert answer.getheader("access-control-max-age")


def test_bombs_stay_small(port: int) -> None:
    bomb = gzip.compress(b"0" * (200 << 20), 9)
    assert send(port, bomb)[0] == 413
    assert send(port, zlib.compress(b'{"batch": [' + b" " * (100 << 20) + b"]}", 9))[0] == 413
    assert send(port, gzip.compress(gzip.compress(b"0" * (300 << 20), 9), 9))[0] == 413
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", "/v1/batch")
    connection.putheader("content-length", str(1 << 30))
    connection.endheaders()
    assert connection.getresponse().status == 413
    many = json.dumps({"batch": json.loads(messages([str(k) for k in range(2001)]))["batch"]}).encode()
    assert send(port, many)[0] == 413
    assert memory_of_collectors() < 150 << 20


def memory_of_collectors() -> int:
    """Resident bytes of the largest collector."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"collect" in path.read_bytes().split(b"\0"):
                pages = int((path.parent / "statm").read_text().split()[1])
                found = max(found, pages * os.sysconf("SC_PAGE_SIZE"))
        except OSError:
            continue
    return found


def test_too_much_is_told_to_come_again() -> None:
    bucket = Bucket(rate=100, left=1000, at=0.0)
    assert bucket.take(1000, 0.0) == 0
    assert bucket.take(50, 0.0) == pytest.approx(0.5)
    assert bucket.take(50, 0.5) == 0
    assert bucket.take(5000, 20.0) == 0  # more than there ever is: let through when the bucket is full


def test_a_key_that_sends_too_much(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    from contextlib import suppress

    from killing import start, wait_for

    process = start(root, "collect", "--port", str(port), "--rate", "1")
    try:
        wait_for(port)
        statuses = [send(port, messages([str(k)]))[0] for k in range(15)]
        assert statuses[:10] == [200] * 10
        assert 429 in statuses[10:]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/v1/batch", body=messages(["x"] * 9), headers={"authorization": f"Bearer {KEY}"})
        answer = connection.getresponse()
        assert answer.status == 429
        assert int(answer.getheader("retry-after") or 0) >= 1
    finally:
        with suppress(OSError):
            process.kill()


def test_what_libraries_fetch(port: int) -> None:
    settings = json.loads(asked(port, "GET", "/v1/projects/WK/settings").read())
    assert settings["integrations"]["Segment.io"]["apiKey"] == "WK"
    assert json.loads(asked(port, "GET", "/sourceConfig/?writeKey=WK").read())["source"]["enabled"] is True
    assert json.loads(asked(port, "GET", "/array/phc_KEY/config").read())["supportedCompression"]
    assert b"_POSTHOG_REMOTE_CONFIG" in asked(port, "GET", "/array/phc_KEY/config.js").read()
    assert asked(port, "GET", "/flags/?v=2").status == 200


def test_our_own_script_is_small(port: int) -> None:
    assert len(gzip.compress(SNIPPET, 9)) < 3000
    answer = asked(port, "GET", "/d.js")
    assert answer.getheader("content-type") == "application/javascript"
    assert answer.read() == SNIPPET


def test_counters_and_document(port: int) -> None:
    assert b'desirepath_collector_events_total{wire="segment"}' in asked(port, "GET", "/metrics").read()
    document = json.loads(asked(port, "GET", "/openapi.json").read())
    assert document["openapi"] == "3.1.0"
    assert "/v1/batch" in document["paths"]


def test_a_public_key_joins_no_two_people(tmp_path: Path) -> None:
    """Whoever reads the key in a page cannot make two customers one."""
    joined = {}
    for public in (True, False):
        root, port = workspace_with_key(tmp_path / f"acme{public}", public=public), free_port()
        merge = {"event": "$merge", "properties": {"$distinct_ids": ["victim", "attacker"], "token": KEY}}
        with collecting(root, port):
            for one in ("victim", "attacker"):
                event = {"event": "visit", "properties": {"distinct_id": one, "time": 1780000000, "$insert_id": one}}
                assert send(port, json.dumps([event]).encode(), path="/track")[0] == 200
            assert send(port, json.dumps([merge]).encode(), path="/track")[0] == 200
        with desirepath.open(root) as workspace:
            drain = Drain(workspace)
            drain.all(lambda *_: None)
            drain.close()
            joined[public] = workspace.sql("SELECT count(*) AS n FROM people").to_pylist()[0]["n"]
    assert joined == {True: 2, False: 1}


def test_limits_are_stated() -> None:
    assert Limits().event == 64 << 10
    assert Limits().events == 2000
