"""What is a path, and which journeys are kept? The touches of a path go into a trail, and leave a mark on the journey.

A path is the touches since the conversion before, no older than the lookback. The mark of a journey is made of what
happened in it and how long before the end of the data, never of a name or a place in a batch: the journeys with the
lowest marks are the same ones however people are split, and as good as drawn at random.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel

Array = npt.NDArray[Any]

MODELS = (
    "first", "last", "last_other", "linear", "decay", "shapley", "position", "j", "inverse_j", "custom", "w",
    "participation",
)  # fmt: skip
FIRST, LAST, LAST_OTHER, LINEAR, DECAY, SHAPLEY, POSITION, J, INVERSE_J, CUSTOM, W, PARTICIPATION = range(12)

SHAPED = 4
"""So many rules from `POSITION` on know only the first touch, the last, and those between."""

UNIT = 1 << 30
"""One conversion's credit; two thousand million conversions fit."""

MICRO = 1_000_000
"""What conversions are worth is counted in millionths."""

MOST_WORTH = 1e12
"""A conversion that is worth so much or more, either way, counts as one without a value."""

HALF = 32
"""Sums of millionths are written as two numbers, of which the lower has so many bits."""

WORDS = 4
"""Squares of millionths are summed in so many numbers of `HALF` bits each, the lowest first."""

FULL = 1 << 61
"""Before so much was handed out, either way, sums are carried into their higher numbers; no sum can leave 63 bits."""

CONVERSIONS, UNTOUCHED, NULLS, UNDECIDED, UNVALUED = range(5)
"""Places in `Shares.counts`: conversions inside the period, those of them without a touch, paths that led nowhere,
paths that may still lead somewhere, and credited conversions without a value."""

LOWEST = 128
"""So many journeys are kept of each channel, those with the lowest marks; all, where there are no more."""

UNMARKED = 1 << 31
"""Above every mark."""

FEW = 32
"""Up to so many channels are noted as bits of a whole number; more one by one."""

_PRIME, _ONE, _TWO = (1 << 31) - 1, 368_217_611, 204_813_139


class Rules(NamedTuple):
    """What counts; moments and lengths in microseconds."""

    lookback: int
    apart: int
    half_life: int
    begin: int  # of the period
    end: int
    cutoff: int
    base: int  # grams are written in this base, and
    many: int  # a state is a gram modulo this; 0 where none are wanted
    lead: bool  # whether the rule `w` is wanted
    few: bool  # whether channels fit into the bits of a whole number
    sets: bool  # whether the set of channels of each path is wanted
    keep: bool  # whether paths are laid out, and not shared out


class Events(NamedTuple):
    """The events of a batch; `bits` has bit 0 where one is the goal, bit 1 a touch, bit 2 where it brings a lead."""

    time: Array
    channel: Array
    code: Array
    bits: Array
    worth: Array  # float64[events], or nothing
    direct: Array  # int8[channels + 1]
    shapes: Array  # float64[SHAPED, 3]: shares of the first touch, of the last, and of the first where there are two


class Marks(NamedTuple):
    """Working memory per channel: when it was last touched and in which pass, and for what it was counted already."""

    seen: Array
    turn: Array
    path: Array
    person: Array
    walked: Array
    serial: Array  # int64[1]: numbers the passes


class Trail(NamedTuple):
    """The touches of one path, and of a whole journey what they say about it."""

    channel: Array
    at: Array
    weight: Array
    own: Array  # the channels of the journey, each once
    state: Array  # int64[5]: see the names below


LEAD, MARK, LATEST, HOLDS, OWN = range(5)


class Shares(NamedTuple):
    """What is added up; channels are numbered from 1, 0 is no channel."""

    credit: Array  # int64[channels + 1, models]
    money: Array  # int64[channels + 1, models], or nothing: what was not carried yet
    carried: Array  # int64[channels + 1, models], or nothing: in units of 1 << HALF
    handed: Array  # int64[1]: how much was handed out since, either way
    part: Array  # like money: of the path at hand
    gain: Array  # float64, like money: of the journey at hand
    gained: Array  # int64[channels + 2]: how many channels have a gain in the journey at hand, and which
    squares: Array  # int64[channels + 1, models, WORDS], or nothing: sums of squares of gains
    paths: Array  # int64[channels + 1] converting paths that touch it
    people: Array  # int64[channels + 1] journeys with such a path
    moves: Array  # int64[channels + 1, channels + 3]: from start (0) or a channel to a channel, CONVERTED, NULL
    counts: Array  # int64[5]


class Marked(NamedTuple):
    """Marks of journeys, by which some are chosen for the intervals: numbers that look as if drawn at random."""

    marks: Array  # int64[rows]; UNMARKED where there is no closed path
    holds: Array  # int64[rows]: bit c % FEW set for each of its channels
    lowest: Array  # int64[channels + 1, LOWEST + 1], ascending: the lowest marks of journeys that touch it


class Grams(NamedTuple):
    """What is written down one by one, where it is wanted."""

    gram: Array
    gram_row: Array
    gram_worth: Array
    bit: Array  # int64[channels + 1]: where each channel stands in a set
    sets: Array
    used: Array  # int64[2]


class Laid(NamedTuple):
    """Paths laid out."""

    touch: Array
    age: Array
    row: Array
    until: Array  # where its touches end
    converts: Array
    worth: Array
    lead: Array
    key: Array  # int64[rows]: made of all there is in a journey
    used: Array  # int64[2]: touches, paths


