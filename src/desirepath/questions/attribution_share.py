"""How is the credit for conversions shared out? One walk over each journey, in whole numbers, so that sums are exact.

Every rule hands out exactly one unit of credit per path, and exactly what the conversion was worth; what rounding
leaves goes to the last touch.
"""

from __future__ import annotations

from desirepath.journeys.kernel import inlined, kernel
from desirepath.questions.attribution_walk import (
    CONVERSIONS,
    DECAY,
    FIRST,
    FULL,
    HALF,
    HOLDS,
    LAST,
    LAST_OTHER,
    LATEST,
    LEAD,
    LINEAR,
    MARK,
    MICRO,
    MOST_WORTH,
    NULLS,
    OWN,
    PARTICIPATION,
    POSITION,
    SHAPLEY,
    UNDECIDED,
    UNIT,
    UNTOUCHED,
    UNVALUED,
    WORDS,
    Array,
    Events,
    Grams,
    Laid,
    Marked,
    Marks,
    Rules,
    Shares,
    Trail,
    W,
    collect,
    lay,
    note,
    put_mark,
    write_down,
)


@kernel
def carry(money: Array, carried: Array) -> None:
    """Move what fills the lower half of each sum into its higher half."""
    for c in range(money.shape[0]):
        for rule in range(money.shape[1]):
            carried[c, rule] += money[c, rule] >> HALF
            money[c, rule] &= (1 << HALF) - 1


@kernel
def take_in(n: int, marks: Marks, trail: Trail, shares: Shares) -> None:
    """Add what a path brought its channels to the sums, and to what the journey brought them."""
    marks.serial[0] += 1
    for i in range(n):
        c = trail.channel[i]
        if marks.path[c] == marks.serial[0]:
            continue
        marks.path[c] = marks.serial[0]
        for rule in range(shares.part.shape[1]):
            part = shares.part[c, rule]
            shares.money[c, rule] += part
            shares.gain[c, rule] += part
            shares.part[c, rule] = 0


@kernel
def square(shares: Shares) -> None:
    """Add the squares of what a journey brought its channels, piece by piece, so that their order does not matter."""
    for k in range(1, shares.gained[0] + 1):
        c = shares.gained[k]
        for rule in range(shares.gain.shape[1]):
            rest = shares.gain[c, rule] * shares.gain[c, rule]
            shares.gain[c, rule] = 0.0
            for word in range(WORDS - 1, -1, -1):
                unit = 2.0 ** (HALF * word)
                if rest >= unit:
                    piece = int(rest / unit)
                    shares.squares[c, rule, word] += piece
                    rest -= piece * unit
    shares.gained[0] = 0


@kernel
def hand_over(
    whole: int, n: int, other: int, distinct: int, old: float, total: Array, events: Events, marks: Marks, trail: Trail
) -> None:
    """Share out a whole by every rule; `old` is the sum of the weights by age."""
    first, last = trail.channel[0], trail.channel[n - 1]
    if n == 1:
        for rule in range(POSITION + len(events.shapes)):
            total[first, rule] += whole
        total[first, PARTICIPATION] += whole
        return
    total[first, FIRST] += whole
    total[last, LAST] += whole
    total[trail.channel[other], LAST_OTHER] += whole
    equal, each = whole // n, whole // distinct
    marks.serial[0] += 1
    turn = marks.serial[0]
    total[last, LINEAR] += whole - equal * n
    total[last, SHAPLEY] += whole - each * distinct
    left = whole
    for i in range(n):
        c = trail.channel[i]
        total[c, LINEAR] += equal
        part = int(whole * (trail.weight[i] / old))
        total[c, DECAY] += part
        left -= part
        if marks.path[c] != turn:
            marks.path[c] = turn
            total[c, SHAPLEY] += each
            total[c, PARTICIPATION] += whole
    total[last, DECAY] += left
    for shape in range(len(events.shapes)):
        rule = POSITION + shape
        begin = int(whole * (events.shapes[shape, 2] if n == 2 else events.shapes[shape, 0]))
        end = int(whole * events.shapes[shape, 1])
        between = (whole - begin - end) // (n - 2) if n > 2 else 0
        total[first, rule] += begin
        total[last, rule] += whole - begin - between * (n - 2)
        for i in range(1, n - 1):
            total[trail.channel[i], rule] += between


@kernel
def hand_over_w(whole: int, n: int, total: Array, trail: Trail) -> None:
    """Share out by first touch, the one that brought the lead, and last; by place where there is no such touch."""
    lead = trail.state[LEAD]
    left = whole
    others = n - 1 - (n > 1) - (0 < lead < n - 1)
    for i in range(n):
        ends = (i == 0) + (i == n - 1)
        if lead >= 0:
            parts = 0.3 * (ends + (i == lead))
            share = (parts if parts > 0 else 0.1 / others) / (1.0 if others > 0 else 0.9)
        elif n <= 2:
            share = 1.0 / n
        else:
            share = 0.4 if ends else 0.2 / (n - 2)
        part = int(whole * share)
        total[trail.channel[i], W] += part
        left -= part
    total[trail.channel[n - 1], W] += left


