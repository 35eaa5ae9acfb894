"""What must hold of who is who, for any evidence: the ten promises of docs/people.md, on generated logs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain import Name, People, Seen, class_of, evidence_of, people, spelled

from desirepath.people.policy import Policy
from desirepath.people.resolve import ACCEPTED, OWN, SEMI, STRONG, WEAK, components, resolve

HOUR = 3_600_000_000
TIGHT = Policy(same_kind=2, fan_out=2, most=5, most_linked=3, shared_by=2, reach="2 hours")

STRONG_IDS = [("user_id", f"u{k}") for k in range(5)] + [("customer_id", f"k{k}") for k in range(4)]
SEMI_IDS = [("email", f"m{k}@x.org") for k in range(5)] + [("phone", f"+49{k}00000") for k in range(3)]
WEAK_IDS = [("cookie", f"c{k}") for k in range(6)] + [("device_id", f"d{k}") for k in range(3)]
APART_IDS = [("account_id", "acme"), ("ip", "10.0.0.1")]
EVERY = STRONG_IDS + SEMI_IDS + WEAK_IDS + APART_IDS

events = st.lists(
    st.builds(
        lambda at, names: Seen(at * HOUR // 4, tuple(names)),
        st.integers(0, 60),
        st.lists(st.sampled_from(EVERY), min_size=1, max_size=4, unique=True),
    ),
    min_size=1,
    max_size=28,
)
pairs = st.lists(
    st.tuples(st.sampled_from(EVERY[:-2]), st.sampled_from(EVERY[:-2])).filter(lambda pair: pair[0] != pair[1]),
    max_size=3,
)
policies = st.sampled_from([Policy(), TIGHT])
thorough = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(found: People) -> tuple[object, ...]:
    """All that a verdict says, in words."""
    refused = {
        (found.names[a], found.names[b], int(why))
        for a, b, why in zip(found.evidence.a, found.evidence.b, found.verdict.reason, strict=True)
        if why
    }
    return found.groups, refused, dict(zip(found.names, found.verdict.state.tolist(), strict=True))


@thorough
@given(log=events, policy=policies, seed=st.integers(0, 999))
def test_i1_order_of_arrival_means_nothing(log: list[Seen], policy: Policy, seed: int) -> None:
    order = random.Random(seed).sample(range(len(log)), len(log))
    straight, shuffled = people(log, policy), people([log[place] for place in order], policy)
    assert told(straight) == told(shuffled)
    assert [straight.of_event[place] for place in order] == shuffled.of_event


@thorough
@given(log=events, policy=policies, seed=st.integers(0, 999))
def test_i2_what_is_seen_twice_changes_nothing(log: list[Seen], policy: Policy, seed: int) -> None:
    again = random.Random(seed).choices(log, k=7)
    once, twice = people(log, policy), people([*log, *again], policy)
    assert told(once) == told(twice)
    assert twice.of_event[: len(log)] == once.of_event


@thorough
@given(log=events, policy=policies)
def test_i5_people_stay_small(log: list[Seen], policy: Policy) -> None:
    for group in people(log, policy).groups.values():
        firm = [name for name in group if class_of(name[0]) in (STRONG, SEMI)]
        assert len(firm) <= policy.most
        kinds = Counter(kind for kind, _ in firm if class_of(kind) == STRONG)
        assert all(many <= policy.same_kind for many in kinds.values())


@thorough
@given(log=events, policy=policies)
def test_i6_a_weak_identity_joins_nobody(log: list[Seen], policy: Policy) -> None:
    """The firm identities of a person are connected by links between firm identities alone."""
    found = people(log, policy)
    place = {name: number for number, name in enumerate(found.names)}
    firm = found.evidence.strength < WEAK
    links = np.flatnonzero(firm[found.evidence.a] & firm[found.evidence.b] & (found.verdict.reason == ACCEPTED))
    part = components(len(found.names), found.evidence.a[links], found.evidence.b[links])
    for group in found.groups.values():
        assert len({int(part[place[name]]) for name in group if firm[place[name]]}) <= 1


@thorough
@given(log=events, policy=policies, pins=pairs)
def test_i7_every_two_members_are_connected_by_accepted_links(
    log: list[Seen], policy: Policy, pins: list[tuple[Name, Name]]
) -> None:
    found = people(log, policy, pins=pins)
    near: dict[Name, set[Name]] = {name: {name} for name in found.names}
    for a, b, why in zip(found.evidence.a, found.evidence.b, found.verdict.reason, strict=True):
        if why == ACCEPTED:
            near[found.names[a]].add(found.names[b])
            near[found.names[b]].add(found.names[a])
    for group in found.groups.values():
        start = min(group)
        reached, todo = {start}, [start]
        while todo:
            more = (near[todo.pop()] & group) - reached
            reached |= more
            todo += more
        assert reached == group


@thorough
@given(log=events, policy=policies, pins=pairs, cuts=pairs)
def test_i8_rules_of_hand_hold_and_to_undo_them_is_exact(
    log: list[Seen], policy: Policy, pins: list[tuple[Name, Name]], cuts: list[tuple[Name, Name]]
) -> None:
    before = told(people(log, policy))
    found = people(log, policy, pins=pins, cuts=cuts)
    where = {name: leader for leader, group in found.groups.items() for name in group}
    for one, two in cuts:
        if class_of(one[0]) != WEAK or class_of(two[0]) != WEAK:
            assert where.get(one, one) != where.get(two, two), (one, two)
    assert told(people(log, policy)) == before


@thorough
@given(log=events, policy=policies, gone=st.sampled_from(EVERY[:-2]))
def test_i9_without_an_identity_the_rest_is_as_if_it_had_never_been(
    log: list[Seen], policy: Policy, gone: Name
) -> None:
    kept = [replace(event, names=tuple(name for name in event.names if name != gone)) for event in log]
    rest = people([event for event in kept if event.names], policy)
    assert gone not in rest.names
    assert not any(gone in group for group in rest.groups.values())


@thorough
@given(log=events, policy=policies, blocked=st.sampled_from(EVERY[:-2]))
def test_a_blocked_identity_proves_nothing(log: list[Seen], policy: Policy, blocked: Name) -> None:
    found = people(log, policy, blocked=[blocked])
    if blocked in found.names:
        assert not any(blocked in group for group in found.groups.values())
    for event, whose in zip(log, found.of_event, strict=True):
        if set(event.names) == {blocked}:
            assert whose is None
        assert whose != spelled(blocked)


@thorough
@given(log=events, policy=policies)
def test_an_event_goes_to_its_own_identities_or_to_who_had_the_device(log: list[Seen], policy: Policy) -> None:
    found = people(log, policy)
    of = {name: spelled(leader) for leader, group in found.groups.items() for name in group}
    for event, whose in zip(log, found.of_event, strict=True):
        firm = [name for name in event.names if class_of(name[0]) in (STRONG, SEMI)]
        if firm:
            assert whose == of[min(firm, key=lambda name: (class_of(name[0]), event.names.index(name)))]


@thorough
@given(log=events, pins=pairs)
def test_stricter_rules_never_make_larger_people_of_strong_identities(
    log: list[Seen], pins: list[tuple[Name, Name]]
) -> None:
    """Of one kind a stricter person has at most one, a looser one as many as twice the limit."""
    for name, policy in Policy().variants().items():
        for group in people(log, policy).groups.values():
            kinds = Counter(kind for kind, _ in group if class_of(kind) == STRONG)
            assert max(kinds.values(), default=0) <= policy.same_kind, name


def test_compiled_is_plain() -> None:
    from desirepath.people import resolve as module

    rng = random.Random(4)
    for _ in range(60):
        log = [
            Seen(rng.randrange(50) * HOUR, tuple(rng.sample(EVERY, rng.randint(1, 4))))
            for _ in range(rng.randint(1, 40))
        ]
        _, evidence = evidence_of(log, cuts=[tuple(rng.sample(EVERY[:-2], 2)) for _ in range(2)])
        compiled = resolve(evidence, TIGHT)
        kernels = module._unite, module._join
        module._unite, module._join = module._unite.plain, module._join.plain  # type: ignore[assignment]
        try:
            plain = resolve(evidence, TIGHT)
        finally:
            module._unite, module._join = kernels
        for one, two in (
            (compiled.leader, plain.leader),
            (compiled.state, plain.state),
            (compiled.reason, plain.reason),
        ):
            assert np.array_equal(one, two)


def test_a_verdict_of_nobody() -> None:
    names, evidence = evidence_of([])
    verdict = resolve(evidence, Policy())
    assert (names, len(verdict.leader), len(verdict.reason)) == ([], 0, 0)


def test_people_who_share_an_office_mailbox_stay_apart() -> None:
    log = [Seen(k * HOUR, (("customer_id", f"k{k}"), ("email", "info@x.org"))) for k in range(4)]
    found = people([*log, Seen(9 * HOUR, (("email", "info@x.org"),))])
    assert found.of_event == [f"customer_id:k{k}" for k in range(4)] + ["email:info@x.org"]
    two = people(log[:2])
    assert set(two.of_event) == {"customer_id:k0"}, "two accounts of one address are one person"


def test_a_family_computer_goes_by_who_was_logged_in() -> None:
    tv = ("device_id", "tv")
    log = [
        Seen(10 * HOUR, (("user_id", "ada"), tv)),
        Seen(11 * HOUR, (tv,)),
        Seen(20 * HOUR - HOUR // 3, (tv,)),
        Seen(20 * HOUR, (("user_id", "ben"), tv)),
        Seen(90 * HOUR, (tv,)),
        Seen(1, (tv,)),
    ]
    assert people(log).of_event == [f"user_id:{who}" for who in ("ada", "ada", "ben", "ben", "ben", "ada")]
    early = people([*log, Seen(-800 * HOUR, (tv,))])
    assert early.of_event[-1] == "device_id:tv", "a month before the first login nobody is known"


def test_a_kiosk_belongs_to_nobody_but_around_a_login() -> None:
    kiosk = ("device_id", "kiosk")
    log = [Seen(k * 10 * HOUR, ((("user_id", f"u{k}"), kiosk))) for k in range(7)]
    log += [Seen(10 * HOUR + HOUR // 4, (kiosk,)), Seen(15 * HOUR, (kiosk,))]
    found = people(log)
    assert found.of_event[-2:] == ["user_id:u1", None]


def test_own_is_the_state_of_everybody_else() -> None:
    found = people([Seen(0, (("user_id", "ada"), ("cookie", "c")))])
    assert found.verdict.state.tolist() == [OWN, OWN]
