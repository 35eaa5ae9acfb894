"""Edges of calendar buckets hold every moment, also where clocks change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import UnknownNameError
from desirepath.events.buckets import UNITS, buckets
from desirepath.events.calendar import Calendar
from desirepath.events.moments import instant

ZONES = st.sampled_from(["UTC", "Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe"])
MOMENTS = st.integers(0, 40 * 366 * 86_400_000_000)


@given(zone=ZONES, unit=st.sampled_from(UNITS), begin=MOMENTS, data=st.data())
def test_edges_hold_the_span_and_each_is_where_a_bucket_starts(
    zone: str, unit: str, begin: int, data: st.DataObject
) -> None:
    last = begin + data.draw(st.integers(0, (20 if unit == "hour" else 900) * 86_400_000_000))
    start = data.draw(st.sampled_from(["monday", "sunday"]))
    edges = Calendar(zone, start).edges(unit, begin, last)
    assert len(edges) >= 2
    assert edges[0] <= begin < edges[1]
    assert edges[-2] <= last < edges[-1]
    assert (buckets(edges, zone, unit, start) == edges).all()
    inside = np.array([begin, last, *data.draw(st.lists(st.integers(begin, last), max_size=20))])
    place = np.searchsorted(edges, inside, side="right") - 1
    assert (edges[place] == buckets(inside, zone, unit, start)).all()


def test_days_of_a_clock_change_last_23_and_25_hours() -> None:
    paris = Calendar("Europe/Paris")
    for day, hours in (("2026-03-29", 23), ("2026-10-25", 25), ("2026-05-01", 24)):
        noon = instant(f"{day}T12:00:00", "Europe/Paris")
        start, end = paris.edges("day", noon, noon)
        assert (end - start) / 3_600_000_000 == hours
        assert paris.label(int(start), "day") == day


def test_unknown_units_and_zones_are_refused() -> None:
    with pytest.raises(UnknownNameError):
        Calendar().edges("fortnight", 0, 1)
    with pytest.raises(UnknownNameError):
        Calendar("Mars/Olympus")
