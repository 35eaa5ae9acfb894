"""From who used what to tables of breadth, depth and features, and words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.usage_charts import features_chart, usage_chart
from desirepath.answers.words import count, percent
from desirepath.questions.bounce_entries import OTHER
from desirepath.questions.question import Findings, Report
from desirepath.questions.usage_walk import Uses
from desirepath.statistics import Estimate, Moments, Proportion, interval_columns
from desirepath.statistics.adjusted import scaled
from desirepath.statistics.intervals import quantile_ranks
from desirepath.statistics.keyed import Keyed
from desirepath.statistics.means import mean

Array = npt.NDArray[Any]

MOST_RATES = 100
"""So many features are compared between groups."""

_PAIR = 1 << 32
"""A bucket and a feature, or a number of features, are one number: bucket * _PAIR + the other."""


def _within(sums: Keyed, bucket: int) -> tuple[Array, Array]:
    """What is counted in a bucket: the other halves of its keys, and their sums."""
    low, high = np.searchsorted(sums.keys, [bucket * _PAIR, (bucket + 1) * _PAIR])
    return sums.keys[low:high] - bucket * _PAIR, sums.sums[low:high]


@dataclass(frozen=True, eq=False)
class UsageTally:
    """Sums over rows.

    Attributes
    ----------
    labels, told
        The buckets; `over`, `open`, or nothing where it is not asked for.
    missing
        So many days of the window lie before the data.
    names
        What each feature that was used is called.
    listed
        How many features are listed; 0 where all values count.
    features
        By bucket and feature: people, uses, days.
    spread
        By bucket and number of features: people.
    days
        int64[buckets]: active days of all.
    depth, entropy
        Per bucket over people: uses per active day; entropy in nats.
    """

    labels: tuple[str, ...]
    told: tuple[str, ...]
    missing: int
    names: Mapping[int, str]
    listed: int
    features: Keyed
    spread: Keyed
    days: Array
    depth: tuple[Moments, ...]
    entropy: tuple[Moments, ...]

    @classmethod
    def of(cls, findings: Findings, uses: Uses, names: Sequence[str], listed: int) -> UsageTally:
        """Sums of one block's rows."""
        values, labels = findings.values, tuple(map(str, findings.labels["bucket"]))
        bucket, one = values["bucket"].astype(np.int64), np.ones(len(findings), dtype=np.int64)
        pairs = bucket[uses.row] * _PAIR + uses.feature
        depth = values["uses"] / np.maximum(values["active_days"], 1)
        parts = [np.flatnonzero(bucket == k) for k in range(len(labels))]
        days = np.bincount(bucket, weights=values["active_days"], minlength=len(labels)).astype(np.int64)
        return cls(
            labels,
            tuple(map(str, findings.labels["told"])),
            int(findings.labels["missing"][0] or 0),
            {int(feature): names[int(feature)] for feature in np.unique(uses.feature)},
            listed,
            Keyed.of_columns(pairs, (np.ones(len(pairs), dtype=np.int64), uses.uses, uses.days), 3),
            Keyed.of_columns(bucket * _PAIR + values["features"], (one,), 1),
            days,
            tuple(Moments.of(depth[part]) for part in parts),
            tuple(Moments.of(values["entropy"][part]) for part in parts),
        )

    def __add__(self, other: UsageTally) -> UsageTally:
        """Join two groups of rows; nobody at all may come from a log of other days."""
        if self.labels != other.labels:
            return self if self.size or not other.size else other
        return replace(
            self,
            names={**self.names, **other.names},
            features=self.features + other.features,
            spread=self.spread + other.spread,
            days=self.days + other.days,
            depth=tuple(one + two for one, two in zip(self.depth, other.depth, strict=True)),
            entropy=tuple(one + two for one, two in zip(self.entropy, other.entropy, strict=True)),
        )

    @property
    def size(self) -> int:
        """How many rows it sums up."""
        return int(self.spread.sums.sum())

    @property
    def last(self) -> int | None:
        """The last bucket that is over."""
        return len(self.told) - 1 - self.told[::-1].index("over") if "over" in self.told else None

    def active(self, bucket: int) -> int:
        """How many people were active in a bucket."""
        return int(_within(self.spread, bucket)[1].sum())

    def catalogue(self, bucket: int) -> int:
        """How many features there are: those listed, or those that anybody used."""
        return self.listed or len(_within(self.features, bucket)[0])

    def ranked(self, bucket: int) -> list[tuple[str, int, int, int]]:
        """Features of a bucket with people, uses and days; those with most people first."""
        features, sums = _within(self.features, bucket)
        found = [
            (self.names[feature], people, uses, days)
            for feature, (people, uses, days) in zip(features.tolist(), sums.tolist(), strict=True)
        ]
        return sorted(found, key=lambda row: (-row[1], -row[2], row[0]))

    def rates(self) -> Mapping[str, Proportion]:
        """Per feature the share of active people that use it, in the last bucket that is over."""
        if self.last is None:
            return {}
        active = self.active(self.last)
        return {f"use {name}": Proportion(p, active) for name, p, _, _ in self.ranked(self.last)[:MOST_RATES]}