@inlined
def last_touch(time: Array, code: Array, bits: Array, channel: Array, a: int, b: int, until: int) -> int:
    """The place of the last touch before `until`, or before `a` where there is none."""
    end = b - 1
    while end >= a and not (time[end] < until and bits[code[end]] & 2 and channel[end] > 0):
        end -= 1
    return end


@inlined
def pass_by(
    events: Events, a: int, b: int, until: int, latest: int, row: int, rules: Rules, marks: Marks, trail: Trail,
    shares: Shares, grams: Grams, laid: Laid,
) -> None:  # fmt: skip
    """Count the touches before `until` as a path that led nowhere; `latest` is the moment of the last of them."""
    every = rules.keep or rules.many > 0 or rules.sets or not rules.few
    n = collect(events, a, b, events.time[a], until, every, rules, marks, trail, shares.moves)
    if rules.keep:
        lay(n, 0, latest, 0, row, trail, laid)
        return
    note(n, latest, 0, row + 1, rules, marks, trail)
    if rules.many or rules.sets:
        write_down(n, 0, 0, row, rules, trail, grams)
    shares.moves[trail.state[LATEST], shares.moves.shape[1] - 1] += 1
    shares.counts[NULLS] += 1


@kernel
def hand_out(
    events: Events, a: int, b: int, when: int, row: int, rules: Rules, marks: Marks, trail: Trail, shares: Shares,
    grams: Grams, laid: Laid,
) -> None:  # fmt: skip
    """Share out the credit of one conversion."""
    n = collect(events, a, b, when - rules.lookback, when + 1, True, rules, marks, trail, shares.moves)
    worth = 0
    if n and len(events.worth):
        told = events.worth[b]
        if -MOST_WORTH < told < MOST_WORTH:
            worth = round(told * MICRO)
        else:
            shares.counts[UNVALUED] += 1
    if rules.keep:
        if n:
            lay(n, 1, when, worth, row, trail, laid)
        return
    shares.counts[CONVERSIONS] += 1
    if n == 0:
        shares.counts[UNTOUCHED] += 1
        return
    note(n, when, 1, row + 1, rules, marks, trail)
    if rules.many or rules.sets:
        write_down(n, 1, worth, row, rules, trail, grams)
    turn = marks.serial[0]
    other, distinct, old, last = -1, 0, 0.0, trail.channel[n - 1]
    for i in range(n):
        c = trail.channel[i]
        if events.direct[c] == 0:
            other = i
        # by the age of the youngest, so that touches that are all old have a weight
        trail.weight[i] = 1.0 if i == n - 1 else 2.0 ** ((trail.at[i] - trail.at[n - 1]) / rules.half_life)
        old += trail.weight[i]
        if marks.path[c] != turn:
            marks.path[c] = turn
            distinct += 1
            shares.paths[c] += 1
            if marks.person[c] != row + 1:
                marks.person[c] = row + 1
                shares.people[c] += 1
                shares.gained[0] += 1
                shares.gained[shares.gained[0]] = c
    shares.moves[last, shares.moves.shape[1] - 2] += 1
    if other < 0:
        other = n - 1
    hand_over(UNIT, n, other, distinct, old, shares.credit, events, marks, trail)
    if rules.lead:
        hand_over_w(UNIT, n, shares.credit, trail)
    if len(events.worth):
        if shares.handed[0] + abs(worth) > FULL:
            carry(shares.money, shares.carried)
            shares.handed[0] = 0
        shares.handed[0] += abs(worth)
        hand_over(worth, n, other, distinct, old, shares.part, events, marks, trail)
        if rules.lead:
            hand_over_w(worth, n, shares.part, trail)
        take_in(n, marks, trail, shares)


@kernel
def share_out(
    rows: Array, starts: Array, events: Events, closes: Array, rules: Rules, marks: Marks, trail: Trail, shares: Shares,
    marked: Marked, grams: Grams, laid: Laid,
) -> None:  # fmt: skip
    """Walk over journeys, to share their conversions out or to lay their paths out."""
    time, code, bits, channel = events.time, events.code, events.bits, events.channel
    for r in range(len(rows)):
        journey = rows[r]
        begin, end = starts[journey], starts[journey + 1]
        trail.state[MARK], trail.state[HOLDS], trail.state[OWN] = 1, 0, 0
        for i in range(starts[journey], end + 1):
            over = i == end
            if not (over or bits[code[i]] & 1):
                continue
            # the touches that are too old for the conversion, or all where there is none
            until, open_until = rules.end, closes[journey]
            if not over:
                if rules.begin <= time[i] < rules.end:
                    hand_out(events, begin, i, time[i], r, rules, marks, trail, shares, grams, laid)
                until, open_until = min(time[i] - rules.lookback, rules.end), rules.cutoff
            # most often the last of them says that they are not to be counted
            last = last_touch(time, code, bits, channel, begin, i, until)
            if last >= begin and time[last] >= rules.begin:
                if min(time[last] + rules.lookback, open_until) > rules.cutoff:
                    shares.counts[UNDECIDED] += 1
                else:
                    pass_by(events, begin, i, until, time[last], r, rules, marks, trail, shares, grams, laid)
            begin = i + 1
        if shares.gained[0]:
            square(shares)
        if not rules.keep and trail.state[HOLDS]:
            put_mark(r, rules.few, trail, marked)


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
