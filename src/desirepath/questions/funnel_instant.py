"""What happens in one instant? Events that share a moment may stand in any order, and each is used once.

Every set of steps that the instant's events can do between them is tried from every chain that is alive; what an
excluded event, or in a strict funnel a stray one, ends is settled in the same step.
"""

from __future__ import annotations

import numpy as np

from desirepath.journeys.kernel import kernel
from desirepath.questions.funnel_chains import (
    AT,
    BEST_AT,
    EXCLUDED,
    HEAD,
    KILLED,
    LAST,
    LINE,
    MASK,
    MATCH,
    OWNER,
    POSITION,
    START,
    TAIL,
    TIED,
    TIME,
    TODO,
    TODO_NODE,
    VIA,
    Array,
    Memory,
    Rules,
    deadline,
    is_best,
    make_room,
    pick,
)
from desirepath.questions.funnel_machine import (
    DEPTH,
    EDGE_STEP,
    EDGE_TO,
    EDGE_WITHIN,
    FIRST_OUT,
    LAST_OUT,
    PATIENCE,
    Machine,
)


@kernel
def _assign(events: Array, i: int, j: int, wanted: int, steps: int, work: Array) -> bool:
    """Give every wanted step an event of the instant of its own (augmenting paths); return whether that works."""
    for step in range(steps):
        work[MATCH, step] = -1
    for event in range(j - i):
        work[OWNER, event] = -1
    for step in range(steps):
        if not (wanted >> step) & 1:
            continue
        for event in range(j - i):
            work[VIA, event] = -1
        work[LINE, 0] = step
        head, tail, found = 0, 1, -1
        while head < tail and found < 0:
            asking = work[LINE, head]
            head += 1
            for event in range(j - i):
                if work[VIA, event] >= 0 or not (events[i + event, MASK] >> asking) & 1:
                    continue
                work[VIA, event] = asking
                if work[OWNER, event] < 0:
                    found = event
                    break
                work[LINE, tail] = work[OWNER, event]
                tail += 1
        if found < 0:
            return False
        while True:
            giver = work[VIA, found]
            before = work[MATCH, giver]
            work[MATCH, giver] = found
            work[OWNER, found] = giver
            if giver == step:
                break
            found = before
    return True


@kernel
def _minded(events: Array, i: int, j: int, rules: Rules) -> int:
    """How many events of the instant a strict funnel minds: all but those that are there to exclude alone."""
    others = ((np.int64(1) << len(rules.exclusions)) - 1) << rules.steps
    many = 0
    for k in range(i, j):
        many += (events[k, MASK] & ~others) != 0
    return many


@kernel
def _shuts(events: Array, i: int, j: int, low: int, high: int, rules: Rules) -> bool:
    """Whether an event of the instant excludes a chain that was so deep before it, and is so deep after it."""
    for x in range(len(rules.exclusions)):
        if rules.exclusions[x, 0] <= low and high < rules.exclusions[x, 1]:
            for k in range(i, j):
                if (events[k, MASK] >> (rules.steps + x)) & 1:
                    return True
    return False


@kernel
def _survives(events: Array, i: int, j: int, source: int, node: int, used: int, machine: Machine, rules: Rules) -> bool:
    """Whether a chain that went from one node to another inside the instant may go on after it."""
    if rules.strict and source != 0 and used < _minded(events, i, j, rules):
        return False
    return not _shuts(events, i, j, machine.nodes[source, DEPTH], machine.nodes[node, DEPTH], rules)


