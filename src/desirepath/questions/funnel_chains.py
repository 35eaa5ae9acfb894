"""Which chains through a funnel could still matter? The store of them, and what is the best so far.

Per node of the funnel's machine it keeps the chain that started last, and with limits between steps those that no
other chain beats on both start and latest step.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import inlined
from desirepath.questions.funnel_machine import (
    DEPTH,
    ENDS_IN,
    FOREVER,
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
    grace: int  # how much before the step before it an event may lie; 0 is the walk that weighs all chains
    distinct: bool  # whether each step needs an event of its own


class Memory(NamedTuple):
    """Working memory of a walk."""

    store: Array  # [place, 3 + steps] chains; node s keeps its own from nodes[s, PLACE] on
    live: Array  # [node, 2] first and one past the last of the node's chains, counted from its place
    new: Array  # [node, 3 + steps] what the instant at hand brought; LAST is 1 where it brought a chain
    work: Array  # [6, many] sets of steps to try within one instant, and who does which step
    best: Array  # the best chain so far and how the walk ended


@inlined
def pick(time: int, node: int, within: int, window: int, machine: Machine, memory: Memory) -> int:
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
def make_room(time: int, node: int, start: int, machine: Machine, memory: Memory) -> int:
    """Place for a chain at the node whose latest step is at `time`, or -1 if another chain is at least as good."""
    store, live = memory.store, memory.live
    base, head, tail = machine.nodes[node, PLACE], live[node, HEAD], live[node, TAIL]
    if machine.nodes[node, PATIENCE] >= FOREVER:
        if tail > head:
            if store[base, START] >= start:
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
def is_best(time: int, node: int, start: int, tied: int, machine: Machine, memory: Memory) -> bool:
    """Whether a chain is the furthest, else the earliest there, else the one that started last; note its steps.

    Of equal ones the first counts, so those with earlier steps have to be tried first.
    """
    best = memory.best
    optional = machine.nodes[node, ENDS_IN]
    if optional >= 0:
        best[OPTIONAL] |= np.int64(1) << optional
        return False
    depth = machine.nodes[node, DEPTH]
    if depth < best[REACH] or (depth == best[REACH] and time > best[ARRIVAL]):
        return False
    if depth == best[REACH] and start <= best[BEST_START]:
        return False
    best[REACH] = depth
    best[ARRIVAL] = time
    best[BEST_START] = start
    best[BEST_TIED] = tied
    return True


@inlined
def deadline(node: int, window: int, machine: Machine, memory: Memory) -> int:
    """Latest moment at which a chain alive at the node could still take a step, or `NEVER`."""
    latest = NEVER
    base = machine.nodes[node, PLACE]
    for place in range(base + memory.live[node, HEAD], base + memory.live[node, TAIL]):
        ends = min(memory.store[place, START] + window, memory.store[place, LAST] + machine.nodes[node, PATIENCE])
        latest = max(latest, ends)
    return latest


@inlined
def latest_deadline(window: int, machine: Machine, memory: Memory) -> int:
    """Latest moment at which any chain could still take a step, or `NEVER`."""
    latest = NEVER
    for node in range(1, len(memory.live)):
        latest = max(latest, deadline(node, window, machine, memory))
    return latest
