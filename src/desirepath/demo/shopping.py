"""The main purchase funnel: shop visit, product view, add to cart, checkout, order.

A shopper has one shopping episode. How deep it goes is drawn step by step from the planted probabilities, so
a person's furthest step within seven days is the planted one; noise (return visits, repeated views, an early
fruitless look, a change of channel, ties, slow orders) never makes a person reach further than was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.clock import DAY, HOUR, MINUTE, SECOND, Clock, Flags, Floats, Ints, Rng, whole_second
from desirepath.demo.company import PRODUCT_WEIGHTS, Company
from desirepath.demo.people import People
from desirepath.demo.rows import CODE, Rows, pick, rows, stack

STEP_CODES = tuple(CODE[name] for name in ("shop visit", "product view", "add to cart", "checkout"))
SHOP_SESSIONS = 512


@dataclass(frozen=True)
class Shopping:
    """One row per shopper. `depth` counts the steps inside the window, `chance` holds their probabilities."""

    index: Ints
    app: Flags
    campaign: Ints
    at: Ints  # (shoppers, 5) moments, also of steps never reached
    step_app: Flags  # (shoppers, 5) channel of each step
    session: Ints  # (shoppers, 5)
    returned: Flags  # (shoppers, 5) a new session began with this step
    chance: Floats  # (shoppers, 4)
    depth: Ints
    slow: Flags  # ordered, after the window
    error: Flags
    delivery: Ints
    product: Ints
    early: Ints  # moment of the early look, or -1
    tied_cart: Flags
    tied_order: Flags


def draw_shopping(rng: Rng, clock: Clock, company: Company, people: People) -> Shopping:
    """Draw the shopping episodes of one chunk."""
    index = np.flatnonzero(people.known & (rng.random(len(people)) < company.shopper_share)).astype(np.int64)
    count = len(index)
    app = rng.random(count) < np.where(people.app[index], 0.70, _other_share(company))
    campaign = _campaigns(rng, company, app)
    looked = rng.random(count) < company.early_look
    begin = clock.draw(rng, count)
    # Early lookers start late enough for the look, and early enough for the whole window to be observed.
    begin = np.where(looked, clock.draw(rng, count, 40, clock.days - company.window_days - 2), begin)
    early = np.where(looked, begin - rng.integers(10 * DAY // SECOND, 35 * DAY // SECOND, count) * SECOND, -1)
    at, step_app, long, tied_cart, tied_order = _moments(rng, company, begin, app)
    low, high = clock.incident(company.incident_first_day, company.incident_days)
    incident = (at[:, 3] >= low) & (at[:, 3] < high) & ~step_app[:, 3]
    error = rng.random(count) < np.where(incident, company.error_incident, company.error_normal)
    delivery = rng.choice(3, count, p=company.delivery_share).astype(np.int64)
    chance = _chances(company, app, campaign, error, delivery)
    passed = np.cumprod(rng.random((count, 4)) < chance, axis=1).astype(bool)
    slow = passed[:, 3] & (rng.random(count) < company.slow_order)
    chance[:, 3] *= 1 - company.slow_order
    depth = 1 + passed.sum(axis=1) - slow
    tied_order &= ~error & ~slow
    at[:, 4] = _order_moment(rng, at, error, slow, tied_order)
    weights = np.array(PRODUCT_WEIGHTS, dtype=float)
    return Shopping(
        index=index,
        app=app,
        campaign=campaign,
        at=at,
        step_app=step_app,
        session=people.ids(index)[:, None] * 1_024 + SHOP_SESSIONS + np.cumsum(long, axis=1),
        returned=long,
        chance=chance,
        depth=depth,
        slow=slow,
        error=error,
        delivery=delivery,
        product=rng.choice(len(weights), count, p=weights / weights.sum()).astype(np.int64),
        early=early,
        tied_cart=tied_cart,
        tied_order=tied_order,
    )


def _other_share(company: Company) -> float:
    """App share among web-minded customers that makes the planted share of all shoppers."""
    return (company.shop_app_share - 0.70 * company.app_share) / (1 - company.app_share)


def _campaigns(rng: Rng, company: Company, app: Flags) -> Ints:
    spot = rng.random(len(app))
    web = np.searchsorted(np.cumsum(company.campaign_share_web), spot, side="right")
    phone = np.searchsorted(np.cumsum(company.campaign_share_app), spot, side="right")
    code = np.where(app, phone, web)
    return np.where(code >= 5, -1, code).astype(np.int64)


def _chances(company: Company, app: Flags, campaign: Ints, error: Flags, delivery: Ints) -> Floats:
    """Each shopper's own probability of every step, given what would happen at the checkout."""
    chance: Floats = np.where(app[:, None], np.array(company.step_app), np.array(company.step_web))
    for step, effects in ((0, company.campaign_view), (1, company.campaign_cart)):
        chance[:, step] *= np.array([*effects, 1.0])[campaign]
    chance[:, 3] *= np.where(error, company.error_effect, 1.0) * np.array(company.delivery_effect)[delivery]
    return np.minimum(chance, 0.98)


