"""Which chains does a funnel allow, and how long does each live? Literal rules, written down one by one.

Every chain is made and looked at; there is no dynamic programming, no dominance and no early stop.

Numbering: steps from 1, as users see them; exclusions from 0, as positions in `OracleOptions.exclusions`.
All times and durations are whole microseconds.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One event as the funnel sees it."""

    time: int
    sequence: int | None
    id: Any
    steps: frozenset[int] = frozenset()
    exclusions: frozenset[int] = frozenset()
    in_scope: bool = True
    hold_value: Hashable = None
    session_no: int = 0


@dataclass(frozen=True)
class OracleLog:
    """The events of one person, in any order; plain tuples are accepted."""

    events: Sequence[Any]

    def ordered(self) -> list[Event]:
        """All events in the journey's total order."""
        events = [Event(*event) for event in self.events]
        assert len({event.id for event in events}) == len(events), "event ids must differ"
        return sorted(events, key=_total_order)


@dataclass(frozen=True)
class OracleOptions:
    """What is asked. `window`: µs, None for no window, or "session". `cutoff` None: the last event's time."""

    blocks: Sequence[Sequence[int]]
    optional: frozenset[int] = frozenset()
    window: int | str | None = None
    within: Mapping[int, int] = field(default_factory=dict)
    entry: str = "any"
    exclusions: Sequence[tuple[int, int]] = ()
    strict: bool = False
    period: tuple[int | None, int | None] = (None, None)
    cutoff: int | None = None
    hold: bool = False
    session_gap: int = 30 * 60 * 1_000_000
    distinct: bool = True
    all_closed: bool = False

    def __post_init__(self) -> None:
        """Refuse what the rules do not allow."""
        steps = self.steps
        assert sorted(steps) == list(range(1, len(steps) + 1)), "the blocks must hold each of 1..K once"
        assert self.entry in ("any", "first", "each")
        for block in self.blocks:
            assert len(block) == 1 or not self.optional & set(block), "an optional step stands alone"
            assert len(block) == 1 or not set(self.within) & set(block), "no step window in an any-order block"
            assert len(block) == 1 or not self.strict, "strict: every step its own block"
        assert not self.optional & {*self.blocks[0], *self.blocks[-1]}, "first and last block are required"
        assert all(1 <= after < before <= self.depth for after, before in self.exclusions)

    @property
    def steps(self) -> list[int]:
        """All step numbers, in block order."""
        return [step for block in self.blocks for step in block]

    @property
    def depth(self) -> int:
        """The number of required steps."""
        return len([step for step in self.steps if step not in self.optional])

    @property
    def span(self) -> float:
        """The whole window in µs; without end when there is none or when it is the session."""
        return math.inf if self.window is None or self.window == "session" else int(self.window)

    def block_of(self, step: int) -> int:
        """Give the position of the block that holds `step`."""
        return next(position for position, block in enumerate(self.blocks) if step in block)


class Taken(NamedTuple):
    """One element of a chain."""

    event: Event
    step: int


Chain = tuple[Taken, ...]


@dataclass(frozen=True)
class Unit:
    """The events that chains may be made of, and the end of their session (None: no session window)."""

    key: tuple[Hashable, int | None]
    events: list[Event]
    session_end: int | None
    cutoff: int
    options: OracleOptions


# ---- chains -----------------------------------------------------------------------------------------------


def in_block_order(steps: Sequence[int], options: OracleOptions) -> bool:
    """Tell whether steps are distinct, blocks never go back, and earlier blocks' required steps are done."""
    if len(set(steps)) != len(steps) or (steps and options.block_of(steps[0]) != 0):
        return False
    for position, step in enumerate(steps):
        block = options.block_of(step)
        before = steps[:position]
        if any(options.block_of(earlier) > block for earlier in before):
            return False
        needed = {s for b in options.blocks[:block] for s in b if s not in options.optional}
        if not needed <= set(before):
            return False
    return True


def is_chain(chain: Chain, unit: Unit) -> bool:
    """Everything the rules ask of a chain; the entry's period and the entry policy are asked elsewhere."""
    options = unit.options
    events = [taken.event for taken in chain]
    return (
        (not options.distinct or len({event.id for event in events}) == len(events))
        and all(taken.step in taken.event.steps for taken in chain)
        and in_block_order([taken.step for taken in chain], options)
        and all(one.time <= two.time for one, two in pairwise(events))
        and events[-1].time - events[0].time <= options.span
        and _keeps_step_windows(chain, options)
        and all(_keeps_exclusion(chain, number, unit) for number in range(len(options.exclusions)))
        and (not options.strict or _keeps_strict(chain, unit))
    )


