"""Attribution from its definition, in plain lists and fractions: slow, and written without a look at the kernel."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any, NamedTuple

START, CONVERSION, NOTHING = "(start)", "(conversion)", "(nothing)"


class Seen(NamedTuple):
    """An event as far as attribution looks at it."""

    moment: int
    goal: bool
    channel: str | None
    lead: bool = False
    worth: float | None = None


class Path(NamedTuple):
    """A closed path: who, which channels at which ages, what it was worth if it converts, and which touch led."""

    person: str
    names: tuple[str, ...]
    ages: tuple[int, ...]
    converts: bool
    worth: float
    lead: int | None


@dataclass(frozen=True)
class Asked:
    """The rules of the question."""

    lookback: int
    apart: int
    half_life: int
    direct: Sequence[str]
    period: tuple[int, int]
    cutoff: int
    custom: Sequence[float] = (1, 1, 1)


@dataclass
class Shared:
    """What an oracle or the question says."""

    paths: list[Path] = field(default_factory=list)
    untouched: int = 0
    undecided: int = 0

    @property
    def won(self) -> list[Path]:
        """The paths that convert."""
        return [path for path in self.paths if path.converts]

    def moves(self) -> Counter[tuple[str, str]]:
        """How often one channel follows another."""
        found: Counter[tuple[str, str]] = Counter()
        for path in self.paths:
            found.update(pairwise((START, *path.names, CONVERSION if path.converts else NOTHING)))
        return found

    def touching(self, channel: str) -> tuple[int, int]:
        """How many converting paths touch a channel, and of how many people."""
        hits = [path.person for path in self.won if channel in path.names]
        return len(hits), len(set(hits))


def shared_out(journeys: dict[str, list[Seen]], asked: Asked) -> Shared:
    """Find the closed paths."""
    found = Shared()
    for person, events in journeys.items():
        runs: list[tuple[list[Seen], Seen | None]] = [([], None)]
        for event in events:
            if event.goal:
                runs[-1] = (runs[-1][0], event)
                runs.append(([], None))
            else:
                runs[-1][0].append(event)
        for before, goal in runs:
            _run(found, person, before, goal, asked)
    return found


def _separate(events: Sequence[Seen], apart: int) -> tuple[list[Seen], int | None]:
    """Touches of one channel that follow each other closely are one; and the touch at or before the first lead."""
    last: dict[str, int] = {}
    touches: list[Seen] = []
    lead = None
    for event in events:
        if event.channel is not None:
            if event.channel not in last or event.moment - last[event.channel] > apart:
                touches.append(event)
            last[event.channel] = event.moment
        if event.lead and touches and lead is None:
            lead = len(touches) - 1
    return touches, lead


def _run(found: Shared, person: str, before: list[Seen], goal: Seen | None, asked: Asked) -> None:
    begin, end = asked.period
    left = [event for event in before if event.moment < end]
    if goal is not None:
        left = [event for event in left if event.moment < goal.moment - asked.lookback]
    latest = max((event.moment for event in left if event.channel is not None), default=begin - 1)
    if latest >= begin:
        if goal is None and latest + asked.lookback > asked.cutoff:
            found.undecided += 1
        else:
            touches, lead = _separate(left, asked.apart)
            names = tuple(str(event.channel) for event in touches)
            ages = tuple(latest - event.moment for event in touches)
            found.paths.append(Path(person, names, ages, False, 0.0, lead))
    if goal is None or not begin <= goal.moment < end:
        return
    touches, lead = _separate([event for event in before if event.moment >= goal.moment - asked.lookback], asked.apart)
    if not touches:
        found.untouched += 1
        return
    names = tuple(str(event.channel) for event in touches)
    ages = tuple(goal.moment - event.moment for event in touches)
    found.paths.append(Path(person, names, ages, True, goal.worth or 0.0, lead))


def parts(path: Path, rule: str, asked: Asked) -> list[Fraction]:
    """Which part of a path's conversion each touch gets."""
    n, names = len(path.names), path.names
    tenth = Fraction(1, 10)
    shapes = {"position": (4, 2, 4), "j": (2, 2, 6), "inverse_j": (6, 2, 2), "custom": tuple(asked.custom)}
    if rule in shapes or (rule == "w" and path.lead is None):
        first, middle, last = (Fraction(each) for each in shapes[rule if rule in shapes else "position"])
        if n == 1:
            return [Fraction(1)]
        if n == 2:
            whole = first + last
            return [first / whole, last / whole] if whole else [Fraction(1, 2)] * 2
        whole = first + middle + last
        return [first / whole, *[middle / whole / (n - 2)] * (n - 2), last / whole]
    if rule == "w":
        assert path.lead is not None
        marked = Counter({0: 0})
        for place in (0, path.lead, n - 1):
            marked[place] += 3
        others = [k for k in range(n) if not marked[k]]
        given = [marked[k] * tenth if marked[k] else tenth / len(others) for k in range(n)]
        return [each / sum(given) for each in given]
    if rule == "decay":
        ages = [Fraction(2.0 ** -((age - min(path.ages)) / asked.half_life)) for age in path.ages]
        return [age / sum(ages) for age in ages]
    if rule in ("participation", "shapley"):
        fresh = [Fraction(names.index(name) == k) for k, name in enumerate(names)]
        return fresh if rule == "participation" else [each / sum(fresh) for each in fresh]
    known = [k for k, name in enumerate(names) if name not in asked.direct] or [n - 1]
    place = {"first": 0, "last": n - 1, "last_other": known[-1]}
    return [Fraction(1, n)] * n if rule == "linear" else [Fraction(k == place[rule]) for k in range(n)]


