"""What does `[server]` in `workspace.toml` say? The server's public address, its metrics, and login by a provider.

[server]
url = "https://journeys.example"

[server.oidc]
issuer = "https://login.example"
client_id = "desirepath"
role_claim = "groups"
roles = {admin = ["dp-admins"], analyst = ["marketing"], viewer = ["*"]}
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args
from urllib.parse import urlsplit

from desirepath.errors import InputError, UnknownNameError
from desirepath.server.access.hosts import LOOPBACK
from desirepath.server.scopes import Role

LOOKED = "workspace.toml, [server]"
HIGHEST_FIRST: tuple[Role, ...] = ("admin", "analyst", "viewer")
_METRICS = ("token", "loopback")


@dataclass(frozen=True)
class Oidc:
    """Login by a provider of OpenID Connect.

    Parameters
    ----------
    issuer
        The provider's address; `/.well-known/openid-configuration` is looked for below it.
    client_id
        What the provider calls this server.
    roles
        For each role the values of the claim that give it; `"*"` gives it to everybody.
    role_claim
        The claim that is looked at; dots lead into it, as in `realm_access.roles`.
    name_claim
        The claim that names a user.
    name
        What the page's button says.
    secret_variable
        The environment variable that holds the client's secret; a client without one is public.
    scopes
        What is asked of the provider.
    """

    issuer: str
    client_id: str
    roles: Mapping[Role, tuple[str, ...]]
    role_claim: str = "groups"
    name_claim: str = "email"
    name: str = "Single sign-on"
    secret_variable: str = "DESIREPATH_OIDC_SECRET"  # noqa: S105 (the name of a variable)
    scopes: str = "openid email profile"

    @property
    def secret(self) -> str | None:
        """The client's secret; None for a public client."""
        return os.environ.get(self.secret_variable) or None

    def role_of(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role that the claims give; None if they give none."""
        found: Any = claims
        for part in self.role_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        values = {str(one) for one in (found if isinstance(found, list) else [] if found is None else [found])}
        for role in HIGHEST_FIRST:
            wanted = self.roles.get(role, ())
            if "*" in wanted or values.intersection(wanted):
                return role
        return None


@dataclass(frozen=True)
class Configured:
    """The table `[server]`.

    Parameters
    ----------
    url
        The address that people use, where it is not the machine's own, such as behind a proxy.
    hosts
        Other names by which the server may be called.
    proxies
        Addresses or networks of proxies that are believed when they tell who asks, besides this machine's own.
    metrics
        Who reads `/metrics`: a `token` with the scope `read`, or whoever asks from this machine (`loopback`).
    oidc
        Login by a provider.
    """

    url: str | None = None
    hosts: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    metrics: str = "token"
    oidc: Oidc | None = field(default=None, repr=False)

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> Configured:
        """Read the table.

        Raises
        ------
        InputError
            If something in it cannot be.
        UnknownNameError
            If something in it is not known.
        """
        _known(table, cls, LOOKED)
        url = table.get("url")
        if url is not None:
            _refuse_address(url, "url")
            url = str(url).rstrip("/")
        metrics = table.get("metrics", "token")
        if metrics not in _METRICS:
            raise UnknownNameError.of("way to read metrics", str(metrics), _METRICS, looked=LOOKED)
        oidc = table.get("oidc")
        hosts, proxies = (_texts(table.get(name, []), name) for name in ("hosts", "proxies"))
        _refuse_proxies(proxies)
        return cls(url, hosts, proxies, metrics, None if oidc is None else _oidc(oidc))


def _oidc(table: Any) -> Oidc:
    looked = f"{LOOKED[:-1]}.oidc]"
    if not isinstance(table, dict):
        raise InputError("The setting oidc must be a table.", looked=LOOKED)
    _known(table, Oidc, looked)
    for name in ("issuer", "client_id", "roles"):
        if name not in table:
            raise InputError(f"The setting {name!r} is missing.", looked=looked)
    for name, value in table.items():
        if name != "roles" and (not isinstance(value, str) or not value):
            raise InputError(f"The setting {name} must be text in quotes, not {value!r}.", looked=looked)
    _refuse_address(table["issuer"], "issuer")
    if not isinstance(table["roles"], dict) or not table["roles"]:
        raise InputError("The setting roles must say which values give which role.", looked=looked)
    for role in table["roles"]:
        if role not in get_args(Role):
            raise UnknownNameError.of("role", role, get_args(Role), looked=looked)
    roles = {role: _texts(values, f"roles.{role}") for role, values in table["roles"].items()}
    return Oidc(**{**table, "roles": roles})


def _refuse_proxies(proxies: tuple[str, ...]) -> None:
    """Whoever is believed may call themselves by any address, so nobody is by mistake."""
    for one in proxies:
        try:
            ipaddress.ip_network(one)
        except ValueError:
            raise InputError(
                f"The setting proxies must hold addresses or networks, not {one!r}.",
                allowed=["10.0.0.7", "10.0.0.0/24"],
                looked=LOOKED,
            ) from None


def _known(table: Mapping[str, Any], kind: type, looked: str) -> None:
    known = [item.name for item in fields(kind)]
    for name in table:
        if name not in known:
            raise UnknownNameError.of("setting", name, known, looked=looked)


def _texts(value: Any, name: str) -> tuple[str, ...]:
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
        raise InputError(f"The setting {name} must be a list of texts, not {value!r}.", looked=LOOKED)
    return tuple(given)


def safe_address(value: object) -> bool:
    """Whether something is an address `https://…`, or `http://…` on this machine."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    except ValueError:
        return False
    return safe and bool(parts.hostname) and not parts.fragment and parts.username is None


def _refuse_address(value: Any, name: str) -> None:
    if not safe_address(value) or "?" in value:
        raise InputError(
            f"The setting {name} must be an address, not {value!r}.", allowed=["https://name.example"], looked=LOOKED
        )


__all__ = ["Configured", "Oidc", "safe_address"]
