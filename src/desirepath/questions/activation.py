"""How many of those who start reach what makes them active, and which early behaviour goes with staying?

    ws.ask(Activation(start="sign-up", milestones=["project created", "invite"], within="7 days"))
    ws.ask(Activation(start="sign-up", milestones=["invite"], stays_from="28 days", stays_until="42 days"))

    milestone        started  people  of_started
    (activated)        4 210   1 312  33.9 % [32.4, 35.4]
    project created    4 210   2 190  55.2 % [53.7, 56.8]
    invite             4 210   1 502  38.1 % [36.6, 39.6]

The share is of everybody who started, not of those who are active. Whoever started too lately to tell counts for as
long as they were seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import duration
from desirepath.events.where import Where, always
from desirepath.journeys.batch import Array, JourneyBatch, Match, Matched, Read, Reads
from desirepath.questions.activation_answer import ACTIVATED, activation_report
from desirepath.questions.activation_walk import reach
from desirepath.questions.behaviours_choice import BEHAVIOUR, Choice, levels_of
from desirepath.questions.behaviours_sums import BehaviourTally, cells_of
from desirepath.questions.behaviours_walk import NO, Clock, by_goal
from desirepath.questions.catalog import question
from desirepath.questions.question import Findings, Question, Report, place_among, refuse_others
from desirepath.statistics import Proportion
from desirepath.statistics.survival import Lifetimes

OUTCOMES = ("activated", "not activated", "undecided")
STAYS = ("stayed", "left", "undecided")
STAY_BIT = 2
MOST_MILESTONES = 20


@question
class Activation(Question):
    """How many of those who start reach what makes them active, and which early behaviour goes with staying?

    Parameters
    ----------
    milestones
        What makes somebody active: events' names or filters.
    start
        What the clock starts with: an event's name or a filter; the first event in the period, if left out.
    need
        How many of the milestones are needed; all, if left out.
    within
        How long after the start they may be reached, such as `"7 days"`; both ends included.
    entry
        `first`: the first start in the period; `first_ever`: only who starts for the first time ever in the period.
    stays_from, stays_until
        Between which lengths of time after the start somebody who stays is seen again, such as `"28 days"` and
        `"42 days"`. With them, early behaviours are searched for those that go with staying.
    stays
        What counts as being seen again: an event's name or a filter; any event, if left out.
    by
        The field whose values are the behaviours: events' names, or a property such as `"category"`.
    times
        From how many times on somebody counts as having done it; the best one is sought.
    days
        On how many days; days are 24 hours each and counted from the start.
    only, hide
        Events' names or filters: nothing but these are behaviours, or all but these.
    leave_out
        Events' names or filters that define who is asked about, such as a segment: never a behaviour.
    least
        The least share of people that have to have done it to be looked at, such as `"1 %"`; never fewer than 20.
    most
        How many behaviours to show.
    """

    spans: ClassVar[frozenset[str]] = frozenset({"took", "followed"})

    milestones: list[str]
    start: str | None = None
    need: int | None = None
    within: str = "7 days"
    entry: Literal["first", "first_ever"] = "first"
    stays_from: str | None = None
    stays_until: str | None = None
    stays: str | None = None
    by: str = "name"
    times: list[int] = field(default_factory=lambda: [1, 2, 3, 5, 10])
    days: list[int] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    hide: list[str] = field(default_factory=list)
    leave_out: list[str] = field(default_factory=list)
    least: str = "1 %"
    most: int = 20

    def __post_init__(self) -> None:
        """Refuse what makes no sense, before anything is read."""
        if not 1 <= len(self.milestones) <= MOST_MILESTONES:
            raise InputError(f"Activation needs 1 to {MOST_MILESTONES} milestones, not {len(self.milestones)}.")
        if len(set(self.names)) < len(self.names):
            raise InputError("Two milestones are the same; each is reached once.")
        if self.need is not None and not 1 <= self.need <= len(self.milestones):
            raise InputError(f"Of {len(self.milestones)} milestones 1 to all can be needed, not {self.need}.")
        if (self.stays_from is None) != (self.stays_until is None) or (self.stays and self.stays_from is None):
            raise InputError("Staying needs both its ends.", allowed=["stays_from='28 days', stays_until='42 days'"])
        if self.searches and not self.limit <= self._stays[0] < self._stays[1]:
            raise InputError(
                f"Staying has to come after the first {self.within}, and to last: from {self.stays_from} until "
                f"{self.stays_until} does not. What overlaps with what is looked at would go with itself."
            )
        if self.most < 1:
            raise InputError(f"At least one behaviour is shown, not {self.most}.")
        _ = self.reads(), self.choice, self.limit

    @property
    def names(self) -> list[str]:
        """The milestones."""
        return [text.strip() for text in self.milestones]

    @property
    def needed(self) -> int:
        """How many milestones are needed."""
        return len(self.milestones) if self.need is None else self.need

    @property
    def searches(self) -> bool:
        """Whether behaviours are searched for those that go with staying."""
        return self.stays_from is not None

    @cached_property
    def limit(self) -> int:
        """`within`, in microseconds."""
        return duration(self.within).microseconds

    @cached_property
    def _stays(self) -> tuple[int, int]:
        if self.stays_from is None or self.stays_until is None:
            return 0, 0
        return duration(self.stays_from).microseconds, duration(self.stays_until).microseconds

    @cached_property
    def choice(self) -> Choice:
        """Which events may be behaviours: not the start, but what counts as staying may, because it comes later."""
        return Choice.of(
            {"start": self.start},
            by=self.by,
            only=self.only,
            hide=self.hide,
            leave_out=self.leave_out,
            levels=levels_of(self.times, self.days),
            least=self.least,
        )

    def reads(self) -> Reads:
        """Whether an event is a start, counts as staying, and which milestones it reaches."""
        start, stays = (always if text is None else Where.event(text) for text in (self.start, self.stays))
        wanted: dict[str, Read] = {"match": Match((start, stays, *map(Where.event, self.milestones)))}
        return wanted | dict(self.choice.reads) if self.searches else wanted

    def horizon(self) -> int:
        """Until the last who started in the period have had their time."""
        return max(self.limit, self._stays[1])

    def history(self) -> bool:
        """Who starts for the first time ever can only be told from all that was before."""
        return self.entry == "first_ever"

    def find(self, journeys: JourneyBatch) -> Findings:
        """One row per journey that starts: when it reached each milestone, and enough of them, and if it stays."""
        match, size = cast("Matched", journeys.columns["match"]), len(journeys)
        journey, place = np.empty((2, size), dtype=np.int64)
        took, followed = np.empty((2, size), dtype=np.int64)
        outcome, stays = np.empty((2, size), dtype=np.int8)
        at = np.empty((size, len(self.milestones)), dtype=np.int64)
        begin, end = journeys.period
        clock = Clock(
            begin, end, self.limit, *self._stays, journeys.cutoff, self.start is None, False, self.history()
        )  # fmt: skip
        given = (journeys.starts, journeys.time, match.codes, match.bits, journeys.open_until)
        many = reach(*given, self.needed, clock, journey, place, took, outcome, followed, at)
        place = place[:many]
        values: dict[str, Array] = {
            "outcome": outcome[:many],
            "took": took[:many],
            "followed": followed[:many],
            "started_at": journeys.time[place],
            "reached": at[:many],
        }
        labels: dict[str, Any] = {"outcome": list(OUTCOMES)}
        if self.searches:
            by_goal(*given, STAY_BIT, clock, np.empty_like(journey), np.empty_like(journey), stays)
            values["stays"] = stays[:many]
            labels |= {"stays": list(STAYS), BEHAVIOUR: journeys.labels[BEHAVIOUR]}
        return Findings(journey[:many], values, {"entry": place}, labels, journeys if self.searches else None)

    def tally(self, findings: Findings) -> ActivationTally:
        """Times to each milestone and to enough of them; who stays; and what those did who stay, and who leave."""
        values = findings.values
        outcome, followed, at = values["outcome"], values["followed"], values["reached"]
        mature = followed >= self.limit
        found = ActivationTally(
            np.bincount(outcome, minlength=len(OUTCOMES)).astype(np.int64),
            Proportion(int((mature & (outcome == 0)).sum()), int(mature.sum())),
            Lifetimes(values["took"], outcome == 0),
            tuple(
                Lifetimes(np.where(at[:, k] >= 0, at[:, k], followed), at[:, k] >= 0)
                for k in range(len(self.milestones))
            ),
            self.within,
        )
        if not self.searches:
            return found
        stays = values["stays"]
        sides = findings.take(stays <= NO)
        active = sides.values["outcome"] != 0
        staying = np.zeros((2, 2), dtype=np.int64)
        np.add.at(staying, (active.astype(np.int64), sides.values["stays"]), 1)
        done, levels = self.choice.done(sides, self.limit), self.choice.levels
        candidates = BehaviourTally(
            findings.labels[BEHAVIOUR],
            [None],
            levels,
            np.bincount(stays, minlength=len(STAYS)).astype(np.int64),
            cells_of(done, sides.values["stays"], np.zeros(len(sides), dtype=np.int64), 1, levels),
            "stayed",
        )
        return replace(found, staying=staying, candidates=candidates)

    def answer(self, tally: ActivationTally) -> Report:
        """The share that is activated, each milestone's, and the behaviours that go with staying on other people."""
        return activation_report(tally, self)

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """`milestone="invite"` or `"(activated)"`, `outcome="undecided"`; with staying `stays="left"`, and behaviours.

        A behaviour is selected as in `behaviours`: `behaviour="invite", times=3, did=False`, among those of whom it is
        known whether they stay.

        Raises
        ------
        UnknownNameError
            If something else is selected by, or there is no such milestone or outcome.
        """
        more = ["stays", "behaviour", "times", "days", "did"] if self.searches else []
        refuse_others(which, ["milestone", "outcome", *more])
        chosen = np.ones(len(findings), dtype=np.bool_)
        if "outcome" in which:
            chosen &= findings.values["outcome"] == place_among("outcome", which["outcome"], OUTCOMES)
        if "milestone" in which:
            place = place_among("milestone", which["milestone"], [ACTIVATED, *self.names])
            reached = findings.values["outcome"] == 0
            chosen &= reached if not place else findings.values["reached"][:, place - 1] >= 0
        if "stays" in which:
            chosen &= findings.values["stays"] == place_among("value of `stays`", which["stays"], STAYS)
        if "behaviour" in which:
            chosen &= (findings.values["stays"] <= NO) & self.choice.did(findings, which, self.limit)
        elif {"times", "days", "did"} & set(which):
            raise UnknownNameError.of("selection without a behaviour", next(iter(which)), ["milestone", "behaviour"])
        return chosen


