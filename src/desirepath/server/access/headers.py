"""What does every answer forbid the browser? To run what is not ours, to be framed, to guess, to tell where it was.

The policy is the page's own: an answer of the API that a browser is led to shows nothing and runs nothing either.
"""

from __future__ import annotations

from starlette.types import Message

from desirepath.server.formats import TYPES
from desirepath.server.page_files import HEADERS

ALWAYS: tuple[tuple[bytes, bytes], ...] = tuple(
    (name.encode(), value.encode())
    for name, value in {
        **HEADERS,
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
    }.items()
)
_FILES = {kind.partition(";")[0]: form for form, kind in TYPES.items() if form != "json"}
_UNKEPT = (b"cache-control", b"no-store")
_TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")


def guarded(start: Message, *, tls: bool) -> Message:
    """The beginning of an answer with these headers in the place of its own; kept in no cache unless it says so.

    Parameters
    ----------
    start
        The message `http.response.start`.
    tls
        Whether people use the server by an `https` address.
    """
    more = [*ALWAYS, *([_TLS_ONLY] if tls else [])]
    names = {name for name, _ in more}
    own = [(name, value) for name, value in start.get("headers", ()) if name.lower() not in names]
    if not any(name.lower() == _UNKEPT[0] for name, _ in own):
        more.append(_UNKEPT)
    return {**start, "headers": [*own, *more]}


def exported(start: Message) -> str | None:
    """As which kind of file an answer leaves; None for what a page shows, and for what was refused."""
    if start["status"] != 200:
        return None
    kind = next((value for name, value in start.get("headers", ()) if name.lower() == b"content-type"), b"")
    return _FILES.get(kind.decode("latin-1").partition(";")[0].strip())


__all__ = ["ALWAYS", "exported", "guarded"]
