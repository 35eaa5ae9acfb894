"""The database says what the plain function says, for any batching, any order, and after any rule of hand."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from plain import Name, Seen, people
from sparing import sparing
from stored import UNDECIDED, Stored
from test_invariants import EVERY, HOUR, TIGHT

from desirepath.engines.verdicts import Verdicts, Who
from desirepath.people.policy import Policy
from desirepath.people.resolve import REASONS
from desirepath.people.rules import Decided

SEEDS = sparing(range(40), 2)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


def some(rng: random.Random) -> list[Seen]:
    """A log in which things repeat, so that people share devices and addresses."""
    pool = rng.sample(EVERY, rng.randint(4, len(EVERY)))
    return [
        Seen(rng.randrange(80) * HOUR // 2, tuple(rng.sample(pool, rng.randint(1, min(4, len(pool))))))
        for _ in range(rng.randint(5, 45))
    ]


def ruled(rng: random.Random) -> Decided:
    def pair() -> tuple[Name, Name]:
        one, two = sorted(rng.sample(EVERY[:-2], 2))
        return one, two

    links, cuts = {pair() for _ in range(rng.randint(0, 2))}, {pair() for _ in range(rng.randint(0, 2))}
    blocked = frozenset(rng.sample(EVERY[:-2], rng.randint(0, 1)))
    return Decided(frozenset(links - cuts), frozenset(cuts), blocked, frozenset())


def check(stored: Stored, log: list[Seen], policy: Policy, decided: Decided = UNDECIDED) -> None:
    known = {name for event in log for name in event.names}
    links = [pair for pair in decided.links if known >= set(pair)]
    cuts = [pair for pair in decided.cuts if known >= set(pair)]
    found = people(log, policy, pins=links, cuts=cuts, blocked=decided.blocked)
    assert stored.groups() == set(found.groups.values())
    assert stored.whose() == {f"e{k}": whose for k, whose in enumerate(found.of_event) if whose is not None}
    assert stored.refused() == {
        (frozenset({found.names[a], found.names[b]}), REASONS[why])
        for a, b, why in zip(found.evidence.a, found.evidence.b, found.verdict.reason, strict=True)
        if why
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_i3_in_parts_as_in_whole(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    log, policy = some(rng), rng.choice([Policy(), TIGHT])
    numbered = list(enumerate(log))
    rng.shuffle(numbered)
    stored = Stored(folder, policy)
    while numbered:
        many = rng.randint(1, len(numbered))
        part, numbered = numbered[:many], numbered[many:]
        stored.add(part)
    check(stored, log, policy)
    stored.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_i8_rules_come_and_go(folder: Path, seed: int) -> None:
    """Rules between the parts, other rules, and none again: the same as if there had never been any."""
    rng = random.Random(1000 + seed)
    log, policy = some(rng), rng.choice([Policy(), TIGHT])
    numbered = list(enumerate(log))
    cut = rng.randint(1, len(log) - 1)
    stored = Stored(folder, policy)
    stored.add(numbered[:cut])
    decided = ruled(rng)
    stored.add(numbered[cut:], decided)
    check(stored, log, policy, decided)
    other = ruled(rng)
    stored.add([], other)
    check(stored, log, policy, other)
    stored.add([])
    check(stored, log, policy)
    stored.close()


@pytest.mark.parametrize("seed", sparing(range(20), 2))
def test_i7_the_history_replays_to_every_verdict(folder: Path, seed: int) -> None:
    rng = random.Random(2000 + seed)
    numbered = list(enumerate(some(rng)))
    stored = Stored(folder, TIGHT)
    said: dict[int, tuple[object, object]] = {}
    while numbered:
        many = rng.randint(1, max(1, len(numbered) // 2))
        part, numbered = numbered[:many], numbered[many:]
        stored.add(part, ruled(rng))
        said[stored.store.version("identity")] = state(stored, Who())
    for version, before in said.items():
        into = Who("scratch.person_of_then", "scratch.stretches_then")
        Verdicts(stored.store).as_of(version, into)
        assert state(stored, into, only=before[0]) == before
    stored.close()


def state(stored: Stored, who: Who, only: object = None) -> tuple[object, object]:
    """Who is who by these tables; of identities that were known at the time."""
    rows = dict(stored.store.rows(f"SELECT identity, person FROM {who.person_of}"))
    if isinstance(only, dict):
        rows = {identity: person for identity, person in rows.items() if identity in only}
    spans = stored.store.rows(
        f"SELECT identity, begin_us, end_us, person FROM {who.stretches} ORDER BY identity, begin_us"
    )
    return rows, spans


def test_i2_what_was_imported_twice_changes_nothing(folder: Path) -> None:
    log = some(random.Random(5))
    stored = Stored(folder)
    stored.add(enumerate(log))
    version = stored.store.version("identity")
    assert stored.add(enumerate(log)) == 0
    assert stored.store.version("identity") == version
    check(stored, log, Policy())
    stored.close()


def test_i10_workspaces_know_nothing_of_each_other(tmp_path: Path) -> None:
    one, two = Stored(tmp_path / "one"), Stored(tmp_path / "two")
    one.add([(0, Seen(0, (("user_id", "ada"), ("email", "a@x.org"))))])
    two.add([(0, Seen(0, (("user_id", "ben"), ("email", "a@x.org"))))])
    assert one.groups() == {frozenset({("user_id", "ada"), ("email", "a@x.org")})}
    assert two.groups() == {frozenset({("user_id", "ben"), ("email", "a@x.org")})}
    one.close()
    two.close()


def test_only_what_was_touched_is_looked_at(folder: Path) -> None:
    stored = Stored(folder)
    stored.add((k, Seen(k * HOUR, (("user_id", f"u{k}"), ("cookie", f"c{k}")))) for k in range(50))
    stored.add([(50, Seen(0, (("user_id", "u3"), ("email", "m@x.org"))))])
    assert stored.store.one("SELECT count(*) FROM reached")[0] == 3
    assert stored.store.one("SELECT count(*) FROM person_of WHERE since = 2")[0] == 1
    stored.close()
