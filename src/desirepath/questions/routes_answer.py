"""From sequences to routes: a tree of beginnings in which everybody is accounted for at every depth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.words import count, counted, percent, span
from desirepath.journeys.kernel import kernel
from desirepath.maps.departures import BEGUN, departures_of
from desirepath.maps.instances import CONVERTED, OUTCOMES
from desirepath.maps.journey_map import JourneyMap
from desirepath.maps.variants import Variants, joined
from desirepath.questions.instance_facts import too_young
from desirepath.questions.question import Report
from desirepath.questions.top_codes import NOTHING
from desirepath.statistics import Proportion, interval_columns, newcombe
from desirepath.statistics.scores import FEW
from desirepath.statistics.survival import EXACT_LIMIT, Lifetimes, rounded

Array = npt.NDArray[Any]

ARROW = " -> "
ROUTE_COLUMNS = ("depth", "route", "instances")
FASTEST_COLUMNS = (
    "route",
    "instances",
    "of_converted_soon",
    "of_converted_soon_low",
    "of_converted_soon_high",
    "half_converted_seconds",
    "of_decided_converting",
    "fitness",
)
MOST_RANKED = 200
"""So many routes of each depth, the most frequent, may be among the fastest."""

WAYS = ("went on", "converted", "left", "waiting")
SECOND = 1_000_000
LIVES = np.array([1, 2, 0], dtype=np.int8)
"""Outcomes as a lifetime has them: conversion and dropping compete, who is in progress is censored."""

YOUNG = len(OUTCOMES)
"""The kind of a variant is the outcome of its instances, and so much more if their time is not over."""


class Depth(NamedTuple):
    """The routes of one depth; v variants, m routes."""

    of: Array  # int64[v]: the route of each, -1 where it had ended before
    first: Array  # int64[m]: a variant that begins so
    ways: Array  # int64[m, 4]: instances by `WAYS`
    kinds: Array  # int64[m, 6]: by how they came out in the end, those whose time is over first


@dataclass(frozen=True, eq=False)
class RoutesTally:
    """Instances by the touchpoints that they came by.

    Attributes
    ----------
    variants, weight
        Distinct sequences by outcome and whether the time is over (their kind, see `YOUNG`), ordered by mark;
        int64[v]: instances of each.
    owner, length, many
        int32[k], int64[k] and int32[k], sorted: the variant of instances, how long they took in microseconds, and how
        many they are; where there are more than `EXACT_LIMIT`, times are rounded, and those alike put together.
    after, labels
        Dropped instances by the last touchpoint and the event after it (-1: none), and what these are called.
    """

    asked: JourneyMap
    depth: int
    most: int
    variants: Variants
    weight: Array
    owner: Array
    length: Array
    many: Array
    after: Mapping[tuple[int, int], int]
    labels: Mapping[int, str]

    @classmethod
    def of(
        cls, asked: JourneyMap, depth: int, most: int, variants: Variants, rows: Array, lengths: Array
    ) -> RoutesTally:
        """Sum up the instances `rows` of a block."""
        weight = np.bincount(variants.of[rows], minlength=len(variants)).astype(np.int64)
        some = np.flatnonzero(weight)
        some = some[np.argsort(variants.mark[some])]
        place = np.zeros(len(variants), dtype=np.int64)
        place[some] = np.arange(len(some))
        owner = place[variants.of[rows]].astype(np.int32)
        order = np.lexsort((lengths, owner))
        owner, length = owner[order], lengths[order].astype(np.int64)
        first = np.flatnonzero((np.diff(owner, prepend=-1) != 0) | (np.diff(length, prepend=-1) != 0))
        many = np.diff(np.append(first, len(order))).astype(np.int32)
        return cls(asked, depth, most, variants.take(some), weight[some], owner[first], length[first], many, {}, {})

    def with_instead(self, after: Mapping[tuple[int, int], int], labels: Mapping[int, str]) -> RoutesTally:
        """The same with what came after the last touchpoint."""
        return replace(self, after=dict(sorted(after.items())), labels=dict(sorted(labels.items())))

    def __add__(self, other: RoutesTally) -> RoutesTally:
        """Join two sets of instances."""
        whole, mine, others = joined(self.variants, other.variants)
        weight = np.zeros(len(whole), dtype=np.int64)
        weight[mine] += self.weight
        weight[others] += other.weight
        one, two = self, other
        if self.size + other.size > EXACT_LIMIT:
            one, two = self._rounded(), other._rounded()
        room = len(one.owner) + len(two.owner)
        owner, length, many = np.empty(room, np.int32), np.empty(room, np.int64), np.empty(room, np.int32)
        k = _merge(mine, one.owner, one.length, one.many, others, two.owner, two.length, two.many, owner, length, many)
        if k < room:  # not as parts of what held all
            owner, length, many = owner[:k].copy(), length[:k].copy(), many[:k].copy()
        after = dict(self.after)
        for pair, number in other.after.items():
            after[pair] = after.get(pair, 0) + number
        both = RoutesTally(self.asked, self.depth, self.most, whole, weight, owner, length, many, {}, {})
        return both.with_instead(after, {**self.labels, **other.labels})

    def _rounded(self) -> RoutesTally:
        """The same with rounded times."""
        return self if self.approximate else replace(self, length=rounded(self.length))

    @property
    def approximate(self) -> bool:
        """Whether times are rounded, because there are too many to keep each."""
        return self.size > EXACT_LIMIT

    @property
    def size(self) -> int:
        """How many instances there are."""
        return int(self.weight.sum())

    @cached_property
    def kinds(self) -> Array:
        """int64[6]: instances by how they came out in the end, those whose time is over first."""
        return np.bincount(self.variants.kind, self.weight, minlength=2 * YOUNG).astype(np.int64)

    def rates(self) -> Mapping[str, Proportion]:
        """Conversion of those whose time is over."""
        return {"convert": _share(self.kinds)}

    def tree(self) -> list[Depth]:
        """The routes of every depth, the most frequent first."""
        lengths = np.diff(self.variants.starts)
        node, found = np.zeros(len(lengths), dtype=np.int64), []
        for depth in range(1, self.depth + 1):
            there = np.flatnonzero(lengths >= depth)
            step = self.variants.trace[self.variants.starts[there] + depth - 1].astype(np.int64)
            _, first, place = np.unique(node[there] * 256 + step, return_index=True, return_inverse=True)
            place = place.reshape(-1)
            kind, weight, m = self.variants.kind[there], self.weight[there], len(first)
            way = np.where(lengths[there] > depth, 0, 1 + kind % YOUNG)
            ways = np.bincount(place * 4 + way, weight, minlength=4 * m).astype(np.int64).reshape(m, 4)
            kinds = np.bincount(place * 2 * YOUNG + kind, weight, minlength=2 * YOUNG * m).astype(np.int64)
            trace = [self.trace(int(there[each]), depth) for each in first]
            order = sorted(range(m), key=lambda each: (-int(ways[each].sum()), trace[each]))
            rank = np.empty(m, dtype=np.int64)
            rank[order] = np.arange(m)
            node = np.full(len(lengths), -1, dtype=np.int64)
            node[there] = rank[place]
            found.append(Depth(node, there[first][order], ways[order], kinds.reshape(m, 2 * YOUNG)[order]))
        return found

    def trace(self, variant: int, depth: int) -> list[int]:
        """The first touchpoints of a variant."""
        begin = int(self.variants.starts[variant])
        return [int(each) for each in self.variants.trace[begin : begin + depth]]

    def shown(self, depth: int) -> list[str]:
        """The routes of a depth that have a row of their own."""
        names, tree = [each.name for each in self.asked.touchpoints], self.tree()
        first = tree[depth - 1].first[: self.most].tolist() if depth <= len(tree) else []
        return [ARROW.join(names[each] for each in self.trace(variant, depth)) for variant in first]

    def lives(self, of: Array, many: int) -> Iterator[Lifetimes]:
        """How long the instances of the first `many` routes took, one after another; `of` is the route of each variant.

        What stands for an instance is small: there may be as many as there are people.
        """
        kind = np.min_scalar_type(many)
        route = np.where((of >= 0) & (of < many), of, many).astype(kind)[self.owner]
        order = np.argsort(route, kind="stable").astype(np.int32)
        ends = np.concatenate(([0], np.cumsum(np.bincount(route, minlength=many + 1))))
        del route
        life = LIVES[self.variants.kind % YOUNG]
        for begin, end in pairwise(ends[: many + 1].tolist()):
            rows = order[begin:end]
            yield Lifetimes.of(self.length[rows], life[self.owner[rows]], self.many[rows])


@kernel
def _merge(
    mine: Array, owner: Array, length: Array, many: Array, others: Array, owner2: Array, length2: Array, many2: Array,
    to: Array, lengths: Array, manies: Array,
) -> int:  # fmt: skip
    """Run two sorted lists together, whose owners have new numbers in the same order; return how many lines it has.

    What is alike becomes one line; nothing else is held for it.
    """
    i, j, k = 0, 0, 0
    while i < len(owner) or j < len(owner2):
        first = j == len(owner2)
        if not first and i < len(owner):
            one, two = mine[owner[i]], others[owner2[j]]
            first = one < two or (one == two and length[i] <= length2[j])
        if first:
            whose, took, number = mine[owner[i]], length[i], many[i]
            i += 1
        else:
            whose, took, number = others[owner2[j]], length2[j], many2[j]
            j += 1
        if k > 0 and to[k - 1] == whose and lengths[k - 1] == took:
            manies[k - 1] += number
            continue
        to[k], lengths[k], manies[k] = whose, took, number
        k += 1
    return k


def routes_report(tally: RoutesTally) -> Report:
    """Put the routes into words and tables."""
    tree = tally.tree()
    soon = _usual(tally)
    rows, ranked = list[dict[str, Any]](), list[dict[str, Any]]()
    for depth, found in enumerate(tree, start=1):
        known = _routes(tally, depth, found, soon)
        rows += known[: tally.most]
        if len(found.first) > tally.most:
            rest = _row(tally, depth, None, *(each[tally.most :].sum(axis=0) for each in (found.ways, found.kinds)))
            rows.append({name: rest.get(name) for name in rows[0]})
        ranked += known if depth > 1 else []
    table = {name: [row[name] for row in rows] for name in rows[0]} if rows else {name: [] for name in ROUTE_COLUMNS}
    fastest = _fastest(ranked)
    extras = {
        "depths": _depths(tally, tree),
        "fastest": {name: [row[name] for row in fastest[: tally.most]] for name in FASTEST_COLUMNS},
        "instead": _instead(tally),
    }
    return Report(table, extras, _words(tally, fastest, soon), _notices(tally))


def _usual(tally: RoutesTally) -> int | None:
    """The median time of those that converted and whose time is over, by which routes are compared."""
    rows = np.flatnonzero(tally.variants.kind[tally.owner] == CONVERTED)
    rows = rows[np.argsort(tally.length[rows], kind="stable")]
    upto = np.cumsum(tally.many[rows], dtype=np.int64)
    return int(tally.length[rows[np.searchsorted(upto, (upto[-1] + 1) // 2)]]) if len(rows) else None


def _routes(tally: RoutesTally, depth: int, found: Depth, soon: int | None) -> list[dict[str, Any]]:
    """The most frequent routes of a depth: those to be shown, and those that may be among the fastest."""
    names = [each.name for each in tally.asked.touchpoints]
    frequent = int(np.count_nonzero(found.ways.sum(axis=1) >= FEW))
    many = min(max(tally.most, min(frequent, MOST_RANKED)), len(found.first))
    whole = found.kinds.sum(axis=0)
    traces = [tally.trace(int(found.first[place]), depth) for place in range(many)]
    fitness = _fitness(tally, traces)
    rows = []
    for place, life in enumerate(tally.lives(found.of, many)):
        mine, by = found.kinds[place], life.curve(2)
        row = _row(tally, depth, ARROW.join(names[each] for each in traces[place]), found.ways[place], mine)
        row |= interval_columns("of_decided_converting", [_share(mine).estimate()]) | interval_columns(
            "conversion_difference", [newcombe(*_pair(mine), *_pair(whole - mine))]
        )
        row |= interval_columns(
            "of_converted_soon",
            [by.share_by(soon) if soon is not None else _share(mine * 0).estimate()],
        )
        half = by.quantile(0.5)
        row |= {"half_converted_seconds": [None if half is None else half / SECOND], "fitness": [fitness[place]]}
        rows.append({name: value[0] if isinstance(value, list) else value for name, value in row.items()})
    return rows


def _row(tally: RoutesTally, depth: int, route: str | None, ways: Array, kinds: Array) -> dict[str, Any]:
    outcomes, (converted, decided) = _outcomes(kinds), _pair(kinds)
    return {
        "depth": depth,
        "route": route,
        "instances": int(ways.sum()),
        "of_instances": int(ways.sum()) / tally.size,
        **{way.replace(" ", "_"): int(ways[place]) for place, way in enumerate(WAYS)},
        **{f"in_the_end_{name}": int(outcomes[place]) for place, name in enumerate(WAYS[1:])},
        "decided": decided,
        "decided_converted": converted,
    }


def _outcomes(kinds: Array) -> Array:
    """int64[3]: converted, dropped, in progress."""
    return np.asarray(kinds[:YOUNG] + kinds[YOUNG:])


def _pair(kinds: Array) -> tuple[int, int]:
    """Of those whose time is over: the converted, and all."""
    return int(kinds[CONVERTED]), int(kinds[:YOUNG].sum())


def _share(kinds: Array) -> Proportion:
    return Proportion(*_pair(kinds))


def _fitness(tally: RoutesTally, traces: list[list[int]]) -> list[float]:
    """How near each route is to a beginning of the map's road."""
    starts = np.concatenate(([0], np.cumsum([len(each) for each in traces]))).astype(np.int64)
    trace = np.array([each for one in traces for each in one], dtype=np.uint8)
    kind = np.full(len(traces), BEGUN, dtype=np.int8)
    variants = Variants(starts[:0], starts, trace, kind, np.zeros(len(traces), dtype=np.uint64))
    return [float(each) for each in departures_of(variants, tally.asked.road, len(tally.asked.touchpoints)).fitness()]


