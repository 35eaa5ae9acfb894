"""A timeline equals sorted lists, for random logs; and what one person is asked about is that person's alone."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from made_workspaces import made
from memory_engine import Happened, MemoryEngine

from desirepath.errors import InputError
from desirepath.events.moments import Period
from desirepath.population import Population
from desirepath.questions.timeline import Timeline
from desirepath.runner import ask

MINUTE = 60_000_000
BEGIN = 1_777_593_600_000_000  # 2026-05-01 00:00 UTC


def test_it_equals_sorted_lists() -> None:
    draw = random.Random(3)
    for _ in range(500):
        log = [
            Happened(f"p{draw.randint(0, 2)}", BEGIN + draw.randint(0, 20) * 7 * MINUTE, draw.choice("ab"), f"{n:03d}",
                     {"channel": draw.choice(["web", "app"])})
            for n in range(draw.randint(1, 14))
        ]  # fmt: skip
        most = draw.choice([3, 8, 50])
        people = sorted({event.person for event in log})
        blocks = [people[:1], people[1:]] if draw.random() < 0.5 and len(people) > 1 else [people]
        found = ask(Timeline(most=most), Population(Period.everything()), MemoryEngine(log, blocks))
        want = []
        for person in people:
            own = sorted((event for event in log if event.person == person), key=lambda event: (event.time, event.id))
            visit, before = 0, -(10**15)
            for nth, event in enumerate(own):
                visit += event.time - before > 30 * MINUTE
                since = (event.time - before) / 1_000_000 if nth else None
                texts = (f"{visit:03d}", f"{since or -1:020.0f}" if nth else "-1", event.name, event.fields["channel"])
                want.append((event.time, nth, *texts, visit, since))
                before = event.time
        want = sorted(want, key=lambda row: row[:2])
        columns = found.columns
        got = list(zip(columns["name"], columns["channel"], columns["visit"], columns["since_seconds"], strict=True))
        assert len(got) == min(most, len(log))
        assert found.extras["whole"] == {"shown": [len(got)], "more": [len(log) - len(got)], "events": [len(log)]}
        # events of one order may come as they like; those before the last order are all there
        groups: dict[tuple[int, int], list[tuple[str, str, int, float | None]]] = {}
        for time, nth, _, _, name, channel, visit, since in want:
            groups.setdefault((time, nth), []).append((name, channel, visit, since))
        place = 0
        for group in groups.values():
            here = got[place : place + len(group)]
            if len(here) == len(group):
                assert sorted(here, key=repr) == sorted(group, key=repr)
            else:
                assert all(row in group for row in here)
            place += len(group)


def test_one_person_is_asked_about(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2023-05-01T10:00:00Z\nv A 2023-05-01T10:01:00Z\nu B 2023-05-01T10:02:00Z")
    (first, *_) = ws.ask("timeline").people(event=1)["person"].to_pylist()
    answer = ws.ask("timeline", person=first)
    assert answer.columns["name"] == ["A", "B"]
    assert answer.asked_of["person"] == first
    assert ws.ask("funnel", steps=["A", "B"], person=first).columns["reached"] == [1, 1]
    assert set(answer.people()["person"].to_pylist()) == {first}
    answer.save("only them", name="A")
    assert ws.ask("timeline", cohort="only them").columns["name"] == ["A", "B"]
    with pytest.raises(InputError, match="or of a segment"):
        ws.ask("timeline", person=first, cohort="only them")
    with pytest.raises(InputError, match="nobody"):
        ws.ask("timeline", person="nobody")
    with pytest.raises(InputError, match="not 'account'"):
        ws.ask("timeline", person=first, unit="account")
    with pytest.raises(InputError, match="column of every timeline"):
        Timeline(show=["name"])
    with pytest.raises(InputError, match="1 to 10,000"):
        Timeline(most=0)
