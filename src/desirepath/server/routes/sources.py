"""How are the sources, and what is wrong with the data now?"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

from desirepath.errors import DesirepathError
from desirepath.server.answering import WAITING, while_wanted
from desirepath.server.once import Once
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State

if TYPE_CHECKING:
    from desirepath.connectors.mapping import EventRule
    from desirepath.engines.engine import Progress
    from desirepath.sources import SourceHealth
    from desirepath.surveying import Facts


class MappingShape(BaseModel):
    """How the rows of a source become events, as of its last import."""

    connector: str | None = Field(description="The connector that reads it; null where columns are described.")
    title: str = Field(description="What the connector is called.")
    about: str = Field(description="What it reads and where that comes from.")
    names: dict[str, str] = Field(description="The source's own names of events, and ours.")
    events: list[str] = Field(description="Names that its rows make, where columns are described.")
    streams: dict[str, str] = Field(description="What a connector reads, and what becomes of it.")
    time_zone: str | None
    options: dict[str, str]
    text: str = Field(description="The mapping as YAML.")
    file: str = Field(description="Where it stands in the workspace.")


class LatenessShape(BaseModel):
    """How long events were on their way lately; seconds."""

    events: int
    median: float
    most: float = Field(description="By 95 of 100.")


class SourceShape(BaseModel):
    """One source: received = stored + duplicate + quarantined, and stored = events + snapshots."""

    source: str
    instance: str
    imports: int
    received: int
    stored: int
    duplicate: int
    quarantined: int
    events: int = Field(description="Events there are now; inferred ones, which nobody sent, are among them.")
    snapshots: int
    last_event: str | None
    last_received: str | None
    unnamed: float | None = Field(description="Share of its events that no firm identity names.")
    names: int
    kinds: list[str] = Field(description="Kinds of identities that its events carry, the most frequent first.")
    new_names: list[str]
    new_properties: list[str]
    gone_names: list[str]
    unmapped_names: list[str] | None
    adds_up: bool
    comes: Literal["collector", "pull", "files"] = Field(description="How what is new gets here.")
    every: float | None = Field(description="Seconds between pulls.")
    problem: str | None = Field(description="What stops its pulls.")
    first_day: str | None
    days: list[int] = Field(description="Events of each day from `first_day` to the last day of the workspace.")
    lateness: LatenessShape | None
    mapping: MappingShape | None


class WaitingShape(BaseModel):
    """What was collected and is not stored yet."""

    requests: int
    events: int
    since: str | None


class SourcesShape(BaseModel):
    """All sources, and what waits."""

    now: str
    sources: list[SourceShape]
    waiting: WaitingShape
    sync: dict[str, Any] = Field(description="What the pulls of this server gave, and their problems.")
    watch: dict[str, Any] | None = Field(description="The folder that is watched, and what came of it.")


class FindingShape(BaseModel):
    """What one look found: `problem` makes numbers wrong, `warning` may mislead, `note` is good to know."""

    look: str
    severity: Literal["problem", "warning", "note"]
    says: str
    do: str
    source: str | None
    instance: str | None
    names: list[str]
    details: dict[str, Any]


class LookShape(BaseModel):
    """What was looked at, and how much it found."""

    look: str
    says: str
    found: int


class HealthShape(BaseModel):
    """What is wrong with the data now, the worst first, and what was looked at."""

    at: str
    findings: list[FindingShape]
    looks: list[LookShape]


SERVER = {
    "drain": "Whether this server stores what was collected",
    "pull": "Whether the accounts that are pulled from answer",
    "watch": "Whether the watched folder can be read",
}
"""What the server looks at beside the data."""


def install(app: FastAPI, state: State) -> None:
    """Add what is told of the sources."""
    once = Once(state)

    def known(progress: Progress) -> Facts:
        imports = sum(1 for _ in (state.workspace.root / "archive").glob("*"))  # one may have stored nothing
        return once("facts", lambda: _facts(state, progress), beside=str(imports))

    @app.get("/api/sources", summary="How each source is, and what waits", responses=problems(503), **needs("read"))
    async def sources(request: Request) -> SourcesShape:
        return await while_wanted(state, request, told)

    def told(progress: Progress) -> SourcesShape:
        from desirepath.sources import waiting

        now = dt.datetime.now(dt.UTC)
        schedule, watched = state.schedule, state.watched
        stopped = schedule.problems if schedule else {}
        listed = once("sources", lambda: _sources(state, known(progress), progress))
        for one in listed:
            one.problem = next((text for name, text in stopped.items() if name in _accounts(state, one)), None)
        return SourcesShape(
            now=now.isoformat(),
            sources=listed,
            waiting=WaitingShape(**waiting(state.workspace).to_dict()),
            sync={"last": schedule.last if schedule else {}, "problems": stopped},
            watch=watched.to_dict() if watched else None,
        )

    @app.get("/api/health", summary="What is wrong with the data now", responses=problems(503), **needs("read"))
    async def health(request: Request) -> HealthShape:
        return await while_wanted(state, request, looked)

    def looked(progress: Progress) -> HealthShape:
        from desirepath.watching import LOOKS

        now = dt.datetime.now(dt.UTC)
        of_the_data = once(
            "health", lambda: _findings(state, now, known(progress), progress), beside=f"{now:%Y-%m-%d %H:%M}"
        )
        found = [*_of_the_server(state), *of_the_data]
        counted = {name: sum(one.look == name for one in found) for name in (*SERVER, *LOOKS)}
        return HealthShape(
            at=now.isoformat(timespec="seconds"),
            findings=found,
            looks=[LookShape(look=name, says=says, found=counted[name]) for name, says in {**SERVER, **LOOKS}.items()],
        )


_KINDS = """SELECT source, instance, one.kind AS kind FROM (
        SELECT source, instance, unnest(identities) AS one FROM events)
    GROUP BY ALL ORDER BY source, instance, count(*) DESC, kind"""


def _facts(state: State, progress: Progress) -> Facts:
    from desirepath.surveying import Facts

    with state.turns.after(lambda before: progress(WAITING, 0, before)):
        return Facts.of(state.workspace)


def _sources(state: State, facts: Facts, progress: Progress) -> list[SourceShape]:
    with state.turns.after(lambda before: progress(WAITING, 0, before)):
        store = state.workspace.store()
        latest = {
            (source, instance): str(folder)
            for source, instance, folder in store.rows(
                "SELECT source, instance, arg_max(folder, batch) FROM batches GROUP BY ALL"
            )
        }
        kinds: dict[tuple[str, str], list[str]] = {}
        for source, instance, kind in store.rows(_KINDS):
            kinds.setdefault((source, instance), []).append(kind)
    found = []
    for one in facts.sources:
        which = (one.source, one.instance)
        here, lag = facts.days.get(which), facts.late.get(which)
        mapping, growing = _mapping(state, latest.get(which))
        comes, every = _comes(state, one, growing)
        found.append(
            SourceShape(
                **one.to_dict(),
                kinds=kinds.get(which, []),
                comes=comes,
                every=every,
                problem=None,
                first_day=None if here is None else str(here.first),
                days=[] if here is None else list(here.counts),
                lateness=None if lag is None else LatenessShape(**asdict(lag)),
                mapping=mapping,
            )
        )
    return found


def _accounts(state: State, one: SourceHealth | SourceShape) -> dict[str, float | None]:
    """The accounts from which a source is pulled, and how often each is."""
    from desirepath.syncing.run import known_accounts

    with suppress(DesirepathError):  # what is wrong with them is told by the pulls
        return {
            name: account.every
            for name, account in known_accounts(state.workspace).items()
            if (account.source, account.instance) == (one.source, one.instance)
        }
    return {}


def _comes(
    state: State, one: SourceHealth, growing: bool
) -> tuple[Literal["collector", "pull", "files"], float | None]:
    accounts = _accounts(state, one)
    if accounts:
        return "pull", min((every for every in accounts.values() if every is not None), default=None)
    return ("collector" if growing else "files"), None


def _mapping(state: State, folder: str | None) -> tuple[MappingShape | None, bool]:
    """The mapping of an archived import, and whether the collector fills it."""
    from desirepath.connectors.archive import read_manifest
    from desirepath.connectors.registry import connector
    from desirepath.events.yaml_forms import as_yaml

    if folder is None:
        return None, False
    place = state.workspace.root / "archive" / folder
    try:
        manifest, mapping = read_manifest(place)
    except (DesirepathError, OSError, ValueError):  # `desirepath doctor` says what is wrong with the archive
        return None, False
    reads = None
    if mapping.connector is not None:
        with suppress(DesirepathError):  # a connector that another package brought may be gone
            reads = connector(mapping.connector)
    shape = MappingShape(
        connector=mapping.connector,
        title=reads.title if reads else mapping.connector or "Columns as described",
        about=reads.about if reads else "",
        names=dict(mapping.names),
        events=[] if mapping.connector else [_name(rule) for table in mapping.tables for rule in table.events],
        streams=dict(reads.streams) if reads else {},
        time_zone=mapping.time_zone,
        options={name: value for name, value in mapping.options.items() if value},
        text=as_yaml(mapping.to_dict()),
        file=f"archive/{folder}/mapping.yaml",
    )
    return shape, manifest.growing


def _name(rule: EventRule) -> str:
    return rule.name.text if rule.name.whole is None else f"{{{rule.name.whole}}}"


def _findings(state: State, now: dt.datetime, facts: Facts, progress: Progress) -> list[FindingShape]:
    from desirepath.watching import look

    with state.turns.after(lambda before: progress(WAITING, 0, before)):
        found = look(state.workspace, now=now, facts=facts)
    return [FindingShape(**{**asdict(one), "names": list(one.names), "details": dict(one.details)}) for one in found]


def _of_the_server(state: State) -> list[FindingShape]:
    """What stops the work beside the requests."""
    told = [
        ("drain", state.drainer.problem if state.drainer else None, "Nothing is lost: it waits in the inbox."),
        ("watch", state.watched.problem if state.watched else None, "See whether the folder is there and can be read."),
    ]
    told += [
        ("pull", f"{name}: {text}", "See [sync] in workspace.toml and whether the account's key still works.")
        for name, text in (state.schedule.problems if state.schedule else {}).items()
    ]
    return [
        FindingShape(look=name, severity="problem", says=text, do=do, source=None, instance=None, names=[], details={})
        for name, text, do in told
        if text
    ]