def credit(shared: Shared, rule: str, asked: Asked, *, in_money: bool = False) -> dict[str, float]:
    """Credit by channel."""
    found: dict[str, Fraction] = defaultdict(Fraction)
    for path in shared.won:
        whole = Fraction(path.worth) if in_money else Fraction(1)
        for name, part in zip(path.names, parts(path, rule, asked), strict=True):
            found[name] += part * whole
    return {name: float(each) for name, each in found.items()}


def squares(shared: Shared, rule: str, asked: Asked, *, in_money: bool = False) -> dict[str, float]:
    """By channel the sum over people of the square of the credit that each brings it."""
    found: dict[str, float] = defaultdict(float)
    for person in {path.person for path in shared.won}:
        own = Shared([path for path in shared.won if path.person == person])
        for name, part in credit(own, rule, asked, in_money=in_money).items():
            found[name] += part * part
    return found


def chance(shared: Shared, order: int, without: str | None = None, *, in_money: bool = False) -> float:
    """What comes of the start of a chain that remembers so many touches, if one channel leads to nothing."""
    counts: dict[tuple[str, ...], Counter[Any]] = defaultdict(Counter)
    earned: dict[tuple[str, ...], float] = defaultdict(float)
    for path in shared.paths:
        for k in range(len(path.names)):
            counts[path.names[max(k - order, 0) : k]][path.names[max(k + 1 - order, 0) : k + 1]] += 1
        last = path.names[-order:]
        counts[last][CONVERSION if path.converts else NOTHING] += 1
        earned[last] += path.worth if in_money else path.converts
    here = dict.fromkeys(counts, 0.0)
    for _ in range(4_000):
        after = {}
        for state, moves in counts.items():
            if without in state:
                after[state] = 0.0
                continue
            on = sum(times * here[to] for to, times in moves.items() if isinstance(to, tuple))
            after[state] = (on + earned[state]) / sum(moves.values())
        if max((abs(after[state] - here[state]) for state in here), default=0.0) < 1e-14:
            break
        here = after
    return here[()] if here else 0.0


def removal_effects(shared: Shared, order: int, *, in_money: bool = False) -> dict[str, float]:
    """What each channel's removal takes off."""
    names = {name for path in shared.paths for name in path.names}
    whole = chance(shared, order, in_money=in_money)
    return {name: 1 - chance(shared, order, name, in_money=in_money) / whole for name in names} if whole else {}


def shapley_rates(shared: Shared, shrink: int) -> dict[str, float]:
    """Shapley values of the game for the rate of conversion, by all orders of arrival, times the number of paths."""
    names = sorted({name for path in shared.paths for name in path.names})
    total = len(shared.paths)
    if not total:
        return {}
    overall = Fraction(len(shared.won), total)

    def rate(some: frozenset[str]) -> Fraction:
        if not some:
            return Fraction(0)
        inside = [path for path in shared.paths if set(path.names) <= some]
        return (sum(path.converts for path in inside) + shrink * overall) / Fraction(len(inside) + shrink)

    found = {}
    for name in names:
        others = [each for each in names if each != name]
        value = Fraction(0)
        for size in range(len(others) + 1):
            sets = list(combinations(others, size))
            for some in sets:
                value += (rate(frozenset((*some, name))) - rate(frozenset(some))) / len(sets) / len(names)
        found[name] = float(value * total)
    return found
