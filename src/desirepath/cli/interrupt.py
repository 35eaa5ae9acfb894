"""What does Ctrl-C do? The first one stops the work; later ones wait while things are put back."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any


class Interrupts:
    """While open, Ctrl-C raises once; `happened` says whether it did."""

    def __init__(self) -> None:
        self.happened = False
        self._before: Any = None
        self._listening = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Interrupts:
        if self._listening:
            self._before = signal.signal(signal.SIGINT, self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        if self._listening:
            # once stopped, the process is about to end: another Ctrl-C must not cut its last words short
            signal.signal(signal.SIGINT, signal.SIG_IGN if self.happened else self._before)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self.happened:
            sys.stderr.write("Still putting things back.\n")
            return
        self.happened = True
        raise KeyboardInterrupt
