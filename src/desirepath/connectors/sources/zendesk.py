"""Zendesk: tickets, audits, ticket events, metric events, both kinds of satisfaction, people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import YES_NO, Connector, Given, Option, Record
from desirepath.connectors.instants import Moment, epoch, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, event, left_out, number, snapshot, some, state_of, who

_CHANNELS = {
    "email": "email",
    "web": "web",
    "voice": "phone",
    "chat": "chat",
    "native_messaging": "chat",
    "mobile": "app",
}
_SCORES = {"good": 1.0, "bad": 0.0}


class Zendesk(Connector):
    """Tickets as they changed, and what customers said of them."""

    name = "zendesk"
    title = "Zendesk"
    about = (
        "Pages of the Support API: incremental exports of tickets, ticket events and metrics, audits, satisfaction, "
        "people."
    )
    streams = {
        "tickets": (
            "`ticket created`; of each version of a ticket, its state, from which changes are inferred where no "
            "audit tells them"
        ),
        "audits": "`ticket created`, `ticket status …`, `ticket reply`: what Zendesk itself says of each change",
        "ticket_events": "the same, from the incremental export of ticket events",
        "metric_events": "reply and resolution times; events only with the option `metric_events`",
        "satisfaction_ratings": "`csat good` or `csat bad`, with reason and comment",
        "survey_responses": "`csat …` with a score of 1 to 5, from the newer survey",
        "comments": "`ticket reply`: public words of the requester or an agent",
        "users": "who is who: e-mail address, phone number and your own id; agents are left out",
        "organizations": "names of organisations",
    }
    pages = {
        "tickets": "tickets",
        "audits": "audits",
        "ticket_events": "ticket_events",
        "ticket_metric_events": "metric_events",
        "satisfaction_ratings": "satisfaction_ratings",
        "survey_responses": "survey_responses",
        "comments": "comments",
        "users": "users",
        "organizations": "organizations",
        "results": "tickets",
    }
    options = (Option("metric_events", "make events of reply and resolution times", "no", YES_NO),)
    docs = (
        "The person of a ticket is its requester, not who submitted it. Audits do not name the requester: the ticket's "
        "own number joins them.",
        "One kind of satisfaction is active in an account; both are read.",
        "A page may hold a ticket twice, and exports overlap: one change is one event.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Pages of the API, told by their member and an id of Zendesk's within."""
        key = opened.page_key(self.pages)
        if _is_zendesk(key, opened.first_of(self.pages)) or _single(opened.sample) is not None:
            return True
        one = opened.sample
        audit = "ticket_id" in one and "author_id" in one and isinstance(one.get("events"), list)
        return audit or key in ("audits", "ticket_metric_events", "satisfaction_ratings", "ticket_events")

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Pages; single objects are wrapped in their name."""
        del given
        for record in opened.records(self.pages, self.stream_of):
            inner = _single(record.data)
            if inner is not None:
                yield Record(self.stream_of(inner), inner, None, record.line)
            else:
                yield record

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """Told by what a record has."""
        if "ticket" in data or "requester_id" in data:
            return "satisfaction_ratings" if "score" in data and "subject" not in data else "tickets"
        if "events" in data or "audit" in data:
            return "audits"
        if "child_events" in data:
            return "ticket_events"
        if "instance_id" in data:
            return "metric_events"
        if "domain_names" in data:
            return "organizations"
        return "comments" if "html_body" in data else "users"

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """What one record says."""
        if stream == "tickets":
            yield from _ticket(data)
        elif stream == "audits":
            yield from _audit(
                data["ticket_id"], data["id"], iso(data["created_at"], "UTC"), data.get("author_id"), data
            )
        elif stream == "ticket_events":
            yield from _ticket_event(data)
        elif stream == "metric_events":
            yield _metric(data, given)
        elif stream == "satisfaction_ratings":
            yield _rating(data)
        elif stream == "survey_responses":
            yield from _survey(data)
        elif stream == "comments":
            if data.get("public", True) and data.get("ticket_id"):
                yield _reply(data["ticket_id"], data["id"], iso(data["created_at"], "UTC"), data.get("author_id"), data)
            else:
                yield left_out(f"comment|{data.get('id')}", "a note, or no number of its ticket")
        elif stream == "users":
            yield _user(data)
        else:
            yield snapshot(
                f"organization|{data['id']}",
                "organization",
                iso(data.get("updated_at"), "UTC"),
                who(("zendesk_organization", data["id"])),
                entity=("organization", str(data["id"])),
                properties=some({"name": data.get("name"), "domains": data.get("domain_names")}),
            )


def _single(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """The object that an answer about one ticket, audit, user or organisation holds."""
    if len(data) != 1:
        return None
    name, inner = next(iter(data.items()))
    signs = {"ticket": "requester_id", "audit": "ticket_id", "user": "role", "organization": "domain_names"}
    return inner if name in signs and isinstance(inner, dict) and signs[name] in inner else None


def _is_zendesk(key: str | None, first: Mapping[str, Any]) -> bool:
    if "zendesk.com" in str(first.get("url", "")):
        return True
    told = {"tickets": "requester_id", "users": "role", "audits": "ticket_id", "comments": "html_body"}
    return key in told and told[key] in first and "type" not in (first if key == "users" else {})


def _ticket(data: Mapping[str, Any]) -> Iterator[Row]:
    ticket, made = data["id"], iso(data["created_at"], "UTC")
    via = data.get("via") or {}
    source = (via.get("source") or {}).get("from") or {}
    people = who(
        ("zendesk_user", data.get("requester_id")),
        ("email", source.get("address")),
        ("phone", source.get("phone")),
        ("zendesk_ticket", ticket),
        ("zendesk_organization", data.get("organization_id")),
    )
    if data.get("status") == "deleted":
        yield left_out(f"{ticket}|deleted", "a deleted ticket")
        return
    channel = _CHANNELS.get(str(via.get("channel")), via.get("channel"))
    yield event(
        f"{ticket}|ticket created",
        "ticket created",
        made,
        people,
        channel=channel,
        entity=("ticket", str(ticket)),
        properties=some(
            {
                "subject": data.get("subject"),
                "text": data.get("description"),
                "type": data.get("type"),
                "tags": data.get("tags"),
            }
        ),
    )
    yield snapshot(
        f"{ticket}|ticket",
        "ticket",
        iso(data.get("updated_at") or data["created_at"], "UTC"),
        people,
        channel=channel,
        entity=("ticket", str(ticket)),
        properties=some(
            {
                "status": data.get("status"),
                "priority": data.get("priority"),
                "type": data.get("type"),
                "tags": data.get("tags"),
                "group_id": data.get("group_id"),
                "assignee_id": data.get("assignee_id"),
                "created_at": data.get("created_at"),
                "fields": {
                    str(one.get("id")): one.get("value") for one in data.get("custom_fields") or () if one.get("value")
                },
            }
        ),
        state=_status(data["status"], made=made) if data.get("status") else None,
    )


def _status(told: Any, *, made: Moment | None = None, history: bool = False) -> dict[str, Any]:
    value = str(told).lower()
    return state_of("status", value, f"ticket status {value}", initial="new", made=made, history=history)


def _audit(ticket: Any, audit: Any, at: Moment, author: Any, data: Mapping[str, Any]) -> Iterator[Row]:
    """What an audit says; a ticket's first one is its creation."""
    events = data.get("events") or ()
    first = any(one.get("type") == "Create" for one in events)
    people = who(("zendesk_ticket", ticket))
    channel = _CHANNELS.get(str((data.get("via") or {}).get("channel")), (data.get("via") or {}).get("channel"))
    if first:
        text = next((one.get("body") for one in events if one.get("type") == "Comment"), None)
        yield event(
            f"{ticket}|ticket created",
            "ticket created",
            at,
            people,
            channel=channel,
            entity=("ticket", str(ticket)),
            properties=some({"text": text}),
        )
    for one in events:
        kind, field = one.get("type"), one.get("field_name")
        if kind in ("Change", "Create") and field == "status":
            yield from _changed(ticket, at, one, people, channel, created=kind == "Create")
        elif kind == "Change" and field == "group_id":
            yield event(
                f"{ticket}|{audit}|{one.get('id')}",
                "ticket transferred",
                at,
                people,
                channel=channel,
                entity=("ticket", str(ticket)),
                properties=some({"from": one.get("previous_value"), "to": one.get("value")}),
            )
        elif kind == "Comment" and one.get("public") and not first:
            yield _reply(ticket, one.get("id"), at, one.get("author_id") or author, one)


