"""Contracts as Stripe bills them: its customers, and the events that its webhooks sent."""

from __future__ import annotations

from typing import Any

import numpy as np

from desirepath.demo.clock import SECOND, Ints
from desirepath.demo.company import PLANS
from desirepath.demo.identifiers import customers, mails, stripe_customers, whole
from desirepath.demo.people import People
from desirepath.demo.renewals import Renewals
from desirepath.demo.text import fragments, joined, numbered
from desirepath.demo.writing import Lines

#: how Stripe calls the reasons for leaving, in the order of `REASONS`
FEEDBACK = ("too_expensive", "switched_service", "other", "unused", "customer_service")


def write_customers(people: People, index: Ints, since: Ints, sink: Lines) -> None:
    """Everybody with a customer number, which billing knows beside the e-mail address."""
    sink.write(
        joined(
            '{"id":"',
            stripe_customers(people, index),
            '","object":"customer","created":',
            whole(since // SECOND),
            ',"email":"',
            mails(people, index),
            '","metadata":{"user_id":"',
            customers(people, index),
            '"}}\n',
        )
    )


def write_contracts(people: People, renewals: Renewals, sink: Lines) -> int:
    """Contracts that were renewed (an invoice was paid) or cancelled, and those that came up for it."""
    number, cents = people.ids(renewals.index), _cents(people, renewals)
    due, left = np.arange(len(number)), np.flatnonzero(renewals.cancelled)
    stayed = np.flatnonzero(~renewals.cancelled)
    who = stripe_customers(people, renewals.index)
    head = joined('"customer":"', who, '","subscription":"', numbered(number, "sub_Qw", 12), '","currency":"eur"')
    sink.write(
        joined(
            _event("up", number, renewals.noticed, "invoice.upcoming"),
            '{"object":"invoice",',
            head,
            ',"amount_due":',
            cents,
            "}}}\n",
        )
    )
    sink.write(
        joined(
            _event("paid", number[stayed], renewals.decided[stayed], "invoice.paid"),
            '{"object":"invoice","id":"',
            numbered(number[stayed], "in_Qw", 12),
            '",',
            head.take(stayed),
            ',"status":"paid","billing_reason":"subscription_cycle","amount_paid":',
            cents.take(stayed),
            "}}}\n",
        )
    )
    sink.write(
        joined(
            _event("left", number[left], renewals.decided[left], "customer.subscription.deleted"),
            '{"object":"subscription","id":"',
            numbered(number[left], "sub_Qw", 12),
            '","customer":"',
            who.take(left),
            '","currency":"eur","status":"canceled","items":{"data":[{"quantity":1,"price":{"nickname":"',
            fragments(people.plan[renewals.index[left]], [name for name, _ in PLANS]),
            '","unit_amount":',
            cents.take(left),
            ',"currency":"eur","recurring":{"interval":"month","interval_count":1}}}]},'
            '"cancellation_details":{"reason":"cancellation_requested","feedback":"',
            fragments(renewals.reason[left], FEEDBACK),
            '"}}}}\n',
        )
    )
    return len(due) + len(number)


def _cents(people: People, renewals: Renewals) -> Any:
    fees = np.array([round(fee * 100) for _, fee in PLANS], dtype=np.int64)
    return whole(fees[people.plan[renewals.index]])


def _event(kind: str, number: Ints, at: Ints, name: str) -> Any:
    return joined(
        '{"id":"',
        numbered(number, f"evt_{kind}Qw", 12),
        '","object":"event","type":"',
        name,
        '","created":',
        whole(at // SECOND),
        ',"data":{"object":',
    )
