"""From how journeys end to tables of exits and ramps, and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.exits_charts import exits_chart
from desirepath.answers.words import count, with_interval
from desirepath.questions.exits_walk import CONVERTED, LEFT, UNDECIDED
from desirepath.questions.question import Report
from desirepath.questions.touchpoints import refuse_many
from desirepath.statistics import Proportion, interval_columns

Array = npt.NDArray[Any]

ENDS = ("(left)", "(undecided)", "(converted)")
OTHER = "(other)"
MOST_RATES = 100
"""So many touchpoints, those with most exits, are compared between groups."""


@dataclass(frozen=True, eq=False)
class ExitsTally:
    """Sums over journeys; touchpoints are numbered by their place in `keys`.

    Attributes
    ----------
    size
        How many journeys there are.
    keys, labels
        int64[k]: numbers of the touchpoints that mean the same everywhere; their texts.
    moves
        int64[k, k + 3]: visits by what came next; see `exits_walk`.
    last
        int64[k, k + 3]: journeys by what came after their last visit.
    met
        int64[k, 3]: journeys that were there, by how they ended.
    young
        int64[k, 2]: journeys that converted too lately for a share: that were there, and whose last touchpoint it was.
    to_goal
        Whether there is a goal that ends a journey.
    """

    size: int
    keys: Array
    labels: Mapping[int, str]
    moves: Array
    last: Array
    met: Array
    young: Array
    to_goal: bool

    def __add__(self, other: ExitsTally) -> ExitsTally:
        """Join two groups of journeys."""
        one, two = self, other
        if not np.array_equal(one.keys, two.keys):
            keys = np.union1d(one.keys, two.keys)
            refuse_many(len(keys), "exits")
            one, two = one._under(keys), two._under(keys)
        return ExitsTally(
            one.size + two.size,
            one.keys,
            {**one.labels, **two.labels},
            one.moves + two.moves,
            one.last + two.last,
            one.met + two.met,
            one.young + two.young,
            one.to_goal,
        )

    def _under(self, keys: Array) -> ExitsTally:
        """The same sums with room for more touchpoints."""
        k, place = len(keys), np.searchsorted(keys, self.keys)
        cells = np.ix_(place, np.append(place, [k, k + 1, k + 2]))
        moves, last = np.zeros((2, k, k + 3), dtype=np.int64)
        met, young = np.zeros((k, 3), dtype=np.int64), np.zeros((k, 2), dtype=np.int64)
        moves[cells], last[cells], met[place], young[place] = self.moves, self.last, self.met, self.young
        return ExitsTally(self.size, keys, self.labels, moves, last, met, young, self.to_goal)

    @property
    def names(self) -> list[str]:
        """The touchpoints' texts."""
        return [self.labels[int(key)] for key in self.keys]

    @property
    def ended(self) -> Array:
        """int64[k, 3]: journeys whose last touchpoint it was, by how they ended."""
        return self.last[:, len(self.keys) :]

    def onward(self, place: int, most: int) -> tuple[list[int], list[int]]:
        """Where they went on to from a touchpoint: what has a line of its own, and the rest."""
        last, moves, names = self.last[place], self.moves[place], self.names
        places = np.flatnonzero(moves[: len(self.keys)]).tolist()
        order = sorted(places, key=lambda to: (-int(last[to]), -int(moves[to]), names[to]))
        return order[:most], order[most:]

    def shown(self, most: int) -> tuple[list[int], list[int]]:
        """Places of the touchpoints that are shown, those with most exits first, and of the rest."""
        names, exits, met = self.names, self.ended[:, LEFT], self.met.sum(axis=1)
        there = [int(place) for place in np.flatnonzero(met)]
        ranked = sorted(there, key=lambda place: (-int(exits[place]), -int(met[place]), names[place]))
        return ranked[:most], ranked[most:]

    def exit_share(self, place: int) -> Proportion:
        """Of those who were there and are over, the share whose last touchpoint it was."""
        open_ = int(self.met[place, UNDECIDED] + self.young[place, 0])
        return Proportion(int(self.ended[place, LEFT]), int(self.met[place].sum()) - open_)

    @property
    def leaving(self) -> Proportion:
        """Of all that are over, the share that left."""
        ends = self.ended.sum(axis=0)
        return Proportion(int(ends[LEFT]), int(ends[LEFT] + ends[CONVERTED] - self.young[:, 1].sum()))

    def rates(self) -> Mapping[str, Proportion]:
        """Per touchpoint the share that leaves from it; and the share that leaves at all."""
        found = {"leave": self.leaving} if self.to_goal else {}
        for place in self.shown(MOST_RATES)[0]:
            found[f"leave from {self.names[place]}"] = self.exit_share(place)
        return found


