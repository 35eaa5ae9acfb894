"""How do long answers reach a browser? One stream of events a browser, for all its questions.

    progress {id, stage, done, total}   preview {id, answer}   result {id, answer, etag}   error {id, problem, status}
    data {version, identity}            new data came, or who is who has changed

What was said is kept for a while, so that a stream that broke goes on where it was. Whoever does not listen for ten
seconds has given up: what they asked is stopped.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from desirepath.server.formats import as_bytes

HEARTBEAT = 15.0
"""Seconds after which something is sent, so that nothing between takes the stream for dead."""
TICK = 1.0
"""Seconds between looks at whether the browser is there, and whether new data came."""
PATIENCE = 10.0
"""Seconds without a stream after which what was asked is stopped."""
REMEMBERED = 300.0
"""Seconds without a stream after which what was said is forgotten."""
MOST_HELD = 32 << 20
"""Bytes of what was said that are kept for one browser."""
MOST_AWAY = 32
"""Browsers of one caller that are remembered while they do not listen; who was away longest is forgotten first."""

Key = tuple[str, str]
"""A caller, and the browser's own name for itself."""


@dataclass(slots=True)
class Listener:
    """One browser: what it was told, and who listens.

    Attributes
    ----------
    said
        Events by their number: what they are about, and how they are written.
    wakes
        One per open stream.
    since
        Since when nobody listens.
    held
        Bytes of what is kept.
    sent
        The number of the last event that was sent to anybody.
    """

    said: OrderedDict[int, tuple[str, bytes]] = field(default_factory=OrderedDict)
    wakes: set[asyncio.Event] = field(default_factory=set)
    since: float = field(default_factory=time.monotonic)
    held: int = 0
    sent: int = 0

    def add(self, number: int, about: str, text: bytes) -> None:
        """Keep an event; the progress of a question replaces what was told of it before."""
        if about.startswith("progress "):
            for old in [one for one, (what, _) in self.said.items() if what == about]:
                self.held -= len(self.said.pop(old)[1])
        self.said[number] = about, text
        self.held += len(text)
        while self.held > MOST_HELD and len(self.said) > 1:
            _, (_, gone) = self.said.popitem(last=False)
            self.held -= len(gone)
        for wake in self.wakes:
            wake.set()

    def forget(self) -> None:
        """Let go of answers that were sent; who comes back for one has to ask again."""
        for number, (about, text) in list(self.said.items()):
            if number <= self.sent and about.startswith(("result ", "preview ")):
                self.held -= len(text)
                del self.said[number]


class Streams:
    """The streams of all browsers; used by the event loop's thread alone.

    Parameters
    ----------
    gave_up
        Called with who has not listened for too long.
    versions
        The versions of data and identity at present.
    closing
        Whether the server is about to end; it waits for streams that do not.
    """

    def __init__(
        self,
        gave_up: Callable[[Key], None],
        versions: Callable[[], Awaitable[dict[str, int]]],
        closing: Callable[[], bool],
    ) -> None:
        self._gave_up, self._versions, self._closing = gave_up, versions, closing
        self._listeners: dict[Key, Listener] = {}
        # a browser remembers the last number beyond a restart of the server
        self._numbers = itertools.count(int(time.time() * 1000))
        self._looking: asyncio.Task[None] | None = None
        self._known: dict[str, int] | None = None
        self._forgetting = threading.Event()

    def forget(self) -> None:
        """Let go of answers that were sent; another thread may say so."""
        self._forgetting.set()

    def meet(self, key: Key) -> None:
        """Know a browser from now on, before it listens."""
        if key not in self._listeners:
            self._make_room(key[0])
            self._listeners[key] = Listener()
        self._look()

    def _make_room(self, caller: str) -> None:
        """Forget whoever is away longest of a caller's browsers, where there are many."""
        away = [one for one, listener in self._listeners.items() if one[0] == caller and not listener.wakes]
        if len(away) >= MOST_AWAY:
            gone = min(away, key=lambda one: self._listeners[one].since)
            self._gave_up(gone)
            del self._listeners[gone]

    def say(self, key: Key, event: str, about: str, data: bytes) -> None:
        """Tell one browser.

        Parameters
        ----------
        key
            Which.
        event
            The kind of event.
        about
            The id of the question it is about.
        data
            JSON, without line breaks.
        """
        listener = self._listeners.get(key)
        if listener is not None:
            number = next(self._numbers)
            text = b"id: %d\nevent: %s\ndata: %s\n\n" % (number, event.encode(), data)
            listener.add(number, f"{event} {about}", text)

    async def listen(self, key: Key, after: int | None, gone: Callable[[], Awaitable[bool]]) -> AsyncIterator[bytes]:
        """What a browser is told until it has gone: what nobody was sent yet, or all since the event `after`."""
        self.meet(key)
        listener, wake = self._listeners[key], asyncio.Event()
        after = listener.sent if after is None else after
        listener.wakes.add(wake)
        quiet_since = time.monotonic()
        try:
            yield b"retry: 1000\n\n"
            while not (self._closing() or await gone()):
                wake.clear()
                for number, (_, text) in list(listener.said.items()):
                    if number > after:
                        yield text
                        after, quiet_since = number, time.monotonic()
                        listener.sent = max(listener.sent, number)
                if time.monotonic() - quiet_since >= HEARTBEAT:
                    yield b": still here\n\n"
                    quiet_since = time.monotonic()
                try:
                    await asyncio.wait_for(wake.wait(), TICK)
                except TimeoutError:
                    continue
        finally:
            listener.wakes.discard(wake)
            listener.since = time.monotonic()

    def _look(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._keep_looking())

    async def _keep_looking(self) -> None:
        """As long as somebody listens: is there new data, and who has gone?"""
        given_up: set[Key] = set()
        while self._listeners and not self._closing():
            await asyncio.sleep(TICK)
            now = time.monotonic()
            given_up &= self._listeners.keys()
            for key, listener in list(self._listeners.items()):
                away = 0.0 if listener.wakes else now - listener.since
                if away < PATIENCE:
                    given_up.discard(key)
                elif key not in given_up:
                    given_up.add(key)
                    self._gave_up(key)
                if away > REMEMBERED:
                    del self._listeners[key]
                    given_up.discard(key)
            if self._forgetting.is_set():
                self._forgetting.clear()
                for listener in self._listeners.values():
                    listener.forget()
            await self._tell_versions()

    async def _tell_versions(self) -> None:
        try:
            found = await self._versions()
        except Exception:  # noqa: BLE001 - the next look may succeed; requests say what is wrong
            return
        if self._known is not None and found != self._known:
            told = as_bytes({"version": found.get("data"), "identity": found.get("identity")})
            for key in self._listeners:
                self.say(key, "data", "", told)
        self._known = found


__all__ = ["HEARTBEAT", "PATIENCE", "Key", "Streams"]
