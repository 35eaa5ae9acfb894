"""Segment, and those that speak its language: RudderStack, Jitsu."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given
from desirepath.connectors.instants import NEVER, Moment, corrected, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, code, digest, event, first_number, snapshot, some, who

TYPES = ("track", "identify", "page", "screen", "group", "alias")
_REVENUE = ("revenue", "value", "total")
_CONTEXT = {
    "page": {"url": "page", "title": "page_title", "referrer": "referrer"},
    "campaign": {"source": "source", "medium": "medium", "name": "campaign"},
    "os": {"name": "operating_system"},
    "app": {"version": "app_version"},
}
"""What the context says, and how the properties are called that are made of it."""
_TIMES = ("timestamp", "originalTimestamp", "receivedAt", "received_at")


class Segment(Connector):
    """Messages of Segment's specification."""

    name = "segment"
    title = "Segment"
    about = (
        "Messages of Segment's specification, as webhooks, as a storage destination writes them, and as libraries "
        "send them."
    )
    streams = {"messages": "`track`, `page` and `screen` are events; `identify`, `group` and `alias` say who is who"}
    docs = (
        "`messageId` tells a message apart. The time is `timestamp` where it was corrected already, and otherwise "
        "received - (sent - original), so that a wrong clock on the device does no harm.",
        "`identify` joins `userId`, `anonymousId` and an e-mail address among the traits; `alias` joins two ids; "
        "`group` joins a person to an account.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Messages have a type, an id and no sign of RudderStack."""
        return is_message(opened.sample) and not is_rudder(opened.sample)

    def read(self, opened: Opened, given: Given) -> Iterator[Any]:
        """Lines, a list, one message, or a batch."""
        del given
        yield from opened.records({"batch": "messages"}, self.stream_of)

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event, or what is known of who is who."""
        del stream
        kind = str(data.get("type") or data.get("action") or "track").lower()
        context = data.get("context") or {}
        at = _when(data, given)
        key = data.get("messageId") or data.get("message_id") or digest(data)
        traits = {**(context.get("traits") or {}), **(data.get("traits") or {})} if kind != "group" else {}
        people = _who(data, traits, context)
        if kind in ("identify", "alias", "group") and not any(data.get(name) for name in _TIMES):
            at = NEVER  # not when it came, which is another moment each time
        if kind in ("identify", "alias"):
            yield snapshot(key, "profile", at, people, properties=some(traits))
            return
        if kind == "group":
            yield snapshot(
                key,
                "group",
                at,
                people,
                entity=("group", str(data.get("groupId"))),
                properties=some(data.get("traits") or {}),
            )
            return
        if kind not in TYPES:
            raise ValueError(f"there is no type {kind!r}; there are {', '.join(TYPES)}")
        inner = data.get("properties") or {}
        yield event(
            key,
            _name(kind, data),
            at,
            people,
            channel=_channel(kind, data, context),
            value=first_number(inner, _REVENUE),
            currency=code(inner.get("currency")),
            entity=("order", str(inner["order_id"])) if inner.get("order_id") else None,
            session=_session(context),
            properties=_properties(kind, data, inner, context),
        )


class RudderStack(Segment):
    """The same messages, from RudderStack."""

    name = "rudderstack"
    title = "RudderStack"
    about = "Messages of RudderStack, as webhooks, as a storage destination writes them, and as libraries send them."

    def recognise(self, opened: Opened) -> bool:
        """Messages with a sign of RudderStack."""
        return is_message(opened.sample) and is_rudder(opened.sample)


def is_message(sample: Mapping[str, Any]) -> bool:
    """Whether an object is a message of Segment's specification."""
    inner = sample.get("batch")
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):
        return is_message(inner[0])
    known = any(name in sample for name in ("messageId", "anonymousId", "userId", "user_id"))
    return known and (sample.get("type") or sample.get("action")) in TYPES


def is_rudder(sample: Mapping[str, Any]) -> bool:
    """Whether a message came by RudderStack."""
    library = ((sample.get("context") or {}).get("library") or {}).get("name", "")
    return "rudderId" in sample or "request_ip" in sample or "Rudder" in str(library)


def _when(data: Mapping[str, Any], given: Given) -> Moment:
    """When it happened; what is corrected already is believed."""
    sent = data.get("sentAt") or data.get("sent_at")
    told, original = data.get("timestamp"), data.get("originalTimestamp")
    received = data.get("receivedAt") or data.get("received_at")
    if told and (original or received or not sent):
        return iso(told, "UTC")
    clock = iso(original or told, "UTC")
    if clock.us is None and not clock.text:
        return iso(received, "UTC") if received else Moment(given.received_us)
    arrived = iso(received, "UTC") if received else Moment(given.received_us)
    return corrected(clock, iso(sent, "UTC"), arrived) if sent else clock


def _who(data: Mapping[str, Any], traits: Mapping[str, Any], context: Mapping[str, Any]) -> Who:
    device = (context.get("device") or {}).get("id")
    previous = data.get("previousId")
    return who(
        ("user_id", data.get("userId") or data.get("user_id")),
        ("email", traits.get("email")),
        ("phone", traits.get("phone")),
        ("anonymous_id", data.get("anonymousId")),
        # what a person was called before: an anonymous id, as a rule
        ("anonymous_id", previous if previous != data.get("userId") else None),
        ("device_id", device if device != data.get("anonymousId") else None),
        ("group_id", data.get("groupId") or context.get("groupId")),
    )


def _name(kind: str, data: Mapping[str, Any]) -> str:
    if kind == "track":
        return str(data["event"])
    named = " ".join(str(one) for one in (data.get("category"), data.get("name")) if one)
    return f"{kind} {named}" if named else kind


def _channel(kind: str, data: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    library = str((context.get("library") or {}).get("name") or "")
    told = data.get("channel")
    if kind == "screen" or told == "mobile" or "ios" in library or "android" in library:
        return "app"
    if told == "server" or "python" in library or "node" in library.lower():
        return "server"
    return "web"


def _session(context: Mapping[str, Any]) -> str | None:
    told = context.get("sessionId") or (context.get("session") or {}).get("id")
    return None if told in (None, "") else str(told)


def _properties(
    kind: str, data: Mapping[str, Any], inner: Mapping[str, Any], context: Mapping[str, Any]
) -> dict[str, Any]:
    told: dict[str, Any] = {**inner}
    if kind != "track":
        told["type"] = kind
    # most messages say little of all this; what they do not say costs nothing
    for part, names in _CONTEXT.items():
        said = context.get(part)
        if said:
            told |= {ours: said[name] for name, ours in names.items() if said.get(name)}
    for name, value in (
        ("page", inner.get("url")),
        ("locale", context.get("locale")),
        ("traits", context.get("traits") or data.get("traits")),
    ):
        if value:
            told[name] = value
    return some(told)
