"""What is added up over paths? Credit in whole numbers, moves between channels, and a sample of paths for intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from desirepath.journeys.batch import JourneyBatch, Matched
from desirepath.journeys.scratch import scratch
from desirepath.questions.attribution_sample import MOST_KEPT, Sample, chosen_rows
from desirepath.questions.attribution_share import share_out
from desirepath.questions.attribution_together import MOST_IN_SETS, Together
from desirepath.questions.attribution_walk import (
    CONVERSIONS,
    HALF,
    LAST,
    LOWEST,
    MICRO,
    MODELS,
    PARTICIPATION,
    UNIT,
    UNMARKED,
    UNTOUCHED,
    WORDS,
    Events,
    Grams,
    Laid,
    Marked,
    Marks,
    Rules,
    Shares,
    Trail,
)
from desirepath.statistics import Proportion
from desirepath.statistics.keyed import Keyed

Array = npt.NDArray[Any]

NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class AttributionTally:
    """Sums over paths; see `Shares` for the arrays.

    Money is summed in Python's own whole numbers, which have no largest: a shop that counts in dong or rial takes
    more millionths than 63 bits hold.

    Attributes
    ----------
    size
        How many journeys there are.
    labels
        The channels; place 0 is none.
    money
        object[channels + 1, models], of whole numbers of millionths; nothing where there is no value.
    squares
        Like money: the sum over journeys of the squares of what each brought.
    grams
        How often each gram was seen in either half of the journeys, and what conversions of it were worth in two
        columns, the upper bits and the lower `HALF`; where the question is about more than one touch before.
    sets
        How many paths touch each set of channels; nothing where that is not asked for.
    sample
        Paths for the intervals; None where there are too many channels.
    """

    size: int
    labels: tuple[str | None, ...]
    credit: Array
    money: Array
    paths: Array
    people: Array
    moves: Array
    counts: Array
    squares: Array
    grams: Keyed
    sets: Together
    sample: Sample | None

    def __add__(self, other: AttributionTally) -> AttributionTally:
        """Join two groups of journeys."""
        labels = self.labels if len(self.labels) >= len(other.labels) else other.labels
        one, two = self._wide(len(labels)), other._wide(len(labels))
        sums = [a + b for a, b in zip(one, two, strict=True)]
        sample = None if self.sample is None or other.sample is None else self.sample + other.sample
        if sample is not None and len(labels) > MOST_KEPT and len(np.unique(sample.channel)) > MOST_KEPT:
            sample = None
        credit, money, squares, paths, people, moves, counts = sums
        return AttributionTally(
            self.size + other.size, labels, credit, money, paths, people, moves, counts, squares,
            self.grams + other.grams, self.sets + other.sets, sample,
        )  # fmt: skip

    def _wide(self, width: int) -> tuple[Array, ...]:
        """The arrays with room for so many channels; an empty batch may know of none."""
        have = len(self.labels)
        if have == width:
            return self.credit, self.money, self.squares, self.paths, self.people, self.moves, self.counts
        more = width - have
        moves = np.zeros((width, width + 2), np.int64)
        moves[:have, :have] = self.moves[:, :have]
        moves[:have, width:] = self.moves[:, have:]
        tables = [np.pad(each, [(0, more), (0, 0)]) for each in (self.credit, self.money, self.squares)]
        paths, people = (np.pad(each, (0, more)) for each in (self.paths, self.people))
        return *tables, paths, people, moves, self.counts

    @property
    def credited(self) -> int:
        """Conversions that have a touch to credit."""
        return int(self.counts[CONVERSIONS] - self.counts[UNTOUCHED])

    @property
    def worth(self) -> npt.NDArray[np.float64]:
        """float[channels + 1]: what conversions were worth whose last touch it was."""
        if not self.money.shape[1]:
            return np.zeros(len(self.labels))
        found: npt.NDArray[np.float64] = (self.money[:, LAST] / MICRO).astype(np.float64)
        return found

    @property
    def earned(self) -> float:
        """What the credited conversions were worth."""
        return int(self.money[:, LAST].sum()) / MICRO if self.money.shape[1] else 0.0

    def rates(self) -> Mapping[str, Proportion]:
        """Per channel the share of conversions whose path touches it."""
        return {
            f"{label} takes part": Proportion(int(self.paths[c]), int(self.counts[CONVERSIONS]))
            for c, label in enumerate(self.labels)
            if c and self.moves[:, c].any()
        }


def _events(journeys: JourneyBatch, direct: list[str], shapes: Array) -> Events:
    touch = cast("Matched", journeys.columns["touch"])
    worth = cast("Array", journeys.columns.get("value", np.zeros(0)))
    passed = np.array([label in direct for label in journeys.labels["by"]], dtype=np.int8)
    channel = cast("Array", journeys.columns["by"])
    return Events(journeys.time, channel, touch.codes, touch.bits, worth, passed, shapes)


def _trail(longest: int, channels: int) -> Trail:
    room = max(longest, channels, 1) + 1
    channel, at, own = (scratch(f"attribution {name}", room, np.int64) for name in ("channel", "at", "own"))
    weight = scratch("attribution weight", room, np.float64)
    return Trail(channel, at, weight, own, np.zeros(5, dtype=np.int64))


def _marked(rows: int, channels: int) -> Marked:
    marks = np.full(rows, UNMARKED, dtype=np.int64)
    return Marked(marks, np.zeros(rows, dtype=np.int64), np.full((channels, LOWEST + 1), UNMARKED, dtype=np.int64))


NO_MARKS = Marked(NONE, NONE, np.zeros((0, LOWEST + 1), dtype=np.int64))
NO_GRAMS = Grams(NONE, NONE, NONE, NONE, NONE, np.zeros(2, dtype=np.int64))
NO_PATHS = Laid(NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, np.zeros(2, dtype=np.int64))


def tally_of(journeys: JourneyBatch, rows: Array, rules: Rules, direct: list[str], shapes: Array) -> AttributionTally:
    """Walk some journeys of a batch and add up."""
    labels = journeys.labels["by"]
    k, models = len(labels), len(MODELS)
    events = _events(journeys, direct, shapes)
    lengths = np.diff(journeys.starts)[rows]
    touched = _touched(journeys, rows, events) if rules.sets else NONE
    if len(touched) > MOST_IN_SETS:
        rules = rules._replace(sets=False)
    shares = _shares(k, models if "value" in journeys.columns else 0)
    trail = _trail(int(lengths.max(initial=0)), k)
    marked = _marked(len(rows), k)
    written = _grams(int(lengths.sum()), len(rows), rules, touched, k)
    walk = (journeys.starts, events, journeys.open_until)
    share_out(rows, *walk, rules, _marks(k), trail, shares, marked, written, NO_PATHS)
    sample = None
    if np.count_nonzero(marked.lowest[:, 0] < UNMARKED) <= MOST_KEPT:
        places = chosen_rows(marked)
        laid = _laid(int(lengths[places].sum()), len(places))
        spare = shares._replace(counts=np.zeros(5, np.int64), moves=np.zeros((k, k + 2), np.int64))
        keep = rules._replace(keep=True)
        share_out(rows[places], *walk, keep, _marks(k), trail, spare, NO_MARKS, NO_GRAMS, laid)
        sample = Sample.of(marked.marks[places], laid)
    shares.credit[:, PARTICIPATION] = shares.paths * UNIT
    grams = _added_up(written, marked, rules)
    sets = (
        Together.of(touched - 1, written.sets[: written.used[1]])
        if rules.sets
        else Together(touched - 1, Keyed.nothing(1))
    )
    money = _whole(np.stack([shares.money, shares.carried], axis=2))
    return AttributionTally(
        len(rows), tuple(labels), shares.credit, money, shares.paths, shares.people, shares.moves, shares.counts,
        _whole(shares.squares), grams, sets, sample,
    )  # fmt: skip


def _shares(k: int, earning: int) -> Shares:
    """Nothing yet, for so many channels and rules by which money is shared out."""
    table = (k, earning)
    return Shares(
        np.zeros((k, len(MODELS)), np.int64),
        np.zeros(table, np.int64),
        np.zeros(table, np.int64),
        np.zeros(1, np.int64),
        np.zeros(table, np.int64),
        np.zeros(table),
        np.zeros(k + 1, np.int64),
        np.zeros((*table, WORDS), np.int64),
        np.zeros(k, np.int64),
        np.zeros(k, np.int64),
        np.zeros((k, k + 2), np.int64),
        np.zeros(5, np.int64),
    )


def _whole(words: Array) -> Array:
    """Numbers that are written as several, the lowest first along the last axis, as Python's own; object[...]."""
    found: Array = words.astype(object) @ np.array([1 << HALF * word for word in range(words.shape[-1])], dtype=object)
    return found


