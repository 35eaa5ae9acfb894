"""How do two ways through a journey map differ, in conversion, time, score, contacts, cost and revenue?

    ws.ask("compare", map="repair", by="rescheduled")

    measure      with              without           difference
    conversion   91.8 %            93.2 %            -1.4 points [-2.9, 0.1]
    nps         -22 [-27, -17]     38 [35, 41]       -60 [-66, -54]
    contacts     1.9               1.0                0.9 [0.87, 0.93]

Measures are of instances whose time was over when the data ends: of others the quick ends are known and the late ones
are not, and who will go the way yet stands among those without it.

What differs may differ for other reasons: the two groups chose, or were chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.map_charts import difference_chart
from desirepath.answers.words import count, percent, span
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.pattern import Pattern
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Match, Matched, Read, Reads
from desirepath.maps.instances import CONVERTED, OUTCOMES
from desirepath.maps.journey_map import FOREVER, JourneyMap
from desirepath.questions.catalog import question
from desirepath.questions.instance_facts import Facts, Group, Groups, concerns, facts_of, facts_reads, too_young
from desirepath.questions.journey_map_walk import Instances
from desirepath.questions.on_map import OnMap
from desirepath.questions.patterns_walk import FITS, follow_all, machine_of
from desirepath.questions.question import Findings, Report, place_among
from desirepath.statistics import Durations, Estimate, Proportion, compare_quantiles, interval_columns
from desirepath.statistics.scores import FEW, PLACES

SIDES = ("with", "without", "both", "neither")
HOUR = 3_600_000_000


@question
class Compare(OnMap):
    """How do two ways through a journey map differ, in conversion, time, score, contacts, cost and revenue?

    Parameters
    ----------
    map
        The name of a map, or a whole map.
    by
        What one of the two does: a variant of the map by name, a touchpoint, an event, a filter, or a pattern.
    against
        What the other does; not doing `by`, if left out.
    among
        Only instances that came by this touchpoint, so that both had come as far; all, if left out.
    """

    map: str | dict[str, Any]
    by: str
    against: str | None = None
    among: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no comparison, before anything is read."""
        if not self.by.strip() or self.by == self.against:
            raise InputError("A comparison needs two different ways.")

    @cached_property
    def _ways(self) -> list[Where | Pattern]:
        return [_way(self.asked_map, text) for text in (self.by, self.against) if text is not None]

    def reads(self) -> Reads:
        """Which events make each way, and what the facts need."""
        found: dict[str, Read] = facts_reads(self.asked_map)
        for number, way in enumerate(self._ways):
            found[f"way {number}"] = Match((way,)) if isinstance(way, Where) else Match(way.kinds)
        return found

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per instance: which way it took, and its facts."""
        ended = self.instances(journeys)
        facts = facts_of(self.asked_map, journeys, ended)
        taken = [self._taken(journeys, ended, number) for number in range(len(self._ways))]
        side = np.where(taken[0], 0, 1)
        if len(taken) == 2:
            side = np.where(taken[0] & taken[1], 2, np.where(taken[0], 0, np.where(taken[1], 1, 3)))
        rows = self._among(journeys, ended)
        begins = journeys.starts[:-1]
        values = {"way": side.astype(np.int8), "started_at": journeys.time[begins], "ended_at": ended.at}
        values |= facts._asdict()
        labels = {"way": SIDES, "outcome": OUTCOMES, "score": [str(place) for place in range(PLACES)]}
        return Findings(rows, {name: each[rows] for name, each in values.items()}, {"entry": begins[rows]}, labels)

    def _among(self, journeys: JourneyBatch, ended: Instances) -> Array:
        """int64: the instances that came by the touchpoint of `among`."""
        if self.among is None:
            return np.arange(len(journeys))
        at = place_among("touchpoint", self.among, [each.name for each in self.asked_map.touchpoints])
        held = np.concatenate(([0], np.cumsum(self.touched(journeys) == at)))
        return np.flatnonzero(held[ended.last + 1] > held[journeys.starts[:-1]]) if len(journeys) else np.arange(0)

    def _taken(self, journeys: JourneyBatch, ended: Instances, number: int) -> Array:
        """bool[instances]: whether each went that way before its end."""
        way, column = self._ways[number], f"way {number}"
        if isinstance(way, Where):
            held = np.concatenate(([0], np.cumsum(cast("Matched", journeys.columns[column]).holds(0))))
            return np.asarray(held[ended.last + 1] > held[journeys.starts[:-1]]) if len(journeys) else held[:0] > 0
        # without what came after the end, so that `$` is the end
        inside = np.arange(len(journeys.time)) <= np.repeat(ended.last, np.diff(journeys.starts))
        seen = journeys if inside.all() else journeys.keep_events(inside)
        rows = follow_all(seen, column, machine_of(way, FOREVER))
        taken = np.zeros(len(journeys), dtype=np.bool_)
        taken[rows.journey] = rows.status == FITS
        return taken

    def tally(self, findings: Findings) -> CompareTally:
        """The facts of both sides, and of who took both ways or neither."""
        values = findings.values
        facts, way = Facts(*(values[name] for name in Facts._fields)), values["way"].astype(np.int64)
        converted = facts.closed & (facts.outcome == CONVERTED)
        times = tuple(Durations(facts.length[converted & (way == side)]) for side in range(2))
        rows = np.arange(len(findings) + 1)
        return CompareTally(self, Groups.of(facts, rows[:-1], rows, way, len(SIDES)), times)

    def answer(self, tally: CompareTally) -> Report:
        """A line per measure."""
        return _report(tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`way="with" | "without" | "both" | "neither"` and `outcome="converted" | …`.

        Raises
        ------
        UnknownNameError
            If something else is selected by.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            if name not in ("way", "outcome"):
                raise UnknownNameError.of("selection", name, ["way", "outcome"])
            known = findings.labels[name]
            if wanted not in known:
                raise UnknownNameError.of(name, str(wanted), [str(label) for label in known])
            chosen &= findings.values[name] == list(known).index(wanted)
        return chosen


def _way(asked: JourneyMap, text: str) -> Where | Pattern:
    """What is meant by a variant's or touchpoint's name, an event, a filter or a pattern."""
    named = asked.variants.get(text)
    if isinstance(named, Where):
        return named
    for touchpoint in asked.touchpoints:
        if touchpoint.name == text:
            return touchpoint.where
    text = named or text
    return Pattern.parse(text) if "->" in text else Where.event(text)


@dataclass(frozen=True, eq=False)
class CompareTally:
    """Sums per side.

    Attributes
    ----------
    groups, times
        By side; how long the converted took whose time was over when the data ends, with and without.
    """

    asked: Compare
    groups: Groups
    times: tuple[Durations, ...]

    def __add__(self, other: CompareTally) -> CompareTally:
        """Join two groups of instances."""
        times = tuple(one + two for one, two in zip(self.times, other.times, strict=True))
        return CompareTally(self.asked, self.groups + other.groups, times)

    @property
    def size(self) -> int:
        """How many instances there are."""
        return int(self.groups.outcomes.sum())

    def rates(self) -> Mapping[str, Proportion]:
        """The share that goes the way, and conversion on both sides; of those whose time was over."""
        counts = self.groups.closed[:, 1]
        shares = {f"go the way {self.asked.by}": Proportion(int(counts[0] + counts[2]), int(counts.sum()))}
        return shares | {f"convert {SIDES[side]}": self.groups[side].conversion for side in range(2)}


def _report(tally: CompareTally) -> Report:
    asked = tally.asked.asked_map
    one, two = tally.groups[0], tally.groups[1]
    rows: list[tuple[str, Estimate, Estimate, Estimate]] = [
        ("of_converted", one.conversion.estimate(), two.conversion.estimate(), one.change(two, "conversion"))
    ]
    fast, slow = (_hours(each.estimate()) for each in tally.times)
    rows.append(("median_hours", fast, slow, compare_quantiles(fast, slow)))
    if asked.feedback:
        scale = asked.feedback[0].scale
        rows.append((scale, one.score(scale), two.score(scale), one.change(two, "score", scale)))
    rows += [
        (measure, one.mean(measure), two.mean(measure), one.change(two, measure))
        for measure in ("contacts", "cost", "revenue")
        if concerns(asked, measure)
    ]
    table: dict[str, list[Any]] = {"measure": [row[0] for row in rows]}
    for place, name in enumerate(("with", "without", "difference"), start=1):
        estimates = [cast("Estimate", row[place]) for row in rows]
        table |= interval_columns(name, estimates)
    whole = tally.groups.outcomes.sum(axis=1)
    for side, name in enumerate(SIDES[:2]):
        table[f"instances_{name}"] = [int(whole[side])] * len(rows)
    table["n_with"], table["n_without"] = [row[1].n for row in rows], [row[2].n for row in rows]
    extras = {"instances": _sides(tally)}
    return Report(table, extras, _words(tally, rows), _notices(tally, one, two), [difference_chart()])


def _hours(time: Estimate) -> Estimate:
    low, high = (None if each is None else each / HOUR for each in (time.low, time.high))
    return Estimate(None if time.value is None else time.value / HOUR, low, high, time.n, time.level, time.method)


def _sides(tally: CompareTally) -> dict[str, list[Any]]:
    """Every instance is on one side."""
    several = tally.asked.against is not None
    rows = range(len(SIDES) if several else 2)
    outcomes = tally.groups.outcomes
    return {
        "way": [SIDES[row] for row in rows],
        "instances": [int(outcomes[row].sum()) for row in rows],
        "converted": [int(outcomes[row, 0]) for row in rows],
        "dropped": [int(outcomes[row, 1]) for row in rows],
        "in_progress": [int(outcomes[row, 2]) for row in rows],
    }


def _words(tally: CompareTally, rows: list[tuple[str, Estimate, Estimate, Estimate]]) -> list[str]:
    if not tally.size:
        came = "" if tally.asked.among is None else f" and came by {tally.asked.among}"
        return [f"Nobody began {tally.asked.asked_map.title!r}{came} in this period."]
    counts = tally.groups.outcomes.sum(axis=1)
    against = "without it" if tally.asked.against is None else f"with {tally.asked.against}"
    among = "" if tally.asked.among is None else f"Of those who came by {tally.asked.among}: "
    said = [f"{among}{count(int(counts[0]))} instances with {tally.asked.by}, {count(int(counts[1]))} {against}."]
    parts = []
    for name, _, _, change in rows:
        if change.value is None or change.low is None or change.high is None or change.low <= 0 <= change.high:
            continue
        parts.append(_difference(name, change))
    if parts:
        said.append(f"With it: {'; '.join(parts)} (95 % intervals; associated, which need not mean caused).")
    else:
        said.append("No difference between the two can be told from chance.")
    return said


def _difference(name: str, change: Estimate) -> str:
    value, low, high = (cast("float", each) for each in (change.value, change.low, change.high))
    if name == "of_converted":
        return f"conversion {percent(value)} [{percent(low)} to {percent(high)}]"
    if name == "median_hours":
        longer = "longer" if value > 0 else "shorter"
        return f"median time {span(abs(value) * HOUR)} {longer}"
    return f"{name} {value:+.4g} [{low:+.4g} to {high:+.4g}]"


def _notices(tally: CompareTally, one: Group, two: Group) -> list[Notice]:
    notices = []
    notices += too_young(tally.groups.outcomes[:2].sum(axis=0), one.conversion.n + two.conversion.n)
    answers = min((n for n in (int(one.answers.sum()), int(two.answers.sum())) if n), default=FEW)
    if answers < FEW:
        notices.append(Notice("few_answers", f"A score rests on {answers} answers; below {FEW} they say little."))
    if tally.size:
        text = "The two sides were not assigned at random; what differs may have other reasons."
        if tally.asked.among is None:
            text += " `among` a touchpoint compares those who had come as far."
        notices.append(Notice("associated", text))
    return notices
