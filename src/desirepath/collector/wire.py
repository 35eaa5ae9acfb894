"""Which client sent what? The routes that client libraries know, and the events in what they send.

A library works without change when its host is set to ours. What a route means is decided here, once for the
collector, which only looks whether all is well, and for the drain, which makes events of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

from desirepath.collector import otlp
from desirepath.collector.bodies import RefusedError, document, event_fault, form_data, plain_or_64, unpacked
from desirepath.collector.limits import Limits
from desirepath.collector.signatures import HEADERS as SIGNATURES
from desirepath.collector.signatures import VENDORS

Item = tuple[str, str, dict[str, Any]]
"""Connector, stream and record."""

_SEGMENT = {"p": "page", "i": "identify", "t": "track", "g": "group", "a": "alias", "s": "screen"}
_SEGMENT |= {name: name for name in _SEGMENT.values()}


@dataclass(slots=True)
class Delivery:
    """What a request holds.

    Parameters
    ----------
    wire
        Whose language it speaks.
    items
        Its events.
    key
        The write key that it shows; None if it shows none.
    rejected
        Place and reason of events that are not as they may be.
    """

    wire: str
    items: list[Item] = field(default_factory=list)
    key: str | None = None
    rejected: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Call:
    """A request, as a route sees it.

    Parameters
    ----------
    path
        Its path, without a key and a slash at its end.
    query
        Its query string's values, the last of each name.
    head
        The headers that matter, in lower case.
    body
        Its bytes as they came.
    limits
        What it may be.
    """

    path: str
    query: Mapping[str, str]
    head: Mapping[str, str]
    body: bytes
    limits: Limits

    def json(self) -> Any:
        """The JSON value of the body, unpacked; of a form, its `data`."""
        plain = unpacked(self.body, self.limits)
        inner = form_data(plain)
        return document(plain if inner is None else inner, self.limits)


def open_call(call: Call, *, checked: bool = False) -> Delivery:
    """Read the events of a request.

    Parameters
    ----------
    call
        The request.
    checked
        Whether it is known that no event of it is rejected.

    Raises
    ------
    RefusedError
        When there is no such route (404), or the body cannot be read or is too much.
    """
    route = ROUTES.get(call.path)
    if route is None:
        raise RefusedError(404, "there is no such route")
    found = route(call)
    found.key = _key_of(call) or (found.key if isinstance(found.key, str) else None)
    if len(found.items) > call.limits.events:
        raise RefusedError(413, f"more than {call.limits.events} events in one request")
    for place, (_, _, data) in enumerate(() if checked else found.items):
        fault = event_fault(data, call.limits)
        if fault is not None:
            found.rejected.append((place, fault))
    return found


def call_of(path: str, query: bytes, head: Mapping[str, str], body: bytes, limits: Limits) -> tuple[Call, str | None]:
    """A request in its parts, and the key that stands in its path (`/k/KEY/…`)."""
    key = None
    if path.startswith("/k/"):
        key, _, rest = path[3:].partition("/")
        path = "/" + rest
    elif path.startswith("/webhooks/"):
        vendor, _, key = path[len("/webhooks/") :].partition("/")
        path = f"/webhooks/{vendor}"
    try:
        pairs = parse_qs(query.decode("latin-1"), keep_blank_values=True, max_num_fields=500) if query else {}
    except ValueError:
        raise RefusedError(400, "the query string has more than 500 fields") from None
    plain = path.rstrip("/") or "/"
    return Call(plain, {name: values[-1] for name, values in pairs.items()}, head, body, limits), (
        unquote(key) if key else None
    )


def _key_of(call: Call) -> str | None:
    """The key of the headers: Basic, Bearer, or Jitsu's."""
    told = call.head.get("authorization", "")
    scheme, _, value = told.partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[0] or None
        except (binascii.Error, UnicodeDecodeError):
            raise RefusedError(401, "the authorization cannot be read") from None
    if scheme.lower() == "bearer":
        return value.strip() or None
    return call.head.get("x-write-key", "").partition(":")[0] or None


