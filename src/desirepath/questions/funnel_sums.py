"""What the plainest funnel adds up to, without a row for anybody: most who ask want the numbers, not the people.

Nothing here is defined anew. Journeys are walked by `funnel_straight`; where that leaves one to the walk that weighs
all chains, a row is written for it and added up as any other. Rows of all are found once somebody looks at the people.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import JourneyBatch
from desirepath.journeys.kernel import inlined, kernel
from desirepath.journeys.scratch import scratch
from desirepath.questions.funnel_answer import FunnelTally, came_next, funnel_tally
from desirepath.questions.funnel_chains import NEVER
from desirepath.questions.funnel_find import Plan, as_findings, follow_the_left, met_by, scope_of
from desirepath.questions.funnel_rows import DROPPED, MARKS, STEP_AT, Met, Rows, Scope, name_after
from desirepath.questions.funnel_straight import LEFT, Passage, Told, leave, straight, tell
from desirepath.questions.question import Split, Summed
from desirepath.statistics import Durations

Array = npt.NDArray[Any]

MOST_CELLS = 1 << 20
"""So many numbers at most are counted by group, step and touchpoint in one block."""

WHOLE, SINCE_ENTRY = 0, 1
"""Lines of `Totals.spans`: from start to end, and from the first entry to the end; that of a step is its number."""


class Totals(NamedTuple):
    """What passages add up to, by group; see `FunnelTally`."""

    outcome: Array  # int64[groups, 4, steps + 1]: by what became of them, and steps reached
    mature: Array  # int64[groups, steps + 1]: by reach of the chains whose window had closed
    touch: Array  # int64[groups, steps + 1]: by reach of the chains from the first entry alone
    instead: Array  # int64[groups, steps + 1, names + 1]: by steps reached, and what came next, from -1
    spans: Array  # int64[steps + 1, passages]: how long it took; to step k from the one before at k
    of: Array  # uint8[steps + 1, passages]: of which group each span is; there are few
    many: Array  # int64[groups, steps + 1]: how many spans there are of each
    journey: Array  # int32[passages]: whose they are


class Looked(NamedTuple):
    """Where values lie that passages are told apart by, and what is done instead."""

    split: bool
    by_journey: bool
    group: Array  # [events]: which group a passage is of that began there, if they are told apart; or [journeys]
    look: bool
    name: Array  # [events]: the touchpoint, if anybody looks at what was done instead
    horizon: int


@inlined
def _note(line: int, group: int, span: int, places: Array, totals: Totals) -> None:
    at = places[line]
    totals.spans[line, at], totals.of[line, at] = span, group
    totals.many[group, line] += 1
    places[line] = at + 1


@inlined
def _add(
    p: int, found: Passage, told: Told, met: Met, looked: Looked, steps: int, places: Array, totals: Totals
) -> None:
    """Count a passage; `places` is int64[steps + 1]: how many spans there are in each line."""
    hits, codes, step_of, time = met.hits, met.codes, met.step_of, met.time
    entry = hits[found.first]
    group = looked.group[p if looked.by_journey else entry] if looked.split else 0
    totals.outcome[group, told.status, found.reach] += 1
    totals.touch[group, told.touch] += 1
    if told.mature > 0:
        totals.mature[group, told.mature] += 1
    instead = looked.look and told.status == DROPPED
    if found.reach < 2 and not instead:
        return
    k = found.first
    while time[hits[k]] < found.start:
        k += 1
    done, before = 1, found.start
    while done < found.reach:
        k += 1
        if step_of[codes[hits[k]]] == done:
            done += 1
            _note(done, group, time[hits[k]] - before, places, totals)
            before = time[hits[k]]
    if done == steps:
        _note(WHOLE, group, before - found.start, places, totals)
        _note(SINCE_ENTRY, group, before - time[entry], places, totals)
    if instead:
        following = name_after(met.starts[p + 1], time, looked.name, hits[k], looked.horizon)
        totals.instead[group, done, following + 1] += 1


@kernel
def _sum_straight(
    met: Met, begin: Array, scope: Scope, window: int, steps: int, looked: Looked, places: Array, totals: Totals,
    rows: Rows, left: Array,
) -> int:  # fmt: skip
    """Add up every journey that enters; return how many there are. Those of `left[0]` rows are left open.

    `begin` is int64[steps + 1] to work with, of `NEVER`; `places` is int64[steps + 1] of zeros.
    """
    many, low, hits, starts = 0, 0, met.hits, met.starts
    enter_from, enter_until = scope.enter_from, scope.enter_until
    left[0] = 0
    for p in range(len(starts) - 1):
        stop = starts[p + 1]
        if hits[low] >= stop:
            continue
        found = straight(low, stop, met, enter_from, enter_until, window, steps, begin)
        is_left = found.reach == LEFT
        if found.reach > 0:
            told = tell(p, found, met, scope, window, steps, begin)
            is_left = told.status == LEFT
            if not is_left:
                _add(p, found, told, met, looked, steps, places, totals)
                totals.journey[many] = p
                many += 1
        if is_left:
            leave(left[0], p, low, rows, left)
        low = found.following
        while hits[low] < stop:
            low += 1
    return many


@kernel
def _deal(spans: Array, of: Array, many: Array, places: Array, dealt: Array) -> None:
    """Put the spans of each line in the order of groups; `places` is int64[groups] to work with."""
    for line in range(len(spans)):
        total = 0
        for group in range(len(many)):
            places[group] = total
            total += many[group, line]
        for k in range(total):
            group = of[line, k]
            dealt[line, places[group]] = spans[line, k]
            places[group] += 1


def sum_plain(plan: Plan, journeys: JourneyBatch, split: Split | None) -> Summed | None:
    """What a plain funnel's rows would add up to, by group; None for any other funnel, or too many groups."""
    groups = 1 if split is None else split.groups
    names = len(journeys.labels["name"]) + 1 if plan.instead_top else 0
    whole = plan.plain and not (plan.hold or plan.by_session)
    if not whole or groups * (plan.steps + 1) * names > MOST_CELLS:
        return None
    met, scope, lines, look = met_by(plan, journeys), scope_of(plan, journeys), plan.steps + 1, plan.instead_top > 0
    totals, rows = _room_for_totals(len(journeys), groups, lines, names), _room_for_left(len(journeys), plan.steps)
    group, by_journey = (_NOTHING, False) if split is None else (split.codes, split.by_journey)
    name = cast("Array", journeys.columns["name"]) if look else _NOTHING
    looked = Looked(split is not None, by_journey, group, look, name, plan.instead)
    begin, left = np.full(lines, NEVER, dtype=np.int64), np.zeros(1, dtype=np.int64)
    places = np.zeros(lines, dtype=np.int64)
    entered = _sum_straight(met, begin, scope, plan.window, plan.steps, looked, places, totals, rows, left)
    tallies = _tallies(plan, totals, journeys)
    whose = totals.journey[:entered].copy()
    if not left[0]:
        return Summed(whose, tallies)
    many = follow_the_left(plan, int(left[0]), met, scope, rows)
    found = as_findings(plan, journeys, Rows(*(each[:many] for each in rows)))
    at = np.zeros(many, dtype=np.int64)
    if split is not None:
        at = split.codes[found.journey if split.by_journey else found.anchors["entry"]]
    for code in np.unique(at).tolist():
        tally = funnel_tally(plan, found.take(at == code))
        tallies[code] = tallies[code] + tally if code in tallies else tally
    return Summed(np.concatenate([whose, found.journey]), tallies)


