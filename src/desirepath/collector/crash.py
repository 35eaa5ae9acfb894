"""Where may a process die? At named points, so that tests can let it die there and see what is lost: nothing.

`DESIREPATH_CRASH=inbox.committed:3` kills the process when it comes to that point for the third time.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "inbox.inserted",
    "inbox.committed",
    "inbox.answered",
    "drain.read",
    "drain.part_written",
    "drain.part_adopted",
    "drain.begun",
    "drain.events_stored",
    "drain.cursor_moved",
    "drain.committed",
    "drain.inbox_cleared",
    "drain.parts_merged",
    "drain.refreshed",
)
"""Every point that there is."""

_chosen, _, _times = os.environ.get("DESIREPATH_CRASH", "").partition(":")
_left = [int(_times or 1)] if _chosen else [0]


def crash_point(name: str) -> None:
    """Die here, if that was asked for."""
    if name != _chosen:
        return
    _left[0] -= 1
    if _left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
