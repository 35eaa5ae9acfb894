"""Segments to which events were added hold what segments made anew hold, whatever came and in whatever order."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import stored as stored_events
from made_workspaces import add, content, made, rows_of, steps
from plain import Seen
from sparing import sparing
from stored import Stored
from test_incremental import ruled, some
from test_invariants import TIGHT

import desirepath
from desirepath import Workspace
from desirepath.engines import appending, arranging, building
from desirepath.engines.duckdb import DuckEngine
from desirepath.errors import CancelledError
from desirepath.journeys.batch import Code, Number
from desirepath.journeys.columns import Columns, Manifest
from desirepath.people.policy import Policy
from desirepath.people.rules import Decided

Journeys = dict[str, list[tuple[Any, ...]]]


def engine(store: Any, folder: Path, **options: Any) -> DuckEngine:
    def is_current(manifest: Manifest) -> bool:
        state = (manifest.data_version, manifest.identity_version, manifest.rules)
        return state == tuple(map(store.version, ("data", "identity", "rules")))

    return DuckEngine(lambda: store, Columns(folder), is_current=is_current, zone="UTC", threads=2, **options)


def journeys(found: DuckEngine) -> Journeys:
    """All that the segments say, by person."""
    said: Journeys = {}
    reads = {name: Code(name) for name in ("name", "channel", "source")}
    for batch in found.map({**reads, "value": Number("value"), "seq": Number("seq")}, lambda batch: batch):
        people = batch.persons(list(range(len(batch))))
        texts = [[batch.labels[name][code] for code in batch.columns[name]] for name in reads]
        values = [None if np.isnan(value) else value for value in batch.columns["value"].tolist()]
        rows = found._blocks[batch.block].array("row").tolist()
        events = list(zip(batch.time.tolist(), *texts, values, rows, strict=True))
        for k, person in enumerate(people):
            assert person not in said
            said[person] = events[batch.starts[k] : batch.starts[k + 1]]
            assert said[person]
    return said


def agree(one: DuckEngine, other: DuckEngine) -> None:
    assert journeys(one) == journeys(other)
    for field in ("name", "channel", "source"):
        assert one.labels(field) == other.labels(field)
    assert one.extent() == other.extent()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """However much changed, it is added; how often it was is counted."""
    monkeypatch.setattr(appending, "MOST_CHANGED", 2.0)
    monkeypatch.setattr(appending, "LARGEST_DELTAS", 2.0)
    count = {"added": 0, "made": 0, "together": 0}

    def counting(module: Any, name: str, key: str) -> None:
        inner = getattr(module, name)

        def outer(*args: Any) -> Any:
            found = inner(*args)
            count[key] += found is not None
            return found

        monkeypatch.setattr(module, name, outer)

    counting(appending, "append", "added")
    counting(appending, "_run_together", "together")
    counting(building, "build", "made")
    yield count


@pytest.mark.parametrize("seed", sparing(range(30), 5))
def test_added_to_as_made_anew(
    tmp_path: Path, eager: dict[str, int], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Imports and rules of hand in any sequence; people merge, split, share devices and are blocked."""
    rng = random.Random(seed)
    monkeypatch.setattr(appending, "MOST_DELTAS", rng.choice([0, 1, 2, 8]))
    numbered = list(enumerate(some(rng) + some(rng)))
    # few moments and names, so that events tie and codes repeat
    if seed % 2:
        numbered = [(number, Seen(event.at // 40 * 40, event.names)) for number, event in numbered]
    rng.shuffle(numbered)
    stored = Stored(tmp_path / "db", rng.choice([Policy(), TIGHT]))
    passing = seed % 3 == 0
    here = engine(stored.store, tmp_path / "added", passers_by=passing)
    decided = Decided(frozenset(), frozenset(), frozenset(), frozenset())
    while numbered:
        many = rng.randint(1, max(1, len(numbered) // 2))
        part, numbered = numbered[:many], numbered[many:]
        if rng.random() < 0.5:
            decided = ruled(rng) if rng.random() < 0.7 else Decided(frozenset(), frozenset(), frozenset(), frozenset())
        if rng.random() < 0.2:  # other settings
            passing = not passing
            stored.policy = replace(rng.choice([Policy(), TIGHT]), count_passers_by=passing)
            here = engine(stored.store, tmp_path / "added", passers_by=passing)
        stored.add(part, decided)
        stored.store.bump("data")
        if rng.random() < 0.3:
            continue  # the next question comes after the next import
        if rng.random() < 0.3:
            here = engine(stored.store, tmp_path / "added", passers_by=passing)
        anew = engine(stored.store, tmp_path / f"anew-{len(numbered)}", passers_by=passing)
        agree(here, anew)
        files = {path.name for path in (tmp_path / "added" / here.refresh().folder).iterdir()}
        named = [*here.refresh().segments, *here.refresh().deltas]
        assert files == {info.file for info in named if info.file}
    assert eager["added"] or eager["made"]
    stored.close()


def test_most_of_it_is_added(tmp_path: Path, eager: dict[str, int]) -> None:
    """The comparison above would be idle if everything were made anew every time."""
    rng = random.Random(1)
    stored = Stored(tmp_path / "db")
    here = engine(stored.store, tmp_path / "added")
    for part in range(12):
        stored.add([(100 * part + number, event) for number, event in enumerate(some(rng)[:5])])
        stored.store.bump("data")
        here.refresh()
    assert (eager["made"], eager["added"], eager["together"]) == (1, 11, 1)
    agree(here, engine(stored.store, tmp_path / "anew"))
    stored.close()


@pytest.mark.parametrize("order", [("b", "a", "c"), ("c", "b", "a"), ("a", "b", "c")])
def test_answers_do_not_depend_on_the_order_of_imports(
    tmp_path: Path, eager: dict[str, int], order: tuple[str]
) -> None:
    """Codes of texts that came later stand at the end of the list, and nobody notices."""
    lines = {
        "a": "u A 2023-05-01T10:00:00Z channel=web\nv B 2023-05-01T10:00:00Z channel=app\nw C 2023-05-01T10:00:00Z",
        "b": "u B 2023-05-01T11:00:00Z channel=post\nv A 2023-05-01T11:00:00Z channel=app amount=3",
        "c": "w A 2023-05-02T10:00:00Z channel=app\nw B 2023-05-02T10:00:00Z channel=bar\nx A 2023-05-02T10:00:00Z",
    }

    def asked(ws: Workspace) -> list[Any]:
        return [
            content(ws.ask("funnel", steps=["A", "B"], window="2 days", **more))
            for more in ({}, {"breakdown": "channel"}, {"breakdown": "name"}, {"breakdown": "channel", "top": 1})
        ]

    def rows(name: str) -> list[dict[str, str]]:
        return rows_of(lines[name], first=10 * ord(name))

    whole = made(tmp_path / "whole", [row for name in "abc" for row in rows(name)])
    parts = made(tmp_path / "parts", rows(order[0]))
    for name in order[1:]:
        add(parts, rows(name), name=name)
    assert eager["added"]
    assert asked(parts) == asked(whole)
    assert parts.engine.labels("channel") == [None, "app", "bar", "post", "web"]


def test_a_new_text_of_a_kind_that_no_longer_fits_into_a_byte(tmp_path: Path, eager: dict[str, int]) -> None:
    def row(n: int) -> dict[str, str]:
        return {"id": str(n), "user": f"u{n % 7}", "event": f"e{n}", "at": f"2023-05-01T00:{n // 60:02d}:{n % 60:02d}Z"}

    ws = made(tmp_path, [row(n) for n in range(200)], late=False)
    add(ws, [row(n) for n in range(200, 400)], name="more")
    assert eager["added"] == 1
    assert steps(ws.ask("funnel", steps=["e7", "e371"], window="1 hour")) == [1, 1]
    seen = [
        batch.labels["name"][code]
        for batch in ws.engine.map({"name": Code("name")}, lambda b: b)
        for code in batch.columns["name"]
    ]
    assert sorted(seen) == sorted(f"e{n}" for n in range(400))


def test_amounts_may_come_later(tmp_path: Path, eager: dict[str, int]) -> None:
    ws = made(tmp_path, "u A 2023-05-01T10:00:00Z", late=False)
    add(ws, [{"id": "x", "user": "u", "event": "B", "at": "2023-05-01T09:00:00Z", "amount": "7.5"}], name="more")
    assert eager["added"] == 1
    (batch,) = ws.engine.map({"value": Number("value")}, lambda batch: batch)
    assert batch.columns["value"][0] == 7.5
    assert np.isnan(batch.columns["value"][1])


def test_nothing_of_the_old_events_is_asked(tmp_path: Path) -> None:
    """One event among many: only one is placed."""
    rows = [
        {"id": str(n), "user": f"u{n % 50}", "event": "A", "at": f"2023-05-01T00:{n // 60:02d}:{n % 60:02d}Z"}
        for n in range(2_000)
    ]
    ws = made(tmp_path, rows, late=False)
    before = ws.engine.refresh()
    add(ws, [{"id": "x", "user": "u7", "event": "A", "at": "2023-05-01T00:10:00Z"}], name="more")
    now = ws.engine.refresh()
    assert now.segments == before.segments
    assert [delta.events for delta in now.deltas] == [1]
    assert steps(ws.ask("funnel", steps=["A", "A"], window="1 hour")) == [50, 50]


@pytest.mark.parametrize("damage", ["gone", "cut", "flipped"])
def test_a_damaged_delta_is_made_anew(tmp_path: Path, eager: dict[str, int], damage: str) -> None:
    ws = made(tmp_path, "u A 2023-05-01T10:00:00Z\nv A 2023-05-01T10:00:00Z", late=False)
    add(ws, [{"id": "x", "user": "u", "event": "B", "at": "2023-05-01T10:10:00Z"}], name="more")
    (path,) = ws.columns.root.rglob("delta-*")
    ws.close()
    raw = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(raw[:-8] if damage == "cut" else raw[:600] + bytes([raw[600] ^ 1]) + raw[601:])
    again = desirepath.open(ws.root)
    assert steps(again.ask("funnel", steps=["A", "B"], window="1 hour")) == [2, 1]
    assert not list(again.columns.root.rglob("delta-*"))


@pytest.mark.parametrize("at", ["write_delta", "_run_together", "publish", "write"])
def test_a_stop_at_any_moment_leaves_what_was(
    tmp_path: Path, eager: dict[str, int], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    ws = made(tmp_path, "u A 2023-05-01T10:00:00Z\nv A 2023-05-01T10:00:00Z", late=False)
    monkeypatch.setattr(appending, "MOST_DELTAS", 0)

    def stopped(*_: Any, **__: Any) -> Any:
        raise CancelledError("stop")

    with monkeypatch.context() as then:
        where: Any = {"publish": Columns, "write": Manifest}.get(at, appending)
        then.setattr(where, at, stopped)
        result = add(ws, [{"id": "x", "user": "u", "event": "B", "at": "2023-05-01T10:10:00Z"}], name="more")
        assert any("next question" in text for text in result.warnings)
    ws.close()
    again = desirepath.open(ws.root)
    assert steps(again.ask("funnel", steps=["A", "B"], window="1 hour")) == [2, 1]
    assert len(list(again.columns.root.glob("*-*"))) == 1


def test_an_erased_person_is_in_no_segment_and_no_delta(tmp_path: Path, eager: dict[str, int]) -> None:
    from desirepath.erasing import erase_person

    ws = made(tmp_path, "annemarie A 2023-05-01T10:00:00Z\nben A 2023-05-01T10:00:00Z", late=False)
    add(ws, [{"id": "x", "user": "annemarie", "event": "B", "at": "2023-05-01T10:10:00Z"}], name="more")
    assert eager["added"] == 1
    erase_person(ws, "user_id:annemarie", author="me", reason="asked", progress=lambda *_: None)
    add(ws, [{"id": "y", "user": "ben", "event": "B", "at": "2023-05-01T10:10:00Z"}], name="later")
    assert steps(ws.ask("funnel", steps=["A", "B"], window="1 hour")) == [1, 1]
    assert not [path for path in ws.columns.root.rglob("*") if path.is_file() and b"annemarie" in path.read_bytes()]
    agree(ws.engine, engine(ws.store(), tmp_path / "anew"))


def test_what_does_not_fit_is_dealt_to_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "BATCH", 100)
    rows = [
        {
            "id": str(n),
            "user": f"u{n % 50}",
            "event": f"e{n % 3}",
            "at": f"2023-05-01T00:{n * 7 % 60:02d}:00Z",
            "amount": "" if n < 500 else str(n),
        }
        for n in range(1_000)
    ]
    ws = made(tmp_path, rows, late=False)
    small = engine(ws.store(), tmp_path / "small", memory=1_000, temp=tmp_path / "temp")
    agree(small, ws.engine)
    assert list((tmp_path / "temp").iterdir()) == []


def test_people_of_one_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arranging, "HASH", "7::UBIGINT")
    ws = made(tmp_path, "u A 2023-05-01T10:00:00Z\nv A 2023-05-01T10:00:00Z\nv A 2023-05-01T10:00:00Z", late=False)
    add(ws, [{"id": "x", "user": "v", "event": "B", "at": "2023-05-01T10:10:00Z"}], name="more")
    assert {person: len(events) for person, events in journeys(ws.engine).items()} == {"user_id:u": 1, "user_id:v": 3}


def test_ids_of_one_first_half_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_events, "event_id", lambda event, number: uuid.UUID(int=1000 - number))
    stored = Stored(tmp_path / "db")
    here = engine(stored.store, tmp_path / "columns")
    for numbers in ([3, 1, 4], [5, 9, 2]):
        stored.add([(number, Seen(0, (("user_id", "ann"),))) for number in numbers])
        stored.store.bump("data")
        here.refresh()
    assert [event[1] for event in journeys(here)["user_id:ann"]] == ["e9", "e5", "e4", "e3", "e2", "e1"]
    stored.close()
