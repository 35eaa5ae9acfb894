"""Who may come in, and what did they do? Users, sessions, tokens, login by a provider, and the log of what was done.

`install(app, state)` sets the guard before every route of an app. The state lies in `access.sqlite` of the workspace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desirepath.server.access.installing import install


def __getattr__(name: str) -> Any:
    """The door of the server; it loads FastAPI, which the command line can do without."""
    if name == "install":
        from desirepath.server.access.installing import install

        return install
    raise AttributeError(name)


__all__ = ["install"]
