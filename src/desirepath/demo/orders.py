"""Orders of the shop, one row each with its dates: ordered, approved, shipped, delivered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.browsing import Guests
from desirepath.demo.clock import DAY, HOUR, OFFICE, SECOND, Clock, Flags, Floats, Ints, Rng
from desirepath.demo.company import DELIVERY_PRICES, PRODUCTS, Company
from desirepath.demo.people import People
from desirepath.demo.rows import CODE, Rows, rows
from desirepath.demo.shopping import Shopping

KINDS = ("order", "refill order")


@dataclass(frozen=True)
class Orders:
    """Arrays of one length; a moment of -1 never happened. `index` is the person's place in the chunk."""

    index: Ints
    kind: Ints
    channel: Ints
    product: Ints
    quantity: Ints
    delivery: Floats  # EUR
    total: Floats  # EUR
    ordered: Ints
    approved: Ints
    shipped: Ints
    delivered: Ints
    promised: Ints
    cancelled: Flags
    session: Ints

    @property
    def late(self) -> Flags:
        """Delivered after the promised moment."""
        return (self.delivered > self.promised) & (self.delivered >= 0)


def draw_orders(
    rng: Rng,
    clock: Clock,
    company: Company,
    people: People,
    shopping: Shopping,
    guests: Guests,
    left_at: Ints,
) -> Orders:
    """Orders out of the funnel, first orders of new customers, and ink subscriptions."""
    bought = (shopping.depth == 5) | shopping.slow
    refill = _refills(rng, clock, people, left_at)
    new = guests.ordered
    index = np.concatenate([shopping.index[bought], guests.index[new], refill[0]])
    parts = [int(bought.sum()), int(new.sum()), len(refill[0])]
    kind = np.repeat(np.array([0, 0, 1]), parts)
    channel = np.concatenate(
        [shopping.step_app[bought, 3].astype(np.int64), np.zeros(parts[1], np.int64), np.full(parts[2], 2)]
    )
    product = np.concatenate(
        [shopping.product[bought], rng.integers(0, 12, parts[1]), rng.choice((4, 5, 6, 7), parts[2])]
    )
    delivery = np.concatenate(
        [
            shopping.delivery[bought],
            rng.choice(3, parts[1], p=company.delivery_share),
            np.zeros(parts[2], int),
        ]
    )
    ordered = np.concatenate([shopping.at[bought, 4], guests.at[new, 4], refill[1]])
    session = np.concatenate(
        [shopping.session[bought, 4], people.ids(guests.index[new]) * 1_024, np.zeros(parts[2], np.int64)]
    )
    keep = (ordered >= clock.begin) & (ordered <= clock.cutoff)
    return _fulfilled(
        rng,
        clock,
        company,
        index[keep],
        kind[keep],
        channel[keep],
        product[keep],
        delivery[keep],
        ordered[keep],
        session[keep],
    )


def _refills(rng: Rng, clock: Clock, people: People, left_at: Ints) -> tuple[Ints, Ints]:
    """Ink subscriptions: one customer in eight, every 30 to 75 days, billed at night."""
    holders = np.flatnonzero(people.known & (rng.random(len(people)) < 0.12)).astype(np.int64)
    every = rng.integers(30, 76, len(holders))
    first = rng.integers(0, 75, len(holders))
    turn = np.arange(6)
    day = first[:, None] + every[:, None] * turn
    local = clock.midnight + day * DAY + rng.integers(3 * 3_600, 5 * 3_600, day.shape) * SECOND
    inside = (day < clock.days).ravel()
    at = clock.utc(local.ravel()[inside])
    who = np.repeat(holders, len(turn))[inside]
    keep = at < left_at[who]
    return who[keep], at[keep]


def _fulfilled(
    rng: Rng,
    clock: Clock,
    company: Company,
    index: Ints,
    kind: Ints,
    channel: Ints,
    product: Ints,
    delivery: Ints,
    ordered: Ints,
    session: Ints,
) -> Orders:
    """Add quantities (heavy tail: some offices buy by the box), sums and the later dates."""
    count = len(index)
    price = np.array([p for _, p in PRODUCTS])[product]
    office = rng.random(count) < 0.03
    quantity = np.where(office, 1 + (rng.pareto(1.3, count) * 4).astype(np.int64), rng.geometric(0.85, count))
    quantity = np.minimum(quantity, 200)
    postage = np.array(DELIVERY_PRICES)[delivery]
    transfer = rng.random(count) < 0.10
    wait = np.where(transfer, rng.uniform(18, 60, count) * HOUR, np.exp(rng.normal(1.2, 0.9, count)) * 60_000).astype(
        np.int64
    )
    approved = ordered + np.maximum(wait // SECOND, 3) * SECOND
    shipped = _workday(rng, clock, approved, rng.choice(3, count, p=(0.25, 0.6, 0.15)) + 1)
    slow = rng.random(count) < 0.17
    delivered = _workday(rng, clock, shipped, np.where(slow, rng.integers(4, 9, count), rng.integers(1, 3, count)))
    promised = (clock.local(shipped) // DAY + 4) * DAY + 18 * HOUR
    cancelled = rng.random(count) < company.cancelled_order
    shipped = np.where(cancelled | (shipped > clock.cutoff), -1, shipped)
    return Orders(
        index=index,
        kind=kind,
        channel=channel,
        product=product,
        quantity=quantity,
        delivery=postage,
        total=np.round(price * quantity + postage, 2),
        ordered=ordered,
        approved=np.where(approved > clock.cutoff, -1, approved),
        shipped=shipped,
        delivered=np.where((shipped < 0) | (delivered > clock.cutoff), -1, delivered),
        promised=clock.utc(promised),
        cancelled=cancelled,
        session=session,
    )


def _workday(rng: Rng, clock: Clock, at: Ints, days: Ints) -> Ints:
    """Draw an office-hours moment some days later; a Sunday moves to Monday."""
    day = clock.local(at) // DAY + days
    day = day + ((day + 3) % 7 == 6)
    return clock.utc(day * DAY + np.maximum(clock.second_of_day(rng, len(at), OFFICE), 8 * HOUR))


def order_rows(people: People, orders: Orders) -> Rows:
    """The orders of website and app as their trackers tell them, on the channel and in the session of the checkout."""
    place = np.flatnonzero(orders.kind == 0)
    index, app = orders.index[place], orders.channel[place] == 1
    return rows(
        person=people.ids(index),
        at=orders.ordered[place],
        event=CODE["order"],
        app=app,
        session=orders.session[place],
        cookie=np.where(app, people.ids(index) * 4 + 2, people.cookie[index]),
        product=orders.product[place],
        order=place,
    )
