"""What could not become an event, why, and what to do about it? Values are shown as shapes, unless somebody asks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from desirepath.connectors.rejects import REASONS, REMEDIES
from desirepath.errors import UnknownNameError
from desirepath.server.masking import plain, shape, shown
from desirepath.server.problems import problems
from desirepath.server.scopes import needs
from desirepath.server.state import State


class ReasonShape(BaseModel):
    """One reason, how often, and what to do."""

    reason: str
    says: str
    do: str
    entries: int
    sources: list[str]
    first_import: int
    last_import: int


class EntryShape(BaseModel):
    """A row that was set aside, its values as shapes."""

    number: int = Field(description="Its import.")
    source: str
    received_at: str
    table: str
    file: str
    line: int | None
    record: int | None
    reason: str
    says: str
    raw: str
    cut: bool


class QuarantineShape(BaseModel):
    """Everything that was set aside."""

    total: int
    reasons: list[ReasonShape]
    entries: list[EntryShape]
    more: int = Field(description="How many entries follow.")


class WhichEntry(BaseModel):
    """One entry, by where it stood."""

    model_config = ConfigDict(extra="forbid")

    number: int
    table: str = Field(max_length=500)
    file: str = Field(max_length=2000)
    line: int | None = None
    record: int | None = None
    reason: str = Field(max_length=100)


class PlainShape(BaseModel):
    """The row as it stood."""

    raw: str
    cut: bool


_REASONS = """SELECT q.reason_code, count(*), list_sort(list(DISTINCT b.source)), min(q.batch), max(q.batch)
    FROM quarantine q JOIN batches b USING (batch) GROUP BY q.reason_code ORDER BY 2 DESC, 1"""

_ENTRIES = """SELECT q.batch, b.source, b.received_at, q."table", q.file, q.line, q.record, q.reason_code, q.reason,
        q.raw[:20000]
    FROM quarantine q JOIN batches b USING (batch)
    WHERE (? IS NULL OR q.reason_code = ?) AND (? IS NULL OR b.source = ?)
    ORDER BY q.batch DESC, q."table", q.file, coalesce(q.line, q.record), q.reason_code LIMIT ? OFFSET ?"""

_COUNT = """SELECT count(*), count(*) FILTER ((? IS NULL OR q.reason_code = ?) AND (? IS NULL OR b.source = ?))
    FROM quarantine q JOIN batches b USING (batch)"""

_ONE = """SELECT raw FROM quarantine WHERE batch = ? AND "table" = ? AND file = ? AND line IS NOT DISTINCT FROM ?
    AND record IS NOT DISTINCT FROM ? AND reason_code = ? LIMIT 1"""


def install(app: FastAPI, state: State) -> None:
    """Add what is told of quarantine."""

    @app.get(
        "/api/quarantine",
        summary="What could not be imported, and why",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    def quarantine(
        reason: Annotated[str | None, Query(max_length=100)] = None,
        source: Annotated[str | None, Query(max_length=500)] = None,
        most: Annotated[int, Query(ge=0, le=1000)] = 50,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> QuarantineShape:
        if reason is not None and reason not in REASONS:
            raise UnknownNameError.of("reason", reason, REASONS)
        chosen = [reason, reason, source, source]
        with state.reads() as store:
            reasons = store.rows(_REASONS)
            total, fitting = store.one(_COUNT, chosen)
            entries = store.rows(_ENTRIES, [*chosen, most, offset])
        return QuarantineShape(
            total=total,
            reasons=[_reason(row) for row in reasons],
            entries=[_entry(row) for row in entries],
            more=max(fitting - offset - len(entries), 0),
        )

    @app.post(
        "/api/quarantine/reveal",
        summary="One row as it stood; the audit log says who looked",
        responses=problems(404, 422, 503),
        **needs("analyst"),
    )
    def reveal(request: Request, which: WhichEntry) -> PlainShape:
        place = [which.number, which.table, which.file, which.line, which.record, which.reason]
        with state.reads() as store:
            found = store.rows(_ONE, place)
        if not found:
            raise UnknownNameError("There is no such entry in quarantine any more.", looked="quarantine")
        where = which.line if which.line is not None else which.record
        state.audit(request, "quarantine row shown", f"import {which.number}", table=which.table, place=where)
        text, cut = plain(bytes(found[0][0]))
        return PlainShape(raw=text, cut=cut)


def _reason(row: tuple[Any, ...]) -> ReasonShape:
    reason, entries, sources, first, last = row
    return ReasonShape(
        reason=reason,
        says=REASONS.get(reason, reason),
        do=REMEDIES.get(reason, ""),
        entries=entries,
        sources=list(sources),
        first_import=first,
        last_import=last,
    )


def _entry(row: tuple[Any, ...]) -> EntryShape:
    number, source, received, table, file, line, record, code, says, raw = row
    text, cut = shown(bytes(raw))
    return EntryShape(
        number=number,
        source=source,
        received_at=received.isoformat(),
        table=table,
        file=file,
        line=line,
        record=record,
        reason=code,
        says=_said(code, says),
        raw=text,
        cut=cut,
    )


def _said(code: str, says: str) -> str:
    """The reason; what it repeats of the row is a shape too."""
    known = REASONS.get(code, "")
    return known + shape(says[len(known) :]) if says.startswith(known) else known or code
