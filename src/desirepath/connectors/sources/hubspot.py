"""HubSpot: contacts, companies, deals, tickets and engagements of the CRM API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import Connector, Given, Option
from desirepath.connectors.instants import Moment, as_iso, epoch, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, Who, code, event, left_out, number, snapshot, some, state_of, who

_ENGAGEMENTS = {
    "calls": "call",
    "emails": "email",
    "meetings": "meeting",
    "notes": "note",
    "tasks": "task",
    "communications": "message",
}
_WON = "closedwon"
_CONTACT = ("lastmodifieddate", "email", "firstname", "lastname", "phone", "mobilephone", "lifecyclestage")
_MARKS = (
    ("calls", "hs_call_direction", "hs_call_duration", "hs_call_title", "hs_call_body"),
    ("emails", "hs_email_direction", "hs_email_subject", "hs_email_status"),
    ("meetings", "hs_meeting_title", "hs_meeting_start_time", "hs_meeting_outcome"),
    ("communications", "hs_communication_channel_type", "hs_communication_body"),
    ("tasks", "hs_task_subject", "hs_task_status"),
    ("notes", "hs_note_body"),
    ("tickets", "hs_pipeline_stage", "hs_ticket_priority", "hs_ticket_category"),
    ("deals", "dealstage", "dealname"),
    ("companies", "domain", "hs_num_open_deals"),
)


class HubSpot(Connector):
    """Deals as they moved, and what was said to whom."""

    name = "hubspot"
    title = "HubSpot"
    about = (
        "Pages of the CRM API (`/crm/objects/…/contacts`, `companies`, `deals`, `tickets`, and engagements), with or "
        "without history."
    )
    streams = {
        "contacts": "who is who; `lifecycle stage …` where the history is there",
        "companies": "names of accounts",
        "deals": "`deal created`, unless the history of its stage tells more, and `deal …` for each stage",
        "tickets": "`ticket created`, and `ticket stage …`",
        "calls": "`call`, when it happened",
        "emails": "`email sent` or `email received`",
        "meetings": "`meeting`",
        "communications": "`message`",
        "notes": "left out: words of colleagues",
        "tasks": "left out: work of colleagues",
        "others": "left out: products, quotes and other things that are nobody's",
        "notifications": "webhooks: `deal …`, `ticket stage …`, `lifecycle stage …` as they are entered",
    }
    pages = {"results": ""}
    options = (Option("won", "the ids of further stages in which a deal is won, with commas between them"),)
    docs = (
        "Ask for `propertiesWithHistory=dealstage,lifecyclestage,hs_pipeline_stage`: history tells every change, and a "
        "change is inferred from versions only where there is none.",
        "A deal belongs to its contacts (ask for `associations=contacts`); the first one names the person. What "
        "a deal is "
        "worth stands on the stage in which it is won: `closedwon`, and those of your own pipelines that the option "
        "`won` names. Properties of your own are kept under their names, as they are now.",
        "A webhook does not say what a deal is worth: where it tells first that a deal is won, the event has no value.",
        "Contacts that were merged keep their former numbers as identities of one person.",
    )

    def recognise(self, opened: Opened) -> bool:
        """Objects with `id`, `properties` and `createdAt`."""
        first = opened.first_of(self.pages)
        return isinstance(first.get("properties"), dict) and "createdAt" in first and "updatedAt" in first

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """Told by the properties an object has."""
        told = data.get("properties") or {}
        kind = data.get("objectType") or data.get("$type")
        if kind in self.streams:
            return str(kind)
        found = next((name for name, *marks in _MARKS if any(mark in told for mark in marks)), None)
        # of all objects, contacts alone tell their last change without HubSpot's prefix
        contact = "hs_lastmodifieddate" not in told or any(mark in told for mark in _CONTACT)
        return found or ("contacts" if contact else "others")

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """What one object says."""
        told = data.get("properties") or {}
        if stream == "contacts":
            yield from _contact(data, told)
        elif stream == "companies":
            yield snapshot(
                f"company|{data['id']}",
                "company",
                _at(data.get("updatedAt")),
                who(("hubspot_company", data["id"])),
                entity=("company", str(data["id"])),
                properties=some(
                    {"name": told.get("name"), "domain": told.get("domain"), "industry": told.get("industry")}
                ),
            )
        elif stream == "deals":
            yield from _deal(data, told, {_WON, *(stage.strip() for stage in given["won"].split(","))})
        elif stream == "tickets":
            yield from _ticket(data, told)
        elif stream == "notifications":
            yield _notified(data)
        elif stream == "others":
            yield left_out(f"{stream}|{data['id']}", "a thing that is nobody's")
        elif stream in ("notes", "tasks"):
            yield left_out(f"{stream}|{data['id']}", f"{_ENGAGEMENTS[stream]} of a colleague")
        else:
            yield _engagement(stream, data, told)


def _at(value: Any) -> Moment:
    """ISO, or milliseconds as text."""
    text = str(value or "")
    return epoch(text, "ms") if re.fullmatch(r"\d{11,}", text) else iso(value, "UTC")


def _moment(at: Moment, told: Mapping[str, Any]) -> str:
    """A moment in one way of writing, so that a webhook and the history tell one change."""
    return str(told.get("timestamp")) if at.us is None else as_iso(at.us)


def _linked(data: Mapping[str, Any], kind: str) -> list[str]:
    found = ((data.get("associations") or {}).get(kind) or {}).get("results") or ()
    ids = [str(one.get("id") or one.get("toObjectId")) for one in found]
    return list(dict.fromkeys(ids))


def _people(data: Mapping[str, Any], own: tuple[str, Any] | None = None) -> Who:
    contacts = _linked(data, "contacts")
    companies = [("hubspot_company", one) for one in _linked(data, "companies")]
    return who(*(("hubspot_contact", one) for one in contacts[:1]), *([own] if own else []), *companies)


def _contact(data: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Row]:
    more = [("email", one) for one in re.split(r"[;,\s]+", str(told.get("hs_additional_emails") or "")) if one]
    former = [
        ("hubspot_contact", one) for one in re.split(r"[;,\s]+", str(told.get("hs_merged_object_ids") or "")) if one
    ]
    people = who(
        ("hubspot_contact", data["id"]),
        ("email", told.get("email")),
        *more,
        ("phone", told.get("phone") or told.get("mobilephone")),
        *former,
        ("hubspot_company", told.get("associatedcompanyid")),
    )
    if data.get("archived"):
        yield left_out(f"contact|{data['id']}|archived", "an archived contact")
        return
    yield snapshot(
        f"contact|{data['id']}",
        "profile",
        _at(data.get("updatedAt") or told.get("lastmodifieddate")),
        people,
        properties=some(
            {key: value for key, value in told.items() if not key.startswith("hs_") and value not in (None, "")}
        ),
    )
    for one in reversed((data.get("propertiesWithHistory") or {}).get("lifecyclestage") or ()):
        at = _at(one.get("timestamp"))
        if one.get("value"):
            yield event(
                f"{data['id']}|lifecyclestage|{_moment(at, one)}",
                f"lifecycle stage {one['value']}",
                at,
                people,
                channel="crm",
                properties=some({"by": one.get("sourceType")}),
            )


def _moves(
    data: Mapping[str, Any],
    told: Mapping[str, Any],
    field: str,
    people: Who,
    properties: Mapping[str, Any],
    won: Mapping[str, Mapping[str, Any]] | None = None,
) -> Iterator[Row]:
    """Each state of a deal or ticket: told by the history, or by this version; `won` is what states of winning have."""
    thing, _, named = _NOTIFIED[field]
    entity = (thing, str(data["id"]))
    history = (data.get("propertiesWithHistory") or {}).get(field) or ()
    before = None
    for one in sorted(history, key=lambda one: str(one.get("timestamp"))):
        value = one.get("value")
        if not value:
            continue
        at = _at(one.get("timestamp"))
        yield event(
            f"{data['id']}|{field}|{_moment(at, one)}",
            f"{named} {value}",
            at,
            people,
            channel="crm",
            entity=entity,
            properties=some({"from": before, "to": value, "by": one.get("sourceType"), **properties}),
            **(won or {}).get(str(value), {}),
        )
        yield snapshot(
            f"{data['id']}|told|{value}",
            thing,
            at,
            people,
            channel="crm",
            entity=entity,
            state=state_of(field, value, f"{named} {value}", history=True),
        )
        before = value
    yield snapshot(
        f"{data['id']}|{thing}",
        thing,
        _at(data.get("updatedAt") or told.get("hs_lastmodifieddate")),
        people,
        channel="crm",
        entity=entity,
        properties=some({**told, **properties}),
        state=None
        if history or not told.get(field)
        else state_of(field, told[field], f"{named} {told[field]}", worth=(won or {}).get(str(told[field]))),
    )


_STANDARD = frozenset(
    "dealname dealstage pipeline amount amount_in_home_currency closedate createdate days_to_close deal_currency_code "
    "subject content source_type lastmodifieddate closed_date".split()
)


def _of_ones_own(told: Mapping[str, Any]) -> dict[str, Any]:
    """Properties that a company made itself."""
    return {name: value for name, value in told.items() if not name.startswith("hs_") and name not in _STANDARD}


def _deal(data: Mapping[str, Any], told: Mapping[str, Any], won: set[str]) -> Iterator[Row]:
    if data.get("archived"):
        yield left_out(f"deal|{data['id']}|archived", "an archived deal")
        return
    people = _people(data, ("hubspot_deal", data["id"]))
    worth = {"value": number(told.get("amount")), "currency": code(told.get("deal_currency_code"))}
    properties = some(
        {
            "deal": told.get("dealname"),
            "pipeline": told.get("pipeline"),
            **_of_ones_own(told),
            "amount": number(told.get("amount")),
        }
    )
    if not (data.get("propertiesWithHistory") or {}).get("dealstage"):
        yield event(
            f"{data['id']}|deal created",
            "deal created",
            _at(told.get("createdate") or data.get("createdAt")),
            people,
            channel="crm",
            entity=("deal", str(data["id"])),
            properties=some({"deal": told.get("dealname"), "pipeline": told.get("pipeline")}),
        )
    yield from _moves(data, told, "dealstage", people, properties, dict.fromkeys(won, worth))


def _ticket(data: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[Row]:
    if data.get("archived"):
        yield left_out(f"ticket|{data['id']}|archived", "an archived ticket")
        return
    people = _people(data, ("hubspot_ticket", data["id"]))
    yield event(
        f"{data['id']}|ticket created",
        "ticket created",
        _at(told.get("createdate") or data.get("createdAt")),
        people,
        channel=str(told.get("source_type") or "crm").lower(),
        entity=("ticket", str(data["id"])),
        properties=some({"subject": told.get("subject"), "text": told.get("content")}),
    )
    properties = some(
        {**_of_ones_own(told), "priority": told.get("hs_ticket_priority"), "category": told.get("hs_ticket_category")}
    )
    yield from _moves(data, told, "hs_pipeline_stage", people, properties)


def _engagement(stream: str, data: Mapping[str, Any], told: Mapping[str, Any]) -> Row:
    kind = _ENGAGEMENTS[stream]
    direction = str(told.get(f"hs_{kind}_direction") or "").upper()
    name = kind if kind != "email" else "email received" if direction.startswith("INCOMING") else "email sent"
    duration = number(told.get("hs_call_duration"))
    return event(
        f"{kind}|{data['id']}",
        name,
        _at(told.get("hs_timestamp") or data.get("createdAt")),
        _people(data, None)
        or who(("email", told.get("hs_email_from_email" if direction.startswith("INCOMING") else "hs_email_to_email"))),
        channel={"call": "phone", "email": "email", "meeting": "meeting", "message": "chat"}[kind],
        entity=(kind, str(data["id"])),
        properties=some(
            {
                "direction": direction.lower(),
                "duration_s": None if duration is None else duration / 1000,
                "title": told.get(f"hs_{kind}_title") or told.get("hs_email_subject"),
                "text": told.get(f"hs_{kind}_body") or told.get("hs_communication_body") or told.get("hs_email_text"),
                "outcome": told.get(f"hs_{kind}_outcome") or told.get("hs_call_disposition"),
            }
        ),
    )


_NOTIFIED = {
    "dealstage": ("deal", "0-3", "deal"),
    "hs_pipeline_stage": ("ticket", "0-5", "ticket stage"),
    "lifecyclestage": ("contact", "0-1", "lifecycle stage"),
}
"""By the property: of what it is, HubSpot's number of that type, and how its events are named."""


def _notified(data: Mapping[str, Any]) -> Row:
    """A change of a property, as a webhook tells it: the same as the history tells later."""
    field, own, value = str(data.get("propertyName")), data.get("objectId"), data.get("propertyValue")
    thing, type_id, named = _NOTIFIED.get(field, ("", "", ""))
    told = str(data.get("subscriptionType") or "").partition(".")[0]
    concerns = told in (thing, "object", "") and data.get("objectTypeId") in (type_id, None)
    if not thing or value in (None, "") or not concerns:
        return left_out(f"{own}|{data.get('eventId')}", f"a notification of {data.get('subscriptionType')}")
    at = epoch(data.get("occurredAt"), "ms")
    return event(
        f"{own}|{field}|{as_iso(at.us or 0)}",
        f"{named} {value}",
        at,
        who((f"hubspot_{thing}", own)),
        channel="crm",
        entity=(thing, str(own)),
        properties=some({"to": value, "by": data.get("changeSource")}),
    )
