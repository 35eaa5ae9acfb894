"""How is a question asked of a population? Everything that all questions share happens here, once.

Period, filter, cohort, unit, breakdown, comparison, sampling, the cut-off, the findings behind every number. The
question only finds, tallies and answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from desirepath.answers.answer import Answer, Notice
from desirepath.answers.charts import with_data
from desirepath.engines.engine import Engine, Extent, Progress
from desirepath.errors import InputError, UnknownNameError
from desirepath.events.where import always
from desirepath.events.where_tree import Field
from desirepath.grouping import EVERYONE, MISSING, grouped_report, largest_groups
from desirepath.journeys.batch import Array, Code, Column, JourneyBatch, Match, Matched, Number, Read, Session
from desirepath.journeys.known import known_codes
from desirepath.journeys.sessions import SessionRule, cut_sessions, session_numbers
from desirepath.population import PLACES, Population
from desirepath.questions.catalog import describe
from desirepath.questions.question import Findings, Question, Report, Tally

EARLIEST, LATEST = -(2**62), 2**62

UNIT = "~unit"

FEW_GROUPS = 100
"""Up to so many groups are added up where they are found, on several threads; more only where they are shown."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Found:
    """What one block said: its rows, whose they are, their group, and their sum."""

    block: int
    findings: Findings
    owner: Array
    group: Array | None
    labels: Sequence[str | None]
    tally: Tally
    by_code: Mapping[int, Tally]
    let_go: bool = False


@dataclass(frozen=True)
class Run:
    """A question asked of one population: all blocks.

    `again` finds all blocks anew, for questions that do not keep their journeys.
    """

    question: Question
    found: Sequence[Found]
    persons: Callable[[int, Sequence[int]], list[str]]
    again: Callable[[], Sequence[Found]]
    unit: str = "person"

    def tally(self) -> Tally:
        """The sum over everyone."""
        return _sum([part.tally for part in self.found])

    def tally_of(self, codes: Sequence[int]) -> Tally:
        """The sum over the rows of some groups."""
        parts = []
        for part in self.found:
            if part.by_code:
                parts += [part.by_code[code] for code in codes if code in part.by_code]
            else:
                parts.append(self.question.tally(part.findings.take(np.isin(cast("Array", part.group), codes))))
        return _sum(parts)

    def members(self) -> set[tuple[int, int]]:
        """Everybody with a row, by block and place."""
        return {(part.block, owner) for part in self.found for owner in part.owner[part.findings.journey].tolist()}

    def people(self, which: Mapping[str, Any], codes: Sequence[int] | None) -> dict[str, list[Any]]:
        """One row per unit that a number counts."""
        table: dict[str, list[Any]] = {self.unit: []}
        for part in self.again() if any(part.let_go for part in self.found) else self.found:
            chosen = self.question.select(part.findings, which)
            if codes is not None:
                chosen = chosen & np.isin(cast("Array", part.group), codes)
            rows = part.findings.take(chosen)
            if not len(rows):
                continue
            table[self.unit] += self.persons(part.block, part.owner[rows.journey].tolist())
            for name, values in rows.values.items():
                if values.ndim == 1:
                    table.setdefault(name, []).extend(_spelled(rows, name, values))
        return table


def _sum(parts: Sequence[Tally]) -> Tally:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _spelled(rows: Findings, name: str, values: Array) -> list[Any]:
    if name.endswith("_at"):
        return [_EPOCH + dt.timedelta(microseconds=moment) for moment in values.tolist()]
    if name in rows.labels:
        labels = rows.labels[name]
        return [labels[code] if code >= 0 else None for code in values.tolist()]
    return cast("list[Any]", values.tolist())


def run(question: Question, population: Population, engine: Engine, progress: Progress | None) -> Run:
    """Find and tally on every block."""
    reads: dict[str, Read] = dict(question.reads())
    if population.filter != always:
        reads["~filter"] = Match((population.filter,))
    if population.cohort != always:
        reads["~cohort"] = Match((population.cohort,))
    visits = [name for name, read in reads.items() if isinstance(read, Session)]
    for name in visits:
        del reads[name]
    if population.unit == "session":
        visits.append(UNIT)
    if visits:
        reads["~session"] = Code("session")
    if population.breakdown is not None:
        reads["~group"] = Code(population.breakdown.field)

    extent = engine.extent()
    whole = population.period.start <= extent.first and population.period.end > extent.last

    def work(batch: JourneyBatch) -> Found:
        given = replace(batch, calendar=population.calendar, extent=(extent.first, extent.last))
        return _ask_block(question, population, given, visits, whole=whole)

    def lean(batch: JourneyBatch) -> Found:
        return _without_journeys(work(batch))

    def find(work: Callable[[JourneyBatch], Found]) -> Sequence[Found]:
        return engine.map(reads, work, sample=population.sample, progress=progress) or [work(_nobody(reads))]

    def again() -> Sequence[Found]:
        if engine.extent() != extent:
            raise InputError("The data has changed since this was asked; ask the question again.")
        return find(work)

    return Run(question, find(lean), engine.persons, again, "account" if population.unit == "account" else "person")