@kernel
def _bring(
    events: Array,
    i: int,
    node: int,
    start: int,
    tied: int,
    place: int,
    alive: bool,
    rules: Rules,
    machine: Machine,
    memory: Memory,
) -> None:
    """Note a chain found within an instant, and if it lives on hold it ready for its node."""
    new, best = memory.new, memory.best
    leads = is_best(events[i, TIME], node, start, tied, machine, memory)
    better = alive and (not new[node, LAST] or start > new[node, START])
    if better:
        new[node, LAST] = 1
        new[node, START] = start
        new[node, TIED] = tied
    for step in range(rules.steps):
        at = memory.store[place, AT + step] if place >= 0 else -1
        if memory.work[MATCH, step] >= 0:
            at = events[i + memory.work[MATCH, step], POSITION]
        if leads:
            best[BEST_AT + step] = at
        if better:
            new[node, AT + step] = at


@kernel
def _from_node(
    events: Array,
    i: int,
    j: int,
    source: int,
    edge: int,
    place: int,
    machine: Machine,
    rules: Rules,
    memory: Memory,
) -> None:
    """Try every set of steps that the instant allows a chain at `source`, beginning with the step of `edge`."""
    work = memory.work
    start = events[i, TIME] if place < 0 else memory.store[place, START]
    held_tied = 0 if place < 0 else memory.store[place, TIED]
    work[TODO, 0] = np.int64(1) << machine.edges[edge, EDGE_STEP]
    work[TODO_NODE, 0] = machine.edges[edge, EDGE_TO]
    head, tail = 0, 1
    while head < tail:
        wanted, node = work[TODO, head], work[TODO_NODE, head]
        head += 1
        if not _assign(events, i, j, wanted, rules.steps, work):
            continue
        used = 0
        for step in range(rules.steps):
            used += (wanted >> step) & 1
        alive = _survives(events, i, j, source, node, used, machine, rules)
        _bring(events, i, node, start, 1 if used > 1 else held_tied, place, alive, rules, machine, memory)
        for k in range(machine.nodes[node, FIRST_OUT], machine.nodes[node, LAST_OUT]):
            onward = machine.out[k]
            more = wanted | (np.int64(1) << machine.edges[onward, EDGE_STEP])
            known = False
            for seen in range(tail):
                known = known or work[TODO, seen] == more
            if not known:
                work[TODO, tail] = more
                work[TODO_NODE, tail] = machine.edges[onward, EDGE_TO]
                tail += 1


@kernel
def take_instant(events: Array, i: int, j: int, may_enter: bool, machine: Machine, rules: Rules, memory: Memory) -> int:
    """Take all events of one instant, in any order; `KILLED` if one ended a chain, with `EXCLUDED` if to exclude it."""
    time, live, new, store = events[i, TIME], memory.live, memory.new, memory.store
    for source in range(len(live)):
        new[source, LAST] = 0
    for source in range(len(live) - 1, -1, -1):  # who has done more has done so earlier
        if (source == 0 and not may_enter) or (source > 0 and live[source, TAIL] == live[source, HEAD]):
            continue
        for k in range(machine.nodes[source, FIRST_OUT], machine.nodes[source, LAST_OUT]):
            edge, place = machine.out[k], -1
            if source > 0:
                place = pick(time, source, machine.edges[edge, EDGE_WITHIN], rules.window, machine, memory)
                if place < 0:
                    continue
            _from_node(events, i, j, source, edge, place, machine, rules, memory)
    ended = 0
    for node in range(1, len(live)):
        if live[node, TAIL] > live[node, HEAD] and not _survives(events, i, j, node, node, 0, machine, rules):
            if deadline(node, rules.window, machine, memory) >= time:  # else it had run out before
                deep = machine.nodes[node, DEPTH]
                ended |= KILLED | (EXCLUDED if _shuts(events, i, j, deep, deep, rules) else 0)
                live[node, HEAD] = 0
                live[node, TAIL] = 0
    for node in range(1, len(live)):
        if new[node, LAST] and machine.nodes[node, PATIENCE] >= 0:
            room = make_room(time, node, new[node, START], machine, memory)
            if room >= 0:
                for k in range(AT + rules.steps):
                    store[room, k] = new[node, k]
                store[room, LAST] = time
    return ended
