"""Times: every way of writing them, time zones, and the hours that clocks skip or repeat."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from importing import RECEIVED, csv_of, import_files, import_path

from desirepath.errors import MappingError, TimeZoneNeededError

MAPPING = """
source: shop
identities: {user_id: user}
properties: []
events:
  - {name: visit, at: at}
"""
PARIS = MAPPING.replace("source: shop", "source: shop\ntime_zone: Europe/Paris")


def times(folder: Path, mapping: str, *values: str) -> list[tuple[str, str, str]]:
    """Import one event per value and return (UTC time, precision, quality) of each."""
    content = csv_of(*(f'ann,"{value}"' for value in values), header="user,at")
    result = import_files(folder, {"log.csv": content}, mapping)
    return [(event["occurred_at"].isoformat(), event["precision"], event["quality"]) for event in result.in_order()]


@pytest.mark.parametrize(
    ("written", "instant", "precision", "quality"),
    [
        ("2024-01-02T10:00:00Z", "2024-01-02T10:00:00+00:00", "second", "server"),
        ("2024-01-02T10:00:00z", "2024-01-02T10:00:00+00:00", "second", "server"),
        ("2024-01-02 10:00:00 UTC", "2024-01-02T10:00:00+00:00", "second", "server"),
        ("2024-01-02T10:00:00+02:00", "2024-01-02T08:00:00+00:00", "second", "server"),
        ("2024-01-02T10:00:00+0530", "2024-01-02T04:30:00+00:00", "second", "server"),
        ("2024-01-02 10:00:00 -03", "2024-01-02T13:00:00+00:00", "second", "server"),
        ("2024-01-02T10:00+02:00", "2024-01-02T08:00:00+00:00", "minute", "server"),
        ("2024-01-02T10:00:00.123Z", "2024-01-02T10:00:00.123000+00:00", "millisecond", "server"),
        ("2024-01-02T10:00:00,123Z", "2024-01-02T10:00:00.123000+00:00", "millisecond", "server"),
        ("2024-01-02T10:00:00.123456789Z", "2024-01-02T10:00:00.123456+00:00", "microsecond", "server"),
        ("2024-01-02 10:00:00", "2024-01-02T09:00:00+00:00", "second", "zone_declared"),
        ("2024-07-02 10:00:00", "2024-07-02T08:00:00+00:00", "second", "zone_declared"),
        ("2024-01-02 10:00", "2024-01-02T09:00:00+00:00", "minute", "zone_declared"),
        ("2024-01-02 10:00:00.5", "2024-01-02T09:00:00.500000+00:00", "millisecond", "zone_declared"),
        (" 2024-01-02 10:00:00,123456 ", "2024-01-02T09:00:00.123456+00:00", "microsecond", "zone_declared"),
        ("2024-01-02", "2024-01-01T23:00:00+00:00", "day", "zone_declared"),
        ("2024/1/2", "2024-01-01T23:00:00+00:00", "day", "zone_declared"),
        ("1990-01-01 01:00:00", "1990-01-01T00:00:00+00:00", "second", "zone_declared"),
    ],
)
def test_iso_times(tmp_path: Path, written: str, instant: str, precision: str, quality: str) -> None:
    assert times(tmp_path, PARIS, written) == [(instant, precision, quality)]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("never", "time_unreadable"),
        ("2024-02-30 10:00:00", "time_unreadable"),
        ("2024-01-02 25:00:00", "time_unreadable"),
        ("2024-01-02 10:00:00 Europe/Berlin", "time_unreadable"),
        ("2024-01-02Z", "time_unreadable"),
        ("infinity", "time_unreadable"),
        ("epoch", "time_unreadable"),
        ("1704103200", "time_unreadable"),
        ("02/01/2024", "time_unreadable"),
        ("", "time_missing"),
        ("   ", "time_missing"),
        ("1989-12-31T23:59:59Z", "time_out_of_range"),
        ("0044-03-15", "time_out_of_range"),
    ],
)
def test_times_that_are_refused(tmp_path: Path, written: str, reason: str) -> None:
    content = csv_of(f'ann,"{written}"', "bob,2024-01-01", header="user,at")
    result = import_files(tmp_path, {"log.csv": content}, PARIS)
    assert [entry[:2] for entry in result.reasons()] == [(2, reason)]
    assert len(result.events) == 1


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        # Clocks go forward: the time does not exist and moves on by the length of the gap.
        ("Europe/Paris", "2024-03-31 02:30:00", "2024-03-31T01:30:00+00:00"),
        ("America/Sao_Paulo", "2018-11-04 00:30:00", "2018-11-04T03:30:00+00:00"),
        ("Australia/Lord_Howe", "2024-10-06 02:15:00", "2024-10-05T15:45:00+00:00"),
        # Clocks go back: the time occurs twice and is its first occurrence.
        ("Europe/Paris", "2024-10-27 02:30:00", "2024-10-27T00:30:00+00:00"),
        ("America/Sao_Paulo", "2018-02-17 23:30:00", "2018-02-18T01:30:00+00:00"),
        ("Australia/Lord_Howe", "2024-04-07 01:45:00", "2024-04-06T14:45:00+00:00"),
        # The day that has no midnight starts at one o'clock.
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00+00:00"),
        ("UTC", "2024-03-31 02:30:00", "2024-03-31T02:30:00+00:00"),
    ],
)
def test_hours_that_clocks_skip_or_repeat(tmp_path: Path, zone: str, local: str, utc: str) -> None:
    mapping = MAPPING.replace("source: shop", f"source: shop\ntime_zone: {zone}")
    assert times(tmp_path, mapping, local)[0][0] == utc


@pytest.mark.parametrize(
    "zone",
    ["Europe/Paris", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"],
)
def test_local_times_agree_with_the_zone_files(tmp_path: Path, zone: str) -> None:
    place = zoneinfo.ZoneInfo(zone)
    start = dt.datetime(2016, 1, 1)
    local = [start + dt.timedelta(minutes=97 * step) for step in range(20_000)]
    table = pa.table({"user": ["ann"] * len(local), "at": pa.array(local, pa.timestamp("us"))})
    pq.write_table(table, tmp_path / "log.parquet")
    result = import_path([tmp_path / "log.parquet"], tmp_path, MAPPING, time_zone=zone)
    expected = [moment.replace(tzinfo=place, fold=0).astimezone(dt.UTC) for moment in local]
    assert [event["occurred_at"] for event in result.in_order()] == expected


@pytest.mark.parametrize(
    ("at", "value", "instant", "precision"),
    [
        ("{column: at, unit: s}", "1704103200", "2024-01-01T10:00:00+00:00", "second"),
        ("{column: at, unit: s}", "1704103200.25", "2024-01-01T10:00:00.250000+00:00", "second"),
        ("{column: at, unit: ms}", "1704103200123", "2024-01-01T10:00:00.123000+00:00", "millisecond"),
        ("{column: at, unit: us}", "1704103200123456", "2024-01-01T10:00:00.123456+00:00", "microsecond"),
        ('{column: at, format: "%d/%m/%Y %H:%M"}', "02/01/2024 10:00", "2024-01-02T09:00:00+00:00", "minute"),
        ('{column: at, format: "%d.%m.%Y"}', "02.01.2024", "2024-01-01T23:00:00+00:00", "day"),
        (
            '{column: at, format: "%Y%m%d %H%M%S %z"}',
            "20240102 100000 +0200",
            "2024-01-02T08:00:00+00:00",
            "second",
        ),
    ],
)
def test_declared_forms(tmp_path: Path, at: str, value: str, instant: str, precision: str) -> None:
    found = times(tmp_path, PARIS.replace("at: at", f"at: {at}"), value)
    assert [entry[:2] for entry in found] == [(instant, precision)]


def test_a_column_without_any_iso_time_needs_its_form(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"'at'.*'02/01/2024'.*format:"):
        import_files(tmp_path, {"log.csv": csv_of(*["ann,02/01/2024"] * 5, header="user,at")}, PARIS)


def test_an_epoch_beyond_all_years_is_unreadable(tmp_path: Path) -> None:
    mapping = PARIS.replace("at: at", "at: {column: at, unit: s}")
    result = import_files(
        tmp_path,
        {"log.csv": csv_of("a,1e30", "a,99999999999999999", "a,nan", "a,x", header="user,at")},
        mapping,
    )
    assert {reason for _, reason, _ in result.reasons()} == {"time_unreadable"}


TYPED = {
    "local": (
        pa.timestamp("us"),
        dt.datetime(2024, 7, 2, 10),
        "2024-07-02T08:00:00+00:00",
        "second",
        "zone_declared",
    ),
    "local, whole seconds": (
        pa.timestamp("s"),
        dt.datetime(2024, 7, 2, 10),
        "2024-07-02T08:00:00+00:00",
        "second",
        "zone_declared",
    ),
    "local, milliseconds": (
        pa.timestamp("ms"),
        dt.datetime(2024, 7, 2, 10, 0, 0, 5000),
        "2024-07-02T08:00:00.005000+00:00",
        "millisecond",
        "zone_declared",
    ),
    "local, nanoseconds": (
        pa.timestamp("ns"),
        dt.datetime(2024, 7, 2, 10, 0, 0, 5),
        "2024-07-02T08:00:00.000005+00:00",
        "microsecond",
        "zone_declared",
    ),
    "instant": (
        pa.timestamp("us", tz="Asia/Tokyo"),
        dt.datetime(2024, 7, 2, 10, tzinfo=dt.UTC),
        "2024-07-02T10:00:00+00:00",
        "second",
        "server",
    ),
    "date": (pa.date32(), dt.date(2024, 7, 2), "2024-07-01T22:00:00+00:00", "day", "zone_declared"),
}


@pytest.mark.parametrize("case", TYPED)
def test_typed_columns(tmp_path: Path, case: str) -> None:
    kind, value, instant, precision, quality = TYPED[case]
    pq.write_table(pa.table({"user": ["ann", "ann"], "at": pa.array([value, None], kind)}), tmp_path / "log.parquet")
    result = import_path([tmp_path / "log.parquet"], tmp_path, PARIS)
    (event,) = result.events
    assert (event["occurred_at"].isoformat(), event["precision"], event["quality"]) == (
        instant,
        precision,
        quality,
    )
    assert [row["reason_code"] for row in result.quarantine] == ["time_missing"]


def test_a_number_column_needs_its_unit(tmp_path: Path) -> None:
    pq.write_table(pa.table({"user": ["ann"], "at": [1704103200]}), tmp_path / "log.parquet")
    with pytest.raises(MappingError, match="unit: s"):
        import_path([tmp_path / "log.parquet"], tmp_path, PARIS)
    with pytest.raises(MappingError, match="unit: s"):
        import_files(tmp_path, {"log.csv": csv_of("ann,1704103200", header="user,at")}, PARIS)


@pytest.mark.parametrize(
    "values", [["2024-01-01 10:00:00"], ["2024-01-01"], ["2024-01-01T10:00:00Z", "2024-01-01 10:00:00"]]
)
def test_times_without_zone_are_refused_before_anything_is_written(tmp_path: Path, values: list[str]) -> None:
    content = csv_of(*(f"ann,{value}" for value in values), header="user,at")
    with pytest.raises(TimeZoneNeededError, match=r"'at'.*2024-01-01.*--time-zone"):
        import_files(tmp_path, {"log.csv": content}, MAPPING)
    assert not list(tmp_path.glob("archive*"))


def test_a_time_without_zone_far_down_is_found_as_well(tmp_path: Path) -> None:
    rows = ["ann,2024-01-01T10:00:00Z"] * 100_000 + ["ann,2024-05-05 10:00:00"]
    with pytest.raises(TimeZoneNeededError, match="2024-05-05"):
        import_files(tmp_path, {"log.csv": csv_of(*rows, header="user,at")}, MAPPING)
    assert not list(tmp_path.glob("archive*"))


def test_typed_local_times_need_a_zone(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"user": ["ann"], "at": pa.array([dt.datetime(2024, 1, 1)], pa.timestamp("us"))}),
        tmp_path / "log.parquet",
    )
    with pytest.raises(TimeZoneNeededError, match="'at'"):
        import_path([tmp_path / "log.parquet"], tmp_path, MAPPING)


def test_the_command_may_declare_the_zone_but_not_contradict(tmp_path: Path) -> None:
    content = csv_of("ann,2024-01-01 10:00:00", header="user,at")
    result = import_files(tmp_path, {"log.csv": content}, MAPPING, time_zone="Asia/Tokyo")
    assert result.events[0]["occurred_at"].isoformat() == "2024-01-01T01:00:00+00:00"
    with pytest.raises(MappingError, match="Europe/Paris"):
        import_files(tmp_path, {"log.csv": content}, PARIS, time_zone="Asia/Tokyo", name="two")
    with pytest.raises(MappingError, match=r"Europ/Paris.*Europe/Paris"):
        import_files(tmp_path, {"log.csv": content}, MAPPING, time_zone="Europ/Paris", name="three")


def test_zones_of_a_table_and_of_an_event_win(tmp_path: Path) -> None:
    mapping = PARIS + '  - {name: call, at: at, time_zone: "America/New_York"}\n'
    result = import_files(tmp_path, {"log.csv": csv_of("ann,2024-01-01 10:00:00", header="user,at")}, mapping)
    assert {event["name"]: event["occurred_at"].hour for event in result.events} == {"visit": 9, "call": 15}


def test_the_future_is_clamped_and_said(tmp_path: Path) -> None:
    soon, late = RECEIVED + dt.timedelta(hours=1), RECEIVED + dt.timedelta(hours=1, microseconds=1)
    content = csv_of(
        f"ann,{soon.isoformat()},a",
        f"bob,{late.isoformat()},b",
        "cyd,9999-12-31T23:00:00Z,c",
        header="user,at,note",
    )
    result = import_files(tmp_path, {"log.csv": content}, MAPPING.replace("properties: []", "properties: [note]"))
    ann, bob, cyd = result.in_order()
    assert (ann["occurred_at"], ann["quality"]) == (soon, "server")
    assert (bob["occurred_at"], bob["quality"], bob["received_at"]) == (RECEIVED, "clamped", RECEIVED)
    assert result.properties() == [
        {"note": "a"},
        {"note": "b", "$original_time": "2025-06-01T13:00:00.000001Z"},
        {"note": "c", "$original_time": "9999-12-31T23:00:00.000000Z"},
    ]
    assert (cyd["quality"], result.counts.clamped) == ("clamped", 2)
    assert any("2 events" in text for text in result.counts.warnings)


def test_a_typed_time_that_no_calendar_has_is_set_aside(tmp_path: Path) -> None:
    """Infinity and years before Christ of a database, which Python has no times for."""
    moments = pa.array([-(2**62), 1_704_103_200_000_000], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"user": ["ann", "ann"], "at": moments}), tmp_path / "log.parquet")
    result = import_path([tmp_path / "log.parquet"], tmp_path, MAPPING)
    assert [row["reason_code"] for row in result.quarantine] == ["time_out_of_range"]
    assert len(result.events) == 1
