"""What was found of the data already? Kept until anything changes that it may depend on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from desirepath.server.state import State

T = TypeVar("T")


class Once:
    """Keeps the last of each kind of finding; whoever asks meanwhile waits for the one that is being made.

    Parameters
    ----------
    state
        The server's.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._kept: dict[str, tuple[str, Any]] = {}
        self._guard = threading.RLock()  # what is made may need another that is kept here

    def __call__(self, name: str, make: Callable[[], T], *, beside: str = "") -> T:
        """What `make` found; made again when data, definitions or `beside` have changed."""
        with self._guard:
            before = self._state.stamp() + beside
            kept = self._kept.get(name)
            if kept is not None and kept[0] == before:
                return cast(T, kept[1])
            found = make()
            self._kept[name] = (before, found)
            return found

    def last(self, name: str) -> Any:
        """What was found last, whatever has changed since; None where nothing was."""
        kept = self._kept.get(name)
        return None if kept is None else kept[1]


__all__ = ["Once"]
