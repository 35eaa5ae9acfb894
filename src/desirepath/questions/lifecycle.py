"""Who is new, who comes back, who had been away, and who stays away?

    ws.ask(Lifecycle(every="week"))

    bucket    active    new  returning  resurrected  dormant
    2026-W05   1 204    310        720          174      402
    2026-W06   1 180    280        733          167      471

Active = new + returning + resurrected, and returning + dormant = active in the bucket before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.retention_charts import lifecycle_chart
from desirepath.answers.words import count, with_interval
from desirepath.errors import UnknownNameError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Match, Reads
from desirepath.journeys.kernel import kernel
from desirepath.questions.activity_walk import LONGEST_DAYS, Active, active, buckets_of, entries
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report
from desirepath.statistics import Proportion

DAY = 86_400_000_000
STATES = ("new", "returning", "resurrected", "dormant", "undecided")
NEW, RETURNING, RESURRECTED, DORMANT, UNDECIDED = range(5)


@kernel
def _states(
    journey: Array, bucket: Array, place: Array, first: int, last: int, over: int,
    to_journey: Array, to_bucket: Array, to_place: Array, state: Array,
) -> int:  # fmt: skip
    """A row for each active bucket and for the one after it, if they are inactive there; return how many."""
    row = 0
    for i in range(len(journey)):
        here = bucket[i]
        begins = i == 0 or journey[i - 1] != journey[i]
        if first <= here <= last:
            to_journey[row], to_bucket[row], to_place[row] = journey[i], here, place[i]
            state[row] = NEW if begins else RETURNING if bucket[i - 1] == here - 1 else RESURRECTED
            row += 1
        away = here + 1
        if first <= away <= last and (i + 1 == len(journey) or journey[i + 1] != journey[i] or bucket[i + 1] != away):
            to_journey[row], to_bucket[row], to_place[row] = journey[i], away, place[i]
            state[row] = DORMANT if away < over else UNDECIDED
            row += 1
    return row


@question
class Lifecycle(Question):
    """Who is new, who comes back, who had been away, and who stays away?

    Parameters
    ----------
    event
        What makes somebody active: an event's name or a filter; any event, if left out.
    every
        Buckets of the workspace's calendar: `day`, `week`, `month`, `quarter` or `year`.
    """

    event: str | None = None
    every: Literal["day", "week", "month", "quarter", "year"] = "week"

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        self.reads()

    def reads(self) -> Reads:
        """Whether an event counts as activity."""
        return {"match": Match((Where.of(None) if self.event is None else Where.event(self.event),))}

    def horizon(self) -> int:
        """A bucket that the period touches is told whole."""
        return LONGEST_DAYS[self.every] * DAY

    def history(self) -> bool:
        """Who is new can only be told from all that was before."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey and bucket in which it is active, or no longer."""
        buckets = buckets_of(journeys, self.every)
        rows: Active = active(journeys, "match", buckets.edges)
        journey, bucket, place = np.empty((3, 2 * len(rows.journey)), dtype=np.int32)
        state = np.empty(len(journey), dtype=np.int8)
        many = _states(*rows, buckets.first, buckets.last, buckets.over, journey, bucket, place, state)
        labels = journeys.calendar.labels(buckets.edges, self.every)
        spelled = {"bucket": labels, "state": STATES, "told": buckets.told}
        values: dict[str, Array] = {"bucket": bucket[:many], "state": state[:many]}
        return Findings(
            journey[:many].astype(np.int64), values, {"entry": entries(journey[:many], place[:many])}, spelled
        )

    def tally(self, findings: Findings) -> LifecycleTally:
        """Counts by bucket and state."""
        labels = tuple(str(label) for label in findings.labels["bucket"])
        key = findings.values["bucket"].astype(np.int64) * len(STATES) + findings.values["state"]
        counts = np.bincount(key, minlength=len(labels) * len(STATES)).reshape(len(labels), len(STATES))
        return LifecycleTally(labels, tuple(map(str, findings.labels["told"])), counts)

    def answer(self, tally: LifecycleTally) -> Report:
        """A line per bucket."""
        return _report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`bucket="2026-W05"`, `state="new"`, or `state="active"`; all rows.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such bucket or state.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            if name == "bucket":
                labels = list(findings.labels["bucket"])
                if wanted not in labels:
                    raise UnknownNameError.of("bucket", str(wanted), map(str, labels))
                chosen &= findings.values["bucket"] == labels.index(wanted)
            elif name == "state":
                if wanted not in (*STATES, "active"):
                    raise UnknownNameError.of("state", str(wanted), [*STATES, "active"])
                state = findings.values["state"]
                chosen &= state < DORMANT if wanted == "active" else state == STATES.index(wanted)
            else:
                raise UnknownNameError.of("selection", name, ["bucket", "state"])
        return chosen


