"""Calendar buckets against a slow oracle that asks zoneinfo about one time after the other."""

from __future__ import annotations

import datetime as dt
import itertools
import pathlib
import struct
import zoneinfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desirepath.errors import MomentError, UnknownNameError
from desirepath.events import buckets as module
from desirepath.events.moments import (
    UNITS,
    WEEKDAYS,
    bucket_label,
    bucket_starts,
    buckets,
    instant,
    moment,
    zone,
)
from desirepath.events.zones import microseconds

HOUR = 3_600_000_000
DAY = 24 * HOUR
PLACES = [
    "UTC",
    "Europe/Paris",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "America/St_Johns",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "America/Toronto",
    "Antarctica/Troll",
]


def oracle_day(local: dt.date, place: zoneinfo.ZoneInfo) -> int:
    """Find the first second of a local date by looking at each."""
    noon = microseconds(dt.datetime(local.year, local.month, local.day, 12, tzinfo=dt.UTC))
    found = [at for at in range(noon - 40 * HOUR, noon + 40 * HOUR, HOUR // 4) if moment(at, place).date() >= local]
    low = found[0] - HOUR // 4
    return next(at for at in range(low, found[0] + 1, 1_000_000) if moment(at, place).date() >= local)


def oracle(at: int, place: zoneinfo.ZoneInfo, unit: str, first_weekday: int) -> int:
    local = moment(at, place)
    if unit == "hour":
        start = at - (local.minute * 60 + local.second) * 1_000_000 - local.microsecond
        while moment(start, place).utcoffset() != local.utcoffset():
            start += 1_000_000
            start -= start % 1_000_000
        return start
    day = local.date()
    if unit == "week":
        day -= dt.timedelta(days=(day.weekday() - first_weekday) % 7)
    elif unit != "day":
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        day = day.replace(day=1, month=day.month - (day.month - 1) % months)
    return oracle_day(day, place)


@settings(max_examples=250, deadline=None)
@given(
    st.integers(
        microseconds(dt.datetime(1972, 6, 1, tzinfo=dt.UTC)),
        microseconds(dt.datetime(2100, 1, 1, tzinfo=dt.UTC)),
    ),
    st.sampled_from(PLACES),
    st.sampled_from(UNITS),
    st.sampled_from(WEEKDAYS),
)
@example(instant("2018-11-04", "America/Sao_Paulo"), "America/Sao_Paulo", "day", "monday")
@example(instant("2018-11-04 23:30", "America/Sao_Paulo"), "America/Sao_Paulo", "week", "sunday")
@example(instant("2018-02-17T23:30:00-03:00", "UTC"), "America/Sao_Paulo", "day", "monday")
@example(instant("2024-04-07T01:45:00+10:30", "UTC"), "Australia/Lord_Howe", "hour", "monday")
@example(instant("2024-04-07T01:45:00+11:00", "UTC"), "Australia/Lord_Howe", "hour", "monday")
@example(instant("2023-10-01T02:45:00+11:00", "UTC"), "Australia/Lord_Howe", "hour", "monday")
@example(instant("2024-10-27T02:45:00+01:00", "UTC"), "Europe/Paris", "hour", "monday")
@example(instant("2011-12-31 10:00", "Pacific/Apia"), "Pacific/Apia", "day", "monday")
@example(instant("2012-01-05 10:00", "Pacific/Apia"), "Pacific/Apia", "week", "friday")
@example(instant("2023-11-05 00:30", "America/Havana"), "America/Havana", "day", "monday")
@example(instant("2023-11-05T00:30:00-05:00", "UTC"), "America/Havana", "day", "monday")
@example(instant("2005-10-30T00:00:30-02:30", "UTC"), "America/St_Johns", "day", "monday")
@example(instant("2005-10-29T23:30:00-03:30", "UTC"), "America/St_Johns", "day", "monday")
def test_buckets_are_what_zoneinfo_says(at: int, place: str, unit: str, week_start: str) -> None:
    expected = oracle(at, zone(place), unit, WEEKDAYS.index(week_start))
    assert buckets(np.array([at]), place, unit, week_start).tolist() == [expected]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-62_000_000_000_000_000, 250_000_000_000_000_000), min_size=1, max_size=30),
    st.sampled_from(PLACES),
)
def test_a_time_falls_in_the_same_bucket_alone_and_in_company(times: list[int], place: str) -> None:
    for unit in UNITS:
        together = buckets(np.array(times), place, unit)
        alone = [buckets(np.array([at]), place, unit)[0] for at in times]
        assert together.tolist() == alone
        assert (together <= times).all()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("unit", UNITS)
