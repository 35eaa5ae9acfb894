"""When did what come? Events a day of each source, how late they came, and the days on which something is missing."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desirepath.statistics.spikes import ONCE, TWICE, counts_against_past

if TYPE_CHECKING:
    from desirepath.engines.store import Store

Which = tuple[str, str]
"""A source and its instance."""

DAYS = 400
"""So many days before the last are looked at."""

WEEK = 7
SURELY = 10
"""A day without any event is a gap where so many are usual on that weekday: by chance that is 1 in 22,000."""

BESIDE = 3
"""So many days on either side of a gap must hold half of what they usually do: a slow beginning is no gap."""

FEW = 100
"""Of so many events fewer than one may lie long before the others and be called astray."""

LATELY = 30
"""Days of receiving over which lateness is told."""


@dataclass(frozen=True)
class Arrivals:
    """The events of one source, day by day in the workspace's zone.

    Attributes
    ----------
    first
        The first of the days.
    counts
        Events of each day from then until the last day of the whole workspace.
    """

    first: dt.date
    counts: tuple[int, ...]

    def day(self, place: int) -> dt.date:
        """The day of a place in `counts`."""
        return self.first + dt.timedelta(days=place)


@dataclass(frozen=True)
class Lateness:
    """How long events were on their way, of those that came in the last days, first imports left out.

    Attributes
    ----------
    events
        How many.
    median, most
        Seconds from when it happened to when it was received: by half of them, and by 95 of 100.
    """

    events: int
    median: float
    most: float


@dataclass(frozen=True)
class Gap:
    """Days without an event in the midst of days with many.

    Attributes
    ----------
    since, until
        The first and the last of them.
    usual
        How many events such days usually have, together.
    """

    since: dt.date
    until: dt.date
    usual: int


@dataclass(frozen=True)
class Week:
    """The last whole week held against the six before.

    Attributes
    ----------
    since
        Its first day.
    events, expected
        How many there were, and how many there usually are.
    z
        How far that lies apart.
    """

    since: dt.date
    events: int
    expected: float
    z: float


# a day of any zone of our time consists of whole quarters of an hour; zones are slow to look up event by event
_DAYS = f"""WITH quarters AS (
        SELECT source, instance, epoch_us(occurred_at) // 900_000_000 AS quarter, count(*) AS n FROM events GROUP BY ALL
    ), days AS (
        SELECT source, instance, CAST(timezone(?, to_timestamp(quarter * 900)) AS DATE) AS day, sum(n)::BIGINT AS n
        FROM quarters GROUP BY ALL
    ), last AS (SELECT max(day) AS last FROM days)
    SELECT source, instance, day, n, last FROM days, last WHERE day > last - {DAYS} ORDER BY ALL"""

_LATE = f"""WITH begun AS (SELECT source, instance, min(batch) AS first FROM batches GROUP BY ALL),
    newest AS (SELECT max(received_at) AS last FROM events)
    SELECT e.source, e.instance, count(*), quantile_cont(epoch(e.received_at) - epoch(e.occurred_at), [0.5, 0.95])
    FROM events e JOIN begun b USING (source, instance), newest
    WHERE e.batch > b.first AND e.received_at > newest.last - INTERVAL {LATELY} DAY GROUP BY ALL"""

_AHEAD = """SELECT source, instance, count(*) FILTER (quality = 'clamped'),
        count(*) FILTER (quality = 'client_corrected')
    FROM events GROUP BY ALL HAVING bool_or(quality IN ('clamped', 'client_corrected'))"""


def arrivals(store: Store, zone: str) -> dict[Which, Arrivals]:
    """Events a day by source; of the last 400 days."""
    found: dict[Which, tuple[dt.date, list[int]]] = {}
    for source, instance, day, count, last in store.rows(_DAYS, [zone]):
        first, counts = found.setdefault((source, instance), (day, [0] * ((last - day).days + 1)))
        counts[(day - first).days] = count
    return {which: Arrivals(first, tuple(counts)) for which, (first, counts) in found.items()}


def lateness(store: Store) -> dict[Which, Lateness]:
    """How late events came lately, by source."""
    return {
        (source, instance): Lateness(count, max(float(spread[0]), 0.0), max(float(spread[1]), 0.0))
        for source, instance, count, spread in store.rows(_LATE)
    }


def wrong_clocks(store: Store) -> dict[Which, tuple[int, int]]:
    """Events of each source dated in the future, which count as when they came, and those put right by their device."""
    return {(source, instance): (ahead, corrected) for source, instance, ahead, corrected in store.rows(_AHEAD)}


def gaps(days: Arrivals) -> list[Gap]:
    """Days without events in the midst of days with many; the last day of all may not be over, and is left out."""
    counts = days.counts[:-1]
    weekly = _usual(counts)
    usual = [weekly[place % WEEK] for place in range(len(counts))]
    found: list[Gap] = []
    since = None
    for place, count in enumerate((*counts, 1)):
        if count == 0:
            since = place if since is None else since
        elif since is not None:
            run, missed = range(since, place), sum(usual[since:place])
            beside = [range(since - BESIDE, since), range(place, min(place + BESIDE, len(counts)))]
            lively = since >= BESIDE and all(
                sum(counts[k] for k in part) * 2 >= sum(usual[k] for k in part) for part in beside
            )
            if lively and max(usual[k] for k in run) >= SURELY:
                found.append(Gap(days.day(since), days.day(place - 1), round(missed)))
            since = None
    return found


def strays(days: Arrivals) -> tuple[int, dt.date, dt.date] | None:
    """How many events lie long before the rest: fewer than one in a hundred, and then nothing for four weeks or more.

    Returns
    -------
    How many, the day of the first, and the day on which the rest begins; None where there are none.
    """
    busy = [place for place, count in enumerate(days.counts) if count]
    before, total = 0, sum(days.counts)
    for place, after in itertools.pairwise(busy):
        before += days.counts[place]
        if before * FEW > total:
            return None
        if after - place > 4 * WEEK:
            return before, days.first, days.day(after)
    return None


def last_week(days: Arrivals) -> Week | None:
    """The last whole week, where it is out of the ordinary: far more or far fewer than the weeks before."""
    counts = days.counts[:-1]
    weeks = [sum(counts[end - WEEK : end]) for end in range(len(counts), WEEK - 1, -WEEK)][::-1]
    if not weeks:
        return None
    judged = counts_against_past(weeks, [1] * len(weeks))
    this, before = judged[-1], judged[-2] if len(judged) > 1 else None
    if this.z is None or this.number is None:
        return None
    again = before is not None and before.z is not None and before.z * this.z > 0 and abs(before.z) >= TWICE
    if abs(this.z) >= ONCE or (again and abs(this.z) >= TWICE):
        return Week(days.day(len(counts) - WEEK), weeks[-1], this.number, this.z)
    return None


def longest_silence(days: Arrivals) -> int:
    """How many days on end the source was silent at most, the silence at its end left out."""
    longest = run = 0
    for count in days.counts:
        longest, run = (max(longest, run), 0) if count else (longest, run + 1)
    return longest


def _usual(counts: Sequence[int]) -> list[float]:
    """The usual count by place in the week; a median, so that a few silent days change nothing."""
    parts = [counts[place::WEEK] for place in range(WEEK)]
    return [float(statistics.median(part)) if len(part) > 1 else 0.0 for part in parts]


__all__ = [
    "Arrivals",
    "Gap",
    "Lateness",
    "Week",
    "Which",
    "arrivals",
    "gaps",
    "last_week",
    "lateness",
    "longest_silence",
    "strays",
    "wrong_clocks",
]
