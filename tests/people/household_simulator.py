"""A small town of people, devices and mistakes, in which we know who did what.

Identity resolution can only be judged where the truth is known, so here it is invented: people with several devices,
families around one tablet, terminals in shops, accounts opened twice, addresses typed wrong. Everything follows from
the seed. What is simulated, and what makes it hard:

- a person has one to three devices of their own, each with one cookie; about a third of all people never log in, so
  that what they do on two devices looks like two people to anybody
- who logs in does so in some sessions only, and somewhere within the session: the clicks before carry a cookie alone
- some devices belong to a household of two to four people who also have devices of their own; members who never log in
  hide behind those who do
- a kiosk is used by sixty people, a few visits each, with logins like anywhere else
- some people open a second account later and go on using both; at some time both were seen with the same address, but
  half of the second accounts are opened with another one
- the address of an account is told at its first login and now and then later
- support tickets carry an address or a phone number and nothing else; rows of the sales department carry a customer
  number and an address, at times a phone number, and never a cookie
- a few people without account leave an address on a form
- junk: a placeholder such as `undefined` where an account's id should be, an address of the shop such as `info@` on
  somebody's event, and somebody else's address

The true human of an event is who caused it, whatever the event says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from plain import Name, Seen

Ints = npt.NDArray[np.int64]
Rng = np.random.Generator

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE
BEGIN = 1_700_000_000_000_000
NONE = -1
"""Stands for an identity that an event does not carry."""

PLACEHOLDERS = ("undefined", "null", "0", "anonymous", "-1", "None")
"""What websites send where an account's id is missing, the most frequent first."""
SHOP_ADDRESSES = ("info@shop.example", "office@shop.example", "noreply@shop.example", "test@test.example")
"""Addresses that staff enter for customers who have none, the most frequent first."""


@dataclass(frozen=True)
class Recipe:
    """What decides the town; change any of these and it is another one.

    Parameters
    ----------
    people
        How many humans; 2,500 have about 50,000 events.
    days
        How long they are watched.
    sessions
        How many sessions a person has on average, apart from those at kiosks.
    clicks
        How many events a session has on average.
    household_devices
        Which share of all devices belongs to a household.
    at_home
        How often a member of a household takes its device rather than their own.
    kiosks, kiosk_people
        How many kiosks there are, and how many people use each.
    never
        Which share of all people never logs in.
    logs_in
        In which share of their sessions the others log in, on average; people differ.
    double
        Which share of all people has two accounts.
    tickets
        How many support tickets a person writes on average.
    junk
        Which share of all events carries a junk identifier.
    shared_addresses
        In which share of households two people use one address. Not part of the gate; see how rules behave with it.
    seed
        Of the random generator.
    """

    people: int = 2_500
    days: int = 90
    sessions: float = 5.9
    clicks: float = 3.0
    household_devices: float = 0.05
    at_home: float = 0.25
    kiosks: int = 4
    kiosk_people: int = 60
    never: float = 0.35
    logs_in: float = 0.8
    double: float = 0.03
    tickets: float = 0.6
    junk: float = 0.004
    shared_addresses: float = 0.0
    seed: int = 1


@dataclass(frozen=True)
class Humans:
    """Who there is, and what they own; one entry a human, `NONE` where there is nothing.

    Attributes
    ----------
    account, second
        Their account, and their second account.
    address, other_address, phone, customer
        E-mail addresses, phone number and customer number.
    chance
        float: in which share of their sessions they log in.
    devices, first_device
        How many devices they own, and the number of the first.
    household
        The device of their household.
    kiosk
        The kiosk that they use.
    many_devices
        How many devices there are in all.
    """

    account: Ints
    second: Ints
    address: Ints
    other_address: Ints
    phone: Ints
    customer: Ints
    chance: npt.NDArray[np.float64]
    devices: Ints
    first_device: Ints
    household: Ints
    kiosk: Ints
    many_devices: int

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True)
class Columns:
    """Events as columns: when, who, and the number of each kind of identity or `NONE`."""

    at: Ints
    human: Ints
    account: Ints
    customer: Ints
    address: Ints
    phone: Ints
    cookie: Ints


