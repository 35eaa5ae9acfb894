"""What do answers look like? The shapes of the OpenAPI document, from which the page's types are made."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Cell = str | bool | int | float | list[Any] | dict[str, Any] | None
Table = dict[str, list[Cell]]
"""Columns by name, all of one length."""


class NoticeShape(BaseModel):
    """What the reader of an answer must know; the code never changes, the text may."""

    code: str
    text: str


class AnswerShape(BaseModel):
    """An answer: the finding in words, its tables, and what was asked of whom."""

    question: dict[str, Any] = Field(description="The question with all its fields; `name` is which.")
    asked_of: dict[str, Any] = Field(description="Unit, period, filter, comparison, versions of data and identity …")
    words: list[str] = Field(description="The finding in sentences.")
    warnings: list[NoticeShape]
    table: Table = Field(description="The main table, by column.")
    extras: dict[str, Table] = Field(description="Further tables, by name.")
    charts: list[dict[str, Any]] = Field(description="Vega-Lite specifications with their data.")


class TableShape(BaseModel):
    """One further table of an answer, where `table` names it."""

    table: Table


def answers(*more: str) -> dict[int | str, dict[str, Any]]:
    """What a route that sends an answer may send beside its JSON, for its document."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        200: {
            "description": "The answer; a further table alone where `table` names one",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/vnd.apache.parquet": binary,
                "application/vnd.apache.arrow.stream": binary,
            },
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "Changes when the answer may"}},
        },
        304: {"description": "The answer that you have is still so"},
    }
