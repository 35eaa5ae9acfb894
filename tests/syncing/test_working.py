"""A thread beside the server goes on, whatever goes wrong in it."""

from __future__ import annotations

import threading
import time

import pytest

from desirepath.syncing import working
from desirepath.syncing.working import Worker


class Stumbling(Worker):
    """Fails twice, and works from then on."""

    def __init__(self) -> None:
        super().__init__("stumbling", patience=5)
        self.steps = self.failures = 0
        self.told: list[str | None] = []
        self.well, self.let_go = threading.Event(), False

    def step(self) -> float:
        self.steps += 1
        self.told.append(self.problem)
        if self.steps < 3:
            raise KeyError("two\nlines")
        if self.steps > 3:
            self.well.set()
        return 0.01

    def failed(self) -> None:
        self.failures += 1

    def ended(self) -> None:
        self.let_go = True


def test_what_goes_wrong_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "LONG_PAUSE", 0.01)
    worker = Stumbling()
    worker.stop()  # before it began
    worker = Stumbling()
    worker.start()
    assert worker.well.wait(5)
    worker.stop()
    assert worker.told[:4] == [None, r"'two\nlines'", r"'two\nlines'", None]
    assert (worker.failures, worker.problem, worker.let_go) == (2, None, True)
    steps = worker.steps
    time.sleep(0.05)
    assert worker.steps == steps
