"""Intercom: contacts, companies, conversations with their parts, tickets."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import YES_NO, Connector, Given, Option, Record
from desirepath.connectors.instants import Moment, epoch
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, event, left_out, number, snapshot, some, who

_CHANNELS = {
    "conversation": "chat",
    "push": "app",
    "facebook": "social",
    "twitter": "social",
    "email": "email",
    "phone_call": "phone",
}
_TYPES = "conversation conversation.list contact ticket ticket.list notification_event company".split()
_PARTS = {
    "open": "conversation reopened",
    "close": "conversation closed",
    "assignment": "conversation assigned",
    "away_mode_assignment": "conversation assigned",
    "snoozed": "conversation snoozed",
    "participant_added": "conversation transferred",
}


class Intercom(Connector):
    """Conversations as they went."""

    name = "intercom"
    title = "Intercom"
    about = (
        "Answers of the REST API (2.14 and later): contacts, companies, conversations with parts, tickets; and "
        "webhooks."
    )
    streams = {
        "contacts": "who is who",
        "companies": "names of accounts",
        "conversations": (
            "`conversation started` or `message sent`, `conversation reply`, closed, reopened; `csat …` with its score"
        ),
        "tickets": "`ticket created`, `ticket status …`",
        "notifications": "webhooks, by what is in them",
    }
    pages = {"conversations": "conversations", "tickets": "tickets", "contacts": "contacts", "data": ""}
    options = (Option("assignments", "make events of assignments and snoozing", "no", YES_NO),)
    docs = (
        "Times are seconds since 1970. Notes of colleagues and changes of attributes are left out.",
        "A conversation begun by a colleague or a campaign is `message sent`: nobody asked for help.",
        "Words are kept as `text`, without their markup.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Objects whose `type` is Intercom's."""
        sample = opened.first_of(self.pages)
        return sample.get("type") in _TYPES

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Lists and single objects; what an object is stands in it."""
        del given
        for record in opened.records(self.pages, self.stream_of):
            one = record.data
            if one.get("type") == "notification_event":
                one = ((one.get("data") or {}).get("item")) or {}
            yield record._replace(stream=self.stream_of(one), data=one, text=None)

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """Objects say what they are."""
        kind = str(data.get("type") or "")
        return {"company": "companies", "user": "contacts", "lead": "contacts"}.get(kind, f"{kind}s")

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """What one object says."""
        if stream == "contacts":
            yield _contact(data)
        elif stream == "companies":
            yield snapshot(
                f"company|{data['id']}",
                "company",
                epoch(data.get("updated_at"), "s"),
                who(("intercom_company", data["id"]), ("company_id", data.get("company_id"))),
                entity=("company", str(data["id"])),
                properties=some({"name": data.get("name"), "plan": (data.get("plan") or {}).get("name")}),
            )
        elif stream == "conversations":
            yield from _conversation(data, given)
        elif stream == "tickets":
            yield from _ticket(data)
        else:
            yield left_out(f"{stream}|{data.get('id')}", f"a {data.get('type')}")


def _plain(text: Any) -> str | None:
    """Words without markup."""
    if not text:
        return None
    broken = re.sub(r"<(br|/p|/div|/li)[^>]*>", "\n", str(text))
    return html.unescape(re.sub(r"<[^>]+>", "", broken)).strip() or None


def _people(data: Mapping[str, Any]) -> Who:
    contacts = (data.get("contacts") or {}).get("contacts") or ()
    named: list[tuple[str, Any]] = []
    for one in contacts[:1]:
        named += [("user_id", one.get("external_id")), ("intercom_contact", one.get("id")), ("email", one.get("email"))]
    source = (data.get("source") or {}).get("author") or {}
    if source.get("type") in ("user", "lead", "contact"):
        named += [("intercom_contact", source.get("id")), ("email", source.get("email"))]
    return who(*named)


def _contact(data: Mapping[str, Any]) -> Row:
    companies = (data.get("companies") or {}).get("data") or ()
    return snapshot(
        f"contact|{data['id']}",
        "profile",
        epoch(data.get("updated_at") or data.get("created_at"), "s"),
        who(
            ("user_id", data.get("external_id")),
            ("intercom_contact", data["id"]),
            ("email", data.get("email")),
            ("phone", data.get("phone")),
            *(("intercom_company", one.get("id")) for one in companies),
        ),
        properties=some({"role": data.get("role"), "name": data.get("name"), **(data.get("custom_attributes") or {})}),
    )


def _conversation(data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    own, source = str(data["id"]), data.get("source") or {}
    people = _people(data)
    rest: dict[str, Any] = {
        "channel": _CHANNELS.get(str(source.get("type")), source.get("type") or "chat"),
        "entity": ("conversation", own),
    }
    made = epoch(data["created_at"], "s")
    theirs = (source.get("author") or {}).get("type") in ("user", "lead", "contact") or source.get(
        "delivered_as"
    ) == "customer_initiated"
    yield event(
        f"{own}|started",
        "conversation started" if theirs else "message sent",
        made,
        people,
        properties=some(
            {"subject": _plain(source.get("subject")), "text": _plain(source.get("body")), "page": source.get("url")}
        ),
        **rest,
    )
    for part in (data.get("conversation_parts") or {}).get("conversation_parts") or ():
        row = _part(own, part, people, rest, given)
        if row is not None:
            yield row
    rating = data.get("conversation_rating") or {}
    if number(rating.get("rating")) is not None:
        score = number(rating["rating"]) or 0.0
        yield event(
            f"{own}|csat",
            f"csat {'good' if score >= 4 else 'bad' if score <= 2 else 'neutral'}",
            epoch(rating.get("created_at") or data.get("updated_at"), "s"),
            people,
            channel="survey",
            value=score,
            entity=("conversation", own),
            properties=some({"score": score, "scale": "1-5", "text": rating.get("remark")}),
        )
    yield snapshot(
        f"{own}|conversation",
        "conversation",
        epoch(data.get("updated_at") or data["created_at"], "s"),
        people,
        properties=some(
            {
                "state": data.get("state"),
                "priority": data.get("priority"),
                "tags": [one.get("name") for one in (data.get("tags") or {}).get("tags") or ()],
                "statistics": data.get("statistics"),
            }
        ),
        **rest,
    )


def _part(own: str, part: Mapping[str, Any], people: Who, rest: Mapping[str, Any], given: Given) -> Row | None:
    kind, author = str(part.get("part_type")), part.get("author") or {}
    name = _PARTS.get(kind)
    if kind == "comment":
        name = "conversation reply"
    if name is None or (name in ("conversation assigned", "conversation snoozed") and not given.is_on("assignments")):
        return None
    return event(
        f"{own}|part|{part['id']}",
        name,
        epoch(part.get("created_at"), "s"),
        people,
        properties=some({"text": _plain(part.get("body")), "by": author.get("type")}),
        **rest,
    )


def _ticket(data: Mapping[str, Any]) -> Iterator[Row]:
    own, people = str(data["id"]), _people(data)
    told = data.get("ticket_attributes") or {}
    rest: dict[str, Any] = {"channel": "chat", "entity": ("ticket", own)}
    yield event(
        f"{own}|ticket created",
        "ticket created",
        epoch(data["created_at"], "s"),
        people,
        properties=some(
            {
                "subject": told.get("_default_title_"),
                "text": told.get("_default_description_"),
                "type": (data.get("ticket_type") or {}).get("name"),
            }
        ),
        **rest,
    )
    for part in (data.get("ticket_parts") or {}).get("ticket_parts") or ():
        state, before = part.get("ticket_state"), part.get("previous_ticket_state")
        if str(part.get("part_type", "")).startswith("ticket_state_updated") and state != before:
            at: Moment = epoch(part.get("created_at"), "s")
            name = f"ticket status {state}"
            yield event(
                f"{own}|part|{part['id']}", name, at, people, properties=some({"from": before, "to": state}), **rest
            )
