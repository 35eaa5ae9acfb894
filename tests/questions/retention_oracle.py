"""Retention from its definition, in plain lists and calendar dates: slow, and written without a look at the kernel."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def local_date(moment: int, zone: str) -> dt.date:
    """The date on the wall."""
    return (EPOCH + dt.timedelta(microseconds=moment)).astimezone(ZoneInfo(zone)).date()


def number(date: dt.date, unit: str, week_start: str) -> int:
    """Which day, week, month, quarter or year it is, counted from long ago."""
    if unit == "day":
        return date.toordinal()
    if unit == "week":
        return (date.toordinal() - 1 - WEEKDAYS.index(week_start)) // 7
    months = date.year * 12 + date.month - 1
    return {"month": months, "quarter": months // 3, "year": date.year}[unit]


def began(nth: int, unit: str, week_start: str) -> dt.date:
    """The first date of a bucket."""
    if unit == "day":
        return dt.date.fromordinal(nth)
    if unit == "week":
        return dt.date.fromordinal(nth * 7 + 1 + WEEKDAYS.index(week_start))
    months = {"month": nth, "quarter": nth * 3, "year": nth * 12}[unit]
    return dt.date(months // 12, months % 12 + 1, 1)


def instant(date: dt.date, zone: str) -> int:
    """When a date begins; the logs of these tests avoid zones in which midnight may not exist."""
    return (dt.datetime.combine(date, dt.time(), ZoneInfo(zone)) - EPOCH) // dt.timedelta(microseconds=1)


def retained(
    journeys: dict[str, list[tuple[int, bool, bool]]],
    *,
    unit: str,
    width: int | None,
    brackets: Sequence[tuple[int, int]],
    mode: str,
    every: bool,
    zone: str,
    week_start: str,
    period: tuple[int, int],
    cutoff: int,
    begun: bool = False,
) -> dict[int, list[list[int]]]:
    """Per cohort (bucket number) and bracket: who started, of whom it is over, who came back.

    A journey is moments with whether the event is a start and whether it is a return; single periods are brackets of
    one.
    """
    found: dict[int, list[list[int]]] = defaultdict(lambda: [[0, 0, 0] for _ in brackets])
    for events in journeys.values():
        starts = [place for place, (_, start, _) in enumerate(events) if start]
        if not every:
            starts = starts[:1]
        starts = [place for place in starts if period[0] <= events[place][0] < period[1]]
        seen: set[int] = set()
        for place in starts:
            moment = events[place][0]
            cohort = number(local_date(moment, zone), unit, week_start)
            if cohort in seen:
                continue
            seen.add(cohort)
            later = [time for time, _, back in events[place + 1 :] if back]

            def period_of(time: int, moment: int = moment, cohort: int = cohort) -> int:
                if width is not None:
                    return (time - moment) // width
                return number(local_date(time, zone), unit, week_start) - cohort

            def begins(k: int, moment: int = moment, cohort: int = cohort) -> int:
                return moment + k * width if width is not None else instant(began(cohort + k, unit, week_start), zone)

            def over(k: int) -> bool:
                return begins(k) <= cutoff if begun else begins(k + 1) <= cutoff + 1

            back = {period_of(time) for time in later}
            for b, (first, last) in enumerate(brackets):
                cell = found[cohort][b]
                cell[0] += 1
                if over(last):
                    cell[1] += 1
                    cell[2] += came_back(back, first, last, mode)
    return dict(found)


def came_back(back: set[int], first: int, last: int, mode: str) -> bool:
    """What coming back means."""
    tests: dict[str, Any] = {
        "on": any(first <= k <= last for k in back),
        "on_or_after": any(k >= first for k in back),
        "on_or_before": any(k <= last for k in back),
        "streak": all(k in back for k in range(1, last + 1)),
    }
    return bool(tests[mode])
