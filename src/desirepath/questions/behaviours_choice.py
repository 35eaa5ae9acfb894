"""Which events may be behaviours, and from when on does somebody count as having done one?

What defines the start, the outcome or a group is never a behaviour: it would go with itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.errors import InputError
from desirepath.events.where import Where
from desirepath.events.where_tree import Field
from desirepath.journeys.batch import Array, Code, JourneyBatch, Match, Matched, Read
from desirepath.questions.behaviours_sums import Levels
from desirepath.questions.behaviours_walk import Done, done_by
from desirepath.questions.question import Findings

BEHAVIOUR, MAY_BE = "behaviour", "may be a behaviour"
MOST_FILTERS, MOST_LEVELS = 62, 12


@dataclass(frozen=True)
class Choice:
    """Which events may be behaviours.

    Parameters
    ----------
    by
        The field whose values they are.
    only, never
        Filters: nothing but these, and none of these.
    levels
        The thresholds.
    share
        The least share of people.
    """

    by: str
    only: tuple[Where, ...]
    never: tuple[Where, ...]
    levels: Levels
    share: float

    @classmethod
    def of(
        cls,
        defines: Mapping[str, str | None],
        *,
        by: str,
        only: Sequence[str],
        hide: Sequence[str],
        leave_out: Sequence[str],
        levels: Levels,
        least: str,
    ) -> Choice:
        """Read the fields of a question.

        Parameters
        ----------
        defines
            By the name of the field, what defines the start, the outcome or a group.
        by, only, hide, leave_out, levels, least
            The fields that choose behaviours.

        Raises
        ------
        InputError
            If a field makes no sense, or what defines an outcome or a group is asked for as a behaviour.
        """
        if not by.strip():
            raise InputError("`by` is the field whose values are the behaviours, such as 'name'.")
        apart = [(name, Where.event(text)) for name, text in defines.items() if text is not None]
        apart += [("leave_out", Where.event(text)) for text in leave_out]
        for text in only:
            for name, where in apart:
                if _says_again(Where.event(text), where):
                    what = "who is asked about (`leave_out`)" if name == "leave_out" else f"`{name}`"
                    raise InputError(
                        f"{text!r} defines {what}, so it cannot be a behaviour too: it would go with itself. "
                        "Take it out of `only`."
                    )
        wanted = tuple(map(Where.event, only))
        never = (*(where for _, where in apart), *map(Where.event, hide))
        if len(wanted) + len(never) > MOST_FILTERS:
            raise InputError(f"`only`, `hide` and `leave_out` can name {MOST_FILTERS - 4} kinds of events in all.")
        return cls(by.strip(), wanted, never, levels, share_of_people(least))

    @cached_property
    def reads(self) -> Mapping[str, Read]:
        """The columns that are needed."""
        wanted: dict[str, Read] = {BEHAVIOUR: Code(self.by)}
        if self.only or self.never:
            wanted[MAY_BE] = Match((*self.only, *self.never))
        return wanted

    def done(self, rows: Findings, within: int) -> Done:
        """What was done by those rows from their start up to the landmark."""
        journeys = cast("JourneyBatch", rows.batch)
        codes = cast("Array", journeys.columns[BEHAVIOUR])
        match = cast("Matched | None", journeys.columns.get(MAY_BE))
        if match is None:
            match = Matched(np.zeros(len(codes), dtype=np.uint8), np.zeros(1, dtype=np.int64))
        wanted = (1 << len(self.only)) - 1
        fits = (match.bits & wanted) != 0 if self.only else np.ones(len(match.bits), dtype=np.bool_)
        allowed = np.asarray(fits & (match.bits >> len(self.only) == 0))
        return done_by(journeys, rows.journey, rows.anchors["entry"], codes, match, allowed, within)

    def did(self, rows: Findings, which: Mapping[str, Any], within: int) -> npt.NDArray[np.bool_]:
        """Which rows did `behaviour` so many `times` or on so many `days`; the others where `did` is false."""
        texts = rows.labels[BEHAVIOUR]
        key = list(texts).index(which["behaviour"]) if which["behaviour"] in texts else -1
        done = self.done(rows, within)
        enough = (done.key == key) & (done.times >= int(which.get("times") or 1))
        enough &= done.days >= int(which.get("days") or 1)
        found = np.zeros(len(rows), dtype=np.bool_)
        found[done.row[enough]] = True
        return found if which.get("did", True) else ~found


def _says_again(asked: Where, defines: Where) -> bool:
    """Whether every event that is asked for is one that defines: the same filter, or names among its names."""
    if asked == defines:
        return True
    names = set(asked.texts_of(Field("name")))
    by_name = bool(names) and asked.fields() == defines.fields() == (Field("name"),)
    return by_name and names <= set(defines.texts_of(Field("name")))


def levels_of(times: Sequence[int], days: Sequence[int]) -> Levels:
    """The thresholds, ascending.

    Raises
    ------
    InputError
        If there are none, too many, one twice, or one below 1.
    """
    for name, numbers in (("times", times), ("days", days)):
        if len(set(numbers)) < len(numbers) or min(numbers, default=1) < 1:
            raise InputError(f"`{name}` needs whole numbers from 1 on, each once.", allowed=["1", "3"])
    if not 1 <= len(times) + len(days) <= MOST_LEVELS:
        raise InputError(f"`times` and `days` need 1 to {MOST_LEVELS} numbers in all.")
    return Levels(tuple(sorted(times)), tuple(sorted(days)))


def share_of_people(least: str) -> float:
    """A share such as `"1 %"` as a number.

    Raises
    ------
    InputError
        If it is none.
    """
    text = least.strip()
    try:
        found = float(text.removesuffix("%")) / 100
    except ValueError:
        found = -1.0
    if not text.endswith("%") or not 0 <= found <= 1:
        raise InputError(f"{least!r} is not a share of people.", allowed=["1 %", "0.1 %"])
    return found
