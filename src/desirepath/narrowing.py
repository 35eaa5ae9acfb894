"""What is a question asked of, in each block? Whole journeys are narrowed to a population's, and cut into its units.

In this order: cut-off, people, end of the range, clock, numbers of sessions, filter, unit, use, period. The number of a
unit among its person's is counted before the period takes any away, so that a second visit stays the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from desirepath.engines.engine import Extent
from desirepath.errors import InputError
from desirepath.events.where import always
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Read, Session
from desirepath.journeys.known import known_codes
from desirepath.journeys.sessions import counted, cut_sessions, passages, ranked, session_numbers, split_sessions
from desirepath.population import ENTRY, KNOWN, LAST_KNOWN, NTH, PLACES, Clock, Population
from desirepath.questions.question import FEW_GROUPS, Findings, Question, Split, Summed

if TYPE_CHECKING:
    from desirepath.maps.instances import Cut

EARLIEST, LATEST = -(2**62), 2**62
UNIT = "~unit"

MOST_USES = 10
"""Uses are counted up to the ninth; the tenth and all later ones are one group."""

USES = (None, *(str(n) for n in range(1, MOST_USES)), f"{MOST_USES} or more")


@dataclass(frozen=True)
class Narrowed:
    """A block's units.

    Attributes
    ----------
    batch
        Their journeys.
    use
        int64[units], from 1: which of its person's units each is; None where nobody asked, or a person is the unit.
    known
        int64[units]: the group code first or last known of each, before the period left events out; None where that is
        not asked for.
    """

    batch: JourneyBatch
    use: Array | None = None
    known: Array | None = None


@dataclass(frozen=True)
class Narrowing:
    """How one question is asked of one population.

    Attributes
    ----------
    reads
        All columns that the engine has to deliver.
    visits
        Columns that are the number of an event's session.
    whole
        Whether the period leaves nothing out.
    cut
        How a journey map cuts the units into its instances, where one does.
    """

    question: Question
    population: Population
    reads: dict[str, Read]
    visits: Sequence[str]
    whole: bool
    extent: tuple[int, int]
    cut: Cut | None = None

    @classmethod
    def of(cls, question: Question, population: Population, extent: Extent) -> Narrowing:
        """Make ready to narrow every block."""
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
        if population.entity is not None:
            reads |= {"~entity": Code("entity_id"), "~entity type": Code("entity_type")}
        if population.clock.once:
            reads["~once"] = Code("name")
        if population.breakdown is not None and population.breakdown.field != NTH:
            reads["~group"] = Code(population.breakdown.field)
        whole = population.period.start <= extent.first and population.period.end > extent.last
        cut = _cut(question, population)
        if cut is not None:
            from desirepath.maps.instances import map_reads

            reads |= map_reads(cut.asked)
        return cls(question, population, reads, visits, whole, (extent.first, extent.last), cut)

    def narrow(self, batch: JourneyBatch) -> Narrowed:
        """Apply all that the module's text names, in that order."""
        asked = self.population
        batch = replace(batch, calendar=asked.calendar, extent=self.extent)
        batch = _until(self._people(_until(batch, asked.cutoff)), asked.ends)
        if asked.clock != Clock():
            batch = _told_by(asked.clock, batch)
        by_time = self._by_time(batch)
        if self.visits and not by_time:
            batch = self._with_sessions(batch)
        kept = None if asked.filter == always else cast("Matched", batch.columns["~filter"]).holds(0)
        if asked.unit in ("person", "account") and self.cut is None:
            return Narrowed(self._in_period(batch, kept), known=self._known(batch, kept))
        if kept is not None:
            batch = batch.keep_events(kept)
        batch, use = self._units(batch, by_time=by_time)
        if use is not None and asked.uses is not None:
            first, last = asked.uses
            fits = (use >= first) & (use <= last)
            batch, use = batch.keep_journeys(fits), use[fits]
        if self.cut is not None and not self.whole:
            return self._begun(self._asked(batch), use)
        return Narrowed(self._in_period(batch), use, self._known(batch))

    def _known(self, batch: JourneyBatch, kept: Array | None = None) -> Array | None:
        """The group codes first or last known of units; which events a question happens to read changes nothing."""
        split = self.population.breakdown
        if split is None or split.field == NTH or split.at not in KNOWN:
            return None
        codes = cast("Array", batch.columns["~group"])
        codes = codes if kept is None else np.where(kept, codes, 0)
        return known_codes(batch.starts, codes, np.arange(len(batch)), last=split.at == LAST_KNOWN)

    def _asked(self, batch: JourneyBatch, read_until: int | None = None) -> JourneyBatch:
        """The batch, told the period, and up to when events are asked about."""
        asked = self.population.period
        period = (max(asked.start, EARLIEST), min(asked.end, LATEST))
        return replace(batch, period=period, read_until=batch.read_until if read_until is None else read_until)

    def _in_period(self, batch: JourneyBatch, kept: Array | None = None) -> JourneyBatch:
        """The events that the period is about, of those that are kept; events are moved once, and no more often."""
        start, end = self.population.period.start, self.population.period.end
        batch = self._asked(batch, min(end + self.question.horizon(), LATEST))
        if self.whole:
            return batch if kept is None else batch.keep_events(kept)
        low = EARLIEST if self.question.history() else max(start - self.question.reach_back(), EARLIEST)
        if kept is None:
            return batch.keep_between(low, batch.read_until)
        return batch.keep_events(kept & (batch.time >= low) & (batch.time < batch.read_until))

    def _begun(self, batch: JourneyBatch, use: Array | None) -> Narrowed:
        """The instances that began in the period, whole; all of them where the question looks back."""
        known = self._known(batch)
        if self.question.history():
            return Narrowed(batch, use, known)
        first = batch.time[batch.starts[:-1]]
        fits = (first >= batch.period[0]) & (first < batch.period[1])
        use, known = (None if each is None else each[fits] for each in (use, known))
        return Narrowed(batch.keep_journeys(fits), use, known)

    def _with_sessions(self, batch: JourneyBatch) -> JourneyBatch:
        given = cast("Array", batch.columns["~session"])
        number, closes = session_numbers(batch, self.population.sessions, given=given)
        found = dict.fromkeys(self.visits, number) | {f"{name} closes": closes for name in self.visits}
        reads = self.question.reads()
        for name in self.visits:
            read = reads.get(name)
            if isinstance(read, Session) and read.counted:
                found[f"{name} nth"] = counted(batch.journey_of_event(), number)
        return replace(batch, columns={**batch.columns, **found})

    def _by_time(self, batch: JourneyBatch) -> bool:
        """Whether sessions are the unit and nothing but time cuts them, so that no event has to be moved."""
        plain = self.visits == [UNIT] and self.population.filter == always
        given = self.population.sessions.given and len(batch.labels.get("~session", ())) > 1
        return plain and not given

    def _people(self, batch: JourneyBatch) -> JourneyBatch:
        asked = self.population
        if asked.cohort != always:
            fits = cast("Matched", batch.columns["~cohort"]).holds(0)
            counts = np.concatenate(([0], np.cumsum(fits)))
            batch = batch.keep_journeys(counts[batch.starts[1:]] > counts[batch.starts[:-1]])
        if asked.members is not None:
            assert asked.members.places is not None, "looked up before anything is asked"  # noqa: S101
            inside = np.isin(batch.owner, asked.members.places.get(batch.block, ()))
            batch = batch.keep_journeys(~inside if asked.members.outside else inside)
        return batch

    def _units(self, batch: JourneyBatch, *, by_time: bool) -> tuple[JourneyBatch, Array | None]:
        """The batch cut into units, and which of its person's units each is."""
        if by_time:
            batch = split_sessions(batch, self.population.sessions)
        elif self.population.unit == "session":
            number, closes = cast("Array", batch.columns[UNIT]), cast("Array", batch.columns[f"{UNIT} closes"])
            batch, _ = cut_sessions(batch, number, closes)
        elif self.population.entity is not None:
            batch = _entities(batch, self.population.entity)
        elif self.cut is None:
            return batch, None
        if self.cut is not None:
            batch = self.cut.cut(batch)
        split = self.population.breakdown
        wanted = self.population.uses is not None or (split is not None and split.field == NTH)
        return batch, _uses(batch) if wanted else None

    def sums(self, narrowed: Narrowed) -> tuple[Summed | None, Sequence[str | None]]:
        """What the question says of the units without rows, and the texts of groups' codes.

        None where it, or the place at which a breakdown tells groups apart, needs the rows.
        """
        split, batch = self.population.breakdown, narrowed.batch
        if self.question.counts_people:
            return None, ()
        if split is None:
            return self.question.sums(batch, None), ()
        labels = USES if split.field == NTH else batch.labels.get("~group", ())
        if len(labels) > FEW_GROUPS:
            return None, ()
        if split.field == NTH and narrowed.use is not None:
            by = Split(np.minimum(narrowed.use, MOST_USES), len(labels), by_journey=True)
        elif narrowed.known is not None:
            by = Split(narrowed.known, max(len(labels), 1), by_journey=True)
        elif split.field != NTH and split.at == ENTRY:
            by = Split(cast("Array", batch.columns["~group"]), max(len(labels), 1))
        else:
            return None, ()
        return self.question.sums(batch, by), labels

    def groups(self, findings: Findings, narrowed: Narrowed) -> tuple[Array | None, Sequence[str | None]]:
        """Group code of each row and the texts of all codes; None without a split.

        The code is 0 where the value is missing, and one more than there are texts where the place of it was not
        reached.
        """
        split = self.population.breakdown
        if split is None:
            return None, ()
        if split.field == NTH:
            if narrowed.use is None:
                use = passages(findings.journey, findings.anchors["entry"])
            else:
                use = narrowed.use[findings.journey]
            return np.minimum(use, MOST_USES), USES
        batch = narrowed.batch
        codes, labels = cast("Array", batch.columns["~group"]), batch.labels.get("~group", ())
        if narrowed.known is not None:
            return narrowed.known[findings.journey], labels
        if split.at not in findings.anchors:
            raise InputError(
                f"A breakdown cannot take its value at {split.at!r}.", allowed=[*findings.anchors, *PLACES[1:]]
            )
        places = findings.anchors[split.at]
        nowhere = 0 if split.at == ENTRY else max(len(labels), 1)
        found = np.where(places >= 0, codes[np.maximum(places, 0)] if len(codes) else 0, nowhere)
        return found.astype(np.int64), labels


