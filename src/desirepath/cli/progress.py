"""How far is it? A bar on stderr while somebody watches, and silence otherwise."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

Progress = Callable[[str, int, int | None], None]

_WORDS = {
    "read": "Reading and archiving",
    "check": "Checking",
    "storing": "Storing events",
    "sorting into journeys": "Sorting into journeys",
    "asking": "Asking",
}


def nobody_watches(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


@contextmanager
def watched(*, quiet: bool, title: str = "") -> Iterator[Progress]:
    """Give a function that shows progress, as long as stderr is a terminal and nobody asked for silence."""
    if quiet or not sys.stderr.isatty():
        yield nobody_watches
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Watcher(bars, title)


class _Watcher:
    """One bar at a time: a new stage takes the place of the last."""

    def __init__(self, bars: Bars, title: str) -> None:
        self._bars = bars
        self._title = title
        self._stage: str | None = None
        self._task = bars.add_task(title or "Working", total=None)

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        words = _WORDS.get(stage, stage[:1].upper() + stage[1:])
        if stage != self._stage:
            self._stage = stage
            self._bars.remove_task(self._task)
            self._task = self._bars.add_task(words, total=total)
        said = f"{self._title}: {words[0].lower()}{words[1:]}" if self._title else words
        if total is None and done:
            said += f" ({done:,})"
        self._bars.update(self._task, description=said, completed=done, total=total)