def test_a_bucket_start_is_its_own_bucket(place: str, unit: str) -> None:
    times = np.arange(instant("2004-01-01", "UTC"), instant("2012-01-01", "UTC"), 7 * HOUR + 1)
    starts = buckets(times, place, unit)
    assert buckets(starts, place, unit).tolist() == starts.tolist()


def all_zones() -> list[str]:
    names = zoneinfo.available_timezones()
    return sorted(name for name in names if "/" in name and not name.startswith(("posix/", "right/", "Etc/")))


def transitions(name: str) -> list[tuple[int, int]]:
    """Read (second, new offset in seconds) from a compiled zone file (RFC 9636), where the system has one."""
    for folder in zoneinfo.TZPATH:
        path = pathlib.Path(folder) / name
        if path.is_file():
            break
    else:
        pytest.skip("no compiled time zone files on this machine")
    data = path.read_bytes()
    counts = struct.unpack(">6l", data[20:44])
    skipped = 44 + counts[3] * 5 + counts[4] * 6 + counts[5] + counts[2] * 8 + counts[1] + counts[0]
    _, _, _, times, types, _ = struct.unpack(">6l", data[skipped + 20 : skipped + 44])
    at = skipped + 44
    instants = struct.unpack(f">{times}q", data[at : at + 8 * times])
    kinds = data[at + 8 * times : at + 9 * times]
    table = at + 9 * times
    offsets = [struct.unpack(">l", data[table + 6 * kind : table + 6 * kind + 4])[0] for kind in range(types)]
    return [(instant_, offsets[kind]) for instant_, kind in zip(instants, kinds, strict=True)]


def test_no_two_changes_of_a_zone_cancel_within_a_day() -> None:
    """The search for changes asks once a day; this is what makes that enough."""
    seen = 0
    for name in all_zones():
        found = transitions(name)
        for before, first, second in zip(found, found[1:], found[2:], strict=False):
            seen += 1
            assert not (second[0] - first[0] <= 86_400 and before[1] == second[1] != first[1]), (name, first)
    assert seen > 10_000


