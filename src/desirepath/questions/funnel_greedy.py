"""How far does a journey get whose every step takes the first event that fits, by clocks that may disagree?

From the first entry on, each step is done by the first event that matches it and lies no more than the grace before
the step before it. Nothing is weighed against anything: a later event that would have led further is not looked for.

Arrays only: everything here is compiled (see `journeys.kernel`) and runs uncompiled in the tests.
"""

from __future__ import annotations

from desirepath.journeys.kernel import kernel
from desirepath.questions.funnel_chains import (
    ARRIVAL,
    BEST_AT,
    BEST_START,
    BEST_TIED,
    CONVERTED,
    END,
    EXCLUDED,
    KILLED,
    MASK,
    MATCH,
    OPEN_END,
    OPTIONAL,
    OWNER,
    POSITION,
    REACH,
    TIME,
    Array,
    Memory,
    Rules,
)


@kernel
def _excluded_at(events: Array, k: int, reach: int, rules: Rules) -> bool:
    """Whether an event is one that ends a passage of so many steps."""
    for number in range(len(rules.exclusions)):
        if (events[k, MASK] >> (rules.steps + number)) & 1:
            if rules.exclusions[number, 0] <= reach < rules.exclusions[number, 1]:
                return True
    return False


@kernel
def greedy(events: Array, entry: int, high: int, rules: Rules, memory: Memory) -> int:
    """Walk one journey's events from the entry at place `entry`; return how the walk ended, as `funnel_walk.walk`.

    Leaves the chain in `memory.best`. `best[END]` is the moment of conversion, of the event that ended the chain, or
    of the deadline.
    """
    best, taken = memory.best, memory.work[OWNER]
    start = events[entry, TIME]
    deadline, latest = start + rules.window, start
    for step in range(rules.steps):
        best[BEST_AT + step] = -1
        memory.work[MATCH, step] = -1
    for k in range(high):
        taken[k] = 0
    taken[entry] = 1
    best[BEST_AT], best[REACH], best[OPTIONAL], best[BEST_TIED] = events[entry, POSITION], 1, 0, 0
    best[BEST_START], best[ARRIVAL] = start, start
    for step in range(1, rules.steps):
        found, stopped = -1, -1
        for k in range(high):
            moment = events[k, TIME]
            if moment > deadline:
                break
            if taken[k] or moment < latest - rules.grace:
                continue
            if (events[k, MASK] >> step) & 1:
                found = k
                break
            if stopped < 0 and moment > latest + rules.grace and _excluded_at(events, k, step, rules):
                stopped = moment
        if stopped >= 0 and (found < 0 or events[found, TIME] > stopped + rules.grace):
            best[END] = stopped
            return KILLED | EXCLUDED
        if found < 0:
            best[END] = deadline
            return OPEN_END
        taken[found] = 1
        moment = events[found, TIME]
        if moment <= latest:
            best[BEST_TIED] = 1
        latest = max(latest, moment)
        best[BEST_AT + step] = events[found, POSITION]
        best[REACH], best[ARRIVAL] = step + 1, latest
    best[END] = latest
    return CONVERTED
