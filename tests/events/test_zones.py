"""Zones are IANA names, ISO texts are instants in a stated zone, and SQL reads local times as Python does."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from desirepath.errors import MomentError, UnknownNameError
from desirepath.events import zones
from desirepath.events.moments import instant, local_to_utc_sql, moment, span, zone

HOUR = 3_600_000_000
ODD_ZONES = [
    "Europe/Paris",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Casablanca",
    "UTC",
]


@functools.lru_cache(maxsize=1)
def elsewhere() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Pacific/Kiritimati'")
    return connection


def utc(text: str) -> int:
    return zones.microseconds(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC))


def test_a_zone_is_found_by_its_name() -> None:
    assert zone("Europe/Paris").key == "Europe/Paris"
    assert zone(zoneinfo.ZoneInfo("UTC")).key == "UTC"


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("Europe/Pari", "Europe/Paris"),
        ("europe/paris", "Europe/Paris"),
        ("Paris", "Europe/Paris"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_an_unknown_zone_names_the_nearest(wrong: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        zone(wrong)
    assert caught.value.nearest == nearest


@pytest.mark.parametrize(
    "wrong",
    [
        "localtime",
        "local",
        "posixrules",
        "right/Europe/Paris",
        "posix/Europe/Paris",
        "",
        "/etc/localtime",
        "../UTC",
        "a\0b",
        "Europe",
        "😀",
        "x" * 5000,
    ],
)
def test_host_and_path_like_zones_are_refused(wrong: str) -> None:
    with pytest.raises(UnknownNameError):
        zone(wrong)


def test_the_host_zone_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert instant("2024-05-01", "UTC") == utc("2024-05-01")
    assert instant("2024-05-01 10:00", "Europe/Paris") == utc("2024-05-01T08:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01", "2024-04-30T22:00"),
        (" 2024-05-01 ", "2024-04-30T22:00"),
        ("2024-05-01 10:30", "2024-05-01T08:30"),
        ("2024-05-01T10:30:15", "2024-05-01T08:30:15"),
        ("2024-05-01 10:30:15.5", "2024-05-01T08:30:15.500000"),
        ("2024-05-01 10:30:15.123456789", "2024-05-01T08:30:15.123456"),
        ("2024-05-01T10:30:00Z", "2024-05-01T10:30"),
        ("2024-05-01 10:30:00 UTC", "2024-05-01T10:30"),
        ("2024-05-01T10:30:00+0530", "2024-05-01T05:00"),
        ("2024-05-01T10:30:00-08", "2024-05-01T18:30"),
        ("2024-10-27 02:30", "2024-10-27T00:30"),
        ("1900-01-01", "1899-12-31T23:50:39"),
    ],
)
def test_reads_iso_texts_in_paris(text: str, expected: str) -> None:
    assert instant(text, "Europe/Paris") == utc(expected)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "yesterday",
        "2024-13-01",
        "2024-02-30",
        "2024-05-01 24:00",
        "2024-05-01 10",
        "2024-05-01 10:00:60",
        "20240501",
        "01.05.2024",
        "2024-05-01T10:00:00+16:00",
        "2024-05-01 10:00 Europe/Paris",
        "infinity",
        "0000-01-01",
        "٢٠٢٤-05-01",
        "2024-03-31 02:30",
        "0001-01-01 00:00",
    ],
)
def test_refuses_what_is_no_moment_in_paris(wrong: str) -> None:
    with pytest.raises(MomentError):
        instant(wrong, "Europe/Paris")


def test_a_skipped_time_says_what_comes_next() -> None:
    with pytest.raises(MomentError, match="2024-03-31 03:00:00"):
        instant("2024-03-31 02:30", "Europe/Paris")


@pytest.mark.parametrize(
    ("day", "place", "hours"),
    [
        ("2024-05-01", "Europe/Paris", 24),
        ("2024-03-31", "Europe/Paris", 23),
        ("2024-10-27", "Europe/Paris", 25),
        ("2018-11-04", "America/Sao_Paulo", 23),
        ("2018-02-17", "America/Sao_Paulo", 25),
        ("2023-10-01", "Australia/Lord_Howe", 23.5),
        ("2024-04-07", "Australia/Lord_Howe", 24.5),
        ("1919-03-31", "America/Toronto", 23.5),
        ("2011-12-29", "Pacific/Apia", 24),
    ],
)
def test_a_date_spans_its_local_day(day: str, place: str, hours: float) -> None:
    start, end = span(day, place)
    assert (end - start) / HOUR == hours
    assert moment(start, place).date().isoformat() == day
    assert moment(start - 1, place).date() < dt.date.fromisoformat(day)
    assert moment(end - 1, place).date().isoformat() == day


def test_a_day_without_midnight_starts_when_it_starts() -> None:
    assert moment(instant("2018-11-04", "America/Sao_Paulo"), "America/Sao_Paulo").hour == 1
    # Midnight lies inside this gap of an hour, and not at its start.
    assert moment(instant("1919-03-31", "America/Toronto"), "America/Toronto").strftime("%H:%M") == "00:30"


def test_the_last_day_of_all_has_an_end() -> None:
    assert span("9999-12-31", "UTC") == (zones.LATEST - 24 * HOUR, zones.LATEST)
    assert instant("0001-01-01", "UTC") == zones.EARLIEST


def test_an_instant_outside_the_calendar_is_refused() -> None:
    with pytest.raises(MomentError):
        moment(2**62, "UTC")


@settings(max_examples=300, deadline=None)
@given(st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2025, 1, 1)), st.sampled_from(ODD_ZONES))
@example(dt.datetime(2024, 10, 27, 2, 30), "Europe/Paris")
@example(dt.datetime(2024, 3, 31, 2, 30), "Europe/Paris")
@example(dt.datetime(2024, 4, 7, 1, 45), "Australia/Lord_Howe")
@example(dt.datetime(2023, 10, 1, 2, 10), "Australia/Lord_Howe")
@example(dt.datetime(2018, 11, 4, 0, 30), "America/Sao_Paulo")
@example(dt.datetime(2018, 2, 17, 23, 30), "America/Sao_Paulo")
@example(dt.datetime(2023, 11, 5, 0, 30), "America/Havana")
@example(dt.datetime(2005, 10, 29, 23, 30), "America/St_Johns")
def test_sql_reads_local_times_as_python_does(local: dt.datetime, place: str) -> None:
    # Later years are left out: DuckDB has a time zone database of its own, and future rules change.
    expected = zones.microseconds(local.replace(tzinfo=zone(place), fold=0))
    sql = f"SELECT epoch_us({local_to_utc_sql('CAST($1 AS TIMESTAMP)', '$2')})"
    ((found,),) = elsewhere().execute(sql, [local, place]).fetchall()
    assert found == expected


def test_sql_with_question_marks_takes_the_zone_four_times() -> None:
    sql = local_to_utc_sql("TIMESTAMP '2024-10-27 02:30:00'")
    assert sql.count("?") == 4
    with duckdb.connect() as connection:
        ((found,),) = connection.execute(f"SELECT epoch_us({sql})", ["Europe/Paris"] * 4).fetchall()
    assert found == utc("2024-10-27T00:30")
