"""How does the page reach a browser? As files of its build, held in memory, under a strict policy.

A file under `assets/` bears a checksum in its name and may be kept for ever; everything else is asked for again, and is
cheap when it has not changed. An address that is no file is one of the page's own and gets its first document. Nothing
is read from disk for a request, so no address can lead out of the folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

    from desirepath.server.state import State

PAGE = Path(__file__).parent / "page"
"""Where the build is put; `hatch_build.py` and Vite know it too."""

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # pictures that are exported are drawn from a blob
        "img-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
)
"""The content security policy: nothing inline, nothing from elsewhere, no text that becomes markup or code."""

HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}

FOR_EVER, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""What a browser may take instead of a file, best first, and how that is named in the build."""

KINDS = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
"""Media types; what a system says of its files is not asked, for it may be wrong."""

NOT_BUILT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>desirepath: the page was not built</title>
<h1>The page was not built</h1>
<p>The server runs, and its API answers: its document is at <a href="/openapi.json">/openapi.json</a>.
<p>This installation was made with <code>DESIREPATH_NO_WEB=1</code>, or from a checkout whose page was deleted.
To build it: <code>pip install -e .</code> or <code>make page</code> in the checkout, without that variable; then start
the server again.
</html>
"""


@dataclass(frozen=True)
class PageFile:
    """One file of the build.

    Parameters
    ----------
    body
        What it holds.
    kind
        Its media type.
    kept
        What `Cache-Control` says of it.
    compressed
        By encoding, the same in fewer bytes.
    """

    body: bytes
    kind: str
    kept: str = ASK_AGAIN
    compressed: Mapping[str, bytes] = field(default_factory=dict)

    def etag(self, encoding: str | None) -> str:
        """The tag of one of its forms."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}{"-" + encoding if encoding else ""}"'

    def answer(self, asked: Headers) -> Response:
        """The file, in the smallest form that was asked for, or that it has not changed."""
        encoding = next((one for one in self.compressed if one in _taken(asked)), None)
        headers = {**HEADERS, "cache-control": self.kept, "etag": self.etag(encoding), "vary": "accept-encoding"}
        if asked.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
        if encoding:
            headers["content-encoding"] = encoding
        return Response(self.compressed[encoding] if encoding else self.body, media_type=self.kind, headers=headers)


def _taken(asked: Headers) -> set[str]:
    """The encodings that a browser takes."""
    given = (part.replace(" ", "").lower().partition(";") for part in asked.get("accept-encoding", "").split(","))
    return {name for name, _, quality in given if quality not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}}


def page_files(folder: Path) -> dict[str, PageFile]:
    """Read the files of a build, by their address.

    Parameters
    ----------
    folder
        The build; one without an `index.html` is none.
    """
    if not (folder / "index.html").exists():
        return {}
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    files = {}
    for name, path in found.items():
        if name.startswith(".") or path.suffix in ENCODINGS.values():
            continue
        smaller = {
            one: found[name + suffix].read_bytes() for one, suffix in ENCODINGS.items() if name + suffix in found
        }
        kept = FOR_EVER if name.startswith("assets/") else ASK_AGAIN
        kind = KINDS.get(path.suffix, "application/octet-stream")
        files[f"/{name}"] = PageFile(path.read_bytes(), kind, kept, smaller)
    return files


class _Page:
    """Answers what no route answers."""

    def __init__(self, files: Mapping[str, PageFile], otherwise: ASGIApp) -> None:
        self._files, self._otherwise = files, otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._found(scope) or self._otherwise
        await answer(scope, receive, send)

    def _found(self, scope: Scope) -> ASGIApp | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        path, asked = str(scope["path"]), Headers(scope=scope)
        if path in self._files:
            return self._files[path].answer(asked)
        if f"{path}/".startswith(("/api/", "/assets/")) or (path != "/" and "text/html" not in asked.get("accept", "")):
            return None
        if not self._files:
            return Response(NOT_BUILT, 503, HEADERS, "text/html")
        return self._files["/index.html"].answer(asked)


def install(app: FastAPI, _: State) -> None:
    """Serve the page of this installation."""
    serve_page(app)


def serve_page(app: FastAPI, folder: Path = PAGE) -> None:
    """Serve the page at every address that no route has, in whatever order routes are added.

    Parameters
    ----------
    app
        The application.
    folder
        The build of the page.
    """
    app.router.default = _Page(page_files(folder), app.router.default)
