"""Salesforce: leads, contacts, accounts, opportunities and their history, cases, tasks and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from desirepath.connectors.connector import YES_NO, Connector, Given, Option, Record
from desirepath.connectors.instants import Moment, iso
from desirepath.connectors.opened import Opened
from desirepath.connectors.rows import Row, code, event, left_out, number, snapshot, some, state_of, who
from desirepath.connectors.salesforce_objects import PREFIXES, SIGNS, TYPES, long_id


class Salesforce(Connector):
    """Leads, deals and cases as they moved."""

    name = "salesforce"
    title = "Salesforce"
    about = "Query results of the REST API (JSON) and of Bulk 2.0 (CSV): one object type a file."
    streams = {
        "leads": (
            "`lead created`, `lead converted`; e-mail address and phone number, and the contact that a lead became"
        ),
        "contacts": "who is who",
        "accounts": "names of accounts",
        "opportunities": "of each version, its stage, from which changes are inferred where no history tells them",
        "opportunity_history": "`opportunity …` for each stage",
        "opportunity_field_history": "the same, where tracking of fields is switched on",
        "cases": "`case created`, `case closed`",
        "case_history": "`case status …`",
        "tasks": "`call`, `email` or `task`, of the person it was about",
        "events": "`meeting`",
    }
    pages = {"records": "", "Records": ""}
    options = (
        Option("conversions", "make `lead converted` of `ConvertedDate`, a day that needs a time zone", "no", YES_NO),
    )
    docs = (
        "Ids of 15 characters are case-sensitive, and are read as those of 18. Rows with `IsDeleted` are left out.",
        "A lead that was converted joins its contact, account and opportunity. An opportunity's history does not name "
        "a contact: the opportunity's own number joins them.",
        "Fields of your own (`Region__c`) are properties, under their names.",
        "`ConvertedDate` and `CloseDate` are days without zone: an event is made of the first only where you "
        "ask for it.",
    )

    def recognise(self, opened: Opened) -> bool:
        """JSON with `attributes`, or CSV with `Id` and Salesforce's names."""
        if opened.header:
            names = set(opened.header)
            return "Id" in names and bool({"SystemModstamp", "LastModifiedDate", "CreatedDate"} & names)
        first = opened.first_of(self.pages)
        return "attributes" in first and "Id" in first

    def read(self, opened: Opened, given: Given) -> Iterator[Record]:
        """Pages of JSON, or rows of CSV; the history of deals deal by deal, to see which rows change the stage."""
        del given
        history = []
        for record in opened.records_or_rows(self.pages, self.stream_of):
            if record.stream == "opportunity_history":
                history.append(record)
            else:
                yield record
        history.sort(key=lambda one: (long_id(one.data.get("OpportunityId")), str(one.data.get("CreatedDate"))))
        before: tuple[str, Any] | None = None
        for record in history:
            now = (long_id(record.data.get("OpportunityId")), record.data.get("StageName"))
            stayed = now == before
            yield record._replace(data={**record.data, "$stayed": True}, text=None) if stayed else record
            before = now

    def stream_of(self, data: Mapping[str, Any]) -> str:
        """Told by the type, or by the columns."""
        kind = (data.get("attributes") or {}).get("type") if isinstance(data.get("attributes"), Mapping) else None
        if kind in TYPES:
            return TYPES[str(kind)]
        known = PREFIXES.get(str(data.get("Id"))[:3])
        return known or next((name for name, *signs in SIGNS if all(sign in data for sign in signs)), "accounts")

    def translate(self, stream: str, data: dict[str, Any], given: Given) -> Iterator[Row]:
        """What one object says."""
        own = long_id(data["Id"])
        if str(data.get("IsDeleted")).lower() == "true":
            kind = {"contacts": "salesforce_contact", "leads": "salesforce_lead"}.get(stream)
            if kind and data.get("MasterRecordId"):
                both = who((kind, long_id(data["MasterRecordId"])), (kind, own))
                yield snapshot(f"{own}|merged", "profile", _changed(data), both)
            else:
                yield left_out(f"{own}|deleted", "a deleted object")
            return
        if data.get("$stayed"):
            yield left_out(f"{own}|stayed", "a change of something other than the stage")
            return
        custom = some((name, value) for name, value in data.items() if name.endswith("__c"))
        for row in _READERS[stream](own, data, given):
            if custom and row.kind != "none":
                row.properties = {**custom, **(row.properties or {})}
            yield row


