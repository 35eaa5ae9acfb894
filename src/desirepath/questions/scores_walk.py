"""Which answers count, and who answered an invitation? Two walks over each journey.

Of several answers of a person within a window the last counts. An invitation soon after another is a reminder.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import JourneyBatch, Matched
from desirepath.journeys.kernel import kernel
from desirepath.journeys.known import known_codes
from desirepath.questions.activity_walk import buckets_of
from desirepath.statistics.keyed import Grouped
from desirepath.statistics.scores import Rule

Array = npt.NDArray[Any]

ANSWERS, INVITED = 0, 1
"""Places of the filters in the column of matches."""

COUNTED, SUPERSEDED, MISSING, OFF = range(4)
"""What an answer may be: it counts, a later one counts instead, it has no score, or one that is not on the scale."""

ANSWERED, SILENT, OPEN = 4, 5, 6
"""What an invitation may be: its window is over and it was answered or was not; or its window is not over."""

REFERENCE = 7
"""One row per person with whom those who answered are compared."""


@kernel
def count_once(journey: Array, time: Array, within: int, state: Array) -> None:
    """Mark which answers, in the order of journeys, are followed by another in the window that the first one opens."""
    opened = 0
    for i in range(len(journey)):
        if i == 0 or journey[i - 1] != journey[i] or time[i] > opened + within:
            opened = time[i]
        last = i + 1 == len(journey) or journey[i + 1] != journey[i] or time[i + 1] > opened + within
        state[i] = COUNTED if last else SUPERSEDED


@kernel
def invite(
    starts: Array, time: Array, asked: Array, answered: Array, closes: Array, begin: int, end: int, within: int,
    cutoff: int, state: Array,
) -> None:  # fmt: skip
    """Write what became of each invitation in the period; reminders and all other events have 0.

    `answered` says which events are answers with a score on the scale.
    """
    for p in range(len(starts) - 1):
        until, some = 0, False
        for i in range(starts[p], starts[p + 1]):
            state[i] = 0
            if not asked[i] or not begin <= time[i] < end or (some and time[i] <= until):
                continue
            until, some = time[i] + within, True
            if until > min(cutoff, closes[p]):
                state[i] = OPEN
                continue
            state[i] = SILENT
            for k in range(i + 1, starts[p + 1]):
                if time[k] > until:
                    break
                if answered[k]:
                    state[i] = ANSWERED
                    break


class Asked(NamedTuple):
    """What of the question the walks need.

    Attributes
    ----------
    rule
        The scale.
    once, within
        Microseconds: the window in which one answer counts, or -1; the window of an invitation, or -1 without any.
    every
        The unit of the buckets, or None.
    text, strata
        Whether there is a column of comments and one by which answers are weighted.
    """

    rule: Rule
    once: int
    within: int
    every: str | None
    text: bool
    strata: bool


class Rows(NamedTuple):
    """One entry a row; the columns of findings."""

    journey: Array
    place: Array  # position of the event
    state: Array  # int8
    score: Array  # int8: place on the scale, negative where there is none
    bucket: Array  # int32
    text: Array  # bool
    stratum: Array  # int64


def rows_of(journeys: JourneyBatch, asked: Asked) -> tuple[Rows, list[str], list[str]]:
    """All rows, the labels of the buckets, and which of them the period touches (`over`, `open`)."""
    match = cast("Matched", journeys.columns["match"])
    begin, end = journeys.period
    of = journeys.journey_of_event()
    places = asked.rule.places(cast("npt.NDArray[np.float64]", journeys.columns["score"]))
    is_answer = match.holds(ANSWERS)
    inside = (journeys.time >= begin) & (journeys.time < end)
    at = np.flatnonzero(is_answer & inside)
    state = np.where(places[at] == -1, MISSING, np.where(places[at] == -2, OFF, COUNTED)).astype(np.int8)
    valid = np.flatnonzero(places[at] >= 0)
    if asked.once >= 0 and len(valid):
        kept = np.empty(len(valid), dtype=np.int8)
        count_once(of[at[valid]], journeys.time[at[valid]], asked.once, kept)
        state[valid] = kept
    parts = [(at, state)]
    if asked.within >= 0:
        became = np.zeros(len(journeys.time), dtype=np.int8)
        invite(
            journeys.starts, journeys.time, match.holds(INVITED), is_answer & (places >= 0), journeys.open_until,
            begin, end, asked.within, journeys.cutoff, became,
        )  # fmt: skip
        invitations = np.flatnonzero(became > 0)
        parts.append((invitations, became[invitations]))
    if asked.strata:
        first = parts[1][0] if asked.within >= 0 else np.flatnonzero(inside)
        first = first[np.flatnonzero(np.diff(of[first], prepend=-1) > 0)]
        parts.append((first, np.full(len(first), REFERENCE, dtype=np.int8)))
    place = np.concatenate([each for each, _ in parts])
    state = np.concatenate([each for _, each in parts])
    order = np.lexsort((state, place))
    place, state = place[order].astype(np.int64), state[order]
    bucket, labels, told = _buckets(journeys, asked.every, place)
    rows = Rows(
        of[place],
        place,
        state,
        np.where(state <= OFF, places[place], -1).astype(np.int8),
        bucket,
        _has_text(journeys, place, asked.text),
        _strata(journeys, of[place], asked.strata),
    )
    return rows, labels, told


def _buckets(journeys: JourneyBatch, every: str | None, place: Array) -> tuple[Array, list[str], list[str]]:
    if every is None:
        return np.zeros(len(place), dtype=np.int32), [], []
    buckets = buckets_of(journeys, every)
    found = np.searchsorted(buckets.edges, journeys.time[place], side="right") - 1
    labels = journeys.calendar.labels(buckets.edges, every)
    return np.clip(found, 0, len(labels) - 1).astype(np.int32), labels, buckets.told


def _has_text(journeys: JourneyBatch, place: Array, asked: bool) -> Array:
    if not asked:
        return np.zeros(len(place), dtype=np.bool_)
    codes = cast("Array", journeys.columns["text"])[place]
    said = np.array([bool(label and label.strip()) for label in journeys.labels["text"]], dtype=np.bool_)
    return np.asarray(said[codes])


def _strata(journeys: JourneyBatch, journey: Array, asked: bool) -> Array:
    """The first known value of each row's person."""
    if not asked:
        return np.zeros(len(journey), dtype=np.int64)
    return known_codes(journeys.starts, cast("Array", journeys.columns["strata"]), journey, last=False).astype(np.int64)


