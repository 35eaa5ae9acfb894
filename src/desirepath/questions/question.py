"""What is a question? A fold over journeys, in four verbs.

    reads()          what it wants to know of each event
    find(journeys)   one small row per journey (or attempt): `Findings`
    tally(findings)  a `Tally`: sums that add up in any order
    answer(tally)    a `Report`: table, charts and words

None of the four knows which engine runs it, how the people were chosen, or how the answer is broken down: the
runner does that for every question.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.errors import UnknownNameError
from desirepath.journeys.batch import JourneyBatch, Reads
from desirepath.questions.like import Rule
from desirepath.statistics import Proportion, Sums

if TYPE_CHECKING:
    from desirepath.maps.journey_map import JourneyMap

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Findings:
    """One small row per journey that the question concerns.

    Attributes
    ----------
    journey
        int[rows]: the journey in the batch that each row is about.
    values
        Per name an array of length rows; kept for the drill-down.
    anchors
        Per name int[rows], positions of events in the batch, or -1: where a breakdown may take its value.
        Every question has `entry`.
    labels
        Texts that the codes among the values stand for.
    batch
        The journeys themselves, where summing up or choosing rows has to look at them again, because what there is
        to say of a journey is longer than a row. They are not kept: a drill-down finds the rows anew.
    """

    journey: Array
    values: Mapping[str, Array]
    anchors: Mapping[str, Array]
    labels: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    batch: JourneyBatch | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, journeys: JourneyBatch, keep: npt.NDArray[np.bool_] | None = None, **values: Array) -> Findings:
        """One row per journey; breakdowns take their value at its first event.

        Parameters
        ----------
        journeys
            The batch.
        keep
            bool[journeys]: which of them the question concerns; all that have an event, if left out.
        values
            Per name an array of one value per journey.
        """
        begins = journeys.starts[:-1]
        rows = np.flatnonzero(journeys.starts[1:] > begins if keep is None else keep)
        return cls(rows, {name: column[rows] for name, column in values.items()}, {"entry": begins[rows]})

    def __len__(self) -> int:
        return len(self.journey)

    def take(self, rows: Array | slice) -> Findings:
        """Only these rows, given as places or as a mask."""
        return Findings(
            self.journey[rows],
            {name: values[rows] for name, values in self.values.items()},
            {name: places[rows] for name, places in self.anchors.items()},
            self.labels,
            self.batch,
        )


FEW_GROUPS = 100
"""Up to so many groups are added up where they are found, on several threads; more only where they are shown."""


@dataclass(frozen=True)
class Split:
    """How a breakdown tells rows apart, by where they begin or by whose they are.

    Attributes
    ----------
    codes
        int[events] of the batch: the group of a row that has its entry there; or int[journeys]: that of all its rows.
    groups
        How many codes there are: `FEW_GROUPS` at most, or rows are found.
    by_journey
        Which of the two.
    """

    codes: Array
    groups: int
    by_journey: bool = False


@dataclass(frozen=True)
class Summed:
    """What the rows of a block add up to, where none were written.

    Attributes
    ----------
    journey
        int[rows], in any order: the journey in the batch that each row would be about.
    tallies
        The sum of each group that has a row, by its code; that of nobody under 0 if there are none. Without groups
        that of all, under 0.
    """

    journey: Array
    tallies: Mapping[int, Any]


@runtime_checkable
class Tally(Protocol):
    """Sums over findings: `+` is associative and commutative, and a question's empty tally is its zero."""

    def __add__(self, other: Self) -> Self:
        """Join two groups without a common row."""

    @property
    def size(self) -> int:
        """How many rows it sums up."""

    def rates(self) -> Mapping[str, Proportion]:
        """The proportions that two groups can be compared by, by name."""


@dataclass(frozen=True)
class Report:
    """What a question says about one tally, before the runner adds where it came from.

    Attributes
    ----------
    table
        The main table by columns; all of one length.
    extras
        Further tables by name.
    words
        One to three sentences that state the finding, with denominators and interval.
    notices
        What the reader must know, with a code.
    charts
        Vega-Lite specifications without data: the runner binds `table` or an extra table to them by name.
    """

    table: Mapping[str, list[Any]]
    extras: Mapping[str, Mapping[str, list[Any]]] = field(default_factory=dict)
    words: Sequence[str] = ()
    notices: Sequence[Notice] = ()
    charts: Sequence[Mapping[str, Any]] = ()


def truth(given: Any) -> bool:
    """Yes or no, however it is written.

    Raises
    ------
    UnknownNameError
        If it is neither.
    """
    words = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
    if isinstance(given, bool | int):
        return bool(given)
    if str(given).lower() not in words:
        raise UnknownNameError.of("truth value", str(given), ["yes", "no"])
    return words[str(given).lower()]


