"""From sums to the table of behaviours: what goes with a side, how surely, and which thresholds hold on others?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from desirepath.questions.behaviours_sums import BehaviourTally
from desirepath.statistics import FLAG, Estimate, Proportion, benjamini_hochberg, interval_columns
from desirepath.statistics.adjusted import Stratum, share, standardised
from desirepath.statistics.adoption import Array, chosen, chosen_again, table_at
from desirepath.statistics.twofold import Twofold

LEAST = 20
"""So many people have to have done it, not to have done it, and to be on either side, before anything is said."""

NEARLY_ALL = 0.99
"""What such a share of a side does is no choice of theirs: it is marked as structural."""

ASSOCIATED, ALIKE, TOO_FEW = "associated", "not distinguishable", "too few"


@dataclass(frozen=True)
class Sides:
    """What the two sides are called.

    Attributes
    ----------
    one, other
        In the names of columns.
    groups
        Whether two groups are compared by what they did; else those who did something and those who did not, by what
        became of them.
    """

    one: str
    other: str
    groups: bool


@dataclass(frozen=True)
class Line:
    """A behaviour at a threshold.

    Attributes
    ----------
    place
        Which behaviour, among those of the tally.
    level
        Which threshold.
    name, times, days
        What it is called, and its threshold: one of the two is empty.
    table
        Rows are who did it and who did not, columns are the sides.
    """

    place: int
    level: int
    name: str
    times: int | None
    days: int | None
    table: Twofold

    def effect(self, sides: Sides) -> Twofold:
        """The table with those in its first row whose share is told less that of the second row."""
        return self.table.turned if sides.groups else self.table

    @property
    def people(self) -> int:
        """Who did it."""
        return self.table.a + self.table.b

    @property
    def structural(self) -> bool:
        """Whether nearly everybody of a side did it."""
        sides = ((self.table.a, self.table.c), (self.table.b, self.table.d))
        return any(did + rest >= LEAST and did >= NEARLY_ALL * (did + rest) for did, rest in sides)

    @property
    def defines(self) -> bool:
        """Whether nearly all of one side and nearly nobody of the other did it: that is the side under another name."""
        one, other = self.table.turned.share().value, self.table.turned.share_without().value
        if one is None or other is None or self.table.least < LEAST:
            return False
        return max(one, other) >= NEARLY_ALL and min(one, other) <= 1 - NEARLY_ALL


def enough(table: Twofold, least: float) -> bool:
    """Whether there are enough people of every kind to tell them apart; `least` is a share of everybody."""
    return table.least >= LEAST and table.a + table.b >= math.ceil(least * table.n - 1e-9)


def lines_of(tally: BehaviourTally, least: float, most: int) -> tuple[list[Line], int]:
    """Behaviours at thresholds that anybody reaches, and how many there are.

    Parameters
    ----------
    tally
        The sums.
    least
        The least share of people for a line to be tested; all of these are told.
    most
        Of those with too few people, so many are told, most people first: a property may have a million values. As
        many again may be structural.
    """
    sides, did = np.array(tally.sides, dtype=np.int64), tally.did
    people = did.sum(axis=2)
    everyone = int(sides.sum())
    tested = (people >= max(LEAST, math.ceil(least * everyone - 1e-9))) & (everyone - people >= LEAST)
    tested &= bool(sides.min() >= LEAST)
    structural = ((sides >= LEAST) & (did >= NEARLY_ALL * sides)).any(axis=2)
    told = tested.copy()
    for kind in (structural, ~structural):
        rest = np.where(kind & ~tested, people, 0)
        ranked = np.sort(rest, axis=None)[::-1]
        told |= (rest > 0) & (rest >= (ranked[most - 1] if len(ranked) > most else 0))
    one, other = tally.sides
    found = []
    for place, level in np.argwhere(told).tolist():
        a, b = did[place, level].tolist()
        name = tally.texts[int(tally.keys[place])] or ""
        table = Twofold(a, b, one - a, other - b)
        found.append(Line(place, level, name, *tally.levels.named(level), table))
    return found, int((people > 0).sum())


@dataclass(frozen=True)
class Judged:
    """Lines with their tests; those with too few people have none.

    Attributes
    ----------
    lines
        The clearest first.
    p_values, q_values
        Per line; q-values are over all lines that are tested.
    """

    lines: list[Line]
    p_values: list[float | None]
    q_values: list[float | None]

    @property
    def verdicts(self) -> list[str]:
        """Per line one of three."""
        return [TOO_FEW if q is None else ASSOCIATED if q <= FLAG else ALIKE for q in self.q_values]

    def first(self, most: int) -> Judged:
        """The first lines."""
        return Judged(self.lines[:most], self.p_values[:most], self.q_values[:most])


def judge(lines: Sequence[Line], sides: Sides, least: float) -> Judged:
    """Test every line that has enough people, and put the clearest first, structural ones behind the others.

    Parameters
    ----------
    lines
        What to test.
    sides
        What is compared.
    least
        The least share of people that have to have done it.
    """
    p_values = [line.effect(sides).p_value() if enough(line.table, least) else None for line in lines]
    q_values = benjamini_hochberg(p_values)

    def rank(k: int) -> tuple[bool, bool, float, int, str, int]:
        p, line = p_values[k], lines[k]
        return p is None, line.structural, 1.0 if p is None else p, -line.people, line.name, line.level

    order = sorted(range(len(lines)), key=rank)
    return Judged([lines[k] for k in order], [p_values[k] for k in order], [q_values[k] for k in order])


def line_columns(judged: Judged, sides: Sides) -> dict[str, list[Any]]:
    """The columns of a table of lines."""
    lines = judged.lines
    table: dict[str, list[Any]] = {
        "behaviour": [line.name for line in lines],
        "times": [line.times for line in lines],
        "days": [line.days for line in lines],
        "people": [line.people for line in lines],
        sides.one: [line.table.a for line in lines],
        sides.other: [line.table.b for line in lines],
    }
    table |= interval_columns("of_people", [Proportion(line.people, line.table.n).estimate() for line in lines])
    table |= effect_columns([line.table for line in lines], sides)
    table["e_value"], table["e_value_limit"] = [], []
    for line, p in zip(lines, judged.p_values, strict=True):
        effect = line.effect(sides)
        table["e_value"].append(None if p is None else effect.e_value())
        table["e_value_limit"].append(None if p is None else effect.e_value_limit())
    table |= {"p_value": judged.p_values, "q_value": judged.q_values, "verdict": judged.verdicts}
    table["structural"] = [line.structural for line in lines]
    return table


def effect_columns(tables: Sequence[Twofold], sides: Sides) -> dict[str, list[Any]]:
    """Shares with their intervals, their difference, and how strongly the two facts go together."""
    turned = [each.turned for each in tables]
    found: dict[str, list[Any]] = {}
    if not sides.groups:
        found |= interval_columns("of_did", [each.share() for each in tables])
        found |= interval_columns("of_did_not", [each.share_without() for each in tables])
    found |= interval_columns(f"of_{sides.one}", [each.share() for each in turned])
    found |= interval_columns(f"of_{sides.other}", [each.share_without() for each in turned])
    effects = turned if sides.groups else tables
    found |= interval_columns("of_more", [each.difference() for each in effects])
    found |= interval_columns("risk_ratio", [each.risk_ratio() for each in effects])
    found |= interval_columns("odds_ratio", [each.odds_ratio() for each in effects])
    if not sides.groups:
        found["lift"] = [each.lift for each in tables]
    found["phi"] = [each.phi for each in tables]
    return found


def standardised_columns(tally: BehaviourTally, judged: Judged, sides: Sides) -> dict[str, list[Any]]:
    """The difference among those of one stratum, and which part of those it is about had others to be held against."""
    differences: list[Estimate] = []
    matched: list[float | None] = []
    for line in judged.lines:
        strata = []
        for a, b, one, other in tally.by_stratum(line.place, line.level):
            pair = ((a, one), (b, other)) if sides.groups else ((a, a + b), (one - a, one + other - a - b))
            strata.append(Stratum(*share(*pair[0]), *share(*pair[1])))
        difference, rests_on = standardised(strata)
        treated = sum(each.treated for each in strata)
        differences.append(difference)
        matched.append(rests_on / treated if treated else None)
    return {**interval_columns("of_more_standardised", differences), "of_matched": matched}


def threshold_columns(
    tally: BehaviourTally, sides: Sides, least: float, most: int, left_out: Sequence[str] = ()
) -> dict[str, list[Any]]:
    """Per behaviour and measure the threshold that half of the people choose, told of the other half.

    Parameters
    ----------
    tally
        The sums.
    sides
        What is compared.
    least
        The least share of people that have to reach the lowest threshold.
    most
        How many lines are told; tests are over all of them.
    left_out
        Behaviours to pass over.
    """
    lines: list[Line] = []
    spreads: dict[tuple[int, int], tuple[Array, int]] = {}
    for place, key in enumerate(tally.keys.tolist()):
        name = tally.texts[key] or ""
        for span in tally.levels.spans:
            people = tally.spread(place, span)
            if name in left_out or not enough(table_at(people, 1), least):
                continue
            found = chosen(people)
            if found.level:
                level = span[0] + found.level - 1
                lines.append(Line(place, level, name, *tally.levels.named(level), found.held_out))
                spreads[place, level] = people, found.level
    judged = judge(lines, sides, 0.0).first(most)
    shares = [Proportion(line.people, line.table.n).estimate() for line in judged.lines]
    return {
        "behaviour": [line.name for line in judged.lines],
        "times": [line.times for line in judged.lines],
        "days": [line.days for line in judged.lines],
        "held_out": [line.table.n for line in judged.lines],
        **interval_columns("of_people", shares),
        **effect_columns([line.table for line in judged.lines], sides),
        "p_value": judged.p_values,
        "q_value": judged.q_values,
        "verdict": judged.verdicts,
        "of_splits": [chosen_again(*spreads[line.place, line.level]) for line in judged.lines],
    }


def told_as(name: str, times: int | None, days: int | None) -> str:
    """`invite, at least 3 times`."""
    if days is not None:
        return f"{name}, on at least {days} day{'' if days == 1 else 's'}"
    return name if times == 1 else f"{name}, at least {times} times"
