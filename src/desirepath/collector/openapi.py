"""The collector's routes as an OpenAPI document."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from desirepath.collector.wire import ROUTES

_ANSWERS = {
    "200": "everything is on disk; `rejected` names events that are set aside",
    "204": "everything is on disk",
    "400": "the body cannot be read",
    "401": "no write key, or an unknown one",
    "403": "the key is not for this origin",
    "405": "this method is not taken here",
    "408": "the body did not come in time",
    "413": "too large",
    "429": "too much from this key; see Retry-After",
    "503": "nothing could be written; see Retry-After",
}
_GET = ("/track", "/engage", "/groups", "/i")


@cache
def openapi() -> bytes:
    """The document as JSON."""
    answers = {code: {"description": text} for code, text in _ANSWERS.items()}
    body = {
        "required": True,
        "content": {"application/json": {"schema": {}}, "text/plain": {"schema": {"type": "string"}}},
    }
    paths: dict[str, Any] = {}
    for path in sorted(ROUTES):
        post = {"summary": f"Events as {_client(path)} sends them", "requestBody": body, "responses": answers}
        paths[path] = {"post": {**post, "operationId": f"post{path.replace('/', '_')}", "security": _SECURITY}}
        if path in _GET:
            parameter = {"name": "data", "in": "query", "required": False, "schema": {"type": "string"}}
            get = {"summary": post["summary"], "parameters": [parameter], "responses": answers, "security": _SECURITY}
            paths[path]["get"] = {**get, "operationId": f"get{path.replace('/', '_')}"}
    for path, summary in (
        ("/healthz", "How the collector is"),
        ("/metrics", "Counters for Prometheus"),
        ("/d.js", "Our script"),
    ):
        answer = {"200": {"description": "as asked"}, "503": {"description": "something is wrong"}}
        paths[path] = {
            "get": {"summary": summary, "responses": answer, "operationId": path.strip("/").replace(".", "_")}
        }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "desirepath collector", "version": "1"},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            }
        },
    }
    return json.dumps(document).encode()


_SECURITY: list[dict[str, list[str]]] = [{}, {"basic": []}, {"bearer": []}]


def _client(path: str) -> str:
    known = {
        "/v1/logs": "OpenTelemetry",
        "/v1/cloudevents": "CloudEvents",
        "/mp/collect": "GA4",
        "/debug/mp/collect": "GA4",
        "/i": "Snowplow",
        "/com.snowplowanalytics.snowplow/tp2": "Snowplow",
        "/2/httpapi": "Amplitude",
        "/2/batch": "Amplitude",
        "/batch": "PostHog or Amplitude",
    }
    if path in known:
        return known[path]
    if path.startswith("/api/s/"):
        return "Jitsu"
    if path.startswith("/v1/"):
        return "Segment or RudderStack"
    return "Mixpanel" if path in ("/track", "/engage", "/groups", "/import") else "PostHog"