def _changed(
    ticket: Any, at: Moment, one: Mapping[str, Any], people: Who, channel: Any, *, created: bool
) -> Iterator[Row]:
    value = one.get("value")
    state = _status(value, history=True)
    if not created and value != "new":
        yield event(
            f"{ticket}|ticket status {value}|{at.us}",
            f"ticket status {value}",
            at,
            people,
            channel=channel,
            entity=("ticket", str(ticket)),
            properties=some({"from": one.get("previous_value"), "to": value}),
        )
    yield snapshot(
        f"{ticket}|told|{value}", "ticket", at, people, channel=channel, entity=("ticket", str(ticket)), state=state
    )


def _reply(ticket: Any, comment: Any, at: Moment, author: Any, data: Mapping[str, Any]) -> Row:
    return event(
        f"{ticket}|reply|{comment}",
        "ticket reply",
        at,
        who(("zendesk_ticket", ticket)),
        channel=_CHANNELS.get(str((data.get("via") or {}).get("channel"))),
        entity=("ticket", str(ticket)),
        properties=some({"text": data.get("plain_body") or data.get("body"), "author": author}),
    )


def _ticket_event(data: Mapping[str, Any]) -> Iterator[Row]:
    """A row of the incremental export of ticket events, whose changes have the field's name as a key."""
    events: list[dict[str, Any]] = []
    for child in data.get("child_events") or ():
        kind = child.get("event_type")
        if "status" in child:
            events.append(
                {"id": child.get("id"), "type": kind, "field_name": "status", "value": child["status"],
                 "previous_value": child.get("previous_value")}
            )  # fmt: skip
        elif kind == "Comment":
            public = child.get("comment_public", child.get("public"))
            events.append({**child, "type": "Comment", "public": public, "via": _via(child)})
        elif kind == "Create":
            events.append({"id": child.get("id"), "type": "Create", "field_name": ""})
    at = epoch(data["timestamp"], "s") if data.get("timestamp") else iso(data["created_at"], "UTC")
    yield from _audit(data["ticket_id"], data["id"], at, data.get("updater_id"), {"events": events, "via": _via(data)})


