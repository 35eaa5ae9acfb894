"""What was answered already? Replies as they were sent, so that the same question of the same data costs nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict

MOST = 64 << 20
"""Bytes of replies that are kept; what was asked for longest ago goes first."""


class KeptReplies:
    """Replies by their ETag, which names question, people, data and format.

    Parameters
    ----------
    most
        How many bytes are kept.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._guard = threading.Lock()

    def get(self, etag: str) -> bytes | None:
        """The reply of that ETag; None where it is not kept."""
        with self._guard:
            found = self._held.get(etag)
            if found is not None:
                self._held.move_to_end(etag)
            return found

    def put(self, etag: str, body: bytes) -> None:
        """Keep a reply, where there is room for it."""
        with self._guard:
            if etag in self._held or len(body) > self._most // 4:
                return
            self._held[etag] = body
            self._size += len(body)
            while self._size > self._most:
                _, gone = self._held.popitem(last=False)
                self._size -= len(gone)

    def clear(self) -> None:
        """Let go of all, such as when somebody was erased."""
        with self._guard:
            self._held.clear()
            self._size = 0


__all__ = ["KeptReplies"]
