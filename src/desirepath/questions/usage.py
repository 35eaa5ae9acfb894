"""How many features do people use, and how much do they use each?

    ws.ask(Usage(features=["search", "export", "share"], window="28 days"))

    bucket                 active  breadth  catalogue  of catalogue  depth  entropy
    28 days to 2026-05-31   1 204      1.8          3          61 %    4.2     0.41

Breadth: different features per person. Depth: uses per active day. Per feature the table `features` has who uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Read, Reads
from desirepath.questions.activity_walk import LONGEST_DAYS, buckets_of
from desirepath.questions.bounce_entries import told_as
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.questions.usage_answer import UsageTally, usage_report
from desirepath.questions.usage_walk import Uses, entropy_of, find_rows, find_uses

DAY = 86_400_000_000
MOST_FEATURES, MOST_DAYS = 60, 366


class Days(NamedTuple):
    """Which days there are, and to which bucket each belongs."""

    edges: Array  # int64[days + 1]
    bucket: Array  # int64[days], -1 for none
    labels: list[str]
    told: list[str]
    missing: int  # so many days of the window lie before the data


@question
class Usage(Question):
    """How many features do people use, and how much do they use each?

    Parameters
    ----------
    features
        The features: events' names or filters. An event that fits several is a use of each. Every value of `by`, if
        left out.
    by
        The field whose values are the features, where none are listed.
    active
        What makes somebody active: an event's name or a filter; any event, if left out.
    least
        Who was active on fewer days does not count.
    window
        So many whole days, up to the end of the period or of what is known; not used with `every`.
    every
        Instead, buckets of the workspace's calendar: `day`, `week`, `month`, `quarter` or `year`.
    most
        How many features to show, those with most people first; the rest is summed up.
    """

    features: list[str] = field(default_factory=list)
    by: str = "name"
    active: str | None = None
    least: int = 1
    window: str = "28 days"
    every: Literal["day", "week", "month", "quarter", "year"] | None = None
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if self.least < 1 or self.most < 1:
            raise InputError("At least one day and one feature count.", allowed=["1 or more"])
        if len(self.features) > MOST_FEATURES:
            raise InputError(f"At most {MOST_FEATURES} features can be listed, not {len(self.features)}.")
        if len(set(self._listed)) < len(self._listed):
            raise InputError("Two features are the same; each is listed once.")
        if not self.by.strip():
            raise InputError("`by` is the name of a field, such as 'name'.")
        _ = self._width, self.reads()

    @property
    def _listed(self) -> list[str]:
        return [text.strip() for text in self.features]

    @cached_property
    def _width(self) -> int:
        """How many days the window has."""
        days, rest = divmod(duration(self.window).microseconds, DAY)
        if rest or not 1 <= days <= MOST_DAYS:
            raise InputError(f"The window has 1 to {MOST_DAYS} whole days.", allowed=["28 days", "1 week"])
        return days

    def reads(self) -> Reads:
        """Whether an event makes active, and which features it is a use of."""
        active = Where.of(None) if self.active is None else Where.event(self.active)
        wanted: dict[str, Read] = {"match": Match((active, *(Where.event(text) for text in self.features)))}
        return wanted if self.features else {**wanted, "feature": Code(self.by)}

    def horizon(self) -> int:
        """A bucket that the period touches is told whole."""
        return LONGEST_DAYS[self.every or "day"] * DAY

    def history(self) -> bool:
        """The window may begin before the period."""
        return True

    def _days(self, journeys: JourneyBatch) -> Days:
        """The days and buckets, the same for every block."""
        days = buckets_of(journeys, "day")
        calendar, bucket = journeys.calendar, np.full(len(days.edges) - 1, -1, dtype=np.int64)
        if self.every is not None:
            buckets = buckets_of(journeys, self.every)
            bucket[:] = np.searchsorted(buckets.edges, days.edges[:-1], side="right") - 1
            bucket[[buckets.told[k] == "" for k in bucket.tolist()]] = -1
            labels = calendar.labels(buckets.edges, self.every)
            return Days(days.edges, bucket, labels, buckets.told, 0)
        if days.last < max(days.first, 0):
            return Days(days.edges, bucket, [], [], 0)
        whole = min(days.last, days.over - 1)
        last = whole if whole >= 0 else days.last
        bucket[max(last - self._width + 1, 0) : last + 1] = 0
        label = f"{self._width} days to {calendar.label(int(days.edges[last]), 'day')}"
        return Days(days.edges, bucket, [label], ["over" if whole >= 0 else "open"], max(self._width - 1 - last, 0))

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey and bucket in which it is active."""
        days, match = self._days(journeys), cast("Matched", journeys.columns["match"])
        rows = find_rows(
            journeys.starts, journeys.time, match.codes, match.bits, days.edges, days.bucket, self.least
        )  # fmt: skip
        uses = self._uses(journeys, rows.first, rows.last)
        many = len(rows.journey)
        total = np.bincount(uses.row, weights=uses.uses, minlength=many).astype(np.int64)
        values: dict[str, Array] = {
            "bucket": rows.bucket,
            "active_days": rows.days,
            "features": np.bincount(uses.row, minlength=many),
            "uses": total,
            "entropy": entropy_of(uses, total),
        }
        labels = {"bucket": days.labels, "told": days.told, "missing": [str(days.missing)]}
        anchors = {"entry": rows.entry, "first": rows.first, "last": rows.last}
        return Findings(rows.journey, values, anchors, labels, journeys)

    def _uses(self, journeys: JourneyBatch, first: Array, last: Array) -> Uses:
        match = cast("Matched", journeys.columns["match"])
        codes = None if self.features else cast("Array", journeys.columns["feature"])
        edges, many = buckets_of(journeys, "day").edges, len(self._names(journeys))
        return find_uses(first, last, journeys.time, codes, match.codes, match.bits, edges, many)

    def _names(self, journeys: JourneyBatch) -> list[str]:
        """What each feature is called."""
        if self.features:
            return self._listed
        return [told_as(label) for label in journeys.labels["feature"][1:]]

    def tally(self, findings: Findings) -> UsageTally:
        """Sums by bucket, by feature, and by number of features."""
        journeys = cast("JourneyBatch", findings.batch)
        uses = self._uses(journeys, findings.anchors["first"], findings.anchors["last"])
        return UsageTally.of(findings, uses, self._names(journeys), len(self.features))

    def answer(self, tally: UsageTally) -> Report:
        """A line per bucket, and of the last one that is over the features and how many people use."""
        return usage_report(tally, self.most, self.every)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`bucket="2026-05"`, `feature="export"`; `features=3` or `at_least=3` of them; all rows.

        Without a bucket the last one that is over is meant, unless nothing is selected by.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such bucket or feature.
        """
        refuse_others(which, ["bucket", "feature", "features", "at_least"])
        if not which:
            return np.ones(len(findings), dtype=np.bool_)
        told = list(findings.labels["told"])
        if "bucket" in which:
            bucket = place_among("bucket", which["bucket"], findings.labels["bucket"])
        else:
            bucket = len(told) - 1 - told[::-1].index("over") if "over" in told else -1
        values = findings.values
        chosen = values["bucket"] == bucket
        if "features" in which:
            chosen &= values["features"] == int(which["features"])
        if "at_least" in which:
            chosen &= values["features"] >= int(which["at_least"])
        if "feature" in which:
            journeys = cast("JourneyBatch", findings.batch)
            names = self._names(journeys)
            if which["feature"] not in names:
                raise UnknownNameError.of("feature", str(which["feature"]), names)
            uses = self._uses(journeys, findings.anchors["first"], findings.anchors["last"])
            used = np.zeros(len(findings), dtype=np.bool_)
            used[uses.row[uses.feature == names.index(which["feature"])]] = True
            chosen &= used
        return np.asarray(chosen)
