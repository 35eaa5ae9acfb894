"""Everyday traffic: customers' service sessions, guests before the forced account, kiosks in the shops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.clock import DAY, MINUTE, SECOND, Clock, Flags, Ints, Rng
from desirepath.demo.company import JUNK_IDS, PRODUCT_WEIGHTS, Company
from desirepath.demo.people import People
from desirepath.demo.rows import CODE, Rows, ordinal, pick, rows, running, stack
from desirepath.demo.shopping import Shopping

NO_DEVICE = -1
JUNK = -1_000
KIOSK = -10


@dataclass(frozen=True)
class Guests:
    """Prospects of the chunk on their way to the forced account. `ordered` marks those who then bought."""

    index: Ints
    at: Ints  # (guests, 5): look, cart, checkout, account, order
    depth: Ints  # 0 nothing looked at … 4 account created
    ordered: Flags


def service_rows(rng: Rng, clock: Clock, people: People, left_at: Ints, kiosks: int) -> Rows:
    """Sign-ins and pages of customers who look after their line: heavy tail over people, short sessions."""
    known = np.flatnonzero(people.known).astype(np.int64)
    sessions = np.minimum(rng.negative_binomial(0.8, 0.8 / (0.8 + 2.6), len(known)), 400)
    who = np.repeat(known, sessions)
    begin = clock.draw(rng, len(who))
    app = rng.random(len(who)) < np.where(people.app[who], 0.85, 0.08)
    kiosk = ~app & (rng.random(len(who)) < 0.01)
    stays = begin < left_at[who]
    session = people.ids(who) * 1_024 + ordinal(sessions.astype(np.int64))
    pages = np.minimum(rng.geometric(0.42, len(who)), 40)
    times = 1 + pages
    gap = np.maximum(np.exp(rng.normal(3.3, 1.0, int(times.sum()))), 1.0).astype(np.int64) * SECOND
    spot = ordinal(times.astype(np.int64))
    cookie = np.where(app, people.ids(who) * 4 + 2, people.cookie[who])
    cookie = np.where(kiosk, KIOSK - rng.integers(0, kiosks, len(who)), cookie)
    block = rows(
        person=np.repeat(people.ids(who), times),
        at=np.repeat(begin, times) + running(np.minimum(gap, 25 * MINUTE), times),
        app=np.repeat(app, times),
        session=np.repeat(session, times),
        cookie=np.repeat(cookie, times),
    )
    page = rng.choice(7, len(spot), p=(0.25, 0.22, 0.2, 0.15, 0.06, 0.08, 0.04)).astype(np.int8)
    view = np.where(block["app"], CODE["screen view"], CODE["page view"])
    first = np.where(block["app"], CODE["app open"], CODE["login"])
    name = np.where(spot == 0, first, np.where(page == 2, CODE["bill viewed"], view)).astype(np.int16)
    milliseconds = np.where(block["app"], rng.integers(0, 1_000, len(spot)), 0)
    block |= {
        "event": name,
        "page": np.where(spot == 0, -1, page).astype(np.int8),
        "at": block["at"] + milliseconds,
    }
    return pick(block, np.repeat(stays, times))


def draw_guests(rng: Rng, clock: Clock, company: Company, people: People) -> Guests:
    """Draw how far each prospect goes towards the forced account."""
    index = np.flatnonzero(~people.known).astype(np.int64)
    count = len(index)
    depth = np.cumprod(rng.random((count, 4)) < np.array(company.guest_steps), axis=1).sum(axis=1)
    gaps = np.clip(np.exp(rng.normal(np.log(90), 0.9, (count, 4))), 4, 1_500).astype(np.int64) * SECOND
    gaps[:, 2] += 30 * SECOND  # the wall is shown 5 to 25 seconds after the checkout
    at = np.concatenate([np.zeros((count, 1), dtype=np.int64), np.cumsum(gaps, axis=1)], axis=1)
    at += clock.draw(rng, count)[:, None]
    return Guests(index, at, depth, (depth == 4) & (rng.random(count) < company.guest_order))


def guest_rows(rng: Rng, clock: Clock, company: Company, people: People, guests: Guests) -> Rows:
    """Pages and the guest funnel of prospects, on their own cookie, some under a placeholder."""
    cookie = people.ids(guests.index) * 4
    session = people.ids(guests.index) * 1_024
    junk = rng.random(len(cookie)) < company.junk
    cookie = np.where(junk & (guests.depth < 3), JUNK - rng.integers(0, len(JUNK_IDS), len(cookie)), cookie)
    blocks = [_guest_pages(rng, clock, people, guests, cookie)]
    weights = np.array(PRODUCT_WEIGHTS, dtype=float)
    product = rng.choice(len(weights), len(cookie), p=weights / weights.sum()).astype(np.int8)
    for step, name in enumerate(("guest product view", "guest add to cart", "guest checkout", "account created")):
        which = guests.depth > step
        blocks.append(
            rows(
                person=people.ids(guests.index[which]),
                at=guests.at[which, step],
                event=CODE[name],
                known=step == 3,
                session=session[which],
                cookie=cookie[which],
                product=product[which] if step < 2 else -1,
            )
        )
        if step == 2:
            wall = guests.at[which, 2] + rng.integers(5, 26, int(which.sum())) * SECOND
            blocks.append(blocks[-1] | {"at": wall, "event": np.full(len(wall), CODE["account wall"], dtype=np.int16)})
    return stack(blocks)


def _guest_pages(rng: Rng, clock: Clock, people: People, guests: Guests, cookie: Ints) -> Rows:
    count = len(guests.index)
    visits = 1 + np.minimum(rng.negative_binomial(0.7, 0.4, count), 60)
    who = np.repeat(np.arange(count), visits)
    # The first visit leads into the guest funnel; the others fall where they fall.
    lead = ordinal(visits.astype(np.int64)) == 0
    begin = np.where(lead, guests.at[who, 0] - 5 * MINUTE, clock.draw(rng, len(who)))
    pages = np.minimum(rng.geometric(0.5, len(who)), 30)
    gap = np.maximum(np.exp(rng.normal(3.0, 1.0, int(pages.sum()))), 1.0).astype(np.int64) * SECOND
    at = np.repeat(begin, pages) + running(np.minimum(gap, 25 * MINUTE), pages.astype(np.int64))
    session = people.ids(guests.index[who]) * 1_024 + ordinal(visits.astype(np.int64))
    return rows(
        person=np.repeat(people.ids(guests.index[who]), pages),
        at=at,
        event=CODE["page view"],
        known=False,
        session=np.repeat(session, pages),
        cookie=np.repeat(cookie[who], pages),
        page=rng.choice(np.array([0, 5, 7, 8], dtype=np.int8), len(at), p=(0.4, 0.15, 0.3, 0.15)),
    )


def researcher_rows(rng: Rng, company: Company, people: People, shopping: Shopping) -> tuple[Rows, Flags]:
    """Shoppers who looked anonymously on another device first; the mask says whose device later signs in."""
    count = len(shopping.index)
    looked = rng.random(count) < company.researcher_share
    links = looked & (rng.random(count) < company.researcher_login)
    first = shopping.at[:, 0] // SECOND * SECOND
    ids = people.ids(shopping.index)
    blocks = []
    for which, known, name, offset in (
        (
            looked,
            False,
            "guest product view",
            -rng.integers(DAY // 24 // SECOND, 3 * DAY // SECOND, count) * SECOND,
        ),
        (links, True, "login", rng.integers(DAY // SECOND, 12 * DAY // SECOND, count) * SECOND),
    ):
        blocks.append(
            rows(
                person=ids[which],
                at=(first + offset)[which],
                event=CODE[name],
                known=known,
                cookie=ids[which] * 4 + 1,
                session=ids[which] * 1_024 + (700 if known else 699),
                product=-1 if known else shopping.product[which],
            )
        )
    return stack(blocks), links


def kiosk_rows(rng: Rng, clock: Clock, kiosks: int) -> Rows:
    """Nightly report of each kiosk at 23:59:59 and passers-by at its screen; the last one ends the data."""
    number = np.repeat(np.arange(kiosks), clock.days)
    nights = clock.utc(clock.midnight + (np.tile(np.arange(clock.days), kiosks) + 1) * DAY - SECOND)
    report = rows(
        person=NO_DEVICE,
        at=nights,
        event=CODE["kiosk report"],
        known=False,
        cookie=KIOSK - number,
        session=-2 - number,
    )
    passers = rng.integers(0, kiosks, kiosks * 400)
    browse = rows(
        person=NO_DEVICE,
        at=clock.draw(rng, len(passers)),
        event=CODE["page view"],
        known=False,
        cookie=KIOSK - passers,
        session=-1_000 - np.arange(len(passers)),
        page=np.int8(7),
    )
    return stack([report, browse])
