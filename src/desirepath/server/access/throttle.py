"""How often may somebody guess? A few times at once, and then ever more slowly, by name and address together.

A name alone is never locked: who guesses at somebody's password from elsewhere does not keep them out. An address that
fails at many names is slowed as a whole. What is counted is kept in memory, and forgotten after an hour.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_BY_PAIR, LONGEST_BY_PAIR = 5, 900.0
FREE_BY_ADDRESS, LONGEST_BY_ADDRESS = 50, 60.0
"""Guesses without a wait, and the longest wait in seconds."""

FORGOTTEN, MOST = 3600.0, 20_000
"""Seconds after which failures are forgotten, and how many counts are kept."""


@dataclass(slots=True)
class _Count:
    failures: int = 0
    last: float = 0.0


class Throttle:
    """Counts of failures.

    Parameters
    ----------
    now
        The clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def attempt(self, name: str, address: str) -> float:
        """Begin a guess, which counts as failed until `succeeded` is called.

        Returns
        -------
        0 when it may be made; else the seconds to wait, and nothing was counted.
        """
        place = _network(address)
        pair, whole = (name.casefold(), place), ("", place)
        with self._lock:
            wait = max(
                self._wait(pair, FREE_BY_PAIR, LONGEST_BY_PAIR),
                self._wait(whole, FREE_BY_ADDRESS, LONGEST_BY_ADDRESS),
            )
            if wait <= 0:
                self._add(pair)
                self._add(whole)
            return max(wait, 0.0)

    def succeeded(self, name: str, address: str) -> None:
        """Take back the guess that was right, and forget those before it."""
        place = _network(address)
        with self._lock:
            self._counts.pop((name.casefold(), place), None)
            whole = self._counts.get(("", place))
            if whole is not None:
                whole.failures = max(whole.failures - 1, 0)

    def _wait(self, key: tuple[str, str], free: int, longest: float) -> float:
        found = self._counts.get(key)
        if found is None or self._now() - found.last > FORGOTTEN:
            self._counts.pop(key, None)
            return 0.0
        over = found.failures - free
        return 0.0 if over < 0 else found.last + min(2.0 ** min(over, 20), longest) - self._now()

    def _add(self, key: tuple[str, str]) -> None:
        found = self._counts.setdefault(key, _Count())
        found.failures += 1
        found.last = self._now()
        self._counts.move_to_end(key)
        while len(self._counts) > MOST:
            self._counts.popitem(last=False)


def _network(address: str) -> str:
    """What one party has to itself: an IPv4 address, or the first half of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


__all__ = ["Throttle"]
