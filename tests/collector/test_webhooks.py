"""Webhooks are read by the connectors, and only where they are signed as was agreed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from killing import collecting, free_port, send, workspace_with_key

import desirepath
from desirepath.collector.keys import KeyBook
from desirepath.collector.signatures import VENDORS, is_signed
from desirepath.draining import Drain

SECRET = "whsec_agreed"


def signed(vendor: str, body: bytes, url: str, at: float) -> dict[str, str]:
    """The headers with which a vendor sends a body."""

    def code(data: bytes, how: str) -> bytes:
        return hmac.new(SECRET.encode(), data, how).digest()

    seconds = str(int(at))
    if vendor == "stripe":
        return {"stripe-signature": f"t={seconds},v1={code(seconds.encode() + b'.' + body, 'sha256').hex()},v0=old"}
    if vendor == "zendesk":
        text = base64.b64encode(code(seconds.encode() + body, "sha256")).decode()
        return {"x-zendesk-webhook-signature": text, "x-zendesk-webhook-signature-timestamp": seconds}
    if vendor == "hubspot":
        moment = str(int(at * 1000))
        text = base64.b64encode(code(b"POST" + url.encode() + body + moment.encode(), "sha256")).decode()
        return {"x-hubspot-signature-v3": text, "x-hubspot-request-timestamp": moment}
    if vendor == "intercom":
        return {"x-hub-signature": "sha1=" + code(body, "sha1").hex()}
    if vendor == "typeform":
        return {"typeform-signature": "sha256=" + base64.b64encode(code(body, "sha256")).decode()}
    if vendor == "twilio":
        from urllib.parse import parse_qsl

        told = url + "".join(name + value for name, value in sorted(parse_qsl(body.decode())))
        return {"x-twilio-signature": base64.b64encode(code(told.encode(), "sha1")).decode()}
    return {"x-signature": code(body, "sha1").hex()}


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_only_the_agreed_signature_will_do(vendor: str) -> None:
    now, url, body = 1_780_000_000.0, "https://x.example/webhooks/y", b"a=1&b=2"
    head = signed(vendor, body, url, now)
    assert is_signed(vendor, SECRET, head, body, url, now)
    assert not is_signed(vendor, SECRET, head, body + b"0", url, now)
    assert not is_signed(vendor, "other", head, body, url, now)
    assert not is_signed(vendor, SECRET, {}, body, url, now)
    assert not is_signed(vendor, SECRET, dict.fromkeys(head, "nonsense"), body, url, now)
    if vendor in ("stripe", "hubspot"):
        assert not is_signed(vendor, SECRET, head, body, url, now + 1000), "an old one that is sent again"


@pytest.mark.parametrize(
    ("caller", "expected"),
    [("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")],
)
def test_twilios_own_examples(caller: str, expected: str) -> None:
    """Of its page on the security of requests, as it was and as it is."""
    pairs = {"CallSid": "CA1234567890ABCDE", "Caller": caller, "Digits": "1234", "From": caller, "To": "+18005551212"}
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in pairs.items()).encode()
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert is_signed("twilio", "12345", {"x-twilio-signature": expected}, body, url, 0)


def test_stripes_scheme_by_hand() -> None:
    wanted = hmac.new(SECRET.encode(), b'1780000000.{"id": 1}', hashlib.sha256).hexdigest()
    head = {"stripe-signature": f"t=1780000000,v1={wanted}"}
    assert is_signed("stripe", SECRET, head, b'{"id": 1}', "", 1_780_000_100)


SAMPLES = Path(__file__).parents[1] / "connectors" / "samples"


def bodies() -> Iterator[tuple[str, bytes, str]]:
    """Vendor, body, and the event that it must become."""
    stripe = (SAMPLES / "stripe" / "events.jsonl").read_text(encoding="utf-8").splitlines()[0]
    yield "stripe", stripe.encode(), "invoice.paid"
    yield "typeform", (SAMPLES / "typeform" / "webhook.json").read_bytes(), "nps"
    yield "segment", (SAMPLES / "segment" / "webhook_clock_skew.json").read_bytes(), "Demo Requested"
    yield "rudderstack", (SAMPLES / "rudderstack" / "webhook.json").read_bytes(), "Demo Done"
    hubspot = [
        {"eventId": 1, "subscriptionType": "deal.propertyChange", "propertyName": "dealstage", "objectId": 3001,
         "propertyValue": "closedwon", "occurredAt": 1773306000000, "changeSource": "CRM"},
        {"eventId": 2, "subscriptionType": "contact.creation", "objectId": 7, "occurredAt": 1773306000000},
    ]  # fmt: skip
    yield "hubspot", json.dumps(hubspot).encode(), "deal closedwon"
    conversation: dict[str, Any] = {
        "type": "conversation", "id": "9", "created_at": 1780000000, "updated_at": 1780000000,
        "source": {"type": "conversation", "author": {"type": "user", "id": "c1"}, "body": "Help"},
        "contacts": {"contacts": [{"id": "c1", "external_id": "u1"}]},
    }  # fmt: skip
    notification = {"type": "notification_event", "topic": "conversation.user.created", "data": {"item": conversation}}
    yield "intercom", json.dumps(notification).encode(), "conversation started"
    detail = {
        "id": "71", "requester_id": "9002", "status": "OPEN", "subject": "Repair",
        "created_at": "2026-03-06T09:00:00Z", "updated_at": "2026-03-06T09:00:00Z",
    }  # fmt: skip
    yield "zendesk", json.dumps({"type": "zen:event-type:ticket.created", "detail": detail}).encode(), "ticket created"
    call = "CallSid=CA9&From=%2B4917055500002&To=%2B493000000&Direction=inbound&CallStatus=completed&CallDuration=60"
    yield "twilio", call.encode(), "call"


def test_each_vendor_is_read(tmp_path: Path) -> None:
    root, port = workspace_with_key(tmp_path / "acme"), free_port()
    KeyBook(root).add("hooks", text="hook", public=False, signed=SECRET)
    wanted = {}
    with collecting(root, port):
        for vendor, body, name in bodies():
            path = f"/webhooks/{vendor}/hook"
            url = f"http://127.0.0.1:{port}{path}"
            assert send(port, body, path=path, key=None)[0] == 401, vendor
            status, said = send(port, body, path=path, key=None, **signed(vendor, body, url, time.time()))
            assert status == 200, said
            wanted[vendor] = name
        assert send(port, b"{}", path="/webhooks/nobody/hook", key=None)[0] == 404
    with desirepath.open(root) as workspace:
        drain = Drain(workspace)
        drain.all(lambda *_: None)
        drain.close()
        assert workspace.quarantine().num_rows == 0, workspace.quarantine().to_pylist()
        rows = workspace.sql("SELECT DISTINCT source, name FROM events").to_pylist()
        assert {row["source"]: row["name"] for row in rows} == wanted
        # the history tells the same change later, and it stays one event
        workspace.import_sources([SAMPLES / "hubspot" / "deals_page1.json"])
        deals = workspace.sql("SELECT name FROM events WHERE source = 'hubspot'").to_pylist()
        assert [row["name"] for row in deals].count("deal closedwon") == 1
