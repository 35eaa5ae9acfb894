"""What is in the body of a request? Its bytes say so, not its headers: clients write what they like there.

gzip and zlib are told by their first bytes, base64 and forms by their first characters, JSON, a JSON list and JSON
lines by theirs. Whatever is unpacked stays within the limits: a bomb is let go of while it is small.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any
from urllib.parse import parse_qs

import msgspec

from desirepath.collector.limits import Limits

_DECODER = msgspec.json.Decoder()
_STEP = 1 << 16
_NESTED, _NESTED_OR_TEXT = (dict, list), (dict, list, str)
LONGEST_KEY = 256
"""Characters that the name of a member may have."""


class RefusedError(Exception):
    """A request that cannot be taken.

    Parameters
    ----------
    status
        The HTTP status.
    reason
        What is wrong, in a few words.
    retry
        Seconds after which it may be sent again, if that can help.
    """

    def __init__(self, status: int, reason: str, retry: int | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.retry = status, reason, retry


def unpacked(body: bytes, limits: Limits) -> bytes:
    """The bytes of a body, unpacked if they are packed.

    Raises
    ------
    RefusedError
        When they unpack to more than they may, or are damaged.
    """
    for _ in range(2):  # some clients pack twice
        window = 31 if body[:2] == b"\x1f\x8b" else 15 if _is_zlib(body) else None
        if window is None:
            return body
        body = _inflated(body, window, limits)
    return body


def _is_zlib(body: bytes) -> bool:
    return len(body) > 2 and body[0] == 0x78 and (body[0] * 256 + body[1]) % 31 == 0


def _inflated(body: bytes, window: int, limits: Limits) -> bytes:
    most = min(limits.body, max(len(body) * limits.ratio, 1 << 20))
    machine = zlib.decompressobj(window)
    found, size, rest = [], 0, body
    try:
        while rest and not machine.eof:
            part = machine.decompress(rest, _STEP)
            size += len(part)
            if size > most:
                raise RefusedError(413, "the body unpacks to more than it may")
            found.append(part)
            rest = machine.unconsumed_tail
        found.append(machine.flush())
    except zlib.error as problem:
        raise RefusedError(400, f"the body cannot be unpacked: {problem}") from None
    if not machine.eof:
        raise RefusedError(400, "the body ends too early")
    return b"".join(found)


def document(body: bytes, limits: Limits) -> Any:
    """The JSON value of a body; of JSON lines, a list of them.

    Raises
    ------
    RefusedError
        When it is none.
    """
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if text.count(b"{") + text.count(b"[") > limits.objects:
        raise RefusedError(413, f"the body has more than {limits.objects} objects and lists")
    try:
        text.decode("utf-8")  # the parser looks into no string that it skips
        return _DECODER.decode(text)
    except UnicodeDecodeError:
        raise RefusedError(400, "the body is not UTF-8") from None
    except RecursionError:
        raise RefusedError(400, "the body is nested too deeply") from None
    except msgspec.DecodeError as problem:
        if b"\n" in text and text[:1] == b"{":
            try:
                return [_DECODER.decode(line) for line in text.split(b"\n") if line.strip()]
            except (msgspec.DecodeError, RecursionError):
                pass
        raise RefusedError(400, f"the body is no JSON: {problem}") from None


def form_data(body: bytes) -> bytes | None:
    """The `data` of a form or of a query string, decoded if it is base64; None where there is none.

    Raises
    ------
    RefusedError
        When it is neither JSON nor base64.
    """
    text = body.strip()
    if text[:1] in (b"{", b"[") or b"data=" not in text[:4096]:
        return None
    try:
        found = parse_qs(text.decode("utf-8", "replace"), max_num_fields=100).get("data")
    except ValueError:
        raise RefusedError(400, "the form has more than 100 fields") from None
    return plain_or_64(found[0].encode()) if found else None


def plain_or_64(data: bytes) -> bytes:
    """JSON as it is, and anything else out of base64.

    Raises
    ------
    RefusedError
        When it is neither.
    """
    data = data.strip()
    if data[:1] in (b"{", b"["):
        return data
    return decoded64(data)


def decoded64(data: bytes) -> bytes:
    """The bytes of base64 in either alphabet, whatever was lost at its end.

    Raises
    ------
    RefusedError
        When it is none.
    """
    # a plus sign of a form that was not encoded has become a blank
    tidy = data.replace(b" ", b"+").translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(tidy + b"=" * (-len(tidy) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError(400, "the data is neither JSON nor base64") from None


def event_fault(event: Any, limits: Limits) -> str | None:
    """Why an event may not be taken; None when it may."""
    if not isinstance(event, dict):
        return "not an object"
    waiting: list[tuple[Any, int]] = [(event, 1)]
    size = 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, str):
            size += len(value)
            if "\0" in value:
                return "holds the NUL character"
        elif isinstance(value, dict):
            if depth > limits.depth:
                return f"nested deeper than {limits.depth} levels"
            if len(value) > limits.members:
                return f"an object has more than {limits.members} members"
            size += 4 * len(value)
            for key, one in value.items():
                if len(key) > LONGEST_KEY:
                    return f"a name is longer than {LONGEST_KEY} characters"
                if "\0" in key:
                    return "holds the NUL character"
                size += len(key)
                if isinstance(one, str):
                    size += len(one)
                    if "\0" in one:
                        return "holds the NUL character"
                elif isinstance(one, _NESTED):
                    waiting.append((one, depth + 1))
        elif isinstance(value, list):
            if depth > limits.depth:
                return f"nested deeper than {limits.depth} levels"
            size += 2 * len(value)
            waiting += [(one, depth + 1) for one in value if isinstance(one, _NESTED_OR_TEXT)]
        if size > limits.event:
            return f"larger than {limits.event // 1024} KB"
    return None
