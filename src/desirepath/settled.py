"""Which answers stay as they are whatever happens next? Those of periods whose windows have all closed.

New data mostly is of later moments. An answer that depends on nothing from some moment on is the same before and after,
as long as nobody's earlier events have changed; the journeys' manifest says which moments were touched. So last month's
numbers are not counted again because today's events came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desirepath.answers.answer import Answer, Table
from desirepath.errors import InputError
from desirepath.events.where import always
from desirepath.journeys.batch import Session
from desirepath.population import KNOWN, Clock, Population
from desirepath.questions.activity_walk import LONGEST_DAYS
from desirepath.questions.question import Question

DAY = 86_400_000_000

if TYPE_CHECKING:
    from desirepath.engines.engine import Extent, Progress


def settled_at(question: Question, populations: list[Population], extent: Extent) -> int | None:
    """From which moment on nothing matters to an answer, in microseconds; None where all that comes may.

    Only what is easily seen is said to be settled: persons, no segment, no visits, no instances of a map.
    """
    ends = [_end(question, each) for each in populations]
    if any(end is None for end in ends):
        return None
    latest = max(end for end in ends if end is not None)
    return latest if latest <= extent.last else None


def _end(question: Question, asked: Population) -> int | None:
    if asked.unit != "person" or asked.cohort != always or asked.members is not None or asked.clock != Clock():
        return None
    if (
        not question.settles
        or question.walks() is not None
        or any(isinstance(read, Session) for read in question.reads().values())
    ):
        return None
    if asked.breakdown is not None and asked.breakdown.at in KNOWN:  # of all that is ever known of somebody
        return None if asked.cutoff is None else asked.cutoff + 1
    end = asked.period.end + max(question.horizon(), _bucket(question))
    return end if asked.cutoff is None else min(end, asked.cutoff + 1)


def _bucket(question: Question) -> int:
    """The longest bucket of the calendar that a question cuts into: the last one is over only when it is."""
    return LONGEST_DAYS.get(getattr(question, "every", None) or "", 0) * DAY


CHANGED = "The data has changed since this was asked; ask the question again."
"""Why nobody is told who is behind a number: it would be others than were counted."""


@dataclass(frozen=True)
class Afresh:
    """Leads to the people behind an answer that was counted before newer data came: it is asked again for them.

    Attributes
    ----------
    ask
        Asks it of the present data, and keeps what was counted.
    told
        The table as it was shown.
    progress
        Told how far it is; may raise `CancelledError`.
    """

    ask: Callable[[Progress], Answer]
    told: Table
    progress: Progress
    nbytes: int = 0

    def behind(self) -> Any:
        """What leads to the people now.

        Raises
        ------
        InputError
            If the answer has become another.
        """
        answer = self.ask(self.progress)
        if answer.columns != self.told:
            raise InputError(CHANGED)
        return answer.drill

    def __call__(self, which: Mapping[str, Any]) -> Table:
        """One row per unit that a number counts."""
        found: Table = self.behind()(which)
        return found

    @property
    def asked(self) -> tuple[Population, Population | None]:
        """The population, and what it was compared with."""
        found: tuple[Population, Population | None] = self.behind().asked
        return found

    def places(self, which: Mapping[str, Any]) -> Any:
        """Per block the places of the people behind a number."""
        return self.behind().places(which)

    def compare(self, other: object, names: tuple[str, str]) -> Answer:
        """The first population of this answer beside that of another."""
        found: Answer = self.behind().compare(other, names)
        return found


__all__ = ["CHANGED", "Afresh", "settled_at"]
