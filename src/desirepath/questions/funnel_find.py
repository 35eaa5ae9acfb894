"""From whole journeys to one row per passage through a funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Matched
from desirepath.journeys.sessions import SessionRule, session_numbers
from desirepath.questions.funnel_loop import (
    EACH,
    ENTRY,
    JOURNEY,
    MATURE,
    REACHED,
    SHUT,
    STATUS,
    STEP_AT,
    TIED_STEPS,
    TOUCH,
    Rows,
    Scope,
    count_entries,
    follow,
    matching,
    next_after,
)
from desirepath.questions.funnel_machine import FOREVER, PATIENCE, PLACE, Machine
from desirepath.questions.funnel_walk import Memory, Rules
from desirepath.questions.question import Findings


@dataclass(frozen=True, eq=False)
class Plan:
    """A funnel in the form the kernel takes; times in microseconds, steps numbered from 0."""

    filters: tuple[Where, ...]
    names: tuple[str, ...]
    optional: frozenset[int]
    blocks: tuple[tuple[int, ...], ...]
    machine: Machine
    window: int
    window_text: str
    goal: int
    strict: bool
    exclusions: Array
    entry: int
    drop_excluded: bool
    hold: tuple[str, ...]
    by_session: bool
    limited: bool
    instead: int
    instead_text: str

    @property
    def steps(self) -> int:
        """How many steps, optional ones included."""
        return len(self.names)

    @property
    def entry_bits(self) -> int:
        """Bits of the steps that a passage may begin with."""
        return sum(1 << step for step in self.blocks[0])

    @property
    def required(self) -> list[int]:
        """The steps that are not optional, in order."""
        return [step for step in range(self.steps) if step not in self.optional]


def find_rows(plan: Plan, journeys: JourneyBatch) -> Findings:
    """One row per journey that entered, or per attempt; see `funnel_loop` for the columns."""
    batch, came_from, missing = _cut(plan, journeys)
    rows, many = _follow(plan, batch)
    marks, places = rows.marks[:many], rows.places[:many]
    journey = places[:, JOURNEY].astype(np.int64)
    reach = marks[:, REACHED].astype(np.int64)
    at = places[:, STEP_AT:]
    times = np.where(at >= 0, batch.time[np.maximum(at, 0)], FOREVER)
    last = _last_place(at, times)
    unfinished = reach < plan.goal
    following = np.full(many, -1, dtype=np.int64)
    if unfinished.any():
        here = np.flatnonzero(unfinished)
        found = np.empty(len(here), dtype=np.int64)
        name = cast("Array", batch.columns["name"])
        next_after(batch.starts, batch.time, name, journey[here], last[here], plan.instead, found)
        following[here] = found
    values = {
        "reach": reach,
        "status": marks[:, STATUS],
        "optional": rows.optional[:many],
        "tied": marks[:, TIED_STEPS],
        "shut": marks[:, SHUT],
        "mature": marks[:, MATURE],
        "touch": marks[:, TOUCH],
        "entered_at": batch.time[places[:, ENTRY]],
        "times": times,
        "next": following,
        "missing_hold": missing[journey],
    }
    anchors = {"entry": places[:, ENTRY]} | {f"step {step + 1}": at[:, step] for step in range(plan.steps)}
    found_rows = Findings(came_from[journey], values, anchors, {"next": batch.labels["name"]})
    return found_rows if batch is journeys else _best_of_parts(plan, found_rows, batch)


def _last_place(at: Array, times: Array) -> Array:
    latest = np.where(at >= 0, times, -FOREVER)
    step = latest.shape[1] - 1 - np.argmax(latest[:, ::-1], axis=1)
    return np.asarray(at[np.arange(len(at)), step], dtype=np.int64)


def _cut(plan: Plan, journeys: JourneyBatch) -> tuple[JourneyBatch, Array, Array]:
    """Cut journeys by session and held values; return the parts, what each came from, and whether a value is missing."""
    batch, came_from = journeys, np.arange(len(journeys), dtype=np.int64)
    if plan.by_session:
        rule = SessionRule()
        number, ends = session_numbers(batch, rule, given=cast("Array", batch.columns["session"]))
        batch, origin = batch.cut(number, closes=ends + rule.gap)
        came_from = came_from[origin]
    missing = np.zeros(len(batch), dtype=np.int8)
    if plan.hold:
        key = np.zeros(len(batch.time), dtype=np.int64)
        for name in plan.hold:
            codes = cast("Array", batch.columns[f"hold {name}"]).astype(np.int64)
            _, key = np.unique(key * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)
        lacks = np.zeros(len(batch.time), dtype=np.bool_)
        for name in plan.hold:
            lacks |= cast("Array", batch.columns[f"hold {name}"]) == 0
        order = np.lexsort((key, batch.journey_of_event()))
        batch, origin = batch.cut(key)
        came_from = came_from[origin]
        missing = lacks[order][batch.starts[:-1]].astype(np.int8) if len(batch) else missing[:0]
    return batch, came_from, missing


def _follow(plan: Plan, batch: JourneyBatch) -> tuple[Rows, int]:
    """Run the kernel over a batch."""
    match = cast("Matched", batch.columns["match"])
    codes, bits = match.codes, match.bits
    hits = np.empty(len(codes) + 1, dtype=np.int32)
    hits = hits[: matching(codes, bits, hits)]
    longest = int(np.diff(batch.starts).max(initial=0)) + 1
    capacity = count_entries(codes, bits, hits, plan.entry_bits) if plan.entry == EACH else len(batch)
    rows = Rows(
        np.empty((capacity, 6), dtype=np.int8),
        np.empty((capacity, STEP_AT + plan.steps), dtype=np.int32),
        np.empty(capacity, dtype=np.int64),
    )
    machine, memory = _memory(plan, longest)
    rules = Rules(plan.window, plan.steps, plan.goal, plan.strict, plan.exclusions)
    period_from, period_to = batch.period
    scope = Scope(
        plan.entry, plan.entry_bits, period_from, period_to - 1, batch.cutoff, plan.drop_excluded, plan.by_session
    )
    events = np.empty((longest, 3), dtype=np.int64)
    many = follow(
        batch.starts, batch.time, codes, bits, hits, batch.open_until, events, scope, machine, rules, memory, rows
    )
    return rows, many


def _memory(plan: Plan, longest: int) -> tuple[Machine, Memory]:
    """Working memory: one place for a chain at most nodes, one per event where limits between steps apply."""
    nodes = plan.machine.nodes.copy()
    limited = (nodes[:, PATIENCE] < FOREVER) & (nodes[:, PATIENCE] >= 0)
    sizes = np.where(limited, longest + 1, 1)
    nodes[:, PLACE] = np.cumsum(sizes) - sizes
    width = 3 + plan.steps
    tries = len(nodes) << min(len(plan.optional), 10)
    memory = Memory(
        np.zeros((int(sizes.sum()), width), dtype=np.int64),
        np.zeros((len(nodes), 2), dtype=np.int64),
        np.zeros((len(nodes), width), dtype=np.int64),
        np.zeros((6, max(longest, tries, plan.steps + 2)), dtype=np.int64),
        np.zeros(6 + plan.steps, dtype=np.int64),
    )
    return Machine(plan.machine.edges, nodes, plan.machine.out), memory


def _best_of_parts(plan: Plan, found: Findings, batch: JourneyBatch) -> Findings:
    """Of the parts of one journey keep the one that got furthest; attempts are all kept."""
    if plan.entry == EACH or len(found) == 0:
        return found
    del batch
    values = found.values
    arrived = np.where(values["times"] < FOREVER, values["times"], -FOREVER).max(axis=1)
    # a part that may still move counts before one that is over at the same step
    order = np.lexsort((arrived, values["status"] != 1, -values["reach"], found.journey))
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = np.diff(found.journey[order]) != 0
    group = np.cumsum(first) - 1
    best = dict(found.take(order[first]).values)
    for name in ("mature", "touch", "shut"):
        best[name] = np.maximum.reduceat(values[name][order], np.flatnonzero(first))
    bits = np.bitwise_or.reduceat(values["optional"][order], np.flatnonzero(first))
    best["optional"] = bits
    best["entered_at"] = np.minimum.reduceat(values["entered_at"][order], np.flatnonzero(first))
    undecided = np.zeros(int(group[-1]) + 1, dtype=np.bool_)
    np.logical_or.at(undecided, group, values["status"][order] == 1)
    best["status"] = np.where((best["status"] == 0) & undecided, 1, best["status"]).astype(np.int8)
    kept = found.take(order[first])
    return Findings(kept.journey, best, kept.anchors, found.labels)
