"""Whose paths are kept, to say how sure the credit is? Everybody's, or as many of each channel as are enough.

Journeys are kept by their marks (see `attribution_walk`): of each channel those with the lowest. Two samples of
different people add up to the sample of both, and a journey counts by how likely one like it was to be kept.

Source: weights for the lowest marks of several groups at once after E. Cohen and H. Kaplan, Leveraging discarded
samples for tighter estimation of multiple-set aggregates, SIGMETRICS (2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.questions.attribution_walk import FEW, LOWEST, MICRO, UNMARKED, Laid, Marked, choose
from desirepath.statistics.credit import Paths

Array = npt.NDArray[Any]

MOST_KEPT = 1_000
"""Where more channels than this are touched, no paths are kept, and there are no intervals."""


_KEY_BITS = 31
_CELLS = 1 << 20
_MARKS = UNMARKED << _KEY_BITS


@dataclass(frozen=True, eq=False)
class Sample:
    """Journeys whose paths are kept, each with how many are like it in every way.

    Attributes
    ----------
    marks
        int64[journeys], ascending: the mark of each, and in the lower bits a key made of all there is in it.
    times
        int64[journeys]: how many journeys are like it.
    paths
        int64[journeys + 1]: where the paths of each begin.
    starts
        int64[paths + 1]: where the touches of each path begin.
    channel, age
        int64[touches]: numbered from 1, and how long before the end of the path, in microseconds.
    converts, worth, lead
        int64[paths]: whether it converts, what that was worth in millionths, and which touch brought the lead.
    """

    marks: Array
    times: Array
    paths: Array
    starts: Array
    channel: Array
    age: Array
    converts: Array
    worth: Array
    lead: Array

    @classmethod
    def of(cls, marks: Array, laid: Laid) -> Sample:
        """Laid out paths of journeys, with the mark of each; what is alike in every way is put together."""
        many_touches, many_paths = laid.used.tolist()
        paths = np.searchsorted(laid.row[:many_paths], np.arange(len(marks) + 1))
        starts = np.concatenate([[0], laid.until[:many_paths]])
        whole = (marks << _KEY_BITS) | laid.key
        _, first, times = np.unique(whole, return_index=True, return_counts=True)
        every = cls(
            whole,
            np.ones(len(marks), dtype=np.int64),
            paths,
            starts,
            laid.touch[:many_touches],
            laid.age[:many_touches],
            laid.converts[:many_paths],
            laid.worth[:many_paths],
            laid.lead[:many_paths],
        )
        return every._take(first, times).lowest()

    @classmethod
    def nobody(cls) -> Sample:
        """Nobody's."""
        none, zero = np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
        return cls(none, none, zero, zero, none, none, none, none, none)

    def __len__(self) -> int:
        return len(self.marks)

    def __add__(self, other: Sample) -> Sample:
        """The sample of both groups of journeys."""
        if not len(self) or not len(other):
            return self if len(self) else other
        marks = np.concatenate([self.marks, other.marks])
        joined = Sample(
            marks,
            np.concatenate([self.times, other.times]),
            np.concatenate([self.paths, self.paths[-1] + other.paths[1:]]),
            np.concatenate([self.starts, self.starts[-1] + other.starts[1:]]),
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("channel", "age", "converts", "worth", "lead")
            ),
        )
        found, first, place = np.unique(marks, return_index=True, return_inverse=True)
        times = np.zeros(len(found), dtype=np.int64)
        np.add.at(times, place, joined.times)
        return joined._take(first, times).lowest()

    def _take(self, rows: Array, times: Array) -> Sample:
        begins, counts = self.paths[rows], np.diff(self.paths)[rows]
        paths = _ranges(begins, counts)
        lengths = np.diff(self.starts)[paths]
        touches = _ranges(self.starts[:-1][paths], lengths)
        return Sample(
            self.marks[rows],
            times,
            np.concatenate([[0], np.cumsum(counts)]),
            np.concatenate([[0], np.cumsum(lengths)]),
            self.channel[touches],
            self.age[touches],
            self.converts[paths],
            self.worth[paths],
            self.lead[paths],
        )

    def journey_of_path(self) -> Array:
        """int64[paths]: the place of each path's journey."""
        return np.repeat(np.arange(len(self)), np.diff(self.paths))

    def journey_of_touch(self) -> Array:
        """int64[touches]: the place of each touch's journey."""
        return np.repeat(self.journey_of_path(), np.diff(self.starts))

    def _ranks(self) -> tuple[Array, Array, Array]:
        """Channel and journey of each pair that belongs together, and its place among the journeys of the channel."""
        many = max(len(self), 1)
        cells = many * (int(self.channel.max(initial=0)) + 1)
        places = self.channel * many + self.journey_of_touch()
        if cells <= max(_CELLS, 4 * len(places)):
            seen = np.zeros(cells, dtype=np.bool_)
            seen[places] = True
            pairs = np.flatnonzero(seen)
        else:
            pairs = np.unique(places)
        channel, journey = pairs // many, pairs % many
        begins = np.searchsorted(channel, np.arange(int(channel.max(initial=0)) + 1))
        return channel, journey, np.arange(len(pairs)) - begins[channel]

    def lowest(self) -> Sample:
        """Without those that no channel needs."""
        if len(self) <= LOWEST + 1:
            return self
        _, journey, rank = self._ranks()
        kept = np.unique(journey[rank <= LOWEST])
        return self if len(kept) == len(self) else self._take(kept, self.times[kept])

    def stands_for(self) -> npt.NDArray[np.float64]:
        """float[journeys]: how many each stands for; 0 for those that only say where a channel's journeys end."""
        channel, journey, rank = self._ranks()
        limit = np.full(int(channel.max(initial=0)) + 1, _MARKS, dtype=np.int64)
        last = rank == LOWEST
        limit[channel[last]] = self.marks[journey[last]]
        most = np.zeros(len(self), dtype=np.int64)
        np.maximum.at(most, journey, limit[channel])
        return np.where(self.marks < most, self.times * (_MARKS / np.maximum(most, 1)), 0.0)

    def table(self, channels: int, half_life: int, direct: list[int]) -> Paths:
        """The same paths for the rules; what they are worth in whole units."""
        converts = self.converts.astype(np.float64)
        return Paths(
            self.channel - 1,
            self.starts,
            converts,
            1 - converts,
            self.worth / MICRO,
            self.age / half_life,
            self.lead,
            [code - 1 for code in direct],
            tuple(map(str, range(channels))),
        )


def chosen_rows(marked: Marked) -> Array:
    """The rows of journeys to keep."""
    most = np.full(FEW, -1, dtype=np.int64)
    channels = np.flatnonzero(marked.lowest[:, 0] < UNMARKED)
    np.maximum.at(most, (channels - 1) % FEW, marked.lowest[channels, LOWEST])
    chosen = np.zeros(len(marked.marks), dtype=np.int8)
    choose(marked.marks, marked.holds, most, int(most.max()), chosen)
    return np.flatnonzero(chosen)


def _ranges(begins: Array, counts: Array) -> Array:
    """The numbers from each begin on, so many each, end to end."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    found: Array = np.arange(total) + np.repeat(begins - (ends - counts), counts)
    return found
