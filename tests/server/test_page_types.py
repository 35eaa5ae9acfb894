"""The types that the page is checked with are those of the API as it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from desirepath.server.app import openapi_document

WEB = Path(__file__).parents[2] / "web"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("page_types", WEB / "gen_types.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_page_has_the_types_of_this_api(generator: ModuleType) -> None:
    kept = (WEB / "src" / "api" / "schema.ts").read_text(encoding="utf-8")
    assert kept == generator.written(openapi_document()), "the API has changed: make types"


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["integer", "null"]}, "number | null"),
        ({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "integer"}]}, "string | number"),
        ({"enum": ["a", 1, None]}, '"a" | 1 | null'),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, "Row[]"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]'),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]}, "[string, number]"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Record<string, number>"),
        ({"type": "object", "properties": {}}, "Record<string, never>"),
        ({"type": "object", "properties": {"x-y": {"type": "null"}}, "required": ["x-y"]}, '{\n  "x-y": null;\n}'),
        ({"allOf": [{"$ref": "#/A"}, {"$ref": "#/B"}]}, "A & B"),
        ({}, "unknown"),
    ],
)
def test_how_a_schema_is_written(generator: ModuleType, schema: dict[str, Any], written: str) -> None:
    assert generator.typed(schema) == written


def test_what_a_verb_takes_and_gives(generator: ModuleType) -> None:
    text = {"application/json": {"schema": {"type": "string"}}}
    described = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "most", "in": "query", "schema": {"type": "integer"}},
            {"name": "if-none-match", "in": "header", "schema": {"type": "string"}},
        ],
        "requestBody": {"content": text},
        "responses": {"200": {"content": text}, "204": {"description": "nothing"}, "422": {"content": text}},
    }
    assert generator.operation(described) == (
        "{ path: { id: string }; query: { most?: number }; body: string; out: string }"
    )
