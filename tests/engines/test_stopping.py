"""Long work stops within a second, whatever it is doing, and leaves things fit for the next question."""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from made_workspaces import add, made, steps

from desirepath import Workspace
from desirepath.engines import building, reading, values
from desirepath.engines.arranging import People
from desirepath.engines.stopping import stoppable, stoppable_thought
from desirepath.errors import CancelledError, InputError
from desirepath.events.where_fields import Sql

ENDLESS = "SELECT count(*) FROM range(10000000000) a, range(1000) b"
SOON = 0.4
AT_MOST = 1.0 + SOON


class After:
    """A progress that raises once some time has passed."""

    def __init__(self, seconds: float = SOON) -> None:
        self.until = time.monotonic() + seconds

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if time.monotonic() > self.until:
            raise CancelledError("enough")


def interrupted_soon() -> None:
    threading.Timer(SOON, _thread.interrupt_main).start()


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return made(tmp_path, "u A 2023-05-01T10:00:00Z plan=x\nu B 2023-05-01T10:30:00Z plan=y\nv A 2023-05-01T10:00:00Z")


def timed(act: Callable[[], Any], error: type[BaseException]) -> float:
    began = time.monotonic()
    with pytest.raises(error):
        act()
    return time.monotonic() - began


def fine(ws: Workspace) -> None:
    assert steps(ws.ask("funnel", steps=["A", "B"], window="1 hour")) == [2, 1]
    assert steps(ws.ask("funnel", steps=["A", "plan = 'y'"], window="1 hour")) == [2, 1]


