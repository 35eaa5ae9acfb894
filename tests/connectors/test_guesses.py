"""Guesses and previews: a sensible first mapping, never an invented time zone, and nothing written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from importing import SIMPLE, csv_of

from desirepath.connectors import guess, parse_mapping, preview
from desirepath.errors import MappingError


def write(folder: Path, header: str, *rows: str, name: str = "web_log.csv") -> Path:
    """Write a CSV file and return its path."""
    (folder / name).write_bytes(csv_of(*rows, header=header))
    return folder / name


def test_a_plain_event_log(tmp_path: Path) -> None:
    header = "id,created_at,userId,event_name,session_id,channel,amount,email,satisfaction_score"
    rows = [
        f"{n},2024-01-01 10:00:{n:02d},u{n % 3},{name},s{n % 4},web,{n}.5,u{n % 3}@example.org,5"
        for n, name in enumerate(["view", "buy"] * 15)
    ]
    found = guess([write(tmp_path, header, *rows)])
    (table,) = found.mapping.tables
    (rule,) = table.events
    assert (rule.at.column, rule.name.whole) == ("created_at", "event_name")
    assert table.fields.identities == (("userId", "userId"), ("email", "email"))
    assert (table.fields.session, table.fields.channel.whole if table.fields.channel else None) == (
        "session_id",
        "channel",
    )
    assert table.fields.value is not None
    assert table.fields.value.column == "amount"
    assert found.needs_time_zone
    assert found.mapping.time_zone is None
    assert any("time_zone:" in note for note in found.notes)


@pytest.mark.parametrize(
    ("value", "form", "unit", "zone"),
    [
        ("2024-01-01T10:00:00Z", None, None, False),
        ("2024-01-01", None, None, True),
        ("1704103200", None, "s", False),
        ("1704103200000", None, "ms", False),
        ("31/01/2024 10:00", "%d/%m/%Y %H:%M", None, True),
        ("31.01.2024", "%d.%m.%Y", None, True),
    ],
)
def test_times_are_recognised(tmp_path: Path, value: str, form: str | None, unit: str | None, zone: bool) -> None:
    found = guess([write(tmp_path, "user,time", *[f"u,{value}"] * 5)])
    at = found.mapping.tables[0].events[0].at
    assert (at.format, at.unit, found.needs_time_zone) == (form, unit, zone)


def test_days_and_months_are_told_apart_or_left_open(tmp_path: Path) -> None:
    american = guess([write(tmp_path, "user,time", "u,01/31/2024", "u,02/01/2024")])
    assert american.mapping.tables[0].events[0].at.format == "%m/%d/%Y"
    either = guess([write(tmp_path, "user,time", "u,01/02/2024", "u,03/04/2024", name="b.csv")])
    assert any("day or month" in note for note in either.notes)


def test_without_event_name_the_file_names_it(tmp_path: Path) -> None:
    found = guess([write(tmp_path, "customer_id,date,total", "c,2024-01-01,5", name="store visits.csv")])
    assert found.mapping.tables[0].events[0].name.text == "store visits"


def test_nothing_to_go_by_is_said(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="No column tells a time"):
        guess([write(tmp_path, "user,colour", "u,red")])
    with pytest.raises(MappingError, match="name a person"):
        guess([write(tmp_path, "time,colour", "2024-01-01,red")])


def test_a_guess_can_be_imported_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "user_id,timestamp,event", *[f"u{n},2024-01-01T10:00:00Z,view" for n in range(50)])
    found = guess([path])
    shown = preview(parse_mapping(str(found.mapping.to_dict())), [path], 20)
    assert (shown.events.num_rows, shown.counts.events, shown.quarantine.num_rows) == (20, 50, 0)


def test_a_preview_reads_the_beginning_and_whole_lookups(tmp_path: Path) -> None:
    place = tmp_path / "files"
    place.mkdir()
    write(place, "user,at,what,note", *[f"u{n},2024-01-01,x,{'y' * 60}" for n in range(50_000)], name="log.csv")
    write(place, "user,town", *[f"u{n},here" for n in range(50_000)], name="people.csv")
    text = SIMPLE.replace("source: shop", "source: shop\nfiles: log.csv\nlookup: {people.csv: user}").replace(
        "[note]", "[town]"
    )
    before = sorted(os.listdir(place))
    shown = preview(parse_mapping(text), [place], 5)
    assert shown.events.num_rows == 5
    assert 1000 < shown.counts.rows < 50_000
    assert shown.events["properties"].to_pylist() == ['{"town":"here"}'] * 5
    assert sorted(os.listdir(place)) == before


def test_one_time_that_cannot_be_read_does_not_hide_the_column(tmp_path: Path) -> None:
    days = [f"{day:02d}/05/2024 10:00" for day in range(1, 29)]
    file = tmp_path / "visits.csv"
    file.write_text("client,time,event\n" + "".join(f"c1,{day},came\n" for day in [*days, "someday"]))
    rule = guess([file]).mapping.tables[0].events[0]
    assert (rule.at.column, rule.at.format) == ("time", "%d/%m/%Y %H:%M")
