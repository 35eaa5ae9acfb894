"""What should this funnel have said? A slow, literal answer to compare the fast one with.

Meant for logs of at most nine events, and to be read beside the rules. The chains: `funnel_chains`;
random logs and options that provoke ties and edges: `funnel_logs`.

    oracle(log, options)   a `UnitResult` per unit; its `attempts` hold none, one, or (policy `each`) several
    only(log, options)     the one attempt of a log that is one unit, or None when it never entered
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from funnel_chains import (
    Chain,
    Event,
    OracleLog,
    OracleOptions,
    Unit,
    broken_at,
    chains,
    completes,
    deadline,
    depth,
    entries,
    is_open,
)
from funnel_logs import number_sessions, random_log, random_options

__all__ = [
    "Attempt",
    "Event",
    "OracleLog",
    "OracleOptions",
    "UnitResult",
    "number_sessions",
    "only",
    "oracle",
    "random_log",
    "random_options",
    "units",
]


@dataclass(frozen=True)
class Attempt:
    """What one unit did; under the policy `each`, what one of its attempts did.

    `arrivals` maps each step of the reported chain to its time. `mature_reach` is None unless `mature`.
    `first_touch_reach` is given for the policy `any` only.
    """

    reach: int
    status: str
    optional_reached: frozenset[int]
    start: int
    arrivals: dict[int, int]
    first_entry: int
    mature: bool
    mature_reach: int | None
    first_touch_reach: int | None
    tie_resolved: bool


@dataclass(frozen=True)
class UnitResult:
    """One unit's answer; `key` is (hold value, session number), each None when units are not cut by it."""

    key: tuple[Hashable, int | None]
    attempts: list[Attempt]


def oracle(log: OracleLog, options: OracleOptions) -> list[UnitResult]:
    """Answer for every unit that the log is cut into, in order of their first event."""
    return [UnitResult(unit.key, attempts(unit)) for unit in units(log, options)]


def only(log: OracleLog, options: OracleOptions) -> Attempt | None:
    """Give the one attempt of a log that is one unit; None when it never entered."""
    found = [attempt for result in oracle(log, options) for attempt in result.attempts]
    assert len(found) <= 1, "this log has several attempts"
    return found[0] if found else None


def units(log: OracleLog, options: OracleOptions) -> list[Unit]:
    """Cut the log by hold value and by session; what happened after the cut-off was not seen."""
    everything = log.ordered()
    if not everything:
        return []
    cutoff = everything[-1].time if options.cutoff is None else options.cutoff
    seen = [event for event in everything if event.time <= cutoff]
    by_session = options.window == "session"
    cuts: dict[tuple[Hashable, int | None], list[Event]] = {}
    for event in seen:
        key = (event.hold_value if options.hold else None, event.session_no if by_session else None)
        cuts.setdefault(key, []).append(event)
    result = []
    for key, events in cuts.items():
        # A session ends with its last event, whatever hold value that one has.
        end = max(event.time for event in seen if event.session_no == key[1]) if by_session else None
        result.append(Unit(key, events, end, cutoff, options))
    return result


# ---- answers ----------------------------------------------------------------------------------------------


def attempts(unit: Unit) -> list[Attempt]:
    """Answer for one unit under its entry policy."""
    every = chains(unit)
    if not every:
        return []
    first = min(event.time for event in entries(unit))
    from_first = [chain for chain in every if chain[0].event.time == first]
    if unit.options.entry == "any":
        touched = max(depth(chain, unit.options) for chain in from_first)
        return [summary(every, unit, first, touched)]
    if unit.options.entry == "first":
        return [summary(from_first, unit, first, None)]
    return [summary(group, unit, group[0][0].event.time, None) for group in each_attempt(every, unit)]


def each_attempt(every: list[Chain], unit: Unit) -> Iterator[list[Chain]]:
    """Give the chains of each attempt in turn: those that start where it does."""
    after, at_after = -math.inf, False
    while True:
        starts = [chain[0].event.time for chain in every]
        allowed = [start for start in starts if start > after or (at_after and start == after)]
        if not allowed:
            return
        group = [chain for chain in every if chain[0].event.time == min(allowed)]
        yield group
        after, at_after = attempt_end(group, unit)


def attempt_end(group: list[Chain], unit: Unit) -> tuple[float, bool]:
    """Find when the attempt ended, and whether the next one may start at that very instant."""
    options = unit.options
    conversions = [
        chain[position].event.time
        for chain in group
        if (position := completes(chain, options.depth, options)) is not None
    ]
    if conversions:
        return min(conversions), False
    ends = [(min(deadline(chain, unit), broken_at(chain, unit)), chain) for chain in group]
    last = max(end for end, _ in ends)
    was_broken = all(broken_at(chain, unit) <= last for end, chain in ends if end == last)
    return last, was_broken


def summary(group: list[Chain], unit: Unit, first_entry: int, first_touch_reach: int | None) -> Attempt:
    """Add up a group of chains by the rules for reach, status, reported chain and maturity."""
    options = unit.options
    reach = max(depth(chain, options) for chain in group)
    told = reported(group, reach, options)
    if reach == options.depth:
        status = "converted"
    else:
        may_go_on = any(is_open(chain, unit) for chain in group) and not options.all_closed
        status = "undecided" if may_go_on else "dropped"
    if options.all_closed:
        mature_chains = group
    elif unit.session_end is not None:
        mature_chains = group if unit.session_end + options.session_gap <= unit.cutoff else []
    else:
        mature_chains = [chain for chain in group if chain[0].event.time <= unit.cutoff - options.span]
    times = [taken.event.time for taken in told]
    # What comes after the conversion is no part of the way to it.
    over = max(times) if status == "converted" else math.inf
    in_time = [chain for chain in group if chain[-1].event.time <= over]
    return Attempt(
        reach=reach,
        status=status,
        optional_reached=frozenset(chain[-1].step for chain in in_time) & options.optional,
        start=times[0],
        arrivals={taken.step: taken.event.time for taken in sorted(told, key=lambda taken: taken.step)},
        first_entry=first_entry,
        mature=bool(mature_chains),
        mature_reach=max((depth(chain, options) for chain in mature_chains), default=None),
        first_touch_reach=first_touch_reach,
        tie_resolved=len(set(times)) < len(times),
    )


def reported(group: list[Chain], reach: int, options: OracleOptions) -> Chain:
    """Choose by earliest arrival at `reach`, latest start, earliest times by step (skipped = last)."""

    def rank(chain: Chain) -> tuple[float, ...]:
        position = completes(chain, reach, options)
        assert position is not None
        times = {taken.step: taken.event.time for taken in chain}
        by_step = [times.get(step, math.inf) for step in range(1, len(options.steps) + 1)]
        return (chain[position].event.time, -chain[0].event.time, *by_step)

    return min((chain for chain in group if depth(chain, options) == reach), key=rank)
