"""What may people ask of who measures them? What is kept, who was erased, one person's data handed out or erased."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path as File
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from desirepath.errors import InputError, UnknownNameError
from desirepath.server.handles import is_handle, label_of
from desirepath.server.masking import identity as masked
from desirepath.server.once import Once
from desirepath.server.problems import problems
from desirepath.server.requests import Job, Requests
from desirepath.server.scopes import caller_of, needs
from desirepath.server.state import State

PLACES: tuple[tuple[str, str, bool], ...] = (
    ("archive", "every row as it was imported: the truth from which all else is made", True),
    ("journeys.duckdb", "events, identities and people, made from the archive", True),
    ("columns", "journeys sorted for questions; thrown away and made again", True),
    ("inbox.sqlite", "what the collector took and the drain has not stored yet", True),
    ("segments", "the people of saved segments, by filter or by id", True),
    ("text", "what was learned of texts", True),
    ("erasures.jsonl", "who was erased, as keyed hashes: proof that names nobody", False),
    ("identity_rules.jsonl", "decisions of hand on who is one person", True),
    ("access.sqlite", "users, tokens and the audit log of this server; people by handle", True),
    ("sources", "files of your own; an erasure lists those that hold a name, and leaves them", True),
)
"""Where data of people lies in a workspace: the file or folder, what it holds, and whether that names people."""

Id = Annotated[str, Path(max_length=40, description="The request's id.")]


class PlaceShape(BaseModel):
    """A place that holds data of people."""

    where: str
    holds: str
    names_people: bool
    bytes: int


class YearShape(BaseModel):
    """How much there is of a year."""

    year: int
    events: int


class RetentionShape(BaseModel):
    """What is kept and how long: until it is erased, for nothing goes by itself."""

    says: str
    first_event: str | None
    last_event: str | None
    years: list[YearShape]
    places: list[PlaceShape]


class ErasureShape(BaseModel):
    """One erasure: when, by whom, why, how much; whom, nobody can tell from it."""

    number: int
    at: str
    author: str
    reason: str
    counts: dict[str, int]
    done_at: str | None
    digest: str | None = Field(description="A keyed hash of the receipt; null while it is not done.")


class JobShape(BaseModel):
    """A request about one person, and how far it is."""

    id: str
    kind: Literal["look", "export", "erase"]
    handle: str
    label: str
    standing: Literal["running", "done", "failed", "stopped"]
    stage: str
    done: int
    total: int | None
    counts: dict[str, int] = Field(description="What there is, or what was erased.")
    named_in: list[str] = Field(description="Files of your own that hold a name; they are left as they are.")
    digest: str
    erasures: list[int]
    problem: dict[str, Any] | None


class PrivacyShape(BaseModel):
    """What is kept, who was erased, and the request of one's own that is under way."""

    retention: RetentionShape
    erasures: list[ErasureShape]
    pending: list[int] = Field(description="Erasures that were begun and are not finished.")
    job: JobShape | None


class Whom(BaseModel):
    """One person, by an identity such as `email:ann@example.org`, an id or a handle."""

    model_config = ConfigDict(extra="forbid")

    identity: str = Field(min_length=1, max_length=1000)


class Erase(Whom):
    """One person, and that it is meant."""

    confirm: str = Field(max_length=100, description="The person's label, such as `P-3F2A9C`.")
    reason: str = Field(min_length=1, max_length=500, description="It stands in the log of erasures.")


def install(app: FastAPI, state: State) -> None:
    """Add what people may ask."""
    once, requests = Once(state), Requests(state)

    @app.get("/api/privacy", summary="What is kept, and who was erased", responses=problems(503), **needs("erase"))
    def privacy(request: Request) -> PrivacyShape:
        from desirepath.people.erasures import ErasureLog

        log = ErasureLog(state.workspace.root)
        entries = log.entries()
        own = requests.of(caller_of(request).name)
        return PrivacyShape(
            retention=_kept_now(state, once, requests),
            erasures=[
                ErasureShape(
                    number=one.number,
                    at=one.at.isoformat(),
                    author=one.author,
                    reason=one.reason,
                    counts=dict(one.counts),
                    done_at=None if one.done_at is None else one.done_at.isoformat(),
                    digest=None if one.done_at is None else log.digest(one),
                )
                for one in reversed(entries)
            ],
            pending=[one.number for one in entries if one.done_at is None],
            job=None if own is None else _job(own),
        )

    _serve_beginnings(app, state, requests)
    _serve_jobs(app, requests)


