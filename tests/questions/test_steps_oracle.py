"""The matrix of steps equals the paths it is made of, and both the definition."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from memory_engine import Happened, MemoryEngine
from paths_oracle import forward, told
from random_journeys import MINUTE, logs, splits
from test_paths_oracle import PERIODS, WINDOWS, journeys_of

from desirepath.errors import InputError, UnknownNameError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.steps import Steps
from desirepath.runner import ask

thorough = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def matrix(paths: list[tuple[tuple[str, ...], str]], length: int, *, backward: bool) -> Counter[tuple[int, str]]:
    """Who is where at each step."""
    found: Counter[tuple[int, str]] = Counter()
    for path, outcome in paths:
        names = path[::-1] if backward else path
        for step in range(1, length + 1):
            ended = "(began later)" if backward else f"({outcome})"
            found[step, names[step - 1] if step <= len(names) else ended] += 1
    return found


@thorough
@given(data=st.data())
def test_it_equals_the_definition(data: st.DataObject) -> None:
    log, length = data.draw(logs(most=18)), data.draw(st.sampled_from([1, 3, 8]))
    backward = data.draw(st.booleans())
    fields: dict[str, Any] = {
        "start": None if backward else data.draw(st.sampled_from(["a", None])),
        "end": "c" if backward else data.draw(st.sampled_from(["c", None])),
        "window": data.draw(st.sampled_from(list(WINDOWS))),
        "hide": data.draw(st.sampled_from([[], ["b"]])),
        "expand": data.draw(st.sampled_from([[], ["plan"]])),
        "collapse": data.draw(st.booleans()),
        "entry": data.draw(st.sampled_from(["any", "first"])),
    }
    last = max((event.time for event in log), default=0)
    cutoff = data.draw(st.sampled_from([last, min(last, 120 * MINUTE)]))
    period = data.draw(PERIODS)
    window, collapse = WINDOWS[fields["window"]] * MINUTE, fields["collapse"]
    asked = Steps(length=length, most=1_000, direction="backward" if backward else "forward", **fields)
    answer = ask(asked, Population(period, cutoff=cutoff), MemoryEngine(log, data.draw(splits(log)) or [[]]))
    paths: list[tuple[tuple[str, ...], str]] = []
    for events in journeys_of(log, fields, cutoff).values():
        if backward:
            ends = [n for n, event in enumerate(events) if event.end and period.start <= event.time < period.end]
            if ends:
                when = events[ends[0]].time
                before = [event for event in events[: ends[0]] if when - event.time <= window]
                paths.append((told(before, collapse, 1_000)[0][-length:], "converted"))
            continue
        found: Any = forward(
            events,
            window=window,
            first=fields["entry"] == "first" or fields["start"] is None or fields["end"] is None,
            to_goal=fields["end"] is not None,
            from_beginning=fields["start"] is None,
            collapse=collapse,
            length=length,
            period=(period.start, period.end),
            cutoff=cutoff,
        )
        if found is not None:
            path, outcome = found
            if outcome == "converted":
                s, e = path
                path, _ = told(events[s : max(e, s + 1)], collapse, length)
            paths.append((path, outcome))
    got = Counter({(row["step"], row["touchpoint"]): row["people"] for row in answer.table.to_pylist()})
    assert +got == matrix(paths, length, backward=backward)


def test_mistakes_are_named() -> None:
    with pytest.raises(InputError):
        Steps(most=0)
    with pytest.raises(InputError):
        Steps(length=0)
    answer = ask(Steps(), Population(Period.everything()), MemoryEngine([Happened("p", 0, "a", "1")]))
    with pytest.raises(UnknownNameError, match="step"):
        answer.people(step=11)
