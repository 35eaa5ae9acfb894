"""How is a vendor's API asked? With patience: what fails is asked again, after as long as the vendor says to wait.

The client is dlt's: it asks again after 429 and 5xx, with growing pauses or those of `Retry-After`, and after answers
that break off. Its telemetry is off, and whatever it writes lies in the workspace.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desirepath.errors import InputError, WorkspaceError

ATTEMPTS = 6
"""How often one page is asked for before the pull gives up; it goes on from there the next time."""


class Api:
    """One vendor's API.

    Parameters
    ----------
    base_url
        Its address.
    temp
        A folder for what the client writes.
    headers, basic
        How we show who we are.
    pause
        Seconds of the first pause; doubled each time.

    Raises
    ------
    InputError
        When the extra `sync` is not installed.
    """

    def __init__(
        self,
        base_url: str,
        temp: Path,
        *,
        headers: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
        pause: float = 1.0,
    ) -> None:
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        os.environ["DLT_DATA_DIR"] = str(temp / "dlt")
        try:
            from dlt.sources.helpers.requests import Client
            from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
            from dlt.sources.helpers.rest_client.client import RESTClient
        except ModuleNotFoundError:
            raise InputError(
                "To pull from APIs, the extra `sync` is needed.", allowed=["pip install 'desirepath[sync]'"]
            ) from None
        client = Client(
            request_timeout=120,
            raise_for_status=False,
            request_max_attempts=ATTEMPTS,
            request_backoff_factor=pause,
            retry_condition=_is_half,
        )
        self._client = RESTClient(
            base_url.rstrip("/") + "/",
            headers=dict(headers or {}),
            auth=HttpBasicAuth(*basic) if basic else None,
            session=client.session,
        )

    def get(self, path: str, **params: Any) -> Any:
        """The JSON value of a page."""
        return self._json("GET", path, params=params)

    def post(self, path: str, json: Any, **params: Any) -> Any:
        """The JSON value that a request gives."""
        return self._json("POST", path, params=params, json=json)

    def form(self, path: str, data: Mapping[str, str]) -> Any:
        """The JSON value that a form gives."""
        return self._json("POST", path, data=dict(data))

    def content(self, path: str, *, absent: tuple[int, ...] = (), **params: Any) -> bytes | None:
        """The bytes of a file; None where the vendor says that there is none."""
        answer = self._ask("GET", path, params=params)
        if answer.status_code in absent:
            return None
        return bytes(self._good(answer).content)

    def _json(self, method: str, path: str, **how: Any) -> Any:
        answer = self._good(self._ask(method, path, **how))
        try:
            return answer.json()
        except ValueError:
            raise WorkspaceError("The vendor's answer is no JSON, again and again.", looked=_place(answer)) from None

    def _ask(self, method: str, path: str, **how: Any) -> Any:
        import requests

        call = self._client.post if method == "POST" else self._client.get
        try:
            return call(path, **how)
        except requests.RequestException as problem:
            said = getattr(problem, "response", None)
            if said is not None:
                return said
            raise WorkspaceError(f"The vendor does not answer: {type(problem).__name__}.", looked=path) from None

    @staticmethod
    def _good(answer: Any) -> Any:
        if answer.status_code in (401, 403):
            raise InputError(f"The vendor refuses us ({answer.status_code}): look at the token.", looked=_place(answer))
        if answer.status_code >= 400:
            text = " ".join(answer.text.split())[:200]
            raise WorkspaceError(f"The vendor answers {answer.status_code}: {text}.", looked=_place(answer))
        return answer


def _is_half(answer: Any, problem: BaseException | None) -> bool:
    """Whether an answer says that it is JSON, and breaks off."""
    del problem
    if answer is None or answer.status_code != 200 or "json" not in answer.headers.get("content-type", ""):
        return False
    try:
        answer.json()
    except ValueError:
        return True
    return False


def _place(answer: Any) -> str:
    """The address without its query, which may hold a secret."""
    return str(answer.url).partition("?")[0]
