"""Periods are half-open, read in a zone, and print in a form that reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import MomentError
from desirepath.events.moments import EARLIEST, LATEST, Period, instant

PARIS = "Europe/Paris"
NOW = instant("2024-05-15 13:45:10.5", PARIS)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-05-01..2024-06-01", "2024-05-01", "2024-06-01"),
        ("2024-05-01 .. 2024-05-01 12:00", "2024-05-01", "2024-05-01 12:00"),
        ("2024-05..2024-07", "2024-05-01", "2024-07-01"),
        ("2024-05", "2024-05-01", "2024-06-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024", "2024-01-01", "2025-01-01"),
        ("2024-Q4", "2024-10-01", "2025-01-01"),
        ("2024-W05", "2024-01-29", "2024-02-05"),
        ("2020-W53", "2020-12-28", "2021-01-04"),
        ("2024-05-01", "2024-05-01", "2024-05-02"),
        ("2024-03-31", "2024-03-31", "2024-04-01"),
        ("last 30 days", "2024-04-15", "2024-05-15"),
        ("Last 1 day", "2024-05-14", "2024-05-15"),
        ("last day", "2024-05-14", "2024-05-15"),
        ("yesterday", "2024-05-14", "2024-05-15"),
        ("today", "2024-05-15", "2024-05-16"),
        ("last 2 weeks", "2024-04-29", "2024-05-13"),
        ("last month", "2024-04-01", "2024-05-01"),
        ("last 5 months", "2023-12-01", "2024-05-01"),
        ("last quarter", "2024-01-01", "2024-04-01"),
        ("last 2 years", "2022-01-01", "2024-01-01"),
        ("last 3 hours", "2024-05-15 10:00", "2024-05-15 13:00"),
    ],
)
def test_reads_periods_in_paris(text: str, start: str, end: str) -> None:
    period = Period.parse(text, PARIS, now=NOW)
    assert (period.start, period.end) == (instant(start, PARIS), instant(end, PARIS))
    assert period.zone == PARIS
    assert Period.parse(str(period), PARIS) == period


def test_open_ends_and_everything() -> None:
    assert Period.parse("2024-05..", PARIS) == Period(instant("2024-05-01", PARIS), LATEST, PARIS)
    assert Period.parse("..2024-05", PARIS) == Period(EARLIEST, instant("2024-05-01", PARIS), PARIS)
    assert Period.parse("everything", "UTC") == Period.everything() == Period.parse("..", "UTC")
    assert str(Period.everything()) == "everything"
    assert Period.parse("9999", "UTC").end == LATEST


def test_weeks_start_where_they_are_said_to() -> None:
    sunday = Period.parse("last week", PARIS, now=NOW, week_start="sunday")
    assert (sunday.start, sunday.end) == (instant("2024-05-05", PARIS), instant("2024-05-12", PARIS))


def test_hours_are_whole_hours_of_a_zone_with_a_half_hour() -> None:
    period = Period.parse("last hour", "Asia/Kathmandu", now=instant("2024-05-15 13:45", "Asia/Kathmandu"))
    assert period.end == instant("2024-05-15 13:00", "Asia/Kathmandu")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a date"),
        ("2024-05-01 10:00", "an instant"),
        ("2024-06-01..2024-05-01", "does not end after"),
        ("2024-05-01..2024-05-01", "does not end after"),
        ("2024-13", "no real period"),
        ("2024-W54", "no real period"),
        ("2024-Q5", "not a date"),
        ("0000", "no real period"),
        ("last 0 days", "at least 1"),
        ("last 3 fortnights", "not a calendar unit"),
        ("last 999999 years", "before the year 1"),
        ("next week", "not a date"),
    ],
)
def test_refuses_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(MomentError, match=reason):
        Period.parse(text, PARIS, now=NOW)


@pytest.mark.parametrize("text", ["last 30 days", "today", "yesterday"])
def test_relative_periods_need_the_present(text: str) -> None:
    with pytest.raises(MomentError, match="present moment"):
        Period.parse(text, PARIS)


@pytest.mark.parametrize(("start", "end"), [(1, 1), (2, 1), (EARLIEST - 1, 0), (0, LATEST + 1)])
def test_the_constructor_is_as_strict(start: int, end: int) -> None:
    with pytest.raises(MomentError):
        Period(start, end, "UTC")


def test_the_start_is_in_and_the_end_is_out() -> None:
    may = Period.parse("2024-05", PARIS)
    assert may.holds(may.start)
    assert may.holds(may.end - 1)
    assert not may.holds(may.end)
    assert not may.holds(may.start - 1)


@given(
    st.integers(EARLIEST + 2 * 86_400_000_000, LATEST - 4 * 86_400_000_000),
    st.integers(1, 3 * 86_400_000_000),
    st.sampled_from(["UTC", PARIS, "America/Sao_Paulo", "Australia/Lord_Howe"]),
)
def test_every_period_prints_and_reads_back(start: int, length: int, place: str) -> None:
    period = Period(start, start + length, place)
    assert Period.parse(str(period), place) == period
