"""How far does each journey get through a funnel?

One pass over a journey's events keeps, per node of the funnel's machine, the chains that could still matter:
the one that started last, and with limits between steps those that no other chain beats on both start and
latest step. Events of one instant are taken as a group in which any order is allowed and each event is used once.

Arrays only: everything here is compiled (see `journeys.kernel`) and runs uncompiled in the tests.
The meaning is written out in docs/questions/funnel.md and checked against enumeration of every chain.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import inlined, kernel
from desirepath.questions.funnel_machine import (
    DEPTH,
    EDGE_FROM,
    EDGE_STEP,
    EDGE_TO,
    EDGE_WITHIN,
    ENDS_IN,
    FIRST_OUT,
    FOREVER,
    LAST_OUT,
    PATIENCE,
    PLACE,
    Machine,
)

Array = npt.NDArray[Any]

NEVER = -(2**62)

OPEN_END, KILLED, CONVERTED, EXCLUDED = 0, 1, 2, 4
"""How a walk ended: nothing ended it, an excluded or stray event did, or it reached the last step.
`EXCLUDED` is added when an excluded event ended a chain on the way."""

TIME, MASK, POSITION = 0, 1, 2
"""Columns of a journey's events: moment, bits of what it matches, position in the batch."""

START, LAST, TIED, AT = 0, 1, 2, 3
"""Columns of a chain: first and latest moment, whether two elements share an instant, then per step the position
in the batch of the event that did it, or -1."""

REACH, ARRIVAL, BEST_START, BEST_TIED, OPTIONAL, END, BEST_AT = 0, 1, 2, 3, 4, 5, 6
"""Places in `best`: required steps done, when, the chain's start and tie, optional steps reached (bits),
the moment at which the walk ended, then per step the position of the event."""

HEAD, TAIL = 0, 1

TODO, TODO_NODE, MATCH, OWNER, VIA, LINE = 0, 1, 2, 3, 4, 5


class Rules(NamedTuple):
    """What the funnel allows besides its shape; times in microseconds."""

    window: int
    steps: int
    goal: int  # required steps in all
    strict: bool
    exclusions: Array  # [exclusion, 2]: it counts from this many required steps done, until this many are


class Memory(NamedTuple):
    """Working memory of a walk."""

    store: Array  # [place, 3 + steps] chains; node s keeps its own from nodes[s, PLACE] on
    live: Array  # [node, 2] first and one past the last of the node's chains, counted from its place
    new: Array  # [node, 3 + steps] what the instant at hand brought; LAST is 1 where it brought a chain
    work: Array  # [6, many] sets of steps to try within one instant, and who does which step
    best: Array  # the best chain so far and how the walk ended


@inlined
def _pick(time: int, node: int, within: int, window: int, machine: Machine, memory: Memory) -> int:
    """Place of the latest-started chain at the node that may still take a step at `time`, or -1."""
    store, live = memory.store, memory.live
    base, tail = machine.nodes[node, PLACE], live[node, TAIL]
    while tail - live[node, HEAD] > 1 and store[base + live[node, HEAD], LAST] < time - machine.nodes[node, PATIENCE]:
        live[node, HEAD] += 1
    low, high = live[node, HEAD], tail
    while low < high:  # starts fall and last steps rise along the node's chains
        middle = (low + high) // 2
        if store[base + middle, LAST] < time - within:
            low = middle + 1
        else:
            high = middle
    if low == tail or store[base + low, START] < time - window:
        return -1
    return int(base + low)


@inlined
def _make_room(time: int, node: int, start: int, tied: int, machine: Machine, memory: Memory) -> int:
    """Place for a chain at the node whose latest step is at `time`, or -1 if another chain is at least as good."""
    store, live = memory.store, memory.live
    base, head, tail = machine.nodes[node, PLACE], live[node, HEAD], live[node, TAIL]
    if machine.nodes[node, PATIENCE] >= FOREVER:
        if tail > head:
            held = store[base, START]
            if held > start or (held == start and store[base, TIED] <= tied):
                return -1
        live[node, HEAD] = 0
        live[node, TAIL] = 1
        return int(base)
    if tail > head and store[base + tail - 1, LAST] == time and store[base + tail - 1, START] >= start:
        return -1
    while tail > head and store[base + tail - 1, START] <= start:
        tail -= 1
    live[node, TAIL] = tail + 1
    return int(base + tail)


