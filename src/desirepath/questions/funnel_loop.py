"""Run the walk over every journey of a batch, under each policy of entry.

`any` lets a chain start at every entry, `first` at the journey's first entry alone, `each` takes one attempt
after another. A row of the result is a journey that entered, or for `each` an attempt.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel
from desirepath.questions.funnel_chains import (
    BEST_AT,
    BEST_TIED,
    END,
    EXCLUDED,
    KILLED,
    MASK,
    OPTIONAL,
    POSITION,
    REACH,
    TIME,
    Memory,
    Rules,
)
from desirepath.questions.funnel_greedy import greedy
from desirepath.questions.funnel_machine import FOREVER, Machine
from desirepath.questions.funnel_rows import (
    DONE,
    DROPPED,
    EACH,
    ENTRY,
    FIRST,
    JOURNEY,
    MARKS,
    MATURE,
    REACHED,
    SHUT,
    SHUT_OUT,
    STATUS,
    STEP_AT,
    TIED_STEPS,
    TOUCH,
    UNDECIDED,
    Met,
    Rows,
    Scope,
    settled,
)
from desirepath.questions.funnel_straight import LEFT
from desirepath.questions.funnel_walk import walk

Array = npt.NDArray[Any]


class Tools(NamedTuple):
    """What the walk that weighs all chains goes by, and works with."""

    events: Array  # int64[most of one journey, 3]: its matching events
    machine: Machine
    rules: Rules
    memory: Memory


@inlined
def _load(low: int, high: int, met: Met, scope: Scope, rules: Rules, events: Array) -> tuple[int, int]:
    """Copy a journey's matching events from its first entry on; return how many, and the last entry's place.

    An event that may do several steps is copied once for each of them; and what lies within the grace before the
    entry is copied too.
    """
    hits, time, codes, bits, steps = met.hits, met.time, met.codes, met.bits, rules.steps
    first = low
    while first < high:
        i = hits[first]
        if bits[codes[i]] & scope.entry_bits and scope.enter_from <= time[i] <= scope.enter_until:
            break
        first += 1
    if first == high:
        return 0, -1
    entered = time[hits[first]] - rules.grace
    while first > low and time[hits[first - 1]] >= entered:
        first -= 1  # events of the entry's instant may stand after it
    count, last_entry, instant = 0, -1, 0
    for k in range(first, high):
        i = hits[k]
        mask, moment = bits[codes[i]], time[i]
        if count > 0 and events[count - 1, TIME] != moment:
            instant = count
        if count - instant > 64 and _enough(events, instant, count, mask, steps):
            continue
        copies = 1
        if not rules.distinct:
            copies = max(_steps_in(mask, steps), 1)
        for _ in range(copies):
            events[count, TIME] = moment
            events[count, MASK] = mask
            events[count, POSITION] = i
            if mask & scope.entry_bits and scope.enter_from <= moment <= scope.enter_until:
                last_entry = count
            count += 1
    return count, last_entry


@kernel
def _steps_in(mask: int, steps: int) -> int:
    """How many steps an event matches."""
    found = 0
    for step in range(steps):
        found += (mask >> step) & 1
    return found


@kernel
def _enough(events: Array, instant: int, count: int, mask: int, steps: int) -> bool:
    """Whether the instant holds more copies of the mask than there are steps; further ones cannot matter."""
    same = 0
    for k in range(instant, count):
        same += events[k, MASK] == mask
    return same > steps


@inlined
def _write(row: int, p: int, ended: int, met: Met, scope: Scope, rules: Rules, best: Array, rows: Rows) -> None:
    time, marks, places = met.time, rows.marks, rows.places
    places[row, JOURNEY] = p
    for step in range(rules.steps):
        i = best[BEST_AT + step]
        places[row, STEP_AT + step] = i
        rows.times[row, step] = time[i] if i >= 0 else FOREVER
    rows.optional[row] = best[OPTIONAL]
    marks[row, REACHED] = best[REACH]
    marks[row, TIED_STEPS] = best[BEST_TIED]
    marks[row, SHUT] = 1 if ended & EXCLUDED else 0
    if best[REACH] == rules.goal:
        marks[row, STATUS] = DONE
    elif scope.drop_excluded and ended & EXCLUDED:
        marks[row, STATUS] = SHUT_OUT
    elif not ended & KILLED and min(best[END], met.closes[p]) > scope.cutoff:
        marks[row, STATUS] = UNDECIDED
    else:
        marks[row, STATUS] = DROPPED


@inlined
def _first_entry(events: Array, scope: Scope) -> int:
    """Place of the first entry: not always 0, as others of its instant may stand before it."""
    i = 0
    while not (events[i, MASK] & scope.entry_bits and events[i, TIME] >= scope.enter_from):
        i += 1
    return i


@inlined
def _once(count: int, last: int, row: int, p: int, met: Met, scope: Scope, tools: Tools, rows: Rows) -> None:
    """One row for the journey: the best of its chains, with the first-touch and the mature reach beside it."""
    events, machine, rules, memory = tools
    first = _first_entry(events, scope)
    first_time, last_time = events[first, TIME], events[last, TIME]
    rows.places[row, ENTRY] = events[first, POSITION]
    rows.entered[row] = first_time
    until = first_time if scope.policy == FIRST else last_time
    settled_at = settled(met.shut[p], scope, rules.window)
    if rules.grace > 0:
        ended = greedy(events, first, count, rules, memory)
        _write(row, p, ended, met, scope, rules, memory.best, rows)
        reach = rows.marks[row, REACHED]
        rows.marks[row, TOUCH] = reach
        rows.marks[row, MATURE] = reach if first_time <= settled_at else -1
        rows.mature_optional[row] = 0
        return
    ended = walk(events, 0, count, first_time, until, machine, rules, memory)
    _write(row, p, ended, met, scope, rules, memory.best, rows)
    reach = rows.marks[row, REACHED]
    rows.marks[row, TOUCH] = reach
    if until > first_time and reach > 1:
        walk(events, 0, count, first_time, first_time, machine, rules, memory)
        rows.marks[row, TOUCH] = memory.best[REACH]
    if first_time > settled_at:
        rows.marks[row, MATURE] = -1
        rows.mature_optional[row] = 0
    elif until <= settled_at or (reach == 1 and rows.optional[row] == 0):  # an entry alone is a chain of one step
        rows.marks[row, MATURE] = reach
        rows.mature_optional[row] = rows.optional[row]
    else:
        walk(events, 0, count, first_time, settled_at, machine, rules, memory)
        rows.marks[row, MATURE] = memory.best[REACH]
        rows.mature_optional[row] = memory.best[OPTIONAL]


@kernel
def _attempts(count: int, row: int, p: int, met: Met, scope: Scope, tools: Tools, rows: Rows) -> int:
    """One row an attempt; return the next free row."""
    events, machine, rules, memory = tools
    settled_at = settled(met.shut[p], scope, rules.window)
    i = 0
    while i < count:
        entry, moment = events[i, POSITION], events[i, TIME]
        if not (events[i, MASK] & scope.entry_bits) or not scope.enter_from <= moment <= scope.enter_until:
            i += 1
            continue
        low = i
        while low > 0 and events[low - 1, TIME] == moment:
            low -= 1
        ended = walk(events, low, count, moment, moment, machine, rules, memory)
        _write(row, p, ended, met, scope, rules, memory.best, rows)
        rows.places[row, ENTRY] = entry
        rows.entered[row] = moment
        rows.marks[row, TOUCH] = rows.marks[row, REACHED]
        rows.marks[row, MATURE] = rows.marks[row, REACHED] if moment <= settled_at else -1
        rows.mature_optional[row] = rows.optional[row] if moment <= settled_at else 0
        row += 1
        end = memory.best[END]
        after_end = end if ended & KILLED else end + 1
        while i < count and (events[i, TIME] < after_end or events[i, TIME] <= moment):
            i += 1
    return row


@kernel
def _general(row: int, p: int, low: int, high: int, met: Met, scope: Scope, tools: Tools, rows: Rows) -> int:
    """Write the rows of a journey by the walk that weighs all chains; return the next free row."""
    count, last = _load(low, high, met, scope, tools.rules, tools.events)
    if last < 0:
        return row
    if scope.policy == EACH:
        return _attempts(count, row, p, met, scope, tools, rows)
    _once(count, last, row, p, met, scope, tools, rows)
    return row + 1


@kernel
def follow(met: Met, scope: Scope, tools: Tools, rows: Rows) -> int:
    """Fill `rows` for every journey that enters; return how many rows there are."""
    row, low = 0, 0
    for p in range(len(met.starts) - 1):
        high, stop = low, met.starts[p + 1]
        while met.hits[high] < stop:
            high += 1
        if high > low:
            row = _general(row, p, low, high, met, scope, tools, rows)
        low = high
    return row


@inlined
def _move(rows: Rows, given: int, row: int) -> None:
    """Move what the straight lane wrote to an earlier row."""
    for k in range(MARKS):
        rows.marks[row, k] = rows.marks[given, k]
    for k in range(rows.places.shape[1]):
        rows.places[row, k] = rows.places[given, k]
    for k in range(rows.times.shape[1]):
        rows.times[row, k] = rows.times[given, k]
    rows.entered[row] = rows.entered[given]


@kernel
def follow_left(many: int, met: Met, scope: Scope, tools: Tools, rows: Rows) -> int:
    """Fill in the rows that the straight lane has left open; return how many of the `many` rows there are then."""
    row, marks, places = 0, rows.marks, rows.places
    for given in range(many):
        if marks[given, REACHED] != LEFT:
            if row < given:
                _move(rows, given, row)
            row += 1
            continue
        p, low = places[given, JOURNEY], places[given, ENTRY]
        high = low
        while met.hits[high] < met.starts[p + 1]:
            high += 1
        row = _general(row, p, low, high, met, scope, tools, rows)
    return row