def exits_report(tally: ExitsTally, most: int, ramps: int, goal: str | None) -> Report:
    """Put the sums into words and tables."""
    names, ended = tally.names, tally.ended
    shown, rest = tally.shown(most)
    exits = int(ended[:, LEFT].sum())
    left = [int(ended[place, LEFT]) for place in shown]
    shares = [tally.exit_share(place) for place in shown]
    part = [Proportion(number, exits).estimate() for number in left]
    table: dict[str, list[Any]] = {
        "touchpoint": [names[place] for place in shown],
        "visits": [int(tally.moves[place].sum()) for place in shown],
        "met": [int(tally.met[place].sum()) for place in shown],
        "decided": [share.n for share in shares],
        "exits": left,
        **interval_columns("of_met", [share.estimate() for share in shares]),
        **interval_columns("of_exits", part),
        "left_later": [int(tally.met[place, LEFT]) - number for place, number in zip(shown, left, strict=True)],
        "converted": [int(tally.met[place, CONVERTED]) for place in shown],
        "undecided": [int(tally.met[place, UNDECIDED]) for place in shown],
        "converted_lately": [int(tally.young[place, 0]) for place in shown],
    }
    if rest:
        there = Proportion(int(ended[rest, LEFT].sum()), exits).estimate()
        more = {"touchpoint": OTHER, "visits": int(tally.moves[rest].sum()), "exits": int(ended[rest, LEFT].sum())}
        more |= {"of_exits": there.value, "of_exits_low": there.low, "of_exits_high": there.high}
        for name, values in table.items():
            values.append(more.get(name))
    return Report(
        table,
        {"ramps": _ramps(tally, shown, ramps), "ends": _ends(tally)},
        words=_words(tally, shown, goal),
        notices=_notices(tally, len(rest)),
        charts=[exits_chart()] if exits else [],
    )


def _ramps(tally: ExitsTally, shown: list[int], most: int) -> dict[str, list[Any]]:
    """What came after the last visit to each touchpoint; each of those who were there is in one line of it."""
    k, names = len(tally.keys), tally.names
    found: dict[str, list[Any]] = {"from": [], "to": [], "people": [], "times": []}
    estimates = []

    def line(place: int, to: str, people: int, times: int) -> None:
        for name, value in (("from", names[place]), ("to", to), ("people", people), ("times", times)):
            found[name].append(value)
        estimates.append(Proportion(people, int(tally.met[place].sum())).estimate())

    for place in shown:
        last, moves = tally.last[place], tally.moves[place]
        frequent, rest = tally.onward(place, most)
        for to in frequent:
            line(place, names[to], int(last[to]), int(moves[to]))
        if rest:
            line(place, OTHER, int(last[rest].sum()), int(moves[rest].sum()))
        for end, name in enumerate(ENDS):
            if moves[k + end]:
                line(place, name, int(last[k + end]), int(moves[k + end]))
    times = found.pop("times")
    return {**found, **interval_columns("of_met", estimates), "times": times}


def _ends(tally: ExitsTally) -> dict[str, list[Any]]:
    """How everybody ended."""
    ends = tally.ended.sum(axis=0)
    return {
        "end": ["exits", "converted", "undecided"],
        "people": [int(ends[how]) for how in (LEFT, CONVERTED, UNDECIDED)],
    }


def _words(tally: ExitsTally, shown: list[int], goal: str | None) -> list[str]:
    if not tally.size:
        return ["Nobody was at any of these touchpoints."]
    leaving = tally.leaving
    if not leaving.n:
        return [f"No share can be told: of none of {count(tally.size)} journeys it would be known if it had left."]
    said = []
    if goal:
        said.append(f"Of {count(leaving.n)} that are over, {with_interval(leaving.estimate())} left without {goal}.")
    if leaving.x:
        name, here = tally.names[shown[0]], tally.exit_share(shown[0])
        part = Proportion(here.x, leaving.x).estimate()
        said.append(
            f"Most leave from {name}: {with_interval(part)} of {count(leaving.x)} exits, "
            f"and {with_interval(here.estimate())} of the {count(here.n)} who were there."
        )
    return said


def _notices(tally: ExitsTally, rest: int) -> list[Notice]:
    found = []
    open_ = int(tally.ended[:, UNDECIDED].sum())
    more = "" if tally.leaving.n else ' Ask with unit="session", or say by `within` after how long somebody has left.'
    if open_:
        text = f"{open_:,} could still go on when the data ends; they are no exits, and in no share of those who left."
        found.append(Notice("undecided", text + more))
    if young := int(tally.young[:, 1].sum()):
        text = f"{young:,} converted so lately that others are not known to have left since; no share has them."
        found.append(Notice("converted_lately", text if open_ else text + more))
    if rest:
        text = f"{rest:,} touchpoints with fewer exits are summed up as {OTHER}; `most` shows more."
        found.append(Notice("other", text))
    return found
