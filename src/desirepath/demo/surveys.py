"""NPS surveys after an order, a repair and a call: asked, perhaps answered, linked to it by its id."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from desirepath.demo.care import Block
from desirepath.demo.clock import DAY, HOUR, SECOND, Clock, Flags, Floats, Ints, Rng
from desirepath.demo.comments import remark_codes
from desirepath.demo.company import Company
from desirepath.demo.orders import Orders
from desirepath.demo.people import People
from desirepath.demo.repairs import Repairs

TOUCHPOINTS = ("repair", "order", "call")
LONG_WAIT = 300  # seconds
COMMENTING = 0.6  # of answers


@dataclass(frozen=True)
class Surveys:
    """One row per invitation. `thing` is the place of the case, order or call in its block; -1: no answer."""

    index: Ints
    touchpoint: Ints
    thing: Ints
    group: Ints  # repair: absences 0, 1, 2 (or more); order: late; call: long wait
    sent: Ints
    answered: Ints
    score: Ints
    remark: Ints


def draw_surveys(
    rng: Rng, clock: Clock, company: Company, people: People, repairs: Repairs, orders: Orders, calls: Block
) -> Surveys:
    """Draw invitations, answers, scores and comments of one chunk."""
    fixed = np.flatnonzero(repairs.repaired)
    came = np.flatnonzero(orders.delivered >= 0)
    phoned = np.flatnonzero(rng.random(len(calls["at"])) < company.call_invited)
    parts = [
        (
            repairs.index[fixed],
            fixed,
            np.minimum(repairs.absences[fixed], 2),
            repairs.final[fixed] + 20 * HOUR,
        ),
        (orders.index[came], came, orders.late[came].astype(np.int64), orders.delivered[came] + 2 * DAY),
        (
            calls["index"][phoned],
            phoned,
            (calls["wait"][phoned] > LONG_WAIT).astype(np.int64),
            calls["at"][phoned] + 2 * HOUR,
        ),
    ]
    index, thing, group, sent = (np.concatenate([part[column] for part in parts]) for column in range(4))
    touchpoint = np.repeat(np.arange(3), [len(part[0]) for part in parts])
    keep = sent <= clock.cutoff
    return _answers(rng, clock, company, people, index[keep], touchpoint[keep], thing[keep], group[keep], sent[keep])


def _answers(
    rng: Rng,
    clock: Clock,
    company: Company,
    people: People,
    index: Ints,
    touchpoint: Ints,
    thing: Ints,
    group: Ints,
    sent: Ints,
) -> Surveys:
    count = len(index)
    row = _table_row(touchpoint, group)
    answers = rng.random(count) < response_table(company)[row]
    delay = np.minimum(rng.exponential(14, count), 24 * 20) * 3_600
    answered = sent + (60 + delay).astype(np.int64) * SECOND
    answers &= answered <= clock.cutoff
    share = score_table(company)[row]
    kind = (rng.random(count)[:, None] > np.cumsum(share, axis=1)[:, :2]).sum(axis=1)
    score = np.where(answers, _score(rng, kind), -1)
    sore = np.where(rng.random(count) < 0.75, group > 0, False)
    negative = (kind == 2) | ((kind == 1) & (rng.random(count) < 0.5))
    subject = touchpoint * 3 + np.where(negative, np.where(sore, 1, 2), 0)
    remark = remark_codes(rng, subject, people.language[index], kind, COMMENTING)
    return Surveys(
        index=index,
        touchpoint=touchpoint,
        thing=thing,
        group=group,
        sent=sent,
        answered=np.where(answers, answered, -1),
        score=score,
        remark=np.where(answers, remark, -1),
    )


def _table_row(touchpoint: Ints, group: Ints) -> Ints:
    return np.array([0, 3, 5])[touchpoint] + group


def score_table(company: Company) -> Floats:
    """Planted promoters, passives, detractors: repair 0, 1, 2+; order on time, late; call short, long."""
    return np.array([*company.nps_repair, *company.nps_order, *company.nps_call])


def response_table(company: Company) -> Floats:
    """Planted response rates in the order of `score_table`."""
    return np.array([*company.response_repair, *[company.response_order] * 2, *[company.response_call] * 2])


def _score(rng: Rng, kind: Ints) -> Ints:
    """Draw a score 0 to 10 inside the class: promoter, passive, detractor."""
    count = len(kind)
    high = 9 + (rng.random(count) < 0.55)
    middle = 7 + (rng.random(count) < 0.60)
    low = rng.choice(7, count, p=(0.16, 0.07, 0.09, 0.12, 0.12, 0.22, 0.22))
    return np.choose(kind, [high, middle, low]).astype(np.int64)


def promoter_value(score: Ints) -> Ints:
    """+1 promoter (9, 10), 0 passive, -1 detractor (0 to 6); for answered scores."""
    promoters: Flags = score >= 9
    return promoters.astype(np.int64) - (score <= 6)
