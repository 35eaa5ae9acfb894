"""From packed paths to tables of paths, of their beginnings and of depths, a chart and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from desirepath.answers.answer import Notice
from desirepath.answers.sequence_charts import paths_chart
from desirepath.answers.words import count, span, with_interval
from desirepath.questions.paths_branches import Branch, branches
from desirepath.questions.paths_tally import PathsTally, conversion_of
from desirepath.questions.paths_tree import people_of
from desirepath.questions.paths_walk import (
    CONVERTED,
    COUNTS,
    LEFT,
    OUTCOMES,
    RATED,
    SURE,
    UNDECIDED,
)
from desirepath.questions.question import Report
from desirepath.questions.top_codes import NOTHING, OTHER
from desirepath.statistics import Durations, interval_columns, newcombe

if TYPE_CHECKING:
    from desirepath.questions.paths import Paths

Array = npt.NDArray[Any]

SECOND = 1_000_000
MOST_BRANCHES = 60


def paths_report(tally: PathsTally, asked: Paths) -> Report:
    """Put the sums into words and tables."""
    words, counts = tally.counts.largest(asked.most)
    digits = [tally.packing.digits(row) for row in words]
    rest = np.array(tally.outcomes) - counts.sum(axis=0)
    with_end = asked.end is not None and asked.direction == "forward"
    outcomes = () if asked.direction == "backward" else OUTCOMES if with_end else OUTCOMES[LEFT:]
    table = _table([tally.text(each) for each in digits], counts, outcomes)
    if rest[: len(OUTCOMES)].any():
        for name, values in _table([OTHER], rest[None, :], outcomes).items():
            table[name] += values
    if with_end:
        padded = len(table["path"]) - len(words)
        table |= _beside_equally_long(tally, digits, counts, padded=padded)
        table |= _times(tally, words, padded=padded)
    extras: dict[str, Mapping[str, list[Any]]] = {"depths": _depths(tally, asked)}
    extras["tree"] = _tree(tally, digits, asked, with_end=with_end)
    if with_end:
        extras["next"] = _next(tally)
    return Report(
        table,
        extras,
        words=_words(tally, asked, table, with_end=with_end),
        notices=_notices(tally, int(rest[: len(OUTCOMES)].sum()), asked),
        charts=[paths_chart(converts=with_end)] if tally.size else [],
    )


def _table(names: list[str], counts: Array, outcomes: Sequence[str]) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {"path": list(names), "people": people_of(counts).tolist()}
    table |= {outcome: counts[:, OUTCOMES.index(outcome)].tolist() for outcome in outcomes}
    if "converted" in outcomes:
        shares = [conversion_of(row).estimate() for row in counts.tolist()]
        table |= {"decided": counts[:, RATED].tolist(), "decided_converted": counts[:, SURE].tolist()}
        table |= interval_columns("of_decided", shares)
    return table


def _beside_equally_long(
    tally: PathsTally, digits: Sequence[Sequence[int]], counts: Array, *, padded: int
) -> dict[str, list[Any]]:
    """How often others convert whose path has as many touchpoints, and the difference with its interval."""
    found: dict[str, list[Any]] = {"of_others": [], "of_more": [], "of_more_low": [], "of_more_high": []}
    for each, row in zip(digits, counts.tolist(), strict=True):
        mine, same = conversion_of(row), conversion_of(tally.depths[len(each)].tolist())
        converted, decided = same.x - mine.x, same.n - mine.n
        compared = newcombe(mine.x, mine.n, converted, decided)
        found["of_others"].append(converted / decided if decided else None)
        for name, value in (("", compared.value), ("_low", compared.low), ("_high", compared.high)):
            found[f"of_more{name}"].append(value)
    return {name: [*values, *[None] * padded] for name, values in found.items()}


def _times(tally: PathsTally, paths: Array, *, padded: int) -> dict[str, list[Any]]:
    """How long those who converted took on each path: the median with its interval."""
    which, told, counts = tally.times.within(paths)
    ends = np.searchsorted(which, np.arange(len(paths) + 1))
    found: dict[str, list[Any]] = {"median_seconds": [], "median_low_seconds": [], "median_high_seconds": []}
    for begin, end in pairwise(ends.tolist()):
        median = Durations(np.repeat(told[begin:end], counts[begin:end, CONVERTED])).estimate()
        for name, value in zip(found, (median.value, median.low, median.high), strict=True):
            found[name].append(None if value is None else value / SECOND)
    return {name: [*values, *[None] * padded] for name, values in found.items()}


def _tree(tally: PathsTally, shown: Sequence[Sequence[int]], asked: Paths, *, with_end: bool) -> dict[str, list[Any]]:
    """The beginnings of the paths shown and other frequent ones, and the rest by depth: of all paths, exactly.

    Backward the same from the end: how many paths end like that.
    """
    rows: list[dict[str, Any]] = []
    backward = asked.direction == "backward"
    way, name = (-1, "ends") if backward else (1, "begins")
    counts, frequent = tally.from_its_end() if backward else (tally.counts, tally.begins)
    wanted = [*(each[::way] for each in shown), *frequent.frequent(MOST_BRANCHES)]
    found = branches(wanted, counts, frequent, tally.packing)
    went_on = {each.path: each.later for each in found} | {(): [int(n) for n in tally.depths[1:].sum(axis=0)]}
    for each in found:
        row = {name: tally.text(each.path[::way]), "depth": len(each.path), "touchpoint": tally.texts[each.path[-1]]}
        row |= {"people": sum(each.whole[: len(OUTCOMES)]), "went_on": sum(each.later[: len(OUTCOMES)])}
        row |= dict(zip(OUTCOMES, each.ended, strict=False))
        row |= {f"{end}_later": number for end, number in zip(OUTCOMES, each.later, strict=False)}
        rows.append(row | (_beside_other_ways(each, went_on[each.path[:-1]]) if with_end else {}))
    for depth in range(1, asked.told + 1):
        rest = int(people_of(tally.depths[depth:]).sum()) - sum(row["people"] for row in rows if row["depth"] == depth)
        if rest:
            rows.append({name: OTHER, "depth": depth, "touchpoint": OTHER, "people": rest})
    return {column: [row.get(column) for row in rows] for column in rows[0]} if rows else {}


def _beside_other_ways(branch: Branch, all_ways: Sequence[int]) -> dict[str, float | None]:
    """How often those who began so convert, and how much more than those who went on otherwise from the step before."""
    mine, every_way = conversion_of(branch.whole), conversion_of(all_ways)
    other, other_decided = every_way.x - mine.x, every_way.n - mine.n
    more, share = newcombe(mine.x, mine.n, other, other_decided), mine.estimate()
    return {
        "decided": mine.n,
        "decided_converted": mine.x,
        "decided_later": branch.later[RATED],
        "decided_converted_later": branch.later[SURE],
        "of_decided": share.value,
        "of_decided_low": share.low,
        "of_decided_high": share.high,
        "of_others": other / other_decided if other_decided else None,
        "of_more": more.value,
        "of_more_low": more.low,
        "of_more_high": more.high,
    }


def _depths(tally: PathsTally, asked: Paths) -> dict[str, list[Any]]:
    """At each depth everybody: still there, or ended before, and how."""
    table: dict[str, list[Any]] = {
        name: [] for name in ("depth", "everyone", "there", "ended_converted", "ended_left", "ended_undecided")
    }
    with_end = asked.end is not None and asked.direction == "forward"
    ended = np.zeros(COUNTS, dtype=np.int64)
    rates = {"decided_before": RATED, "decided_converted_before": SURE} if with_end else {}
    table |= {name: [] for name in rates}
    for depth in range(1, asked.told + 1):
        ended = ended + tally.depths[depth - 1]
        table["depth"].append(depth)
        table["everyone"].append(tally.size)
        table["there"].append(tally.size - int(ended[: len(OUTCOMES)].sum()))
        for place, name in enumerate(("ended_converted", "ended_left", "ended_undecided")):
            table[name].append(int(ended[place]))
        for name, place in rates.items():
            table[name].append(int(ended[place]))
    return table


def _next(tally: PathsTally) -> dict[str, list[Any]]:
    """What those who left did first after the start, beside those who converted."""
    if tally.begins.depth < 2:
        return {}
    by_second = tally.begins.at(2).reshape(tally.begins.base, tally.begins.base, -1).sum(axis=0) + tally.moved
    found = {each: by_second[each] for each in np.flatnonzero(people_of(by_second)).tolist()}
    whole = np.array(tally.outcomes)
    table: dict[str, list[Any]] = {"next": [], "converted": [], "left": [], "undecided": []}
    table |= {name: [] for name in ("of_converted", "of_left", "of_more", "of_more_low", "of_more_high")}
    for each, row in sorted(found.items(), key=lambda item: (-int(item[1][: len(OUTCOMES)].sum()), item[0])):
        converted, left = int(row[CONVERTED]), int(row[LEFT])
        compared = newcombe(converted, int(whole[CONVERTED]), left, int(whole[LEFT]))
        table["next"].append(tally.texts[each - 1] if each else NOTHING)
        table["converted"].append(converted)
        table["left"].append(left)
        table["undecided"].append(int(row[UNDECIDED]))
        table["of_converted"].append(converted / int(whole[CONVERTED]) if whole[CONVERTED] else None)
        table["of_left"].append(left / int(whole[LEFT]) if whole[LEFT] else None)
        for name, value in (("", compared.value), ("_low", compared.low), ("_high", compared.high)):
            table[f"of_more{name}"].append(value)
    return table


def _words(tally: PathsTally, asked: Paths, table: Mapping[str, list[Any]], *, with_end: bool) -> list[str]:
    if not tally.size:
        goal = asked.end if asked.direction == "backward" else asked.start
        did = "reached" if asked.direction == "backward" else "began with"
        way = f" and came by {' > '.join(asked.through)}" if asked.through else ""
        return [f"Nobody {did} {goal or 'anything'}{way} here."]
    said = []
    if with_end:
        share = tally.conversion.estimate()
        closed = f"the {count(share.n)} paths whose window has closed"
        said.append(
            f"{with_interval(share)} of {closed} reach {asked.end} within {asked.window}."
            if share.n
            else f"No window has closed yet for the {count(tally.size)} paths, so there is no rate."
        )
        middle = tally.took.quantile(0.5)
        if middle is not None:
            said.append(f"Half of the {count(tally.took.n)} that reached it took {span(middle)} or less.")
    said.append(
        f"The most frequent path is {table['path'][0]}: {count(table['people'][0])} of {count(tally.size)} took it."
    )
    return said


def still_open(outcomes: Sequence[int] | Array, *, converts: bool) -> list[Notice]:
    """How many could still go on when the data ends, and how many are in no rate; `outcomes` are counts of paths."""
    undecided = int(outcomes[UNDECIDED])
    young = sum(map(int, outcomes[: len(OUTCOMES)])) - int(outcomes[RATED]) if converts else 0
    said = []
    if undecided:
        neither = "; they count as neither converted nor left" if converts else ""
        said.append(f"{undecided:,} could still go on when the data ends{neither}.")
    if young:
        said.append(
            f"Rates leave out {young:,} that began so lately that their window is still open, however they ended."
        )
    return [Notice("undecided", " ".join(said))] if said else []


def _notices(tally: PathsTally, rest: int, asked: Paths) -> list[Notice]:
    found = []
    found += still_open(tally.outcomes, converts=asked.end is not None and asked.direction == "forward")
    if tally.more:
        text = f"{tally.more:,} paths are longer than {asked.told} touchpoints, and told as far as that."
        found.append(Notice("cut_short", text))
    if rest > 0:
        found.append(
            Notice("other", f"{rest:,} took less frequent paths, which are summed up as {OTHER}; `most` shows more.")
        )
    return found
