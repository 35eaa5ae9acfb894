"""Which journey map would the events themselves draw, and how much of what happens does it explain?

    ws.ask("discover", unit="entity:case", goal="Closed")

    touchpoint            share of journeys   repeats   place
    Assign seriousness               99.3 %     0.1 %       1
    Take in charge ticket            99.9 %     9.8 %       2

Table `levels` says what a coarser or finer map explains; `definition` is the map, to be edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.map_drawing import drawing, drawing_chart
from desirepath.answers.words import count, percent
from desirepath.errors import InputError, MapError
from desirepath.events.moments import duration
from desirepath.journeys.batch import JourneyBatch, Reads
from desirepath.journeys.on_threads import THREADS, on_threads
from desirepath.maps.departures import BEGUN, WHOLE, departures_of
from desirepath.maps.discovering import (
    Draft,
    Relations,
    draft,
    frequent,
    meeting,
    moves_of,
    relations,
    renumbered,
    staged,
)
from desirepath.maps.instances import NOTHING
from desirepath.maps.journey_map import MOST_TOUCHPOINTS, JourneyMap
from desirepath.maps.road import Road
from desirepath.maps.variants import Variants, joined, variants_of
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.questions.touchpoints import View, rows_of
from desirepath.statistics import Durations, Proportion

Array = npt.NDArray[Any]

MOST_NAMES = 65_535
"""So many names of events are told apart at most; the largest number of its kind stands for an event not shown."""

AT_ONCE = 1_000_000
"""So many sequences are laid beside a map at a time."""

LEVELS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.0)
COLUMNS = (
    "place",
    "touchpoint",
    "journeys",
    "of_journeys",
    "events",
    "of_again_at_once",
    "of_beginning",
    "of_ending",
)
LEVEL_COLUMNS = ("least", "touchpoints", "of_events", "of_journeys_on_the_road", "fitness")
NICE = ("1 hour", "2 hours", "6 hours", "12 hours", "1 day", "2 days", "7 days", "14 days", "30 days", "60 days")
LONGER = ("90 days", "180 days", "365 days", "730 days")


@question
class Discover(Question):
    """Which journey map would the events themselves draw, and how much of what happens does it explain?

    Parameters
    ----------
    called
        The name of the map.
    goal
        The event that is the goal; the one that most journeys end with, if left out.
    least
        The least share of journeys that have a touchpoint, such as 0.05.
    only, hide
        Events' names or filters: nothing but these, or all but these.
    group
        Touchpoints made of several events: their names, and the events' names.
    """

    named_by: ClassVar[frozenset[str]] = frozenset({"touchpoint"})

    called: str = "discovered"
    goal: str | None = None
    least: float = 0.05
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    group: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 0 <= self.least <= 1:
            raise InputError(f"{self.least} is not a share of journeys.", allowed=["a number from 0 to 1"])
        grouped = [event for events in self.group.values() for event in events]
        for event in grouped:
            if grouped.count(event) > 1:
                raise InputError(f"The event {event!r} is in two groups.")
        if self.goal in grouped and self.goal not in self.group:
            raise InputError(f"The goal {self.goal!r} is in a group; name the group.", allowed=list(self.group))
        _ = self.view

    @cached_property
    def view(self) -> View:
        """Which events are shown."""
        return View(tuple(self.only), tuple(self.hide))

    def named(self) -> Sequence[str]:
        """Events that are told more finely."""
        return self.view.named

    def reads(self) -> Reads:
        """The name of each event."""
        return dict(self.view.reads)

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey with an event that is shown."""
        return rows_of(journeys, self.view.see(journeys))

    def _touched(self, journeys: JourneyBatch) -> tuple[Array, list[str]]:
        """unsigned int[n]: each event's number, the same in every block, or what `_hidden` says; and their names."""
        seen = self.view.see(journeys)
        if seen.space >= MOST_NAMES:
            raise InputError(f"{seen.space:,} names of events are more than {MOST_NAMES:,}; choose some by `only`.")
        names = [seen.label(key) for key in range(seen.space)]
        group_of = {event: name for name, events in self.group.items() for event in events}
        for name in sorted(self.group.keys() & set(names) - group_of.keys()):
            raise InputError(f"{name!r} is an event too; name it in a group, or give the group another name.")
        labels = list(dict.fromkeys([*sorted(self.group), *names]))
        number = {label: place for place, label in enumerate(labels)}
        kept = np.min_scalar_type(len(labels) + 1)
        new = np.array([*(number[group_of.get(name, name)] for name in names), np.iinfo(kept).max], dtype=kept)
        if not len(seen.keys):
            return np.full(len(journeys.time), _hidden(new), dtype=kept), labels
        shown = np.where(seen.shown >= 0, seen.keys[np.maximum(seen.shown, 0)], len(names))
        return new[shown][seen.codes], labels

    def tally(self, findings: Findings) -> DiscoverTally:
        """The distinct sequences of events, and how long journeys are."""
        journeys = cast("JourneyBatch", findings.batch)
        touched, labels = self._touched(journeys)
        last = journeys.starts[1:] - 1
        variants = variants_of(journeys.starts, touched, last, np.zeros(len(journeys), dtype=np.int8), _hidden(touched))
        mine = variants.of[findings.journey]
        weight = np.bincount(mine, minlength=len(variants)).astype(np.int64)
        some = np.flatnonzero(weight)
        some = some[np.argsort(variants.mark[some])]
        shown = np.flatnonzero(touched != _hidden(touched))
        ends = shown[np.searchsorted(shown, journeys.starts[findings.journey + 1]) - 1]
        lengths = journeys.time[ends] - journeys.time[findings.anchors["entry"]]
        return DiscoverTally(self, labels, variants.take(some), weight[some], Durations(lengths))

    def answer(self, tally: DiscoverTally) -> Report:
        """The draft's touchpoints, its definition, and what it explains at every level of detail."""
        return _report(tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`{"touchpoint": "checkout"}`: the journeys that have it.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such touchpoint.
        """
        refuse_others(which, ["touchpoint"])
        journeys = cast("JourneyBatch", findings.batch)
        if "touchpoint" not in which:
            return np.ones(len(findings), dtype=np.bool_)
        touched, labels = self._touched(journeys)
        wanted = touched == place_among("touchpoint", which["touchpoint"], labels)
        held = np.concatenate(([0], np.cumsum(wanted)))
        has = held[journeys.starts[1:]] > held[journeys.starts[:-1]]
        return np.asarray(has[findings.journey])


@dataclass(frozen=True, eq=False)
class DiscoverTally:
    """The distinct sequences of events, how many journeys have each, and how long journeys are."""

    asked: Discover
    labels: list[str]
    variants: Variants
    weight: Array
    lengths: Durations

    def __add__(self, other: DiscoverTally) -> DiscoverTally:
        """Join two groups of journeys."""
        whole, mine, others = joined(self.variants, other.variants)
        weight = np.zeros(len(whole), dtype=np.int64)
        weight[mine] += self.weight
        weight[others] += other.weight
        labels = max(self.labels, other.labels, key=len)
        return DiscoverTally(self.asked, labels, whole, weight, self.lengths + other.lengths)

    @property
    def size(self) -> int:
        """How many journeys there are."""
        return int(self.weight.sum())

    def rates(self) -> Mapping[str, Proportion]:
        """Nothing that two groups are compared by."""
        return {}

    @cached_property
    def relations(self) -> Relations:
        """What is counted of events."""
        return relations(self.variants, self.weight, len(self.labels))

    @property
    def goal(self) -> int | None:
        """The number of the goal that was asked for; -1 where nobody has it."""
        if self.asked.goal is None:
            return None
        place = self.labels.index(self.asked.goal) if self.asked.goal in self.labels else -1
        return place if place >= 0 and self.relations.journeys[place] else -1

    def definition(self, made: Draft) -> dict[str, Any]:
        """The draft as the file of a map holds it."""
        definition: dict[str, Any] = {"map": self.asked.called}
        names = [self.labels[each] for each in made.starts]  # a map knows its touchpoints by name, whatever it is
        definition["starts"] = names if len(names) > 1 else names[0]
        definition["goal"] = self.labels[made.goal]
        definition["gives_up_after"] = self._patience()
        definition["stages"] = staged([self._with_events(step) for step in made.steps])
        return definition

    def _with_events(self, step: Any) -> Any:
        """A step that says which events its touchpoint is made of, where these are several."""
        if isinstance(step, str):
            group = self.asked.group
            events = [
                _filter(each) if each in group and each != step else _quoted(each) for each in group.get(step, [step])
            ]
            return step if events == [step] else {"touchpoint": step, "event": events}
        for kind in ("one_of", "any_order"):
            if kind in step:
                return {**step, kind: [self._with_events(each) for each in step[kind]]}
        named = self._with_events(step["touchpoint"])
        return step if isinstance(named, str) else {**named, **step}

    def _patience(self) -> str:
        """The next round length of time that 99 of 100 journeys do not need."""
        long = self.lengths.quantile(0.99) if self.size else 0
        lengths = (*NICE, *LONGER)
        return next((each for each in lengths if duration(each).microseconds >= (long or 0)), LONGER[-1])

    def explained(self, made: Draft) -> tuple[int, float, float, float]:
        """Touchpoints, share of events that are one, share of journeys on the road, and mean fitness."""
        asked = JourneyMap.of(self.definition(made))
        number = np.full(len(self.labels), NOTHING, dtype=np.uint8)
        names = [each.name for each in asked.touchpoints]
        for each in made.order:
            number[each] = names.index(self.labels[each])
        on_road, fit = 0, 0.0
        for some, variants in self.variants.pieces(AT_ONCE):
            whole = renumbered(variants, number, NOTHING)
            kind = np.where(meeting(whole, [int(number[made.goal])], len(names)), WHOLE, BEGUN)
            # without what is no touchpoint, many sequences are the same
            kept = variants_of(whole.starts, whole.trace, whole.starts[1:] - 1, kind)
            cost, fitness = _costs(kept, asked.road, len(names))
            on_road += int(self.weight[some][cost[kept.of] == 0].sum())
            fit += float((fitness[kept.of] * self.weight[some]).sum())
        events = self.relations.events
        explained = float(events[list(made.order)].sum() / events.sum())
        return len(names), explained, on_road / self.size, fit / self.size

    def moves(self, made: Draft) -> dict[tuple[str, str], int]:
        """How many times journeys go from one touchpoint to the next."""
        number = np.full(len(self.labels), NOTHING, dtype=np.uint8)
        number[list(made.order)] = np.arange(len(made.order))
        names = [self.labels[each] for each in made.order]
        counts = np.zeros((len(names), len(names)), dtype=np.int64)
        for some, variants in self.variants.pieces(AT_ONCE):
            counts += moves_of(renumbered(variants, number, NOTHING), self.weight[some], len(names))
        return {(names[a], names[b]): int(counts[a, b]) for a in range(len(names)) for b in range(len(names))}

    def at(self, least: float) -> Draft | None:
        """The draft at a level of detail; None where nothing is frequent enough, or too much is."""
        if len(frequent(self.relations, self.size, least)) > MOST_TOUCHPOINTS:
            return None
        return draft(self.relations, (self.variants, self.weight), self.labels, self.size, least, self.goal)


def _hidden(touched: Array) -> int:
    """What stands for an event that is not shown: the largest of its numbers."""
    return int(np.iinfo(touched.dtype).max)


def _costs(variants: Variants, road: Road, touchpoints: int) -> tuple[Array, Array]:
    """The departures and the fitness of every variant."""
    halves = np.array_split(np.arange(len(variants), dtype=np.int64), THREADS)
    found = on_threads(lambda half: departures_of(variants.take(half), road, touchpoints, tell=False), halves)
    return np.concatenate([each.cost for each in found]), np.concatenate([each.fitness() for each in found])


def _quoted(name: str) -> str:
    """An event's name as a map takes it for a name, never for a filter."""
    from desirepath.events.where import Where

    try:
        plain = Where.event(name) == Where.event(_filter(name))
    except InputError:
        plain = False
    return name if plain and name.strip() == name else _filter(name)


def _filter(name: str) -> str:
    return "name = '" + name.replace("'", "''") + "'"


def _report(tally: DiscoverTally) -> Report:
    asked = tally.asked
    if not tally.size:
        return _empty("Nobody has an event of these.")
    if tally.goal == -1:
        return _empty(f"Nobody has the event {asked.goal!r}, which is to be the goal.")
    made = tally.at(asked.least)
    if made is None:
        enough = len(frequent(tally.relations, tally.size, asked.least))
        if enough:
            raise InputError(
                f"{enough:,} kinds of events are more than the {MOST_TOUCHPOINTS} touchpoints of a map; raise `least`."
            )
        return _empty(f"No event is in {percent(asked.least)} of {count(tally.size)} journeys; lower `least`.")
    found = tally.relations
    rows = list(made.order)
    values: list[list[Any]] = [
        list(range(1, len(rows) + 1)),
        [tally.labels[each] for each in rows],
        [int(found.journeys[each]) for each in rows],
        [int(found.journeys[each]) / tally.size for each in rows],
        [int(found.events[each]) for each in rows],
        [int(found.again[each]) / int(found.journeys[each]) for each in rows],
        [int(found.first[each]) / tally.size for each in rows],
        [int(found.last[each]) / tally.size for each in rows],
    ]
    table = dict(zip(COLUMNS, values, strict=True))
    points, events, on_road, fitness = tally.explained(made)
    words = [
        f"{count(tally.size)} journeys of {count(len(tally.variants))} variants. A map of {points} touchpoints has "
        f"{percent(events)} of their events; {percent(on_road)} of journeys walk it without a departure, mean fitness "
        f"{fitness:.3f}."
    ]
    definition = tally.definition(made)
    stages = [(str(each["stage"]), list(_named(each["steps"]))) for each in definition["stages"]]
    came = {tally.labels[each]: int(found.journeys[each]) for each in rows}
    extras = {
        "levels": _levels(tally),
        "definition": {"definition": [definition]},
        "drawing": drawing(stages, came, tally.moves(made)),
    }
    return Report(table, extras, words, charts=[drawing_chart()])


def _named(steps: Iterable[Any]) -> Iterator[str]:
    """The touchpoints of steps, in order."""
    for step in steps:
        if isinstance(step, str):
            yield step
        elif "touchpoint" in step:
            yield step["touchpoint"]
        else:
            yield from _named(step.get("one_of") or step.get("any_order") or ())


def _empty(said: str) -> Report:
    nothing: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    extras: dict[str, dict[str, list[Any]]] = {"levels": {name: [] for name in LEVEL_COLUMNS}}
    return Report(nothing, {**extras, "definition": {"definition": []}, "drawing": drawing([], {}, {})}, [said])


def _levels(tally: DiscoverTally) -> dict[str, list[Any]]:
    """What maps of more and less detail explain."""
    table: dict[str, list[Any]] = {name: [] for name in LEVEL_COLUMNS}
    for least in LEVELS:
        made = tally.at(least)
        if made is None:
            continue
        with suppress(MapError):  # a finer map than there can be
            for name, value in zip(table, (least, *tally.explained(made)), strict=True):
                table[name].append(value)
    return table