def _at(value: Any) -> Moment:
    return iso(value, "UTC")


def _changed(data: Mapping[str, Any]) -> Moment:
    return _at(data.get("SystemModstamp") or data.get("LastModifiedDate") or data.get("CreatedDate"))


def _lead(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    people = who(
        ("salesforce_contact", long_id(data.get("ConvertedContactId"))),
        ("salesforce_lead", own),
        ("email", data.get("Email")),
        ("phone", data.get("Phone") or data.get("MobilePhone")),
        ("salesforce_opportunity", long_id(data.get("ConvertedOpportunityId"))),
        ("salesforce_account", long_id(data.get("ConvertedAccountId"))),
    )
    yield event(
        f"{own}|lead created",
        "lead created",
        _at(data["CreatedDate"]),
        people,
        channel="crm",
        entity=("lead", own),
        properties=some({"source": data.get("LeadSource"), "company": data.get("Company")}),
    )
    yield snapshot(
        f"{own}|lead",
        "lead",
        _changed(data),
        people,
        channel="crm",
        entity=("lead", own),
        properties=some(
            {"status": data.get("Status"), "converted": data.get("IsConverted"), "rating": data.get("Rating")}
        ),
    )
    if str(data.get("IsConverted")).lower() == "true" and given.is_on("conversions") and data.get("ConvertedDate"):
        yield event(
            f"{own}|lead converted",
            "lead converted",
            iso(data["ConvertedDate"], given.time_zone, "ConvertedDate"),
            people,
            channel="crm",
            entity=("lead", own),
        )


def _contact(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    del given
    yield snapshot(
        f"{own}|contact",
        "profile",
        _changed(data),
        who(
            ("salesforce_contact", own),
            ("salesforce_contact", long_id(data.get("MasterRecordId"))),
            ("email", data.get("Email")),
            ("phone", data.get("Phone") or data.get("MobilePhone")),
            ("salesforce_account", long_id(data.get("AccountId"))),
        ),
        properties=some(
            {"title": data.get("Title"), "source": data.get("LeadSource"), "country": data.get("MailingCountry")}
        ),
    )


def _account(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    del given
    yield snapshot(
        f"{own}|account",
        "account",
        _changed(data),
        who(("salesforce_account", own)),
        entity=("account", own),
        properties=some(
            {key: data.get(name) for key, name in (("name", "Name"), ("industry", "Industry"), ("type", "Type"))}
        ),
    )


def _stage(deal: str, at: Moment, stage: Any, data: Mapping[str, Any], people: list[tuple[str, str]]) -> Iterator[Row]:
    """A stage that the history tells."""
    won = str(stage).replace(" ", "").lower() == "closedwon"
    yield event(
        # not the row's own id: the two histories tell the same change, each under an id of its own
        f"{deal}|opportunity stage|{stage}|{(at.us or 0) // 1_000_000}",
        f"opportunity {stage}",
        at,
        people,
        channel="crm",
        value=number(data.get("Amount")) if won else None,
        currency=code(data.get("CurrencyIsoCode")) if won else None,
        entity=("opportunity", deal),
        properties=some(
            {
                "amount": number(data.get("Amount")),
                "probability": number(data.get("Probability")),
                "from": data.get("OldValue"),
            }
        ),
    )
    yield snapshot(
        f"{deal}|told|{stage}",
        "opportunity",
        at,
        people,
        channel="crm",
        entity=("opportunity", deal),
        state=state_of("stage", stage, f"opportunity {stage}", history=True),
    )


def _opportunity_history(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    del own, given
    deal = long_id(data["OpportunityId"])
    yield from _stage(deal, _at(data["CreatedDate"]), data["StageName"], data, who(("salesforce_opportunity", deal)))


def _field_history(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    del given
    if data.get("Field") != "StageName":
        yield left_out(f"{own}|{data.get('Field')}", f"change of {data.get('Field')}")
        return
    deal = long_id(data["OpportunityId"])
    told = {**data, "Amount": None}
    yield from _stage(deal, _at(data["CreatedDate"]), data["NewValue"], told, who(("salesforce_opportunity", deal)))


def _opportunity(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    del given
    people = who(
        ("salesforce_contact", long_id(data.get("ContactId"))),
        ("salesforce_opportunity", own),
        ("salesforce_account", long_id(data.get("AccountId"))),
    )
    stage = data.get("StageName")
    yield snapshot(
        f"{own}|opportunity",
        "opportunity",
        _changed(data),
        people,
        channel="crm",
        value=number(data.get("Amount")),
        entity=("opportunity", own),
        properties=some({"amount": number(data.get("Amount")), "stage": stage, "close_date": data.get("CloseDate")}),
        state=state_of("stage", stage, f"opportunity {stage}") if stage else None,
    )


def _case(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    del given
    people = who(
        ("salesforce_contact", long_id(data.get("ContactId"))),
        ("email", data.get("SuppliedEmail") or data.get("ContactEmail")),
        ("phone", data.get("SuppliedPhone") or data.get("ContactPhone")),
        ("salesforce_case", own),
        ("salesforce_account", long_id(data.get("AccountId"))),
    )
    channel = str(data.get("Origin") or "crm").lower()
    rest: dict[str, Any] = {"channel": channel, "entity": ("case", own)}
    yield event(
        f"{own}|case created",
        "case created",
        _at(data["CreatedDate"]),
        people,
        properties=some(
            {"subject": data.get("Subject"), "text": data.get("Description"), "reason": data.get("Reason")}
        ),
        **rest,
    )
    if data.get("ClosedDate"):
        yield event(
            f"{own}|case closed|{_at(data['ClosedDate']).us}", "case closed", _at(data["ClosedDate"]), people, **rest
        )
    yield snapshot(
        f"{own}|case",
        "case",
        _changed(data),
        people,
        properties=some(
            {"status": data.get("Status"), "priority": data.get("Priority"), "escalated": data.get("IsEscalated")}
        ),
        **rest,
    )


def _case_history(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    del given
    if data.get("Field") != "Status":
        yield left_out(f"{own}|{data.get('Field')}", f"change of {data.get('Field')}")
        return
    case = long_id(data["CaseId"])
    yield event(
        own,
        f"case status {data['NewValue']}",
        _at(data["CreatedDate"]),
        who(("salesforce_case", case)),
        channel="crm",
        entity=("case", case),
        properties=some({"from": data.get("OldValue"), "to": data.get("NewValue")}),
    )


_ABOUT = {"500": "case", "006": "opportunity"}
"""What an activity is about, by the beginning of that thing's id."""


def _activity(own: str, data: Mapping[str, Any], given: Given) -> Iterator[Row]:
    person, about = long_id(data.get("WhoId")), long_id(data.get("WhatId"))
    people = who(
        ("salesforce_lead" if person.startswith("00Q") else "salesforce_contact", person),
        ("salesforce_opportunity", about if about.startswith("006") else None),
        ("salesforce_case", about if about.startswith("500") else None),
    )
    meeting = "StartDateTime" in data
    kind = "meeting" if meeting else str(data.get("TaskSubtype") or data.get("Type") or "task").lower()
    if not people or (kind == "task" and str(data.get("IsClosed")).lower() != "true"):
        yield left_out(f"{own}|{kind}", "a task that nobody is named in, or that is not done")
        return
    when = data.get("StartDateTime") or data.get("CompletedDateTime") or data.get("CreatedDate")
    if not when and data.get("ActivityDate"):
        when_at = iso(data["ActivityDate"], given.time_zone, "ActivityDate")
    else:
        when_at = _at(when)
    yield event(
        own,
        kind,
        when_at,
        people,
        channel={"call": "phone", "email": "email", "meeting": "meeting"}.get(kind, "crm"),
        entity=next(((kind, about) for sign, kind in _ABOUT.items() if about.startswith(sign)), ("activity", own)),
        properties=some(
            {"subject": data.get("Subject"), "text": data.get("Description"), "status": data.get("Status")}
        ),
    )


_READERS = {
    "leads": _lead,
    "contacts": _contact,
    "accounts": _account,
    "opportunities": _opportunity,
    "opportunity_history": _opportunity_history,
    "opportunity_field_history": _field_history,
    "cases": _case,
    "case_history": _case_history,
    "tasks": _activity,
    "events": _activity,
}