def _via(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The way something came; a row that is not expanded has its name alone."""
    via = data.get("via")
    return via if isinstance(via, Mapping) else {"channel": str(via or "").lower()}


def _metric(data: Mapping[str, Any], given: Given) -> Row:
    people = who(("zendesk_ticket", data["ticket_id"]))
    name = f"{data['metric']} {data['type']}".replace("_", " ")
    rest: dict[str, Any] = {
        "entity": ("ticket", str(data["ticket_id"])),
        "properties": some({"instance": data.get("instance_id"), **(data.get("status") or {}), "sla": data.get("sla")}),
    }
    at = iso(data["time"], "UTC")
    if given.is_on("metric_events") and data["type"] in ("fulfill", "breach"):
        return event(f"metric|{data['id']}", f"ticket {name}", at, people, **rest)
    return snapshot(f"metric|{data['id']}", name, at, people, **rest)


def _rating(data: Mapping[str, Any]) -> Row:
    score = str(data.get("score") or "").removesuffix("_with_comment")
    if score not in _SCORES:
        return left_out(f"rating|{data.get('id')}", f"a rating that is {score or 'empty'}")
    return event(
        f"{data['ticket_id']}|csat {score}|{data['id']}",
        f"csat {score}",
        iso(data.get("created_at"), "UTC"),
        who(("zendesk_user", data.get("requester_id")), ("zendesk_ticket", data.get("ticket_id"))),
        channel="survey",
        entity=("ticket", str(data["ticket_id"])),
        properties=some(
            {"score": _SCORES[score], "scale": "0-1", "text": data.get("comment"), "reason": data.get("reason")}
        ),
    )


def _survey(data: Mapping[str, Any]) -> Iterator[Row]:
    """A response of the newer survey, about one ticket."""
    subjects = data.get("subjects") or ()
    ticket = next((one.get("id") or one.get("zrn", "").rpartition(":")[2] for one in subjects), None)
    answers: list[dict[str, Any]] = list(data.get("answers") or ())
    score = next((number(one.get("rating")) for one in answers if number(one.get("rating")) is not None), None)
    text = next((one.get("value") for one in answers if isinstance(one.get("value"), str)), None)
    if score is None:
        yield left_out(f"survey|{data.get('id')}", "a survey without a score")
        return
    good = score >= 4
    yield event(
        f"survey|{data['id']}",
        f"csat {'good' if good else 'bad'}",
        iso(data.get("created_at") or data.get("updated_at"), "UTC"),
        who(("zendesk_user", data.get("responder_id")), ("zendesk_ticket", ticket)),
        channel="survey",
        value=score,
        entity=("ticket", str(ticket)) if ticket else None,
        properties=some({"score": score, "scale": "1-5", "text": text}),
    )


def _user(data: Mapping[str, Any]) -> Row:
    if data.get("role") not in (None, "end-user"):
        return left_out(f"user|{data['id']}", f"a colleague ({data['role']})")
    return snapshot(
        f"user|{data['id']}",
        "profile",
        iso(data.get("updated_at") or data.get("created_at"), "UTC"),
        who(
            ("user_id", data.get("external_id")),
            ("zendesk_user", data["id"]),
            ("email", data.get("email")),
            ("phone", data.get("phone")),
            ("zendesk_organization", data.get("organization_id")),
        ),
        properties=some(
            {
                "name": data.get("name"),
                "time_zone": data.get("time_zone"),
                "locale": data.get("locale"),
                "tags": data.get("tags"),
            }
        ),
    )
