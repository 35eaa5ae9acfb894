"""By which names may the server be called, and does a request come from its own page?

A page elsewhere can have its own name point to this machine and read answers as if they were its own (DNS rebinding).
Its name gives it away: the server answers to names that it knows, and to no other.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine that browsers take for safe without TLS."""

EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 (what is compared, not what is bound)


class Hosts:
    """The names that are known.

    Parameters
    ----------
    names
        Names and addresses besides this machine's own.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = set(LOOPBACK)
        self._any_address = False
        for name in names:
            self.allow(name)

    def allow(self, name: str) -> None:
        """Answer to one more name; an address that means every address allows all addresses, and no name."""
        if name.strip("[]") in EVERYWHERE:
            self._any_address = True  # a page cannot have been reached by an address that is not its server's
        else:
            self._names.add(bare(name) or name.casefold())

    def knows(self, host: str | None) -> bool:
        """Whether a `Host` header names this server."""
        name = bare(host or "")
        return name is not None and (name in self._names or (self._any_address and is_address(name)))

    @property
    def names(self) -> list[str]:
        """Those that are known."""
        return sorted(self._names)


def bare(host: str) -> str | None:
    """The name in a `Host` header, without its port; None if it is none."""
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.username is not None or parts.path or parts.query or parts.fragment or " " in host:
        return None
    return name.casefold()


def is_address(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(address: str | None) -> bool:
    """Whether somebody asks from this machine."""
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def same_origin(origin: str | None, site: str | None, host: str, url: str | None) -> bool | None:
    """Whether a request comes from the server's own page.

    Parameters
    ----------
    origin, site
        The headers `Origin` and `Sec-Fetch-Site`.
    host
        The header `Host`.
    url
        The address that people use, where a proxy tells another host.

    Returns
    -------
    None where the headers do not say, as with programs.
    """
    if site is not None and site != "same-origin":
        return False
    if origin is None:
        return None if site is None else True
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https"):
        return False
    return parts.netloc.casefold() == host.casefold() or (url is not None and origin.casefold() == url.casefold())


def keeps_cookies(origin: str | None) -> bool:
    """Whether a browser on a page of this origin keeps a cookie that needs TLS; unknown counts as yes."""
    parts = urlsplit(origin or "")
    return parts.scheme != "http" or (parts.hostname or "") in LOOPBACK


__all__ = ["LOOPBACK", "Hosts", "bare", "is_address", "is_loopback", "keeps_cookies", "same_origin"]