def _keeps_step_windows(chain: Chain, options: OracleOptions) -> bool:
    for previous, taken in pairwise(chain):
        if taken.event.time - previous.event.time > options.within.get(taken.step, math.inf):
            return False
    return True


def _keeps_exclusion(chain: Chain, number: int, unit: Unit) -> bool:
    after, before = unit.options.exclusions[number]
    opened = completes(chain, after, unit.options)
    if opened is None:
        return True
    closed = completes(chain, before, unit.options)
    last = len(chain) - 1 if closed is None else closed
    start = chain[opened].event.time
    for element in chain[opened + 1 : last + 1]:
        for event in unit.events:
            if number in event.exclusions and start < event.time < element.event.time:
                return False
    return True


def _keeps_strict(chain: Chain, unit: Unit) -> bool:
    used = {taken.event.id for taken in chain}
    others = [event for event in unit.events if event.in_scope and event.id not in used]
    for previous, taken in pairwise(chain):
        if any(previous.event.time < other.time < taken.event.time for other in others):
            return False
    times = [taken.event.time for taken in chain]
    return all(other.time in (times[0], times[-1]) for other in others if other.time in times)


def completes(chain: Chain, count: int, options: OracleOptions) -> int | None:
    """Position of the element that completes the `count`-th required step; None when it is not reached."""
    done = 0
    for position, taken in enumerate(chain):
        done += taken.step not in options.optional
        if done == count:
            return position
    return None


def depth(chain: Chain, options: OracleOptions) -> int:
    """Count the required steps that the chain has done."""
    return len([taken for taken in chain if taken.step not in options.optional])


def entries(unit: Unit) -> list[Event]:
    """Events that match a first-block step inside the period, from inclusive, to exclusive."""
    begin, end = unit.options.period
    return [
        event
        for event in unit.events
        if event.steps & set(unit.options.blocks[0])
        and (begin is None or event.time >= begin)
        and (end is None or event.time < end)
    ]


def chains(unit: Unit) -> list[Chain]:
    """Every chain that starts with an entry. Each beginning of a chain is a chain, so chains grow by one."""
    found: list[Chain] = []
    growing: list[Chain] = [()]
    first = {event.id for event in entries(unit)}
    while growing:
        longer = []
        for chain in growing:
            for event in unit.events:
                if not chain and event.id not in first:
                    continue
                for step in sorted(event.steps):
                    candidate = (*chain, Taken(event, step))
                    if is_chain(candidate, unit):
                        longer.append(candidate)
        found.extend(longer)
        growing = longer
    return found


# ---- how long a chain lives -------------------------------------------------------------------------------


def deadline(chain: Chain, unit: Unit) -> float:
    """Find the last instant at which the windows let the chain take another step."""
    options = unit.options
    steps = [taken.step for taken in chain]
    following = [step for step in options.steps if in_block_order([*steps, step], options)]
    last = chain[-1].event.time
    limits = [chain[0].event.time + options.span]
    limits.append(max((last + options.within.get(step, math.inf) for step in following), default=-math.inf))
    if unit.session_end is not None:
        limits.append(unit.session_end + options.session_gap)
    return min(limits)


def broken_at(chain: Chain, unit: Unit) -> float:
    """Find the instant after which an event already seen forbids further steps; infinite when none does."""
    options = unit.options
    last = chain[-1].event.time
    breaks = [math.inf]
    for number, (after, before) in enumerate(options.exclusions):
        opened = completes(chain, after, options)
        if opened is not None and completes(chain, before, options) is None:
            later = [event for event in unit.events if event.time > chain[opened].event.time]
            breaks += [event.time for event in later if number in event.exclusions]
    if options.strict:
        used = {taken.event.id for taken in chain}
        others = [event for event in unit.events if event.in_scope and event.id not in used]
        breaks += [event.time for event in others if event.time > last]
        breaks += [event.time for event in others if event.time == last != chain[0].event.time]
    return min(breaks)


def is_open(chain: Chain, unit: Unit) -> bool:
    """Tell whether events after the cut-off could still lengthen the chain."""
    if depth(chain, unit.options) == unit.options.depth:
        return False
    return broken_at(chain, unit) == math.inf and deadline(chain, unit) > unit.cutoff


def _total_order(event: Event) -> tuple[int, bool, int, str]:
    return event.time, event.sequence is None, event.sequence or 0, str(event.id)
