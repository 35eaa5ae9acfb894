"""How does a number change from week to week? The same question, asked of each bucket of the calendar by itself.

    ws.ask("funnel", steps=["visit", "order"], window="7 days", period="2026-01..2026-07", over="week")

    bucket    state  step  people  ...
    2026-W01  whole  ...
    2026-W26  open   ...           not all of its windows are over yet

Each line is what the question says when it is asked of that bucket alone: whoever comes in several counts in each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Answer, Notice, Table
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.metrics.reading import BUCKET, INNER, PART, STATE, WHOLE
from desirepath.population import Population
from desirepath.questions.question import Question
from desirepath.settled import CHANGED

if TYPE_CHECKING:
    from desirepath.engines.engine import Engine, Extent, Progress
    from desirepath.runs import Run

OVER = ("day", "week", "month", "quarter", "year")
AT_ONCE = 32
"""So many buckets are counted at a time at most, so that an answer can be stopped between blocks; one where memory is
scarce, as each holds sums of its own."""

MOST = 800
"""So many buckets are asked at most."""

OWN = (BUCKET, STATE)
"""Columns that stand before every table; columns of the same name in the table itself get `INNER` before theirs."""

ENDLESS = 2**60
"""A question that waits for so long has no windows that could be over; it counts who is still waiting itself."""

OPEN = "open"

AskEach = Callable[[Sequence[Population]], Iterator[Answer]]


@dataclass(frozen=True)
class Bucket:
    """One bucket: its name, its part of the period, and whether it can be compared with others.

    Attributes
    ----------
    state
        `whole`; `part`: period or data hold only some of it; `open`: not all windows that began in it are over.
    """

    label: str
    period: Period
    state: str


@dataclass(frozen=True)
class _Behind:
    """Leads from a line to its people: the question is asked of the bucket again; `told` is what its table was."""

    buckets: Mapping[str, Bucket]
    ask: Callable[[Bucket], Answer]
    told: Mapping[str, Table]

    def find(self, which: Mapping[str, Any]) -> tuple[Answer, dict[str, Any]]:
        """The answer of the bucket that is meant, and the rest of the selection."""
        rest = dict(which)
        if "bucket" not in rest:
            raise InputError("Say which bucket is meant: bucket='…'.", allowed=self.buckets)
        label = str(rest.pop("bucket"))
        if label not in self.buckets:
            raise UnknownNameError.of("bucket", label, self.buckets)
        own = {INNER + name: name for name in OWN}
        return self.ask(self.buckets[label]), {own.get(name, name): value for name, value in rest.items()}

    def __call__(self, which: Mapping[str, Any]) -> Mapping[str, list[Any]]:
        answer, rest = self.find(which)
        assert answer.drill is not None  # noqa: S101 - it was asked a moment ago
        if answer.columns != self.told[str(which["bucket"])]:
            raise InputError(CHANGED)
        return answer.drill(rest)

    def compare(self, other: object, names: tuple[str, str]) -> Answer:
        """Refused: compare the answers of two periods."""
        raise InputError("Answers over time cannot be compared whole; ask of the two periods without `over`.")

    def keep(self, name: str, _: Answer, which: Mapping[str, Any]) -> None:
        """Save the people of a line as a segment, asked of that bucket alone."""
        answer, rest = self.find(which)
        answer.save(name, **rest)


class Together:
    """Buckets are counted several at a time while a block is at hand, and not one after another.

    Parameters
    ----------
    populations
        Of all buckets that are going to be asked; they differ in their period alone.
    is_known
        Whether the answer of one is known, and it will not be asked.
    """

    def __init__(self, populations: Sequence[Population], is_known: Callable[[Population], bool]) -> None:
        self._left = {each.period.start: each for each in populations}
        self._is_known = is_known
        self._made: dict[int, Run] = {}
        self._of: Extent | None = None

    def __call__(self, question: Question, population: Population, engine: Engine, progress: Progress | None) -> Run:
        """What `runner.run` says of one of them; others are made with it, for the next times."""
        from desirepath.runner import run, run_each

        here = population.period.start
        if here not in self._left:  # once more, for its people
            return run(question, population, engine, progress)
        if self._of != (extent := engine.extent()):  # newer data came meanwhile
            self._made, self._of = {}, extent
        if here not in self._made:
            wanted = [
                start
                for start, each in self._left.items()
                if start == here or not (start in self._made or self._is_known(each))
            ]
            some = wanted[wanted.index(here) :][: 1 if getattr(engine, "is_scarce", False) else AT_ONCE]
            periods = [self._left[start].period for start in some]
            runs = run_each(question, [replace(population, period=each) for each in periods], engine, progress)
            self._made |= zip(some, runs, strict=True)
        del self._left[here]
        return self._made.pop(here)


def buckets_of(question: Question, population: Population, extent: Extent, over: str) -> list[Bucket]:
    """The buckets of the calendar that period and data have in common.

    Raises
    ------
    UnknownNameError
        For an unknown unit of the calendar.
    InputError
        If there are too many.
    """
    if over not in OVER:
        raise UnknownNameError.of("bucket of the calendar", over, OVER)
    period, calendar = population.period, population.calendar
    known = extent.last if population.cutoff is None else min(population.cutoff, extent.last)
    first, last = max(period.start, extent.first), min(period.end - 1, known)
    if not extent.events or last < first:
        return []
    edges = [int(edge) for edge in calendar.edges(over, first, last)]
    if len(edges) - 1 > MOST:
        raise InputError(
            f"The period has {len(edges) - 1:,} {over}s; at most {MOST} are asked.", allowed=["a shorter period", *OVER]
        )
    found, waits = [], question.horizon()
    for begin, end in pairwise(edges):
        part = begin < first or end > min(period.end, known + 1)
        state = PART if part else OPEN if waits < ENDLESS and end - 1 + waits > known else WHOLE
        inside = Period(max(begin, period.start), min(end, period.end), period.zone)
        found.append(Bucket(calendar.label(begin, over), inside, state))
    return found


def ask_over(
    question: Question, population: Population, extent: Extent, over: str, ask: AskEach, progress: Progress
) -> Answer:
    """Ask a question of each bucket of the calendar by itself.

    Parameters
    ----------
    question, population
        What, and of whom; the period is cut into buckets.
    extent
        What the data covers.
    over
        One of `OVER`.
    ask
        Asks the question of populations, one after the other.
    progress
        Told how many buckets are done; may raise `CancelledError`.
    """
    buckets = buckets_of(question, population, extent, over)

    def one(bucket: Bucket) -> Answer:
        return next(ask([replace(population, period=bucket.period)]))

    progress(f"{over}s", 0, len(buckets))
    answers = []
    for answer in ask([replace(population, period=bucket.period) for bucket in buckets]):
        answers.append(answer)
        progress(f"{over}s", len(answers), len(buckets))
    whole = next(ask([population])) if not answers else answers[-1]
    told = {bucket.label: answer.columns for bucket, answer in zip(buckets, answers, strict=True)}
    behind = _Behind({bucket.label: bucket for bucket in buckets}, one, told)
    asked_of = {**whole.asked_of, "period": str(population.period), "over": over}
    names = dict.fromkeys(name for answer in answers for name in answer.extras)
    return Answer(
        whole.question,
        asked_of,
        _under(buckets, [answer.columns for answer in answers]),
        {name: _under(buckets, [answer.extras.get(name, {}) for answer in answers]) for name in names},
        words=_words(buckets, over),
        warnings=_notices(buckets, answers, over),
        drill=behind,
        keeper=behind.keep,
    )


def _under(buckets: Sequence[Bucket], tables: Sequence[Mapping[str, list[Any]]]) -> dict[str, list[Any]]:
    """The tables under each other, each line with its bucket."""
    tables = [{INNER + name if name in OWN else name: table[name] for name in table} for table in tables]
    names = dict.fromkeys(name for table in tables for name in table)
    found: dict[str, list[Any]] = {"bucket": [], "state": [], **{name: [] for name in names}}
    for bucket, table in zip(buckets, tables, strict=True):
        rows = max((len(values) for values in table.values()), default=0)
        found["bucket"] += [bucket.label] * rows
        found["state"] += [bucket.state] * rows
        for name in names:
            found[name] += table.get(name, [None] * rows)
    return found


def _words(buckets: Sequence[Bucket], over: str) -> list[str]:
    if not buckets:
        return [f"The data has no {over} in this period."]
    whole = sum(bucket.state == WHOLE for bucket in buckets)
    lead = f"{len(buckets)} {over}s from {buckets[0].label} to {buckets[-1].label}"
    return [f"{lead}; {whole} of them are whole, with all their windows over."]


def _notices(buckets: Sequence[Bucket], answers: Sequence[Answer], over: str) -> list[Notice]:
    found = []
    told = {PART: "are only partly in the period or the data", OPEN: "have windows that are not over yet"}
    for state, text in told.items():
        labels = [bucket.label for bucket in buckets if bucket.state == state]
        if labels:
            shown = ", ".join(labels[:3]) + (f" and {len(labels) - 3} more" if len(labels) > 3 else "")
            found.append(Notice(f"{state}_buckets", f"{len(labels)} {over}s {text}: {shown}."))
    texts: dict[str, Notice] = {}
    for answer in answers:
        for notice in answer.warnings:
            texts[notice.code] = notice  # the latest bucket speaks for all
    return [*found, *(notice for code, notice in texts.items() if code not in {each.code for each in found})]
