"""Which groups of people are named, how many are in each, and who may name one? They are files in `segments`."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated, Any, Literal

import anyio
from fastapi import FastAPI, Path, Request
from pydantic import Field

from desirepath.engines.engine import Progress
from desirepath.errors import CancelledError, DesirepathError, InputError
from desirepath.segments import Segment
from desirepath.server.answering import ask, while_wanted, whose
from desirepath.server.asked import Asked, Wanted, refuse_halves, wanted
from desirepath.server.behind import Belonging
from desirepath.server.handles import is_handle
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.segment_shapes import SegmentShape, shape_of
from desirepath.server.state import State

PATIENCE = 3.0
"""Seconds that the list takes for sizes; those that are not known by then are told the next time."""

Name = Annotated[str, Path(description="The segment's name.", max_length=80)]


class SegmentAsked(Asked):
    """Whom to name: people with an event that fits, or the people behind a number.

    Without a question `filter` is what an event of theirs must fit; with one, it is which events the question counts.
    """

    question: str | None = None
    metric: str | None = None
    which: dict[str, Any] = Field(default_factory=dict, description="What selects them, as for the people behind.")


def install(app: FastAPI, state: State) -> None:
    """Add the segments."""
    belonging = Belonging(state)

    @app.get("/api/segments", summary="The segments and their sizes", responses=problems(422, 503), **needs("read"))
    async def segments(request: Request) -> list[SegmentShape]:
        return await while_wanted(state, request, partial(_listed, state, belonging))

    @app.put(
        "/api/segments/{name}",
        summary="Name people; what is saved is the question, not the list",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    async def save(request: Request, name: Name, given: SegmentAsked) -> SegmentShape:
        asks = await anyio.to_thread.run_sync(_meant, state, request, given)

        def work(progress: Progress) -> SegmentShape:
            _save(state, name, given, asks, progress)
            state.audit(request, "segment saved", name)
            return _sized(state, belonging, state.workspace.segments.get(name), progress)

        return await while_wanted(state, request, work)

    @app.delete(
        "/api/segments/{name}", summary="Forget a segment", status_code=204, responses=problems(404, 422, 503),
        **needs("analyst"),
    )  # fmt: skip
    def forget(request: Request, name: Name) -> None:
        state.workspace.segments.remove(name)
        state.audit(request, "segment deleted", name)


def _meant(state: State, request: Request, given: SegmentAsked) -> Wanted | None:
    """The question whose people are meant; None where they are those with an event that fits."""
    refuse_halves(given)
    if given.person:
        raise InputError("A segment is of people who have something in common, not of one person.", looked="person")
    if given.question and given.metric:
        raise InputError("A segment is behind a question or a metric, not both.", allowed=["question", "metric"])
    if given.question or given.metric:
        kind: Literal["question", "metric"] = "question" if given.question else "metric"
        return whose(state, request, wanted(kind, str(given.question or given.metric), given))
    odd = sorted(given.model_fields_set - {"filter", "question", "metric"})
    odd = [name for name in odd if getattr(given, name)]
    if not given.filter or odd:
        raise InputError(
            "A segment needs either a filter alone, or a question and what selects its people.",
            allowed=["filter", "question"],
            looked=odd[0] if odd else None,
        )
    return None


def _save(state: State, name: str, given: SegmentAsked, asks: Wanted | None, progress: Progress) -> None:
    with state.turns.after(lambda before: progress("waiting", 0, before)):
        if asks is None:
            state.workspace.segments.save(Segment(name, where=given.filter))
        else:
            ask(state, asks, progress).save(name, **given.which)


def _listed(state: State, belonging: Belonging, progress: Progress) -> list[SegmentShape]:
    until = time.monotonic() + PATIENCE

    def patiently(*told: Any) -> None:
        progress(*told)
        if time.monotonic() > until:
            raise CancelledError("The list has waited long enough.")

    found = []
    for segment in state.workspace.segments.all().values():
        known = belonging.size(segment.name)
        try:
            one = _shape(state, segment, known) if known is not None else _sized(state, belonging, segment, patiently)
        except CancelledError:
            progress("counting", 0, None)  # where it is the client that has gone, this says so
            one = _shape(state, segment, None)
        found.append(one)
    return found


def _sized(state: State, belonging: Belonging, segment: Segment, progress: Progress) -> SegmentShape:
    try:
        with state.turns.after(lambda before: progress("waiting", 0, before)):
            belonging.places(segment.name, progress)
    except CancelledError:
        raise
    except DesirepathError as problem:
        return _shape(state, segment, None, problem.message)
    return _shape(state, segment, belonging.size(segment.name))


def _shape(state: State, segment: Segment, size: int | None, problem: str | None = None) -> SegmentShape:
    shown = shape_of(segment, size, problem)
    person = (shown.asked_of or {}).get("person")
    if shown.asked_of is not None and isinstance(person, str) and not is_handle(person):
        shown.asked_of["person"] = state.handles.of(person)
    return shown
