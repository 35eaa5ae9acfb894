"""Twilio: calls and messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option
from desirepath.connectors.instants import as_iso, iso, mail_date
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, event, left_out, number, phone, some, who


class Twilio(Connector):
    """Calls and messages, by number."""

    name = "twilio"
    title = "Twilio"
    about = "Pages of calls, messages and transcripts of the REST API."
    streams = {
        "calls": "`call`; legs of a call are counted with it",
        "messages": "`message received` or `message sent`",
        "call_callbacks": "webhooks: `call`, when it is over",
        "message_callbacks": "webhooks: `message received`",
        "transcripts": "left out: read their sentences as `transcripts`",
    }
    pages = {"calls": "calls", "messages": "messages", "transcripts": "transcripts"}
    options = (Option("our_numbers", "your own numbers, parted by blanks, so that they are taken for nobody's"),)
    docs = (
        "Times are written as in e-mails (`Mon, 09 Mar 2026 09:00:00 +0000`). A price is what you paid, not "
        "revenue: it is "
        "a property.",
        "The person is who called, or who was called; a leg (`parent_call_sid`) is left out, because its call is "
        "there.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Pages or objects with a `sid`."""
        first = opened.first_of(self.pages)
        return "sid" in first and ("from" in first or "direction" in first)

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """Messages have a body."""
        return "messages" if "body" in data else "calls"

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One call or message."""
        if stream.endswith("_callbacks"):
            stream, data = _of_callback(stream, data, given)
        own = str(data["sid"])
        if stream == "transcripts" or data.get("parent_call_sid"):
            yield left_out(own, "a leg of a call, or a transcript")
            return
        ours = {phone(one) for one in given["our_numbers"].split()}
        inbound = str(data.get("direction") or "").startswith("inbound")
        number_of = data.get("from") if inbound else data.get("to")
        number_of = number_of if number_of is None or phone(str(number_of)) not in ours else None
        started = data.get("start_time") or data.get("date_sent") or data.get("date_created")
        at = iso(started, "UTC") if "T" in str(started)[8:12] else mail_date(started)
        told = {"direction": "inbound" if inbound else "outbound", "status": data.get("status")}
        told |= {"cost": number(data.get("price")), "cost_currency": data.get("price_unit")}
        if stream == "messages":
            name, channel = "message received" if inbound else "message sent", "message"
            told |= {"text": data.get("body"), "error": data.get("error_code")}
        else:
            name, channel = "call", "phone"
            told |= {"duration_s": number(data.get("duration")), "answered_by": data.get("answered_by")}
        yield event(
            own,
            name,
            at,
            who(("phone", number_of)),
            channel=channel,
            entity=(name.split()[0], own),
            properties=some(told),
        )


def _of_callback(stream: str, data: dict[str, Any], given: Given) -> tuple[str, dict[str, Any]]:
    """A webhook by the names of the API."""
    moment = as_iso(given.received_us)
    shared = {"from": data.get("From"), "to": data.get("To")}
    if stream == "message_callbacks":
        told = {"sid": data["MessageSid"], "body": data.get("Body"), "direction": "inbound", "date_sent": moment}
        return "messages", {**shared, **told, "status": data.get("MessageStatus") or data.get("SmsStatus")}
    if data.get("CallStatus") not in ("completed", "busy", "no-answer", "failed", "canceled"):
        return "transcripts", {"sid": data["CallSid"]}  # not over yet
    seconds = number(data.get("CallDuration")) or 0.0
    told = {
        "sid": data["CallSid"],
        "parent_call_sid": data.get("ParentCallSid") or None,
        "direction": data.get("Direction"),
        "status": data.get("CallStatus"),
        "duration": data.get("CallDuration"),
        "start_time": as_iso(given.received_us - round(seconds * 1e6)),
    }
    return "calls", {**shared, **told}
