"""What is sent and what is imported as a file are the same journeys, whatever the order, batches and repetitions."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import desirepath
from desirepath.collector.inbox import FILE, Request, connect
from desirepath.draining import Drain
from desirepath.workspace import Workspace

RECEIVED = 1_780_000_000_000_000


@st.composite
def streams(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Messages of a few people on a few devices, who log in now and then."""
    found = []
    for number in range(draw(st.integers(1, 25))):
        person = draw(st.sampled_from([None, "u1", "u2", "u3"]))
        message: dict[str, Any] = {
            "messageId": f"m{draw(st.integers(0, 30))}",
            "anonymousId": f"a{draw(st.integers(1, 3))}",
            "timestamp": f"2026-05-{draw(st.integers(1, 28)):02d}T10:{number:02d}:00.000Z",
            "context": {"library": {"name": "test"}},
        }
        if person is not None:
            message["userId"] = person
        if person is not None and draw(st.booleans()):
            message |= {"type": "identify", "traits": {"email": f"{person}@example.org"}}
        else:
            message |= {
                "type": "track",
                "event": draw(st.sampled_from(["visit", "order", "call"])),
                "properties": {"n": number},
            }
        found.append(message)
    seen: dict[str, dict[str, Any]] = {}
    return [seen.setdefault(one["messageId"], one) for one in found]


def told(workspace: Workspace) -> list[Any]:
    """Events with their person, and an answer."""
    query = """SELECT CAST(e.id AS VARCHAR) AS id, e.name, e.occurred_at, e.identities,
        CAST(e.properties AS VARCHAR) AS p, q.id AS person
        FROM events e LEFT JOIN person_of_event o USING (seq) LEFT JOIN people q USING (person) ORDER BY e.id"""
    rows = workspace.sql(query).to_pylist()
    if not rows:
        return []
    answer = workspace.ask("funnel", steps=["visit", "order"], window="7 days")
    return [rows, answer.table.to_pylist(), workspace.sql("SELECT count(*) AS n FROM people").to_pylist()]


def streamed(root: Path, messages: list[dict[str, Any]], chance: random.Random) -> list[Any]:
    """Sent in requests of any size, some of them twice, drained in steps of any size."""
    with desirepath.create(root, time_zone="UTC") as workspace:
        inbox = connect(root / FILE)
        drain = Drain(workspace)
        left = [*messages, *chance.sample(messages, len(messages) // 3)]
        chance.shuffle(left)
        while left:
            size = chance.randint(1, 6)
            body = json.dumps({"batch": left[:size]}).encode()
            left = left[size:]
            request = Request(RECEIVED, "/v1/batch", b"", '{"$checked": "1"}', "k", "main", 0, size, body)
            columns = ", ".join(Request._fields)
            marks = ", ".join("?" * len(Request._fields))
            inbox.execute(f"INSERT INTO requests ({columns}) VALUES ({marks})", request)
            if chance.random() < 0.3:
                drain.step(lambda *_: None, chance.choice((1, 500, 1 << 20)))
        drain.all(lambda *_: None)
        drain.close()
        inbox.close()
        return told(workspace)


@settings(max_examples=6, deadline=None)
@given(streams(), st.integers(0, 2**30))
def test_batch_and_stream_are_the_same(messages: list[dict[str, Any]], seed: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file = folder / "messages.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in messages), encoding="utf-8")
        with desirepath.create(folder / "batch", time_zone="UTC") as workspace:
            workspace.import_sources([file], "segment")
            batch = told(workspace)
        chance = random.Random(seed)
        assert streamed(folder / "stream", messages, chance) == batch
        with desirepath.open(folder / "stream") as workspace:
            workspace.rebuild()
            assert told(workspace) == batch
