"""How is somebody refused? With the status that says why, and the same problem as everywhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from desirepath.errors import DesirepathError


class RefusedError(DesirepathError):
    """Who asks is not known, may not do this, or did not ask in the way that is safe.

    Parameters
    ----------
    status
        The HTTP status.
    message
        What was wrong.
    allowed
        What would have been accepted.
    headers
        Headers of the answer.
    """

    code = "refused"

    def __init__(
        self,
        status: int,
        message: str,
        *,
        allowed: Iterable[object] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.headers = status, dict(headers or {})
        super().__init__(message, allowed=allowed)


__all__ = ["RefusedError"]
