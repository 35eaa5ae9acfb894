"""OpenTelemetry: events as log records, as OTLP exporters send them. Experimental, as its conventions still are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desirepath.connectors.connector import Connector, Given
from desirepath.connectors.instants import Moment
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, code, digest, event, first_number, left_out, some, who

_WHO = {
    "user.id": "user_id",
    "enduser.id": "user_id",
    "user.email": "email",
    "session.id": "session_id",
    "device.id": "device_id",
    "app.installation.id": "device_id",
    "browser.id": "device_id",
}


class OpenTelemetry(Connector):
    """Log records that are events."""

    name = "opentelemetry"
    title = "OpenTelemetry"
    about = "Log records that bear an event's name, as OTLP/HTTP exporters send them. Experimental."
    streams = {"logs": "one event each, named by `event_name`; records without a name are left out"}
    docs = (
        "Who it was stands in the attributes `user.id`, `enduser.id`, `user.email`, `device.id` and `session.id`; "
        "other attributes become properties.",
        "A record has no id: its content and nanosecond tell it apart.",
    )

    def recognise(self, opened: Opened) -> bool:
        """The JSON form."""
        return "resourceLogs" in opened.sample

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One record."""
        del stream
        told = dict(data.get("attributes") or {})
        name = data.get("name") or told.get("event.name")
        own = digest(data)
        if not name:
            yield left_out(own, "a log record that is no event")
            return
        people = who(*((kind, told.pop(key)) for key, kind in _WHO.items() if told.get(key) is not None))
        moment = data.get("time_ns")
        amount = first_number(told, ("revenue", "value", "amount"))
        yield event(
            own,
            str(name),
            Moment(int(moment) // 1000, "microsecond") if moment else Moment(given.received_us),
            sorted(people, key=lambda one: one[0] in ("session_id", "device_id")),
            channel=str(told.get("channel") or "app"),
            value=amount,
            currency=code(told.get("currency")),
            session=next((value for kind, value in people if kind == "session_id"), None),
            properties=some(
                {**told, "body": data.get("body"), "service": (data.get("resource") or {}).get("service.name")}
            ),
        )
