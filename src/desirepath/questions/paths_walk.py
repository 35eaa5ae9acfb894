"""Which way did somebody take? One walk over each journey, which packs what was touched into a few whole numbers.

Touchpoint t is the digit t + 1, the first one in the highest place, and 0 where the path is over; `per_word` digits to
the base of all touchpoints go into one number. So paths sort as they read, and a prefix is a range.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel
from desirepath.journeys.scratch import room_for

Array = npt.NDArray[Any]

CONVERTED, LEFT, UNDECIDED = range(3)
OUTCOMES = ("converted", "left", "undecided")
NEVER = -1

NOT_RATED, RATED_NO, RATED_YES = range(3)
"""What a path is to rates. They are of journeys whose first start had its window closed when the data ends, and of what
those starts came to: who began lately is in none, however that came out, and a later start changes nothing."""

SURE, RATED = 3, 4
"""Places in counts behind those of the outcomes: how many a rate says have converted, and how many it is of."""

COUNTS = 5


class Rules(NamedTuple):
    """What makes a path; moments and lengths in microseconds."""

    window: int
    first: bool  # only the first start counts
    to_goal: bool  # whether there is an end to reach
    collapse: bool
    length: int
    per_word: int
    base: int
    begin: int  # starts count from here
    end: int  # until before here
    cutoff: int


class Rows(NamedTuple):
    """The result, one entry a row."""

    journey: Array  # int32
    place: Array  # int32: the start
    words: Array  # int64[rows, words]
    steps: Array  # int16: how many touchpoints are told
    more: Array  # int8: whether there were more
    outcome: Array  # int8
    rated: Array  # int8: what it is to rates
    took: Array  # int64: from the start to the end, or -1


def room_for_rows(capacity: int, words: int) -> Rows:
    """Rows to be filled in: at most `capacity`, of paths that take so many words."""
    return room_for(
        Rows, capacity, journey=np.int32, place=np.int32, words=(np.int64, words), steps=np.int16, more=np.int8,
        outcome=np.int8, rated=np.int8, took=np.int64,
    )  # fmt: skip


@kernel
def tell(
    time: Array, codes: Array, shown: Array, digits: Array, begin: int, stop: int, until: int, skip: int,
    rules: Rules, rows: Rows, row: int,
) -> None:  # fmt: skip
    """Pack the touchpoints from `begin` until before `stop` and up to a moment; `skip` is the place of the end."""
    steps, before, word, inside, value = 0, -1, 0, 0, 0
    rows.more[row] = 0
    for i in range(begin, stop):
        if time[i] > until:
            break
        here = shown[codes[i]]
        if here < 0 or i == skip or (rules.collapse and here == before):
            continue
        if steps == rules.length:
            rows.more[row] = 1
            break
        before = here
        value = value * rules.base + digits[here]
        inside += 1
        steps += 1
        if inside == rules.per_word:
            rows.words[row, word] = value
            word += 1
            inside, value = 0, 0
    while word < rows.words.shape[1]:
        while inside < rules.per_word:
            value *= rules.base
            inside += 1
        rows.words[row, word] = value
        word += 1
        inside, value = 0, 0
    rows.steps[row] = steps


@kernel
def find_start(
    starts: Array, time: Array, match: Array, bits: Array, rules: Rules, end: int, p: int, found: Array
) -> None:  # fmt: skip
    """Write the places of a journey's start, before `end`, and of its end to `found`; -1 where there is none.

    The earliest end within the window of a start, and the latest such start; else the latest start of all (the first,
    if only that counts). Events of one instant may be taken in either order, but each once.
    """
    start, goal, i, stop = NEVER, NEVER, starts[p], starts[p + 1]
    while i < stop and goal == NEVER:
        moment, j = time[i], i
        inside = rules.begin <= moment < end
        one, next_one, two, ending, other = NEVER, NEVER, NEVER, NEVER, NEVER
        while j < stop and time[j] == moment:
            fits = bits[match[j]]
            if fits & 1 and inside:
                if one == NEVER:
                    one = j
                elif next_one == NEVER:
                    next_one = j
                two = j
            if fits & 2:
                if ending == NEVER:
                    ending = j
                elif other == NEVER:
                    other = j
            j += 1
        may_start = one != NEVER and not (rules.first and start != NEVER)
        if rules.to_goal and ending != NEVER:
            here, there = one if rules.first else two, ending
            if here == there:
                if other != NEVER:
                    there = other
                else:
                    here = next_one if rules.first and next_one != NEVER else one
            if may_start and here != there:
                start, goal = here, there
            elif start != NEVER and moment - time[start] <= rules.window:
                goal = ending
        if goal == NEVER and may_start:
            start = one if rules.first else two
        i = j
        if rules.first and start != NEVER and goal == NEVER:
            if not rules.to_goal or (i < stop and time[i] - time[start] > rules.window):
                break
    found[0], found[1] = start, goal


@inlined
def rated_if(closed: bool, goal: int, rules: Rules) -> int:
    """What a journey with one start is to rates, whose window has closed or not."""
    if not (rules.to_goal and closed):
        return NOT_RATED
    return RATED_YES if goal != NEVER else RATED_NO


@kernel
def rated_at(
    starts: Array, time: Array, match: Array, bits: Array, shut: int, rules: Rules, p: int, found: Array
) -> int:  # fmt: skip
    """What a journey is to rates, whose start and end are `found`; `shut` is when nothing can come any more."""
    start, goal = found[0], found[1]
    settled = rules.cutoff - rules.window
    if not rules.to_goal or shut <= rules.cutoff or time[start] <= settled:
        return rated_if(True, goal, rules)
    first = starts[p]
    while not (bits[match[first]] & 1 and rules.begin <= time[first] < rules.end):
        first += 1
    if time[first] > settled:
        return NOT_RATED
    if goal == NEVER:
        return RATED_NO
    find_start(starts, time, match, bits, rules, settled + 1, p, found)
    return rated_if(True, found[1], rules)


@kernel
def take_paths(
    starts: Array, time: Array, codes: Array, shown: Array, digits: Array, match: Array, bits: Array, closes: Array,
    shut: Array, rules: Rules, found: Array, rows: Rows,
) -> int:  # fmt: skip
    """One row per journey that starts in the period, see `find_start`; return how many."""
    row = 0
    for p in range(len(starts) - 1):
        find_start(starts, time, match, bits, rules, rules.end, p, found)
        start, goal = found[0], found[1]
        if start == NEVER:
            continue
        rows.journey[row] = p
        rows.place[row] = start
        over = time[start] + rules.window
        if goal != NEVER:
            rows.outcome[row] = CONVERTED
            rows.took[row] = time[goal] - time[start]
            stop = goal if goal > start else start + 1
            tell(time, codes, shown, digits, start, stop, time[goal], goal, rules, rows, row)
        else:
            rows.took[row] = NEVER
            tell(time, codes, shown, digits, start, starts[p + 1], over, NEVER, rules, rows, row)
            full = not rules.to_goal and rows.steps[row] == rules.length
            rows.outcome[row] = LEFT if full or min(over, closes[p]) <= rules.cutoff else UNDECIDED
        rows.rated[row] = rated_at(starts, time, match, bits, shut[p], rules, p, found)
        row += 1
    return row


@kernel
def take_from_first(
    starts: Array, time: Array, codes: Array, shown: Array, digits: Array, match: Array, bits: Array, closes: Array,
    shut: Array, rules: Rules, rows: Rows,
) -> int:  # fmt: skip
    """The same where every event is a start and only the first counts, in one go."""
    row, words = 0, rows.words.shape[1]
    for p in range(len(starts) - 1):
        start, stop = starts[p], starts[p + 1]
        while start < stop and time[start] < rules.begin:
            start += 1
        if start == stop or time[start] >= rules.end:
            continue
        over = time[start] + rules.window
        steps, before, word, inside, value, more, goal = 0, -1, 0, 0, 0, 0, NEVER
        for i in range(start, stop):
            if time[i] > over:
                break
            if rules.to_goal and i > start and bits[match[i]] & 2:
                goal = i
                break
            here = shown[codes[i]]
            if here < 0 or (rules.collapse and here == before):
                continue
            if steps == rules.length:
                more = 1
                if not rules.to_goal:
                    break
                continue
            before = here
            value = value * rules.base + digits[here]
            inside += 1
            steps += 1
            if inside == rules.per_word:
                rows.words[row, word] = value
                word += 1
                inside, value = 0, 0
        while word < words:
            while inside < rules.per_word:
                value *= rules.base
                inside += 1
            rows.words[row, word] = value
            word += 1
            inside, value = 0, 0
        rows.journey[row] = p
        rows.place[row] = start
        rows.steps[row] = steps
        rows.more[row] = more
        full = not rules.to_goal and steps == rules.length
        rows.took[row] = time[goal] - time[start] if goal != NEVER else NEVER
        decided = full or min(over, closes[p]) <= rules.cutoff
        rows.outcome[row] = CONVERTED if goal != NEVER else LEFT if decided else UNDECIDED
        rows.rated[row] = rated_if(min(over, shut[p]) <= rules.cutoff, goal, rules)
        row += 1
    return row


@kernel
def around(
    starts: Array, time: Array, codes: Array, shown: Array, digits: Array, match: Array, bits: Array, closes: Array,
    side: int, rules: Rules, rows: Rows,
) -> int:  # fmt: skip
    """One row per journey with an anchor in the period: `side` touchpoints before the first one, and as many after."""
    row = 0
    for p in range(len(starts) - 1):
        low, high, anchor = starts[p], starts[p + 1], NEVER
        for i in range(low, high):
            if bits[match[i]] & 1 and rules.begin <= time[i] < rules.end:
                anchor = i
                break
        if anchor == NEVER:
            continue
        begin, count, i, more = anchor, 0, anchor - 1, 0
        before = shown[codes[anchor]]
        while i >= low and time[anchor] - time[i] <= rules.window:
            here = shown[codes[i]]
            if here >= 0 and not (rules.collapse and here == before):
                if count == side:
                    more = 1
                    break
                count += 1
                before = here
            if here >= 0:
                begin = i
            i -= 1
        stop, count, i = anchor + 1, 0, anchor + 1
        before = shown[codes[anchor]]
        while i < high and time[i] - time[anchor] <= rules.window:
            here = shown[codes[i]]
            if here >= 0 and not (rules.collapse and here == before):
                if count == side:
                    more = 1
                    break
                count += 1
                before = here
            i += 1
            stop = i
        over = time[anchor] + rules.window
        rows.journey[row] = p
        rows.place[row] = anchor
        rows.took[row] = NEVER
        tell(time, codes, shown, digits, begin, stop, over, NEVER, rules, rows, row)
        rows.more[row] = more
        rows.outcome[row] = LEFT if count == side or min(over, closes[p]) <= rules.cutoff else UNDECIDED
        rows.rated[row] = NOT_RATED
        row += 1
    return row


@kernel
def lead_to(
    starts: Array, time: Array, codes: Array, shown: Array, digits: Array, match: Array, bits: Array, rules: Rules,
    rows: Rows,
) -> int:  # fmt: skip
    """One row per journey with an end in the period: what came before the first one, the last `length` touchpoints."""
    row = 0
    for p in range(len(starts) - 1):
        goal = NEVER
        for i in range(starts[p], starts[p + 1]):
            if bits[match[i]] & 2 and rules.begin <= time[i] < rules.end:
                goal = i
                break
        if goal == NEVER:
            continue
        count, begin, i = 0, goal, goal - 1
        before = -1
        while i >= starts[p] and time[goal] - time[i] <= rules.window and count <= rules.length:
            here = shown[codes[i]]
            if here >= 0 and not (rules.collapse and here == before):
                if count < rules.length:
                    begin = i
                count += 1
                before = here
            elif here >= 0 and count <= rules.length and count > 0 and here == before:
                begin = i
            i -= 1
        rows.journey[row] = p
        rows.place[row] = goal
        rows.outcome[row] = CONVERTED
        rows.rated[row] = NOT_RATED
        rows.took[row] = time[goal] - time[begin]
        tell(time, codes, shown, digits, begin, goal, time[goal], goal, rules, rows, row)
        rows.more[row] = count > rules.length
        row += 1
    return row
