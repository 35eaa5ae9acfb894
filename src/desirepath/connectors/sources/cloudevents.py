"""CloudEvents 1.0: structured, as a batch, and with their attributes in headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desirepath.connectors.connector import Connector, Given
from desirepath.connectors.instants import Moment, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, code, event, first_number, some, who

_HEAD = frozenset("id source type specversion subject time datacontenttype dataschema data data_base64".split())


class CloudEvents(Connector):
    """Events in CNCF's envelope."""

    name = "cloudevents"
    title = "CloudEvents"
    about = "CloudEvents 1.0 as JSON lines, and as HTTP sends them."
    streams = {"events": "one event each, named by its type"}
    docs = (
        "`source` and `id` tell an event apart. The person is `user_id`, `email` and the like in the data or among the "
        "extensions, and otherwise the `subject`.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Objects with `specversion`."""
        return "specversion" in opened.sample and "source" in opened.sample

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One event."""
        del stream
        told = data.get("data")
        inner: dict[str, Any] = dict(told) if isinstance(told, dict) else {"data": told}
        extra = {key: value for key, value in data.items() if key not in _HEAD and not key.startswith("$")}
        people = who(
            ("user_id", inner.get("user_id") or inner.get("userId") or extra.get("userid")),
            ("customer_id", inner.get("customer_id") or inner.get("customerId")),
            ("email", inner.get("email")),
            ("phone", inner.get("phone")),
            ("anonymous_id", inner.get("anonymous_id") or extra.get("anonymousid")),
        ) or who(("user_id", data.get("subject")))
        amount = first_number(inner, ("revenue", "value", "amount"))
        yield event(
            f"{data['source']}|{data['id']}",
            str(data["type"]),
            iso(data["time"], "UTC") if data.get("time") else Moment(given.received_us),
            people,
            channel=str(extra.get("channel") or inner.get("channel") or "server"),
            value=amount,
            currency=code(inner.get("currency")),
            properties=some({**inner, **extra, "origin": data.get("source"), "subject": data.get("subject")}),
        )
