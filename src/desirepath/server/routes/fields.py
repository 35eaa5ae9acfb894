"""What is there to ask about? How far the data goes, its names, fields and values, and whether a filter can be read."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

from desirepath.errors import CancelledError, DesirepathError, UnknownNameError
from desirepath.events.where import Where, compile_sql
from desirepath.events.where_fields import EVENT_COLUMNS, EventFields, pointer_to
from desirepath.server.asked import refuse_halves
from desirepath.server.naming import NAMES, some
from desirepath.server.once import Once
from desirepath.server.problems import Problem, problem_of, problems
from desirepath.server.scopes import needs
from desirepath.server.state import State

if TYPE_CHECKING:
    from desirepath.engines.store import Store
    from desirepath.journeys.columns import Manifest

SOON = 1.0
"""Seconds that the extent waits for its turn, before it is told as of the last question."""
MOST_VALUES = 200
MOST_LABEL = 200
"""Characters from which on a value is text to be read, and none to choose."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class ExtentShape(BaseModel):
    """What the data covers, as questions see it."""

    first: str | None
    last: str | None = Field(description="The newest event; the cut-off of questions, where none is given.")
    events: int
    people: int
    data_version: int


class FieldsShape(BaseModel):
    """What filters and questions may name; the most frequent first."""

    names: list[str] = Field(description="Names of events.")
    channels: list[str]
    sources: list[str]
    properties: list[str] = Field(description="Properties of events; those of a sample, where there are many events.")


class ValueShape(BaseModel):
    """One value of a field, and of how many of the events that were looked at it is."""

    value: str
    events: int


class FilterAsked(BaseModel):
    """A filter, as the filter language has it."""

    model_config = ConfigDict(extra="forbid")

    filter: str


class FilterShape(BaseModel):
    """Whether a filter can be read."""

    ok: bool
    problem: Problem | None = None


def install(app: FastAPI, state: State) -> None:
    """Add what there is to ask about."""
    once = Once(state)

    @app.get("/api/extent", summary="What the data covers", responses=problems(503), **needs("read"))
    def extent() -> ExtentShape:
        return _extent(state)

    @app.get("/api/fields", summary="What can be named", responses=problems(503), **needs("read"))
    def fields() -> FieldsShape:
        return once("fields", lambda: _fields(state))

    @app.get(
        "/api/values", summary="The most frequent values of a field", responses=problems(404, 503), **needs("read")
    )
    def values(
        field: Annotated[str, Query(min_length=1, max_length=500, description="A column or property of events.")],
    ) -> list[ValueShape]:
        known = once("fields", lambda: _fields(state))
        with state.reads() as store:
            return _values(state, store, field, known.properties)

    @app.post("/api/filters/check", summary="Whether a filter can be read", responses=problems(422), **needs("read"))
    def check(asked: FilterAsked) -> FilterShape:
        refuse_halves(asked)
        try:
            compile_sql(Where.parse(asked.filter), EventFields(), zone="UTC")
        except DesirepathError as problem:
            return FilterShape(ok=False, problem=Problem(**problem_of(problem)))
        return FilterShape(ok=True)


def _extent(state: State) -> ExtentShape:
    """As the engine has it; where a question takes long, as of the last one before."""
    columns, known = state.workspace.columns, state.versions()
    found = columns.manifest()
    current = (known["data"], known["identity"])
    if found is None or (found.data_version, found.identity_version) != current:
        until = time.monotonic() + SOON

        def patiently(_: int) -> None:
            if found is not None and time.monotonic() > until:
                raise CancelledError("Somebody asks something long.")

        try:
            with state.turns.after(patiently):
                found = state.workspace.engine.refresh()
        except CancelledError:
            pass
    assert found is not None  # noqa: S101 - only what is there already is not waited for
    return _told(found)


def _told(found: Manifest) -> ExtentShape:
    first, last = (
        (_EPOCH + dt.timedelta(microseconds=moment)).isoformat() if found.events else None
        for moment in (found.first, found.last)
    )
    return ExtentShape(
        first=first, last=last, events=found.events, people=found.people, data_version=found.data_version
    )


def _fields(state: State) -> FieldsShape:
    with state.reads() as store:
        named: dict[str, list[str]] = {}
        for column in ("name", "channel", "source"):
            rows = store.rows(
                f"SELECT {column}, count(*) FROM events WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
            )
            named[f"{column}s"] = [str(row[0]) for row in rows]
        properties = store.rows(
            f"""SELECT unnest(json_keys(properties)) AS name, count(*) FROM {some(store)}
            GROUP BY 1 ORDER BY 2 DESC, 1"""
        )
    return FieldsShape(**named, properties=[str(row[0]) for row in properties])


def _values(state: State, store: Store, field: str, properties: list[str]) -> list[ValueShape]:
    """The values of a field; none that is an identity of somebody."""
    of, _, reader = field.rpartition(".")
    parameters: list[Any] = []
    if field in EVENT_COLUMNS:
        counted = f'SELECT CAST("{field}" AS VARCHAR) AS value, count(*) AS n FROM events GROUP BY 1'
    elif of in properties and field not in properties and reader in state.workspace.texts.names():
        counted = f"""SELECT coalesce(r.value, CAST(r.number AS VARCHAR)) AS value, count(DISTINCT e.seq) AS n
            FROM {some(store)} e JOIN readings r
            ON r.reading = ? AND r.text = hash(json_extract_string(e.properties, ?)) GROUP BY 1"""
        parameters = [reader, pointer_to(of)]
    elif field in properties:
        counted = f"""SELECT json_extract_string(properties, ?) AS value, count(*) AS n FROM {some(store)} GROUP BY 1"""
        parameters = [pointer_to(field)]
    else:
        raise UnknownNameError.of("field", field, [*EVENT_COLUMNS, *properties], looked="the events")
    if state.naming(field):
        return []
    rows = store.rows(
        f"""SELECT value, n FROM (
            SELECT value, n, trim(value) AS v FROM ({counted})
            WHERE value <> '' AND length(value) <= {MOST_LABEL} ORDER BY n DESC, value LIMIT ?
        ) WHERE NOT {NAMES} ORDER BY n DESC, value""",
        [*parameters, MOST_VALUES],
    )
    return [ValueShape(value=str(value), events=int(events)) for value, events in rows]
