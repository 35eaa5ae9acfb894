"""How does long work stop within a second, wherever it is? Done by another thread, while this one listens.

Ctrl-C and a `progress` that raises are heard by the thread that asked; DuckDB and NumPy would keep it from listening.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from desirepath.engines.engine import Progress
from desirepath.errors import CancelledError

T = TypeVar("T")

TICK = 0.2
"""Seconds after which progress is told again, though nothing is known to have moved, so that it may stop the work."""

SWALLOWED = 20
"""So many looks after a thread was told to stop it is told again: what it was doing may have gone on regardless."""


def stoppable_thought(work: Callable[[], T], progress: Progress, stage: str) -> T:
    """Work something out that tells nothing of its progress, and stop it when this thread is told to.

    Parameters
    ----------
    work
        What to work out; it must hold no lock and change nothing, because it is stopped wherever it is.
    progress
        Told, at least every `TICK`, that it goes on; may raise to stop.
    stage
        What is told.
    """
    return stoppable(lambda _: work(), progress, _nothing, stage, anywhere=True)


def _nothing() -> None:
    """Nothing outside of Python has to be interrupted."""


def stoppable(
    work: Callable[[Progress], T],
    progress: Progress,
    interrupt: Callable[[], None],
    stage: str,
    *,
    anywhere: bool = False,
) -> T:
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
    anywhere
        Whether it may be stopped between any two steps of Python, and not only where it tells of its progress.
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
        with suppress(CancelledError):  # which may come while another problem is noted
            try:
                done.append(work(tell))
            except BaseException as problem:  # noqa: BLE001 - raised again by the thread that asked
                failed.append(problem)
        said.put(None)

    thread = threading.Thread(target=run, name="desirepath-work", daemon=True)
    thread.start()
    try:
        _listen(said, heard, progress, stage)
    except BaseException:
        stopped.set()
        _end(thread, heard, interrupt, anywhere=anywhere)
        raise
    thread.join()
    if failed:
        raise failed[0]
    return done[0]


def _end(
    thread: threading.Thread, heard: threading.Semaphore, interrupt: Callable[[], None], *, anywhere: bool
) -> None:
    """Tell a thread to stop until it has."""
    tries = 0
    while thread.is_alive():
        heard.release()
        interrupt()
        if anywhere and tries % SWALLOWED == 0:
            _raise_in(thread)
        tries += 1
        thread.join(TICK / 4)


def _raise_in(thread: threading.Thread) -> None:
    """Make a thread of ours raise `CancelledError` at its next step of Python."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(CancelledError))


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