_NOTHING = np.zeros(0, dtype=np.uint8)


def _room_for_totals(journeys: int, groups: int, lines: int, names: int) -> Totals:
    return Totals(
        outcome=np.zeros((groups, 4, lines), dtype=np.int64),
        mature=np.zeros((groups, lines), dtype=np.int64),
        touch=np.zeros((groups, lines), dtype=np.int64),
        instead=np.zeros((groups, lines, names), dtype=np.int64),
        spans=scratch("spans", lines * journeys, np.int64).reshape(lines, journeys),
        of=scratch("group of span", lines * journeys, np.uint8).reshape(lines, journeys),
        many=np.zeros((groups, lines), dtype=np.int64),
        journey=scratch("journey", journeys, np.int32),
    )


def _room_for_left(journeys: int, steps: int) -> Rows:
    return Rows(
        marks=scratch("marks", journeys * MARKS, np.int8).reshape(journeys, MARKS),
        places=scratch("places", journeys * (STEP_AT + steps), np.int32).reshape(journeys, STEP_AT + steps),
        times=scratch("times", journeys * steps, np.int64).reshape(journeys, steps),
        entered=scratch("entered", journeys, np.int64),
        optional=scratch("optional", journeys, np.int64),
        mature_optional=scratch("mature optional", journeys, np.int64),
    )


def _tallies(plan: Plan, totals: Totals, journeys: JourneyBatch) -> dict[int, FunnelTally]:
    """The sum of each group that has any; of everybody under 0 where nobody is told apart."""
    many, spans = totals.many, totals.spans
    groups, lines = many.shape
    if groups > 1:
        dealt = scratch("dealt spans", spans.size, np.int64).reshape(spans.shape)
        _deal(spans, totals.of, many, np.zeros(groups, dtype=np.int64), dealt)
        spans = dealt
    ends = np.cumsum(many, axis=0)
    nothing, labels, tallies = np.zeros(plan.steps, dtype=np.int64), journeys.labels["name"], {}
    flags = np.zeros(3, dtype=np.int64)
    for group in np.flatnonzero(totals.outcome.any(axis=(1, 2))).tolist() or [0]:
        to, since = ends[group].tolist(), (ends[group] - many[group]).tolist()
        whole, since_entry, *gaps = (Durations(spans[line, since[line] : to[line]]) for line in range(lines))
        told = totals.instead[group, 1 : plan.goal]
        instead = tuple(came_next(each, labels) for each in told) if plan.instead_top else ()
        outcome, mature, touch = totals.outcome[group], totals.mature[group], totals.touch[group]
        counts = (outcome, nothing, mature, nothing, touch, flags)
        tallies[group] = FunnelTally(*counts, tuple(gaps), whole, since_entry, instead)
    return tallies


__all__ = ["sum_plain"]
