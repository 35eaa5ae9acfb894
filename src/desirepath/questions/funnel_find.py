"""From whole journeys to one row per passage through a funnel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Matched
from desirepath.journeys.scratch import kept, scratch, spare
from desirepath.journeys.sessions import cut_sessions
from desirepath.questions.funnel_chains import NEVER, Memory, Rules
from desirepath.questions.funnel_loop import Tools, follow, follow_left
from desirepath.questions.funnel_machine import FOREVER, PATIENCE, PLACE, Machine
from desirepath.questions.funnel_rows import (
    ANY,
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
    TOUCH,
    UNDECIDED,
    Met,
    Rows,
    Scope,
    count_entries,
    matching,
    next_after,
)
from desirepath.questions.funnel_straight import follow_straight, steps_of
from desirepath.questions.question import Findings

PLACES = "~place"

ALL_CLOSED = int(FOREVER)
"""The moment by which every window has closed."""

STATUSES = ("dropped", "undecided", "converted", "excluded")


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
    instead_top: int
    all_closed: bool
    distinct: bool
    grace: int

    @property
    def steps(self) -> int:
        """How many steps, optional ones included."""
        return len(self.names)

    @property
    def plain(self) -> bool:
        """Whether it is steps in order, one window, entry at any touch, and nothing else."""
        in_line = all(len(block) == 1 for block in self.blocks) and not self.optional
        bare = not (self.limited or self.strict or len(self.exclusions))
        return in_line and self.entry == ANY and self.distinct and bare

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
    batch, came_from, missing, held = _cut(plan, journeys)
    rows, many = _follow(plan, batch)
    told = rows._replace(
        marks=kept(0, rows.marks, many),
        places=kept(1, rows.places, many),
        times=kept(2, rows.times, many),
        entered=kept(3, rows.entered, many),
        optional=rows.optional[:many],
        mature_optional=rows.mature_optional[:many],
    )
    found = as_findings(plan, batch, told)
    if batch is journeys:
        return found
    journey, values = found.journey, found.values
    if plan.hold:
        values = {**values, "missing_hold": missing[journey]}
    if PLACES in batch.columns:  # cutting has moved events; anchors are told by where they stood
        stood = cast("Array", batch.columns[PLACES])
        anchors = {name: np.where(here >= 0, stood[here], -1) for name, here in found.anchors.items()}
    return _best_of_parts(plan, Findings(came_from[journey], values, anchors, found.labels), held[journey])


def as_findings(plan: Plan, batch: JourneyBatch, rows: Rows) -> Findings:
    """The rows that the kernels have filled in, and what came instead of the next step."""
    marks, many = rows.marks, len(rows.marks)
    journey, at = rows.places[:, JOURNEY], rows.places[:, STEP_AT:]
    nothing, following = np.zeros(many, dtype=np.int8), np.full(many, -1, dtype=np.int8)
    if plan.instead_top:
        following = np.full(many, -1, dtype=np.int64)
        here = np.flatnonzero(marks[:, STATUS] == DROPPED)
        found = np.empty(len(here), dtype=np.int64)
        name = cast("Array", batch.columns["name"])
        # events are in order of time, so the last element of a chain is the one furthest on
        next_after(batch.starts, batch.time, name, journey[here], at[here].max(axis=1), plan.instead, found)
        following[here] = found
    values = {
        "marks": marks,
        "reach": marks[:, REACHED],
        "status": marks[:, STATUS],
        "optional": rows.optional.copy() if plan.optional else nothing,
        "mature_optional": rows.mature_optional.copy() if plan.optional else nothing,
        "entered_at": rows.entered,
        "times": rows.times,
        "next": following,
        "missing_hold": nothing,
    }
    anchors = {"entry": rows.places[:, ENTRY]} | {f"step {step + 1}": at[:, step] for step in range(plan.steps)}
    return Findings(journey, values, anchors, {"next": batch.labels["name"], "status": STATUSES})


def _cut(plan: Plan, journeys: JourneyBatch) -> tuple[JourneyBatch, Array, Array, Array]:
    """Cut journeys by session and held values; return parts, what each came from, whether a value lacks, the values."""
    batch = journeys
    if not (plan.by_session or plan.hold):
        nothing = np.zeros(0, dtype=np.int64)
        return batch, nothing, nothing, nothing
    came_from = np.arange(len(journeys), dtype=np.int64)
    places = np.arange(len(journeys.time), dtype=np.int64)
    batch = replace(batch, columns={**batch.columns, PLACES: places})
    if plan.by_session:
        number, closes = cast("Array", batch.columns["session"]), cast("Array", batch.columns["session closes"])
        batch, origin = cut_sessions(batch, number, closes)
        came_from = came_from[origin]
    missing, held = np.zeros(len(batch), dtype=np.int8), np.zeros(len(batch), dtype=np.int64)
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
        begins = order[batch.starts[:-1]] if len(batch) else order[:0]
        missing, held = lacks[begins].astype(np.int8), key[begins]
    return batch, came_from, missing, held


def met_by(plan: Plan, batch: JourneyBatch) -> Met:
    """The events of a batch that the steps ask for; the next batch of this thread takes their place."""
    match = cast("Matched", batch.columns["match"])
    codes, bits = match.codes, match.bits
    hits = scratch("hits", len(codes) + 1, np.uint32)
    many = matching(codes, bits != 0, hits)
    hits, step_of = hits[: many + 1], steps_of(bits, plan.steps)
    return Met(batch.starts, batch.time, codes, bits, step_of, hits, batch.open_until, batch.shut_at)


def scope_of(plan: Plan, batch: JourneyBatch) -> Scope:
    """Which entries count, and up to when the data is known."""
    cutoff = ALL_CLOSED if plan.all_closed else batch.cutoff
    since, until = batch.period[0], batch.period[1] - 1
    return Scope(plan.entry, plan.entry_bits, since, until, cutoff, plan.drop_excluded, plan.by_session)


def _follow(plan: Plan, batch: JourneyBatch) -> tuple[Rows, int]:
    """Run the kernels over a batch."""
    met, scope, capacity = met_by(plan, batch), scope_of(plan, batch), len(batch)
    if plan.entry == EACH:
        capacity = count_entries(met.codes, met.bits, met.hits, len(met.hits) - 1, plan.entry_bits)
    rows = Rows(
        spare(0, (capacity, MARKS), np.int8),
        spare(1, (capacity, STEP_AT + plan.steps), np.int32),
        spare(2, (capacity, plan.steps), np.int64),
        spare(3, (capacity,), np.int64),
        scratch("optional", capacity, np.int64),
        scratch("mature optional", capacity, np.int64),
    )
    if not plan.plain:
        return rows, follow(met, scope, _tools(plan, met), rows)
    begin, left = np.full(plan.steps + 1, NEVER, dtype=np.int64), np.zeros(1, dtype=np.int64)
    many = follow_straight(met, begin, scope, plan.window, plan.steps, rows, left)
    return rows, follow_the_left(plan, many, met, scope, rows) if left[0] else many


def follow_the_left(plan: Plan, many: int, met: Met, scope: Scope, rows: Rows) -> int:
    """Fill in those of the first `many` rows that the straight lane has left open; return how many there are then."""
    return follow_left(many, met, scope, _tools(plan, met), rows)


def _tools(plan: Plan, met: Met) -> Tools:
    """What the walk that weighs all chains needs, with room for the longest journey."""
    longest = int(np.diff(met.starts).max(initial=0)) + 1
    longest *= 1 if plan.distinct else plan.steps
    machine, memory = _memory(plan, longest)
    rules = Rules(plan.window, plan.steps, plan.goal, plan.strict, plan.exclusions, plan.grace, plan.distinct)
    return Tools(np.empty((longest, 3), dtype=np.int64), machine, rules, memory)


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
    return plan.machine._replace(nodes=nodes), memory


def _best_of_parts(plan: Plan, found: Findings, held: Array) -> Findings:
    """Of the parts of one journey keep the one that got furthest; attempts are all kept.

    Each held value has a funnel of its own. Sessions share one, whose first entry lies in one of them.
    """
    if plan.entry == EACH or len(found) == 0:
        return found
    entered, later = found.values["entered_at"], np.zeros(len(found), dtype=np.bool_)
    order = np.lexsort((entered, held, found.journey))
    begins = _begins(found.journey[order], held[order])
    later[order] = entered[order] > np.repeat(entered[order[begins]], np.diff(begins, append=len(order)))
    if plan.entry == FIRST:
        found, held = found.take(~later), held[~later]
        entered, later = found.values["entered_at"], later[~later]
    values, marks = found.values, found.values["marks"]
    arrived = np.where(values["times"] < FOREVER, values["times"], -FOREVER).max(axis=1)
    # a part that may still move counts before one that is over at the same step
    order = np.lexsort((arrived, marks[:, STATUS] != UNDECIDED, -marks[:, REACHED].astype(np.int64), found.journey))
    begins = _begins(found.journey[order])
    kept = found.take(order[begins])
    best = dict(kept.values)
    merged = best["marks"] = best["marks"].copy()
    merged[:, TOUCH] = np.maximum.reduceat(np.where(later, 0, marks[:, TOUCH])[order], begins)
    for column in (MATURE, SHUT):
        merged[:, column] = np.maximum.reduceat(marks[order, column], begins)
    # in this order one is taken for the other where nothing better came of any part
    for status, instead_of in ((UNDECIDED, (DROPPED,)), (SHUT_OUT, (DROPPED, UNDECIDED))):
        anywhere = np.logical_or.reduceat(marks[order, STATUS] == status, begins)
        merged[np.isin(merged[:, STATUS], instead_of) & anywhere, STATUS] = status
    best["status"], best["reach"] = merged[:, STATUS], merged[:, REACHED]
    for name in ("optional", "mature_optional"):
        best[name] = np.bitwise_or.reduceat(values[name][order], begins)
    others = held[order] != np.repeat(held[order[begins]], np.diff(begins, append=len(order)))
    earliest = order[np.lexsort((entered[order], others, found.journey[order]))][begins]
    best["entered_at"] = entered[earliest]
    anchors = {**kept.anchors, "entry": found.anchors["entry"][earliest]}
    return Findings(kept.journey, best, anchors, found.labels)


def _begins(*columns: Array) -> Array:
    """int64: where rows begin that are alike in these columns, by which they are in order; there is at least one."""
    new = np.ones(len(columns[0]), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([np.diff(column) != 0 for column in columns])
    return np.flatnonzero(new)
