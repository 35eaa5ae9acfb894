"""Put an oracle's log into a batch and run the kernel on it, so that both can be compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np
from funnel_chains import OracleOptions, Taken, Unit, is_chain
from funnel_oracle import Attempt, UnitResult

from desirepath.journeys.batch import JourneyBatch, Matched
from desirepath.questions.funnel_find import Plan, _follow
from desirepath.questions.funnel_machine import FOREVER, build_machine
from desirepath.questions.funnel_rows import (
    DONE,
    DROPPED,
    ENTRY,
    JOURNEY,
    MATURE,
    REACHED,
    STATUS,
    STEP_AT,
    TIED_STEPS,
    TOUCH,
    UNDECIDED,
)

STATUS_NAMES = {DROPPED: "dropped", UNDECIDED: "undecided", DONE: "converted"}


def plan_of(options: OracleOptions) -> Plan:
    """The plan of the funnel that the options describe."""
    blocks = [[step - 1 for step in block] for block in options.blocks]
    optional = frozenset(step - 1 for step in options.optional)
    steps = sum(len(block) for block in blocks)
    goal = steps - len(optional)
    pairs = [(after, before) for after, before in options.exclusions]
    by_session = options.window == "session"
    window = options.window if isinstance(options.window, int) else int(FOREVER)
    return Plan(
        filters=(),
        names=tuple(f"step {step + 1}" for step in range(steps)),
        optional=optional,
        blocks=tuple(tuple(block) for block in blocks),
        machine=build_machine(blocks, optional, {step - 1: limit for step, limit in options.within.items()}),
        window=window,
        window_text=str(options.window),
        goal=goal,
        strict=options.strict,
        exclusions=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        entry=("any", "first", "each").index(options.entry),
        drop_excluded=False,
        hold=(),
        by_session=by_session,
        limited=bool(options.within),
        instead=0,
        instead_text="0 s",
        instead_top=0,
        all_closed=options.all_closed,
        distinct=options.distinct,
        grace=0,
    )


def batch_of(units: Sequence[Unit], options: OracleOptions) -> JourneyBatch:
    """One journey a unit."""
    plan = plan_of(options)
    starts, times, masks, closes = [0], [], [], []
    for unit in units:
        for event in unit.events:
            mask = sum(1 << (step - 1) for step in event.steps)
            mask |= sum(1 << (plan.steps + number) for number in event.exclusions)
            if event.in_scope and options.strict:
                mask |= 1 << (plan.steps + len(options.exclusions))
            times.append(event.time)
            masks.append(mask)
        starts.append(len(times))
        closes.append(2**62 if unit.session_end is None else unit.session_end + options.session_gap)
    bits, codes = np.unique(np.array([0, *masks], dtype=np.int64), return_inverse=True)
    begin, end = options.period
    return JourneyBatch(
        owner=np.arange(len(units), dtype=np.int64),
        starts=np.array(starts, dtype=np.int64),
        time=np.array(times, dtype=np.int64),
        columns={"match": Matched(codes[1:].astype(np.uint16), bits)},
        closes=np.array(closes, dtype=np.int64),
        period=(-(2**62) if begin is None else begin, 2**62 if end is None else end),
        cutoff=max((unit.cutoff for unit in units), default=0),
    )


def kernel_attempts(units: Sequence[Unit], options: OracleOptions) -> list[list[dict[str, Any]]]:
    """What the kernel says of each unit, in the oracle's words."""
    plan, batch = plan_of(options), batch_of(units, options)
    rows, many = _follow(plan, batch)
    found: list[list[dict[str, Any]]] = [[] for _ in units]
    for row in range(many):
        marks, places = rows.marks[row], rows.places[row]
        at = {step + 1: int(place) for step, place in enumerate(places[STEP_AT:]) if place >= 0}
        times = {step: int(batch.time[place]) for step, place in at.items()}
        assert len(set(at.values())) == len(at) or not options.distinct, "one event did two steps"
        found[int(places[JOURNEY])].append(
            {
                "reach": int(marks[REACHED]),
                "status": STATUS_NAMES[int(marks[STATUS])],
                "optional_reached": frozenset(
                    step + 1 for step in range(plan.steps) if (int(rows.optional[row]) >> step) & 1
                ),
                "start": min(times.values()),
                "arrival": max(time for step, time in times.items() if step - 1 not in plan.optional),
                "first_entry": int(batch.time[places[ENTRY]]),
                "mature_reach": None if marks[MATURE] < 0 else int(marks[MATURE]),
                "first_touch_reach": int(marks[TOUCH]) if options.entry == "any" else None,
                "tie_resolved": bool(marks[TIED_STEPS]),
                "chain": {step: place - int(batch.starts[places[JOURNEY]]) for step, place in at.items()},
            }
        )
    return found


def same(got: dict[str, Any], want: Attempt, unit: Unit) -> list[str]:
    """What differs, by name.

    Where steps may be left out, have limits or no order, the reported chain may be any valid one of the same reach,
    arrival and start; else it is the one with the earliest steps.
    """
    optional = unit.options.optional
    expected = {
        "reach": want.reach,
        "status": want.status,
        "optional_reached": want.optional_reached,
        "start": want.start,
        "arrival": max(time for step, time in want.arrivals.items() if step not in optional),
        "first_entry": want.first_entry,
        "mature_reach": want.mature_reach,
        "first_touch_reach": want.first_touch_reach,
    }
    wrong = [name for name, value in expected.items() if got[name] != value]
    elements = [Taken(unit.events[place], step) for step, place in got["chain"].items()]
    orders = (sorted(order, key=lambda taken: taken.event.time) for order in permutations(elements))
    if not any(is_chain(tuple(order), unit) for order in orders):
        wrong.append("chain")
    in_line = not (optional or unit.options.within) and all(len(block) == 1 for block in unit.options.blocks)
    if in_line and {taken.step: taken.event.time for taken in elements} != want.arrivals:
        wrong.append("steps")
    times = [taken.event.time for taken in elements]
    if got["tie_resolved"] != (len(set(times)) < len(times)):
        wrong.append("tie_resolved")
    return wrong


def differences(units: Sequence[Unit], options: OracleOptions, results: Sequence[UnitResult]) -> list[str]:
    """What differs between kernel and oracle, over all units of a log."""
    wrong: list[str] = []
    for unit, got, want in zip(units, kernel_attempts(units, options), results, strict=True):
        if len(got) != len(want.attempts):
            wrong.append(f"{len(got)} attempts instead of {len(want.attempts)}")
            continue
        for one, other in zip(got, want.attempts, strict=True):
            wrong += same(one, other, unit)
    return wrong