def _objects(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# ---- Segment, RudderStack, Jitsu --------------------------------------------------------------------------------


def _segment_batch(call: Call) -> Delivery:
    body = call.json()
    if not isinstance(body, dict) or not isinstance(body.get("batch"), list):
        raise RefusedError(400, "a batch needs a list `batch`")
    shared = {"sentAt": body["sentAt"]} if "sentAt" in body else {}
    context = body.get("context")
    found = Delivery("segment", [], body.get("writeKey"))
    for one in body["batch"]:
        message = {**shared, **one} if isinstance(one, dict) else one
        if isinstance(context, dict) and isinstance(message, dict) and "context" not in message:
            message["context"] = context
        found.items.append((_dialect(message), "messages", message))
    return found


def _segment_one(call: Call) -> Delivery:
    message = call.json()
    if not isinstance(message, dict):
        raise RefusedError(400, "a message is an object")
    kind = _SEGMENT[call.path.rpartition("/")[2]]
    if "sentat" in call.head:
        message.setdefault("sentAt", call.head["sentat"])
    message.setdefault("type", kind)
    return Delivery("segment", [(_dialect(message), "messages", message)], message.get("writeKey"))


def _dialect(message: Any) -> str:
    if not isinstance(message, dict):
        return "segment"
    library = (message.get("context") or {}).get("library") if isinstance(message.get("context"), dict) else None
    name = str(library.get("name", "")) if isinstance(library, dict) else ""
    rudder = "rudder" in name.lower() or "rudderId" in message or message.get("channel") in ("server", "web", "mobile")
    return "rudderstack" if rudder and name != "analytics.js" and "segment" not in name else "segment"


# ---- PostHog and Amplitude --------------------------------------------------------------------------------------


def _posthog(call: Call) -> Delivery:
    body = call.json()
    if call.path == "/batch" and isinstance(body, dict) and "events" in body:
        return _amplitude_events(body)
    head = body if isinstance(body, dict) else {}
    events = head["batch"] if isinstance(head.get("batch"), list) else _objects(body)
    sent = head.get("sent_at")
    found = Delivery("posthog", [], head.get("api_key") or head.get("token"))
    for one in events:
        if isinstance(one, dict):
            inner = one.get("properties")
            token = one.get("api_key") or one.get("token") or (inner.get("token") if isinstance(inner, dict) else None)
            found.key = found.key or token
            if sent and "sent_at" not in one:
                one["sent_at"] = sent
        found.items.append(("posthog", "events", one))
    return found


def _amplitude(call: Call) -> Delivery:
    return _amplitude_events(call.json())


def _amplitude_events(body: Any) -> Delivery:
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list):
        raise RefusedError(400, "a request needs a list `events`")
    return Delivery("amplitude", [("amplitude", "hits", one) for one in events], body.get("api_key"))


# ---- Mixpanel ---------------------------------------------------------------------------------------------------


def _mixpanel(call: Call) -> Delivery:
    stream = {"/engage": "profiles", "/groups": "groups"}.get(call.path, "events")
    data = call.query.get("data")
    if not call.body and data is None:
        raise RefusedError(400, "there is no `data`")
    told = document(plain_or_64(data.encode()), call.limits) if data else call.json()
    found = Delivery("mixpanel", [("mixpanel", stream, one) for one in _objects(told)], call.query.get("token"))
    for one in _objects(told):
        if isinstance(one, dict) and found.key is None:
            inner = one.get("properties")
            found.key = one.get("$token") or (inner.get("token") if isinstance(inner, dict) else None)
    return found


# ---- Snowplow, GA4 ----------------------------------------------------------------------------------------------


def _snowplow(call: Call) -> Delivery:
    if call.body:
        body = call.json()
        events = body.get("data") if isinstance(body, dict) else None
        if not isinstance(events, list):
            raise RefusedError(400, "a payload needs a list `data`")
    else:
        events = [dict(call.query)]
    first = events[0] if events and isinstance(events[0], dict) else {}
    return Delivery("snowplow", [("snowplow", "hits", one) for one in events], first.get("aid"))


def _ga4(call: Call) -> Delivery:
    body = call.json()
    if not isinstance(body, dict) or not isinstance(body.get("events"), list):
        raise RefusedError(400, "a request needs a list `events`")
    head = {key: value for key, value in body.items() if key != "events"}
    head["$id"] = hashlib.sha256(call.body).hexdigest()[:16]
    items: list[Item] = [
        ("ga4", "hits", {**one, "$request": head, "$place": place} if isinstance(one, dict) else one)
        for place, one in enumerate(body["events"])
    ]
    return Delivery("ga4", items, call.query.get("api_secret") or call.query.get("measurement_id"))


# ---- CloudEvents, OpenTelemetry ---------------------------------------------------------------------------------


