"""The printer-repair journey: fault, call, visit, customer absent, rescheduled, repaired.

The reschedule loop is the planted sore: each missed visit costs a trip, mostly another call, and goodwill.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.clock import HOUR, MINUTE, SECOND, Clock, Flags, Ints, Rng
from desirepath.demo.company import Company
from desirepath.demo.people import People


@dataclass(frozen=True)
class Repairs:
    """One row per case; moments of -1 never happen. Visit arrays are (cases, most visits)."""

    index: Ints
    reported: Ints
    call: Ints  # the call that asks for a visit
    minutes: Ints  # its length, ms
    absences: Ints  # missed visits drawn for the case
    depth: Ints  # of the four repair steps
    booked: Ints  # first booking, then each rescheduling
    outcome: Ints  # moment at which the visit ended
    extra_call: Ints  # (cases, most visits) call that rescheduled visit v, or -1

    def case_ids(self, people: People) -> Ints:
        """One case per person: the case carries the person's number."""
        return people.ids(self.index)

    @property
    def final(self) -> Ints:
        """Moment of the last visit of each case (repaired, or given up); -1 when it has not happened."""
        ended: Ints = self.outcome[np.arange(len(self.index)), self.absences]
        return ended

    @property
    def repaired(self) -> Flags:
        """Cases whose last visit happened and ended well."""
        well: Flags = (self.depth == 4) & (self.final >= 0)
        return well


def draw_repairs(rng: Rng, clock: Clock, company: Company, people: People) -> Repairs:
    """Draw one repair case for a share of the customers."""
    index = np.flatnonzero(people.known & (rng.random(len(people)) < company.repair_share)).astype(np.int64)
    count, most = len(index), company.absent_at_most + 1
    reported = clock.draw(rng, count)
    wait = np.minimum(rng.exponential(2.0, count), 8.0) * 3_600
    call = clock.opening(rng, reported + (60 + wait).astype(np.int64) * SECOND)
    minutes = call_length(rng, company, count)
    missed = rng.random((count, most - 1)) < company.absent
    absences = np.cumprod(missed, axis=1).sum(axis=1)
    depth = 1 + np.cumprod(rng.random((count, 3)) < np.array(company.repair_steps), axis=1).sum(axis=1)
    booked = np.empty((count, most), dtype=np.int64)
    outcome = np.empty((count, most), dtype=np.int64)
    extra = np.full((count, most), -1, dtype=np.int64)
    booked[:, 0] = call + minutes + 20 * SECOND
    for visit in range(most):
        slot = clock.slot(rng, booked[:, visit], 2 if visit == 0 else 1, 5 if visit == 0 else 4)
        stay = np.where(absences > visit, rng.integers(10, 20, count) * MINUTE, rng.integers(35, 130, count) * MINUTE)
        outcome[:, visit] = slot + stay + rng.integers(0, 60, count) * SECOND
        if visit + 1 < most:
            again = clock.opening(rng, outcome[:, visit] + rng.integers(HOUR // SECOND, 20 * 3_600, count) * SECOND)
            length = call_length(rng, company, count)
            phoned = rng.random(count) < company.reschedule_call
            extra[:, visit + 1] = np.where(phoned, again, -1)
            booked[:, visit + 1] = again + np.where(phoned, length, 0) + 20 * SECOND
    used = (np.arange(most) <= absences[:, None]) & (depth >= 3)[:, None] & (booked <= clock.cutoff)
    ended = used & (outcome <= clock.cutoff)
    return Repairs(
        index=index,
        reported=reported,
        call=np.where(depth >= 2, call, -1),
        minutes=minutes,
        absences=absences,
        depth=depth,
        booked=np.where(used, booked, -1),
        outcome=np.where(ended, outcome, -1),
        extra_call=np.where(np.roll(ended, 1, axis=1) & (absences[:, None] >= np.arange(most)), extra, -1),
    )


def call_length(rng: Rng, company: Company, count: int) -> Ints:
    """Length of calls in whole-second milliseconds, log-normal."""
    minutes = np.exp(rng.normal(company.call_minutes_log_mean, company.call_minutes_log_sd, count))
    return np.maximum(np.round(minutes * 60), 5).astype(np.int64) * SECOND
