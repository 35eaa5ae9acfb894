"""How many people get from one step to the next, where do they stop, and what do they do instead?

Modes: steps in order, strictly in order, in any order, or partly ordered (a list inside the steps may be done in any
order); steps may be optional; a window for the whole and for single steps, by the clock or by the session; entry at
any touch, the first only, or each time anew; excluded events; properties that must stay the same along the way.

    ws.ask(Funnel(steps=["visit", "cart", "order"], window="7 days"))

    visit -> cart -> order
    1 000     300      90        90 of 1 000 (9.0 %); 30.0 % of those with a cart

The meaning is written out in docs/questions/funnel.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.moments import duration
from desirepath.events.where import Where, always
from desirepath.journeys.batch import Code, JourneyBatch, Match, Read, Reads, Session
from desirepath.questions.catalog import question
from desirepath.questions.funnel_answer import FunnelTally, funnel_report, funnel_tally, instead_at, select_rows
from desirepath.questions.funnel_find import Plan, find_rows
from desirepath.questions.funnel_machine import FOREVER, MOST_IN_A_BLOCK, build_machine
from desirepath.questions.funnel_sums import sum_plain
from desirepath.questions.like import Rule
from desirepath.questions.question import Findings, Question, Report, Split, Summed
from desirepath.questions.top_codes import OTHER

MOST_STEPS = 32

WEEK = 7 * 24 * 3_600_000_000
"""Far more than the longest session, in microseconds."""


@dataclass(frozen=True)
class Step:
    """One step of a funnel.

    Parameters
    ----------
    where
        Which events do it: a filter such as `name in ('cart', 'basket') and value > 10`.
    name
        What to call it; the filter's text if left out.
    optional
        Whether the journey may go on without it.
    within
        Longest time from the step before, such as `"1 hour"`.
    """

    where: str
    name: str | None = None
    optional: bool = False
    within: str | None = None


@dataclass(frozen=True)
class Exclusion:
    """Events that end a passage when they happen between two steps.

    Parameters
    ----------
    where
        Which events: a filter or an event's name.
    after, before
        Between which required steps, numbered from 1; from the first to the last if left out.
    """

    where: str
    after: int = 1
    before: int | None = None


@question
class Funnel(Question):
    """How many people get from one step to the next, where do they stop, and what do they do instead?

    Parameters
    ----------
    steps
        Two or more steps: an event's name, a filter, or a step with options. With `order="partial"` a list among
        them is a block whose steps may come in any order.
    window
        Longest time from the first step to the last, such as `"7 days"`, or `"session"` for one session.
    order
        `ordered`, `strict` (nothing of the scope in between), `any`, or `partial`.
    entry
        `any` lets a passage begin at every touch of the first step, `first` only at the first, `each` counts every
        attempt by itself.
    exclude
        Events that end a passage when they lie strictly between its steps.
    excluded
        What an excluded event does: `end_chain` ends that passage only, `drop_unit` takes who did not convert
        otherwise out of the count.
    hold
        Properties whose value must stay the same from step to step; a missing value is a value of its own.
    strict_scope
        Which events `strict` minds; all of them if left out.
    rates
        Of whom: `closed` leaves out whose window had not closed when the data ends, `all` takes them for dropped.
    distinct
        Whether each step needs an event of its own; if not, one event may do several steps.
    grace
        For clocks that disagree: how much before the step before it an event may lie and still do its step, such as
        `"2 seconds"`. Needs `entry="first"` and steps in order; each step then takes the first event that fits.
    instead_within
        How long after the last step reached to look for what people did instead.
    instead_top
        How many of those touchpoints to name; the rest is summed up. 0 does not look.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"instead", "but"})
    unlisted: ClassVar[frozenset[str]] = frozenset({"optional", "mature_optional", "missing_hold"})

    steps: list[str | Step | list[str | Step]]
    window: str = "30 days"
    order: Literal["ordered", "strict", "any", "partial"] = "ordered"
    entry: Literal["any", "first", "each"] = "any"
    exclude: list[str | Exclusion] = field(default_factory=list)
    excluded: Literal["end_chain", "drop_unit"] = "end_chain"
    hold: list[str] = field(default_factory=list)
    strict_scope: str | None = None
    rates: Literal["closed", "all"] = "closed"
    distinct: bool = True
    grace: str = "0 seconds"
    instead_within: str = "24 hours"
    instead_top: int = 5

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        _ = self.plan

    def reads(self) -> Reads:
        """Bits of steps, exclusions and scope; the touchpoint; the held properties."""
        wanted: dict[str, Read] = {"match": Match(self.plan.filters), "name": Code("name")}
        if self.by_session:
            wanted["session"] = Session()
        wanted.update({f"hold {name}": Code(name) for name in self.hold})
        return wanted

    def horizon(self) -> int:
        """Events are read until the window of the last entry has closed, and a look beyond."""
        window = WEEK if self.by_session else self.plan.window
        return min(window, int(FOREVER) // 4) + self.plan.instead

    def reach_back(self) -> int:
        """Within the grace before an entry a step may have been done before the period."""
        return self.plan.grace

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that entered, or per attempt."""
        return find_rows(self.plan, journeys)

    def tally(self, findings: Findings) -> FunnelTally:
        """Counts per step and outcome, times between steps, and what came instead."""
        return funnel_tally(self.plan, findings)

    def sums(self, journeys: JourneyBatch, split: Split | None) -> Summed | None:
        """The same without rows, where the funnel is a plain one."""
        return sum_plain(self.plan, journeys, split)

    def answer(self, tally: FunnelTally) -> Report:
        """The table by step, with intervals; what came instead; the finding in words."""
        return funnel_report(self.plan, tally, top=self.instead_top)

    def meant(self, tally: FunnelTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """What `(other)` of a step was done instead: none of what has a line there."""
        if which.get("instead") != OTHER:
            return which
        named = instead_at(self.plan, tally, which.get("step", 1), self.instead_top)
        return {**{name: value for name, value in which.items() if name != "instead"}, "but": named}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`step=2, outcome="reached" | "mature" | "dropped" | "undecided" | "converted"`, `instead="call"`."""
        return select_rows(self.plan, findings, which)

    def like(self, product: str) -> Sequence[Rule]:
        """Entry, ties, exclusions, the end of the period and who is in the rates, as a product documents them."""
        from desirepath.questions.funnel_like import funnel_rules

        bare = self.distinct and not self.plan.optional and not self.plan.limited
        return funnel_rules(product, entry=self.entry, order=self.order, bare=bare, exclusions=bool(self.exclude))

    @property
    def by_session(self) -> bool:
        """Whether a passage must lie inside one session."""
        return self.window.strip().lower() == "session"

    @cached_property
    def plan(self) -> Plan:
        """The question in the form the kernel takes."""
        return _plan(self)


def _as_step(given: str | Step) -> tuple[Step, Where]:
    step = Step(given) if isinstance(given, str) else given
    where = Where.event(step.where)
    return step, where


def _blocks(asked: Funnel) -> list[list[str | Step]]:
    nested = [item for item in asked.steps if isinstance(item, list)]
    if nested and asked.order != "partial":
        raise InputError(f"A list of steps inside the steps needs order='partial', not {asked.order!r}.")
    if asked.order == "partial" and not nested:
        raise InputError("order='partial' needs a list of steps among the steps: the ones that may come in any order.")
    if asked.order == "any":
        return [[item for item in asked.steps if not isinstance(item, list)]]
    return [item if isinstance(item, list) else [item] for item in asked.steps]


def _plan(asked: Funnel) -> Plan:
    blocks = _blocks(asked)
    flat = [_as_step(item) for block in blocks for item in block]
    numbers = iter(range(len(flat)))
    numbered = [[next(numbers) for _ in block] for block in blocks]
    _check_steps(asked, numbered, [step for step, _ in flat])
    window = int(FOREVER) if asked.by_session else duration(asked.window).microseconds
    optional = frozenset(place for place, (step, _) in enumerate(flat) if step.optional)
    within = {place: duration(step.within).microseconds for place, (step, _) in enumerate(flat) if step.within}
    goal = len(flat) - len(optional)
    exclusions = [_exclusion(item, goal) for item in asked.exclude]
    scope = (
        [] if asked.order != "strict" else [always if asked.strict_scope is None else Where.parse(asked.strict_scope)]
    )
    filters = tuple([where for _, where in flat] + [where for where, _, _ in exclusions] + scope)
    if len(filters) > 62:
        raise InputError(f"A funnel can have 62 steps and exclusions in all; this one has {len(filters)}.")
    return Plan(
        filters=filters,
        names=tuple(step.name or step.where.strip() for step, _ in flat),
        optional=optional,
        blocks=tuple(tuple(block) for block in numbered),
        machine=build_machine(numbered, optional, within),
        window=window,
        window_text=asked.window.strip(),
        goal=goal,
        strict=asked.order == "strict",
        exclusions=np.array([[after, before] for _, after, before in exclusions], dtype=np.int64).reshape(-1, 2),
        entry=("any", "first", "each").index(asked.entry),
        drop_excluded=asked.excluded == "drop_unit",
        hold=tuple(asked.hold),
        by_session=asked.by_session,
        limited=bool(within),
        instead=duration(asked.instead_within).microseconds,
        instead_text=asked.instead_within,
        instead_top=asked.instead_top,
        all_closed=asked.rates == "all",
        distinct=asked.distinct,
        grace=_grace(asked, [step for step, _ in flat]),
    )


def _grace(asked: Funnel, steps: list[Step]) -> int:
    grace = _length(asked.grace)
    if grace and (asked.entry != "first" or asked.order != "ordered" or not asked.distinct):
        raise InputError("A grace needs entry='first', order='ordered' and distinct=True.")
    if grace and any(step.optional or step.within for step in steps):
        raise InputError("With a grace no step can be optional or have a limit of its own.")
    return grace


def _length(text: str) -> int:
    """Microseconds; none at all is a length here."""
    return 0 if text.strip().split(" ")[0] == "0" else duration(text).microseconds


def _check_steps(asked: Funnel, blocks: list[list[int]], steps: list[Step]) -> None:
    if len(steps) < 2:
        raise InputError(f"A funnel needs at least two steps; this one has {len(steps)}.")
    if len(steps) > MOST_STEPS:
        raise InputError(f"A funnel can have at most {MOST_STEPS} steps; this one has {len(steps)}.")
    for block in blocks:
        if not block:
            raise InputError("A block of steps is empty.")
        if len(block) > MOST_IN_A_BLOCK:
            raise InputError(f"At most {MOST_IN_A_BLOCK} steps may come in any order; this block has {len(block)}.")
        for place in block:
            if len(block) > 1 and (steps[place].optional or steps[place].within):
                raise InputError(
                    f"Step {place + 1} may come in any order, so it cannot be optional or have a limit of its own."
                )
    for place, name in ((blocks[0][0], "first"), (blocks[-1][0], "last")):
        if steps[place].optional:
            raise InputError(f"The {name} step cannot be optional.")
    if sum(step.optional for step in steps) > MOST_IN_A_BLOCK:
        raise InputError(f"A funnel can have at most {MOST_IN_A_BLOCK} optional steps.")
    if steps[blocks[0][0]].within:
        raise InputError("The first step has no step before it, so it cannot have a limit of its own.")
    if asked.instead_top < 0:
        raise InputError("instead_top must be 0 or more; 0 does not look.")
    if not asked.distinct and asked.order == "strict":
        raise InputError("With order='strict' each step needs an event of its own; leave distinct at True.")
    if asked.strict_scope is not None and asked.order != "strict":
        raise InputError("strict_scope only means something with order='strict'.")


def _exclusion(given: str | Exclusion, goal: int) -> tuple[Where, int, int]:
    item = Exclusion(given) if isinstance(given, str) else given
    before = goal if item.before is None else item.before
    if not 1 <= item.after < before <= goal:
        raise InputError(
            f"An exclusion lies between two required steps; after={item.after} and before={before} do not, of {goal}."
        )
    return Where.event(item.where), item.after, before


__all__ = ["Exclusion", "Funnel", "Step"]