@dataclass(frozen=True)
class Town:
    """Who lives there, and what happened, in order of time."""

    humans: Humans
    columns: Columns

    @property
    def human(self) -> Ints:
        """int64[events]: who caused each."""
        return self.columns.human

    @cached_property
    def events(self) -> list[Seen]:
        """As a resolution sees them, the most telling identity first."""
        parts = [named(getattr(self.columns, name), names) for name, names in spelled(self.humans).items()]
        rows: Any = zip(self.columns.at.tolist(), *parts, strict=True)
        return [Seen(at, tuple(name for name in names if name is not None)) for at, *names in rows]


def simulate(recipe: Recipe) -> Town:
    """Let the people of a town live for a while."""
    rng = np.random.default_rng(recipe.seed)
    humans = settle(rng, recipe)
    parts = [browse(rng, recipe, humans), write_tickets(rng, recipe, humans), sell(rng, recipe, humans)]
    columns = Columns(*(np.concatenate([getattr(part, name) for part in parts]) for name in Columns.__annotations__))
    columns = spoil(rng, recipe, humans, columns)
    order = np.lexsort((columns.cookie, columns.human, columns.at))
    return Town(humans, Columns(*(getattr(columns, name)[order] for name in Columns.__annotations__)))


# ---- who there is -------------------------------------------------------------------------------------------


def settle(rng: Rng, recipe: Recipe) -> Humans:
    """Decide who there is and what they own."""
    n = recipe.people
    everybody = np.arange(n)
    member = rng.random(n) >= recipe.never
    doubles = rng.choice(np.flatnonzero(member), round(recipe.double * n), replace=False)
    second = np.full(n, NONE, dtype=np.int64)
    second[doubles] = n + doubles
    other_address = np.full(n, NONE, dtype=np.int64)
    opened_with_another = doubles[rng.random(len(doubles)) < 0.5]
    other_address[opened_with_another] = n + opened_with_another
    devices = rng.choice([1, 2, 3], n, p=[0.48, 0.36, 0.16])
    own = int(devices.sum())
    household, families = share_homes(rng, recipe, own)
    kiosk = np.full(n, NONE, dtype=np.int64)
    at_kiosks = rng.choice(n, recipe.kiosks * recipe.kiosk_people, replace=False)
    kiosk[at_kiosks] = own + families + np.repeat(np.arange(recipe.kiosks), recipe.kiosk_people)
    address = everybody.copy()
    for family in np.flatnonzero(rng.random(families) < recipe.shared_addresses):
        pair = np.flatnonzero(household == own + family)[:2]
        address[pair] = pair[0]
    spread = 4.0
    return Humans(
        account=np.where(member, everybody, NONE),
        second=second,
        address=address,
        other_address=other_address,
        phone=np.where(rng.random(n) < 0.6, everybody, NONE),
        customer=np.where(rng.random(n) < np.where(member, 0.5, 0.2), everybody, NONE),
        chance=np.where(member, rng.beta(spread * recipe.logs_in, spread * (1 - recipe.logs_in), n), 0.0),
        devices=devices,
        first_device=np.cumsum(devices) - devices,
        household=household,
        kiosk=kiosk,
        many_devices=own + families + recipe.kiosks,
    )


def share_homes(rng: Rng, recipe: Recipe, own: int) -> tuple[Ints, int]:
    """Give every human the number of their household's device, or `NONE`; and say how many there are."""
    families = round(own * recipe.household_devices / (1 - recipe.household_devices))
    sizes = rng.choice([2, 3, 4], families)
    household = np.full(recipe.people, NONE, dtype=np.int64)
    members = rng.choice(recipe.people, int(sizes.sum()), replace=False)
    household[members] = own + np.repeat(np.arange(families), sizes)
    return household, families


# ---- what they do -------------------------------------------------------------------------------------------


