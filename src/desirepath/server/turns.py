"""Who may use the workspace now? One at a time, in the order in which they asked; whoever waits may give up.

What stands beside the main thing lets all others go first.

A plain lock is taken again at once by the thread that let it go: while much drains, a question would wait for minutes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

TICK = 0.2
"""Seconds after which somebody who waits is asked whether it is still wanted."""


class Turns:
    """A lock that is first come, first served, and may be taken again by who has it.

    `with turns:` waits as long as it takes; `with turns.after(still_wanted):` may give up, and with `aside=True` waits
    until nobody else does.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._line: deque[threading.Event] = deque()
        self._aside: deque[threading.Event] = deque()
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> Turns:
        self._take(None, self._line)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give()

    @contextmanager
    def after(self, still_wanted: Callable[[int], None], *, aside: bool = False) -> Iterator[None]:
        """Wait for one's turn.

        Parameters
        ----------
        still_wanted
            Told, several times a second, how many are before; raises to give up.
        aside
            Whether all others go first, those too who come later.
        """
        self._take(still_wanted, self._aside if aside else self._line)
        try:
            yield
        finally:
            self._give()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line) + len(self._aside)

    def _take(self, still_wanted: Callable[[int], None] | None, line: deque[threading.Event]) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._owner in (None, me):
                self._owner = me
                self._depth += 1
                return
            mine = threading.Event()
            line.append(mine)
        try:
            while not mine.wait(None if still_wanted is None else TICK):
                if still_wanted is not None:
                    still_wanted(self._before(mine))
        except BaseException:
            self._leave(mine)
            raise
        self._owner, self._depth = me, 1

    def _before(self, mine: threading.Event) -> int:
        with self._guard:
            line = [*self._line, *self._aside]
            return line.index(mine) + 1 if mine in line else 0

    def _leave(self, mine: threading.Event) -> None:
        """Give up one's place; a turn that came meanwhile goes to the next."""
        with self._guard:
            for line in (self._line, self._aside):
                if mine in line:
                    line.remove(mine)
                    return
            self._next()

    def _give(self) -> None:
        with self._guard:
            self._depth -= 1
            if self._depth == 0:
                self._next()

    def _next(self) -> None:
        """Hand over, so that nobody can come between; call with the guard held."""
        self._owner = None
        line = self._line or self._aside
        if line:
            self._owner = 0  # nobody's thread: taken until the one who was called says so
            line.popleft().set()


__all__ = ["Turns"]
