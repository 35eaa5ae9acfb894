"""How much memory is there, and how much may be used? What the machine has, or what its container is held to."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
from pathlib import Path

from desirepath.errors import InputError
from desirepath.journeys.scratch import let_go

DATABASE, KEPT, MADE, BLOCKS, ROWS, IDLE = 0.4, 0.15, 0.15, 0.2, 0.05, 0.02
"""Which share of the limit the database may take; what is kept between questions; what is held while segments are
made, when nothing is kept; the blocks that are worked on; rows that are kept for the drill-down; and memory that waits
for the next question. The rest is for the program itself."""

EVENT = 400
"""An upper bound of the bytes that an event takes while its block is worked on, most of them for a while."""

_UNITS = {"K": 1, "M": 2, "G": 3, "T": 4}
_CONTAINER = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def machine_memory() -> int:
    """Bytes of this machine, or of the container that we run in."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        found = 8 << 30  # an operating system that does not tell
    for path in _CONTAINER:
        try:
            held_to = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if held_to.isdigit():
            found = min(found, int(held_to))
    return found


def in_bytes(amount: str) -> int:
    """Bytes of an amount such as `8GB` (10^9 each) or `8GiB` (2^30 each).

    Raises
    ------
    InputError
        If the text is none.
    """
    read = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT])(i?)B", amount)
    if read is None:
        raise InputError(f"{amount!r} is not an amount of memory such as '8GB'.")
    return int(float(read[1]) * (1024 if read[3] else 1000) ** _UNITS[read[2]])


def lanes(threads: int, memory: float, events: int) -> int:
    """How many blocks of that many events may be worked on at a time."""
    return max(1, min(threads, int(memory / max(events * EVENT, 1))))


def held() -> int:
    """Bytes of memory that this process holds and that are of no file; 0 where the system does not tell."""
    try:
        _, resident, shared, *_ = Path("/proc/self/statm").read_text(encoding="ascii").split()
        return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def give_back() -> None:
    """Give memory that was let go of back to the system, where we or the C library would keep it for later."""
    let_go()
    with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's does so by itself
        ctypes.CDLL(None).malloc_trim(0)