@dataclass(frozen=True, eq=False)
class ActivationTally:
    """Sums over those who started.

    Attributes
    ----------
    outcomes
        int64[3]: activated, not activated, undecided.
    share
        Of those who were followed for the whole time, who is activated.
    lives
        Times until enough milestones were reached, or until last seen; no longer than `within`.
    each
        The same per milestone.
    within
        How long they may take.
    staying
        int64[2, 2]: activated and not, by stayed and left; of those of whom both is known.
    candidates
        What those did who stayed, and who left.
    """

    outcomes: Array
    share: Proportion
    lives: Lifetimes
    each: tuple[Lifetimes, ...]
    within: str
    staying: Array | None = None
    candidates: BehaviourTally | None = None

    def __add__(self, other: ActivationTally) -> ActivationTally:
        """Join two groups of people."""
        return ActivationTally(
            self.outcomes + other.outcomes,
            self.share + other.share,
            self.lives + other.lives,
            tuple(one + two for one, two in zip(self.each, other.each, strict=True)),
            self.within,
            None if self.staying is None or other.staying is None else self.staying + other.staying,
            None if self.candidates is None or other.candidates is None else self.candidates + other.candidates,
        )

    @property
    def size(self) -> int:
        """How many started."""
        return self.lives.n

    def rates(self) -> Mapping[str, Proportion]:
        """Who is activated, of those who were followed for so long; who stays, of those of whom it is known."""
        found = {f"are activated within {self.within}": self.share}
        return found if self.candidates is None else {**found, **self.candidates.rates()}
