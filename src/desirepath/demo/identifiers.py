"""How each of the company's systems calls a person or a thing; every number is unique over all chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from desirepath.connectors.salesforce_objects import long_id
from desirepath.demo.browsing import JUNK, KIOSK
from desirepath.demo.clock import DAY, HOUR, Clock, Flags, Ints
from desirepath.demo.company import JUNK_IDS
from desirepath.demo.orders import Orders
from desirepath.demo.people import FIRST_NAMES, LAST_NAMES, People
from desirepath.demo.rows import Rows
from desirepath.demo.text import hexes, joined, moments, numbered, overwritten, plain

#: numbers of orders, calls, tickets and surveys: the chunk's first person times this, plus the place in the chunk
PER_PERSON = 32
HUBSPOT_CONTACTS = 501_000_000
ZENDESK_USERS = 360_100_000


def number_of(people: People, count: int) -> Ints:
    """Numbers of the things of a chunk."""
    numbers: Ints = people.base * PER_PERSON + np.arange(count, dtype=np.int64)
    return numbers


def whole(numbers: Ints) -> Any:
    """Numbers as text."""
    return pa.array(numbers).cast(pa.string())


def customers(people: People, index: Ints) -> Any:
    """Customer numbers of the people at these places: what the website, the hotline and the surveys know."""
    return numbered(people.ids(index), "C")


def mails(people: People, index: Ints) -> Any:
    """E-mail addresses, one per person."""
    first, last = plain(people.first_name[index], FIRST_NAMES), plain(people.last_name[index], LAST_NAMES)
    return joined(first, ".", last, whole(people.ids(index)), "@mail.example")


def cookies(codes: Ints) -> Any:
    """Ids of browsers: random-looking for a private device, a name for a kiosk, a placeholder for junk."""
    text = overwritten(hexes(np.maximum(codes, 0), "k"), codes <= JUNK, JUNK - codes, JUNK_IDS)
    kiosk = (codes <= KIOSK) & (codes > JUNK)
    if not kiosk.any():
        return text
    numbers = KIOSK - codes
    return overwritten(text, kiosk, numbers, [f"kiosk-{number:03d}" for number in range(int(numbers[kiosk].max()) + 1)])


def devices(codes: Ints) -> Any:
    """Ids of the app on a phone."""
    return hexes(codes, "d")


def orders(numbers: Ints) -> Any:
    """Order numbers."""
    return numbered(numbers, "O", 9)


def calls(numbers: Ints) -> Any:
    """Numbers of calls."""
    return numbered(numbers, "K", 9)


def salesforce(prefix: str, numbers: Ints) -> Any:
    """Ids of Salesforce, of which the last three characters say where the capital letters are."""
    return joined(numbered(numbers, prefix, 12), long_id(f"{prefix}{0:012d}")[15:])


def hubspot_contacts(people: People, index: Ints) -> Any:
    """HubSpot's numbers of people."""
    return whole(HUBSPOT_CONTACTS + people.ids(index))


def stripe_customers(people: People, index: Ints) -> Any:
    """Stripe's ids of people."""
    return numbered(people.ids(index), "cus_Qw", 12)


def zendesk_people(people: People, index: Ints) -> Any:
    """Zendesk's numbers of people."""
    return whole(ZENDESK_USERS + people.ids(index))


def customers_of(people: People, rows: Rows, bought: Orders) -> tuple[Ints, Ints]:
    """Who has a customer number, by place in the chunk, and since when."""
    signed = rows["person"][rows["known"]] - people.base
    first = np.full(len(people), np.iinfo(np.int64).max)
    np.minimum.at(first, signed, rows["at"][rows["known"]])
    np.minimum.at(first, bought.index, bought.ordered)
    index = np.unique(np.concatenate([np.flatnonzero(people.known), signed, bought.index])).astype(np.int64)
    return index, first[index]


def since(clock: Clock, people: People, index: Ints, first: Ints) -> Ints:
    """When people became customers: within some years before the period, or in it."""
    before = clock.begin - (1 + people.ids(index) * 37 % 900) * DAY
    return np.where(people.known[index], before, first)


# ---- moments ----------------------------------------------------------------------------------------------------


def zulu(at: Ints, ending: str = "Z") -> Any:
    """ISO text in UTC, e.g. 2026-03-29T01:10:00Z."""
    return pc.strftime(moments(at), f"%Y-%m-%dT%H:%M:%S{ending}")


def with_offset(clock: Clock, at: Ints) -> Any:
    """ISO text with the zone's offset, e.g. 2026-03-29T03:10:00+02:00."""
    local = clock.local(at)
    hours = (local - at) // HOUR
    return joined(
        pc.strftime(moments(local), "%Y-%m-%dT%H:%M:%S"),
        plain(hours, [f"+{hour:02d}:00" for hour in range(15)]),
    )


def where_else(where: Flags, column: Any, other: str = "") -> Any:
    """The column's text where it holds, and another elsewhere."""
    return pc.if_else(pa.array(where), column, pa.scalar(other))
