"""How is a question asked of a population? Everything that all questions share happens here, once.

Period, filter, cohort, unit, breakdown, comparison, sampling, the cut-off, the findings behind every number. The
question only finds, tallies and answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, cast

import numpy as np

from desirepath.answers.answer import Answer, Notice
from desirepath.answers.charts import with_data
from desirepath.answers.words import count, counted
from desirepath.engines.duckdb import quiet
from desirepath.engines.engine import Engine, Extent, Progress
from desirepath.engines.stopping import stoppable_thought
from desirepath.errors import InputError
from desirepath.grouping import EVERYONE, MISSING, NOT_REACHED, grouped_report, largest_groups, shared_groups
from desirepath.journeys.batch import Array, JourneyBatch, nobody
from desirepath.misspelt import unknown_names
from desirepath.narrowing import Narrowed, Narrowing
from desirepath.population import Breakdown, Population, unit_of
from desirepath.questions.catalog import describe
from desirepath.questions.listing import EPOCH
from desirepath.questions.question import Question, Report, Tally
from desirepath.remembering import MOST_HELD, Found, without_journeys, without_rows
from desirepath.runs import Run
from desirepath.settled import CHANGED, Afresh
from desirepath.summing import Summing, add_up, found_in_sums

UNATTRIBUTED, BEYOND = "unattributed", "beyond_data"

ANSWERING = "answering"
"""What is told while an answer is made of what was found."""


@contextmanager
def _fitting(which: Mapping[str, Any]) -> Iterator[None]:
    """Say so where what selects people is of a kind that nothing can be compared with."""
    try:
        yield
    except (TypeError, ValueError) as problem:
        raise InputError(f"No people can be chosen by {dict(which)!r}: a value is of another kind.") from problem


@dataclass(frozen=True)
class Behind:
    """What is behind an answer: its runs, and the groups that its table shows.

    Attributes
    ----------
    runs
        The populations by the name of their group; a single one for everyone.
    groups
        Per group of a breakdown its codes.
    asked
        The population, and what it was compared with.
    """

    runs: Mapping[str, Run]
    groups: Mapping[str, Sequence[int]]
    asked: tuple[Population, Population | None]
    extent: Extent

    def _find(self, which: Mapping[str, Any]) -> tuple[Run, dict[str, Any], Sequence[int] | None]:
        rest = dict(which)
        first = next(iter(self.runs))
        name = str(rest.pop("group", first))
        if name in self.runs:
            return self.runs[name], rest, None
        if name not in self.groups:
            raise InputError(f"There is no group {name!r}.", allowed=[*self.runs, *self.groups])
        return self.runs[first], rest, self.groups[name]

    def __call__(self, which: Mapping[str, Any]) -> dict[str, list[Any]]:
        """One row per unit that a number counts."""
        run, rest, codes = self._find(which)
        with _fitting(rest):
            return run.people(rest, codes)

    def places(self, which: Mapping[str, Any]) -> dict[int, Array]:
        """Per block the places of the people behind a number."""
        run, rest, codes = self._find(which)
        with _fitting(rest):
            return run.places(rest, codes)

    @property
    def nbytes(self) -> int:
        """How much memory the rows behind the answer take."""
        return sum(run.nbytes for run in self.runs.values())

    def compare(self, other: object, names: tuple[str, str]) -> Answer:
        """The first population of this answer beside that of another."""
        if isinstance(other, Afresh):
            other = other.behind()
        if not isinstance(other, Behind):
            text = "An answer over time, or one that was read from a file, cannot be compared"
            raise InputError(f"{text}; ask the question again, without `over`.")
        if names[0] == names[1]:
            raise InputError(f"Both populations would be called {names[0]!r}; give each a name of its own.")
        one, two = (next(iter(each.runs.values())) for each in (self, other))
        if one.question != two.question:
            raise InputError("Two answers can be compared when they answer the same question, with the same fields.")
        units = self.asked[0].unit, other.asked[0].unit
        if units[0] != units[1]:
            raise InputError(f"One answer counts by {units[0]} and the other by {units[1]}; ask both of the same unit.")
        both = one.in_both(two, by_id=self.extent != other.extent)
        return _compared(one.question, self.asked[0], other.asked[0], (one, two), self.extent, names, both=both)


def run(question: Question, population: Population, engine: Engine, progress: Progress | None) -> Run:
    """Find and tally on every block."""
    return run_each(question, [population], engine, progress)[0]


def run_each(
    question: Question, populations: Sequence[Population], engine: Engine, progress: Progress | None
) -> list[Run]:
    """Find and tally of several populations that differ in their period alone: all of them while a block is at hand."""
    still = engine.as_it_stands()
    extent = still.extent()
    narrowings = [Narrowing.of(question, each, extent) for each in populations]
    reads, sample = narrowings[0].reads, populations[0].sample
    lasts, held, sums = still.lasts(reads), [0], [Summing() for _ in populations]

    def lean(batch: JourneyBatch, narrowing: Narrowing, of: Summing) -> Found:
        narrowed = narrowing.narrow(batch)
        summed, labels = narrowing.sums(narrowed) if lasts else (None, ())  # else the people may be lost
        if summed is not None:
            grouped = narrowing.population.breakdown is not None
            part, said = found_in_sums(summed, narrowed.batch, labels, grouped=grouped)
            of.add(batch.block, said)
            return part
        part = _find_rows(narrowing, narrowed)
        said, few = add_up(question, part)
        of.add(part.block, said)
        part = without_journeys(replace(part, summed=few))
        if held[0] + part.nbytes > getattr(engine, "room_for_rows", MOST_HELD):
            return without_rows(part)
        held[0] += part.nbytes
        return part

    def all_lean(batch: JourneyBatch) -> list[Found]:
        return [lean(batch, *one) for one in zip(narrowings, sums, strict=True)]

    def find(work: Callable[[JourneyBatch], Any]) -> Sequence[Any]:
        of = still if lasts else engine
        return of.map(reads, work, sample=sample, progress=progress) or [work(nobody(reads))]

    def again(narrowing: Narrowing, pick: Callable[[Found], Any]) -> Sequence[Any]:
        if not lasts and engine.extent() != extent:
            raise InputError(CHANGED)
        return find(lambda batch: pick(_ask_block(narrowing, batch)))

    found = find(all_lean)
    unit = "account" if populations[0].unit == "account" else "person"
    return [
        Run(question, [block[k] for block in found], sums[k].total(), partial(again, narrowings[k]), unit)
        for k in range(len(populations))
    ]


Running = Callable[[Question, Population, Engine, Progress | None], Run]


def _ask_block(narrowing: Narrowing, batch: JourneyBatch) -> Found:
    return _find_rows(narrowing, narrowing.narrow(batch))


def _find_rows(narrowing: Narrowing, narrowed: Narrowed) -> Found:
    batch = narrowed.batch
    findings = narrowing.question.find(batch)
    group, labels = narrowing.groups(findings, narrowed)
    return Found(batch.block, batch.persons, findings, batch.owner, group, labels)


def ask(
    question: Question,
    population: Population,
    engine: Engine,
    *,
    against: Population | None = None,
    progress: Progress | None = None,
    running: Running = run,
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
    running
        What finds and tallies; `run`, if left out.
    """
    if against is not None and population.breakdown is not None:
        raise InputError("Ask for a breakdown or for a comparison, not for both.")
    extent = engine.extent()
    population, against = _instances(question, population), against and _instances(question, against)
    this = running(question, population, engine, progress)
    if against is not None:
        other = running(question, against, engine, progress)
        make = partial(_compared, question, population, against, (this, other), extent)
    elif population.breakdown is not None:
        groups = _Groups.of(question, population.breakdown, this)
        make = partial(_broken_down, question, population, this, extent, groups)
    else:
        make = partial(_plainly, question, population, this, extent)
    answer = stoppable_thought(make, progress or quiet, ANSWERING)
    asked = [population, *([against] if against else [])]
    unknown = unknown_names(question, asked, engine)
    return replace(answer, warnings=(*answer.warnings, *unknown)) if unknown else answer


