"""What is added up over paths? Distinct paths by outcome, how deep they are, and how long those took who converted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.questions.paths_tree import Beginnings, Packing, PathCounts, counted, people_of
from desirepath.questions.paths_walk import (
    CONVERTED,
    COUNTS,
    OUTCOMES,
    RATED,
    RATED_NO,
    RATED_YES,
    SURE,
)
from desirepath.questions.question import Findings, several
from desirepath.questions.top_codes import NOTHING
from desirepath.questions.touchpoints import Spelled, refuse_misspelt, told_names
from desirepath.statistics import Durations, Proportion
from desirepath.statistics.durations import rounded

Array = npt.NDArray[Any]

Path = str | Sequence[str]
"""A path in words, or its touchpoints."""

SEPARATOR = " > "


@dataclass(frozen=True, eq=False)
class PathsTally:
    """Sums over paths.

    Attributes
    ----------
    texts
        The touchpoints by key.
    packing
        How paths are packed.
    counts
        Distinct paths by outcome.
    depths
        int64[length + 1, 5]: paths by touchpoints told, and how they came out, see `paths_walk`.
    more
        How many paths were longer than is told.
    took
        Time from start to end of those who converted.
    times
        The same by path: distinct paths with a further word, which is their time to within 0.2 %.
    moved
        int64[base, 5]: what becomes more and less by touchpoint, where what came first after the start is told first,
        and not second: for the start itself is not shown.
    """

    texts: Sequence[str]
    packing: Packing
    counts: PathCounts
    depths: Array
    more: int
    took: Durations
    times: PathCounts
    moved: Array

    @classmethod
    def of(cls, found: Findings, length: int) -> PathsTally:
        """Add rows up."""
        values, texts = found.values, found.labels["touchpoints"]
        packing = Packing.of(len(texts), length)
        steps, outcome = values["steps"].astype(np.int64), values["outcome"]
        rated = values["rated"]
        depths = np.zeros((length + 1, COUNTS), dtype=np.int64)
        depths[:, : len(OUTCOMES)] = np.bincount(steps * 3 + outcome, minlength=(length + 1) * 3).reshape(-1, 3)
        of = np.bincount(steps * 3 + rated, minlength=(length + 1) * 3).reshape(-1, 3)
        depths[:, SURE], depths[:, RATED] = of[:, RATED_YES], of[:, RATED_NO] + of[:, RATED_YES]
        keys, counts = counted(values["words"], outcome, rated)
        done = np.flatnonzero(outcome == CONVERTED)
        took = values["took"][done]
        timed = np.column_stack([values["words"][done], rounded(took)])
        paths = PathCounts(packing.words, ((keys, counts),) if len(keys) else ())
        times = PathCounts(packing.words + 1, (counted(timed, np.zeros(len(done), np.int8)),) if len(done) else ())
        more = int(values["more"].sum())
        moved = np.zeros((packing.base, COUNTS), dtype=np.int64)
        if "told" in values and not values["told"].all():
            hidden = np.flatnonzero(~values["told"])
            keys, counts = counted(values["words"][hidden], outcome[hidden], rated[hidden])
            for place, sign in ((0, 1), (1, -1)):
                np.add.at(moved, packing.digit(keys, place), sign * counts)
        return cls(cast("Sequence[str]", texts), packing, paths, depths, more, Durations(took), times, moved)

    def __add__(self, other: PathsTally) -> PathsTally:
        """Join two groups of paths."""
        if len(self.texts) != len(other.texts):  # nobody at all knows of no touchpoints
            return self if self.size or not other.size else other
        return PathsTally(
            self.texts,
            self.packing,
            self.counts + other.counts,
            self.depths + other.depths,
            self.more + other.more,
            self.took + other.took,
            self.times + other.times,
            self.moved + other.moved,
        )

    @cached_property
    def begins(self) -> Beginnings:
        """Paths by their first touchpoints."""
        return Beginnings.of(self.counts, self.packing)

    @property
    def outcomes(self) -> list[int]:
        """How many converted, left, are undecided; converted by rates, and are in them."""
        return [int(each) for each in self.depths.sum(axis=0)]

    @property
    def size(self) -> int:
        """How many paths there are."""
        return int(people_of(self.depths).sum())

    def rates(self) -> Mapping[str, Proportion]:
        """The share that converted of those whose window has closed."""
        return {"converted": self.conversion}

    @property
    def conversion(self) -> Proportion:
        """Those that converted, of those whose window has closed."""
        return conversion_of(self.outcomes)

    def text(self, digits: Sequence[int]) -> str:
        """A path in words."""
        return SEPARATOR.join(self.texts[digit] for digit in digits) or NOTHING

    def lines(self, most: int) -> list[list[str]]:
        """The paths that have a line of their own, as touchpoints."""
        words, _ = self.counts.largest(most)
        return [[self.texts[digit] for digit in self.packing.digits(row)] for row in words]

    def check(self, paths: Sequence[Path]) -> None:
        """Refuse paths of touchpoints that nobody knows.

        Raises
        ------
        UnknownNameError
            For the first of them; nothing is said where nobody is here.
        """
        known = told_names(self.texts)
        for path in paths:
            refuse_misspelt(parts_of(path, known) if isinstance(path, str) else path, known)

    def from_its_end(self) -> tuple[PathCounts, Beginnings]:
        """Distinct paths as they are told from their end, and their endings."""
        parts = tuple((self.packing.turned(keys), given) for keys, given in self.counts.parts)
        turned = PathCounts(self.counts.width, parts)
        return turned, Beginnings.of(turned, self.packing)

    @staticmethod
    def fits(
        found: Findings, paths: str | Sequence[Path], length: int, *, whole: bool = False, backward: bool = False
    ) -> Array:
        """bool per row: whether its path is one of these, or begins with one; `backward`, whether it ends with one."""
        texts = cast("Spelled", found.labels["touchpoints"])
        known = {texts[key]: key for key in texts.keys}
        packing, packed, fits = Packing.of(len(texts), length), found.values["words"], np.zeros(len(found), np.bool_)
        if backward:
            packed = packing.turned(packed)
        for path in several(paths):
            wanted = parts_of(path, known) if isinstance(path, str) else list(path)
            if len(wanted) <= length and all(part in known for part in wanted):
                keys = [known[part] for part in (wanted[::-1] if backward else wanted)]
                fits |= _same(found, packed, packing, keys, length, whole=whole)
        return fits

    @staticmethod
    def goes_on(found: Findings, name: str, length: int) -> Array:
        """bool per row: whether this is what came first after the start, or `(nothing)`."""
        texts = cast("Spelled", found.labels["touchpoints"])
        wanted = [0] if name == NOTHING else [key + 1 for key in texts.keys if texts[key] == name]
        packing, packed = Packing.of(len(texts), length), found.values["words"]
        told = found.values.get("told", np.ones(len(found), dtype=np.bool_))
        return np.isin(np.where(told, packing.digit(packed, 1), packing.digit(packed, 0)), wanted)


def _same(found: Findings, packed: Array, packing: Packing, wanted: list[int], length: int, *, whole: bool) -> Array:
    """bool per row: whether its path is that, or begins with it."""
    words = np.array(packing.pack(wanted), dtype=np.int64)
    if whole:
        return np.asarray((packed == words).all(axis=1))
    beyond = packing.pack(wanted + [packing.base - 2] * (length - len(wanted)))
    fits = np.ones(len(found), dtype=np.bool_)
    for word, (low, high) in enumerate(zip(words, beyond, strict=True)):
        fits &= (packed[:, word] >= low) & (packed[:, word] <= high)
    return fits & (found.values["steps"] >= len(wanted))


def parts_of(path: str, known: Collection[str]) -> list[str]:
    """The touchpoints of a path in words; a name may hold what stands between them."""
    if path == NOTHING:
        return []
    parts = path.split(SEPARATOR)
    ways: list[list[str] | None] = [[], *[None] * len(parts)]
    for end in range(1, len(parts) + 1):
        for begin in range(end - 1, -1, -1):
            so_far, name = ways[begin], SEPARATOR.join(parts[begin:end])
            if so_far is not None and name in known:
                ways[end] = [*so_far, name]
                break
    return ways[-1] or parts


def conversion_of(numbers: Sequence[int]) -> Proportion:
    """The share that converted of those whose window has closed."""
    return Proportion(numbers[SURE], numbers[RATED])
