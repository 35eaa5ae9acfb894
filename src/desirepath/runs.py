"""What did a question find in one population? All blocks with their rows, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np

from desirepath.journeys.batch import Array
from desirepath.questions.listing import listed
from desirepath.questions.question import Findings, Question, Tally, as_text
from desirepath.remembering import Found
from desirepath.summing import Said, summed

K = TypeVar("K")


@dataclass(frozen=True)
class Run:
    """A question asked of one population: all blocks, and what they add up to.

    `again` finds all blocks anew and picks something of each, where journeys or rows were not kept.
    """

    question: Question
    found: Sequence[Found]
    said: Said
    again: Callable[[Callable[[Found], Any]], Sequence[Any]]
    unit: str = "person"

    def tally(self) -> Tally:
        """The sum over everyone."""
        return self.said.whole

    def tally_of(self, codes: Sequence[int]) -> Tally:
        """The sum over the rows of some groups."""
        parts = [self.said.groups[code] for code in codes if code in self.said.groups]
        parts += [self._tally_rows(part, codes) for part in self.found if not part.summed]
        return summed(parts) if parts else self._nothing()

    def tallies_of(self, groups: Mapping[K, Sequence[int]]) -> dict[K, Tally]:
        """`tally_of` several groups of several codes or none, where that counts people: all are found anew."""

        def each(part: Found) -> list[Tally]:
            return [self._tally_rows(part, codes) for codes in groups.values()]

        return {name: summed(parts) for name, *parts in zip(groups, *self.again(each), strict=True)}

    def _tally_rows(self, part: Found, codes: Sequence[int]) -> Tally:
        rows = part.findings.take(np.isin(cast("Array", part.group), codes))
        return cast("Tally", self.question.tally(rows))

    def _nothing(self) -> Tally:
        """The sum over nobody."""

        def nobody(part: Found) -> Tally:
            return cast("Tally", self.question.tally(part.findings.take(np.zeros(0, dtype=np.int64))))

        return cast("Tally", self.again(nobody)[0]) if self.found[0].let_go else nobody(self.found[0])

    def in_both(self, other: Run, *, by_id: bool = False) -> int:
        """How many people have a row here and there; by their ids, where one was found in other data."""
        if by_id:
            return len(self._ids() & other._ids())
        theirs = {part.block: part.members for part in other.found}
        nobody = np.zeros(0, dtype=np.int64)
        return sum(len(np.intersect1d(part.members, theirs.get(part.block, nobody))) for part in self.found)

    def _ids(self) -> set[str]:
        return {one for part in self.found for one in part.persons(part.members.tolist())}

    def _chosen(self, which: Mapping[str, Any], codes: Sequence[int] | None) -> Iterator[tuple[Found, Findings]]:
        """The rows behind a number, block by block."""
        which = {name: as_text(given) if name in self.question.named_by else given for name, given in which.items()}
        which = self.question.meant(self.tally() if codes is None else self.tally_of(codes), which)

        def pick(part: Found) -> Found:
            chosen = self.question.select(part.findings, which)
            if codes is not None:
                chosen = chosen & np.isin(cast("Array", part.group), codes)
            return replace(part, findings=replace(part.findings.take(chosen), batch=None))

        some = any(part.let_go for part in self.found)
        for part in self.again(pick) if some else map(pick, self.found):
            if len(part.findings):
                yield part, part.findings

    def people(self, which: Mapping[str, Any], codes: Sequence[int] | None) -> dict[str, list[Any]]:
        """One row per unit that a number counts."""
        table: dict[str, list[Any]] = {self.unit: []}
        for part, rows in self._chosen(which, codes):
            table[self.unit] += part.persons(part.owner[rows.journey].tolist())
            for name, told in listed(self.question, rows).items():
                table.setdefault(name, []).extend(told)
        return table

    def places(self, which: Mapping[str, Any], codes: Sequence[int] | None) -> dict[int, Array]:
        """Per block the places of the people behind a number, ascending."""
        return {part.block: np.unique(part.owner[rows.journey]) for part, rows in self._chosen(which, codes)}

    @property
    def nbytes(self) -> int:
        """How much memory the rows take."""
        return sum(part.nbytes for part in self.found)
