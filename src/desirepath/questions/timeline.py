"""What happened, one event after another? Of one person as a rule, and of any few people.

    ws.ask(Timeline(show=["value"]), person="email:ann@example.org")

    event  at                   name      visit  since   value
        1  2026-05-04 10:00:00  visit         1
        2  2026-05-04 10:20:00  order         1  20 min   49.0

Events of one moment stand in the order of the journey. Filter, period and unit are those of any question; a visit is
one of the person's, numbered in the order of their first events.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import timeline_chart
from desirepath.answers.words import count, counted, span
from desirepath.errors import InputError, UnknownNameError
from desirepath.journeys.batch import Array, Code, JourneyBatch, Read, Reads, Session
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report
from desirepath.statistics import Counts, Proportion

MOST_SHOWN = 10_000

ORDER = ("happened_at", "nth")
"""What puts events in their order: when, and which of their journey they are."""

OWN = ("event", "at", "name", "visit", "since_seconds")
"""Columns that a property cannot be called."""

Row = tuple[tuple[int, int], tuple[str, ...], tuple[Any, ...]]
"""An event: its order; what is told of it, as texts, so that nothing depends on how people are laid out; and visit,
microseconds since the event before it or -1, name, and what else is shown."""

Place = tuple[int, int, int]
"""In which block, whose, and which event of the block it is."""


@question
class Timeline(Question):
    """What happened, one event after another?

    Parameters
    ----------
    show
        What else to show of each event: its channel, or any property.
    most
        How many events to show, from the first on; the others are counted.
    """

    spans: ClassVar[frozenset[str]] = frozenset({"since"})
    unlisted: ClassVar[frozenset[str]] = frozenset({"nth"})

    show: list[str] = field(default_factory=lambda: ["channel"])
    most: int = 200

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 1 <= self.most <= MOST_SHOWN:
            raise InputError(f"A timeline shows 1 to {MOST_SHOWN:,} events, not {self.most}.")
        for name in self.show:
            if name in OWN:
                raise InputError(f"{name!r} is a column of every timeline; show what else there is.")

    def reads(self) -> Reads:
        """The event's name, its visit, and what else is shown."""
        wanted: dict[str, Read] = {"name": Code("name"), "visit": Session(counted=True)}
        return {**wanted, **{f"show {name}": Code(name) for name in self.show}}

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per event."""
        journey, time = journeys.journey_of_event(), journeys.time
        place = np.arange(len(time), dtype=np.int64)
        since = np.diff(time, prepend=0)
        since[journeys.starts[:-1][journeys.starts[:-1] < journeys.starts[1:]]] = -1
        columns = ["name", *(f"show {name}" for name in self.show)]
        values = {
            "happened_at": time,
            "visit": cast("Array", journeys.columns["visit nth"]),
            "since": since,
            "nth": place - np.repeat(journeys.starts[:-1], np.diff(journeys.starts)),
            "where": np.stack((np.full_like(place, journeys.block), journeys.owner[journey], place), axis=1),
            **{name.removeprefix("show "): cast("Array", journeys.columns[name]) for name in columns},
        }
        labels = {name.removeprefix("show "): journeys.labels[name] for name in columns}
        return Findings(journey, values, {"entry": place}, {**labels, "zone": [journeys.calendar.zone]})

    def tally(self, findings: Findings) -> TimelineTally:
        """The first events, and how many there are of each name."""
        values, names = findings.values, findings.labels["name"]
        order = _first(values, self.most)
        told: list[list[Any]] = [values[name][order].tolist() for name in ("visit", "since")]
        told += [
            [findings.labels[name][code] for code in values[name][order].tolist()] for name in ("name", *self.show)
        ]
        ranks, places = np.stack([values[name][order] for name in ORDER], axis=1), values["where"][order]
        rows = [
            ((tuple(rank), tuple(map(_as_text, each)), each), tuple(place))
            for rank, place, each in zip(ranks.tolist(), places.tolist(), zip(*told, strict=True), strict=True)
        ]
        per_name = np.bincount(values["name"], minlength=1)
        counts = Counts({names[code]: int(per_name[code]) for code in np.flatnonzero(per_name).tolist()})
        return _tallied(rows, counts, self.most, str(findings.labels["zone"][0]))

    def answer(self, tally: TimelineTally) -> Report:
        """A line per event."""
        return _report(tally, self.show)

    def meant(self, tally: TimelineTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """The event of a line of the table, by what puts it in its order."""
        if "event" not in which:
            return which
        number = which["event"]
        if not isinstance(number, int) or not 1 <= number <= len(tally.rows):
            raise InputError(f"There is no event {number!r}; the table shows {len(tally.rows):,}.")
        rest = {name: value for name, value in which.items() if name != "event"}
        return {**rest, "key": tally.places[number - 1]}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`event=3`, the line of the table; `name="order"`; all events.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such name.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            if name == "key":
                chosen &= (findings.values["where"] == wanted).all(axis=1)
            elif name == "name":
                labels = list(findings.labels["name"])
                if wanted not in labels:
                    raise UnknownNameError.of("event", str(wanted), [str(label) for label in labels if label])
                chosen &= findings.values["name"] == labels.index(wanted)
            else:
                raise UnknownNameError.of("selection", name, ["event", "name"])
        return chosen


def _first(values: Mapping[str, Array], most: int) -> Array:
    """Places of the first events, and of those that share the last one's order."""
    order = np.lexsort([values[name] for name in reversed(ORDER)])
    if len(order) <= most:
        return order
    last = [values[name][order[most - 1]] for name in ORDER]
    same = (values[ORDER[0]] == last[0]) & (values[ORDER[1]] == last[1])
    return np.union1d(order[:most], np.flatnonzero(same))