@pytest.mark.parametrize("year", [1945, 1993, 2010, 2023])
def test_every_change_of_offset_is_found_to_the_second(year: int) -> None:
    checked = 0
    start = int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp())
    end = int(dt.datetime(year + 1, 1, 1, tzinfo=dt.UTC).timestamp())
    for name in all_zones():
        found = transitions(name)
        expected = [(at, new) for (_, old), (at, new) in itertools.pairwise(found) if old != new and start < at < end]
        if not found or found[0][0] >= start or found[-1][0] < end:
            continue  # Before the first change a file is silent; after the last, its footer's rule holds.
        changes = module._changes(name, year)[1:]
        assert [(at // 1_000_000, new // 1_000_000) for at, new in changes] == expected, name
        checked += len(expected)
    assert checked > 50 or year > 2020


def test_days_of_23_and_25_hours_sum_to_the_total() -> None:
    place = "Europe/Paris"
    times = np.arange(instant("2024-01-01", place), instant("2025-01-01", place), HOUR // 2)
    starts, counts = np.unique(buckets(times, place, "day"), return_counts=True)
    assert len(starts) == 366
    assert counts.sum() == len(times)
    by_label = {bucket_label(start, place, "day"): count for start, count in zip(starts, counts, strict=True)}
    assert by_label["2024-03-31"] == 46
    assert by_label["2024-10-27"] == 50
    assert by_label["2024-05-01"] == 48


def test_one_local_day_is_one_bucket_whatever_the_host() -> None:
    place = "Europe/Paris"
    times = np.array([instant("2024-03-31 00:30", place), instant("2024-03-31 23:30", place)])
    assert len(np.unique(buckets(times, place, "day"))) == 1
    assert len(np.unique(buckets(times, "UTC", "day"))) == 2


def test_shape_and_emptiness_are_kept() -> None:
    assert buckets(np.empty(0, dtype=np.int64), "UTC", "day").shape == (0,)
    assert buckets(np.zeros((2, 3), dtype=np.int64), "UTC", "day").shape == (2, 3)


@pytest.mark.parametrize(
    ("unit", "at", "place", "week_start", "label"),
    [
        ("day", "2024-05-01 10:00", "Europe/Paris", "monday", "2024-05-01"),
        ("day", "2018-11-04 10:00", "America/Sao_Paulo", "monday", "2018-11-04"),
        ("week", "2024-05-01", "Europe/Paris", "monday", "2024-W18"),
        ("week", "2021-01-01", "Europe/Paris", "monday", "2020-W53"),
        ("week", "2024-05-01", "Europe/Paris", "sunday", "week of 2024-04-28"),
        ("month", "2024-05-31 23:59", "Europe/Paris", "monday", "2024-05"),
        ("quarter", "2024-06-30", "Europe/Paris", "monday", "2024-Q2"),
        ("year", "2024-06-30", "Europe/Paris", "monday", "2024"),
        ("hour", "2024-05-01 10:59", "Asia/Kathmandu", "monday", "2024-05-01 10:00"),
        ("hour", "2024-10-27T02:15:00+02:00", "Europe/Paris", "monday", "2024-10-27 02:00+02:00"),
        ("hour", "2024-10-27T02:15:00+01:00", "Europe/Paris", "monday", "2024-10-27 02:00+01:00"),
        ("hour", "2024-04-07T01:45:00+10:30", "Australia/Lord_Howe", "monday", "2024-04-07 01:30+10:30"),
    ],
)
def test_labels(unit: str, at: str, place: str, week_start: str, label: str) -> None:
    (start,) = buckets(np.array([instant(at, place)]), place, unit, week_start)
    assert bucket_label(start, place, unit, week_start) == label


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("unit", UNITS)
def test_the_list_of_buckets_is_complete_and_labelled_apart(place: str, unit: str) -> None:
    start, end = instant("2011-10-20 05:17", "UTC"), instant("2012-04-10 07:01", "UTC")
    starts = bucket_starts(start, end, place, unit)
    minutes = np.arange(start, end, 60_000_000)
    assert starts.tolist() == np.unique(buckets(minutes, place, unit)).tolist()
    labels = [bucket_label(at, place, unit) for at in starts]
    assert len(set(labels)) == len(labels)


def test_a_skipped_day_has_no_bucket() -> None:
    starts = bucket_starts(
        instant("2011-12-28", "Pacific/Apia"), instant("2012-01-02", "Pacific/Apia"), "Pacific/Apia", "day"
    )
    labels = [bucket_label(at, "Pacific/Apia", "day") for at in starts]
    assert labels == ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"]


def test_wrong_words_name_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        buckets(np.array([0]), "UTC", "weeks")
    assert caught.value.nearest == "week"
    with pytest.raises(UnknownNameError):
        buckets(np.array([0]), "UTC", "week", "Monday")
    with pytest.raises(UnknownNameError):
        bucket_label(0, "UTC", "decade")


@pytest.mark.parametrize("at", [2**62, -(2**63), np.iinfo(np.int64).max, -62_135_596_800_000_000])
def test_times_outside_the_calendar_are_refused(at: int) -> None:
    with pytest.raises(MomentError):
        buckets(np.array([0, at], dtype=np.int64), "UTC", "day")


def test_too_many_buckets_are_refused() -> None:
    with pytest.raises(MomentError, match="too long"):
        bucket_starts(0, 300 * 366 * DAY, "UTC", "hour")
    assert bucket_starts(5, 5, "UTC", "hour").size == 0


def test_centuries_left_out_do_not_move_the_buckets_beside_them() -> None:
    times = np.array([0, -6_279_811_200_000_001])
    for unit in ("day", "week", "month", "quarter", "year"):
        alone = [int(buckets(times[k : k + 1], "Pacific/Apia", unit)[0]) for k in range(2)]
        assert buckets(times, "Pacific/Apia", unit).tolist() == alone