def usage_report(tally: UsageTally, most: int, every: str | None) -> Report:
    """Put the sums into words and tables."""
    lines = [k for k, how in enumerate(tally.told) if how] if tally.size else []
    table = _buckets(tally, lines)
    last = tally.last if tally.size else None
    charts = [usage_chart()] if every is not None and last is not None else []
    ranked = [] if last is None else tally.ranked(last)
    return Report(
        table,
        {"features": _features(tally, last, ranked, most), "breadth": _breadth(tally, last)},
        words=_words(tally, table, ranked),
        notices=_notices(tally, lines, len(ranked[most:])),
        charts=[features_chart(), *charts] if ranked else charts,
    )


def _buckets(tally: UsageTally, lines: Sequence[int]) -> dict[str, list[Any]]:
    over = [tally.told[k] == "over" for k in lines]
    table: dict[str, list[Any]] = {
        "bucket": [tally.labels[k] for k in lines],
        "over": over,
        "active": [tally.active(k) for k in lines],
    }
    whole = [k if known else None for k, known in zip(lines, over, strict=True)]
    catalogue = [None if k is None else tally.catalogue(k) for k in whole]
    breadth = [_nothing() if k is None else _mean_of_counts(*_within(tally.spread, k)) for k in whole]
    depth = [_nothing() if k is None else _mean(tally.depth[k]) for k in whole]
    nats = [_nothing() if k is None else _mean(tally.entropy[k]) for k in whole]
    quartiles = [[None] * 3 if k is None else _quartiles(*_within(tally.spread, k)) for k in whole]
    table |= interval_columns("breadth", breadth)
    for place, name in enumerate(("quarter", "median", "three_quarters")):
        table[f"breadth_{name}"] = [each[place] for each in quartiles]
    table["catalogue"] = catalogue
    shares = [_share(one, 1 / n if n else None) for one, n in zip(breadth, catalogue, strict=True)]
    table |= interval_columns("of_catalogue", shares)
    table["uses"] = [None if k is None else int(_within(tally.features, k)[1][:, 1].sum()) for k in whole]
    table["active_days"] = [None if k is None else int(tally.days[k]) for k in whole]
    table |= interval_columns("depth", depth)
    even = [_share(one, 1 / math.log(n) if n and n > 1 else None) for one, n in zip(nats, catalogue, strict=True)]
    table |= interval_columns("entropy", even)
    return table


def _nothing() -> Estimate:
    return Estimate(None, None, None, 0, 0.95, "mean")


def _mean(moments: Moments) -> Estimate:
    """The mean of values that are never negative, with Student's interval."""
    return _at_least_zero(mean(moments.n, moments.mean or 0.0, moments.variance or 0.0))


def _mean_of_counts(numbers: Array, many: Array) -> Estimate:
    """The mean of whole numbers of which so many are known to have each value."""
    pairs = list(zip(numbers.tolist(), many[:, 0].tolist(), strict=True))
    n, total = sum(k for _, k in pairs), sum(x * k for x, k in pairs)
    squares = sum(x * x * k for x, k in pairs)
    variance = (squares - total * total / n) / (n - 1) if n > 1 else 0.0
    return _at_least_zero(mean(n, total / n if n else 0.0, variance))


def _at_least_zero(given: Estimate) -> Estimate:
    return given if given.low is None else replace(given, low=max(given.low, 0.0))