def browse(rng: Rng, recipe: Recipe, humans: Humans) -> Columns:
    """Sessions on own devices, household devices and kiosks."""
    human, device, begin = visit(rng, recipe, humans)
    clicks = rng.geometric(1 / recipe.clicks, len(human))
    accounts = log_in(rng, humans, human)
    session = np.repeat(np.arange(len(human)), clicks)
    place = np.arange(len(session)) - np.repeat(np.cumsum(clicks) - clicks, clicks)
    enters = np.minimum(rng.geometric(0.5, len(human)) - 1, clicks - 1)
    account = np.where(place >= enters[session], accounts[session], NONE)
    entering = (account != NONE) & (place == enters[session])
    pause = np.where(place == 0, 0, rng.exponential(3 * MINUTE, len(session)).astype(np.int64) + 1)
    so_far = np.cumsum(pause)
    at = begin[session] + so_far - np.repeat(so_far[np.cumsum(clicks) - clicks], clicks)
    told = tell_address(rng, humans, human[session], account, entering)
    nothing = np.full(len(session), NONE, dtype=np.int64)
    with_phone = (told != NONE) & (account != NONE) & (rng.random(len(session)) < 0.1)
    phone = np.where(with_phone, humans.phone[human[session]], NONE)
    return Columns(at, human[session], account, nothing, told, phone, device[session])


def visit(rng: Rng, recipe: Recipe, humans: Humans) -> tuple[Ints, Ints, Ints]:
    """Who starts a session on which device and when, in the order of who and when."""
    sigma = 0.6
    usual = np.maximum(1, rng.poisson(recipe.sessions * rng.lognormal(-(sigma**2) / 2, sigma, len(humans))))
    usual = np.where(humans.second != NONE, np.maximum(usual, 4), usual)
    at_kiosk = np.where(humans.kiosk != NONE, 1 + rng.poisson(1.0, len(humans)), 0)
    elsewhere = np.repeat(np.arange(len(humans)), usual)
    there = np.repeat(np.arange(len(humans)), at_kiosk)
    human = np.concatenate([elsewhere, there])
    device = np.concatenate([choose_device(rng, recipe, humans, elsewhere), humans.kiosk[there]])
    begin = BEGIN + rng.integers(0, recipe.days * DAY, len(human))
    order = np.lexsort((begin, human))
    return human[order], device[order], begin[order]


