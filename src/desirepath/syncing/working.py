"""What works beside a server's requests? A thread that works again and again until it is told to stop."""

from __future__ import annotations

import threading

LONG_PAUSE = 3.0
"""Seconds until it is tried again after a failure."""


class Worker:
    """Works in a thread of its own. Whatever goes wrong is told by `problem`, and tried again; the thread never dies.

    Parameters
    ----------
    name
        The thread's name.
    patience
        Seconds for which `stop` waits for the work under way.
    """

    def __init__(self, name: str, patience: float) -> None:
        self._patience = patience
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self.problem: str | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let the work under way come to its end, and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=self._patience)

    def step(self) -> float:
        """Do what there is to do now; the seconds until there may be more."""
        raise NotImplementedError

    def failed(self) -> None:
        """Make good what a failure left; called after it was noted."""

    def ended(self) -> None:
        """Let go of what the thread held."""

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                pause = self.step()
                self.problem = None
            except Exception as problem:  # noqa: BLE001 (whatever it is: a thread that died would tell nobody)
                self.problem, pause = in_a_line(problem), LONG_PAUSE
                self.failed()
            if pause:
                self._stop.wait(pause)
        self.ended()


def in_a_line(problem: Exception) -> str:
    """What went wrong, as one line."""
    return " ".join(str(problem).split()) or type(problem).__name__
