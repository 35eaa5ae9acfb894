"""Identity resolution without a database: events as tuples in, a person per event out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from desirepath.events.event import strength_of
from desirepath.people.policy import Policy
from desirepath.people.resolve import APART, KIOSK, NOBODY, OWN, SEMI, SHARED, STRONG, WEAK, Evidence, Verdict, resolve
from desirepath.people.sharing import FOREVER, NOBODY_KNOWN, PASSER_BY, stretches

CLASSES = {"strong": STRONG, "semi": SEMI, "weak": WEAK}

Name = tuple[str, str]
"""An identity: kind and value."""


@dataclass(frozen=True)
class Seen:
    """An event: when (microseconds), and the identities on it, the most telling first."""

    at: int
    names: tuple[Name, ...]


@dataclass(frozen=True)
class People:
    """Who is who, and whose each event is."""

    names: list[Name]
    evidence: Evidence
    verdict: Verdict
    of_event: list[str | None]

    @property
    def groups(self) -> dict[Name, frozenset[Name]]:
        """Everybody's identities, by leader; shared devices stand alone."""
        found: dict[int, set[Name]] = {}
        for place, leader in enumerate(self.verdict.leader):
            if self.verdict.state[place] == OWN:
                found.setdefault(int(leader), set()).add(self.names[place])
        return {self.names[leader]: frozenset(members) for leader, members in found.items()}


def class_of(kind: str) -> int:
    """Strong, semi, weak or apart, as the product has it."""
    return CLASSES.get(strength_of(kind, names_person=True), APART)


def namer(names: Sequence[Name]) -> Name:
    """The identity that names an event's person: the first strong one, else semi, else weak."""
    return min(names, key=lambda name: class_of(name[0]))


def evidence_of(
    events: Iterable[Seen],
    *,
    pins: Iterable[tuple[Name, Name]] = (),
    cuts: Iterable[tuple[Name, Name]] = (),
    blocked: Iterable[Name] = (),
) -> tuple[list[Name], Evidence]:
    """Identities in their order, and the evidence as arrays."""
    seen: dict[tuple[Name, Name], int] = {}
    known: set[Name] = set()
    for event in events:
        known.update(event.names)
        firm = [name for name in event.names if class_of(name[0]) != WEAK]
        for one, two in combinations(sorted(set(event.names)), 2):
            if firm and one not in firm and two not in firm:
                continue
            pair = (one, two)
            seen[pair] = min(seen.get(pair, FOREVER), event.at)
    pairs = {tuple(sorted(pair)): at for pair, at in seen.items()}
    by_hand = {tuple(sorted(pair)) for pair in pins}
    for pair in by_hand:
        pairs.setdefault(pair, FOREVER)
        known.update(pair)
    for pair in cuts:
        known.update(pair)
    names = sorted(known, key=lambda name: (class_of(name[0]), *name))
    place = {name: number for number, name in enumerate(names)}
    kinds = sorted({name[0] for name in names})
    linked = sorted((*sorted((place[one], place[two])), at, (one, two) in by_hand) for (one, two), at in pairs.items())
    table: Any = np.array([row[:3] for row in linked], dtype=np.int64).reshape(-1, 3)
    block = set(blocked)
    return names, Evidence(
        strength=np.array([class_of(kind) for kind, _ in names], dtype=np.int8),
        kind=np.array([kinds.index(kind) for kind, _ in names], dtype=np.int64),
        blocked=np.array([name in block for name in names], dtype=np.bool_),
        a=table[:, 0].copy(),
        b=table[:, 1].copy(),
        first=table[:, 2].copy(),
        pinned=np.array([row[3] for row in linked], dtype=np.bool_),
        cuts=np.array([[place[one], place[two]] for one, two in cuts], dtype=np.int64).reshape(-1, 2),
    )


def people(events: Sequence[Seen], policy: Policy | None = None, **rules: Any) -> People:
    """Resolve events; `of_event` names each event's person, None for a passer-by at a kiosk or a blocked name."""
    policy = policy or Policy()
    names, evidence = evidence_of(events, **rules)
    verdict = resolve(evidence, policy)
    place = {name: number for number, name in enumerate(names)}
    kept_off = {
        (int(verdict.leader[max(pair)]), int(verdict.leader[min(pair)]))
        for pair in evidence.cuts.tolist()
        if evidence.strength[max(pair)] == WEAK
    }
    logins = []
    for event in events:
        who = place[namer(event.names)]
        if evidence.strength[who] >= WEAK or verdict.state[who] != OWN:
            continue
        for name in event.names:
            device = place[name]
            pair = (int(verdict.leader[device]), int(verdict.leader[who]))
            if evidence.strength[device] == WEAK and verdict.state[device] != OWN and pair not in kept_off:
                logins.append((int(verdict.leader[device]), event.at, int(verdict.leader[who])))
    rows: Any = np.array(logins, dtype=np.int64).reshape(-1, 3)
    weak = evidence.strength == WEAK
    shared = np.unique(verdict.leader[weak & ((verdict.state == SHARED) | (verdict.state == KIOSK))])
    had = stretches(rows[:, 0], rows[:, 1], rows[:, 2], shared, verdict.state[shared] == KIOSK, policy)
    spans: Mapping[int, list[tuple[int, int, int]]] = {}
    for device, begin, end, person in zip(had.device, had.begin, had.end, had.person, strict=True):
        spans.setdefault(int(device), []).append((int(begin), int(end), int(person)))  # type: ignore[attr-defined]
    return People(names, evidence, verdict, [_whose(event, names, place, verdict, spans) for event in events])


def _whose(
    event: Seen,
    names: list[Name],
    place: Mapping[Name, int],
    verdict: Verdict,
    spans: Mapping[int, list[tuple[int, int, int]]],
) -> str | None:
    usable = [name for name in event.names if verdict.state[place[name]] != NOBODY]
    if not usable:
        return None
    who = place[namer(usable)]
    if verdict.state[who] == OWN:
        return spelled(names[verdict.leader[who]])
    device = int(verdict.leader[who])
    for begin, end, person in spans[device]:
        if begin <= event.at < end:
            if person == PASSER_BY:
                return None
            return spelled(names[device if person == NOBODY_KNOWN else person])
    raise AssertionError("stretches leave no gaps")


def spelled(name: Name) -> str:
    """`kind:value`."""
    return ":".join(name)
