"""What HubSpot and Salesforce hold: contacts, orders as deals, survey mails; printers to repair as cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from desirepath.demo.clock import MINUTE, Clock, Ints
from desirepath.demo.company import PRODUCTS, Company
from desirepath.demo.identifiers import (
    hubspot_contacts,
    mails,
    number_of,
    orders,
    salesforce,
    where_else,
    whole,
    zulu,
)
from desirepath.demo.orders import KINDS, Orders
from desirepath.demo.people import FIRST_NAMES, LAST_NAMES, REGIONS, People
from desirepath.demo.repairs import Repairs
from desirepath.demo.surveys import Surveys
from desirepath.demo.text import fragments, hidden, joined, moments, plain
from desirepath.demo.writing import Csv, Lines

_SUBJECTS = ("Your repair: how did we do?", "Your order: how did we do?", "Your call: how did we do?")


def write_contacts(people: People, index: Ints, since: Ints, sink: Lines) -> None:
    """HubSpot's contacts: everybody with a customer number, known there by the e-mail address."""
    at = zulu(since, ".000Z")
    sink.write(
        joined(
            '{"id":"',
            hubspot_contacts(people, index),
            '","properties":{"hs_object_id":"',
            hubspot_contacts(people, index),
            '","email":"',
            mails(people, index),
            '","firstname":"',
            plain(people.first_name[index], [name.capitalize() for name in FIRST_NAMES]),
            '","lastname":"',
            plain(people.last_name[index], [name.capitalize() for name in LAST_NAMES]),
            '","createdate":"',
            at,
            '","lastmodifieddate":"',
            at,
            '"},"createdAt":"',
            at,
            '","updatedAt":"',
            at,
            '","archived":false}\n',
        )
    )


def write_deals(clock: Clock, people: People, bought: Orders, sink: Lines) -> int:
    """Orders that the warehouse works on, as deals with the history of their stage; returns how many stages."""
    numbers = number_of(people, len(bought.index))
    refill = bought.kind == KINDS.index("refill order")
    state = np.where(bought.cancelled, 2, np.where(bought.delivered >= 0, 0, 1))
    there = np.flatnonzero(refill | (bought.approved >= 0))
    steps = [
        ("refill", np.where(refill, bought.ordered, -1)),
        ("approved", bought.approved),
        ("shipped", bought.shipped),
        ("delivered", bought.delivered),
    ]
    now, last, history = np.zeros(len(there), np.int64), np.full(len(there), -1), []
    for place, (name, moment) in enumerate(steps):
        at = moment[there]
        now, last = np.where(at >= 0, place, now), np.maximum(last, at)
        told = joined('{"value":"', name, '","timestamp":"', zulu(np.maximum(at, clock.begin), ".000Z"), '"}')
        begun = refill[there] if name == "refill" else ~refill[there] & (name == "approved")
        history.append(where_else(at >= 0, joined(told, fragments(np.where(begun, 0, 1), ["", ","]))))
    made = zulu(np.where(refill, bought.ordered, bought.approved)[there], ".000Z")
    sink.write(
        joined(
            '{"id":"',
            whole(9_100_000_000 + numbers[there]),
            '","properties":{"dealname":"',
            orders(numbers[there]),
            fragments(refill[there], ['","pipeline":"shop","dealstage":"', '","pipeline":"ink","dealstage":"']),
            fragments(now, [name for name, _ in steps]),
            '","amount":"',
            pa.array(bought.total[there]).cast(pa.string()),
            '","deal_currency_code":"EUR","product":"',
            plain(bought.product[there], [name for name, _ in PRODUCTS]),
            '","quantity":"',
            whole(bought.quantity[there]),
            where_else(
                bought.shipped[there] >= 0,
                joined('","promised_by":"', zulu(np.maximum(bought.promised[there], clock.begin), ".000Z")),
            ),
            '","order_status":"',
            plain(state[there], ("delivered", "open", "cancelled")),
            '","createdate":"',
            made,
            '"},"propertiesWithHistory":{"dealstage":[',
            *reversed(history),
            ']},"createdAt":"',
            made,
            '","updatedAt":"',
            zulu(last, ".000Z"),
            '","archived":false,"associations":{"contacts":{"results":[{"id":"',
            hubspot_contacts(people, bought.index[there]),
            '","type":"deal_to_contact"}]}}}\n',
        )
    )
    return int(sum((moment[there] >= 0).sum() for _, moment in steps))


def write_invitations(people: People, surveys: Surveys, sink: Lines) -> int:
    """The mails that ask how it was."""
    at = zulu(surveys.sent, ".000Z")
    sink.write(
        joined(
            '{"id":"',
            whole(70_000_000_000 + number_of(people, len(surveys.index))),
            '","properties":{"hs_timestamp":"',
            at,
            '","hs_email_direction":"EMAIL","hs_email_status":"SENT","hs_email_subject":"',
            plain(surveys.touchpoint, _SUBJECTS),
            '"},"createdAt":"',
            at,
            '","updatedAt":"',
            at,
            '","archived":false,"associations":{"contacts":{"results":[{"id":"',
            hubspot_contacts(people, surveys.index),
            '","type":"email_to_contact"}]}}}\n',
        )
    )
    return len(surveys.index)