@inlined
def is_new(marks: Marks, turn: int, channel: int, moment: int, apart: int) -> bool:
    """Whether this is a touch of its own, and not the same visit going on; remembers it."""
    fresh = bool(marks.turn[channel] != turn or moment - marks.seen[channel] > apart)
    marks.turn[channel] = turn
    marks.seen[channel] = moment
    return fresh


@inlined
def collect(
    events: Events, a: int, b: int, oldest: int, until: int, every: bool, rules: Rules, marks: Marks, trail: Trail,
    moves: Array,
) -> int:  # fmt: skip
    """Put the touches from `oldest` on and before `until` into the trail, or the first alone, and count the moves."""
    marks.serial[0] += 1
    turn, n, lead, before, holds = marks.serial[0], 0, -1, 0, 0
    for i in range(a, b):
        moment = events.time[i]
        if moment >= until:
            break
        bits = events.bits[events.code[i]]
        if moment < oldest or not bits & 6:
            continue
        c = events.channel[i]
        if bits & 2 and c > 0 and (rules.apart < 0 or is_new(marks, turn, c, moment, rules.apart)):
            if every or n == 0:
                trail.channel[n] = c
                trail.at[n] = moment
            moves[before, c] += 1
            before = c
            holds |= 1 << ((int(c) - 1) & (FEW - 1))
            n += 1
        if bits & 4 and lead < 0 and n > 0:
            lead = n - 1
    trail.state[LEAD] = lead
    trail.state[LATEST] = before
    trail.state[HOLDS] |= holds
    return n


@inlined
def folded(number: int) -> int:
    """A number of up to 62 bits, to no more than 32, the same modulo 2^31 - 1."""
    return (number & _PRIME) + (number >> 31)


@inlined
def note(n: int, end: int, converts: int, journey: int, rules: Rules, marks: Marks, trail: Trail) -> None:
    """Take a closed path into the mark of its journey: when it began and ended, and how; and its channels."""
    one = folded(trail.state[MARK] * _ONE + folded(rules.cutoff - end) + 2 * n + converts)
    trail.state[MARK] = folded(one * _TWO + folded(rules.cutoff - trail.at[0]) + (trail.channel[0] << 8))
    if rules.few:
        return
    for i in range(n):
        c = trail.channel[i]
        if marks.walked[c] != journey:
            marks.walked[c] = journey
            trail.own[trail.state[OWN]] = c
            trail.state[OWN] += 1


@inlined
def put_among(mark: int, line: Array) -> None:
    """Put a mark among the lowest, each of which is there once."""
    low, high = 0, LOWEST
    while low < high:
        middle = (low + high) // 2
        if line[middle] < mark:
            low = middle + 1
        else:
            high = middle
    if line[low] == mark:
        return
    for j in range(LOWEST, low, -1):
        line[j] = line[j - 1]
    line[low] = mark


@kernel
def put_mark(row: int, few: bool, trail: Trail, marked: Marked) -> None:
    """Finish the mark of a journey, and put it among the lowest of each of its channels."""
    mark = trail.state[MARK]
    for _ in range(3):
        mark = folded(mark * _ONE + (mark >> 13)) ^ (mark & 0x5BD1)
    mark = folded(folded(mark)) % _PRIME
    marked.marks[row] = mark
    marked.holds[row] = trail.state[HOLDS]
    if few:
        rest, c = trail.state[HOLDS], 1
        while rest:
            if rest & 1 and mark < marked.lowest[c, LOWEST]:
                put_among(mark, marked.lowest[c])
            rest >>= 1
            c += 1
        return
    for k in range(trail.state[OWN]):
        if mark < marked.lowest[trail.own[k], LOWEST]:
            put_among(mark, marked.lowest[trail.own[k]])


@kernel
def lay(n: int, converts: int, when: int, worth: int, row: int, trail: Trail, laid: Laid) -> None:
    """Lay a path out."""
    k, p, key = laid.used[0], laid.used[1], laid.key[row]
    for i in range(n):
        laid.touch[k + i] = trail.channel[i]
        laid.age[k + i] = when - trail.at[i]
        key = folded(key * _TWO + folded(laid.age[k + i]) + (trail.channel[i] << 8))
    key = folded(key * _ONE + folded(worth) + 2 * trail.state[LEAD] + converts + 2)
    laid.key[row] = folded(key) % _PRIME
    laid.row[p], laid.until[p], laid.converts[p] = row, k + n, converts
    laid.worth[p], laid.lead[p] = worth, trail.state[LEAD]
    laid.used[0], laid.used[1] = k + n, p + 1


@kernel
def write_down(n: int, converts: int, worth: int, row: int, rules: Rules, trail: Trail, grams: Grams) -> None:
    """Write down the grams of a path, and the set of its channels."""
    if rules.many:
        k, state = grams.used[0], 0
        for i in range(n + 1):
            after = trail.channel[i] if i < n else rules.base - 1 - converts
            grams.gram[k] = state * rules.base + after
            grams.gram_row[k] = row
            grams.gram_worth[k] = worth if i == n else 0
            state = (state * rules.base + after) % rules.many
            k += 1
        grams.used[0] = k
    if rules.sets:
        found = 0
        for i in range(n):
            found |= 1 << grams.bit[trail.channel[i]]
        grams.sets[grams.used[1]] = found * 2 + converts
        grams.used[1] += 1


@kernel
def choose(marks: Array, holds: Array, most: Array, top: int, chosen: Array) -> None:
    """Say which journeys have a low enough mark for one of their channels; `most[b]` is for those with bit b."""
    for row in range(len(marks)):
        if marks[row] > top:
            continue
        rest, b = holds[row], 0
        while rest:
            if rest & 1 and marks[row] <= most[b]:
                chosen[row] = 1
                break
            rest >>= 1
            b += 1
