"""How is the credit for conversions shared out? One walk over each journey, in whole numbers, so that sums are exact.

A path is the touches since the conversion before, no older than the lookback. Every rule hands out exactly one unit of
credit per path; what rounding leaves goes to the last touch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]

MODELS = ("first", "last", "last_other", "linear", "position", "decay")
FIRST, LAST, LAST_OTHER, LINEAR, POSITION, DECAY = range(6)

UNIT = 1 << 30
"""One conversion's credit; two thousand million conversions fit."""

CONVERSIONS, UNTOUCHED, NULLS, UNDECIDED = range(4)
"""Places in `Shares.counts`: conversions inside the period, those of them without a touch, paths that led nowhere,
paths that may still lead somewhere."""


class Rules(NamedTuple):
    """What counts; moments and lengths in microseconds."""

    lookback: int
    apart: int
    half_life: int
    begin: int  # of the period
    end: int
    cutoff: int


class Marks(NamedTuple):
    """Working memory per channel: when it was last touched and in which pass, and for what it was counted already."""

    seen: Array
    turn: Array
    path: Array
    person: Array
    serial: Array  # int64[1]: numbers the passes


class Shares(NamedTuple):
    """What is added up; channels are numbered from 1, 0 is no channel."""

    credit: Array  # int64[models, channels + 1]
    paths: Array  # int64[channels + 1] converting paths that touch it
    people: Array  # int64[channels + 1] journeys with such a path
    moves: Array  # int64[channels + 1, channels + 3]: from start (0) or a channel to a channel, CONVERTED, NULL
    counts: Array  # int64[4]


@kernel
def is_new(marks: Marks, turn: int, channel: int, moment: int, apart: int) -> bool:
    """Whether this is a touch of its own, and not the same visit going on; remembers it."""
    fresh = bool(marks.turn[channel] != turn or moment - marks.seen[channel] > apart)
    marks.turn[channel] = turn
    marks.seen[channel] = moment
    return fresh


@kernel
def pass_by(
    time: Array, channel: Array, touch: Array, code: Array, a: int, b: int, until: int, rules: Rules, marks: Marks,
    shares: Shares, open_until: int,
) -> None:  # fmt: skip
    """Count the touches before `until` as a path that led nowhere, or that still may, if the last is in the period."""
    latest = rules.begin - 1
    for i in range(a, b):
        if touch[code[i]] & 2 and channel[i] > 0 and time[i] < until:
            latest = time[i]
    if latest < rules.begin:
        return
    if min(latest + rules.lookback, open_until) > rules.cutoff:
        shares.counts[UNDECIDED] += 1
        return
    marks.serial[0] += 1
    before = 0
    for i in range(a, b):
        c = channel[i]
        if touch[code[i]] & 2 and c > 0 and time[i] < until:
            if is_new(marks, marks.serial[0], c, time[i], rules.apart):
                shares.moves[before, c] += 1
                before = c
    shares.moves[before, shares.moves.shape[1] - 1] += 1
    shares.counts[NULLS] += 1


@kernel
def hand_out(
    time: Array, channel: Array, touch: Array, code: Array, direct: Array, a: int, b: int, when: int, journey: int,
    rules: Rules, marks: Marks, shares: Shares,
) -> None:  # fmt: skip
    """Share out the credit of one conversion."""
    oldest = when - rules.lookback
    touches, others, weights = 0, 0, 0.0
    marks.serial[0] += 1
    for i in range(a, b):
        c = channel[i]
        if touch[code[i]] & 2 and c > 0 and time[i] >= oldest:
            if is_new(marks, marks.serial[0], c, time[i], rules.apart):
                touches += 1
                others += direct[c] == 0
                weights += 2.0 ** (-(when - time[i]) / rules.half_life)
    shares.counts[CONVERSIONS] += 1
    if touches == 0:
        shares.counts[UNTOUCHED] += 1
        return
    marks.serial[0] += 1
    turn = marks.serial[0]
    ends = UNIT if touches == 1 else UNIT // 2 if touches == 2 else UNIT * 2 // 5
    between = (UNIT - 2 * ends) // (touches - 2) if touches > 2 else 0
    before, k, other, by_position, by_decay = 0, 0, 0, 0, 0
    for i in range(a, b):
        c = channel[i]
        if not (touch[code[i]] & 2 and c > 0 and time[i] >= oldest):
            continue
        if not is_new(marks, turn, c, time[i], rules.apart):
            continue
        k += 1
        other += direct[c] == 0
        is_last = k == touches
        if k == 1:
            shares.credit[FIRST, c] += UNIT
        if is_last:
            shares.credit[LAST, c] += UNIT
        if (others == 0 and is_last) or (others > 0 and direct[c] == 0 and other == others):
            shares.credit[LAST_OTHER, c] += UNIT
        equal = UNIT // touches
        shares.credit[LINEAR, c] += UNIT - equal * (touches - 1) if is_last else equal
        placed = ends if k == 1 else between
        shares.credit[POSITION, c] += UNIT - by_position if is_last else placed
        by_position += placed
        part = int(UNIT * (2.0 ** (-(when - time[i]) / rules.half_life) / weights))
        shares.credit[DECAY, c] += UNIT - by_decay if is_last else part
        by_decay += part
        shares.moves[before, c] += 1
        before = c
        if marks.path[c] != turn:
            marks.path[c] = turn
            shares.paths[c] += 1
        if marks.person[c] != journey:
            marks.person[c] = journey
            shares.people[c] += 1
    shares.moves[before, shares.moves.shape[1] - 2] += 1


@kernel
def share_out(
    rows: Array, starts: Array, time: Array, channel: Array, touch: Array, code: Array, direct: Array, closes: Array,
    rules: Rules, marks: Marks, shares: Shares,
) -> None:  # fmt: skip
    """Walk over journeys; `touch` has bit 0 where an event is the goal and bit 1 where it is a touch."""
    for r in range(len(rows)):
        journey = rows[r]
        begin, end = starts[journey], starts[journey + 1]
        for i in range(starts[journey], end):
            if touch[code[i]] & 1:
                when = time[i]
                if rules.begin <= when < rules.end:
                    hand_out(time, channel, touch, code, direct, begin, i, when, journey + 1, rules, marks, shares)
                older = min(when - rules.lookback, rules.end)
                pass_by(time, channel, touch, code, begin, i, older, rules, marks, shares, rules.cutoff)
                begin = i + 1
        if begin < end:
            pass_by(time, channel, touch, code, begin, end, rules.end, rules, marks, shares, closes[journey])


@kernel
def took_part(
    starts: Array, time: Array, channel: Array, touch: Array, code: Array, wanted: int, rules: Rules, fits: Array
) -> None:
    """Say per journey whether a channel is part of a converting path; for channel 0, whether it converts at all."""
    for journey in range(len(starts) - 1):
        latest = rules.begin - rules.lookback - 1
        for i in range(starts[journey], starts[journey + 1]):
            if touch[code[i]] & 1:
                if rules.begin <= time[i] < rules.end and (wanted == 0 or time[i] - latest <= rules.lookback):
                    fits[journey] = True
                    break
                latest = rules.begin - rules.lookback - 1
            elif touch[code[i]] & 2 and channel[i] == wanted and wanted > 0:
                latest = time[i]
