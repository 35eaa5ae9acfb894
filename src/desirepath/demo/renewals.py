"""Contracts that come up for renewal: renewed, or cancelled with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.clock import DAY, OFFICE, Clock, Flags, Floats, Ints, Rng
from desirepath.demo.company import Company
from desirepath.demo.people import People
from desirepath.demo.repairs import Repairs
from desirepath.demo.shopping import Shopping

NOTICE = 30 * DAY
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Renewals:
    """One row per contract due in the period. `reason` is -1 for a renewal."""

    index: Ints
    due: Ints  # local midnight of the due day, UTC
    decided: Ints
    cancelled: Flags
    reason: Ints
    chance: Floats
    rescheduled: Flags  # at least one missed visit before the decision
    declined: Flags  # a payment error before the decision
    noticed: Ints  # when the company said that the contract is due


def draw_renewals(
    rng: Rng, clock: Clock, company: Company, people: People, repairs: Repairs, shopping: Shopping
) -> Renewals:
    """Draw the decisions; a missed repair visit or a payment error before the decision raises churn."""
    index = np.flatnonzero(people.known & (rng.random(len(people)) < company.renewal_share)).astype(np.int64)
    count = len(index)
    day = rng.integers(0, clock.days, count)
    due = clock.utc(clock.midnight + day * DAY)
    ahead = rng.integers(1, 22, count)
    decided = clock.utc(clock.midnight + (day - ahead) * DAY + clock.second_of_day(rng, count, OFFICE))
    missed = (
        _first_moment(people, repairs.index, np.where(repairs.absences > 0, repairs.outcome[:, 0], -1))[index] < decided
    )
    failed = np.where(shopping.error & (shopping.depth >= 4), shopping.at[:, 3] + 60_000, -1)
    declined = _first_moment(people, shopping.index, failed)[index] < decided
    chance = company.churn + company.churn_rescheduled * missed + company.churn_payment_error * declined
    cancelled = rng.random(count) < chance
    spot = rng.random(count)
    plain = np.searchsorted(np.cumsum(company.reasons), spot, side="right")
    after = np.searchsorted(np.cumsum(company.reasons_rescheduled), spot, side="right")
    reason = np.where(cancelled, np.minimum(np.where(missed, after, plain), 4), -1)
    keep = decided >= clock.begin
    return Renewals(
        index[keep],
        due[keep],
        decided[keep],
        cancelled[keep],
        reason[keep].astype(np.int64),
        chance[keep],
        missed[keep],
        declined[keep],
        np.maximum(due - NOTICE, clock.begin)[keep],
    )


def _first_moment(people: People, index: Ints, at: Ints) -> Ints:
    """Each person's moment, or never."""
    moments = np.full(len(people), NEVER, dtype=np.int64)
    happened = at >= 0
    moments[index[happened]] = at[happened]
    return moments


def left_at(people: People, renewals: Renewals) -> Ints:
    """From when on a person is no longer a customer (never, for most)."""
    return _first_moment(people, renewals.index, np.where(renewals.cancelled, renewals.due, -1))