@inlined
def _is_best(time: int, node: int, start: int, tied: int, machine: Machine, memory: Memory) -> bool:
    """Whether a chain is the furthest, else the earliest there, else the one that started last; note its steps."""
    best = memory.best
    optional = machine.nodes[node, ENDS_IN]
    if optional >= 0:
        best[OPTIONAL] |= np.int64(1) << optional
        return False
    depth = machine.nodes[node, DEPTH]
    if depth < best[REACH] or (depth == best[REACH] and time > best[ARRIVAL]):
        return False
    if depth == best[REACH] and (start < best[BEST_START] or (start == best[BEST_START] and tied >= best[BEST_TIED])):
        return False
    best[REACH] = depth
    best[ARRIVAL] = time
    best[BEST_START] = start
    best[BEST_TIED] = tied
    return True


@inlined
def _step(time: int, mask: int, position: int, may_enter: bool, machine: Machine, rules: Rules, memory: Memory) -> None:
    """Let one event, alone in its instant, do every step that it matches."""
    edges, store, best = machine.edges, memory.store, memory.best
    for edge in range(len(edges)):
        step = edges[edge, EDGE_STEP]
        if not (mask >> step) & 1:
            continue
        source, node = edges[edge, EDGE_FROM], edges[edge, EDGE_TO]
        place, start, tied = -1, time, 0
        if source == 0:
            if not may_enter:
                continue
        else:
            if memory.live[source, TAIL] == memory.live[source, HEAD]:
                continue
            place = _pick(time, source, edges[edge, EDGE_WITHIN], rules.window, machine, memory)
            if place < 0:
                continue
            start, tied = store[place, START], store[place, TIED]
        if _is_best(time, node, start, tied, machine, memory):
            for k in range(rules.steps):
                best[BEST_AT + k] = store[place, AT + k] if place >= 0 else -1
            best[BEST_AT + step] = position
        if machine.nodes[node, PATIENCE] >= 0:
            room = _make_room(time, node, start, tied, machine, memory)
            if room >= 0:
                store[room, START] = start
                store[room, LAST] = time
                store[room, TIED] = tied
                for k in range(rules.steps):
                    store[room, AT + k] = store[place, AT + k] if place >= 0 else -1
                store[room, AT + step] = position


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
def _survives(events: Array, i: int, j: int, source: int, node: int, used: int, machine: Machine, rules: Rules) -> bool:
    """Whether a chain that went from one node to another inside the instant may go on after it."""
    if rules.strict and source != 0 and used < _minded(events, i, j, rules):
        return False
    low, high = machine.nodes[source, DEPTH], machine.nodes[node, DEPTH]
    for x in range(len(rules.exclusions)):
        if rules.exclusions[x, 0] <= low and high < rules.exclusions[x, 1]:
            for k in range(i, j):
                if (events[k, MASK] >> (rules.steps + x)) & 1:
                    return False
    return True


@kernel
def _bring(events: Array, i: int, node: int, start: int, tied: int, place: int, alive: bool, rules: Rules, machine: Machine, memory: Memory) -> None:
    """Note a chain found within an instant, and if it lives on hold it ready for its node."""
    new, best = memory.new, memory.best
    is_best = _is_best(events[i, TIME], node, start, tied, machine, memory)
    better = not new[node, LAST] or start > new[node, START] or (start == new[node, START] and tied < new[node, TIED])
    better = better and alive
    if better:
        new[node, LAST] = 1
        new[node, START] = start
        new[node, TIED] = tied
    for step in range(rules.steps):
        at = memory.store[place, AT + step] if place >= 0 else -1
        if memory.work[MATCH, step] >= 0:
            at = events[i + memory.work[MATCH, step], POSITION]
        if is_best:
            best[BEST_AT + step] = at
        if better:
            new[node, AT + step] = at