@dataclass(frozen=True, eq=False)
class LifecycleTally:
    """Sums over rows.

    Attributes
    ----------
    labels
        The buckets.
    told
        Per bucket whether it is `over`, or still `open`, or not asked for: ``.
    counts
        int64[buckets, states].
    """

    labels: tuple[str, ...]
    told: tuple[str, ...]
    counts: Array

    def __add__(self, other: LifecycleTally) -> LifecycleTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return LifecycleTally(self.labels, self.told, self.counts + other.counts)

    @property
    def size(self) -> int:
        """How many rows it sums up."""
        return int(self.counts.sum())

    def rates(self) -> Mapping[str, Proportion]:
        """Of those active in a bucket, the share active in the next one, over all that are over."""
        back, away = (int(self.counts[:, state].sum()) for state in (RETURNING, DORMANT))
        back -= int(self.counts[[how == "open" for how in self.told], RETURNING].sum())
        return {"active again": Proportion(back, back + away)}


def _report(tally: LifecycleTally, asked: Lifecycle) -> Report:
    lines = [k for k, how in enumerate(tally.told) if how] if tally.size else []
    counts = tally.counts[lines]
    table: dict[str, list[Any]] = {"bucket": [tally.labels[k] for k in lines]}
    table["over"] = [tally.told[k] == "over" for k in lines]
    table["active"] = counts[:, :DORMANT].sum(axis=1).tolist()
    table |= {name: counts[:, state].tolist() for state, name in enumerate(STATES)}
    again = [
        Proportion(back, back + away).estimate() if over else None
        for back, away, over in zip(table["returning"], table["dormant"], table["over"], strict=True)
    ]
    for suffix in ("", "_low", "_high"):
        name = suffix.removeprefix("_") or "value"
        table[f"of_before{suffix}"] = [None if each is None else getattr(each, name) for each in again]
    return Report(
        table,
        words=_words(tally, asked, table),
        notices=_notices(tally, lines),
        charts=[lifecycle_chart()] if lines else [],
    )


def _words(tally: LifecycleTally, asked: Lifecycle, table: Mapping[str, list[Any]]) -> list[str]:
    if not tally.size:
        return [f"Nobody was active{f' with {asked.event}' if asked.event else ''} in this period."]
    whole = [k for k, over in enumerate(table["over"]) if over]
    if not whole:
        return [f"No {asked.every} of this period is over; {count(table['active'][-1])} are active so far."]
    k = whole[-1]
    parts = ", ".join(f"{count(table[name][k])} {name}" for name in STATES[:DORMANT])
    away, active_ = count(table["dormant"][k]), count(table["active"][k])
    said = [f"In {table['bucket'][k]} {active_} were active ({parts}); {away} stayed away."]
    rate = tally.rates()["active again"]
    if rate.n:
        share = with_interval(rate.estimate())
        said.append(f"Of those active in one {asked.every}, {share} were active in the next.")
    return said


def _notices(tally: LifecycleTally, lines: Sequence[int]) -> list[Notice]:
    found = []
    if lines and tally.told[lines[-1]] == "open":
        text = "The last bucket is not over: who has not come back in it is undecided, and in no rate."
        found.append(Notice("undecided", text))
    if lines and lines[0] == 0:
        text = "The data begins in the first bucket: whoever was there before that is taken for new."
        found.append(Notice("left_censored", text))
    return found