def _without_journeys(part: Found) -> Found:
    """Let go of journeys that are no longer needed, so that an answer does not hold what was read for it."""
    if part.findings.batch is None or (part.group is not None and not part.by_code):
        return part
    return replace(part, findings=replace(part.findings, batch=None), let_go=True)


def _nobody(reads: Mapping[str, Read]) -> JourneyBatch:
    """A batch without journeys, so that every question has something to add up."""
    columns: dict[str, Column] = {}
    for name, read in reads.items():
        none = np.zeros(0, dtype=np.float64 if isinstance(read, Number) else np.int32)
        columns[name] = Matched(none.astype(np.uint8), np.zeros(1, dtype=np.int64)) if isinstance(read, Match) else none
    labels = {name: [None] for name, read in reads.items() if isinstance(read, Code)}
    times = np.zeros(0, dtype=np.int64)
    return JourneyBatch(times, np.zeros(1, dtype=np.int64), times, columns, labels)


def _ask_block(
    question: Question, population: Population, batch: JourneyBatch, visits: Sequence[str], *, whole: bool
) -> Found:
    narrowed = _narrow(question, population, batch, visits, whole=whole)
    findings = question.find(narrowed)
    split = population.breakdown
    group = None if split is None else _groups(split.at, findings, narrowed)
    by_code: dict[int, Tally] = {}
    codes = [] if group is None else np.unique(group).tolist()
    if len(codes) <= FEW_GROUPS:
        by_code = {code: question.tally(findings.take(cast("Array", group) == code)) for code in codes}
    tally = _sum(list(by_code.values())) if by_code else question.tally(findings)
    return Found(batch.block, findings, narrowed.owner, group, batch.labels.get("~group", ()), tally, by_code)


def _with_sessions(batch: JourneyBatch, visits: Sequence[str]) -> JourneyBatch:
    number, ends = session_numbers(batch, SessionRule(), given=cast("Array", batch.columns["~session"]))
    found = dict.fromkeys(visits, number) | {f"{name} ends": ends for name in visits}
    return replace(batch, columns={**batch.columns, **found})


def _narrow(
    question: Question, population: Population, batch: JourneyBatch, visits: Sequence[str], *, whole: bool
) -> JourneyBatch:
    """Apply cut-off, cohort, filter, unit and period."""
    cutoff = batch.cutoff if population.cutoff is None else min(population.cutoff, batch.cutoff)
    if cutoff < batch.cutoff:
        batch = replace(batch.keep_events(batch.time <= cutoff), cutoff=cutoff)
    if visits:
        batch = _with_sessions(batch, visits)
    if population.cohort != always:
        fits = cast("Matched", batch.columns["~cohort"]).holds(0)
        counts = np.concatenate(([0], np.cumsum(fits)))
        batch = batch.keep_journeys(counts[batch.starts[1:]] > counts[batch.starts[:-1]])
    if population.filter != always:
        batch = batch.keep_events(cast("Matched", batch.columns["~filter"]).holds(0))
    if population.unit == "session":
        number, ends = cast("Array", batch.columns[UNIT]), cast("Array", batch.columns[f"{UNIT} ends"])
        batch, _ = cut_sessions(batch, number, ends, SessionRule())
    start, end = population.period.start, population.period.end
    batch = replace(batch, period=(max(start, EARLIEST), min(end, LATEST)))
    if whole:
        return batch
    inside = batch.time < min(end + question.horizon(), LATEST)
    return batch.keep_events(inside if question.history() else inside & (batch.time >= start))


def _groups(at: str, findings: Findings, batch: JourneyBatch) -> Array:
    """Group code of each row; 0 where the value is missing."""
    codes = cast("Array", batch.columns["~group"])
    if at in ("first known", "last known"):
        return known_codes(batch.starts, codes, findings.journey, last=at == "last known")
    if at not in findings.anchors:
        raise InputError(f"A breakdown cannot take its value at {at!r}.", allowed=[*findings.anchors, *PLACES[1:]])
    places = findings.anchors[at]
    return np.where(places >= 0, codes[np.maximum(places, 0)] if len(codes) else 0, 0).astype(np.int64)