def _depths(tally: RoutesTally, tree: list[Depth]) -> dict[str, list[Any]]:
    """At every depth everybody: shown, others, and those that had ended before."""
    shown = [int(found.ways[: tally.most].sum()) for found in tree]
    other = [int(found.ways[tally.most :].sum()) for found in tree]
    whole, there = _outcomes(tally.kinds), [_outcomes(found.kinds.sum(axis=0)) for found in tree]
    table: dict[str, list[Any]] = {
        "depth": list(range(1, len(tree) + 1)),
        "instances": [tally.size] * len(tree),
        "routes": [len(found.first) for found in tree],
        "shown": shown,
        "other": other,
    }
    for place, way in enumerate(WAYS[1:]):
        table[f"{way}_before"] = [int(whole[place] - each[place]) for each in there]
    return table


def _fastest(routes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Frequent routes by the share that has converted within the usual time."""
    rows = [each for each in routes if each["instances"] >= FEW and each["of_converted_soon"] is not None]
    return sorted(rows, key=lambda row: (-row["of_converted_soon"], -row["instances"], row["route"]))


def _instead(tally: RoutesTally) -> dict[str, list[Any]]:
    """What dropped instances did after their last touchpoint."""
    names = [each.name for each in tally.asked.touchpoints]
    whole: dict[int, int] = {}
    for (at, _), number in tally.after.items():
        whole[at] = whole.get(at, 0) + number
    ranked = sorted(tally.after.items(), key=lambda each: (-each[1], each[0]))
    return {
        "last_touchpoint": [names[at] for (at, _), _ in ranked],
        "instead": [NOTHING if code < 0 else tally.labels[code] for (_, code), _ in ranked],
        "instances": [number for _, number in ranked],
        "of_dropped_there": [number / whole[at] for (at, _), number in ranked],
    }


def _words(tally: RoutesTally, fastest: Sequence[dict[str, Any]], soon: int | None) -> list[str]:
    title = tally.asked.title
    if not tally.size:
        return [f"Nobody began {title!r} in this period."]
    instances, walks = counted(tally.size, "instance"), counted(tally.variants.walks(), "route")
    said = [f"{instances} of {title!r}, over {walks} to {'its end' if tally.size == 1 else 'their ends'}."]
    if fastest and soon is not None:
        best = fastest[0]
        said.append(
            f"Within {span(soon)}, in which half of the converted come to the goal, most do on "
            f"{best['route']}: {percent(best['of_converted_soon'])} of {count(best['instances'])}."
        )
    return said


def _notices(tally: RoutesTally) -> list[Notice]:
    notices = too_young(_outcomes(tally.kinds), _pair(tally.kinds)[1])
    if tally.size:
        text = "Routes were not assigned at random; what differs may have other reasons."
        notices.append(Notice("associated", text))
    if tally.approximate:
        text = "Times are rounded, because there were too many to keep each; at most 0.4 % off."
        notices.append(Notice("approximate_times", text))
    return notices