def _cloudevents(call: Call) -> Delivery:
    if "ce-id" in call.head:
        told: dict[str, Any] = {n[3:]: unquote(v) for n, v in call.head.items() if n.startswith("ce-")}
        plain = unpacked(call.body, call.limits)
        try:
            told["data"] = document(plain, call.limits) if plain else None
        except RefusedError:
            told["data_base64"] = base64.b64encode(plain).decode()
        return Delivery("cloudevents", [("cloudevents", "events", told)])
    return Delivery("cloudevents", [("cloudevents", "events", one) for one in _objects(call.json())])


def _otlp(call: Call) -> Delivery:
    plain = unpacked(call.body, call.limits)
    try:
        is_json = plain.lstrip()[:1] == b"{"
        if is_json:
            records = otlp.log_records_of_json(document(plain, call.limits))
        else:
            records = otlp.log_records(plain, call.limits.events)
    except (otlp.DamagedError, AttributeError, TypeError, ValueError) as problem:
        raise RefusedError(400, f"this is no export of log records: {problem}") from None
    return Delivery("otlp", [("opentelemetry", "logs", one) for one in records])


# ---- webhooks ---------------------------------------------------------------------------------------------------


def _webhook(call: Call) -> Delivery:
    """What a vendor sends of itself: `/webhooks/VENDOR`, its key being in the address."""
    vendor = call.path.removeprefix("/webhooks/")
    if vendor == "twilio":
        told = dict(parse_qsl(unpacked(call.body, call.limits).decode("utf-8", "replace"), keep_blank_values=True))
        stream = "message_callbacks" if "MessageSid" in told else "call_callbacks"
        return Delivery(vendor, [(vendor, stream, told)])
    body = call.json()
    found = Delivery(vendor)
    for one in _objects(body):
        if not isinstance(one, dict):
            found.items.append((vendor, "notifications", one))
        elif vendor == "intercom":
            item = one.get("data", {}).get("item") if isinstance(one.get("data"), dict) else None
            kind = str(item.get("type")) if isinstance(item, dict) else ""
            stream = {"user": "contacts", "lead": "contacts", "company": "companies"}.get(kind, f"{kind}s")
            found.items.append((vendor, stream, item if isinstance(item, dict) else one))
        elif vendor == "zendesk":
            detail = one.get("detail")
            found.items.append((vendor, "tickets", detail if isinstance(detail, dict) else one))
        else:
            stream = {"stripe": "events", "typeform": "responses", "hubspot": "notifications"}.get(vendor, "messages")
            found.items.append((vendor, stream, one))
    return found


ROUTES: dict[str, Callable[[Call], Delivery]] = {
    "/v1/batch": _segment_batch,
    "/v1/import": _segment_batch,
    **{f"/v1/{name}": _segment_one for name in _SEGMENT},
    **{f"/api/s/{name}": _segment_one for name in _SEGMENT},
    **{f"/api/s/s2s/{name}": _segment_one for name in _SEGMENT},
    "/batch": _posthog,
    "/e": _posthog,
    "/i/v0/e": _posthog,
    "/capture": _posthog,
    "/track": _mixpanel,
    "/engage": _mixpanel,
    "/groups": _mixpanel,
    "/import": _mixpanel,
    "/2/httpapi": _amplitude,
    "/2/batch": _amplitude,
    "/com.snowplowanalytics.snowplow/tp2": _snowplow,
    "/i": _snowplow,
    "/mp/collect": _ga4,
    "/debug/mp/collect": _ga4,
    "/v1/cloudevents": _cloudevents,
    "/v1/logs": _otlp,
    **{f"/webhooks/{vendor}": _webhook for vendor in VENDORS},
}
"""The routes of client libraries; a slash at their end makes no difference."""

HEADERS = ("authorization", "x-write-key", "sentat", "content-type", *SIGNATURES)
"""Headers that say something of the events, and those that begin with `ce-`."""


CHECKED = "$checked"
"""What the inbox notes with the headers of a request of which no event is rejected."""


def head_json(head: Mapping[str, str], *, checked: bool) -> str:
    """The headers that the inbox keeps: those that are needed again, and no key."""
    kept = {name: value for name, value in head.items() if name == "sentat" or name.startswith("ce-")}
    if not kept and checked:
        return _CHECKED
    return json.dumps({**kept, CHECKED: "1"} if checked else kept)


_CHECKED = json.dumps({CHECKED: "1"})
