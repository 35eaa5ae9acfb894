"""How do other products count retention?"""

from __future__ import annotations

from collections.abc import Sequence

from desirepath.questions.like import Rule, inside_period

_BEGUN = Rule(
    "who is in the rates",
    "a cohort whose period is not over when the data ends is in no rate of it",
    "a cohort is in the rates of every period that has begun",
    {"rates": "begun"},
)

_ROLLING = {"day": "24 hours", "week": "7 days", "month": "30 days"}

_DAY = 24 * 3_600_000_000


def retention_rules(product: str, every: str, width: int) -> Sequence[Rule]:
    """What a product does in another way.

    Parameters
    ----------
    product
        One of `like.PRODUCTS`.
    every, width
        The period as it was asked for, and its length in microseconds; 0 for one of the calendar.
    """
    if product == "posthog":
        return [inside_period(), _BEGUN]
    if product == "clickhouse":
        return [_BEGUN]
    fields = {"every": _ROLLING[every]} if every in _ROLLING else {}
    here = "days, weeks and months are those of the calendar; lengths count from the start itself"
    if product == "mixpanel":
        there = "a day is 24 hours from the start, a week 7 days, a month 30 days"
        return [*([Rule("what a day is", here, there, fields)] if fields else []), _BEGUN]
    if not fields and not width:
        return [_BEGUN]
    by_hour = every == "day" or 0 < width <= _DAY
    there = "a day is 24 hours from the hour of the start, a week 7 and a month 30 days from its day"
    return [Rule("what a day is", here, there, fields, clock="hour" if by_hour else "day"), _BEGUN]
