"""What is kept of what was asked?

Answers as long as data, people and rules stay the same; the rows behind them as long as there is room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from desirepath.answers.answer import Answer
from desirepath.errors import UnknownNameError
from desirepath.journeys.batch import Array, Persons
from desirepath.questions.question import Findings

LIMIT = 256 * 1024 * 1024
MOST = 1_000
"""So many answers are kept, however small what is behind them."""

MOST_HELD = 1 << 30
"""Bytes of rows that are kept for the drill-down; an engine may say otherwise by `room_for_rows`."""


@dataclass(frozen=True)
class Found:
    """What one block said: its rows, whose they are, and their group; `summed` if each group was added up apart."""

    block: int
    persons: Persons
    findings: Findings
    owner: Array
    group: Array | None
    labels: Sequence[str | None]
    summed: bool = True
    let_go: bool = False
    sizes: Array | None = None

    @property
    def members(self) -> Array:
        """The places of everybody with a row."""
        return np.unique(self.owner if self.sizes is not None else self.owner[self.findings.journey])

    @cached_property
    def nbytes(self) -> int:
        """How much memory the rows take."""
        held = (self.owner, self.findings.journey, *self.findings.values.values(), *self.findings.anchors.values())
        return sum(array.nbytes for array in (*held, *([] if self.group is None else [self.group])))


def without_journeys(part: Found) -> Found:
    """Let go of journeys that are no longer needed, so that an answer does not hold what was read for it."""
    if part.findings.batch is None or not part.summed:
        return part
    return replace(part, findings=replace(part.findings, batch=None), let_go=True)


def without_rows(part: Found) -> Found:
    """Let go of rows too, where there are many: what they add up to is known, and they can be found anew."""
    if not part.summed:
        return part
    none = np.zeros(0, dtype=np.int64)
    sizes = none if part.group is None else np.bincount(part.group)
    rows = replace(part.findings.take(none), batch=None)
    owner, group = part.members.astype(np.int32), None if part.group is None else none
    return replace(part, findings=rows, owner=owner, group=group, let_go=True, sizes=sizes)


State = tuple[int, int, int]
"""Data, identity and rules that an answer is of."""


@dataclass(frozen=True)
class Settled:
    """That an answer stays whatever comes later.

    Attributes
    ----------
    until
        Nothing from this moment on matters to it, in microseconds.
    bring
        Makes of it what it says beside newer data, without counting.
    """

    until: int
    bring: Callable[[Answer], Answer]


@dataclass(frozen=True)
class _Held:
    answer: Answer
    size: int
    settled: Settled | None


class Remembered:
    """The answers that were asked for last, and of earlier data those that newer data cannot change.

    Parameters
    ----------
    limit
        How many bytes the rows behind them may take; the answer asked for longest ago goes first.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._held: OrderedDict[Hashable, _Held] = OrderedDict()
        self._state: State | None = None
        self._beside: Hashable = None

    def keep_up(self, state: State, beside: Hashable, same_until: Callable[[State], int]) -> None:
        """Let go of the answers that something new may have changed.

        Parameters
        ----------
        state
            The present state of the data.
        beside
            What else answers depend on, such as segments: all are let go of where it has changed.
        same_until
            Up to which moment, exclusively, all journeys are as they were in an earlier state.
        """
        before, self._state = self._state, state
        if before is None or beside != self._beside:
            self._held.clear()
        self._beside = beside
        if before is None or state == before:
            return
        until = same_until(before)
        for key, held in list(self._held.items()):
            settled = held.settled
            if settled is None or until < settled.until:
                del self._held[key]
            else:
                self._held[key] = _Held(settled.bring(held.answer), 0, settled)

    def get(self, key: Hashable, ask: Callable[[], Answer], settled: Settled | None = None) -> Answer:
        """The answer under this key; asked for if it is not known."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
            return found.answer
        return self.put(key, ask(), settled)

    def put(self, key: Hashable, answer: Answer, settled: Settled | None = None) -> Answer:
        """Keep an answer, and give it back."""
        size = int(cast("Any", answer.drill).nbytes) if answer.drill is not None else 0
        if any(notice.code == UnknownNameError.code for notice in answer.warnings):
            settled = None  # there may be such a name by then
        self._held[key] = _Held(answer, size, settled)
        while self._held and (sum(held.size for held in self._held.values()) > self.limit or len(self._held) > MOST):
            self._held.popitem(last=False)
        return answer

    def forget(self) -> None:
        """Let go of all answers."""
        self._held.clear()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._held