@pytest.mark.parametrize("error", [CancelledError, KeyboardInterrupt])
def test_while_the_database_evaluates_a_filter(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(values, "combine", lambda *_, **__: Sql(ENDLESS, ()))

        def ask() -> None:
            if error is KeyboardInterrupt:
                interrupted_soon()
                ws.ask("funnel", steps=["A", "plan = 'x'"])
            else:
                ws.ask("funnel", steps=["A", "plan = 'x'"], progress=After())

        assert timed(ask, error) < AT_MOST
    fine(ws)


@pytest.mark.parametrize("error", [CancelledError, KeyboardInterrupt])
def test_while_segments_are_made(ws: Workspace, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    ws.columns.drop()
    ws.engine.forget()
    with monkeypatch.context() as patch:
        patch.setattr(People, "read", lambda store, *_, **__: store.rows(ENDLESS))

        def ask() -> None:
            if error is KeyboardInterrupt:
                interrupted_soon()
                ws.ask("funnel", steps=["A", "B"])
            else:
                ws.ask("funnel", steps=["A", "B"], progress=After())

        assert timed(ask, error) < AT_MOST
    fine(ws)


def test_while_blocks_are_sorted(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    ws.columns.drop()
    ws.engine.forget()
    with monkeypatch.context() as patch:
        patch.setattr(building, "in_order", lambda *_: time.sleep(0.2) or pytest.fail("sorted to the end"))
        stop = After(0)
        assert timed(lambda: ws.ask("funnel", steps=["A", "B"], progress=stop), CancelledError) < AT_MOST
    fine(ws)


def test_while_a_block_is_asked(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block that is being worked on goes on in the background; nobody waits for it."""
    with monkeypatch.context() as patch:
        patch.setattr("desirepath.engines.duckdb.read_columns", lambda *_: time.sleep(3))
        assert timed(lambda: ws.ask("funnel", steps=["A", "B"], progress=After()), CancelledError) < AT_MOST
    fine(ws)


def test_an_import_that_is_stopped_while_it_sorts_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ws = made(tmp_path, "u A 2023-05-01T10:00:00Z\nv A 2023-05-01T10:00:00Z")
    with monkeypatch.context() as patch:
        patch.setattr(People, "read", lambda store, *_, **__: interrupted_soon() or store.rows(ENDLESS))
        began = time.monotonic()
        result = add(ws, [{"id": "x", "user": "u", "event": "B", "at": "2023-05-01T10:10:00Z"}], name="more")
        assert any("next question" in text for text in result.warnings)
        assert time.monotonic() - began < AT_MOST + 3
    assert steps(ws.ask("funnel", steps=["A", "B"], window="1 hour")) == [2, 1]


def test_what_goes_wrong_is_raised_where_it_was_asked() -> None:
    def wrong(tell: Any) -> None:
        tell("one", 1, 2)
        raise InputError("no")

    told: list[tuple[str, int, int | None]] = []
    with pytest.raises(InputError, match="no"):
        stoppable(wrong, lambda *given: told.append(given), lambda: None, "zero")
    assert told == [("one", 1, 2)]


@pytest.mark.parametrize("error", [CancelledError, KeyboardInterrupt])
def test_while_an_answer_is_worked_out(error: type[BaseException]) -> None:
    ended = threading.Event()

    def think() -> None:
        try:
            while True:
                sum(range(1_000))
        finally:
            ended.set()

    def act() -> None:
        if error is KeyboardInterrupt:
            interrupted_soon()
            stoppable_thought(think, lambda *_: None, "thinking")
        stoppable_thought(think, After(), "thinking")

    assert timed(act, error) < AT_MOST
    assert ended.wait(1)


def test_a_thought_that_goes_on_regardless_is_told_again() -> None:
    def think() -> int:
        for _ in range(2):
            with suppress(CancelledError):
                while True:
                    sum(range(1_000))
        return 1

    assert timed(lambda: stoppable_thought(think, After(), "thinking"), CancelledError) < AT_MOST + 3


def test_what_is_worked_out_is_given_back_and_what_goes_wrong_is_raised() -> None:
    def wrong() -> None:
        raise InputError("no")

    assert stoppable_thought(lambda: 7, lambda *_: None, "thinking") == 7
    with pytest.raises(InputError, match="no"):
        stoppable_thought(wrong, lambda *_: None, "thinking")


def test_a_question_is_stopped_while_its_answer_is_made(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from desirepath.questions.funnel import Funnel

    def endless(*_: Any) -> None:
        while True:
            sum(range(1_000))

    with monkeypatch.context() as patch:
        patch.setattr(Funnel, "answer", endless)
        assert timed(lambda: ws.ask("funnel", steps=["A", "B"], progress=After()), CancelledError) < AT_MOST
    fine(ws)


def test_a_preview_is_a_sample_of_whole_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {"id": f"{n}-{event}", "user": f"u{n}", "event": event, "at": f"2023-05-01T10:0{k}:00Z"}
        for n in range(2_000)
        for k, event in enumerate("AB")
    ]
    ws = made(tmp_path, rows, late=False)
    monkeypatch.setattr("desirepath.asking.PREVIEW_FROM", 1)
    seen: list[Any] = []
    whole = ws.ask("funnel", steps=["A", "B"], window="1 hour", preview=seen.append)
    (first,) = seen
    assert whole.table.column("reached").to_pylist() == [2_000, 2_000]
    reached = first.table.column("reached").to_pylist()
    assert reached[0] == reached[1]
    assert 10 <= reached[0] <= 90
    assert "sampled" in {notice.code for notice in first.warnings}
    assert set(first.people(step=1).column("person").to_pylist()) <= set(
        whole.people(step=1).column("person").to_pylist()
    )
    assert reading.First  # read without the others


def test_a_sample_is_part_of_a_larger_one(tmp_path: Path) -> None:
    rows = [{"id": str(n), "user": f"u{n}", "event": "A", "at": "2023-05-01T10:00:00Z"} for n in range(300)]
    ws = made(tmp_path, rows, late=False)
    people = [
        set(ws.ask("funnel", steps=["A", "B"], sample=share).people(step=1).column("person").to_pylist())
        for share in (0.1, 0.5, 1.0)
    ]
    assert people[0] < people[1] < people[2]
    assert len(people[2]) == 300
    assert 100 < len(people[1]) < 200
