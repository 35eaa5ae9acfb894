"""From counts and gaps to tables of moves and of touchpoints, a chart and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import moves_chart
from desirepath.answers.words import count, percent, span
from desirepath.questions.question import Report
from desirepath.questions.touchpoints import refuse_many
from desirepath.questions.transitions_gaps import Gaps
from desirepath.statistics import Proportion, wilson_columns

Array = npt.NDArray[Any]

START, LEFT, UNDECIDED, OTHER = "(start)", "(left)", "(undecided)", "(other)"
SECOND = 1_000_000

MOST_RATES = 100
"""So many of the most frequent moves are compared between groups."""


@dataclass(frozen=True, eq=False)
class TransitionsTally:
    """Sums over journeys; touchpoints are numbered by their place in `keys`.

    Attributes
    ----------
    size
        How many journeys there are.
    keys, labels
        int64[k]: numbers of the touchpoints that mean the same everywhere; their texts.
    moves, people
        int64[k + 1, k + 2]: see `transitions_walk`; how many journeys have such a move.
    at
        int64[k]: journeys with the touchpoint.
    gaps
        Of the moves between touchpoints, kind `a * k + b`.
    """

    size: int
    keys: Array
    labels: Mapping[int, str]
    moves: Array
    people: Array
    at: Array
    gaps: Gaps

    def __add__(self, other: TransitionsTally) -> TransitionsTally:
        """Join two groups of journeys."""
        one, two = self, other
        if not np.array_equal(one.keys, two.keys):
            keys = np.union1d(one.keys, two.keys)
            refuse_many(len(keys), "transitions")
            one, two = one._under(keys), two._under(keys)
        return TransitionsTally(
            one.size + two.size,
            one.keys,
            {**one.labels, **two.labels},
            one.moves + two.moves,
            one.people + two.people,
            one.at + two.at,
            one.gaps + two.gaps,
        )

    def _under(self, keys: Array) -> TransitionsTally:
        """The same sums with room for more touchpoints."""
        old, k = len(self.keys), len(keys)
        place = np.searchsorted(keys, self.keys)
        rows, columns = np.append(place, k), np.append(place, [k, k + 1])
        moves, people = np.zeros((k + 1, k + 2), np.int64), np.zeros((k + 1, k + 2), np.int64)
        moves[np.ix_(rows, columns)], people[np.ix_(rows, columns)] = self.moves, self.people
        at = np.zeros(k, np.int64)
        at[place] = self.at
        kinds = (place[:, None] * k + place[None, :]).ravel() if old else np.zeros(0, np.int64)
        gaps = self.gaps.take(kinds, k * k)
        return TransitionsTally(self.size, keys, self.labels, moves, people, at, gaps)

    @property
    def names(self) -> list[str]:
        """The touchpoints' texts."""
        return [self.labels[int(key)] for key in self.keys]

    def ranked(self) -> list[tuple[int, int]]:
        """The moves that occur, most frequent first; equal ones by name."""
        names = [*self.names, START]
        ends = [*self.names, LEFT, UNDECIDED]
        begun, ended = np.nonzero(self.moves)
        found = zip(begun.tolist(), ended.tolist(), self.moves[begun, ended].tolist(), strict=True)
        return [(a, b) for a, b, _ in sorted(found, key=lambda each: (-each[2], names[each[0]], ends[each[1]]))]

    def rates(self) -> Mapping[str, Proportion]:
        """Per frequent move the share of those who were at its beginning that make it."""
        k, names = len(self.keys), self.names
        return {
            f"go from {names[a]} to {names[b]}": Proportion(int(self.people[a, b]), int(self.at[a]))
            for a, b in [move for move in self.ranked() if move[0] < k and move[1] < k][:MOST_RATES]
        }


