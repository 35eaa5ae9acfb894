"""What happened by a value that every unit has one of, such as the page that a visit begins with? Open-ended sums.

Values are counted by their code, exactly and however many there are; only the table is short:

    ByValue.of(codes, flags, lengths, labels) + ByValue.of(...)      sums of two groups of units
    tally.shown(20)                                                  the 20 values with most units, and the rest
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.errors import UnknownNameError
from desirepath.questions.transitions_gaps import Gaps

Array = npt.NDArray[Any]

ALL, OTHER, MISSING = "(all)", "(other)", "(missing)"


def told_as(label: str | None) -> str:
    """A value as it is told: in quotes where it reads like one of our own names."""
    if label is None:
        return MISSING
    return f'"{label}"' if label.strip('"') in (ALL, OTHER, MISSING) else label


@dataclass(frozen=True, eq=False)
class ByValue:
    """Sums over units by the code of a value.

    Attributes
    ----------
    keys
        int64[k], ascending: codes that occur; they mean the same in every block.
    labels
        Their texts.
    counts
        int64[k, flags]: units, and for how many each flag holds.
    lengths
        Lengths of those units that are timed, kind `place in keys`; microseconds.
    whole
        The same lengths, all as one kind.
    """

    keys: Array
    labels: Mapping[int, str]
    counts: Array
    lengths: Gaps
    whole: Gaps

    @classmethod
    def of(
        cls, codes: Array, flags: Sequence[Array], timed: Array, took: Array, labels: Sequence[str | None]
    ) -> ByValue:
        """Sums of one block.

        Parameters
        ----------
        codes
            int[units]: the code of each unit's value.
        flags
            Some bool[units]; the number of units itself is column 0 of `counts`.
        timed
            bool[units]: whose lengths count.
        took
            int64[units]: lengths in microseconds.
        labels
            The text of each code; None for the missing value.
        """
        keys, place = np.unique(codes.astype(np.int64), return_inverse=True)
        k = len(keys)
        parts = [np.ones(len(codes), dtype=np.bool_), *flags]
        counts = np.stack([np.bincount(place[flag], minlength=k) for flag in parts], axis=1).astype(np.int64)
        lengths = Gaps.of(k, place[timed].astype(np.int32), took[timed])
        whole = Gaps(1, np.array([int(timed.sum())], dtype=np.int64), took[timed])
        texts = {int(key): told_as(labels[int(key)]) for key in keys}
        return cls(keys, texts, counts, lengths, whole)

    def __add__(self, other: ByValue) -> ByValue:
        """Join two groups of units."""
        keys = np.union1d(self.keys, other.keys).astype(np.int64)
        one, two = self._under(keys), other._under(keys)
        return ByValue(
            keys,
            {**self.labels, **other.labels},
            one.counts + two.counts,
            one.lengths + two.lengths,
            self.whole + other.whole,
        )

    def _under(self, keys: Array) -> ByValue:
        """The same sums with room for more values."""
        if np.array_equal(keys, self.keys):
            return self
        place = np.searchsorted(keys, self.keys)
        counts = np.zeros((len(keys), self.counts.shape[1]), dtype=np.int64)
        counts[place] = self.counts
        return ByValue(keys, self.labels, counts, self.lengths.take(place, len(keys)), self.whole)

    @property
    def size(self) -> int:
        """How many units there are."""
        return int(self.counts[:, 0].sum())

    def ranked(self) -> list[int]:
        """Places of the values, those with most units first; equal ones by name."""
        return sorted(range(len(self.keys)), key=lambda k: (-int(self.counts[k, 0]), self.labels[int(self.keys[k])]))

    def shown(self, most: int) -> tuple[list[int], list[int]]:
        """Places of the values that are shown, and of the rest."""
        ranked = self.ranked()
        return ranked[:most], ranked[most:]

    def keys_of(self, name: str, most: int, kind: str) -> list[int] | None:
        """The codes that a line of the table stands for; None for all.

        Raises
        ------
        UnknownNameError
            If there is no such value; `kind` says what it should be.
        """
        if name == ALL:
            return None
        shown, rest = self.shown(most)
        if name == OTHER:
            return [int(self.keys[k]) for k in rest]
        found = [key for key, label in self.labels.items() if label == name]
        if not found:
            raise UnknownNameError.of(kind, name, [ALL, *(self.labels[int(self.keys[k])] for k in shown), OTHER])
        return found

    def middle_seconds(self, places: Sequence[int]) -> list[float | None]:
        """Median lengths of some values' units, in seconds; None where none is timed."""
        return [None if each is None else each[1] / 1_000_000 for each in self.lengths.all_quartiles(places)]