def _as_text(value: Any) -> str:
    return "" if value is None else f"{value:030d}" if isinstance(value, int) else str(value)


@dataclass(frozen=True, eq=False)
class TimelineTally:
    """The first events, and sums over all.

    Attributes
    ----------
    rows
        The first events in their order, at most `most`.
    places
        Where each of them stands.
    names
        How many events there are of each name.
    most
        How many are kept.
    zone
        By whose wall clock moments are told.
    """

    rows: tuple[Row, ...]
    places: tuple[Place, ...] = field(compare=False, repr=False)
    names: Counts[str | None]
    most: int
    zone: str

    def __add__(self, other: TimelineTally) -> TimelineTally:
        """Join two groups of events."""
        rows = [*zip(self.rows, self.places, strict=True), *zip(other.rows, other.places, strict=True)]
        return _tallied(rows, self.names + other.names, self.most, self.zone if self.rows else other.zone)

    @property
    def size(self) -> int:
        """How many events there are."""
        return self.names.total

    def rates(self) -> Mapping[str, Proportion]:
        """Nothing that groups could be compared by."""
        return {}


def _tallied(rows: list[tuple[Row, Place]], names: Counts[str | None], most: int, zone: str) -> TimelineTally:
    """The first of the rows, and the sums."""
    rows = sorted(rows, key=lambda row: (row[0][:2], row[1]))[:most]
    return TimelineTally(tuple(row for row, _ in rows), tuple(place for _, place in rows), names, most, zone)


def _report(tally: TimelineTally, show: list[str]) -> Report:
    table: dict[str, list[Any]] = {name: [] for name in (*OWN, *show)}
    for number, ((moment, _), _, (visit, since, name, *rest)) in enumerate(tally.rows, start=1):
        table["event"].append(number)
        table["at"].append(_on_the_wall(moment, tally.zone))
        table["name"].append(name)
        table["visit"].append(visit or None)
        table["since_seconds"].append(None if since < 0 else since / 1_000_000)
        for column, value in zip(show, rest, strict=True):
            table[column].append(value)
    names = tally.names.top(len(tally.names)).rows if tally.size else ()
    extras: dict[str, dict[str, list[Any]]] = {
        "touchpoints": {"name": [name for name, _ in names], "events": [number for _, number in names]},
        "whole": {"shown": [len(tally.rows)], "more": [tally.size - len(tally.rows)], "events": [tally.size]},
    }
    notices = []
    if tally.size > len(tally.rows):
        text = f"{tally.size - len(tally.rows):,} later events are not shown; ask with a larger `most`, or a period."
        notices.append(Notice("more_events", text))
    return Report(table, extras, _words(tally), notices, [timeline_chart()] if tally.rows else [])


def _on_the_wall(moment: int, zone: str) -> str:
    at = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=moment)
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ")


def _words(tally: TimelineTally) -> list[str]:
    if not tally.rows:
        return ["Nobody did anything in this period."]
    over = span(tally.rows[-1][0][0] - tally.rows[0][0][0])
    if tally.size > len(tally.rows):
        return [f"The first {count(len(tally.rows))} of {count(tally.size)} events, over {over}."]
    people = {place[:2] for place in tally.places}
    told = zip(tally.rows, tally.places, strict=True)
    visits = {(*place[:2], row[2][0]) for row, place in told if row[2][0]}
    whose = "one person" if len(people) == 1 else f"{count(len(people))} people"
    many = counted(tally.size, "event")
    return [f"{many} of {whose} in {counted(len(visits), 'visit')}, over {over}."]
