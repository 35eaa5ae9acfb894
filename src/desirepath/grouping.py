"""How do groups stand side by side? The same table for each, and the differences between them with intervals."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from desirepath.answers.answer import Notice
from desirepath.answers.words import percent
from desirepath.journeys.batch import Array
from desirepath.questions.question import Question, Report, Tally
from desirepath.statistics import FLAG, Estimate, Proportion, benjamini_hochberg, compare_proportions
from desirepath.statistics.adjusted import p_value


class Ours(str):
    """The name of a group that no value of the data stands for, whatever it reads like."""

    __slots__ = ()


EVERYONE, OTHER, MISSING = "(everyone)", "(other)", "(missing)"

NOT_REACHED = Ours("(not reached)")
"""Who never came to where a breakdown takes its value, such as the third step: without a value for want of a place."""

SCORE = "score"
"""The measure of groups that have a score; its difference is in the score's own points."""


@runtime_checkable
class Scored(Protocol):
    """A tally that has one score, so that two of them differ by so much."""

    def score_difference(self, other: Any, /) -> Estimate:
        """Give the score less the other."""


@runtime_checkable
class Open(Protocol):
    """A tally whose rates are of what somebody did: what is not among them, nobody did."""

    def nobody(self) -> Proportion:
        """The share that did what is not among the rates."""


def largest_groups(sizes: Array, labels: Sequence[str | None], top: int) -> dict[str, list[int]]:
    """Names and codes of the largest groups; all others together as `(other)`. Equal sizes go by name."""
    found = np.flatnonzero(sizes).tolist()
    apart, valued = _parted(found, labels)
    present = sorted(valued, key=lambda code: (-int(sizes[code]), labels[code] or ""))
    groups: dict[str, list[int]] = {}
    for code in present[:top]:
        groups[_group_name(labels[code])] = [code]
    if len(present) > top:
        groups[OTHER] = present[top:]
    return groups | apart


def shared_groups(sizes: Array, labels: Sequence[str | None], top: int) -> dict[str, list[int]]:
    """As `largest_groups`, where a label may be a JSON list of values: its units are in the group of each of them."""
    codes: dict[str | None, list[int]] = {}
    apart, valued = _parted(np.flatnonzero(sizes).tolist(), labels)
    for code in valued:
        for value in _values(labels[code]):
            codes.setdefault(value, []).append(code)
    weight = {value: int(sizes[found].sum()) for value, found in codes.items()}
    ranked = sorted(codes, key=lambda value: (-weight[value], value or ""))
    groups = {_group_name(value): codes[value] for value in ranked[:top]}
    if len(ranked) > top:
        groups[OTHER] = sorted({code for value in ranked[top:] for code in codes[value]})
    return groups | apart


def _parted(codes: Sequence[int], labels: Sequence[str | None]) -> tuple[dict[str, list[int]], list[int]]:
    """The groups that are none of the data's values, and the codes of those that are."""
    apart: dict[str, list[int]] = {label: [code] for code in codes if isinstance(label := labels[code], Ours)}
    return apart, [code for code in codes if not isinstance(labels[code], Ours)]


def _values(label: str | None) -> list[str | None]:
    """The texts in a JSON list, each once; a text that is none stands for itself, and an empty list for nothing."""
    if label is None or not label.startswith("["):
        return [label]
    try:
        listed = json.loads(label)
    except json.JSONDecodeError:
        return [label]
    texts = [item if isinstance(item, str) else json.dumps(item) for item in listed if item is not None]
    return [*dict.fromkeys(texts)] or [None]


def _group_name(label: str | None) -> str:
    """The value itself; in quotes where it reads like one of our own names."""
    if label is None:
        return MISSING
    plain = label.strip('"')
    return f'"{label}"' if plain in (EVERYONE, OTHER, MISSING, NOT_REACHED) else label


def grouped_report(
    question: Question,
    whole: Tally | None,
    tallies: Mapping[str, Tally],
    *,
    total: str | None,
    rests: Mapping[str, Tally] | None = None,
) -> Report:
    """Put the groups' tables under each other, and compare each group with the others.

    Parameters
    ----------
    question
        What was asked.
    whole
        The sum over everyone, if the groups are parts of a whole.
    tallies
        The sum of each group.
    total
        The name of the whole; None for two populations that stand side by side.
    rests
        Per group the sum of those outside it, where groups overlap.
    """
    parts = dict(tallies) if whole is None or total is None else {total: whole, **tallies}
    reports = {name: question.answer(tally) for name, tally in parts.items()}
    extras: dict[str, Mapping[str, list[Any]]] = {}
    for extra in next(iter(reports.values())).extras if reports else ():
        extras[extra] = _stacked({name: report.extras[extra] for name, report in reports.items()})
    comparable = {name: tally for name, tally in tallies.items() if not isinstance(name, Ours)}
    compared = _differences(_pairs(comparable, rests, side_by_side=total is None))
    extras["differences"] = compared
    lead = reports.get(total or "") or next(iter(reports.values()))
    named = any(isinstance(tally, Open) for tally in tallies.values())
    words = [*lead.words, *_flagged(compared, any_measure=named)]
    notices = {item.code: item for item in lead.notices}
    if total is not None:
        text = "Every unit is in one group; the line for everyone is not a sum of rates."
        if rests is not None:
            text = "A unit is in the group of each of its values; the line for everyone counts it once."
        notices["parts"] = Notice("parts", text)
    if len(comparable) < len(tallies):
        text = f"Who never came to where the value is taken is in {NOT_REACHED}, and in no comparison."
        notices["not_reached"] = Notice("not_reached", text)
    charts = [_by_group(chart) for chart in lead.charts]
    return Report(_stacked({n: r.table for n, r in reports.items()}), extras, words, list(notices.values()), charts)