def ask(
    question: Question,
    population: Population,
    engine: Engine,
    *,
    against: Population | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Ask a question of a population, and perhaps of another to compare with.

    Parameters
    ----------
    question
        What to ask.
    population
        Whom and when.
    engine
        What delivers the journeys.
    against
        The population to compare with; a breakdown cannot be compared.
    progress
        Told how far it is; may raise `CancelledError` to stop.
    """
    if against is not None and population.breakdown is not None:
        raise InputError("Ask for a breakdown or for a comparison, not for both.")
    extent = engine.extent()
    this = run(question, population, engine, progress)
    if against is not None:
        answer = _compared(question, population, against, this, run(question, against, engine, progress), extent)
    elif population.breakdown is not None:
        answer = _broken_down(question, population, this, extent)
    else:
        report = question.answer(this.tally())
        answer = _as_answer(question, population, extent, report, lambda which: this.people(which, None))
    unknown = _unknown_names(question, [population, *([against] if against else [])], engine)
    return replace(answer, warnings=(*answer.warnings, *unknown)) if unknown else answer


def _unknown_names(question: Question, populations: Sequence[Population], engine: Engine) -> list[Notice]:
    """Event names that no event has: a misspelt step would count nobody and say nothing."""
    wheres = [where for read in question.reads().values() if isinstance(read, Match) for where in read.filters]
    wheres += [where for one in populations for where in (one.filter, one.cohort)]
    asked = [text for where in wheres for text in where.texts_of(Field("name"))]
    if not asked:
        return []
    known = {label for label in engine.labels("name") if label is not None}
    return [
        Notice("unknown_name", str(UnknownNameError.of("event", name, known)))
        for name in dict.fromkeys(asked)
        if name not in known
    ]


def _broken_down(question: Question, population: Population, this: Run, extent: Extent) -> Answer:
    assert population.breakdown is not None  # noqa: S101 - the caller checked
    labels = next((part.labels for part in this.found if part.labels), (None,))
    sizes = np.zeros(len(labels), dtype=np.int64)
    for part in this.found:
        sizes += np.bincount(cast("Array", part.group), minlength=len(labels))
    groups = largest_groups(sizes, labels, population.breakdown.top)
    tallies = {name: this.tally_of(codes) for name, codes in groups.items()}
    report = grouped_report(question, this.tally(), tallies, total=EVERYONE)
    if list(groups) == [MISSING]:
        text = f"No event that counts has a value of {population.breakdown.field!r}; is that its name?"
        report = replace(report, notices=[*report.notices, Notice("no_values", text)])

    def drill(which: Mapping[str, Any]) -> dict[str, list[Any]]:
        rest = dict(which)
        name = rest.pop("group", EVERYONE)
        if name != EVERYONE and name not in groups:
            raise InputError(f"There is no group {name!r}.", allowed=[EVERYONE, *groups])
        return this.people(rest, None if name == EVERYONE else groups[name])

    return _as_answer(question, population, extent, report, drill)


def _compared(
    question: Question, population: Population, against: Population, this: Run, other: Run, extent: Extent
) -> Answer:
    runs = {"this": this, "other": other}
    report = grouped_report(question, None, {name: each.tally() for name, each in runs.items()}, total=None)
    both = len(this.members() & other.members())
    if both:
        text = f"{both:,} units are in both populations; the intervals of the differences take them for different ones."
        report = replace(report, notices=[*report.notices, Notice("overlap", text)])

    def drill(which: Mapping[str, Any]) -> dict[str, list[Any]]:
        rest = dict(which)
        name = rest.pop("group", "this")
        if name not in runs:
            raise InputError(f"There is no group {name!r}.", allowed=runs)
        return runs[name].people(rest, None)

    return _as_answer(question, population, extent, report, drill, against)


def _as_answer(
    question: Question,
    population: Population,
    extent: Extent,
    report: Report,
    drill: Callable[[Mapping[str, Any]], dict[str, list[Any]]],
    against: Population | None = None,
) -> Answer:
    cutoff = extent.last if population.cutoff is None else min(population.cutoff, extent.last)
    known_until = (_EPOCH + dt.timedelta(microseconds=cutoff)).isoformat()
    asked_of = {
        **population.described(),
        "against": against.described() if against else None,
        "cutoff": known_until,
        "data_version": extent.data_version,
        "identity_version": extent.identity_version,
        **population.extra,
    }
    notices = list(report.notices)
    if population.sample < 1:
        notices.append(
            Notice(
                "sampled",
                f"Asked of {100 * population.sample:g} % of people, drawn by hash; counts are of that sample.",
            )
        )
    if extent.unattributed:
        left_out = f"{extent.unattributed:,}"
        text = f"Events that belong to nobody, visits to kiosks and blocked values, are left out: {left_out}."
        notices.append(Notice("unattributed", text))
    tables = {"table": report.table, **report.extras}
    charts = tuple(with_data(chart, tables) for chart in report.charts if report.table)
    return Answer(
        describe(question),
        asked_of,
        report.table,
        report.extras,
        tuple(report.words),
        tuple(notices),
        charts,
        drill,
    )


__all__ = ["Found", "Run", "ask", "run"]