def _serve_beginnings(app: FastAPI, state: State, requests: Requests) -> None:
    told = problems(404, 409, 422, 503)

    @app.post(
        "/api/privacy/look",
        summary="Count what there is of a person",
        status_code=202,
        responses=told,
        **needs("erase"),
    )
    def look(request: Request, whom: Whom) -> JobShape:
        person, handle = _found(state, whom.identity)
        state.audit(request, "person counted", handle)
        return _job(requests.begin("look", person, handle, caller_of(request).name))

    @app.post(
        "/api/privacy/export",
        summary="Collect everything that is known about a person",
        status_code=202,
        responses=told,
        **needs("erase"),
    )
    def export(request: Request, whom: Whom) -> JobShape:
        person, handle = _found(state, whom.identity)
        state.audit(request, "person exported", handle)
        return _job(requests.begin("export", person, handle, caller_of(request).name))

    @app.post(
        "/api/privacy/erase",
        summary="Erase a person; there is no way back",
        status_code=202,
        responses=told,
        **needs("erase"),
    )
    def erase(request: Request, given: Erase) -> JobShape:
        person, handle = _found(state, given.identity)
        if given.confirm.strip().upper() != label_of(handle):
            raise InputError(
                "What confirms it is the label of the person that was looked at.", allowed=[label_of(handle)]
            )
        job = requests.begin("erase", person, handle, caller_of(request).name or "somebody", given.reason)
        state.audit(request, "person erased", handle)
        return _job(job)


def _serve_jobs(app: FastAPI, requests: Requests) -> None:
    @app.get("/api/privacy/jobs/{job}", summary="How far a request is", responses=problems(404, 503), **needs("erase"))
    def job(request: Request, job: Id) -> JobShape:
        return _job(requests.get(caller_of(request).name, job))

    @app.get(
        "/api/privacy/jobs/{job}/document",
        summary="Everything that is known about the person, as one file",
        response_class=Response,
        responses={200: {"content": {"application/json": {}}}, **problems(404, 422, 503)},
        **needs("erase"),
    )
    def document(request: Request, job: Id) -> Response:
        found = requests.get(caller_of(request).name, job)
        if found.kind != "export" or found.standing != "done":
            raise InputError("There is no document; it is made by an export that is done.")
        body = json.dumps(found.outcome, indent=1, ensure_ascii=False)
        name = f"{label_of(found.handle)}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(body, media_type="application/json", headers=headers)

    @app.delete(
        "/api/privacy/jobs/{job}",
        summary="Stop a request, or forget what it found",
        status_code=204,
        response_class=Response,
        responses=problems(404, 503),
        **needs("erase"),
    )
    def forget(request: Request, job: Id) -> None:
        requests.forget(requests.get(caller_of(request).name, job))


def _found(state: State, identity: str) -> tuple[str, str]:
    """The id and the handle of whoever answers to an identity; others are not spelled out."""
    from desirepath.looking import find_person

    with state.reads() as store:
        try:
            if is_handle(identity.strip()):
                person = state.handles.person(store, identity)
            else:
                _, person = find_person(store, identity.strip())
        except UnknownNameError:
            raise UnknownNameError(
                "Nobody answers to that. Give kind and value, such as email:ann@example.org.",
                looked="the identities of all people",
            ) from None
        except InputError as problem:
            hints = [masked(*one.split(":", 1)) if ":" in one else masked("", one) for one in problem.allowed]
            raise InputError("Several people answer to that; give kind and value.", allowed=hints) from None
    return person, state.handles.of(person)


def _job(job: Job) -> JobShape:
    counts = job.outcome.get("counts", {})
    if job.kind == "export":
        counts = {name: len(part) for name, part in job.outcome.items() if isinstance(part, list)}
    return JobShape(
        id=job.id,
        kind=job.kind,
        handle=job.handle,
        label=label_of(job.handle),
        standing=job.standing,
        stage=job.stage,
        done=job.done,
        total=job.total,
        counts=counts,
        named_in=list(job.outcome.get("named_in", job.outcome.get("named_in_files", []))),
        digest=str(job.outcome.get("digest", "")),
        erasures=list(job.outcome.get("erasures", [])),
        problem=job.problem,
    )


def _kept_now(state: State, once: Once, requests: Requests) -> RetentionShape:
    """What is kept; while somebody is erased, as it was before, for the database cannot be read then."""
    if not requests.erasing:
        return once("retention", lambda: _retention(state))
    found: RetentionShape | None = once.last("retention")
    return found or _retention(state, counted=False)


def _retention(state: State, *, counted: bool = True) -> RetentionShape:
    first = last = None
    years: list[tuple[int, int]] = []
    if counted:
        with state.reads() as store:
            first, last = store.one("SELECT min(occurred_at), max(occurred_at) FROM events")
            rows = store.rows(
                "SELECT year(timezone(?, occurred_at)) AS year, count(*) FROM events GROUP BY year ORDER BY year",
                [state.workspace.settings.time_zone],
            )
            years = [(int(year), int(events)) for year, events in rows]
    root = state.workspace.root
    return RetentionShape(
        says="Nothing is deleted by itself: what was imported is kept until somebody is erased.",
        first_event=_iso(first),
        last_event=_iso(last),
        years=[YearShape(year=year, events=events) for year, events in years],
        places=[
            PlaceShape(where=name, holds=holds, names_people=names, bytes=_size(root / name))
            for name, holds, names in PLACES
            if (root / name).exists()
        ],
    )


def _iso(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _size(path: File) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())