def _instances(question: Question, population: Population) -> Population:
    """The population, of instances where the question is about a journey map and nothing else is the unit."""
    walked = question.walks()
    unit = unit_of(walked, population.unit)
    return population if unit == population.unit else replace(population, unit=unit, map=walked)


def _plainly(question: Question, population: Population, this: Run, extent: Extent) -> Answer:
    report = question.answer(this.tally())
    return _as_answer(question, report, Behind({EVERYONE: this}, {}, (population, None), extent))


@dataclass(frozen=True)
class _Groups:
    """The groups of a breakdown by their codes; where they overlap, whoever is in none of a group's; sums known so far.

    Where people are counted once who have several rows, sums of several codes are found anew, as that of nobody is,
    which may take as long as the question did: that is done before an answer is made.
    """

    codes: Mapping[str, list[int]]
    rests: Mapping[str, list[int]]
    known: Mapping[tuple[str, bool], Tally]

    @classmethod
    def of(cls, question: Question, split: Breakdown, this: Run) -> _Groups:
        labels = (*next((part.labels for part in this.found if part.labels), (None,)), NOT_REACHED)
        sizes = np.zeros(len(labels), dtype=np.int64)
        for part in this.found:
            found = np.bincount(cast("Array", part.group)) if part.sizes is None else part.sizes
            sizes[: len(found)] += found
        codes = (shared_groups if split.several else largest_groups)(sizes, labels, split.top)
        present = set(np.flatnonzero(sizes[:-1]).tolist())
        rests = {name: sorted(present - set(mine)) for name, mine in codes.items()} if split.several else {}
        every = {(name, bool(rest)): mine for rest, of in enumerate((codes, rests)) for name, mine in of.items()}
        anew = {key: mine for key, mine in every.items() if not mine or (question.counts_people and len(mine) > 1)}
        return cls(codes, rests, this.tallies_of(anew) if anew else {})

    def tallies(self, this: Run, *, rests: bool = False) -> dict[str, Tally]:
        """The sum of each group, or of its rest."""
        wanted = self.rests if rests else self.codes
        return {
            name: self.known[name, rests] if (name, rests) in self.known else this.tally_of(mine)
            for name, mine in wanted.items()
        }