def of_person(key: Array, counted: Array, points: Array) -> tuple[Array, Array, Array]:
    """Per row: what the counted rows of the same person come to, how many they are, and whether it is the first.

    Parameters
    ----------
    key
        int64[rows]: the person, or person and bucket.
    counted
        bool[rows].
    points
        int64[rows].
    """
    grouped = Grouped.of(key)
    sums = grouped.per_row(grouped.sums(np.where(counted, points, 0)))
    return sums, grouped.per_row(grouped.sums(counted)), grouped.first(counted)


def beside_of(mine: Array, points: Array, line: Array, size: int) -> Array:
    """int64[size, 4]: sums over rows that come to sums over people: people, and squares, cross and sizes of `Clusters`.

    Parameters
    ----------
    mine
        int64[rows, 6]: what `of_person` says of each row, of all its person's rows and of those in its bucket.
    points
        int64[rows]: what each row brings.
    line
        int64[rows]: the line of its bucket, from 1; the first line is for all.
    size
        How many lines there are.
    """
    found = np.zeros((size, 4), dtype=np.int64)
    found[0] = (mine[:, 2].sum(), (points * mine[:, 0]).sum(), mine[:, 0].sum(), mine[:, 1].sum())
    if size > 1:
        np.add.at(found, line, np.stack((mine[:, 5], points * mine[:, 3], mine[:, 3], mine[:, 4]), axis=1))
    return found


__all__ = ["Asked", "Rows", "beside_of", "of_person", "rows_of"]
