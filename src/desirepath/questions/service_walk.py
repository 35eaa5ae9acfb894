"""Which events are about one issue, and what became of it? Two walks: events into issues, and issues into facts.

Events of a person about the same topic belong to one issue as long as no more than the gap lies between one and the
next. An event without a topic belongs to the issue that the person had last, if that is still open.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from desirepath.journeys.kernel import kernel

Array = npt.NDArray[Any]

RESOLVED, ABANDONED, CAME_BACK, LEAKED, UNDECIDED, HUMAN = range(6)
OUTCOMES = ("resolved", "abandoned", "came back", "leaked", "undecided", "began with a human")
"""What becomes of an issue; the first five are of those that began in self-service."""

CONTACT, SELF, SOLVED, ACTIVE = range(4)
"""Places of the filters in the column of matches."""

FOREVER = 2**62

UNWATCHED = -2
"""Stands in `leak` for an issue that began with a human and is not watched long enough."""


class Rules(NamedTuple):
    """Lengths of time in microseconds, and what is known."""

    gap: int
    again: int
    cutoff: int
    says_solved: bool


class Issues(NamedTuple):
    """Room for one entry per issue, in the order in which they begin within their journeys."""

    journey: Array  # int64
    topic: Array  # int64: code, 0 where it has none
    place: Array  # int64: position of the first event
    last: Array  # int64: moment of the last event so far
    next: Array  # int64: when the person's next issue of the topic begins, or `FOREVER`


@kernel
def into_issues(
    starts: Array, time: Array, what: Array, topic: Array, latest: Array, gap: int, issues: Issues, number: Array
) -> int:
    """Write the issue of every event, from 1 (0: none), and return how many issues there are.

    Parameters
    ----------
    what
        Per event a bit for `CONTACT`, `SELF` and `SOLVED`.
    latest
        int64[topics], all 0.
    """
    many = 0
    for p in range(len(starts) - 1):
        base, recent = many, -1
        for i in range(starts[p], starts[p + 1]):
            number[i] = 0
            if not what[i] & 7:
                continue
            mine, c = -1, topic[i]
            if c == 0:
                mine = recent
            elif latest[c] > base:
                mine = latest[c] - 1
            if mine >= 0 and time[i] - issues.last[mine] > gap:
                mine = -1
            if not what[i] & 3:  # it only says that something is solved
                number[i] = mine + 1
                continue
            if mine < 0:
                mine = many
                issues.journey[mine], issues.topic[mine], issues.place[mine] = p, c, i
                issues.next[mine] = FOREVER
                if latest[c] > base:
                    issues.next[latest[c] - 1] = time[i]
                latest[c] = mine + 1
                many += 1
            issues.last[mine] = time[i]
            recent = mine
            number[i] = mine + 1
    return many


class Facts(NamedTuple):
    """Room for what is known of each issue; h horizons, the longest last."""

    outcome: Array  # int8[issues, h]
    contacts: Array  # int64: within the longest horizon
    cents: Array  # int64: cost within the longest horizon
    after: Array  # int64: position of the last event before the first contact, or -1
    leak: Array  # int64: position of the first contact of those that began in self-service; -1, `UNWATCHED`


@kernel
def judge(
    begins: Array, order: Array, time: Array, what: Array, cents: Array, closes: Array, horizons: Array, rules: Rules,
    following: Array, facts: Facts,
) -> None:  # fmt: skip
    """Write the facts of every issue.

    Parameters
    ----------
    begins, order
        Events of issue k are `order[begins[k]:begins[k + 1]]`, in order of time.
    closes
        int64[issues]: until when its journey is watched.
    following
        int64[issues]: when the next issue of the topic begins.
    """
    h = len(horizons)
    for k in range(len(begins) - 1):
        first = order[begins[k]]
        start, human = time[first], what[first] & 1 != 0
        contact, solved, again, before, when = FOREVER, FOREVER, following[k], start, -1
        facts.contacts[k], facts.cents[k], facts.after[k], facts.leak[k] = 0, 0, -1, -1
        for j in range(begins[k], begins[k + 1]):
            i = order[j]
            if time[i] > start + horizons[h - 1]:
                break
            if what[i] & 3:
                facts.cents[k] += cents[i]
                if time[i] - before >= rules.again and again > time[i]:
                    again = time[i]
                before = time[i]
            if what[i] & 1:
                facts.contacts[k] += 1
                if contact == FOREVER:
                    contact = time[i]
                    if not human:
                        facts.after[k], facts.leak[k] = when, i
            elif what[i] & 2:
                when = i
            if what[i] & 4 and solved == FOREVER:
                solved = time[i]
        if human and start + horizons[h - 1] > min(rules.cutoff, closes[k]):
            facts.leak[k] = UNWATCHED
        for place in range(h):
            until = start + horizons[place]
            if human:
                facts.outcome[k, place] = HUMAN
            elif until > min(rules.cutoff, closes[k]):
                facts.outcome[k, place] = UNDECIDED
            elif contact <= until:
                facts.outcome[k, place] = LEAKED
            elif solved <= until or (not rules.says_solved and again > until):
                facts.outcome[k, place] = RESOLVED
            else:
                facts.outcome[k, place] = CAME_BACK if again <= until else ABANDONED


def events_of(number: Array, many: int) -> tuple[Array, Array]:
    """Where each issue's events begin, and the positions of events by issue, in order of time."""
    order = np.argsort(number, kind="stable")
    begins = np.searchsorted(number[order], np.arange(1, many + 2))
    return begins.astype(np.int64), order.astype(np.int64)


__all__ = [
    "ABANDONED",
    "CAME_BACK",
    "HUMAN",
    "LEAKED",
    "OUTCOMES",
    "RESOLVED",
    "UNDECIDED",
    "UNWATCHED",
    "Facts",
    "Issues",
    "Rules",
    "events_of",
    "into_issues",
    "judge",
]
