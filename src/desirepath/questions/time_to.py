"""How long does it take, for everybody who started and not only for those who got there?

    ws.ask(TimeTo(start="sign-up", end="first project", instead=["account closed"], by=["1 day", "7 days"]))

    outcome        within  people  of started
    first project  1 day      412      21.0 %
    first project  7 days     640      35.8 %
    account closed 7 days      51       2.9 %

Who has not got there when the data ends is undecided, and counts for as long as they were seen. Who had got there
before the start, and not since, is told apart (`before start`): a negative time would be nonsense, and hiding it too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import time_chart
from desirepath.answers.words import count, span, with_interval
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where
from desirepath.journeys.batch import Array, JourneyBatch, Match, Matched, Reads
from desirepath.journeys.kernel import kernel
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among
from desirepath.statistics import Proportion
from desirepath.statistics.intervals import quantile_ranks
from desirepath.statistics.survival import Curve, Lifetimes

FOREVER = 2**61
SECOND = 1_000_000
POINTS = 120
"""So many points of each curve are told."""

UNDECIDED, BEFORE = "undecided", "before start"


@kernel
def _wait(
    starts: Array, time: Array, match: Array, bits: Array, closes: Array, begin: int, end: int, ever: bool, cutoff: int,
    journey: Array, place: Array, took: Array, outcome: Array, before: int,
) -> int:  # fmt: skip
    """One row per journey that starts in the period: how long until the first outcome, or until last seen.

    Where none comes, the outcome is 0, or `before` if what is waited for stands before the start.
    """
    row = 0
    for p in range(len(starts) - 1):
        stop, start = starts[p + 1], -1
        for i in range(starts[p], stop):
            if bits[match[i]] & 1 and (ever or begin <= time[i] < end):
                start = i
                break
        if start < 0 or not begin <= time[start] < end:
            continue
        journey[row], place[row] = p, start
        took[row], outcome[row] = max(min(cutoff, closes[p]) - time[start], 0), 0
        for i in range(start + 1, stop):
            others = bits[match[i]] >> 1
            if others:
                k = 1
                while not others & 1:
                    others >>= 1
                    k += 1
                took[row], outcome[row] = time[i] - time[start], k
                break
        if outcome[row] == 0:
            for i in range(starts[p], start):
                if bits[match[i]] & 2:
                    outcome[row] = before
                    break
        row += 1
    return row


@question
class TimeTo(Question):
    """How long does it take, for everybody who started and not only for those who got there?

    Parameters
    ----------
    end
        What one waits for: an event's name or a filter.
    start
        What starts the clock: an event's name or a filter; any event, if left out.
    instead
        Outcomes that end the waiting in another way, such as a deal that is lost: events' names or filters.
    by
        Lengths of time at which to tell the share, such as `"1 day"`.
    entry
        `first`: the first start in the period; `first_ever`: only who starts for the first time ever in the period.
    """

    spans: ClassVar[frozenset[str]] = frozenset({"took", "followed"})

    end: str
    start: str | None = None
    instead: list[str] = field(default_factory=list)
    by: list[str] = field(default_factory=lambda: ["1 day", "7 days", "30 days"])
    entry: Literal["first", "first_ever"] = "first"

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not self.by:
            raise InputError("`by` needs at least one length of time, such as '7 days'.")
        if len(self.instead) > 20:
            raise InputError(f"At most 20 outcomes can compete, not {len(self.instead)}.")
        if len(set(self.names)) < len(self.names):
            raise InputError("Two outcomes are the same; each can be waited for once.")
        _ = self.reads(), self._by

    @property
    def names(self) -> list[str]:
        """The outcomes, the wanted one first."""
        return [self.end.strip(), *(text.strip() for text in self.instead)]

    @property
    def _outcomes(self) -> list[str]:
        """What can become of somebody, in the order of the codes."""
        return [UNDECIDED, *self.names, BEFORE]

    @cached_property
    def _by(self) -> list[int]:
        return [duration(text).microseconds for text in self.by]

    def reads(self) -> Reads:
        """Whether an event is a start, and which outcome it is."""
        start = Where.of(None) if self.start is None else Where.event(self.start)
        return {"match": Match((start, *(Where.event(text) for text in (self.end, *self.instead))))}

    def horizon(self) -> int:
        """Everything up to the end of the data is waited for."""
        return FOREVER

    def history(self) -> bool:
        """Who starts for the first time ever can only be told from all that was before."""
        return self.entry == "first_ever"

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that starts: the outcome, how long it took, and how long it could be followed."""
        match, size = cast("Matched", journeys.columns["match"]), len(journeys)
        journey, place = np.empty((2, size), dtype=np.int64)
        took, outcome = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int8)
        begin, end = journeys.period
        closes = journeys.open_until
        many = _wait(
            journeys.starts, journeys.time, match.codes, match.bits, closes, begin, end,
            self.entry == "first_ever", journeys.cutoff, journey, place, took, outcome, len(self.names) + 1,
        )  # fmt: skip
        journey, place = journey[:many], place[:many]
        known = np.minimum(journeys.cutoff, closes[journey]) - journeys.time[place]
        closed = closes[journey] <= journeys.cutoff
        values: dict[str, Array] = {
            "outcome": outcome[:many],
            "took": took[:many],
            "followed": np.asarray(np.where(closed, FOREVER, np.maximum(known, 0))),
            "started_at": journeys.time[place],
        }
        return Findings(journey, values, {"entry": place}, {"outcome": self._outcomes})

    def tally(self, findings: Findings) -> TimeTally:
        """Times by outcome, and how many of those who could be followed long enough got there."""
        values = findings.values
        mature = values["followed"][:, None] >= np.array(self._by)
        there = (values["outcome"][:, None] == 1) & (values["took"][:, None] <= np.array(self._by))
        # who was there before may come again: watched like everybody else, so that nobody is left out by their future
        before = values["outcome"] == len(self.names) + 1
        return TimeTally(
            Lifetimes(values["took"], np.where(before, 0, values["outcome"])),
            int(before.sum()),
            mature.sum(axis=0),
            (mature & there).sum(axis=0),
            tuple(self.by),
        )

    def answer(self, tally: TimeTally) -> Report:
        """The share by each length of time and outcome, the medians, and the curves."""
        return _report(self, tally)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`outcome="order"`, `"undecided"` or `"before start"`, `within="7 days"`; all who started.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such outcome.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            if name == "outcome":
                chosen &= findings.values["outcome"] == place_among("outcome", wanted, self._outcomes)
            elif name == "within":
                came = (findings.values["outcome"] > 0) & (findings.values["outcome"] <= len(self.names))
                chosen &= came & (findings.values["took"] <= duration(str(wanted)).microseconds)
            else:
                raise UnknownNameError.of("selection", name, ["outcome", "within"])
        return chosen


