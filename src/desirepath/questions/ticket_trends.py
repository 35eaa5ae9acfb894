"""Do more people ask for help than before, for as many as there are, and about what?

    ws.ask(TicketTrends(tickets="ticket opened", every="week", theme="topic"))

    bucket    tickets  people  active  per_100_active   expected  z     spike
    2026-W18      212     190   4 310  4.9 [4.2, 5.6]        205  0.4   no
    2026-W19      401     350   4 402  9.1 [8.2, 10.0]       211  9.8   yes

Tickets follow how many people there are; a rate that jumps is a signal about the product.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Read, Reads
from desirepath.questions.activity_walk import LONGEST_DAYS, Buckets, buckets_of
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.questions.ticket_trends_answer import TrendTally, trend_report
from desirepath.questions.top_codes import codes_named, told_apart
from desirepath.statistics.keyed import Keyed
from desirepath.statistics.spikes import BACK, WATCHED

DAY = 86_400_000_000
MOST_THEMES = 100
NONE = -1
"""Stands for no ticket where rows have a theme."""

SELECTIONS = ("bucket", "who", "theme")
WHO = ("with tickets", "active")


@question
class TicketTrends(Question):
    """Do more people ask for help than before, for as many as there are, and about what?

    Parameters
    ----------
    tickets
        Which events are tickets, calls or other calls for help: an event's name or a filter.
    active
        What makes somebody active: an event's name or a filter; any event, if left out.
    every
        Buckets of the workspace's calendar: `day`, `week` or `month`.
    theme
        The property that says what a ticket is about.
    season
        Whether days are held against the same weekday of the weeks before; weeks and months never are.
    most
        How many themes to tell apart; the others are summed up as *(other)*.
    """

    unlisted: ClassVar[frozenset[str]] = frozenset({"first"})

    tickets: str
    active: str | None = None
    every: Literal["day", "week", "month"] = "week"
    theme: str | None = None
    season: bool = True
    most: int = 10

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 1 <= self.most <= MOST_THEMES:
            raise InputError(f"{self.most} themes cannot be told apart.", allowed=[f"1 to {MOST_THEMES}"])
        if self.theme is not None and not self.theme.strip():
            raise InputError("`theme` needs the name of a property.")
        self.reads()

    @cached_property
    def step(self) -> int:
        """Comparable buckets are so many apart."""
        return 7 if self.season and self.every == "day" else 1

    def reads(self) -> Reads:
        """Which events are tickets and activity, and what tickets are about."""
        active = Where.of(None) if self.active is None else Where.event(self.active)
        wanted: dict[str, Read] = {"match": Match((Where.event(self.tickets), active))}
        if self.theme is not None:
            wanted["theme"] = Code(self.theme)
        return wanted

    def horizon(self) -> int:
        """A bucket that the period touches is told whole."""
        return LONGEST_DAYS[self.every] * DAY

    def history(self) -> bool:
        """What is expected is read off the buckets before."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per person, bucket and theme; the first of a person in a bucket says whether it was active."""
        buckets = buckets_of(journeys, self.every)
        matched = cast("Matched", journeys.columns["match"])
        ticket, active = matched.holds(0), matched.holds(1)
        number = np.searchsorted(buckets.edges, journeys.time, side="right") - 1
        earliest = buckets.first - (BACK + WATCHED) * self.step
        inside = (number > earliest) & (number <= buckets.last) & (journeys.time < buckets.edges[-1])
        at = np.flatnonzero((ticket | active) & inside)
        journey, bucket = journeys.journey_of_event()[at], number[at]
        theme = np.zeros(len(at), dtype=np.int64)  # codes come unsigned, and `NONE` is below zero
        if self.theme is not None:
            theme[:] = cast("Array", journeys.columns["theme"])[at]
        theme[~ticket[at]] = NONE
        themes, many = int(theme.max(initial=0)) + 2, len(buckets.edges)
        order = np.argsort((journey * many + bucket) * themes + theme, kind="stable")
        journey, bucket, theme, at = journey[order], bucket[order], theme[order], at[order]
        values, place = _rows(journey, bucket, theme, at, active[at])
        labels = journeys.calendar.labels(buckets.edges, self.every)
        spelled: dict[str, list[str | None]] = {
            "bucket": [*labels],
            "told": [*buckets.told],
            "whole": _whole(buckets, journeys.extent[0]),
            "theme": told_apart(journeys.labels["theme"]) if self.theme is not None else [None],
        }
        rows = journey[values.pop("begins")]
        values = {"bucket": values.pop("bucket"), **values}
        return Findings(rows, values, {"entry": place}, spelled)

    def tally(self, findings: Findings) -> TrendTally:
        """Counts by bucket, and tickets by theme and bucket."""
        values = findings.values
        labels, told, whole = (tuple(map(str, findings.labels[name])) for name in ("bucket", "told", "whole"))
        bucket, tickets = values["bucket"], values["tickets"]
        lead = values["lead"].T
        sums = np.zeros((len(labels), 6), dtype=np.int64)
        for place, column in enumerate((tickets, lead[0], values["active"], *lead[1:])):
            # whole numbers below 2**53 add up exactly
            sums[:, place] = np.rint(np.bincount(bucket, weights=column, minlength=len(labels))[: len(labels)])
        themes = Keyed.nothing(1)
        names: tuple[str | None, ...] = ()
        if self.theme is not None:
            has = tickets > 0
            # a key for theme and bucket that means the same in every block
            themes = Keyed.of(values["theme"][has] * len(labels) + bucket[has], tickets[has][:, None])
            names = tuple(findings.labels["theme"]) if len(themes.keys) else ()
        return TrendTally(self, len(findings), labels, told, whole, sums, themes, names)

    def answer(self, tally: TrendTally) -> Report:
        """A line per bucket, with what the buckets before let expect; and which themes make a spike."""
        return trend_report(tally)

    def meant(self, tally: TrendTally, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """`(other)` are the themes that have no line of their own."""
        if "theme" not in which or self.theme is None:
            return which
        return {**which, "theme": codes_named(str(which["theme"]), "theme", tally.shown)}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`bucket="2026-W19"`, `who="with tickets"` or `"active"`, `theme="login"`; all, one row a person and bucket.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such bucket or theme.
        """
        refuse_others(which, SELECTIONS if self.theme is not None else SELECTIONS[:2])
        values = findings.values
        touched = np.array([how != "" for how in findings.labels["told"]], dtype=np.bool_)
        chosen = np.asarray(values["first"])
        who = which.get("who")
        if who is not None and place_among("people", who, WHO) == 0:
            chosen = np.asarray(values["lead"][:, 0] == 1)
        elif who is not None:
            chosen = np.asarray(values["active"] == 1)
        if "theme" in which:
            # a person has one row per theme and bucket; several rare themes may make several rows
            wanted = np.isin(values["theme"], which["theme"]) & (values["tickets"] > 0)
            key = findings.journey.astype(np.int64) * max(len(findings.labels["bucket"]), 1) + values["bucket"]
            chosen = np.zeros(len(findings), dtype=np.bool_)
            place = np.flatnonzero(wanted)
            chosen[place[np.unique(key[place], return_index=True)[1]]] = True
        if "bucket" in which:
            chosen = chosen & (values["bucket"] == place_among("bucket", which["bucket"], findings.labels["bucket"]))
        return np.asarray(chosen & touched[values["bucket"]])


def _whole(buckets: Buckets, first: int) -> list[str | None]:
    """Per bucket `yes` if it is over and the data did not begin within it."""
    many = len(buckets.edges) - 1
    return ["yes" if k < buckets.over and (k > 0 or first <= buckets.edges[0]) else "" for k in range(many)]


def _rows(journey: Array, bucket: Array, theme: Array, at: Array, active: Array) -> tuple[dict[str, Array], Array]:
    """One row per person, bucket and theme, from events in that order; and where each bucket of a person begins."""
    n = len(journey)
    person = np.ones(n, dtype=np.bool_)
    person[1:] = (journey[1:] != journey[:-1]) | (bucket[1:] != bucket[:-1])
    fresh = person.copy()
    fresh[1:] |= theme[1:] != theme[:-1]
    begins = np.flatnonzero(fresh)
    group = np.cumsum(person) - 1
    many = int(group[-1]) + 1 if n else 0
    is_ticket = (theme != NONE).astype(np.int64)
    tickets = np.add.reduceat(is_ticket, begins) if n else np.zeros(0, dtype=np.int64)
    total, was_active, first_at = (np.zeros(many, dtype=np.int64) for _ in range(3))
    np.add.at(total, group, is_ticket)
    np.maximum.at(was_active, group, active.astype(np.int64))
    first_at[:] = np.iinfo(np.int64).max
    np.minimum.at(first_at, group, at)
    leads, mine = person[begins], group[begins]
    zero = np.zeros(len(begins), dtype=np.int64)
    y, x = total[mine], was_active[mine]
    lead = np.stack((leads & (y > 0), np.where(leads, y * y, zero), np.where(leads, y * x, zero), leads), axis=1)
    values = {
        "begins": begins,
        "bucket": bucket[begins],
        "theme": theme[begins],
        "tickets": tickets,
        "active": np.where(leads, x, zero),
        "first": leads,
        "lead": lead.astype(np.int64),
    }
    return values, first_at[mine]


__all__ = ["TicketTrends"]