def log_in(rng: Rng, humans: Humans, human: Ints) -> Ints:
    """The account of each session, or `NONE`; whoever has an account uses it at least once.

    Who has two uses the older one in the first half of their sessions, and mostly the newer one in the second half.
    """
    sessions = np.bincount(human, minlength=len(humans))
    first = np.cumsum(sessions) - sessions
    place = np.arange(len(human)) - first[human]
    logs_in = rng.random(len(human)) < humans.chance[human]
    two = humans.second != NONE
    idle = (humans.account != NONE) & (two | (np.bincount(human, weights=logs_in, minlength=len(humans)) == 0))
    logs_in[first[idle]] = True
    last = (first + sessions - 1)[two]
    logs_in[last] = True
    later = two[human] & (place >= sessions[human] // 2)
    newer = later & (rng.random(len(human)) < 0.8)
    newer[last] = True
    return np.where(logs_in, np.where(newer, humans.second[human], humans.account[human]), NONE)


def choose_device(rng: Rng, recipe: Recipe, humans: Humans, human: Ints) -> Ints:
    """The device of each session: mostly the first of one's own, or the household's."""
    which = np.minimum(rng.choice(3, len(human), p=[0.66, 0.24, 0.10]), humans.devices[human] - 1)
    own = humans.first_device[human] + which
    home = (humans.household[human] != NONE) & (rng.random(len(human)) < recipe.at_home)
    return np.where(home, humans.household[human], own)


def tell_address(rng: Rng, humans: Humans, human: Ints, account: Ints, entering: npt.NDArray[np.bool_]) -> Ints:
    """The address on each event: at an account's first login, at some later ones, and on forms of guests.

    A second account that was opened with another address is seen with the first address at its last login, and one
    that has a single login is opened with the first address.
    """
    told = np.full(len(human), NONE, dtype=np.int64)
    logins = np.flatnonzero(entering)
    again = logins[rng.random(len(logins)) < 0.1]
    told[again] = humans.address[human[again]]
    _, first = np.unique(account[logins], return_index=True)
    _, last = np.unique(account[logins][::-1], return_index=True)
    opening, closing = logins[first], logins[len(logins) - 1 - last]
    newer = account[opening] == humans.second[human[opening]]
    other = newer & (humans.other_address[human[opening]] != NONE)
    told[opening] = np.where(other, humans.other_address[human[opening]], humans.address[human[opening]])
    told[closing[newer]] = humans.address[human[closing[newer]]]
    guests = np.flatnonzero((humans.account[human] == NONE) & (rng.random(len(human)) < 0.03))
    told[guests] = humans.address[human[guests]]
    return told


def write_tickets(rng: Rng, recipe: Recipe, humans: Humans) -> Columns:
    """Letters to support: by address, or by phone for some of those who have one."""
    human = np.repeat(np.arange(len(humans)), rng.poisson(recipe.tickets, len(humans)))
    calls = (rng.random(len(human)) < 0.4) & (humans.phone[human] != NONE)
    other = (humans.other_address[human] != NONE) & (rng.random(len(human)) < 0.3)
    address = np.where(other, humans.other_address[human], humans.address[human])
    return off_line(
        rng, recipe, human, address=np.where(calls, NONE, address), phone=np.where(calls, humans.phone[human], NONE)
    )


def sell(rng: Rng, recipe: Recipe, humans: Humans) -> Columns:
    """Rows of the sales department, about customers only."""
    customers = np.flatnonzero(humans.customer != NONE)
    human = np.repeat(customers, 1 + rng.poisson(0.7, len(customers)))
    phone = np.where(rng.random(len(human)) < 0.5, humans.phone[human], NONE)
    return off_line(rng, recipe, human, customer=humans.customer[human], address=humans.address[human], phone=phone)


def off_line(rng: Rng, recipe: Recipe, human: Ints, **known: Ints) -> Columns:
    """Events that no device was part of, at any time."""
    nothing = np.full(len(human), NONE, dtype=np.int64)
    at = BEGIN + rng.integers(0, recipe.days * DAY, len(human))
    rest = {name: known.get(name, nothing) for name in ("account", "customer", "address", "phone", "cookie")}
    return Columns(at, human, **rest)


# ---- what goes wrong ----------------------------------------------------------------------------------------


def spoil(rng: Rng, recipe: Recipe, humans: Humans, columns: Columns) -> Columns:
    """Put junk on some events: a third placeholders, a third addresses of the shop, a third somebody else's address.

    A placeholder takes the place of an account on any event of the website. An address of the shop, or of somebody
    else, takes the place of the address on an event that names somebody.
    """
    each = round(recipe.junk * len(columns.at) / 3)
    account, address = columns.account.copy(), columns.address.copy()
    web = np.flatnonzero(columns.cookie != NONE)
    account[rng.choice(web, each, replace=False)] = 2 * len(humans) + rarer(rng, len(PLACEHOLDERS), each)
    firm = (columns.account != NONE) | (columns.customer != NONE) | (columns.address != NONE)
    chosen = rng.choice(np.flatnonzero(firm), 2 * each, replace=False)
    address[chosen[:each]] = 2 * len(humans) + rarer(rng, len(SHOP_ADDRESSES), each)
    address[chosen[each:]] = humans.address[rng.integers(0, len(humans), each)]
    return replace(columns, account=account, address=address)


def rarer(rng: Rng, many: int, size: int) -> Ints:
    """Draw from 0 to `many - 1`, each half as often as the one before."""
    weight = 0.5 ** np.arange(many)
    return rng.choice(many, size, p=weight / weight.sum()).astype(np.int64)


def spelled(humans: Humans) -> dict[str, list[Name]]:
    """The identity that each number of each column stands for."""
    n = len(humans)
    addresses = [f"a{number}@post.example" for number in range(2 * n)]
    return {
        "account": [("user_id", value) for value in (*(f"u{number}" for number in range(2 * n)), *PLACEHOLDERS)],
        "customer": [("customer_id", f"k{number}") for number in range(n)],
        "address": [("email", value) for value in (*addresses, *SHOP_ADDRESSES)],
        "phone": [("phone", f"+49170{number:07d}") for number in range(n)],
        "cookie": [("cookie", f"c{number}") for number in range(humans.many_devices)],
    }


def named(numbers: Ints, names: Sequence[Name]) -> list[Name | None]:
    """The identity that each number stands for, None for `NONE`."""
    table: list[Name | None] = [*names, None]
    return [table[number] for number in numbers.tolist()]
