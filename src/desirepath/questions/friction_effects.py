"""What does a signal cost those who have it? Effects against others who had come as far, from sums by stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions.friction_walk import BINS, Plan
from desirepath.questions.instance_facts import Group, Groups
from desirepath.statistics import Estimate, Proportion, newcombe
from desirepath.statistics.adjusted import LEAST, Stratum, product, share, standardised
from desirepath.statistics.scores import points_of

Array = npt.NDArray[Any]

GOOD = 0.9
"""Where controls were found for less than this share, the effect is called partly adjusted."""

BORROWED = 10
"""So many of the treated are taken to be as spread as the controls."""

NOTHING = Estimate(None, None, None, 0, 0.95, "standardised")


@dataclass(frozen=True)
class Effect:
    """What differs, per instance with the signal, and how good the evidence is.

    Attributes
    ----------
    decided
        Instances with the signal whose time was over.
    matched
        How many of them had controls.
    conversion, score, contacts, burden
        Differences from what the like of them did.
    grade
        `adjusted`, `partly adjusted` or `none`.
    """

    decided: int
    matched: int
    conversion: Estimate = NOTHING
    score: Estimate = NOTHING
    contacts: Estimate = NOTHING
    burden: Estimate = NOTHING
    grade: str = "none"


def effect(treated: Sequence[Group], controls: Sequence[Group], scale: str | None) -> Effect:
    """The effect over strata."""
    pairs = [(one, two) for one, two in zip(treated, controls, strict=True) if len(one)]
    decided = sum(len(one) for one, _ in pairs)
    conversion, matched = standardised(
        [Stratum(*share(int(one.outcomes[0]), len(one)), *share(int(two.outcomes[0]), len(two))) for one, two in pairs]
    )
    score = NOTHING
    if scale is not None:
        score, _ = standardised(
            [Stratum(*_answered(scale, one.answers), *_answered(scale, two.answers)) for one, two in pairs]
        )
    contacts, burden = (
        standardised([_spread(Stratum(*one.moments(measure), *two.moments(measure))) for one, two in pairs])[0]
        if matched > 1
        else NOTHING
        for measure in ("contacts", "burden")
    )
    grade = "none" if not matched else "adjusted" if matched >= GOOD * decided else "partly adjusted"
    return Effect(decided, matched, conversion, score, contacts, burden, grade)


def _spread(stratum: Stratum) -> Stratum:
    """The stratum with the variance of its treated as if some more of them were as spread as the controls.

    Nineteen who all lost the same have no spread of their own, and still say little of those to come; a share is
    smoothed for the same reason.
    """
    more = max(stratum.variance, stratum.control_variance)
    n = stratum.treated
    return stratum._replace(variance=(n * stratum.variance + BORROWED * more) / (n + BORROWED))


def _answered(scale: str, counts: Array) -> tuple[int, float, float]:
    """Number of answers, their score, and the variance of one; with one more at either end of the scale."""
    points, n = points_of(scale), int(counts.sum())
    if not n:
        return 0, 0.0, 0.0
    more = counts.astype(np.float64)
    ends = [int(np.argmin(points)), int(np.argmax(points))]
    more[ends] += 1
    smooth = float((more * points).sum() / (n + 2))
    return n, float((counts * points).sum() / n), float((more * (points - smooth) ** 2).sum() / (n + 2))


def signal_effect(plan: Plan, groups: Groups, signal: int, scale: str | None) -> Effect:
    """Those with a signal against those who were as far and never have it."""
    treated, controls = [], []
    for f in range(plan.strata):
        one = groups[plan.treated + signal * plan.strata + f]
        if len(one):
            treated.append(one)
            controls.append(groups[f] - groups[plan.has + signal * plan.strata + f])
    return effect(treated, controls, scale)


def stall_bins(stays: Array, slow: float) -> int:
    """The first bin of stalls: at most the share 1 - slow of stays is in it and above."""
    above = np.cumsum(stays[::-1])[::-1]
    fits = np.flatnonzero(above <= (1 - slow) * stays.sum())
    return int(fits[0]) if len(fits) else BINS


def stall_seconds(first: int) -> float:
    """Where a bin begins."""
    return float(2 ** (first / 4) - 1)


def stall_effect(plan: Plan, groups: Groups, at: int, first: int, scale: str | None) -> Effect:
    """Those who went on late from a touchpoint against those who went on sooner."""
    begin = plan.stays + at * BINS
    late, soon = (_sum(groups, range(begin + a, begin + b)) for a, b in ((first, BINS), (0, first)))
    return effect([late], [soon], scale)


def switch_effect(plan: Plan, groups: Groups, at: int, scale: str | None) -> Effect | None:
    """Those who went on in another channel against those who kept theirs; None where everybody has to switch."""
    kept, switched = groups[plan.channels + 2 * at], groups[plan.channels + 2 * at + 1]
    return effect([switched], [kept], scale) if len(kept) else None


def _sum(groups: Groups, places: range) -> Group:
    found = slice(places.start, places.stop)
    n = groups.sums.shape[1]
    squares = [(int(groups.high[found, m].sum()) << 32) + int(groups.low[found, m].sum()) for m in range(n)]
    return Group(
        groups.outcomes[found].sum(axis=0),
        groups.closed[found].sum(axis=0),
        [int(groups.sums[found, m].sum()) for m in range(n)],
        squares,
        groups.answers[found].sum(axis=0),
        groups.said[found].sum(axis=0),
    )


@dataclass(frozen=True)
class DropOff:
    """Who drops off after a touchpoint, of those whose furthest it was for a time; also at other times.

    Attributes
    ----------
    more
        How much larger the share is that drops off.
    lost, burden
        Conversions and money lost by it, per instance that came so far.
    """

    came: int
    left: int
    other_came: int
    other_left: int
    more: Estimate
    lost: Estimate = NOTHING
    burden: Estimate = NOTHING


def drop_off(plan: Plan, groups: Groups, at: int) -> DropOff:
    """Dropping off in the period beside other times, where it also shows what those who go on are worth."""
    on, left, other_on, other_left = (groups[plan.ways + at * 4 + way] for way in range(4))
    came, other_came = len(on) + len(left), len(other_on) + len(other_left)
    more = newcombe(len(left), came, len(other_left), other_came)
    if min(len(other_on), came) < LEAST:
        return DropOff(came, len(left), other_came, len(other_left), more)
    lost = product(more, Proportion(int(other_on.outcomes[0]), len(other_on)).estimate())
    burden = product(more, other_left.change(other_on, "burden")) if len(other_left) else NOTHING
    return DropOff(came, len(left), other_came, len(other_left), more, lost, burden)
