"""Transitions from their definition, in plain lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise


def moved(
    journeys: dict[str, Sequence[tuple[int, str]]], *, within: int | None, collapse: bool, end: int
) -> tuple[dict[tuple[str, str], list[int]], dict[tuple[str, str], set[str]], dict[str, set[str]]]:
    """Gaps by move, people by move, and people by touchpoint; a journey is moments with touchpoints, in order."""
    gaps: dict[tuple[str, str], list[int]] = defaultdict(list)
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    at: dict[str, set[str]] = defaultdict(set)
    for person, events in journeys.items():
        visits: list[list[tuple[int, str]]] = []
        for moment, name in events:
            at[name].add(person)
            follows = visits and (within is None or moment - visits[-1][-1][0] <= within)
            if follows:
                visits[-1].append((moment, name))
            else:
                visits.append([(moment, name)])
        for number, stretch in enumerate(visits):
            moves = [("(start)", stretch[0][1], 0)]
            for (before, a), (moment, b) in pairwise(stretch):
                if not (collapse and a == b):
                    moves.append((a, b, moment - before))
            is_open = number == len(visits) - 1 and (within is None or stretch[-1][0] + within > end)
            moves.append((stretch[-1][1], "(undecided)" if is_open else "(left)", 0))
            for a, b, gap in moves:
                gaps[a, b].append(gap)
                people[a, b].add(person)
    return dict(gaps), dict(people), dict(at)
