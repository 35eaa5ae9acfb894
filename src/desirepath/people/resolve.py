"""Who is one person? A pure function of what was seen together, of rules, and of nothing else.

The order in which data came changes nothing: identities are numbered by (strength, kind, value), links are taken in
the order of (rules of hand, class, first moment, number), and a refused link is kept with its reason.

- strong and semi identities join, as far as the limits of the policy and no cut forbid it; two accounts of one address
  join only if a device was used by both and nobody else, or one of them was never seen on a device
- weak ones (cookies, devices) never join two people: one that touches one person belongs to that person for its whole
  history; one that touches several is shared, and its events go by who was logged in (`sharing`)
- an e-mail address or phone that stands beside too many identities of one kind proves nothing

Design and rationale: docs/people.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel
from desirepath.people.policy import Policy

Array = npt.NDArray[Any]

STRONG, SEMI, WEAK, APART = range(4)
"""Classes of identities. Apart: accounts, addresses of machines, blocked values: they prove nothing about people."""

OWN, SHARED, KIOSK, NOBODY = range(4)
"""What an identity stands for: its leader; several people; too many people; nobody, because it is blocked."""

REASONS = ("", "fan_out", "same_kind", "size", "cut", "shared", "kiosk", "linked")
"""Why a link was refused, by code; see docs/people.md."""
ACCEPTED, FAN_OUT, SAME_KIND, SIZE, CUT, SHARED_BY, KIOSK_BY, LINKED = range(8)


@dataclass(frozen=True)
class Evidence:
    """Identities and what was seen together.

    Attributes
    ----------
    strength, kind
        int8[n] and int64[n]: class and kind of each identity; identities are numbered in the order of (class, kind,
        value), which must not depend on anything else.
    blocked
        bool[n]: whether the value names nobody.
    a, b
        int64[m]: the links, a < b, each pair once.
    first
        int64[m]: when each was first seen, microseconds.
    pinned
        bool[m]: whether a rule of hand says that the two are one.
    cuts
        int64[c, 2]: pairs that a rule of hand says are not one.
    """

    strength: Array
    kind: Array
    blocked: Array
    a: Array
    b: Array
    first: Array
    pinned: Array
    cuts: Array

    def __len__(self) -> int:
        return len(self.strength)


@dataclass(frozen=True)
class Verdict:
    """Who is who.

    Attributes
    ----------
    leader
        int64[n]: the smallest identity of the person that each belongs to; of a shared one, itself.
    state
        int8[n]: `OWN`, `SHARED`, `KIOSK` or `NOBODY`.
    reason
        int8[m]: why each link was refused; 0 where it was not.
    """

    leader: Array
    state: Array
    reason: Array


@kernel
def _join(a: Array, b: Array, parent: Array) -> None:
    for k in range(len(a)):
        x, y = a[k], b[k]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x < y:
            parent[y] = x
        else:
            parent[x] = y
    for k in range(len(parent)):
        x = k
        while parent[x] != x:
            x = parent[x]
        parent[k] = x


@kernel
def _unite(
    a: Array,
    b: Array,
    pinned: Array,
    cuts: Array,
    same_kind: int,
    most: int,
    parent: Array,
    size: Array,
    held: Array,
    reason: Array,
) -> None:
    """Join in the given order as far as the limits allow; `held[x, k]` counts strong identities by kind."""
    for e in range(len(a)):
        x, y = a[e], b[e]
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        while parent[y] != y:
            parent[y] = parent[parent[y]]
            y = parent[y]
        if x == y:
            continue
        why = 0
        for c in range(len(cuts)):
            p, q = cuts[c, 0], cuts[c, 1]
            while parent[p] != p:
                p = parent[p]
            while parent[q] != q:
                q = parent[q]
            if (p == x and q == y) or (p == y and q == x):
                why = CUT
        if why == 0 and not pinned[e]:
            if size[x] + size[y] > most:
                why = SIZE
            for k in range(held.shape[1]):
                if held[x, k] > 0 and held[y, k] > 0 and held[x, k] + held[y, k] > same_kind:
                    why = SAME_KIND
        if why != 0:
            reason[e] = why
            continue
        low, high = min(x, y), max(x, y)
        parent[high] = low
        size[low] += size[high]
        for k in range(held.shape[1]):
            held[low, k] += held[high, k]
    for k in range(len(parent)):
        x = k
        while parent[x] != x:
            x = parent[x]
        parent[k] = x


def components(identities: int, a: Array, b: Array) -> Array:
    """Group identities that links connect.

    Parameters
    ----------
    identities
        How many there are, numbered from 0.
    a, b
        int64[links]: pairs that belong together.

    Returns
    -------
    int64[identities]: the smallest number of each one's group.
    """
    parent = np.arange(identities, dtype=np.int64)
    _join(a.astype(np.int64), b.astype(np.int64), parent)
    return parent


def resolve(evidence: Evidence, policy: Policy) -> Verdict:
    """Work out who is who.

    Parameters
    ----------
    evidence
        What is known.
    policy
        The limits.

    Returns
    -------
    The verdict, the same for the same evidence in whatever order and parts it came.
    """
    reason = np.zeros(len(evidence.a), dtype=np.int8)
    ends = evidence.strength[evidence.a], evidence.strength[evidence.b]
    usable = ~(evidence.blocked[evidence.a] | evidence.blocked[evidence.b]) & (ends[0] < APART) & (ends[1] < APART)
    firm = usable & (ends[0] < WEAK) & (ends[1] < WEAK)
    crowded = _crowded(evidence, firm, policy.fan_out)
    reason[firm & ~evidence.pinned & (crowded[evidence.a] | crowded[evidence.b])] = FAN_OUT
    leader = _people(evidence, np.flatnonzero(firm & (reason == 0)), policy, reason)
    state = np.where(evidence.blocked, NOBODY, OWN).astype(np.int8)
    _devices(evidence, usable & ~firm, crowded, policy, leader, state, reason)
    return Verdict(leader, state, reason)


def _crowded(evidence: Evidence, firm: Array, fan_out: int) -> Array:
    """bool[n]: semi identities that stand beside more than `fan_out` identities of one kind."""
    near, far = _both_ways(evidence, np.flatnonzero(firm & ~evidence.pinned))
    semi = evidence.strength[near] == SEMI
    near, kind = near[semi], evidence.kind[far[semi]]
    kinds = int(evidence.kind.max(initial=0)) + 1
    pairs, counts = _distinct(near * kinds + kind)
    crowded = np.zeros(len(evidence), dtype=np.bool_)
    crowded[pairs[counts > fan_out] // kinds] = True
    return crowded


def _distinct(keys: Array) -> tuple[Array, Array]:
    """The values in rising order, each once, and how often each was there; several times as fast as `np.unique`."""
    keys = np.sort(keys)
    begin = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    return keys[begin], np.diff(np.append(begin, len(keys)))


def _both_ways(evidence: Evidence, links: Array) -> tuple[Array, Array]:
    a, b = evidence.a[links], evidence.b[links]
    return np.concatenate([a, b]), np.concatenate([b, a])


def _people(evidence: Evidence, links: Array, policy: Policy, reason: Array) -> Array:
    """int64[n]: the leader of each strong or semi identity; of all others themselves.

    Strong identities that were seen together, or that a rule of hand joins, are taken at their word. Over an address,
    everybody first keeps to one strong identity of a kind. What that refuses is looked at again: two accounts with one
    address are one human with two accounts, or somebody else's address by mistake, and devices know which.
    """
    n = len(evidence)
    a, b = evidence.a[links], evidence.b[links]
    # numbers are in the order of strength, so the sum of both ends' classes tells strong-strong from semi-semi
    class_ = evidence.strength[a].astype(np.int64) + evidence.strength[b]
    order = np.lexsort((b, a, evidence.first[links], class_, ~evidence.pinned[links]))
    chosen, direct = links[order], (evidence.pinned[links] | (class_ == 2 * STRONG))[order]
    strong_kinds, of_kind = np.unique(evidence.kind[evidence.strength == STRONG], return_inverse=True)
    held = np.zeros((n, max(len(strong_kinds), 1)), dtype=np.int32)
    held[np.flatnonzero(evidence.strength == STRONG), of_kind] = 1
    parent = np.arange(n, dtype=np.int64)
    size = np.ones(n, dtype=np.int64)

    def unite(some: Array, same_kind: int) -> None:
        found = np.zeros(len(some), dtype=np.int8)
        ends = evidence.a[some].astype(np.int64), evidence.b[some].astype(np.int64)
        cuts = evidence.cuts.astype(np.int64).reshape(-1, 2)
        _unite(*ends, evidence.pinned[some], cuts, same_kind, policy.most, parent, size, held, found)
        reason[some] = found

    unite(chosen[direct], policy.same_kind)
    unite(chosen[~direct], 1)
    refused = chosen[~direct & (reason[chosen] == SAME_KIND)]
    unite(refused[_could_be_one(evidence, refused, parent)], policy.same_kind)
    reason[refused[parent[evidence.a[refused]] == parent[evidence.b[refused]]]] = ACCEPTED
    return parent


def _could_be_one(evidence: Evidence, links: Array, person: Array) -> Array:
    """bool per link: whether a device was used by both persons and no third, or one was never seen on a device."""
    n = len(evidence)
    strong, weak = evidence.strength[evidence.a] == STRONG, evidence.strength[evidence.b] == WEAK
    seen = np.flatnonzero(strong & weak & ~evidence.blocked[evidence.a] & ~evidence.blocked[evidence.b])
    device, owner = np.divmod(_distinct(evidence.b[seen] * n + person[evidence.a[seen]])[0], n)
    users = _distinct(device)[1]
    begin = (np.cumsum(users) - users)[users == 2]
    together = owner[begin] * n + owner[begin + 1]
    ends = np.sort(np.stack([person[evidence.a[links]], person[evidence.b[links]]]), axis=0)
    on_device = np.zeros(n, dtype=np.bool_)
    on_device[owner] = True
    unseen: Array = ~on_device[ends[0]] | ~on_device[ends[1]]
    return unseen | np.isin(ends[0] * n + ends[1], together)


def _devices(
    evidence: Evidence, loose: Array, crowded: Array, policy: Policy, leader: Array, state: Array, reason: Array
) -> None:
    """Give weak identities to people; writes `leader`, `state` and `reason`."""
    both_weak = loose & (evidence.strength[evidence.a] == WEAK) & (evidence.strength[evidence.b] == WEAK)
    device = _linked(evidence, np.flatnonzero(both_weak), policy.most_linked, reason)
    touching = np.flatnonzero(loose & ~both_weak)
    # numbers are in the order of strength: the weak end is b
    known, weak = evidence.a[touching], evidence.b[touching]
    reason[touching[crowded[known] & ~evidence.pinned[touching]]] = FAN_OUT
    usable = ~crowded[known] | evidence.pinned[touching]
    usable &= ~_cut_off(evidence, leader[known], device[weak], leader, device)
    reason[touching[~usable & (reason[touching] == 0)]] = CUT
    touching, person, part = touching[usable], leader[known[usable]], device[weak[usable]]
    by_hand = evidence.pinned[touching]
    settled = np.isin(part, part[by_hand]) & ~by_hand  # what a rule of hand says about a device beats what was seen
    reason[touching[settled]] = SHARED_BY
    touching, person, part = touching[~settled], person[~settled], part[~settled]
    pairs = np.divmod(_distinct(part * len(evidence) + person)[0], len(evidence))
    devices, people = _distinct(pairs[0])
    of_device = np.full(len(evidence), 0, dtype=np.int64)
    of_device[devices] = people
    owner = np.arange(len(evidence), dtype=np.int64)
    owner[pairs[0]] = pairs[1]
    is_weak = np.flatnonzero((evidence.strength == WEAK) & ~evidence.blocked)
    users = of_device[device[is_weak]]
    leader[is_weak] = np.where(users == 1, owner[device[is_weak]], device[is_weak])
    state[is_weak] = np.where(users <= 1, OWN, np.where(users <= policy.shared_by, SHARED, KIOSK))
    many = of_device[part]
    reason[touching[many > 1]] = SHARED_BY
    reason[touching[many > policy.shared_by]] = KIOSK_BY


def _linked(evidence: Evidence, links: Array, most: int, reason: Array) -> Array:
    """int64[n]: the smallest identity of each one's device; devices of too many parts fall apart."""
    device = components(len(evidence), evidence.a[links], evidence.b[links])
    sizes = np.bincount(device, minlength=len(evidence))
    too_large = sizes[device] > most
    reason[links[too_large[evidence.a[links]]]] = LINKED
    return np.where(too_large, np.arange(len(evidence)), device)


def _cut_off(evidence: Evidence, person: Array, part: Array, leader: Array, device: Array) -> Array:
    """bool per touch: whether a rule of hand keeps the device from the person."""
    if not len(evidence.cuts):
        return np.zeros(len(person), dtype=np.bool_)
    low, high = evidence.cuts.min(axis=1), evidence.cuts.max(axis=1)
    weak = evidence.strength[high] == WEAK
    forbidden = np.stack([device[high[weak]], leader[low[weak]]])
    n = len(evidence)
    return np.isin(part * n + person, forbidden[0] * n + forbidden[1])
