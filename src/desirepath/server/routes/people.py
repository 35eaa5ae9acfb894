"""Who is behind a number, and what did one of them go through? By handle and label, until somebody asks who they are.

To look for an identity, and to have identities shown, is written into the audit log.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Annotated, Any, Literal

import anyio
from fastapi import FastAPI, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from desirepath.errors import InputError
from desirepath.server import persons, stories
from desirepath.server.answering import while_wanted, whose
from desirepath.server.asked import Asked, Wanted, wanted
from desirepath.server.behind import Belonging, shown, sorted_units, sums, units
from desirepath.server.once import Once
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.shapes import Cell
from desirepath.server.sorting import SAID, Sort, arranged
from desirepath.server.state import State

MOST = 1_000

Handle = Annotated[str, Path(description="Whom, by handle.", max_length=64)]


class BehindAsked(Asked):
    """A question or a metric, of whom, and which of the people behind it."""

    question: str | None = None
    metric: str | None = None
    which: dict[str, Any] = Field(default_factory=dict, description="What selects them: see each question's page.")
    sort: str = Field("", max_length=200, description=SAID)
    most: int = Field(50, ge=1, le=MOST)
    offset: int = Field(0, ge=0, le=10**9)


class UnitShape(BaseModel):
    """One unit that a number counts, and what the question says of it."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Cell]

    handle: str
    label: str


class BehindShape(BaseModel):
    """The units behind a number."""

    total: int
    units: list[UnitShape]
    sums: dict[str, float] = Field(description="Of the columns of numbers, over all units and not only those here.")
    saved_as: str | None = Field(None, description="Reserved.")


class KnownShape(BaseModel):
    """What is known of a person without naming them."""

    handle: str
    label: str
    since: str | None
    last: str | None
    events: int
    sessions: int = Field(description="Visits, as questions count them.")
    value: float | None = Field(description="Of the events that bring money; null in several currencies.")
    currency: str | None


class ListedShape(KnownShape):
    """A person of a list."""

    channels: list[str]


class FoundShape(BaseModel):
    """Who was found, or was here last."""

    total: int | None
    found: Literal["identity", "label", "recent"]
    people: list[ListedShape]


class ChannelShape(BaseModel):
    """A channel, and how many of the person's events came on it."""

    channel: str
    events: int


class KindsShape(BaseModel):
    """How many identities of a kind a person has; strong ones name one person, weak ones are attached."""

    kind: str
    strength: str
    n: int


class JoinedShape(BaseModel):
    """What joined identities, and how often it was seen."""

    by: str
    n: int
    first: str | None


class MoodShape(BaseModel):
    """How something sounds that they said, from -5 (bad) to +5 (good)."""

    at: str
    value: float


class PersonShape(KnownShape):
    """One person."""

    channels: list[ChannelShape]
    segments: list[str]
    why: list[KindsShape]
    joined: list[JoinedShape]
    conflicts: int = Field(description="Links with others that were not believed.")
    mood: list[MoodShape] = Field(description="Of what they said in words.")
    said: int = Field(description="How often they said something, in words or by a score.")


class HappenedShape(BaseModel):
    """Something that happened; `repeat` is how often, where it is the same again and again."""

    at: str
    session: int | None = Field(description="The number of the person's visit.")
    name: str
    channel: str | None
    source: str | None
    value: float | None
    currency: str | None
    amount: Literal["revenue", "cost"] | None = Field(
        description="What the value is, as maps and metrics say; null where they do not, or disagree."
    )
    entity: str | None = Field(description="What it was about: its kind, and a mark by which it is known again.")
    detail: str | None
    quote: str | None = Field(description="What they said, masked.")
    sentiment: float | None
    score: float | None
    scale: str | None
    repeat: int


class StoryShape(BaseModel):
    """Some of what happened, in the order that was asked for."""

    rows: list[HappenedShape]
    before: str | None = Field(description="Newest first: given back for what is older; null at the end.")
    after: str | None = Field(description="Oldest first: given back for what is newer; null at the end.")


