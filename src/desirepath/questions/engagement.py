"""How much does each person do, and how much of it all comes from the most engaged?

    ws.ask(Engagement(by="value", levels=["10 %", "50 %"]))

    level      people  from    total    of_total
    top 10 %    1 204   310  412 000      48.1 %
    top 50 %    4 816    60  340 100      39.7 %
    rest        6 020     1  104 300      12.2 %

A level is a segment: `answer.save("best customers", level="top 10 %")`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.retention_charts import levels_chart
from desirepath.answers.words import count, percent
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Number, Read, Reads
from desirepath.journeys.kernel import kernel
from desirepath.questions.activity_walk import active, buckets_of
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report
from desirepath.statistics import Proportion, interval_columns

COUNTED = ("events", "days", "names")
UNIT = 1_000_000
EXACT_LIMIT = 4_000_000
REST, NONE, BELOW = "rest", "none", "below zero"
QUARTERS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
_BITS, _PIECE, HALF = 10, 24, 2.0**32

MOST = 1e290
"""A number beyond it counts as this, so that sums stay numbers."""


@kernel
def _count_names(starts: Array, codes: Array, match: Array, bits: Array, seen: Array, many: Array) -> None:
    """How many different names each journey's events have; `seen` int64[names], all -1."""
    for p in range(len(starts) - 1):
        found = 0
        for i in range(starts[p], starts[p + 1]):
            if bits[match[i]] & 1 and seen[codes[i]] != p:
                seen[codes[i]] = p
                found += 1
        many[p] = found