def transitions_report(tally: TransitionsTally, most: int) -> Report:
    """Put the sums into words and tables."""
    k, names = len(tally.keys), tally.names
    ranked = tally.ranked()
    shown, rest = ranked[:most], ranked[most:]
    begins, ends = [*names, START], [*names, LEFT, UNDECIDED]
    quartiles = _quartiles(tally, [(a, b) if a < k and b < k else None for a, b in shown])
    decided = tally.moves.sum(axis=1) - np.append(tally.moves[:k, k + 1], 0)  # who began has left for nowhere else
    of_visits, of_people = decided.tolist(), [*tally.at.tolist(), tally.size]
    whole, at = [of_visits[a] for a, _ in shown], [of_people[a] for a, _ in shown]
    here = tuple(np.array(shown, dtype=np.int64).reshape(-1, 2).T)
    times, people = tally.moves[here].tolist(), tally.people[here].tolist()
    table: dict[str, list[Any]] = {
        "from": [begins[a] for a, _ in shown],
        "to": [ends[b] for _, b in shown],
        "times": times,
        "people": people,
        "of_visits": [
            None if b == k + 1 or not all_ else part / all_
            for (_, b), part, all_ in zip(shown, times, whole, strict=True)
        ],
        **wilson_columns("of_people", people, at),
        **quartiles,
    }
    if rest:
        more = {"from": OTHER, "to": OTHER, "times": sum(int(tally.moves[move]) for move in rest)}
        for name, values in table.items():
            values.append(more.get(name))
    return Report(
        table,
        {"touchpoints": _touchpoints(tally)},
        words=_words(tally, ranked, quartiles["median_seconds"]),
        notices=_notices(tally, len(rest)),
        charts=[moves_chart()] if ranked else [],
    )


def _quartiles(tally: TransitionsTally, moves: Sequence[tuple[int, int] | None]) -> dict[str, list[float | None]]:
    k = len(tally.keys)
    known = [move for move in moves if move is not None]
    found = dict(zip(known, tally.gaps.all_quartiles([a * k + b for a, b in known]), strict=True))
    three = [None if move is None else found[move] for move in moves]
    return {
        name: [None if each is None else each[place] / SECOND for each in three]
        for place, name in ((1, "median_seconds"), (0, "quarter_seconds"), (2, "three_quarters_seconds"))
    }


def _touchpoints(tally: TransitionsTally) -> dict[str, list[Any]]:
    """What happens at each touchpoint; arrivals equal departures."""
    k, moves, names = len(tally.keys), tally.moves, tally.names
    visits = moves[:k].sum(axis=1)
    order = sorted(np.flatnonzero(visits).tolist(), key=lambda a: (-int(visits[a]), names[a]))
    here = np.array(order, dtype=np.int64)
    return {
        "touchpoint": [names[a] for a in order],
        "people": tally.at[here].tolist(),
        "visits": visits[here].tolist(),
        "started": moves[k, here].tolist(),
        "arrived": moves[:k, here].sum(axis=0).tolist(),
        "went_on": moves[here, :k].sum(axis=1).tolist(),
        "left": moves[here, k].tolist(),
        "undecided": moves[here, k + 1].tolist(),
    }


def _words(tally: TransitionsTally, ranked: Sequence[tuple[int, int]], medians: Sequence[float | None]) -> list[str]:
    k, names = len(tally.keys), tally.names
    between = [move for move in ranked if move[0] < k and move[1] < k]
    if not ranked:
        return ["Nobody was at any of these touchpoints."]
    if not between:
        return [f"{count(tally.size)} journeys, and not one transition between two touchpoints."]
    a, b = between[0]
    times = int(tally.moves[:k, :k].sum())
    place = ranked.index((a, b))
    middle = medians[place] if place < len(medians) else None
    if middle is None:  # it is not among those shown
        middle = _quartiles(tally, [(a, b)])["median_seconds"][0]
    part, whole = int(tally.people[a, b]), int(tally.at[a])
    return [
        f"Most frequent of {count(times)} transitions is {names[a]} to {names[b]}: "
        f"{count(int(tally.moves[a, b]))} times, by {count(part)} of the {count(whole)} at {names[a]} "
        f"({percent(part / whole)}), half of them within {span((middle or 0) * SECOND)}."
    ]


def _notices(tally: TransitionsTally, rest: int) -> list[Notice]:
    k, found = len(tally.keys), []
    open_ = int(tally.moves[:k, k + 1].sum()) if k else 0
    if open_:
        text = f"After {open_:,} visits something may still come when the data ends; they are in no share of visits."
        found.append(Notice("undecided", text))
    if rest:
        found.append(
            Notice("other", f"{rest:,} less frequent transitions are summed up as {OTHER}; `most` shows more.")
        )
    if tally.gaps.approximate:
        text = "Times are binned, because there were too many to keep each; at most 0.8 % off."
        found.append(Notice("approximate_times", text))
    return found