@kernel
def _from_node(
    events: Array, i: int, j: int, source: int, edge: int, place: int, machine: Machine, rules: Rules, memory: Memory
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


@inlined
def _deadline(node: int, window: int, machine: Machine, memory: Memory) -> int:
    """Latest moment at which a chain alive at the node could still take a step, or `NEVER`."""
    latest = NEVER
    base = machine.nodes[node, PLACE]
    for place in range(base + memory.live[node, HEAD], base + memory.live[node, TAIL]):
        ends = min(memory.store[place, START] + window, memory.store[place, LAST] + machine.nodes[node, PATIENCE])
        latest = max(latest, ends)
    return latest


@kernel
def _instant(events: Array, i: int, j: int, may_enter: bool, machine: Machine, rules: Rules, memory: Memory) -> bool:
    """Take all events of one instant, in any order; return whether a chain was ended by one of them."""
    time, live, new, store = events[i, TIME], memory.live, memory.new, memory.store
    for source in range(len(live)):
        new[source, LAST] = 0
    for source in range(len(live)):
        if (source == 0 and not may_enter) or (source > 0 and live[source, TAIL] == live[source, HEAD]):
            continue
        for k in range(machine.nodes[source, FIRST_OUT], machine.nodes[source, LAST_OUT]):
            edge, place = machine.out[k], -1
            if source > 0:
                place = _pick(time, source, machine.edges[edge, EDGE_WITHIN], rules.window, machine, memory)
                if place < 0:
                    continue
            _from_node(events, i, j, source, edge, place, machine, rules, memory)
    killed = False
    for node in range(1, len(live)):
        if live[node, TAIL] > live[node, HEAD] and not _survives(events, i, j, node, node, 0, machine, rules):
            if _deadline(node, rules.window, machine, memory) >= time:  # else it had run out before
                killed = True
                live[node, HEAD] = 0
                live[node, TAIL] = 0
    for node in range(1, len(live)):
        if new[node, LAST] and machine.nodes[node, PATIENCE] >= 0:
            room = _make_room(time, node, new[node, START], new[node, TIED], machine, memory)
            if room >= 0:
                for k in range(AT + rules.steps):
                    store[room, k] = new[node, k]
                store[room, LAST] = time
    return killed


@kernel
def _excludes(events: Array, i: int, j: int, rules: Rules) -> bool:
    bits = ((np.int64(1) << len(rules.exclusions)) - 1) << rules.steps
    for k in range(i, j):
        if events[k, MASK] & bits:
            return True
    return False


@inlined
def _latest_deadline(window: int, machine: Machine, memory: Memory) -> int:
    latest = NEVER
    for node in range(1, len(memory.live)):
        latest = max(latest, _deadline(node, window, machine, memory))
    return latest


@kernel
def walk(
    events: Array, low: int, high: int, enter_from: int, enter_until: int, machine: Machine, rules: Rules, memory: Memory
) -> int:
    """Walk one journey's events `low` to `high`, starting chains at moments from `enter_from` to `enter_until`.

    Leaves the best chain in `memory.best`; returns how the walk ended. `best[END]` is the moment of it: of
    conversion, of the event that ended the last chain, or the last chain's deadline.
    """
    best = memory.best
    for node in range(len(memory.live)):
        memory.live[node, HEAD] = 0
        memory.live[node, TAIL] = 0
    best[REACH] = 0
    best[OPTIONAL] = 0
    only_steps = (np.int64(1) << rules.steps) - 1
    excluded = 0
    i = low
    while i < high:
        time = events[i, TIME]
        if time > enter_until and time - enter_until > rules.window:
            break
        j = i + 1
        while j < high and events[j, TIME] == time:
            j += 1
        may_enter = enter_from <= time <= enter_until
        if j == i + 1 and not rules.strict and (events[i, MASK] & ~only_steps) == 0:
            _step(time, events[i, MASK], events[i, POSITION], may_enter, machine, rules, memory)
        else:
            killed = _instant(events, i, j, may_enter, machine, rules, memory)
            if killed and _excludes(events, i, j, rules):
                excluded = EXCLUDED
            if killed and time >= enter_until and best[REACH] < rules.goal:
                if _latest_deadline(rules.window, machine, memory) < time:
                    best[END] = time
                    return KILLED | excluded
        if best[REACH] == rules.goal:
            best[END] = time
            return CONVERTED | excluded
        i = j
    best[END] = _latest_deadline(rules.window, machine, memory)
    return OPEN_END | excluded