@question
class Engagement(Question):
    """How much does each person do, and how much of it all comes from the most engaged?

    Parameters
    ----------
    event
        What counts: an event's name or a filter; any event, if left out.
    by
        The score: `events`, active `days`, different `names` of events, or a property with numbers, such as `value`,
        that is summed up.
    levels
        Where levels begin, the highest first: shares of people, such as `"10 %"`, or scores, such as `"20"`.
    """

    unlisted: ClassVar[frozenset[str]] = frozenset({"whole"})

    event: str | None = None
    by: str = "events"
    levels: list[str] = field(default_factory=lambda: ["10 %", "50 %"])

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        _ = self._edges, self.reads()

    @cached_property
    def _edges(self) -> tuple[bool, list[float]]:
        """Whether levels are shares of people, and where they begin."""
        parts = [re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(%?)\s*", str(text)) for text in self.levels]
        if not parts or None in parts:
            raise InputError("A level begins at a share or at a score.", allowed=["10 %", "20"])
        found = [float(part[1]) for part in parts if part]
        kinds = {part[2] for part in parts if part}
        shares = kinds == {"%"}
        if len(kinds) > 1:
            raise InputError("Levels are either all shares or all scores.", allowed=["10 %", "20"])
        if shares and not all(0 < each < 100 for each in found):
            raise InputError(f"A level begins at a share above 0 % and below 100 %, not at {self.levels}.")
        if found != sorted(set(found), reverse=not shares):
            raise InputError("Levels stand in order, the highest first: '10 %', '50 %' or '20', '5'.")
        if not shares and found[-1] <= 0:
            raise InputError("A level begins above zero; who has nothing is told apart anyway.")
        return shares, found

    @property
    def _names(self) -> list[str]:
        shares, edges = self._edges
        return [*(f"top {edge:g} %" if shares else f"{edge:g} or more" for edge in edges), REST]

    @property
    def _unit(self) -> int:
        return 1 if self.by in COUNTED else UNIT

    def reads(self) -> Reads:
        """Which events count, and what of them."""
        wanted: dict[str, Read] = {"match": Match((Where.of(None) if self.event is None else Where.event(self.event),))}
        if self.by == "names":
            wanted["name"] = Code("name")
        elif self.by not in COUNTED:
            wanted["number"] = Number(self.by)
        return wanted

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey with any event: its score."""
        if self.by in COUNTED:
            return Findings.of(journeys, score=self._score(journeys))
        whole = self._sum(journeys)
        return Findings.of(journeys, score=whole / UNIT, whole=whole)

    def _sum(self, journeys: JourneyBatch) -> Array:
        """float64[journeys]: the sum of each one's numbers in millionths, exact up to 2^53, then to 16 digits."""
        match, size = cast("Matched", journeys.columns["match"]), len(journeys)
        number = np.nan_to_num(np.where(match.holds(0), cast("Array", journeys.columns["number"]), 0.0))
        whole, whose = np.rint(np.clip(number, -MOST, MOST) * UNIT), journeys.journey_of_event()
        # large and small parts apart, so that what is taken back leaves the rest as it was
        large = np.floor(whole / HALF)
        parts = (np.bincount(whose, weights=each, minlength=size) for each in (large, whole - large * HALF))
        return np.asarray(next(parts) * HALF + next(parts))

    def _score(self, journeys: JourneyBatch) -> Array:
        """int64[journeys]: how many events, days or names."""
        match, size = cast("Matched", journeys.columns["match"]), len(journeys)
        if self.by == "events":
            return journeys.count("match")
        if self.by == "days":
            rows = active(journeys, "match", buckets_of(journeys, "day").edges)
            return np.bincount(rows.journey, minlength=size)
        many, seen = np.zeros(size, np.int64), np.full(len(journeys.labels["name"]), -1, dtype=np.int64)
        codes = cast("Array", journeys.columns["name"])
        _count_names(journeys.starts, codes, match.codes, match.bits, seen, many)
        return many

    def _whole(self, findings: Findings) -> Array:
        """float64[rows]: each score as a whole number, of millionths where numbers are summed up."""
        return np.asarray(findings.values.get("whole", findings.values["score"]), dtype=np.float64)

    def tally(self, findings: Findings) -> Scores:
        """All scores."""
        return Scores.of(self._whole(findings), tuple(self.levels), self)

    def answer(self, tally: Scores) -> Report:
        """A line per level."""
        return _report(tally, self)

    def begins(self, tally: Scores) -> list[int]:
        """The score from which each level begins, the highest first; those of the rest left out."""
        shares, edges = self._edges
        if not shares:
            return [math.ceil(edge * self._unit - 1e-9) for edge in edges]
        return [tally.from_top(edge / 100) for edge in edges]

    def meant(self, tally: Scores, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """Levels become scores."""
        rest = dict(which)
        if "level" not in rest:
            return rest
        level, names = str(rest.pop("level")), [*self._names, NONE, BELOW]
        if level not in names:
            raise UnknownNameError.of("level", level, names)
        edges: list[int | None] = [None, *self.begins(tally), 1, 0, None]
        place = names.index(level)
        high, low = edges[place], edges[place + 1]
        return {**rest, **({} if low is None else {"from": low}), **({} if high is None else {"before": high})}

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`level="top 10 %"`, `"rest"`, `"none"`; everybody with any event.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such level.
        """
        chosen, score = np.ones(len(findings), dtype=np.bool_), self._whole(findings)
        for name, wanted in which.items():
            if name == "from":
                chosen &= score >= float(wanted)
            elif name == "before":
                chosen &= score < float(wanted)
            else:
                raise UnknownNameError.of("selection", name, ["level"])
        return chosen


@dataclass(frozen=True, eq=False)
class Scores:
    """Every score with how many have it; many different ones are put together with those close below.

    Attributes
    ----------
    score
        float64[k], ascending, whole numbers: of those put together the least that could be.
    many
        int64[k]: how many people have it.
    total
        object[k], whole numbers of any size: what the scores come to that were put together; None where none were.
    levels, asked
        What is asked.
    """

    score: Array
    many: Array
    total: Array | None
    levels: tuple[str, ...]
    asked: Engagement

    @classmethod
    def of(cls, scores: Array, levels: tuple[str, ...], asked: Engagement) -> Scores:
        """All scores of a block."""
        score, many = np.unique(scores, return_counts=True)
        return cls(score, many, None, levels, asked)

    def __add__(self, other: Scores) -> Scores:
        """Join two groups of people."""
        rounds = self.size + other.size > EXACT_LIMIT
        both = (self._rounded(), other._rounded()) if rounds else (self, other)
        score, place = np.unique(np.concatenate([each.score for each in both]), return_inverse=True)
        many = np.zeros(len(score), dtype=np.int64)
        np.add.at(many, place, np.concatenate([each.many for each in both]))
        total = None
        if rounds:
            total = np.zeros(len(score), dtype=object)
            np.add.at(total, place, np.concatenate([cast("Array", each.total) for each in both]))
        return Scores(score, many, total, self.levels, self.asked)

    def _rounded(self) -> Scores:
        """The same people, those with much the same score put together."""
        if self.total is not None:
            return self
        digits, exponent = np.frexp(self.score)
        shift = np.maximum(exponent - _BITS, 0)
        score, place = np.unique(np.ldexp(np.floor(np.ldexp(digits, exponent - shift)), shift), return_inverse=True)
        many = np.zeros(len(score), dtype=np.int64)
        np.add.at(many, place, self.many)
        return Scores(score, many, _sums(self.score, self.many, place, len(score)), self.levels, self.asked)

    @property
    def size(self) -> int:
        """How many people there are."""
        return int(self.many.sum())

    def from_top(self, share: float) -> int:
        """The least score of the highest that make up at most a share of all above zero, or of the very highest."""
        above = self.score > 0
        score, many = self.score[above], self.many[above]
        if not len(score):
            return 1
        from_top = np.cumsum(many[::-1])[::-1]
        fits = np.flatnonzero(from_top <= share * int(many.sum()) + 1e-9)
        return int(score[fits[0]] if len(fits) else score[-1])

    def between(self, low: int | None, high: int | None) -> tuple[int, int]:
        """How many people have a score from `low` until before `high`, and what their scores come to."""
        begin = 0 if low is None else int(np.searchsorted(self.score, low, side="left"))
        end = len(self.score) if high is None else int(np.searchsorted(self.score, high, side="left"))
        score, many = self.score[begin:end], self.many[begin:end]
        if self.total is not None:
            return int(many.sum()), int(self.total[begin:end].sum())
        return int(many.sum()), int(_sums(score, many, np.zeros(len(score), dtype=np.int64), 1)[0])

    def quantile(self, share: float) -> int | None:
        """The least score that at least a share of all above zero do not go beyond."""
        above = self.score > 0
        many = np.cumsum(self.many[above])
        if not len(many):
            return None
        return int(self.score[above][int(np.searchsorted(many, share * int(many[-1]) - 1e-9, side="left"))])

    def rates(self) -> Mapping[str, Proportion]:
        """The share at each level, where levels are scores; levels that are shares are the same size everywhere."""
        anybody, _ = self.between(1, None)
        found = {"has any": Proportion(anybody, self.size)}
        shares, _edges = self.asked._edges
        if not shares:
            for name, edge in zip(self.asked._names, self.asked.begins(self), strict=False):
                found[name] = Proportion(self.between(edge, None)[0], self.size)
        return found


def _sums(score: Array, many: Array, place: Array, size: int) -> Array:
    """What scores come to that so many have each, by place: object[size], whole numbers of any size, exact."""
    found = np.zeros(size, dtype=object)
    left, times, low = np.abs(score), np.where(score < 0, -many, many), 0
    while left.any():  # few enough bits at a time that no sum of them leaves a float's 53
        rest = np.floor(left / (1 << _PIECE))
        piece = np.bincount(place, weights=(left - rest * (1 << _PIECE)) * times, minlength=size)
        found += piece.astype(np.int64).astype(object) << low
        left, low = rest, low + _PIECE
    return found


def _report(tally: Scores, asked: Engagement) -> Report:
    unit = asked._unit
    edges: list[int | None] = [None, *asked.begins(tally), 1]
    lines = [(name, edges[k + 1], edges[k]) for k, name in enumerate(asked._names)]
    lines.append((NONE, 0, 1))
    if tally.size and int(tally.score[0]) < 0:
        lines.append((BELOW, None, 0))
    lines = lines if tally.size else []
    parts = [tally.between(low, high) for _, low, high in lines]
    whole = tally.between(1, None)[1]
    shares = [Proportion(people, tally.size).estimate() for people, _ in parts]
    table: dict[str, list[Any]] = {
        "level": [name for name, _, _ in lines],
        "people": [people for people, _ in parts],
        **interval_columns("of_people", shares),
        "from": [None if low is None or name == REST or not whole else low / unit for name, low, _ in lines],
        "total": [total / unit for _, total in parts],
        "of_total": [total / whole if whole and total >= 0 else None for _, total in parts],
    }
    quantiles: dict[str, list[Any]] = {
        "share": list(QUARTERS),
        "score": [_told(tally.quantile(share), unit) for share in QUARTERS],
    }
    return Report(
        table,
        {"quantiles": quantiles},
        words=_words(tally, asked, table),
        notices=_notices(tally, asked),
        charts=[levels_chart()] if lines else [],
    )


def _told(score: int | None, unit: int) -> float | None:
    return None if score is None else score / unit


def _words(tally: Scores, asked: Engagement, table: Mapping[str, list[Any]]) -> list[str]:
    what = f" ({asked.event})" if asked.event else ""
    anybody, _ = tally.between(1, None)
    if not anybody:
        return [f"Nobody has any {asked.by}{what} in this period."]
    middle = _told(tally.quantile(0.5), asked._unit)
    said = [f"{count(anybody)} of {count(tally.size)} have any {asked.by}{what}; the middle one has {middle:,g}."]
    if table["people"][0]:
        said.append(
            f"Those at {table['level'][0]}, {count(table['people'][0])}, make up "
            f"{percent(table['of_total'][0] or 0.0)} of all {asked.by}."
        )
    return said


def _notices(tally: Scores, asked: Engagement) -> list[Notice]:
    found = []
    if tally.size > EXACT_LIMIT:
        text = "Levels begin at rounded scores, because there are too many different ones; counts are exact."
        found.append(Notice("rounded_levels", text))
    shares, edges = asked._edges
    if shares and tally.between(1, None)[0]:
        anybody, _ = tally.between(1, None)
        first, _ = tally.between(asked.begins(tally)[0], None)
        if abs(first - edges[0] / 100 * anybody) > max(1.0, 0.01 * anybody):
            text = f"Many have the same score: the first level holds {first:,} of {anybody:,}, as near as scores allow."
            found.append(Notice("same_scores", text))
    return found