class Reason(BaseModel):
    """Why somebody wants to know who this is."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=500, pattern=r"\S")


class IdentityOf(BaseModel):
    """An identity."""

    kind: str
    value: str
    strength: str


class RevealedShape(BaseModel):
    """Who it is."""

    identities: list[IdentityOf]


def install(app: FastAPI, state: State) -> None:
    """Add the people."""
    _serve_behind(app, state)
    _serve_list(app, state)
    _serve_person(app, state, Belonging(state))


def _serve_behind(app: FastAPI, state: State) -> None:
    @app.post(
        "/api/people/behind",
        summary="Who is behind a number",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    async def behind(request: Request, asked: BehindAsked) -> BehindShape:
        asks = await anyio.to_thread.run_sync(_meant, state, request, asked)

        def work(progress: Any) -> BehindShape:
            found = units(state, asks, asked.which, progress)
            rows = shown(state, sorted_units(state, found, asked.sort), asked.most, asked.offset)
            made = [UnitShape(**row) for row in rows]
            return BehindShape(total=found.num_rows, units=made, sums=sums(found), saved_as=None)

        return await while_wanted(state, request, work)


def _serve_list(app: FastAPI, state: State) -> None:
    lately, in_order = Once(state), Once(state)  # sorting looks at all events, and who was here last waits for none

    def listed_by(by: Sort | None, most: int, offset: int) -> FoundShape:
        counted = state.workspace.settings.identity.count_passers_by
        with state.reads() as store:
            manifest = state.workspace.columns.manifest()
            if by is None:
                some = persons.latest(store, most, offset, passers_by=counted)
            else:
                some = persons.sorted_by(state, store, by, most, offset, passers_by=counted)
            listed = [ListedShape(**one) for one in persons.told(state, store, some)]
        return FoundShape(total=None if manifest is None else manifest.people, found="recent", people=listed)

    @app.get(
        "/api/people",
        summary="Who was here last; with `q` whoever has an identity or a label",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    def people(
        request: Request,
        q: Annotated[str, Query(max_length=500, description="An identity typed in full, or a label.")] = "",
        sort: Annotated[str, Query(max_length=200, description=f"{SAID} One of {', '.join(persons.SORTED)}.")] = "",
        most: Annotated[int, Query(ge=1, le=MOST)] = 50,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> FoundShape:
        if not q.strip():
            manifest = state.workspace.columns.manifest()  # published after the data of which it is
            standing = None if manifest is None else (manifest.state, manifest.people)
            beside, kept = f"{most} {offset} {standing}", in_order if sort else lately
            return kept(f"people {sort}", lambda: listed_by(Sort.of(sort), most, offset), beside=beside)
        with state.reads() as store:
            by, found = persons.found(state, store, q)
            order = Sort.of(sort) if found else None
            told = persons.told(state, store, found if order is None else sorted(found, key=lambda one: one.id))
        told = told if order is None else arranged(told, order, list(persons.SORTED))
        listed = [ListedShape(**one) for one in told]
        if by == "identity":
            about = listed[0].handle if len(listed) == 1 else None
            state.audit(request, "search", about, found=len(listed))
        return FoundShape(total=len(listed), found=by, people=listed[offset : offset + most])


def _serve_person(app: FastAPI, state: State, belonging: Belonging) -> None:
    @app.get("/api/people/{handle}", summary="One person", responses=problems(404, 422, 503), **needs("analyst"))
    async def person(request: Request, handle: Handle) -> PersonShape:
        return await while_wanted(state, request, partial(_person, state, belonging, handle))

    @app.get(
        "/api/people/{handle}/timeline",
        summary="What one person did and said, newest or oldest first",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    def timeline(
        handle: Handle,
        order: Annotated[stories.Order, Query(description="What comes first.")] = "newest",
        before: Annotated[
            str | None, Query(max_length=64, description="What the page before gave, or a moment.")
        ] = None,
        after: Annotated[
            str | None, Query(max_length=64, description="Oldest first: what the page before gave, or a moment.")
        ] = None,
        most: Annotated[int, Query(ge=1, le=MOST)] = 200,
        channel: Annotated[str | None, Query(max_length=200)] = None,
    ) -> StoryShape:
        newest = order == "newest"
        if (after if newest else before) is not None:
            raise InputError("`before` goes with the newest first, `after` with the oldest.", looked="order")
        with state.reads() as store:
            whom = persons.by_handle(state, store, handle)
            beyond = before if newest else after
            rows, more = stories.page(state, store, whom, order=order, beyond=beyond, most=most, channel=channel)
        made = [HappenedShape(**row) for row in rows]
        return StoryShape(rows=made, before=more if newest else None, after=None if newest else more)

    @app.post(
        "/api/people/{handle}/reveal",
        summary="Who this is; written into the audit log with the reason",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    def reveal(request: Request, handle: Handle, given: Reason) -> RevealedShape:
        from desirepath.looking import identities

        with state.reads() as store:
            whom = persons.by_handle(state, store, handle)
            # written down first: what cannot be is not shown
            state.audit(request, "reveal", state.handles.of(whom.id), reason=given.reason.strip())
            rows = identities(store, whom.id).to_pylist()
        return RevealedShape(identities=[IdentityOf(**row) for row in rows if row["strength"] != "visit"])


def _meant(state: State, request: Request, asked: BehindAsked) -> Wanted:
    if bool(asked.question) == bool(asked.metric):
        raise InputError("Ask either a question or a metric.", allowed=["question", "metric"])
    kind: Literal["question", "metric"] = "question" if asked.question else "metric"
    return whose(state, request, wanted(kind, str(asked.question or asked.metric), asked))


def _person(state: State, belonging: Belonging, handle: str, progress: Any) -> PersonShape:
    with state.reads() as store:
        whom = persons.by_handle(state, store, handle)
        theirs = persons.owned(store, [whom])
        (known,) = persons.told(state, store, [whom], theirs)
        kinds, joined, conflicts = persons.why_one(store, whom)
        all_of = stories.story(store, whom, theirs)
        mood, said = stories.moods(state, store, all_of)
    with state.turns.after(lambda before: progress("waiting", 0, before)):
        segments = belonging.of(whom.id, progress) if state.workspace.segments.all() else []
    channels = Counter(channel for channel in all_of.channel if channel is not None)
    known["channels"] = [{"channel": channel, "events": n} for channel, n in channels.most_common()]
    told = {**known, "segments": segments, "why": kinds, "joined": joined, "conflicts": conflicts}
    return PersonShape.model_validate({**told, "mood": mood, "said": said})