@dataclass(frozen=True, eq=False)
class TimeTally:
    """Sums over those who started.

    Attributes
    ----------
    lives
        Times until each outcome, or until last seen.
    before
        How many had what they wait for before their start alone; they are among those still waiting.
    mature, there
        int64[by]: who could be followed so long; who of them got there by then.
    by
        The lengths of time.
    """

    lives: Lifetimes
    before: int
    mature: Array
    there: Array
    by: tuple[str, ...]

    def __add__(self, other: TimeTally) -> TimeTally:
        """Join two groups of people."""
        return TimeTally(
            self.lives + other.lives,
            self.before + other.before,
            self.mature + other.mature,
            self.there + other.there,
            self.by,
        )

    @property
    def size(self) -> int:
        """How many started."""
        return self.lives.n

    def rates(self) -> Mapping[str, Proportion]:
        """Per length of time the share that got there, of those who could be followed so long."""
        return {
            f"got there within {text}": Proportion(int(self.there[k]), int(self.mature[k]))
            for k, text in enumerate(self.by)
        }


def _report(asked: TimeTo, tally: TimeTally) -> Report:
    curve = tally.lives.curve(len(asked.names))
    table: dict[str, list[Any]] = {"outcome": [], "within": [], "people": []}
    table |= {name: [] for name in ("of_started", "of_started_low", "of_started_high")}
    for outcome, name in enumerate(asked.names, start=1):
        for text, moment in zip(asked.by, asked._by, strict=True):
            share = curve.share_by(moment, outcome)
            upto = int(np.searchsorted(curve.times, moment, side="right"))
            table["outcome"].append(name)
            table["within"].append(text)
            table["people"].append(int(curve.happened[:upto, outcome - 1].sum()))
            for column, value in (("", share.value), ("_low", share.low), ("_high", share.high)):
                table[f"of_started{column}"].append(value)
    extras = {"outcomes": _outcomes(asked, tally, curve), "curve": _curve(asked, curve)}
    return Report(
        table,
        extras,
        words=_words(asked, tally, curve),
        notices=_notices(asked, tally),
        charts=[time_chart()] if len(curve.times) else [],
    )


