"""How does a workspace ask? It reads whom and when, looks segments up, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Answer
from desirepath.engines.engine import Progress
from desirepath.engines.memory import ROWS
from desirepath.errors import InputError
from desirepath.events.calendar import Calendar
from desirepath.events.moments import Period
from desirepath.events.where import Where
from desirepath.population import JOURNEY, Breakdown, Members, Population, unit_of
from desirepath.questions.question import Question
from desirepath.remembering import Remembered, Settled
from desirepath.segments import Segment, defining, members, segment_of
from desirepath.settled import Afresh, settled_at

if TYPE_CHECKING:
    from desirepath.engines.duckdb import DuckEngine
    from desirepath.maps.journey_map import JourneyMap
    from desirepath.maps.shelf import Shelf
    from desirepath.runner import Running
    from desirepath.workspace import Workspace

COMPARED = ("period", "filter", "cohort")
"""What two populations of one comparison may differ in."""

PREVIEW_FROM = 2_000_000
"""Events from which on a preview is worth asking for."""

PREVIEW_SHARE = 0.02


@dataclass(frozen=True)
class How:
    """What is wanted beside the answer itself; see `Workspace.ask`."""

    compare: Mapping[str, str] | None = None
    as_of: int | None = None
    changed_since: int | None = None
    sensitivity: bool = False
    preview: Callable[[Answer], None] | None = None
    like: str | None = None
    over: str | None = None


class Asking:
    """Asks questions of one workspace.

    Parameters
    ----------
    workspace
        The workspace.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.remembered = Remembered(int(ROWS * workspace.settings.memory))

    @property
    def maps(self) -> Shelf:
        """The workspace's journey maps."""
        from desirepath.maps.shelf import Shelf

        return Shelf(self._workspace.root / "maps")

    def ask(
        self, question: Question | str, fields: Mapping[str, Any], whom: Mapping[str, Any], how: How, progress: Progress
    ) -> Answer:
        """Ask a question; see `Workspace.ask`."""
        workspace = self._workspace
        asked = _question(question, fields).bound(self.maps.get)
        workspace.engine.refresh(progress)
        population = self.population(**whom, walks=asked.walks())
        against = None if how.compare is None else self._against(population, how.compare)
        asked = self._guarded(asked, [population, against])
        if how.like is not None:
            return self._like(how, asked, population, progress)
        if how.over is not None:
            return self._over(how, asked, (population, against), progress)
        ask = partial(self._asked, asked, population, against, progress)
        if population.unit == "account":
            from desirepath.beside import ask_accounts

            return self._kept(ask_accounts(workspace, ask, how.as_of, how.changed_since, sensitivity=how.sensitivity))
        if how.as_of is None and how.changed_since is None and not how.sensitivity:
            if how.preview is not None and self._is_large(population):
                few = [each and replace(each, sample=PREVIEW_SHARE) for each in (population, against)]
                how.preview(self._asked(asked, few[0] or population, few[1], progress, workspace.engine))
            return self._kept(ask(workspace.engine))
        from desirepath.beside import ask_beside

        return self._kept(ask_beside(workspace, ask, how.as_of, how.changed_since, sensitivity=how.sensitivity))

    def _like(self, how: How, question: Question, population: Population, progress: Progress) -> Answer:
        """The answer as another product would count it."""
        from desirepath.like import ask_like

        if how.over is not None:
            raise InputError("`like` goes with no buckets of the calendar; ask it of one period after the other.")
        if how.compare is not None or how.as_of is not None or how.changed_since is not None or how.sensitivity:
            raise InputError("`like` goes with no comparison, and with the present version of who is who alone.")
        if population.unit == "account":
            raise InputError("`like` is asked of persons, sessions and entities, not of accounts.")

        def ask(asked: Question, of: Population) -> Answer:
            return self._asked(asked, of, None, progress, self._workspace.engine)

        return ask_like(str(how.like), question, population, ask)

    def _guarded(self, question: Question, populations: Sequence[Population | None]) -> Question:
        """The question, told what defines those it is asked of: nobody is compared by what they were chosen for."""
        left_out = getattr(question, "leave_out", None)
        if left_out is None:
            return question
        wheres = [w for each in populations if each is not None for w in defining(self._workspace.segments, each)]
        more = [text for text in dict.fromkeys(map(str, wheres)) if text not in left_out]
        return replace(question, leave_out=[*left_out, *more]) if more else question  # type: ignore[type-var]

    def _over(
        self, how: How, question: Question, of: tuple[Population, Population | None], progress: Progress
    ) -> Answer:
        """The answer of each bucket of the calendar by itself."""
        from desirepath.over_time import Together, ask_over

        if how.as_of is not None or how.changed_since is not None or how.sensitivity:
            raise InputError("`over` goes with the present version of who is who alone.")
        population, against = of
        if how.compare is not None and "period" in how.compare:
            raise InputError("Periods stand side by side with `over` already; compare a filter or a cohort.")

        def is_known(each: Population) -> bool:
            return _key(question, each, None) in self.remembered

        def ask(buckets: Sequence[Population]) -> Iterator[Answer]:
            together = Together(buckets, is_known) if against is None else None
            for each in buckets:
                other = against and replace(against, period=each.period, sample=each.sample)
                one = partial(self._asked, question, each, other, progress)
                if each.unit == "account":
                    from desirepath.beside import ask_accounts

                    yield self._kept(ask_accounts(self._workspace, one, None, None, sensitivity=False))
                else:
                    yield self._kept(one(self._workspace.engine, running=together))

        extent = self._workspace.engine.extent()
        if how.preview is not None and self._is_large(population):
            few = replace(population, sample=PREVIEW_SHARE)
            how.preview(ask_over(question, few, extent, str(how.over), ask, progress))
        return ask_over(question, population, extent, str(how.over), ask, progress)

    def _is_large(self, population: Population) -> bool:
        """Whether a preview is worth asking for."""
        events = self._workspace.engine.extent().events
        return population.unit != "account" and population.sample == 1 and events >= PREVIEW_FROM

    def _kept(self, answer: Answer) -> Answer:
        """The answer, made able to save the people behind its numbers."""
        return replace(answer, keeper=self._keep)

    def _keep(self, name: str, answer: Answer, which: Mapping[str, Any]) -> None:
        self._workspace.segments.save(segment_of(name, answer, which))

    def ask_segment(self, segment: Segment, engine: DuckEngine, depth: int, progress: Progress) -> Answer:
        """The answer that a segment was saved from, of the data of the day and an engine's verdict on who is who."""
        from desirepath.questions.catalog import build

        fields = dict(segment.question or {})
        asked = build(str(fields.pop("name")), fields).bound(self.maps.get)
        whom = dict(segment.asked_of)
        split = whom.pop("breakdown", None)
        population = self.population(**whom, breakdown=Breakdown(**split) if split else None, walks=asked.walks())
        return self._asked(asked, population, None, progress, engine, depth)

    def _asked(
        self,
        question: Question,
        population: Population,
        against: Population | None,
        progress: Progress,
        engine: DuckEngine,
        depth: int = 0,
        running: Running | None = None,
    ) -> Answer:
        """The answer of one engine, remembered if it is the workspace's own."""
        from desirepath import runner

        def ask(tell: Progress) -> Answer:
            of, beside = (self._looked_up(each, engine, depth, tell) for each in (population, against))
            assert of is not None  # noqa: S101 - a population is always given
            return runner.ask(question, of, engine, against=beside, progress=tell, running=running or runner.run)

        if engine is not self._workspace.engine:
            engine.refresh(progress)
            return ask(progress)
        self.keep_up(progress)
        key = _key(question, population, against)
        until = settled_at(question, [population, *([against] if against else [])], engine.extent())

        def again(tell: Progress) -> Answer:
            return self.remembered.put(key, ask(tell), settled)

        def bring(answer: Answer) -> Answer:
            return runner.brought_up(answer, population, engine.extent(), again)

        settled = None if until is None else Settled(until, bring)
        answer = self.remembered.get(key, lambda: ask(progress), settled)
        if isinstance(answer.drill, Afresh):
            return replace(answer, drill=replace(answer.drill, progress=progress))
        return answer

    def keep_up(self, progress: Progress) -> None:
        """Bring the journeys up to date, and let go of answers that data, segments or readings may have changed."""
        here = self._workspace
        manifest = here.engine.refresh(progress)
        beside = (here.segments.state(), here.texts.state())
        self.remembered.keep_up(manifest.state, beside, manifest.same_until)

    def _looked_up(
        self, population: Population | None, engine: DuckEngine, depth: int, progress: Progress
    ) -> Population | None:
        if population is None or population.members is None:
            return population
        if population.members.single:
            return replace(population, members=self._one(population, engine))
        segment = self._workspace.segments.get(population.members.label)
        if (population.unit == "account") != (segment.asked_of.get("unit") == "account"):
            raise InputError(
                f"The segment {segment.name!r} is of {'accounts' if population.unit != 'account' else 'people'}, "
                f"and the question is asked of unit {population.unit!r}."
            )
        return replace(population, members=members(self._workspace, engine, population.members, depth, progress))

    def _one(self, population: Population, engine: DuckEngine) -> Members:
        """One person's place in an engine's blocks; nowhere, if the engine has no such person."""
        from desirepath.looking import find_person

        asked = population.members
        assert asked is not None  # noqa: S101 - the caller looked
        if population.unit == "account":
            raise InputError("A person is asked about with unit 'person', 'session' or 'entity', not 'account'.")
        _, person = find_person(self._workspace.store(), asked.label)
        return replace(asked, places=engine.places_of(person))

    def population(
        self,
        period: str | Period | None = None,
        filter: str | Where | None = None,  # noqa: A002 - the word that users know
        cohort: str | Where | None = None,
        person: str | None = None,
        unit: str = "person",
        use: str | None = None,
        breakdown: Breakdown | None = None,
        sample: float = 1.0,
        cutoff: str | None = None,
        walks: JourneyMap | None = None,
    ) -> Population:
        """Whom and when to ask, in the workspace's zone; of a map's instances, where a question `walks` one."""
        from desirepath.events.moments import instant

        unit = unit_of(walks, unit)
        kind, _, name = unit.partition(":")
        chosen = None
        if kind == JOURNEY:
            chosen = walks if walks is not None and walks.name == name else self.maps.get(name)
        settings = self._workspace.settings
        people, named = self._workspace.segments.read_cohort(cohort)
        if person is not None:
            if named is not None:
                raise InputError("Ask of one person or of a segment, not of both.")
            named = Members(person, None, single=True)
        until = None if cutoff is None else instant(cutoff, settings.time_zone)
        return Population(
            period=self._period(period, until),
            filter=Where.of(filter),
            cohort=people,
            members=named,
            unit=unit,
            use=use,
            breakdown=breakdown,
            sample=sample,
            cutoff=until,
            calendar=Calendar(settings.time_zone, settings.week_start),
            map=chosen,
            extra={"time_zone": settings.time_zone, "workspace": settings.name},
        )

    def _period(self, period: str | Period | None, until: int | None) -> Period:
        """The period; one such as `last 7 days` ends where the data does, or the part of it that is taken as known."""
        settings = self._workspace.settings
        if period is None:
            return Period.everything(settings.time_zone)
        if isinstance(period, Period):
            return period
        last = self._workspace.engine.extent().last
        now = last if until is None else min(last, until)
        return Period.parse(period, settings.time_zone, now=now, week_start=settings.week_start)

    def _against(self, population: Population, compare: Mapping[str, str]) -> Population:
        changes: dict[str, Any] = {}
        for name, value in compare.items():
            if name not in COMPARED:
                raise InputError(f"A comparison cannot change {name!r}.", allowed=COMPARED)
            if name == "period":
                changes[name] = self._period(value, population.cutoff)
            elif name == "filter":
                changes[name] = Where.of(value)
            else:
                changes["cohort"], changes["members"] = self._workspace.segments.read_cohort(value)
        if not changes:
            raise InputError("A comparison needs another period, filter or cohort.", allowed=COMPARED)
        return replace(population, **changes)


def _key(question: Question, population: Population, against: Population | None) -> str:
    """The same text for the same question of the same population."""
    from desirepath.questions.catalog import describe

    whom = [None if each is None else _exactly(each) for each in (population, against)]
    return json.dumps([describe(question), *whom], sort_keys=True)


def _exactly(population: Population) -> list[Any]:
    period = population.period
    span = [period.start, period.end, period.zone, population.cutoff, population.ends]
    span += [asdict(each) for each in (population.calendar, population.sessions, population.clock)]
    span.append(population.map and population.map.definition)
    return [population.described(), *span, dict(population.extra)]


def _question(question: Question | str, fields: Mapping[str, Any]) -> Question:
    from desirepath.questions.catalog import build

    if isinstance(question, str):
        return build(question, fields)
    if fields:
        raise InputError(f"{', '.join(fields)}: the question's fields are already given.")
    return question
