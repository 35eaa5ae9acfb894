"""How much may a request be? Limits that keep memory bounded whatever is sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What the collector takes.

    Parameters
    ----------
    event, body, ratio
        Bytes of one event as JSON, of a body when it is unpacked, and how many times its size a body may unpack to.
    events
        Events in one request.
    depth, members
        Levels of objects and lists in an event, and members of one object.
    pending
        Bytes that may wait for the disk; beyond them, requests are told to come again.
    reading, patience
        Bytes of unfinished bodies that may be held, and seconds until one must be whole.
    objects
        Objects and lists in one body.
    rate
        Events that one key may send in a second; bursts of ten times as many are let through.
    """

    event: int = 64 << 10
    body: int = 20 << 20
    ratio: int = 200
    events: int = 2000
    depth: int = 32
    members: int = 512
    pending: int = 32 << 20
    reading: int = 128 << 20
    patience: float = 30.0
    objects: int = 200_000
    rate: int = 50_000