# ---- Salesforce -------------------------------------------------------------------------------------------------


def case_ids(people: People, repairs: Repairs) -> Any:
    """Salesforce's ids of the cases."""
    return salesforce("500", repairs.case_ids(people))


def write_people(people: People, repairs: Repairs, since: Ints, sink: Csv) -> None:
    """Contacts of the field service: whoever had something to repair."""
    index = repairs.index
    sink.write(
        {
            "Id": salesforce("003", people.ids(index)),
            "LastName": plain(people.last_name[index], [name.capitalize() for name in LAST_NAMES]),
            "FirstName": plain(people.first_name[index], [name.capitalize() for name in FIRST_NAMES]),
            "Email": mails(people, index),
            "CreatedDate": _text(since),
            "SystemModstamp": _text(since),
        }
    )


def write_cases(clock: Clock, people: People, repairs: Repairs, sink: Csv) -> int:
    """One row per fault; returns how many faults were reported and cases closed."""
    keep = np.flatnonzero(repairs.reported <= clock.cutoff)
    index, ended = repairs.index[keep], repairs.final[keep]
    changed = np.maximum(repairs.reported[keep], repairs.booked[keep].max(axis=1))
    closed = np.where((ended >= 0) & (ended + 20 * MINUTE <= clock.cutoff), ended + 20 * MINUTE, -1)
    booked = (repairs.booked[keep] >= 0).sum(axis=1)
    state = np.where(closed >= 0, 3, np.minimum(booked, 2))
    sink.write(
        {
            "Id": case_ids(people, repairs).take(pa.array(keep)),
            "CaseNumber": whole(10_000_000 + repairs.case_ids(people)[keep]),
            "ContactId": salesforce("003", people.ids(index)),
            "Origin": pa.repeat("Web", len(keep)),
            "Subject": pa.repeat("Printer does not work", len(keep)),
            "Status": plain(state, ("New", "Visit scheduled", "Visit rescheduled", "Closed")),
            "CreatedDate": _text(repairs.reported[keep]),
            "ClosedDate": _text(closed),
            "SystemModstamp": _text(np.maximum(changed, closed)),
            "Region__c": plain(people.region[index], REGIONS),
        }
    )
    return len(keep) + int((closed >= 0).sum())


def write_bookings(clock: Clock, people: People, repairs: Repairs, sink: Csv) -> int:
    """The history of the cases: a visit was scheduled, or scheduled again."""
    case, visit = np.nonzero((repairs.booked >= 0) & (repairs.reported <= clock.cutoff)[:, None])
    number = repairs.case_ids(people)[case]
    sink.write(
        {
            "Id": salesforce("017", number * 8 + visit),
            "CaseId": salesforce("500", number),
            "Field": pa.repeat("Status", len(case)),
            "OldValue": plain(np.minimum(visit, 2), ("New", "Visit scheduled", "Visit rescheduled")),
            "NewValue": plain(np.minimum(visit, 1), ("Visit scheduled", "Visit rescheduled")),
            "CreatedDate": _text(repairs.booked[case, visit]),
        }
    )
    return len(case)


def write_visits(clock: Clock, company: Company, people: People, repairs: Repairs, sink: Csv) -> int:
    """Technicians' visits as tasks that are done, each with what came of it and what it cost."""
    case, visit = np.nonzero((repairs.outcome >= 0) & (repairs.reported <= clock.cutoff)[:, None])
    missed = visit < repairs.absences[case]
    fixed = (visit == repairs.absences[case]) & repairs.repaired[case]
    number, index = repairs.case_ids(people)[case], repairs.index[case]
    sink.write(
        {
            "Id": salesforce("00T", number * 8 + visit),
            "WhoId": salesforce("003", people.ids(index)),
            "WhatId": salesforce("500", number),
            "Subject": pa.repeat("Technician visit", len(case)),
            "Status": pa.repeat("Completed", len(case)),
            "IsClosed": pa.repeat("true", len(case)),
            "CreatedDate": _text(repairs.booked[case, visit]),
            "CompletedDateTime": _text(repairs.outcome[case, visit]),
            "Outcome__c": plain(
                np.where(missed, 0, np.where(fixed, 1, 2)), ("customer absent", "repaired", "repair given up")
            ),
            "Cost__c": np.where(missed, company.absent_cost, company.visit_cost),
            "Attempt__c": visit + 1,
            "Region__c": plain(people.region[index], REGIONS),
        }
    )
    return len(case)


def _text(at: Ints) -> Any:
    """Salesforce's way to write a moment; -1 is empty."""
    return hidden(pc.strftime(moments(np.maximum(at, 0)), "%Y-%m-%dT%H:%M:%S.000+0000"), at >= 0)