def _broken_down(question: Question, population: Population, this: Run, extent: Extent, groups: _Groups) -> Answer:
    split = population.breakdown
    assert split is not None  # noqa: S101 - the caller checked
    rests = groups.tallies(this, rests=True) if split.several else None
    report = grouped_report(question, this.tally(), groups.tallies(this), total=EVERYONE, rests=rests)
    if [name for name in groups.codes if name != NOT_REACHED] == [MISSING]:
        text = f"No event that counts has a value of {split.field!r}; is that its name?"
        report = replace(report, notices=[*report.notices, Notice("no_values", text)])
    return _as_answer(question, report, Behind({EVERYONE: this}, groups.codes, (population, None), extent))


def _compared(
    question: Question,
    population: Population,
    against: Population,
    runs: tuple[Run, Run],
    extent: Extent,
    names: tuple[str, str] = ("this", "other"),
    both: int | None = None,
) -> Answer:
    named = dict(zip(names, runs, strict=True))
    report = grouped_report(question, None, {name: each.tally() for name, each in named.items()}, total=None)
    both = runs[0].in_both(runs[1]) if both is None else both
    if both:
        who = "1 person is" if both == 1 else f"{count(both)} people are"
        if runs[0].unit == "account":
            who = f"{counted(both, 'account')} {'is' if both == 1 else 'are'}"
        text = f"{who} in both populations; the intervals of the differences take them for different ones."
        report = replace(report, notices=[*report.notices, Notice("overlap", text)])
    return _as_answer(question, report, Behind(named, {}, (population, against), extent))


def _as_answer(question: Question, report: Report, behind: Behind) -> Answer:
    (population, against), extent = behind.asked, behind.extent
    asked_of = {
        **population.described(),
        "against": against.described() if against else None,
        **_known(population, extent),
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
    notices += _of_data(population, extent)
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
        behind,
    )


def _known(population: Population, extent: Extent) -> dict[str, Any]:
    """Of which state of the data an answer is."""
    ends = [end for end in (population.cutoff, population.ends) if end is not None]
    cutoff = min([extent.last, *ends])
    return {
        "cutoff": (EPOCH + dt.timedelta(microseconds=cutoff)).isoformat(),
        "data_version": extent.data_version,
        "identity_version": extent.identity_version,
    }


def _of_data(population: Population, extent: Extent) -> list[Notice]:
    """What there is to say of the data, whatever was asked."""
    found = []
    if extent.unattributed:
        left_out = f"{extent.unattributed:,}"
        text = f"Events that belong to nobody, visits to kiosks and blocked values, are left out: {left_out}."
        found.append(Notice(UNATTRIBUTED, text))
    if population.cutoff is not None and population.cutoff > extent.last:
        text = "The data ends before the cut-off that was asked for; what came after its last event is not known."
        found.append(Notice(BEYOND, text))
    return found


def brought_up(answer: Answer, population: Population, extent: Extent, ask: Callable[[Progress], Answer]) -> Answer:
    """A settled answer as it would be given of newer data, without counting anything; see `settled`."""
    others = [notice for notice in answer.warnings if notice.code not in (UNATTRIBUTED, BEYOND)]
    return replace(
        answer,
        asked_of={**answer.asked_of, **_known(population, extent)},
        warnings=(*others, *_of_data(population, extent)),
        drill=Afresh(ask, answer.columns, quiet),
    )


__all__ = ["Behind", "Found", "Run", "ask", "run", "run_each"]