def _moments(rng: Rng, company: Company, begin: Ints, app: Flags) -> tuple[Ints, Flags, Flags, Flags, Flags]:
    """Moments and channels of the five steps, new sessions, and the two kinds of ties."""
    count = len(begin)
    short = np.exp(rng.normal(np.log(70_000), 1.0, (count, 4))).astype(np.int64)
    gaps = np.clip(short, 3 * SECOND, 20 * MINUTE)
    long = np.zeros((count, 5), dtype=bool)
    long[:, 1:] = rng.random((count, 4)) < company.long_gap
    hours = rng.integers(HOUR, 6 * HOUR, (count, 4))
    day = DAY + rng.integers(-90 * MINUTE, 90 * MINUTE, (count, 4))
    gaps = np.where(long[:, 1:], np.where(rng.random((count, 4)) < 0.5, hours, day), gaps)
    tied_cart = (rng.random(count) < company.tie_cart) & ~long[:, 2]
    gaps[tied_cart, 1] = 0
    # A switch lasts to the end of the episode; only the first one counts.
    switch = np.logical_or.accumulate(long & (rng.random((count, 5)) < company.switch_channel), axis=1)
    step_app = app[:, None] ^ switch
    at = np.empty((count, 5), dtype=np.int64)
    at[:, 0] = begin + np.where(app, rng.integers(0, SECOND, count), 0)
    for step in range(1, 5):
        moment = at[:, step - 1] + gaps[:, step - 1]
        whole = ~step_app[:, step] if step < 4 else np.ones(count, dtype=bool)
        at[:, step] = np.where(whole, whole_second(moment), moment)
    tied_order = (rng.random(count) < company.tie_order) & ~step_app[:, 3] & ~long[:, 4]
    return at, step_app, long, tied_cart, tied_order


def _order_moment(rng: Rng, at: Ints, error: Flags, slow: Flags, tied: Flags) -> Ints:
    """Orders after a payment error wait for the second try; slow ones wait for more than the window."""
    moment = np.where(error, np.maximum(at[:, 4], whole_second(at[:, 3] + 100 * SECOND)), at[:, 4])
    later = whole_second(at[:, 3]) + rng.integers(9 * DAY // SECOND, 20 * DAY // SECOND, len(at)) * SECOND
    moment = np.where(slow, later, moment)
    return np.where(tied, at[:, 3], moment)


def shopping_rows(rng: Rng, people: People, shopping: Shopping) -> Rows:
    """Web and app rows of the episodes: steps, return visits, repeats, early looks, payment errors."""
    blocks = [_step(people, shopping, step, shopping.depth > step, step) for step in range(4)]
    for step in range(1, 5):
        # Whoever changed channel came by a deep link and is not visiting the shop anew: every shop visit of a
        # person is on the channel of entry, so that a breakdown by channel has one answer.
        same = shopping.step_app[:, step] == shopping.app
        came = shopping.returned[:, step] & (shopping.depth > step) & same
        block = _step(people, shopping, step, came, 0)
        block["at"] = block["at"] - rng.integers(6, 60, len(block["at"])) * SECOND
        block["at"] = np.where(block["app"], block["at"], block["at"] // SECOND * SECOND)
        blocks.append(block)
    blocks += [_early(people, shopping), _errors(rng, people, shopping), *_repeats(rng, people, shopping)]
    return stack(blocks)


def _step(people: People, shopping: Shopping, step: int, which: Flags, code: int) -> Rows:
    """Rows named after step `code`, at the moment of `step`, for the shoppers in `which`."""
    who = shopping.index[which]
    app = shopping.step_app[which, step]
    return rows(
        person=people.ids(who),
        at=shopping.at[which, step],
        event=STEP_CODES[code],
        app=app,
        session=shopping.session[which, step],
        campaign=shopping.campaign[which],
        cookie=np.where(app, people.ids(who) * 4 + 2, people.cookie[who]),
        product=shopping.product[which] if code in (1, 2) else -1,
        delivery=shopping.delivery[which] if code == 3 else -1,
        page=-1 if code else 7,
    )


def _early(people: People, shopping: Shopping) -> Rows:
    looked = shopping.early >= 0
    block = _step(people, shopping, 0, looked, 0)
    return block | {"at": shopping.early[looked], "session": shopping.session[looked, 0] - 1}


def _errors(rng: Rng, people: People, shopping: Shopping) -> Rows:
    block = _step(people, shopping, 3, shopping.error & (shopping.depth >= 4), 3)
    count = len(block["at"])
    wait = rng.integers(8, 60, count) * SECOND
    kind = (rng.random(count) < 0.6).astype(np.int8)
    return block | {
        "at": block["at"] + wait,
        "event": np.full(count, CODE["payment error"], dtype=np.int16),
        "error": kind,
        "delivery": np.full(count, -1, dtype=np.int8),
    }


def _repeats(rng: Rng, people: People, shopping: Shopping) -> list[Rows]:
    """Further product views before the cart, and second articles; heavy tail in the number of views."""
    blocks = []
    for step, probability, most in ((1, 0.45, 30), (2, 0.80, 4)):
        block = _step(people, shopping, step, shopping.depth > step, step)
        extra = np.minimum(rng.geometric(probability, len(block["at"])) - 1, most)
        more = pick(block, np.repeat(np.arange(len(extra)), extra))
        # Stay before the next step, so that only the first event of a step decides the chain.
        limit = np.repeat(shopping.at[shopping.depth > step, step + 1], extra) - more["at"]
        ahead = (rng.random(len(limit)) * np.minimum(limit, 10 * MINUTE)).astype(np.int64)
        weights = np.array(PRODUCT_WEIGHTS, dtype=float)
        others = rng.choice(len(weights), len(limit), p=weights / weights.sum()).astype(np.int8)
        blocks.append(
            more | {"at": more["at"] + np.where(more["app"], ahead, ahead // SECOND * SECOND), "product": others}
        )
    return blocks