def refuse_others(which: Mapping[str, Any], known: Sequence[str]) -> None:
    """Refuse a selection by anything but the known names.

    Raises
    ------
    UnknownNameError
        For the first other name.
    """
    for name in which:
        if name not in known:
            raise UnknownNameError.of("selection", name, known)


def as_text(given: Any) -> Any:
    """A name, or a list of them, where a number may stand for its text."""
    if isinstance(given, list | tuple | set):
        return [as_text(each) for each in given]
    return str(given) if isinstance(given, int | float) else given


def several(given: Any) -> list[Any]:
    """What is selected, where one may stand for a list of one: the command line gives nothing else."""
    return list(given) if isinstance(given, list | tuple | set) else [given]


def place_among(kind: str, given: Any, known: Iterable[Any]) -> int:
    """The place of what is selected among the known ones.

    Raises
    ------
    UnknownNameError
        If it is none of them; `kind` says what it should be.
    """
    names = list(known)
    if given not in names:
        raise UnknownNameError.of(kind, str(given), names)
    return names.index(given)


class Question(ABC):
    """What every question is: `reads`, `find` and `answer`, and more where the plain ways do not suit.

    Attributes
    ----------
    name
        Its name in the catalog, set by `@question`.
    settles
        Whether its answer stays the same once all windows have closed, whatever comes later; see `settled`.
    counts_people
        Whether a sum has counts of people of whom several rows may tell, each counted once: sums of groups of rows do
        not add up to the sum of all.
    named_by
        What a drill-down selects by names of touchpoints: a number given for one is its text.
    spans, blanks, unlisted
        How values of rows are told to whoever looks at the people behind a number, see `listing`: lengths in
        microseconds, told in seconds; numbers that say by being negative that there is none; and what the question only
        works with.
    """

    name: ClassVar[str]
    settles: ClassVar[bool] = True
    spans: ClassVar[frozenset[str]] = frozenset()
    blanks: ClassVar[frozenset[str]] = frozenset()
    unlisted: ClassVar[frozenset[str]] = frozenset()
    counts_people: ClassVar[bool] = False
    named_by: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def reads(self) -> Reads:
        """Named columns wanted per event."""

    @abstractmethod
    def find(self, journeys: JourneyBatch) -> Findings:
        """Whole journeys to one small row each; pure."""

    @abstractmethod
    def answer(self, tally: Any) -> Report:
        """Sums to a table, charts and words."""

    def named(self) -> Sequence[str]:
        """Events' names that are asked for beside those in filters: whoever misspells one is told."""
        return ()

    def tally(self, findings: Findings) -> Any:
        """Findings to sums: of every value, unless a question says otherwise."""
        return Sums(len(findings), {name: int(values.sum()) for name, values in findings.values.items()})

    def sums(self, journeys: JourneyBatch, split: Split | None) -> Summed | None:
        """What `find` and `tally` would say together, told without a row for anybody; None where that cannot be.

        For questions that are quicker so: their rows begin at the anchor `entry`, and none of their sums is of people
        of whom several rows tell. The rows are found whenever somebody looks at the people behind a number, so this is
        asked only where an engine delivers the same journeys again.
        """
        del journeys, split
        return None

    def horizon(self) -> int:
        """How long after the end of the period events are still read, in microseconds."""
        return 0

    def reach_back(self) -> int:
        """How long before the period events are read, in microseconds."""
        return 0

    def history(self) -> bool:
        """Whether events before the period are read too, such as for who did something for the first time ever."""
        return False

    def walks(self) -> JourneyMap | None:
        """The journey map whose instances it is asked of, if it is about one."""
        return None

    def bound(self, maps: Callable[[str], JourneyMap]) -> Question:
        """The same question with the maps that it names looked up, so that it says all that it means."""
        del maps
        return self

    def like(self, product: str) -> Sequence[Rule]:
        """What another product counts in another way, in the order in which it is laid over the question.

        Parameters
        ----------
        product
            One of `like.PRODUCTS`.
        """
        del product
        return ()

    def meant(self, tally: Any, which: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a selection means given the sum over everybody it is of, such as where the top tenth begins."""
        return which

    def select(self, findings: Findings, which: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        """Rows that a drill-down means: those with the given values, unless a question says otherwise.

        Raises
        ------
        UnknownNameError
            If rows have no such value.
        """
        chosen = np.ones(len(findings), dtype=np.bool_)
        for name, wanted in which.items():
            if name not in findings.values:
                raise UnknownNameError.of("value of a row", name, findings.values)
            chosen &= findings.values[name] == wanted
        return chosen
