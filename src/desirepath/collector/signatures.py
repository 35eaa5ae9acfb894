"""Is a webhook from whom it says? Each vendor signs the bytes of the body, each in its own way."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

PATIENCE = 300
"""Seconds that a signed moment may lie back, where a vendor signs one."""

HEADERS = (
    "stripe-signature",
    "x-zendesk-webhook-signature",
    "x-zendesk-webhook-signature-timestamp",
    "x-hubspot-signature-v3",
    "x-hubspot-request-timestamp",
    "x-hub-signature",
    "typeform-signature",
    "x-signature",
    "x-twilio-signature",
)
"""The headers that signatures stand in."""


def is_signed(vendor: str, secret: str, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    """Whether a body is signed with a secret.

    Parameters
    ----------
    vendor
        One of `VENDORS`.
    secret
        What was agreed on with the vendor.
    head, body, url
        The request's headers in lower case, its bytes as they came, and the address that it was sent to.
    now
        Seconds since 1970.
    """
    check = VENDORS.get(vendor)
    return check is not None and check(secret.encode(), head, body, url, now)


def _hex(secret: bytes, body: bytes, how: str) -> str:
    return hmac.new(secret, body, how).hexdigest()


def _base64(secret: bytes, body: bytes, how: str) -> str:
    return base64.b64encode(hmac.new(secret, body, how).digest()).decode()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _recent(text: str, now: float, *, unit: float = 1.0) -> bool:
    return text.isascii() and text.strip().isdigit() and abs(now - float(text) / unit) <= PATIENCE


def _stripe(secret: bytes, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    del url
    parts = [part.partition("=")[::2] for part in head.get("stripe-signature", "").split(",")]
    moment = next((value for name, value in parts if name.strip() == "t"), "")
    wanted = _hex(secret, moment.encode() + b"." + body, "sha256")
    return _recent(moment, now) and any(_same(value, wanted) for name, value in parts if name.strip() == "v1")


def _zendesk(secret: bytes, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    del url, now
    moment = head.get("x-zendesk-webhook-signature-timestamp", "")
    wanted = _base64(secret, moment.encode() + body, "sha256")
    return bool(moment) and _same(head.get("x-zendesk-webhook-signature", ""), wanted)


def _hubspot(secret: bytes, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    moment = head.get("x-hubspot-request-timestamp", "")
    wanted = _base64(secret, b"POST" + url.encode() + body + moment.encode(), "sha256")
    return _recent(moment, now, unit=1000) and _same(head.get("x-hubspot-signature-v3", ""), wanted)


def _intercom(secret: bytes, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    del url, now
    return _same(head.get("x-hub-signature", ""), "sha1=" + _hex(secret, body, "sha1"))


def _typeform(secret: bytes, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    del url, now
    return _same(head.get("typeform-signature", ""), "sha256=" + _base64(secret, body, "sha256"))


def _segment(secret: bytes, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    del url, now
    return _same(head.get("x-signature", ""), _hex(secret, body, "sha1"))


def _twilio(secret: bytes, head: Mapping[str, str], body: bytes, url: str, now: float) -> bool:
    del now
    pairs = sorted(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    told = url + "".join(name + value for name, value in pairs)
    return _same(head.get("x-twilio-signature", ""), _base64(secret, told.encode(), "sha1"))


VENDORS: dict[str, Callable[[bytes, Mapping[str, str], bytes, str, float], bool]] = {
    "stripe": _stripe,
    "zendesk": _zendesk,
    "hubspot": _hubspot,
    "intercom": _intercom,
    "typeform": _typeform,
    "segment": _segment,
    "rudderstack": _segment,
    "twilio": _twilio,
}
"""How each vendor signs."""
