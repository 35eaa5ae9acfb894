"""How do many blocks become one sum, while others are still worked on? In pairs, as soon as both neighbours are there.

Nothing is held that a sum stands for already: a few sums wait for their neighbours, however many blocks there are. The
pairs are the same whoever comes first, so that a sum does not depend on how many threads there are.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from desirepath.journeys.batch import Array, JourneyBatch
from desirepath.questions.question import FEW_GROUPS, Findings, Question, Summed, Tally
from desirepath.remembering import Found


@dataclass(frozen=True)
class Said:
    """What some blocks say together.

    Attributes
    ----------
    groups
        Of each group, where a block has not too many.
    rest
        Of everybody in the other blocks; None where there are none.
    everyone
        Of everybody, where groups do not add up to it; else None.
    """

    groups: Mapping[int, Tally]
    rest: Tally | None
    everyone: Tally | None = None

    def __add__(self, other: Said) -> Said:
        groups = dict(self.groups)
        for code, tally in other.groups.items():
            groups[code] = groups[code] + tally if code in groups else tally
        return Said(groups, _both(self.rest, other.rest), _both(self.everyone, other.everyone))

    @cached_property
    def whole(self) -> Tally:
        """Of everybody, added up once somebody wants it: it may be as large as all groups together."""
        if self.everyone is not None:
            return self.everyone
        return summed([*self.groups.values(), *([] if self.rest is None else [self.rest])])


def _both(one: Tally | None, other: Tally | None) -> Tally | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


class Summing:
    """The sum of what every block says, of blocks numbered from 0 without a gap."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, int], Said] = {}
        self._lock = threading.Lock()

    def add(self, block: int, said: Said) -> None:
        """Add what a block says; from any thread."""
        level, place = 0, block
        while True:
            with self._lock:
                beside = self._waiting.pop((level, place ^ 1), None)
                if beside is None:
                    self._waiting[level, place] = said
                    return
            said = beside + said if place & 1 else said + beside
            level, place = level + 1, place >> 1

    def total(self) -> Said:
        """The sum of all blocks, once all are there."""
        left = [self._waiting[key] for key in sorted(self._waiting)]
        said = left[0]  # the higher a sum stands, the earlier are its blocks
        for earlier in left[1:]:
            said = earlier + said
        return said


def summed(parts: Sequence[Tally]) -> Tally:
    """Neighbours first, so that nothing large is added up once per block."""
    left = list(parts)
    while len(left) > 1:
        left = [left[k] + left[k + 1] if k + 1 < len(left) else left[k] for k in range(0, len(left), 2)]
    return left[0]


def add_up(question: Question, part: Found) -> tuple[Said, bool]:
    """What a block says, and whether each of its groups was added up."""
    groups = {} if part.group is None else _tally_groups(question, part.findings, part.group)
    rest = None if groups else question.tally(part.findings)
    everyone = None
    if part.group is not None and question.counts_people:
        everyone = question.tally(part.findings) if rest is None else rest
    return Said(groups, rest, everyone), bool(groups) or part.group is None


def found_in_sums(
    summed: Summed, batch: JourneyBatch, labels: Sequence[str | None], *, grouped: bool
) -> tuple[Found, Said]:
    """What a block says that has added up without rows; they are found anew once somebody looks at the people."""
    tallies, none = summed.tallies, np.zeros(0, dtype=np.int64)
    sizes = np.zeros(max(tallies) + 1 if grouped else 0, dtype=np.int64)
    for code in tallies if grouped else ():
        sizes[code] = tallies[code].size
    part = Found(
        batch.block,
        batch.persons,
        Findings(none, {}, {}),
        batch.owner[summed.journey].astype(np.int32),
        none if grouped else None,
        labels,
        let_go=True,
        sizes=sizes,
    )
    return part, Said(tallies, None) if grouped else Said({}, tallies[0])


def _tally_groups(question: Question, findings: Findings, group: Array) -> dict[int, Tally]:
    """The sum of each group; nothing where there are many. Rows are put in the order of groups once, not looked for."""
    sizes = np.bincount(group)
    codes = np.flatnonzero(sizes).tolist()
    if len(codes) > FEW_GROUPS:
        return {}
    if len(codes) == 1:
        return {codes[0]: question.tally(findings)}
    ends = np.cumsum(sizes)
    ordered = findings.take(np.argsort(group.astype(np.min_scalar_type(len(sizes))), kind="stable"))
    return {code: question.tally(ordered.take(slice(ends[code] - sizes[code], ends[code]))) for code in codes}
