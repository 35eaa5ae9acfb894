"""How does long work stop within a second, wherever it is? Done by another thread, while this one listens.

Ctrl-C and a `progress` that raises are heard by the thread that asked; DuckDB and NumPy would keep it from listening.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from desirepath.engines.engine import Progress
from desirepath.errors import CancelledError

T = TypeVar("T")

TICK = 0.2
"""Seconds after which progress is told again, though nothing is known to have moved, so that it may stop the work."""


def stoppable(work: Callable[[Progress], T], progress: Progress, interrupt: Callable[[], None], stage: str) -> T:
    """Do some work on a thread of its own, and stop it when this thread is told to.

    Parameters
    ----------
    work
        What to do; what it tells of its progress is passed on before it goes on.
    progress
        Told how far it is, at least every `TICK`; may raise to stop.
    interrupt
        Makes what may take long return at once, with an error.
    stage
        What is told before the work tells anything.
    """
    said: queue.SimpleQueue[tuple[str, int, int | None] | None] = queue.SimpleQueue()
    heard = threading.Semaphore(0)
    stopped = threading.Event()
    done: list[T] = []
    failed: list[BaseException] = []

    def tell(stage: str, count: int, total: int | None) -> None:
        said.put((stage, count, total))
        heard.acquire()
        if stopped.is_set():
            raise CancelledError("Stopped.")

    def run() -> None:
        try:
            done.append(work(tell))
        except BaseException as problem:  # noqa: BLE001 - raised again by the thread that asked
            failed.append(problem)
        finally:
            said.put(None)

    thread = threading.Thread(target=run, name="desirepath-work", daemon=True)
    thread.start()
    try:
        _listen(said, heard, progress, stage)
    except BaseException:
        stopped.set()
        while thread.is_alive():
            heard.release()
            interrupt()
            thread.join(TICK / 4)
        raise
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def _listen(
    said: queue.SimpleQueue[tuple[str, int, int | None] | None],
    heard: threading.Semaphore,
    progress: Progress,
    stage: str,
) -> None:
    """Pass on what is said until the work is over."""
    last: tuple[str, int, int | None] = (stage, 0, None)
    while True:
        try:
            found = said.get(timeout=TICK)
        except queue.Empty:
            progress(*last)
            continue
        if found is None:
            return
        last = found
        progress(*last)
        heard.release()