def _outcomes(asked: TimeTo, tally: TimeTally, curve: Curve) -> dict[str, list[Any]]:
    """Per outcome how many, and when it has come to a quarter, half and three quarters of all who started."""
    ends = range(1, len(asked.names) + 1)
    found: dict[str, list[Any]] = {"outcome": [*asked.names, UNDECIDED, BEFORE]}
    found["people"] = [*map(tally.lives.count, ends), tally.lives.count(0) - tally.before, tally.before]
    for share, name in ((0.5, "median"), (0.25, "quarter"), (0.75, "three_quarters")):
        times = [curve.quantile(share, k) for k in ends]
        found[f"{name}_seconds"] = [None if each is None else each / SECOND for each in (*times, None, None)]
        if name == "median":
            ranges = [curve.quantile_range(share, k) for k in ends]
            for side, ending in enumerate(("low", "high")):
                limits = [limit if limit is None else limit / SECOND for limit in (each[side] for each in ranges)]
                found[f"median_seconds_{ending}"] = [*limits, None, None]
    achieved = [_of_achievers(curve, k) for k in ends]
    found["achievers_median_seconds"] = [*(each[0] for each in achieved), None, None]
    found["achievers_mean_seconds"] = [*(each[1] for each in achieved), None, None]
    return found


def _of_achievers(curve: Curve, outcome: int) -> tuple[float | None, float | None]:
    """Median and mean, in seconds, of those alone who came to an outcome; shorter than the truth while others wait.

    The median is the inverse of the empirical distribution, averaged where it jumps (Hyndman and Fan 1996, no. 2).
    """
    many = curve.happened[:, outcome - 1]
    whole = int(many.sum())
    if not whole:
        return None, None
    low, high = curve.times[np.searchsorted(np.cumsum(many), quantile_ranks(whole, 0.5), side="left")].tolist()
    total = sum(when * number for when, number in zip(curve.times.tolist(), many.tolist(), strict=True))
    return (low + high) / 2 / SECOND, total / whole / SECOND


def _curve(asked: TimeTo, curve: Curve) -> dict[str, list[Any]]:
    """Some points of each outcome's curve, as steps with a band."""
    found: dict[str, list[Any]] = {"outcome": [], "after_seconds": [], "waiting": []}
    found |= {name: [] for name in ("of_started", "of_started_low", "of_started_high")}
    places = np.unique(np.linspace(0, len(curve.times) - 1, min(POINTS, len(curve.times))).astype(np.int64))
    for outcome, name in enumerate(asked.names, start=1):
        for place in places.tolist():
            share = curve.share_by(int(curve.times[place]), outcome)
            found["outcome"].append(name)
            found["after_seconds"].append(int(curve.times[place]) / SECOND)
            found["waiting"].append(int(curve.waiting[place]))
            for column, value in (("", share.value), ("_low", share.low), ("_high", share.high)):
                found[f"of_started{column}"].append(value)
    return found


def _words(asked: TimeTo, tally: TimeTally, curve: Curve) -> list[str]:
    if not tally.size:
        return [f"Nobody started{f' with {asked.start}' if asked.start else ''} in this period."]
    share, started = curve.share_by(asked._by[-1], 1), count(tally.size)
    if share.value is None:
        came = count(tally.lives.count(1))
        said = [
            f"Nobody was watched for {asked.by[-1]}; so far {came} of the {started} who started came to {asked.end}."
        ]
    else:
        said = [
            f"An estimated {with_interval(share)} of the {started} who started come to {asked.end} "
            f"within {asked.by[-1]}."
        ]
    middle = curve.quantile(0.5)
    said.append(
        f"It has come to half of all after {span(middle)}."
        if middle is not None
        else "It does not come to half of them in the time that the data covers."
    )
    return said


def _notices(asked: TimeTo, tally: TimeTally) -> list[Notice]:
    found = []
    waiting = tally.lives.count(0) - tally.before
    if waiting:
        text = f"{waiting:,} were still waiting when last seen; they count up to then, and as no outcome."
        found.append(Notice("undecided", text))
    if tally.before:
        text = (
            f"For {tally.before:,} {asked.end} stands before their start and not after it; they count as nobody who "
            'got there, and are listed by outcome="before start". Check the moments, or what starts the clock.'
        )
        found.append(Notice("before_start", text))
    if tally.lives.approximate:
        text = "Times are rounded, because there were too many to keep each; at most 0.4 % off."
        found.append(Notice("approximate_times", text))
    return found
