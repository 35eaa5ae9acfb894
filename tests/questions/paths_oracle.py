"""Paths from their definition, in plain lists: every pair of a start and an end is tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """What a path needs to know of an event; `name` is None where it is hidden."""

    time: int
    name: str | None
    start: bool
    end: bool


def told(events: Sequence[Event], collapse: bool, length: int) -> tuple[tuple[str, ...], bool]:
    """The touchpoints of some events, and whether there were more."""
    names = [event.name for event in events if event.name is not None]
    if collapse:
        names = [name for place, name in enumerate(names) if place == 0 or names[place - 1] != name]
    return tuple(names[:length]), len(names) > length


def around(
    events: Sequence[Event], *, window: int, collapse: bool, side: int, period: tuple[int, int], cutoff: int
) -> tuple[tuple[str, ...], str] | None:
    """What came before and after the first start in the period, and whether more could come; None without a start."""
    anchors = [n for n, event in enumerate(events) if event.start and period[0] <= event.time < period[1]]
    if not anchors:
        return None
    anchor = anchors[0]
    at = events[anchor].time

    def side_of(near: Sequence[Event]) -> list[str]:
        names = [event.name for event in near if event.name is not None and abs(event.time - at) <= window]
        if collapse:
            last = events[anchor].name
            kept = []
            for name in names:
                if name != last:
                    kept.append(name)
                last = name
            names = kept
        return names

    before, after = side_of(events[:anchor][::-1]), side_of(events[anchor + 1 :])
    middle = [] if events[anchor].name is None else [str(events[anchor].name)]
    left, right = before[:side][::-1], after[:side]
    if collapse and not middle and left and right and left[-1] == right[0]:
        right = right[1:]
    return (*left, *middle, *right), "left" if len(after) >= side or at + window <= cutoff else "undecided"


def forward(
    events: Sequence[Event],
    *,
    window: int,
    first: bool,
    to_goal: bool,
    from_beginning: bool,
    collapse: bool,
    length: int,
    period: tuple[int, int],
    cutoff: int,
) -> tuple[tuple[str, ...], str] | None:
    """The path of one journey and its outcome; None where it does not start."""
    starts = [n for n, event in enumerate(events) if event.start and period[0] <= event.time < period[1]]
    if first and starts:
        starts = [
            n for n in starts if events[n].time == events[starts[0]].time and (not from_beginning or n == starts[0])
        ]
    if not starts:
        return None
    pairs = [
        (events[e].time, -events[s].time, s, e)
        for s in starts
        for e, event in enumerate(events)
        if to_goal and event.end and e != s and 0 <= event.time - events[s].time <= window
    ]
    if pairs:
        when, minus_start = min((pair[0], pair[1]) for pair in pairs)
        best = [pair[2:] for pair in pairs if pair[:2] == (when, minus_start)]
        s = (min if first else max)(pair[0] for pair in best)
        ends = [n for n, event in enumerate(events) if event.end and event.time == when]
        if ends[0] != s:
            e = ends[0]
        elif len(ends) > 1:
            e = ends[1]
        else:  # the start is the only end: another start of that instant takes its place
            e = ends[0]
            s = min(pair[0] for pair in best)
        return (s, e), "converted"  # type: ignore[return-value]
    s = starts[0] if first else starts[-1]
    inside = [event for n, event in enumerate(events) if n >= s and event.time <= events[s].time + window]
    path, _ = told(inside, collapse, length)
    full = not to_goal and len(path) == length
    return path, "left" if full or events[s].time + window <= cutoff else "undecided"
