"""Who may use the workspace now: in the order in which they asked, and whoever is aside when nobody else waits."""

from __future__ import annotations

import threading
import time

import pytest

from desirepath.errors import CancelledError
from desirepath.server.turns import Turns


def wanted(_: int) -> None:
    """Whoever waits goes on waiting."""


class Line:
    """Threads that wait for their turn, and the order in which they got it."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.had: list[str] = []
        self._threads: list[threading.Thread] = []

    def joins(self, name: str, *, aside: bool = False) -> None:
        """Somebody comes and waits."""

        def work() -> None:
            with self.turns.after(wanted, aside=aside):
                self.had.append(name)

        before = self.turns.waiting
        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()
        until = time.monotonic() + 10
        while self.turns.waiting == before and time.monotonic() < until:
            time.sleep(0.001)

    def empties(self) -> list[str]:
        """Wait until all have had their turn."""
        for thread in self._threads:
            thread.join(10)
        return self.had


def test_first_come_first_served_but_for_who_is_aside() -> None:
    line = Line()
    with line.turns:
        line.joins("beside", aside=True)
        line.joins("one")
        line.joins("beside too", aside=True)
        line.joins("two")
    assert line.empties() == ["one", "two", "beside", "beside too"]


def test_who_is_aside_is_told_of_all_who_go_first() -> None:
    turns, told = Turns(), []

    def tell(before: int) -> None:
        told.append(before)
        raise CancelledError("not any more")

    line = Line()
    line.turns = turns
    with turns:
        line.joins("one")
        line.joins("two")
        failed: list[BaseException] = []

        def gives_up() -> None:
            try:
                with turns.after(tell, aside=True):
                    pass
            except CancelledError as problem:
                failed.append(problem)

        thread = threading.Thread(target=gives_up)
        thread.start()
        thread.join(10)
        assert told == [3]
        assert len(failed) == 1
        assert turns.waiting == 2
    assert line.empties() == ["one", "two"]


def test_a_turn_may_be_taken_again_by_who_has_it() -> None:
    turns = Turns()
    with turns, turns.after(wanted, aside=True):
        assert turns.waiting == 0
    with pytest.raises(CancelledError), turns:
        raise CancelledError("which lets go of it")
    with turns:
        assert turns.waiting == 0
