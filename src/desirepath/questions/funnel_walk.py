"""How far does each journey get through a funnel?

One pass over a journey's events keeps, per node of the funnel's machine, the chains that could still matter:
the one that started last, and with limits between steps those that no other chain beats on both start and
latest step. Events of one instant are taken as a group in which any order is allowed and each event is used once.

Arrays only: everything here is compiled (see `journeys.kernel`) and runs uncompiled in the tests.
The meaning is written out in docs/questions/funnel.md and checked against enumeration of every chain.
"""

from __future__ import annotations

import numpy as np

from desirepath.journeys.kernel import inlined, kernel
from desirepath.questions.funnel_chains import (
    AT,
    BEST_AT,
    CONVERTED,
    END,
    EXCLUDED,
    HEAD,
    KILLED,
    LAST,
    MASK,
    OPEN_END,
    OPTIONAL,
    POSITION,
    REACH,
    START,
    TAIL,
    TIED,
    TIME,
    Array,
    Memory,
    Rules,
    is_best,
    latest_deadline,
    make_room,
    pick,
)
from desirepath.questions.funnel_instant import take_instant
from desirepath.questions.funnel_machine import EDGE_FROM, EDGE_STEP, EDGE_TO, EDGE_WITHIN, PATIENCE, Machine


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
            place = pick(time, source, edges[edge, EDGE_WITHIN], rules.window, machine, memory)
            if place < 0:
                continue
            start, tied = store[place, START], store[place, TIED]
        if is_best(time, node, start, tied, machine, memory):
            for k in range(rules.steps):
                best[BEST_AT + k] = store[place, AT + k] if place >= 0 else -1
            best[BEST_AT + step] = position
        if machine.nodes[node, PATIENCE] >= 0:
            room = make_room(time, node, start, machine, memory)
            if room >= 0:
                store[room, START] = start
                store[room, LAST] = time
                store[room, TIED] = tied
                for k in range(rules.steps):
                    store[room, AT + k] = store[place, AT + k] if place >= 0 else -1
                store[room, AT + step] = position


@kernel
def walk(
    events: Array,
    low: int,
    high: int,
    enter_from: int,
    enter_until: int,
    machine: Machine,
    rules: Rules,
    memory: Memory,
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
            ended = take_instant(events, i, j, may_enter, machine, rules, memory)
            excluded |= ended & EXCLUDED
            if ended and time >= enter_until and best[REACH] < rules.goal:
                if latest_deadline(rules.window, machine, memory) < time:
                    best[END] = time
                    return KILLED | excluded
        if best[REACH] == rules.goal:
            best[END] = time
            return CONVERTED | excluded
        i = j
    best[END] = latest_deadline(rules.window, machine, memory)
    return OPEN_END | excluded
