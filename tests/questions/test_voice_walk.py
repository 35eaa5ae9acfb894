"""Which touchpoint a remark is about: by hand, compiled as plain, and whatever the order within one moment."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from desirepath.questions.voice_walk import HOW, Things, came_by, last_before, linked, named_by, passed_by

Array = Any


def batch(rng: random.Random) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Starts, times, journeys, remarks, touchpoints and things of a few journeys with many ties, some of them empty."""
    lengths = [rng.choice([0, 1, 2, 7, 15]) for _ in range(5)]
    starts = np.cumsum([0, *lengths]).astype(np.int64)
    time = np.concatenate([sorted(rng.randrange(-6, 6) for _ in range(n)) for n in lengths] or [[]]).astype(np.int64)
    n = len(time)
    journey = np.repeat(np.arange(len(lengths)), lengths).astype(np.int64)
    remark = np.array([rng.random() < 0.4 for _ in range(n)], dtype=np.bool_)
    touch = np.where(remark, -1, np.array([rng.randrange(-1, 3) for _ in range(n)], dtype=np.int64))
    return starts, time, journey, remark, touch, np.array([rng.randrange(3) for _ in range(n)], dtype=np.int64)


def shown(*arrays: Array) -> list[Any]:
    return [each.tolist() for each in arrays]


@pytest.mark.parametrize("seed", range(100))
def test_compiled_is_plain(seed: int) -> None:
    rng = random.Random(seed)
    starts, time, _, remark, touch, _ = batch(rng)
    within, n = rng.choice([0, 2, 100]), len(time)
    one, two = ((np.empty(n, dtype=np.int64), np.empty(n)) for _ in range(2))
    last_before(starts, time, remark, touch, within, *one)
    last_before.plain(starts, time, remark, touch, within, *two)
    assert shown(*one) == shown(*two)
    row = np.where(remark, np.cumsum(remark) - 1, -1).astype(np.int64)
    seen = [np.zeros(3, dtype=np.int64) for _ in range(2)]
    passed = [np.zeros((int(remark.sum()), 3), dtype=np.bool_) for _ in range(2)]
    came_by(starts, time, row, touch, within, seen[0], passed[0])
    came_by.plain(starts, time, row, touch, within, seen[1], passed[1])
    assert shown(passed[0]) == shown(passed[1])


@pytest.mark.parametrize("seed", range(100))
def test_where_a_remark_stands_within_its_moment_does_not_matter(seed: int) -> None:
    """Remarks of a moment come first or last in it; what they are about is the same, named or not."""
    rng = random.Random(seed)
    starts, time, journey, remark, touch, thing = batch(rng)
    within, found = rng.choice([0, 2, 100]), []
    for late in (False, True):
        order = np.lexsort((remark if late else ~remark, time, journey))
        r, t, k = remark[order], touch[order], thing[order]
        things = Things(k, (k > 0).astype(np.int64))
        link = linked(starts, time[order], journey[order], r, t, things, within)
        passed = passed_by(starts, time[order], journey[order], np.flatnonzero(r), t, things, within, 3)
        found.append([*shown(link.place[r], link.how[r], link.sure[r], passed), k[r].tolist()])
        # whoever hangs on a touchpoint came by it
        assert all(row[place] for row, place in zip(passed, link.place[r], strict=True) if place >= 0)
    assert found[0] == found[1]


def test_by_hand() -> None:
    """A visit at 0 about thing 1, a call at 4, remarks at 6 (about 1), 6, and 20."""
    time = np.array([0, 4, 6, 6, 20], dtype=np.int64)
    remark = np.array([0, 0, 1, 1, 1], dtype=np.bool_)
    touch, thing = np.array([0, 1, -1, -1, -1]), np.array([1, 0, 1, 0, 0])
    starts, journey = np.array([0, 5]), np.zeros(5, dtype=np.int64)
    things = Things(thing, (thing > 0).astype(np.int64))
    link = linked(starts, time, journey, remark, touch, things, 10)
    assert [HOW[each] for each in link.how[2:]] == ["named", "last before", "none"]
    assert link.place[2:].tolist() == [0, 1, -1]
    assert link.sure[2:].tolist() == [1.0, 6 / 8, 0.0]
    passed = passed_by(starts, time, journey, np.array([2, 3, 4]), touch, things, 10, 2)
    assert passed.tolist() == [[True, False], [True, True], [False, False]]


def test_nothing_at_all() -> None:
    none = np.zeros(0, dtype=np.int64)
    link = linked(np.zeros(1, dtype=np.int64), none, none, none.astype(np.bool_), none, Things(none, none), 5)
    assert shown(*link) == [[], [], []]
    assert named_by(none, none, none, none).tolist() == []
    assert passed_by(np.zeros(1, dtype=np.int64), none, none, none, none, Things(none, none), 5, 3).shape == (0, 3)


def test_a_remark_about_one_order_is_not_about_another() -> None:
    """A delivery of order 1 at 0, a visit about nothing at 2; remarks at 5 about order 2, and about a ticket."""
    time = np.array([0, 2, 5, 5], dtype=np.int64)
    remark = np.array([0, 0, 1, 1], dtype=np.bool_)
    touch = np.array([0, 1, -1, -1])
    things = Things(np.array([1, 0, 2, 3]), np.array([1, 0, 1, 2]))
    starts, journey = np.array([0, 4]), np.zeros(4, dtype=np.int64)
    link = linked(starts, time, journey, remark, touch, things, 100)
    assert link.place.tolist() == [-1, -1, 1, 1]
    assert link.sure[2] > link.sure[3]  # nothing else comes into question
    passed = passed_by(starts, time, journey, np.array([2, 3]), touch, things, 100, 2)
    assert passed.tolist() == [[False, True], [True, True]]
    alone = linked(np.array([0, 2]), time[[0, 2]], journey[:2], remark[[0, 2]], touch[[0, 2]],
                   Things(things.thing[[0, 2]], things.kind[[0, 2]]), 100)  # fmt: skip
    assert alone.place.tolist() == [-1, -1]