def _marks(channels: int) -> Marks:
    seen, turn, path, person, walked = np.zeros((5, channels), np.int64)
    return Marks(seen, turn, path, person, walked, np.zeros(1, np.int64))


def _touched(journeys: JourneyBatch, rows: Array, events: Events) -> Array:
    """int64: the channels of the touches of some journeys, ascending."""
    rows = rows[journeys.starts[rows + 1] > journeys.starts[rows]]
    inside = np.zeros(len(journeys.time) + 1, dtype=np.int8)
    inside[journeys.starts[rows]] += 1
    inside[journeys.starts[rows + 1]] -= 1
    mine = (np.cumsum(inside[:-1], dtype=np.int8) > 0) & ((events.bits[events.code] & 2) > 0)
    found = np.unique(events.channel[mine])
    return np.asarray(found[found > 0], dtype=np.int64)


def _grams(events: int, journeys: int, rules: Rules, touched: Array, channels: int) -> Grams:
    # every touch is in one path, and each event can end one
    room = 2 * events + journeys if rules.many else 0
    gram, row, worth = (np.empty(room, dtype=np.int64) for _ in range(3))
    bit, sets = np.zeros(channels, dtype=np.int64), np.empty(events if rules.sets else 0, dtype=np.int64)
    bit[touched] = np.arange(len(touched))
    return Grams(gram, row, worth, bit, sets, np.zeros(2, dtype=np.int64))


def _laid(events: int, rows: int) -> Laid:
    touch, age, row, until, converts, worth, lead = (np.empty(events, dtype=np.int64) for _ in range(7))
    key = np.ones(rows, dtype=np.int64)
    return Laid(touch, age, row, until, converts, worth, lead, key, np.zeros(2, dtype=np.int64))


def _added_up(written: Grams, marked: Marked, rules: Rules) -> Keyed:
    if not rules.many:
        return Keyed.nothing(4)
    many = int(written.used[0])
    half = marked.marks[written.gram_row[:many]] & 1
    worth = written.gram_worth[:many]
    sums = np.stack([1 - half, half, worth >> HALF, worth & ((1 << HALF) - 1)], axis=1)
    return Keyed.of(written.gram[:many], sums)
