"""Columns that a question asks for: from the segments where they can tell, else from the database, always the same."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_workspaces import add, made, steps

from desirepath import Workspace
from desirepath.events.where import Where
from desirepath.journeys.batch import Code, JourneyBatch, Match, Matched, Number


def batches(ws: Workspace, **reads: Any) -> list[JourneyBatch]:
    return ws.engine.map(reads, lambda batch: batch)


def log(many_names: int, events: int = 1_500) -> list[dict[str, str]]:
    rng = random.Random(many_names)
    return [
        {
            "id": str(n),
            "user": f"u{rng.randrange(40)}",
            "event": f"e{rng.randrange(many_names)}",
            "at": f"2023-05-{rng.randrange(1, 28):02d}T{rng.randrange(24):02d}:00:{rng.randrange(60):02d}Z",
            "channel": rng.choice(["", "web", "app"]),
            "amount": rng.choice(["", "0", "-1.5", "12"]),
            "score": rng.choice(["", "1", "2.5", "many", "-3"]),
        }
        for n in range(events)
    ]


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return made(tmp_path_factory.mktemp("reading"), log(7), late=False)


FILTERS = [
    "name = 'e1'",
    "name in ('e1', 'e2') and channel = 'web'",
    "channel is missing",
    "source = 'story' and not name = 'e3'",
    "name like 'e%' or channel = 'app'",
    "value > 0",
    "score >= 2",
    "score = 'many'",
    "true",
    "false",
    "value is missing and channel = 'web'",
]


def test_filters_hold_for_the_events_for_which_the_database_says_so(ws: Workspace) -> None:
    wheres = tuple(Where.parse(text) for text in FILTERS)
    together = batches(ws, all=Match(wheres), row=Number("value"))
    counted = np.zeros(len(FILTERS), dtype=int)
    for batch in together:
        column = batch.columns["all"]
        assert isinstance(column, Matched)
        counted += [int(column.holds(k).sum()) for k in range(len(FILTERS))]
    for k, text in enumerate(FILTERS):
        alone = sum(int(batch.columns["one"].holds(0).sum()) for batch in batches(ws, one=Match((wheres[k],))))
        assert alone == counted[k] == ws.events(text, most=10_000).num_rows, text
    assert counted[FILTERS.index("true")] == 1_500
    assert counted[FILTERS.index("false")] == 0


def test_numbers_and_codes(ws: Workspace) -> None:
    rows = ws.sql("SELECT name, value, properties ->> '$.score' AS score FROM events").to_pylist()
    values: list[float] = []
    scores: list[float] = []
    texts: list[str | None] = []
    for batch in batches(ws, value=Number("value"), score=Number("score"), text=Code("score")):
        values += batch.columns["value"].tolist()
        scores += batch.columns["score"].tolist()
        texts += [batch.labels["text"][code] for code in batch.columns["text"]]
    assert sorted(value for value in values if not math.isnan(value)) == sorted(
        row["value"] for row in rows if row["value"] is not None
    )
    assert sorted(texts, key=str) == sorted((row["score"] for row in rows), key=str)
    assert sorted(score for score in scores if not math.isnan(score)) == sorted(
        float(row["score"]) for row in rows if row["score"] not in (None, "many")
    )


@pytest.mark.parametrize("many", [254, 255, 256, 300, 70_000])
def test_any_number_of_names(tmp_path: Path, many: int) -> None:
    """Codes of one, two and four bytes; the last name is found like the first."""
    rows = [
        {
            "id": str(n),
            "user": f"u{n % 50}",
            "event": f"e{n:05d}",
            "at": "2023-05-01T00:00:00Z",
            "channel": "web" if n % 2 else "",
        }
        for n in range(many)
    ]
    ws = made(tmp_path, rows, late=False)
    (row,) = ws.sql("SELECT min(name) AS low, max(name) AS high FROM events").to_pylist()
    for name in row.values():
        found = ws.ask("funnel", steps=[f"name = '{name}'", f"name = '{name}' and channel = 'web'"])
        assert steps(found)[0] == 1
    assert steps(
        ws.ask("funnel", steps=["channel = 'web'", "channel is missing"], breakdown="name", top=1), "(everyone)"
    )[0] == min(many // 2, 25)
    assert sum(len(batch.time) for batch in batches(ws, name=Code("name"))) == many


def test_more_events_are_seen_at_once(tmp_path: Path) -> None:
    ws = made(tmp_path, "u A 2023-05-01T10:00:00Z")
    assert steps(ws.ask("funnel", steps=["A", "plan = 'x'"], window="1 hour")) == [1, 0]
    add(ws, [{"id": "x", "user": "u", "event": "B", "at": "2023-05-01T10:10:00Z", "plan": "x"}], name="more")
    assert steps(ws.ask("funnel", steps=["A", "plan = 'x'"], window="1 hour")) == [1, 1]
    assert steps(ws.ask("funnel", steps=["A", "B"], window="1 hour", breakdown="plan", at="step 2"), "x") == [1, 1]


def test_segments_hold_each_person_once(ws: Workspace) -> None:
    seen: list[str] = []
    for batch in batches(ws, name=Code("name")):
        seen += batch.persons(list(range(len(batch))))
        for low, high in zip(batch.starts[:-1], batch.starts[1:], strict=True):
            assert low < high
            assert (np.diff(batch.time[low:high]) >= 0).all()
    assert len(seen) == len(set(seen)) == 40


def test_order_within_an_instant_is_sequence_then_id(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    lines = [
        "id,user,event,at,n",
        "1,u,third,2023-05-01T00:00:00Z,",
        "2,u,second,2023-05-01T00:00:00Z,20",
        "3,u,first,2023-05-01T00:00:00Z,3",
        "4,u,before,2023-04-30T23:59:59.999999Z,99",
    ]
    (folder / "log.csv").write_text("\n".join(lines) + "\n")
    (folder / "mapping.yaml").write_text(
        "source: s\nfiles: log.csv\nkey: [id]\nidentities: {user_id: user}\nsequence: n\n"
        "events: [{name: '{event}', at: at}]\n"
    )
    import desirepath

    ws = desirepath.create(tmp_path / "ws", time_zone="UTC")
    ws.import_files([folder / "log.csv"], folder / "mapping.yaml")
    (batch,) = batches(ws, name=Code("name"))
    order = [batch.labels["name"][code] for code in batch.columns["name"]]
    assert order == ["before", "first", "second", "third"] == ws.timeline("user_id:u").column("name").to_pylist()


def test_a_filter_that_cannot_be_evaluated_is_said_in_words(ws: Workspace) -> None:
    from desirepath.errors import DesirepathError

    for text in ("name matches '('", "score matches '('", "name matches '(a{1000}){1000}'"):
        with pytest.raises(DesirepathError):
            ws.ask("funnel", steps=[text, "e1"])
        with pytest.raises(DesirepathError):
            ws.events(text)
