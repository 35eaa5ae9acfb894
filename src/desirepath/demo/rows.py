"""Columns of web and app events while they are still numbers; text is made only when a file is written."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
Rows = dict[str, Column]

NAMES = (
    "shop visit",
    "product view",
    "add to cart",
    "checkout",
    "payment error",
    "login",
    "page view",
    "bill viewed",
    "app open",
    "screen view",
    "help opened",
    "help solved",
    "guest product view",
    "guest add to cart",
    "guest checkout",
    "account wall",
    "account created",
    "kiosk report",
    "order",
)
CODE = {name: code for code, name in enumerate(NAMES)}
PAGES = (
    "home",
    "account",
    "bill",
    "usage",
    "speed test",
    "support",
    "router settings",
    "shop",
    "store finder",
)
ERRORS = ("card declined", "gateway timeout")

#: default value of each column; person is the true person, cookie a number that names the device, and order the place
#: of the order that an event tells
DEFAULTS: dict[str, tuple[Any, Any]] = {
    "person": (np.int64, 0),
    "at": (np.int64, 0),
    "event": (np.int16, 0),
    "session": (np.int64, 0),
    "app": (np.bool_, False),
    "known": (np.bool_, True),
    "cookie": (np.int64, 0),
    "campaign": (np.int8, -1),
    "product": (np.int8, -1),
    "delivery": (np.int8, -1),
    "page": (np.int8, -1),
    "topic": (np.int8, -1),
    "error": (np.int8, -1),
    "order": (np.int64, -1),
}


def rows(**columns: Any) -> Rows:
    """Build a block of event rows; a scalar is repeated, a missing column takes its default."""
    count = len(columns["at"])
    block: Rows = {}
    for name, (kind, default) in DEFAULTS.items():
        given = columns.get(name, default)
        block[name] = np.broadcast_to(np.asarray(given, dtype=kind), (count,))
    return block


def stack(blocks: list[Rows]) -> Rows:
    """One block out of several of the same columns."""
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def pick(block: Rows, which: Column) -> Rows:
    """Keep the rows that a mask or an index array selects."""
    return {name: column[which] for name, column in block.items()}


def running(steps: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Sum up `steps`, starting again at zero for every group; `counts` gives the group sizes."""
    total = np.cumsum(steps)
    first = np.cumsum(counts) - counts
    used = counts > 0
    restarted: npt.NDArray[np.int64] = total - np.repeat(total[first[used]], counts[used])
    return restarted


def ordinal(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """0, 1, 2, … inside every group; `counts` gives the group sizes."""
    first = np.cumsum(counts) - counts
    return np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(first, counts)
