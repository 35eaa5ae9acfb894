"""Was this asked before? Answers are kept as long as data, people and rules stay the same, up to a limit of memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, cast

from desirepath.answers.answer import Answer

LIMIT = 256 * 1024 * 1024


class Remembered:
    """The answers that were asked for last.

    Parameters
    ----------
    limit
        How many bytes the rows behind them may take; the answer asked for longest ago goes first.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._held: OrderedDict[Hashable, tuple[Answer, int]] = OrderedDict()

    def get(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The answer under this key; asked for if it is not known."""
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
            return found[0]
        answer = ask()
        size = int(cast("Any", answer.drill).nbytes) if answer.drill is not None else 0
        self._held[key] = (answer, size)
        while self._held and sum(held for _, held in self._held.values()) > self.limit:
            self._held.popitem(last=False)
        return answer

    def forget(self) -> None:
        """Let go of all answers."""
        self._held.clear()

    def __len__(self) -> int:
        return len(self._held)