def _share(given: Estimate, factor: float | None) -> Estimate:
    """The estimate as a part of a whole; the interval stays within 0 and 1."""
    if factor is None or given.value is None:
        return _nothing()
    found = scaled(given, factor)
    high = None if found.high is None else min(found.high, 1.0)
    return replace(found, value=min(found.value or 0.0, 1.0), high=high)


def _quartiles(numbers: Array, many: Array) -> list[float | None]:
    """Quarter, median and three quarters, by definition 2 of Hyndman and Fan (1996)."""
    upto = np.cumsum(many[:, 0])
    if not len(upto):
        return [None] * 3
    found: list[float | None] = []
    for share in (0.25, 0.5, 0.75):
        low, high = numbers[np.searchsorted(upto, quantile_ranks(int(upto[-1]), share), side="left")].tolist()
        found.append((low + high) / 2)
    return found


def _features(
    tally: UsageTally, last: int | None, ranked: Sequence[tuple[str, int, int, int]], most: int
) -> dict[str, list[Any]]:
    """Who uses each feature, and how much, in the last bucket that is over."""
    active = 0 if last is None else tally.active(last)
    shown, rest = ranked[:most], ranked[most:]
    whole = sum(uses for _, _, uses, _ in ranked)
    found: dict[str, list[Any]] = {
        "feature": [name for name, _, _, _ in shown],
        "people": [people for _, people, _, _ in shown],
        **interval_columns("of_active", [Proportion(people, active).estimate() for _, people, _, _ in shown]),
        "uses": [uses for _, _, uses, _ in shown],
        "uses_per_person": [uses / people for _, people, uses, _ in shown],
        "active_days": [days for _, _, _, days in shown],
        "of_uses": [uses / whole for _, _, uses, _ in shown],
    }
    if rest:
        uses = sum(each for _, _, each, _ in rest)
        more = {"feature": OTHER, "uses": uses, "of_uses": uses / whole}
        for name, values in found.items():
            values.append(more.get(name))
    return found


def _breadth(tally: UsageTally, last: int | None) -> dict[str, list[Any]]:
    """How many people use how many features, in the last bucket that is over."""
    numbers, many = (np.zeros(0, np.int64), np.zeros((0, 1), np.int64)) if last is None else _within(tally.spread, last)
    people = many[:, 0].tolist()
    whole = sum(people)
    return {
        "features": numbers.tolist(),
        "people": people,
        "at_least": [sum(people[k:]) for k in range(len(people))],
        **interval_columns("of_active", [Proportion(each, whole).estimate() for each in people]),
    }


def _words(tally: UsageTally, table: Mapping[str, list[Any]], ranked: Sequence[tuple[str, int, int, int]]) -> list[str]:
    if not tally.size:
        return ["Nobody was active in this period."]
    last = tally.last
    if last is None:
        return [f"{count(table['active'][-1])} are active so far; not one whole bucket of time is known yet."]
    line = table["bucket"].index(tally.labels[last])
    active, breadth = table["active"][line], table["breadth"][line]
    if not active:
        return [f"Nobody was active in {tally.labels[last]}."]
    low, high = table["breadth_low"][line], table["breadth_high"][line]
    sure = "" if low is None or high is None else f" (95 % interval {low:.2f} to {high:.2f})"
    said = [
        f"In {tally.labels[last]}, {count(active)} people were active; they used {breadth:.2f}{sure} of "
        f"{count(table['catalogue'][line])} features each, {table['depth'][line]:.2f} times a day on which they came."
    ]
    if ranked:
        name, people, _, _ = ranked[0]
        said.append(f"Most used is {name}: by {percent(people / active)} of them.")
    return said


def _notices(tally: UsageTally, lines: Sequence[int], rest: int) -> list[Notice]:
    found = []
    if any(tally.told[k] == "open" for k in lines):
        text = "The last bucket is not over: who is active so far is told, and no mean."
        found.append(Notice("open_bucket", text))
    if tally.missing and tally.size:
        text = f"The data begins within the window: {tally.missing:,} of its days lie before, so people show less use."
        found.append(Notice("left_censored", text))
    if rest:
        text = f"{rest:,} features that fewer people use are summed up as {OTHER}; `most` shows more."
        found.append(Notice("other", text))
    return found
