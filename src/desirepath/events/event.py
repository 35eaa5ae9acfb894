"""What is one event? The row that every connector makes and every store keeps.

Events of a journey are in order of (`occurred_at`, `sequence` with missing ones last, `id`), and never in
order of arrival: `order_key` is that order. An event's id is a stable hash of where it came from, so that an
event read twice is stored once.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Literal

from desirepath.errors import InputError

Precision = Literal["day", "minute", "second", "millisecond", "microsecond"]
Quality = Literal["server", "zone_declared", "client_corrected", "clamped"]
Strength = Literal["strong", "semi", "weak", "apart"]

PRECISIONS: tuple[Precision, ...] = ("day", "minute", "second", "millisecond", "microsecond")
"""How finely the source told the time, coarsest first."""
QUALITIES: tuple[Quality, ...] = ("server", "zone_declared", "client_corrected", "clamped")
"""How the time was found out: stated with its offset; read in a declared zone; corrected for a device's
clock; in the future, and therefore replaced by `received_at`."""
STRENGTHS: tuple[Strength, ...] = ("strong", "semi", "weak", "apart")
"""How much an identity proves: names one human; very likely does; is attached to one and never joins two; says
nothing about who somebody is, such as an account of many people or the address of a network."""

VENDOR_KINDS: dict[str, Strength] = {
    "amplitude_id": "weak",
    "app_store_author": "weak",
    "conversation_id": "weak",
    "delighted_person": "strong",
    "genesys_contact": "strong",
    "google_play_review": "weak",
    "handle": "weak",
    "hubspot_contact": "strong",
    "hubspot_company": "apart",
    "hubspot_deal": "weak",
    "hubspot_ticket": "weak",
    "intercom_contact": "strong",
    "intercom_company": "apart",
    "posthog_person": "weak",
    "qualtrics_contact": "strong",
    "response_id": "weak",
    "review_id": "weak",
    "rudder_id": "weak",
    "salesforce_account": "apart",
    "salesforce_case": "weak",
    "salesforce_contact": "strong",
    "salesforce_lead": "strong",
    "salesforce_opportunity": "weak",
    "stripe_charge": "weak",
    "stripe_customer": "strong",
    "surveymonkey_contact": "strong",
    "zendesk_organization": "apart",
    "zendesk_ticket": "weak",
    "zendesk_user": "strong",
}
"""People and things as the systems number them that connectors read, and how much that proves.

Such a number is the last choice for the name of a person: your own ids come first.
"""

KIND_STRENGTHS: dict[str, Strength] = {
    "user_id": "strong",
    "customer_id": "strong",
    "contact_id": "strong",
    "crm_id": "strong",
    "member_id": "strong",
    "employee_id": "strong",
    "patient_id": "strong",
    "case_id": "strong",
    "email": "semi",
    "phone": "semi",
    "phone_hash": "semi",
    "email_hash": "semi",
    "loyalty_id": "semi",
    "anonymous_id": "weak",
    "client_id": "weak",
    "cookie": "weak",
    "device_id": "weak",
    "advertising_id": "weak",
    "session_id": "weak",
    "visitor_id": "weak",
    "push_token": "weak",
    "account_id": "apart",
    "company_id": "apart",
    "group_id": "apart",
    "organisation_id": "apart",
    "organization_id": "apart",
    "org_id": "apart",
    "tenant_id": "apart",
    "workspace_id": "apart",
    "ip": "apart",
    "user_agent": "apart",
    **VENDOR_KINDS,
}
"""The strength of the identity kinds we know; see `strength_of` for all others."""

ACCOUNT_KINDS = frozenset(kind for kind, strength in KIND_STRENGTHS.items() if strength == "apart") - {
    "ip",
    "user_agent",
}
"""Kinds that name an organisation; people belong to it for a time."""


def strength_of(kind: str, *, names_person: bool = False) -> Strength:
    """Return how much an identity of this kind proves.

    A kind that we do not know is strong where the source declares that it names the person, and weak
    otherwise: an identity wrongly held weak splits a person, one wrongly held strong joins two.

    Parameters
    ----------
    kind
        The identity's kind, such as `email`.
    names_person
        Whether the source declares this kind as the one that names the person.
    """
    known = KIND_STRENGTHS.get(kind.lower())
    if known is not None:
        return known
    return "strong" if names_person else "weak"


@dataclass(frozen=True, slots=True)
class Identity:
    """One namespaced identifier, such as `("email", "a@example.org")`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, with an id, a name, a moment.

    Parameters
    ----------
    id
        See `event_id`.
    name
        What happened, in the source's own word.
    occurred_at, received_at
        int microseconds since 1970 UTC by the world's clock and by ours.
    precision, quality
        How finely and how surely `occurred_at` is known; see `PRECISIONS` and `QUALITIES`.
    source, instance
        Which system told us, and which installation of it.
    sequence
        The source's own order among events of one time.
    channel
        How person and company met.
    value, currency
        A finite amount, and its ISO 4217 code when it is money.
    entity_type, entity_id
        The thing that the event is about, such as an order.
    session
        The session id that the source gave.
    identities
        Who it was, in declared order; the first names the person.
    properties
        Everything else, as the text of one JSON object.
    raw_table, record
        The archived raw table and the row in it that the event was made from.
    kind, state
        `snapshot` for what tells the state of somebody or something and is no event; and that state.
    """

    id: uuid.UUID
    name: str
    occurred_at: int
    precision: Precision
    quality: Quality
    received_at: int
    source: str
    instance: str
    identities: tuple[Identity, ...]
    sequence: int | None = None
    channel: str | None = None
    value: float | None = None
    currency: str | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    session: str | None = None
    properties: str = "{}"
    raw_table: str = ""
    record: int = 0
    kind: Literal["event", "snapshot"] = "event"
    state: str | None = None

    @property
    def order_key(self) -> tuple[int, bool, int, uuid.UUID]:
        """The key that sorts the events of a journey: time, then the source's order (none last), then id."""
        return (self.occurred_at, self.sequence is None, self.sequence or 0, self.id)


def event_id(source: str, instance: str, key: str) -> uuid.UUID:
    """Return an event's id: the first 16 bytes of SHA-256 over source, instance and key, joined by U+001F.

    Equal to `EVENT_ID_SQL` in DuckDB. `source` and `instance` may not hold U+001F, or two different events
    could share an id; `key` may.

    Raises
    ------
    InputError
        When `source` or `instance` holds U+001F.
    """
    for part in (source, instance):
        if "\x1f" in part:
            raise InputError(f"{part!r} holds the separator character U+001F, which no source or instance may.")
    return uuid.UUID(bytes=hashlib.sha256(f"{source}\x1f{instance}\x1f{key}".encode()).digest()[:16])


EVENT_ID_SQL = "CAST(left(sha256(concat_ws(chr(31), {source}, {instance}, {key})), 32) AS UUID)"
"""DuckDB SQL of `event_id`, with places for SQL of three VARCHARs that are never NULL."""
