"""How many of those who come at all come today, and on how many days do they come?

    ws.ask(Stickiness(event="visit", of=[7, 28]))

    bucket      active  in_7   of_7    in_28   of_28
    2026-05-30   1 204  4 310  27.9 %  9 720   12.4 %

With days, `of_7` is DAU / WAU and `of_28` is DAU / MAU; `spread` tells on how many of the last 7 and 28 days people
came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.retention_charts import spread_chart, stickiness_chart
from desirepath.answers.words import count, percent
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Match, Reads
from desirepath.journeys.kernel import kernel
from desirepath.questions.activity_walk import LONGEST_DAYS, active, buckets_of, entries
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, refuse_others
from desirepath.statistics import Proportion

DAY = 86_400_000_000
LONGEST = 366


@kernel
def _trailing(journey: Array, bucket: Array, width: int, change: Array) -> None:
    """Add to `change[b]` how many more were active in the `width` buckets up to b than in those up to b - 1."""
    last = len(change) - 1
    for i in range(len(journey)):
        until = bucket[i] + width
        if i + 1 < len(journey) and journey[i + 1] == journey[i]:
            until = min(until, bucket[i + 1])
        change[bucket[i]] += 1
        change[min(until, last)] -= 1


@kernel
def _spread(journey: Array, bucket: Array, width: int, until: int, days: Array) -> None:
    """Write to the last row of each journey in the `width` buckets up to `until` in how many it was active; else 0."""
    found = 0
    for i in range(len(journey)):
        if i == 0 or journey[i - 1] != journey[i]:
            found = 0
        inside = until - width < bucket[i] <= until
        found += inside
        closing = i + 1 == len(journey) or journey[i + 1] != journey[i] or bucket[i + 1] > until
        days[i] = found if inside and closing else 0


@question
class Stickiness(Question):
    """How many of those who come at all come today, and on how many days do they come?

    Parameters
    ----------
    event
        What makes somebody active: an event's name or a filter; any event, if left out.
    every
        Buckets of the workspace's calendar: `day`, `week` or `month`.
    of
        Numbers of buckets to hold one against: 7 and 28 days are DAU / WAU and DAU / MAU.
    """

    event: str | None = None
    every: Literal["day", "week", "month"] = "day"
    of: list[int] = field(default_factory=lambda: [7, 28])

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not self.of or len(set(self.of)) < len(self.of):
            raise InputError("`of` needs numbers of buckets, each once.", allowed=["7", "28"])
        for width in self.of:
            if not 2 <= width <= LONGEST:
                raise InputError(f"One bucket is held against 2 to {LONGEST}, not {width}.")
        self.reads()

    def reads(self) -> Reads:
        """Whether an event counts as activity."""
        return {"match": Match((Where.of(None) if self.event is None else Where.event(self.event),))}

    def horizon(self) -> int:
        """A bucket that the period touches is told whole."""
        return LONGEST_DAYS[self.every] * DAY

    def history(self) -> bool:
        """The first day of the period is held against those before it."""
        return True

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey and bucket in which it is active."""
        buckets = buckets_of(journeys, self.every)
        rows = active(journeys, "match", buckets.edges)
        keep = (rows.bucket > buckets.first - max(self.of)) & (rows.bucket <= buckets.last)
        labels = journeys.calendar.labels(buckets.edges, self.every)
        told = ["over" if how == "over" else "" for how in buckets.told]
        return Findings(
            rows.journey[keep].astype(np.int64),
            {"bucket": rows.bucket[keep]},
            {"entry": entries(rows.journey[keep], rows.place[keep])},
            {"bucket": labels, "told": told, "open": ["open"] if "open" in buckets.told else []},
        )

    def tally(self, findings: Findings) -> StickinessTally:
        """Counts by bucket, by trailing buckets, and by how many of the last ones."""
        labels = tuple(map(str, findings.labels["bucket"]))
        told = tuple(map(str, findings.labels["told"]))
        journey, bucket = findings.journey, findings.values["bucket"]
        counts = np.zeros((1 + len(self.of), len(labels)), dtype=np.int64)
        counts[0] = np.bincount(bucket, minlength=len(labels))
        spread = np.zeros((len(self.of), max(self.of) + 1), dtype=np.int64)
        for n, width in enumerate(self.of):
            change = np.zeros(len(labels) + 1, dtype=np.int64)
            _trailing(journey, bucket, width, change)
            counts[n + 1] = np.cumsum(change)[:-1]
            days = self._days(findings, width)
            spread[n] = np.bincount(days[days > 0], minlength=max(self.of) + 1)
        return StickinessTally(labels, told, bool(findings.labels["open"]), counts, spread, tuple(self.of))

    def _days(self, findings: Findings, width: int, until: int | None = None) -> Array:
        """int64[rows]: in how many of the last buckets; told in the last row of each journey that has any."""
        told = list(findings.labels["told"])
        last = len(told) - 1 - told[::-1].index("over") if "over" in told else -1
        days = np.zeros(len(findings), dtype=np.int64)
        _spread(findings.journey, findings.values["bucket"], width, last if until is None else until, days)
        return days

    def answer(self, tally: StickinessTally) -> Report:
        """A line per bucket that is over, and how many came in how many of the last."""
        return _report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`bucket="2026-05-30"`, perhaps `of=28`: in the 28 up to it; `active=3` or `at_least=3`: in so many of them.

        One row for each unit; without a bucket the last one that is over is meant. Without anything, all rows.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such bucket or number of buckets.
        """
        refuse_others(which, ["bucket", "of", "active", "at_least"])
        if not which:
            return np.ones(len(findings), dtype=np.bool_)
        labels, until = list(findings.labels["bucket"]), None
        if "bucket" in which:
            if which["bucket"] not in labels:
                raise UnknownNameError.of("bucket", str(which["bucket"]), map(str, labels))
            until = labels.index(which["bucket"])
        width = int(which.get("of", 1))
        if width != 1 and width not in self.of:
            raise UnknownNameError.of("number of buckets", str(width), [str(each) for each in (1, *self.of)])
        days = self._days(findings, width, until)
        if "active" in which:
            return np.asarray(days == int(which["active"]))
        return np.asarray(days >= max(int(which.get("at_least", 1)), 1))


@dataclass(frozen=True, eq=False)
class StickinessTally:
    """Sums over rows.

    Attributes
    ----------
    labels, told
        The buckets, and `over` for those that are told.
    open
        Whether the period touches a bucket that is not over.
    counts
        int64[1 + widths, buckets]: active in the bucket; in each number of buckets up to it.
    spread
        int64[widths, most + 1]: active in so many of the last buckets.
    of
        The widths.
    """

    labels: tuple[str, ...]
    told: tuple[str, ...]
    open: bool
    counts: Array
    spread: Array
    of: tuple[int, ...]

    def __add__(self, other: StickinessTally) -> StickinessTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return StickinessTally(
            self.labels, self.told, self.open, self.counts + other.counts, self.spread + other.spread, self.of
        )

    @property
    def size(self) -> int:
        """How many rows it sums up."""
        return int(self.counts[0].sum())

    def rates(self) -> Mapping[str, Proportion]:
        """Of those active in the last buckets, the share active in the very last; where so many are known."""
        lines = [k for k, how in enumerate(self.told) if how]
        if not lines:
            return {}
        now, *within = self.counts[:, lines[-1]].tolist()
        return {
            f"active in the last of {width}": Proportion(now, whole)
            for width, whole in zip(self.of, within, strict=True)
            if lines[-1] >= width - 1
        }


def _report(tally: StickinessTally, asked: Stickiness) -> Report:
    lines = [k for k, how in enumerate(tally.told) if how] if tally.size else []
    table: dict[str, list[Any]] = {"bucket": [tally.labels[k] for k in lines]}
    table["active"] = tally.counts[0, lines].tolist()
    for n, width in enumerate(asked.of):
        known = [k >= width - 1 for k in lines]
        inside = tally.counts[n + 1, lines].tolist()
        table[f"in_{width}"] = [number if whole else None for number, whole in zip(inside, known, strict=True)]
        shares = [
            Proportion(one, number).estimate() if whole else None
            for one, number, whole in zip(table["active"], inside, known, strict=True)
        ]
        for suffix in ("", "_low", "_high"):
            name = suffix.removeprefix("_") or "value"
            table[f"of_{width}{suffix}"] = [None if share is None else getattr(share, name) for share in shares]
    means = {width: [each for each in table[f"of_{width}"] if each is not None] for width in asked.of}
    extras = {"spread": _spread_table(tally, asked), "means": _means(means)}
    return Report(
        table,
        extras,
        words=_words(tally, asked, means),
        notices=_notices(tally, asked, lines),
        charts=[stickiness_chart(asked.of), spread_chart()] if lines else [],
    )


def _spread_table(tally: StickinessTally, asked: Stickiness) -> dict[str, list[Any]]:
    """On how many of the last buckets people came: exactly, and at least."""
    names = ("of", "active", "people", "at_least", "of_people", "of_people_low", "of_people_high")
    found: dict[str, list[Any]] = {name: [] for name in names}
    for n, width in enumerate(asked.of):
        counts = tally.spread[n, 1 : width + 1].tolist() if tally.size else []
        for k, number in enumerate(counts, 1):
            share = Proportion(number, sum(counts)).estimate()
            row = (width, k, number, sum(counts[k - 1 :]), share.value, share.low, share.high)
            for name, value in zip(names, row, strict=True):
                found[name].append(value)
    return found


def _means(means: Mapping[int, Sequence[float]]) -> dict[str, list[Any]]:
    """The mean over buckets of the share, and how far it goes down and up."""
    return {
        "of": list(means),
        "buckets": [len(shares) for shares in means.values()],
        "mean": [sum(shares) / len(shares) if shares else None for shares in means.values()],
        "lowest": [min(shares, default=None) for shares in means.values()],
        "highest": [max(shares, default=None) for shares in means.values()],
    }


def _words(tally: StickinessTally, asked: Stickiness, means: Mapping[int, Sequence[float]]) -> list[str]:
    if not tally.size:
        return [f"Nobody was active{f' with {asked.event}' if asked.event else ''} in any {asked.every} that is over."]
    said = []
    for width, shares in means.items():
        if shares:
            said.append(
                f"On average {percent(sum(shares) / len(shares))} of those active within {width} {asked.every}s "
                f"are active in the last one, over {count(len(shares))} {asked.every}s."
            )
    return said or [f"The data covers fewer than {min(asked.of)} {asked.every}s that are over: not enough data."]


def _notices(tally: StickinessTally, asked: Stickiness, lines: Sequence[int]) -> list[Notice]:
    found = []
    if tally.size and tally.open:
        found.append(Notice("open_bucket", f"The last {asked.every} is not over and left out."))
    if lines and lines[0] < max(asked.of) - 1:
        text = f"Where fewer than {max(asked.of)} {asked.every}s are known, the share of so many is left empty."
        found.append(Notice("left_censored", text))
    return found