def _stacked(tables: Mapping[str, Mapping[str, list[Any]]]) -> dict[str, list[Any]]:
    stacked: dict[str, list[Any]] = {"group": []}
    for name, table in tables.items():
        rows = len(next(iter(table.values()))) if table else 0
        stacked["group"] += [str(name)] * rows
        for column, values in table.items():
            stacked.setdefault(column, []).extend(values)
    return stacked


def _differences(pairs: Sequence[tuple[str, str, Tally, Tally]]) -> dict[str, list[Any]]:
    """Each group against all others together, or one population against the other."""
    table: dict[str, list[Any]] = {
        name: []
        for name in (
            "group",
            "against",
            "measure",
            "difference",
            "low",
            "high",
            "p_value",
            "q_value",
            "flagged",
        )
    }
    for name, against, one, rest in pairs:
        for measure, difference, p in _compared(one, rest):
            line = (name, against, measure, difference.value, difference.low, difference.high, p)
            for column, value in zip(table, line, strict=False):
                table[column].append(value)
    table["q_value"] = list(benjamini_hochberg(table["p_value"]))
    table["flagged"] = [q is not None and q <= FLAG for q in table["q_value"]]
    return table


def _compared(one: Tally, rest: Tally) -> list[tuple[str, Estimate, float | None]]:
    """What two groups are held against each other by: a score if they have one, and shares."""
    found: list[tuple[str, Estimate, float | None]] = []
    if isinstance(one, Scored) and isinstance(rest, Scored):
        difference = one.score_difference(rest)
        found.append((SCORE, difference, p_value(difference)))
    mine, others = dict(one.rates()), dict(rest.rates())
    if isinstance(one, Open) and isinstance(rest, Open):
        for measure in others.keys() - mine.keys():
            mine[measure] = one.nobody()
        for measure in mine.keys() - others.keys():
            others[measure] = rest.nobody()
        mine = dict(sorted(mine.items()))
    for measure, share in mine.items():
        if measure in others:  # unlike the twelfth week of a shorter period
            other = others[measure]
            compared = compare_proportions(share.x, share.n, other.x, other.n)
            found.append((measure, compared.difference, compared.p_value))
    return found


def _pairs(
    tallies: Mapping[str, Tally], rests: Mapping[str, Tally] | None, *, side_by_side: bool
) -> list[tuple[str, str, Tally, Tally]]:
    names = list(tallies)
    if len(names) < 2:
        return []
    if side_by_side:
        return [(names[0], names[1], tallies[names[0]], tallies[names[1]])]
    if rests is not None:
        return [(name, "all others", tallies[name], rests[name]) for name in names]
    pairs = []
    for name in names:
        others = [tallies[other] for other in names if other != name]
        rest = others[0]
        for tally in others[1:]:
            rest = rest + tally
        pairs.append((name, "all others", tallies[name], rest))
    return pairs


def _flagged(table: Mapping[str, list[Any]], *, any_measure: bool = False) -> list[str]:
    """One sentence about the clearest difference, if any stands out: of the last measure, where they follow on."""
    rows = [i for i, flagged in enumerate(table["flagged"]) if flagged and table["measure"][i] != SCORE]
    if not rows:
        return [] if not table["group"] else ["No difference between the groups stands out from chance."]
    last = rows if any_measure else [i for i in rows if table["measure"][i] == table["measure"][-1]] or rows
    row = max(last, key=lambda i: abs(table["difference"][i]))
    direction = "more" if table["difference"][row] > 0 else "less"
    size = abs(table["difference"][row])
    low, high = sorted((abs(table["low"][row]), abs(table["high"][row])))
    return [
        f"{table['group'][row]} {table['measure'][row]} {percent(size)[:-2]} points {direction} often than "
        f"{table['against'][row]} (95 % interval {100 * low:.1f} to {100 * high:.1f} points)."
    ]


def _by_group(chart: Mapping[str, Any]) -> dict[str, Any]:
    """The same chart once a group."""
    inner = {name: value for name, value in chart.items() if name not in ("data", "width", "height")}
    size = {name: chart[name] for name in ("width", "height") if name in chart}
    return {
        "data": chart["data"],
        "facet": {"row": {"field": "group", "type": "nominal", "title": None}},
        "spec": {**size, **inner},
    }
