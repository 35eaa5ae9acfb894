"""NICE CXone: completed contacts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option
from desirepath.connectors.instants import iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, event, left_out, number, some, who

_KINDS = {"phone": "call", "voice": "call", "chat": "chat", "email": "email", "sms": "message", "digital": "chat"}
_CHANNELS = {"call": "phone", "chat": "chat", "email": "email", "message": "message"}


class Nice(Connector):
    """Completed contacts."""

    name = "nice"
    title = "NICE CXone"
    about = "Pages of completed contacts (`/contacts/completed`)."
    streams = {"contacts": "`call`, `chat`, `email` or `message`, with waiting and handling time"}
    pages = {"completedContacts": "contacts", "contacts": "contacts"}
    options = (Option("country_code", "country code of numbers that are written without one, such as 49"),)
    docs = (
        "Legs of one contact share `masterContactId`; the first one is the event. Numbers are written without "
        "`+`: one of "
        "eleven digits or more is read with its country code.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Contacts with a number of their own and of their master."""
        first = opened.first_of(self.pages)
        return "contactId" in first and "contactStart" in first

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One contact."""
        del stream
        own, master = str(data["contactId"]), str(data.get("masterContactId") or data["contactId"])
        if own != master:
            yield left_out(own, "a leg of another contact")
            return
        media = str(data.get("mediaTypeName") or "").lower()
        kind = next((name for sign, name in _KINDS.items() if sign in media), "call")
        outbound = data.get("isOutbound") is True
        address = str(data.get("toAddr" if outbound else "fromAddr") or "")
        country = given["country_code"]
        if country and address.isdigit() and not address.startswith(country):
            address = f"+{country}{address.lstrip('0')}"
        yield event(
            own,
            kind,
            iso(data["contactStart"], "UTC"),
            who(("email" if "@" in address else "phone", address)),
            channel=_CHANNELS[kind],
            entity=("contact", own),
            properties=some(
                {
                    "direction": "outbound" if outbound else "inbound",
                    "duration_s": number(data.get("totalDurationSeconds")),
                    "talk_s": number(data.get("agentSeconds")),
                    "queue_s": number(data.get("inQueueSeconds")),
                    "hold_s": number(data.get("holdSeconds")),
                    "abandoned": data.get("abandoned") or None,
                    "skill": data.get("skillName"),
                    "transfers": number(data.get("transferIndicatorId")) or None,
                    "text": data.get("dispositionNotes"),
                    "wrap_up": data.get("primaryDispositionId"),
                }
            ),
        )
