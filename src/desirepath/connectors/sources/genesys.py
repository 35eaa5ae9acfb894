"""Genesys Cloud: conversation details."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given
from desirepath.connectors.instants import Moment, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, event, left_out, snapshot, some, who

_NAMES = {
    "voice": "call",
    "callback": "call",
    "chat": "chat",
    "webmessaging": "chat",
    "message": "chat",
    "email": "email",
}
_CHANNELS = {"call": "phone", "chat": "chat", "email": "email"}


class Genesys(Connector):
    """Conversations, by who called."""

    name = "genesys"
    title = "Genesys Cloud"
    about = "Conversation details of the analytics API (`/analytics/conversations/details`, queries and jobs)."
    streams = {
        "conversations": "`call`, `chat` or `email`, with waiting, talking and handling time, transfers and wrap-up"
    }
    pages = {"conversations": "conversations"}
    docs = (
        "The person is the customer's number, address or external contact; an agent never is.",
        "A conversation that is still open is given out again: it is an event from its beginning on, and what "
        "came of it "
        "is known when it has ended.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Conversations with participants."""
        first = opened.first_of(self.pages)
        return "conversationId" in first and "participants" in first

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """One conversation."""
        del stream, given
        own, start = str(data["conversationId"]), iso(data["conversationStart"], "UTC")
        customers = [one for one in data.get("participants") or () if one.get("purpose") in ("customer", "external")]
        sessions = [session for one in customers for session in one.get("sessions") or ()]
        kind = _NAMES.get(str(sessions[0].get("mediaType")).lower(), "call") if sessions else "call"
        told = _facts(data, start)
        people = who(*(pair for one in customers for pair in _names(one, data)))
        if not people:
            yield left_out(own, "a conversation among colleagues")
            return
        rest: dict[str, Any] = {"channel": _CHANNELS[kind], "entity": ("conversation", own)}
        yield event(own, kind, start, people, properties=some(told), **rest)
        if told.get("ended_at"):
            # one that was open when it was first given out
            yield snapshot(
                f"{own}|ended", "conversation", iso(told["ended_at"], "UTC"), people, properties=some(told), **rest
            )


def _names(one: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    outbound = data.get("originatingDirection") == "outbound"
    yield "genesys_contact", one.get("externalContactId")
    marks = one.get("attributes") or {}
    yield "user_id", marks.get("user_id") or marks.get("customerId")
    for session in one.get("sessions") or ():
        address = session.get("dnis") if outbound else session.get("ani")
        text = str(address or "")
        if text.startswith("tel:") or (text and "@" not in text):
            yield "phone", text
        yield "email", session.get("addressFrom") or (text if "@" in text else None)


def _facts(data: Mapping[str, Any], start: Moment) -> dict[str, Any]:
    sums: dict[str, float] = {}
    counts: dict[str, float] = {}
    wraps: list[str] = []
    queues: list[str] = []
    held, agents = False, set()
    for one in data.get("participants") or ():
        if one.get("purpose") == "agent":
            agents.add(one.get("userId") or one.get("participantId"))
        for session in one.get("sessions") or ():
            for metric in session.get("metrics") or ():
                place = sums if str(metric.get("name", "")).startswith("t") else counts
                place[metric["name"]] = place.get(metric["name"], 0) + float(metric.get("value") or 0)
            for segment in session.get("segments") or ():
                held = held or segment.get("segmentType") == "hold"
                wraps += [segment["wrapUpCode"]] if segment.get("wrapUpCode") else []
                queues += [segment["queueId"]] if segment.get("queueId") else []
    end = iso(data.get("conversationEnd"), "UTC")
    seconds = {name: sums[key] / 1000 for key, name in _SECONDS.items() if key in sums}
    return {
        "direction": data.get("originatingDirection"),
        "duration_s": (end.us - start.us) / 1e6 if end.us is not None and start.us is not None else None,
        "ended_at": data.get("conversationEnd"),
        **seconds,
        "transfers": int(counts.get("nTransferred", max(0, len(agents) - 1))),
        "held": held or None,
        "abandoned": True if ("tAbandon" in sums or not agents) and end.us is not None else None,
        "wrap_up": wraps[-1] if wraps else None,
        "queues": list(dict.fromkeys(queues)),
    }


_SECONDS = {
    "tWait": "wait_s",
    "tAcd": "queue_s",
    "tTalk": "talk_s",
    "tHeld": "hold_s",
    "tAcw": "after_s",
    "tHandle": "handle_s",
}
