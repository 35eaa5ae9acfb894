"""What is being asked? Questions that work beside requests, tell how far they are, and stop within a second.

What is answered at once needs no stream: whoever asked is told of progress only when they have the question's id.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio

from desirepath.errors import CancelledError, DesirepathError, InputError, UnknownNameError
from desirepath.server.answering import reply
from desirepath.server.asked import Wanted
from desirepath.server.formats import as_bytes
from desirepath.server.problems import problem_of, status_of
from desirepath.server.state import State
from desirepath.server.streaming import Key, Streams

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer

SELDOM = 0.2
"""Seconds between two tellings of progress."""
SOON = 0.15
"""Seconds that whoever begins a question waits for its answer before they are given an id."""
MOST_OF_ONE = 64
"""So many questions one browser may have open."""
FINISHED = 1_000
"""So many questions that are over are still known by name."""

_log = logging.getLogger("desirepath.server")


Replied = tuple[bytes, str | None]
"""An answer as it is sent, and its ETag."""


@dataclass(slots=True)
class Query:
    """One question that is being asked.

    Attributes
    ----------
    id, key
        Its name, and whose it is.
    stopped
        Set when it is given up.
    began
        Whether a thread works at it; before, it waits for one.
    early
        What was to be told before anybody knew the id; None from then on.
    """

    id: str
    key: Key
    stopped: threading.Event = field(default_factory=threading.Event)
    began: bool = False
    early: list[tuple[str, bytes]] | None = field(default_factory=list)
    task: asyncio.Task[Replied] | None = None


class Queries:
    """The questions that are being asked.

    Parameters
    ----------
    state
        The server's.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._open: dict[str, Query] = {}
        self._over: OrderedDict[str, str] = OrderedDict()
        self.streams = Streams(self.stop_all, self._versions, state.closing.is_set)
        state.forgetters.append(self.streams.forget)

    async def _versions(self) -> dict[str, int]:
        return await anyio.to_thread.run_sync(self._state.versions)

    async def begin(self, key: Key, wanted: Wanted, *, preview: bool, aside: bool = False) -> str | Replied:
        """Ask a question: its answer where it comes at once, else the id by which it is told on the stream.

        Raises
        ------
        InputError
            If the browser asks too much at once.
        DesirepathError
            What goes wrong at once.
        """
        mine = sum(one.key == key for one in self._open.values())
        if mine >= MOST_OF_ONE:
            raise InputError(f"This browser is asking {mine} questions already; stop some first.")
        self.streams.meet(key)
        query = Query(secrets.token_urlsafe(12), key)
        work = partial(self._work, query, wanted, asyncio.get_running_loop(), preview=preview, aside=aside)
        limiter = self._state.asides if aside else self._state.askers
        query.task = task = asyncio.create_task(anyio.to_thread.run_sync(work, limiter=limiter))
        self._open[query.id] = query
        task.add_done_callback(lambda _: self._ended(query))
        await asyncio.wait({task}, timeout=SOON)
        if task.done():
            return _outcome(task)
        early, query.early = query.early or [], None
        for event, data in early:
            self.streams.say(key, event, query.id, data)
        return query.id

    def stop(self, caller: str, name: str) -> None:
        """Stop a question; nothing happens where it is over.

        Raises
        ------
        UnknownNameError
            If this caller never asked it.
        """
        query = self._open.get(name)
        if query is not None and query.key[0] == caller:
            self._stop(query)
        elif self._over.get(name) != caller:
            raise UnknownNameError(f"There is no question {name!r} of yours.", looked="what is being asked")

    def stop_all(self, key: Key) -> None:
        """Stop whatever a browser asked."""
        for query in [one for one in self._open.values() if one.key == key]:
            self._stop(query)

    def _stop(self, query: Query) -> None:
        query.stopped.set()
        if not query.began and query.task is not None:
            query.task.cancel()  # it waits for a thread; one that works hears of it by its progress

    def _ended(self, query: Query) -> None:
        """Tell how it ended, whoever was given its id."""
        self._open.pop(query.id, None)
        self._over[query.id] = query.key[0]
        while len(self._over) > FINISHED:
            self._over.popitem(last=False)
        assert query.task is not None  # noqa: S101 - it has ended
        if query.early is not None:
            return  # whoever began it still waits for it
        try:
            body, etag = _outcome(query.task)
        except DesirepathError as problem:
            told = {"id": query.id, "status": status_of(problem), "problem": problem_of(problem)}
            self.streams.say(query.key, "error", query.id, as_bytes(told))
        else:
            self.streams.say(query.key, "result", query.id, known_as(query.id, body, etag))

    def _say(self, query: Query, event: str, data: bytes) -> None:
        if query.early is None:
            self.streams.say(query.key, event, query.id, data)
        else:
            query.early.append((event, data))

    def _work(
        self, query: Query, wanted: Wanted, loop: asyncio.AbstractEventLoop, *, preview: bool, aside: bool
    ) -> Replied:
        """Ask, on a thread of its own, and pass on how far it is."""
        query.began = True
        last, said = 0.0, ""

        def say(event: str, data: bytes) -> None:
            loop.call_soon_threadsafe(self._say, query, event, data)

        def told(stage: str, done: int, total: int | None) -> None:
            nonlocal last, said
            if query.stopped.is_set() or self._state.closing.is_set():
                raise CancelledError("Stopped.")
            now = time.monotonic()
            if stage != said or now - last >= SELDOM:
                last, said = now, stage
                say("progress", as_bytes({"id": query.id, "stage": stage, "done": done, "total": total}))

        def early(answer: Answer) -> None:
            say("preview", as_bytes({"id": query.id, "answer": answer.to_dict()}))

        told("beginning", 0, None)
        return reply(self._state, wanted, progress=told, preview=early if preview else None, aside=aside)


def _outcome(task: asyncio.Task[Replied]) -> Replied:
    """What a task has come to; a defect of ours goes to the log, and no further."""
    try:
        return task.result()
    except asyncio.CancelledError:
        raise CancelledError("Stopped.") from None
    except DesirepathError:
        raise
    except Exception as problem:
        _log.exception("A question failed")
        raise DesirepathError("The server failed at this question; its log says how.") from problem


def known_as(name: str, body: bytes, etag: str | None) -> bytes:
    """An answer with the question's id and its ETag, as JSON."""
    return b'{"id":%s,"etag":%s,"answer":%s}' % (as_bytes(name), as_bytes(etag), body)


__all__ = ["Queries", "known_as"]
