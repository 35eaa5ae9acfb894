"""Durations carry units, print canonically, and refuse whatever could mean two things."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desirepath.errors import MomentError
from desirepath.events.moments import Duration, duration

SECOND = 1_000_000
DAY = 86_400 * SECOND


@pytest.mark.parametrize(
    ("text", "microseconds", "canonical"),
    [
        ("14 days", 14 * DAY, "14 days"),
        ("14d", 14 * DAY, "14 days"),
        ("2 weeks", 14 * DAY, "14 days"),
        ("1 w", 7 * DAY, "7 days"),
        ("90 s", 90 * SECOND, "1 minute 30 seconds"),
        ("1 hour 30 minutes", 5_400 * SECOND, "1 hour 30 minutes"),
        ("1 hour, 30 minutes and 2 seconds", 5_402 * SECOND, "1 hour 30 minutes 2 seconds"),
        ("1h30min", 5_400 * SECOND, "1 hour 30 minutes"),
        ("1.5 H", 5_400 * SECOND, "1 hour 30 minutes"),
        ("250 ms", 250_000, "250 milliseconds"),
        ("7 µs", 7, "7 microseconds"),
        ("7 μs", 7, "7 microseconds"),
        ("0.000001 s", 1, "1 microsecond"),
        (" 1 day ", DAY, "1 day"),
        ("PT30M", 1_800 * SECOND, "30 minutes"),
        ("P1DT12H", 36 * 3_600 * SECOND, "1 day 12 hours"),
        ("P2W", 14 * DAY, "14 days"),
        ("pt0.5s", 500_000, "500 milliseconds"),
    ],
)
def test_reads_a_length_and_prints_it_canonically(text: str, microseconds: int, canonical: str) -> None:
    read = Duration.parse(text)
    assert read.microseconds == microseconds
    assert str(read) == canonical
    assert Duration.parse(canonical) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("14", "needs its unit"),
        ("14.5", "needs its unit"),
        ("", "missing"),
        ("days", "not a duration"),
        ("-3 days", "negative"),
        ("0 s", "longer than zero"),
        ("PT0S", "longer than zero"),
        ("1 month", "no fixed length"),
        ("2 years", "no fixed length"),
        ("P1M", "no fixed length"),
        ("P1Y2D", "no fixed length"),
        ("5 m", "minutes or months"),
        ("3 fortnights", "not a unit"),
        ("1 h 2 h", "twice"),
        ("1 d 1 day", "twice"),
        ("nan s", "not a duration"),
        ("inf days", "not a duration"),
        ("1e3 s", "not a unit"),
        ("0.0000001 s", "finer than a microsecond"),
        ("99999999999999999999 days", "at most"),
        ("3652501 days", "at most"),
        ("P", "ISO 8601"),
        ("PT", "ISO 8601"),
        ("P1H", "ISO 8601"),
        ("1 day tomorrow", "not a duration"),
        ("٣ days", "not a duration"),
    ],
)
def test_refuses_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(MomentError, match=reason):
        Duration.parse(text)


def test_a_bare_number_names_the_units() -> None:
    for bare in (14, 14.0, "14", True, None):
        with pytest.raises(MomentError) as caught:
            duration(bare)  # type: ignore[arg-type]
        assert "days" in caught.value.allowed


def test_an_unknown_unit_names_the_nearest() -> None:
    with pytest.raises(MomentError) as caught:
        duration("3 hurs")
    assert caught.value.nearest == "hours"


def test_accepts_timedelta_and_duration() -> None:
    assert duration(dt.timedelta(minutes=1)) == Duration(60 * SECOND)
    assert duration(Duration(5)) is not None
    assert Duration(5).timedelta() == dt.timedelta(microseconds=5)
    with pytest.raises(MomentError):
        duration(dt.timedelta(0))
    with pytest.raises(MomentError):
        duration(dt.timedelta(days=-1))


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, 2**63])
def test_the_constructor_is_as_strict(wrong: int) -> None:
    with pytest.raises(MomentError):
        Duration(wrong)


@given(st.integers(min_value=1, max_value=3_652_500 * DAY))
def test_every_duration_prints_and_reads_back(microseconds: int) -> None:
    assert Duration.parse(str(Duration(microseconds))) == Duration(microseconds)


def test_durations_are_ordered_by_length() -> None:
    assert Duration.parse("1 h") < Duration.parse("61 min") < Duration.parse("1 day")
