"""Whom does a provider of OpenID Connect vouch for? The authorization code flow, with PKCE, state and nonce.

Its document of discovery is read when it is first needed and kept for an hour, its keys until one is asked for that is
not among them. Only what was signed with a key pair of the provider is believed. Needs the extra `oidc`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from desirepath.errors import DesirepathError
from desirepath.server.access.configured import Oidc, safe_address

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""None that is signed with a secret, and never `none`."""

KEPT, BETWEEN_KEYS, LEEWAY, PATIENCE = 3600.0, 60.0, 60, 10.0
"""Seconds: how long discovery is kept, between looks for new keys, that clocks may differ, and for an answer."""


class ProviderError(DesirepathError):
    """The provider cannot be asked, or does not vouch for somebody.

    Parameters
    ----------
    message
        What was wrong.
    reason
        A word for it, which the page knows: `provider`, `refused`, `state`, `token`, `role`, `name`.
    """

    code = "provider"

    def __init__(self, message: str, reason: str = "provider") -> None:
        self.reason = reason
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Begun:
    """A login that was begun: where the browser goes, and what it must bring back."""

    url: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider.

    Parameters
    ----------
    oidc
        Its settings.
    now
        A clock, in seconds.
    """

    def __init__(self, oidc: Oidc, now: Callable[[], float] = time.monotonic) -> None:
        self.oidc, self._now, self._lock = oidc, now, threading.Lock()
        self._found: dict[str, Any] | None = None
        self._found_at = 0.0
        self._keys: Any = None
        self._keys_at = 0.0

    def begin(self, redirect: str) -> Begun:
        """Where to send a browser that wants to log in.

        Raises
        ------
        ProviderError
            If the provider cannot be asked.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client(redirect) as client:
            url, _ = client.create_authorization_url(
                self._discovered(client)["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Begun(str(url), state, nonce, verifier)

    def finish(self, redirect: str, code: str, *, nonce: str, verifier: str) -> Mapping[str, Any]:
        """What the provider says of whoever brought a code back.

        Raises
        ------
        ProviderError
            If the code is not honoured, or what was said for it cannot be believed.
        """
        import httpx2
        from authlib.integrations.base_client import OAuthError

        with self._client(redirect) as client:
            found = self._discovered(client)
            try:
                given = client.fetch_token(found["token_endpoint"], code=code, code_verifier=verifier)
            except OAuthError as problem:
                raise ProviderError(f"The provider honours no such code: {problem.error}.", "token") from problem
            except (httpx2.HTTPError, ValueError) as problem:
                raise _unreachable(problem) from problem
            claims = self._believed(client, found, given, nonce)
            return self._more(client, found, given, claims)

    def _client(self, redirect: str) -> Any:
        try:
            from authlib.integrations.httpx_client import OAuth2Client
        except ImportError as problem:
            raise ProviderError("Login by a provider needs an extra: pip install 'desirepath[oidc]'.") from problem
        secret = self.oidc.secret
        return OAuth2Client(
            client_id=self.oidc.client_id,
            client_secret=secret,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=self.oidc.scopes,
            redirect_uri=redirect,
            code_challenge_method="S256",
            timeout=PATIENCE,
            follow_redirects=False,
        )

    def _discovered(self, client: Any) -> dict[str, Any]:
        with self._lock:
            if self._found is not None and self._now() - self._found_at < KEPT:
                return self._found
        found = _asked(client, f"{self.oidc.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.oidc.issuer:
            raise ProviderError(f"The provider calls itself {found.get('issuer')!r}, not {self.oidc.issuer!r}.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not safe_address(found.get(name)):
                raise ProviderError(f"The provider's {name} is no safe address: {found.get(name)!r}.")
        with self._lock:
            self._found, self._found_at = found, self._now()
        return found

    def _believed(self, client: Any, found: dict[str, Any], given: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that the provider signed, for this server and this login."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        text = given.get("id_token")
        if not isinstance(text, str):
            raise ProviderError("The provider sent no ID token.", "token")
        try:
            token = self._decoded(client, found, text, jwt)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {"iss": {"value": self.oidc.issuer}, "aud": {"value": self.oidc.client_id}},
                {"nonce": nonce, "client_id": self.oidc.client_id, "access_token": given.get("access_token")},
            )
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as problem:
            raise ProviderError(f"The provider's ID token cannot be believed: {problem}.", "token") from problem
        return dict(claims)

    def _decoded(self, client: Any, found: dict[str, Any], text: str, jwt: Any) -> Any:
        from joserfc.errors import BadSignatureError, JoseError

        with self._lock:
            keys, old = self._keys, self._now() - self._keys_at > BETWEEN_KEYS
        if keys is None:
            keys, old = self._fetched_keys(client, found), False
        try:
            return jwt.decode(text, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as problem:
            # the provider may have changed its keys meanwhile
            if not old or isinstance(problem, BadSignatureError):
                raise
        return jwt.decode(text, self._fetched_keys(client, found), algorithms=ALGORITHMS)

    def _fetched_keys(self, client: Any, found: dict[str, Any]) -> Any:
        from joserfc.jwk import KeySet

        keys = KeySet.import_key_set(cast(Any, _asked(client, found["jwks_uri"])))
        with self._lock:
            self._keys, self._keys_at = keys, self._now()
        return keys

    def _more(
        self, client: Any, found: dict[str, Any], given: Mapping[str, Any], claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Some providers tell names and groups only when asked again."""
        needed = {self.oidc.role_claim.split(".")[0], self.oidc.name_claim}
        where = found.get("userinfo_endpoint")
        if needed <= claims.keys() or not safe_address(where) or not given.get("access_token"):
            return claims
        told = _asked(client, str(where), authorization=f"Bearer {given['access_token']}")
        if told.get("sub") != claims["sub"]:
            raise ProviderError("The provider tells of somebody else than it vouched for.", "token")
        return {**told, **claims}


def _asked(client: Any, url: str, **headers: str) -> dict[str, Any]:
    import httpx2

    try:
        answer = client.request("GET", url, withhold_token=True, headers=headers)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, ValueError) as problem:
        raise _unreachable(problem) from problem
    if not isinstance(found, dict):
        raise ProviderError(f"The provider's answer at {url} is no object.")
    return found


def _unreachable(problem: Exception) -> ProviderError:
    return ProviderError(f"The provider cannot be asked: {type(problem).__name__}.")


__all__ = ["Begun", "Provider", "ProviderError"]