def _until(batch: JourneyBatch, cutoff: int | None) -> JourneyBatch:
    """The batch as it was known up to a moment."""
    if cutoff is None or cutoff >= batch.cutoff:
        return batch
    return replace(batch.keep_events(batch.time <= cutoff), cutoff=cutoff)


def _cut(question: Question, population: Population) -> Cut | None:
    """How journeys are cut into instances: by the question's own map, or by the one that is the unit."""
    mine, named = question.walks(), population.map
    asked = mine or named
    if asked is None:
        return None
    from desirepath.maps.instances import Cut

    if mine is not None and named is not None and mine != named:
        raise InputError(f"A question about the map {mine.name!r} is asked of its instances, not of {named.name!r}'s.")
    return Cut(asked, watched=mine is not None)


def _told_by(clock: Clock, batch: JourneyBatch) -> JourneyBatch:
    """The batch with moments as a coarser clock tells them, and of equal events of one moment the first alone.

    Events that a filter leaves out stand in for none that it lets through.
    """
    time = batch.time
    if clock.unit == "second":
        time = time - time % 1_000_000
    elif clock.unit is not None and len(time):
        edges = batch.calendar.edges(clock.unit, int(time.min()), int(time.max()))
        time = edges[np.searchsorted(edges, time, side="right") - 1]
    batch = replace(batch, time=time, by_day=clock.unit == "day")
    if not clock.once:
        return batch
    alike = [cast("Array", batch.columns["~once"]), time, batch.journey_of_event()]
    if "~filter" in batch.columns:
        alike.insert(0, cast("Matched", batch.columns["~filter"]).holds(0).astype(np.int8))
    order = np.lexsort(alike)  # keeps what is equal in its order
    again = np.zeros(len(time), dtype=np.bool_)
    same = [np.diff(column[order]) == 0 for column in alike]
    again[order[1:]] = np.logical_and.reduce(same)
    return batch.keep_events(~again)


def _entities(batch: JourneyBatch, kind: str) -> JourneyBatch:
    """One journey per entity that somebody's events are about, such as a ticket; other events are left out."""
    ids, kinds = cast("Array", batch.columns["~entity"]), cast("Array", batch.columns["~entity type"])
    about = ids > 0
    if kind:
        names = batch.labels["~entity type"]
        about &= kinds == (names.index(kind) if kind in names else -1)
    batch = batch.keep_events(about)
    ids, kinds = cast("Array", batch.columns["~entity"]), cast("Array", batch.columns["~entity type"])
    cut, _ = batch.cut(ids.astype(np.int64) * len(batch.labels["~entity type"]) + kinds)
    return cut


def _uses(batch: JourneyBatch) -> Array:
    """int64[units], from 1: which of its person's units each is, in the order of their first events."""
    order = np.lexsort((batch.time[batch.starts[:-1]], batch.owner))
    use = np.empty(len(batch), dtype=np.int64)
    use[order] = ranked(batch.owner[order])
    return use
