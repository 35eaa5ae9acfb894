"""Every route stands on the page of the docs that tells how to use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from desirepath.server.app import openapi_document

DOCS = Path(__file__).parents[2] / "docs"
PLACES = [
    (path, verb)
    for path, verbs in sorted(openapi_document()["paths"].items())
    for verb in sorted(verbs)
    if verb in ("get", "post", "put", "delete")
]


@pytest.mark.parametrize(("path", "verb"), PLACES)
def test_a_route_is_in_the_docs(path: str, verb: str) -> None:
    text = (DOCS / "http.md").read_text(encoding="utf-8")
    come_in = ("/api/session", "/api/users", "/api/tokens", "/api/audit", "/api/setup", "/api/log", "/api/password")
    if path.startswith((*come_in, "/api/oidc")):
        assert path.split("/")[2] in (DOCS / "access.md").read_text(encoding="utf-8") + text
    else:
        assert f"`{verb.upper()} {path}`" in text or (path == "/api/stream" and "`GET /api/stream?" in text)
