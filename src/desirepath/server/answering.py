"""How is an answer made for a request? Kept already, or asked when its turn has come; given up when its client goes.

The ETag is made of the question and of what the answer may depend on, so that neither a turn nor the engine is needed
to say that nothing has changed.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from fastapi import HTTPException, Request
from starlette.responses import Response

from desirepath.engines.duckdb import quiet
from desirepath.errors import CancelledError
from desirepath.server.asked import Sending, Wanted
from desirepath.server.formats import Format, chosen, encoded, sent, unchanged
from desirepath.server.handles import is_handle
from desirepath.server.persons import the_one
from desirepath.server.scopes import caller_of
from desirepath.server.state import State

if TYPE_CHECKING:
    from desirepath.answers.answer import Answer
    from desirepath.engines.engine import Progress

T = TypeVar("T")

WAITING = "waiting"
"""The stage that is told while others are before."""

LOOK = 0.25
"""Seconds between looks at whether the client is still there."""


def ask(
    state: State,
    wanted: Wanted,
    progress: Progress = quiet,
    preview: Callable[[Answer], None] | None = None,
    *,
    aside: bool = False,
) -> Answer:
    """Ask a question or a metric, when its turn has come.

    Parameters
    ----------
    state
        The server's.
    wanted
        What, and of whom; a person by their id or an identity.
    progress
        Told how many are before, and then how far it is; may raise `CancelledError`.
    preview
        Given an answer from a small sample of people first, where there are many.
    aside
        Whether whatever is not aside goes first.

    Raises
    ------
    InputError
        If it would tell the values of a field that names people.
    """
    from desirepath.questions.catalog import build

    state.naming.refuse(wanted)
    made = build(wanted.name, wanted.fields) if wanted.kind == "question" else None
    with state.turns.after(lambda before: progress(WAITING, 0, before), aside=aside):
        state.refuse_empty()
        if made is not None:
            answer = state.workspace.ask(made, progress=progress, preview=preview, **wanted.whom)
        else:
            answer = state.workspace.metric(wanted.name, progress=progress, **wanted.whom)
    return _unnamed(state, answer)


def _unnamed(state: State, answer: Answer) -> Answer:
    """The answer without the identity of whom it was asked of."""
    person = answer.asked_of.get("person")
    if not isinstance(person, str):
        return answer
    from desirepath.looking import find_person

    with state.reads() as store:
        _, found = find_person(store, person)
    return replace(answer, asked_of={**answer.asked_of, "person": state.handles.of(found)})


def etag_of(state: State, wanted: Wanted, form: Format = "json", table: str | None = None) -> str:
    """By what a client can ask whether the answer is still so."""
    told = "\n".join([state.stamp(), wanted.key, form, table or ""])
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'


def matches(request: Request, etag: str) -> bool:
    """Whether the client has it already."""
    given = request.headers.get("if-none-match", "")
    return etag in (one.strip().removeprefix("W/") for one in given.split(","))


async def answered(state: State, request: Request, wanted: Wanted, sending: Sending) -> Response:
    """The response to a question.

    Parameters
    ----------
    state
        The server's.
    request
        Looked at for what the client takes and has, and for whether it is still there.
    wanted
        What, and of whom.
    sending
        As what.
    """
    form = chosen(request.headers.get("accept"), sending.format)
    name = wanted.name if sending.table is None else f"{wanted.name}-{sending.table}"
    etag = await anyio.to_thread.run_sync(etag_of, state, wanted, form, sending.table)
    if matches(request, etag):
        return unchanged(etag)
    kept = state.replies.get(etag)
    if kept is not None:
        return sent(kept, form, name, etag)
    made = partial(reply, state, wanted, form, sending.table)
    body, now = await while_wanted(state, request, lambda progress: made(progress=progress))
    return sent(body, form, name, now)


def reply(
    state: State,
    wanted: Wanted,
    form: Format = "json",
    table: str | None = None,
    *,
    progress: Progress = quiet,
    preview: Callable[[Answer], None] | None = None,
    aside: bool = False,
) -> tuple[bytes, str | None]:
    """The answer as it is sent, and its ETag; none where data came while it was made."""
    before = etag_of(state, wanted, form, table)
    kept = state.replies.get(before)
    if kept is not None:
        return kept, before
    body = encoded(ask(state, wanted, progress, preview, aside=aside), form, table)
    if etag_of(state, wanted, form, table) != before:
        return body, None  # what came may be in the answer, or not yet
    state.replies.put(before, body)
    return body, before


async def while_wanted(state: State, request: Request, work: Callable[[Progress], T]) -> T:
    """Do long work in a thread of its own; it is stopped when the client has gone."""
    gone, over = threading.Event(), threading.Event()

    def told(stage: str, done: int, total: int | None) -> None:
        if over.is_set():
            return  # an answer that is kept goes on telling whoever asked first
        if gone.is_set() or state.closing.is_set():
            raise CancelledError("The client has gone.")

    async def look() -> None:
        while not gone.is_set():
            if await request.is_disconnected():
                gone.set()
            await anyio.sleep(LOOK)

    watching = asyncio.create_task(look())
    try:
        return await anyio.to_thread.run_sync(partial(work, told), limiter=state.askers)
    finally:
        over.set()
        watching.cancel()


def whose(state: State, request: Request, wanted: Wanted) -> Wanted:
    """What is asked, with a person's id put in; whoever is asked about by an identity is written down.

    Raises
    ------
    UnknownNameError
        If there is nobody.
    HTTPException
        If the caller may not look at single people, be they named or chosen by what names them.
    """
    person: Any = wanted.whom.get("person")
    analyst = caller_of(request).may("analyst")
    if not analyst and (field := state.naming.chosen_by(wanted)) is not None:
        raise HTTPException(403, f"To choose people by {field!r}, which names them, needs the scope 'analyst'")
    if person is None:
        return wanted
    if not analyst:
        raise HTTPException(403, "To ask about one person needs the scope 'analyst'")
    if not is_handle(person):
        state.audit(request, "search", question=wanted.name)
    return replace(wanted, whom={**wanted.whom, "person": the_one(state, person)})


__all__ = ["answered", "ask", "etag_of", "matches", "reply", "while_wanted", "whose"]
