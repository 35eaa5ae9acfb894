"""What does the API take and give, in TypeScript? Written from the OpenAPI document, the same way every time.

`python web/gen_types.py` writes `web/src/api/schema.ts`; a test writes it again and compares. The generators that are
published need the programming interface of a TypeScript older than ours.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from desirepath.server.app import openapi_document

Schema = dict[str, Any]

PLACE = Path(__file__).resolve().parent / "src" / "api" / "schema.ts"
HEAD = "// Written by web/gen_types.py from the server's OpenAPI document: `make types`. Not edited by hand."
VERBS = ("get", "post", "put", "patch", "delete")
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typed(schema: Schema, pad: str = "") -> str:
    """A schema as a type."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for key, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if key in schema:
            return sign.join(dict.fromkeys(typed(part, pad) for part in schema[key]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(typed({**schema, "type": one}, pad) for one in kind)
    if kind == "array":
        return listed(schema, pad)
    if kind == "object":
        if "properties" in schema:
            return fields(schema, pad)
        others = schema.get("additionalProperties")
        return f"Record<string, {typed(others, pad) if isinstance(others, dict) and others else 'unknown'}>"
    return PLAIN.get(str(kind), "unknown")


def listed(schema: Schema, pad: str) -> str:
    """An array: of one kind of thing, or of several in their order."""
    if "prefixItems" in schema:
        return "[" + ", ".join(typed(part, pad) for part in schema["prefixItems"]) + "]"
    inner = typed(schema.get("items", {}), pad)
    return f"({inner})[]" if " | " in inner or " & " in inner else f"{inner}[]"


def fields(schema: Schema, pad: str) -> str:
    """An object with named fields; one that has a default may be left away when it is sent."""
    required = set(schema.get("required", []))
    rows = []
    for name, part in schema.get("properties", {}).items():
        if said := part.get("description"):
            rows.append(f"{pad}  /** {' '.join(said.split()).replace('*/', '* /')} */")
        rows.append(f"{pad}  {key(name)}{'' if name in required else '?'}: {typed(part, pad + '  ')};")
    return "{\n" + "\n".join(rows) + f"\n{pad}}}" if rows else "Record<string, never>"


def key(name: str) -> str:
    """A name as a key, in quotes where it needs them."""
    return name if name.isidentifier() else json.dumps(name)


def content(part: Schema | None) -> str | None:
    """The type of a body of JSON, if that is what it is."""
    found = (part or {}).get("content", {}).get("application/json")
    return None if found is None else typed(found.get("schema", {}), "    ")


def operation(described: Schema) -> str:
    """What one verb of a path takes and gives."""
    rows = []
    for place in ("path", "query"):
        given = [
            f"{key(one['name'])}{'' if one.get('required') else '?'}: {typed(one.get('schema', {}), '      ')}"
            for one in described.get("parameters", [])
            if one["in"] == place
        ]
        if given:
            rows.append(f"{place}: {{ {'; '.join(given)} }}")
    if body := content(described.get("requestBody")):
        rows.append(f"body: {body}")
    well = [content(answer) for code, answer in described["responses"].items() if code.startswith("2")]
    rows.append(f"out: {' | '.join(dict.fromkeys(one for one in well if one)) or 'undefined'}")
    return "{ " + "; ".join(rows) + " }"


def written(document: Schema) -> str:
    """The whole file."""
    out = [HEAD, ""]
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        if said := schema.get("description"):
            out.append(f"/** {' '.join(said.split()).replace('*/', '* /')} */")
        text = typed(schema)
        out += [f"export interface {name} {text}" if text.startswith("{") else f"export type {name} = {text};", ""]
    out.append("/** By path and verb: what is in the path, the query and the body, and what comes back. */")
    out.append("export interface Routes {")
    for path, verbs in sorted(document["paths"].items()):
        told = [f"    {verb}: {operation(verbs[verb])};" for verb in VERBS if verb in verbs]
        out += [f"  {json.dumps(path)}: {{", *told, "  };"]
    return "\n".join([*out, "}", ""])


if __name__ == "__main__":
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.write_text(written(openapi_document()), encoding="utf-8")
