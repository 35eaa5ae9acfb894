"""Four questions about sequences, and the text that every contender answers them with.

    transitions   from-to,times,median gap in whole microseconds     every pair of touchpoints that follow each other
    paths         7-0-…,sessions,sessions that go on to t19          the 100 most frequent first ten touchpoints of a
                                                                     session (30 minutes) before a t19 after its first
                                                                     event, repeats in a row left out
    retention     cohort,active in week 0, week 1, …                 people by the week of their first event
    attribution   channel,first,last,linear,decay                    credit for t19: 30 days, half-life 7 days

Touchpoints and channels are told by number. Credit is rounded to whole conversions.
"""

from __future__ import annotations

TRANSITIONS, PATHS, RETENTION, ATTRIBUTION = "transitions", "paths", "weekly retention", "attribution inputs"
QUESTIONS = (TRANSITIONS, PATHS, RETENTION, ATTRIBUTION)

GOAL = 19
PAUSE = 30 * 60 * 1_000_000
LONGEST, TOP = 10, 100
WEEK = 7 * 86_400 * 1_000_000
FIRST_MONDAY = 1_735_516_800_000_000
"""2024-12-30 in UTC, the Monday before the log begins."""

WEEKS, WHOLE_WEEKS = 27, 25
"""So many weeks are looked at, and so many are over when the log ends; who comes back in another is not decided."""

LOOKBACK = 30 * 86_400 * 1_000_000
HALF_LIFE = WEEK


def text(rows: object) -> str:
    """Return rows of a label and counts as the text of an answer."""
    return ";".join(",".join(str(cell) for cell in row) for row in rows)  # type: ignore[attr-defined]


def triangle(cells: object) -> str:
    """Return `(cohort, week, people)` as one row a cohort, with a column for every week."""
    table: dict[int, list[int]] = {}
    for cohort, week, people in cells:  # type: ignore[attr-defined]
        counts = table.setdefault(int(cohort), [0] * WEEKS)
        if int(week) == 0 or int(cohort) + int(week) < WHOLE_WEEKS:
            counts[int(week)] = int(people)
    return text([cohort, *counts] for cohort, counts in sorted(table.items()))
