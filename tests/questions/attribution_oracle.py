"""Attribution from its definition, in plain lists and fractions: slow, and written without a look at the kernel."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any


@dataclass
class Shared:
    """What an oracle or the question says."""

    credit: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))
    paths: Counter[str] = field(default_factory=Counter)
    people: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    credited: int = 0
    untouched: int = 0
    nulls: int = 0
    undecided: int = 0


def separate(touches: Sequence[tuple[int, str]], apart: int) -> list[tuple[int, str]]:
    """Touches of one channel that follow each other closely are one."""
    last: dict[str, int] = {}
    found = []
    for moment, channel in touches:
        if channel not in last or moment - last[channel] > apart:
            found.append((moment, channel))
        last[channel] = moment
    return found


def chain(shared: Shared, path: Sequence[tuple[int, str]], end: str) -> None:
    """Count the moves of a path."""
    names = ["(start)", *(channel for _, channel in path), end]
    shared.moves.update(pairwise(names))


def shared_out(
    journeys: dict[str, list[tuple[int, bool, str | None]]],
    *,
    lookback: int,
    apart: int,
    half_life: int,
    direct: Sequence[str],
    period: tuple[int, int],
    cutoff: int,
) -> Shared:
    """Share credit out; a journey is moments, whether the event is the goal, and its channel if it is a touch."""
    found = Shared()
    for person, events in journeys.items():
        runs: list[tuple[list[tuple[int, str]], int | None]] = [([], None)]
        for moment, goal, channel in events:
            if goal:
                runs[-1] = (runs[-1][0], moment)
                runs.append(([], None))
            elif channel is not None:
                runs[-1][0].append((moment, channel))
        for touches, when in runs:
            _run(found, person, touches, when, lookback, apart, half_life, direct, period, cutoff)
    return found


def _run(found: Shared, person: str, touches: Any, when: int | None, *rules: Any) -> None:
    lookback, apart, half_life, direct, (begin, end), cutoff = rules
    left = [touch for touch in touches if touch[0] < end and (when is None or touch[0] < when - lookback)]
    if left and left[-1][0] >= begin:
        if when is None and left[-1][0] + lookback > cutoff:
            found.undecided += 1
        else:
            found.nulls += 1
            chain(found, separate(left, apart), "(nothing)")
    if when is None or not begin <= when < end:
        return
    path = separate([touch for touch in touches if touch[0] >= when - lookback], apart)
    if not path:
        found.untouched += 1
        return
    found.credited += 1
    chain(found, path, "(conversion)")
    names = [channel for _, channel in path]
    for channel in set(names):
        found.paths[channel] += 1
        found.people[channel].add(person)
    known = [name for name in names if name not in direct] or names
    n = len(names)
    shares = {
        "first": [float(k == 0) for k in range(n)],
        "last": [float(k == n - 1) for k in range(n)],
        "linear": [1 / n] * n,
        "position": [1.0] if n == 1 else [0.5, 0.5] if n == 2 else [0.4, *[0.2 / (n - 2)] * (n - 2), 0.4],
    }
    ages = [2 ** (-(when - moment) / half_life) for moment, _ in path]
    shares["decay"] = [age / sum(ages) for age in ages]
    for rule, parts in shares.items():
        for name, part in zip(names, parts, strict=True):
            found.credit[rule][name] += part
    found.credit["last_other"][known[-1]] += 1
