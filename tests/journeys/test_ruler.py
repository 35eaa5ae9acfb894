"""A bucket of the calendar is found with one look: the same that a search finds, at the very edges too."""

from __future__ import annotations

import numpy as np
import pytest

from desirepath.events.calendar import Calendar
from desirepath.journeys.kernel import kernel
from desirepath.journeys.ruler import Ruler, bucket_at, bucket_inside, lay_against, ruler

DAY = 86_400_000_000
SPRING, AUTUMN = 1_774_000_000_000_000, 1_793_000_000_000_000
"""Days before clocks change in Paris, in March and in October 2026."""


@kernel
def look_up(buckets: Ruler, moments: np.ndarray, out: np.ndarray) -> None:  # type: ignore[type-arg]
    for i in range(len(moments)):
        out[i] = bucket_at(buckets, moments[i])


@kernel
def look_up_inside(buckets: Ruler, moments: np.ndarray, out: np.ndarray) -> None:  # type: ignore[type-arg]
    for i in range(len(moments)):
        out[i] = bucket_inside(buckets, moments[i])


@kernel
def lay(buckets: Ruler, moments: np.ndarray, start: int, slots: np.ndarray) -> None:  # type: ignore[type-arg]
    lay_against(buckets, moments, start, len(moments), slots)


@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC"])
@pytest.mark.parametrize("unit", ["hour", "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("begin", [SPRING, AUTUMN, -5 * DAY])
def test_as_a_search_finds_it(unit: str, begin: int, zone: str) -> None:
    edges = Calendar(zone).edges(unit, begin, begin + 40 * DAY)
    rng = np.random.default_rng(1)
    near = (edges[:, None] + np.array([-1, 0, 1])).ravel()
    far = np.array([-62_135_596_800_000_000, 253_402_300_799_999_999])
    moments = np.concatenate((near, far, rng.integers(edges[0] - DAY, edges[-1] + DAY, 2_000)))
    out = np.empty(len(moments), dtype=np.int64)
    look_up(ruler(edges), moments, out)
    expected = np.clip(np.searchsorted(edges, moments, side="right") - 1, 0, len(edges) - 2)
    assert (out == expected).all()
    for given in (lay, lay.plain):
        slots = np.full(len(moments) + 1, 7, dtype=np.int32)
        given(ruler(edges), moments, 3, slots)
        assert (slots[: len(moments) - 3] == expected[3:]).all()
        assert (slots[len(moments) - 3 :] == 7).all()
    inside = moments[(moments >= edges[0]) & (moments < edges[-1])]
    look_up_inside(ruler(edges), inside, out)
    assert (out[: len(inside)] == np.searchsorted(edges, inside, side="right") - 1).all()


def test_a_single_bucket_holds_everything() -> None:
    out = np.empty(3, dtype=np.int64)
    look_up(ruler(np.array([0, 1], dtype=np.int64)), np.array([-5, 0, 99], dtype=np.int64), out)
    assert out.tolist() == [0, 0, 0]
