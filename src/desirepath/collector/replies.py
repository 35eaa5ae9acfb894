"""What does each client want to hear? The answers that keep its library content."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from desirepath.collector.wire import Call, Delivery

_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_JSON = b"application/json"


class Reply(NamedTuple):
    """An answer: status, kind of content, bytes, and further headers."""

    status: int
    kind: bytes = _JSON
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


def taken(call: Call, delivery: Delivery) -> Reply:
    """The answer when all is on disk; it names the events that were set aside."""
    count = len(delivery.items)
    if delivery.wire == "ga4" and not call.path.startswith("/debug"):
        return Reply(204)
    if delivery.wire == "otlp":
        plain = call.head.get("content-type", "").startswith("application/json")
        return Reply(200, _JSON if plain else b"application/x-protobuf", b"{}" if plain else b"")
    if delivery.wire == "snowplow" and not call.body:
        return Reply(200, b"image/gif", _PIXEL)
    if delivery.wire == "mixpanel":
        return _mixpanel(call, count)
    told: dict[str, Any] = {"success": True, "status": 1, "code": 200, "accepted": count - len(delivery.rejected)}
    if delivery.wire == "amplitude":
        told |= {"events_ingested": count, "payload_size_bytes": len(call.body), "server_upload_time": _now_ms()}
    if delivery.wire == "ga4":
        told["validationMessages"] = []
    if delivery.rejected:
        told["rejected"] = [{"index": place, "reason": reason} for place, reason in delivery.rejected]
    return _json(200, told)


def _mixpanel(call: Call, count: int) -> Reply:
    if call.path == "/import":
        return _json(200, {"code": 200, "num_records_imported": count, "status": "OK"})
    if call.query.get("verbose") == "1" or b"verbose=1" in call.body[-200:]:
        return _json(200, {"status": 1, "error": None})
    return Reply(200, b"text/plain", b"1")


def refused(status: int, reason: str, retry: int | None = None) -> Reply:
    """The answer to what cannot be taken."""
    more = ((b"retry-after", str(retry).encode()),) if retry is not None else ()
    found = _json(status, {"success": False, "status": 0, "code": status, "error": reason})
    return found._replace(headers=more)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _json(status: int, data: Any) -> Reply:
    return Reply(status, _JSON, json.dumps(data, separators=(",", ":")).encode())


def settings(path: str, query: Mapping[str, str], host: str, secure: bool) -> Reply | None:
    """What libraries fetch before they send anything; None for a path that is none of these."""
    if path.startswith("/v1/projects/") and path.endswith("/settings"):
        key = path.split("/")[3]
        protocol = "https" if secure else "http"
        segment = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": protocol, "unbundledIntegrations": []}
        return _json(200, {"integrations": {"Segment.io": segment}, "plan": {"track": {}}, "edgeFunction": {}})
    if path.rstrip("/") == "/sourceConfig":
        source = {
            "id": "desirepath",
            "name": "desirepath",
            "writeKey": query.get("writeKey", ""),
            "enabled": True,
            "workspaceId": "desirepath",
            "destinations": [],
            "connections": [],
            "sourceDefinition": {"name": "Javascript"},
            "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
            "dataplanes": {},
            "createdAt": "2026-01-01T00:00:00Z",
            "updatedAt": "2026-01-01T00:00:00Z",
        }
        return _json(200, {"source": source, "updatedAt": "2026-01-01T00:00:00Z", "isHosted": True})
    if path.startswith("/array/"):
        remote = {
            "token": path.split("/")[2],
            "supportedCompression": ["gzip", "gzip-js"],
            "hasFeatureFlags": False,
            "captureDeadClicks": False,
            "capturePerformance": False,
            "autocapture_opt_out": False,
            "autocaptureExceptions": False,
            "analytics": {"endpoint": "/i/v0/e/"},
            "elementsChainAsString": True,
            "sessionRecording": False,
            "heatmaps": False,
            "surveys": False,
            "siteApps": [],
        }
        if path.endswith("config.js"):
            text = f"(function(){{window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};\
window._POSTHOG_REMOTE_CONFIG[{json.dumps(remote['token'])}]={{config:{json.dumps(remote)},siteApps:[]}}}})();"
            return Reply(200, b"application/javascript", text.encode())
        return _json(200, remote)
    if path.rstrip("/") in ("/flags", "/decide"):
        told = {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False}
        return _json(
            200, {**told, "supportedCompression": ["gzip", "gzip-js"], "config": {}, "sessionRecording": False}
        )
    return None
